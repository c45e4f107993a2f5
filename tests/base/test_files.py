"""A symbolic link in the data directory leads no write to another file."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from station.base import logs
from station.base.clock import SystemClock
from station.base.errors import StoreReadOnly
from station.base.files import open_own, replace_own
from station.runtime.lock import LOCK_NAME, hold
from station.sync.courier.holds import HOLDS, KeptHolds

WORDS = "what another program needs\n"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    victim = tmp_path / "victim"
    victim.write_text(WORDS)
    (tmp_path / "data").mkdir(0o700)
    return victim


def test_the_lock_is_not_taken_through_a_link(victim: Path) -> None:
    data = victim.parent / "data"
    (data / LOCK_NAME).symlink_to(victim)
    with pytest.raises(StoreReadOnly), hold(data, SystemClock()):
        pass
    assert victim.read_text() == WORDS


def test_the_log_is_not_written_through_a_link(victim: Path) -> None:
    log = victim.parent / "data" / "station.log"
    log.symlink_to(victim)
    with pytest.raises(StoreReadOnly):
        logs.configure(log)
    logging.getLogger("station").warning("not there")
    assert victim.read_text() == WORDS


def test_a_file_is_replaced_beside_a_link(victim: Path) -> None:
    data = victim.parent / "data"
    (data / f"{HOLDS}.new").symlink_to(victim)
    KeptHolds(data / HOLDS, SystemClock()).keep("alma", 1.0)
    assert victim.read_text() == WORDS
    assert (data / HOLDS).is_file()


def test_a_file_is_opened_for_its_owner_only(tmp_path: Path) -> None:
    os.close(open_own(tmp_path / "own", os.O_RDWR))
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600
    replace_own(tmp_path / "own", b"new", sync=True)
    assert ((tmp_path / "own").read_bytes(), (tmp_path / "own").stat().st_mode & 0o777) == (b"new", 0o600)
