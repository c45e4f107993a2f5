"""A byte of catalog.db that changed on the medium: the damaged data is never shown, printed or compared."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.errors import BarcodeUnknown, IndexUnusable, RecordChanged, StationError, StoreError, StoreIo
from station.base.settings import CatalogSettings
from station.catalog.sample import sample
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.item import Barcode
from station.domain.snapshot import Phase
from station.store.catalog_index import digest
from station.store.catalog_index.import_file import import_file, upgraded
from station.store.catalog_index.index import CatalogIndex, profile_of, sources_of
from station.store.catalog_index.rebuild import rebuild
from station.store.catalog_index.walk import changed
from tests.store.catalog_index.test_index import content
from tests.store.catalog_index.test_shelf_list import as_before, record, spoil
from tests.support.simulated_bench import Rig
from tests.support.told import raises_told, told

SETTINGS = CatalogSettings()
FIRST, SECOND, TWICE, OTHER, NEW = (Barcode(sample.numbered_barcode(number)) for number in range(1, 6))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Four records in two imports. `TWICE` is an item of two records; two records share a call number."""
    first, second = tmp_path / "first.mrc", tmp_path / "second.mrc"
    first.write_bytes(
        record("r1", "Molecules", (FIRST, "QH541.5 .S3"), (TWICE, "QH541.5 .S3"))
        + record("r2", "Forests", (TWICE, "QH541.5 .F6"))
        + record("r3", "Deserts", (SECOND, "QH88 .D4"))
    )
    second.write_bytes(record("r4", "Other molecules", (OTHER, "QH541.5 .S3")))
    for path in (first, second):
        import_file(path, tmp_path / "catalog.db", "symphony-949", SETTINGS)
    return tmp_path / "catalog.db"


def flip(path: Path, old: bytes, new: bytes) -> None:
    """Change bytes in the file, as a faulty medium does."""
    before = path.read_bytes()
    assert old in before
    path.write_bytes(before.replace(old, new))


def find(path: Path, barcode: str) -> Any:
    with closing(CatalogIndex(path, "symphony-949", SETTINGS)) as catalog:
        return catalog.find(Barcode(barcode))


# --- one changed byte ---------------------------------------------------------------------------------------------------


def test_a_changed_call_number_is_not_told_and_rebuilding_brings_it_back(index: Path) -> None:
    flip(index, b"QH541.5 .S3", b"QA541.5 .S3")
    with raises_told(RecordChanged, match=f"{FIRST}.*station catalog rebuild"):
        find(index, FIRST)
    assert find(index, SECOND).call_number == "QH88 .D4"
    assert changed(index)
    rebuild(index, "symphony-949", SETTINGS)
    assert find(index, FIRST).call_number == "QH541.5 .S3"
    assert changed(index) == ()


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        (f"UPDATE barcode SET barcode = '{OTHER[:-1]}8' WHERE barcode = '{OTHER}'", f"{OTHER[:-1]}8"),
        ("UPDATE barcode SET record = 3 WHERE record = 4", OTHER),
        ("UPDATE barcode SET record = 99 WHERE record = 4", OTHER),
        ("UPDATE barcode SET position = 1 WHERE record = 4", OTHER),
        ("UPDATE record SET key = 'r5' WHERE id = 4", OTHER),
        ("UPDATE record SET part = 2 WHERE id = 4", OTHER),
        ("UPDATE record SET raw = CAST(raw AS TEXT) WHERE id = 4", OTHER),
        ("UPDATE record SET digest = zeroblob(16) WHERE id = 4", OTHER),
        ("DELETE FROM record WHERE id = 4", OTHER),
        # a barcode with two records, one of which is no longer found, would be shown with the other record
        (f"UPDATE barcode SET barcode = '{TWICE}x' WHERE barcode = '{TWICE}' AND record = 2", TWICE),
    ],
)
def test_a_row_that_names_something_else_is_noticed(index: Path, statement: str, asked: str) -> None:
    spoil(index, statement)
    with pytest.raises(RecordChanged):
        find(index, asked)
    assert changed(index)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shelf SET key = 'x' WHERE record = 4",
        "UPDATE shelf SET record = 3 WHERE record = 4",
        f"DELETE FROM barcode WHERE barcode = '{OTHER}'",
        "UPDATE record SET raw = replace(raw, 'Other', 'Odder') WHERE id = 4",
    ],
)
def test_a_shelf_list_that_was_changed_says_nothing(index: Path, statement: str) -> None:
    """Otherwise two titles with one call number would pass."""
    item = find(index, FIRST)
    with closing(CatalogIndex(index, "symphony-949", SETTINGS)) as catalog:
        assert catalog.same_number(item).others == ("r4: Other molecules",)
    spoil(index, statement)
    with closing(CatalogIndex(index, "symphony-949", SETTINGS)) as catalog:
        assert catalog.same_number(item).unknown


