"""The pages of pull lists: how late a list is, and its lines in shelf order below their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office.desk import AWAITED, UNSEEN, browser, made, received, text_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_the_lists_say_what_is_left_and_how_late_they_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(data, "tess") as desk:
        assert 'href="/withdrawals/lists"' in desk.get("/withdrawals").text
        page = desk.get("/withdrawals/lists").text
        assert "Cooking" in page and "in time" in page and "Weeded" in page and "very late" not in page
        monkeypatch.setattr("station.base.clock.SystemClock.now", lambda _: "2099-01-01T00:00:00+00:00")
        late = desk.get("/withdrawals/lists").text
    assert "1 list is very late" in late and '<span class="mark" data-mark="×">' in late


def test_lines_are_in_shelf_order_below_their_places_and_lead_to_their_items(data: Path) -> None:
    path = f"/withdrawals/lists/{received(data)['pull']}"
    with browser(data, "tess") as desk:
        page = desk.get(path).text
        unseen, placed = desk.get(f"{path}?outcome=unseen").text, desk.get(f"{path}?place=EAST+%C2%B7+MEDIA").text
        by_title = desk.get(f"{path}?sort=title").text
    text = text_of("<main" + page.partition("<tbody>")[2])
    order = [text.index(part) for part in ("EAST · MEDIA", "Songs", "MAIN · STACKS", "Lakes", "Rivers")]
    assert order == sorted(order) and page.count('scope="rowgroup"') == 2 and 'scope="rowgroup"' not in by_title
    assert f'href="/items/{AWAITED}"' in page and "not found" in text and "Tim" in text
    assert "Lakes" in unseen and "Rivers" not in unseen and "Songs" in placed and "Lakes" not in placed
    assert UNSEEN not in placed


def test_a_student_does_not_see_who_ticked(data: Path) -> None:
    with browser(data, "bea") as desk:
        text = text_of(desk.get(f"/withdrawals/lists/{received(data)['pull']}").text)
    assert "another person" in text and "Tim " not in text
