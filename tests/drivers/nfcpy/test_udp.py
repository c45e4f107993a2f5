"""The nfcpy driver over nfcpy's own udp device, against the emulated tags."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from station.base.errors import (
    LocalProtocolError,
    NotPossible,
    PortMissing,
    SettingsError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Badge, Reader
from station.domain.ports import BadgeSeen, Signal
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import badge_reader, make_reader
from tests.conftest import FakeClock, missing
from tests.support.nfcpy_peer import BADGE, OTHER, NfcPad
from tests.support.virtual_udp import virtual_udp

A = Uid(BADGE)
LIBRARY_LABEL = Uid("E00401500000AB01")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NfcPad]:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    tmp_path = tmp_path_factory.mktemp("nfcudp")
    pad = NfcPad(tmp_path, "nfcudp", "--listen", "127.0.0.1:0")
    yield pad
    pad.close()


@pytest.fixture
def pad(running: NfcPad) -> NfcPad:
    running.anew()
    return running


@pytest.fixture(autouse=True)
def clock(pad: NfcPad) -> Iterator[FakeClock]:
    clock = FakeClock()
    with virtual_udp(lambda: pad.do("settle"), clock):
        yield clock


@pytest.fixture
def reader(pad: NfcPad, clock: FakeClock) -> Iterator[ManagedReader]:
    reader = make_reader(Reader(driver="nfcpy", port=f"udp:{pad.link}"), clock)
    reader.reconnect()
    yield reader
    reader.close()


def at(pad: NfcPad) -> Badge:
    return Badge(port=f"udp:{pad.link}")


# --- badges ---------------------------------------------------------------------------------------------------------


def test_a_badge_says_its_uid_and_its_text(pad: NfcPad) -> None:
    badges = badge_reader(at(pad), FakeClock())
    pad.label(text="S-1042")
    assert badges.look() == BadgeSeen(BADGE, "S-1042")
    assert badges.look() == BadgeSeen(BADGE, "S-1042"), "the badge is seen again without a reset"
    pad.do("lift")
    assert badges.look() is None
    badges.close()


def test_an_address_is_a_text_too_and_a_new_badge_has_none(pad: NfcPad) -> None:
    badges = badge_reader(at(pad), FakeClock())
    pad.label(uri="https://library.example/staff/7")
    assert badges.look() == BadgeSeen(BADGE, "https://library.example/staff/7")
    pad.do("lift")
    pad.label(OTHER)
    assert badges.look() == BadgeSeen(OTHER, "")
    badges.close()


def test_hostile_text_is_clean(pad: NfcPad) -> None:
    badges = badge_reader(at(pad), FakeClock())
    pad.label(chip="ntag216", text="\x1b[31mS-\u202e1042\x07" + "x" * 200)
    seen = badges.look()
    assert seen is not None
    assert seen.text.isprintable()
    assert len(seen.text) <= 200
    badges.close()


@pytest.mark.parametrize(
    "user",
    [
        "03ff",  # the length is cut off
        "03fefe",  # a length that goes beyond the memory
        "0305d1010158",  # a record that gives a greater length than it has
        "030a" + "ff" * 10,
        "00" * 100,
        "fd80",  # an unknown TLV with a length beyond the end
        "0103a00c3403",  # lock control, then nothing
    ],
)
def test_a_damaged_message_is_a_badge_without_text(pad: NfcPad, user: str) -> None:
    badges = badge_reader(at(pad), FakeClock())
    pad.label(user=user)
    assert badges.look() == BadgeSeen(BADGE, "")
    badges.close()


def test_a_badge_reader_that_is_not_there_or_not_set_up() -> None:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    with pytest.raises(SettingsError, match=r"badge\.port"):
        badge_reader(Badge(), FakeClock())
    badges = badge_reader(Badge(port="/dev/no-such-port"), FakeClock())
    for _ in range(2):  # the look may be repeated at any time
        with pytest.raises(PortMissing):
            badges.look()
    badges.close()


# --- labels ---------------------------------------------------------------------------------------------------------


def test_it_says_what_it_is_and_never_offers_iso_15693(pad: NfcPad, reader: ManagedReader) -> None:
    can = reader.capabilities
    assert (can.name, can.firmware) == ("nfcpy", "UDP")
    assert not can.iso15693
    assert (can.can_lock, can.can_eas, can.can_signal) == (False, False, False)
    assert can.block_sizes == (4,)
    pad.label()
    pad.do("reset-counters")
    for refused in (
        lambda: reader.write_afi(A, 7),
        lambda: reader.write_dsfid(A, 6),
        lambda: reader.lock_block(A, 0),
        lambda: reader.read_eas(A),
        lambda: reader.write_eas(A, True),
        lambda: reader.write_blocks(A, 0, bytes(8), 8),
    ):
        with pytest.raises(NotPossible):
            refused()
    for nonsense in (
        lambda: reader.system_information(LIBRARY_LABEL),
        lambda: reader.read_blocks(LIBRARY_LABEL, 0, 1),
        lambda: reader.write_blocks(LIBRARY_LABEL, 0, bytes(4), 4),
        lambda: reader.write_blocks(A, 0, bytes(3), 4),
        lambda: reader.read_blocks(A, 0, 0),
    ):
        with pytest.raises(LocalProtocolError):
            nonsense()
    reader.signal(Signal.GOOD)
    assert pad.do("counters")["frames_in"] == 0, "every call was refused before anything was sent"


def test_a_label_is_found_read_and_written(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    assert [tag.uid for tag in reader.inventory().tags] == [BADGE]
    info = reader.system_information(A)
    assert (info.block_size, info.block_count) == (4, 36)
    reader.write_blocks(A, 30, bytes(range(1, 25)), 4)
    read = reader.read_blocks(A, 0, 36)
    assert read.data == pad.memory()[16:160]
    assert read.data[-24:] == bytes(range(1, 25))
    assert read.locked == (False,) * 36
    writes = pad.do("counters")["air_writes"][BADGE]
    assert writes == {str(page): 1 for page in range(34, 40)}


def test_pages_beyond_the_user_memory_cannot_be_reached(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    before = pad.memory()
    for first, count in ((36, 1), (35, 2), (0, 37), (-1, 1)):
        with pytest.raises(LocalProtocolError):
            reader.write_blocks(A, first, bytes(4 * count), 4)
    assert pad.memory() == before
    with pytest.raises(LocalProtocolError):
        reader.read_blocks(A, 30, 7)


def test_the_locks_are_told_and_hold(pad: NfcPad, reader: ManagedReader) -> None:
    """Static: pages 7 and 12; dynamic bits 0 and 11 of an NTAG213: pages 16, 17 and 38, 39."""
    pad.label()
    memory = pad.memory()
    locked = memory[:10] + bytes((0x80, 0x10)) + memory[12:160] + bytes((0x01, 0x08, 0x00, 0xBD)) + memory[164:]
    pad.do("poke", uid=BADGE, memory=locked.hex())
    wanted = {7, 12, 16, 17, 38, 39}
    assert {4 + n for n, is_locked in enumerate(reader.read_blocks(A, 0, 36).locked) if is_locked} == wanted
    for page in range(4, 40):
        if page in wanted:
            with pytest.raises(TagRefused):
                reader.write_blocks(A, page - 4, b"abcd", 4)
        else:
            reader.write_blocks(A, page - 4, b"abcd", 4)
    after = pad.memory()
    assert {p for p in range(4, 40) if after[4 * p : 4 * p + 4] == b"abcd"} == set(range(4, 40)) - wanted


@pytest.mark.parametrize(("chip", "pages"), [("ntag213", 36), ("ntag215", 126), ("ntag216", 222)])
def test_every_size(pad: NfcPad, reader: ManagedReader, chip: str, pages: int) -> None:
    pad.label(chip=chip)
    assert reader.system_information(A).block_count == pages
    reader.write_blocks(A, pages - 1, b"last", 4)
    assert reader.read_blocks(A, pages - 1, 1).data == b"last"


def test_a_tag_that_was_taken_away_or_changed_for_another(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    pad.do("lift")
    with pytest.raises(TagAbsent):
        reader.read_blocks(A, 0, 1)
    pad.label(OTHER)
    before = pad.memory(OTHER)
    with pytest.raises(TagAbsent):
        reader.write_blocks(A, 0, b"abcd", 4)
    assert pad.memory(OTHER) == before, "data for another tag never reaches this tag"
    assert reader.inventory().uids == {OTHER}


def test_the_field_is_empty(pad: NfcPad, reader: ManagedReader) -> None:
    found = reader.inventory()
    assert (found.tags, found.collision) == ((), False)
