"""Make packing lists of vendors' despatch advices and invoices: what is in the box, copy by copy where the vendor has
barcoded the copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from station.acquisitions.edifact.documents import Copy, Document, DocumentKind, Line
from station.acquisitions.packing_lists import number_of
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.domain.packing_lists.packing_list import PackingLine, PackingList

PACKING_KINDS: Final = (DocumentKind.DESPATCH_ADVICE, DocumentKind.INVOICE)
"""Documents that say what is in the box. A credit note sends nothing."""
_QUANTITIES: Final = {DocumentKind.DESPATCH_ADVICE: ("12",), DocumentKind.INVOICE: ("47",)}
_TRADE_NUMBERS: Final = frozenset({"EN", "IB", "IS", "IM", "UP", "SRV"})
"""Qualifiers of numbers that stand on a piece: EAN and ISBN-13, ISBN-10, ISSN, ISMN, UPC, GTIN."""
_PRICES: Final = ("AAA", "AAB", "AAE", "AAF")


def packing_list(document: Document, file: str) -> PackingList:
    """Return the packing list of a document of `PACKING_KINDS`. Raise `PackingRefused` with line and segment if a line
    names no item, or its quantity is no number of copies."""
    numbers = [line.number for line in document.lines]
    counted = len(set(numbers)) < len(numbers) or not all(numbers)
    lines = [
        part
        for place, line in enumerate(document.lines, 1)
        for part in _lines(line, str(place) if counted else line.number, document, file)
    ]
    if not lines:
        raise PackingRefused(Sentence("packing.empty", file=file))
    return PackingList(name=document.number, vendor=document.vendor, date=document.date, lines=tuple(lines))


def _lines(line: Line, number: str, document: Document, file: str) -> Iterator[PackingLine]:
    """Yield a line for each barcoded copy, and one for the other copies. With more barcodes than copies, it is unknown
    which copies are in the box, so none is named."""
    quantity = line.quantity(*_QUANTITIES[document.kind])
    copies = Decimal(1) if quantity is None else quantity
    if copies != int(copies) or not 0 <= copies <= 9999:
        raise _at(file, line, Sentence("packing.no-number", column="QTY", text=str(copies)))
    barcoded = [copy for copy in line.copies if copy.barcode]
    if len(barcoded) > copies:
        barcoded = []
    for copy in barcoded:
        yield _line(
            line, f"{number}.{copy.number or barcoded.index(copy) + 1}", 1, copy.barcode, [copy], document, file
        )
    if rest := int(copies) - len(barcoded):
        others = [copy for copy in line.copies if not copy.barcode]
        yield _line(line, number, rest, "", others, document, file)


def _line(
    line: Line, number: str, quantity: int, barcode: str, copies: list[Copy], document: Document, file: str
) -> PackingLine:
    trade = dict.fromkeys(number_of(n.value) for n in line.numbers if n.qualifier in _TRADE_NUMBERS)
    branches = {copy.branch for copy in copies}
    if not trade and not line.order_line and not barcode:
        raise _at(file, line, Sentence("packing.no-item", names="LIN, PIA, RFF, GIR"))
    ordered = line.quantity("21")
    return PackingLine(
        line=number,
        barcode=barcode,
        order_line=line.order_line,
        numbers=tuple(filter(None, trade))[:8],
        title=line.title,
        quantity=quantity,
        ordered=int(ordered) if ordered is not None and 0 <= ordered <= 9999 else None,
        price=_price(line, document.currency),
        library=branches.pop() if len(branches) == 1 else "",
    )


def _price(line: Line, currency: str) -> str:
    """Return what one copy costs: the line's amount for its copies, since PRI may be the list price or lack charges."""
    copies = line.quantity("47")
    price = line.amount / copies if line.amount is not None and copies else line.price(*_PRICES)
    return "" if price is None else f"{price.quantize(Decimal('0.01'))} {currency}".strip()


def _at(file: str, line: Line, what: Sentence) -> PackingRefused:
    return PackingRefused(Sentence("edifact.at", file=file, line=line.line, segment=line.segment, what=what))
