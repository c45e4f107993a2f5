"""The count at the open carton: its moves, what the large sentence says, and which numbers a copy has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.item.titles import LONGEST
from station.catalog.record.publisher_number import piece_number, publisher_kind
from station.domain.events import Added, CopyCounted, Gift, LeaseIn
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import ListKind
from station.domain.receiving.counting import CountOutcome, Purpose
from station.domain.receiving.order_line import OrderLine
from station.domain.receiving.shipment import AddedCopy, Count, Shipment, ShipmentLine
from station.domain.snapshot import Light
from station.domain.workflows import CountedCopy, OrderFacts, ReceiveState, ReceiveView, ShortLine

MOST_SHORT: Final = 200
"""Lines that the screen lists."""
LONGEST_TITLE: Final = 200
"""Characters of a title in a list."""
_EAN: Final = 13
"""Digits before an add-on barcode."""
_TRADE_UNIT: Final = 14


class Trigger(StrEnum):
    """Triggers of a count's moves."""

    OPENED = "opened"
    """A shipment was opened, or an open one was taken up."""
    SEVERAL = "several"
    """Several lists have the number."""
    NO_LIST = "no-list"
    """There are no papers, or no list names the carton."""
    ASK_VENDOR = "ask-vendor"
    ASK_NAME = "ask-name"
    COUNTED = "counted"
    """A copy was counted."""
    CHANGED = "changed"
    """A count was undone, a fault was noted, a barcode was bound, or a copy was sent back."""
    SEARCHED = "searched"
    """Title words were typed."""
    DIFFERS = "differs"
    """The list names another barcode for the copy."""
    RECEIVED = "received"
    """The library system has received the copy that is to be undone or sent back."""
    ENDING = "ending"
    """The carton is counted, and copies are short."""
    CLOSED = "closed"
    """The shipment was closed, here or elsewhere."""
    LEFT = "left"
    """A question was left, or the shipment was put aside."""


_S, _H = ReceiveState, Trigger
MOVES: Final[dict[tuple[ReceiveState, Trigger], ReceiveState]] = {
    (_S.START, _H.OPENED): _S.OPEN,
    (_S.START, _H.SEVERAL): _S.LIST,
    (_S.START, _H.NO_LIST): _S.PURPOSE,
    (_S.LIST, _H.OPENED): _S.OPEN,
    (_S.LIST, _H.LEFT): _S.START,
    (_S.PURPOSE, _H.ASK_VENDOR): _S.VENDOR,
    (_S.PURPOSE, _H.ASK_NAME): _S.NAME,
    (_S.PURPOSE, _H.OPENED): _S.OPEN,
    (_S.PURPOSE, _H.LEFT): _S.START,
    (_S.VENDOR, _H.ASK_NAME): _S.NAME,
    (_S.VENDOR, _H.OPENED): _S.OPEN,
    (_S.VENDOR, _H.LEFT): _S.START,
    (_S.NAME, _H.OPENED): _S.OPEN,
    (_S.NAME, _H.LEFT): _S.START,
    (_S.OPEN, _H.COUNTED): _S.OPEN,
    (_S.OPEN, _H.CHANGED): _S.OPEN,
    (_S.OPEN, _H.SEARCHED): _S.LINES,
    (_S.OPEN, _H.DIFFERS): _S.BARCODE,
    (_S.OPEN, _H.ENDING): _S.CLOSING,
    (_S.OPEN, _H.CLOSED): _S.START,
    (_S.OPEN, _H.LEFT): _S.START,
    (_S.LINES, _H.COUNTED): _S.OPEN,
    (_S.LINES, _H.LEFT): _S.OPEN,
    (_S.BARCODE, _H.CHANGED): _S.OPEN,
    (_S.BARCODE, _H.LEFT): _S.OPEN,
    (_S.OPEN, _H.RECEIVED): _S.KEPT,
    (_S.KEPT, _H.LEFT): _S.OPEN,
    (_S.CLOSING, _H.CLOSED): _S.START,
    (_S.CLOSING, _H.LEFT): _S.OPEN,
}
"""Moves of a count. Copies are counted only in an open shipment; every question can be left."""


def numbers_of(text: str) -> tuple[str, ...]:
    """Return the number of a publisher's barcode in the form of the lists, without an add-on for issue or price; () = the
    text is none. 14 digits are a trade unit (GTIN-14) or a library's barcode, never a piece."""
    digits = "".join(text.split()).replace("-", "")
    if not publisher_kind(text) or len(digits) == _TRADE_UNIT:
        return ()
    number = piece_number(text)[0] or piece_number(digits[:_EAN])[0]
    return (number,) if number else ()


