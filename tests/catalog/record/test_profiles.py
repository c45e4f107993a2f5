"""Item-field profiles: each built-in one on a record of its kind, a site's file and its mistakes, links of holdings."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Record, Subfield

from station.acquisitions import purchase_orders
from station.base.errors import SettingsError
from station.base.settings import CatalogSettings, Labels, Settings
from station.catalog.labels import parse as parse_template
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import PROFILE_NAMES, Item, Profile
from station.catalog.record.record import describe_parsed
from station.domain.item import Barcode
from station.runtime.library_systems import load_item_profile, load_template
from tests.support.for_each import for_each
from tests.support.told import told


def field(tag: str, *pairs: str, ind: str = "  ") -> Field:
    return Field(tag, Indicators(ind[0], ind[1]), [Subfield(pair[0], pair[1:]) for pair in pairs])


def found(name: str, *fields: Field) -> tuple[Item, ...]:
    record = Record()
    record.add_field(*fields)
    return profiles.items(record, profiles.load(name))


def test_innovative_945() -> None:
    """Marmot, Sierra export (pageId=1762033669): 945 $f $a $b $k number, $g copy, $i barcode, $l location, $p, $t."""
    item = field("945", "aQA76.9", "b.D3 2004", "fREF", "koversize", "g2", "i33100000000017", "lstks", "p$19.95", "t18")
    assert found("innovative-945", item) == (
        Item(
            barcode="33100000000017",
            call_number="REF QA76.9 .D3 2004 oversize",
            call_number_source="item field 945 $f $a $b $k",
            location="stks",
            item_type="18",
            copy="2",
            price="$19.95",
        ),
    )


def test_evergreen_852() -> None:
    """marc_export.in of Evergreen: 852 4_ $b owning library, $b circulating library, $c, $k $j $m, $g, $p, $s, $y, $t."""
    item = field(
        "852",
        "bBR1",
        "bBR2",
        "cStacks",
        "kREF",
        "j813.54 KIN v.2",
        "mQTO",
        "gbook",
        "p31234000000012",
        "sAvailable",
        "t3",
        ind="4 ",
    )
    (one,) = found("evergreen-852", item)
    assert (one.barcode, one.call_number, one.library) == ("31234000000012", "REF 813.54 KIN v.2 QTO", "BR1")
    assert (one.location, one.item_type, one.copy, one.status) == ("Stacks", "book", "3", "available")


def test_polaris_852() -> None:
    """Polaris help, MARC 852 tag subfields: $a branch, $b collection, $d shelf, $k $h $i $m, $p, $r, $v, $w."""
    item = field("852", "aMain Library", "bAdult", "dMezzanine", "h641.5", "iCHI", "p33100000000017", "vv.2", "wBook")
    (one,) = found("polaris-852", item)
    assert (one.barcode, one.call_number, one.library) == ("33100000000017", "641.5 CHI", "Main Library")
    assert (one.location, one.item_type, one.description) == ("Mezzanine", "Book", "v.2")


def test_945_of_a_genuine_file_has_no_barcodes(shared: Path) -> None:
    """The 34 fields 945 of evergreen_hebrew_marc8.mrc hold only $l (counted with pymarc): no item, no error."""
    data = (shared / "data" / "marc" / "evergreen_hebrew_marc8.mrc").read_bytes()
    records = [marc.parse(one.data) for one in marc.read(data) if isinstance(one, RawRecord)]
    assert sum(len(record.get_fields("945")) for record in records) == 34
    assert [profiles.items(record, profiles.load("innovative-945")) for record in records] == [()] * 20


def test_carli_952() -> None:
    """carli.illinois.edu/node/5576: the first indicator gives the scheme, $p the piece."""
    item = field("952", "bUIU", "cstacks", "kRef", "h641.5", "iSMI", "m2019", "p30112000000013", "t1", ind="10")
    assert found("carli-952", item) == (
        Item(
            barcode="30112000000013",
            call_number="Ref 641.5 SMI 2019",
            call_number_source="item field 952 $k $h $i $m",
            scheme="dewey",
            library="UIU",
            location="stacks",
            copy="1",
        ),
    )


def test_harvard_049_takes_its_place_and_number_from_852() -> None:
    """docs/reference/systems.md#local-fields: 049 $b barcode, $c policy, $n description, $j $k enumeration; 852 $b $c
    $h $i."""
    held = field("852", "bWID", "cHD", "hHD1", "i.A2", ind="0 ")
    items = found(
        "harvard-049",
        held,
        field("049", "b32044000000010", "c01", "nv.2"),
        field("049", "b32044000000028", "jv.3", "k1990"),
    )
    assert [(one.barcode, one.library, one.location, one.item_type, one.description) for one in items] == [
        ("32044000000010", "WID", "HD", "01", "v.2"),
        ("32044000000028", "WID", "HD", "", "v.3 1990"),
    ]
    assert {(one.call_number, one.scheme, one.call_number_source) for one in items} == {
        ("HD1 .A2", "lc", "holdings 852 $k$h$i$m")
    }


@for_each(
    ("ind", "more", "scheme"),
    [
        *((str(number), (), scheme) for number, scheme in enumerate(["lc", "dewey", "nlm", "sudoc"])),
        *((number, (), "local") for number in "468"),
        ("7", ("2ddc",), "dewey"),
        ("7", ("2sudocs",), "sudoc"),
        ("7", ("2ANSCR",), "anscr"),
        ("7", ("2rvk",), "local"),
        ("7", (), "local"),
        (" ", (), ""),
    ],
)
def test_an_item_has_the_scheme_of_its_holdings(ind: str, more: tuple[str, ...], scheme: str) -> None:
    """MARC 21 Holdings, 852 first indicator; 7: see $2."""
    held = field("852", "bMAIN", "h005.1", "iSMI", *more, ind=f"{ind} ")
    assert [one.scheme for one in found("mfhd-852", held, field("876", "p31999000000014"))] == [scheme]
    assert [one.scheme for one in found("carli-952", field("952", "h005.1", "p1", *more, ind=f"{ind} "))] == [scheme]


@pytest.mark.parametrize("tag", ["876", "877", "878"])
def test_basic_unit_supplement_and_index_are_items(tag: str) -> None:
    """MARC 21 Holdings: item information of basic units, supplements and indexes; joined by $8."""
    held = (field("852", "81", "bMAIN", "cSTACKS", "hQA1", ind="0 "), field("852", "82", "bLAW", "hKF1", ind="0 "))
    item = field(tag, "82.1", "p31999000000014", "c9.95", "t2", "3v.2")
    (one,) = found("mfhd-852", *held, item)
    assert (one.library, one.call_number, one.price, one.copy, one.description) == ("LAW", "KF1", "9.95", "2", "v.2")


def test_koha_952() -> None:
    """docs/reference/systems.md#koha and #local-fields: $p barcode, $o number, $2 scheme, $a library, $c location, $y
    type, $t copy, $v price."""
    item = field(
        "952", "p31999000000014", "o005.1 SMI", "2ddc", "aCPL", "cREF", "yBK", "t2", "v19.95", "hv.2", "g15.00"
    )
    assert found("koha-952", item, field("999", "c7", "d7")) == (
        Item(
            barcode="31999000000014",
            call_number="005.1 SMI",
            call_number_source="item field 952 $o",
            scheme="dewey",
            library="CPL",
            location="REF",
            item_type="BK",
            copy="2",
            price="19.95",
            description="v.2",
        ),
    )


def test_alma_ava_joins_by_the_number_of_the_holdings() -> None:
    """AVA $8 holdings, $b library, $c location, $d number, $j location code
    (docs/reference/systems.md#local-fields)."""
    near = field("AVA", "0991", "822153448500006421", "bMAIN", "cStacks", "dQA76 .S73", "jstacks", "k0")
    far = field("AVA", "0991", "822153448500006439", "bLAW", "cReserve", "dKF1", "eavailable", "jresv", "k8")
    items = found(
        "alma-ava",
        near,
        far,
        field("876", "822153448500006439", "p32101000000017", "t1"),
        field("876", "022153448500006421", "p32101000000025", "3v.2"),
        field("876", "01", "p32101000000033"),
    )
    assert [(one.barcode, one.library, one.location, one.call_number, one.scheme) for one in items] == [
        ("32101000000017", "LAW", "resv", "KF1", "local"),
        ("32101000000025", "MAIN", "stacks", "QA76 .S73", "lc"),
        ("32101000000033", "", "", "", ""),
    ]
    assert items[0].call_number_source == "holdings AVA $d"
    assert items[1].description == "v.2"
    assert found("alma-ava", near) == ()


def test_worldshare_949() -> None:
    item = field("949", "aQA76 .S73", "c2", "i39999000000016", "lmain", "t1", "vv.2")
    assert [(one.call_number, one.copy, one.description) for one in found("worldshare-949", item)] == [
        ("QA76 .S73", "2", "v.2")
    ]


def test_aleph_and_horizon() -> None:
    """Z30: the tag has letters, and most subfields are digits. 991: as traject_horizon exports it."""
    z30 = field("Z30", "mBOOK", "1MAIN", "2STACK", "3QA76.73 .P98", "5000012345", "f01", "hv.2")
    assert [
        (one.barcode, one.call_number, one.library, one.location, one.item_type, one.description)
        for one in found("aleph-z30", z30)
    ] == [("000012345", "QA76.73 .P98", "MAIN", "STACK", "BOOK", "v.2")]
    h991 = field(
        "991", "aA1.350 .B499 A7", "fnone", "bav", "cc. 1", "q0", "i31999000000014", "lasal", "mafl", "nIn box"
    )
    assert [
        (one.barcode, one.call_number, one.library, one.location, one.copy, one.notes)
        for one in found("horizon-991", h991)
    ] == [("31999000000014", "A1.350 .B499 A7", "afl", "asal", "c. 1", ("In box",))]


def test_koha_type_of_the_record_where_the_item_says_none() -> None:
    """docs/reference/systems.md#local-fields: 942 $c is the default type."""
    bare, own = field("952", "p31999000000014"), field("952", "p31999000000022", "yCD")
    assert [one.item_type for one in found("koha-952", bare, own, field("942", "cBK"))] == ["BK", "CD"]


@for_each(
    ("subfields", "status"),
    [
        (("00", "10", "40", "70"), "available"),
        (("00", "7-1"), "on-order"),
        (("7-2",), "in-process"),
        (("71",), "not-for-loan"),
        (("41", "71"), "damaged"),
        (("12", "41"), "lost"),
        (("14", "q2026-12-01"), "missing"),
        (("14", "01"), "withdrawn"),
        (("70", "q2026-12-01"), "loan"),
        (("70", "18"), "8"),
        (("00", "10"), ""),
    ],
)
def test_the_status_of_a_koha_item_is_the_heaviest_of_its_fields(subfields: tuple[str, ...], status: str) -> None:
    """Koha's authorized values: installer/data/mysql/en/optional/auth_val.sql; "8" is in none of its lists."""
    (item,) = found("koha-952", field("952", "p31999000000014", *subfields))
    assert (item.status, item.suppressed) == (status, None)


def test_942_n_of_koha_hides_the_record_whatever_the_status_of_its_items() -> None:
    item, other = field("952", "p31999000000014", "7-1"), field("952", "p31999000000022")
    hidden = found("koha-952", item, other, field("942", "n1"))
    assert [(one.status, one.suppressed) for one in hidden] == [("on-order", True), ("suppressed", True)]
    assert [one.suppressed for one in found("koha-952", item, field("942", "n0"))] == [None]


@for_each(
    ("profile", "item", "status"),
    [
        ("innovative-945", field("945", "i1", "s-"), "available"),
        ("innovative-945", field("945", "i1", "sp"), "in-process"),
        ("innovative-945", field("945", "i1", "s$"), "lost"),
        ("innovative-945", field("945", "i1", "s7"), "7"),
        ("symphony-999", field("999", "i1", "lSTACKS", "kON-ORDER"), "on-order"),
        ("symphony-949", field("949", "i1", "lSTACKS", "kLOST-ASSUM"), "lost"),
        ("symphony-949", field("949", "i1", "lSTACKS", "kSTACKS"), ""),
        ("symphony-949", field("949", "i1", "lSTACKS", "kNEWBOOKS"), "NEWBOOKS"),
        ("symphony-999", field("999", "i1", "lDISCARD", "kDISCARD"), "withdrawn"),
        ("evergreen-852", field("852", "p1", "sDiscard/Weed"), "withdrawn"),
        ("polaris-852", field("852", "p1", "rIn-Process"), "in-process"),
        ("mfhd-852", field("876", "p1", "jMissing"), "missing"),
        ("mfhd-852", field("877", "p1", "jat the bindery", "jon order"), "at the bindery"),
    ],
)
def test_the_profile_says_what_a_status_means(profile: str, item: Field, status: str) -> None:
    assert [one.status for one in found(profile, item)] == [status]


@for_each(
    ("indicator", "subfields", "number"),
    [
        ("4", ("kAV", "jCD 1234"), "AV CD 1234"),
        ("5", ("lScience news", "mFolio"), "Science news Folio"),
        ("0", ("kREF", "hQA76", "i.A1", "jCD 1234"), "REF QA76 .A1"),
        ("0", ("kREF",), ""),
    ],
)
def test_an_item_of_holdings_has_the_number_by_which_they_are_shelved(
    indicator: str, subfields: tuple[str, ...], number: str
) -> None:
    """MARC 21 Holdings, 852 first indicator: 4 shelving control number ($j), 5 title ($l)."""
    held = field("852", "bMAIN", *subfields, ind=f"{indicator} ")
    assert [item.call_number for item in found("mfhd-852", held, field("876", "p31999000000014"))] == [number]


def test_a_site_gives_its_own_values_a_meaning() -> None:
    ours = profiles.own(OWN + 'status = "x"\n\n[statuses.k]\nNEWBOOKS = "in-process"\n"*" = ""\n', "ours.toml")
    said = [
        profiles.items_in([field("949", "i31999000000014", *pairs)], ours)[0].status
        for pairs in (("knewbooks",), ("kELSEWHERE",), ("kELSEWHERE", "xMissing"))
    ]
    assert said == ["in-process", "", "Missing"]


@for_each("name", PROFILE_NAMES)
def test_every_ready_profile_says_where_it_is_from(name: str) -> None:
    one = profiles.load(name)
    assert one.name == name
    assert one.about
    assert one.source
    assert one.open
    assert profiles.load(one) is one


OWN = 'name = "ours"\nabout = "a"\nsource = "s"\ntag = "949"\nbarcode = "ib"\n'


@for_each(
    ("text", "line", "said"),
    [
        (OWN + 'colour = "x"\n', 6, "colour"),
        (OWN + "price = 7\n", 6, "str"),
        (OWN + 'price = "$p"\n', 6, "regex"),
        (OWN.replace('"949"', '"94"'), 4, "regex"),
        (OWN.replace('"ib"', '""'), 5, "regex"),
        (OWN + 'kind = "order"\n', 6, "order"),
        (OWN + '\n[schemes]\nLC = "lc"\nX = "congress"\n', 7, "congress"),
        (OWN + '\n[statuses.s]\nx = "stolen"\n', 7, "stolen"),
        (OWN + '\n[statuses.status]\nx = "lost"\n', 7, "regex"),
        (OWN + 'item_location = "l"\n', 6, "holdings"),
        (OWN + 'kind = "holdings"\nholdings_tag = "949"\n', 4, "same field"),
        (OWN + 'scheme = "w"\nindicator = true\n', 7, "not in both"),
        (OWN + "joined = true\n", 6, "no call_number"),
        (OWN.replace('"ours"', '"ou\\u001brs"'), 1, "cannot be shown"),
        (OWN + 'item_type_default = "942"\n', 6, "regex"),
        ('name = "ours"\n', 1, "about"),
        ("a" * 3 + " =\n", None, "Invalid value"),
        ("a = " + "[" * 3000, None, "ours.toml"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_line(text: str, line: int | None, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        profiles.own(text, "ours.toml")
    assert "ours.toml" in told(refused.value.coded_detail)
    assert said in told(refused.value.coded_detail)
    assert line is None or f"line {line}:" in told(refused.value.coded_detail)


def test_a_profile_of_a_sites_own_is_read_from_the_data_directory(tmp_path: Path) -> None:
    settings = Settings(catalog=CatalogSettings(profile="ours.toml"), labels=Labels(template="mine.toml"))
    with pytest.raises(SettingsError, match=r"catalog\.profile.*ours\.toml"):
        load_item_profile(settings, tmp_path)
    with pytest.raises(SettingsError, match=r"labels\.template.*mine\.toml"):
        load_template(settings, tmp_path)
    (tmp_path / "ours.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "mine.toml").write_text('name = "mine"\nwidth = 7\n', encoding="utf-8")
    first = load_item_profile(settings, tmp_path)
    assert (first.barcode, first.name.split()[0]) == ("ib", "ours")
    assert load_template(settings, tmp_path).width == 7
    (tmp_path / "ours.toml").write_text(OWN.replace("ib", "i"), encoding="utf-8")
    assert load_item_profile(settings, tmp_path).name != first.name, "an index must notice the change of its profile"
    assert load_item_profile(Settings(), tmp_path).name == "symphony-949"
    assert load_template(Settings(), tmp_path).name == "us-common"


def test_an_index_of_another_profile_text_is_refused(tmp_path: Path, shared: Path) -> None:
    from station.base.errors import IndexUnusable
    from station.store.catalog_index.import_file import import_file
    from station.store.catalog_index.index import CatalogIndex

    mine = OWN.replace('"949"', '"999"').replace('"ib"', '"i"')
    profile = profiles.own(mine, "ours.toml")
    index = tmp_path / "catalog.db"
    report = import_file(shared / "data" / "marc" / "uva_demoRecs.mrc", index, profile, CatalogSettings())
    assert report.items == 16, "999 fields of the file, all with $i (counted by hand)"
    catalog = CatalogIndex(index, profiles.own(mine + 'location = "l"\n', "ours.toml"), CatalogSettings())
    with pytest.raises(IndexUnusable, match="ours"):
        catalog.find("X030397413")  # type: ignore[arg-type]
    catalog.close()


@given(st.text(max_size=80), st.sampled_from(["", OWN, 'name = "x"\n', "[schemes]\n", "[[oversize]]\n"]), st.booleans())
def test_any_text_is_a_file_of_ones_own_or_refused(text: str, start: str, before: bool) -> None:
    whole = text + start if before else start + text
    for read in (profiles.own, parse_template, purchase_orders.parse):
        with contextlib.suppress(SettingsError):
            assert read(whole, "x.toml")


PAIRS = st.lists(st.tuples(st.sampled_from("08abcdefghijklmnopqrstuvwxyz123"), st.text(max_size=12)), max_size=6)
TAGS = st.sampled_from(["852", "876", "878", "945", "949", "950", "952", "999", "049", "AVA", "942"])


@pytest.mark.parametrize("name", PROFILE_NAMES)
@given(st.lists(st.tuples(TAGS, PAIRS, st.sampled_from(["  ", "0 ", "78", "\x1b"])), max_size=6))
def test_no_field_breaks_a_profile(name: str, drawn: list[tuple[str, list[tuple[str, str]], str]]) -> None:
    fields = [
        Field(tag, Indicators(ind[0], ind[-1]), [Subfield(code, value) for code, value in pairs])
        for tag, pairs, ind in drawn
    ]
    profile: Profile = profiles.load(name)
    for item in profiles.items_in(fields, profile):
        assert item.barcode
        assert 1 <= item.parts <= 255


# --- the supplier -------------------------------------------------------------------------------------------------------


def vendor_of(profile: str, *others: Field) -> str:
    item = {
        "koha-952": ("952", [("p", "1"), ("e", "Koha Books")]),
        "mfhd-852": ("876", [("p", "1"), ("e", "Holdings Books")]),
        "innovative-945": ("945", [("i", "1")]),
        "symphony-949": ("949", [("i", "1")]),
    }[profile]
    record = Record()
    record.fields.extend(
        [*others, Field(item[0], Indicators(" ", " "), [Subfield(code, value) for code, value in item[1]])]
    )
    return describe_parsed(record, Barcode("1"), profiles.load(profile), CatalogSettings()).vendor


def bought(code: str, text: str, tag: str = "541") -> Field:
    return Field(tag, Indicators(" ", " "), [Subfield("a", text), Subfield("c", code)])


def test_the_vendor_stands_where_the_profiles_source_says() -> None:
    assert vendor_of("koha-952") == "Koha Books"
    assert vendor_of("mfhd-852") == "Holdings Books"  # MARC 21 Holdings, 876 $e: source of acquisition
    order = Field("960", Indicators(" ", " "), [Subfield("s", "12.00"), Subfield("v", "ybp")])
    assert vendor_of("innovative-945", order) == "ybp"


def test_where_the_item_names_none_it_is_whoever_sold_it_by_541() -> None:
    assert vendor_of("symphony-949", bought("Purchase ;", "YBP Library Services ;")) == "YBP Library Services"
    assert vendor_of("koha-952", bought("Purchase", "YBP")) == "Koha Books"
    assert vendor_of("symphony-949", bought("Gift", "A Friend")) == ""
    assert vendor_of("symphony-949", bought("Lease", "McNaughton")) == ""
    assert vendor_of("symphony-949") == ""
