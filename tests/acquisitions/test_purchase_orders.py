"""Order lines and names of WorldShare's files. Sources in each test."""

from __future__ import annotations

import json
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
from tests.conftest import missing
from tests.support.told import told


def lines(name: str, *fields: Field) -> list[OrderLine]:
    record = Record()
    record.add_field(*fields)
    return list(purchase_orders.lines(record, purchase_orders.load(name), title="T"))


def listed(file: Path, profile: str) -> list[dict[str, object]]:
    """Return what `station orders list` prints of a genuine file."""
    if not file.exists():
        missing(file.name)
    result = CliRunner().invoke(station, ["orders", "list", str(file), "--profile", profile, "--json"])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


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
        "2018-08-01",
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


def test_a_price_that_is_no_amount_stays_as_written() -> None:
    (line,) = lines("innovative-960", field("960", "sPBK12", "o1"))
    assert (line.price, line.price_text) == (None, "PBK12")
    (line,) = lines("innovative-960", field("960", "s1,234.56 EUR", "o1"))
    assert (line.price, line.currency) == (Decimal("1234.56"), "EUR")


@pytest.mark.parametrize("profile", ["gobi-980", "gobi-order-980"])
def test_gobis_order_has_a_price_beside_its_fund(shared: Path, profile: str) -> None:
    """980 $b ENG2 is the fund, $j 26.99 the price."""
    rows = listed(shared / "data" / "oclc" / "gobi_order_980_4recs.mrc", profile)
    assert {(row["price"], row["fund"], row["location"], row["vendor"], row["quantity"]) for row in rows} == {
        ("26.99", "ENG2", "JRL", "YBP", 1)
    }
    assert len(rows) == 4


@pytest.mark.parametrize("profile", ["gobi-980", "gobi-order-980"])
def test_gobis_invoice_counts_cents_and_has_a_date(shared: Path, profile: str) -> None:
    """980 $a 130307 $b 6000 $e 6000 $f 243967 $g 1."""
    (row,) = listed(shared / "data" / "oclc" / "gobi_invoice_980_981.mrc", profile)
    assert (row["price"], row["net_price"], row["price_text"]) == ("60.00", "60.00", "6000")
    assert (row["invoice"], row["invoice_date"], row["invoice_date_text"]) == ("243967", "2013-03-07", "130307")


def test_a_date_that_is_none_stays_as_written() -> None:
    for text in ("131307", "3/7/13", "40028220053", "13030"):
        (line,) = lines("gobi-980", field("980", f"a{text}", "f1"))
        assert (line.invoice_date, line.invoice_date_text) == ("", text)


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
    assert symbol in told(found.sentence)


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
