"""Descriptions of items: named facts of genuine records, the type matrix, the order of call numbers, hostile text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.base.errors import BarcodeUnknown, CatalogError, SettingsError
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles, record
from station.domain.item import Barcode, ItemRecord
from tests.support.for_each import for_each
from tests.support.told import raises_told

SETTINGS = CatalogSettings()
BARCODE = Barcode("31999000000014")


def field(tag: str, *pairs: str, ind: str = "  ") -> Field:
    return Field(tag, Indicators(ind[0], ind[1]), [Subfield(pair[0], pair[1:]) for pair in pairs])


def raw(*fields: Field, kind: str = "am", item: bool = True) -> bytes:
    made = Record()
    made.leader = Leader(f"00000n{kind} a2200000 i 4500")
    made.add_field(Field("001", data="r1"), *fields)
    if item:
        made.add_field(field("949", "aQA76 .S73 1990", "wLC", f"i{BARCODE}"))
    return made.as_marc()


def described(
    *fields: Field, kind: str = "am", profile: str = "symphony-949", item: bool = True, **settings: str
) -> ItemRecord:
    chosen = CatalogSettings(**settings)  # type: ignore[arg-type]
    return record.describe(raw(*fields, kind=kind, item=item), BARCODE, profiles.load(profile), chosen)


def genuine(shared: Path, name: str, profile: str) -> list[ItemRecord]:
    chosen = profiles.load(profile)
    return [
        record.describe(one.data, Barcode(item.barcode), chosen, SETTINGS)
        for one in marc.read((shared / "data" / "marc" / name).read_bytes())
        if isinstance(one, RawRecord)
        for item in profiles.items(marc.parse(one.data), chosen)
    ]


@for_each(
    ("second", "accompanying"),
    [
        ("1 CD-ROM ;", "1 CD-ROM"),
        ("2 audio discs", "2 audio discs"),
        ("1 online resource", ""),  # another version is no part
        ("1 microfilm reel", ""),
    ],
)
def test_the_disc_of_a_book_may_be_described_in_a_second_300(second: str, accompanying: str) -> None:
    found = described(field("300", "axii, 345 p. ;", "c24 cm"), field("300", f"a{second}"))
    assert (found.extent, found.accompanying) == ("xii, 345 p.", accompanying)


def test_the_set_of_three_discs_with_three_barcodes(shared: Path) -> None:
    """docs/reference/systems.md#genuine-records: 3-disc DVD set with 3 barcodes (d.1-d.3)."""
    found = [one for one in genuine(shared, "uva_demoRecs.mrc", "symphony-999") if "Vikings" in one.title]
    assert [(one.barcode, one.description, one.label_lines[-1]) for one in found] == [
        ("X030397413", "s.1 d.1", "d.1"),
        ("X031786049", "s.1 d.2", "d.2"),
        ("X031786048", "s.1 d.3", "d.3"),
    ]
    assert {one.material for one in found} == {"dvd"}
    assert found[0].call_number_scheme == "local"
    assert found[0].call_number_source == "item field 999 $a"


def test_four_copies_of_a_video_disc(shared: Path) -> None:
    found = [one for one in genuine(shared, "uva_demoRecs.mrc", "symphony-999") if "hereafter" in one.title]
    assert [one.label_lines[-1] for one in found[:4]] == [".DVD00354", "c.2", "c.3", "c.4"]
    assert found[4].price == "$100.99"


def test_500_records_with_lc_items(shared: Path) -> None:
    found = genuine(shared, "evergreen_lul_fre_500.mrc", "symphony-949")
    assert len({one.record_id for one in found}) == 500
    assert all(one.title and one.label_lines and one.call_number_scheme == "lc" for one in found)
    first = found[0]
    assert first.title == "L'autre monde, mythes et légendes : le purgatoire de Saint Patrice."
    assert first.author == "Félice, Philippe de."
    assert first.label_lines == ("BL", "545", "F4")
    assert (first.library, first.location, first.item_type) == ("DESMARAIS", "DESM-CIR", "BOOKS")


