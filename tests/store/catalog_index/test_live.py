"""A fresh record, a cached one with its age, or the index's record; and a cache file that can be deleted."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CredentialsRefused,
    InDoubt,
    RecordNotTold,
    Rejected,
    StationError,
    Throttled,
    Unreachable,
)
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import Check, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.domain.item import Barcode, ItemRecord
from station.store.catalog_index import last_answers
from station.store.catalog_index.last_answers import LastAnswers
from station.store.catalog_index.live import PAUSE_S, LiveCatalog, words
from tests.conftest import FakeClock
from tests.support.told import told

ONE = Barcode("31234000000015")
HOUR = 3600.0


class Live:
    """A library system that answers with `record` or raises `error`."""

    name = "alma"
    side_by_side = 1
    kinds: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.record = ItemRecord(barcode=ONE, title="live", origin=Sentence.verbatim("Alma"), call_number="QA 76")
        self.error: StationError | None = None
        self.asked = 0

    def look_up(self, barcode: Barcode) -> ItemRecord:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.record

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        raise AssertionError

    def confirm(self, delivery: Delivery) -> Confirmation:
        raise AssertionError

    def check(self) -> tuple[Check, ...]:
        raise AssertionError


class Index:
    """An index with one record, or none."""

    def __init__(self, record: ItemRecord | None) -> None:
        self.record = record

    def find(self, barcode: Barcode) -> ItemRecord:
        if self.record is None:
            raise BarcodeUnknown("not in the index")
        return self.record


INDEXED = ItemRecord(barcode=ONE, title="indexed", origin=Sentence.verbatim("catalog index"))


class World:
    def __init__(self, folder: Path, limit_s: float = 72 * HOUR, index: ItemRecord | None = INDEXED) -> None:
        self.clock = FakeClock()
        self.live = Live()
        self.remembered = LastAnswers(folder / "remembered.db")
        self.catalog = LiveCatalog(
            self.live, Index(index), self.clock, remembered=self.remembered, limit_s=limit_s,
            relabel=lambda record: record,
        )  # fmt: skip


def test_fresh_first_then_remembered_then_the_index(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.catalog.find(ONE) == world.live.record
    world.live.error = Unreachable("away")
    world.clock.seconds += 3 * HOUR
    old = world.catalog.find(ONE)
    assert (old.title, told(old.origin), told(old.age)) == ("live", "Alma", "3 hours old")
    world.clock.seconds += 72 * HOUR
    assert world.catalog.find(ONE).title == "indexed"
    world.live.error = None
    world.clock.seconds += PAUSE_S
    assert told(world.catalog.find(ONE).age) == ""


@pytest.mark.parametrize("limit", [0.0, HOUR])
def test_the_limit_is_the_settings(tmp_path: Path, limit: float) -> None:
    world = World(tmp_path, limit_s=limit)
    world.catalog.find(ONE)
    world.live.error = Throttled("slow down", 9)
    world.clock.seconds += 1
    assert world.catalog.find(ONE).title == ("live" if limit else "indexed")
    world.clock.seconds += HOUR
    assert world.catalog.find(ONE).title == "indexed"


def test_nobody_waits_for_a_system_that_did_not_answer(tmp_path: Path) -> None:
    """The next items are answered at once; after a pause the system is asked again."""
    world = World(tmp_path)
    world.live.error = Unreachable("away")
    for _ in range(5):
        assert world.catalog.find(ONE).title == "indexed"
    assert world.live.asked == 1
    world.clock.seconds += PAUSE_S
    assert world.catalog.find(ONE).title == "indexed"
    assert world.live.asked == 2


@pytest.mark.parametrize("error", [Rejected("no"), CredentialsRefused("no key"), InDoubt("odd")])
def test_a_no_is_no_silence(tmp_path: Path, error: StationError) -> None:
    world = World(tmp_path)
    world.catalog.find(ONE)
    world.live.error = error
    assert told(world.catalog.find(ONE).age) == "under a minute old"


def test_an_item_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    world = World(tmp_path, index=None)
    world.catalog.find(ONE)
    assert world.remembered.count() == 1
    world.live.error = BarcodeUnknown("401689")
    with pytest.raises(BarcodeUnknown, match=r"alma: 401689; not in the index"):
        world.catalog.find(ONE)
    assert world.remembered.count() == 0


@pytest.mark.parametrize(
    "error", [Unreachable("away"), CredentialsRefused("no key"), Throttled("wait", 9), Rejected("no")]
)
def test_what_was_not_asked_is_not_called_unknown(tmp_path: Path, error: StationError) -> None:
    """ "No record has this barcode" would send good items to the technician for as long as the line is down."""
    world = World(tmp_path, index=None)
    world.live.error = error
    with pytest.raises(RecordNotTold, match=f"alma: {told(error.detail)}; not in the index"):
        world.catalog.find(ONE)


def test_the_index_does_not_stand_in_for_an_item_that_is_not_there_without_a_word(tmp_path: Path) -> None:
    world = World(tmp_path, index=msgspec.structs.replace(INDEXED, standing=(Sentence.verbatim("on the shelf"),)))
    world.live.error = BarcodeUnknown("401689")
    found = world.catalog.find(ONE)
    assert (found.title, found.unknown_to) == ("indexed", "alma")
    assert tuple(map(told, found.standing)) == (
        "Alma has no item with this barcode. The catalog index has this one.", "on the shelf",
    )  # fmt: skip
    world.live.error = None
    assert world.catalog.find(ONE).unknown_to == ""


def test_why_the_index_answers_stands_in_the_origin(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live.error = CredentialsRefused("Alma does not take this key")
    found = world.catalog.find(ONE)
    assert told(found.origin) == "catalog index, not Alma: Alma does not take this key"
    assert (found.unknown_to, tuple(map(told, found.standing))) == ("", ()), "the item may exist there"


def test_two_items_are_told_and_nothing_stands_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live.error = BarcodeAmbiguous("2 items")
    with pytest.raises(BarcodeAmbiguous):
        world.catalog.find(ONE)


@pytest.mark.parametrize("years", [1, -1])
def test_a_clock_that_is_wrong_by_a_year(tmp_path: Path, years: int) -> None:
    """An impossible age is ignored, and the index's record is used."""
    world = World(tmp_path)
    world.catalog.find(ONE)
    world.live.error = Unreachable("away")
    world.clock.seconds += years * 366 * 24 * HOUR
    assert world.catalog.find(ONE).title == "indexed"


