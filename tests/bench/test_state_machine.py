"""A state machine over all that an operator, a tag, a cable, a disk and a power failure can do to the bench.

The conditions are checked in `checked_parts.py`, from the tags' bytes, the pad and the order of the journal. After any
history, the teardown restores everything: each unfinished tag, alone on the pad, must then be finished (or be refused
for a reason that is shown), and each journaled result must have reached each system exactly once.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from station.base import errors
from station.base.settings import Settings
from station.domain import events
from station.domain.commands import Answer, Cancel, Choose, Reopen, Scan, SelectPart
from station.domain.deliveries.delivery import DeliveryState
from station.domain.findings import Outcome
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from station.encoding.content import TagState
from tests.bench.checked_parts import Killed, MachineRig, expected, image_of, state_of
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, CATALOG, DVD, NO_CALL, NO_TITLE, OTHER, SETTINGS, UNKNOWN
from tests.support.told import told

BARCODES = (BOOK, BOOK, OTHER, DVD, NO_CALL)
SCANS = (*BARCODES, BOOK, DVD, UNKNOWN, NO_TITLE, "123", BOOK[:-1] + "9", BOOK + OTHER, "\x1b]52;c;x\x07")
TAGS = tuple(Uid(f"E0040100{number:08X}") for number in range(1, 9))
CHOICES = ("set-aside", "overwrite", "keep", "finish-first", "go-on", "dismiss", "retry", "reader-retry")
MISHAPS = ("before", "in doubt, nothing done", "answer lost", "killed", "throttled")

tags = st.sampled_from(TAGS)
counts = st.integers(1, 40)


def tear(kind: int, mask: bytes) -> Callable[[bytes, bytes], bytes]:
    """Erase-then-program, cut: any subset of the old or the new bits, in both polarities
    (docs/reference/tag-writing.md#fault-model, M2)."""

    def torn(old: bytes, new: bytes) -> bytes:
        kept = old if kind in (0, 2) else new
        join = (lambda a, m: a & m) if kind < 2 else (lambda a, m: a | m)
        return bytes(join(a, m) for a, m in zip(kept, mask, strict=True))

    return torn


def power_cut() -> None:
    raise Killed


tears = st.builds(tear, st.integers(0, 3), st.binary(min_size=4, max_size=4))

KINDS = (
    "none",
    "none",
    "lift in write",
    "lift in write",
    "cut in write",
    "cut",
    "cut at entry",
    "unplug",
    "lift",
    "disk full",
    "second tag",
    "answers lost",
)
Mishap = tuple[str, int, Callable[[bytes, bytes], bytes]]
mishaps = st.tuples(st.sampled_from(KINDS), counts, tears)


class BenchMachine(RuleBasedStateMachine):
    """One bench, eight tags, a few items, and all events that can happen."""

    stats: Counter[str] = Counter()
    site: Settings = SETTINGS

    def __init__(self) -> None:
        super().__init__()
        self.rig = MachineRig(self.stats, self.site)
        world = self.rig.world
        world.tag(1)
        world.tag(2)
        world.tag(3, **encoded(OTHER))
        world.tag(4, **encoded(BOOK, "DE-Heu1"))
        world.tag(5, **encoded(DVD, part=2, parts=3))
        world.tag(6, memory=bytearray(112), locked={1})
        world.tag(7)
        world.tag(8)
        for uid in TAGS:
            self.rig.witness.begin(uid)

    # --- actions ----------------------------------------------------------------------------------------------------

    def do(self, what: tuple[str, object], work: Callable[[], object]) -> None:
        """Do one action of the operator (or the world), with the power failure that may come with it."""
        witness = self.rig.witness
        witness.current = what
        try:
            work()
        except Killed:
            self.stats["killed"] += 1
            self.restart()
        witness.current = ("", None)

    def restart(self) -> None:
        self.stats["restarts"] += 1
        self.rig.witness.current = ("restart", None)
        while True:
            try:
                self.rig.start()
            except errors.StoreError:
                self.rig.checked.fail = None
            else:
                return

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.do(("look", None), lambda: self.rig.look())

    def scan_it(self, text: str) -> None:
        self.do(("scan", text), lambda: self.rig.bench.handle(Scan(text)))
        self.rig.witness.tapped = False

    def choose_it(self, choice: str) -> None:
        fault = self.rig.now.fault
        offered = fault is not None and choice in {c.id for c in fault.choices}
        self.do(("choose", choice), lambda: self.rig.bench.handle(Choose(choice)))
        if offered:
            self.rig.witness.tapped = choice == "overwrite"

    def put(self, *uids: Uid) -> None:
        self.rig.world.pad = list(uids)
        self.look(2)

    # --- the operator ----------------------------------------------------------------------------------------------------

    @rule(text=st.sampled_from(SCANS), twice=st.booleans())
    def scan(self, text: str, twice: bool) -> None:
        self.scan_it(text)
        if twice:
            self.scan_it(text)

    @rule(uid=tags)
    def place(self, uid: Uid) -> None:
        if len(self.rig.world.pad) < 3:
            self.rig.world.place(uid)
        self.look()

    @rule(times=st.integers(1, 3))
    def lift(self, times: int) -> None:
        self.rig.world.lift()
        self.look(times)

    @rule(uid=tags, looks=st.integers(0, 2))
    def swap(self, uid: Uid, looks: int) -> None:
        self.rig.world.pad = [uid]
        self.look(looks)

    @rule()
    def flicker(self) -> None:
        pad = list(self.rig.world.pad)
        self.rig.world.pad = []
        self.look()
        self.rig.world.pad = pad
        self.look()

    @rule(times=st.integers(1, 3))
    def wait(self, times: int) -> None:
        self.look(times)

    @rule()
    def wait_long(self) -> None:
        self.rig.clock.pause(15)
        self.look(2)

    @rule(index=st.integers(0, 2))
    def choose_offered(self, index: int) -> None:
        fault = self.rig.now.fault
        if fault is not None and fault.choices:
            self.choose_it(fault.choices[index % len(fault.choices)].id)

    @rule(choice=st.sampled_from(CHOICES))
    def choose_anything(self, choice: str) -> None:
        self.choose_it(choice)

    @rule()
    def cancel(self) -> None:
        self.do(("cancel", None), lambda: self.rig.bench.handle(Cancel()))

    @rule()
    def reopen(self) -> None:
        self.do(("reopen", None), lambda: self.rig.bench.handle(Reopen()))

    @rule(part=st.integers(0, 4))
    def select_part(self, part: int) -> None:
        self.do(("part", part), lambda: self.rig.bench.handle(SelectPart(part)))

    @rule(outcome=st.sampled_from(Outcome), late=st.booleans())
    def answer(self, outcome: Outcome, late: bool) -> None:
        now = self.rig.now
        if now.phase is not Phase.CHECKING or now.current_check >= len(now.checks):
            return
        check = now.checks[0 if late else now.current_check]
        reason = told(check.reasons[0]) if outcome is Outcome.FAIL else ""
        self.do(("answer", check.rule), lambda: self.rig.bench.handle(Answer(check.rule, outcome, reason)))

    @rule()
    def answer_all(self) -> None:
        for _ in range(8):
            self.answer_pass()

    def answer_pass(self) -> None:
        now = self.rig.now
        if now.phase is Phase.CHECKING and now.current_check < len(now.checks):
            rule_id = now.checks[now.current_check].rule
            self.do(("answer", rule_id), lambda: self.rig.bench.handle(Answer(rule_id, Outcome.PASS)))

    @rule(
        barcode=st.sampled_from(BARCODES),
        uid=tags,
        finish=st.booleans(),
        mishap=mishaps,
        healthy=st.sampled_from([True, True, True, False]),
    )
    def work(self, barcode: str, uid: Uid, finish: bool, mishap: Mishap, healthy: bool) -> None:
        """Process an item as a good operator does, with a mishap: clear the pad, scan, place, follow the choices on the
        screen."""
        if healthy:
            self.heal()
        self.put()
        if self.rig.now.phase is Phase.CHECKING:
            self.do(("cancel", None), lambda: self.rig.bench.handle(Cancel()))
        self.scan_it(barcode)
        if self.rig.now.fault is not None and "go-on" in {c.id for c in self.rig.now.fault.choices}:
            self.choose_it("go-on")
        self.befall(mishap)
        self.put(uid)
        fault = self.rig.now.fault
        if fault is not None and "overwrite" in {c.id for c in fault.choices}:
            self.choose_it("overwrite")
            self.befall(mishap)
            self.scan_it(barcode)
        if finish:
            self.answer_all()

    @rule(mishap=mishaps, index=st.integers(0, 5))
    def put_back(self, mishap: Mishap, index: int) -> None:
        """Put a half-written tag back on the pad, alone, perhaps with another mishap."""
        half = self.rig.checked.open_attempts()
        if half:
            self.heal()
            self.put()
            self.befall(mishap)
            self.put(Uid(half[index % len(half)].uid))

    def heal(self) -> None:
        """Repair cable, disk and catalog, as a technician does."""
        self.rig.world.plugged = True
        self.rig.checked.fail = None
        self.rig.catalog.error = None
        self.rig.clock.pause(3)

    def befall(self, mishap: Mishap) -> None:
        """Prepare a mishap at the n-th command, write or entry from now."""
        kind, number, torn = mishap
        world, journal = self.rig.world, self.rig.checked
        at = world.commands + number
        match kind:
            case "lift in write" | "cut in write":
                # Most writes take some 4 to 8 commands that change the tag.
                world.lift_at_write, world.tear = (number - 1) % 8 + 1, torn
                self.rig.checked_reader.kill_torn = kind == "cut in write"
            case "cut":
                world.at_command[at] = power_cut
            case "cut at entry":
                journal.die_in, journal.die_after = (number - 1) % 6 + 1, number % 2 == 0
            case "unplug":
                world.at_command[at] = lambda: setattr(world, "plugged", False)
            case "lift":
                world.at_command[at] = world.lift
            case "disk full":
                world.at_command[at] = lambda: setattr(journal, "fail", errors.StoreFull("no space"))
            case "second tag":
                world.at_command[at] = lambda: world.place(TAGS[number % len(TAGS)])
            case "answers lost":
                first = world.write_commands + (number - 1) % 8 + 1
                world.lose_answers = set(range(first, first + 1 + number % 3))
            case _:
                pass

    # --- the world -------------------------------------------------------------------------------------------------------

    @rule(mishap=mishaps)
    def mishap_later(self, mishap: Mishap) -> None:
        self.befall(mishap)

    @rule()
    def cut_now(self) -> None:
        self.restart()

    @rule()
    def unplug(self) -> None:
        self.rig.world.plugged = False
        self.look()

    @rule()
    def plug(self) -> None:
        self.rig.world.plugged = True
        self.look(10)

    @rule(error=st.sampled_from([errors.StoreFull, errors.StoreReadOnly, errors.StoreLocked]))
    def disk_full(self, error: type[errors.StoreError]) -> None:
        self.rig.checked.fail = error("a test says so")

    @rule()
    def disk_back(self) -> None:
        self.rig.checked.fail = None

    @rule(error=st.sampled_from([errors.Unreachable, errors.StoreCorrupt, None]))
    def catalog_fails(self, error: type[errors.StationError] | None) -> None:
        self.rig.catalog.error = error("a test says so") if error else None

    @rule(barcode=st.sampled_from([BOOK, DVD]))
    def record_vanishes_or_returns(self, barcode: str) -> None:
        self.rig.catalog.gone ^= {barcode}

    @rule(uid=tags, barcode=st.sampled_from([BOOK, OTHER]))
    def another_station_finishes(self, uid: Uid, barcode: str) -> None:
        """Another station writes the tag correctly while it is off the pad."""
        tag = self.rig.world.tags[uid]
        if uid in self.rig.world.pad or tag.locked:
            return
        image = expected(image_of(tag), barcode, 1, CATALOG[barcode].parts)
        tag.memory[:], tag.afi, tag.dsfid = image.memory, image.afi, image.dsfid
        self.rig.witness.intended[uid].add(barcode)

    # --- delivery --------------------------------------------------------------------------------------------------------

    @rule(up=st.booleans(), name=st.sampled_from(["file", "alma"]))
    def system(self, up: bool, name: str) -> None:
        self.rig.systems[name].up = up

    @rule(steps=st.integers(1, 8), name=st.sampled_from(["file", "alma"]), mishap=st.sampled_from(("", *MISHAPS)))
    def drain(self, steps: int, name: str, mishap: str) -> None:
        self.rig.systems[name].mishap = mishap
        for _ in range(steps):
            self.do(("drain", None), self.step)

    def step(self) -> None:
        try:
            self.rig.clock.pause(min(self.rig.courier.step(), 5.0))
        except errors.StoreError:
            self.stats["courier store error"] += 1

    # --- what must always hold -------------------------------------------------------------------------------------------

    @invariant()
    def nothing_was_wrong(self) -> None:
        assert not self.rig.witness.violations, self.rig.witness.violations

    @invariant()
    def ours_means_intended(self) -> None:
        for uid, tag in self.rig.world.tags.items():
            seen = state_of(tag)
            if seen.state is TagState.OURS:
                assert seen.identifier in self.rig.witness.intended[uid], (uid, seen)

    @invariant()
    def a_result_has_its_deliveries(self) -> None:
        journal = self.rig.checked
        judged = {
            f"{n}/{s}"
            for n, e in enumerate(journal.events, 1)
            if isinstance(e, events.ItemJudged)
            for s in self.rig.systems
        }
        assert judged == set(journal.outbox)

    @invariant()
    def one_item_one_result(self) -> None:
        """Between two verdicts that stand there is a verified tag: no item is judged twice. Only the newest verdict can
        be taken back, and then its tag, which stays written, is judged again."""
        verified, newest = False, 0
        for number, entry in enumerate(self.rig.checked.events, 1):
            if isinstance(entry, events.TagWriteVerified):
                verified = True
            elif isinstance(entry, events.ItemJudged):
                assert verified, entry.barcode
                verified, newest = False, number
            elif isinstance(entry, events.VerdictTakenBack):
                assert (verified, entry.judged) == (False, newest), entry.barcode
                verified = True

    @invariant()
    def effects_are_single(self) -> None:
        for system in self.rig.systems.values():
            assert all(count == 1 for count in system.effects.values()), system.effects

    # --- at the end everything is finished ---------------------------------------------------------------------------

    def teardown(self) -> None:
        self.end()
        for kind in ("tag-write-verified", "tag-write-interrupted", "resumed", "overwritten", "killed", "torn"):
            if self.stats[kind]:
                event(kind)

    def end(self) -> None:
        rig, world = self.rig, self.rig.world
        world.at_command.clear()
        world.lose_answers = set()
        world.lift_at_write = None
        world.plugged = True
        rig.checked.fail, rig.checked.die_in = None, 0
        rig.catalog.error, rig.catalog.gone = None, set()
        rig.clock.pause(5)
        self.put()
        self.look(10)
        assert rig.now.reader_ready
        for attempt in rig.checked.open_attempts():
            self.finish(Uid(attempt.uid))
        self.live()
        self.deliver_all()
        self.nothing_was_wrong()
        self.ours_means_intended()
        self.a_result_has_its_deliveries()
        self.effects_are_single()

    def rest(self) -> None:
        self.do(("cancel", None), lambda: self.rig.bench.handle(Cancel()))
        self.put()
        self.look(2)
        assert self.rig.now.phase is Phase.IDLE, self.rig.now

    def finish(self, uid: Uid) -> None:
        """Assert that an unfinished tag, alone on the pad, is finished or refused for a reason that the operator can
        resolve."""
        self.rest()
        attempt = self.rig.checked.open_attempt(uid)
        assert attempt is not None
        self.put(uid)
        code = self.rig.now.fault.code if self.rig.now.fault else ""
        if code in ("second-tag", "other-item"):
            self.choose_it("overwrite")
            self.scan_it(attempt.barcode)
            code = self.rig.now.fault.code if self.rig.now.fault else ""
        if code == "tag-given-up":
            assert attempt.tries >= SETTINGS.tag.max_attempts
            self.stats["given up"] += 1
        else:
            assert self.rig.now.phase is Phase.CHECKING, (self.rig.now.fault, told(self.rig.now.notice.sentence))
            assert self.rig.checked.open_attempt(uid) is None
            self.stats["finished at the end"] += 1
            self.answer_all()
        self.rest()

    def live(self) -> None:
        """Assert that the next item passes, whatever happened before."""
        self.rest()
        uid = self.rig.world.tag(99)
        self.rig.witness.begin(uid)
        self.rig.catalog.gone = set()
        self.scan_it(OTHER)
        self.put(uid)
        fault = self.rig.now.fault
        if fault is not None and fault.code == "second-tag":
            self.choose_it("overwrite")
            self.scan_it(OTHER)
        self.answer_all()
        assert self.rig.now.phase is Phase.DONE, self.rig.now.fault

    def deliver_all(self) -> None:
        for system in self.rig.systems.values():
            system.up, system.mishap = True, ""
        self.rig.courier.retry_now()
        for _ in range(20 * (len(self.rig.checked.outbox) + 1)):
            if not self.rig.checked.heads():
                break
            self.step()
        assert all(d.state is DeliveryState.DELIVERED for d in self.rig.checked.outbox.values())
        done = {f"{key}" for system in self.rig.systems.values() for key in system.effects}
        assert done == set(self.rig.checked.outbox)


def run(runs: int, steps: int, site: Settings = SETTINGS, **more: object) -> Counter[str]:
    """Run the machine and return what happened in it."""
    stats: Counter[str] = Counter()
    machine = type("Counted", (BenchMachine,), {"stats": stats, "site": site})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,  # type: ignore[arg-type]
        ),
    )
    return stats


