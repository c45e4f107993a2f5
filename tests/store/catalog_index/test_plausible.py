"""An implausible file is refused, with the remedy, and the index stays unchanged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from pymarc import Field, Indicators, Record, Subfield

from station.base.errors import BarcodeUnknown, ImportBarcodes, ImportFewCallNumbers, ImportFewItems, ImportRefused
from station.base.settings import Barcodes, CatalogSettings
from station.catalog.barcodes.barcode import check
from station.catalog.sample import sample
from station.domain.item import Barcode
from station.domain.ports import Wanted
from station.store.catalog_index.import_file import ImportReport, import_file
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.plausible import Expected
from station.store.catalog_index.rebuild import rebuild
from tests.store.catalog_index.test_index import book
from tests.support.told import told

SETTINGS = CatalogSettings()
OURS = Barcodes()
ANY = Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric")


def run(
    path: Path,
    index: Path,
    profile: str = "symphony-949",
    rules: Barcodes = OURS,
    *,
    few_items: bool = False,
    odd_barcodes: bool = False,
    few_call_numbers: bool = False,
) -> ImportReport:
    expected = Expected(rules, few_items, odd_barcodes, few_call_numbers)
    return import_file(path, index, profile, SETTINGS, expected=expected)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    first = tmp_path / "first.mrc"
    first.write_bytes(sample.numbered(30))
    run(first, tmp_path / "catalog.db")
    return tmp_path / "catalog.db"


def written(folder: Path, with_items: int, without: int) -> Path:
    path = folder / "next.mrc"
    barcodes = [sample.numbered_barcode(1000 + number) for number in range(with_items)]
    whole = [book(f"n{number}", barcode) for number, barcode in enumerate(barcodes)]
    path.write_bytes(b"".join([*whole, *(book(f"e{number}") for number in range(without))]))
    return path


def refused(path: Path, index: Path, kind: type[ImportRefused], *options: str, **how: Barcodes) -> str:
    before = index.read_bytes()
    with pytest.raises(kind) as error:
        run(path, index, *options, **how)
    assert type(error.value) is kind
    assert index.read_bytes() == before
    assert [one.name for one in index.parent.iterdir() if one.name.startswith("catalog.db.")] == [
        *(one.name for one in index.parent.iterdir() if one.name in ("catalog.db.lock", "catalog.db.sources.json"))
    ], "no unfinished index may be left"
    return told(error.value.detail)


@pytest.mark.parametrize(("with_items", "without"), [(0, 20), (1, 20), (4, 77)])
def test_a_file_of_which_almost_no_record_has_an_item_is_refused(
    with_items: int, without: int, index: Path, tmp_path: Path
) -> None:
    said = refused(written(tmp_path, with_items, without), index, ImportFewItems)
    assert f"next.mrc: {with_items} of {with_items + without} records have an item" in said
    assert "(profile symphony-949: field 949 $i)" in said
    assert said.endswith("add --few-items")


@pytest.mark.parametrize(("with_items", "without"), [(1, 18), (1, 19), (2, 38), (5, 95)])
def test_a_delta_and_one_record_in_twenty_are_enough(
    with_items: int, without: int, index: Path, tmp_path: Path
) -> None:
    assert run(written(tmp_path, with_items, without), index).items == with_items


def test_a_file_of_electronic_titles_is_taken_when_somebody_says_so(index: Path, tmp_path: Path) -> None:
    report = run(written(tmp_path, 1, 99), index, few_items=True)
    assert (report.items, report.without_items) == (1, 99)


def test_a_wrong_profile_would_empty_the_index_and_is_named(tmp_path: Path) -> None:
    """The same records with their items moved from 949 to 999. Each would replace its own record and leave no item."""
    whole = sample.numbered(30)
    (tmp_path / "moved.mrc").write_bytes(whole.replace(b"949", b"999"))
    (tmp_path / "first.mrc").write_bytes(whole)
    index = tmp_path / "catalog.db"
    run(tmp_path / "first.mrc", index)
    said = refused(tmp_path / "moved.mrc", index, ImportFewItems)
    assert "Items in the first 30 records are found by other profiles: symphony-999 (30)." in said
    assert "Set catalog.profile in station.toml." in said


def test_a_field_of_no_ready_profile_is_named(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.mrc"
    path.write_bytes(sample.numbered(30).replace(b"949", b"930"))
    said = refused(path, index, ImportFewItems)
    assert "Other fields of the first 30 records have barcodes of the library: 930 $i (30)." in said
    said = refused(path, index, ImportFewItems, rules=ANY)
    assert "No shipped profile finds items in it." in said, "any number would be a barcode"


def test_a_small_file_without_items_has_the_remedy_too(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "five.mrc"
    path.write_bytes(sample.numbered(35)[len(sample.numbered(30)) :].replace(b"949", b"999"))
    assert "symphony-999 (5)" in refused(path, index, ImportFewItems)


def test_barcodes_that_the_settings_refuse_are_an_error(index: Path, tmp_path: Path) -> None:
    said = refused(written(tmp_path, 25, 0), index, ImportBarcodes, rules=Barcodes(prefixes=("2",)))
    assert "next.mrc: 25 of 25 barcodes (profile symphony-949: field 949 $i) are refused by [barcodes]" in said
    assert "Correct [barcodes], or catalog.profile where this is not the barcode." in said
    assert "have the format length = 14; prefixes = " in said
    assert 'check_digit = "luhn"; characters = "digits". If they are your barcodes, write it into [barcodes].' in said
    assert said.endswith("add --odd-barcodes")


def test_the_wrong_subfield_is_seen_by_its_barcodes(index: Path, tmp_path: Path) -> None:
    """The profile finds a number in each item, but the library's barcode is in another subfield."""
    path = tmp_path / "swapped.mrc"
    path.write_bytes(b"".join(book(f"s{n}", f"T{n:05}\x1fz{sample.numbered_barcode(500 + n)}") for n in range(25)))
    said = refused(path, index, ImportBarcodes)
    assert "949 $z (25)" in said


