"""The pages of withdrawals: from a barcode to the signs, one page with its proofs, carts, Today, and the report."""

from __future__ import annotations

import re
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from station.base.settings import load
from station.domain.events import TagDestroyed, WithdrawalCartOpened, WithdrawalDecided, WithdrawalPlaced
from station.domain.item import ItemRecord
from station.domain.withdrawals.withdrawal import withdrawal_id
from station.runtime.data_directory import CATALOG
from station.store.catalog_index.import_file import import_file
from tests.office.desk import GONE, PINS, browser, events, journal, made, received, text_of
from tests.support.workbooks import sheet_names


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_a_barcode_leads_to_the_answers_of_the_stop_signs(data: Path) -> None:
    settings = load(data / "station.toml")
    with as_file(files("station.catalog") / "data" / "sample.mrc") as sample:
        import_file(sample, data / CATALOG, settings.catalog.profile, settings.catalog)
    with browser(data, "tess") as desk:
        assert desk.send("/withdrawals/find", barcode="no barcode").status_code == 409
        form = desk.follow(desk.send("/withdrawals/find", barcode="31999000000014")).text
        assert "▲ Last in this library: yes (catalog" in form and "? Last anywhere: not known" in form
        path = "/withdrawals/decide?barcode=31999000000014"
        choice = {"reason": "weeded", "destination": "recycle", "approver": "Dr. Lee", "piece": "present"}
        refused = desk.send(path, **choice, pin=PINS["tess"])
        assert refused.status_code == 409 and 'id="wrong-despite"' in refused.text
        page = desk.follow(desk.send(path, **choice, despite="a new edition is here", pin=PINS["tess"]))
        assert "Next: confirm its deletion" in text_of(page.text) and "overruled" in page.text
        assert 'href="/withdrawals/withdrawal-' in desk.get("/items/31999000000014").text


def test_a_page_shows_each_proof_and_only_what_is_possible(data: Path) -> None:
    known = received(data)
    with browser(data, "tess") as desk:
        leaving, gone = (desk.get(f"/withdrawals/{known[name]}").text for name in ("leaving", "gone"))
        listed = desk.get("/withdrawals?step=ready").text
        today = desk.get("/today").text
    assert f"/withdrawals/{known['leaving']}/cancel" in leaving and "/destroyed" not in leaving
    assert f"/withdrawals/{known['gone']}/destroyed" in gone and "/cancel" not in gone and "/confirm" not in gone
    assert "confirmed by a person" in gone and "Dr. Lee" in gone
    assert '<span class="unseen">confirmed by a person</span>' in listed and known["leaving"] not in listed
    assert '<a href="/withdrawals?step=ready">1 item is ready to strip</a>' in today


def test_a_part_is_taken_back_until_its_tag_is_gone(data: Path) -> None:
    item = ItemRecord(barcode="31234000000999", title="Old discs", parts=2)
    store = journal(data)
    decided, touched = (
        withdrawal_id(
            store.journal.order(
                WithdrawalDecided(
                    barcode=item.barcode,
                    part=part,
                    reason="damaged",
                    destination="recycle",
                    item=item,
                    operator="w-tess",
                )
            )
        )
        for part in (1, 2)
    )
    store.journal.order(TagDestroyed(uid="", barcode=item.barcode, part=2, how="no-tag", operator="w-tess"))
    assert store.close()
    with browser(data, "tess") as desk:
        assert f"/withdrawals/{touched}/cancel" not in desk.get(f"/withdrawals/{touched}").text
        assert f"/withdrawals/{decided}/cancel" in desk.get(f"/withdrawals/{decided}").text
        page = desk.follow(desk.send(f"/withdrawals/{decided}/cancel", reason="the wrong disc", pin=PINS["tess"])).text
    assert "the wrong disc" in page and "/cancel" not in page


def test_a_student_has_the_right_lent_once_for_a_cart_and_places_several(data: Path) -> None:
    known = received(data)
    with browser(data, "tim") as desk:
        choice = {"name": "Cart of Tim", "reason": "damaged", "destination": "surplus", "approver": "Dr. Lee"}
        refused = desk.send("/withdrawals/carts/open", **choice, pin=PINS["tim"])
        assert refused.status_code == 422 and "Dr. Lee" in refused.text
        proof = {"pin": PINS["tim"], "lender": "tess", "lender-pin": PINS["tess"]}
        page = desk.follow(desk.send("/withdrawals/carts/open", **choice, **proof))
        assert "Cart of Tim" in page.text and "/withdrawals/find?cart=cart-" in page.text
        missing = desk.send(f"/withdrawals/place?id={known['leaving']}&id={known['gone']}")
        assert missing.status_code in (403, 409) and not [
            1 for event in events(data) if isinstance(event, WithdrawalPlaced)
        ]
        early = desk.send(f"/withdrawals/place?id={known['gone']}", **{"in": "Pallet 3"})
        assert early.status_code == 409 and "Erase the tag" in early.text
    with browser(data, "tess") as desk:
        page = desk.get(f"/withdrawals/{known['gone']}/destroyed").text
        assert "Tag cut up" in page and "It has no tag" not in page, "its tag is known"
        (uid,) = set(re.findall(r'value="(E0[0-9A-F]+|part-1)"', page))
        desk.follow(desk.send(f"/withdrawals/{known['gone']}/destroyed", uid=uid, how="tag-cut", pin=PINS["tess"]))
    with browser(data, "tim") as desk:
        desk.follow(desk.send(f"/withdrawals/place?id={known['gone']}", **{"in": "Pallet 3"}))
    cart = [event for event in events(data) if isinstance(event, WithdrawalCartOpened)][-1]
    assert (cart.operator, cart.authorised) == ("w-tim", "w-tess")


def test_the_report_counts_titles_and_is_a_workbook(data: Path) -> None:
    with browser(data, "tess") as desk:
        page = desk.get("/reports/withdrawals?table=formats").text
        items = desk.get("/reports/withdrawals?table=items").text
        none = desk.get("/reports/withdrawals?kind=found").text
        book = desk.get("/reports/withdrawals/withdrawn/workbook")
    assert "1 item, value: 12.50 USD" in text_of(page) and "book" in page
    assert GONE in items and "Nothing with these filters" in none
    assert sheet_names(book.content)[-1] == "Items"
