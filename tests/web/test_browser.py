"""Real headless Chromium in the place of Alma's page: another origin, preflight, checked certificates, local network
access.

No certificate check is switched off: the commands that `station web certificate trust-help` prints import the station's
authority into a fresh profile. The page's host name is Alma's own (mapped to a server of the test), so that the default
of `web.origins` admits it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from station.web.guard import Guard
from tests.conftest import missing
from tests.support import station_process
from tests.support.served_pad import security
from tests.support.station_with_web import BOOKS, IN_STOCK, ON_LOAN, Whole, whole
from tests.web import browser

BOOK = BOOKS[0]
ALMA = f"https://{browser.ALMA_HOST}"
EVIL = f"https://{browser.EVIL_HOST}"
XML = {"Content-Type": "application/xml"}
LOOPBACK = {"permission": {"name": "loopback-network"}, "setting": "granted", "origin": ALMA}
"""The user's answer when the browser asks whether Alma's page may reach this device."""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if absent := browser.absent():
        missing(" and ".join(absent))


@pytest.fixture(scope="module")
def station() -> Iterator[Whole]:
    with station_process.short_folder() as folder, whole(folder) as it:
        uid = it.create(1)
        it.place(uid)
        assert it.desk.call("POST", "/itemUpdate", _update()).status == 200
        yield it


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Pages]:
    served = browser.Pages(tmp_path_factory.mktemp("pages"))
    yield served
    served.close()


@pytest.fixture(scope="module")
def driver(
    station: Whole, pages: browser.Pages, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[browser.webdriver.Chrome]:
    home = tmp_path_factory.mktemp("browser") / "home"
    browser.trusting(home, station.desk.authority, [pages.authority])
    with browser.chromium(home, pages, public=True) as driver:
        yield driver


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, str]]]:
    """Record what arrives at the server: method, path, headers."""
    found: list[tuple[str, str, dict[str, str]]] = []
    really = Guard.__call__

    async def listen(guard: Guard, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            found.append((scope["method"], scope["path"], headers))
        await really(guard, scope, receive, send)

    monkeypatch.setattr(Guard, "__call__", listen)
    return found


def _update() -> bytes:
    return f"<rfid><items><item><barcode>{BOOK}</barcode></item></items></rfid>".encode()


def test_from_almas_page_to_the_tag(
    driver: browser.webdriver.Chrome, station: Whole, heard: list[tuple[str, str, dict[str, str]]]
) -> None:
    """From the user's permission through getItems and a preflighted setSecurity to the bytes in the tag."""
    driver.get(f"{ALMA}/")
    assert driver.execute_script("return location.origin") == ALMA
    address = station.desk.address

    assert browser.fetch(driver, f"{address}/getItems") == {"error": "TypeError"}
    assert heard == [], "without the user's permission the browser sends nothing"

    driver.execute_cdp_cmd("Browser.setPermission", LOOPBACK)
    answer = browser.fetch(driver, f"{address}/getItems?reader_ip=127.0.0.1")
    assert (answer["status"], answer["type"]) == (200, "cors")
    item = ElementTree.fromstring(answer["body"]).find("items/item")
    assert item is not None
    assert [item.findtext(name) for name in ("barcode", "is_secure", "is_complete")] == [BOOK, "true", "true"]

    heard.clear()
    for secure, afi in (("false", ON_LOAN), ("true", IN_STOCK)):
        body = security(BOOK, secure).decode()
        answer = browser.fetch(driver, f"{address}/setSecurity", method="POST", body=body, headers=XML)
        assert answer["status"] == 200 and "<success>true</success>" in answer["body"]
        assert station.memory(station.uid(1))["afi"] == afi
    assert [(method, path) for method, path, _ in heard][:2] == [("OPTIONS", "/setSecurity"), ("POST", "/setSecurity")]
    preflight = heard[0][2]
    assert preflight["origin"] == ALMA
    assert preflight["access-control-request-method"] == "POST"
    assert preflight["access-control-request-headers"] == "content-type"
    assert station.says(station.uid(1)) == BOOK


