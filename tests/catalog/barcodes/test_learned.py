"""The format of a library's barcodes is learned where nearly all agree, and nothing is claimed otherwise."""

from __future__ import annotations

from pathlib import Path

from stdnum import luhn

from station.base.settings import Barcodes
from station.catalog.barcodes.barcode import is_ours
from station.catalog.barcodes.learned import learned
from station.catalog.marc import marc
from station.catalog.record import profiles


def numbered(beginning: str, count: int, *, checked: bool = False) -> list[str]:
    plain = [f"{beginning}{number:0{(13 if checked else 10) - len(beginning)}d}" for number in range(1, count + 1)]
    return [text + luhn.calc_check_digit(text) for text in plain] if checked else plain


def test_length_institution_and_check_digit() -> None:
    expected = Barcodes(length=14, prefixes=("30007",), check_digit="luhn", characters="digits")
    assert learned([*numbered("300070", 30, checked=True), *numbered("300071", 30, checked=True), "TEMP-1"]) == expected


def test_letters_in_front() -> None:
    assert learned(numbered("X00", 40)) == Barcodes(
        length=10, prefixes=("X",), check_digit="none", characters="alphanumeric"
    )


def test_few_barcodes_or_two_formats_teach_nothing() -> None:
    assert learned(numbered("3000", 19, checked=True)) is None
    assert learned([*numbered("3000", 30, checked=True), *numbered("X00", 30)]) is None


def test_a_genuine_file_has_one_format_and_its_barcodes_follow_it(shared: Path) -> None:
    profile = profiles.load("symphony-949")
    records = marc.read((shared / "data/marc/evergreen_lul_fre_500.mrc").read_bytes())
    codes = [
        item.barcode
        for raw in records
        if isinstance(raw, marc.RawRecord)
        for item in profiles.items(marc.parse(raw.data), profile)
    ]
    rules = learned(codes)
    assert rules == Barcodes(length=14, prefixes=("30007",), check_digit="luhn", characters="digits")
    assert sum(not is_ours(code, rules) for code in codes) * 20 <= len(codes)
