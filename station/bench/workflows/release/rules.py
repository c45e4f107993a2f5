"""Truck release rules: whether an item may leave, and why not, by journal, open corrections and outbox. Pure.

"82 of 84 on this list are right; these two are not, because ...": docs/reference/quality-sources.md#processing-stations
(stack verify of a finished truck against a list). Libraries do this by hand today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from station.base.sentence import Sentence
from station.domain.corrections.correction import Correction, is_second_check
from station.domain.deliveries.delivery import Delivery, DeliveryState, system_word
from station.domain.events import ConvertBegan, ItemJudged, TagWriteAbandoned, TagWriteStarted, TagWriteVerified
from station.domain.fixed_items import failed_rules, is_fixed
from station.domain.item import ItemRecord
from station.domain.item_state import ItemState, StateSince
from station.domain.ports import Binding, standing
from station.domain.verdict import Verdict
from station.domain.workflows import ReleaseLine, ReleaseState

if TYPE_CHECKING:
    from station.domain.ports import Logged

_TITLES: Final = 3
"""Failed rules that a reason names."""
_STUCK: Final = {DeliveryState.PARKED: "release.parked", DeliveryState.IN_DOUBT: "release.in-doubt"}
_WAITING: Final = frozenset({DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.LEASED})


class Trigger(StrEnum):
    """Triggers of a list's moves."""

    LISTED = "listed"
    """An item was added to the list or removed."""
    RELEASED = "released"
    """The truck may leave; the list is journaled with its right and wrong items."""
    CLEARED = "cleared"
    """The list was emptied."""


_S, _H = ReleaseState, Trigger
MOVES: Final[dict[tuple[ReleaseState, Trigger], ReleaseState]] = {
    (_S.OPEN, _H.LISTED): _S.OPEN,
    (_S.OPEN, _H.CLEARED): _S.OPEN,
    (_S.OPEN, _H.RELEASED): _S.RELEASED,
    (_S.RELEASED, _H.LISTED): _S.OPEN,
    (_S.RELEASED, _H.CLEARED): _S.OPEN,
}
"""Moves of a list. A released list is never released again; the next item begins a new list."""


def line_of(
    barcode: str,
    *,
    logged: Iterable[Logged],
    deliveries: Sequence[Delivery],
    bindings: Sequence[Binding],
    corrections: Sequence[Correction],
    state: StateSince | None,
    record: ItemRecord | None = None,
    viewer: str,
) -> ReleaseLine:
    """Judge one item. `logged`: all events that name it, oldest first. `record`: for an item without a verdict.
    `viewer`: the reader of the line. A viewer who owes the item a blind second check sees only that."""
    logged = tuple(logged)
    judged: dict[int, ItemJudged] = {}
    open_writes: dict[str, TagWriteStarted] = {}
    for entry in standing(logged):
        match entry.event:
            case ItemJudged() as event:
                judged[event.part] = event
            case TagWriteStarted() as event:
                open_writes.pop(event.resumes, None)
                open_writes[event.attempt] = event
            case TagWriteVerified(uid=uid) | TagWriteAbandoned(uid=uid):
                open_writes = {name: write for name, write in open_writes.items() if write.uid != uid}
            case _:
                pass
    item = next(reversed(judged.values())).item if judged else record
    if any(is_second_check(correction, viewer) for correction in corrections):
        title = item.title if item is not None else ""
        return ReleaseLine(barcode=barcode, title=title, right=False, reasons=(Sentence("release.second-check"),))
    parts = max([item.parts if item is not None else 1, *(event.parts for event in judged.values())])
    if state is not None and state.state is ItemState.WITHDRAWN:
        title = item.title if item is not None else ""
        return ReleaseLine(barcode=barcode, title=title, right=False, reasons=(Sentence("release.withdrawn"),))
    reasons = [Sentence("release.unknown")] if item is None else []
    bound = {binding.part: binding.uid for binding in bindings}
    fixed = is_fixed(logged, corrections)
    for part in range(1, parts + 1):
        of_part = _part(judged.get(part), bound.get(part), known=item is not None, fixed=fixed)
        reasons += [reason if parts == 1 else Sentence("release.part", part=part, reason=reason) for reason in of_part]
    reasons += [Sentence("release.half")] if open_writes else []
    reasons += [Sentence("release.correction", title=correction.heading) for correction in corrections]
    newest = {
        (delivery.system, slot): delivery for delivery in deliveries for slot in delivery.intent.slots or {delivery.id}
    }
    reasons += [
        Sentence(_STUCK[delivery.state], system=system_word(delivery.system))
        for delivery in newest.values()
        if delivery.state in _STUCK
    ]
    notes = [
        Sentence("release.to-send", system=system_word(delivery.system))
        for delivery in newest.values()
        if delivery.state in _WAITING
    ]
    return ReleaseLine(
        barcode=barcode,
        title=item.title if item is not None else "",
        right=not reasons,
        reasons=tuple(dict.fromkeys(reasons)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _part(judged: ItemJudged | None, uid: str | None, *, known: bool, fixed: bool) -> list[Sentence]:
    if not known:
        return []
    reasons = [Sentence("release.no-verdict")] if judged is None else []
    if judged is not None and judged.verdict is not Verdict.PASS:
        rules = failed_rules(judged)
        failed = [finding.said for finding in judged.findings if finding.rule in rules and finding.fails_item]
        reasons.append(
            Sentence("release.fixed") if fixed else Sentence("release.fail", why=Sentence.joined(failed[:_TITLES]))
        )
    if uid is None:
        reasons.append(Sentence("release.no-tag"))
    elif judged is not None and judged.uid and uid != judged.uid:
        reasons.append(Sentence("release.other-tag"))
    return reasons


def sentence(lines: Sequence[ReleaseLine]) -> Sentence:
    """Return the state of the whole list as one sentence."""
    right = sum(1 for line in lines if line.right)
    if right == len(lines):
        return Sentence("release.all-right", count=right)
    return Sentence("release.some", count=len(lines) - right, right=right, all=len(lines))


def finished(session: Iterable[Logged]) -> tuple[str, ...]:
    """Return the barcodes of a session (`History.newest_session`) whose newest verdict is a pass, in the order of
    work."""
    passed: dict[tuple[str, int], bool] = {}
    name = ""
    for entry in session:
        match entry.event:
            case ConvertBegan(session=begun):
                name = begun
            case ItemJudged() as event if event.session == name:
                passed[event.barcode, event.part] = event.verdict is Verdict.PASS
            case _:
                pass
    return tuple(dict.fromkeys(barcode for (barcode, _), good in passed.items() if good))
