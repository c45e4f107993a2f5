"""One schedule of withdrawals beside Alma: the real bench, store, courier and adapter, with the emulated Alma and simulated
tags, and all that can go wrong, from one seed. It ends in calm weather, when no delivery waits. Then a person may finish
what is listed.
"""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from station.base import settings
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown, DepartureRefused
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, NewDelivery
from station.domain.deliveries.intents import Bib, Decision, Holdings, NoteIntent, WithdrawIntent, item_of, lane
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import ItemState
from station.domain.people.rights import Role
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import NextStep, Piece, WatchedTag, Withdrawal, WithdrawRules
from station.domain.workflows import WithdrawState
from station.runtime.stop_signs import AskedSigns
from station.store.catalog_index.live import LiveCatalog
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from tests.bench.test_bench import encoded
from tests.conftest import FakeClock
from tests.stories.departures import hands
from tests.stories.departures.half_withdrawn import Facts
from tests.stories.departures.hands import Hands
from tests.stories.kill import checker
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.packing_bench import barcode_of
from tests.support.simulated_bench import SimReader, Tag, World, record
from tests.sync.courier.simulation import DyingOutbox, Killed, Simulation

TESS: Final = "w-tess"
OLLI: Final = "w-olli"
"""An operator: only a cart lends the right to withdraw."""
ITEMS: Final = {barcode_of(number): 2 if number >= 6 else 1 for number in range(8)}
"""Parts of each item; each has a tag."""
RULES: Final = WithdrawRules(oclc_owner="by-hand")
SETTINGS: Final = hands.settings(TESS)
MOST: Final = 60
"""Steps within which a person has finished one withdrawal."""
PATIENCE: Final = 20
"""Steps after which the person turns to another one."""


def die() -> None:
    """kill -9, at this command of the reader."""
    raise Killed


class DyingJournal(JournalStore):
    """Dies right before or right after it has recorded, `dies_in` times from now."""

    dies_in = 0

    def record(self, *events: Any, deliveries: Sequence[NewDelivery] = ()) -> int:
        return self._dying(lambda: super(DyingJournal, self).record(*events, deliveries=deliveries))

    def order(self, *events: Any, **more: Any) -> int:
        return self._dying(lambda: super(DyingJournal, self).order(*events, **more))

    def _dying(self, stored: Callable[[], int]) -> int:
        self.dies_in -= 1
        if self.dies_in == 1:
            raise Killed
        seq = stored()
        if self.dies_in == 0:
            raise Killed
        return seq


class WatchedReader(SimReader):
    """Calls `before` with the tag before it is changed."""

    before: Callable[[Uid], None]

    def _write(self, uid: Uid, *more: Any, **options: Any) -> None:
        self.before(uid)
        super()._write(uid, *more, **options)

    def write_afi(self, uid: Uid, afi: int) -> None:
        self.before(uid)
        super().write_afi(uid, afi)

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self.before(uid)
        super().write_dsfid(uid, dsfid)


class Shelf:
    """`ports.Catalog` of all items, as the catalog index has them."""

    def find(self, barcode: Barcode) -> ItemRecord:
        if barcode not in ITEMS:
            raise BarcodeUnknown(barcode)
        return record(barcode, parts=ITEMS[barcode])


@dataclasses.dataclass
class Outcome:
    """What a schedule comes to: what was done, what the station says of it, Alma's own log, and the tags' memory."""

    withdrawals: dict[str, Withdrawal]
    """By id, those taken back included."""
    listed: set[str]
    """Ids of the withdrawals that are shown as not finished."""
    watched: dict[str, WatchedTag]
    states: dict[str, ItemState | None]
    ends: Counter[tuple[str, int]]
    """How often the journal says that an item, or a part, left."""
    tags: dict[str, list[Tag]]
    """By barcode, in the order of the parts."""
    cut: set[str]
    """Tags that were destroyed."""
    absent: set[str]
    """Tags whose part was not at hand."""
    gone_early: list[str]
    """Tags that were destroyed while their item was still in Alma."""
    live_when_changed: dict[Uid, bool]
    """Tags that were changed -> whether Alma had the item then."""
    allowed: set[str]
    """Barcodes of which a person saw Alma's refusal, and had the item deleted all the same."""
    log: dict[str, Any]
    there: set[str]
    """Barcodes that Alma has."""
    facts: Facts


