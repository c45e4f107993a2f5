"""The page of a pull list asks the emulated Alma about its lines on loan."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.events import PullTicked
from station.domain.withdrawals.pull_list import PullOutcome
from tests.office.desk import AWAITED, PINS, TICKED, browser, events, made, received, text_of
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.sync.conftest import alma_process

__all__ = ["alma_process"]


@pytest.fixture
def alma(alma_process: AlmaProcess) -> AlmaProcess:
    alma_process.reset({AWAITED: fictitious(AWAITED, 101)})
    alma_process.do("loan", barcode=AWAITED)
    return alma_process


@pytest.fixture
def data(tmp_path: Path, alma: AlmaProcess) -> Path:
    data = made(tmp_path)
    file = data / "station.toml"
    head, table, rest = file.read_text(encoding="utf-8").partition("[delivery.alma]\n")
    for before, after in (
        ("enabled = false", "enabled = true"),
        ("live_records = false", "live_records = true"),
        ('base_url = ""', f'base_url = "{alma.base_url}"'),
    ):
        assert before in rest
        rest = rest.replace(before, after, 1)
    file.write_text(f"{head}{table}{rest}", encoding="utf-8")
    (data / "credentials").mkdir(mode=0o700, exist_ok=True)
    (data / "credentials" / "alma").write_text(CANARY)
    (data / "credentials" / "alma").chmod(0o600)
    return data


def answers(data: Path) -> list[tuple[str, str, str, str]]:
    return [
        (event.line, event.outcome, event.source, event.operator)
        for event in events(data)
        if isinstance(event, PullTicked) and event.source
    ]


def test_a_piece_that_came_back_is_to_look_for_again(data: Path, alma: AlmaProcess) -> None:
    here = f"/withdrawals/lists/{received(data)['pull']}"
    with browser(data, "bea") as desk:
        assert f'href="{here}/loans"' in desk.get(here).text and "Songs" in desk.get(f"{here}/loans").text
        still = desk.send(f"{here}/loans")
        assert "1 piece is still on loan." in still.text and f'href="{here}"' in still.text and not answers(data)
        alma.do("return", barcode=AWAITED)
        fields = desk.form(f"{here}/loans")
        assert "1 piece is back: look for it." in desk.post(f"{here}/loans", fields).text
        assert desk.post(f"{here}/loans", fields).headers["location"] == here, "the same form asks once"
        assert answers(data) == [(AWAITED, PullOutcome.BACK, "alma", "w-bea")]
        page, back = desk.get(here).text, text_of(desk.get(f"{here}?outcome=back").text)
        assert f"{here}/loans" not in page and "Songs" in back and "Rivers" not in back
        to_look_for = text_of(desk.get(f"{here}?outcome=unseen").text)
        assert "2 lines to look for" in page and "Songs" in to_look_for and "Lakes" in to_look_for
        assert "Rivers" not in to_look_for
        assert desk.get(f"{here}/loans").status_code == 409, "none is on loan"
        found = desk.follow(desk.send(f"{here}/lines/{AWAITED}", outcome="found"))
    assert "Saved. Songs: found." in found.text


def test_a_line_that_somebody_ticked_meanwhile_is_not_ticked_again(data: Path, alma: AlmaProcess) -> None:
    here = f"/withdrawals/lists/{received(data)['pull']}"
    alma.do("return", barcode=AWAITED)
    with browser(data, "bea") as bea, browser(data, "tess") as tess:
        fields = bea.form(f"{here}/loans")
        tess.follow(tess.send(f"{here}/lines/{AWAITED}", outcome="found"))
        refused = bea.post(f"{here}/loans", fields)
        assert refused.status_code == 409 and "No line of Cooking is on loan." in text_of(refused.text)
        assert not answers(data)
        tess.follow(tess.send(f"{here}/lines/{TICKED}", outcome="on-loan"))
        tess.follow(tess.send(f"{here}/close", pin=PINS["tess"]))
        assert "is closed" in text_of(bea.get(f"{here}/loans").text)
