"""The store's owner thread: the one place where the journal is written, and the ports that reach it from other threads."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from station.base.clock import Clock
from station.base.errors import JournalOlder, StoreCorrupt, StoreError
from station.base.forward import Operation, forward
from station.base.mailbox import Owner
from station.base.words import tell
from station.domain.deliveries.intents import Decision
from station.domain.ports import Journal, Outbox, SamplingBook
from station.store.database.database import FIXED_ENGINE, damage_confirmed, integrity_check, open_writer, translated
from station.store.database.disk import disk_errors, sync_file
from station.store.journal import hash_chain, timeline
from station.store.journal.journal import JournalStore, RulesOf
from station.store.journal.outbox import OutboxStore, RetryAnswer
from station.store.projections import projections
from station.store.queries.queries import Queries

R = TypeVar("R")
_log = logging.getLogger("station.store")


class _Writer:
    """What the owner thread owns: the one writable connection, and all that works on it."""

    def __init__(self, path: Path, clock: Clock, head_directory: Path | None, rules: RulesOf | None) -> None:
        self.connection = open_writer(path)
        self.path = path
        self._clock = clock
        self._head_directory = head_directory
        self._head_hour = ""
        self.head_problem = ""
        try:
            with damage_confirmed(self.connection, path):
                self.journal = JournalStore(self.connection, clock, rules)
                self.journal.check_kinds()
                self.outbox = OutboxStore(self.connection, self.journal)
            self.export_head(first=True)
        except BaseException:
            self.connection.close()
            raise

    def on_journal(self, operation: Operation) -> Any:
        """Run it on the journal; what it records may be the first event of an hour."""
        changes = self.connection.total_changes
        result = operation(self.journal)
        if self.connection.total_changes != changes and self._clock.now()[:13] != self._head_hour:
            self.export_head()
        return result

    def export_head(self, *, first: bool = False) -> None:
        """At the start, at the first event of each hour and at the end, unless an exported head says that this journal is an
        older copy: at the start (`first`) that raises `JournalOlder`, and a chain that breaks behind the last exported head
        raises `StoreCorrupt`. What was recorded stands even where the export fails; that is logged instead."""
        if self._head_directory is None:
            return
        at = self._clock.now()
        self._head_hour = at[:13]
        try:
            with translated():
                timeline.check(self.connection, self.path, self._head_directory, recompute=first)
                if first:
                    self._sync_log()
                hash_chain.export_head(self.connection, self._head_directory, at)
            self.head_problem = ""
        except (OSError, StoreError) as error:
            if first and isinstance(error, JournalOlder | StoreCorrupt):
                if _log.hasHandlers():  # else Python would print it beside the command's own message
                    _log.error("the journal was not opened: %s", error)
                raise
            self.head_problem = f"{self._head_directory}: {error}"
            _log.warning("the journal's head was not exported: %s", self.head_problem)

    def _sync_log(self) -> None:
        """A head must never be newer than what a power cut leaves. What a killed process has committed is read from the
        write-ahead log, where it may not have been synced yet; each later commit is (synchronous=FULL)."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.exists():
            sync_file(log)

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it. False when a reader was in the way."""
        with damage_confirmed(self.connection, self.path):
            busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return int(busy) == 0

    def idle(self) -> None:
        """Nothing to do: empty the write-ahead log. A failure is for the log; the next commit meets it as well."""
        try:
            self.checkpoint()
        except StoreError as error:
            _log.warning("idle checkpoint: %s", error)

    def backup(self, target: Path) -> None:
        """A copy through SQLite's own backup, checked, synced and moved into place whole."""
        beside = target.with_name(target.name + ".new")
        with disk_errors(target):
            beside.unlink(missing_ok=True)
            with translated(beside), closing(sqlite3.connect(beside, isolation_level=None)) as copy:
                self.connection.backup(copy)
                # One file that can be carried away: no log beside it.
                copy.execute("PRAGMA journal_mode=DELETE").fetchone()
                if found := integrity_check(copy):
                    raise StoreCorrupt(tell("store.copy-damaged", path=target, why=found[0]))
            beside.chmod(0o600)
            sync_file(beside)
            beside.replace(target)
            sync_file(target.parent)

    def close(self) -> None:
        """Also on a full or broken medium: what was committed stands in the write-ahead log, the next start reads it."""
        try:
            self.export_head()
            self.checkpoint()
        except StoreError as error:
            _log.warning("checkpoint at the end: %s", error)
        finally:
            self.connection.close()


