"""Items that leave the library, each with its checks, its order to the library system, and its tag. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import item_of
from station.domain.events import AnyEvent, TagErased, WithdrawalBegan, WithdrawalJudged, WithdrawalLeft
from station.domain.findings import Outcome
from station.domain.ports import Logged
from station.domain.verdict import Verdict

TAG_RULE: Final = "tag-released"
"""The rule about the tag of an item that leaves."""
_GONE: Final = frozenset({"erased", "destroyed"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One item that leaves the library."""

    barcode: str
    title: str = ""
    task: str = ""
    """Task of its newest checklist; "" = it has none."""
    state: str = "none"
    """Newest checklist: "pass", "fail", "open", "left"; "none" = the item was not checked."""
    at: str
    """Time of the newest checklist or order."""
    operator: str = ""
    failed: tuple[str, ...] = ()
    """Ids of the failed rules."""
    order: str = ""
    """State of the newest ordered withdrawal (`DeliveryState`); "" = none was ordered."""
    tag: str = "unknown"
    """"live" (the journal has a tag that carries the item), "erased", "destroyed" (a person said how), "unknown"."""
    finished: bool = False


def rows(
    logged: Iterable[Logged],
    orders: Iterable[Delivery],
    *,
    tags_of: Callable[[str], tuple[str, ...]],
    history_of: Callable[[str], Iterable[Logged]],
    titles_of: Callable[[Iterable[str]], dict[str, str]],
    needs_order: bool,
) -> tuple[Row, ...]:
    """Return one row for each item, in the order of their newest events. `tags_of`: UIDs of the tags that carry an
    item; `needs_order`: a library system can withdraw items."""
    row_of: dict[str, Row] = {}
    checked: dict[str, WithdrawalJudged] = {}
    titles: dict[str, str] = {}
    for entry in logged:
        row = _checklist(entry.event, entry.at)
        if row is None:
            continue
        if isinstance(entry.event, WithdrawalBegan):
            titles[row.barcode] = entry.event.item.title
        elif isinstance(entry.event, WithdrawalJudged):
            checked[row.barcode] = entry.event
        row_of[row.barcode] = row
    for order in orders:
        barcode = item_of(order.intent)
        row = row_of.get(barcode) or Row(barcode=barcode, at="", operator=order.intent.operator)
        row_of[barcode] = msgspec.structs.replace(row, order=order.state.value, at=max(row.at, order.event_at))
    titles = titles_of(barcode for barcode in row_of if barcode not in titles) | titles
    whole = (
        _finished(
            msgspec.structs.replace(
                row,
                title=titles.get(row.barcode, ""),
                tag=_tag(checked.get(row.barcode), tags_of(row.barcode), history_of(row.barcode)),
            ),
            needs_order=needs_order,
        )
        for row in row_of.values()
    )
    return tuple(sorted(whole, key=lambda row: row.at))


def _checklist(event: AnyEvent, at: str) -> Row | None:
    failed: tuple[str, ...] = ()
    match event:
        case WithdrawalBegan():
            state = "open"
        case WithdrawalJudged():
            state = "pass" if event.verdict is Verdict.PASS else "fail"
            failed = tuple(finding.rule for finding in event.findings if finding.outcome is Outcome.FAIL)
        case WithdrawalLeft():
            state = "left"
        case _:
            return None
    return Row(barcode=event.barcode, task=event.task, state=state, at=at, operator=event.operator, failed=failed)


def _tag(checked: WithdrawalJudged | None, live: Sequence[str], history: Iterable[Logged]) -> str:
    """Return the state of the item's tags. A pass of an older version, which needed no reason, proves nothing."""
    if checked is not None and any(
        finding.rule == TAG_RULE and finding.outcome is Outcome.PASS and finding.code for finding in checked.findings
    ):
        return "destroyed"
    read_blank = checked.uid if checked is not None and TAG_RULE in checked.passed else ""
    if any(uid != read_blank for uid in live):
        return "live"
    return "erased" if read_blank or any(isinstance(entry.event, TagErased) for entry in history) else "unknown"


def _finished(row: Row, *, needs_order: bool) -> Row:
    ordered = row.order == DeliveryState.DELIVERED or not (row.order or needs_order)
    return msgspec.structs.replace(row, finished=row.state == "pass" and ordered and row.tag in _GONE)
