"""Every form: what refuses it, what becomes of it, and that it acts once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import StationClosed
from station.base.sentence import Sentence
from station.base.settings import load
from station.base.words import Session
from station.domain.correction_states import Result
from station.domain.deliveries.intents import Decision
from station.domain.events import (
    AnyEvent,
    BoxClosed,
    BoxOpened,
    BoxPacked,
    BoxReceived,
    CardChanged,
    ClaimMade,
    CopyCounted,
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    CreditApplied,
    DeletionConfirmed,
    DeliveryChanged,
    DifferenceAssigned,
    DifferenceEnded,
    DifferenceNoted,
    FindingWaived,
    Found,
    InvoiceCoded,
    InvoicePaid,
    InvoiceRated,
    InvoiceRecorded,
    InvoicesExported,
    InvoiceSignatureTakenBack,
    InvoiceSigned,
    InvoiceVoided,
    ItemSetAside,
    Lost,
    OclcHoldingRemoved,
    PinSet,
    PullListClosed,
    PullTicked,
    PurchaseOrderRecorded,
    RetrainingHeld,
    SecondCheckSeen,
    ShipmentClosed,
    TagDestroyed,
    TransferCanceled,
    TransferDecided,
    Transferred,
    VendorRecorded,
    WithdrawalAssigned,
    WithdrawalCanceled,
    WithdrawalCartClosed,
    WithdrawalCartOpened,
    WithdrawalDecided,
    WithdrawalPlaced,
    WorkerLeft,
    WorkerRegistered,
    WorkerRoleChanged,
)
from station.domain.invoices.invoice import Share
from station.domain.people.rights import Role
from station.domain.receiving.difference import DifferenceEnd
from station.domain.transfers.transfer import Shelf
from station.domain.withdrawals.pull_list import PullOutcome
from station.domain.withdrawals.withdrawal import Piece
from station.office.app import FORMS, MAX_FORM
from station.office.asked import part_of_path
from station.runtime.acts import Acts
from station.runtime.data_directory import CATALOG, JOURNAL, PEOPLE
from station.runtime.identity.sessions import FRESH_S
from station.runtime.lock import hold
from station.runtime.people_changes import key_of
from station.runtime.serving import serving
from station.runtime.station import Station
from station.store.catalog_index.import_file import import_file
from station.store.database.database import open_writer
from station.store.people.cards import Card, Cards, Kind, card_text
from station.store.people.names import People
from tests.conftest import ROOT
from tests.office.desk import (
    BLIND,
    BLIND_ITEM,
    CRITICAL,
    EVIL,
    GONE,
    GONE_TAG,
    HERE,
    HIDDEN,
    ITEM,
    MENDED,
    OPEN,
    ORDER,
    ORIGIN,
    PINS,
    SECOND,
    UNSEEN,
    browser,
    delivery,
    events,
    invoices,
    journal,
    made,
    received,
    stripped,
    text_of,
)
from tests.store.projections.test_rejected_lots import rejected
from tests.store.projections.test_sampling import Desk

TESS = PINS["tess"]


class Case(msgspec.Struct):
    """A form that a technician may send: its path, what she types, and the events that it makes."""

    path: Callable[[Path], str]
    typed: Mapping[str, str]
    kind: type
    made: Mapping[str, object] = {}
    login: str = "tess"
    stale: bool = True
    """False for what nobody else can have changed."""


def at(path: str) -> Callable[[Path], str]:
    return lambda _: path


def with_lot(data: Path) -> str:
    with closing(open_writer(data / JOURNAL)) as sql:
        rejected(Desk(sql), 5000, "Baker")
    return "/fix/lots/vendor/1?subject=Baker"


CARD = Card(Kind.BARCODE, "staff-0001", "w-tim")


def with_card(data: Path) -> str:
    Cards(People(data / PEOPLE)).give(CARD.kind, CARD.text, CARD.worker)
    return "/people/w-tim/card-away"


def to_leave(data: Path) -> str:
    """Import the sample catalog, and return the form about one of its items that shall leave."""
    with_catalog(data)
    return "/withdrawals/decide?barcode=31999000000014"


def to_leave_unseen(data: Path) -> str:
    """Import the sample catalog, and return the form about a line of a pull list that leaves without its piece."""
    with_catalog(data)
    return f"/withdrawals/lists/{received(data)['pull']}/without?id={UNSEEN}"


def with_catalog(data: Path) -> str:
    """Give the desk the sample catalog."""
    settings = load(data / "station.toml")
    with as_file(files("station.catalog") / "data" / "sample.mrc") as sample:
        import_file(sample, data / CATALOG, settings.catalog.profile, settings.catalog)
    return "/transfers/new"


def with_lost(data: Path) -> str:
    store = journal(data)
    store.journal.record(Lost(barcode=ITEM, title="Soup for beginners", operator="w-tim"))
    assert store.close()
    return f"/items/{ITEM}/found"


CASES = {
    "/fix/{id}/take": Case(at(f"/fix/{OPEN}/take"), {}, CorrectionAssigned, {"owner": "w-tess", "due": ""}),
    "/fix/{id}/fixed": Case(at(f"/fix/{OPEN}/fixed"), {"note": "new label"}, CorrectionMended),
    "/fix/{id}/recheck": Case(
        at(f"/fix/{MENDED}/recheck"), {"result": "good"}, CorrectionRechecked, {"passed": True, "by_machine": False}
    ),
    "/fix/{id}/assign": Case(
        at(f"/fix/{OPEN}/assign"),
        {"owner": "w-bea", "due": "2027-01-31", "reason": "she knows"},
        CorrectionAssigned,
        {"owner": "w-bea", "due": "2027-01-31", "reason": "she knows"},
    ),
    "/fix/{id}/close": Case(
        at(f"/fix/{OPEN}/close"),
        {"result": "no-defect", "reason": "it is right"},
        CorrectionClosed,
        {"result": Result.NO_DEFECT},
    ),
    "/fix/{id}/accept": Case(
        at(f"/fix/{CRITICAL}/accept"), {"reason": "rare book", "pin": TESS}, FindingWaived, {"reason": "rare book"}
    ),
    "/fix/{id}/look": Case(at(f"/fix/{BLIND}/look"), {}, SecondCheckSeen, {"correction": BLIND}),
    "/fix/assign": Case(
        at(f"/fix/assign?id={OPEN}&id={CRITICAL}"), {"owner": "w-bea"}, CorrectionAssigned, {"owner": "w-bea"}
    ),
    "/items/{barcode}/recheck": Case(
        at(f"/items/{ITEM}/recheck"), {"worker": "w-tim", "reason": "a sample"}, CorrectionOpened, {"worker": "w-tim"}
    ),
    "/outbox/{id}/retry": Case(
        lambda data: f"/outbox/{delivery(data)}/retry", {}, DeliveryChanged, {"state": "pending"}
    ),
    "/outbox/{id}/decide": Case(
        lambda data: f"/outbox/{delivery(data)}/decide",
        {"decision": "discard", "reason": "no longer", "pin": TESS},
        DeliveryChanged,
        {"decision": Decision.DISCARD, "state": "discarded"},
    ),
    "/outbox/retry": Case(
        lambda data: f"/outbox/retry?id={delivery(data)}&id={delivery(data, 'file')}",
        {},
        DeliveryChanged,
        {"state": "pending"},
    ),
}
CASES |= {
    "/people/new": Case(
        at("/people/new"),
        {"login": "eve", "name": "Eve", "role": "trainee", "pin": TESS},
        WorkerRegistered,
        {"role": Role.TRAINEE},
        stale=False,
    ),
    "/people/{worker}/role": Case(
        at("/people/w-tim/role"),
        {"role": "operator", "reason": "has learned it", "pin": TESS},
        WorkerRoleChanged,
        {"worker": "w-tim", "role": Role.OPERATOR},
    ),
    "/people/{worker}/retrain": Case(
        at("/people/w-tim/retrain"), {"note": "spine labels"}, RetrainingHeld, {"worker": "w-tim", "rules": ()}
    ),
    "/people/{worker}/card": Case(
        at("/people/w-tim/card"), {"kind": "barcode", "card": "STAFF-0002", "pin": TESS}, CardChanged, {"given": True}
    ),
    "/people/{worker}/card-away": Case(with_card, {"card": key_of(CARD), "pin": TESS}, CardChanged, {"given": False}),
    "/people/{worker}/leave": Case(
        at("/people/w-tim/leave"), {"reason": "moved", "pin": TESS}, WorkerLeft, {"worker": "w-tim", "erased": False}
    ),
    "/people/{worker}/erase": Case(
        at("/people/w-tim/erase"), {"reason": "asked", "pin": PINS["sue"]}, WorkerLeft, {"worker": "w-tim"}, login="sue"
    ),
}


def of_received(path: str) -> Callable[[Path], str]:
    """Return what makes a path with the ids of `desk.received`."""
    return lambda data: path.format(**{key.replace("-", "_"): ident for key, ident in received(data).items()})


CASES |= {
    "/shipments/{id}/close": Case(
        of_received("/shipments/{open}/close"), {"more": "all"}, ShipmentClosed, {"more": False, "missing": ()}
    ),
    "/differences/{id}/note": Case(
        of_received("/differences/{short}/note"),
        {"note": "they called", "photo": "photo-9.jpg"},
        DifferenceNoted,
        {"note": "they called", "photo": "photo-9.jpg"},
    ),
    "/differences/{id}/assign": Case(
        of_received("/differences/{short}/assign"),
        {"owner": "w-bea", "due": "2027-01-31", "reason": "she knows"},
        DifferenceAssigned,
        {"owner": "w-bea", "due": "2027-01-31", "reason": "she knows"},
    ),
    "/differences/{id}/end": Case(
        of_received("/differences/{damaged}/end"),
        {"end": "credited", "reason": "the memo came", "reference": "CM-7"},
        DifferenceEnded,
        {"end": DifferenceEnd.CREDITED, "reference": "CM-7", "second": "", "unproven": False},
    ),
    "/differences/assign": Case(
        of_received("/differences/assign?id={short}&id={damaged}"),
        {"owner": "w-bea"},
        DifferenceAssigned,
        {"owner": "w-bea", "due": ""},
    ),
    "/differences/claim": Case(
        of_received("/differences/claim?id={short}&id={not_ordered}"), {}, ClaimMade, {"vendor": "ybp"}
    ),
    "/vendors/{vendor}/change": Case(
        at("/vendors/ybp/change"),
        {"name": "YBP", "names": "Yankee; Y.B.P.", "claim-days": "14", "standing": "active", "pin": TESS},
        VendorRecorded,
    ),
    "/vendors/{vendor}/contact": Case(
        at("/vendors/ybp/contact?at=1"), {"name": "Zoe", "mail": "zoe@vendor.example", "pin": TESS}, VendorRecorded
    ),
}


def of_invoice(name: str, path: str) -> Callable[[Path], str]:
    """Return what makes a path with the id of an invoice of `desk.INVOICES`."""
    return lambda data: path.format(id=invoices(data)[name])


def with_memo(data: Path) -> str:
    _CREDIT["other"] = invoices(data)["credit"]
    return f"/invoices/{invoices(data)['ready']}/credit"


_CREDIT = {"amount": "4.00", "pin": TESS}
_BILL = {"kind": "invoice", "vendor": "ybp", "number": "Y-77", "date": "2026-11-30", "total": "1,234.50"}
_ORDERED = {"kind": "blanket", "vendor": "ybp", "amount": "1,500.00", "account": "11-6320", "pin": TESS}
CASES |= {
    "/invoices/new": Case(at("/invoices/new"), _BILL, InvoiceRecorded, {"invoice": "", "rule": "typed"}, stale=False),
    "/invoices/{id}/change": Case(
        of_invoice("open", "/invoices/{id}/change"), _BILL, InvoiceRecorded, {"rule": "typed"}
    ),
    "/invoices/{id}/correct": Case(
        of_invoice("exported", "/invoices/{id}/correct"),
        {"number": "Y-3-C1", "lines": "-2.00; 11-6310", "reason": "wrong price", "pin": TESS},
        InvoiceRecorded,
        stale=False,
    ),
    "/invoices/{id}/lines/{line}": Case(
        of_invoice("open", "/invoices/{id}/lines/1"),
        {"lines": "11-6320; MEDIA", "reason": "a film", "pin": TESS},
        InvoiceCoded,
        {"line": "1", "shares": (Share(account="11-6320", fund="MEDIA"),), "order": ""},
    ),
    "/invoices/{id}/rate": Case(
        of_invoice("foreign", "/invoices/{id}/rate"),
        {"rate": "1.0842", "where": "the bank", "pin": TESS},
        InvoiceRated,
        {"rate": "1.0842", "note": "the bank"},
    ),
    "/invoices/{id}/credit": Case(with_memo, _CREDIT, CreditApplied, {"amount": "4.00"}),
    "/invoices/{id}/okay": Case(
        of_invoice("ready", "/invoices/{id}/okay"),
        {"reason": "it is here", "pin": TESS},
        InvoiceSigned,
        {"reason": "it is here", "second": ""},
    ),
    "/invoices/{id}/take-back": Case(
        of_invoice("signed", "/invoices/{id}/take-back"),
        {"reason": "too early", "pin": TESS},
        InvoiceSignatureTakenBack,
    ),
    "/exports/new": Case(at("/exports/new"), {"pin": TESS}, InvoicesExported),
    "/invoices/{id}/void": Case(
        of_invoice("open", "/invoices/{id}/void"), {"reason": "not ours", "pin": TESS}, InvoiceVoided
    ),
    "/invoices/{id}/paid": Case(
        of_invoice("exported", "/invoices/{id}/paid"),
        {"on": "2026-12-01", "reference": "CHK-1", "pin": TESS},
        InvoicePaid,
        {"on": "2026-12-01", "reference": "CHK-1"},
    ),
    "/orders/new": Case(
        at("/orders/new"), {**_ORDERED, "number": "P-8"}, PurchaseOrderRecorded, {"reason": ""}, stale=False
    ),
    "/orders/{number}/change": Case(
        at(f"/orders/{part_of_path(ORDER)}/change"),
        {**_ORDERED, "standing": "open", "reason": "more books"},
        PurchaseOrderRecorded,
        {"reason": "more books"},
    ),
}
CASES |= {
    "/boxes/receive": Case(
        lambda data: f"/boxes/receive?box={received(data)['box']}",
        {"how": "all", "note": "it was open"},
        BoxReceived,
        {"missing": (), "note": "it was open"},
    ),
    "/boxes/{id}/close": Case(lambda data: f"/boxes/{received(data)['open-box']}/close", {}, BoxClosed, {"due": ""}),
    "/boxes/{id}/reopen": Case(
        lambda data: f"/boxes/{received(data)['box']}/reopen",
        {"reason": "wrong label"},
        BoxOpened,
        {"reason": "wrong label", "site": "EAST"},
    ),
}
CASES |= {
    "/transfers/new": Case(
        with_catalog,
        {"barcode": "31999000000014", "library": "EAST", "reason": "no room", "pin": TESS},
        TransferDecided,
        {"wanted": Shelf(library="EAST"), "reason": "no room", "system": ""},
        stale=False,
    ),
    "/transfers/{id}/cancel": Case(
        lambda data: f"/transfers/{received(data)['transfer']}/cancel",
        {"reason": "stays", "pin": TESS},
        TransferCanceled,
    ),
    "/transfers/{id}/confirm": Case(
        lambda data: f"/transfers/{received(data)['transfer']}/confirm",
        {"reason": "seen there", "pin": TESS},
        Transferred,
        {"by_hand": True, "note": "seen there", "after": Shelf(library="WEST", location="STACKS", call_number="641.5")},
    ),
    "/items/{barcode}/lost": Case(
        at(f"/items/{ITEM}/lost"),
        {"piece": "missing", "reason": "not on its shelf"},
        Lost,
        {"piece": Piece.MISSING, "title": "A title"},
    ),
    "/items/{barcode}/found": Case(with_lost, {"reason": "behind the shelf"}, Found),
}
ASK_FIRST = (
    "/transfers/new",
    "/items/{barcode}/lost",
    "/withdrawals/decide",
    "/withdrawals/lists/{id}/without",
)
"""They ask about the item before they journal anything."""
_LEAVES = {"reason": "weeded", "destination": "recycle", "approver": "Dr. Lee"}
CASES |= {
    "/withdrawals/decide": Case(
        to_leave,
        {**_LEAVES, "despite": "worn", "piece": "present", "pin": TESS},
        WithdrawalDecided,
        {"reason": "weeded", "approver": "Dr. Lee", "despite_reason": "worn", "piece": Piece.PRESENT, "system": ""},
        stale=False,
    ),
    "/withdrawals/carts/open": Case(
        at("/withdrawals/carts/open"),
        {
            "name": "Second cart",
            "reason": "weeded",
            "destination": "recycle",
            "approver": "Dr. Lee",
            "pin": PINS["sue"],
        },
        WithdrawalCartOpened,
        {"name": "Second cart", "destination": "recycle"},
        login="sue",
        stale=False,
    ),
    "/withdrawals/carts/{id}/close": Case(
        lambda data: f"/withdrawals/carts/{received(data)['cart']}/close", {}, WithdrawalCartClosed, stale=False
    ),
    "/withdrawals/place": Case(
        lambda data: f"/withdrawals/place?id={stripped(data)}",
        {"in": "Pallet 3"},
        WithdrawalPlaced,
        {"place": "Pallet 3"},
    ),
    "/withdrawals/assign": Case(
        lambda data: f"/withdrawals/assign?id={received(data)['gone']}",
        {"owner": "w-bea"},
        WithdrawalAssigned,
        {"owner": "w-bea"},
    ),
    "/withdrawals/{id}/cancel": Case(
        lambda data: f"/withdrawals/{received(data)['leaving']}/cancel",
        {"reason": "it stays", "pin": TESS},
        WithdrawalCanceled,
        {"reason": "it stays"},
    ),
    "/withdrawals/{id}/confirm": Case(
        lambda data: f"/withdrawals/{received(data)['leaving']}/confirm",
        {"reason": "seen there", "pin": TESS},
        DeletionConfirmed,
        {"reason": "seen there"},
    ),
    "/withdrawals/{id}/destroyed": Case(
        lambda data: f"/withdrawals/{received(data)['gone']}/destroyed",
        {"uid": GONE_TAG, "how": "tag-dead", "pin": TESS},
        TagDestroyed,
        {"uid": GONE_TAG, "how": "tag-dead", "barcode": GONE},
        stale=False,
    ),
    "/withdrawals/{id}/oclc": Case(
        lambda data: f"/withdrawals/{received(data)['gone']}/oclc",
        {"stays": "stays", "note": "kept there", "pin": TESS},
        OclcHoldingRemoved,
        {"stays": True, "note": "kept there"},
    ),
}
CASES |= {
    "/withdrawals/lists/{id}/lines/{line}": Case(
        lambda data: f"/withdrawals/lists/{received(data)['pull']}/lines/{UNSEEN}",
        {"outcome": "recalled", "note": "due in May"},
        PullTicked,
        {"outcome": PullOutcome.ON_LOAN, "recalled": True, "note": "due in May", "line": UNSEEN, "at_bench": False},
    ),
}
CASES |= {
    "/withdrawals/lists/{id}/without": Case(
        to_leave_unseen,
        {"piece": "missing", "despite": "nobody found it", "pin": TESS},
        WithdrawalDecided,
        {"piece": Piece.MISSING, "reason": "weeded", "despite_reason": "nobody found it", "line": UNSEEN},
    ),
    "/withdrawals/lists/{id}/close": Case(
        lambda data: f"/withdrawals/lists/{received(data)['pull']}/close",
        {"pin": TESS},
        PullListClosed,
        {"name": "Cooking"},
    ),
}
IN_ALMA = {"/shipments/receipts", "/shipments/{id}/read", "/invoices/{id}/read", "/transfers/{id}/read"} | {
    "/withdrawals/lists/{id}/loans"
}
"""They read a library system: see test_receipts.py, test_transfers.py and test_pull_loans.py."""
SENT = {"/withdrawals/lists/import"}
"""They take a file: see test_pull_lists.py."""
CHECKS = {"/withdrawals/find", "/withdrawals/lists/{id}/tick", "/journal/verify", "/benches/1/check"}
"""They journal nothing: see test_checks.py, test_withdrawals.py, test_pull_lists.py."""
LOT = "/fix/lots/{whose}/{lot}"
ALONE = {
    LOT: Case(with_lot, {}, CorrectionOpened),
    "/people/{worker}/first-pin": Case(at("/people/w-tim/first-pin"), {"pin": TESS}, PinSet),
    "/me/pin": Case(at("/me/pin"), {"pin": TESS, "new-pin": "640917", "again": "640917"}, PinSet),
    "/me/language": Case(at("/me/language"), {"language": "es"}, PinSet),
    "/me/colors": Case(at("/me/colors"), {"colors": "dark"}, PinSet),
}
"""Tested alone: what they answer, or whom they leave signed in, is their own."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def new_events(data: Path, before: int, kind: type) -> list[AnyEvent]:
    return [event for event in events(data)[before:] if isinstance(event, kind)]


