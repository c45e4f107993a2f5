"""Truck release: the effect of each fact on an item, and the list at the bench."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.bench.workflows.release.rules import MOVES, Trigger, line_of, sentence
from station.catalog.barcodes.barcode import LONGEST_TRUCK, truck_of
from station.domain import events
from station.domain.corrections.correction import opened
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import NoteIntent, ResultIntent
from station.domain.events import ReleaseItemListed, TruckReleased
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode
from station.domain.ports import Binding, Logged
from station.domain.snapshot import Light, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import ListFile, ListRead, ReleaseLine, ReleaseState, ReleaseView, Workflow
from tests.bench.workflows.convert.test_convert import MANY, Line, shelf  # noqa: F401 - the fixture puts the items into the catalog
from tests.support.sample_events import image
from tests.support.simulated_bench import BOOK, UNKNOWN, Rig, record
from tests.support.told import told

UID, ELSE = Uid("E004010000000001"), Uid("E004010000000002")


def judged(part: int = 1, verdict: Verdict = Verdict.PASS, uid: str = UID, parts: int = 1, **more: object):
    return events.ItemJudged(
        barcode=BOOK, uid=uid, part=part, parts=parts, verdict=verdict, findings=(), item=record(BOOK), **more
    )


def started(attempt: str, resumes: str = ""):
    return events.TagWriteStarted(
        attempt=attempt,
        uid=UID,
        barcode=BOOK,
        part=1,
        parts=1,
        old=image(UID),
        new=image(UID),
        plan_digest="",
        steps=3,
        resumes=resumes,
    )


def verified(attempt: str):
    return events.TagWriteVerified(attempt=attempt, uid=UID, barcode=BOOK, part=1, parts=1)


def delivery(state: DeliveryState, seq: int = 9, system: str = "alma", *, part: int = 1, note: str = "") -> Delivery:
    result = ResultIntent(barcode=BOOK, uid=UID, part=part, parts=2, verdict=Verdict.PASS)
    intent = NoteIntent(barcode=BOOK, text=note) if note else result
    return Delivery(
        id=f"d{seq}",
        system=system,
        lane=BOOK,
        state=state,
        intent=intent,
        event_seq=seq,
        event_at="t",
        attempts=1,
    )


CORRECTION = opened(
    events.CorrectionOpened(
        correction="k", barcode=BOOK, rule="label", title=Sentence.verbatim("Label position"), due="2026-12-01"
    )
)
GOOD = (started("a"), verified("a"), judged())
BOUND = (Binding(UID, BOOK, 1, 1),)
NOTE = Finding("price", "Price", Severity.MINOR, Outcome.FAIL, "machine", Sentence.verbatim("no price"))
FAILED = Finding("label", "Label position", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("crooked"))


def line(*said: events.AnyEvent, **more: object) -> ReleaseLine:
    logged = [Logged(seq, f"t{seq}", event) for seq, event in enumerate(said or GOOD, 1)]
    facts: dict[str, object] = {"deliveries": (), "bindings": BOUND, "corrections": (), "state": None, "viewer": "ann"}
    return line_of(BOOK, logged=logged, **{**facts, **more})  # type: ignore[arg-type]


def test_an_item_that_is_right() -> None:
    assert line() == ReleaseLine(barcode=BOOK, title=record(BOOK).title, right=True)
    # an interrupted write that was resumed is complete
    assert line(started("a"), started("b", "a"), verified("b"), judged()).right
    assert line(judged(verdict=Verdict.FAIL), *GOOD).right, "the newest verdict must count"
    waived = judged(waivers=())
    assert line(started("a"), verified("a"), waived).right


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (line(started("a"), verified("a"), record=record(BOOK)), "It has no verdict."),
        (line(bindings=()), "It has no verified tag."),
        (line(bindings=(Binding(ELSE, BOOK, 1, 1),)), "Its tag is another one than at its verdict."),
        (line(*GOOD, started("c")), "Writing its tag was not finished."),
        (
            line(*GOOD, msgspec.structs.replace(judged(), verdict=Verdict.FAIL, findings=(NOTE, FAILED))),
            "It failed. Label position: crooked.",
        ),
        (line(corrections=(CORRECTION,)), "Still to fix or to check: Label position."),
        (line(deliveries=(delivery(DeliveryState.PARKED),)), "Its result waits for a decision in the outbox (Alma)."),
        (line(deliveries=(delivery(DeliveryState.IN_DOUBT),)), "Alma may not have its result."),
    ],
)
def test_each_fact_that_holds_an_item_back(given: ReleaseLine, reason: str) -> None:
    assert not given.right
    assert tuple(map(told, given.reasons)) == (reason,)


def test_what_does_not_hold_it_back_is_said_all_the_same() -> None:
    waiting = line(deliveries=(delivery(DeliveryState.DEFERRED),))
    assert waiting.right and tuple(map(told, waiting.notes)) == ("Its result was not sent yet (Alma).",)
    # a later delivery about the same item makes a parked one unnecessary
    assert line(deliveries=(delivery(DeliveryState.PARKED, 3), delivery(DeliveryState.DELIVERED, 7))).right
    assert not line(deliveries=(delivery(DeliveryState.DELIVERED, 3), delivery(DeliveryState.PARKED, 7))).right
    # but not a result of another part, nor a note, which is added to the others
    parts = (delivery(DeliveryState.PARKED, 3), delivery(DeliveryState.DELIVERED, 7, part=2))
    assert not line(deliveries=parts).right
    notes = [
        delivery(state, seq, note=f"{seq}") for seq, state in ((3, DeliveryState.PARKED), (7, DeliveryState.DELIVERED))
    ]
    assert not line(deliveries=notes).right


def test_every_part_of_a_set_must_be_right() -> None:
    found = line(
        judged(1, parts=3), judged(3, parts=3, uid=ELSE), bindings=(Binding(UID, BOOK, 1, 3), Binding(ELSE, BOOK, 3, 3))
    )
    assert tuple(map(told, found.reasons)) == ("Part 2: It has no verdict.", "Part 2: It has no verified tag.")


def test_a_barcode_that_nobody_knows() -> None:
    found = line_of(UNKNOWN, logged=(), deliveries=(), bindings=(), corrections=(), state=None, viewer="ann")
    assert not found.right and told(found.reasons[0]) == "Neither the journal nor the catalog has it."


def test_the_sentence_of_the_issue() -> None:
    lines = [ReleaseLine(barcode=str(n), right=n > 1) for n in range(84)]
    assert told(sentence(lines)) == "82 of 84 can go; 2 cannot"
    assert told(sentence(lines[1:])) == "82 of 83 can go; one cannot"
    assert told(sentence(lines[2:])) == "All 82 on this list can go"


@pytest.mark.parametrize("state", list(ReleaseState))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_the_law_of_a_list(state: ReleaseState, trigger: Trigger) -> None:
    """A released list is not released again; a new list can begin in every state."""
    assert ((state, trigger) in MOVES) is not ((state, trigger) == (ReleaseState.RELEASED, Trigger.RELEASED))


# --- at the bench ---------------------------------------------------------------------------------------------------------


class Truck(Line):
    @property
    def list(self) -> ReleaseView:
        assert isinstance(self.now.workflow_view, ReleaseView)
        return self.now.workflow_view

    def released(self) -> list[TruckReleased]:
        return [event for event in self.journal.events if isinstance(event, TruckReleased)]


def test_a_truck_is_scanned_and_released() -> None:
    rig = Truck()
    rig.enter(Workflow.CONVERT)
    for code in MANY[:3]:
        rig.one(code)
    rig.enter(Workflow.RELEASE)
    assert "Scan the items" in told(rig.now.prompt)
    for code in MANY[:2]:
        assert rig.scan(code).sound is Sound.GOOD
    assert rig.scan(MANY[5]).sound is Sound.BAD
    assert (told(rig.now.prompt), rig.now.light) == ("2 of 3 can go; one cannot", Light.WARNING)
    rig.scan(MANY[0])
    assert rig.now.notice.code == "release.listed-already" and len(rig.list.lines) == 3
    rig.act("release")
    (event,) = rig.released()
    assert event.right == tuple(MANY[:2])
    assert [(one.barcode, told(one.reasons[0])) for one in event.wrong] == [(MANY[5], "It has no verdict.")]
    rig.act("release")
    assert len(rig.released()) == 1, "a list must be released only once"
    rig.scan(MANY[2])
    assert [one.barcode for one in rig.list.lines] == [MANY[2]], "the next scan must begin a new list"
    writes = sum(tag.writes for tag in rig.world.tags.values())
    rig.place(rig.world.tag(0x99))
    assert sum(tag.writes for tag in rig.world.tags.values()) == writes, "the pad must not be used"


def test_release_looks_once_more() -> None:
    rig = Truck()
    rig.enter(Workflow.CONVERT)
    rig.one(MANY[0])
    rig.enter(Workflow.RELEASE)
    rig.scan(MANY[0])
    assert rig.list.lines[0].right
    rig.journal.record(msgspec.structs.replace(rig.judged()[-1], verdict=Verdict.FAIL, findings=(FAILED,)))
    rig.act("release")
    assert not rig.list.lines[0].right and rig.released()[0].right == ()


def test_the_session_can_be_the_list_and_the_last_scan_be_taken_back() -> None:
    rig = Truck()
    rig.enter(Workflow.RELEASE)
    rig.act("session")
    assert rig.now.notice.code == "release.no-session"
    rig.enter(Workflow.CONVERT)
    for code in MANY[:3]:
        rig.one(code)
    rig.act("end")
    rig.enter(Workflow.RELEASE)
    rig.act("session")
    assert [one.barcode for one in rig.list.lines] == MANY[:3]
    rig.act("session")
    assert len(rig.list.lines) == 3
    rig.act("take-off")
    assert [one.barcode for one in rig.list.lines] == MANY[:2]


def test_a_list_outlives_the_station_and_a_walk_to_another_workflow() -> None:
    rig = Truck()
    rig.enter(Workflow.RELEASE)
    for code in MANY[:4]:
        rig.scan(code)
    rig.act("take-off")
    rig.enter(Workflow.PROCESS)
    assert rig.now.item is None and rig.now.workflow_view is None
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert [one.barcode for one in rig.list.lines] == MANY[:3]
    rig.act("clear")
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert rig.list.lines == ()
    assert [event.removed for event in rig.journal.events if isinstance(event, ReleaseItemListed)] == [False] * 4 + [
        True
    ] * 4


def test_an_item_in_hand_waits_while_a_truck_is_released() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.enter(Workflow.RELEASE)
    rig.place(rig.world.tag(1))
    assert rig.world.tags[UID].writes == 0
    rig.enter(Workflow.PROCESS)
    rig.look()
    assert rig.now.item is not None and rig.now.item.barcode == Barcode(BOOK)
    assert rig.world.tags[UID].writes > 0


# --- the name of the truck, by its label ------------------------------------------------------------------------------


def test_the_label_of_a_truck_names_the_list_before_between_and_after_the_items() -> None:
    for order in (("TRUCK-7", *MANY[:2]), (MANY[0], "TRUCK-7", MANY[1]), (*MANY[:2], " TRUCK-7 ")):
        rig = Truck()
        rig.enter(Workflow.RELEASE)
        for text in order:
            rig.scan(text)
        assert rig.list.truck == "7" and [one.barcode for one in rig.list.lines] == MANY[:2]
        rig.act("release")
        (released,) = [event for event in rig.journal.events if isinstance(event, TruckReleased)]
        assert released.truck == "7", "the journal must have the truck's name"
        rig.scan(MANY[2])
        assert rig.list.truck == "", "the next list must have no truck"


def test_a_truck_keeps_its_name_when_the_station_is_switched_off() -> None:
    rig = Truck()
    rig.enter(Workflow.RELEASE)
    rig.scan("TRUCK-Main floor 3")
    assert "Main floor 3" in told(rig.now.notice.sentence)
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert rig.list.truck == "Main floor 3" and not rig.list.lines
    rig.scan("TRUCK-4")
    rig.scan(MANY[0])
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert rig.list.truck == "4", "the last label must count"
    rig.act("clear")
    assert rig.list.truck == ""
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert rig.list.truck == ""


def test_what_is_no_label_of_a_truck() -> None:
    assert truck_of("TRUCK-7", Barcodes()) == "7"
    assert truck_of("TRUCK-\x1b[31m7", Barcodes()) == "[31m7", "hostile text must be harmless"
    assert len(truck_of("TRUCK-" + "7" * 500, Barcodes())) <= LONGEST_TRUCK
    for text in ("TRUCK-", "truck-7", "7", BOOK, ""):
        assert truck_of(text, Barcodes()) == ""
    assert truck_of("TRUCK-7", Barcodes(truck_prefix="")) == "", "an empty prefix must switch labels off"
    item = Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric")
    assert truck_of("TRUCK-7", item) == "", "text in the form of an item's barcode must count as a barcode"


# --- lists in files ----------------------------------------------------------------------------------------------------


class Files:
    """`domain.ports.TruckLists` in memory."""

    def __init__(self, **found: tuple[str, ...]) -> None:
        self.found = found

    def files(self) -> tuple[ListFile, ...]:
        return tuple(ListFile(key=f"/stick/{name}", name=f"{name}.txt", at="2026-11-25 14:02") for name in self.found)

    def read(self, key: str) -> ListRead:
        lines = self.found.get(key.removeprefix("/stick/"))
        return ListRead(refused=Sentence("release.file-gone", name=key)) if lines is None else ListRead(lines=lines)


def test_a_list_in_a_file_is_chosen_and_looked_at_like_scans() -> None:
    rig = Truck()
    rig.enter(Workflow.CONVERT)
    for code in MANY[:2]:
        rig.one(code)
    rig.act("end")
    rig.truck_lists = Files(today=(MANY[0], "TRUCK-7", "nonsense", MANY[1], MANY[3], MANY[1]), other=(MANY[0],))
    rig.start()
    rig.enter(Workflow.RELEASE)
    rig.scan(MANY[0])
    rig.act("files")
    assert told(rig.now.prompt) == "Tap the list of the truck"
    assert [one.name for one in rig.list.files] == ["today.txt", "other.txt"]
    rig.act("file", "/stick/today")
    assert rig.list.files == () and rig.list.truck == "7"
    assert [(one.barcode, one.right) for one in rig.list.lines] == [
        (MANY[0], True),
        ("nonsense", False),
        (MANY[1], True),
        (MANY[3], False),
    ], "a scanned item must be listed once; a text that is not a barcode must be listed as not right"
    assert told(rig.now.notice.sentence).startswith("3 items of today.txt were added.") and MANY[1] in told(
        rig.now.notice.sentence
    )
    assert rig.now.sound is Sound.WARNING and "2 of 4" in told(rig.now.prompt)
    rig.act("release")
    (released,) = [event for event in rig.journal.events if isinstance(event, TruckReleased)]
    assert (released.right, [one.barcode for one in released.wrong]) == ((MANY[0], MANY[1]), ["nonsense", MANY[3]])
    rig.act("files")
    rig.act("file", "/stick/other")
    assert [one.barcode for one in rig.list.lines] == [MANY[0]] and rig.list.state is ReleaseState.OPEN
    rig.start()
    rig.enter(Workflow.RELEASE)
    assert [one.barcode for one in rig.list.lines] == [MANY[0]]


def test_a_file_is_chosen_only_where_it_was_offered_and_a_scan_goes_to_the_list() -> None:
    rig = Truck()
    rig.truck_lists = Files(today=(MANY[0],), same=())
    rig.start()
    rig.enter(Workflow.RELEASE)
    rig.act("file", "/stick/today")
    assert rig.list.lines == (), "no file was offered"
    rig.act("files")
    rig.act("file", "/etc/passwd")
    assert rig.list.lines == rig.list.files == ()
    rig.act("files")
    rig.scan(MANY[1])
    assert rig.list.files == () and [one.barcode for one in rig.list.lines] == [MANY[1]]
    rig.act("files")
    rig.act("files-off")
    assert rig.list.files == () and len(rig.list.lines) == 1
    rig.act("files")
    rig.act("file", "/stick/same")
    assert rig.now.notice.code == "release.file-nothing-new"
    rig.act("files")
    del rig.truck_lists.found["today"]
    rig.act("file", "/stick/today")
    assert rig.now.notice.code == "release.file-gone" and len(rig.list.lines) == 1
    rig.act("files")
    rig.enter(Workflow.PROCESS)
    rig.enter(Workflow.RELEASE)
    assert rig.list.files == (), "on return the list must be shown first"


def test_a_file_that_is_no_truck_is_refused_and_where_there_is_none_it_is_said() -> None:
    rig = Truck()
    rig.truck_lists = Files(long=tuple(f"3{number:013}" for number in range(501)))
    rig.start()
    rig.enter(Workflow.RELEASE)
    rig.act("files")
    rig.act("file", "/stick/long")
    assert rig.now.notice.code == "release.file-long" and rig.list.lines == ()
    assert not [event for event in rig.journal.events if isinstance(event, ReleaseItemListed)]
    rig.truck_lists.found.clear()
    rig.act("files")
    assert rig.now.notice.code == "release.no-files" and rig.list.files == ()
