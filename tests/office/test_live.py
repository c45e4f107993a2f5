"""Open pages are told that something changed, and nothing more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.settings import load
from station.domain.events import SoundChecked
from station.office import live
from station.office.sources import Sources
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def without_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stream look often, and stay silent until something changes, however slow the machine is."""
    monkeypatch.setattr(live, "LOOK_S", 0.02)
    monkeypatch.setattr(live, "BEAT_S", float("inf"))


def test_a_page_is_told_that_something_changed(data: Path) -> None:
    watched = live.Live(Sources(load(data / "station.toml"), data, SystemClock()))
    assert watched.begin()

    async def told() -> list[str]:
        stream = watched.events()
        first = await anext(stream)
        store = open_store(data / JOURNAL, SystemClock())
        store.journal.record(SoundChecked(heard=True, seen=True))
        store.close()
        second = await asyncio.wait_for(anext(stream), PATIENCE_S)
        await stream.aclose()
        return [first, second]

    assert asyncio.run(told()) == [": open\n\n", "data: today\n\n"]


class _Station:
    """A running station whose snapshot changes again and again, and whose journal does not."""

    def __enter__(self) -> _Station:
        return self

    def __exit__(self, *_: object) -> None: ...

    def watch(self) -> list[str]:
        return ["snapshot"]


def test_a_page_is_told_what_changes_at_the_bench_before_it_is_journaled(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "connect", lambda _: _Station())
    watched = live.Live(Sources(load(data / "station.toml"), data, SystemClock()))
    assert watched.begin()

    async def told() -> list[str]:
        stream = watched.events()
        first = await anext(stream)
        second = await asyncio.wait_for(anext(stream), PATIENCE_S)
        await stream.aclose()
        return [first, second]

    assert asyncio.run(told()) == [": open\n\n", "data: today\n\n"]


def test_few_browsers_wait_at_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST", 1)
    watched = live.Live(Sources(load(data / "station.toml"), data, SystemClock()))

    async def asked() -> tuple[bool, bool]:
        stream = watched.events()
        await anext(stream)
        full = watched.begin()
        await stream.aclose()
        return full, watched.begin()

    assert asyncio.run(asked()) == (False, True)