def test_every_form_is_tested() -> None:
    assert {path for path, _ in FORMS} == {*CASES, *ALONE, *CHECKS, *IN_ALMA, *SENT}


@pytest.mark.parametrize("name", CASES)
def test_a_form_acts_once_and_only_from_here(data: Path, name: str) -> None:
    case = CASES[name]
    with browser(data, case.login) as desk:
        path, before = case.path(data), len(events(data))
        fields = {**desk.form(path), **case.typed}
        assert len(events(data)) == before, "a form that is read changes nothing"
        assert desk.post(path, {**fields, "token": "x"}).status_code == 403
        for headers in ({}, {"sec-fetch-site": "same-site"}, {"origin": "https://localhost:8443"}):
            assert desk.post(path, fields, headers).status_code == 403
        assert len(events(data)) == before
        first = desk.post(path, fields, {"origin": ORIGIN})
        page = desk.follow(first)
        made_events = new_events(data, before, case.kind)
        assert page.status_code == 200 and made_events, text_of(page.text)
        again = desk.post(path, fields)
        assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
        assert len(new_events(data, before, case.kind)) == len(made_events)
    for event in made_events:
        assert (event.operator, event.via, event.authorised) == (f"w-{case.login}", "office", "")
        assert {name: getattr(event, name) for name in case.made} == case.made


