"""Order lines and names of WorldShare's files. Sources in each test."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Record, Subfield

from station.acquisitions import purchase_orders
from station.acquisitions.purchase_orders import ORDER_NAMES, OrderLine
from station.acquisitions.worldshare import partner_file
from station.base.errors import SettingsError
from station.base.text import clean
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.sample.sample import numbered
from station.cli import station
from station.cli.admin.settings_file import template
from tests.support.for_each import for_each


def lines(name: str, *fields: Field) -> list[OrderLine]:
    record = Record()
    record.add_field(*fields)
    return list(purchase_orders.lines(record, purchase_orders.load(name), title="T"))


def field(tag: str, *pairs: str) -> Field:
    return Field(tag, Indicators(" ", " "), [Subfield(pair[0], pair[1:]) for pair in pairs])


def test_the_ten_genuine_orders(shared: Path) -> None:
    """evergreen_sample_acq_order.mrc, read by hand: ten 970, of which one has 5.99, one 12.99, and eight 19.99."""
    data = (shared / "data" / "marc" / "evergreen_sample_acq_order.mrc").read_bytes()
    found = [
        line
        for one in marc.read(data)
        if isinstance(one, RawRecord)
        for line in purchase_orders.lines(marc.parse(one.data), purchase_orders.load("evergreen-970"))
    ]
    assert sorted(str(line.price) for line in found) == ["12.99", *["19.99"] * 8, "5.99"]
    assert [line.fund for line in found] == ["JUV", "JUV", "AV", "RF", "RF", "JUV", "JUV", "AV", "JUV", "RF"]
    assert {(line.library, line.quantity) for line in found} == {("BR1", 1)}


def test_invoice_data_of_980() -> None:
    """The example of Duke's page: 980 $a20180801 $b20.00 $e22.13 $f022004 $g1."""
    one = field("980", "a20180801", "b20.00", "e22.13", "f022004", "g1")
    (line,) = lines("gobi-980", one)
    assert (line.price, line.net_price, line.invoice, line.invoice_date, line.quantity) == (
        Decimal("20.00"),
        Decimal("22.13"),
        "022004",
        "20180801",
        1,
    )
    (harvard,) = lines("harvard-980", field("980", "fMECAP-20190617"))
    assert (harvard.invoice, harvard.price) == ("MECAP-20190617", None)


def test_innovative_960() -> None:
    """The example of Marmot's page: 960 $s19.95 $tssbnb $vamaz $uvideo-fund."""
    (line,) = lines("innovative-960", field("960", "s19.95", "tssbnb", "vamaz", "uvideo-fund"))
    assert (line.price, line.location, line.vendor, line.fund) == (Decimal("19.95"), "ssbnb", "amaz", "video-fund")
    assert lines("innovative-960", field("960", "zx"), field("961", "s1")) == []


def test_carli_952_quantity() -> None:
    assert [line.quantity for line in lines("carli-952", field("952", "32", "bUIU"), field("952", "3two", "bUIU"))] == [
        2,
        1,
    ]


@for_each(
    ("text", "value"),
    [
        ("19.99", "19.99"),
        ("$19.99", "19.99"),
        ("19,99 EUR", "19.99"),
        ("USD 20", "20"),
        ("£5", "5"),
        ("", None),
        ("12.50 each", None),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
        ("12.345", None),
        ("9" * 12, None),
    ],
)
def test_amounts(text: str, value: str | None) -> None:
    assert purchase_orders.amount(text) == (None if value is None else Decimal(value))


@given(st.text(max_size=30), st.sampled_from(ORDER_NAMES))
def test_hostile_text_is_cleaned(text: str, name: str) -> None:
    profile = purchase_orders.load(name)
    for line in lines(name, field(profile.tag, *(f"{code}{text}" for code in "abefgopqstuv3"))):
        values = [getattr(line, key) for key in line.__struct_fields__]
        assert all(clean(value) == value for value in values if isinstance(value, str))
        assert line.quantity >= 1


def test_wrong_order_profiles() -> None:
    with pytest.raises(SettingsError, match="evergreen-970"):
        purchase_orders.load("nobody")
    with pytest.raises(SettingsError, match=r"o\.toml, line 2: "):
        purchase_orders.parse('name = "o"\ncolour = 1\n', "o.toml")
    with pytest.raises(SettingsError, match=r"o\.toml"):
        purchase_orders.parse("name =", "o.toml")
    assert all(purchase_orders.load(name).open and purchase_orders.load(name).source for name in ORDER_NAMES)


def test_the_command_lists_what_stands_there(shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "metacoll.XXX.new.D20160318.T210512.1.mrc"
    file.write_bytes((shared / "data" / "marc" / "evergreen_sample_acq_order.mrc").read_bytes() + b"00099nam")
    result = CliRunner().invoke(station, ["orders", "list", str(file), "--profile", "evergreen-970"])
    assert len(result.stdout.splitlines()) == 10
    assert "for XXX: new records" in result.stderr
    assert "rejected: record 11" in result.stderr
    assert result.exit_code == 1
    none = CliRunner().invoke(station, ["orders", "list", str(tmp_path / "no"), "--profile", "evergreen-970"])
    assert none.exit_code == 31


def test_the_import_says_what_a_worldshare_file_is(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    file = tmp_path / "metacoll.XXX.new.D20160318.T210512.1.mrc"
    file.write_bytes(numbered(2))
    result = CliRunner().invoke(station, ["catalog", "import", str(file), "--data", str(tmp_path)])
    assert result.exit_code == 0
    assert "A daily WorldShare file for XXX: new records" in result.stderr


@pytest.mark.parametrize(
    ("name", "symbol", "kind", "made", "report"),
    [
        # help.oclc.org, by docs/reference/systems.md#oclc
        ("metacoll.XXX.updates.D20160318.T210512.1.mrc", "XXX", "updates", "2016-03-18T21:05:12", ""),
        (
            "metacoll.XXX.datasync.PROV.D20160318.T092700.bibdetailexcpt.1.mrc.txt",
            "XXX",
            "datasync",
            "2016-03-18T09:27:00",
            "bibdetailexcpt",
        ),
        # a name in a library's program in a public repository
        ("metacoll.OLX.new.D20150302.T240553.2.mrc", "OLX", "new", "2015-03-02T00:05:53", ""),
    ],
)
def test_names_of_worldshare_files(name: str, symbol: str, kind: str, made: str, report: str) -> None:
    found = partner_file(name)
    assert found is not None
    assert (found.symbol, found.kind, found.made.isoformat(), found.report) == (symbol, kind, made, report)
    assert found.is_report == name.endswith(".txt")
    assert symbol in found.sentence


@pytest.mark.parametrize(
    "name",
    [
        "export.mrc",
        "metacoll.XXX.new.D20161318.T210512.1.mrc",
        "metacoll.XXX.new.20160318.T210512.1.mrc",
        "metacoll.XXX.new.D20160318.T210512.1.mrc.exe",
        "metacoll.X\x1bX.new.D20160318.T210512.1.mrc",
        "",
    ],
)
def test_other_names(name: str) -> None:
    assert partner_file(name) is None
