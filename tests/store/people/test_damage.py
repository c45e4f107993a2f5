"""A bit of people.db that changed on the medium: nothing that it changed is read, and the next change does not seal it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import PeopleUnusable, StoreError, StoreLocked
from station.store.database.database import Sql
from station.store.people import digest, names
from station.store.people.names import People, Person
from tests.support.for_each import for_each

PEOPLE = 60


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of people with PINs and cards."""
    path = tmp_path_factory.mktemp("good") / "people.db"
    with People(path).writing() as sql:
        for number in range(PEOPLE):
            worker, verifier = f"w-{number}", f"$argon2id$v=19$m=65536,t=3,p=1${number:022}${number:043}"
            sql.execute("INSERT INTO people VALUES (?, ?, ?, 'es')", (worker, f"login{number}", f"Somebody {number}"))
            sql.execute(
                "INSERT INTO pins VALUES (?, ?, ?, ?, '0a1b2c3d', 1, 2, 'boot', 1.5)",
                (worker, f"mark{number:012}", f"seal{number:012}", verifier),
            )
            sql.execute("INSERT INTO cards VALUES ('barcode', ?, ?)", (f"staff-{number}", worker))
    return path.read_bytes()


def content(path: Path) -> Any:
    """Return all content as the station reads it."""
    people = People(path)
    with people.reading() as sql:
        assert sql is not None
        rows = [list(sql.execute(f"SELECT * FROM {table}")) for table in ("people", "pins", "cards")]
        logins = "SELECT worker, name FROM people WHERE login = ?"
        return rows, [sql.execute(logins, (f"login{number}",)).fetchone() for number in range(PEOPLE)]


def altered(good: bytes, path: Path, seeds: Iterable[int]) -> tuple[int, int]:
    """Flip one to three bits for each seed. Return how many files were refused, and how many gave other content."""
    path.write_bytes(good)
    before, refused, other = content(path), 0, 0
    for seed in seeds:
        chance, flipped = random.Random(seed), bytearray(good)
        for _ in range(1 + seed % 3):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            other += content(path) != before
        except StoreError:
            refused += 1
    return refused, other


def test_flipped_bits_are_noticed_or_change_nothing(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = range(30)
    refused, other = altered(good, tmp_path / "people.db", seeds)
    assert refused > 10
    assert other == 0
    monkeypatch.setattr(digest, "is_unchanged", lambda _: True)
    refused, other = altered(good, tmp_path / "people.db", seeds)
    assert other > 10, "without the digest, the same bits change what is read"


@pytest.mark.soak
def test_a_thousand_times_flipped_bits(good: bytes, tmp_path: Path) -> None:
    refused, other = altered(good, tmp_path / "people.db", range(1000))
    assert (refused > 300, other) == (True, 0), refused


ROWS = ["Somebody 7", "login7", "w-7", "es", "mark000000000007", "seal000000000007", "$argon2id", "0a1b2c3d", "boot"]
OTHER = ["staff-7", "barcode", "failures >= 0", "CREATE TABLE pins"]


@for_each("text", [*ROWS, *OTHER])
def test_a_flipped_letter_of_any_row_is_noticed(
    good: bytes, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("flipped") / "people.db"
    place, places = -1, 0
    while places < 3 and (place := good.find(text.encode(), place + 1)) >= 0:  # a login is also in its index
        flipped = bytearray(good)
        flipped[place] ^= 0x01
        path.write_bytes(flipped)
        with pytest.raises(PeopleUnusable):
            People(path).find("login1")
        with pytest.raises(PeopleUnusable):
            People(path).add("w-new", "new", "New")
        assert path.read_bytes() == flipped, "the next change must not seal the damage"
        places += 1
    assert places


@for_each("version", [1, 3, 4])
def test_a_changed_schema_number_is_no_older_file(
    good: bytes, tmp_path_factory: pytest.TempPathFactory, version: int
) -> None:
    path = tmp_path_factory.mktemp("older") / "people.db"
    path.write_bytes(good)
    with closing(sqlite3.connect(path, isolation_level=None)) as sql:
        sql.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(PeopleUnusable):
        People(path).find("login1")


# --- two programs at once -------------------------------------------------------------------------------------------


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    """A file with one person. No program waits for another one."""
    busy = "PRAGMA busy_timeout"
    pragmas = [(f"{busy}=0", busy, 0) if pragma[1] == busy else pragma for pragma in names._PRAGMAS]
    monkeypatch.setattr(names, "_PRAGMAS", pragmas)
    people = People(tmp_path / "people.db")
    people.add("w-1", "ann", "Ann")
    return people


def test_a_change_between_rows_and_digest_does_not_refuse_the_reader(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = digest._digest

    def changed_after(sql: Sql) -> bytes:
        monkeypatch.setattr(digest, "_digest", make)
        rows = make(sql)
        with suppress(StoreLocked):
            people.add("w-2", "bea", "Bea")
        return rows

    monkeypatch.setattr(digest, "_digest", changed_after)
    assert people.find("ann") is not None


def test_who_reads_before_the_digest_is_renewed_sees_the_rows_of_before(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Person] = []
    renew = digest.renew_digest

    def read_before(sql: Sql) -> None:
        seen.extend(people.all_of())
        renew(sql)

    monkeypatch.setattr(digest, "renew_digest", read_before)
    people.add("w-2", "bea", "Bea")
    assert [person.login for person in seen] == ["ann"]
    assert [person.login for person in people.all_of()] == ["ann", "bea"]