@for_each(
    ("kind", "fixed", "carriers", "extent", "expected"),
    [
        # docs/reference/quality-sources.md#marc-fields-and-types, type matrix
        ("am", "", ("nnc",), "212 pages", "book"),
        ("am", "", (), "212 p.", "book"),
        ("tm", "ta", ("nnc",), "1 volume", "book"),
        ("am", "", ("nnc", "ssd"), "180 pages", "book"),
        ("am", "cr", ("ccr",), "1 online resource", ""),
        ("am", "cr un-", (), "1 online resource", ""),
        ("am", "he", ("hhe",), "3 microfiches", ""),
        ("cm", "", ("nnc",), "1 score", "score"),
        ("dm", "", (), "1 ms. score", "score"),
        ("em", "aj", ("nnb",), "1 map", "map"),
        ("fm", "aj", ("nnr",), "1 map", "map"),
        ("gm", "vd", ("vvd",), "1 videodisc", "dvd"),
        ("gm", "vd cvaizq", (), "1 videodisc", "dvd"),
        ("gm", "", (), "2 DVDs", "dvd"),
        ("gm", "vf", ("vvf",), "1 videocassette", ""),
        ("gm", "vf cbahos", (), "1 videocassette", ""),
        ("im", "sd", ("ssd",), "4 audio discs", "audiobook"),
        ("im", "ss", ("sss",), "4 audiocassettes", "audiobook"),
        ("jm", "sd fsngnn", ("ssd",), "1 audio disc", "music-cd"),
        ("jm", "sd bsmenn", ("ssd",), "1 audio disc", ""),
        ("jm", "ss lunjlc", ("sss",), "1 audiocassette", ""),
        ("mm", "co", ("ccd",), "1 CD-ROM", "software"),
        ("mm", "cr", ("ccr",), "1 online resource", ""),
        ("om", "", ("nnc", "nnr"), "1 game, 1 book", "kit"),
        ("rm", "", ("nnr",), "1 model", "object"),
        ("pm", "", (), "2 boxes", ""),
    ],
)
def test_material(kind: str, fixed: str, carriers: tuple[str, ...], extent: str, expected: str) -> None:
    fields = [Field("007", data=fixed)] if fixed else []
    fields.append(field("300", f"a{extent}"))
    for one in carriers:
        fields += [field("337", f"b{one[0]}"), field("338", f"b{one[1:]}")]
    assert described(*fields, kind=kind).material == expected


@for_each(
    ("text", "height"),
    [
        ("24 cm", 24.0),
        ("24 cm.", 24.0),
        ("21 x 26 cm", 21.0),
        ("28-31 cm", 31.0),
        ("12 cm in container 31 x 24 x 9 cm", 31.0),
        ("70 x 90 cm, folded to 23 x 11 cm", 23.0),
        ("85 mm", 8.5),
        ("22,5 cm", 22.5),
        ("4 3/4 in.", None),
        ("cm", None),
        ("", None),
        ("24", None),
        ("9" * 150 + " cm", 999.0),
    ],
)
def test_height(text: str, height: float | None) -> None:
    assert record.height_cm(text) == height


def test_title_author_and_their_punctuation() -> None:
    one = described(
        field("100", "aSmith, Ann,", "d1950-", ind="1 "),
        field("245", "aNotes.", "nPart 2,", "pWinter :", "ba memoir /", "cAnn Smith.", ind="10"),
    )
    assert one.title == "Notes. Part 2, Winter : a memoir"
    assert one.author == "Smith, Ann"
    assert described(field("245", "aX /", "cby Nobody.")).author == "by Nobody."
    assert described().title == ""
    assert described(field("245", "a[Place of publication not identified] /")).title.startswith("[Place of")


def test_non_sorting_marks_go() -> None:
    assert described(field("245", "a\u0098The \u009clighthouse /")).title == "The lighthouse"
    assert described(field("245", "a¬Der ¬Turm /")).title == "Der Turm"


def test_non_sorting_marks_go_from_names_and_linked_fields_too() -> None:
    one = described(
        field("100", "6880-01", "a\u0098De \u009cBeauvoir, Simone,"),
        field("245", "6880-02", "aX /"),
        field("880", "6100-01", "a\u0088El \u0089Nombre,"),
        field("880", "6245-02", "a\u0098Das \u009cHaus /"),
    )
    assert (one.author, one.alternate_author) == ("De Beauvoir, Simone", "El Nombre")
    assert one.alternate_title == "Das Haus"


