"""Properties of FEIG's protocol alone: which replies answer a request, and what they mean (see test_conversation)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from crccheck.crc import Crc16Mcrf4XX
from hypothesis import given
from hypothesis import strategies as st

from station.base import errors
from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.domain.tag_image import Uid
from station.drivers.feig import commands as c
from station.drivers.feig import control as k
from station.drivers.feig import customs as u
from station.drivers.feig import replies
from station.drivers.feig.protocol import FeigConversation, conversation
from station.drivers.feig.replies import Acknowledged, Refused, TagInformation
from station.drivers.feig.request import Request
from station.drivers.feig.statuses import STATUSES, Blame, Carries, error_for
from station.drivers.feig.table import COMMANDS
from tests.drivers.feig.frames import OK, SLI, TI, WORDS
from tests.drivers.words import Words
from tests.support.for_each import for_each

TRACE = Path(__file__).parents[2] / "vectors" / "biblio-rfid-cprm02.jsonl"
ANSWERED = [words for words in WORDS if words.event is not None]


def reply(text: str) -> bytes:
    """Return a standard reply from `ADR CMD STATUS DATA` in hex, with length and the oracle's CRC."""
    body = bytes.fromhex(text)
    body = bytes((len(body) + 3,)) + body
    return body + Crc16Mcrf4XX.calc(body).to_bytes(2, "little")


def asked(request: Request[Any]) -> FeigConversation:
    protocol = conversation()
    protocol.send(request)
    return protocol


def test_every_frame_of_the_third_party_client_that_our_commands_can_express() -> None:
    """Only the `>` bytes are evidence. The stand-in's replies must at least have a layout that the driver reads."""
    lines = [json.loads(line) for line in TRACE.read_text(encoding="utf-8").splitlines()[1:]]
    said = 0
    for sent, answered in zip(lines[::2], lines[1::2], strict=True):
        assert (sent["dir"], answered["dir"]) == (">", "<")
        raw = bytes.fromhex(sent["hex"])
        request = _request_of(raw)
        if request is None:
            continue
        said += 1
        protocol = conversation()
        assert protocol.send(request) == raw
        protocol.receive_data(bytes.fromhex(answered["hex"]))
        event = protocol.next_event()
        assert event is not None
        assert not isinstance(event, Refused)
    # All 34 exchanges except the two in which the client counts its blocks wrongly (status 81).
    assert said == len(lines) // 2 - 2


def _request_of(raw: bytes) -> Request[object] | None:
    """Make the request of a client's frame from the hex, by the manual's table and without the driver."""
    text = raw.hex().upper()
    plain = {
        "06FF52000F6E": k.baud_detection,
        "05FF65E5CB": k.software_version,
        "06FF6600CDBF": k.reader_info,
        "05FF698901": k.rf_reset,
        "07FFB001001C56": c.inventory,
    }
    if text in plain:
        return plain[text]()
    sub, uid, rest = raw[3], Uid(raw[5:13].hex().upper()), raw[13:-2]
    match sub:
        case 0x2B:
            return c.system_information(uid)
        case 0x23:
            return c.read_blocks(uid, rest[0], rest[1], security=False)
        case 0x24 if len(rest) == 3 + rest[1] * rest[2]:
            size = rest[2]
            memory = b"".join(rest[at : at + size][::-1] for at in range(3, len(rest), size))
            return c.write_blocks(uid, rest[0], memory, size)
    return None


