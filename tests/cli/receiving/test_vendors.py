"""`station receiving vendors`: a file of vendors, the lists that belong to them, and how their files are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.receiving.vendor import Mapper
from station.store.queries.queries import Queries
from tests.cli.receiving.test_lists import events, run, value
from tests.conftest import FakeClock

FILE = """[[vendor]]
id = "ybp"
name = "YBP Library Services"
names = ["YBP"]
codes = ["1694510"]

[vendor.mapper]
dates = "mdy"

[vendor.mapper.columns]
isbn = "EAN"

[[vendor]]
id = "brodart"
name = "Brodart"
closed = true
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n')
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    (tmp_path / "vendors.toml").write_text(FILE)
    (tmp_path / "old.csv").write_text("isbn\n9780262033848\n")
    (tmp_path / "new.csv").write_text("EAN,date\n9780140449136,3/2/2026\n")
    return tmp_path


def imported(desk: Path, name: str, *words: str, code: int = 0) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = value(desk, "receiving", "import", str(desk / name), *words, code=code)
    return rows


def test_a_file_of_vendors_is_taken_once_and_written_back(desk: Path) -> None:
    imported(desk, "old.csv", "--vendor", "ybp")
    words = ("receiving", "vendors", "import", str(desk / "vendors.toml"))
    assert [(row["id"], row["state"], row["lists"]) for row in value(desk, *words)] == [
        ("ybp", "added", 1),
        ("brodart", "added", 0),
    ]
    (desk / "vendors.toml").write_text(FILE.replace('"1694510"', '"1694510", "31B"'))
    assert [row["state"] for row in value(desk, *words)] == ["changed", "unchanged"]
    assert [event["content"]["id"] for event in events(desk, "vendor-recorded")] == ["ybp", "brodart", "ybp"]
    # vendors are listed by id, so the file that is written begins with the other one
    exported = run(desk, "receiving", "vendors", "export").stdout
    (desk / "vendors.toml").write_text(exported)
    assert {row["state"] for row in value(desk, *words)} == {"unchanged"}
    assert run(desk, "receiving", "vendors", "export").stdout == exported
    assert [(row["id"], row["lists"]) for row in value(desk, "receiving", "vendors", "list")] == [("ybp", 1)], (
        "not brodart"
    )
    assert value(desk, "receiving", "vendors", "show", "31b")["name"] == "YBP Library Services"
    assert value(desk, "receiving", "vendors", "show", "nobody", code=35)["error"]["code"] == "receiving-refused"


def test_a_file_with_a_defect_changes_no_vendor(desk: Path) -> None:
    (desk / "vendors.toml").write_text(FILE.replace('"EAN"', '""'))
    refused = run(desk, "receiving", "vendors", "import", str(desk / "vendors.toml"))
    assert (refused.exit_code, "vendors.toml, line 10" in refused.stderr) == (31, True)
    assert value(desk, "receiving", "vendors", "list") == []


def test_a_list_has_the_name_of_its_vendor_and_stays_the_same_list(desk: Path) -> None:
    imported(desk, "old.csv", "--vendor", "ybp")
    value(desk, "receiving", "vendors", "import", str(desk / "vendors.toml"))
    for name in ("ybp", "YBP", "1694510"):
        (row,) = imported(desk, "old.csv", "--vendor", name, "--column", "isbn=isbn")
        assert (row["state"], row["vendor"]) == ("unchanged", "YBP Library Services")
    (desk / "old.csv").write_text("isbn\n9780140449136\n")
    imported(desk, "old.csv", "--vendor", "YBP", "--column", "isbn=isbn", code=31)
    assert len(value(desk, "receiving", "list")) == 1


def test_a_vendors_mapper_reads_its_spreadsheets_unless_options_are_given(desk: Path) -> None:
    value(desk, "receiving", "vendors", "import", str(desk / "vendors.toml"))
    read = value(desk, "receiving", "read", str(desk / "new.csv"), "--vendor", "YBP")
    assert read["columns"] == {"EAN": "isbn", "date": "date"}
    (row,) = imported(desk, "new.csv", "--vendor", "YBP")
    (event,) = events(desk, "packing-list-imported")
    assert (row["state"], event["content"]["date"]) == ("imported", "2026-03-02")
    imported(desk, "new.csv", "--vendor", "YBP", "--dates", "dmy", code=31)
    imported(desk, "new.csv", "--vendor", "Brodart", code=31)
    assert Queries(desk / "journal.db", FakeClock()).vendors()[0].mapper == Mapper()


def test_an_operator_may_not_change_vendors(desk: Path) -> None:
    value(desk, "people", "add", "ann", "--name", "Ann", "--role", "operator")
    words = ("receiving", "vendors", "import", str(desk / "vendors.toml"), "--operator", "ann")
    assert value(desk, *words, code=35)["error"]["code"] == "not-allowed"
    assert events(desk, "vendor-recorded") == []
