"""Read the documents of library acquisitions from EDIFACT messages of D.96A and EANCOM: invoice, credit note, despatch
advice, order response, order, quote.

Nothing is computed or concluded here: a document holds what the vendor wrote, under the standard's qualifiers. Where
vendors write one thing in different places, a `VendorProfile` says where (docs/receiving.md#edifact).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from station.acquisitions.edifact.messages import Interchange, Message, at
from station.acquisitions.edifact.profiles import VendorProfile, of_party
from station.acquisitions.edifact.segments import Segment
from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.barcodes.carton import carton_id

_CUT: Final = 35
"""Characters after which vendors cut a title into pieces (an..35 of D.96A)."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,6})?|[+-]?[.,][0-9]{1,6}")
_LINE_AMOUNT: Final = "203"
"""Qualifier of MOA: amount of the line. It is never that of a charge."""


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    DESPATCH_ADVICE = "despatch-advice"
    ORDER_RESPONSE = "order-response"
    ORDER = "order"
    QUOTE = "quote"


_KINDS: Final = {
    "INVOIC": DocumentKind.INVOICE,
    "DESADV": DocumentKind.DESPATCH_ADVICE,
    "ORDRSP": DocumentKind.ORDER_RESPONSE,
    "ORDERS": DocumentKind.ORDER,
    "QUOTES": DocumentKind.QUOTE,
}
_CREDIT_NOTE: Final = "381"
"""Code of BGM: credit note."""


class Qualified(msgspec.Struct, frozen=True):
    """A value under a qualifier of the standard."""

    qualifier: str
    value: str


class Amount(msgspec.Struct, frozen=True):
    """A quantity, price or monetary amount under a qualifier of the standard."""

    qualifier: str
    value: Decimal


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """Allowance or charge (ALC)."""

    allowance: bool
    """It is deducted."""
    code: str = ""
    text: str = ""
    amounts: tuple[Amount, ...] = ()
    in_summary: bool = False
    """True if it stands behind the lines."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """Data of one copy (GIR), by the qualifiers of EDItEUR's library code list: LAC barcode, LLO branch, LFN fund, LSM
    shelfmark, LSQ sequence, LST stock category."""

    number: str = ""
    values: Mapping[str, str] = {}

    @property
    def barcode(self) -> str:
        return self.values.get("LAC", "")

    @property
    def branch(self) -> str:
        return self.values.get("LLO", "")

    @property
    def fund(self) -> str:
        return self.values.get("LFN", "")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    action: str = ""
    """Code 1229: 5 accepted, 24 accepted with a change, 2 cancelled."""
    numbers: tuple[Qualified, ...] = ()
    """Article numbers, that of LIN first: EN and IB ISBN, IS ISSN, SA the vendor's number."""
    title_pieces: tuple[str, ...] = ()
    """With their spaces."""
    authors: tuple[str, ...] = ()
    quantities: tuple[Amount, ...] = ()
    """47 invoiced, 12 despatched, 21 ordered, 83 back-ordered, 85 cancelled, 1 quoted."""
    prices: tuple[Amount, ...] = ()
    """AAA net, AAB gross, AAE and AAF information, INV list price (Brodart)."""
    amounts: tuple[Amount, ...] = ()
    references: tuple[Qualified, ...] = ()
    """LI order line, ON order, SLI the vendor's line, QLI quote line."""
    charges: tuple[Charge, ...] = ()
    copies: tuple[Copy, ...] = ()
    statuses: tuple[str, ...] = ()
    """Codes of FTX LIN: availability (IB in stock, OP out of print) or EDItEUR's response codes."""
    carton: str = ""
    """SSCC of the carton (GIN BJ) that the line is in, 18 digits; "" = not given, or in one of several."""
    line: int = 0
    """Line of the file."""
    segment: int = 0

    @property
    def title(self) -> str:
        """Return the title for people. A piece of fewer than 35 characters lost its final space; behind one of 35, a
        space is as likely as none, so only punctuation gets it."""
        text = ""
        for before, piece in zip(("", *self.title_pieces), self.title_pieces, strict=False):
            space = before and (len(before) < _CUT or not before[-1].isalnum())
            text += f" {piece}" if space else piece
        return clean(text, 300)

    @property
    def title_key(self) -> str:
        """Return the letters and digits of the title, for comparison: how the pieces are joined does not matter."""
        return "".join(char for char in "".join(self.title_pieces).casefold() if char.isalnum())

    @property
    def vendor_number(self) -> str:
        """Return the vendor's number of the title (PIA SA), else of its line (RFF SLI); "" = not given."""
        own = next((number.value for number in self.numbers if number.qualifier == "SA"), "")
        return own or self.reference("SLI")

    @property
    def order_line(self) -> str:
        """Return the library's order line or order; "" = not given."""
        return self.reference("LI", "ON", "QLI")

    @property
    def amount(self) -> Decimal | None:
        """Return what the line costs (MOA 203); None = not given."""
        return _first(self.amounts, (_LINE_AMOUNT,))

    @property
    def trade_number(self) -> str:
        """Return the ISBN, else the ISSN, that the line has; "" = neither."""
        values = {number.qualifier: number.value for number in reversed(self.numbers)}
        return next((values[qualifier] for qualifier in ("EN", "IB", "IS") if values.get(qualifier)), "")

    def quantity(self, *qualifiers: str) -> Decimal | None:
        """Return the quantity of the first of these qualifiers that the line has; None = it has none."""
        return _first(self.quantities, qualifiers)

    def price(self, *qualifiers: str) -> Decimal | None:
        """Return the price of the first of these qualifiers that the line has; None = it has none."""
        return _first(self.prices, qualifiers)

    def reference(self, *qualifiers: str) -> str:
        """Return the reference of the first of these qualifiers that the line has; "" = it has none."""
        values = {reference.qualifier: reference.value for reference in reversed(self.references)}
        return next((values[qualifier] for qualifier in qualifiers if values.get(qualifier)), "")


