"""`station receiving import` of orders, and `station receiving type`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from tests.acquisitions.test_order_records import records
from tests.cli.receiving.test_lists import events, run, value

ORDER = (
    b"UNB+UNOC:3+3472205:31B+1697978:31B+100908:1112+1'UNH+1+ORDERS:D:96A:UN'BGM+220+17+9'"
    b"LIN+38++9780262033848:EN'QTY+21:4'RFF+LI:17/38'UNT+6+1'UNZ+1+1'"
)
"""Made up, as is the response."""
RESPONSE = (
    b"UNB+UNOC:3+1697978:31B+3472205:31B+100908:1112+2'UNH+1+ORDRSP:D:96A:UN'BGM+231+17+29'"
    b"LIN+38+24+9780262033848:EN'QTY+21:4'FTX+LIN++220:1B:28'RFF+LI:17/38'"
    b"LIN+39+2+9780140449136:EN'QTY+21:1'RFF+LI:17/39'UNT+10+1'UNZ+1+2'"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxImag"\n')
    return tmp_path


def test_an_order_and_its_response_are_two_lists(desk: Path) -> None:
    for name, data in (("order.edi", ORDER), ("response.edi", RESPONSE)):
        (desk / name).write_bytes(data)
        (row,) = value(desk, "receiving", "import", str(desk / name))
        assert (row["kind"], row["vendor"], row["state"]) == ("order", "Ingram", "imported")
    first, second = events(desk, "packing-list-imported")
    assert [event["content"]["name"] for event in (first, second)] == ["17", "17 ORDRSP"]
    assert "cancelled" not in first["content"]["lines"][0] and all(
        line["cancelled"] for line in second["content"]["lines"]
    )


def test_records_with_order_fields_are_read_and_imported(desk: Path) -> None:
    file = desk / "orders.mrc"
    file.write_bytes(records(("970", "$p9.99$q2$fHIST")))
    shown = run(desk, "receiving", "read", str(file))
    assert shown.output.splitlines()[0] == "order orders"
    assert "9780262033848  Algorithms  2  9.99  HIST" in shown.output
    (row,) = value(desk, "receiving", "import", str(file), "--list", "PO-1", "--vendor", "YBP")
    assert (row["kind"], row["vendor"], row["name"]) == ("order", "YBP", "PO-1")
    wrong = run(desk, "receiving", "import", str(file), "--orders", "--dates", "mdy")
    assert (wrong.exit_code, "leave out --column, --dates, --code-page, --sheet, --orders" in wrong.stderr) == (2, True)


def test_a_list_is_typed_by_options_or_lines_of_stdin(desk: Path) -> None:
    lines = ("isbn=9780262033848 quantity=2 title=Algorithms", "order_line=POL-1")
    words = ("receiving", "type", "PAPER-7", "--vendor", "YBP")
    (row,) = value(desk, *words, "--line", lines[0], "--line", lines[1])
    assert (row["state"], row["lines"]) == ("imported", 2)
    (event,) = events(desk, "packing-list-imported")
    assert (event["source"], event["content"]["lines"][0]["title"]) == ("typed", "Algorithms")
    again = CliRunner().invoke(station, ["--data", str(desk), *words], input="\n".join((*lines, "", "not a line")))
    assert "Nothing was changed." in again.output
    other = run(desk, *words, "--line", "isbn=9780140449136")
    assert (other.exit_code, "was imported already; --replace" in other.stderr) == (31, True)
    refused = run(desk, "receiving", "type", "PAPER-8", "--line", lines[0], "--line", "isbn=9780262033849")
    assert (refused.exit_code, "PAPER-8, line 2" in refused.stderr) == (31, True)
    assert len(value(desk, "receiving", "list")) == 1, "all lines or none"


def test_a_list_with_the_copies_of_another_one_is_named(desk: Path) -> None:
    rows = "order_line,isbn,quantity\nPOL-1,9780262033848,2\nPOL-2,9780140449136,1\n"

    def imported(name: str, text: str, vendor: str = "YBP") -> str:
        (desk / f"{name}.csv").write_text(text)
        (row,) = value(desk, "receiving", "import", str(desk / f"{name}.csv"), "--vendor", vendor)
        return str(row["same_copies_as"])

    assert imported("SHIP-7", rows) == ""
    (advice,) = value(desk, "receiving", "list")
    # the invoice has order lines of its own, and a line for each copy
    invoice = "order_line,isbn\nPOL-1/1,9780262033848\nPOL-1/2,9780262033848\nPOL-2/1,9780140449136\n"
    assert imported("INV-7", invoice) == advice["id"]
    assert imported("MORE", rows.replace("POL-1,9780262033848,2", "POL-1,9780262033848,3")) == ""
    part = "isbn\n9780262033848\n"
    assert imported("OTHER", part, vendor="GOBI") == ""
    value(desk, "receiving", "close", "SHIP-7")
    value(desk, "receiving", "close", "INV-7")
    value(desk, "receiving", "close", "MORE")
    assert imported("PART", part + "9780140449136\n") == "", "the earlier lists are closed"


def test_an_invoice_may_have_the_number_of_its_order(desk: Path) -> None:
    (desk / "a.csv").write_text("isbn\n9780262033848\n")
    (desk / "b.csv").write_text("isbn,price\n9780262033848,9.99\n")
    (order,) = value(desk, "receiving", "import", str(desk / "a.csv"), "--list", "17", "--orders")
    # the same file with another kind is not taken for the same list
    refused = run(desk, "receiving", "import", str(desk / "a.csv"), "--list", "17")
    assert (refused.exit_code, "--replace" in refused.stderr) == (31, True)
    (invoice,) = value(desk, "receiving", "import", str(desk / "b.csv"), "--list", "17")
    assert (order["state"], invoice["state"]) == ("imported", "imported")
    assert [row["kind"] for row in value(desk, "receiving", "list")] == ["order", "box"]