def test_a_damaged_second_row_is_not_told_as_an_ambiguous_barcode(index: Path) -> None:
    flip(index, b"QH541.5 .F6", b"QA541.5 .F6")
    with raises_told(RecordChanged, match=f"{TWICE}.*station catalog rebuild"):
        find(index, TWICE)


def test_a_shelf_row_with_a_damaged_header_says_nothing(index: Path) -> None:
    """Its header length (SQLite file format, 2.1) is 0 then: one statement still finds the row, another does not."""
    item = find(index, FIRST)
    flip(index, b"\x04+\x01\x1clc$qh$3541.5$s3\x04", b"\x00+\x01\x1clc$qh$3541.5$s3\x04")
    with closing(CatalogIndex(index, "symphony-949", SETTINGS)) as catalog:
        assert catalog.same_number(item).unknown


def test_a_row_that_is_lost_and_a_list_of_files_that_was_changed_are_found_by_the_walk(index: Path) -> None:
    kept = index.read_bytes()
    for statement in (
        f"DELETE FROM barcode WHERE barcode = '{SECOND}'",
        "DELETE FROM shelf WHERE record = 3",
        "UPDATE source SET sha256 = replace(sha256, 'a', 'b')",
        "UPDATE source SET number = 3 WHERE number = 2",
        "UPDATE meta SET value = 'other' WHERE key = 'shelf-keys'",
    ):
        index.write_bytes(kept)
        assert changed(index) == ()
        spoil(index, statement)
        assert changed(index), statement


def test_a_changed_list_of_files_is_read_beside_the_index(index: Path) -> None:
    spoil(index, "UPDATE source SET sha256 = replace(sha256, 'a', 'b'), name = 'x'")
    rebuild(index, "symphony-949", SETTINGS)
    assert [source.name for source in sources_of(index)] == ["first.mrc", "second.mrc"]


def test_an_index_whose_digest_leaves_out_the_version_of_the_shelf_keys_is_whole(index: Path) -> None:
    """An earlier version of the program made it so."""
    with closing(sqlite3.connect(index)) as connection:
        earlier = digest._whole(connection, shelf_keys=False)
        assert digest._whole(connection) != earlier
    spoil(index, f"UPDATE meta SET value = '{earlier}' WHERE key = 'digest'")
    assert changed(index) == ()


def answers(path: Path) -> dict[str, Any]:
    """Return the station's answer for each barcode, and for its call number."""
    found: dict[str, Any] = {}
    with closing(CatalogIndex(path, "symphony-949", SETTINGS)) as catalog:
        for barcode in (FIRST, SECOND, TWICE, OTHER, NEW):
            try:
                item = catalog.find(Barcode(barcode))
                found[barcode] = item, catalog.same_number(item)
            except StationError as error:
                found[barcode] = type(error), told(error.detail).replace(str(path), "")
    return found


CONTENT = (
    "SELECT id, key, part, digest, raw FROM record",
    "SELECT * FROM barcode",
    "SELECT * FROM shelf",
    "SELECT * FROM source",
    "SELECT value FROM meta WHERE key = 'profile'",
)
"""All content except unused columns: the file of a record, and the state of the import."""


def rows(path: Path) -> Any:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            return [connection.execute(statement).fetchall() for statement in CONTENT]
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return str(error)


def noticed(path: Path) -> bool:
    try:
        return changed(path) != ()
    except StoreError:
        return True


def flips(index: Path, places: Iterable[int]) -> tuple[int, int, int]:
    """Flip a bit at each place of the file. Return how many flips were noticed at the look-up, only by the complete
    check, and never. A flip may stay unnoticed only if it changes none of the content."""
    whole, before, had = index.read_bytes(), answers(index), rows(index)
    at_once = by_walk = never = 0
    chance = random.Random(541)
    for place in places:
        spoiled = bytearray(whole)
        spoiled[place] ^= 1 << chance.randrange(8)
        index.write_bytes(spoiled)
        walked = noticed(index)
        same = True
        for barcode, said in answers(index).items():
            if said == before[barcode]:
                continue
            same = False
            first, second = said
            told = isinstance(first, type) and issubclass(first, StoreError)
            unknown = first is BarcodeUnknown or (not isinstance(first, type) and second.unknown)
            assert told or (unknown and walked), (place, barcode, said)
        assert walked or rows(index) == had, place
        at_once += not same
        by_walk += same and walked
        never += same and not walked
    index.write_bytes(whole)
    return at_once, by_walk, never


def test_flipped_bits_never_give_another_answer(index: Path) -> None:
    """Every 401st byte, and every 17th of those around the records."""
    size = index.stat().st_size
    records = index.read_bytes().index(b"Other molecules")
    at_once, by_walk, _ = flips(index, sorted({*range(0, size, 401), *range(records - 900, records + 300, 17)}))
    assert at_once > 6
    assert by_walk > 0


