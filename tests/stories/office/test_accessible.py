"""Every page fulfills WCAG 2.2 A and AA as far as axe-core sees it, in each color and at each width."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.office.app import PAGES
from station.office.asked import part_of_path
from tests.office.desk import CRITICAL, ITEM, OPEN, ORDER, TICKED, UNSEEN, delivery, invoices, received
from tests.office.test_forms import with_catalog
from tests.stories.office.desk import Desk

MENU = tuple(path for path, *_ in PAGES)
FURTHER = (
    "/me",
    "/me/pin",
    "/me/colors",
    "/people/w-tim",
    "/people/w-tim/role",
    "/people/w-tim/card",
    "/people/w-tim/erase",
    "/people/new",
    "/quality/reasons",
    "/quality/sampling",
    "/benches/1",
    "/benches/1/check",
    "/journal/1",
    "/journal/verify",
    "/manual/write",
    "/fix/lots",
    f"/items/{ITEM}",
    f"/items/{ITEM}/recheck",
    f"/fix/{OPEN}",
    f"/fix/{OPEN}/assign",
    f"/fix/{CRITICAL}/accept",
    "/fix?owner=Cataloging&sort=due",
    "/fix?hide=due.severity",
    "/nothing",
)


def paths(data: Path) -> tuple[str, ...]:
    """Return one address of each kind of page."""
    sent = f"/outbox/{delivery(data)}"
    known = received(data)
    came = (
        f"/shipments/{known['shipment']}",
        f"/shipments/{known['shipment']}/counts",
        f"/shipments/{known['open']}/close",
        f"/differences/{known['short']}",
        f"/differences/{known['short']}/end",
        f"/differences/claim?id={known['short']}",
        f"/claims/{known['claim']}",
        "/vendors/ybp",
        "/vendors/ybp/change",
        "/vendors/ybp/contact",
    )
    bought, order = invoices(data), f"/orders/{part_of_path(ORDER)}"
    came += (
        "/invoices/new",
        "/invoices/import",
        *(f"/invoices/{ident}" for ident in bought.values()),
        f"/invoices/{bought['open']}/lines/1",
        f"/invoices/{bought['ready']}/okay",
        f"/invoices/{bought['ready']}/credit",
        f"/invoices/{bought['exported']}/correct",
        order,
        f"{order}/change",
        f"{order}/notice",
    )
    return (*MENU, *FURTHER, *came, *leaving(data), sent, f"{sent}/decide", f"{sent}/retry")


def leaving(data: Path) -> tuple[str, ...]:
    """Return one address of each kind of page about what leaves."""
    known = received(data)
    pull, cart, transfer = (
        f"/{folder}/{known[name]}"
        for folder, name in (("withdrawals/lists", "pull"), ("withdrawals/carts", "cart"), ("transfers", "transfer"))
    )
    return (
        "/withdrawals",
        "/withdrawals/lists",
        "/withdrawals/lists/import",
        pull,
        f"{pull}?sort=title",
        f"{pull}/tick",
        f"{pull}/lines/{UNSEEN}",
        f"{pull}/without?id={UNSEEN}&id={TICKED}",
        f"{pull}/loans",
        f"{pull}/close",
        "/withdrawals/find",
        f"/withdrawals/decide?barcode={UNSEEN}",
        "/withdrawals/carts",
        "/withdrawals/carts/open",
        cart,
        f"{cart}/close",
        "/withdrawals/watch",
        "/reports/withdrawals",
        f"/withdrawals/{known['leaving']}",
        f"/withdrawals/{known['leaving']}/cancel",
        f"/withdrawals/{known['leaving']}/confirm",
        f"/withdrawals/{known['gone']}/destroyed",
        f"/withdrawals/{known['gone']}/oclc",
        f"/withdrawals/place?id={known['gone']}",
        f"/withdrawals/assign?id={known['gone']}",
        f"/items/{ITEM}/lost",
        "/transfers",
        "/transfers/new",
        transfer,
        f"{transfer}/cancel",
        f"{transfer}/confirm",
    )


def test_no_page_of_the_menu_violates_a_rule(desk: Desk) -> None:
    found = {}
    for path in MENU:
        desk.open(path)
        if violations := desk.violations():
            found[path] = violations
    assert found == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_about_what_leaves_violates_a_rule_or_is_too_wide(desk: Desk, office_data: Path, language: str) -> None:
    with_catalog(office_data)
    found, errors = {}, []
    desk.speak(language)
    try:
        for width in (1100, 390):
            desk.width(width)
            for path in leaving(office_data):
                desk.open(path)
                if not desk.driver.find_elements("css selector", "main form, main dl, main .above"):
                    errors.append(f"{path}: {desk.text}")  # a sentence in place of the page
                if wrong := [*desk.violations(), *desk.too_wide(), *desk.clipped()]:
                    found[path, width] = wrong
    finally:
        desk.speak("en")
    assert found == {} and errors == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lines_of_a_pull_list_are_read_without_scrolling_sideways(
    desk: Desk, office_data: Path, language: str
) -> None:
    pull = f"/withdrawals/lists/{received(office_data)['pull']}"
    desk.speak(language)
    try:
        for width in (1100, 390):
            desk.width(width)
            for path in (pull, f"{pull}?sort=title"):
                desk.open(path)
                table = desk.driver.find_element("css selector", ".table")
                wide, place = (int(str(table.get_property(name))) for name in ("scrollWidth", "clientWidth"))
                assert wide <= place, (path, width)
    finally:
        desk.speak("en")


def test_axe_sees_what_is_wrong(desk: Desk) -> None:
    """Otherwise the test above could pass by looking at nothing."""
    desk.open(f"/fix/{OPEN}/assign")
    assert desk.violations() == []
    desk.driver.execute_script("""
        document.documentElement.removeAttribute("lang");
        document.querySelectorAll("main label").forEach((label) => label.remove());
        document.querySelectorAll("h1").forEach((h) => { h.style.color = "#ddd"; h.style.background = "#fff"; });
    """)
    rules = {violation.partition(":")[0] for violation in desk.violations()}
    assert {"html-has-lang", "color-contrast"} <= rules and rules & {"label", "select-name"}


@pytest.mark.soak
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1100, 390, 320])
def test_no_page_violates_a_rule_in_any_color_and_width(desk: Desk, office_data: Path, width: int, dark: bool) -> None:
    desk.width(width)
    desk.media(dark=dark)
    found = {}
    for path in paths(office_data):
        desk.open(path)
        if violations := desk.violations():
            found[path] = violations
    assert found == {}
