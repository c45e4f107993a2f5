"""`station withdraw lists show --ask` beside the emulated Alma: lines on loan stay until Alma says that their pieces are back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.library_systems.test_library import Run, alma, alma_process, data, run, value
from tests.cli.session.test_sign_on import running
from tests.support.alma_process import AlmaProcess

__all__ = ["alma", "alma_process", "data", "run"]


@pytest.fixture
def ident(run: Run, data: Path) -> str:
    """A list of three items, 1 and 2 ticked on loan."""
    settings = data / "station.toml"
    live = settings.read_text().replace("enabled = true\nbase_url", "enabled = true\nlive_records = true\nbase_url")
    settings.write_text(live)
    assert run("people", "add", "ann", "--name", "Ann", "--role", "technician").exit_code == 0
    (data / "cooking.csv").write_text("barcode\n1\n2\n3\n")
    where = (data / "cooking.csv", "--reason", "weeded", "--destination", "recycle")
    assert run("withdraw", "lists", "import", *where).exit_code == 0
    name: str = lists(run, "list")[0]["id"]
    lists(run, "tick", name, "1", "on-loan", "--recalled")
    lists(run, "tick", name, "2", "on-loan")
    return name


def lists(run: Run, *words: str) -> Any:
    return value(run("withdraw", "lists", *words, "--json"))


def outcomes(run: Run, ident: str, *words: str) -> dict[str, str]:
    return {row["barcode"]: row["outcome"] for row in lists(run, "show", ident, *words)}


def counts(run: Run) -> tuple[int, int]:
    """Return lines to look for and on loan."""
    (row,) = lists(run, "list")
    return row["unseen"], row["on_loan"]


def test_a_loaned_line_is_to_look_for_again_when_alma_has_its_piece_back(
    run: Run, ident: str, alma: AlmaProcess
) -> None:
    for barcode in ("1", "2"):
        alma.do("loan", barcode=barcode)
    asked = run("withdraw", "lists", "show", ident, "--ask")
    assert "2 pieces are still on loan." in asked.output and counts(run) == (1, 2)
    alma.do("return", barcode="1")
    alma.do("remove", barcode="2")
    asked = run("withdraw", "lists", "show", ident, "--ask", "--open")
    assert "1 piece is back: look for it." in asked.output
    assert "1 item is gone from the library system." in asked.output
    assert outcomes(run, ident) == {"1": "back", "2": "gone", "3": "unseen"} and counts(run) == (2, 0)
    assert set(outcomes(run, ident, "--open")) == {"1", "3"}
    journal = run("journal", "show").output
    assert "no longer on loan" in journal and "(Alma)" in journal
    lists(run, "tick", ident, "1", "found")
    assert outcomes(run, ident)["1"] == "found" and counts(run) == (1, 0)
    assert "No line of cooking is on loan." in run("withdraw", "lists", "show", ident, "--ask").output


def test_without_an_answer_of_alma_a_line_stays_on_loan(run: Run, data: Path, ident: str, alma: AlmaProcess) -> None:
    def ask() -> str:
        return run("withdraw", "lists", "show", ident, "--ask").output

    alma.do("down")
    assert "About 2 items there is no answer." in ask()
    with running(data):
        assert "About 2 items there is no answer." in ask(), "the running station asked"
    alma.do("up")
    with running(data):
        assert "2 pieces are back: look for them." in ask()
    assert counts(run) == (3, 0)


def test_nobody_ticks_by_hand_that_a_piece_is_back(run: Run, ident: str) -> None:
    refused = run("withdraw", "lists", "tick", ident, "1", "back")
    assert refused.exit_code == 2 and "'back' is not one of" in refused.output


def test_a_closed_list_is_not_asked_about(run: Run, ident: str, alma: AlmaProcess) -> None:
    lists(run, "close", ident)
    before = alma.asked()
    refused = run("withdraw", "lists", "show", ident, "--ask")
    assert refused.exit_code not in (0, 1) and "is closed" in refused.output and alma.asked() == before
