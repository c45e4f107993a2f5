"""Names of workers: the one file in which they stand, so that a name can be erased and the journal's chain stays whole.

`people.db` lies beside the journal and holds id, login and name, the cards and badges of each (`cards`), and what proves
a PIN (`pins`). It has a rollback journal (no write-ahead log, which
would keep old pages), `secure_delete` overwrites what is deleted with zeros, and an erasure ends with VACUUM, so that
the file holds the name nowhere. Copies of the file made before are not reached, nor what a flash medium keeps inside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import PeopleUnusable, StoreCorrupt, StoreTooNew, WorkerTaken, WorkerUnknown
from station.base.text import clean
from station.base.words import tell
from station.store.database.database import BUSY_MS, Sql, damage_confirmed, set_pragmas, transaction, translated
from station.store.database.disk import put_new

APPLICATION_ID: Final = 0x52_50_53_50
"""Bytes 68 to 71 of the file: "RPSP"."""
SCHEMA_VERSION: Final = 2
LONGEST: Final = 60
"""Characters of a login or name."""
_PRAGMAS: Final = (
    ("PRAGMA journal_mode=DELETE", "PRAGMA journal_mode", "delete"),
    ("PRAGMA synchronous=EXTRA", "PRAGMA synchronous", 3),
    ("PRAGMA secure_delete=ON", "PRAGMA secure_delete", 1),
    ("PRAGMA busy_timeout=5000", "PRAGMA busy_timeout", BUSY_MS),
    ("PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", 0),
    ("PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", 1),
    ("PRAGMA mmap_size=0", "PRAGMA mmap_size", 0),
    ("PRAGMA temp_store=MEMORY", "PRAGMA temp_store", 2),
)
_SCHEMA: Final = (
    "PRAGMA application_id = 1380995920",
    """CREATE TABLE people (
        worker TEXT PRIMARY KEY,
        login TEXT NOT NULL UNIQUE CHECK (login <> ''),
        name TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "PRAGMA user_version = 1",
)
_SECOND: Final = (
    """CREATE TABLE pins (
        worker TEXT PRIMARY KEY,
        verifier TEXT NOT NULL,
        pepper TEXT NOT NULL,
        must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
        failures INTEGER NOT NULL CHECK (failures >= 0),
        boot TEXT NOT NULL,
        since REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE cards (
        kind TEXT NOT NULL CHECK (kind IN ('barcode', 'badge')),
        card TEXT NOT NULL CHECK (card <> ''),
        worker TEXT NOT NULL,
        PRIMARY KEY (kind, card)
    ) STRICT, WITHOUT ROWID""",
    "PRAGMA user_version = 2",
)
"""What schema 2 adds: sign-on."""


class Person(msgspec.Struct, frozen=True):
    """One row."""

    worker: str
    login: str
    """What the settings and `--operator` say; in lower case."""
    name: str
    """For the screen."""


def login_of(text: str) -> str:
    """A login as it is kept: clean, without upper case; "" = none."""
    return clean(text, LONGEST).casefold()


class People:
    """The file at `path`; it is made by the first name. Every call opens it for itself, so that no process holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, login: str) -> Person | None:
        """Whoever signs on as that."""
        return self._one("SELECT worker, login, name FROM people WHERE login = ?", login_of(login))

    def by_id(self, worker: str) -> Person | None:
        """The name behind an id; `None` once it is erased."""
        return self._one("SELECT worker, login, name FROM people WHERE worker = ?", worker)

    def all_of(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        if not self._path.exists():
            return ()
        with self._open() as sql:
            return tuple(Person(*row) for row in sql.execute("SELECT worker, login, name FROM people ORDER BY login"))

    def add(self, worker: str, login: str, name: str) -> Person:
        """Keep a name; raises `WorkerTaken`."""
        person = Person(worker, login_of(login), clean(name, LONGEST) or login_of(login))
        with self._open(create=True) as sql, transaction(sql):
            taken = sql.execute("SELECT 1 FROM people WHERE login = ? OR worker = ?", (person.login, worker)).fetchone()
            if taken:
                raise WorkerTaken(person.login)
            sql.execute(
                "INSERT INTO people (worker, login, name) VALUES (?, ?, ?)", (worker, person.login, person.name)
            )
        return person

    def rename(self, worker: str, name: str) -> Person:
        """Another name for the screen; raises `WorkerUnknown`. The old one is overwritten."""
        old = self.by_id(worker)
        if old is None:
            raise WorkerUnknown(worker)
        with self._open() as sql:
            with transaction(sql):
                sql.execute("UPDATE people SET name = ? WHERE worker = ?", (clean(name, LONGEST) or old.login, worker))
            sql.execute("VACUUM")
        return msgspec.structs.replace(old, name=clean(name, LONGEST) or old.login)

    def erase(self, worker: str) -> bool:
        """Forget login and name, cards and PIN; False when there was no name. Afterwards no byte of the file holds them."""
        if not self._path.exists():
            return False
        with self._open() as sql:
            with transaction(sql):
                found = sql.execute("SELECT 1 FROM people WHERE worker = ?", (worker,)).fetchone()
                sql.execute("DELETE FROM people WHERE worker = ?", (worker,))
                sql.execute("DELETE FROM pins WHERE worker = ?", (worker,))
                sql.execute("DELETE FROM cards WHERE worker = ?", (worker,))
            sql.execute("VACUUM")
        return found is not None

    def _one(self, statement: str, value: str) -> Person | None:
        if not self._path.exists():
            return None
        with self._open() as sql:
            row = sql.execute(statement, (value,)).fetchone()
        return None if row is None else Person(*row)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The file for a look; None where there is none yet."""
        if not self._path.exists():
            yield None
            return
        with self._open() as sql, translated(self._path):
            yield sql

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The file for a change; it is made where there is none yet."""
        with self._open(create=True) as sql, translated(self._path):
            yield sql

    @contextmanager
    def _open(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        path = self._path
        if create and not path.exists():
            _create(path)
        with translated(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw&psow=0", uri=True, isolation_level=None, timeout=BUSY_MS / 1000
            )
        try:
            with damage_confirmed(connection, path):
                _check(connection, path)
                set_pragmas(connection, _PRAGMAS)
                _upgrade(connection)
                yield connection
        except StoreCorrupt as error:
            raise PeopleUnusable(error.detail) from error
        finally:
            connection.close()


def _create(path: Path) -> None:
    """Make the empty file, whole; another process that was faster wins."""
    with translated(path), closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for statement in (*_SCHEMA, *_SECOND):
            made.execute(statement)
        content = made.serialize()
    put_new(path, content)


def _check(sql: Sql, path: Path) -> None:
    application = sql.execute("PRAGMA application_id").fetchone()[0]
    version = sql.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise PeopleUnusable(tell("store.people.not-one", path=path))
    if version > SCHEMA_VERSION:
        raise StoreTooNew(tell("store.schema.newer", path=path, schema=version, known=SCHEMA_VERSION))


def _upgrade(sql: Sql) -> None:
    """A file of schema 1 gets what is new; two programs at once do it once."""
    if sql.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
        return
    with transaction(sql):
        if sql.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            for statement in _SECOND:
                sql.execute(statement)
