"""`station withdraw lists import --set`: the members of a set in the emulated Alma become the lines of a list, all or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base import settings as configuration
from station.runtime.library_systems import close_systems, systems
from tests.cli.departures.test_pull_loans import lists
from tests.cli.library_systems.test_library import Run, alma, alma_process, data, deliver, run
from tests.support.alma_process import AlmaProcess, fictitious

__all__ = ["alma", "alma_process", "data", "run"]


@pytest.fixture
def name(run: Run, data: Path, alma: AlmaProcess) -> str:
    """A set with two items at a station whose barcodes have one digit. Alma has a third item with another barcode."""
    alma.reset({code: fictitious(code, 100 + n) for n, code in enumerate(("1", "2", "12"))})
    file = data / "station.toml"
    file.write_text(file.read_text().replace("length = 0", "length = 1"))
    assert run("people", "add", "ann", "--name", "Ann", "--role", "technician").exit_code == 0
    opened = systems(configuration.load(file), data)
    ident: str = opened["alma"]._sets.create("weeding").id  # type: ignore[attr-defined]
    close_systems(opened)
    assert run("library", "members", ident, "2", "1").exit_code == 0 and deliver(data) == ["delivered"]
    return ident


def imported(run: Run, name: str) -> str:
    return run("withdraw", "lists", "import", "--set", name, "--reason", "weeded", "--destination", "recycle").output


def test_the_members_of_a_set_are_the_lines_of_a_list(run: Run, name: str) -> None:
    imported(run, name)
    (row,) = lists(run, "list", "--all")
    assert (row["name"], row["source"], row["count"], row["unseen"]) == (name, name, 2, 2)
    assert {line["barcode"] for line in lists(run, "show", row["id"])} == {"1", "2"}


def test_a_member_whose_barcode_is_none_of_ours_keeps_the_whole_set_out(run: Run, name: str, data: Path) -> None:
    opened = systems(configuration.load(data / "station.toml"), data)
    opened["alma"]._sets.add(name, ["12"])  # type: ignore[attr-defined]
    close_systems(opened)
    assert f"Set {name}, member 12:" in imported(run, name) and lists(run, "list", "--all") == []


def test_a_set_that_is_too_long_is_not_read(
    run: Run, name: str, alma: AlmaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.runtime.pull_imports.MOST", 1)
    before = len(alma.asked())
    assert "has 2 members; the most are 1" in imported(run, name) and lists(run, "list", "--all") == []
    assert not [path for _, path in alma.asked()[before:] if path.endswith("/members")]


def test_an_unknown_set_makes_no_list(run: Run, name: str) -> None:
    assert "60120" in imported(run, "999999") and lists(run, "list", "--all") == []
