"""One office and one browser for all tests of this folder: Tess is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest
from selenium import webdriver

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.words import Library, Session, open_session
from station.cli.session.office import address, opened
from station.https.certificates import CA, FOLDER
from tests.conftest import missing
from tests.office.desk import PINS, made
from tests.stories.office.desk import AXE, Desk
from tests.web import browser


@pytest.fixture(scope="session")
def office_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    absent = browser.absent() + [package for package in (AXE,) if find_spec(package) is None]
    if absent:
        missing(" and ".join(absent))
    return made(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def served(office_data: Path) -> Iterator[str]:
    """Serve the office; return its address without the last slash."""
    open_session(Session(Library("en", office_data / "words")))
    settings = load(office_data / "station.toml")
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    with opened(settings, office_data, SystemClock()) as serving:
        yield address(serving).rstrip("/")


@pytest.fixture(scope="session")
def chrome(office_data: Path, served: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    home = tmp_path_factory.mktemp("chrome") / "home"
    browser.trusting(home, office_data / FOLDER / CA)
    with browser.chromium(home, None, public=False) as driver:
        yield driver


@pytest.fixture
def desk(chrome: webdriver.Chrome, served: str) -> Iterator[Desk]:
    """Yield the browser at a wide window, with Tess signed in; media and size are restored after the test."""
    desk = Desk(chrome, served)
    desk.open("/today")
    if "/sign-in" in chrome.current_url:
        desk.sign_in("tess", PINS["tess"])
    yield desk
    desk.restore()
