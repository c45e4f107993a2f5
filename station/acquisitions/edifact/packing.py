"""Make packing lists of vendors' documents: despatch advices and invoices name what is in the box, copy by copy where
the vendor has barcoded the copies; orders, quotes and order responses name what is ordered.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from station.acquisitions.edifact.documents import Copy, Document, DocumentKind, Line
from station.acquisitions.packing_lists import number_of, whole
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList

_QUANTITIES: Final = {
    DocumentKind.DESPATCH_ADVICE: (ListKind.BOX, ("12",)),
    DocumentKind.INVOICE: (ListKind.BOX, ("47",)),
    DocumentKind.ORDER: (ListKind.ORDER, ("21",)),
    DocumentKind.QUOTE: (ListKind.ORDER, ("1", "21")),
    DocumentKind.ORDER_RESPONSE: (ListKind.ORDER, ("21",)),
}
"""Kind of the list, and the quantity of its lines."""
_BEHIND_NUMBER: Final = {DocumentKind.QUOTE: "QUOTES", DocumentKind.ORDER_RESPONSE: "ORDRSP"}
"""Type of message that follows the number of such a list: vendors give it the number of the order itself."""
_CANCELLED: Final = "2"
"""Code 1229 of LIN: the line is deleted."""
_CANCELLED_STATUSES: Final = frozenset({"200", "220", "221", "222", "223"})
"""EDItEUR's response codes: not accepted, cancelled."""
TRADE_NUMBERS: Final = frozenset({"EN", "IB", "IS", "IM", "UP", "SRV"})
"""Qualifiers of numbers that stand on a piece: EAN and ISBN-13, ISBN-10, ISSN, ISMN, UPC, GTIN."""
_PRICES: Final = ("AAA", "AAB", "AAE", "AAF")


def packing_list(document: Document, file: str) -> PackingList | None:
    """Return the packing list of a document; None if it names no copies that come, as a credit note. Raise
    `PackingRefused` with line and segment if a line names no item, or its quantity is no number of copies."""
    if document.kind not in _QUANTITIES:
        return None
    numbers = [line.number for line in document.lines]
    counted = len(set(numbers)) < len(numbers) or not all(numbers)
    lines = [
        part
        for place, line in enumerate(document.lines, 1)
        for part in _lines(line, str(place) if counted else line.number, document, file)
    ]
    if not lines:
        return None
    named = {line.carton for line in lines}
    made = PackingList(
        name=" ".join(filter(None, (document.number, _BEHIND_NUMBER.get(document.kind)))),
        vendor=clean(document.vendor, 60),
        date=document.date,
        lines=tuple(lines),
        kind=_QUANTITIES[document.kind][0],
        cartons=tuple(carton for carton in document.cartons if carton not in named),
    )
    return whole(made, file)


def _lines(line: Line, number: str, document: Document, file: str) -> Iterator[PackingLine]:
    """Yield a line for each barcoded copy, and one for the other copies. With more barcodes than copies, it is unknown
    which copies are in the box, so none is named."""
    quantity = line.quantity(*_QUANTITIES[document.kind][1])
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
    trade = dict.fromkeys(number_of(n.value) for n in line.numbers if n.qualifier in TRADE_NUMBERS)
    branches, funds = {copy.branch for copy in copies}, {copy.fund for copy in copies}
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
        vendor_number=line.vendor_number,
        fund=funds.pop() if len(funds) == 1 else "",
        carton=line.carton,
        cancelled=line.action == _CANCELLED or not _CANCELLED_STATUSES.isdisjoint(line.statuses),
    )


def _price(line: Line, currency: str) -> str:
    """Return what one copy costs: the line's amount for its copies, since PRI may be the list price or lack charges."""
    copies = line.quantity("47")
    price = line.amount / copies if line.amount is not None and copies else line.price(*_PRICES)
    return "" if price is None else f"{price.quantize(Decimal('0.01'))} {currency}".strip()


def _at(file: str, line: Line, what: Sentence) -> PackingRefused:
    return PackingRefused(Sentence("edifact.at", file=file, line=line.line, segment=line.segment, what=what))