def copy_scanned(shipment: Shipment, scanned: str, numbers: tuple[str, ...], record: ItemRecord | None) -> CopyCounted:
    """Return the count of a copy with this text on it. `numbers`: `numbers_of` the text; `record`: the record of its number,
    which tells the title and the numbers of other editions."""
    return CopyCounted(
        shipment=shipment.id,
        scanned=scanned,
        numbers=numbers,
        related=tuple(number for number in record.isbns if number not in numbers) if record is not None else (),
        title=clean(record.title, LONGEST_TITLE) if record is not None else "",
    )


def addition(
    shipment: Shipment, count: Count, barcode: str, copy: AddedCopy, points: str = ""
) -> Added | Gift | LeaseIn:
    """Return that our barcode is stuck on a copy: it is part of the collection. `points`: allowance of a leased copy."""
    match shipment.purpose:
        case Purpose.GIFT:
            return Gift(barcode=barcode, count=count.id, copy=copy, donor=shipment.donor)
        case Purpose.LEASE:
            return LeaseIn(barcode=barcode, count=count.id, copy=copy, plan=shipment.plan, points=points)
        case _:
            return Added(barcode=barcode, count=count.id, copy=copy, purpose=shipment.purpose)


class Short(NamedTuple):
    """What a shipment lacks."""

    lines: tuple[ShortLine, ...] = ()
    """The first `MOST_SHORT` lines: those of which some copies have come, then the others, as in the lists."""
    more: int = 0
    """Further lines."""
    copies: int = 0


def short_of(lines: Iterable[ShipmentLine]) -> Short:
    """Return what the lines lack. A cancelled line lacks nothing, and one of an order may come in any box."""
    lacking = [line for line in lines if line.lacks and not line.line.cancelled and line.kind is ListKind.BOX]
    copies = sum(line.lacks for line in lacking)
    first = sorted(lacking, key=lambda line: not line.here)[:MOST_SHORT]
    shown = (ShortLine(title_of(line.line.title, line.line.numbers), line.here, line.line.quantity) for line in first)
    return Short(tuple(shown), len(lacking) - len(first), copies)


def title_of(title: str, numbers: Iterable[str] = ()) -> str:
    """Return a title, else the first number, else "?"; as clean text."""
    return next(filter(None, (clean(text, LONGEST_TITLE) for text in (title, *numbers))), "?")


def prompt(view: ReceiveView, *, fresh: bool, short: int) -> Sentence:
    """Return the large sentence. `fresh`: the newest copy was counted just now; `short`: copies that are short."""
    match view.state:
        case ReceiveState.START:
            return Sentence("receive.start")
        case ReceiveState.LIST:
            return Sentence("receive.choose-list")
        case ReceiveState.PURPOSE:
            return Sentence("receive.choose-purpose")
        case ReceiveState.VENDOR:
            return Sentence("receive.choose-vendor")
        case ReceiveState.NAME:
            return Sentence("receive.type-donor" if view.purpose is Purpose.GIFT else "receive.type-plan")
        case ReceiveState.OPEN:
            newest = view.newest
            return outcome_sentence(newest) if fresh and newest is not None else Sentence("receive.scan")
        case ReceiveState.LINES:
            if not view.offered:
                return Sentence("receive.no-line")
            return Sentence("receive.choose-edition" if view.other_edition else "receive.choose-line")
        case ReceiveState.BARCODE:
            return Sentence("receive.other-barcode")
        case ReceiveState.KEPT:
            return Sentence("receive.kept", title=_short(view.newest.title) if view.newest is not None else "")
        case ReceiveState.CLOSING:
            return Sentence("receive.more", count=short)


def order_facts(line: OrderLine | None) -> OrderFacts | None:
    """Return what a person must know of an order line when its copy comes; None = nothing."""
    if line is None:
        return None
    facts = OrderFacts(
        rush=line.rush,
        receiving_note=clean(line.receiving_note, LONGEST_TITLE),
        vendor_note=clean(line.vendor_note, LONGEST_TITLE),
        expected=line.expected,
    )
    return None if facts == OrderFacts() else facts


def outcome_sentence(copy: CountedCopy) -> Sentence:
    """Return what the count says of the copy, with its title; at a fault, the fault."""
    title = _short(copy.title)
    if copy.faults:
        return Sentence(f"receive.fault.{copy.faults[0]}", title=title)
    if copy.listed and copy.outcome is CountOutcome.MATCHED:
        return Sentence("receive.of-line.matched", title=title, here=copy.here, listed=copy.listed)
    if copy.listed and copy.outcome is CountOutcome.OVER:
        return Sentence("receive.of-line.over", title=title, here=copy.here, listed=copy.listed)
    return Sentence(f"receive.outcome.{copy.outcome}", title=title)


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"


def light(copy: CountedCopy) -> Light:
    """Return green for a copy that was expected and is good, else amber."""
    return Light.GOOD if copy.outcome is CountOutcome.MATCHED and not copy.faults else Light.WARNING
