"""One schedule of withdrawals beside Alma: the real store, courier, adapter and tag writing, with the emulated Alma and
simulated tags, and all that can go wrong, from one seed. It ends in calm weather, when no delivery waits.

The schedule does what a bench does: it erases only what the journal says is ready to strip, and only the item's own tag.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from station.base import settings
from station.base.credentials import Secret
from station.base.errors import DepartureRefused, StationError, TagMismatch
from station.bench.item.tag_change import TagChange, carry_out
from station.bench.item.unfinished import interrupted
from station.bench.item.write_steps import read_image
from station.bench.workflows.retag.rules import blank_of, to_erase
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Bib, Decision, Holdings, item_of
from station.domain.item import Barcode
from station.domain.item_state import ItemState
from station.domain.people.rights import Role
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import NextStep, Piece, WatchedTag, Withdrawal, WithdrawRules, withdrawal_id
from station.encoding.content import TagProfile
from station.encoding.recognition.recognise import recognise
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from tests.bench.test_bench import encoded
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.simulated_bench import ISIL, SimReader, Tag, World, record
from tests.sync.courier.simulation import DyingOutbox, Simulation

TESS: Final = "w-tess"
OLLI: Final = "w-olli"
"""An operator: only a cart lends the right to withdraw."""
ITEMS: Final = {f"3123400000{n:04}": 2 if n >= 6 else 1 for n in range(8)}
"""Parts of each item; each has a tag."""
RULES: Final = WithdrawRules(oclc_owner="by-hand")
PROFILE: Final = TagProfile(ISIL)


@dataclasses.dataclass
class Outcome:
    """What a schedule comes to: what was done, what the station says of it, Alma's own log, and the tags' memory."""

    withdrawals: dict[str, Withdrawal]
    """By id, those taken back included."""
    listed: set[str]
    """Ids of the withdrawals that are shown as not finished."""
    watched: dict[str, WatchedTag]
    states: dict[str, ItemState | None]
    ends: Counter[str]
    """How often the journal says that a withdrawal's item left."""
    tags: dict[str, list[Tag]]
    """By barcode, in the order of the parts."""
    cut: set[str]
    """Tags that were destroyed."""
    gone_early: list[str]
    """Tags that were erased or destroyed while their item was still in Alma."""
    allowed: set[str]
    """Barcodes of which a person saw Alma's refusal, and had the item deleted all the same."""
    log: dict[str, Any]
    there: set[str]
    """Barcodes that Alma has."""


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
        self.path = folder / f"{seed}.db"
        self.make_courier, self.make_outbox = courier, outbox
        process.reset({barcode: fictitious(barcode, 100 + n) for n, barcode in enumerate(ITEMS)}, {})
        config = settings.Alma(base_url=process.base_url, timeout_s=20.0)
        note = "internal_note_3" if self.random.random() < 0.5 else ""
        self.alma = adapter(config, lambda: Secret(CANARY), self.clock, reason_field=note)
        self.sql = open_writer(self.path)
        self.is_down, self.cart, self.attempt = False, "", 0
        self.ids: list[str] = []
        self.cut: set[str] = set()
        self.gone_early: list[str] = []
        self.allowed: set[str] = set()
        self.stats: Counter[str] = Counter()
        self.world, self.tags = World(), dict[str, list[Uid]]()
        self.reader = SimReader(self.world)
        self.reader.reconnect()
        self.start()
        self.queries = Queries(self.path, self.clock)
        self.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
        self.journal.record(ev.WorkerRegistered(worker=OLLI, role=Role.OPERATOR))
        for barcode, parts in ITEMS.items():
            self.tags[barcode] = [self.tagged(barcode, part, parts) for part in range(1, parts + 1)]

    def start(self) -> None:
        self.attempts, self.outcomes = [], []
        self.journal = JournalStore(self.sql, self.clock, withdraw_rules=RULES)
        self.outbox = self.make_outbox(self.sql, self.journal)
        self.outbox.recover()
        self.courier = self.make_courier(self.outbox, {"alma": self.alma}, self.clock, Random(self.random.random()))

    def tagged(self, barcode: str, part: int, parts: int) -> Uid:
        """Return a tag that was written and passed. Some have a locked block."""
        locked = {0} if self.random.random() < 0.2 else set[int]()
        uid = self.world.tag(1 + len(self.world.tags), locked=locked, **encoded(barcode, part=part, parts=parts))
        verified = ev.TagWriteVerified(
            attempt=f"first-{uid}", uid=uid, barcode=barcode, part=part, parts=parts, writes=1, operator=TESS
        )
        judged = ev.ItemJudged(
            barcode=barcode, uid=uid, part=part, parts=parts, verdict=Verdict.PASS, findings=(), item=record(barcode)
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
        seq = self.order(
            ev.WithdrawalDecided(
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
                item=record(barcode),
                operator=OLLI if cart else TESS,
            )
        )
        if seq is not None:
            self.ids.append(withdrawal_id(seq))
            self.stats["decided"] += 1

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
        for each in self.random.sample(self.ids, min(len(self.ids), 2)):
            if self.order(ev.WithdrawalCanceled(withdrawal=each, reason="kept", operator=TESS)) is not None:
                self.stats["taken back"] += 1

    def person(self) -> None:
        """Somebody looks at a parked deletion, or confirms one that no system can confirm."""
        for each in self.open_ones(NextStep.CONFIRM)[:1]:
            if each.system or self.random.random() < 0.5:
                with suppress(AssertionError):  # another person deleted it
                    self.process.do("remove", barcode=each.barcode)
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

    # --- at the bench ---------------------------------------------------------------------------------------------------

    def strips(self) -> None:
        """Somebody brings a piece. Now and then another tag is on the pad, or it is lifted, or the reader is unplugged."""
        ready = self.open_ones(NextStep.STRIP)
        if not ready:
            return
        each = self.random.choice(ready)
        live = [Uid(tag.uid) for tag in each.tags if tag.standing.value == "live"]
        others = [uid for tags in self.tags.values() for uid in tags if uid not in live]
        uid = self.random.choice(live)
        self.world.pad = [self.random.choice(others) if self.random.random() < 0.15 else uid]
        if self.random.random() < 0.3:
            self.world.lift_at_write = self.random.choice([1, 2, 5, 12])
            bits = self.random.randbytes(4)
            self.world.tear = lambda old, new: bytes(
                a & m | b & ~m & 255 for a, b, m in zip(old, new, bits, strict=True)
            )
        if self.random.random() < 0.1:
            self.world.at_command[self.world.commands + self.random.randint(1, 20)] = self.unplug
        try:
            self.erase(each, live)
        except StationError as error:
            self.stats[error.code] += 1
        self.world.lift_at_write, self.world.plugged, self.world.pad = None, True, []
        self.world.at_command.clear()
        self.reader.reconnect()

    def unplug(self) -> None:
        self.world.plugged = False

    def erase(self, each: Withdrawal, live: list[Uid]) -> None:
        """Erase the tag on the pad with the station's own plan, writing and proof, or destroy it if it cannot be."""
        (on_pad,) = self.reader.inventory().tags
        if on_pad.uid not in live:
            self.stats["other tag"] += 1
            return
        image = read_image(self.reader, on_pad.uid)
        draft = to_erase(image, recognise(image, PROFILE), PROFILE, self.reader.capabilities)
        part = self.tags[each.barcode].index(on_pad.uid) + 1
        if draft.plan is None:
            destroyed = ev.TagDestroyed(uid=on_pad.uid, barcode=each.barcode, part=part, how="tag-cut", operator=TESS)
            if self.order(destroyed) is not None:
                self.cut.add(on_pad.uid)
                self.stats["destroyed"] += 1
            return
        self.attempt += 1
        names = {"attempt": f"a{self.attempt}", "uid": str(on_pad.uid), "barcode": each.barcode, "part": part}
        started = ev.TagWriteStarted(
            **names, old=image, new=draft.plan.new, plan_digest=draft.plan.digest, steps=len(draft.plan.steps),
            purpose="erase", parts=ITEMS[each.barcode], operator=TESS,
        )  # type: ignore[arg-type]  # fmt: skip
        change = TagChange(
            plan=draft.plan,
            started=(started,),
            prove=self.prove,
            interrupted=lambda error, run: interrupted(self.reader, started, error, run),
            ended=lambda _image, run: ev.TagErased(**names, parts=ITEMS[each.barcode], writes=run.write_commands),  # type: ignore[arg-type]
        )
        if not each.part and each.barcode in self.in_alma():
            self.gone_early.append(on_pad.uid)
        carry_out(change, self.reader, self.journal, lambda *_: None)
        self.stats["erased"] += 1

    def prove(self, image: TagImage) -> None:
        if image.memory != blank_of(image).memory or image.afi or image.dsfid:
            raise TagMismatch("not blank")

    def strikes(self) -> None:
        for each in self.open_ones(NextStep.STRIKE)[:1]:
            name = f"c{len(self.stats)}-{each.id}"
            item = record(each.barcode)
            verdict = self.random.choice([Verdict.PASS, Verdict.PASS, Verdict.FAIL])
            self.journal.record(
                ev.WithdrawalBegan(
                    checklist=name, task="withdrawal", barcode=each.barcode, day="2026-12-02", item=item, operator=TESS
                )
            )
            self.journal.record(
                ev.WithdrawalJudged(
                    checklist=name, task="withdrawal", barcode=each.barcode, verdict=verdict, findings=(),
                    day="2026-12-02", item=item, operator=TESS,
                )
            )  # fmt: skip
        for each in self.open_ones(NextStep.PLACE)[:1]:
            self.order(ev.WithdrawalPlaced(withdrawal=each.id, place="box 1", operator=OLLI))
        for each in self.open_ones(NextStep.OCLC)[:1]:
            self.order(ev.OclcHoldingRemoved(withdrawal=each.id, operator=TESS))

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

    def outcome(self, steps: int = 45) -> Outcome:
        """Run the schedule, then calm weather. Return what it came to."""
        moves: list[Callable[[], None]] = (
            [self.decide] * 5 + [lambda: self.work(4)] * 8 + [self.fault] * 3 + [self.others] * 3 + [self.crash] * 2
            + [self.strips] * 4 + [self.strikes] * 3 + [self.person] * 4 + [self.takes_back, self.opens_or_closes_a_cart]
            + [self.too_early, self.switch, lambda: self.work(12)]
        )  # fmt: skip
        for _ in range(steps):
            try:
                self.random.choice(moves)()
            except ConnectionError:
                assert self.is_down
        self.process.do("up")
        self.calm()
        assert compare(self.sql) == ()
        every = {each.id: each for each in self.queries.withdrawals(everything=True)}
        withdrawn = [event.withdrawal for (event,) in self.ended()]
        return Outcome(
            withdrawals=every,
            listed={each.id for each in self.queries.withdrawals()},
            watched={tag.uid: tag for tag in self.queries.watched_tags()},
            states={barcode: getattr(self.queries.state_of(Barcode(barcode)), "state", None) for barcode in ITEMS},
            ends=Counter(withdrawn),
            tags={barcode: [self.world.tags[uid] for uid in uids] for barcode, uids in self.tags.items()},
            cut=self.cut,
            gone_early=self.gone_early,
            allowed=self.allowed,
            log=self.process.do("log"),
            there=self.in_alma(),
        )

    def ended(self) -> list[tuple[ev.Withdrawn]]:
        return [(row.event,) for row in self.queries.withdrawn_in_period("0000", "9999")]