def test_linked_author_is_that_of_the_same_heading() -> None:
    linked = [field("880", "6110-03", "aGesellschaft"), field("880", "6100-02", "aמחבר,")]
    assert described(field("100", "6880-02", "aMehaber"), *linked).alternate_author == "מחבר"
    assert described(field("110", "6880-03", "aGes."), *linked).alternate_author == "Gesellschaft"
    assert described(*linked).alternate_author == "מחבר"
    assert described(field("100", "6880-07", "aMehaber"), linked[1]).alternate_author == ""


def test_linked_title_in_its_own_script() -> None:
    linked = [
        field("245", "6880-02", "aSefer /"),
        field("880", "6100-01/(2/r", "aמחבר"),
        field("880", "6245-02/(2/r", "aספר /"),
    ]
    assert described(*linked).alternate_title == "ספר"
    assert described(field("245", "aSefer /"), linked[1]).alternate_title == ""
    assert described(field("245", "6880-05", "aSefer /"), linked[2]).alternate_title == ""
    assert described(field("880", "6245-00", "aבלי")).alternate_title == "בלי"


def test_genuine_linked_titles(shared: Path) -> None:
    titles = [
        record.alternate_title(marc.parse(one.data))
        for one in marc.read((shared / "data" / "marc" / "evergreen_hebrew_marc8.mrc").read_bytes())
        if isinstance(one, RawRecord)
    ]
    assert sum(any("\u05d0" <= char <= "\u05ea" for char in title) for title in titles) == 20


def test_isbns_prices_extents() -> None:
    one = described(
        field("020", "a0877663637 (pbk.) :", "c$12.50"),
        field("020", "a978-0-87766-363-8"),
        field("020", "a1234567890"),
        field("020", "z9780309034449"),
        field("300", "a212 pages :", "bill. ;", "c24 cm +", "e1 audio disc."),
    )
    assert one.isbns == ("9780877663638",)
    assert one.price == "$12.50"
    assert (one.extent, one.accompanying, one.height_cm) == ("212 pages", "1 audio disc.", 24.0)


def test_the_title_of_papers_is_their_form_and_dates() -> None:
    """A record of Temple University (tul_cob, archival.xml)."""
    papers = Record()
    papers.add_field(field("245", "k19th century tax receipt book,", "f1829-1839."))
    assert record.title(papers) == "19th century tax receipt book, 1829-1839."


@for_each(
    ("fields", "price"),
    [
        ((field("037", "aI-T-2001", "cRs154.00"),), "Rs154.00"),
        ((field("037", "a1", "c$4.00 (non-members)"), field("365", "aE1", "b9.00")), "9.00"),
        ((field("024", "a034571171944", "cEUR90.00"),), "EUR90.00"),
        ((field("020", "cPBK12"), field("024", "a034571171944", "cEUR90.00")), "EUR90.00"),
        ((field("020", "cPBK12"),), "PBK12"),
        ((field("024", "a034571171944", "c(v. 1)"), field("024", "a034571171951", "cset")), ""),
        ((field("037", "a1", "c9780521824361 (hbk.)"),), ""),
        ((field("037", "a1", "cvol. 2"),), ""),
    ],
)
def test_a_price_may_be_in_the_terms_of_availability(fields: tuple[Field, ...], price: str) -> None:
    assert described(*fields).price == price


def test_a_number_in_several_subfields_is_read_whole() -> None:
    """A local number of UNC: 949 $a C378 $a UO14.1 $a 1983-84."""
    found = described(field("949", "aC378", "aUO14.1", "a1983-84", f"i{BARCODE}"), item=False)
    assert found.call_number == "C378 UO14.1 1983-84"


def test_call_number_item_before_holdings_before_hint() -> None:
    bare = field("949", f"i{BARCODE}")
    hint = field("050", "aQA76.9", "b.D3 D38 2004", ind=" 4")
    local = field("090", "aQA1", "b.L6")
    holdings = field("852", "kREF", "hPE1680", "i.L49", "m2019", ind="0 ")
    top = described(hint, local, holdings)
    assert (top.call_number, top.call_number_source) == ("QA76 .S73 1990", "item field 949 $a")
    held = described(hint, local, holdings, bare, item=False)
    assert (held.call_number, held.call_number_source, held.call_number_scheme) == (
        "REF PE1680 .L49 2019",
        "holdings 852 $k$h$i$m",
        "lc",
    )
    assert held.label_lines == ("REF", "PE", "1680", ".L49", "2019")
    hinted = described(hint, local, bare, item=False)
    assert (hinted.call_number, hinted.call_number_source) == ("QA1 .L6", "090 (hint)")
    assert described(hint, bare, item=False).call_number_source == "050 (hint)"
    dewey = described(hint, field("082", "a641.5"), bare, item=False, scheme="dewey")
    assert (dewey.call_number, dewey.call_number_source, dewey.call_number_scheme) == ("641.5", "082 (hint)", "dewey")
    other = described(hint, bare, item=False, scheme="dewey")
    assert (other.call_number_source, other.call_number_scheme) == ("050 (hint)", "lc")
    none = described(bare, item=False)
    assert (none.call_number, none.call_number_source, none.label_lines) == ("", "", ())


