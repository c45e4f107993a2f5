"""`station receiving`, and rule 50 in `station quality check`, with the sample catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import station
from station.domain.events import ItemJudged
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists import LineKey
from station.domain.snapshot import Verdict
from station.store.owner import open_store
from tests.conftest import FakeClock

TOML = """
[library]
isil = "US-TxImag"
[receiving]
expect_listed = "always"
[rules]
site_file = "own.toml"
"""
LIMIT = '[[change]]\nid = "as-invoiced"\nlimit = 10.0\n'
CSV = "line,barcode,title,Qty,price,library\n1,31999000000014,First,1,35.00,MAIN\n2,31999000000022,Second,2,,EAST\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(TOML)
    (tmp_path / "own.toml").write_text(LIMIT)
    (tmp_path / "list.csv").write_text(CSV)
    sample = Path(__file__).resolve().parents[3] / "station" / "catalog" / "data" / "sample.mrc"
    value(tmp_path, "catalog", "import", str(sample))
    return tmp_path


def run(data: Path, *arguments: str) -> Any:
    runner = CliRunner()
    with runner.isolation():
        pass
    return runner.invoke(station, ["--data", str(data), *arguments], catch_exceptions=False)


def value(data: Path, *arguments: str, code: int = 0) -> Any:
    result = run(data, *arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.output)


def rule_50(data: Path, barcode: str) -> tuple[str, str]:
    said = json.loads(run(data, "quality", "check", barcode, "--json").output)
    found = next(one for one in said["findings"] if one["rule"] == "as-invoiced")
    return found["outcome"], found["reason"]


def imported(data: Path) -> Any:
    return value(
        data, "receiving", "import", str(data / "list.csv"), "--list", "INV-7", "--vendor", "YBP", "--column", "quantity=Qty"
    )  # fmt: skip


def test_a_list_is_taken_and_rule_50_judges(desk: Path) -> None:
    assert rule_50(desk, "31999000000014") == ("abstained", "no packing list or invoice says anything of it")
    assert imported(desk) == [{"key": "YBP INV-7", "lines": 2, "replaced": False, "unused_columns": []}]
    assert rule_50(desk, "31999000000014")[0] in ("pass", "fail")
    assert rule_50(desk, "31999000000022") == ("fail", "it was ordered for EAST, the item is of MAIN")
    assert rule_50(desk, "31999000000030") == ("fail", "it is on no open packing list")
    assert imported(desk)[0]["replaced"]


def test_a_price_is_compared_where_the_site_gives_a_limit(desk: Path) -> None:
    imported(desk)
    outcome, reason = rule_50(desk, "31999000000014")
    price = value(desk, "catalog", "show", "31999000000014")["price"]
    assert (outcome == "fail") == (abs(float(price) - 35) > 3.5), reason
    (desk / "list.csv").write_text(CSV.replace("35.00", price))
    imported(desk)
    assert rule_50(desk, "31999000000014") == ("pass", "")
    (desk / "list.csv").write_text(CSV.replace("35.00", str(float(price) * 2)))
    imported(desk)
    assert "the list has the price" in rule_50(desk, "31999000000014")[1]
    (desk / "list.csv").write_text(CSV.replace("35.00", '"1,034.00 USD"'))
    imported(desk)
    assert rule_50(desk, "31999000000014") == ("fail", f"the list has the price 1,034.00 USD, the item {price}")
    (desk / "list.csv").write_text(CSV.replace("35.00", "PBK12"))
    refused = run(desk, "receiving", "import", str(desk / "list.csv"), "--list", "INV-7", "--vendor", "YBP")
    assert 'list.csv, line 2: price is "PBK12", which is not an amount' in refused.stderr
    assert rule_50(desk, "31999000000014")[0] == "fail", "the earlier list stays"


def test_what_came_is_listed_and_a_list_is_closed(desk: Path) -> None:
    imported(desk)
    store = open_store(desk / "journal.db", FakeClock())
    for barcode, line in (("31999000000014", "1"), ("31999000000022", "2")):
        store.journal.record(
            ItemJudged(
                barcode=barcode,
                uid="",
                part=1,
                parts=1,
                verdict=Verdict.PASS,
                findings=(),
                item=ItemRecord(barcode=Barcode(barcode)),
                receipt=LineKey("YBP INV-7", line),
            )
        )
    store.close()
    (standing,) = value(desk, "receiving", "list")
    assert (standing["quantity"], standing["came"], standing["closed"]) == (3, 2, "")
    shown = run(desk, "receiving", "show", "INV-7")
    assert shown.exit_code == 1
    assert "all here" in shown.output
    assert "1 missing" in shown.output
    value(desk, "receiving", "close", "INV-7")
    assert value(desk, "receiving", "list") == []
    assert len(value(desk, "receiving", "list", "--all")) == 1
    assert rule_50(desk, "31999000000030")[0] == "abstained"


def test_a_vendors_spreadsheet_is_taken_whole_or_not_at_all(desk: Path) -> None:
    rows = "ISBN,Title,Qty,List,Net\n9780262033848,Algorithms,2,75.00,67.50\n"
    (desk / "list.csv").write_text(rows)
    done = run(desk, "receiving", "import", str(desk / "list.csv"))
    assert done.exit_code == 0
    assert "Columns not used: List, Net" in done.stderr
    assert [one["name"] for one in value(desk, "receiving", "list")] == ["list"], "not 75.00"
    (desk / "list.csv").write_text(rows.replace("list", "box") + "9.78014E+12,Homer,1,11.00,9.90\n")
    refused = run(desk, "receiving", "import", str(desk / "list.csv"), "--list", "NEXT")
    assert refused.exit_code == 31
    assert "list.csv, line 3: isbn is" in refused.stderr
    (desk / "list.csv").write_text("barcode\n31999000000014\n1234\n")
    assert (
        "line 3: this is not one of the library's barcodes"
        in run(desk, "receiving", "import", str(desk / "list.csv"), "--list", "NEXT").stderr
    )
    assert len(value(desk, "receiving", "list")) == 1, "none of their text may be kept"


def test_what_is_bad_is_refused_and_nothing_is_kept(desk: Path) -> None:
    (desk / "list.csv").write_text("isbn,quantity\n9780262033848,many\n")
    result = run(desk, "receiving", "import", str(desk / "list.csv"))
    assert result.exit_code == 31
    assert "list.csv, line 2" in result.output
    assert run(desk, "receiving", "import", str(desk / "list.csv"), "--column", "count=Qty").exit_code == 2
    assert value(desk, "receiving", "list", "--all") == []
    assert run(desk, "receiving", "show", "nothing").exit_code == 31
    assert value(desk, "receiving", "close", "nothing", code=31)["error"]["code"] == "packing-list-refused"
