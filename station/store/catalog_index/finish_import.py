"""Finish an import: make an index of a file that was read completely, and join it with the current index.

Each of the two takes a handful of statements over whole tables in a single transaction, so memory stays bounded for any
size. Decisions:

* A record replaces all records of earlier imports with the same 001, with all their items.
* If one 001 occurs twice within one file with different content, both records are kept (exports split long records).
  Identical records count as one.
* Leader/05 = d removes earlier records with the same 001 from the index and from the file.
* A barcode belongs to the item that the newest file names. If it occurs twice within one file, it is ambiguous, and
  both are kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from station.base.sentence import Sentence
from station.catalog.record.file_prices import ENOUGH
from station.store.catalog_index import search
from station.store.catalog_index.digest import has_file_price, has_file_rule, has_unread, seal, teach
from station.store.catalog_index.file_rules import Judge, sampled
from station.store.catalog_index.index import FILE_PRICE, FILE_RULE, LOOKUP, REJECTED, shown_key
from station.store.catalog_index.unfinished_import import LISTED, PRAGMAS, Duplicate, Stopped, UnfinishedImport

_STEPS: Final = 200_000
"""Steps of SQLite's virtual machine between two checks of progress and stop: some hundredths of a second."""

_COUNT_AGAIN: Final = (
    "UPDATE main.barcode AS one SET digest = row_digest(one.barcode, one.position, counted.rows, "
    "(SELECT digest FROM main.record WHERE id = one.record)) FROM (SELECT barcode, count(*) AS rows FROM main.barcode "
    "WHERE barcode IN (SELECT barcode FROM stale_barcode) GROUP BY barcode) AS counted WHERE counted.barcode = one.barcode",
    "UPDATE main.shelf AS one SET digest = row_digest(one.key, 0, counted.rows, "
    "(SELECT digest FROM main.record WHERE id = one.record)) FROM (SELECT key, count(*) AS rows FROM main.shelf "
    "WHERE key IN (SELECT key FROM stale_key) GROUP BY key) AS counted WHERE counted.key = one.key",
)
_TAKE_OUT_DELETED: Final = (
    "CREATE TEMP TABLE doomed (id INTEGER PRIMARY KEY)",
    "INSERT OR IGNORE INTO doomed SELECT record.id FROM gone CROSS JOIN record ON record.key = gone.key "
    "WHERE gone.deleted AND record.id < gone.before",
)
_NUMBER_SAME_KEYS: Final = (
    "CREATE TEMP TABLE doubled AS SELECT key FROM record GROUP BY key HAVING count(*) > 1",
    "INSERT OR IGNORE INTO doomed SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY key, digest ORDER BY id)"
    " AS nth FROM record WHERE key IN (SELECT key FROM doubled) AND id NOT IN (SELECT id FROM doomed)) WHERE nth > 1",
    "UPDATE record SET part = counted.nth, digest = record_digest(record.key, counted.nth, record.raw) "
    "FROM (SELECT id, row_number() OVER (PARTITION BY key ORDER BY id) AS nth "
    "FROM record WHERE key IN (SELECT key FROM doubled) AND id NOT IN (SELECT id FROM doomed)) AS counted "
    "WHERE counted.id = record.id AND counted.nth > 1",
    "DELETE FROM staged WHERE EXISTS (SELECT 1 FROM doomed) AND record IN (SELECT id FROM doomed)",
    "DELETE FROM staged_shelf WHERE EXISTS (SELECT 1 FROM doomed) AND record IN (SELECT id FROM doomed)",
    "DELETE FROM record WHERE id IN (SELECT id FROM doomed)",
    "DELETE FROM searched WHERE record IN (SELECT id FROM doomed)",
    "INSERT INTO barcode SELECT barcode, record, position, digest FROM staged ORDER BY 1, 2, 3",
    "DROP TABLE staged",
    "INSERT INTO shelf SELECT key, record, digest FROM staged_shelf ORDER BY 1, 2",
    "DROP TABLE staged_shelf",
    "DROP TABLE held",
    # rows whose digest is another one: of several with one look-up value, or of a record whose part is no longer 1
    "CREATE TEMP TABLE renumbered AS SELECT id FROM record WHERE part > 1 AND key IN (SELECT key FROM doubled)",
    "CREATE TEMP TABLE stale_barcode AS SELECT barcode FROM barcode GROUP BY barcode HAVING count(*) > 1 UNION "
    "SELECT barcode FROM barcode WHERE EXISTS (SELECT 1 FROM renumbered) AND record IN (SELECT id FROM renumbered)",
    "CREATE TEMP TABLE stale_key AS SELECT key FROM shelf GROUP BY key HAVING count(*) > 1 UNION "
    "SELECT key FROM shelf WHERE EXISTS (SELECT 1 FROM renumbered) AND record IN (SELECT id FROM renumbered)",
    *_COUNT_AGAIN,
    "DELETE FROM unread WHERE EXISTS (SELECT 1 FROM barcode WHERE barcode.barcode = unread.barcode)",
)
_NO_LONGER_NEEDED: Final = (
    "DROP TABLE renumbered",
    "DROP TABLE stale_barcode",
    "DROP TABLE stale_key",
    "DROP TABLE doubled",
    "DROP TABLE doomed",
)
_ITEMS_OF: Final = (
    "SELECT record.source, count(*) FROM barcode JOIN record ON record.id = barcode.record GROUP BY record.source"
)
_TWICE: Final = (
    "SELECT barcode, count(*) FROM barcode WHERE barcode IN (SELECT barcode FROM stale_barcode) "
    "GROUP BY barcode HAVING count(*) > 1"
)
_WHERE_TWICE: Final = (
    "SELECT record.key, record.part FROM barcode JOIN record ON record.id = barcode.record "
    "WHERE barcode.barcode = ? ORDER BY barcode.record, barcode.position LIMIT ?"
)


