"""One table, three faces: page, file and `--json` of the command show a reader the same rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.base.settings import load
from station.cli import station
from station.cli.shared.app import as_json
from station.office import app
from station.office.asked import Asked, Page
from station.reports.tables.table import Table
from tests.office.conftest import office
from tests.office.desk import HIDDEN, ROLES, made

FACES: dict[str, tuple[str, Callable[[Any], list[dict[str, Any]]]]] = {
    "/fix": ("corrections list", list),
    "/outbox": ("outbox list", lambda said: said["deliveries"]),
    "/journal": ("journal show --limit 1000", list),
    "/people": ("people list", list),
    "/quality": ("quality stats", list),
    "/quality/reasons": ("quality stats --reasons", list),
    "/quality/sampling": ("quality sampling state", list),
}
EVERYONE = {"/rules": "quality rules list", "/settings": "settings"}
"""Pages that are the same for every reader."""
EXACT = {"/journal": {"summary"}}
"""Columns in which `--json` has ids and codes in place of titles and words."""


def same(data: Path, monkeypatch: pytest.MonkeyPatch, path: str, command: list[str], rows: Callable[[Any], Any]) -> int:
    """Compare the faces of one list, and return its number of rows."""
    tables: list[Table] = []
    listing = app.listing

    def kept(asked: Asked, page: Page, table: Table) -> Mapping[str, object]:
        tables.append(table)
        return listing(asked, page, table)

    monkeypatch.setattr(app, "listing", kept)
    with office(data) as desk:
        page = desk.get(f"{path}?rows=1000")
        taken = desk.get(f"{path}?as=csv").content.decode("utf-8-sig")
    assert page.status_code == 200
    ran = CliRunner().invoke(station, ["--data", str(data), *command, "--json"], catch_exceptions=False)
    told = rows(json.loads(ran.stdout))
    own = json.loads(as_json(tables[0].values()))
    left_out = EXACT.get(path, set())
    keys = [column.key for column in tables[0].columns if column.key not in left_out]
    assert sorted(as_json([row[key] for key in keys]) for row in own) == sorted(
        as_json([row[key] for key in keys]) for row in told
    )
    assert len(list(csv.reader(io.StringIO(taken)))) == len(own) + 1
    assert "tim" in command or HIDDEN not in page.text + taken, "a finding that only Tim knows"
    return len(own)


@pytest.mark.parametrize("login", ROLES)
@pytest.mark.parametrize("path", FACES)
def test_page_file_and_json_have_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, login: str
) -> None:
    made(tmp_path, sign_on=False, operator=login)
    command, rows = FACES[path]
    same(tmp_path, monkeypatch, path, [*command.split(), "--operator", login], rows)


@pytest.mark.parametrize("path", EVERYONE)
def test_a_list_without_people_has_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    made(tmp_path, sign_on=False)
    assert same(tmp_path, monkeypatch, path, EVERYONE[path].split(), list) > 20


def test_who_may_not_see_others_sees_no_other_person(tmp_path: Path) -> None:
    made(tmp_path, sign_on=False, operator="bea")
    with office(tmp_path) as desk:
        people = desk.get("/people").text
        refused = desk.get("/people/w-tim")
        own = desk.get("/me")
        figures = desk.get("/quality?by=worker").text
    assert "Bea" in people and "Tim" not in people and "Only technicians see other people" in people
    assert refused.status_code == 403 and "Errors by rule" not in refused.text
    assert own.status_code == 200 and "Errors by rule" in own.text
    assert "Tim" not in figures


def test_a_setting_says_where_its_value_comes_from(tmp_path: Path) -> None:
    made(tmp_path, sign_on=False)
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n\n[station]\noperator = "tess"\n')
    ran = CliRunner().invoke(station, ["--data", str(tmp_path), "settings", "--changed", "--json"])
    assert [(row["key"], row["origin"], row["line"]) for row in json.loads(ran.stdout)] == [
        ("library.isil", "file", 2),
        ("station.operator", "file", 5),
    ]


def test_the_ages_of_what_waits_are_those_of_the_board(tmp_path: Path) -> None:
    made(tmp_path, sign_on=False)
    ran = CliRunner().invoke(station, ["--data", str(tmp_path), "board", "--json", "--operator", "tess"])
    ages = {row["step"]: row for row in json.loads(ran.stdout)["ages"]}
    with office(tmp_path, settings=load(tmp_path / "station.toml")) as desk:
        page = desk.get("/today").text
    to_fix = ages["to-fix"]
    assert to_fix["today"] > 0 and to_fix["older"] == 0 and to_fix["oldest"]
    cells = page.partition('<a href="/fix?kind=mend">')[2].partition("</tr>")[0]
    assert f">{to_fix['today']}</td>" in cells
    assert HIDDEN not in page