def test_koha_profile() -> None:
    """docs/reference/systems.md#koha, 952 subfields."""
    item = field("952", "aMAIN", "cREF", "o641.5 SMI", f"p{BARCODE}", "yBK", "t2", "hv.3", "33 discs", "2ddc", "v20.00")
    one = described(item, profile="koha-952", item=False)
    assert (one.library, one.location, one.item_type, one.copy, one.parts) == ("MAIN", "REF", "BK", "2", 3)
    assert (one.call_number_scheme, one.description, one.price) == ("dewey", "v.3", "20.00")
    assert one.label_lines == ("REF", "641.5", "SMI", "v.3", "c.2")


def test_holdings_profile_joins_by_link() -> None:
    fields = [
        field("852", "82", "bMAIN", "cOVER", "hND1", "i.B2", ind="0 "),
        field("852", "81", "bEAST", "cSTACKS", "h641.5", "iSMI", ind="1 "),
        field("876", "81.1", f"p{BARCODE}", "t2", "c12.00", "3v.1"),
        field("876", "82.1", "p39999000000008"),
    ]
    one = described(*fields, profile="mfhd-852", item=False)
    assert (one.library, one.location, one.call_number, one.call_number_scheme) == (
        "EAST",
        "STACKS",
        "641.5 SMI",
        "dewey",
    )
    assert (one.copy, one.price, one.description) == ("2", "12.00", "v.1")
    assert one.label_lines == ("641.5", "SMI", "v.1", "c.2")
    other = record.describe(raw(*fields, item=False), Barcode("39999000000008"), profiles.load("mfhd-852"), SETTINGS)
    assert (other.library, other.call_number) == ("MAIN", "ND1 .B2")
    alone = described(field("852", "bMAIN", "hND1", f"p{BARCODE}", ind="0 "), profile="mfhd-852", item=False)
    assert alone.call_number == "ND1"


def test_errors() -> None:
    with raises_told(BarcodeUnknown, match="symphony-949"):
        record.describe(raw(item=False), BARCODE, profiles.load("symphony-949"), SETTINGS)
    with raises_told(CatalogError, match="cannot be read"):
        record.describe(b"junk", BARCODE, profiles.load("symphony-949"), SETTINGS)
    with raises_told(SettingsError, match="symphony-999"):
        profiles.load("sierra")


@pytest.mark.parametrize("text", ["0", "256", "1000", "two", "", "-3", "٣"])
def test_senseless_numbers_of_pieces_count_as_one(text: str) -> None:
    bare = field("949", "aX", f"i{BARCODE}", f"j{text}")
    assert described(bare, item=False).parts == 1


HOSTILE = st.text(st.characters(exclude_characters="\x1d\x1e\x1f", exclude_categories=["Cs"]), max_size=40)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_hostile_gets_through(a: str, b: str, c: str) -> None:
    bare = field("949", f"a{a}", f"l{b}", f"i{BARCODE}", f"v{c}")
    one = described(
        field("245", "6880-01", f"a{a}\x1b]52;c;QUFB\x07", f"b{b}\u202e"),
        field("100", f"a\x1b[2J{c}"),
        field("300", f"a{a}", f"c{b}", f"e{c}"),
        field("880", "6245-01", f"a{c}\u2066"),
        field("020", f"a{a}", f"c{b}"),
        bare,
        item=False,
    )
    texts = [one.title, one.author, one.call_number, one.location, one.description, one.extent, one.accompanying]
    texts += [one.price, one.alternate_title, *one.label_lines]
    assert all(clean(text) == text for text in texts)
