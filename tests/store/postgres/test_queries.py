"""Every statement that the queries of a bench run gives the same rows at the center."""

from __future__ import annotations

import inspect
import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import StationError, StoreError
from station.store.database.database import open_writer
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.postgres.sql import PostgresSql
from station.store.queries import tables
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.postgres.both_engines import EVENTS, center, copy, project
from tests.store.postgres.test_projections import random_events
from tests.support import sample_events

OF_A_BENCH = {"verify", "break_between", "check_heads", "restored", "lost_heads", "head", "at_once", "seen_by"}
"""Methods about the file or its hash chain, which the center checks in its own way."""


class Rows:
    """All rows of a statement, as SQLite's cursor gives them."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def fetchmany(self, size: int) -> list[Any]:
        return list(itertools.islice(self._rows, size))


class Recording:
    """A connection that records its statements with their parameters and rows."""

    def __init__(self, connection: sqlite3.Connection, record: dict[tuple[str, str], tuple[Any, list[Any]]]) -> None:
        self._connection, self._record = connection, record

    def execute(self, statement: str, parameters: Any = ()) -> Rows:
        rows = self._connection.execute(statement, parameters).fetchall()
        if statement.lstrip().startswith(("SELECT", "WITH")) and "pragma" not in statement:
            self._record[statement, repr(parameters)] = (parameters, rows)
        return Rows(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def methods() -> Iterator[tuple[str, inspect.Signature]]:
    """Yield the public methods of the queries, with the signature of the function that one stands for."""
    for name, method in inspect.getmembers(Queries, inspect.isfunction):
        if name.startswith("_") or name in OF_A_BENCH:
            continue
        asked = inspect.getclosurevars(method).nonlocals.get("ask")
        signature = inspect.signature(method if asked is None else asked)
        yield name, signature.replace(parameters=[*signature.parameters.values()][1:])


def arguments(signature: inspect.Signature, texts: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what a method is asked with: each text of the journal, and small numbers."""
    choices: list[list[tuple[str, Any]]] = []
    for name, parameter in signature.parameters.items():
        kind = str(parameter.annotation)
        if kind.startswith(("str", "Barcode", "Uid")):
            choices.append([(name, text) for text in texts])
        elif kind.startswith("int"):
            choices.append([(name, number) for number in (0, 1, 50)])
        elif kind == "bool":
            choices.append([(name, False), (name, True)])
        elif parameter.default is parameter.empty:
            return
    several = sum(len(choice) == len(texts) for choice in choices) > 1
    turns = zip(
        *map(itertools.cycle, choices), range(len(texts)), strict=False
    )  # in turn, because all pairs are too many
    for chosen in turns if several else itertools.product(*choices):
        yield dict(pair for pair in chosen if isinstance(pair, tuple))


@contextmanager
def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[sqlite3.Connection, dict[Any, Any]]]:
    """Make a journal, ask it everything, and return what was asked."""
    record: dict[tuple[str, str], tuple[Any, list[Any]]] = {}
    path = folder / "journal.db"
    with closing(open_writer(path)) as sql:
        sql.execute("PRAGMA foreign_keys=OFF")
        journal = JournalStore(sql, FakeClock(), lambda _day: sample_events.RULES)
        journal.record(sample_events.RULES)
        random_events(journal, 7)
        for event in sample_events.ONE_OF_EACH:
            if type(event).__name__ != "TimelineBegan":
                with suppress(sqlite3.IntegrityError):
                    journal.record(sample_events.signed(event))
        journal.record(sample_events.judged(), deliveries=[sample_events.delivery()])
        opened = tables.open_reader
        monkeypatch.setattr(tables, "open_reader", lambda path: Recording(opened(path), record))
        asked = Queries(path, FakeClock())
        names = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        texts = {"", "ann"}
        for name in set(names) - {"events", "journal", "_sqlite_migrations"}:
            rows = sql.execute(f"SELECT * FROM {name} LIMIT 20").fetchall()
            texts |= {value for row in rows for value in row[:2] if isinstance(value, str) and len(value) < 40}
        for name, signature in methods():
            for values in arguments(signature, sorted(texts)):
                with suppress(StationError, ValueError, KeyError):
                    getattr(asked, name)(**values)
        yield sql, record


def test_each_statement_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, center_database: str
) -> None:
    with recorded(tmp_path, monkeypatch) as (sql, record), center(center_database) as fleet:
        copy(center_database, "bench", hash_chain.journal_id(sql), sql.execute(EVENTS))
        project(fleet, "bench")
        for row in sql.execute("SELECT id, event_seq, place, system, lane, intent, not_before FROM outbox"):
            fleet.execute(
                "INSERT INTO outbox (id, event_seq, place, system, lane, intent, not_before) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        different: dict[str, str] = {}
        for (statement, _), (parameters, rows) in record.items():
            if statement not in different and (found := at_the_center(fleet, statement, parameters)) != ordered(
                statement, rows
            ):
                different[statement] = f"{parameters}: {found} instead of {rows}"
        assert len({statement for statement, _ in record}) > 100
        assert not different, "\n".join(f"{statement}\n  {why}" for statement, why in different.items())


def at_the_center(fleet: PostgresSql, statement: str, parameters: Any) -> list[Any] | str:
    try:
        return ordered(statement, list(fleet.execute(statement, parameters)))
    except StoreError as error:
        return str(error)


def ordered(statement: str, rows: list[Any]) -> list[Any]:
    """Return the rows in an order that does not depend on the engine. A statement without an order may give any."""
    return rows if "ORDER BY" in statement else sorted(rows, key=repr)
