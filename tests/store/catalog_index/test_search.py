"""Search of the catalog index by words, call number and ISBN, over every way in which an index changes."""

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
from station.domain.item import Barcode
from station.domain.ports import Wanted
from station.store.catalog_index.import_file import import_file, upgraded
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.rebuild import rebuild
from station.store.catalog_index.walk import changed
from tests.support.told import raises_told, told

PROFILE, SETTINGS = "symphony-949", CatalogSettings()


def record(ident: str, *fields: str, deleted: bool = False) -> bytes:
    """Make a record. A field is written as "245 |aTitle|cName"."""
    made = Record()
    made.leader = f"00000{'d' if deleted else 'n'}am a2200000 i 4500"  # type: ignore[assignment]
    made.add_field(Field("001", data=ident))  # type: ignore[no-untyped-call]
    for text in fields:
        subfields = [Subfield(piece[0], piece[1:]) for piece in text[4:].split("|")[1:]]
        made.fields.append(Field(text[:3], Indicators(" ", " "), subfields))
    return made.as_marc()


RIVERS = record(
    "r1",
    "020 |a0-306-40615-2 (hbk)",
    "100 |aQuillfeather, Ådå",
    "245 |aGeräusche der Flüsse :|bRøde elve",
    "880 |6245-01|a想像的河流",
    "949 |aQH541.5 .S7 Q55 v.1|wLC|c1|i1001",
    "949 |aQH541.5 .S7 Q55 v.2|wLC|c1|i1002",
    "949 |aQH76 .A1|wLC|c2|i1003",
)
SOUP = record("r2", "020 |a9781861972712", "245 |aSoup for beginners|cOlive Smithers", "949 |a641.813 SMI|wDEWEY|i2001")


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, 0
        self.path = folder / "catalog.db"
        self.index = CatalogIndex(self.path, PROFILE, SETTINGS)

    def add(self, *records: bytes, replace: bool = False) -> None:
        self.files += 1
        path = self.folder / f"{self.files}.mrc"
        path.write_bytes(b"".join(records))
        import_file(path, self.path, PROFILE, SETTINGS, replace=replace)

    def found(self, text: str = "", **known: str) -> list[str]:
        return [str(item.barcode) for item in self.index.search(Wanted(text=text, **known)).items]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.add(RIVERS, SOUP)
    return made


@pytest.mark.parametrize(
    ("text", "barcodes"),
    [
        ("gerausche", "1001 1002 1003"),
        ("FLÜSSE quillf", "1001 1002 1003"),
        ("ada rode", "1001 1002 1003"),
        ("河流", "1001 1002 1003"),
        ("soup", "2001"),
        ("so", "2001"),
        ("smithers soup", "2001"),
        ("quillfeather soup", ""),
        ("qh 541.5.s7", "1001 1002"),
        ("QH541.5 .S7 Q55 v.2", "1002"),
        ("qh5", ""),
        ("641.8", "2001"),
        ("0306406152", "1001 1002 1003"),
        ("978-0-306-40615-7", "1001 1002 1003"),
        ("1 86197 271", "2001"),
        ("1-86197-271-7", "2001"),
        ("", ""),
        ("...", ""),
    ],
)
def test_one_line_of_text_is_words_or_a_number(desk: Desk, text: str, barcodes: str) -> None:
    assert desk.found(text) == barcodes.split()


def test_what_is_known_by_name_must_all_fit(desk: Desk) -> None:
    assert desk.found(title="soup", author="smith") == ["2001"]
    assert desk.found(title="smith") == []
    assert desk.found(call_number="QH541.5", author="quill") == ["1001", "1002"]
    assert desk.found(call_number="QH541.5", author="smith") == []
    assert desk.found(isbn="978186", title="soup") == ["2001"]


