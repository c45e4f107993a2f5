"""Prepared corrections: one of each state, with fictitious items. Tests and pictures share them."""

from __future__ import annotations

import msgspec

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, CorrectionState, Flag, Recheck
from station.domain.corrections.correction import UNKNOWN, Correction, Entry, ItemToFix, Step, advance, opened
from station.domain.findings import Severity
from station.domain.sampling import RejectedLot, Whose
from station.domain.verdict import Verdict
from tests.tui.scenes import SCENES

VIEWER = "w-1f2e3d4c"
NAMES = {VIEWER: "Ines Moreau"}


def entry(number: int, *events: ev.AnyEvent, age: int = 1, overdue: bool = False) -> Entry:
    first, *rest = events
    assert isinstance(first, ev.CorrectionOpened)
    now: Correction = opened(first)
    for event in rest:
        now = advance(now, event)  # type: ignore[arg-type]
    at = [f"2026-11-{20 + index:02}T09:{number:02}:00.000000+00:00" for index in range(len(events))]
    steps = tuple(Step(100 + index, at[index], event) for index, event in enumerate(events))  # type: ignore[arg-type]
    closed = at[-1] if now.state is CorrectionState.CLOSED else ""
    return Entry(correction=now, steps=steps, opened_at=at[0], closed_at=closed, age=age, overdue=overdue)


def report(ident: str, title: str, **more: object) -> ev.CorrectionOpened:
    values: dict[str, object] = {
        "barcode": "31234000004217",
        "item_title": "A field guide to imaginary rivers",
        "rule": "spine-label",
        "due": "2026-11-24",
        "owner": "Marking",
        "found_by": VIEWER,
        "reason": Sentence.verbatim("the label is loose or bare"),
    }
    return ev.CorrectionOpened(correction=ident, title=Sentence.verbatim(title), **{**values, **more})  # type: ignore[arg-type]


LABEL = report("5b1c9a7e44f0", "Spine label", severity=Severity.CRITICAL)
MENDED = ev.CorrectionMended(
    correction="5b1c9a7e44f0", note=Sentence.verbatim("new label printed"), due="2026-11-26", operator=VIEWER
)
BACK = ev.CorrectionRechecked(
    correction="5b1c9a7e44f0", passed=False, reason=Sentence.verbatim("Badly fixed"), operator="another person"
)
PRICE = report(
    "0a6630d2b18e",
    "Price",
    barcode="31234000007731",
    item_title="The clockmaker's almanac",
    severity=Severity.MINOR,
    recheck=Recheck.MACHINE,
    owner="Acquisitions",
    found_by="machine",
    reason=Sentence.verbatim("no price in the record"),
    due="2026-12-05",
)
ORDER = report(
    "c0ffee123456",
    "All checks again, by another person",
    what=CorrectionKind.RECHECK,
    barcode="31234000009919",
    item_title="Nocturnes for a paper moon",
    rule="",
    owner="",
    reason=Sentence.verbatim("plan of trainees, draw 17"),
    found_by="machine",
)
ENTRIES = (
    entry(1, PRICE, age=1),
    entry(2, LABEL, MENDED, BACK, age=5, overdue=True),
    entry(3, report("77aa41e0c3d9", "Property stamp", owner=VIEWER, due="2026-11-27"), age=0),
    entry(4, ORDER, age=2),
)
MANY = tuple(
    entry(
        at % 60, report(f"{at:012x}", f"Finding number {at}", barcode=f"3123400000{at:04}"), age=at, overdue=at % 3 == 0
    )
    for at in range(50)
)
WAITING = entry(5, LABEL, msgspec.structs.replace(MENDED, operator="w-another"), age=5, overdue=True)
"""Repaired by another person."""
OWN = entry(5, LABEL, MENDED, age=5, overdue=True)
"""Repaired by the viewer."""

FLAGGED = msgspec.structs.replace(
    SCENES["fail"],
    worker=VIEWER,
    flags=(
        Flag("5b1c9a7e44f0", Sentence.verbatim("Spine label"), "Marking", "2026-11-26", CorrectionState.OPEN, new=True),
        Flag(
            "0a6630d2b18e", Sentence.verbatim("Price"), "Acquisitions", "2026-11-20", CorrectionState.OPEN, overdue=True
        ),
    ),
)
PASS_TO_RECHECK = msgspec.structs.replace(
    SCENES["fail"],
    verdict=Verdict.PASS,
    findings=(),
    flags=(Flag("5b1c9a7e44f0", Sentence.verbatim("Spine label"), "Marking", "2026-11-26", CorrectionState.MENDED),),
)


BARCODES = tuple(f"31234000{number:06}" for number in range(60))
LOT = RejectedLot(
    whose=Whose.WORKER,
    subject=VIEWER,
    lot=3,
    at="2026-11-20T09:00:00.000000+00:00",
    items=BARCODES,
    unordered=BARCODES[4:],
)
VENDORS = RejectedLot(
    whose=Whose.VENDOR,
    subject="Baker & Taylor",
    lot=12,
    at="2026-11-21T09:00:00.000000+00:00",
    items=BARCODES[:1],
    unordered=BARCODES[:1],
)


class FakeWork:
    """`ports.WorkPort` over prepared entries."""

    def __init__(
        self,
        entries: tuple[Entry, ...] = ENTRIES,
        error: Exception | None = None,
        lots: tuple[RejectedLot, ...] = (),
    ) -> None:
        self.lots = lots
        self.items: dict[str, ItemToFix] = {}
        """By barcode; any other item is unknown."""
        self.entries = entries
        self.error = error
        self.viewers: list[str] = []
        self.names_known = NAMES

    def corrections(self, viewer: str) -> tuple[Entry, ...]:
        self.viewers.append(viewer)
        if self.error is not None:
            raise self.error
        return tuple(entry for entry in self.entries if not entry.closed_at)

    def correction(self, viewer: str, name: str) -> Entry | None:
        self.viewers.append(viewer)
        if self.error is not None:
            raise self.error
        return next((entry for entry in self.entries if entry.correction.id == name), None)

    def item_to_fix(self, viewer: str, barcode: str) -> ItemToFix:
        self.viewers.append(viewer)
        return self.items.get(barcode, UNKNOWN)

    def rejected(self, viewer: str) -> tuple[RejectedLot, ...]:
        self.viewers.append(viewer)
        if self.error is not None:
            raise self.error
        return self.lots

    def names(self, viewer: str, another: str) -> dict[str, str]:
        return self.names_known