@pytest.mark.parametrize("name", ALONE)
def test_a_form_tested_alone_acts_only_with_its_token_and_from_here(data: Path, name: str) -> None:
    case = ALONE[name]
    with browser(data, case.login) as desk:
        path = case.path(data)
        fields, before = {**desk.form(path), **case.typed}, len(events(data))
        for sent, headers in (
            ({**fields, "token": "x"}, HERE),
            (fields, {}),
            (fields, {"sec-fetch-site": "same-site"}),
        ):
            answer = desk.post(path, sent, headers)
            assert answer.status_code == 403 and "set-cookie" not in answer.headers
    assert len(events(data)) == before


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.stale])
def test_a_stale_form_saves_nothing_and_keeps_what_was_typed(data: Path, name: str) -> None:
    case = CASES[name]
    with browser(data, case.login) as desk:
        path = case.path(data)
        fields = {**desk.form(path), **case.typed}
        changed(data)
        before = len(events(data))
        answer = desk.post(path, fields)
        assert answer.status_code == 409 and "Meanwhile this happened" in answer.text, text_of(answer.text)
        for field, value in case.typed.items():
            assert value in answer.text or field == "pin"
        assert TESS not in answer.text
        assert not [event for event in new_events(data, before, case.kind) if event.via]


def changed(data: Path) -> None:
    """Change every subject beside the office."""
    store = journal(data)
    store.journal.record(ItemSetAside(barcode=ITEM, reason=Sentence.verbatim("later"), operator="w-sue"))
    store.journal.record(RetrainingHeld(worker="w-tim", operator="w-sue"))
    for name in (OPEN, MENDED, CRITICAL, BLIND):
        store.journal.record(CorrectionAssigned(correction=name, due="2026-12-24", operator="w-sue"))
    for ident in invoices(data).values():
        store.journal.record(InvoiceRated(invoice=ident, rate="2", operator="w-sue"))
    blanket = store.queries.order(ORDER)
    assert blanket is not None
    content = msgspec.structs.replace(blanket.content, note="changed")
    store.journal.record(PurchaseOrderRecorded(content=content, operator="w-sue"))
    known, vendor = received(data), store.queries.vendors()[0]
    store.journal.record(
        VendorRecorded(content=msgspec.structs.replace(vendor, claim_days=7), operator="w-sue"),
        CopyCounted(shipment=known["open"], title="Another given book", operator="w-sue"),
        *(
            DifferenceAssigned(difference=known[kind], due="2026-12-24", operator="w-sue")
            for kind in ("short", "damaged", "not-ordered")
        ),
        Transferred(transfer=known["transfer"], barcode=ITEM, operator="w-sue"),
        *(WithdrawalAssigned(withdrawal=known[name], owner="w-sue", operator="w-sue") for name in ("leaving", "gone")),
        *(BoxPacked(box=known[name], barcode="31234000000056", operator="w-sue") for name in ("box", "open-box")),
        PullTicked(list=known["pull"], line=UNSEEN, outcome=PullOutcome.FOUND, operator="w-sue"),
    )
    for entry in store.queries.outbox_page():
        store.journal.record(
            DeliveryChanged(
                delivery=entry.id, system=entry.system, state="parked", reason="rejected", operator="machine"
            )
        )
    store.close()


