"""The store's owner thread, which alone writes the journal, and the ports that reach it from other threads."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from station.base.clock import Clock
from station.base.errors import JournalMissing, JournalOlder, StoreCorrupt, StoreError, StoreTooNew
from station.base.forward import Operation, forward
from station.base.mailbox import Owner
from station.domain.deliveries.intents import Decision
from station.domain.events import Head
from station.domain.ports import Journal, Outbox, SamplingBook
from station.domain.receiving.order_line import ReceiptRules
from station.domain.withdrawals.withdrawal import NO_RULES, WithdrawRules
from station.store.database.archive_file import DIRECTORY
from station.store.database.database import (
    FIXED_ENGINE,
    damage_confirmed,
    open_reader,
    open_writer,
    translated,
)
from station.store.database.disk import disk_errors, sync_file
from station.store.journal import hash_chain, timeline
from station.store.journal.archiving import Archived, archive
from station.store.journal.journal import NO_RECEIPTS, JournalStore, Kinds, RulesOf
from station.store.journal.newest_head import NewestHead
from station.store.journal.outbox import OutboxStore, RetryAnswer
from station.store.projections import projections, workers
from station.store.queries.queries import Queries

R = TypeVar("R")
_log = logging.getLogger("station.store")


class _Writer:
    """State of the owner thread: the one writable connection, and the objects that use it."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        head_directory: Path | None,
        sent: Sequence[Head],
        rules: RulesOf | None,
        taken: Kinds | None,
        restored: bool,
        prepare: Callable[[], object],
        receipt_rules: ReceiptRules,
        withdraw_rules: WithdrawRules,
    ) -> None:
        self.path = path
        self._head_directory = head_directory
        self._clock = clock
        self._require_newest(sent, restored)
        prepare()
        self.connection = open_writer(path)
        self.on_delivery: Callable[[], object] = lambda: None
        self._head_hour = ""
        self.head_problem = ""
        try:
            with damage_confirmed(self.connection, path):
                self.journal = JournalStore(self.connection, clock, rules, taken, receipt_rules, withdraw_rules)
                self.journal.check_kinds()
                workers.require_as_journaled(self.connection)
            self._sync_log()
            self._newest = NewestHead(self.connection, path, clock)
            self._newest.write()
            self.outbox = OutboxStore(self.connection, self.journal, self._newest.keep)
            self.export_head()
        except BaseException:
            self.connection.close()
            raise

    def on_journal(self, operation: Operation) -> Any:
        """Run an operation on the journal. Export the head if it recorded the first event of an hour, and tell of new
        deliveries."""
        changes, deliveries = self.connection.total_changes, self.journal.deliveries
        result = operation(self.journal)
        if self.connection.total_changes != changes:
            self._newest.write()
            if self._clock.now()[:13] != self._head_hour:
                self.export_head()
        if self.journal.deliveries != deliveries:
            self.on_delivery()
        return result

    def on_outbox(self, does: Callable[[OutboxStore], R]) -> R:
        """Run an operation on the outbox."""
        changes = self.connection.total_changes
        result = does(self.outbox)
        if self.connection.total_changes != changes:
            self._newest.write()
        return result

    def _require_newest(self, sent: Sequence[Head], restored: bool) -> None:
        """Raise `JournalOlder` if a known head shows that this journal is an older copy, and `StoreCorrupt` if its
        chain breaks after the last exported one. Events of a newer program raise `StoreTooNew` before the chain is
        checked. Heads that cannot be read are only logged.

        The journal is opened for reading only, so that its write-ahead log stays as it was found."""
        try:
            with closing(open_reader(self.path, any_schema=True)) as sql, damage_confirmed(sql, self.path):
                JournalStore(sql, self._clock).check_kinds()
                timeline.check(sql, self.path, self._head_directory, sent, recompute=True, restored=restored)
        except JournalMissing:
            return
        except (JournalOlder, StoreCorrupt, StoreTooNew) as error:
            if _log.hasHandlers():  # else Python would print it beside the command's own message
                _log.error("the journal was not opened: %s", error)
            raise
        except (OSError, StoreError) as error:
            _log.warning("the journal's heads were not compared: %s", error)

    def export_head(self) -> None:
        """Export the journal's head: at the start, at the first event of each hour, and at the end. Not exported if a
        known head shows that this journal is an older copy. A failure is only logged; recorded events are kept."""
        if self._head_directory is None:
            return
        at = self._clock.now()
        self._head_hour = at[:13]
        try:
            with translated():
                timeline.check(self.connection, self.path, self._head_directory)
                hash_chain.export_head(self.connection, self._head_directory, at)
            self.head_problem = ""
        except (OSError, StoreError) as error:
            self.head_problem = f"{self._head_directory}: {error}"
            _log.warning("the journal's head was not exported to %s: %s", self._head_directory, error)

    def _sync_log(self) -> None:
        """Sync the write-ahead log, since a head must never be newer than the data that survives a power cut. Commits
        of a killed process are in the log, perhaps not synced. Each later commit is synced (synchronous=FULL)."""
        log = self.path.with_name(f"{self.path.name}-wal")
        with disk_errors(log):
            if log.exists():
                sync_file(log)

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it. Return False if a reader prevented that."""
        with damage_confirmed(self.connection, self.path):
            busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return int(busy) == 0

    def idle(self) -> None:
        """Empty the write-ahead log while there is nothing to do. Only log a failure, since the next commit will also
        fail."""
        try:
            self.checkpoint()
        except StoreError as error:
            _log.warning("idle checkpoint: %s", error)

    def close(self) -> None:
        """Export the head, checkpoint, and close. On a full or broken medium, committed data stays in the write-ahead
        log for the next start."""
        try:
            self.export_head()
            self.checkpoint()
        except StoreError as error:
            _log.warning("checkpoint at the end: %s", error)
        finally:
            self._newest.close()
            self.connection.close()


class _ConfirmingOwner:
    """Runs jobs in the owner's thread, and confirms there any damage that they report."""

    def __init__(self, owner: Owner[_Writer]) -> None:
        self._owner = owner

    def call(self, does: Callable[[_Writer], R]) -> R:

        def sure(writer: _Writer) -> R:
            with damage_confirmed(writer.connection, writer.path):
                return does(writer)

        return self._owner.call(sure)


