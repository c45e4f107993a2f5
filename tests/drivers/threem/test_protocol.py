"""Special parts of 3M's protocol: the real capture byte for byte; replies that answer nothing (see
test_conversation).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError, ReaderRefused, RemoteProtocolError, TagAbsent, TagRefused
from station.domain.inventory import TagSeen
from station.domain.tag_image import Uid
from station.drivers.threem import commands as c
from station.drivers.threem.commands import ERRORS, Blame, Request, error_for
from station.drivers.threem.protocol import ThreemConversation, conversation
from station.drivers.threem.replies import Blocks, Event, InventoryAnswer, Number, Refused, Version
from tests.drivers.threem.frames import FIRST, SECOND, SLI, TI, sealed
from tests.support.for_each import for_each

VECTORS = Path(__file__).parents[2] / "vectors"


def asked(request: Request[Any]) -> ThreemConversation:
    protocol = conversation()
    protocol.send(request)
    return protocol


def hear(protocol: ThreemConversation, data: bytes) -> Event | None:
    """Feed the data byte by byte; return the first event."""
    for byte in data:
        protocol.receive_data(bytes((byte,)))
        event = protocol.next_event()
        if event is not None:
            return event
    return None


def recorded(name: str) -> list[tuple[bytes, bytes]]:
    lines = [json.loads(line) for line in (VECTORS / name).read_text(encoding="utf-8").splitlines()[1:]]
    assert {line["dir"] for line in lines[::2]} == {">"}
    assert {line["dir"] for line in lines[1::2]} == {"<"}
    return [
        (bytes.fromhex(sent["hex"]), bytes.fromhex(answered["hex"]))
        for sent, answered in zip(lines[::2], lines[1::2], strict=True)
    ]


def test_the_real_capture_byte_for_byte() -> None:
    """A real 810 with two tags: the driver sends what its client sent, and the answers mean what the tags hold."""
    first = bytes.fromhex("04110001 31333032 30393939 39390000").ljust(32, b"\0")
    second = bytes.fromhex("04110000 32303030 30303030 30303432").ljust(32, b"\0")
    said: list[tuple[Request[Any], Event]] = [
        (c.probe(), Version(0x0A, 5, 0, 2)),
        (c.inventory(dsfid=False), InventoryAnswer(tuple(_seen(FIRST, SECOND)))),
        (c.get_afi(FIRST), Number(0xDA)),
        (c.read_blocks(FIRST, 0, 8), Blocks(first, (False,) * 8)),
        (c.get_afi(SECOND), Number(0xDA)),
        (c.read_blocks(SECOND, 0, 8), Blocks(second, (False,) * 8)),
    ]
    lines = recorded("3m810-live-capture.jsonl")
    assert len(lines) == len(said)
    protocol = conversation()
    for (request, event), (sent, answered) in zip(said, lines, strict=True):
        assert protocol.send(request) == sent
        assert hear(protocol, answered) == event
        assert protocol.settled


def _seen(*uids: Uid) -> list[Any]:
    return [TagSeen(uid, 0) for uid in uids]


REQUESTS: dict[int, Callable[[Uid, bytes], Request[Any]]] = {
    0x02: lambda uid, rest: c.read_blocks(uid, rest[0], rest[1]),
    0x0A: lambda uid, _: c.get_afi(uid),
}


def test_every_frame_of_the_third_party_client() -> None:
    """Biblio-RFID: only the `>` bytes are evidence. The stand-in's replies must at least have a readable layout."""
    lines = recorded("biblio-rfid-3m810.jsonl")
    for sent, answered in lines:
        command, uid, rest = sent[3], Uid(sent[4:12].hex().upper()), sent[12:-2]
        plain = {"d50005": c.probe, "d6000c": c.extended_info}
        if command == 0xFE:
            request: Request[Any] = c.inventory(dsfid=False)
        elif command in REQUESTS:
            request = REQUESTS[command](uid, rest)
        else:
            request = plain[sent[:3].hex()]()
        protocol = conversation()
        assert protocol.send(request) == sent
        event = hear(protocol, answered)
        assert event is not None
        assert not isinstance(event, Refused)


