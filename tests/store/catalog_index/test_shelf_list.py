"""The shelf list: which other records have this call number, from the catalog index and all later imports."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Record, Subfield

from station.base.errors import IndexUnusable
from station.base.settings import CatalogSettings
from station.catalog.callnumber import sort_key
from station.catalog.record.call_number import candidates, first_candidate
from station.catalog.record.profiles import Item
from station.catalog.record.shelf_keys import keys_in
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Shelved
from station.store.catalog_index.import_file import import_file, upgraded
from station.store.catalog_index.index import CatalogIndex, sources_of
from station.store.catalog_index.rebuild import rebuild
from tests.support.told import raises_told, told

SETTINGS = CatalogSettings()


def field(tag: str, indicators: str, *pairs: str) -> Field:
    return Field(tag, Indicators(*indicators), [Subfield(pair[0], pair[1:]) for pair in pairs])


def record(ident: str, title: str, *items: tuple[str, str], hint: str = "", deleted: bool = False) -> bytes:
    made = Record()
    made.leader = f"00000{'d' if deleted else 'n'}am a2200000 i 4500"  # type: ignore[assignment]
    made.add_field(Field("001", data=ident))  # type: ignore[no-untyped-call]
    made.fields.append(field("245", "00", f"a{title}"))
    if hint:
        made.fields.append(field("050", " 4", f"a{hint}"))
    for barcode, number in items:
        made.fields.append(field("949", "  ", *([f"a{number}", "wLC"] if number else []), f"i{barcode}"))
    return made.as_marc()


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "catalog.db"
        self.index = CatalogIndex(self.path, "symphony-949", SETTINGS)
        self.files = 0

    def add(self, *records: bytes, replace: bool = False) -> None:
        self.files += 1
        path = self.folder / f"{self.files}.mrc"
        path.write_bytes(b"".join(records))
        import_file(path, self.path, "symphony-949", SETTINGS, replace=replace)

    def asked(self, barcode: str) -> Shelved:
        return self.index.same_number(self.index.find(Barcode(barcode)))


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def as_before(path: Path, version: int) -> None:
    """Change the tables to those of version 2 (without a shelf list) or 3."""
    spoil(
        path,
        "CREATE TABLE kept AS SELECT id, key, part, source, raw FROM record ORDER BY id",
        "DROP TABLE record",
        "CREATE TABLE record (id INTEGER PRIMARY KEY, key TEXT NOT NULL, part INTEGER NOT NULL, source INTEGER NOT NULL, "
        "raw BLOB NOT NULL)",
        "INSERT INTO record SELECT * FROM kept",
        "DROP TABLE kept",
        "CREATE INDEX record_key ON record (key)",
        "ALTER TABLE barcode DROP COLUMN digest",
        "ALTER TABLE shelf DROP COLUMN digest" if version == 3 else "DROP TABLE shelf",
        "DELETE FROM meta WHERE key = 'digest'",
        f"PRAGMA user_version={version}",
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.add(
        record("r1", "Proofs and refutations", ("31", "QA76.9 .A43 L35 1976"), ("32", "QA76.9 .A43 L35 1976")),
        record("r2", "Another book", ("41", "qa 76.9.a43 L35 1976")),
        record("r3", "Alone", ("51", "QA9 .L35 1976")),
        record("r4", "By its hint", ("61", ""), hint="QA9 .H55 1979"),
        record("r5", "By the hint of another", ("71", "QA9 .H55 1979")),
    )
    return made


def test_another_title_with_the_same_number_is_named_however_it_is_written(desk: Desk) -> None:
    assert desk.asked("31") == Shelved(("r2: Another book",))
    assert desk.asked("41") == Shelved(("r1: Proofs and refutations",))


def test_copies_of_one_record_are_no_other_title(desk: Desk) -> None:
    assert desk.asked("51") == Shelved()
    assert "r1" not in str(desk.asked("32"))


def test_the_number_of_an_item_without_one_of_its_own_is_the_one_its_label_gets(desk: Desk) -> None:
    assert desk.asked("71") == Shelved(("r4: By its hint",))
    assert desk.asked("61") == Shelved(("r5: By the hint of another",))


def test_keys_of_another_version_of_the_program_are_not_compared(desk: Desk) -> None:
    spoil(desk.path, "UPDATE meta SET value = '1' WHERE key = 'shelf-keys'")
    assert "station catalog rebuild" in told(desk.asked("31").unknown)


def test_the_same_title_in_another_record_is_another_edition(desk: Desk) -> None:
    desk.add(record("r6", "Alone", ("81", "QA9 .L35 1976")))
    assert desk.asked("51") == Shelved()


def test_a_live_item_that_the_index_does_not_know_is_compared_too(desk: Desk) -> None:
    item = ItemRecord(
        barcode=Barcode("99"), title="New", call_number="QA9 .L35 1976", call_number_scheme="lc", record_id="mms9"
    )
    assert desk.index.same_number(item) == Shelved(("r3: Alone",))


def test_a_live_item_is_not_compared_with_its_own_record_under_another_number(desk: Desk) -> None:
    item = ItemRecord(
        barcode=Barcode("51"), title="Alone: a novel", call_number="QA9 .L35 1976", call_number_scheme="lc",
        record_id="mms9",
    )  # fmt: skip
    assert desk.index.same_number(item) == Shelved()


def test_a_new_copy_is_not_compared_with_its_own_record(desk: Desk) -> None:
    """The index has the record, but not yet this copy's barcode."""
    item = ItemRecord(
        barcode=Barcode("52"), title="Alone: a novel", call_number="QA9 .L35 1976", call_number_scheme="lc",
        record_id="r3",
    )  # fmt: skip
    assert desk.index.same_number(item) == Shelved()