def test_an_item_is_told_from_others_of_its_title(desk: Desk) -> None:
    first, *_, last = desk.index.search(Wanted(title="gerausche")).items
    assert (first.title, first.author) == ("Geräusche der Flüsse : Røde elve", "Quillfeather, Ådå")
    assert (first.call_number, tuple(map(told, first.which))) == ("QH541.5 .S7 Q55 v.1", ("v.1", "copy 1"))
    assert (last.call_number, tuple(map(told, last.which))) == ("QH76 .A1", ("copy 2",))


def test_only_as_many_as_asked_for(desk: Desk) -> None:
    found = desk.index.search(Wanted(text="gerausche"), 2)
    assert ([item.barcode for item in found.items], found.more) == (["1001", "1002"], True)
    assert not desk.index.search(Wanted(text="gerausche"), 3).more


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_nothing_typed_has_a_meaning_for_sqlite(
    tmp_path_factory: pytest.TempPathFactory, text: str, title: str, number: str, isbn: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "hostile-words"
    if not folder.exists():
        folder.mkdir()
        Desk(folder).add(RIVERS, SOUP)
    index = CatalogIndex(folder / "catalog.db", PROFILE, SETTINGS)
    for words in (text, f'"{text}', f"{text}*) OR (title : {text}", f"NOT {text} NEAR/2 ^{text}"):
        index.search(Wanted(text=words))
    index.search(Wanted(title=title, call_number=number, isbn=isbn))
    index.close()


def test_every_import_keeps_the_words_right(desk: Desk) -> None:
    desk.add(record("r2", "245 |aBread for beginners", "949 |a641.815 SMI|wDEWEY|i2001"))
    assert (desk.found("soup"), desk.found("bread"), desk.found("beginners")) == ([], ["2001"], ["2001"])
    desk.add(record("r3", "245 |aThe newer owner", "949 |aA1|i1001"))
    assert (desk.found("newer"), desk.found("gerausche")) == (["1001"], ["1002", "1003"])
    desk.add(record("r1", "245 |aX", deleted=True), record("r4", "245 |aOther", "949 |aB2|i4001"))
    assert (desk.found("gerausche"), desk.found("other")) == ([], ["4001"])
    desk.add(record("r2", "245 |aNo items now"), record("r4", "245 |aOther", "949 |aB2|i4001"))
    assert desk.found("bread") == []
    desk.add(SOUP, replace=True)
    assert (desk.found("other"), desk.found("soup")) == ([], ["2001"])
    assert changed(desk.path) == ()


def test_a_record_that_its_own_file_deletes_or_repeats_is_not_found_twice(desk: Desk) -> None:
    desk.add(SOUP, SOUP, RIVERS, record("r1", "245 |aX", deleted=True), replace=True)
    assert (desk.found("soup"), desk.found("gerausche")) == (["2001"], [])
    assert changed(desk.path) == ()


def without_words(path: Path) -> None:
    """Make the index as a version of the program without the search made it."""
    with closing(sqlite3.connect(path)) as db:
        for statement in ("DROP TABLE searched_fts", "DROP TABLE searched", "DELETE FROM meta WHERE key = 'search'"):
            db.execute(statement)
        db.commit()


def test_an_index_of_an_older_version_says_what_to_do_and_stays_usable(desk: Desk) -> None:
    without_words(desk.path)
    upgraded(desk.path)
    with raises_told(IndexUnusable, match="Run: station catalog rebuild"):
        desk.found("soup")
    desk.add(record("r3", "245 |aSalt", "949 |aA1|i3001"))
    assert desk.index.find(Barcode("3001")).title == "Salt"
    with pytest.raises(IndexUnusable):
        desk.found("salt")
    rebuild(desk.path, PROFILE, SETTINGS)
    assert (desk.found("soup"), desk.found("salt")) == (["2001"], ["3001"])


def test_an_index_that_an_older_version_has_changed_is_not_searched(desk: Desk) -> None:
    """It keeps the tables, but not their words."""
    with closing(sqlite3.connect(desk.path)) as db:
        db.execute("UPDATE meta SET value = 'sealed again' WHERE key = 'digest'")
        db.commit()
    with raises_told(IndexUnusable, match="cannot be searched"):
        desk.found("soup")