class Document(msgspec.Struct, frozen=True, kw_only=True):
    kind: DocumentKind
    number: str
    date: str = ""
    """Date of the document (DTM 137), ISO 8601; "" = not given."""
    due: str = ""
    """Date on which payment is due (DTM 13), ISO 8601; "" = not given."""
    vendor: str
    """Name of the vendor's profile, else the vendor's identifier in the interchange."""
    sender: str = ""
    recipient: str = ""
    """The buyer's number at the vendor: a suffix may name an account."""
    currency: str = ""
    """ISO 4217; "" = not given."""
    references: tuple[Qualified, ...] = ()
    lines: tuple[Line, ...] = ()
    charges: tuple[Charge, ...] = ()
    """Of the header and of the summary."""
    totals: tuple[Amount, ...] = ()
    """Amounts of the summary that belong to no charge: 86 message, 79 lines, 9 payable."""
    counts: Mapping[str, str] = {}
    """Control totals (CNT): 1 quantity, 2 lines."""
    cartons: tuple[str, ...] = ()
    """SSCCs, 18 digits."""


def read(message: Message, interchange: Interchange, file: str) -> Document:
    """Return the document of a message. `file`: cleaned name for errors. Raise `VendorFileRefused` with line and
    segment if the type is none of library acquisitions, there is no number, or a number or date is not one."""
    head = message.segments[0]
    if message.type not in _KINDS:
        raise at(file, head.line, head.number, Sentence("edifact.other-message", type=message.type))
    bgm = next((segment for segment in message.segments if segment.tag == "BGM"), None)
    if bgm is None or not bgm.value(1):
        raise at(file, head.line, head.number, Sentence("edifact.no-number"))
    kind = _KINDS[message.type]
    party = interchange.recipient if kind is DocumentKind.ORDER else interchange.sender
    profile = of_party(party)
    reader = _Reader(profile, file)
    for segment in message.segments[1:-1]:
        reader.take(segment)
    if kind is DocumentKind.INVOICE and bgm.value(0) == _CREDIT_NOTE:
        kind = DocumentKind.CREDIT_NOTE
    return Document(
        kind=kind,
        number=bgm.value(1),
        date=reader.date,
        due=reader.due,
        vendor=profile.vendor or party,
        sender=interchange.sender,
        recipient=interchange.recipient,
        currency=reader.currency,
        references=tuple(reader.header.references),
        lines=tuple(part.line() for part in reader.lines),
        charges=(*reader.header.charges(), *reader.summary.charges(in_summary=True)),
        totals=tuple(reader.summary.amounts),
        counts=reader.counts,
        cartons=tuple(dict.fromkeys(reader.cartons)),
    )


class _Part:
    """Values of the header, of a line or of the summary, as its segments come."""

    def __init__(self, head: Segment | None = None, cartons: Sequence[str] = ()) -> None:
        self.references: list[Qualified] = []
        self.amounts: list[Amount] = []
        self.numbers: list[Qualified] = []
        self.pieces: list[str] = []
        self.authors: list[str] = []
        self.quantities: list[Amount] = []
        self.prices: list[Amount] = []
        self.copies: list[Copy] = []
        self.statuses: list[str] = []
        self.cartons: list[str] = []
        """Of the line itself."""
        self._head = head
        self._around = cartons
        """Cartons of the packing level (CPS) that the line is in."""
        self._charges: list[tuple[Segment, list[Amount]]] = []

    def open_charge(self, segment: Segment) -> None:
        self._charges.append((segment, []))

    def add_amount(self, amount: Amount) -> None:
        """Add an amount to the last charge, if there is one."""
        if self._charges and amount.qualifier != _LINE_AMOUNT:
            self._charges[-1][1].append(amount)
        else:
            self.amounts.append(amount)

    @property
    def in_charge(self) -> bool:
        return bool(self._charges)

    def charges(self, *, in_summary: bool = False) -> tuple[Charge, ...]:
        return tuple(
            Charge(
                allowance=head.value(0) == "A",
                code=head.value(4) or head.value(3),
                text=head.value(4, 3) or head.value(4, 4),
                amounts=tuple(amounts),
                in_summary=in_summary,
            )
            for head, amounts in self._charges
        )

    def line(self) -> Line:
        head = self._head or Segment("LIN", (), 0, 0)
        own = Qualified(head.value(2, 1), head.value(2))
        cartons = self.cartons or self._around
        return Line(
            number=head.value(0),
            action=head.value(1),
            numbers=(*((own,) if own.value else ()), *self.numbers),
            title_pieces=tuple(self.pieces),
            authors=tuple(self.authors),
            quantities=tuple(self.quantities),
            prices=tuple(self.prices),
            amounts=tuple(self.amounts),
            references=tuple(self.references),
            charges=self.charges(),
            copies=tuple(self.copies),
            statuses=tuple(self.statuses),
            carton=cartons[0] if len(cartons) == 1 else "",
            line=head.line,
            segment=head.number,
        )