class TestWhatIsNoAnswer:
    @pytest.mark.parametrize(
        ("request_", "answer"),
        [
            (c.write_afi(SLI, 1), sealed(f"0B 00 {SLI}")),  # for another command
            (c.write_afi(SLI, 1), sealed("0B 02")),  # for another command, which is not implemented
            (c.write_afi(SLI, 1), sealed(f"09 00 {TI}")),  # from another tag
            (c.write_afi(SLI, 1), sealed(f"09 06 {TI}")),  # from another tag, refusing
            (c.write_afi(SLI, 1), sealed(f"09 00 {SLI} 01")),  # too long
            (c.write_afi(SLI, 1), sealed("09 00 E0040100")),  # too short
            (c.write_afi(SLI, 1), sealed(f"09 77 {SLI}")),  # unknown error
            (c.get_afi(SLI), sealed(f"0A 00 {SLI}")),
            (c.read_blocks(SLI, 0, 2), sealed(f"02 00 {SLI} 01 00 00 00000000")),  # fewer blocks
            (c.read_blocks(SLI, 0, 2), sealed(f"02 00 {SLI} 02 00 00 00000000 02 00 00000000")),  # another block
            (c.read_blocks(SLI, 4, 2), sealed(f"02 00 {SLI} 05 02 00 00000000 00 00000000")),  # from another block
            (c.read_blocks(SLI, 0, 2), sealed(f"02 00 {SLI} 02 00 00 00000000 01 00 000000")),  # half a block
            (c.inventory(), sealed(f"FE 00 00 05 01 {SLI}")),  # other options
            (c.inventory(afi=7), sealed("FE 00 00 07 00")),  # another AFI
            (c.inventory(), sealed(f"FE 00 00 07 02 06 {SLI}")),  # one record missing
            (c.inventory(), sealed(f"FE 06 {SLI}")),  # an error with data
            (c.tag_information(SLI, 0x03), sealed(f"0D 00 {SLI} 04 03 1B")),  # data that was not requested
            (c.tag_information(SLI), sealed(f"0D 00 {SLI} 04 20 1B")),  # blocks of 33 bytes
            (c.pass_thru(b"\x22\x2b", 15), sealed("14 00 03 0003 0000")),  # shorter than announced
            (c.probe(), sealed("04 00 11 0A050002")),  # another start byte
            (c.write_blocks(SLI, 0, bytes(4)), sealed(f"04 00 {SLI} 01", "D5")),  # another start byte
            (c.probe(), sealed("04 00 E00401000012AB01")),
            (c.probe(), sealed("04 00 12 0A050002", "D5")),
            (c.reader_version(), sealed("11 00 0A0500")),
        ],
    )
    def test_is_passed_over_and_told_when_nothing_better_comes(self, request_: Request[Any], answer: str) -> None:
        protocol = asked(request_)
        assert hear(protocol, bytes.fromhex(answer)) is None
        protocol.receive_data(b"")
        with pytest.raises(RemoteProtocolError):
            protocol.next_event()

    def test_a_late_answer_does_not_hide_the_right_one(self) -> None:
        protocol = asked(c.write_afi(SLI, 1))
        late = bytes.fromhex(sealed(f"09 00 {TI}") + sealed("FE 00 00 05 00"))
        assert hear(protocol, late) is None
        assert hear(protocol, bytes.fromhex(sealed(f"09 00 {SLI}"))) is not None
        assert not protocol.settled


