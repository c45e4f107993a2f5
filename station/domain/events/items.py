"""One item from its scan to its verdict, with the draw that decides whether a person checks it."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.packing_lists import LineKey
from station.domain.sampling import Drawn, Stream, Switch
from station.domain.snapshot import Verdict, Waiver


class ItemScanned(Event, frozen=True, kw_only=True, tag="item-scanned"):
    """A barcode was accepted and its record found."""

    barcode: str
    part: int
    item: ItemRecord


class ScanRefused(Event, frozen=True, kw_only=True, tag="scan-refused"):
    """A scan was not accepted; `text` is cleaned."""

    text: str
    code: str
    reason: str = ""


class LineStopped(Event, frozen=True, kw_only=True, tag="line-stopped"):
    """A fault stopped the work and was shown to the operator."""

    code: str
    sentence: str
    detail: str = ""
    barcode: str = ""
    uid: str = ""


class ChoiceMade(Event, frozen=True, kw_only=True, tag="choice-made"):
    code: str
    choice: str


class ItemDrawn(Event, frozen=True, kw_only=True, tag="item-drawn"):
    """Decides whether a person checks this item. `streams` holds seed and plan, so that the draw can be repeated."""

    barcode: str
    part: int = 1
    asked: bool
    """False: only what is always asked."""
    reason: str
    """Why, as a sentence."""
    draws: tuple[Drawn, ...]
    streams: tuple[Stream, ...]
    """Their state after the draw."""
    switches: tuple[Switch, ...] = ()
    """What changed just before the draw."""


class SamplingCounted(Event, frozen=True, kw_only=True, tag="sampling-counted"):
    """The streams after a verdict; journaled together with it."""

    barcode: str
    part: int = 1
    streams: tuple[Stream, ...]
    switches: tuple[Switch, ...] = ()


class CheckAnswered(Event, frozen=True, kw_only=True, tag="check-answered"):
    barcode: str
    finding: Finding
    checklist: str = ""
    """The checklist that it belongs to (`WithdrawalBegan`); "" = the item's own checks."""


class ItemJudged(Event, frozen=True, kw_only=True, tag="item-judged"):
    """The result: committed in one transaction with its deliveries."""

    barcode: str
    uid: str
    part: int
    parts: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    item: ItemRecord
    seconds: float = 0.0
    """From the first scan or sight of the tag to the verdict."""
    finished_by: str = ""
    """The worker who gave the last answer; "" = the operator, whose work the item is."""
    waivers: tuple[Waiver, ...] = ()
    """Failed findings that do not count, each with the person who waived it and the reason."""
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed; `findings` has only its other outcomes. () in old journals: all are above."""
    day: str = ""
    """The day (ISO 8601) by which rules were in force; "" in old journals."""
    receipt: LineKey | None = None
    """The line of a packing list that the item is a copy of."""
    session: str = ""
    """The conversion session that it belongs to; then no person was asked."""


class ItemSetAside(Event, frozen=True, kw_only=True, tag="item-set-aside"):
    """The operator gave up the item before its verdict."""

    barcode: str
    uid: str = ""
    reason: str = ""