@given(st.floats(0, 1e9))
def test_an_age_in_words_is_never_more_than_it_is(seconds: float) -> None:
    found = words(seconds)
    if told(found) == "under a minute old":
        assert seconds < 60
        return
    count, unit, _ = told(found).split()
    size = {"minute": 60, "hour": 3600, "day": 86_400}[unit.rstrip("s")]
    assert int(count) * size <= seconds < (int(count) + 1) * size
    assert (int(count) > 1) is unit.endswith("s")


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["rubbish", "cut", "other", "empty", "version", "row", "name", "schema"])
def test_whatever_is_wrong_with_the_file_it_is_made_anew(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "remembered.db"
    store = LastAnswers(path)
    record = ItemRecord(barcode=ONE, title="x")
    store.keep("alma", record, "2026-11-24T10:00:00+00:00")
    if damage == "rubbish":
        path.write_bytes(b"not a database at all, and rather long" * 1000)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "name":
        path.write_bytes(path.read_bytes().replace(b"digest BLOB", b"digesu BLOB"))
    elif damage == "schema":  # SQLite's message quotes the word, which is not UTF-8
        path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE \xd4ABLE"))
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        connection = sqlite3.connect(path)
        statement = {
            "other": "PRAGMA application_id = 7",
            "version": "PRAGMA user_version = 99",
            "row": "UPDATE answer SET record = x'7b7d'",
        }[damage]
        connection.execute(statement)
        connection.commit()
        connection.close()
    assert store.find("alma", ONE) is None
    store.keep("alma", record, "2026-11-24T10:00:00+00:00")
    assert store.find("alma", ONE) == (record, "2026-11-24T10:00:00+00:00")


AT = "2026-11-24T10:00:00+00:00"
RECORDS = tuple(
    ItemRecord(
        barcode=Barcode(f"3123400000{number:04}"), title=f"Title {number}", location="Stacks", call_number="QA 76"
    )
    for number in range(12)
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of answers."""
    path = tmp_path_factory.mktemp("good") / "remembered.db"
    for record in RECORDS:
        LastAnswers(path).keep("alma", record, AT)
    return path.read_bytes()


def gone_and_other(path: Path, content: bytes) -> tuple[int, int]:
    """Return how many answers of this file are gone, and how many are others."""
    path.write_bytes(content)
    answers = [LastAnswers(path).find("alma", record.barcode) for record in RECORDS]
    other = sum(answer not in (None, (record, AT)) for record, answer in zip(RECORDS, answers, strict=True))
    return answers.count(None), other


def test_an_answer_that_the_disk_changed_is_forgotten(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "remembered.db"
    flipped = []
    for text in ("Title 3", "Stacks", "QA 76", AT):
        content = bytearray(good)
        content[good.index(text.encode()) + len(text) - 1] ^= 0x01
        flipped.append(bytes(content))
    *texts, time = [gone_and_other(path, content) for content in flipped]
    assert texts == [(1, 0)] * 3
    assert (time[0] > 0, time[1]) == (True, 0), "the index of times differs, too, so the file is made anew"
    always = type("Always", (bytes,), {"__ne__": lambda *_: False})
    monkeypatch.setattr(last_answers, "_digest", lambda *_: always(b"any"))
    assert [gone_and_other(path, content) for content in flipped] == [(0, 1)] * 4, "what the digest prevents"


@pytest.mark.soak
def test_a_thousand_times_flipped_bits_change_no_answer(good: bytes, tmp_path: Path) -> None:
    """One to three bits each. Afterwards the file takes answers again."""
    path, forgotten = tmp_path / "remembered.db", 0
    for seed in range(1000):
        chance, content = random.Random(seed), bytearray(good)
        for _ in range(1 + seed % 3):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        gone, other = gone_and_other(path, bytes(content))
        assert other == 0, seed
        forgotten += gone
        for _ in range(2):  # the first may find the damage, and is dropped with the file
            LastAnswers(path).keep("alma", RECORDS[0], AT)
        assert LastAnswers(path).find("alma", RECORDS[0].barcode) == (RECORDS[0], AT), seed
    assert forgotten > 300


def test_the_record_of_the_index_takes_the_place_of_a_changed_answer(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.catalog.find(ONE)
    path = tmp_path / "remembered.db"
    path.write_bytes(path.read_bytes().replace(b"live", b"lime"))
    world.live.error = Unreachable()
    assert world.catalog.find(ONE).title == "indexed"
    assert world.remembered.count() == 0


def test_a_place_where_nothing_can_be_kept_stops_nobody(tmp_path: Path) -> None:
    store = LastAnswers(tmp_path / "no-folder" / "remembered.db")
    store.keep("alma", ItemRecord(barcode=ONE), "2026-11-24T10:00:00+00:00")
    store.forget("alma", ONE)
    assert (store.find("alma", ONE), store.count()) == (None, 0)


def test_the_oldest_go_first_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "remembered.db"
    for number in range(12):
        at = f"2026-11-24T10:00:{number:02}+00:00"
        LastAnswers(path, most=10).keep("alma", ItemRecord(barcode=Barcode(str(number))), at)  # each deletes the oldest
    store = LastAnswers(path)
    assert store.count() == 10
    assert store.find("alma", Barcode("0")) is None
    assert store.find("alma", Barcode("11")) is not None
    assert store.find("sip2", Barcode("11")) is None
    assert path.stat().st_mode & 0o077 == 0
