"""A person at a desk with real headless Chromium: what only a browser decides about cookies, origins and focus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from station.base.clock import SystemClock
from station.base.settings import load
from station.cli.session.office import opened
from station.domain.events import CorrectionAssigned, CorrectionClosed
from station.https.certificates import CA, FOLDER, files
from tests.conftest import missing
from tests.office.desk import CRITICAL, OPEN, PINS, events, made
from tests.support.patience import PATIENCE_S
from tests.web import browser

ELSEWHERE = f"https://{browser.EVIL_HOST}"
SEND = """
const form = document.createElement("form");
form.method = "post";
form.action = arguments[0];
document.body.append(form);
form.submit();
"""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if absent := browser.absent():
        missing(" and ".join(absent))


def test_a_technician_signs_in_and_works_by_keyboard_and_no_other_page_acts_for_her(tmp_path: Path) -> None:
    data = made(tmp_path / "data")
    settings = load(data / "station.toml")
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    with opened(settings, data, SystemClock()) as office:
        here = f"https://localhost:{office.port}"
        pages = browser.Pages(tmp_path)
        pem = tmp_path / "beside.pem"
        own = files("office", "", "", data)
        pem.write_bytes(own.key.read_bytes() + own.certificate.read_bytes())
        home = tmp_path / "home"
        browser.trusting(home, data / FOLDER / CA, [pages.authority])
        try:
            with browser.Forger(pem) as beside, browser.chromium(home, pages, public=False) as driver:
                _sign_in(driver, here)
                _follow_a_link_from_elsewhere(driver, here)
                _act_from(ELSEWHERE, driver, here)
                _act_from(f"https://localhost:{beside.port}", driver, here)
                assert not [event for event in events(data) if isinstance(event, CorrectionAssigned)]
                _close_by_keyboard(driver, here)
        finally:
            pages.close()
    (closed,) = [event for event in events(data) if isinstance(event, CorrectionClosed)]
    assert (closed.correction, closed.operator, closed.via) == (OPEN, "w-tess", "office")


def _sign_in(driver: WebDriver, here: str) -> None:
    driver.get(f"{here}/fix")
    _typed(driver, "field-login", "tess")
    _typed(driver, "field-pin", "111222", Keys.ENTER)
    _wait(driver, lambda: driver.title.startswith("Error: "))
    assert driver.switch_to.active_element.get_attribute("id") == "problem"
    _typed(driver, "field-pin", PINS["tess"], Keys.ENTER)
    _wait(driver, lambda: driver.current_url == f"{here}/fix")
    assert driver.execute_script("return document.cookie") == ""


def _follow_a_link_from_elsewhere(driver: WebDriver, here: str) -> None:
    """The first request comes without the cookie; the page loads itself once more, and then it is there."""
    driver.get(ELSEWHERE)
    driver.execute_script(f"document.body.innerHTML = '<a href=\"{here}/fix/{CRITICAL}\">mail</a>'")
    driver.find_element(By.LINK_TEXT, "mail").click()
    _wait(driver, lambda: "Soup for beginners" in driver.title)
    assert driver.current_url == f"{here}/fix/{CRITICAL}"


def _act_from(page: str, driver: WebDriver, here: str) -> None:
    """Another site, and another port of this machine, which the browser takes for the same site."""
    driver.get(page)
    driver.execute_script(SEND, f"{here}/fix/{CRITICAL}/take")
    _wait(driver, lambda: "may not change anything here" in driver.page_source)


def _close_by_keyboard(driver: WebDriver, here: str) -> None:
    driver.get(f"{here}/fix/{OPEN}/close")
    radio = driver.find_element(By.NAME, "result")
    radio.send_keys(Keys.SPACE)
    driver.switch_to.active_element.send_keys(Keys.TAB, "it is right", Keys.TAB, Keys.ENTER)
    _wait(driver, lambda: "Saved" in driver.page_source)
    assert "you, now" in driver.page_source


def _typed(driver: WebDriver, name: str, *keys: str) -> None:
    driver.find_element(By.ID, name).clear()
    driver.find_element(By.ID, name).send_keys(*keys)


def _wait(driver: WebDriver, condition: Callable[[], bool]) -> None:
    WebDriverWait(driver, PATIENCE_S).until(lambda _: condition())
