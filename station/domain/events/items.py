"""One item from its scan to its verdict, including the draw that decides whether a person checks it."""

from __future__ import annotations

from typing import Final

from station.base.sentence import EMPTY, Sentence
from station.domain.events.base import Event
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import LineKey
from station.domain.sampling import Drawn, Stream, Switch
from station.domain.verdict import Verdict, Waiver


class ItemScanned(Event, frozen=True, kw_only=True, tag="item-scanned"):
    """A barcode was accepted and its record found."""

    barcode: str
    part: int
    item: ItemRecord
    by_search: bool = False
    """True if the operator chose the item in the search, so that no barcode proves which item it is."""
    session: str = ""
    """Id of the conversion session that took the item; "" = another workflow did, or an old journal."""


class ScanRefused(Event, frozen=True, kw_only=True, tag="scan-refused"):
    """A scan was not accepted; `text` is cleaned."""

    text: Sentence
    code: str
    reason: Sentence = EMPTY


class LineStopped(Event, frozen=True, kw_only=True, tag="line-stopped"):
    """A fault stopped the work and was shown to the operator."""

    code: str
    sentence: Sentence
    detail: Sentence = EMPTY
    barcode: str = ""
    uid: str = ""


class ChoiceMade(Event, frozen=True, kw_only=True, tag="choice-made"):
    code: str
    choice: str


class ItemDrawn(Event, frozen=True, kw_only=True, tag="item-drawn"):
    """The draw that decides whether a person checks this item. `streams` holds seed and plan, so that the draw can be
    repeated."""

    barcode: str
    part: int = 1
    asked: bool
    """False: the person is asked only the checks that are always asked."""
    reason: Sentence
    """The reason for the decision, as a sentence."""
    code: str = ""
    """The reason as a code: "nobody", "recheck", "open", "trainee", "failed", "quick", "drawn", "sample" or "not-sample";
    "" in old journals."""
    draws: tuple[Drawn, ...]
    streams: tuple[Stream, ...]
    """State of the streams after the draw."""
    switches: tuple[Switch, ...] = ()
    """Switches of inspection level just before the draw."""


class SamplingCounted(Event, frozen=True, kw_only=True, tag="sampling-counted"):
    """State of the streams after a verdict; journaled together with the verdict."""

    barcode: str
    part: int = 1
    streams: tuple[Stream, ...]
    switches: tuple[Switch, ...] = ()


class CheckAnswered(Event, frozen=True, kw_only=True, tag="check-answered"):
    barcode: str
    finding: Finding
    checklist: str = ""
    """The checklist that the check belongs to (`WithdrawalBegan`); "" = the item's own checks."""
    together: bool = False
    """True if one tap passed all open checks of a page."""
    seconds: float = 0.0
    """Seconds from the opening of the page to the answer; 0 = not measured, as in old journals."""
    quick: bool = False
    """True if the page was passed sooner than `screen.all_good_after` allows at the screen."""


class ItemJudged(Event, frozen=True, kw_only=True, tag="item-judged"):
    """The verdict on an item, committed in one transaction with its deliveries."""

    barcode: str
    uid: str
    part: int
    parts: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    item: ItemRecord
    seconds: float = 0.0
    """Seconds from the first scan or first reading of the tag to the verdict."""
    finished_by: str = ""
    """The worker who gave the last answer; "" = the operator, who processed the item."""
    waivers: tuple[Waiver, ...] = ()
    """Failed findings that do not count, each with the person who waived it and the reason."""
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed; `findings` has only its other outcomes. () in old journals, where
    `findings` has all outcomes."""
    day: str = ""
    """The day (ISO 8601) that selected the rules in force; "" in old journals."""
    receipt: LineKey | None = None
    """The packing-list line that the item is a copy of."""
    session: str = ""
    """The conversion session that the item belongs to. With a session, no person was asked."""


class VerdictTakenBack(Event, frozen=True, kw_only=True, tag="verdict-taken-back"):
    """The last answer, and with it the verdict, were taken back before the library systems were told. The tag stays
    written, and the item has no verdict. The verdict's deliveries are discarded in the same transaction."""

    barcode: str
    uid: str
    part: int
    judged: int
    """Sequence number of the verdict's `ItemJudged`."""
    first: int
    """Sequence number of the first event that was journaled with the verdict."""
    rules: tuple[str, ...]
    """The rules whose answers were taken back."""
    streams: tuple[Stream, ...] = ()
    """State of the sampling streams before the verdict, which is their state again."""


SENDER_GONE: Final = "sender-gone"
"""Code of `ItemSetAside`: the job of another terminal ended with the item in hand."""


class ItemSetAside(Event, frozen=True, kw_only=True, tag="item-set-aside"):
    """The item was given up before its verdict."""

    barcode: str
    uid: str = ""
    reason: Sentence = EMPTY
    """The reason in words; in old journals also the code of a stop."""
    code: str = ""
    """Code of the stop that the operator left, or `SENDER_GONE`; "" = neither, or an old journal. An item with a tag
    that its sender left still has to be checked; an operator who sets it aside has decided."""


ItemEvent = (
    ItemScanned
    | ScanRefused
    | LineStopped
    | ChoiceMade
    | ItemDrawn
    | SamplingCounted
    | CheckAnswered
    | ItemJudged
    | VerdictTakenBack
    | ItemSetAside
)
