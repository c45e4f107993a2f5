"""`station sound check`: the command twin of the daily check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.cli import station
from station.domain.events import SoundChecked
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries


def test_the_check_names_sounds_and_lights_and_keeps_the_answers_for_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no player
    (tmp_path / "station.toml").write_text("")
    open_store(tmp_path / JOURNAL, SystemClock()).close()
    queries = Queries(tmp_path / JOURNAL, SystemClock())
    assert not queries.lately().sound_checked
    done = CliRunner().invoke(
        station, ["--data", str(tmp_path), "sound", "check", "--heard", "--not-seen", "--json"], catch_exceptions=False
    )
    assert done.exit_code == 1, "no sound was played"
    told = json.loads(done.stdout)
    assert [one["sound"] for one in told["sounds"]] == ["accepted", "good", "warning", "bad"]
    assert [name for name, _ in told["lights"]] == ["■ WAIT", "✓ GOOD", "▲ LOOK", "× STOP"]
    assert (told["player"], told["heard"], told["seen"]) == ("", True, False)
    (kept,) = [row.event for row in queries.events() if isinstance(row.event, SoundChecked)]
    assert (kept.heard, kept.seen) == (True, False)
    assert queries.lately().sound_checked