def test_a_few_odd_barcodes_are_told_and_the_rest_is_imported(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.mrc"
    codes = [*(sample.numbered_barcode(700 + n) for n in range(10)), "TEMP-1", "TEMP-2"]
    path.write_bytes(b"".join(book(f"o{n}", code) for n, code in enumerate(codes)))
    seen = run(path, index).barcodes
    assert (seen.looked_at, seen.refused, seen.first) == (12, 2, "TEMP-1")
    assert seen.why


@pytest.mark.parametrize(("good", "odd", "taken"), [(19, 1, True), (18, 2, False), (10, 9, True), (4, 5, False)])
def test_one_refused_barcode_in_twenty_is_an_exception_and_more_are_a_mistake(
    good: int, odd: int, taken: bool, index: Path, tmp_path: Path
) -> None:
    path = tmp_path / "odd.mrc"
    codes = [*(sample.numbered_barcode(700 + n) for n in range(good)), *(f"TEMP-{n}" for n in range(odd))]
    path.write_bytes(b"".join(book(f"o{n}", code) for n, code in enumerate(codes)))
    if taken:
        assert run(path, index).barcodes.refused == odd
    else:
        assert f"{odd} of {good + odd} barcodes" in refused(path, index, ImportBarcodes)
        assert run(path, index, odd_barcodes=True).barcodes.refused == odd


def test_a_profile_that_finds_half_of_what_another_finds_is_refused(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "both.mrc"
    moved = sample.numbered(30).replace(b"949", b"999")
    few = [book(f"w{n}", sample.numbered_barcode(800 + n)) for n in range(6)]
    path.write_bytes(moved + b"".join(few))
    said = refused(path, index, ImportFewItems)
    assert "6 of 36 records" in said
    assert "symphony-999 (30)" in said
    assert run(path, index, few_items=True).items == 6


def exported(number: int, *fields: str) -> bytes:
    """Return a record with these fields ("952  $a..."); {barcode} is a barcode of the library, {number} a number."""
    record = Record()
    record.add_field(Field("001", data=f"n{number}"))
    record.add_field(Field("245", Indicators("0", "0"), [Subfield("a", "A book")]))
    for text in fields:
        filled = text[5:].replace("{barcode}", sample.numbered_barcode(number)).replace("{number}", str(number))
        subfields = filled.split("$")[1:]
        record.add_field(Field(text[:3], Indicators(*text[3:5]), [Subfield(part[0], part[1:]) for part in subfields]))
    return record.as_marc()


KOHA = ("952  $2ddc$aMAIN$bMAIN$cFIC$hv.3$i1234$kMAIN$m7$o823.{number} ADA$p{barcode}$yBK",)
MFHD = ("8520 $bMAIN$cSTACKS$hQA76.{number}$i.P98", "876  $p{barcode}$lSTACKS")


@pytest.mark.parametrize(
    ("fields", "wrong", "right", "wrongly"), [(KOHA, "carli-952", "koha-952", 1), (MFHD, "alma-ava", "mfhd-852", 0)]
)
def test_a_profile_that_finds_fewer_than_half_of_the_call_numbers_is_refused_with_the_better_one(
    fields: tuple[str, ...], wrong: str, right: str, wrongly: int, tmp_path: Path
) -> None:
    """Both profiles find each item. Volume, inventory number and library of Koha are no call numbers."""
    path, index = tmp_path / "export.mrc", tmp_path / "catalog.db"
    path.write_bytes(b"".join(exported(number, *fields) for number in range(1, 21)))
    with pytest.raises(ImportFewCallNumbers) as error:
        run(path, index, wrong)
    words = f"profile {wrong} finds {wrongly} call numbers where profile {right} finds 20 (in the first 20 records)"
    assert words in told(error.value.detail)
    assert told(error.value.detail).endswith("add --few-call-numbers")
    assert not index.exists()
    assert run(path, index, right).items == 20
    index.unlink()
    assert run(path, index, wrong, few_call_numbers=True).items == 20
    assert len(rebuild(index, wrong, SETTINGS, barcodes=OURS)) == 1, "a file that was accepted once"
    index.unlink()
    path.write_bytes(b"".join(exported(number, *fields) for number in range(1, 20)))
    assert run(path, index, wrong).items == 19, "a file of fewer than 20 records proves nothing"


def test_half_of_the_call_numbers_of_another_profile_are_enough(tmp_path: Path) -> None:
    path, index = tmp_path / "export.mrc", tmp_path / "catalog.db"
    both = ("952  $oFIC ADA{number}$hQA76.{number} .P98$p{barcode}",)
    other = ("952  $oFIC ADA{number}$p{barcode}",)
    path.write_bytes(b"".join(exported(number, *(both if number % 2 else other)) for number in range(1, 21)))
    assert run(path, index, "carli-952").items == 20


def test_an_index_is_made_again_of_what_was_imported_once(index: Path, tmp_path: Path) -> None:
    run(written(tmp_path, 1, 99), index, few_items=True)
    assert len(rebuild(index, "symphony-949", SETTINGS)) == 2


def test_an_item_whose_record_writes_its_barcode_in_groups_is_found_by_its_scan(tmp_path: Path) -> None:
    """As Sierra and Millennium write barcodes. Two barcodes in one subfield are not one."""
    path, index = tmp_path / "sierra.mrc", tmp_path / "catalog.db"
    path.write_bytes(
        book("n1", "3 1236 00307 1241", title="Twelve stones") + book("n2", "35007005143189 30007006033608")
    )
    report = run(path, index)
    assert (report.items, report.barcodes.refused) == (2, 1)
    for made_again in (False, True):
        if made_again:
            rebuild(index, "symphony-949", SETTINGS, barcodes=OURS)
        catalog = CatalogIndex(index, "symphony-949", SETTINGS)
        item = catalog.find(check("31236003071241", OURS))
        assert (item.title, item.barcode) == ("Twelve stones", "31236003071241")
        assert item.marc is not None and item.marc.vendor_barcodes == ("31236003071241",)
        assert [one.barcode for one in catalog.search(Wanted(title="twelve stones")).items] == [item.barcode]
        assert not catalog.same_number(msgspec.structs.replace(item, record_id="other", barcode=Barcode("1"))).unknown
        with pytest.raises(BarcodeUnknown):
            catalog.find(Barcode("30007006033608"))
        catalog.close()


# --- genuine files (../shared) ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "profile", "rules", "kind", "words"),
    [
        ("evergreen_lul_fre_500.mrc", "symphony-949", OURS, None, ""),
        ("evergreen_lul_fre_500.mrc", "koha-952", OURS, ImportFewItems, "symphony-949 (200), worldshare-949 (200)"),
        ("uva_demoRecs.mrc", "symphony-999", ANY, None, ""),
        ("uva_demoRecs.mrc", "symphony-999", OURS, ImportBarcodes, "15 of 16 barcodes (profile symphony-999"),
        ("uva_demoRecs.mrc", "symphony-949", ANY, ImportFewItems, "symphony-999 (6)"),
        ("evergreen_hebrew_marc8.mrc", "symphony-949", OURS, ImportFewItems, "No shipped profile finds items"),
        ("tr_test_data.utf8.mrc", "symphony-949", OURS, ImportFewItems, "No shipped profile finds items"),
        ("loc_opera43_marcxml.xml", "symphony-949", OURS, ImportFewItems, "0 of 43 records have an item"),
        ("evergreen_sample_acq_order.mrc", "symphony-949", OURS, ImportFewItems, "No shipped profile finds items"),
        ("pymarc_marc.dat", "symphony-949", OURS, ImportFewItems, "0 of 20 records have an item"),
    ],
)
def test_genuine_files(
    name: str,
    profile: str,
    rules: Barcodes,
    kind: type[ImportRefused] | None,
    words: str,
    shared: Path,
    tmp_path: Path,
) -> None:
    path, index = shared / "data" / "marc" / name, tmp_path / "catalog.db"
    if kind is None:
        assert run(path, index, profile, rules).items > 0
        return
    with pytest.raises(kind) as error:
        run(path, index, profile, rules)
    assert words in told(error.value.detail)
    assert not index.exists()
