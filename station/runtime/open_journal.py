"""Open the journal of a data directory, compared with all that shows how long it must be."""

from __future__ import annotations

from pathlib import Path

from station.base.clock import Clock
from station.base.settings import Settings
from station.domain.events import Head
from station.runtime.data_directory import JOURNAL, head_directory
from station.store.journal.journal import Kinds, RulesOf
from station.store.lists.earlier_lists import take_over
from station.store.owner import Store, open_store
from station.sync.file_sink import newest_results


def open_journal(
    settings: Settings,
    data: Path,
    clock: Clock,
    rules: RulesOf | None = None,
    taken: Kinds | None = None,
    *,
    restored: bool = False,
) -> Store:
    """Open (or create) the journal, start its thread (`open_store`), and take over packing lists of an earlier version,
    unless only some kinds of events are `taken`. The caller holds the directory's lock."""
    heads, sent = head_directory(settings, data), sent_heads(settings, data)
    store = open_store(
        data / JOURNAL, clock, head_directory=heads, sent=sent, rules=rules, taken=taken, restored=restored
    )
    try:
        if taken is None:
            take_over(store, data / settings.receiving.lists)
    except BaseException:
        store.close()
        raise
    return store


def sent_heads(settings: Settings, data: Path) -> tuple[Head, ...]:
    """Return the newest event of each journal whose result is in the results file."""
    return newest_results(data / settings.delivery.file.path)