@pytest.mark.soak
def test_every_byte_flipped(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at_once, by_walk, never = flips(index, range(index.stat().st_size))
    with capsys.disabled():
        print(f"\nflipped bytes: {at_once} noticed when read, {by_walk} by doctor, {never} changed nothing")


def test_a_read_error_is_no_damage(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite reports both as "malformed". If the file is intact on a second look, the first look was a read error."""

    class Fails:
        def execute(self, *_: Any) -> Any:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

        def close(self) -> None:
            pass

    catalog = CatalogIndex(index, "symphony-949", SETTINGS)
    monkeypatch.setattr(catalog, "_open", Fails)
    with pytest.raises(StoreIo):
        catalog.find(FIRST)
    flip(index, b"SQLite format 3", b"SQLite format 4")
    with pytest.raises(IndexUnusable):
        catalog.find(FIRST)


# --- an index of an earlier version -------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 3])
def test_an_index_of_an_earlier_version_gets_digests_and_keeps_everything(index: Path, version: int) -> None:
    before, sources = content(index), sources_of(index)
    as_before(index, version)
    with raises_told(IndexUnusable, match="start the station once"):
        find(index, FIRST)
    upgraded(index)
    assert (content(index), sources_of(index), profile_of(index)) == (before, sources, "symphony-949")
    assert changed(index) == ()
    assert find(index, FIRST).call_number == "QH541.5 .S3"
    assert not list(index.parent.glob("catalog.db.next*"))
    flip(index, b"QH541.5 .S3", b"QA541.5 .S3")
    with pytest.raises(RecordChanged):
        find(index, FIRST)


def test_an_import_makes_it_one_of_this_version_first(index: Path, tmp_path: Path) -> None:
    as_before(index, 3)
    third = tmp_path / "third.mrc"
    third.write_bytes(record("r2", "Forests again", (NEW, "QH541.5 .F6")))
    import_file(third, index, "symphony-949", SETTINGS)
    assert changed(index) == ()
    assert find(index, TWICE).title == "Molecules", "its other item was removed, so it must no longer be ambiguous"


def test_a_damaged_one_is_left_as_it_is(index: Path) -> None:
    as_before(index, 3)
    damaged = bytearray(index.read_bytes())
    damaged[8192 : 2 * 8192] = b"\xff" * 8192
    index.write_bytes(damaged)
    upgraded(index)
    assert index.read_bytes() == damaged
    rebuild(index, "symphony-949", SETTINGS)
    assert find(index, FIRST).title == "Molecules"


# --- the commands and the bench -----------------------------------------------------------------------------------------


@pytest.fixture
def data(index: Path) -> Path:
    (index.parent / "station.toml").write_text(template(**{"library.isil": "US-ImagCC"}), encoding="utf-8")
    flip(index, b"QH541.5 .S3", b"QA541.5 .S3")
    return index.parent


def call(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, [*words, "--data", str(data)], prog_name="station")


@pytest.mark.parametrize("words", [("catalog", "show", FIRST), ("label", FIRST), ("catalog", "check", FIRST)])
def test_no_command_shows_it(data: Path, words: tuple[str, ...]) -> None:
    ended = call(data, *words)
    assert ended.exit_code != 0
    assert "QA541" not in ended.output
    assert "station catalog rebuild" in ended.output


def test_the_whole_check_goes_on_behind_it(data: Path) -> None:
    told = json.loads(call(data, "catalog", "check", "--all", "--json").stdout)
    assert told["unreadable"] == 2
    assert told["items"] == 2


def test_doctor_finds_it_and_rebuild_mends_it(data: Path) -> None:
    def catalog() -> dict[str, str]:
        lines = json.loads(call(data, "doctor", "--json").stdout)["lines"]
        return next(line for line in lines if line["name"] == "catalog")

    found = catalog()
    assert found["level"] == "FAIL"
    assert "r1" in found["found"]
    assert "station catalog rebuild" in found["advice"]
    assert call(data, "catalog", "rebuild").exit_code == 0
    assert catalog()["level"] == "OK"
    assert "QH541" in call(data, "catalog", "show", FIRST).output


def test_the_bench_stops_with_a_sentence_and_goes_on_after_the_rebuild(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = data / "catalog.db"
    monkeypatch.setattr(
        "tests.support.simulated_bench.MemoryCatalog", lambda: CatalogIndex(index, "symphony-949", SETTINGS)
    )
    rig = Rig()
    shown = rig.scan(FIRST)
    assert shown.phase is Phase.STOPPED
    assert shown.fault is not None
    assert shown.fault.code == RecordChanged.code
    assert len(told(shown.fault.sentence).split()) <= 12
    assert shown.item is None
    rebuild(index, "symphony-949", SETTINGS)
    shown = rig.choose("retry")
    assert shown.phase is Phase.NEED_TAG
    assert shown.item is not None
    assert shown.item.call_number == "QH541.5 .S3"
