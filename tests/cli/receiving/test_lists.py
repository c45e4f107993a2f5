"""`station receiving`, and rule 50 in `station quality check`, with the sample catalog."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import station
from station.domain.events import ItemJudged
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import LineKey
from station.domain.verdict import Verdict
from station.store.database.database import open_reader
from station.store.owner import open_store
from tests.acquisitions.edifact.samples import sample
from tests.cli.session.test_sign_on import PINS, prepare, running
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


def imported(data: Path, *options: str, name: str = "INV-7", code: int = 0) -> Any:
    return value(
        data, "receiving", "import", str(data / "list.csv"), "--list", name, "--vendor", "YBP", "--column", "quantity=Qty",
        *options, code=code,
    )  # fmt: skip


def events(data: Path, kind: str) -> list[dict[str, Any]]:
    """Return the journaled events of a kind."""
    with closing(open_reader(data / "journal.db")) as sql:
        rows = sql.execute("SELECT payload FROM events WHERE kind = ? ORDER BY seq", (kind,))
        return [json.loads(row[0]) for row in rows]


def test_a_list_is_taken_and_rule_50_judges(desk: Path) -> None:
    assert rule_50(desk, "31999000000014") == ("abstained", "no packing list or invoice says anything of it")
    (report,) = imported(desk)
    assert (report["vendor"], report["name"], report["lines"], report["state"]) == ("YBP", "INV-7", 2, "imported")
    assert rule_50(desk, "31999000000014")[0] in ("pass", "fail")
    assert rule_50(desk, "31999000000022") == ("fail", "it was ordered for EAST, the item is of MAIN")
    assert rule_50(desk, "31999000000030") == ("fail", "it is on no open packing list")


def test_a_file_that_is_imported_twenty_times_still_is_one_copy(desk: Path) -> None:
    (desk / "list.csv").write_text("isbn,Qty\n9780262033848,1\n")
    (first,) = imported(desk, "--operator", "ann", name="INV-0")
    for number in range(1, 20):
        refused = imported(desk, name=f"INV-{number}", code=31)
        assert "This file was imported already as YBP INV-0" in refused["error"]["sentence"]
    assert imported(desk, name="INV-0")[0]["state"] == "unchanged"
    again = run(
        desk, "receiving", "import", str(desk / "list.csv"), "--list", "INV-0", "--vendor", "YBP", "--column", "quantity=Qty"
    )  # fmt: skip
    assert "Nothing was changed." in again.output
    assert [(one["id"], one["quantity"]) for one in value(desk, "receiving", "list")] == [(first["id"], 1)]
    (event,) = events(desk, "packing-list-imported")
    assert (event["operator"], event["source"]) == ("ann", "list.csv")
    assert event["digest"] == hashlib.sha256((desk / "list.csv").read_bytes()).hexdigest()
    assert event["content"]["lines"] == [{"line": "1", "numbers": ["9780262033848"], "quantity": 1}]


def test_another_content_is_refused_until_it_replaces_and_what_changes_is_shown(desk: Path) -> None:
    (first,) = imported(desk)
    (desk / "list.csv").write_text(CSV.replace("Second,2", "Second,3").replace("1,31999000000014", "1,31999000000030"))
    refused = imported(desk, code=31)
    assert "YBP INV-7 was imported already; --replace" in refused["error"]["sentence"]
    assert events(desk, "packing-list-replaced") == []
    shown = run(
        desk, "receiving", "import", str(desk / "list.csv"), "--list", "INV-7", "--vendor", "YBP",
        "--column", "quantity=Qty", "--replace", "--operator", "ann",
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "quantity: 2, now 3" in shown.output
    assert [line.split()[0] for line in shown.output.splitlines()[1:]] == ["added", "changed", "removed"]
    (event,) = events(desk, "packing-list-replaced")
    assert (event["list"], event["operator"]) == (first["id"], "ann")
    assert f"list-{event['replaces']}" == first["id"], "the number of the event with the earlier content"
    assert [line["quantity"] for line in event["content"]["lines"]] == [1, 3]
    assert [(one["id"], one["quantity"]) for one in value(desk, "receiving", "list")] == [(first["id"], 4)]
    assert value(desk, "journal", "verify")["problems"] == []


def test_a_wrong_number_is_corrected_and_the_list_keeps_its_id(desk: Path) -> None:
    (first,) = imported(desk)
    (report,) = imported(desk, "--replace", name="INV-8")
    assert (report["id"], report["state"], report["changes"]) == (first["id"], "replaced", [])
    assert [(one["id"], one["name"]) for one in value(desk, "receiving", "list")] == [(first["id"], "INV-8")]


def test_a_closed_list_is_opened_by_replacing_it(desk: Path) -> None:
    imported(desk)
    shown = run(desk, "receiving", "close", "INV-7", "--operator", "ann")
    assert "YBP INV-7 is closed; 3 copies missing" in shown.output
    (event,) = events(desk, "packing-list-closed")
    assert [(one["line"], one["copies"]) for one in event["missing"]] == [("1", 1), ("2", 2)]
    assert event["operator"] == "ann"
    assert "is closed already" in run(desk, "receiving", "close", "INV-7").output
    assert imported(desk)[0]["state"] == "unchanged"
    assert value(desk, "receiving", "list") == []
    imported(desk, "--replace")
    assert [one["closed"] for one in value(desk, "receiving", "list")] == [""]
    assert len(events(desk, "packing-list-closed")) == 1


def test_a_price_is_compared_where_the_site_gives_a_limit(desk: Path) -> None:
    imported(desk)
    outcome, reason = rule_50(desk, "31999000000014")
    price = value(desk, "catalog", "show", "31999000000014")["price"]
    assert (outcome == "fail") == (abs(float(price) - 35) > 3.5), reason
    (desk / "list.csv").write_text(CSV.replace("35.00", price))
    imported(desk, "--replace")
    assert rule_50(desk, "31999000000014") == ("pass", "")
    (desk / "list.csv").write_text(CSV.replace("35.00", str(float(price) * 2)))
    imported(desk, "--replace")
    assert "the list has the price" in rule_50(desk, "31999000000014")[1]
    (desk / "list.csv").write_text(CSV.replace("35.00", '"1,034.00 USD"'))
    imported(desk, "--replace")
    assert rule_50(desk, "31999000000014") == ("fail", f"the list has the price 1,034.00 USD, the item {price}")
    (desk / "list.csv").write_text(CSV.replace("35.00", "PBK12"))
    refused = run(desk, "receiving", "import", str(desk / "list.csv"), "--list", "INV-7", "--vendor", "YBP")
    assert 'list.csv, line 2: price is "PBK12", which is not an amount' in refused.stderr
    assert rule_50(desk, "31999000000014")[0] == "fail", "the earlier list stays"


def test_what_came_is_listed_and_a_list_is_closed(desk: Path) -> None:
    (report,) = imported(desk)
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
                receipt=LineKey(report["id"], line),
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


def test_a_list_is_named_by_its_number_where_that_is_enough(desk: Path) -> None:
    (first,) = imported(desk)
    assert run(desk, "receiving", "show", "INV-7").output == run(desk, "receiving", "show", "YBP INV-7").output
    (desk / "list.csv").write_text("isbn,vendor\n9780262033848,GOBI\n")
    value(desk, "receiving", "import", str(desk / "list.csv"), "--list", "INV-7")
    several = value(desk, "receiving", "close", "INV-7", code=31)
    assert f"{first['id']} (YBP INV-7)" in several["error"]["sentence"]
    assert value(desk, "receiving", "close", first["id"])["closed"]
    assert [one["vendor"] for one in value(desk, "receiving", "list")] == ["GOBI"]


def test_the_longest_list_reaches_a_running_station_with_the_pin_of_the_person(tmp_path: Path) -> None:
    data = prepare(tmp_path)
    rows = "".join(f"{n},POL-{n},{'Imaginary book ' * 15}\n" for n in range(1, 10_001))
    (tmp_path / "list.csv").write_text("line,order_line,title\n" + rows)
    words = ("receiving", "import", str(tmp_path / "list.csv"), "--list", "INV-7", "--operator", "ann")
    with running(data):
        done = CliRunner().invoke(station, ["--data", str(data), *words], input=f"{PINS['ann']}\n")
        assert done.exit_code == 0, done.output
        assert value(data, "receiving", "list")[0]["quantity"] == 10_000
    (event,) = events(data, "packing-list-imported")
    assert event["operator"] == "w-ann"


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


def test_the_invoice_of_an_edifact_file_is_a_packing_list(desk: Path) -> None:
    file = desk / "list.edi"
    file.write_bytes(sample())
    documents = value(desk, "receiving", "read", str(file))["documents"]
    assert [(document["kind"], document["number"]) for document in documents] == [
        ("despatch-advice", "SHIP-7"),
        ("invoice", "INV-7"),
    ]
    assert run(desk, "receiving", "list").output == "no packing list is open\n"
    assert [row["state"] for row in value(desk, "receiving", "import", str(file))] == ["imported", "imported"]
    assert rule_50(desk, "31999000000014") == ("fail", "the list has the price 50.00 EUR, the item 34.00")
    # the same file again changes nothing, and another content under the same number is refused
    assert [row["state"] for row in value(desk, "receiving", "import", str(file))] == ["unchanged", "unchanged"]
    file.write_bytes(sample(replaced=("QTY+12:2'", "QTY+12:3'")))
    assert value(desk, "receiving", "import", str(file), code=31)["error"]["code"] == "packing-list-refused"
    file.write_bytes(sample()[:-20])
    assert value(desk, "receiving", "import", str(file), code=31)["error"]["code"] == "vendor-file-refused"
    assert len(events(desk, "packing-list-imported")) == 2


def test_a_spreadsheet_is_shown_as_it_would_be_read(desk: Path) -> None:
    preview = value(desk, "receiving", "read", str(desk / "list.csv"))
    assert preview["header_row"] == 1
    assert preview["columns"] == {
        **{name: name for name in ("line", "barcode", "title", "price", "library")},
        "Qty": "quantity",
    }
    assert [row["title"] for row in preview["rows"]] == ["First", "Second"]
    assert "Qty      quantity  1" in run(desk, "receiving", "read", str(desk / "list.csv")).output


def test_before_the_first_pin_a_list_is_taken_and_closed_by_nobody_any_more(desk: Path) -> None:
    take = ("receiving", "import", str(desk / "list.csv"), "--list", "L-1", "--vendor", "YBP")
    value(desk, *take)
    (desk / "station.toml").write_text(f"{TOML}[people]\nsign_on = true\n")
    (desk / "list.csv").write_text(CSV.replace("Second", "Third"))
    before = open_reader(desk / "journal.db").execute("SELECT max(seq) FROM events").fetchone()
    for words in ((*take, "--replace"), ("receiving", "close", "L-1"), ("receiving", "shipment", "open")):
        assert value(desk, *words, code=35)["error"]["code"] == "pin-missing"
    assert open_reader(desk / "journal.db").execute("SELECT max(seq) FROM events").fetchone() == before
    assert run(desk, "people", "add", "tess", "--role", "technician").exit_code == 0, "one person has to be the first"


@pytest.mark.parametrize(
    ("language", "rows", "early"),
    [
        (
            "en",
            ("2 despatched", "3 invoiced", "150.00 EUR"),
            "INV-7: due on 2026-11-29, before its date 2026-11-30.\n",
        ),
        (
            "es",
            ("despachados: 2", "facturados: 3", "150.00 EUR"),
            "INV-7: vence el 2026-11-29, antes de su fecha 2026-11-30.\n",
        ),
    ],
)
def test_a_vendors_file_is_shown_in_words(desk: Path, language: str, rows: tuple[str, ...], early: str) -> None:
    settings = desk / "station.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[screen]\nlanguage = "{language}"\n', "utf-8")
    file = desk / "list.edi"
    file.write_bytes(sample(replaced=("RFF+ON:FREE TEXT'", "DTM+13:20261129:102'")))
    result = run(desk, "receiving", "read", str(file))
    assert all(row in result.stdout for row in rows) and not re.search(r"\b[0-9]+:[0-9]", result.stdout)
    assert result.stderr == early
