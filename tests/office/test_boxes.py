"""The pages of boxes: what a site received, by marks, by a pasted list and by a file; and who may open a box again."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.events import BoxClosed, BoxOpened, BoxReceived
from tests.office.desk import EVIL, FAULTY, HERE, ITEM, browser, events, made, received, text_of
from tests.support.harmless import bad_characters


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def receipts(data: Path) -> list[tuple[tuple[str, ...], str]]:
    return [(event.missing, event.note) for event in events(data) if isinstance(event, BoxReceived)]


def test_all_came_or_marked_items_are_missing_and_the_newest_receipt_counts(data: Path) -> None:
    box = received(data)["box"]
    with browser(data, "tim") as desk:
        today = desk.get("/today").text
        page = desk.follow(desk.send(f"/boxes/receive?id={box}.{FAULTY}", note="box was open"))
        assert "A crooked label" in desk.get(f"/boxes/receive?id={box}.{FAULTY}").text
        assert "missing" in text_of(page.text) and 'data-mark="▲"' in page.text
        after = desk.get("/today").text
        desk.follow(desk.send(f"/boxes/receive?box={box}", how="all"))
        assert box not in desk.get("/boxes").text and box in desk.get("/boxes?state=received").text
    assert '<a href="/boxes?overdue=1">▲ 1 overdue box</a>' in today
    assert '<a href="/boxes?missing=1">▲ 1 item missing at its site</a>' in after and "overdue box<" not in after
    assert receipts(data) == [((FAULTY,), "box was open"), ((), "")]


def test_a_list_is_pasted_or_sent_as_a_file_and_a_strange_barcode_is_refused(data: Path) -> None:
    box = received(data)["box"]
    path = f"/boxes/receive?box={box}"
    with browser(data, "tess") as desk:
        empty = desk.send(path, how="list")
        assert empty.status_code == 409 and 'id="wrong-lines"' in empty.text
        strange = desk.send(path, how="list", lines=f"{ITEM}\n31234000000099")
        assert strange.status_code == 409 and "Not packed in this box: 31234000000099" in strange.text
        assert desk.send(path, how="list", lines=f"{ITEM}\n{EVIL}").status_code == 409 and not receipts(data)
        desk.follow(desk.send(path, how="list", lines=f"{box.upper()}\n\n{ITEM}\n"))
        fields = {**desk.form(path), "how": "list"}
        file = {"file": ("came.txt", f"# site list\n{FAULTY}\n{ITEM}\n".encode("utf-16"), "text/plain")}
        desk.follow(desk.client.post("/boxes/receive", data=fields, files=file, headers=dict(HERE)))
        no_text = {"file": ("came.bin", b"\xff\x00\x81" * 9, "text/plain")}
        fields = {**desk.form(path), "how": "list"}
        refused = desk.client.post("/boxes/receive", data=fields, files=no_text, headers=dict(HERE))
        assert refused.status_code == 409 and 'id="wrong-file"' in refused.text
    assert receipts(data) == [((FAULTY,), ""), ((), "")]


def test_a_box_is_closed_and_opened_again_with_a_reason(data: Path) -> None:
    known = received(data)
    with browser(data, "bea") as desk:
        assert desk.get(f"/boxes/{known['box']}/close").status_code == 409
        desk.follow(desk.send(f"/boxes/{known['open-box']}/close"))
        assert desk.send(f"/boxes/{known['box']}/reopen").status_code == 422
        page = desk.follow(desk.send(f"/boxes/{known['box']}/reopen", reason=f"wrong {EVIL}"))
        assert "Why it was opened again" in page.text and not bad_characters(page.text, allowed="\n\u00ad")
        assert desk.get("/boxes/box-1").status_code == 404
    closed, opened = (
        [event for event in events(data) if isinstance(event, kind)][-1] for kind in (BoxClosed, BoxOpened)
    )
    assert (closed.box, opened.box, opened.site) == (known["open-box"], known["box"], "EAST")


def test_label_and_packing_slip_are_printed_at_the_desk(data: Path) -> None:
    box = received(data)["box"]
    with browser(data, "tess") as desk:
        for name in ("label", "slip"):
            assert desk.get(f"/boxes/{box}/{name}").content.startswith(b"%PDF"), name