class _ConfirmingOwner:
    """Runs jobs in the owner's thread. What they report as damage is looked at there once more."""

    def __init__(self, owner: Owner[_Writer]) -> None:
        self._owner = owner

    def call(self, does: Callable[[_Writer], R]) -> R:

        def sure(writer: _Writer) -> R:
            with damage_confirmed(writer.connection, writer.path):
                return does(writer)

        return self._owner.call(sure)


class StoredJournal(Journal, SamplingBook, Protocol):
    """What the bench needs of the journal."""


class StoredOutbox(Outbox, Protocol):
    """What courier and people need of the outbox."""

    def retry(self, delivery: str, operator: str = "") -> RetryAnswer: ...

    def decide(
        self, delivery: str, decision: Decision, operator: str, reason: str = "", authorised: str = ""
    ) -> RetryAnswer: ...


class Store:
    """A running store. Everything that writes goes through one thread; reading goes beside it."""

    def __init__(
        self, path: Path, clock: Clock, head_directory: Path | None, idle_after: float, rules: RulesOf | None
    ) -> None:
        self._owner = Owner(
            "store",
            lambda: _Writer(path, clock, head_directory, rules),
            _Writer.close,
            idle=_Writer.idle,
            idle_after=idle_after,
        )
        self._owner.start()
        self._confirming = confirming = _ConfirmingOwner(self._owner)
        self.journal = forward(StoredJournal, lambda does: confirming.call(lambda writer: writer.on_journal(does)))
        self.outbox = forward(StoredOutbox, lambda does: confirming.call(lambda writer: does(writer.outbox)))
        self.queries = Queries(path, clock)
        if sqlite3.sqlite_version_info < FIXED_ENGINE:
            _log.info("SQLite %s has the WAL-reset bug; the station avoids it (one writer)", sqlite3.sqlite_version)

    @property
    def head_problem(self) -> str:
        """Why the last export of the head failed; empty when it did not."""
        return self._confirming.call(lambda writer: writer.head_problem)

    def retry(self, delivery: str | None, operator: str = "") -> int:
        """Let one delivery, or (None) every parked one, be sent again, as `operator` (an id) asked; returns how many were
        queued."""
        if delivery is not None:
            return int(self.outbox.retry(delivery, operator) is RetryAnswer.QUEUED)
        return self._confirming.call(lambda writer: writer.outbox.retry_parked(operator))

    def checkpoint(self) -> bool:
        """Empty the write-ahead log; to be called when there is nothing to do. False when a reader was in the way."""
        return self._confirming.call(_Writer.checkpoint)

    def rebuild(self) -> int:
        """Make the projections anew from the events; returns how many events were read."""
        return self._confirming.call(lambda writer: projections.rebuild(writer.connection))

    def backup(self, target: Path) -> None:
        """Copy the journal to `target` while work goes on, and check the copy."""
        self._confirming.call(lambda writer: writer.backup(target))

    def close(self, timeout: float = 10.0) -> bool:
        """Finish what is queued, export the head, checkpoint, close. False if that did not end in time."""
        return self._owner.stop(timeout)


def open_store(
    path: Path,
    clock: Clock,
    *,
    head_directory: Path | None = None,
    idle_after: float = 5.0,
    rules: RulesOf | None = None,
) -> Store:
    """Open (or create) the journal and start its thread; raises what `database.open_writer` raises.

    Empty the log after `idle_after` seconds without a write. `rules` gives the rules in force on a day; they are journaled
    before the first finding under them.
    """
    return Store(path, clock, head_directory, idle_after, rules)