class TestWhatIsNeverBelieved:
    """Frames with a correct CRC that do not answer the request."""

    @pytest.mark.parametrize(
        ("sentence", "request_", "stale"),
        [
            ("an answer to another command", k.rf_reset(), "00 65 00 0205003050 0138"),
            ("a status that the manual does not know", k.rf_reset(), "00 69 77"),
            ("more data than the command answers with", c.write_afi(SLI, 7), "00 B0 00 01"),
            ("an answer to a read, as the answer to a write", c.write_afi(SLI, 7), "00 B0 00 0104 00 00000000"),
            ("another number of blocks", c.read_blocks(SLI, 0, 2, security=True), "00 B0 00 0104 00 00000000"),
            ("a block too short", c.read_blocks(SLI, 0, 1, security=True), "00 B0 00 0104 00 000000"),
            ("blocks of no size", c.read_blocks(SLI, 0, 1, security=True), "00 B0 00 0100 00"),
            ("another tag's system information", c.system_information(SLI), f"00 B0 00 00 {TI} 07 041C 01"),
            ("a memory of no size", c.system_information(SLI), f"00 B0 00 00 {SLI} 07 0500 01"),
            ("fewer records than announced", c.inventory(), f"00 B0 00 02 0300{SLI}"),
            ("an ISO error without its number", c.write_afi(SLI, 7), "00 B0 95"),
            ("a status with data that carries none", c.write_afi(SLI, 7), "00 B0 01 05"),
        ],
    )
    def test_is_passed_over_and_named_when_nothing_better_comes(
        self, sentence: str, request_: Request[object], stale: str
    ) -> None:
        protocol = asked(request_)
        protocol.receive_data(reply(stale))
        assert protocol.next_event() is None
        protocol.receive_data(b"")
        with pytest.raises(RemoteProtocolError) as caught:
            protocol.next_event()
        assert caught.value.data == reply(stale)

    def test_another_reader_on_the_bus(self) -> None:
        protocol = conversation()
        protocol.send(k.rf_reset())
        protocol.receive_data(reply("05 69 00"))
        assert protocol.next_event() == OK
        protocol.send(k.rf_reset())
        protocol.receive_data(reply("06 69 00"))
        assert protocol.next_event() is None
        protocol.receive_data(reply("05 69 00"))
        assert protocol.next_event() == OK

    def test_a_configured_address_is_sent_and_demanded(self) -> None:
        protocol = conversation(7)
        assert protocol.send(k.rf_reset())[1] == 7
        protocol.receive_data(reply("00 69 00"))
        assert protocol.next_event() is None
        protocol.receive_data(reply("07 69 00"))
        assert protocol.next_event() == OK


@given(st.sampled_from(ANSWERED), st.binary(max_size=40), st.data())
def test_right_frames_with_any_data_raise_nothing_but_their_error(
    words: Words, data: bytes, draw: st.DataObject
) -> None:
    status = draw.draw(st.sampled_from(sorted(STATUSES)))
    protocol = asked(words.request)
    protocol.receive_data(reply(f"00 {words.request.row.code:02X} {status:02X}" + data.hex()))
    if protocol.next_event() is None:
        protocol.receive_data(b"")
        with pytest.raises(RemoteProtocolError):
            protocol.next_event()


def test_a_custom_command_is_for_its_makers_chips_only_and_takes_no_nonsense() -> None:
    slix, texas, ours = Uid("E00401500000AB01"), Uid("E007C40000000001"), Uid("E00208000012AB01")
    for ask in (
        lambda: u.activate_eas(slix),
        lambda: u.activate_eas(texas),
        lambda: u.kill(slix, 0),
        lambda: u.kill(ours, 0),
        lambda: u.kill(texas, -1),
        lambda: u.kill(texas, 1 << 32),
        lambda: u.write_with_password(slix, 0, 0, bytes(4)),
        lambda: u.write_with_password(texas, 0, 0, bytes(3)),
        lambda: u.write_with_password(texas, 0, 256, bytes(4)),
        lambda: u.eas(u.KILL, texas),
    ):
        with pytest.raises(LocalProtocolError):
            ask()


# --- the tables -----------------------------------------------------------------------------------------------------


def test_the_command_table_has_no_two_rows_alike_and_knows_every_status_it_names() -> None:
    assert (
        len({(row.code, row.maker, row.sub) for row in COMMANDS})
        == len(COMMANDS)
        == len({row.name for row in COMMANDS})
    )
    for row in COMMANDS:
        assert (row.sub is not None) == (row.code in (0xB0, 0xB1))
        assert (row.maker is not None) == (row.code == 0xB1)
        assert 0x00 in row.answers
        assert set(row.answers) <= set(STATUSES)
        assert not (row.changes_tag and len(row.answers) > 1)