class Workroom(Simulation):
    """A workroom whose station, library system, network, reader and tags fail."""

    def __init__(
        self,
        seed: int,
        process: AlmaProcess,
        folder: Path,
        *,
        courier: type[Courier] = Courier,
        adapter: type[Alma] = Alma,
        outbox: type[DyingOutbox] = DyingOutbox,
    ) -> None:
        self.random, self.process, self.clock = Random(seed), process, FakeClock()
        (folder / str(seed)).mkdir()
        self.path = folder / str(seed) / "journal.db"
        self.make_courier, self.make_outbox = courier, outbox
        process.reset({barcode: fictitious(barcode, 100 + n) for n, barcode in enumerate(ITEMS)}, {})
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0)
        note = "internal_note_3" if self.random.random() < 0.5 else ""
        self.alma = adapter(config, lambda: Secret(CANARY), self.clock, reason_field=note)
        self.sql = open_writer(self.path)
        self.queries = Queries(self.path, self.clock)
        self.is_down, self.cart, self.wrong_tag = False, "", False
        self.attempts_made = itertools.count(1)
        self.cut: set[str] = set()
        self.absent: set[str] = set()
        self.gone_early: list[str] = []
        self.live_when_changed: dict[Uid, bool] = {}
        self.allowed: set[str] = set()
        self.stats: Counter[str] = Counter()
        self.world, self.tags = World(), dict[Barcode, list[Uid]]()
        self.start()
        self.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
        self.journal.record(ev.WorkerRegistered(worker=OLLI, role=Role.OPERATOR))
        for barcode, parts in ITEMS.items():
            self.tags[barcode] = [self.tagged(barcode, part, parts) for part in range(1, parts + 1)]
        self.first = self.images()

    def start(self) -> None:
        """Start the station (again) from the file alone."""
        self.attempts, self.outcomes = [], []
        self.world.at_command.clear()
        self.reader = WatchedReader(self.world)
        self.reader.before = self.changes
        self.journal = DyingJournal(self.sql, self.clock, withdraw_rules=RULES)
        self.outbox = self.make_outbox(self.sql, self.journal)
        self.outbox.recover()
        self.courier = self.make_courier(self.outbox, {"alma": self.alma}, self.clock, Random(self.random.random()))
        self.hands = Hands(
            self.clock,
            self.lay,
            lambda: self.work(4),
            reader=self.reader,
            catalog=LiveCatalog(self.alma, Shelf(), self.clock),
            index=Shelf(),
            journal=self.journal,
            history=self.queries,
            departures=self.queries,
            stop_signs=AskedSigns((self.alma,), SETTINGS, self.clock),
            deleting_system="alma",
            settings=SETTINGS,
            new_id=lambda: f"a{next(self.attempts_made)}",
        )

    def images(self) -> dict[str, checker.Image]:
        """Return what each tag holds."""
        return {uid: (bytes(tag.memory).hex(), tag.dsfid, tag.afi) for uid, tag in self.world.tags.items()}

    def tagged(self, barcode: Barcode, part: int, parts: int) -> Uid:
        """Return a tag that was written and passed. Some have a locked block."""
        locked = {0} if self.random.random() < 0.2 else set[int]()
        uid = self.world.tag(1 + len(self.world.tags), locked=locked, **encoded(barcode, part=part, parts=parts))
        verified = ev.TagWriteVerified(
            attempt=f"first-{uid}", uid=uid, barcode=barcode, part=part, parts=parts, writes=1, operator=TESS
        )
        judged = ev.ItemJudged(
            barcode=barcode,
            uid=uid,
            part=part,
            parts=parts,
            verdict=Verdict.PASS,
            findings=(),
            item=Shelf().find(barcode),
            operator=TESS,
        )
        self.journal.record(verified, judged)
        return uid

    def order(self, event: Any) -> int | None:
        """Journal what a person asks. Return None if the store refuses it."""
        try:
            return self.journal.order(event)
        except DepartureRefused:
            self.stats[f"refused {type(event).__name__}"] += 1
            return None

    def open_ones(self, *steps: NextStep) -> list[Withdrawal]:
        """Return the withdrawals whose next step is one of these."""
        return [each for each in self.queries.withdrawals() if each.next_step in steps]

    # --- decisions ------------------------------------------------------------------------------------------------------

    def decide(self) -> None:
        barcode = self.random.choice(list(ITEMS))
        part = self.random.choice([0, 0, 1, 2]) if ITEMS[barcode] > 1 else 0
        sign = SignAnswer(sign=Sign.LAST_HERE, reply=self.random.choice(list(Reply)), source="alma")
        stops = sign.reply is Reply.YES
        cart = self.cart if self.cart and not stops else ""
        decision = ev.WithdrawalDecided(
            barcode=barcode,
            part=part,
            reason="weeded",
            destination="discard",
            piece=self.random.choice([Piece.PRESENT] * 5 + [Piece.LOST, Piece.MISSING]),
            holdings=self.random.choice(list(Holdings)),
            bib=self.random.choice(list(Bib)),
            signs=(sign,),
            despite=(sign.sign.value,) if stops else (),
            despite_reason="worn" if stops else "",
            cart=cart,
            system=self.random.choice(["alma"] * 4 + [""]),
            item=Shelf().find(barcode),
            operator=OLLI if cart else TESS,
        )
        self.stats["decided"] += self.order(decision) is not None

    def opens_or_closes_a_cart(self) -> None:
        if self.cart:
            self.order(ev.WithdrawalCartClosed(cart=self.cart, operator=OLLI))
            self.cart = ""
        else:
            opened = ev.WithdrawalCartOpened(
                name="cart", reason="weeded", destination="discard", operator=OLLI, authorised=TESS
            )
            self.cart = f"cart-{self.order(opened)}"

    def takes_back(self) -> None:
        every = self.queries.withdrawals(everything=True)
        for each in self.random.sample(every, min(len(every), 2)):
            if self.order(ev.WithdrawalCanceled(withdrawal=each.id, reason="kept", operator=TESS)) is not None:
                self.stats["taken back"] += 1

    def person(self) -> None:
        """Somebody looks at a parked deletion, or confirms one that no system can confirm."""
        for each in self.open_ones(NextStep.CONFIRM)[:1]:
            if each.system or self.random.random() < 0.5:
                self.deleted_by_hand(each.barcode)
            if each.barcode not in self.in_alma():
                confirmed = ev.DeletionConfirmed(withdrawal=each.id, reason="looked", operator=TESS)
                self.stats["by hand"] += self.order(confirmed) is not None
        parked = [row for row in self.rows() if row.state is DeliveryState.PARKED]
        if parked:
            row = self.random.choice(parked)
            choice = self.random.choice(["retry", "retry", Decision.SEND_OURS, Decision.DISCARD])
            if choice == "retry":
                self.outbox.retry(row.id, TESS)
            else:
                self.outbox.decide(row.id, Decision(choice), TESS, "looked")
                if choice is Decision.SEND_OURS:
                    self.allowed.add(item_of(row.intent))
            self.stats[f"person {choice}"] += 1

    def deleted_by_hand(self, barcode: str) -> None:
        with suppress(AssertionError):  # another person deleted it
            self.process.do("remove", barcode=barcode)

    def orders(self) -> None:
        """Order something for an item with a command: a note, or, before anybody decided, its deletion, as an earlier
        version did."""
        barcode = self.random.choice(list(ITEMS))
        undecided = barcode not in {each.barcode for each in self.queries.withdrawals(everything=True)}
        note, deletion = NoteIntent(barcode=barcode, text="seen"), WithdrawIntent(barcode=barcode)
        intent = self.random.choice([note, deletion]) if undecided else note
        event = ev.DeliveryOrdered(system="alma", intent=intent, operator=TESS)
        self.journal.record(event, deliveries=[NewDelivery("alma", lane(intent), intent)])
        self.stats[f"ordered {type(intent).__name__}"] += 1

    # --- at the bench ---------------------------------------------------------------------------------------------------

    def at_the_bench(self) -> None:
        """Somebody works at the bench for a while. Now and then another tag is on the pad, a tag is lifted while it is
        written, an answer is lost, the reader is unplugged, or the station dies."""
        self.disturb()
        try:
            for _ in range(self.random.choice([2, 6, 16])):
                self.does_something()
        except Killed:
            self.stats["died at the bench"] += 1
            self.start()
        self.leave_in_peace()

    def disturb(self) -> None:
        world, chance = self.world, self.random
        if chance.random() < 0.3:
            world.lift_at_write = chance.choice([1, 2, 5, 12])
            bits = chance.randbytes(4)
            world.tear = lambda old, new: bytes(a & m | b & ~m & 255 for a, b, m in zip(old, new, bits, strict=True))
        if chance.random() < 0.1:
            world.at_command[world.commands + chance.randint(1, 60)] = self.unplug
        if chance.random() < 0.1:
            world.lose_answers = {world.write_commands + chance.randint(1, 12)}
        if chance.random() < 0.1:
            world.at_command[world.commands + chance.randint(1, 80)] = die
        if chance.random() < 0.15:
            self.journal.dies_in = chance.randint(1, 12)
        self.wrong_tag = chance.random() < 0.15

    def leave_in_peace(self) -> None:
        self.world.lift_at_write, self.world.plugged, self.world.pad = None, True, []
        self.world.at_command.clear()
        self.world.lose_answers.clear()
        self.journal.dies_in, self.wrong_tag = 0, False

    def unplug(self) -> None:
        self.world.plugged = False

    def lay(self, *uids: str) -> None:
        """Put these tags on the pad, or others by mistake."""
        self.world.pad = [Uid(uid) for uid in uids]
        if uids and self.wrong_tag:
            other = self.random.choice([uid for uid in self.world.tags if uid not in uids])
            self.world.pad = self.random.choice([[other], [*self.world.pad, other]])
            self.stats["other tag"] += 1

    def does_something(self) -> None:
        hands, view = self.hands, self.hands.leaves
        live = [tag.uid for tag in view.tags]
        if hands.idle or self.random.random() < 0.05:
            ready = [each.barcode for each in self.open_ones(NextStep.STRIP, NextStep.STRIKE, NextStep.PLACE)]
            barcode = self.random.choice(ready if ready and self.random.random() < 0.7 else list(ITEMS))
            hands.take(barcode)
            if self.random.random() < 0.5:
                self.lay(self.random.choice(self.tags[barcode]))
        elif view.state is WithdrawState.DECIDE:
            tap = self.random.choice(["withdraw"] * 4 + ["despite"] * 2 + ["not-here", "part", "back"])
            hands.act(tap, view.barcode if tap == "withdraw" else "worn")
        elif view.state is WithdrawState.CHOOSE:
            hands.act("choose", self.random.choice(view.offered).key)
        elif view.state in (WithdrawState.WAIT, WithdrawState.REFUSED):
            tap = self.random.choice(["look"] * 6 + ["stays", "back"])
            hands.go_on() if tap == "look" else hands.act(tap, "kept")
        elif view.state is WithdrawState.CONFIRM:
            tap = self.random.choice(["confirm"] * 3 + ["stays", "back"])
            if tap == "confirm":
                self.deleted_by_hand(view.barcode)
            if tap != "confirm" or view.barcode not in self.in_alma():  # nobody confirms what did not happen
                hands.act(tap, "looked")
        elif view.state is WithdrawState.STRIP and live and self.random.random() < 0.1 + 0.5 * self.is_locked(live[0]):
            self.gives_up(live[0], "destroyed" if self.is_locked(live[0]) else "missing")
        else:
            hands.go_on()

    def is_locked(self, uid: str) -> bool:
        return Uid(uid) in self.world.tags and bool(self.world.tags[Uid(uid)].locked)

    def gives_up(self, uid: str, how: str) -> None:
        """Tap that a tag is destroyed, or that its part is not at hand. Once the journal has it, the person does it."""
        try:
            self.hands.act(how, uid)
        finally:
            if checker.Journal(self.path.parent).of("tag-destroyed", uid=uid):
                (self.cut if how == "destroyed" else self.absent).add(uid)
                self.stats[how] += 1

    def changes(self, uid: Uid) -> None:
        """Note, when a tag is changed for the first time, whether Alma still has its item."""
        if uid not in self.live_when_changed:
            barcode = next(barcode for barcode, uids in self.tags.items() if uid in uids)
            self.live_when_changed[uid] = barcode in self.in_alma()

    def by_command(self) -> None:
        """Somebody puts a piece away, or looks in OCLC."""
        for each in self.open_ones(NextStep.PLACE)[:1]:
            self.order(ev.WithdrawalPlaced(withdrawal=each.id, place="box 1", operator=OLLI))
        for each in self.open_ones(NextStep.OCLC)[:1]:
            self.order(ev.OclcHoldingRemoved(withdrawal=each.id, operator=TESS))

    def loan_between(self) -> None:
        """A reader borrows an item whose deletion is decided, and not yet carried out."""
        for each in self.open_ones(NextStep.WAIT)[:1]:
            if each.barcode in self.in_alma():
                self.process.do("loan", barcode=each.barcode)
                self.stats["loan between"] += 1

    def too_early(self) -> None:
        """Somebody wants to destroy a tag, or to put a piece into its box, before the item is deleted."""
        for each in self.open_ones(NextStep.WAIT, NextStep.SETTLE, NextStep.CONFIRM)[:1]:
            uid = self.tags[each.barcode][0]
            if self.order(ev.TagDestroyed(uid=uid, barcode=each.barcode, how="tag-cut", operator=TESS)) is not None:
                self.cut.add(uid)
                self.gone_early.append(uid)
            self.order(ev.WithdrawalPlaced(withdrawal=each.id, place="box 1", operator=OLLI))

    # --- in Alma --------------------------------------------------------------------------------------------------------

    def in_alma(self) -> set[str]:
        return {item["item_data"]["barcode"] for item in self.process.do("items")["items"]}

    def others(self) -> None:
        """Readers and other librarians use the item, or delete it."""
        what = self.random.choice(
            ["loan", "loan", "return", "request", "cancel-request", "lose", "work-order", "remove"]
        )
        if what == "remove" and self.random.random() < 0.7:
            return
        there = sorted(self.in_alma() & set(ITEMS))
        if there:
            self.process.do(what, barcode=self.random.choice(there))
            self.stats[what] += 1

    def fault(self) -> None:
        if self.random.random() < 0.2:
            code = self.random.choice(["401849", "401652", "60214"])
            self.process.do("error", n=1, code=code, method="DELETE")
        else:
            super().fault()

    # --- the schedule ---------------------------------------------------------------------------------------------------

    def run(self, steps: int = 45) -> Outcome:
        """Run the schedule, then calm weather. Return what it came to."""
        moves: list[Callable[[], None]] = (
            [self.decide] * 3 + [lambda: self.work(4)] * 8 + [self.fault] * 3 + [self.others] * 2 + [self.crash] * 2
            + [self.at_the_bench] * 10 + [self.by_command] * 2 + [self.person] * 4 + [self.takes_back, self.orders]
            + [self.opens_or_closes_a_cart, self.loan_between, self.too_early, self.switch, lambda: self.work(12)]
        )  # fmt: skip
        for _ in range(steps):
            try:
                self.random.choice(moves)()
            except ConnectionError:
                assert self.is_down
        self.is_down = False
        self.calm()
        return self.outcome()

    def finished(self) -> Outcome:
        """Have all items returned, and let one person finish all that is listed. Return what that came to."""
        for barcode in sorted(self.in_alma() & set(ITEMS)):
            self.process.do("cancel-request", barcode=barcode)
            self.process.do("return", barcode=barcode)
        steps = Counter[str]()
        for listed in iter(self.queries.withdrawals, ()):
            withdrawal = min(listed, key=lambda each: steps[each.id] // PATIENCE)  # another one may stand in the way
            steps[withdrawal.id] += 1
            if steps[withdrawal.id] > MOST:
                break
            self.finishes(withdrawal)
        self.calm()
        return self.outcome()

    def finishes(self, each: Withdrawal) -> None:
        """Do the next step of a withdrawal."""
        there = each.barcode in self.in_alma()
        match each.next_step:
            case NextStep.DECIDE:
                item = Shelf().find(Barcode(each.barcode))
                choice = {"barcode": each.barcode, "reason": "weeded", "destination": "discard"}
                self.order(ev.WithdrawalDecided(**choice, item=item, operator=TESS))  # type: ignore[arg-type]
            case NextStep.WAIT:
                self.calm()
            case NextStep.SETTLE:
                decision = Decision.SEND_OURS if there else Decision.DISCARD
                self.outbox.decide(each.delivery, decision, TESS, "looked")
                self.allowed.add(each.barcode)
                self.calm()
            case NextStep.CONFIRM:
                self.deleted_by_hand(each.barcode)
                self.order(ev.DeletionConfirmed(withdrawal=each.id, reason="looked", operator=TESS))
            case NextStep.OCLC:
                self.order(ev.OclcHoldingRemoved(withdrawal=each.id, operator=TESS))
            case _ if self.hands.idle or self.hands.leaves.barcode not in ("", each.barcode):
                self.hands.take(each.barcode)
            case _:
                if self.hands.leaves.state is WithdrawState.CONFIRM:
                    self.deleted_by_hand(self.hands.leaves.barcode)
                self.hands.go_on()
                for tag in self.hands.leaves.tags[:1]:
                    if self.hands.leaves.state is WithdrawState.STRIP:
                        self.gives_up(tag.uid, "destroyed")

    def outcome(self) -> Outcome:
        assert compare(self.sql) == ()
        every = {each.id: each for each in self.queries.withdrawals(everything=True)}
        listed = {each.id for each in self.queries.withdrawals()}
        journal = checker.Journal(self.path.parent)
        stays = {event["withdrawal"] for event in journal.of("withdrawal-canceled")}
        left = [event for event in journal.of("withdrawn") if event["withdrawal"] not in stays]
        images, there = self.images(), self.in_alma()
        tags = {barcode: {uid: images[uid] for uid in uids} for barcode, uids in self.tags.items()}
        return Outcome(
            withdrawals=every,
            listed=listed,
            watched={tag.uid: tag for tag in self.queries.watched_tags()},
            states={barcode: getattr(self.queries.state_of(Barcode(barcode)), "state", None) for barcode in ITEMS},
            ends=Counter((event["barcode"], event.get("part", 0)) for event in left),
            tags={barcode: [self.world.tags[uid] for uid in uids] for barcode, uids in self.tags.items()},
            cut=self.cut,
            absent=self.absent,
            gone_early=self.gone_early,
            live_when_changed=self.live_when_changed,
            allowed=self.allowed,
            log=self.process.do("log"),
            there=there,
            facts=Facts(journal, there, tags, self.first, listed),
        )

    def close(self) -> None:
        self.sql.close()
        self.alma.close()
        shutil.rmtree(self.path.parent)
