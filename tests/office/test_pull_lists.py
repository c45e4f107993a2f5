"""The pages of pull lists: how late a list is, its lines in shelf order below their places, and ticks at the shelf."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from station.domain.events import PullListImported, PullTicked, WithdrawalDecided
from station.domain.withdrawals.pull_list import PullOutcome
from tests.office.desk import (
    AWAITED,
    EVIL,
    HERE,
    PINS,
    TICKED,
    UNSEEN,
    Browser,
    browser,
    events,
    made,
    received,
    text_of,
)
from tests.office.test_forms import with_catalog
from tests.support.sample_labels import lines_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_the_lists_say_what_is_left_and_how_late_they_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(data, "tess") as desk:
        assert 'href="/withdrawals/lists"' in desk.get("/withdrawals").text
        page = desk.get("/withdrawals/lists").text
        assert "Cooking" in page and "in time" in page and "Weeded" in page and "very late" not in page
        monkeypatch.setattr("station.base.clock.SystemClock.now", lambda _: "2099-01-01T00:00:00+00:00")
        late, today = desk.get("/withdrawals/lists").text, desk.get("/today").text
    for said in ("▲ 1 pull list is very late", "1 pull list is late", "1 pull list has items to look for"):
        assert f'<a href="/withdrawals/lists">{said}</a>' in today, said
    assert "1 pull list is very late" in late and '<span class="mark" data-mark="×">' in late


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


def test_what_the_page_shows_is_printed(data: Path) -> None:
    path = f"/withdrawals/lists/{received(data)['pull']}"
    file = data / "station.toml"
    text = file.read_text()
    assert "\nsites = []" in text
    file.write_text(text.replace("\nsites = []", '\nsites = [{code = "E", name = "Riverside", libraries = ["EAST"]}]'))
    with browser(data, "tim") as desk:
        page = desk.get(f"{path}?outcome=unseen&sort=title").text
        whole, some = (" ".join(lines_of(desk.get(f"{path}/print{only}").content)) for only in ("", "?outcome=unseen"))
        assert desk.get("/withdrawals/lists/pull-0/print").status_code == 404
    assert f'href="{path}/print?outcome=unseen"' in page
    assert all(title in whole for title in ("Lakes", "Rivers", "Songs"))
    assert "Riverside, EAST, MEDIA" in whole, "the site of the shelf"
    assert "Lakes" in some and "Rivers" not in some


def test_a_student_does_not_see_who_ticked(data: Path) -> None:
    with browser(data, "bea") as desk:
        text = text_of(desk.get(f"/withdrawals/lists/{received(data)['pull']}").text)
    assert "another person" in text and "Tim " not in text


# --- ticks ----------------------------------------------------------------------------------------------------------


def ticks(data: Path) -> list[tuple[str, str, str]]:
    return [(event.line, event.outcome, event.operator) for event in events(data) if isinstance(event, PullTicked)]


def test_a_scan_finds_the_line_and_never_ticks(data: Path) -> None:
    here, before = f"/withdrawals/lists/{received(data)['pull']}", ticks(data)
    with browser(data, "tim") as desk:
        fields = desk.form(f"{here}/tick")
        page = desk.follow(desk.post(f"{here}/tick", {**fields, "scan": f" {UNSEEN} "}))
        assert "Lakes" in page.text and "QA76 .A10" in page.text and page.text.count('name="outcome"') == 6
        other = desk.post(f"{here}/tick", {**fields, "scan": TICKED})
        assert other.headers["location"].endswith(f"/lines/{TICKED}"), (
            "the browser went back, and another book is scanned"
        )
        nothing = desk.send(f"{here}/lines/{UNSEEN}", scan="  ")
        assert nothing.status_code == 409 and "Scan a barcode." in nothing.text and "Lakes" in nothing.text
        strange = desk.send(f"{here}/lines/{UNSEEN}", scan="31234000099999")
        assert strange.status_code == 409 and "31234000099999 is not on this list" in text_of(strange.text)
        assert 'id="wrong-scan"' in strange.text and 'value="31234000099999"' not in strange.text
        assert "&lt;script&gt;" in desk.send(f"{here}/tick", scan=EVIL).text
    assert ticks(data) == before


def test_two_people_tick_one_list_and_are_asked_about_the_same_line_only(data: Path) -> None:
    here, before = f"/withdrawals/lists/{received(data)['pull']}", ticks(data)
    with browser(data, "tess") as tess, browser(data, "bea") as bea:
        fields = tess.form(f"{here}/lines/{UNSEEN}")
        bea.follow(bea.send(f"{here}/lines/{TICKED}", outcome="found"))
        page = tess.follow(tess.post(f"{here}/lines/{UNSEEN}", {**fields, "outcome": "found"}))
        assert "Saved. Lakes: found." in page.text
        fields = tess.form(f"{here}/lines/{UNSEEN}")
        bea.follow(bea.send(f"{here}/lines/{UNSEEN}", outcome="wrong-edition"))
        asked = tess.post(f"{here}/lines/{UNSEEN}", {**fields, "outcome": "gone"})
        assert asked.status_code == 409 and "Meanwhile this happened" in asked.text
        assert "another edition at the shelf" in asked.text and "by Bea" in asked.text
        again = tess.form(f"{here}/lines/{UNSEEN}")
        tess.follow(tess.post(f"{here}/lines/{UNSEEN}", {**again, "outcome": "gone"}))
    assert ticks(data)[len(before) :] == [
        (TICKED, PullOutcome.FOUND, "w-bea"),
        (UNSEEN, PullOutcome.FOUND, "w-tess"),
        (UNSEEN, PullOutcome.WRONG_EDITION, "w-bea"),
        (UNSEEN, PullOutcome.GONE, "w-tess"),
    ]


# --- whole lists ----------------------------------------------------------------------------------------------------

IMPORT = "/withdrawals/lists/import"
CHOICE = {"reason": "weeded", "destination": "recycle", "approver": "Dr. Lee", "pin": PINS["tess"]}


def sent(desk: Browser, lines: str, headers: dict[str, str] = HERE, **typed: str) -> httpx2.Response:
    """Send a list from its form."""
    fields = {**desk.form(IMPORT), **CHOICE, **typed}
    file = {"file": ("summer.csv", lines.encode(), "text/csv")}
    return desk.client.post(IMPORT, data=fields, files=file, headers=dict(headers))


def imports(data: Path) -> list[PullListImported]:
    return [event for event in events(data) if isinstance(event, PullListImported)]


def test_a_list_is_imported_whole_or_not_at_all(data: Path) -> None:
    with_catalog(data)
    with browser(data, "tess") as desk:
        for lines, wrong in (
            (f"barcode\n{UNSEEN}\n{UNSEEN}\n", "line 3"),
            (f"barcode\n{EVIL}\n", "line 2"),
            (f"title\n{EVIL}\n", "barcode"),
        ):
            answer = sent(desk, lines)
            assert answer.status_code == 409 and wrong in text_of(answer.text), text_of(answer.text)
            assert 'id="wrong-file"' in answer.text and "<script>alert" not in answer.text
        good = f"barcode,note,library\n{UNSEEN},3 loans,EAST\n{TICKED},{EVIL},EAST\n"
        assert sent(desk, good, set="991").status_code == 409, "a file and a set"
        assert sent(desk, good, token="x").status_code == 403
        assert sent(desk, good, headers={"sec-fetch-site": "same-site"}).status_code == 403
        assert len(imports(data)) == 1
        page = desk.follow(sent(desk, good, note="by the board"))
    assert (
        "summer" in page.text and "A field guide to imaginary rivers" in page.text and "<script>alert" not in page.text
    )
    event = imports(data)[-1]
    assert (event.content.name, event.source, event.operator, event.content.note) == (
        "summer",
        "summer.csv",
        "w-tess",
        "by the board",
    )


def test_a_set_needs_a_library_system_that_has_sets(data: Path) -> None:
    with browser(data, "tess") as desk:
        answer = desk.send(IMPORT, **CHOICE, set="991")
    assert answer.status_code == 503 and "delivery.alma" in answer.text and len(imports(data)) == 1


def test_an_import_needs_a_technician(data: Path) -> None:
    with browser(data, "tim") as desk:
        assert 'id="field-lender"' in desk.get(IMPORT).text
        assert sent(desk, f"barcode\n{UNSEEN}\n", pin=PINS["tim"]).status_code == 422
    assert len(imports(data)) == 1


def test_lines_leave_without_their_pieces_together_or_not_at_all(data: Path) -> None:
    with_catalog(data)
    here = f"/withdrawals/lists/{received(data)['pull']}"
    path = f"{here}/without?id={UNSEEN}&id={TICKED}"
    with browser(data, "tess") as desk:
        assert f'formaction="{here}/without"' in desk.get(here).text
        assert "▲ Last in this library: yes" in text_of(desk.get(path).text)
        refused = desk.send(path, piece="lost", pin=PINS["tess"])
        assert refused.status_code == 409 and 'id="wrong-despite"' in refused.text
        assert desk.get(f"{here}/without").status_code == 409
        assert desk.get(f"{here}/without?id={UNSEEN}&id=none").status_code == 409
        page = desk.follow(desk.send(path, piece="lost", despite="nobody found them", pin=PINS["tess"]))
        assert page.text.count("/withdrawals/withdrawal-") == 2
        assert "was withdrawn already" in desk.get(f"{here}/lines/{UNSEEN}").text
        assert desk.send(f"{here}/lines/{UNSEEN}", scan=UNSEEN).status_code == 303
    gone = [event for event in events(data) if isinstance(event, WithdrawalDecided) and event.list]
    assert [(event.barcode, event.piece.value) for event in gone] == [(UNSEEN, "lost"), (TICKED, "lost")]


def test_a_closed_list_is_read_and_no_longer_ticked(data: Path) -> None:
    here = f"/withdrawals/lists/{received(data)['pull']}"
    with browser(data, "tess") as desk:
        fields = desk.form(f"{here}/lines/{UNSEEN}")
        desk.follow(desk.send(f"{here}/close", pin=PINS["tess"]))
        assert desk.post(f"{here}/lines/{UNSEEN}", {**fields, "outcome": "found"}).status_code == 409
        page, line, lists = (desk.get(path).text for path in (here, f"{here}/lines/{UNSEEN}", "/withdrawals/lists"))
        assert desk.get(f"{here}/close").status_code == 409
        everything = desk.get("/withdrawals/lists?all=1").text
    assert "is closed" in line and 'name="outcome"' not in line and f"{here}/tick" not in page
    assert "Cooking" not in lists and "Cooking" in everything