class StoredJournal(Journal, SamplingBook, Protocol):
    """The part of the journal that the bench uses."""


class StoredOutbox(Outbox, Protocol):
    """The part of the outbox that the courier and the operator's commands use."""

    def retry(self, delivery: str, operator: str = "", via: str = "", expects: int | None = None) -> RetryAnswer: ...

    def decide(
        self,
        delivery: str,
        decision: Decision,
        operator: str,
        reason: str = "",
        authorised: str = "",
        *,
        via: str = "",
        expects: int | None = None,
    ) -> RetryAnswer: ...


class Store:
    """A running store. All writes go through one thread; reads go through their own connections."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        head_directory: Path | None,
        sent: Sequence[Head],
        idle_after: float,
        rules: RulesOf | None,
        taken: Kinds | None,
        restored: bool,
        prepare: Callable[[], object],
        receipt_rules: ReceiptRules,
        withdraw_rules: WithdrawRules,
    ) -> None:
        self._owner = Owner(
            "store",
            lambda: _Writer(
                path, clock, head_directory, sent, rules, taken, restored, prepare, receipt_rules, withdraw_rules
            ),
            _Writer.close,
            idle=_Writer.idle,
            idle_after=idle_after,
        )
        self._owner.start()
        self._confirming = confirming = _ConfirmingOwner(self._owner)
        self.journal = forward(StoredJournal, lambda does: confirming.call(lambda writer: writer.on_journal(does)))
        self.outbox = forward(StoredOutbox, lambda does: confirming.call(lambda writer: writer.on_outbox(does)))
        self.queries = Queries(path, clock)
        if sqlite3.sqlite_version_info < FIXED_ENGINE:
            _log.info("SQLite %s has the WAL-reset bug; the station avoids it (one writer)", sqlite3.sqlite_version)

    def tell_of_deliveries(self, tell: Callable[[], object]) -> None:
        """Call `tell` after each transaction that added deliveries, in the store's thread: it must not block."""

        def set_it(writer: _Writer) -> None:
            writer.on_delivery = tell

        self._confirming.call(set_it)

    @property
    def head_problem(self) -> str:
        """Reason why the last export of the head failed; "" = it did not fail."""
        return self._confirming.call(lambda writer: writer.head_problem)

    def retry(self, delivery: str | None, operator: str = "", via: str = "", expects: int | None = None) -> int:
        """Let one delivery, or (None) every parked one, be sent again on behalf of `operator` (an id). Return the
        number of deliveries queued. `expects`: as for `OutboxStore.decide`, for one delivery."""
        if delivery is not None:
            return int(self.outbox.retry(delivery, operator, via, expects) is RetryAnswer.QUEUED)
        return self._confirming.call(lambda writer: writer.on_outbox(lambda outbox: outbox.retry_parked(operator, via)))

    def checkpoint(self) -> bool:
        """Empty the write-ahead log. Call this when there is nothing to do. Return False if a reader prevented it."""
        return self._confirming.call(_Writer.checkpoint)

    def rebuild(self) -> int:
        """Recompute the projections from the events. Return the number of events read."""
        return self._confirming.call(lambda writer: projections.rebuild(writer.connection))

    def archive(self, before: str, directory: Path) -> Archived | None:
        """Move payloads of old events to an archive (`archiving.archive`). The caller has verified the journal."""

        def work(writer: _Writer) -> Archived | None:
            beside = writer.path.parent / DIRECTORY
            made: Archived | None = writer.on_journal(
                lambda _: archive(writer.journal, writer.connection, before, directory, beside)
            )
            return made

        return self._confirming.call(work)

    def compact(self) -> None:
        """Give the room of archived payloads back to the disk. Raises `StoreError`; then only the file stays large."""

        def work(writer: _Writer) -> None:
            writer.connection.execute("VACUUM")
            writer.checkpoint()

        self._confirming.call(work)

    def close(self, timeout: float = 10.0) -> bool:
        """Finish queued jobs, export the head, checkpoint, close. Return False if that did not end in time."""
        return self._owner.stop(timeout)


def open_store(
    path: Path,
    clock: Clock,
    *,
    head_directory: Path | None = None,
    sent: Sequence[Head] = (),
    idle_after: float = 5.0,
    rules: RulesOf | None = None,
    taken: Kinds | None = None,
    restored: bool = False,
    prepare: Callable[[], object] = lambda: None,
    receipt_rules: ReceiptRules = NO_RECEIPTS,
    withdraw_rules: WithdrawRules = NO_RULES,
) -> Store:
    """Open (or create) the journal and start its thread. Raises the errors of `database.open_writer`, and `JournalOlder`
    if its newest head, an exported head or a result that went out (`sent`) shows that it is an older copy.

    The write-ahead log is emptied after `idle_after` seconds without a write. `rules` returns the rules in force on a
    day; they are journaled before the first finding under them. `taken`: the kinds of events that may be recorded;
    None = all. `restored`: a journal that was restored and not continued is opened, too. `prepare` is called after these
    checks, before the file is opened for writing and gets the newest schema; what it raises is raised. `receipt_rules`: how
    counted copies are received in a library system. `withdraw_rules`: what follows from a deletion.
    """
    return Store(
        path, clock, head_directory, sent, idle_after, rules, taken, restored, prepare, receipt_rules, withdraw_rules
    )