RUNS = 24


@functools.cache
def histories() -> Counter[str]:
    """Run once for all tests, with the same histories as long as the code is unchanged. The soak finds new ones."""
    return run(RUNS, 40, derandomize=True, database=None)


def test_no_history_makes_a_wrong_tag_a_lost_result_or_a_stuck_line() -> None:
    histories()


def test_a_verdict_that_was_taken_back_is_given_again_for_the_same_tag() -> None:
    machine = BenchMachine()
    machine.work(BOOK, TAGS[0], finish=True, mishap=("none", 1, tear(0, bytes(4))), healthy=True)
    machine.reopen()
    machine.answer_all()
    kinds = machine.rig.checked.kinds()
    assert (kinds.count("item-judged"), kinds.count("verdict-taken-back")) == (2, 1)
    machine.one_item_one_result()
    machine.deliver_all()
    machine.nothing_was_wrong()


@pytest.mark.parametrize("write", range(1, 4))
def test_a_tag_lifted_while_it_is_written_is_finished_at_the_end(write: int) -> None:
    """Random histories seldom end with such a tag."""
    machine = type("Counted", (BenchMachine,), {"stats": Counter()})()
    machine.work(BOOK, TAGS[0], finish=True, mishap=("lift in write", write, tear(0, bytes(4))), healthy=True)
    machine.end()
    assert machine.stats["finished at the end"] == 1


def test_the_machine_really_reaches_what_it_is_for() -> None:
    """If these histories do not reach it, up to twenty times as many must."""
    least = {
        "tag-write-verified": 20,
        "tag-write-interrupted": 2,
        "resumed": 3,
        "overwritten": 2,
        "tag replaced": 1,
        "killed": 4,
        "torn": 1,
        "lost answers": 1,
        "store full": 5,
        "green": 10,
    }
    stats = Counter(histories())
    for _ in range(20):
        if all(stats[what] >= count for what, count in least.items()):
            return
        stats += run(RUNS, 40, database=None)
    raise AssertionError({what: stats[what] for what, count in least.items() if stats[what] < count})


@pytest.mark.soak
def test_no_history_at_all_in_the_soak() -> None:
    stats = run(1000, 50, database=None)
    assert stats["tag-write-verified"] > 1000 and stats["resumed"] > 100 and stats["killed"] > 100
