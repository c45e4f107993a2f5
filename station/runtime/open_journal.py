"""Open the journal of a data directory, compared with all that shows how long it must be."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from station import __version__
from station.base.clock import Clock
from station.base.errors import JournalOlder, JournalRestored
from station.base.settings import Settings
from station.domain.events import Head
from station.domain.withdrawals.withdrawal import WithdrawRules
from station.runtime.data_directory import JOURNAL, PEOPLE, head_directory
from station.runtime.lock import hold
from station.runtime.receipt_rules import receipt_rules
from station.store.database.database import schema_of
from station.store.database.migrations import SCHEMA_VERSION
from station.store.journal.journal import Kinds, RulesOf
from station.store.lists.earlier_lists import take_over
from station.store.owner import Store, open_store
from station.store.people.names import SCHEMA_VERSION as PEOPLE_SCHEMA
from station.store.people.names import People
from station.store.queries.queries import Queries
from station.sync.file_sink import newest_results

_log = logging.getLogger("station.runtime")


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
    unless only some kinds of events are `taken`. Data of an earlier version is first backed up as by `station update`.
    A journal that is an older copy first gets its end back from the center; if it cannot, only `restored` opens it. The
    caller holds the directory's lock."""
    if taken is None:
        with suppress(*(JournalOlder, JournalRestored) if restored else ()):
            get_back_end(settings, data, clock)
    store = open_store(
        data / JOURNAL,
        clock,
        head_directory=head_directory(settings, data),
        sent=sent_heads(settings, data),
        rules=rules,
        taken=taken,
        restored=restored,
        prepare=lambda: _keep(settings, data, clock),
        receipt_rules=receipt_rules(settings),
        withdraw_rules=WithdrawRules(
            oclc_owner=settings.withdrawal.oclc_owner, oclc_days=settings.withdrawal.oclc_days
        ),
    )
    try:
        People(data / PEOPLE).upgrade()
        if taken is None:
            take_over(store, data / settings.receiving.lists)
    except BaseException:
        store.close()
        raise
    return store


def get_back_end(settings: Settings, data: Path, clock: Clock) -> None:
    """Add to the journal what the center has beyond its end, if this bench has a center that answers within a second.
    Raises what `tail_back.get_back` raises. The caller holds the directory's lock."""
    if settings.fleet.center and (data / JOURNAL).exists():
        from station.fleet.center import Center  # its HTTP client takes long to load
        from station.fleet.tail_back import get_back

        with closing(Center(settings.fleet, data, clock)) as center:
            get_back(data / JOURNAL, center, clock, __version__)


def views(data: Path, clock: Clock, settings: Callable[[], Settings]) -> Queries:
    """Return read-only views of the journal. If no station has run here, create the journal first, with `settings`."""
    if not (data / JOURNAL).exists():
        with hold(data, clock):
            open_journal(settings(), data, clock).close()
    return Queries(data / JOURNAL, clock)


def _keep(settings: Settings, data: Path, clock: Clock) -> None:
    """Back up data of an earlier version."""
    if 0 < schema_of(data / JOURNAL) < SCHEMA_VERSION or 0 < People(data / PEOPLE).schema() < PEOPLE_SCHEMA:
        from station.runtime.backup.update import keep  # loads much that no other start needs

        _log.info("data of an earlier version: backed up as %s", keep(settings, data, clock))


def sent_heads(settings: Settings, data: Path) -> tuple[Head, ...]:
    """Return the newest event of each journal whose result is in the results file."""
    return newest_results(data / settings.delivery.file.path)
