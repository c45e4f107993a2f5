"""Every genuine record: a label, or a stated reason; sets; scripts; wrong leaders.

The records and their counts: docs/reference/systems.md#genuine-records. Other counts are made with pymarc alone (which
fields a record has), never from the station's output.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.settings import CatalogSettings
from station.base.text import clean
from station.base.words import tell
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles, record
from station.domain.item import Barcode, ItemRecord
from tests.support.for_each import for_each
from tests.support.told import told

SETTINGS = CatalogSettings()


def raws(shared: Path, name: str) -> list[RawRecord]:
    found = list(marc.read((shared / "data" / "marc" / name).read_bytes()))
    assert all(isinstance(one, RawRecord) for one in found)
    return [one for one in found if isinstance(one, RawRecord)]


def items(shared: Path, name: str, profile: str) -> list[ItemRecord]:
    chosen = profiles.load(profile)
    return [
        record.describe(one.data, Barcode(item.barcode), chosen, SETTINGS)
        for one in raws(shared, name)
        for item in profiles.items(marc.parse(one.data), chosen)
    ]


@for_each(
    ("name", "count", "without"),
    [
        # records by the README; 001 of those without any of 050, 060, 082, 086, 090, 092, 096, 099, 852 $h $i
        ("evergreen_hebrew_marc8.mrc", 20, set()),
        ("evergreen_lul_fre_500.mrc", 500, set()),
        ("evergreen_rda_bluray.mrc", 1, set()),
        ("evergreen_rda_score_cd.mrc", 1, set()),
        ("evergreen_sample_acq_order.mrc", 10, {"75336"}),
        ("evergreen_serials_mfhd.xml", 7, {"a814607", "a814610", "a814666", "a815076", "a815094"}),
        ("loc_opera43_marcxml.xml", 43, {"10439017"}),
        ("pymarc_marc.dat", 20, {"13127962", "13378325"}),
        ("tr_louis_armstrong.marc", 1, set()),
        ("tr_test_data.utf8.mrc", 30, {"00314247", "2008308478"}),
        # its last record has a number only in its item field 999
        ("uva_demoRecs.mrc", 6, {"u57028"}),
    ],
)
def test_every_record_gives_a_label_or_a_reason(shared: Path, name: str, count: int, without: set[str]) -> None:
    found = [record.describe_record(one.data, SETTINGS) for one in raws(shared, name)]
    assert len(found) == count
    assert {one.record_id for one in found if not one.label_lines} == without
    for one in found:
        assert one.call_number_reason
        if one.label_lines:
            assert one.call_number
            assert one.call_number_source
        else:
            assert told(one.call_number_reason) == tell("callnumber.none")
            assert tuple(map(told, one.label_problems)) == (
                "There is no call number, so the expected label is not known.",
            )


@pytest.mark.parametrize(
    ("name", "profile", "count"),
    [
        ("uva_demoRecs.mrc", "symphony-999", 16),
        ("evergreen_lul_fre_500.mrc", "symphony-949", 756),
    ],
)
def test_every_item_gives_a_label_by_its_own_number(shared: Path, name: str, profile: str, count: int) -> None:
    """16 fields 999 and 756 fields 949, each with $a and $i (counted with pymarc)."""
    found = items(shared, name, profile)
    assert len(found) == count
    field = profile.rpartition("-")[2]
    for one in found:
        assert one.label_lines
        assert one.call_number_source == f"item field {field} $a"
        assert told(one.call_number_reason).startswith("The item's own call number counts before all others")


def test_the_three_discs_are_one_set_of_three(shared: Path) -> None:
    """docs/reference/systems.md#genuine-records: the 3-disc DVD set with 3 barcodes (d.1-d.3). No other item of the
    file is in a set."""
    found = items(shared, "uva_demoRecs.mrc", "symphony-999")
    discs = ("X030397413", "X031786049", "X031786048")
    in_sets = [one for one in found if one.set_barcodes]
    assert [one.barcode for one in in_sets] == list(discs)
    assert {one.set_barcodes for one in in_sets} == {discs}
    assert [told(one.set_note) for one in in_sets] == [
        f"Disc {number} of a set of 3; each has a barcode of its own." for number in (1, 2, 3)
    ]
    assert [one.parts for one in in_sets] == [1, 1, 1], "each disc has its own identifier on its tag"
    assert [one.description for one in in_sets] == ["s.1 d.1", "s.1 d.2", "s.1 d.3"]


def test_titles_and_authors_in_their_own_script(shared: Path) -> None:
    """880 linked to 245, and to 100, 110 or 111 (counted with pymarc): 20 and 1 of 20 Hebrew records; 14 and 11 of 30."""
    for name, titles, authors in (("evergreen_hebrew_marc8.mrc", 20, 1), ("tr_test_data.utf8.mrc", 14, 11)):
        found = [record.describe_record(one.data, SETTINGS) for one in raws(shared, name)]
        assert sum(bool(one.alternate_title) for one in found) == titles
        assert sum(bool(one.alternate_author) for one in found) == authors
        for one in found:
            for said in (one.alternate_title, one.alternate_author):
                assert clean(said) == said
                assert not said or not said.isascii()


def test_leaders_that_lie_about_the_character_set_change_nothing(shared: Path) -> None:
    """The 30 UTF-8 records, marked as MARC-8. A record with more than ASCII gets a note and is corrected; for plain
    ASCII the mark does not matter.
    """
    for one in raws(shared, "tr_test_data.utf8.mrc"):
        lying = one.data[:9] + b" " + one.data[10:]
        (found,) = [each for each in marc.read(lying) if isinstance(each, RawRecord)]
        assert bool(found.notes) == (not one.data.isascii())
        assert record.describe_record(found.data, SETTINGS) == record.describe_record(one.data, SETTINGS)


def test_plain_marc8_called_utf8_reads_the_same(shared: Path) -> None:
    """The 21 of the 500 MARC-8 records that hold only ASCII (counted byte by byte)."""
    plain = [one for one in raws(shared, "evergreen_lul_fre_500.mrc") if one.data.isascii() and b"\x1b" not in one.data]
    assert len(plain) == 21
    for one in plain:
        lying = one.data[:9] + b"a" + one.data[10:]
        (found,) = [each for each in marc.read(lying) if isinstance(each, RawRecord)]
        assert record.describe_record(found.data, SETTINGS) == record.describe_record(one.data, SETTINGS)