def test_every_status_byte_is_whose_matter_the_table_says() -> None:
    expected = {
        Blame.TAG_SILENT: errors.TagAbsent,
        Blame.TAG_REFUSES: errors.TagRefused,
        Blame.READER_REFUSES: errors.ReaderRefused,
        Blame.WANTS_PASSWORD: errors.ReaderPassword,
    }
    assert set(STATUSES) == set(
        bytes.fromhex("00 01 02 03 04 05 08 0E 10 11 15 16 80 81 82 83 84 93 94 95 96 F1")  # H20800-16e Annex C
        + bytes.fromhex("0B 13 14 17 31 32 33 34 35 36 37 85 97")  # InlayTester.Drivers.FeigReader
    )
    for code, status in STATUSES.items():
        if status.blame is Blame.NOBODY:
            assert code == 0
            continue
        data = {Carries.NOTHING: "", Carries.BLOCK: "05", Carries.ISO_ERROR: "1205", Carries.DATA: "0104"}[
            status.carries
        ]
        protocol = asked(c.write_afi(SLI, 7))
        protocol.receive_data(reply(f"00 B0 {code:02X} {data}"))
        event = protocol.next_event()
        assert isinstance(event, Refused)
        error = error_for(event, c.WRITE_AFI.name)
        assert type(error) is expected[status.blame]
        if isinstance(error, errors.TagRefused):
            wanted = (0x12, 5) if code == 0x95 else (status.iso_error, 5 if code == 0x03 else None)
            assert (error.iso_error, error.block) == wanted
        if isinstance(error, errors.ReaderRefused):
            assert error.status == code