def test_a_later_import_moves_and_removes(desk: Desk) -> None:
    desk.add(record("r2", "Another book", ("41", "QA77 .A1")))
    assert desk.asked("31") == Shelved()
    desk.add(record("r2", "Another book", ("41", "QA76.9 .A43 L35 1976")))
    assert desk.asked("31") == Shelved(("r2: Another book",))
    desk.add(record("r2", "Another book", deleted=True))
    assert desk.asked("31") == Shelved()


def test_a_record_that_lost_its_last_barcode_stands_nowhere(desk: Desk) -> None:
    desk.add(record("r9", "It has the barcode now", ("41", "QA78 .B2")))
    assert desk.asked("31") == Shelved()


def test_without_an_index_nobody_knows(tmp_path: Path) -> None:
    said = Desk(tmp_path).index.same_number(ItemRecord(barcode=Barcode("1"), call_number="QA9 .L35"))
    assert told(said.unknown) == "there is no catalog index, so no shelf list"


def test_a_damaged_index_is_no_answer(desk: Desk) -> None:
    item = desk.index.find(Barcode("31"))
    desk.index.close()
    desk.path.write_bytes(b"nothing of the kind" * 400)
    assert told(desk.index.same_number(item).unknown) == "the catalog index cannot be read"


def test_an_index_without_a_shelf_list_still_serves_and_is_made_again(desk: Desk) -> None:
    desk.index.close()
    as_before(desk.path, 2)
    upgraded(desk.path)
    assert desk.index.find(Barcode("31")).title == "Proofs and refutations"
    assert "station catalog rebuild" in told(desk.asked("31").unknown)
    with raises_told(IndexUnusable, match="catalog rebuild"):
        desk.add(record("r7", "New", ("91", "QA9 .Z9")))
    assert len(sources_of(desk.path)) == 1
    rebuild(desk.path, "symphony-949", SETTINGS)
    assert desk.asked("31") == Shelved(("r2: Another book",))


def test_many_with_one_number_are_not_all_listed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.add(*(record(f"r{n}", f"Title {n}", (f"3{n}", "QA9 .L35")) for n in range(40)))
    assert len(desk.asked("30").others) == 3


NUMBERS = st.sampled_from(["", "QA9 .L35", "813.54 SMI", "W 1", "DVD 12", "REF Z7 .A1 2001"])


@given(
    own=NUMBERS,
    scheme=st.sampled_from(["", "lc", "dewey", "local"]),
    held=NUMBERS,
    hint=NUMBERS,
    preferred=st.sampled_from(["lc", "dewey"]),
)
def test_the_first_candidate_is_the_first_of_all(own: str, scheme: str, held: str, hint: str, preferred: str) -> None:
    made = Record()
    if held:
        made.fields.append(field("852", "0 ", f"h{held}"))
    if hint:
        made.fields.append(field("090", "  ", f"a{hint}"))
    item = Item(barcode="1", call_number=own, scheme=scheme if own else "")
    everything = candidates(made, item, preferred)
    assert first_candidate(made, item, preferred) == (everything[0] if everything else None)
    keys = keys_in([item, item], lambda: made.fields, preferred)
    assert keys == tuple(sort_key(one.number, one.scheme) for one in everything[:1])
