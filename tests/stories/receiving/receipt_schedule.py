"""One schedule of a receiving desk beside Alma: the real store, courier and adapter with the emulator, and all that can go
wrong, from one seed. It ends in calm weather, when no delivery waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from station.base import settings
from station.base.credentials import Secret
from station.base.errors import ReceivingRefused
from station.base.settings.delivery import AlmaOrders as OrderSettings
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Decision, KeepIntent, ReceiveIntent
from station.domain.distribution.box import BoxState, box_id
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import LineKey, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.difference import Difference
from station.domain.receiving.order_line import ReceiptRules, ReceiptState
from station.domain.receiving.receipts import receive_intent
from station.domain.receiving.shipment import shipment_id
from station.domain.verdict import Verdict
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from station.sync.alma.orders import AlmaOrders
from station.sync.courier.courier import Courier
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.sync.courier.simulation import DyingOutbox, Simulation

TESS: Final = "w-tess"
DEPARTMENT: Final = ("TECH", "MAIN")
PLACES: Final = (
    ("POL-1", "EAST", "", 2),
    ("POL-1", "WEST", "", 1),
    ("POL-2", "EAST", "99000000000001", 1),
    ("POL-2", "EAST", "99000000000002", 1),
    ("POL-3", "EAST", "", 3),
    ("POL-4", "WEST", "", 1),
)
"""Order line, library, barcode of the vendor, copies. POL-3 is a standing order: its items are made by receipts."""
RULES: Final = ReceiptRules(system="alma-orders", wait_s=20.0)
FOREIGN: Final = "77000000000007"
"""An item of others."""


def world() -> dict[str, Any]:
    """Return the emulator's order lines and departments."""
    standing = {"type": {"value": "PRINTED_BOOK_SO"}, "status": {"value": "ACTIVE"}}
    place = {"quantity": 3, "library": {"value": "EAST"}, "shelving_location": "stacks"}
    lines = [
        {"number": number, "owner": {"value": "MAIN"}, "vendor": {"value": "V"}, "resource_metadata": {"mms_id": "99"}}
        for number in ("POL-1", "POL-2", "POL-3", "POL-4")
    ]
    lines[2] |= {**standing, "location": [place]}
    return {"po_lines": lines, "acq_departments": {"MAIN": ["TECH", "OTHER"]}}


def items() -> dict[str, Any]:
    """Return the emulator's items: those on order, and one of others."""
    found = {FOREIGN: fictitious(FOREIGN, 900)}
    for number, library, vendors, copies in PLACES:
        for _ in range(copies if number != "POL-3" else 0):
            barcode = vendors or f"auto-{len(found)}"
            place = {"library": {"value": library, "desc": None}, "po_line": number, "arrival_date": None}
            found[barcode] = fictitious(
                barcode, 100 + len(found), **place, process_type={"value": "ACQ", "desc": None}
            ) | {"holding_data": {"holding_id": f"22{len(library) + ord(library[0])}", "copy_id": ""}}
    return found


@dataclass
class Copy:
    """A copy that was counted, and got our barcode."""

    count: int
    barcode: str
    line: str
    library: str
    place: int
    """Index of `PLACES`."""
    gone: bool = False
    orders: int = 1
    """How often it may be sent: once, and once for each order or decision of a person to send it."""


@dataclass
class Outcome:
    """What a schedule comes to: what the desk did, what the station says of it, and the library system's own log."""

    copies: list[Copy]
    states: dict[int, ReceiptState | None]
    differences: dict[int, list[Difference]]
    boxes: dict[str, list[str]]
    """Barcodes in the boxes on the way."""
    log: dict[str, Any]
    items: dict[str, Any]
    """By pid."""


