"""`station receiving accounts`: the plan is taken whole, tried before and after, and written back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acquisitions.test_account_plan_file import FILE
from tests.cli.receiving.test_lists import events, run, value


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n')
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    (tmp_path / "plan.toml").write_text(FILE)
    return tmp_path


def test_a_plan_is_tried_recorded_once_and_written_back(desk: Path) -> None:
    file = str(desk / "plan.toml")
    words = ("receiving", "accounts", "try", "--vendor", "GOBI", "--material", "DVD", "--date", "2026-12-01")
    assert value(desk, *words)["rules"] == [], "nothing is recorded yet"
    tried = value(desk, *words, "--plan", file)
    assert [(row["rule"], row["outcome"]) for row in tried["rules"]] == [("films", "counts"), ("rest", "not-reached")]
    assert [share["account"] for share in tried["shares"]] == ["10-BOOKS", "90-MAIL"]
    assert tried["tax"]["treatment"] == "exempt", "the other tax is for the library MAIN"
    assert value(desk, "receiving", "accounts", "import", file)["changed"]
    assert not value(desk, "receiving", "accounts", "import", file)["changed"]
    assert len(events(desk, "account-plan-recorded")) == 1
    said = run(desk, "receiving", "accounts", "try", "--vendor", "brodart", "--library", "main").stdout
    assert "another vendor" in said and "rest counts: 10-BOOKS" in said and "owes the state 8.25 % tax" in said
    assert "10-BOOKS" in run(desk, "receiving", "accounts", "show").stdout
    exported = run(desk, "receiving", "accounts", "export").stdout
    (desk / "plan.toml").write_text(exported)
    assert not value(desk, "receiving", "accounts", "import", file)["changed"]


def test_a_plan_with_a_fault_is_not_recorded(desk: Path) -> None:
    (desk / "plan.toml").write_text(FILE.replace('percent = "40"', 'percent = "41"'))
    refused = value(desk, "receiving", "accounts", "import", str(desk / "plan.toml"), code=31)
    assert "line 21" in refused["error"]["detail"] and not events(desk, "account-plan-recorded")
