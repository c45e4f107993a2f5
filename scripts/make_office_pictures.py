"""Make docs/office/pictures/*.png and docs/office/es/pictures/*.png: pages of the office over `scripts.imaginary_office`, in a
real browser; and the pages of a center over `station.demo.fleet`, as of now.

Needs Chromium, chromedriver and certutil, as `tests/web/browser.py` does; and PostgreSQL 17.

    python scripts/make_office_pictures.py [NAME ...]
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from selenium import webdriver  # noqa: E402

from scripts import imaginary_office  # noqa: E402
from station.base.clock import SystemClock  # noqa: E402
from station.base.settings import load  # noqa: E402
from station.base.words import Library, Session, open_session  # noqa: E402
from station.cli.session.office import address, opened  # noqa: E402
from station.demo.fleet import FleetStage  # noqa: E402
from station.domain.corrections.correction import Entry  # noqa: E402
from station.domain.fleet_standing import SILENT_S  # noqa: E402
from station.https.certificates import CA, FOLDER  # noqa: E402
from station.reports.tables.pull_lists import LISTS  # noqa: E402
from station.runtime.data_directory import JOURNAL, SETTINGS_NAME  # noqa: E402
from station.store.queries.queries import Queries  # noqa: E402
from tests.stories.office.desk import Desk  # noqa: E402
from tests.web import browser  # noqa: E402

DOCS: Final = ROOT / "docs" / "office"
FOLDERS: Final = {"en": DOCS / "pictures", "es": DOCS / "es" / "pictures"}
WIDTH: Final = 1000
OPEN: Final = "The moon's lost mitten"
"""Title of an item that is to be fixed."""
COLORS: Final = 48
"""Colors of a picture; text on plain ground needs no more, and the file stays small."""


class Shot(msgspec.Struct, frozen=True):
    """One picture: a page, and what is done there before it is taken."""

    path: Callable[[Queries], str]
    height: int = 640
    width: int = WIDTH
    act: Callable[[Desk], None] = lambda _: None


def _entry(queries: Queries, title: str) -> Entry:
    return next(entry for entry in queries.corrections() if entry.correction.item_title == title)


def _to_fix(do: str = "") -> Callable[[Queries], str]:
    return lambda queries: f"/fix/{_entry(queries, OPEN).correction.id}{do}"


def _delivery(do: str = "") -> Callable[[Queries], str]:
    return lambda queries: f"/outbox/{queries.outbox_page(state='parked')[0].id}{do}"


def _claim(queries: Queries) -> str:
    return next(row.claim for row in queries.differences() if row.claim)


def _event(queries: Queries) -> str:
    return f"/journal/{queries.head().seq - 9}"


def _open(selector: str) -> Callable[[Desk], None]:
    return lambda desk: desk.driver.execute_script("document.querySelector(arguments[0]).open = true", selector)


def _press(desk: Desk) -> None:
    desk.driver.find_element("css selector", "form.act .main").click()
    time.sleep(1.0)


SHOTS: Final[dict[str, Shot]] = {
    "today": Shot(lambda _: "/today", 700),
    "phone": Shot(lambda _: "/fix", 640, 390),
    "to-fix": Shot(lambda _: "/fix", 560),
    "correction": Shot(_to_fix(), 520),
    "assign": Shot(_to_fix("/assign"), 560),
    "columns": Shot(lambda _: "/fix?owner=Cataloging", 440, act=_open(".filters:last-of-type")),
    "item": Shot(lambda _: "/items/31999000000196", 660),
    "outbox": Shot(lambda _: "/outbox?state=parked", 440),
    "decide": Shot(_delivery("/decide"), 640),
    "shipment": Shot(lambda queries: f"/shipments/{queries.shipments(everything=True)[0].id}", 640),
    "box": Shot(lambda queries: f"/boxes/{next(row.id for row in queries.boxes() if row.missing)}", 700),
    "transfers": Shot(lambda _: "/transfers", 600, 1200),
    "withdrawals": Shot(lambda _: "/withdrawals", 620, 1300),
    "withdrawal": Shot(lambda queries: f"/withdrawals/{queries.withdrawals()[1].id}", 1000),
    "pull-lists": Shot(lambda _: LISTS, 500),
    "pull-list": Shot(lambda queries: f"{LISTS}/{queries.pull_lists()[0].id}", 1080),
    "differences": Shot(lambda _: "/differences", 520),
    "claim": Shot(lambda queries: f"/claims/{_claim(queries)}", 700),
    "invoice": Shot(lambda queries: f"/invoices/{queries.invoices()[-1].id}", 980, 1100),
    "orders": Shot(lambda _: "/orders", 420, 1100),
    "people": Shot(lambda _: "/people", 420),
    "person": Shot(lambda _: "/people/w-tim", 620),
    "register": Shot(lambda _: "/people/new", 560),
    "quality": Shot(lambda _: "/quality", 720),
    "journal": Shot(lambda _: "/journal", 460),
    "event": Shot(_event, 560),
    "verify": Shot(lambda _: "/journal/verify", 460, act=_press),
    "settings": Shot(lambda _: "/settings?changed=1", 480),
    "bench": Shot(lambda _: "/benches/1/check", 440, act=_press),
}

CENTER: Final = {
    "benches": ("/benches", 540),
    "tags": ("/ledger", 560),
    "refused": ("/quarantine?rows=5", 620),
    "goals": ("/goals", 420),
}
"""Pictures of a center: path and height."""
CENTER_WIDTH: Final = 1100


def take(desk: Desk, shot: Shot, queries: Queries, file: Path) -> None:
    """Take one picture."""
    desk.width(shot.width, height=shot.height)
    desk.open(shot.path(queries))
    shot.act(desk)
    save(desk, shot.width, shot.height, file)


def save(desk: Desk, width: int, height: int, file: Path) -> None:
    """Save what the browser shows."""
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    taken = desk.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
    with Image.open(io.BytesIO(base64.b64decode(taken["data"]))) as whole:
        whole.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(file, optimize=True)


def pictures(language: str, names: list[str], folder: Path) -> None:
    """Take these pictures in one language."""
    data = folder / language
    data.mkdir()
    clock = imaginary_office.make(data, language)
    settings = load(data / SETTINGS_NAME)
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    open_session(Session(Library("en", data / "words")))
    queries = Queries(data / JOURNAL, clock)
    FOLDERS[language].mkdir(parents=True, exist_ok=True)
    with opened(settings, data, clock) as serving:
        home = folder / f"home-{language}"
        browser.trusting(home, data / FOLDER / CA)
        with browser.chromium(home, None, public=False) as driver:
            _signed_in(driver, address(serving).rstrip("/"), lambda desk: _all(desk, names, queries, FOLDERS[language]))


def center_pictures(language: str, names: list[str], folder: Path) -> None:
    """Take these pictures of a center in one language, when its third bench is silent."""
    with FleetStage(folder / f"center-{language}", SystemClock(), print, language=language) as stage:
        until = time.monotonic() + 2 * SILENT_S
        stage.work(lambda: time.monotonic() > until)
        home = folder / f"home-center-{language}"
        browser.trusting(home, stage.center / FOLDER / CA)
        with browser.chromium(home, None, public=False) as driver:
            desk = Desk(driver, stage.address.rstrip("/"))
            desk.media()
            driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            for name in names:
                path, height = CENTER[name]
                desk.width(CENTER_WIDTH, height=height)
                desk.open(path)
                save(desk, CENTER_WIDTH, height, FOLDERS[language] / f"{name}.png")


def _all(desk: Desk, names: list[str], queries: Queries, folder: Path) -> None:
    for name in names:
        take(desk, SHOTS[name], queries, folder / f"{name}.png")


def _signed_in(driver: webdriver.Chrome, place: str, then: Callable[[Desk], None]) -> None:
    desk = Desk(driver, place)
    desk.media()
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    desk.open("/today")
    desk.sign_in("tess", imaginary_office.PINS["tess"])
    then(desk)


def main() -> None:
    """Take the pictures that the command names, or all."""
    os.environ["TZ"] = imaginary_office.ZONE.key
    time.tzset()
    folder = Path(tempfile.gettempdir()) / "imaginary-office"  # one page shows a path
    folder.mkdir(mode=0o700)
    try:
        names = sys.argv[1:] or [*SHOTS, *CENTER]
        for language in FOLDERS:
            if desk_names := [name for name in names if name in SHOTS]:
                pictures(language, desk_names, folder)
            if center_names := [name for name in names if name in CENTER]:
                center_pictures(language, center_names, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