class Desk(Simulation):
    """A desk whose station, system and network fail."""

    def __init__(
        self,
        seed: int,
        process: AlmaProcess,
        folder: Path,
        *,
        courier: type[Courier] = Courier,
        adapter: type[AlmaOrders] = AlmaOrders,
        outbox: type[DyingOutbox] = DyingOutbox,
        department: str = DEPARTMENT[0],
    ) -> None:
        self.random, self.process, self.clock = Random(seed), process, FakeClock()
        self.path = folder / f"{seed}.db"
        self.make_courier, self.make_outbox = courier, outbox
        process.reset(items(), world())
        orders = OrderSettings(enabled=True, library=DEPARTMENT[1], department=department)
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0, orders=orders)
        self.adapter = adapter(config, lambda: Secret(CANARY), self.clock)
        self.sql = open_writer(self.path)
        self.is_down = False
        self.copies: list[Copy] = []
        self.stats: Counter[str] = Counter()
        self.boxes: list[str] = []
        self.start()
        self.queries = Queries(self.path, self.clock)
        self.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
        lines = tuple(
            PackingLine(line=str(n), order_line=number, library=library, barcode=vendors, quantity=copies)
            for n, (number, library, vendors, copies) in enumerate(PLACES)
        )
        listed = self.journal.order(ev.PackingListImported(content=PackingList(name="INV", lines=lines), operator=TESS))
        self.list = ev.list_id(listed)
        self.shipment = shipment_id(self.journal.order(ev.ShipmentOpened(lists=(self.list,), operator=TESS)))

    def start(self) -> None:
        self.attempts, self.outcomes = [], []
        self.journal = JournalStore(self.sql, self.clock, receipt_rules=RULES)
        self.outbox = self.make_outbox(self.sql, self.journal)
        self.outbox.recover()
        systems = {"alma-orders": self.adapter}
        self.courier = self.make_courier(self.outbox, systems, self.clock, Random(self.random.random()))

    def close(self) -> None:
        self.sql.close()
        self.adapter.close()
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()

    # --- at the desk ------------------------------------------------------------------------------------------------

    def arrives(self) -> None:
        """Count a copy, sometimes one too many, and stick our barcode on."""
        used = Counter(copy.place for copy in self.copies if not copy.gone)
        left = [n for n, (_, _, _, copies) in enumerate(PLACES) if used[n] < copies + (self.random.random() < 0.1)]
        if not left or len(self.copies) >= 14:
            return
        place = self.random.choice(left)
        number, library, _, _ = PLACES[place]
        counted = ev.CopyCounted(
            shipment=self.shipment, scanned=number, key=LineKey(self.list, str(place)), chosen=True, operator=TESS
        )
        count = self.journal.order(counted)
        barcode = f"3123400000{len(self.copies):04}"
        self.journal.order(ev.Added(barcode=barcode, count=count, operator=TESS))
        self.copies.append(Copy(count, barcode, number, library, place))

    def goes(self) -> None:
        """A count was a mistake, or the copy goes back."""
        here = [copy for copy in self.copies if not copy.gone]
        if not here:
            return
        copy = self.random.choice(here)
        if self.random.random() < 0.5:
            self.journal.order(ev.CopyReturned(count=copy.count, operator=TESS))
        else:
            knows = self.random.random() < 0.5
            try:
                self.journal.order(ev.CountUndone(count=copy.count, despite_receipt=knows, operator=TESS))
            except ReceivingRefused:
                assert not knows
                self.stats["undo refused"] += 1
                return
        copy.gone = True
        self.stats["gone"] += 1

    def person(self) -> None:
        """Somebody looks at a parked delivery, or orders a receipt again."""
        parked = [row for row in self.rows() if row.state is DeliveryState.PARKED]
        without = [copy for copy in self.copies if not copy.gone and self.queries.receipt(copy.count) is None]
        if without and self.random.random() < 0.5:
            copy = self.random.choice(without)
            count = self.queries.count(copy.count)
            assert count is not None
            intent = receive_intent(count, copy.barcode)
            self.journal.order(ev.DeliveryOrdered(system="alma-orders", intent=intent, operator=TESS))
            copy.orders += 1
        elif parked:
            row = self.random.choice(parked)
            intent = row.intent
            assert isinstance(intent, ReceiveIntent | KeepIntent)
            choice = self.random.choice(["retry", "retry", Decision.SEND_OURS, Decision.DISCARD])
            if choice == "retry":
                self.outbox.retry(row.id, TESS)
            elif self.outbox.decide(row.id, Decision(choice), TESS, "looked").value == "queued":
                copy = next(copy for copy in self.copies if copy.count == intent.count)
                copy.orders += choice is Decision.SEND_OURS and isinstance(intent, ReceiveIntent)
            self.stats[str(choice)] += 1

    def packs(self) -> None:
        """Boxes are opened, packed, closed, received and opened again, whatever Alma does."""
        for _ in range(4):
            self.packs_once(self.random.choice(["judge", "judge", "pack", "pack", "close", "receive", "again"]))

    def packs_once(self, step: str) -> None:
        here = [copy for copy in self.copies if not copy.gone]
        boxes = [box for box in (self.queries.box(name) for name in self.boxes) if box is not None]
        states = {state: [box.id for box in boxes if box.state is state] for state in BoxState}
        if step == "judge" and here:
            copy = self.random.choice(here)
            item = ItemRecord(barcode=copy.barcode, title="A book")  # type: ignore[arg-type]
            self.journal.record(
                ev.ItemJudged(
                    barcode=copy.barcode, uid="", part=1, parts=1, verdict=Verdict.PASS, findings=(), item=item
                )
            )
        elif step == "pack" and here:
            if not states[BoxState.OPEN]:
                self.boxes.append(box_id(self.journal.order(ev.BoxOpened(site="EAST", operator=TESS))))
                states[BoxState.OPEN] = self.boxes[-1:]
            copy, box = self.random.choice(here), self.random.choice(states[BoxState.OPEN])
            with suppress(ReceivingRefused):
                self.journal.order(ev.BoxPacked(box=box, barcode=copy.barcode, operator=TESS))
                self.stats["packed"] += 1
        elif step == "close" and states[BoxState.OPEN]:
            with suppress(ReceivingRefused):  # it is empty
                self.journal.order(ev.BoxClosed(box=self.random.choice(states[BoxState.OPEN]), operator=TESS))
        elif step == "receive" and states[BoxState.CLOSED]:
            self.journal.order(ev.BoxReceived(box=self.random.choice(states[BoxState.CLOSED]), operator=TESS))
        elif step == "again" and (gone := states[BoxState.CLOSED] + states[BoxState.RECEIVED]):
            box = self.random.choice(gone)
            with suppress(ReceivingRefused):  # an item of it came back, and is in another box
                self.journal.order(ev.BoxOpened(box=box, site="EAST", reason="one more", operator=TESS))
                self.stats["box again"] += 1

    def boxes_on_the_way(self) -> list[str]:
        """Return the boxes that no site has received. What a site received may come back, and be packed again."""
        boxes = map(self.queries.box, self.boxes)
        return [box.id for box in boxes if box is not None and box.state is not BoxState.RECEIVED]

    # --- in Alma, and between ---------------------------------------------------------------------------------------

    def others(self) -> None:
        """Other people cancel, close, receive and edit, and an item of theirs has our barcode."""
        do, number = self.process.do, self.random.choice(PLACES)[0]
        what = self.random.choice(["cancel", "close", "by hand", "barcode", "note", "loan"])
        self.stats[what] += 1
        if what in ("cancel", "close"):
            do(f"{what}-line", number=number)
        elif what == "by hand":
            copies = [copy for place in do("line", number=number)["line"]["location"] for copy in place.get("copy", [])]
            for copy in copies[:1]:
                do("receive-by-hand", pid=copy["pid"])
        elif what == "barcode":
            known = {item["item_data"]["barcode"] for item in do("items")["items"]}
            free = [copy.barcode for copy in self.copies if copy.barcode not in known]
            if free and FOREIGN in known:
                do("edit", barcode=FOREIGN, field="barcode", value=self.random.choice(free))
        else:
            barcode = self.random.choice([item["item_data"]["barcode"] for item in do("items")["items"]])
            if what == "loan":
                do("loan", barcode=barcode)
            else:
                when = self.random.choice(["get-put", "put-get"])
                do("edit-between", when=when, barcode=barcode, field="public_note", value="theirs")

    def fault(self) -> None:
        do, choose = self.process.do, self.random.choice
        path = choose(["", "/acq/"])
        choose(
            [
                lambda: do("drop-answer-after-effect", n=choose([1, 1, 2])),
                lambda: do("drop-answer-after-effect", n=1, path=path),
                lambda: do("drop-before-effect", n=1),
                lambda: do("status-after-effect", n=1, code=choose([500, 504]), path=path),
                lambda: do("half", n=1, method=choose(["GET", "POST"])),
                lambda: do("status", n=1, code=choose([500, 502, 503]), method="POST"),
                lambda: do("status", n=choose([1, 6]), code=500, method="GET"),
                lambda: do("html", n=1, method=choose(["GET", "POST"])),
                lambda: do("throttle", n=1, **{"as": choose(["body", "status"])}, retry_after=choose([1, 90])),
                lambda: do("error", n=1, code=choose(["401871", "401875", "401877"]), method="POST", path="/acq/"),
                lambda: do("error", n=1, code=choose(["402502", "401652"]), method="POST", path="/bibs/"),
                lambda: do("update-fails", n=1),
                lambda: do("xml", n=choose([1, 5])),
            ]
        )()

    # --- the schedule -----------------------------------------------------------------------------------------------

    def outcome(self, steps: int = 40) -> Outcome:
        """Run the schedule, then calm weather. Return what it came to."""
        moves: list[Callable[[], None]] = (
            [self.arrives] * 6 + [lambda: self.work(4)] * 8 + [self.fault] * 4 + [self.others] * 2 + [self.crash] * 2
            + [self.goes, self.person, self.person, self.person, self.packs, self.packs, self.switch, lambda: self.work(12)]
        )  # fmt: skip
        for _ in range(steps):
            self.random.choice(moves)()
        self.process.do("up")
        self.process.do("update-fails", n=0)
        self.calm()
        assert compare(self.sql) == ()
        receipts = self.queries.receipts(self.shipment)
        found: dict[int, list[Difference]] = {}
        for row in self.queries.differences(everything=True):
            found.setdefault(row.count, []).append(row)
        return Outcome(
            copies=self.copies,
            states={copy.count: getattr(receipts.get(copy.count), "state", None) for copy in self.copies},
            differences=found,
            boxes={name: [item.barcode for item in self.queries.packed(name)] for name in self.boxes_on_the_way()},
            log=self.process.do("log"),
            items={item["item_data"]["pid"]: item for item in self.process.do("items")["items"]},
        )
