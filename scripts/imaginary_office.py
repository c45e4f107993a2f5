"""An office to look at: three months of work at one bench, with the same names, titles and numbers each time it is made.

The clock stands on the afternoon of November 30, 2026 in California. Every name and title is invented.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.base.settings import Settings, load
from station.catalog.sample.sample import SAMPLE_ITEMS, numbered, numbered_barcode
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Recheck
from station.domain.deliveries.delivery import DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import NoteIntent, Side
from station.domain.distribution.box import box_id
from station.domain.findings import Finding, Outcome, Severity
from station.domain.invoices.invoice import Charge, ChargeKind, Invoice, InvoiceLine, Share, Stated
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin
from station.domain.receiving.counting import CopyFault, Purpose
from station.domain.receiving.difference import DifferenceKind
from station.domain.receiving.shipment import shipment_id
from station.domain.receiving.vendor import Account, Contact, Vendor, VendorFormat
from station.domain.sampling import Level, Plan, Stream, Switch, Whose
from station.domain.tag_image import TagImage, Uid
from station.domain.transfers.transfer import Shelf, transfer_id
from station.domain.verdict import Verdict
from station.domain.withdrawals.pull_list import PullLine, PullList, PullOutcome, pull_list_id
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import cart_id, withdrawal_id
from station.runtime.data_directory import CATALOG, JOURNAL, PEOPLE, SETTINGS_NAME
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.library_systems import catalog_index
from station.store.catalog_index.import_file import import_file
from station.store.owner import Store, open_store
from station.store.people.names import People

ZONE: Final = ZoneInfo("America/Los_Angeles")
NOW: Final = datetime(2026, 11, 30, 14, 5, tzinfo=ZONE)
DAYS: Final = 88
ITEMS: Final = 430
PINS: Final = {"tess": "739105", "ann": "482913", "tim": "305882"}
STAFF: Final = {
    "w-sue": ("sue", "Sue Park", Role.SYSTEMS, ""),
    "w-tess": ("tess", "Tess Ng", Role.TECHNICIAN, ""),
    "w-ann": ("ann", "Ann Quill", Role.OPERATOR, ""),
    "w-tim": ("tim", "Tim Oduya", Role.TRAINEE, "es"),
    "w-lee": ("lee", "Lee Okafor", Role.TRAINEE, ""),
}
_SETTINGS: Final = {
    "library.isil": "US-ImagCC",
    "library.name": "Imaginary Community College",
    "station.name": "Bench 1",
    "station.operator": "tess",
    "station.goal_today": 60,
    "people.sign_on": True,
    "people.pin_memory_kib": 8192,
    "people.pin_passes": 1,
    "sampling.enabled": True,
}
_SITES: Final = 'sites = [{code = "EAST", name = "East Campus"}, {code = "WEST", name = "West Campus"}]'
_RULES: Final = (
    ("spine-label", "Spine label", "label-line-missing"),
    ("title-in-hand", "Title and author", "other-title"),
    ("property-stamp", "Property stamp", "no-stamp"),
    ("tag-place", "Tag position", "tag-wrong-place"),
)
"""Rules that the station ships: id, title, and the code of a reason."""
_VENDORS: Final = ("Paper Lantern Books", "Harbor & Daughters", "")
_BAD: Final = {"w-ann": 0.04, "w-tim": 0.12, "w-lee": 0.07}


class Standing(SystemClock):
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> str:
        return self.at.astimezone(ZoneInfo("UTC")).isoformat(timespec="microseconds")

    def day(self, ahead: int = 0) -> str:
        return (self.at.date() + timedelta(days=ahead)).isoformat()


def make(data: Path, language: str = "") -> Standing:
    """Make the data directory, with a technician who speaks this language. Return its clock."""
    clock = Standing(NOW - timedelta(days=DAYS))
    text = template(**_SETTINGS).replace("sites = []", _SITES)
    (data / SETTINGS_NAME).write_text(text, encoding="utf-8")
    settings = load(data / SETTINGS_NAME)
    _import(data, settings)
    people = People(data / PEOPLE)
    for worker, (login, name, _, own) in STAFF.items():
        spoken = language if worker == "w-tess" else own
        people.add(worker, login, name, spoken)
    store = open_store(data / JOURNAL, clock)
    try:
        _Work(store, clock, data, settings).all()
        authenticator = open_authenticator(settings, data, store.queries, clock)
        for login, pin in PINS.items():
            store.journal.record(ev.PinSet(worker=f"w-{login}", operator="w-sue"))
            authenticator.pins.give(f"w-{login}", Pin(pin), must_change=False)
    finally:
        store.close()
    clock.at = NOW
    return clock


def _import(data: Path, settings: Settings) -> None:
    with resources.as_file(resources.files("station.catalog") / "data" / "sample.mrc") as sample:
        import_file(sample, data / CATALOG, settings.catalog.profile, settings.catalog)
    books = data / "numbered.mrc"
    books.write_bytes(numbered(ITEMS))
    import_file(books, data / CATALOG, settings.catalog.profile, settings.catalog)


class _Work:
    """What people did."""

    def __init__(self, store: Store, clock: Standing, data: Path, settings: Settings) -> None:
        self._store, self._clock = store, clock
        self._chance = random.Random(4)
        self._index = catalog_index(settings, data)
        self._tags = 0

    def all(self) -> None:
        """Journal everything, the oldest first."""
        record = self._store.journal.record
        registered = [
            ev.WorkerRegistered(worker=worker, role=role, operator="w-sue") for worker, (_, _, role, _) in STAFF.items()
        ]
        record(ev.StationStarted(version="1.0", station="Bench 1"), *registered)
        record(ev.RollLoaded(name="A-16", operator="w-ann"))
        late = list(zip((26, 20, 17, 12, 9, 6, 3), SAMPLE_ITEMS[8:15], strict=True))
        for number in range(ITEMS):
            self._clock.at = _at_work(number / ITEMS)
            while late and NOW - timedelta(days=late[0][0], hours=2) < self._clock.at:
                back, (barcode, _, _) = late.pop(0)
                self._to_fix(str(barcode), back)
            self._item(self._record(numbered_barcode(number + 1)), number)
        record(ev.RetrainingHeld(worker="w-tim", rules=("spine-label",), note="", operator="w-tess"))
        record(_rejected("w-tim"))
        self._order()
        self._receive()
        self._buy()
        self._distribute()
        self._move()
        self._withdraw()
        self._pull()
        self._today()
        self._index.close()

    def _record(self, barcode: str) -> ItemRecord:
        return self._index.find(Barcode(barcode))

    def _item(self, item: ItemRecord, number: int, *, fail: bool | None = None, worker: str = "") -> str:
        """Journal one item from scan to verdict. Return its worker."""
        worker = worker or self._chance.choice(list(_BAD))
        bad = self._chance.random() < _BAD[worker] if fail is None else fail
        rule, title, code = self._chance.choice((*_RULES, _RULES[0], _RULES[0]))
        wrong = Sentence(f"question.reason.{code}")
        item = msgspec.structs.replace(item, vendor=self._chance.choice(_VENDORS))
        uid, attempt = f"E0040100{number:08X}", f"{self._tags:032x}"
        self._tags += 1
        blank, written = bytes(112), number.to_bytes(112, "big")
        answers = [
            Finding(name, words, Severity.MAJOR, Outcome.FAIL, worker, wrong)
            if bad and name == rule
            else Finding(name, words, Severity.MAJOR, Outcome.PASS, worker)
            for name, words, _ in _RULES
        ]
        self._store.journal.record(
            ev.ItemScanned(barcode=item.barcode, part=1, item=item, operator=worker),
            ev.TagRecognised(uid=uid, state="blank", operator=worker),
            ev.TagWriteStarted(
                old=TagImage(Uid(uid), 4, blank, (False,) * 28, 0, 0),
                new=TagImage(Uid(uid), 4, written, (False,) * 28, 7, 6),
                plan_digest=f"{number:064x}",
                steps=9,
                attempt=attempt,
                uid=uid,
                barcode=item.barcode,
                part=1,
                parts=1,
                operator=worker,
            ),
            ev.TagWriteVerified(
                attempt=attempt, uid=uid, barcode=item.barcode, part=1, parts=1, writes=9, operator=worker
            ),
            *(ev.CheckAnswered(barcode=item.barcode, finding=answer, operator=worker) for answer in answers),
        )
        self._clock.at += timedelta(seconds=40)
        note = NoteIntent(barcode=item.barcode, text=f"RFID {'fail' if bad else 'pass'} {self._clock.day()}")
        self._store.journal.record(
            ev.ItemJudged(
                barcode=item.barcode,
                uid=uid,
                part=1,
                parts=1,
                verdict=Verdict.FAIL if bad else Verdict.PASS,
                findings=tuple(answers),
                item=item,
                seconds=self._chance.uniform(30, 90),
                operator=worker,
            ),
            deliveries=[NewDelivery("alma", item.barcode, note)],
        )
        self._settle(DeliveryState.DELIVERED)
        if bad:
            self._correct(item, number, worker, (rule, title, wrong), closed=fail is None)
        return worker

    def _settle(self, state: DeliveryState, why: Why | None = None) -> None:
        newest = self._store.queries.outbox_page(limit=1)[0]
        self._store.outbox.lease(newest.id)
        self._store.outbox.settle(newest.id, state, why=why or Why())

    def _correct(
        self, item: ItemRecord, number: int, worker: str, rule: tuple[str, str, Sentence], *, closed: bool
    ) -> None:
        name = f"{number:032x}"
        self._store.journal.record(
            ev.CorrectionOpened(
                correction=name,
                barcode=item.barcode,
                rule=rule[0],
                title=Sentence.of(rule[1]),
                item_title=item.title,
                owner=self._chance.choice(("Cataloging", "Marking", "w-ann")),
                due=self._clock.day(10),
                worker=worker,
                found_by=worker,
                reason=rule[2],
                severity=Severity.MAJOR,
                operator=worker,
            )
        )
        if closed:
            self._store.journal.record(ev.CorrectionMended(correction=name, operator="w-ann", due=self._clock.day(3)))
            self._store.journal.record(ev.CorrectionRechecked(correction=name, passed=True, operator="w-tess"))

    def _to_fix(self, barcode: str, number: int) -> None:
        """Journal an item whose correction is still open: to fix, or fixed and to be checked once more."""
        self._item(self._record(barcode), 1000 + number, fail=True, worker="w-tim")
        if number in (17, 9):
            fixed = ev.CorrectionMended(correction=f"{1000 + number:032x}", operator="w-ann", due=self._clock.day(30))
            self._store.journal.record(fixed)

    def _order(self) -> None:
        """Journal an order to check an item again."""
        barcode, title, _ = SAMPLE_ITEMS[9]
        self._store.journal.record(
            ev.CorrectionOpened(
                correction="e" * 32,
                what=CorrectionKind.RECHECK,
                recheck=Recheck.PERSON,
                barcode=str(barcode),
                item_title=title,
                title=Sentence("finding.recheck-title"),
                due=self._clock.day(5),
                worker="w-tim",
                found_by="w-tess",
                operator="w-tess",
            )
        )

    def _receive(self) -> None:
        """Journal a shipment with every kind of trouble, its claim, and an open gift."""
        order, clock = self._store.journal.order, self._clock
        clock.at = NOW - timedelta(days=40)
        vendor = Vendor(
            id="lantern",
            name=_VENDORS[0],
            codes=("1694510",),
            accounts=(Account(number="8190-10"),),
            contacts=(
                Contact(name="Claims desk", task="claims", mail="claims@lantern.example"),
                Contact(name="Vera Lux", task="orders", mail="vera@lantern.example"),
            ),
            formats=(VendorFormat.SPREADSHEET,),
        )
        order(ev.VendorRecorded(content=vendor, operator="w-tess"))
        lines = tuple(
            PackingLine(
                line=str(at),
                numbers=(f"97800000000{at:02}",),
                title=title,
                quantity=2 if at in (1, 4) else 1,
                order_line=f"POL-{310 + at}",
                price="24.95 USD",
            )
            for at, (_, title, _) in enumerate(SAMPLE_ITEMS[15:22], 1)
        )
        content = PackingList(name="INV-2044", vendor=_VENDORS[0], date="2026-10-20", lines=lines)
        listed = order(
            ev.PackingListImported(content=content, source="inv2044.csv", digest="00" * 32, operator="w-tess")
        )
        opened = order(ev.ShipmentOpened(carton="000169210026211096", lists=(f"list-{listed}",), operator="w-ann"))
        shipment = shipment_id(opened)
        for at, line in enumerate(lines):
            clock.at += timedelta(minutes=1)
            count = order(ev.CopyCounted(shipment=shipment, numbers=line.numbers, operator="w-ann"))
            if at == 2:
                note = "spine torn, pages 3 to 9 wet"
                order(
                    ev.CopyFaulted(
                        count=count, fault=CopyFault.DAMAGED, note=note, photo="box-44-3.jpg", operator="w-ann"
                    )
                )
        order(
            ev.CopyCounted(shipment=shipment, scanned="9780000000990", title="A stranger in the box", operator="w-ann")
        )
        order(ev.ShipmentClosed(shipment=shipment, operator="w-ann"))
        clock.at += timedelta(days=1)
        torn = next(row.id for row in self._store.queries.differences() if row.kind == DifferenceKind.DAMAGED)
        order(ev.ClaimMade(differences=(torn,), due="2026-12-10", operator="w-tess"))
        clock.at = NOW - timedelta(days=1)
        gift = order(ev.ShipmentOpened(purpose=Purpose.GIFT, donor="A friend of the library", operator="w-ann"))
        order(ev.CopyCounted(shipment=shipment_id(gift), title=SAMPLE_ITEMS[3][1], operator="w-ann"))

    def _buy(self) -> None:
        """Journal an account plan, orders that are nearly used up or expire, and invoices of the shipment's vendor."""
        order, clock = self._store.journal.order, self._clock
        clock.at = NOW - timedelta(days=30)
        accounts = ("11-0000-6310", "Books"), ("11-0000-6320", "Media")
        plan = AccountPlan(
            codes=tuple(AccountCode(account=account, title=title) for account, title in accounts),
            rules=(CodeRule(id="lantern", vendor="lantern", shares=(Share(account="11-0000-6310", fund="BOOKS"),)),),
        )
        order(ev.AccountPlanRecorded(content=plan, operator="w-tess"))
        for number, vendor, amount, until in (
            ("POL", "lantern", "250.00", "2027-06-30"),
            ("B26-0117", "Harbor Books", "4000.00", "2027-06-30"),
            ("B26-0102", "Seaside Media", "1500.00", "2026-12-31"),
        ):
            blanket = PurchaseOrder(
                number=number, vendor=vendor, account="11-0000-6310", fund="BOOKS", amount=amount, valid_to=until
            )
            order(ev.PurchaseOrderRecorded(content=blanket, operator="w-tess"))
        lines = tuple(
            InvoiceLine(
                line=str(at),
                title=title,
                numbers=(f"97800000000{at:02}",),
                copies=2 if at == 4 else 1,
                amount="49.90" if at == 4 else "31.95" if at == 2 else "24.95",
                order_line=f"POL-{310 + at}",
            )
            for at, (_, title, _) in enumerate(SAMPLE_ITEMS[15:22], 1)
        )
        total = sum((Decimal(line.amount) for line in lines), Decimal("8.50"))
        bill = Invoice(
            vendor="lantern",
            number="INV-2044",
            date="2026-11-20",
            due="2026-12-20",
            stated=(Stated(code="9", amount=f"{total}"),),
            lines=lines,
            charges=(Charge(kind=ChargeKind.SHIPPING, amount="8.50"),),
        )
        order(ev.InvoiceRecorded(content=bill, source="inv2044.edi", digest="00" * 32, operator="w-tess"))
        line = InvoiceLine(line="1", title="Local history, three titles", amount="86.40")
        typed = Invoice(
            vendor="Harbor Books",
            number="5512",
            date="2026-11-24",
            stated=(Stated(code="9", amount="86.40"),),
            lines=(line,),
            order="B26-0117",
        )
        order(ev.InvoiceRecorded(content=typed, operator="w-tess"))

    def _distribute(self) -> None:
        """Journal boxes for two sites: one that is overdue, one that lacks an item, and an open one."""
        record, clock = self._store.journal.record, self._clock
        clock.at = NOW - timedelta(days=6)
        for site, first, count in (("WEST", 40, 7), ("EAST", 60, 5), ("EAST", 80, 3)):
            clock.at += timedelta(minutes=10)
            box = box_id(record(ev.BoxOpened(site=site, operator="w-ann")))
            barcodes = [numbered_barcode(first + number) for number in range(count)]
            for barcode in barcodes:
                clock.at += timedelta(minutes=1)
                item = self._record(barcode)
                record(
                    ev.BoxPacked(
                        box=box,
                        barcode=barcode,
                        title=item.title,
                        call_number=item.call_number,
                        library=site,
                        operator="w-ann",
                    )
                )
            if first == 80:
                continue
            record(ev.BoxClosed(box=box, due=clock.day(3), operator="w-ann"))
            if first == 60:
                clock.at += timedelta(days=2)
                record(ev.BoxReceived(box=box, missing=(barcodes[2],), note="The box was torn.", operator="w-tess"))

    def _move(self) -> None:
        """Journal transfers: one that waits for the library system, one to process, and one to pack."""
        record, clock = self._store.journal.record, self._clock
        clock.at = NOW - timedelta(days=4)
        for number in (100, 101, 102):
            clock.at += timedelta(minutes=5)
            item = self._record(numbered_barcode(number))
            before = Shelf(library=item.library, location=item.location)
            decided = ev.TransferDecided(
                barcode=item.barcode,
                before=before,
                wanted=Shelf(library="WEST"),
                list="new branch",
                site="WEST",
                item=item,
                operator="w-tess",
            )
            ident = transfer_id(record(decided))
            if number > 100:
                record(ev.Transferred(transfer=ident, barcode=item.barcode, title=item.title, before=before))
            if number > 101:
                self._item(item, number, fail=False, worker="w-ann")

    def _withdraw(self) -> None:
        """Journal a cart of withdrawals that no library system confirms, in several states."""
        order, clock = self._store.journal.order, self._clock
        clock.at = NOW - timedelta(days=16)
        opened = ev.WithdrawalCartOpened(
            name="Spring weeding",
            reason="weeded",
            destination="recycle",
            approver="Dr. Lee",
            place="Pallet 3",
            operator="w-tess",
        )
        cart = cart_id(order(opened))
        signs = (
            SignAnswer(sign=Sign.RETENTION, reply=Reply.NOT_KNOWN),
            SignAnswer(sign=Sign.GIFT, reply=Reply.NO, source="record"),
            SignAnswer(sign=Sign.LAST_HERE, reply=Reply.NO, source="catalog", detail="2"),
        )
        for number in range(110, 116):
            clock.at += timedelta(days=2)
            item = self._record(numbered_barcode(number))
            decided = ev.WithdrawalDecided(
                barcode=item.barcode,
                reason=opened.reason,
                destination=opened.destination,
                approver=opened.approver,
                cart=cart,
                signs=signs,
                item=item,
                operator="w-tess",
            )
            ident = withdrawal_id(order(decided))
            if number in (111, 113):
                order(ev.DeletionConfirmed(withdrawal=ident, reason="gone from the catalog", operator="w-tess"))
            if number == 113:
                self._erase(ident)
                order(ev.WithdrawalPlaced(withdrawal=ident, place="Pallet 3", operator="w-ann"))

    def _erase(self, withdrawal: str) -> None:
        """Journal that the tags of an item that leaves were read back blank."""
        leaving = self._store.queries.withdrawal(withdrawal)
        assert leaving is not None
        for tag in leaving.tags:
            erased = ev.TagErased(attempt=f"erase-{tag.uid}", uid=tag.uid, barcode=leaving.barcode, part=tag.part)
            self._store.journal.record(erased)

    def _pull(self) -> None:
        """Journal a pull list of which a part was looked for at the shelf, and one that was imported today."""
        order, clock = self._store.journal.order, self._clock
        clock.at = NOW - timedelta(days=4)
        ident = pull_list_id(order(self._listed("Cooking, not lent in ten years", range(120, 128))))
        found = (
            PullOutcome.FOUND,
            PullOutcome.FOUND,
            PullOutcome.NOT_FOUND,
            PullOutcome.ON_LOAN,
            PullOutcome.WRONG_EDITION,
        )
        for number, outcome in enumerate(found, 120):
            clock.at += timedelta(minutes=2)
            recalled = outcome is PullOutcome.ON_LOAN
            line = numbered_barcode(number)
            order(ev.PullTicked(list=ident, line=line, outcome=outcome, recalled=recalled, operator="w-ann"))
        clock.at = NOW - timedelta(hours=6)
        order(self._listed("Old travel guides", range(130, 142)))

    def _listed(self, name: str, numbers: range) -> ev.PullListImported:
        items = [self._record(numbered_barcode(number)) for number in numbers]
        lines = tuple(
            PullLine(
                line=item.barcode,
                barcode=item.barcode,
                title=item.title,
                call_number=item.call_number,
                library=item.library,
                location=item.location,
            )
            for item in items
        )
        content = PullList(name=name, reason="weeded", destination="surplus", approver="Dr. Lee", lines=lines)
        return ev.PullListImported(content=content, source="list.csv", operator="w-tess")

    def _today(self) -> None:
        record = self._store.journal.record
        self._clock.at = NOW - timedelta(hours=5)
        record(ev.RollLoaded(name="A-17", operator="w-ann"))
        for number, (barcode, _, _) in enumerate(SAMPLE_ITEMS[:8] + SAMPLE_ITEMS[15:25]):
            self._clock.at = NOW - timedelta(minutes=95 - 5 * number)
            self._item(self._record(str(barcode)), 2000 + number, fail=number == 11, worker="w-ann")
        theirs = (Side("Note 3", "RFID pass 2026-11-30", "On order for Prof. R."),)
        for state, why in (
            (DeliveryState.PARKED, Why(reason="conflict", sides=theirs)),
            (DeliveryState.DEFERRED, Why(reason="unreachable")),
        ):
            self._clock.at += timedelta(minutes=1)
            note = NoteIntent(barcode=str(SAMPLE_ITEMS[4 if state == "parked" else 10][0]), text="RFID pass 2026-11-30")
            record(
                ev.DeliveryOrdered(system="alma", intent=note, operator="w-tess"),
                deliveries=[NewDelivery("alma", note.barcode, note)],
            )
            self._settle(state, why)
        self._clock.at = NOW - timedelta(minutes=7)
        record(ev.StaffCalled(bench="Bench 1", title="Soup for beginners", operator="w-ann"))


def _at_work(part: float) -> datetime:
    """Return a time in the period, from Monday to Friday between 9 AM and 4 PM."""
    days = [day for day in range(DAYS) if (NOW - timedelta(days=DAYS - day)).weekday() < 5][:-1]
    at = part * len(days)
    start = (NOW - timedelta(days=DAYS - days[int(at)])).replace(hour=9, minute=2, second=0)
    return start + timedelta(hours=6.5 * (at % 1))


def _rejected(worker: str) -> ev.AnyEvent:
    """Return the event with which a lot of this worker is rejected."""
    stream = Stream(whose=Whose.WORKER, subject=worker, plan=Plan(lot=50, sample=20, confidence=0.9, rate=0.05), lot=4)
    switch = Switch(
        whose=Whose.WORKER,
        subject=worker,
        before=Level.NORMAL,
        after=Level.TIGHTENED,
        code="rejected",
        reason=Sentence.verbatim("Bad work was found."),
        unasked=12,
    )
    return ev.SamplingCounted(barcode=numbered_barcode(ITEMS), streams=(stream,), switches=(switch,), operator=worker)