@pytest.mark.parametrize(
    ("request_", "data"),
    [
        (c.stay_quiet(SLI), f"0201{SLI}"),
        (c.select(SLI), f"2501{SLI}"),
        (c.reset_to_ready(SLI), f"2601{SLI}"),
        (c.write_dsfid(SLI, 6), f"2901{SLI}06"),
        (c.lock_dsfid(SLI), f"2A01{SLI}"),
        (c.security_status(SLI, 3, 2), f"2C01{SLI}0302"),
        (k.rf_output(1), "01"),
        (k.write_configuration(5, bytes(14)), "05" + "00" * 14),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_without_a_cited_frame_follow_the_manuals_layout(request_: Request[object], data: str) -> None:
    assert request_.data == bytes.fromhex(data)


@for_each("flipped", range(40))
def test_an_answer_by_transparent_mode_whose_own_crc_is_wrong_is_no_answer(flipped: int) -> None:
    """The CRC on the wire is right, the tag's CRC is wrong. H20800-16e 8.1 says that the reader has checked it."""
    data = bytearray.fromhex("0001020304380A")
    data[flipped // 8] ^= 1 << flipped % 8
    protocol = asked(u.transparent(u.Mode.READ, u.air_request(SLI, 0x20, b"\x00"), 5))
    protocol.receive_data(reply("00 BF 00" + data.hex()) + reply("00 BF 01"))
    assert protocol.next_event() == Refused(0x01)


def test_what_texas_instruments_tags_want_is_in_the_request() -> None:
    request = u.transparent(u.Mode.WRITE_OPTION, u.air_request(TI, 0x27, b"\xc2", option=True), 1)
    assert request.data.hex() == "03" + "0018" + "021f" + "846a" + "622702ab7100000007e0c2"


@pytest.mark.parametrize("body", ["00", "000000F53FCC6F500104E05089", "000100F53FCC6F500104E00000" + "00" * 12])
def test_an_inventory_by_transparent_mode_in_another_shape_is_none(body: str) -> None:
    protocol = asked(u.transparent_inventory())
    protocol.receive_data(reply(f"00 BF 00 {body}") + reply("00 BF 01"))
    assert protocol.next_event() == Refused(0x01)


def test_block_security_status() -> None:
    protocol = asked(c.security_status(SLI, 3, 2))
    protocol.receive_data(reply("00 B0 00 02 01 00"))
    assert protocol.next_event() == replies.SecurityStatus((True, False))


@for_each(
    "ask",
    [
        lambda: c.read_blocks(SLI, 0, 33, security=True),
        lambda: c.read_blocks(SLI, 0, 0, security=True),
        lambda: c.read_blocks(SLI, 250, 7, security=True),
        lambda: c.read_blocks(SLI, -1, 1, security=True),
        lambda: c.write_blocks(SLI, 0, bytes(132), 4),
        lambda: c.write_blocks(SLI, 0, bytes(5), 4),
        lambda: c.write_blocks(SLI, 0, b"", 4),
        lambda: c.write_blocks(SLI, 0, bytes(4), 0),
        lambda: c.write_afi(SLI, 256),
        lambda: c.write_dsfid(SLI, -1),
        lambda: c.write_afi(Uid("E004"), 1),
        lambda: c.write_afi(Uid("zz" * 8), 1),
        lambda: c.write_afi(Uid("E0 04 01 00 00 12 AB"), 1),
        lambda: k.read_configuration(64),
        lambda: k.write_configuration(5, bytes(13)),
        lambda: k.set_output(65536, 0, 0),
        lambda: k.rf_output(-1),
        lambda: k.set_output_newer([]),
        lambda: k.set_output_newer([k.Output(256, 0, 0)]),
        lambda: k.login(b"123"),
        lambda: k.default_configuration(64),
        lambda: c.inventory(more=True, presence=True),
        lambda: c.inventory(wait_tenths=256),
        lambda: u.eas(u.TRANSPARENT, SLI),
        lambda: u.transparent(u.Mode.READ, b"\x22", 5),
        lambda: u.transparent(u.Mode.READ, bytes(201), 5),
        lambda: u.transparent(u.Mode.INVENTORY, b"\x26\x01\x00", 10),
        lambda: u.transparent_at_step(b"\x22", 1, 16),
        lambda: u.transparent_at_step(b"\x22\x21", 1, 65536),
        lambda: u.transparent_unanswered(b"\x22"),
        lambda: u.transparent_inventory(slots=2),
        lambda: u.transparent_inventory(mask=b"\0", bits=0),
        lambda: u.transparent_inventory(mask=bytes(8), bits=64),
        lambda: u.transparent_inventory(afi=256),
    ],
)
def test_what_cannot_be_said_is_our_own_fault(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LocalProtocolError):
        ask()


# --- readings of the answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["041C", "031B", "041B", "031C"])
def test_memory_size_in_either_reading_is_28_blocks_of_4(said: str) -> None:
    protocol = asked(c.system_information(SLI))
    protocol.receive_data(reply(f"00 B0 00 06 {SLI} 07 {said} 01"))
    event = protocol.next_event()
    assert isinstance(event, TagInformation)
    assert (event.block_size, event.block_count) == (4, 28)


@pytest.mark.parametrize(
    ("size", "count", "means"),
    [(8, 250, (8, 250)), (7, 249, (8, 250)), (3, 255, (4, 256)), (1, 15, (1, 15)), (0, 14, (1, 15)), (4, 80, (4, 80))],
)
def test_memory_sizes_of_other_chips(size: int, count: int, means: tuple[int, int]) -> None:
    assert replies.memory_size(size, count) == means


def test_of_a_system_informations_uid_the_manual_promises_the_low_half_only() -> None:
    protocol = asked(c.system_information(SLI))
    protocol.receive_data(reply(f"00 B0 00 06 00000000{SLI[8:]} 07 041C 01"))
    event = protocol.next_event()
    assert isinstance(event, TagInformation)
    assert event.uid == SLI


@pytest.mark.parametrize(
    ("status", "data", "tags", "more", "unresolved"),
    [
        ("00", f"01 0300{SLI}", 1, False, False),
        ("94", f"01 0300{SLI}", 1, True, False),
        ("83", "", 0, False, True),
        ("83", f"01 0300{SLI}", 1, False, True),
        ("93", f"01 0300{SLI}", 1, False, True),
        ("93", "", 0, False, True),
        ("00", "00", 0, False, False),
        ("00", f"02 0300{SLI} 04 00112233", 1, False, True),
    ],
)
def test_inventories(status: str, data: str, tags: int, more: bool, unresolved: bool) -> None:
    protocol = asked(c.inventory())
    protocol.receive_data(reply(f"00 B0 {status} {data}"))
    event = protocol.next_event()
    assert isinstance(event, replies.InventoryAnswer)
    assert (len(event.tags), event.more, event.unresolved) == (tags, more, unresolved)


def test_acknowledged_is_a_value() -> None:
    assert Acknowledged() == OK
