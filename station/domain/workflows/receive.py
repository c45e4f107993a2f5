"""View of the count at the open carton."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.receiving.counting import CountOutcome, Purpose


class ReceiveState(StrEnum):
    """State of the count; the state table is `bench.workflows.receive.rules.MOVES`."""

    START = "start"
    """No shipment is open at the bench."""
    LIST = "list"
    """Which of several packing lists is in the carton?"""
    PURPOSE = "purpose"
    """What is in the carton that has no papers?"""
    VENDOR = "vendor"
    """Who sent it?"""
    NAME = "name"
    """Who gave the gift, or which lease plan is it?"""
    OPEN = "open"
    """Copies are counted."""
    LINES = "lines"
    """Which line is the copy that has nothing to scan?"""
    BARCODE = "barcode"
    """The list names another barcode for the copy: is the scanned one used?"""
    KEPT = "kept"
    """The library system has received the copy, and keeps that: is the copy undone or sent back all the same?"""
    CLOSING = "closing"
    """Copies are short: is another carton to come?"""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """One of several things to choose from: an open shipment, a list, a vendor, a line."""

    key: str
    """Argument of the action that chooses it."""
    title: str
    detail: Sentence = EMPTY


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must know of an order line when its copy comes."""

    rush: bool = False
    receiving_note: str = ""
    vendor_note: str = ""
    expected: str = ""
    """ISO 8601 date; "" = unknown."""


class CountedCopy(msgspec.Struct, frozen=True, kw_only=True):
    """The newest copy that was counted and neither undone nor sent back."""

    count: str
    """Argument of the actions on it."""
    title: str
    outcome: CountOutcome
    faults: tuple[str, ...] = ()
    """`CopyFault`s."""
    barcode: str = ""
    """Our barcode; "" = not stuck on yet."""
    library: str = ""
    here: int = 0
    """Copies counted on its line."""
    listed: int = 0
    """Copies of its line; 0 = it is on no line."""
    has_line: bool = False
    differs: bool = False
    """True if it has a difference to which a note may be added."""
    receives: bool = False
    """True if the library system receives it once our barcode is on it."""
    order: OrderFacts | None = None
    """What its order line says in the library system; None = nothing to know."""


class ShortLine(msgspec.Struct, frozen=True):
    """A line that lacks copies."""

    title: str
    here: int
    listed: int


class ReceiveView(msgspec.Struct, frozen=True, kw_only=True, tag="receive"):
    """The shipment that is open at the bench."""

    state: ReceiveState = ReceiveState.START
    purpose: Purpose = Purpose.PURCHASE
    sender: str = ""
    """Vendor or donor."""
    papers: str = ""
    """Numbers of its lists, else the carton id."""
    counted: int = 0
    """Copies counted, also those on no line."""
    missing: int = 0
    """Listed copies that have not come."""
    listed: int = 0
    """Copies that its lists name; 0 = it has no lists."""
    newest: CountedCopy | None = None
    short: tuple[ShortLine, ...] = ()
    """Lines that lack copies: those that began to come first."""
    more_short: int = 0
    """Further lines that are not in `short`."""
    offered: tuple[Offered, ...] = ()
    """What to choose from, in the state that asks for it."""
    words: str = ""
    """Title words that were typed."""
    other_edition: bool = False
    """True while a line is chosen of which the copy is another edition."""
    barcode: str = ""
    """The barcode that was scanned, while the station asks about it."""
    listed_barcode: str = ""
