"""One table, three faces: page, file and `--json` of the command show a reader the same rows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.base.settings import load
from station.cli import station
from station.cli.shared.app import as_json
from station.domain.reader_health import OperationHealth, ReaderHealth
from station.drivers.reader.measured import keep
from station.office import app
from station.office.asked import Asked, Page
from station.reports.tables.table import Table
from station.runtime.data_directory import CATALOG
from station.store.catalog_index.import_file import import_file
from tests.office.conftest import office
from tests.office.desk import HIDDEN, ROLES, made, received

FACES: dict[str, tuple[str, Callable[[Any], list[dict[str, Any]]]]] = {
    "/fix": ("corrections list", list),
    "/outbox": ("outbox list", lambda said: said["deliveries"]),
    "/journal": ("journal show --limit 1000", list),
    "/people": ("people list", list),
    "/quality": ("quality stats", list),
    "/quality/reasons": ("quality stats --reasons", list),
    "/quality/sampling": ("quality sampling state", list),
    "/people/w-tim": ("people record tim", lambda said: said["loops"]),
    "/differences": ("receiving differences list", list),
    "/transfers": ("transfers list", list),
    "/withdrawals": ("withdraw list", list),
    "/withdrawals/lists": ("withdraw lists list", list),
    "/withdrawals/lists/{pull}": ("withdraw lists show {pull}", list),
    "/boxes/{box}": ("receiving boxes show {box}", lambda said: said["packed"]),
    "/shipments/{shipment}/counts": ("receiving shipment show {shipment}", lambda said: said["counts"]),
}
ONLY_WITH = {"/people/w-tim": ("sue", "tess", "tim")}
"""Pages that only some may read: who."""
EVERYONE: dict[str, tuple[str, Callable[[Any], list[dict[str, Any]]], int]] = {
    "/rules": ("quality rules list", list, 20),
    "/settings": ("settings", list, 20),
    "/items?q=bread": ("catalog search bread", lambda said: said["items"], 2),
    "/vendors": ("receiving vendors list", list, 1),
    "/shipments": ("receiving shipment list", list, 1),
    "/shipments/{shipment}": ("receiving shipment show {shipment}", lambda said: said["lines"], 2),
    "/boxes": ("receiving boxes list", list, 2),
    "/withdrawals/carts": ("withdraw cart list", list, 1),
    "/reports/withdrawals?table=items": ("withdraw report items", list, 1),
    "/reports/withdrawals": ("withdraw report", list, 1),
    "/invoices": ("receiving invoices list", list, 6),
    "/orders": ("receiving orders list", list, 1),
    "/benches/1": ("reader health", lambda said: said["health"]["operations"], 2),
}
"""Pages that are the same for every reader, and their least number of rows."""
EXACT = {
    "/journal": {"summary"},
    "/items?q=bread": {"which"},
    "/benches/1": {"operation", "failed"},
    "/people/w-tim": {"errors_since", "rechecks_since"},
}
"""Columns in which `--json` has ids, codes and parts in place of titles, words and sums."""


def same(data: Path, monkeypatch: pytest.MonkeyPatch, path: str, command: list[str], rows: Callable[[Any], Any]) -> int:
    """Compare the faces of one list, and return its number of rows. A name in braces is one of `received`."""
    left_out, ids = EXACT.get(path, set()), received(data)
    path, command = path.format_map(ids), [word.format_map(ids) for word in command]
    tables: list[Table] = []
    listing = app.listing

    def kept(asked: Asked, page: Page, table: Table) -> Mapping[str, object]:
        tables.append(table)
        return listing(asked, page, table)

    monkeypatch.setattr(app, "listing", kept)
    with office(data) as desk:
        page = desk.get(with_parameter(path, "rows=1000"))
        ran = CliRunner().invoke(station, ["--data", str(data), *command, "--json"], catch_exceptions=False)
        taken = desk.get(with_parameter(path, "as=csv")).content.decode(
            "utf-8-sig"
        )  # the journal then has an event of it
    assert page.status_code == 200
    told = rows(json.loads(ran.stdout))
    own = json.loads(as_json(tables[0].values()))
    keys = [column.key for column in tables[0].columns if column.key not in left_out]
    assert sorted(as_json([row[key] for key in keys]) for row in own) == sorted(
        as_json([row[key] for key in keys]) for row in told
    )
    assert len(list(csv.reader(io.StringIO(taken)))) == len(own) + 1
    assert "tim" in command or HIDDEN not in page.text + taken, "a finding that only Tim knows"
    return len(own)


def with_parameter(path: str, parameter: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{parameter}"


@pytest.mark.parametrize(
    ("path", "login"), [(path, login) for path in FACES for login in ROLES if login in ONLY_WITH.get(path, ROLES)]
)
def test_page_file_and_json_have_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, login: str
) -> None:
    made(tmp_path, sign_on=False, operator=login)
    command, rows = FACES[path]
    same(tmp_path, monkeypatch, path, [*command.split(), "--operator", login], rows)


@pytest.mark.parametrize("path", EVERYONE)
def test_a_list_without_people_has_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    made(tmp_path, sign_on=False)
    settings = load(tmp_path / "station.toml")
    with as_file(files("station.catalog") / "data" / "sample.mrc") as sample:
        import_file(sample, tmp_path / CATALOG, settings.catalog.profile, settings.catalog)
    done = [OperationHealth(name="inventory", done=7), OperationHealth(name="read_blocks", done=3)]
    keep(tmp_path, ReaderHealth(since="", until="", driver="feig", port="", operations=tuple(done)))
    command, rows, least = EVERYONE[path]
    assert same(tmp_path, monkeypatch, path, command.split(), rows) >= least


def test_a_hidden_column_is_neither_on_the_page_nor_in_its_files(tmp_path: Path) -> None:
    made(tmp_path, sign_on=False)
    with office(tmp_path) as desk:
        whole = desk.get("/fix").text
        less = desk.get("/fix?hide=due.item_title").text
        taken = desk.get("/fix?hide=due.item_title&as=csv").content.decode("utf-8-sig").splitlines()[0]
        nothing = desk.get("/fix?hide=owner.age_days.due.item_title.what.severity.waits_for").text
        book = desk.get("/fix?hide=due&as=xlsx").content
    assert 'href="/fix?hide=owner">Hide Owner</a>' in whole and "Columns, " not in whole
    assert 'href="/fix?hide=item_title">Show Due</a>' in less and "Columns, 2 hidden" in less
    assert 'data-head="Due"' in whole and 'data-head="Due"' not in less and 'data-head="What is wrong"' in less
    assert taken.split(",") == ["Owner", "Days", "What is wrong", "Severity", "Next step"]
    assert 'data-head="Owner"' in nothing, "a list shows at least one column"
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert "<t>Hidden columns</t>" in parts.read("xl/worksheets/sheet1.xml").decode()


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
