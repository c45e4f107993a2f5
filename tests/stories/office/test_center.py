"""The office over all benches in a real browser: by the keyboard alone, in two languages, wide and narrow."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from selenium.webdriver.common.keys import Keys

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.words import Library, Session, open_session
from station.cli.session.office import address, opened
from station.https.certificates import CA, FOLDER
from tests.conftest import missing
from tests.office.fleet.center import PINS, SOUTHERN, VIEWERS, center_directory, filled, furnish
from tests.stories.office.desk import AXE, Desk
from tests.web import browser

OWN = ("/benches", "/ledger", "/quarantine", "/goals", "/items")
LISTS = (
    *("/fix", "/outbox", "/shipments", "/withdrawals", "/transfers", "/orders", "/invoices", "/vendors"),
    *("/journal", "/journal?rows=7"),
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reader_looks_at_all_benches_by_keyboard(tmp_path: Path, center_database: str, language: str) -> None:
    if absent := browser.absent() + [package for package in (AXE,) if find_spec(package) is None]:
        missing(" and ".join(absent))
    ids = filled(center_database, tmp_path)
    furnish(center_database, ids)
    data = center_directory(tmp_path / "center", center_database)
    settings = load(data / "station.toml")
    settings = msgspec.structs.replace(
        settings,
        office=msgspec.structs.replace(settings.office, port=0),
        fleet=msgspec.structs.replace(settings.fleet, viewers=VIEWERS),
    )
    open_session(Session(Library(language, data / "words")))
    try:
        with opened(settings, data, SystemClock()) as serving:
            home = tmp_path / "home"
            browser.trusting(home, data / FOLDER / CA)
            with browser.chromium(home, None, public=False) as driver:
                desk = Desk(driver, address(serving).rstrip("/"))
                desk.open("/")
                desk.press("ida", Keys.TAB, PINS["ida"], Keys.ENTER) if _focus_login(desk) else None
                desk.wait_for("/benches")
                _chooses_a_bench(desk, ids["Bench 2"], language)
                _finds_nothing_wrong(desk)
    finally:
        open_session(Session(Library("en", data / "words")))


def _focus_login(desk: Desk) -> bool:
    for _ in range(5):
        if desk.driver.switch_to.active_element.get_attribute("name") == "login":
            return True
        desk.press(Keys.TAB)
    raise AssertionError("Tab never came to the login")


def _chooses_a_bench(desk: Desk, bench: str, language: str) -> None:
    filters, apply, journal = {"en": ("Filters", "Apply", "Journal"), "es": ("Filtros", "Aplicar", "Diario")}[language]
    desk.tab_to({"en": "To fix", "es": "Por corregir"}[language])
    desk.press(Keys.ENTER)
    desk.wait_for("/fix")
    assert "Soup for beginners" in desk.text and SOUTHERN in desk.text
    desk.tab_to(filters)
    desk.press(Keys.ENTER, Keys.TAB, Keys.TAB, "Bench 2")
    desk.go(apply, "/fix?")
    assert f"bench={bench}" in desk.path
    desk.wait_for_text(SOUTHERN)
    assert "Soup for beginners" not in desk.text
    desk.go(journal, "/journal")
    assert f"bench={bench}" in desk.path and "Main Library" not in desk.text.partition("Bench 2")[2]


def _finds_nothing_wrong(desk: Desk) -> None:
    found = {}
    for width in (1280, 1000, 390):
        desk.width(width)
        for path in (*OWN, *LISTS):
            desk.open(path)
            assert desk.driver.find_elements("css selector", "main .above"), desk.text
            if wrong := [*desk.violations(), *desk.too_wide(), *desk.clipped()]:
                found[path, width] = wrong
            if width == 1280 and (wider := desk.scrolling()):
                found[path, width] = wider
            if width == 1000 and (left := desk.without_first_column()):
                found[path, width] = left
    assert found == {}
