"""What readers lack, as kept in the data directory: for each model and firmware, until the reader is asked again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.domain.ports import Lack, ReaderCapabilities
from station.drivers.reader.known import KEPT, KnownReaders

READER = ReaderCapabilities(name="CPR.M02", firmware="2.04", max_blocks_per_write=32)
LACKING = msgspec.structs.replace(READER, lacks=(Lack.SET_AFI,))


@pytest.mark.parametrize("other", [{"name": "ID ISC.MR101"}, {"firmware": "2.05"}])
def test_another_model_or_firmware_is_not_taken_for_the_one_that_lacks_a_command(
    tmp_path: Path, other: dict[str, str]
) -> None:
    KnownReaders(tmp_path).noted(LACKING)
    assert KnownReaders(tmp_path).added(READER).lacks == (Lack.SET_AFI,)
    another = msgspec.structs.replace(READER, **other)
    assert KnownReaders(tmp_path).added(another).lacks == ()
    KnownReaders(tmp_path).learned(another)
    assert KnownReaders(tmp_path).added(READER).lacks == (Lack.SET_AFI,)
    KnownReaders(tmp_path).learned(READER)
    assert KnownReaders(tmp_path).added(READER).lacks == ()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_bytes(b"{")
    assert KnownReaders(tmp_path).added(READER).lacks == ()
    KnownReaders(tmp_path).noted(LACKING)
    assert KnownReaders(tmp_path).added(READER).lacks == (Lack.SET_AFI,)


def test_a_reader_that_was_seen_to_set_a_byte_is_known_by_its_serial_number(tmp_path: Path) -> None:
    numbered = msgspec.structs.replace(LACKING, serial="00000001")
    KnownReaders(tmp_path).noted(numbered)
    KnownReaders(tmp_path).proved(numbered, Lack.SET_AFI)
    can = KnownReaders(tmp_path).added(msgspec.structs.replace(numbered, lacks=()))
    assert (can.lacks, can.unproven) == ((), (Lack.SET_DSFID,))
    other = KnownReaders(tmp_path).added(msgspec.structs.replace(READER, serial="00000002"))
    assert other.unproven == (Lack.SET_AFI, Lack.SET_DSFID)
