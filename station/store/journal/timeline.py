"""Older copies of the journal that were restored: how they are detected, and how the journal continues from them.

A restored copy would number its events like the lost part, and give its deliveries ids that library systems already
have. Therefore it continues under another journal id ("timeline", PostgreSQL's term for the history that a restore
begins). Deliveries that it has as undelivered are looked up before they are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from station.base.clock import Clock
from station.base.errors import JournalOlder, JournalRestored, StoreError
from station.base.sentence import Sentence
from station.domain.events import Head, TimelineBegan
from station.store.database.database import Sql, open_writer, transaction, translated
from station.store.database.disk import disk_errors, sync_file
from station.store.journal import hash_chain, newest_head
from station.store.journal.journal import JournalStore
from station.store.journal.newest_head import NewestHead
from station.store.journal.outbox import OutboxStore
from station.store.projections import workers


class Continued(msgspec.Struct, frozen=True, kw_only=True):
    """A timeline that was begun."""

    journal: str
    parent: str
    parent_seq: int
    parent_hash: str
    lost: tuple[Head, ...]
    doubtful: int
    """Number of deliveries that will be looked up before they are sent."""
    head_problem: str = ""
    """Reason why its head could not be exported; the station tries again at its start."""


def known_heads(
    path: Path, directory: Path | None, sent: Sequence[Head] = (), *, readable_only: bool = False
) -> tuple[Sequence[Head], Sequence[Head], Sequence[Head]]:
    """Return what the journal at `path` is compared with: the heads exported to `directory`, its newest head, and
    `sent`, those of results that went out. Raises `OSError`; with `readable_only`, a file of exported heads that cannot
    be read is skipped and logged."""
    exported = () if directory is None else hash_chain.read_heads(directory, readable_only=readable_only)
    return exported, newest_head.read(path), sent


def restored_file(path: Path) -> Path:
    """Return the path of the file that a restore makes beside the journal at `path`: a line with the journal's head in the
    backup, in the form of an exported head. A later restore adds a line."""
    return path.with_suffix(".restored")


def mark_restored(path: Path, head: Head) -> None:
    """Refuse each start of the journal at `path` until it is continued: `head` is its newest event, and events after it
    may be missing. Raises `StoreError`."""
    marks = restored_file(path)
    beside = marks.with_name(f"{marks.name}.new")
    with disk_errors(marks):
        lines = marks.read_text("ascii", "replace").splitlines() if marks.exists() else []
        beside.write_text("".join(f"{line}\n" for line in (*lines, hash_chain.line_of(head))), encoding="ascii")
        sync_file(beside)
        beside.replace(marks)
        sync_file(path.parent)


def require_continued(sql: Sql, path: Path) -> None:
    """Raise `JournalRestored` if the journal at `path` was restored and still has the id that it had in the backup. The
    file stays, so it is also noticed if the journal of the backup is put back later."""
    try:
        lines = restored_file(path).read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return
    journal = hash_chain.journal_id(sql)
    for head in filter(None, (hash_chain.head_in(line.strip()) for line in lines)):
        if head.journal_id != journal:
            continue
        raise JournalRestored(Sentence("store.journal.restored", path=str(path), seq=head.seq, at=head.at))


def check(
    sql: Sql,
    path: Path,
    directory: Path | None,
    sent: Sequence[Head] = (),
    *,
    recompute: bool = False,
    restored: bool = False,
) -> None:
    """Compare the newest of the known heads with the journal at `path`; with `recompute`, also recompute the chain
    since the last exported one. `restored`: a restored journal that was not continued is accepted. Raises
    `JournalOlder`, `JournalRestored`, `StoreCorrupt`, and `OSError` if the directory cannot be read."""
    if not restored:
        require_continued(sql, path)
    exported, *others = known_heads(path, directory, sent, readable_only=True)
    lost = hash_chain.lost_heads(sql, exported, *others)
    if not lost:
        if recompute:
            hash_chain.verify_since(sql, exported)
        return
    parts = hash_chain.timelines(sql)
    last, _ = hash_chain.last(sql, parts[-1].journal_id)
    head = max(lost, key=lambda head: head.seq)
    own = head.journal_id in {part.journal_id for part in parts}
    key = "store.journal.sent" if not head.hash else "store.journal.older" if own else "store.journal.continued"
    raise JournalOlder(Sentence(key, path=str(path), last=last, seq=head.seq, at=head.at, journal=head.journal_id))


def begin(
    path: Path,
    clock: Clock,
    directory: Path,
    began: TimelineBegan,
    *,
    expected: Sequence[Head],
    sent: Sequence[Head] = (),
) -> Continued:
    """Continue the journal at `path` as `began.journal`, and mark its deliveries as doubtful, in one transaction.
    `expected`: the lost heads shown to the person who decides. `sent`: those of results that went out. The caller holds
    the data directory's lock.

    Raises `WorkError` if `began.operator` lacks the right (as for a decision about a delivery), and `StoreError`.
    """
    connection = open_writer(path)
    try:
        with translated(path), disk_errors(directory):
            journal = JournalStore(connection, clock)
            journal.check_kinds()
            lost = hash_chain.lost_heads(connection, *known_heads(path, directory, sent))
            if lost != tuple(expected):
                raise StoreError(Sentence("store.heads-changed"))
            with transaction(connection):
                workers.check_decision(connection, began.operator, began.authorised)
                parent = journal.journal_id
                seq, digest = hash_chain.last(connection, parent)
                continues = {"parent": parent, "parent_seq": seq, "parent_hash": digest.hex(), "lost": lost}
                made = msgspec.structs.replace(began, **continues)
                journal.append([made])
                doubtful = OutboxStore(connection, journal).doubt()
            with closing(NewestHead(connection, path, clock)) as newest:
                newest.keep(seq + 1)
            problem = _export(connection, directory, clock.now())
    finally:
        connection.close()
    return Continued(
        journal=made.journal,
        parent=made.parent,
        parent_seq=made.parent_seq,
        parent_hash=made.parent_hash,
        lost=made.lost,
        doubtful=doubtful,
        head_problem=problem,
    )


def _export(sql: Sql, directory: Path, at: str) -> str:
    try:
        hash_chain.export_head(sql, directory, at)
    except OSError as error:
        return f"{directory}: {error}"
    return ""