@pytest.mark.parametrize(
    "make",
    [
        lambda: c.read_blocks(Uid("E004"), 0, 1),
        lambda: c.read_blocks(Uid("not hexadecimal!"), 0, 1),
        lambda: c.read_blocks(SLI, 0, 0),
        lambda: c.read_blocks(SLI, 0, 256),
        lambda: c.read_blocks(SLI, 250, 7),
        lambda: c.write_blocks(SLI, 0, b""),
        lambda: c.write_blocks(SLI, 0, bytes(6)),
        lambda: c.write_afi(SLI, 256),
        lambda: c.lock_block(SLI, -1),
        lambda: c.pass_thru(b"", 1),
        lambda: c.pass_thru(b"\x22", 1, 0x8000),
    ],
)
def test_nonsense_cannot_be_said(make: Callable[[], Request[Any]]) -> None:
    with pytest.raises(LocalProtocolError):
        make()


def test_texas_instruments_tags_get_their_end_of_frame() -> None:
    """ISO Pass thru, footnote **: EOF about 10 ms after a write, in clocks of 9.44 us; other chips wait in clocks of
    18.88 us.
    """
    texas, other = c.write_control(TI), c.write_control(SLI)
    assert (texas & 0x2000, texas & 0x1000) == (0x2000, 0x1000)
    assert (texas & 0x7FF) * 9.44e-6 == pytest.approx(0.010, abs=1e-5)
    assert (other & 0x2000, other & 0x1000) == (0, 0x1000)
    assert (other & 0x7FF) * 18.88e-6 == pytest.approx(0.020, abs=2e-5)


APPENDIX_A = {0x02, 0x06, 0x0F, 0x11, 0x12, 0x15, 0x16, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0xFD, 0xFE}
KINDS = {Blame.TAG_SILENT: TagAbsent, Blame.TAG_REFUSES: TagRefused, Blame.READER_REFUSES: ReaderRefused}


def test_the_error_codes_are_those_of_appendix_a() -> None:
    assert set(ERRORS) == APPENDIX_A


@for_each(("bare", "code"), [(bare, code) for bare in (True, False) for code in sorted(APPENDIX_A)])
def test_every_error_code_is_somebodys_matter(code: int, bare: bool) -> None:
    """With and without the UID: the manual repeats it in errors, and shows one error without it."""
    request = c.write_afi(SLI, 1)
    protocol = asked(request)
    event = hear(protocol, bytes.fromhex(sealed(f"09 {code:02X} {'' if bare else SLI}")))
    assert event == Refused(code)
    error = error_for(Refused(code), request.row)
    assert type(error) is KINDS[ERRORS[code].blame]
    assert ERRORS[code].meaning in str(error)


@pytest.mark.parametrize(("code", "iso"), [(0x21, 1), (0x22, 2), (0x23, 3), (0x11, 0x10), (0x12, 0x12), (0x16, 0x13)])
def test_the_tags_own_words_keep_their_iso_number(code: int, iso: int) -> None:
    error = error_for(Refused(code, 3), c.WRITE_MULTIBLOCK)
    assert isinstance(error, TagRefused)
    assert (error.iso_error, error.block) == (iso, 3)


@given(st.data())
def test_what_is_read_of_blocks_is_what_was_sent_in_both_shapes(data: st.DataObject) -> None:
    first = data.draw(st.integers(0, 250))
    count = data.draw(st.integers(1, 256 - first).filter(lambda n: n <= 255))
    memory = data.draw(st.binary(min_size=4 * count, max_size=4 * count))
    locks = data.draw(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=count, max_size=count))
    new_style = data.draw(st.booleans())
    records = [
        (b"" if new_style else bytes((first + at,))) + bytes((locks[at],)) + memory[4 * at : 4 * at + 4]
        for at in range(count)
    ]
    head = bytes((first, count)) if new_style else bytes((count,))
    answer = sealed("0200" + SLI + (head + b"".join(records)).hex())
    protocol = asked(c.read_blocks(SLI, first, count, options=0x04 if new_style else None))
    protocol.receive_data(bytes.fromhex(answer))
    assert protocol.next_event() == Blocks(memory, tuple(lock > 0 for lock in locks))