class _Reader:
    """Takes the segments of a message between UNH and UNT."""

    def __init__(self, profile: VendorProfile, file: str) -> None:
        self.header = _Part()
        self.summary = _Part()
        self.lines: list[_Part] = []
        self.counts: dict[str, str] = {}
        self.cartons: list[str] = []
        self.date = ""
        self.due = ""
        self.currency = ""
        self._part = self.header
        self._around: list[str] = []
        self._profile = profile
        self._file = file

    def take(self, segment: Segment) -> None:
        part = self._part
        match segment.tag:
            case "LIN":
                self._part = _Part(segment, self._around)
                self.lines.append(self._part)
            case "UNS":
                self._part = self.summary
            case "CNT":  # messages without UNS end their lines here
                self._part = self.summary
                self.counts[segment.value(0)] = segment.value(0, 1)
            case "CPS":  # the next carton: its lines follow
                self._part, self._around = self.header, []
            case "GIN" if segment.value(0) == "BJ":
                cartons = [carton_id(segment.value(place)) for place in range(1, len(segment.elements))]
                (self._around if part is self.header else part.cartons).extend(cartons)
                self.cartons.extend(cartons)
            case "DTM" if segment.value(0) == "137" and part is self.header:
                self.date = self._day(segment)
            case "DTM" if segment.value(0) == "13" and part is self.header:
                self.due = self._day(segment)
            case "CUX":
                self.currency = self.currency or segment.value(0, 1)
            case "ALC":
                part.open_charge(segment)
            case "RFF":
                part.references.append(Qualified(segment.value(0), segment.value(0, 1)))
            case "MOA":
                part.add_amount(self._amount(segment))
            case "QTY" if not part.in_charge:
                part.quantities.append(self._amount(segment))
            case "PRI":
                part.prices.append(self._amount(segment))
            case "PIA":
                part.numbers.extend(Qualified(*pair) for pair in _pairs(segment))
            case "IMD":
                self._describe(part, segment)
            case "GIR":
                values = {qualifier: value for qualifier, value in _pairs(segment) if qualifier}
                part.copies.append(Copy(number=segment.value(0), values=values))
            case "FTX" if segment.value(0) == "LIN" and segment.value(2):
                part.statuses.append(segment.value(2))

    def _describe(self, part: _Part, segment: Segment) -> None:
        """Add a title or an author. The text is in the components of C273 behind code, list and agency."""
        code, texts = segment.value(1), segment.elements[2][3:] if len(segment.elements) > 2 else ()
        pieces = [text[: _CUT * 10] for text in texts if text.strip()]
        if code in self._profile.title_codes:
            part.pieces.extend(pieces)
        elif code in self._profile.author_codes:
            part.authors.append(clean(" ".join(pieces)))

    def _amount(self, segment: Segment) -> Amount:
        text = segment.value(0, 1)
        if not _NUMBER.fullmatch(text):
            raise at(
                self._file, segment.line, segment.number, Sentence("edifact.no-amount", tag=segment.tag, text=text)
            )
        return Amount(segment.value(0), Decimal(text.replace(",", ".")))

    def _day(self, segment: Segment) -> str:
        """Return a date of format 102 (CCYYMMDD), 203 or 204 (the same with a time)."""
        text = segment.value(0, 1)
        try:
            return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}").isoformat()
        except ValueError as error:
            what = Sentence("edifact.no-date", tag=segment.tag, text=text)
            raise at(self._file, segment.line, segment.number, what) from error


def _pairs(segment: Segment) -> Iterator[tuple[str, str]]:
    """Yield qualifier and value of the elements behind the first: PIA and GIR write the qualifier last."""
    for place, element in enumerate(segment.elements[1:], 1):
        if len(element) > 1:
            yield segment.value(place, 1), segment.value(place)


def _first(amounts: Sequence[Amount], qualifiers: Sequence[str]) -> Decimal | None:
    values = {amount.qualifier: amount.value for amount in reversed(amounts)}
    return next((values[qualifier] for qualifier in qualifiers if qualifier in values), None)
