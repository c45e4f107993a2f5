"""Every page fulfills WCAG 2.2 A and AA as far as axe-core sees it, in each color and at each width."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.office.app import PAGES
from station.office.asked import part_of_path
from tests.office.desk import CRITICAL, ITEM, OPEN, ORDER, delivery, invoices, received
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
    return (*MENU, *FURTHER, *came, sent, f"{sent}/decide", f"{sent}/retry")


def test_no_page_of_the_menu_violates_a_rule(desk: Desk) -> None:
    found = {}
    for path in MENU:
        desk.open(path)
        if violations := desk.violations():
            found[path] = violations
    assert found == {}


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