def test_the_page_can_read_why_not(driver: browser.webdriver.Chrome, station: Whole) -> None:
    driver.get(f"{ALMA}/")
    driver.execute_cdp_cmd("Browser.setPermission", LOOPBACK)
    body = security("31999000000022").decode()
    address = station.desk.address
    answer = browser.fetch(driver, f"{address}/setSecurity", method="POST", body=body, headers=XML)
    assert answer["status"] == 404 and "not on the pad" in answer["body"]


def test_another_page_gets_nothing_read_and_nothing_done(
    driver: browser.webdriver.Chrome, station: Whole, heard: list[tuple[str, str, dict[str, str]]]
) -> None:
    """Even a page that the user permitted to reach this device: a simple POST arrives, and the server refuses it."""
    driver.get(f"{EVIL}/")
    driver.execute_cdp_cmd("Browser.setPermission", {**LOOPBACK, "origin": EVIL})
    address, body = station.desk.address, security(BOOK, "false").decode()
    before = station.memory(station.uid(1))

    assert browser.fetch(driver, f"{address}/getItems") == {"error": "TypeError"}
    assert browser.fetch(driver, f"{address}/setSecurity", method="POST", body=body, headers=XML) == {
        "error": "TypeError"
    }
    simple = browser.fetch(driver, f"{address}/setSecurity", method="POST", body=body, mode="no-cors")
    assert simple == {"error": "TypeError"}, "not even an opaque answer (Cross-Origin-Resource-Policy)"

    arrived = [(method, path) for method, path, _ in heard]
    assert arrived == [("GET", "/getItems"), ("OPTIONS", "/setSecurity"), ("POST", "/setSecurity")]
    assert heard[-1][2]["content-type"].startswith("text/plain") and heard[-1][2]["origin"] == EVIL
    assert station.memory(station.uid(1)) == before


def test_a_simple_post_of_almas_own_page_is_refused_too(driver: browser.webdriver.Chrome, station: Whole) -> None:
    driver.get(f"{ALMA}/")
    driver.execute_cdp_cmd("Browser.setPermission", LOOPBACK)
    before = station.memory(station.uid(1))
    body = security(BOOK, "false").decode()
    answer = browser.fetch(driver, f"{station.desk.address}/setSecurity", method="POST", body=body)
    assert answer["status"] == 415
    assert station.memory(station.uid(1)) == before


def test_a_person_can_see_that_it_is_trusted(driver: browser.webdriver.Chrome, station: Whole) -> None:
    for host in ("localhost", "127.0.0.1"):
        driver.get(f"https://{host}:{station.desk.server.port}/")
        assert "trusts its certificate" in driver.page_source


def test_without_the_authority_the_browser_refuses(station: Whole, pages: browser.Pages, tmp_path: Path) -> None:
    """Certificates are checked: a profile that does not trust the authority cannot connect."""
    home = tmp_path / "home"
    browser.trusting(home, None, [pages.authority], store=".pki/nssdb")
    with browser.chromium(home, pages, public=False) as driver:
        driver.get(f"{ALMA}/")
        assert browser.fetch(driver, f"{station.desk.address}/getItems") == {"error": "TypeError"}
        assert "NET::ERR_CERT_AUTHORITY_INVALID" in browser.warning(driver, f"{station.desk.address}/")
        driver.get("chrome://version")
        assert "ignore-certificate" not in driver.page_source


def test_the_authority_speaks_for_no_other_name(station: Whole, pages: browser.Pages, tmp_path: Path) -> None:
    """A thief of its key could not impersonate a bank: Chromium honors an imported authority's name constraints."""
    home = tmp_path / "home"
    pem = browser.forged(station.data / "web", tmp_path)
    browser.trusting(home, station.desk.authority)
    with (
        browser.Forger(pem) as forger,
        browser.chromium(home, pages, public=False, extra={browser.BANK: forger.port}) as driver,
    ):
        driver.get(f"{station.desk.address}/")
        assert "trusts its certificate" in driver.page_source
        assert "NET::ERR_CERT_" in browser.warning(driver, f"https://{browser.BANK}/")
