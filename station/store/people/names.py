"""Names of workers: the only file with names, so that a name can be erased while the journal's chain stays intact.

`people.db` is beside the journal. It holds id, login and name, the cards and badges of each person (`cards`), and the
PIN verifiers (`pins`). It has a rollback journal (a write-ahead log would keep old pages). `secure_delete` overwrites
deleted data with zeros, and an erasure ends with VACUUM, so that the name is nowhere in the file. Earlier copies of the
file are not reached, nor old data inside a flash medium.

Each change renews the digest of the content in its own transaction (`station.store.people.digest`), and each use compares
it first. So a damaged row is neither believed nor sealed by the next change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import PeopleUnusable, StoreCorrupt, StoreError, StoreTooNew, WorkerTaken, WorkerUnknown
from station.base.sentence import Sentence
from station.base.text import clean
from station.store.database.copying import copy_database
from station.store.database.database import (
    BUSY_MS,
    Sql,
    damage_confirmed,
    integrity_check,
    set_pragmas,
    transaction,
    translated,
)
from station.store.database.disk import put_new
from station.store.people import digest

APPLICATION_ID: Final = 0x52_50_53_50
"""Bytes 68 to 71 of the file: "RPSP"."""
SCHEMA_VERSION: Final = 5
_WITH_DIGEST: Final = 5
"""First schema that has the digest."""
LONGEST: Final = 60
"""Maximum characters of a login or name."""
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
"""Changes of schema 2: sign-on."""
_THIRD: Final = (
    "ALTER TABLE people ADD COLUMN language TEXT NOT NULL DEFAULT ''",
    "PRAGMA user_version = 3",
)
"""Change of schema 3: the language of each person's screens."""
_FOURTH: Final = (
    "ALTER TABLE pins RENAME TO pins_before",
    """CREATE TABLE pins (
        worker TEXT NOT NULL,
        mark TEXT NOT NULL,
        seal TEXT NOT NULL,
        verifier TEXT NOT NULL,
        pepper TEXT NOT NULL,
        must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
        failures INTEGER NOT NULL CHECK (failures >= 0),
        boot TEXT NOT NULL,
        since REAL NOT NULL,
        PRIMARY KEY (worker, mark)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO pins (worker, mark, seal, verifier, pepper, must_change, failures, boot, since) "
    "SELECT worker, '', '', verifier, pepper, must_change, failures, boot, since FROM pins_before",
    "DROP TABLE pins_before",
    "PRAGMA user_version = 4",
)
"""Change of schema 4: each PIN has the mark of its event in the journal, and a seal over its person's login."""
_FIFTH: Final = (digest.TABLE, "PRAGMA user_version = 5")
"""Change of schema 5: the digest of the content."""


_NAMED: Final = """SELECT worker, login, name, language FROM people WHERE worker = :id OR login = :login
    ORDER BY worker <> :id LIMIT 1"""


class Person(msgspec.Struct, frozen=True):
    """A row of the table of people."""

    worker: str
    login: str
    """Login in settings and in `--operator`; lower case."""
    name: str
    """Name for the screen."""
    language: str = ""
    """Code of the language of the screens; "" = the station's."""


def login_of(text: str) -> str:
    """Return a login as it is stored: cleaned, without upper case; "" = none."""
    return clean(text, LONGEST).casefold()


class People:
    """The file at `path`; the first name creates it. Every call opens it separately, so that no process keeps it
    open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, login: str) -> Person | None:
        """Return the person with this login."""
        return self._one("SELECT worker, login, name, language FROM people WHERE login = ?", login_of(login))

    def by_id(self, worker: str) -> Person | None:
        """Return the person with this id; None after erasure."""
        return self._one("SELECT worker, login, name, language FROM people WHERE worker = ?", worker)

    def named(self, name: str) -> Person | None:
        """Return the person with this id, else the one with this login."""
        with self.reading() as sql:
            row = sql.execute(_NAMED, {"id": name, "login": login_of(name)}).fetchone() if sql is not None else None
        return None if row is None else Person(*row)

    def all_of(self) -> tuple[Person, ...]:
        """Return all people, by login."""
        with self.reading() as sql:
            rows = (
                sql.execute("SELECT worker, login, name, language FROM people ORDER BY login")
                if sql is not None
                else ()
            )
            return tuple(Person(*row) for row in rows)

    def add(self, worker: str, login: str, name: str, language: str = "") -> Person:
        """Store a name. Raises `WorkerTaken`."""
        person = Person(worker, login_of(login), clean(name, LONGEST) or login_of(login), language)
        with self.writing() as sql:
            taken = sql.execute("SELECT 1 FROM people WHERE login = ? OR worker = ?", (person.login, worker)).fetchone()
            if taken:
                raise WorkerTaken(person.login)
            sql.execute(
                "INSERT INTO people (worker, login, name, language) VALUES (?, ?, ?, ?)",
                (worker, person.login, person.name, language),
            )
        return person

    def rename(self, worker: str, name: str) -> Person:
        """Change the name for the screen. The old name is overwritten. Raises `WorkerUnknown`."""
        old = self.by_id(worker)
        if old is None:
            raise WorkerUnknown(worker)
        with self.writing(vacuum=True) as sql:
            sql.execute("UPDATE people SET name = ? WHERE worker = ?", (clean(name, LONGEST) or old.login, worker))
        return msgspec.structs.replace(old, name=clean(name, LONGEST) or old.login)

    def speak(self, worker: str, language: str) -> Person:
        """Set the language of a person's screens; "" = the station's. Raises `WorkerUnknown`."""
        person = self.by_id(worker)
        if person is None:
            raise WorkerUnknown(worker)
        with self.writing() as sql:
            sql.execute("UPDATE people SET language = ? WHERE worker = ?", (language, worker))
        return msgspec.structs.replace(person, language=language)

    def erase(self, worker: str) -> bool:
        """Erase login and name, cards and PIN. No byte of the file holds them afterwards. Return False if there was no
        name."""
        if not self._path.exists():
            return False
        with self.writing(vacuum=True) as sql:
            person = sql.execute("SELECT 1 FROM people WHERE worker = ?", (worker,)).fetchone()
            sql.execute("DELETE FROM people WHERE worker = ?", (worker,))
            sql.execute("DELETE FROM pins WHERE worker = ?", (worker,))
            sql.execute("DELETE FROM cards WHERE worker = ?", (worker,))
        return person is not None

    def schema(self) -> int:
        """Return the schema of the file; 0 = there is none. Raises `StoreError`."""
        if not self._path.exists():
            return 0
        with self._connected() as sql:
            return int(sql.execute("PRAGMA user_version").fetchone()[0])

    def upgrade(self) -> None:
        """Bring the file to the newest schema. Do nothing if there is none. Raises `StoreError`."""
        if 0 < self.schema() < SCHEMA_VERSION:
            with self._connected() as sql:
                set_pragmas(sql, _PRAGMAS)
                _upgrade(sql)

    def copy(self, target: Path) -> int:
        """Copy the file, of whatever schema, to the new file `target`. Return its schema; 0 = there is no file, and none
        was made. Raises `StoreError`."""
        if not self._path.exists():
            return 0
        with self._connected() as sql:
            sql.execute("BEGIN")
            if digest.has_digest(sql):
                self._require_unchanged(sql)
            copy_database(sql, target)
        return self.schema()

    def require_whole(self) -> None:
        """Raise `PeopleUnusable` if the content or, by SQLite's thorough check, the file is damaged. Do nothing if
        there is none."""
        with self.reading() as sql:
            if sql is not None and (findings := integrity_check(sql)):
                raise PeopleUnusable(Sentence("store.copy-damaged", path=str(self._path), why=findings[0]))

    def _one(self, statement: str, value: str) -> Person | None:
        with self.reading() as sql:
            row = sql.execute(statement, (value,)).fetchone() if sql is not None else None
        return None if row is None else Person(*row)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Read the file in one transaction, so that the content is what its digest was compared with. Yield None if
        there is no file yet. Raises `PeopleUnusable`."""
        if not self._path.exists():
            yield None
            return
        with self._open() as sql, translated(self._path):
            sql.execute("BEGIN")  # ends when the file is closed
            self._require_unchanged(sql)
            yield sql

    @contextmanager
    def writing(self, *, vacuum: bool = False) -> Iterator[sqlite3.Connection]:
        """Change the file in one transaction, together with its digest; create it if there is none. `vacuum`: leave no
        byte of deleted rows in the file. Raises `PeopleUnusable`; then nothing has changed."""
        if not self._path.exists():
            _create(self._path)
        with self._open() as sql, translated(self._path):
            with transaction(sql):
                self._require_unchanged(sql)
                yield sql
                digest.renew_digest(sql)
            if vacuum:
                sql.execute("VACUUM")

    def _require_unchanged(self, sql: Sql) -> None:
        if not digest.is_unchanged(sql):
            raise PeopleUnusable(_altered(self._path))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as connection:
            set_pragmas(connection, _PRAGMAS)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < SCHEMA_VERSION:
                sentence = Sentence("store.schema.older", path=str(self._path), schema=version, known=SCHEMA_VERSION)
                raise StoreError(sentence)
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Connect to the file of whatever schema, and change nothing."""
        path = self._path
        with translated(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw&psow=0", uri=True, isolation_level=None, timeout=BUSY_MS / 1000
            )
        try:
            with damage_confirmed(connection, path):
                _check(connection, path)
                yield connection
        except StoreCorrupt as error:
            raise PeopleUnusable(error.detail) from error
        finally:
            connection.close()


def _create(path: Path) -> None:
    """Create the empty file, complete. If another process is faster, keep its file."""
    with translated(path), closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        for statement in (*_SCHEMA, *_SECOND, *_THIRD, *_FOURTH, *_FIFTH):
            made.execute(statement)
        digest.begin_digest(made)
        content = made.serialize()
    put_new(path, content)


def _check(sql: Sql, path: Path) -> None:
    application = sql.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise PeopleUnusable(Sentence("store.people.not-one", path=str(path)))
    has_digest = digest.has_digest(sql)  # before the schema: another program may upgrade the file in between
    version = sql.execute("PRAGMA user_version").fetchone()[0]
    if has_digest and version < _WITH_DIGEST:
        raise PeopleUnusable(_altered(path))
    if version > SCHEMA_VERSION:
        raise StoreTooNew(Sentence("store.schema.newer", path=str(path), schema=version, known=SCHEMA_VERSION))


def _upgrade(sql: Sql) -> None:
    """Upgrade a file of an older schema. If two programs try at once, only one does it."""
    with transaction(sql):
        version = sql.execute("PRAGMA user_version").fetchone()[0]
        for newer, statements in ((2, _SECOND), (3, _THIRD), (4, _FOURTH), (5, _FIFTH)):
            if version < newer:
                for statement in statements:
                    sql.execute(statement)
        if version < _WITH_DIGEST:
            digest.begin_digest(sql)


def _altered(path: Path) -> Sentence:
    return Sentence("store.people.altered", path=str(path))
