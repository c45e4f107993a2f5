"""What readers lack, as kept in the data directory: for each model and firmware, until the reader is asked again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.domain.ports import Lack, ReaderCapabilities
from station.drivers.reader.known import KEPT, KnownLacks

READER = ReaderCapabilities(name="CPR.M02", firmware="2.04", max_blocks_per_write=32)
LACKING = msgspec.structs.replace(READER, lacks=(Lack.SET_AFI,))


@pytest.mark.parametrize("other", [{"name": "ID ISC.MR101"}, {"firmware": "2.05"}])
def test_another_model_or_firmware_is_not_taken_for_the_one_that_lacks_a_command(
    tmp_path: Path, other: dict[str, str]
) -> None:
    KnownLacks(tmp_path).noted(LACKING)
    assert KnownLacks(tmp_path).added(READER).lacks == (Lack.SET_AFI,)
    another = msgspec.structs.replace(READER, **other)
    assert KnownLacks(tmp_path).added(another) == another
    KnownLacks(tmp_path).learned(another)
    assert KnownLacks(tmp_path).added(READER).lacks == (Lack.SET_AFI,)
    KnownLacks(tmp_path).learned(READER)
    assert KnownLacks(tmp_path).added(READER) == READER


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_bytes(b"{")
    assert KnownLacks(tmp_path).added(READER) == READER
    KnownLacks(tmp_path).noted(LACKING)
    assert KnownLacks(tmp_path).added(READER).lacks == (Lack.SET_AFI,)
