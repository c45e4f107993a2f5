"""Every call number of the genuine files is read, or the reason for not reading it is given.

The files and most counts: docs/reference/systems.md#genuine-records; other counts by hand from a listing of the fields.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from station.catalog.callnumber import CallNumber, Scheme, parse
from station.catalog.marc import marc
from tests.support.for_each import for_each

SAID = {"LC": "lc", "WEB": "", "ALPHANUM": ""}
"""$w of Symphony's item fields."""


def numbers(path: Path) -> Iterator[tuple[str, str, CallNumber]]:
    """Yield (field, text, parsed) of 050, 082, 090, 092, 096, 852 and the item fields 949 and 999."""
    schemes = {"050": "lc", "090": "lc", "082": "dewey", "092": "dewey", "096": "nlm"}
    for raw in marc.read(path.read_bytes()):
        assert isinstance(raw, marc.RawRecord)
        for field in marc.parse(raw.data).fields:
            if field.tag in schemes:
                text = " ".join(field.get_subfields("a")[:1] + field.get_subfields("b"))
                yield field.tag, text, parse(text, schemes[field.tag])
            elif field.tag in ("949", "999") and field.get_subfields("w"):
                text = field.get_subfields("a")[0]
                yield field.tag, text, parse(text, SAID[field.get_subfields("w")[0]] or None)
            elif field.tag == "852" and field.get_subfields("h"):
                text = field.get_subfields("h")[0]
                yield field.tag, text, parse(text)


READ = {
    # (field, scheme): how many. 500 records with 756 items; their 050 contain apostrophes ("DC'254'B3'A2").
    "evergreen_lul_fre_500.mrc": {("050", "lc"): 500, ("949", "lc"): 756},
    "evergreen_hebrew_marc8.mrc": {("050", "lc"): 20},
    "evergreen_rda_bluray.mrc": {("050", "local"): 1},
    "evergreen_rda_score_cd.mrc": {("050", "lc"): 1},
    "evergreen_sample_acq_order.mrc": {("050", "lc"): 8, ("082", "dewey"): 8, ("082", "local"): 1},
    "evergreen_serials_mfhd.xml": {("852", "lc"): 2},
    "loc_opera43_marcxml.xml": {("050", "lc"): 22, ("050", "local"): 22, ("082", "dewey"): 10},
    "pymarc_marc.dat": {("050", "lc"): 18, ("082", "dewey"): 18},
    "tr_louis_armstrong.marc": {("050", "lc"): 1, ("050", "local"): 1},
    "tr_test_data.utf8.mrc": {("050", "lc"): 25, ("050", "local"): 3, ("082", "dewey"): 1},
    "uva_demoRecs.mrc": {
        ("050", "lc"): 3,
        ("082", "dewey"): 3,
        ("090", "lc"): 4,
        ("092", "dewey"): 1,
        ("096", "nlm"): 1,
        ("999", "lc"): 3,
        ("999", "local"): 13,
    },
}

NO_LC = {
    "DVC 4301 (viewing copy)": "DVC is not a class",
    "MLCS 2002/06831 (B)": "MLCS has more letters than a class",
    "MLCS 85/13231 (P)": "MLCS has more letters than a class",
    "MLCS 89/00423 (P)": "MLCS has more letters than a class",
    "MLCME 2002/02660 (D)": "MLCME has more letters than a class",
    "MLCSN 96/3906 (H)": "MLCSN has more letters than a class",
    "Microfiche 90/61328 (P)": "Microfiche has more letters than a class",
    "RWD 5185-RWD 5188": "cannot follow the class number",
    "Chandos Records CHAN 9075": "Chandos has more letters than a class",
    "LWO 7657, r28A1-29A2 (preservation master)": "cannot follow the class number",
    "LWO 4072 reel 220, track 3 (preservation master)": "LWO is not a class",
    "SDB 41494, etc.": "SDB is not a class",
    "SDB 33644": "SDB is not a class",
    "SDB 30248": "SDB is not a class",
    "SDB 24727": "SDB is not a class",
    "SDA 73658": "SDA is not a class",
    "RCA Red Seal LM 6029-2": "RCA is not a class",
    "RGA 5216 (playback copy)": "RGA is not a class",
    "RGA 5217 (digital master)": "RGA is not a class",
    "Aprelevskiĭ zavod pami͡ati 1905 g. 9162V--9163V": "more letters than a class",
    "Bongiovanni GB 1032": "Bongiovanni has more letters than a class",
    "Rubini GV 905": "Rubini has more letters than a class",
    "Rococo RR-5378": "Rococo has more letters than a class",
    "Odeon O 73 391": "Odeon has more letters than a class",
    "Columbia 8910-M (RDI 0007/0262)": "Columbia has more letters than a class",
    "EMI Classics 7243 5 66462 2 3": "EMI is not a class",
    "Time-Life Music STBB-22": "Time has more letters than a class",
}
"""Contents of LC's own 050 that are not class numbers: minimal-level shelf marks; numbers of discs, tapes and films."""


@for_each("name", READ)
def test_counts(shared: Path, name: str) -> None:
    found = Counter((tag, number.scheme.value) for tag, _, number in numbers(shared / "data/marc" / name))
    assert found == READ[name]


def test_what_is_not_lc_says_why(shared: Path) -> None:
    found = {}
    for name in READ:
        for tag, text, number in numbers(shared / "data/marc" / name):
            if tag == "050" and number.scheme is Scheme.LOCAL:
                found[unicodedata.normalize("NFC", text.strip())] = number.remarks[0]
    expected = {unicodedata.normalize("NFC", text): reason for text, reason in NO_LC.items()}
    assert set(found) == set(expected)
    wrong = {text: said for text, said in found.items() if expected[text] not in said}
    assert wrong == {}


def test_what_is_odd_is_said(shared: Path) -> None:
    odd = Counter(
        (name, tag, remark)
        for name in READ
        for tag, text, number in numbers(shared / "data/marc" / name)
        for remark in number.remarks
        if number.scheme is not Scheme.LOCAL
    )
    assert odd == {
        ("evergreen_lul_fre_500.mrc", "050", "There are apostrophes in place of spaces."): 499,
        ("evergreen_rda_score_cd.mrc", "050", "The cutter .A+ has no number yet."): 1,
        ("loc_opera43_marcxml.xml", "050", "The cutter .A+ has no number yet."): 1,
    }


def test_a_number_with_apostrophes_is_the_items_number(shared: Path) -> None:
    """050 ("DC'254'B3'A2") and the first 949 ("DC 254 B3 A2") of a record are the same place, but for one record of
    500.
    """
    other = []
    for raw in marc.read((shared / "data/marc/evergreen_lul_fre_500.mrc").read_bytes()):
        assert isinstance(raw, marc.RawRecord)
        record = marc.parse(raw.data)
        bib = record.get_fields("050")[0].get_subfields("a")[0]
        item = record.get_fields("949")[0].get_subfields("a")[0]
        if parse(bib, "lc").base != parse(item, "lc").base:
            other.append((bib, item))
    assert other == [("ND553.G3", "ND553G3B7")]
