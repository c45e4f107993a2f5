"""Vendors as a file: what is written is read back, and every defect is refused by its line."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from station.acquisitions.columns import COLUMNS
from station.acquisitions.vendor_file import read, write
from station.base.errors import VendorFileRefused
from station.base.text import clean
from station.domain.receiving.vendor import Account, Contact, Mapper, Vendor, VendorFormat
from tests.support.for_each import for_each
from tests.support.told import raises_told

FILE = """[[vendor]]
id = "ybp"
name = "YBP Library Services"
names = ["YBP", "GOBI"]
codes = ["1694510"]
formats = ["edifact", "spreadsheet"]
tolerance = "5.0"
claim_days = 45

[[vendor.accounts]]
number = "7181"
library = "MAIN"

[[vendor.accounts]]
number = "7182"

[[vendor.contacts]]
name = "Desk"
task = "claims"
mail = "claims@example.org"

[vendor.mapper]
dates = "mdy"
code_page = "cp1252"

[vendor.mapper.columns]
isbn = "EAN"

[[vendor]]
id = "brodart"
name = "Brodart"
closed = true
"""
YBP = Vendor(
    id="ybp",
    name="YBP Library Services",
    names=("YBP", "GOBI"),
    codes=("1694510",),
    accounts=(Account(number="7181", library="MAIN"), Account(number="7182")),
    contacts=(Contact(name="Desk", task="claims", mail="claims@example.org"),),
    formats=(VendorFormat.EDIFACT, VendorFormat.SPREADSHEET),
    mapper=Mapper(columns={"isbn": "EAN"}, dates="mdy", code_page="cp1252"),
    tolerance="5.0",
    claim_days=45,
)


def test_a_file_names_vendors_with_all_that_is_known_of_them() -> None:
    vendors = read(FILE.encode(), "vendors.toml")
    assert vendors == (YBP, Vendor(id="brodart", name="Brodart", closed=True))
    assert write(vendors) == FILE.encode()
    assert read(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode(), "vendors.toml") == vendors


@for_each(
    "before, after, refusal",
    [
        ('name = "Brodart"', "", r"v\.toml, line 29: .*`name`"),
        ('number = "7182"', 'number = ""', r"v\.toml, line 15: .*accounts\[1\]"),
        ('number = "7182"', 'note = "none"', r"v\.toml, line 14: .*`number`"),
        ('task = "claims"', 'email = "x"', r"v\.toml, line 19: .*`email`"),
        ('isbn = "EAN"', 'ean = "EAN"', r'v\.toml, line 27: there is no column "ean"'),
        ('"cp1252"', '"klingon"', r'v\.toml, line 24: there is no code page "klingon"'),
        ('name = "Brodart"', 'name = "Gobi"', r'v\.toml, line 31: "Gobi" already names the vendor ybp'),
        ('id = "brodart"', 'id = "ybp"', r'v\.toml, line 30: "ybp" already names'),
        ('id = "brodart"', 'id = "Br odart"', r"v\.toml, line 30: "),
        ("claim_days = 45", "claim_days = 0", r"v\.toml, line 8: "),
        ("claim_days = 45", "claim_days =", r"v\.toml is no TOML"),
        ("[[vendor]]", "[[seller]]", r"v\.toml, line 1: .*`seller`"),
        (FILE, "", r"v\.toml has no \[\[vendor\]\]"),
        (FILE, "a = " + "[" * 5000, r"v\.toml is no TOML: nested too deeply"),
    ],
)
def test_a_defect_is_refused_with_its_line(before: str, after: str, refusal: str) -> None:
    assert before in FILE
    with raises_told(VendorFileRefused, match=refusal):
        read(FILE.replace(before, after).encode(), "v.toml")


def test_a_file_that_is_not_utf8_is_refused_with_its_line() -> None:
    with raises_told(VendorFileRefused, match=r"v\.toml, line 3: not UTF-8"):
        read(FILE.replace("YBP Lib", "Caf\xe9").encode("latin-1"), "v.toml")


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(max_size=most).map(clean).filter(lambda text: least <= len(text) <= most)


def vendors_of(ident: str) -> st.SearchStrategy[Vendor]:
    def made(**values: Any) -> Vendor:
        return Vendor(id=ident, **values)

    return st.builds(
        made,
        name=texts(40, 1).map(lambda text: f"{ident} {text}"),
        names=st.lists(texts(20, 1).map(lambda text: f"{ident}: {text}"), max_size=2).map(tuple),
        accounts=st.lists(st.builds(Account, number=texts(20, 1), note=texts(30)), max_size=2).map(tuple),
        contacts=st.lists(st.builds(Contact, name=texts(20, 1), mail=texts(30)), max_size=2).map(tuple),
        formats=st.lists(st.sampled_from(VendorFormat), max_size=2).map(tuple),
        mapper=st.builds(
            Mapper,
            columns=st.dictionaries(st.sampled_from(sorted(COLUMNS)), texts(20, 1), max_size=2),
            dates=st.sampled_from(["", "mdy", "dmy"]),
            sheet=texts(20),
        ),
        closed=st.booleans(),
    )


@given(vendors_of("a"), vendors_of("b"))
def test_what_is_written_is_read_back_and_written_alike(first: Vendor, second: Vendor) -> None:
    data = write((first, second))
    assert read(data, "v.toml") == (first, second)
    assert write(read(data, "v.toml")) == data


def test_hostile_text_of_a_file_stays_text() -> None:
    (vendor,) = read(b'[[vendor]]\nid = "a"\nname = "\\u001b[2J\\nX\\u202e\\"]"\n', "v.toml")
    assert vendor.name == clean('\x1b[2J\nX\u202e"]')
    assert read(write((vendor,)), "v.toml") == (vendor,)