def settle(half: UnfinishedImport, should_stop: Callable[[], bool], judge: Judge | None = None) -> None:
    """Turn a half-built index whose files were all read into an index. `judge`: for the rules that many of its records
    break; None = no record is judged. Raises `Stopped`; the records read are kept."""
    if half.state.settled:
        return
    connection, state = half.connection, half.state
    teach(connection)
    with _interruptible(connection, lambda: half.say("sorting"), should_stop):
        for statement in (*LOOKUP, *_TAKE_OUT_DELETED):
            connection.execute(statement)
        dropped = _count(connection, "SELECT count(*) FROM doomed")
        for statement in _NUMBER_SAME_KEYS:
            connection.execute(statement)
        items = _count(connection, "SELECT count(*) FROM barcode")
        state.unread_count = _count(connection, "SELECT count(DISTINCT barcode) FROM unread")
        count = 0
        duplicates: list[Duplicate] = []
        for barcode, times in connection.execute(_TWICE):
            count += times - 1
            if len(duplicates) < LISTED:
                duplicates += _named(connection, barcode, LISTED - len(duplicates))
        for statement in _NO_LONGER_NEEDED:
            connection.execute(statement)
        state.settled, state.dropped, state.items = True, dropped, items
        state.duplicate_count, state.duplicates = count, duplicates
        of_file = dict(connection.execute(_ITEMS_OF)) if len(state.files) > 1 else {1: items}
        connection.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    number,
                    state.token,
                    file.name,
                    file.path,
                    file.size,
                    file.sha256,
                    file.records,
                    of_file.get(number, 0),
                )
                for number, file in enumerate(state.files, 1)
            ],
        )
        if (common := state.prices.common) is not None:
            connection.execute("INSERT INTO file_price SELECT number, ?, ? FROM source", (common.kind, common.price))
        if judge is not None:
            priced_alike = common is not None and state.prices.items >= ENOUGH
            for number, sample in sampled(connection, judge, price_of_file=priced_alike).items():
                rows = [(number, rule, records) for rule, records in sample.counts.items()]
                connection.executemany("INSERT INTO file_rule VALUES (?, ?, ?)", rows)
        search.build(connection)
        seal(connection)
        search.seal(connection)
        half.conclude()


def _named(connection: sqlite3.Connection, barcode: str, at_most: int) -> Iterator[Duplicate]:
    rows = connection.execute(_WHERE_TWICE, (barcode, at_most + 1)).fetchall()
    first, *others = (shown_key(*row) for row in rows)
    return (Duplicate(barcode, (first, other)) for other in others)


_LEFT: Final = (
    "SELECT EXISTS (SELECT 1 FROM main.record WHERE key NOT IN (SELECT key FROM news.record) "
    "AND key NOT IN (SELECT key FROM news.gone))"
)
_UNREAD_LEFT: Final = (
    "SELECT EXISTS (SELECT 1 FROM main.unread WHERE barcode NOT IN (SELECT barcode FROM news.barcode) "
    "AND barcode NOT IN (SELECT barcode FROM news.unread))"
)


