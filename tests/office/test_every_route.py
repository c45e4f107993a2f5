"""Every route for every role, and with hostile text in every part of its address. `tests/stories/office/test_product.py`
has the full product."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from station.base.clock import SystemClock
from station.office.asked import part_of_path
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.office.desk import (
    BLIND,
    EVIL,
    HIDDEN,
    ITEM,
    MENDED,
    OPEN,
    ORDER,
    PINS,
    UNSEEN,
    browser,
    delivery,
    invoices,
    made,
    received,
)
from tests.office.routes import paths, whole

VALUES = {
    "barcode": ITEM,
    "uid": "E004010012345678",
    "worker": "w-bea",
    "number": "1",
    "rule": "spine-label",
    "topic": "first-day",
    "bench": "1",
    "fix/id": OPEN,
    "vendor": "ybp",
    "upload": "0",
    "line": "1",
    "orders/number": part_of_path(ORDER),
    "whose": "worker",
    "year": "2026",
    "kind": "withdrawn",
    "lot": "1",
    "digest": "0",
    "name": "office.css",
}
AT = {
    "/fix/{id}/recheck": f"/fix/{MENDED}/recheck",
    "/fix/{id}/look": f"/fix/{BLIND}/look",
    "/fix/assign": f"/fix/assign?id={OPEN}&id={MENDED}",
    "/fix/slips": f"/fix/slips?id={OPEN}",
}
"""What a technician may do."""
OTHER = {
    "/": 303,
    "/sign-in": 303,
    "/benches": 303,
    "/fix/lots/{whose}/{lot}": 409,
    "/items/{barcode}/label": 404,
    "/items/{barcode}/found": 409,
    "/outbox/retry": 409,
    "/people/{worker}/card-away": 403,
    "/shipments/import/{upload}": 409,
    "/shipments/receipts": 409,
    "/withdrawals/decide": 409,
    "/withdrawals/lists/{id}/without": 409,
    "/shipments/{id}/read": 409,
    "/invoices/{id}/read": 409,
    "/invoices/import/{upload}": 409,
    "/static/{digest}/{name}": 404,
}
"""What else a technician finds: pages that lead to others, no rejected lot, no file that was sent, no
catalog, no chosen line, and a person without a card."""

PULL_PAGES = tuple(
    f"/withdrawals/lists/{{id}}{rest}" for rest in ("", "/tick", "/lines/{line}", "/loans", "/close", "/print")
)


def ids_of(data: Path) -> dict[str, str]:
    """Return the values that the journal gives."""
    known = received(data)
    return {
        "outbox/id": delivery(data),
        "shipments/id": known["open"],
        "differences/id": known["short"],
        "boxes/id": known["box"],
        "transfers/id": known["transfer"],
        "withdrawals/id": known["leaving"],
        "claims/id": known["claim"],
        "invoices/id": invoices(data)["ready"],
        "exports/id": Queries(data / JOURNAL, SystemClock()).exports()[0].id,
    }


def paths_of(data: Path) -> dict[str, str]:
    """Return the whole paths of routes that need other values."""
    known, bought = received(data), invoices(data)
    chosen = f"id={known['short']}"
    others = {"rate": "foreign", "take-back": "signed", "paid": "exported", "correct": "exported", "sheet": "signed"}
    return (
        AT
        | {f"/differences/{name}": f"/differences/{name}?{chosen}" for name in ("assign", "claim")}
        | {"/boxes/receive": f"/boxes/receive?box={known['box']}"}
        | {"/boxes/{id}/close": f"/boxes/{known['open-box']}/close"}
        | {f"/withdrawals/{name}": f"/withdrawals/{name}?id={known['gone']}" for name in ("assign", "place")}
        | {f"/withdrawals/{{id}}/{name}": f"/withdrawals/{known['gone']}/{name}" for name in ("destroyed", "oclc")}
        | {path: path.format(id=known["cart"]) for path in ("/withdrawals/carts/{id}", "/withdrawals/carts/{id}/close")}
        | {route: route.format(id=known["pull"], line=UNSEEN) for route in PULL_PAGES}
        | {"/withdrawals/lists/{id}/without": f"/withdrawals/lists/{known['pull']}/without?id={UNSEEN}"}
        | {"/withdrawals/decide": f"/withdrawals/decide?barcode={ITEM}"}
        | {f"/invoices/{{id}}/{name}": f"/invoices/{bought[which]}/{name}" for name, which in others.items()}
    )


LANGUAGES = {"": "es", "sue": "es", "tess": "en", "bea": "es", "tim": "en"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("routes"))


@pytest.mark.parametrize("login", LANGUAGES)
def test_every_route_is_whole_for_every_role(data: Path, login: str) -> None:
    language, values = LANGUAGES[login], {**VALUES, **ids_of(data)}
    others = [name.title() for name in PINS if name != login]
    with browser(data, login, language) as desk:
        for route, path in paths(data, values, paths_of(data)):
            answer = desk.get(path)
            whole(answer, path, language)
            if not login:
                assert answer.status_code in (303, 404) or path == "/sign-in", path
            elif login == "tess":
                assert answer.status_code == OTHER.get(route.path, 200), path
            elif login in ("bea", "tim") and "/manual" not in path:  # whose examples have names
                assert not re.search(rf"\b({'|'.join(others)})\b", answer.text), path
            assert login == "tim" or HIDDEN not in answer.text, path


def test_hostile_text_in_any_part_of_any_address_is_only_text(data: Path) -> None:
    with browser(data, "tess") as desk:
        for route, path in paths(data, dict.fromkeys(VALUES | {"outbox/id": "", "id": ""}, quote(EVIL, safe=""))):
            whole(desk.get(path), path)
            names = {"q", "id", "new", "as", "rows", "sort", "before", "after", "to", "subject"}
            names |= set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', desk.get(path).text))
            evil = "&".join(f"{name}={quote(EVIL)}" for name in sorted(names))
            whole(desk.get(f"{route.path.format(**dict.fromkeys(route.param_convertors, '0'))}?{evil}"), route.path)
