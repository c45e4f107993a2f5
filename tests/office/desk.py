"""A data directory for forms: four people with PINs, corrections in each state, a rejected delivery, and a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
from starlette.testclient import TestClient

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.base.settings import load
from station.cli.admin.settings_file import template
from station.domain.correction_states import CorrectionKind, Recheck
from station.domain.deliveries.delivery import DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import NoteIntent, Side
from station.domain.distribution.box import box_id
from station.domain.events import (
    AccountPlanRecorded,
    AnyEvent,
    BoxClosed,
    BoxOpened,
    BoxPacked,
    ClaimMade,
    CopyCounted,
    CopyFaulted,
    CorrectionMended,
    CorrectionOpened,
    DeletionConfirmed,
    DifferenceAssigned,
    InvoiceRecorded,
    InvoiceSigned,
    ItemJudged,
    ItemScanned,
    PackingListImported,
    PinSet,
    PullListImported,
    PullTicked,
    PurchaseOrderRecorded,
    ShipmentClosed,
    ShipmentOpened,
    TagDestroyed,
    TransferDecided,
    VendorRecorded,
    WithdrawalCartOpened,
    WithdrawalDecided,
    WorkerRegistered,
)
from station.domain.findings import Finding, Outcome, Severity
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine, Share, Stated, invoice_id
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin
from station.domain.receiving.counting import CopyFault, Purpose
from station.domain.receiving.shipment import shipment_id
from station.domain.receiving.vendor import Account, Contact, Vendor
from station.domain.transfers.transfer import Shelf
from station.domain.verdict import Verdict
from station.domain.withdrawals.pull_list import PullLine, PullList, PullOutcome, pull_list_id
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.reports.payables import export_of
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import Store, open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.office.conftest import PORT, office
from tests.support import sample_events

PINS = {"sue": "918273", "tess": "739105", "bea": "482913", "tim": "305882"}
ROLES = {"sue": Role.SYSTEMS, "tess": Role.TECHNICIAN, "bea": Role.OPERATOR, "tim": Role.TRAINEE}
QUICK = {
    "library.isil": "US-XxExmp",
    "people.pin_memory_kib": 8192,
    "people.pin_passes": 1,
    "barcodes.length": 14,
    "barcodes.prefixes": [],
    "barcodes.check_digit": "none",
}
OPEN, MENDED, CRITICAL, SECOND, BLIND = (letter * 32 for letter in "abcde")
"""Corrections: open; fixed by Tim; open and critical; a recheck order for Tim's work that Tess looked at; the same,
which nobody looked at."""
ITEM, BLIND_ITEM, FAULTY = "31234000000015", "31234000000023", "31234000000031"
HIDDEN = "crumpled"
"""A word that only the findings of the blind item have."""
HERE = {"sec-fetch-site": "same-origin"}
EVIL = "<script>alert(1)</script>\u202e=1+1\x1b]52;c;x\x07"


def _opened(name: str, rule: str, title: str, **more: object) -> CorrectionOpened:
    values = {"barcode": ITEM, "item_title": "Soup for beginners", "due": "2026-01-01", "owner": "Cataloging", **more}
    return CorrectionOpened(
        correction=name, rule=rule, title=Sentence.verbatim(title), worker="w-tim", found_by="w-tim", **values
    )


def _events() -> list[AnyEvent]:
    finding = Finding(
        "label", "The label is straight", Severity.MAJOR, Outcome.FAIL, "w-tim", Sentence.verbatim(HIDDEN)
    )
    blind = sample_events.record(BLIND_ITEM)
    order = {"what": CorrectionKind.RECHECK, "recheck": Recheck.PERSON}
    return [
        *(WorkerRegistered(worker=f"w-{login}", role=role) for login, role in ROLES.items()),
        ItemScanned(barcode=ITEM, part=1, item=sample_events.record(), operator="w-tim"),
        _opened(OPEN, "spine-label", "Spine label"),
        _opened(MENDED, "stamp", "Stamp"),
        CorrectionMended(correction=MENDED, operator="w-tim"),
        _opened(CRITICAL, "title-page", "Title", severity=Severity.CRITICAL),
        _opened(SECOND, "", "All checks once more", barcode=FAULTY, **order),
        _opened(BLIND, "", "All checks once more", barcode=BLIND_ITEM, item_title="Atlas of shadows", **order),
        ItemJudged(
            barcode=BLIND_ITEM,
            uid=sample_events.UID,
            part=1,
            parts=1,
            verdict=Verdict.FAIL,
            findings=(finding,),
            item=blind,
            operator="w-tim",
        ),
        sample_events.judged(ITEM),
    ]


def _receive(store: Store) -> None:
    """Journal what was received: a closed shipment with a damaged, a strange and a missing copy, and an open gift. The
    damaged copy is claimed, and the missing one is overdue."""
    order, staff = store.journal.order, "w-sue"
    vendor = Vendor(
        id="ybp",
        name="YBP",
        codes=("1694510",),
        accounts=(Account(number="8190-10"),),
        contacts=(Contact(name="Claims desk", task="claims", mail="claims@vendor.example"),),
    )
    order(VendorRecorded(content=vendor, operator=staff))
    lines = (
        PackingLine(line="2", numbers=("9780140449136",), title="Rivers of the coast", price="20.00 USD"),
        PackingLine(
            line="1", numbers=("9780262033848",), title="Introduction to bread", quantity=2, order_line="POL-1"
        ),
    )
    content = PackingList(name="INV-7", vendor="YBP", lines=lines)
    listed = order(PackingListImported(content=content, source="inv7.csv", digest="00" * 32, operator=staff))
    opened = order(ShipmentOpened(carton="000169210026211096", lists=(f"list-{listed}",), operator="w-tim"))
    shipment, tim = shipment_id(opened), "w-tim"
    order(CopyCounted(shipment=shipment, numbers=("9780262033848",), operator=tim))
    damaged = order(CopyCounted(shipment=shipment, numbers=("9780140449136",), operator=tim))
    order(CopyFaulted(count=damaged, fault=CopyFault.DAMAGED, note="spine torn", photo="photo-1.jpg", operator=tim))
    order(CopyCounted(shipment=shipment, scanned="9780306406157", title="A stranger", operator=tim))
    order(ShipmentClosed(shipment=shipment, operator=tim))
    gift = order(ShipmentOpened(purpose=Purpose.GIFT, donor="A friend", operator=tim))
    order(CopyCounted(shipment=shipment_id(gift), title="A given book", operator=tim))
    order(ClaimMade(differences=(_difference(store.queries, "damaged"),), operator=staff))
    order(DifferenceAssigned(difference=_difference(store.queries, "short"), due="2026-01-01", operator=staff))


def _distribute(store: Store) -> None:
    """Journal two boxes for East: an open one, and a closed one with an overdue receipt."""
    opened = store.journal.record(BoxOpened(site="EAST", operator="w-tim"))
    gone = store.journal.record(BoxOpened(site="EAST", operator="w-tim"))
    packed = BoxPacked(box=box_id(opened), barcode="31234000000049", title="Rivers", library="EAST", operator="w-tim")
    store.journal.record(
        packed,
        msgspec.structs.replace(packed, box=box_id(gone), barcode=ITEM, title="Soup for beginners"),
        msgspec.structs.replace(packed, box=box_id(gone), barcode=FAULTY, title="A crooked label"),
        BoxClosed(box=box_id(gone), due="2026-01-01", operator="w-tim"),
    )


def _move(store: Store) -> None:
    """Journal a transfer that a person carries out in the library system."""
    record = ItemRecord(barcode=Barcode(ITEM), title="Soup for beginners", library="EAST", location="STACKS")
    event = TransferDecided(
        barcode=ITEM,
        before=Shelf(library="EAST", location="STACKS"),
        wanted=Shelf(library="WEST", call_number="641.5"),
        list="spring",
        item=record,
        operator="w-tess",
    )
    store.journal.record(event)


LEAVING, GONE, GONE_TAG = "31234000000064", "31234000000072", "E004015012340072"
"""Barcodes of items that leave, and a tag: still in the library system; deleted there, with a live tag."""


def _withdraw(store: Store) -> None:
    """Journal an open cart of Tess, and two withdrawals that no library system confirms, the second confirmed by a person."""
    order, staff = store.journal.order, "w-tess"
    choice = {"reason": "weeded", "destination": "recycle", "approver": "Dr. Lee"}
    order(WithdrawalCartOpened(name="Spring weeding", operator=staff, **choice))
    store.journal.record(
        sample_events.started("leave-1", GONE_TAG, GONE), sample_events.verified("leave-1", GONE_TAG, GONE)
    )
    sign = SignAnswer(sign=Sign.GIFT, reply=Reply.NO, source="record")
    for barcode, title in ((LEAVING, "Old atlas"), (GONE, "Old almanac")):
        item = ItemRecord(barcode=Barcode(barcode), title=title, library="EAST", price="12.50 USD", material="book")
        order(WithdrawalDecided(barcode=barcode, item=item, signs=(sign,), operator=staff, **choice))
    gone = store.queries.withdrawal_of_item(GONE)
    assert gone is not None
    order(DeletionConfirmed(withdrawal=gone.id, reason="seen there", operator=staff))


UNSEEN, TICKED, AWAITED = "31999000000014", "31999000000022", "31999000000147"
"""Barcodes of lines: nobody looked yet; Tim did not find it; on loan. The sample catalog has all."""


def _pull(store: Store) -> None:
    """Journal an open pull list of Tess."""
    lines = (
        PullLine(
            line=TICKED, barcode=TICKED, title="Rivers", library="MAIN", location="STACKS", call_number="QA76.9 .B2"
        ),
        PullLine(
            line=UNSEEN, barcode=UNSEEN, title="Lakes", library="MAIN", location="STACKS", call_number="QA76 .A10"
        ),
        PullLine(line=AWAITED, barcode=AWAITED, title="Songs", library="EAST", location="MEDIA", note="3 loans"),
    )
    content = PullList(name="Cooking", reason="weeded", destination="recycle", approver="Dr. Lee", lines=lines)
    ident = pull_list_id(
        store.journal.order(PullListImported(content=content, source="Spring list.csv", operator="w-tess"))
    )
    for line, outcome in ((TICKED, PullOutcome.NOT_FOUND), (AWAITED, PullOutcome.ON_LOAN)):
        store.journal.order(PullTicked(list=ident, line=line, outcome=outcome, operator="w-tim"))


ORDER = "PO/7"
"""Number of an order; the slash is part of it."""
INVOICES = {
    "open": ("HB-1", "Harbor Books", InvoiceKind.INVOICE, "", "84.00"),
    "foreign": ("HB-2", "Harbor Books", InvoiceKind.INVOICE, "EUR", "50.00"),
    "credit": ("CM-1", "ybp", InvoiceKind.CREDIT, "", "10.00"),
    "ready": ("Y-1", "ybp", InvoiceKind.INVOICE, "", "20.00"),
    "signed": ("Y-2", "ybp", InvoiceKind.INVOICE, "", "31.00"),
    "exported": ("Y-3", "ybp", InvoiceKind.INVOICE, "", "42.00"),
}
"""By name: number, vendor, kind, currency, total. Each has one line. The first has no account, the second no rate."""


def _buy(store: Store) -> None:
    """Journal an account plan, an order, and invoices in each state."""
    order, staff = store.journal.order, "w-sue"
    plan = AccountPlan(
        codes=(AccountCode(account="11-6310", title="Books"), AccountCode(account="11-6320", title="Media")),
        rules=(CodeRule(id="books", vendor="YBP", shares=(Share(account="11-6310", fund="BOOKS"),)),),
    )
    order(AccountPlanRecorded(content=plan, operator=staff))
    blanket = PurchaseOrder(number=ORDER, vendor="ybp", account="11-6310", amount="100.00", valid_to="2099-06-30")
    order(PurchaseOrderRecorded(content=blanket, operator=staff))
    for name, (number, vendor, kind, currency, total) in INVOICES.items():
        content = Invoice(
            kind=kind,
            vendor=vendor,
            number=number,
            date="2026-11-02",
            currency=currency,
            stated=(Stated(code="9", amount=total),),
            lines=(InvoiceLine(line="1", title="Books by the meter", amount=total),),
            order=ORDER if name in ("signed", "exported") else "",
        )
        ident = invoice_id(order(InvoiceRecorded(content=content, operator="w-tim")))
        if name in ("signed", "exported"):
            now = store.queries.invoice(ident)
            assert now is not None
            order(InvoiceSigned(invoice=ident, counted=now.newest, reason="it came", operator=staff))
        if name == "exported":
            order(export_of(store.queries, (ident,)).event("payables.csv", staff))


def invoices(data: Path) -> dict[str, str]:
    """Return the ids of the invoices by their names in `INVOICES`."""
    ids = {row.content.number: row.id for row in Queries(data / JOURNAL, SystemClock()).invoices()}
    return {name: ids[number] for name, (number, *_) in INVOICES.items()}


def _difference(queries: Queries, kind: str) -> str:
    return next(row.id for row in queries.differences() if row.kind == kind)


@cache
def _made() -> TemporaryDirectory[str]:
    """Return the folder that each test copies, made once: four PINs are hashed."""
    folder = TemporaryDirectory()
    data = Path(folder.name)
    (data / "station.toml").write_text(template(**QUICK), encoding="utf-8")
    people = People(data / PEOPLE)
    for login in ROLES:
        people.add(f"w-{login}", login, login.title())
    store = open_store(data / JOURNAL, SystemClock())
    *before, judged = _events()
    store.journal.record(*before)
    note = NoteIntent(barcode=ITEM, text="RFID pass")
    store.journal.record(judged, deliveries=[NewDelivery("alma", ITEM, note), NewDelivery("file", ITEM, note)])
    authenticator = open_authenticator(load(data / "station.toml"), data, store.queries, SystemClock())
    for login, pin in PINS.items():
        store.journal.record(PinSet(worker=f"w-{login}"))
        authenticator.pins.give(f"w-{login}", Pin(pin), must_change=False)
    _receive(store)
    _buy(store)
    _distribute(store)
    _move(store)
    _withdraw(store)
    _pull(store)
    for delivery in store.queries.outbox_page():
        store.outbox.lease(delivery.id)
        sides = (Side("Note 3", "RFID pass", "On order for Prof. R."),)
        store.outbox.settle(delivery.id, DeliveryState.PARKED, why=Why(reason="conflict", sides=sides))
    assert store.close()
    return folder


def made(data: Path, *, sign_on: bool = True, operator: str = "tess") -> Path:
    """Make the data directory."""
    shutil.copytree(_made().name, data, dirs_exist_ok=True)
    text = template(**{**QUICK, "people.sign_on": sign_on, "station.operator": operator})
    (data / "station.toml").write_text(text, encoding="utf-8")
    return data


def journal(data: Path) -> Store:
    """Return the open store, to change something beside the office."""
    return open_store(data / JOURNAL, SystemClock())


def stripped(data: Path) -> str:
    """Return the id of the withdrawal "gone", with its tag destroyed."""
    ident = received(data)["gone"]
    store = journal(data)
    if not store.queries.watched(GONE_TAG):
        store.journal.order(TagDestroyed(uid=GONE_TAG, barcode=GONE, how="tag-cut", operator="w-tess"))
    assert store.close()
    return ident


def events(data: Path) -> tuple[AnyEvent, ...]:
    """Return all events of the journal."""
    return tuple(row.event for row in Queries(data / JOURNAL, SystemClock()).events(limit=10_000))


def delivery(data: Path, system: str = "alma") -> str:
    """Return the id of a parked delivery."""
    page = Queries(data / JOURNAL, SystemClock()).outbox_page()
    return next(entry.id for entry in page if entry.system == system)


def received(data: Path) -> dict[str, str]:
    """Return the ids of what was received: the differences by kind, "shipment", "open" (the gift), "claim", the boxes
    "open-box" and "box", "transfer", the withdrawals "leaving" and "gone", "cart", and the list "pull"."""
    queries = Queries(data / JOURNAL, SystemClock())
    rows = queries.differences()
    ids = {row.kind.value: row.id for row in rows}
    closed, gift = queries.shipments(everything=True)
    claim = next(row.claim for row in rows if row.claim)
    opened, box = (row.id for row in queries.boxes())
    (transfer,), (cart,), (pull,) = queries.transfers(), queries.carts(), queries.pull_lists(everything=True)
    leaving = {name: queries.withdrawal_of_item(barcode) for name, barcode in (("leaving", LEAVING), ("gone", GONE))}
    return {
        **ids,
        **{"shipment": closed.id, "open": gift.id, "claim": claim, "open-box": opened, "box": box},
        **{name: row.id for name, row in leaving.items() if row is not None},
        **{"transfer": transfer.id, "cart": cart.id, "pull": pull.id},
    }


class Browser:
    """A browser of one person: sends forms as they are shown, with what the person types."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(path, headers=headers)

    def sign_in(self, login: str, pin: str = "", to: str = "/fix") -> httpx2.Response:
        return self.send(f"/sign-in?to={to}", login=login, pin=pin or PINS[login])

    def form(self, path: str) -> dict[str, str]:
        """Return the fields of a form as the page shows them."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (answer.status_code, path, answer.headers.get("location"))
        return hidden(answer.text)

    def post(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = HERE) -> httpx2.Response:
        return self.client.post(urlsplit(path).path, data=dict(fields), headers=dict(headers))

    def send(self, path: str, **typed: str) -> httpx2.Response:
        """Open a form and send it."""
        return self.post(path, {**self.form(path), **typed})

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        assert answer.status_code == 303, (answer.status_code, text_of(answer.text))
        return self.client.get(answer.headers["location"])


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's own form."""
    main = page.partition("<main")[2]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', main))


def text_of(page: str) -> str:
    """Return the text of a page's main part."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


def parameters(location: str) -> dict[str, list[str]]:
    """Return the parameters of an address."""
    return parse_qs(urlsplit(location).query)


@contextmanager
def browser(data: Path, login: str = "", language: str = "en") -> Iterator[Browser]:
    """Yield a browser; with `login`, of a person who has signed in."""
    with office(data, language) as client:
        person = Browser(client)
        if login:
            assert person.sign_in(login).status_code == 303
        yield person


ORIGIN = f"https://localhost:{PORT}"