def all_replaced(index_path: Path, half: Path) -> tuple[int, int] | None:
    """Return (records replaced, records deleted) if a settled half covers every record of the index; else None.

    In that case nothing of the index is needed: a whole export that is imported again replaces it like a first import.
    """
    with closing(sqlite3.connect(_unchanged(index_path), uri=True, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS news", (_unchanged(half),))
        if _count(connection, _LEFT) or (has_unread(connection) and _count(connection, _UNREAD_LEFT)):
            return None
        deleted = _count(
            connection, "SELECT count(*) FROM main.record WHERE key IN (SELECT key FROM news.gone WHERE deleted)"
        )
        return _count(connection, "SELECT count(*) FROM main.record") - deleted, deleted


def _unchanged(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


_TOUCHED: Final = (
    "CREATE TEMP TABLE touched (key TEXT PRIMARY KEY, deleted INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT INTO touched SELECT DISTINCT key, 0 FROM news.record ORDER BY key",
    "INSERT INTO touched SELECT key, max(deleted) FROM news.gone WHERE true GROUP BY key "
    "ON CONFLICT (key) DO UPDATE SET deleted = max(deleted, excluded.deleted)",
    "CREATE TEMP TABLE old (id INTEGER PRIMARY KEY, deleted INTEGER NOT NULL)",
    "INSERT INTO old SELECT record.id, touched.deleted FROM touched CROSS JOIN main.record ON record.key = touched.key",
)
_EXCHANGE: Final = (
    # rows whose count may differ afterwards
    "CREATE TEMP TABLE stale_barcode AS SELECT DISTINCT barcode FROM main.barcode WHERE record IN (SELECT id FROM old)",
    "CREATE TEMP TABLE stale_key AS SELECT DISTINCT key FROM main.shelf WHERE record IN (SELECT id FROM old) "
    "UNION SELECT key FROM news.shelf",
    "DELETE FROM main.barcode WHERE record IN (SELECT id FROM old)",
    "DELETE FROM main.shelf WHERE record IN (SELECT id FROM old)",
    "DELETE FROM main.record WHERE id IN (SELECT id FROM old)",
    "DELETE FROM main.barcode WHERE barcode IN (SELECT barcode FROM news.barcode)",
)


def join(place: Path, half: Path, say: Callable[[], None], stop: Callable[[], bool]) -> tuple[int, int]:
    """Apply a settled half to the copy of an index at `place`. Return (records replaced, records deleted). Raises
    `Stopped`.

    No reader uses the copy before it is moved, so it needs no journal. The caller syncs it once.
    """
    connection = sqlite3.connect(place.absolute().as_uri(), uri=True, isolation_level=None)
    try:
        for pragma in (*PRAGMAS, "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF"):
            connection.execute(pragma)
        connection.execute("ATTACH ? AS news", (_unchanged(half),))
        teach(connection)
        with _interruptible(connection, say, stop):
            connection.execute("BEGIN")
            for statement in _TOUCHED:
                connection.execute(statement)
            searchable = search.can_search(connection)
            deleted = _count(connection, "SELECT count(*) FROM old WHERE deleted")
            replaced = _count(connection, "SELECT count(*) FROM old") - deleted
            for statement in (*search.TAKE_OUT, *_EXCHANGE) if searchable else _EXCHANGE:
                connection.execute(statement)
            behind = _count(connection, "SELECT coalesce(max(id), 0) FROM main.record")
            files = _count(connection, "SELECT coalesce(max(number), 0) FROM main.source")
            connection.execute(
                "INSERT INTO main.record SELECT id + ?, key, part, source + ?, digest, raw FROM news.record ORDER BY id",
                (behind, files),
            )
            connection.execute(
                "INSERT INTO main.barcode SELECT barcode, record + ?, position, digest FROM news.barcode ORDER BY 1, 2, 3",
                (behind,),
            )
            connection.execute(
                "INSERT INTO main.shelf SELECT key, record + ?, digest FROM news.shelf ORDER BY 1, 2", (behind,)
            )
            if searchable:
                search.add(connection, behind)
            for statement in _COUNT_AGAIN:
                connection.execute(statement)
            if not has_unread(connection):
                for statement in REJECTED:
                    connection.execute(statement)
            connection.execute(
                "INSERT INTO main.rejected SELECT source + ?, number, offset, reason FROM news.rejected", (files,)
            )
            connection.execute(
                "DELETE FROM main.unread WHERE barcode IN (SELECT barcode FROM news.barcode UNION ALL "
                "SELECT barcode FROM news.unread)"
            )
            connection.execute("INSERT INTO main.unread SELECT barcode, source + ?, number FROM news.unread", (files,))
            if not has_file_price(connection):
                for statement in FILE_PRICE:
                    connection.execute(statement)
            connection.execute(
                "INSERT INTO main.file_price SELECT source + (SELECT coalesce(max(number), 0) FROM main.source), kind, price "
                "FROM news.file_price"
            )
            if not has_file_rule(connection):
                for statement in FILE_RULE:
                    connection.execute(statement)
            connection.execute(
                "INSERT INTO main.file_rule SELECT source + ?, rule, records FROM news.file_rule", (files,)
            )
            connection.execute(
                "INSERT INTO main.source SELECT number + ?, token, name, path, size, sha256, records, items "
                "FROM news.source ORDER BY number",
                (files,),
            )
            seal(connection)
            if searchable:
                search.seal(connection)
            connection.execute("COMMIT")
    finally:
        connection.close()
    return replaced, deleted


def _count(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


@contextmanager
def _interruptible(
    connection: sqlite3.Connection, say: Callable[[], None], should_stop: Callable[[], bool]
) -> Iterator[None]:
    """Let long statements check progress and stop. A stop ends the statement and its transaction."""
    raised: list[BaseException] = []

    def look() -> int:
        try:
            say()
            return should_stop()
        except BaseException as error:  # SQLite would lose it: raise it after the statement
            raised.append(error)
            return 1

    say()
    if should_stop():
        raise Stopped(Sentence("store.import.stopped-read"))
    connection.set_progress_handler(look, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        if raised:
            raise raised[0] from error
        raise Stopped(Sentence("store.import.stopped-read")) from error
    finally:
        connection.set_progress_handler(None, 0)
