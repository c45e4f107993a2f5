"""Prepared snapshots: one for each situation, with realistic fictitious items. Tests and pictures share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from station.base.errors import StillBlind
from station.base.sentence import Sentence
from station.base.settings import Library, Settings, Station
from station.domain.choice import Choice
from station.domain.commands import Command
from station.domain.deliveries.delivery import Delivery, DeliveryRate, DeliveryState
from station.domain.deliveries.intents import ResultIntent
from station.domain.events import ItemJudged
from station.domain.findings import Check, Covered, Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.item_state import StateSince
from station.domain.lately import DoneItem, Ended, Lately
from station.domain.notices import Notice
from station.domain.ports import DemoItem, DemoState, JournalRow
from station.domain.snapshot import Fault, Light, Phase, PlannedTag, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.withdrawals.withdrawal import Withdrawal
from station.quality.checks.facts import Facts
from station.quality.rulebook.shipped import shipped
from station.quality.verdict.checklist import checks

SETTINGS = Settings(
    library=Library(isil="US-XxExmp", name="Example University Library"),
    station=Station(name="bench-1", operator="student-07"),
)

ITEM = ItemRecord(
    barcode=Barcode("31234000004217"),
    title="A field guide to imaginary rivers : with maps, soundings and a gazetteer",
    author="Quillfeather, Marguerite, 1951-",
    call_number="GB1203.2 .Q55 2019 v.2",
    call_number_scheme="lc",
    call_number_source="item field 949 $a",
    library="MAIN",
    location="STACKS-4",
    item_type="BOOK",
    description="v.2",
    copy="c.1",
    material="book",
    extent="2 volumes",
    height_cm=26,
    label_lines=("GB", "1203.2", ".Q55", "2019", "v.2", "c.1"),
    origin=Sentence.verbatim("catalog index"),
)

DISCS = ItemRecord(
    barcode=Barcode("31234000009919"),
    title="Nocturnes for a paper moon [sound recording] : complete works for piano",
    alternate_title="Ноктюрны для бумажной луны",
    author="Amberwell, Ottoline",
    call_number="CD M22.A43 N63 2021",
    call_number_scheme="lc",
    call_number_source="item field 949 $a",
    library="MUSIC",
    location="AUDIO",
    description="discs 1-3",
    parts=3,
    material="music-cd",
    extent="3 audio discs",
    accompanying="1 booklet (24 pages)",
    label_lines=("CD", "M22", ".A43", "N63", "2021"),
    origin=Sentence.verbatim("catalog index"),
)

PLAN = PlannedTag(
    model="28560-2",
    elements=(
        ("Primary item identifier", Sentence.verbatim("31234000004217")),
        ("Owner institution", Sentence.verbatim("US-XxExmp")),
        ("Set information", Sentence.verbatim("1 of 1")),
        ("Type of usage", Sentence.verbatim("10 (for circulation)")),
    ),
    afi=0x07,
    part=1,
    parts=1,
)

UID = "E004010812345678"

LATELY = Lately(
    today=41,
    hour=38,
    pace=(1, 2, 3, 4, 3, 5, 3, 4, 5, 4, 3, 1),
    items=(
        DoneItem("14:04", "31234000007731", "The clockmaker's almanac", Ended.PASS, "QA76.9 .D3 B73"),
        DoneItem("14:04", "31234000005512", "Atlas of shadows", Ended.PASS, "N7430 .U52"),
        DoneItem(
            "14:03",
            "31234000003333",
            "Soup for beginners",
            Ended.FAIL,
            "TX757 .S6",
            Sentence.verbatim("Spine label: a line is missing"),
        ),
        DoneItem("14:02", "31234000002222", "Map of the unseen coast", Ended.PASS, "G3200 .M36"),
        DoneItem("14:02", "31234000001111", "Songs for a small room", Ended.COVERED, "M1630 .S66"),
    ),
    to_fix=2,
)

BASE = Snapshot(
    number=1,
    reader=Sentence.verbatim("ready"),
    reader_ready=True,
    outbox_depth=0,
    operator=Sentence.verbatim("student-07"),
    lately=LATELY,
)

_LABEL_REASONS = tuple(
    (code, Sentence.verbatim(words), words.lower())
    for code, words in (
        ("another-number", "Another call number"),
        ("line-missing", "a line is missing"),
        ("not-readable", "Not readable"),
        ("crooked", "Crooked or loose"),
        ("no-label", "No label"),
        ("covers-title", "Covers the title"),
    )
)

CHECKS = (
    Check(
        alone=True,
        rule="identity.title",
        question=Sentence.verbatim("Is this the title in your hand?"),
        expectation=Sentence.verbatim("A field guide to imaginary rivers\nQuillfeather, Marguerite"),
        severity=Severity.CRITICAL,
        reasons=tuple(map(Sentence.verbatim, ("Another title", "Another volume", "Another edition"))),
    ),
    Check(
        alone=True,
        rule="label.lines",
        question=Sentence.verbatim("Does the spine label read like this, line by line?"),
        expectation=Sentence.verbatim("GB\n1203.2\n.Q55\n2019\nv.2\nc.1"),
        reasons=tuple(words for _, words, _ in _LABEL_REASONS),
        covers=(Covered("label.lines", "Label lines", Severity.MAJOR, reasons=_LABEL_REASONS),),
    ),
    Check(
        alone=True,
        rule="ownership.stamp",
        question=Sentence.verbatim("Is the property stamp on the top edge?"),
        reasons=tuple(map(Sentence.verbatim, ("No stamp", "Wrong stamp", "Stamp on a leased item"))),
    ),
)


RULES = shipped()


def _asked(rule: str, facts: Facts) -> dict[str, object]:
    """Return the real checklist of an item, one check a page, with the check of this rule open."""
    asked = checks(RULES, facts, "2026-06-01", alone=True)
    at = [one.rule for one in asked].index(rule)
    return {"item": facts.item, "checks": asked, "current_check": at, "prompt": Sentence.of(asked[at].question)}


def _page(facts: Facts) -> dict[str, object]:
    """Return the real checklist of an item, as an operator gets it: several checks on a page."""
    return {"item": facts.item, "checks": checks(RULES, facts, "2026-06-01"), "prompt": Sentence("check.page")}


MARC = RecordFacts(edition="Second edition.", years=("2019",), acquisition="Purchase")
RIVERS = msgspec.structs.replace(ITEM, marc=MARC)
GIVEN = msgspec.structs.replace(ITEM, marc=RecordFacts(acquisition="Gift", donor="Imaginary Friends of the Library"))
SET = msgspec.structs.replace(
    DISCS,
    extent="2 audio discs (148 min)",
    accompanying="1 booklet",
    parts=3,
    material="music-cd",
    description="",
    marc=None,
)


def _with(**changes: object) -> Snapshot:
    values = {name: getattr(BASE, name) for name in BASE.__struct_fields__}
    return Snapshot(**{**values, **changes})


WORKING = {"item": ITEM, "planned": PLAN}
FOUND = {**WORKING, "tag_uid": UID, "tag_summary": "this item's tag, verified"}

SCENES: dict[str, Snapshot] = {
    "idle": _with(),
    "idle-unfinished": _with(
        light=Light.WARNING,
        sound=Sound.WARNING,
        sound_number=1,
        outbox_depth=3,
        outbox_note="The library system does not answer; results are kept and sent later.",
        notice=Notice(
            "notice", Sentence.verbatim("That is not one of our barcodes. Scan the library's barcode again.")
        ),
        unfinished=(
            Sentence.verbatim("A field guide to imaginary rivers"),
            Sentence.verbatim("The clockmaker's almanac"),
        ),
    ),
    "need-tag": _with(
        phase=Phase.NEED_TAG,
        prompt=Sentence.verbatim("Put the item flat on the middle of the pad"),
        sound=Sound.ACCEPTED,
        sound_number=1,
        **WORKING,
    ),
    "need-tag-parts": _with(
        phase=Phase.NEED_TAG,
        prompt=Sentence.verbatim("Put part 2 of 3 on the pad, or choose another part"),
        item=DISCS,
        part=2,
        planned=PlannedTag(
            model="28560-2",
            elements=(
                ("Primary item identifier", Sentence.verbatim("31234000009919")),
                ("Owner institution", Sentence.verbatim("US-XxExmp")),
                ("Set information", Sentence.verbatim("part 2 of 3")),
                ("Type of usage", Sentence.verbatim("10 (for circulation)")),
            ),
            afi=0x07,
            part=2,
            parts=3,
        ),
    ),
    "need-scan": _with(
        phase=Phase.NEED_SCAN,
        prompt=Sentence.verbatim("Scan the barcode of the item on the pad"),
        tag_uid=UID,
        tag_summary="a blank tag",
        sound=Sound.ACCEPTED,
        sound_number=1,
    ),
    "writing": _with(
        phase=Phase.WRITING,
        prompt=Sentence.verbatim("Writing the tag. Leave the item where it is."),
        light=Light.BUSY,
        steps_done=7,
        steps_total=12,
        **{**WORKING, "tag_uid": UID, "tag_summary": "a blank tag"},
    ),
    "other-item": _with(
        phase=Phase.STOPPED,
        light=Light.BAD,
        sound=Sound.BAD,
        sound_number=1,
        prompt=Sentence.verbatim("Nothing was written."),
        fault=Fault(
            code="other-item",
            sentence=Sentence(
                "fault.other-item",
                title="The clockmaker's almanac",
                scanned="A field guide to imaginary rivers",
            ),
            do=Sentence("do.other-item"),
            detail=Sentence.verbatim("tag E004010812345678, bound on 2026-03-02 at bench-1"),
            old=Sentence.verbatim("The clockmaker's almanac"),
            new=Sentence.verbatim("A field guide to imaginary rivers"),
            choices=(
                Choice("set-aside", Sentence.verbatim("Set the item aside"), main=True),
                Choice("overwrite", Sentence.verbatim("Overwrite this tag")),
            ),
        ),
        **{**WORKING, "tag_uid": UID, "tag_summary": "another item's tag"},
    ),
    "lifted": _with(
        phase=Phase.STOPPED,
        light=Light.WARNING,
        sound=Sound.WARNING,
        sound_number=1,
        prompt=Sentence.verbatim("The station finishes the tag as soon as it lies on the pad again."),
        steps_done=5,
        steps_total=12,
        fault=Fault(
            code="tag-lost",
            sentence=Sentence("error.tag-lost"),
            do=Sentence("do.tag-lost"),
            detail=Sentence.verbatim("5 of 12 steps verified"),
            choices=(Choice("give-up", Sentence.verbatim("Give this tag up")),),
        ),
        **{**WORKING, "tag_summary": "nothing"},
    ),
    "unplugged": _with(
        phase=Phase.STOPPED,
        light=Light.BAD,
        sound=Sound.BAD,
        sound_number=1,
        prompt=Sentence.verbatim("Nothing was written."),
        reader="The reader was unplugged. Plug it in again; the station goes on by itself.",
        reader_code="port-lost",
        reader_ready=False,
        fault=Fault(
            code="port-lost",
            sentence=Sentence("error.port-lost"),
            do=Sentence("do.port-lost"),
            detail=Sentence.verbatim("the port vanished"),
            choices=(),
        ),
    ),
    "check-page": _with(
        phase=Phase.CHECKING, state="checking", light=Light.GOOD, **{**FOUND, **_page(Facts(item=RIVERS))}
    ),
    "check-title": _with(
        phase=Phase.CHECKING,
        light=Light.GOOD,
        sound=Sound.GOOD,
        sound_number=1,
        prompt=Sentence.verbatim("The tag is written and verified. Now look at the item."),
        checks=CHECKS,
        **FOUND,
    ),
    "check-looks": _with(
        phase=Phase.CHECKING,
        state="checking",
        light=Light.GOOD,
        **{**FOUND, **_asked("title-in-hand", Facts(item=RIVERS))},
    ),
    "check-spine": _with(
        phase=Phase.CHECKING,
        state="checking",
        light=Light.GOOD,
        **{**FOUND, **_asked("spine-label", Facts(item=RIVERS))},
    ),
    "check-gift": _with(
        phase=Phase.CHECKING,
        state="checking",
        light=Light.GOOD,
        **{**FOUND, **_asked("property-stamp", Facts(item=GIVEN))},
    ),
    "check-stamp": _with(
        phase=Phase.CHECKING,
        state="checking",
        light=Light.GOOD,
        **{**FOUND, **_asked("property-stamp", Facts(item=RIVERS))},
    ),
    "check-pieces": _with(
        phase=Phase.CHECKING,
        state="checking",
        light=Light.GOOD,
        **{**FOUND, **_asked("pieces-counted", Facts(item=SET))},
    ),
    "check-label": _with(
        phase=Phase.CHECKING,
        light=Light.GOOD,
        prompt=Sentence.verbatim("The tag is written and verified. Now look at the item."),
        checks=(
            Check(
                rule=CHECKS[0].rule,
                question=CHECKS[0].question,
                severity=Severity.CRITICAL,
                answer=Finding(CHECKS[0].rule, "Title", Severity.CRITICAL, Outcome.PASS, "student-07"),
            ),
            *CHECKS[1:],
        ),
        current_check=1,
        **FOUND,
    ),
    "pass": _with(
        phase=Phase.DONE,
        light=Light.GOOD,
        sound=Sound.GOOD,
        sound_number=1,
        prompt=Sentence.verbatim("Done. Put the item on the shelving cart and scan the next one."),
        verdict=Verdict.PASS,
        findings=tuple(
            Finding(f"rule.{number}", title, Severity.MAJOR, Outcome.PASS, "machine")
            for number, title in enumerate(
                ("Tag verified", "One tag only", "Call number parses", "Title", "Label", "Stamp")
            )
        ),
        **FOUND,
    ),
    "fail": _with(
        phase=Phase.DONE,
        light=Light.BAD,
        sound=Sound.BAD,
        sound_number=1,
        prompt=Sentence.verbatim("Put the item on the shelf for corrections, with this reason."),
        verdict=Verdict.FAIL,
        may_waive=("label.lines", "ownership.stamp"),
        findings=(
            Finding("tag.verified", "Tag verified", Severity.CRITICAL, Outcome.PASS, "machine"),
            Finding(
                "label.lines",
                "Spine label",
                Severity.MAJOR,
                Outcome.FAIL,
                "student-07",
                reason=Sentence.verbatim("a line is missing"),
            ),
            Finding(
                "ownership.stamp",
                "Property stamp",
                Severity.MINOR,
                Outcome.FAIL,
                "student-07",
                reason=Sentence.verbatim("there is no stamp"),
            ),
            Finding("package.count", "Number of pieces", Severity.MAJOR, Outcome.NOT_APPLICABLE, "student-07"),
        ),
        **FOUND,
    ),
    "aside": _with(
        phase=Phase.DONE,
        light=Light.WARNING,
        sound=Sound.WARNING,
        sound_number=1,
        prompt=Sentence.verbatim("The item is set aside. Put it on the technician's shelf."),
        verdict=Verdict.ABANDONED,
        **FOUND,
    ),
}

DEMO_STATE = DemoState(
    item=DemoItem("31234000004217", "A field guide to imaginary rivers", "a blank tag: all should go well"),
    on_pad=("The clockmaker's almanac",),
)

JOURNAL = tuple(
    JournalRow(
        seq, f"2026-11-24T{9 + seq // 40:02}:{seq % 40 + 10:02}:07.000000+00:00", kind, Sentence.verbatim(summary)
    )
    for seq, (kind, summary) in (
        (seq, rows[seq % 6])
        for rows in [
            (
                ("item-judged", "31234000004217 pass (6 checks)"),
                ("check-answered", "31234000004217 label.lines pass"),
                ("tag-write-verified", "31234000004217 on E004010812345678, 11 writes"),
                ("tag-write-started", "31234000004217 on E004010812345678, 12 steps"),
                ("tag-recognised", "E004010812345678 blank"),
                ("item-scanned", "31234000004217 A field guide to imaginary rivers"),
            )
        ]
        for seq in range(120, 0, -1)
    )
)


def delivery(number: int, state: DeliveryState, detail: str = "") -> Delivery:
    """Return one row of a prepared outbox."""
    return Delivery(
        id=f"d{number}",
        system="alma",
        lane=f"3123400000{number:04}",
        state=state,
        intent=ResultIntent(barcode=f"3123400000{number:04}", uid=UID, part=1, parts=1, verdict=Verdict.PASS),
        event_seq=number,
        event_at="2026-11-24T10:00:00.000000+00:00",
        attempts=2 if detail else 0,
        detail=Sentence.verbatim(detail),
    )


OUTBOX = (
    delivery(4217, DeliveryState.IN_DOUBT, "the library system did not confirm"),
    delivery(7731, DeliveryState.DEFERRED, "no answer within 20 s; next try in 32 s"),
    delivery(5512, DeliveryState.PARKED, "400: the item's note is read-only"),
    delivery(9919, DeliveryState.PENDING),
)


class FakeBench:
    """Holds one snapshot and records commands; publishes on request, in the caller's thread."""

    def __init__(self, snapshot: Snapshot = BASE) -> None:
        self.snapshot = snapshot
        self.sent: list[Command] = []
        self.subscribers: list[Callable[[Snapshot], None]] = []

    def submit(self, command: Command) -> str:
        self.sent.append(command)
        return ""

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        return lambda: self.subscribers.remove(subscriber)

    def publish(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        for subscriber in tuple(self.subscribers):
            subscriber(snapshot)


class FakeQueries:
    """Prepared pages, the same for every viewer."""

    def seen_by(self, viewer: str) -> FakeQueries:
        del viewer
        return self

    def __init__(
        self,
        journal: tuple[JournalRow, ...] = JOURNAL,
        outbox: tuple[Delivery, ...] = OUTBOX,
        error: Exception | None = None,
        covered: bool = False,
    ) -> None:
        self.covered = covered
        self.journal = journal
        self.outbox = outbox
        self.flow = (DeliveryRate(system="alma", waiting=3, per_minute=42.4, left_s=7.0),)
        self.error = error
        self.states: dict[str, StateSince] = {}
        self.leaving: dict[str, Withdrawal] = {}

    def journal_page(
        self, before: int | None = None, limit: int = 50, *, plain: bool = False
    ) -> tuple[JournalRow, ...]:
        del plain
        if self.error is not None:
            raise self.error
        return tuple(row for row in self.journal if before is None or row.seq < before)[:limit]

    def judged(self, barcode: str) -> ItemJudged | None:
        if self.covered:
            raise StillBlind(barcode)
        failed = Finding(
            "spine-label", "Spine label", Severity.MAJOR, Outcome.FAIL, "student-07", Sentence.verbatim("Line missing")
        )
        return ItemJudged(
            barcode=barcode, uid=UID, part=1, parts=1, verdict=Verdict.FAIL, findings=(failed,), item=ITEM
        )

    def state_of(self, barcode: str) -> StateSince | None:
        return self.states.get(barcode)

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        return self.leaving.get(barcode)

    def item_history(self, barcode: str, limit: int = 50) -> tuple[JournalRow, ...]:
        del barcode
        return self.journal[:limit]

    def titles(self, barcodes: Iterable[str]) -> dict[str, str]:
        return {barcode: ITEM.title for barcode in barcodes if barcode == ITEM.barcode}

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        if self.error is not None:
            raise self.error
        rows = tuple(row for row in self.outbox if state in ("", row.state.value))
        return rows[offset : offset + limit]

    def outbox_counts(self) -> dict[str, int]:
        if self.error is not None:
            raise self.error
        counts: dict[str, int] = {}
        for row in self.outbox:
            counts[row.state.value] = counts.get(row.state.value, 0) + 1
        return counts

    def delivery_rates(self) -> tuple[DeliveryRate, ...]:
        return self.flow


class FakeDemo:
    """Records the requested actions."""

    def __init__(self, state: DemoState = DEMO_STATE) -> None:
        self.state = state
        self.acts: list[str] = []
        self.subscribers: list[Callable[[DemoState], None]] = []

    def subscribe(self, subscriber: Callable[[DemoState], None]) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        return lambda: self.subscribers.remove(subscriber)

    def act(self, action: str) -> None:
        self.acts.append(action)

    def publish(self, state: DemoState) -> None:
        self.state = state
        for subscriber in tuple(self.subscribers):
            subscriber(state)


def uid(text: str = UID) -> Uid:
    return Uid(text)
