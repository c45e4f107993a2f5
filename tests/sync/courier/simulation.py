"""One schedule: the real store, courier and Alma adapter with the emulator, and all faults that can occur, from one
seed. The clock is manual; a crash discards the content of memory, at any of five points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from station.base import settings
from station.base.credentials import Secret
from station.domain.deliveries.delivery import Delivery, NewDelivery
from station.domain.deliveries.intents import (
    Decision,
    Intent,
    NoteIntent,
    ResultIntent,
    ScanInIntent,
    WithdrawIntent,
    item_of,
)
from station.domain.events import DeliveryOrdered
from station.domain.verdict import Verdict
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.queries.queries import Queries
from station.sync.alma.system import Alma
from station.sync.courier.courier import Attempt, Courier, Outcome
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.sync.courier.history_checker import Asked

ITEMS = ("31234000000015", "31234000000023", "31234000000031")
UIDS = ("E004015000000001", "E004015000000002")
FOREIGN_FIELDS = ("policy", "public_note", "internal_note_1")


class Killed(BaseException):
    """kill -9."""


class DyingOutbox(OutboxStore):
    """Dies right before or right after the witness is durable, if `die` is set."""

    die: str = ""

    def sending(self, delivery: str, witness: str) -> None:
        if self.die == "before-sending":
            self.die = ""
            raise Killed
        super().sending(delivery, witness)
        if self.die == "after-sending":
            self.die = ""
            raise Killed


class Simulation:
    """The simulation of this module. `courier`, `alma` and `outbox` may be replaced by defective ones, to test the
    checker."""

    def __init__(
        self,
        seed: int,
        process: AlmaProcess,
        folder: Path,
        courier: type[Courier] = Courier,
        alma: type[Alma] = Alma,
        outbox: type[DyingOutbox] = DyingOutbox,
    ) -> None:
        self.random = Random(seed)
        self.process = process
        self.path = folder / f"{seed}.db"
        self.clock = FakeClock()
        self.make_courier = courier
        self.make_outbox = outbox
        process.reset(
            {code: fictitious(code, pid=100 + number, internal_note_1="theirs") for number, code in enumerate(ITEMS)},
            {"departments": ["TECHSERV", "BINDERY"]},
        )
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0)
        self.alma = alma(config, lambda: Secret(CANARY), self.clock)
        self.sql = open_writer(self.path)
        self.book: list[tuple[str, tuple[str, ...]]] = []
        """(item, intent) in the order of the requests. Kept beside the outbox, which could lose one."""
        self.given_up: set[str] = set()
        self.sends: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.outcomes: list[Outcome] = []
        self.edits = 0
        self.is_down = False
        self.trace: list[str] = []
        self.start()

    # --- the station ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the station (again) from the file alone."""
        self.attempts, self.outcomes = [], []
        self.journal = JournalStore(self.sql, self.clock)
        self.outbox = self.make_outbox(self.sql, self.journal)
        self.outbox.recover()
        self.courier = self.make_courier(self.outbox, {"alma": self.alma}, self.clock, Random(self.random.random()))

    def rows(self) -> list[Delivery]:
        return sorted(Queries(self.path, self.clock).outbox_page(0, 1000), key=lambda row: (row.event_seq, row.place))

    def work(self, times: int) -> None:
        """Run leases, requests and settlements of several lanes, in any order."""
        for _ in range(times):
            what = self.random.choice(["begin", "carry", "finish"])
            try:
                if what == "begin":
                    attempt, wait = self.courier.begin()
                    if attempt is not None:
                        self.attempts.append(attempt)
                    elif not self.attempts and not self.outcomes:
                        self.clock.seconds += min(wait, 40.0)
                elif what == "carry" and self.attempts:
                    attempt = self.attempts.pop(self.random.randrange(len(self.attempts)))
                    self.outcomes.append(self.courier.carry(attempt))
                elif what == "finish" and self.outcomes:
                    self.courier.finish(self.outcomes.pop(self.random.randrange(len(self.outcomes))))
            except Killed:
                self.start()

    # --- what may happen --------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Request a random change of an item."""
        item = self.random.choice(ITEMS)
        choices: list[Callable[[], Intent]] = [
            lambda: ResultIntent(
                barcode=item, uid=self.random.choice(UIDS), part=1, parts=1,
                verdict=self.random.choice([Verdict.PASS, Verdict.FAIL]),
            )
        ]  # fmt: skip
        if "note" in self.alma.kinds:
            choices.append(lambda: NoteIntent(barcode=item, text=self.random.choice(["seen", "mended"])))
        if "scan-in" in self.alma.kinds:
            choices += [
                lambda: ScanInIntent(
                    barcode=item,
                    library="MAIN",
                    department=self.random.choice(["TECHSERV", "BINDERY"]),
                    work_order_type=self.random.choice(["", "RFID", "REPAIR"]),
                )
            ] * 2
        if "withdraw" in self.alma.kinds and self.random.random() < 0.1:
            choices = [lambda: WithdrawIntent(barcode=item)]
        intents = [self.random.choice(choices)() for _ in range(self.random.choice([1, 1, 2]))]
        self.journal.record(
            DeliveryOrdered(system="alma", intent=intents[-1]),
            deliveries=[NewDelivery("alma", item, intent) for intent in intents],
        )
        self.book += [(item, told(intent)) for intent in intents]

    def edit(self) -> None:
        """Edit an item as another person does: now, or while the station is about to change it."""
        self.edits += 1
        item = self.random.choice(ITEMS)
        order: dict[str, Any] = {"barcode": item}
        if self.random.random() < 0.35:
            try:
                note = self.process.item(item)["item_data"].get("internal_note_3", "")
            except AssertionError:
                return  # the item was withdrawn
            mine = f"remark {self.edits}"
            order |= {"field": "internal_note_3"}
            order["value"] = self.random.choice([f"{note} | {mine}" if note else mine, f"{mine} | {note}", mine])
        else:
            order |= {"field": self.random.choice(FOREIGN_FIELDS), "value": f"edit {self.edits}"}
        with suppress(AssertionError):  # the item is gone
            if self.random.random() < 0.5:
                self.process.do("edit", **order)
            else:
                self.process.do("edit-between", when=self.random.choice(["get-put", "put-get"]), **order)

    def fault(self) -> None:
        do, choose = self.process.do, self.random.choice
        changing = choose(["PUT", "POST", "DELETE"])
        choose(
            [
                lambda: do("drop-answer-after-effect", n=choose([1, 1, 2])),
                lambda: do("drop-answer-after-effect", n=1),
                lambda: do("drop-before-effect", n=1),
                lambda: do("status-after-effect", n=1, code=choose([500, 504])),
                lambda: do("half", n=1, method=changing),
                lambda: do("half", n=1),
                lambda: do("status", n=1, code=choose([500, 502, 503]), method=changing),
                lambda: do("status", n=choose([1, 6]), code=500, method="GET"),
                lambda: do("html", n=1, method=choose(["GET", changing])),
                lambda: do(
                    "throttle", n=choose([1, 3]), **{"as": choose(["body", "status"])}, retry_after=choose([1, 90])
                ),
                lambda: do("throttle", n=1, **{"as": "body"}, method=changing),
                lambda: do("error", n=1, code="401652", method=choose(["GET", changing])),
            ]
        )()

    def switch(self) -> None:
        self.is_down = not self.is_down
        self.process.do("down" if self.is_down else "up")

    def crash(self) -> None:
        how = self.random.choice(["now", "now", "before-sending", "after-sending", "after-carry"])
        if how == "now":
            self.start()
        elif how == "after-carry":
            with suppress(Killed):
                for attempt in self.attempts:
                    self.courier.carry(attempt)
            self.start()
        else:
            self.outbox.die = how

    def person(self) -> None:
        """Let a person decide about a parked delivery."""
        waiting = [row for row in self.rows() if row.state.value == "parked"]
        if not waiting:
            return
        row = self.random.choice(waiting)
        what = self.random.choice(["retry", "send", "keep"])
        if what == "retry":
            if self.outbox.retry(row.id).value == "queued":
                self.sends[row.id] += 1
        elif what == "send":
            if self.outbox.decide(row.id, Decision.SEND_OURS, "ann").value == "queued":
                self.sends[row.id] += 1
        elif self.outbox.decide(row.id, Decision.KEEP_THEIRS, "ann").value == "queued":
            self.given_up.add(row.id)

    def run(self, steps: int = 30) -> tuple[list[Asked], dict[str, Any]]:
        """Run the schedule, then `calm`. Return the intents with their ends, and the library system's log."""
        moves: list[Callable[[], None]] = (
            [self.ask] * 5 + [lambda: self.work(4)] * 7 + [self.fault] * 4 + [self.edit] * 3 + [self.crash] * 2
            + [self.person, self.switch, lambda: self.work(12)]
        )  # fmt: skip
        for _ in range(steps):
            self.random.choice(moves)()
        self.calm()
        return self.asked(), self.process.do("log")

    def calm(self) -> None:
        """End all faults, start the server, and run the courier until no delivery waits."""
        self.process.do("up")
        for row in self.process.do("log")["faults"]:
            for method in ("", "GET", "PUT", "POST", "DELETE"):
                self.process.do(row["kind"], n=0, method=method)
        self.outbox.die = ""
        for _ in range(3000):
            if not self.outbox.waiting() and not self.attempts and not self.outcomes:
                return
            self.work(3)
        raise AssertionError(f"never finishes: {[(row.id, row.state, row.detail) for row in self.rows()]}")

    def asked(self) -> list[Asked]:
        """Return the end of each intent, in the order of the requests. An intent that the outbox no longer has is
        "lost"."""
        rows = self.rows()
        found = []
        for item, what in self.book:
            if rows and (item_of(rows[0].intent), told(rows[0].intent)) == (item, what):
                row = rows.pop(0)
                found.append(Asked(item, what, self.end_of(row), row.reason, 1 + self.sends[row.id]))
            else:
                found.append(Asked(item, what, "lost"))
        return found

    def end_of(self, row: Delivery) -> str:
        """Return the end in the checker's terms. A delivery discarded by other than the simulated person is not
        "given-up"."""
        if row.state.value == "discarded" and row.id in self.given_up:
            return "given-up"
        return {"delivered": "done", "parked": "parked"}.get(row.state.value, row.state.value)

    def close(self) -> None:
        self.sql.close()
        self.alma.close()
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()


def told(intent: Intent) -> tuple[str, ...]:
    """Return an intent in a person's terms."""
    match intent:
        case ResultIntent():
            return ("result", intent.verdict.value, intent.uid)
        case NoteIntent():
            return ("note", intent.text)
        case ScanInIntent():
            return ("scan-in", intent.library, intent.department, intent.work_order_type)
        case WithdrawIntent():
            return ("withdraw", intent.holdings.value)
    raise AssertionError(intent)