@pytest.mark.parametrize("name", [*CASES, *ALONE])
def test_an_act_whose_answer_is_lost_is_not_done_twice(data: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The station is gone between the write and its answer; the person sends the same form again."""
    case = {**CASES, **ALONE}[name]
    act, losses = Acts._held_or_told, [StationClosed()]

    def losing(*args: Any, **options: Any) -> Any:
        done = act(*args, **options)
        if losses and armed:
            raise losses.pop()
        return done

    with browser(data, case.login) as desk:
        path, armed = case.path(data), False
        fields, before = {**desk.form(path), **case.typed}, len(events(data))
        monkeypatch.setattr(Acts, "_held_or_told", losing)
        armed = True
        first = desk.post(path, fields)
        written = len(new_events(data, before, case.kind))
        if name != "/me/colors":  # it acts on the browser alone
            assert first.status_code == 503 and "There is a problem" in first.text and not losses
        assert written or name in ("/me/language", "/me/colors", *ASK_FIRST)
        again = desk.post(path, fields)
        made_events = new_events(data, before, case.kind)
        assert not [event for event in made_events if made_events.count(event) > 1]
        goes_on = name in ("/outbox/retry", *ASK_FIRST)
        assert len(made_events) == written or goes_on, "each retry is an act: the rest is done now"
        assert again.status_code in SAYS_WHAT_HAPPENED, text_of(again.text)
        page = desk.follow(again) if again.status_code == 303 else again
        assert any(words in page.text for words in SAYS_WHAT_HAPPENED[again.status_code]), text_of(page.text)


SAYS_WHAT_HAPPENED = {
    303: ("Saved", "Guardado", "All saved", "you, now", "Rejected lots", "<h1>Me</h1>", "What happened to it"),
    403: ("Your session has ended", "Do the second check first"),
    404: ("No person has this card",),
    409: (
        "Meanwhile this happened",
        "No rejected lot",
        "has this role already",
        "is recorded already",
        "You have an open cart",
    ),
}
"""By status: what the page says of an act that came twice."""


def test_a_form_whose_session_and_office_are_new_is_not_done_twice(data: Path) -> None:
    """The office ended between the act and its answer: its tokens are gone, and `last` is what is left."""
    with browser(data, "tess") as desk:
        fields = desk.form(f"/fix/{OPEN}/take")
        desk.post(f"/fix/{OPEN}/take", fields)
    before = len(events(data))
    with browser(data, "tess") as desk:
        answer = desk.post(f"/fix/{OPEN}/take", fields)
        assert answer.status_code == 403 and "Nothing was saved" in answer.text
        shown = {**desk.form(f"/fix/{CRITICAL}/take"), "last": fields["last"]}
        desk.post(f"/fix/{OPEN}/take", shown)
    assert not new_events(data, before, CorrectionAssigned)


KILLED = """
import json, os, signal, sys
from pathlib import Path
from station.runtime.acts import Acts
from tests.office.desk import browser

data, path = Path(sys.argv[1]), sys.argv[2]
with browser(data, "tess") as desk:
    fields, act = desk.form(path), Acts._held_or_told
    print(json.dumps(fields), flush=True)

    def killed(*args, **options):
        act(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    Acts._held_or_told = killed
    desk.post(path, fields)
"""


@pytest.mark.soak
def test_an_office_that_is_killed_between_write_and_answer_has_acted_once(data: Path) -> None:
    """The person signs in at the next office, and sends what the browser still shows."""
    path, before = f"/fix/{OPEN}/take", len(events(data))
    office = subprocess.run([sys.executable, "-c", KILLED, data, path], capture_output=True, cwd=ROOT)
    assert office.returncode == -signal.SIGKILL, office.stderr.decode()
    assert len(new_events(data, before, CorrectionAssigned)) == 1
    fields = json.loads(office.stdout)
    with browser(data, "tess") as desk:
        answer = desk.post(path, fields)
        assert answer.status_code == 403 and "Nothing was saved" in answer.text
        assert "Tess" in desk.get(f"/fix/{OPEN}").text
    assert len(new_events(data, before, CorrectionAssigned)) == 1


REFUSED = {
    "reason-missing": (f"/fix/{OPEN}/close", {"result": "no-defect", "reason": ""}, 422, "reason"),
    "radio": (f"/fix/{OPEN}/close", {"reason": "x"}, 422, "result"),
    "no-such-choice": (f"/fix/{OPEN}/close", {"result": "mended", "reason": "x"}, 422, "result"),
    "no-such-owner": (f"/fix/{OPEN}/assign", {"owner": "w-nobody"}, 422, "owner"),
    "no-day": (f"/fix/{OPEN}/assign", {"due": "tomorrow"}, 422, "due"),
    "nothing-said": (f"/fix/{OPEN}/assign", {"owner": "Cataloging", "due": "2026-01-01"}, 422, "owner"),
    "what-is-wrong": (f"/fix/{MENDED}/recheck", {"result": "bad"}, 422, "reason"),
    "pin-wrong": (f"/fix/{CRITICAL}/accept", {"reason": "x", "pin": "111222"}, 403, "pin"),
    "pin-missing": (f"/fix/{CRITICAL}/accept", {"reason": "x"}, 422, "pin"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_said_at_its_field(data: Path, name: str) -> None:
    path, typed, status, field = REFUSED[name]
    before = len(events(data))
    with browser(data, "tess") as desk:
        answer = desk.send(path, **typed)
    assert answer.status_code == status, text_of(answer.text)
    main = answer.text.partition("<main")[2]
    assert main.index('class="problem"') < main.index("<h1>") and f'href="#field-{field}"' in main
    assert f'id="field-{field}"' in main and f'id="wrong-{field}"' in main
    assert "<title>Error: " in answer.text and "111222" not in answer.text
    assert not [
        event
        for event in events(data)[before:]
        if event.via and event.operator == "w-tess" and hasattr(event, "correction")
    ]


def test_a_state_that_does_not_allow_it_is_refused(data: Path) -> None:
    with browser(data, "tess") as desk:
        for path in (f"/fix/{OPEN}/recheck", f"/fix/{SECOND}/fixed", f"/fix/{SECOND}/accept", f"/fix/{OPEN}/look"):
            assert desk.get(path).status_code == 409, path
        for path in ("/fix/0000/take", "/fix/0000", "/items/31234000099999/recheck"):
            assert desk.get(path).status_code == 404, path
        assert desk.get("/outbox/0000").status_code == 404
        assert desk.get("/fix/assign").status_code == desk.get("/outbox/0000/retry").status_code == 409
        assert desk.send(f"/fix/{OPEN}/close", result="no-defect", reason="x").status_code == 303
        assert desk.get(f"/fix/{OPEN}/take").status_code == 409


def test_nobody_rechecks_their_own_work(data: Path) -> None:
    with browser(data, "tess") as desk:
        assert desk.send(f"/fix/{OPEN}/fixed").status_code == 303
        assert desk.get(f"/fix/{OPEN}/recheck").status_code == 403
        assert f"/fix/{OPEN}/recheck" not in desk.get(f"/fix/{OPEN}").text


ROLES = {
    "tim": {"take", "fixed"},
    "bea": {"take", "fixed", "accept"},
    "tess": {"take", "fixed", "assign", "close", "accept"},
    "sue": {"take", "fixed", "assign", "close", "accept"},
}


@pytest.mark.parametrize("login", ROLES)
def test_a_missing_right_is_lent_by_a_second_person_or_refused(data: Path, tmp_path: Path, login: str) -> None:
    """Where people sign on, a form asks for a person who has the right; elsewhere its page names the role."""
    with browser(data, login) as desk:
        for name in ("take", "fixed", "assign", "close", "accept"):
            page = desk.get(f"/fix/{OPEN}/{name}")
            assert page.status_code == 200
            assert ('id="field-lender"' in page.text) is (name not in ROLES[login]), name
    alone = made(tmp_path / "alone", sign_on=False, operator=f"w-{login}")
    with browser(alone) as desk:
        page = desk.get(f"/fix/{OPEN}").text
        for name in ("take", "fixed", "assign", "close", "accept"):
            answer = desk.get(f"/fix/{OPEN}/{name}")
            may = name in ROLES[login]
            assert answer.status_code == (200 if may else 403), name
            assert (f"/fix/{OPEN}/{name}" in page) is may
            assert may or "Only a" in text_of(answer.text)


def test_a_lent_right_names_both_and_is_proven_each_time(data: Path) -> None:
    typed = {"result": "no-defect", "reason": "it is right", "lender": "tess"}
    with browser(data, "bea") as desk:
        for lent in ({}, {"lender-pin": "111222"}, {"lender": "tim", "lender-pin": PINS["tim"]}):
            answer = desk.send(f"/fix/{OPEN}/close", **{**typed, **lent})
            assert answer.status_code in (403, 422) and 'class="problem"' in answer.text
        assert desk.send(f"/fix/{OPEN}/close", **typed, **{"lender-pin": TESS}).status_code == 303
        assert 'id="field-lender"' in desk.get(f"/fix/{MENDED}/close").text
    (closed,) = [event for event in events(data) if isinstance(event, CorrectionClosed)]
    assert (closed.operator, closed.authorised, closed.via) == ("w-bea", "w-tess", "office")


def test_a_card_names_who_lends_and_a_waiver_has_the_role_of_that_person(data: Path) -> None:
    Cards(People(data / PEOPLE)).give(Kind.BARCODE, card_text("STAFF-0001"), "w-tess")
    with browser(data, "bea") as desk:
        lent = {"lender": "STAFF-0001", "lender-pin": TESS}
        answer = desk.send(f"/fix/{CRITICAL}/accept", reason="rare", pin=PINS["bea"], **lent)
        assert answer.status_code == 303, text_of(answer.text)
    (waived,) = [event for event in events(data) if isinstance(event, FindingWaived)]
    assert (waived.operator, waived.authorised, waived.role) == ("w-bea", "w-tess", Role.TECHNICIAN)


def test_a_fresh_pin_counts_for_one_right(data: Path) -> None:
    path = f"/outbox/{delivery(data)}/decide"
    with browser(data, "tess") as desk:
        assert 'id="field-pin"' in desk.get(path).text
        assert desk.send(f"/fix/{CRITICAL}/accept", reason="x", pin=TESS).status_code == 303
        assert desk.send(path, decision="discard", reason="x").status_code == 422
        assert desk.send(path, decision="discard", reason="x", pin=TESS).status_code == 303
        other = f"/outbox/{delivery(data, 'file')}/decide"
        assert 'id="field-pin"' not in desk.get(other).text
        assert desk.send(other, decision="keep-theirs").status_code == 303


def test_a_correction_can_be_assigned_back(data: Path) -> None:
    with browser(data, "tess") as desk:
        page = desk.follow(desk.send(f"/fix/{OPEN}/assign", owner="w-bea")).text
        assert "you, now" in page and f"/fix/{OPEN}/assign?owner=Cataloging" in page
        form = desk.get(f"/fix/{OPEN}/assign?owner=Cataloging").text
        assert '<option value="Cataloging" selected>' in form


def test_several_are_changed_together_or_not_at_all(data: Path) -> None:
    path, before = f"/fix/assign?id={OPEN}&id={CRITICAL}", len(events(data))
    with browser(data, "tess") as desk:
        fields = {**desk.form(path), "owner": "w-bea"}
        store = journal(data)
        store.journal.record(
            CorrectionClosed(correction=CRITICAL, result=Result.WITHDRAWN, reason=Sentence.verbatim("gone"))
        )
        store.close()
        assert desk.post(path, fields).status_code == 409
        assert not new_events(data, before, CorrectionAssigned)
        page = desk.follow(desk.send(f"/fix/assign?id={OPEN}&id={MENDED}", owner="w-bea"))
    assert "2 corrections changed" in page.text and page.text.count("Bea") == 2
    assert len(new_events(data, before, CorrectionAssigned)) == 2


def test_papers_are_pdf(data: Path) -> None:
    with browser(data, "tim") as desk:
        for path in (f"/fix/{OPEN}/slip", f"/fix/slips?id={OPEN}&id={SECOND}", f"/items/{ITEM}/slip"):
            answer = desk.get(path)
            assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF")
        assert desk.get(f"/items/{BLIND_ITEM}/label").status_code in (404, 422)


def test_a_blind_item_stays_blind(data: Path) -> None:
    """Only Tim, who did the work, and a technician who looked on purpose see what is wrong."""
    with browser(data, "bea") as desk:
        for path in (f"/fix/{BLIND}", f"/items/{BLIND_ITEM}", "/fix", f"/fix/{BLIND}/slip"):
            assert HIDDEN not in desk.get(path).text
        assert desk.get(f"/items/{BLIND_ITEM}/recheck").status_code == 403
    with browser(data, "tess") as desk:
        assert HIDDEN not in desk.get(f"/items/{BLIND_ITEM}").text
        assert HIDDEN in desk.follow(desk.send(f"/fix/{BLIND}/look")).text


def test_others_are_masked_below_technician(data: Path) -> None:
    with browser(data, "bea") as desk:
        for path in (f"/fix/{OPEN}", f"/fix/{MENDED}", f"/fix/{OPEN}/assign", "/fix"):
            text = desk.get(path).text
            assert "Tim" not in text and "w-tim" not in text and "Tess" not in text, path


def test_hostile_text_stays_text(data: Path) -> None:
    with browser(data, "tess") as desk:
        evil = quote(EVIL)
        answers = [
            desk.follow(desk.send(f"/fix/{OPEN}/assign", owner="w-bea", reason=EVIL)),
            desk.send(f"/fix/{OPEN}/close", reason=EVIL, result=EVIL),
            desk.send(f"/fix/{OPEN}/close", **{"reason": "x", EVIL: EVIL}),
            desk.get(f"/fix/{OPEN}/assign?owner={evil}&reason={evil}&due={evil}"),
            desk.get(f"/fix/{OPEN}?new={evil}"),
            desk.get(f"/fix/{evil}/assign"),
            desk.get(f"/fix/slips?id={evil}"),
            desk.get(f"/fix/lots/{evil}/1?subject={evil}"),
        ]
        for answer in answers:
            assert answer.status_code < 500
            assert "<script>alert" not in answer.text and "\u202e" not in answer.text and "\x1b" not in answer.text
        assert "&lt;script&gt;alert" in answers[0].text


def test_a_form_is_bounded(data: Path) -> None:
    with browser(data, "tess") as desk:
        fields = desk.form(f"/fix/{OPEN}/close")
        begin = urlencode(fields) + "&reason="
        for length, status in ((MAX_FORM, 422), (MAX_FORM + 1, 413)):
            body = begin + "x" * (length - len(begin))
            head = {**HERE, "content-type": "application/x-www-form-urlencoded"}
            assert desk.client.post(f"/fix/{OPEN}/close", content=body, headers=head).status_code == status
        many = {**fields, **{f"f{number}": "" for number in range(60)}}
        assert desk.post(f"/fix/{OPEN}/close", many).status_code == 413
        assert desk.client.post(f"/fix/{OPEN}/close", content=b"\xff\xfe&&==", headers=HERE).status_code == 403


def test_a_defect_of_a_form_is_a_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with browser(data, "tess") as desk:
        fields = desk.form(f"/fix/{OPEN}/take")
        monkeypatch.setattr("station.runtime.acts.Acts.order", lambda *_, **__: 1 / 0)
        answer = desk.post(f"/fix/{OPEN}/take", fields)
    assert answer.status_code == 500 and "Tell the systems librarian" in answer.text


def test_the_items_of_a_rejected_lot_are_rechecked(data: Path) -> None:
    with closing(open_writer(data / JOURNAL)) as sql:
        left = rejected(Desk(sql), 5000, "Baker")
    with browser(data, "tess") as desk:
        page = desk.get("/fix/lots").text
        assert "Baker" in page and "/fix/lots/vendor/1?subject=Baker" in page
        assert desk.get("/fix/lots/vendor/2?subject=Baker").status_code == 409
        path, before = "/fix/lots/vendor/1?subject=Baker", len(events(data))
        fields = desk.form(path)
        assert desk.post(path, fields).status_code == 303
        assert desk.post(path, fields).status_code == 303
        assert "All ordered" in desk.get("/fix/lots").text
    orders = new_events(data, before, CorrectionOpened)
    assert [order.barcode for order in orders] == left
    assert {(order.operator, order.via) for order in orders} == {("w-tess", "office")}


def test_lists_lead_to_each_entry_and_to_forms_about_several(data: Path) -> None:
    with browser(data, "tess") as desk:
        fix, outbox = desk.get("/fix").text, desk.get("/outbox").text
        assert f'href="/fix/{OPEN}"' in fix and f'name="id" value="{OPEN}"' in fix and 'formaction="/fix/assign"' in fix
        sent = delivery(data)
        assert (
            f'href="/outbox/{sent}"' in outbox
            and f'value="{sent}"' in outbox
            and 'formaction="/outbox/retry"' in outbox
        )


def test_with_a_running_station_forms_go_through_its_socket(data: Path) -> None:
    """The station holds lock and sessions: they survive a new office, and end with the station."""
    station = Station(load(data / "station.toml"), data, Session(), has_reader=False)
    with hold(data) as held:
        station.start()
        server = serving(held, station, lambda: None)
        server.start()
        try:
            with browser(data, "tess") as desk:
                assert desk.send(f"/fix/{OPEN}/assign", owner="w-bea").status_code == 303
                stale = {**desk.form(f"/fix/{OPEN}/take"), "last": "1"}
                assert desk.post(f"/fix/{OPEN}/take", stale).status_code == 409
                path = f"/outbox/{delivery(data)}/decide"
                assert desk.send(path, decision="discard", reason="x", pin="111222").status_code == 403
                assert desk.send(path, decision="discard", reason="x", pin=TESS).status_code == 303
                with browser(data) as new_office:
                    new_office.client.cookies.update(desk.client.cookies)
                    assert new_office.get("/fix").status_code == 200
        finally:
            server.stop()
            station.stop()
    with browser(data) as desk:
        assert desk.get("/fix").status_code == 303
    assert {event.via for event in events(data) if event.operator == "w-tess" and hasattr(event, "correction")} == {
        "office"
    }


def test_a_form_of_another_session_does_not_act(data: Path) -> None:
    path, before = f"/fix/{OPEN}/take", len(events(data))
    with browser(data, "tess") as desk:
        fields = desk.form(path)
        desk.client.cookies.clear()
        assert desk.sign_in("bea").status_code == 303
        answer = desk.post(path, fields)
    assert answer.status_code == 403 and "Nothing was saved" in answer.text
    assert not new_events(data, before, CorrectionAssigned)


def test_a_form_asks_for_the_pin_again_after_five_minutes(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [time.monotonic()]
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: now[0])
    other = f"/outbox/{delivery(data, 'file')}/decide"
    with browser(data, "tess") as desk:
        assert desk.send(f"/outbox/{delivery(data)}/decide", decision="keep-theirs", pin=TESS).status_code == 303
        now[0] += FRESH_S - 1
        assert 'id="field-pin"' not in desk.get(other).text
        now[0] += 1
        assert 'id="field-pin"' in desk.get(other).text
