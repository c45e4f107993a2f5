"""Read invoices and credit memos from EDIFACT (INVOIC), from spreadsheets (CSV or XLSX with a row of names), or from
fields that a person types. Every defect is refused with file and line.

The number of the invoice, its totals and its charges may stand in each row of its lines: then they must be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from station.acquisitions.columns import INVOICE_COLUMNS, INVOICES
from station.acquisitions.columns import read as read_columns
from station.acquisitions.edifact import file as edifact
from station.acquisitions.edifact.documents import Charge as DocumentCharge
from station.acquisitions.edifact.documents import Document, DocumentKind, Line
from station.acquisitions.edifact.messages import Note
from station.acquisitions.edifact.packing import TRADE_NUMBERS
from station.acquisitions.edifact.segments import looks_like as looks_like_edifact
from station.acquisitions.packing_lists import LONGEST, checked_numbers, day_of, number_of
from station.acquisitions.sheets import refused
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.amount import Amount, amount_of
from station.domain.invoices.invoice import ChargeKind, ChargeLevel, Invoice, InvoiceKind
from station.domain.invoices.money import number, places, product, text, total_of
from station.domain.receiving.vendor import Mapper

_KINDS: Final = {DocumentKind.INVOICE: InvoiceKind.INVOICE, DocumentKind.CREDIT_NOTE: InvoiceKind.CREDIT}
_TOTALS: Final = ("86", "79", "9", "129", "128", "125", "176", "259", "260")
"""Qualifiers of MOA that state an amount of the whole document, also behind a charge."""
_CHARGE_AMOUNTS: Final = ("8", "23", "204", "131", "304", "52")
_LIST_PRICES: Final = ("INV", "AAB", "AAE")
CHARGE_KINDS: Final = {
    "C&P": ChargeKind.PROCESSING,
    "DI": ChargeKind.DISCOUNT,
    "DL": ChargeKind.SHIPPING,
    "FC": ChargeKind.FREIGHT,
    "G74": ChargeKind.SERVICE,
    "HD": ChargeKind.HANDLING,
    "LD": ChargeKind.DISCOUNT,
    "PAB": ChargeKind.SHIPPING,
    "PC": ChargeKind.HANDLING,
    "QD": ChargeKind.DISCOUNT,
    "SH": ChargeKind.HANDLING,
    "TD": ChargeKind.DISCOUNT,
    "TX": ChargeKind.TAX,
}
"""Codes of ALC (UN/EDIFACT 7161, and those of vendors whose files were read)."""
_HEAD: Final = ("kind", "date", "due", "currency", "total", "order", "rate", "note")
_CHARGES: Final = tuple(kind.value for kind in ChargeKind)
TYPED_HEAD: Final = ("vendor", "list", *_HEAD, *_CHARGES)
"""Fields of a whole invoice that a person types."""
TYPED_LINE: Final = tuple(name for name in INVOICE_COLUMNS if name not in TYPED_HEAD or name == "order")
"""Fields of a line that a person types."""
_TYPED: Final = re.compile(rf"(?:^|\s+)({'|'.join(TYPED_LINE)})=")
_PLAIN: Final = re.compile(r"-?[0-9]{1,11}(?:[.][0-9]{1,20})?")
_MOST_DECIMALS: Final = 4
_NOISE: Final = Decimal("0.000001")
"""What a spreadsheet's binary numbers may be off."""
_Row = Mapping[str, str]


class InvoiceFile(NamedTuple):
    invoices: tuple[Invoice, ...]
    unused: tuple[str, ...] = ()
    """The vendor's names of columns that are left out."""
    notes: tuple[Note, ...] = ()
    """How an EDIFACT file deviates from the standard."""
    left_out: tuple[Document, ...] = ()
    """Documents that are no invoices."""


def read(
    data: bytes, file: str, *, mapper: Mapper | None = None, default_number: str = "", default_vendor: str = ""
) -> InvoiceFile:
    """Return the invoices of a file, in order. `mapper`: how the vendor's spreadsheets are read; `default_number` and
    `default_vendor`: used if no column gives them. Raise `PackingRefused` or `VendorFileRefused` "FILE, line N: what is
    wrong"."""
    shown = clean(file)
    if looks_like_edifact(data):
        vendor_file = edifact.read(data, shown)
        made = [(document, of_document(document, shown)) for document in vendor_file.documents]
        invoices = tuple(invoice for _, invoice in made if invoice is not None)
        if not invoices:
            raise PackingRefused(Sentence("invoice-file.no-invoices", file=shown))
        left_out = tuple(document for document, invoice in made if invoice is None)
        return InvoiceFile(invoices, notes=vendor_file.notes, left_out=left_out)
    if len(data) > LONGEST:
        raise PackingRefused(Sentence("packing.too-long", file=shown, number=len(data)))
    columns = read_columns(data, shown, mapper or Mapper(), INVOICES)
    rows = [(row.number, columns.values(row, shown)) for row in columns.rows] if columns else []
    if not rows or columns is None:
        raise PackingRefused(Sentence("invoice-file.no-invoices", file=shown))
    dates = mapper.dates if mapper else ""
    return InvoiceFile(_invoices(rows, shown, (default_vendor, default_number), dates), tuple(columns.unused))


def typed(head: _Row, lines: Sequence[str | _Row] = ()) -> Invoice:
    """Return the invoice that a person types. `head`: texts by the names of `TYPED_HEAD`; `lines`: each by the names of
    `TYPED_LINE`, or text like "amount=12.50 account=10-5000 title=Any title". Without lines, the total is one line. Raise
    `PackingRefused` "NUMBER, line N: what is wrong"."""
    shown = clean(head.get("list", ""), 60)
    fields = {name: clean(value, 300) for name, value in head.items() if value.strip()}
    if unknown := sorted({*fields} - {*TYPED_HEAD}):
        raise refused(shown, 1, _no_such(unknown[0], TYPED_HEAD))
    rows = [_typed_row(line, shown, at) for at, line in enumerate(lines, 1)]
    if not rows:
        rows = [{"amount": text(_rest(fields, shown))}]
    order = fields.pop("order", "")
    (invoice,) = _invoices([(at, {**row, **fields}) for at, row in enumerate(rows, 1)], shown, ("", ""), "")
    return msgspec.structs.replace(invoice, order=order)


def of_document(document: Document, file: str) -> Invoice | None:
    """Return the invoice of an EDIFACT document; None if it is another document. Raise `PackingRefused` with line and
    segment if a line has no amount, or a number is too long."""
    if document.kind not in _KINDS:
        return None
    numbers = [line.number for line in document.lines]
    counted = len({*numbers}) < len(numbers) or not all(numbers)
    order = next((each.value for each in document.references if each.qualifier == "ON"), "")
    lines = [
        _document_line(line, str(place) if counted else line.number, order, file)
        for place, line in enumerate(document.lines, 1)
    ]
    summary = [
        *document.totals,
        *(amount for charge in document.charges for amount in charge.amounts if amount.qualifier in _TOTALS),
    ]
    values = {
        "kind": _KINDS[document.kind],
        "vendor": clean(document.vendor, 60),
        "number": document.number,
        "date": document.date,
        "due": document.due,
        "currency": document.currency,
        "stated": [
            {"code": amount.qualifier, "amount": text(amount.value)}
            for amount in summary
            if amount.qualifier in _TOTALS
        ],
        "lines": lines,
        "charges": [*filter(None, map(_document_charge, document.charges)), *_document_tax(document)],
    }
    return _positive(_whole(values, file))


def _document_line(line: Line, at: str, order: str, file: str) -> dict[str, object]:
    copies = abs(Decimal(1) if (quantity := line.quantity("47")) is None else quantity)
    if copies != int(copies):
        raise _at(file, line, Sentence("packing.no-number", column="QTY", text=str(copies)))
    if line.amount is None:
        raise _at(file, line, Sentence("invoice-file.no-line-amount", names="MOA+203"))
    list_price = line.price(*_LIST_PRICES)
    trade = dict.fromkeys(number_of(n.value) for n in line.numbers if n.qualifier in TRADE_NUMBERS)
    branches, funds = {copy.branch for copy in line.copies}, {copy.fund for copy in line.copies}
    return {
        "line": at,
        "title": line.title,
        "numbers": [*filter(None, trade)][:8],
        "copies": int(copies),
        "amount": text(line.amount),
        "list_price": "" if list_price is None else text(list_price),
        "order_line": line.order_line or order,
        "vendor_number": line.vendor_number,
        "library": branches.pop() if len(branches) == 1 else "",
        "fund": funds.pop() if len(funds) == 1 else "",
    }


def _document_charge(charge: DocumentCharge) -> dict[str, object] | None:
    amount = next((a.value for q in _CHARGE_AMOUNTS for a in charge.amounts if a.qualifier == q), None)
    if amount is None:
        return None
    return {
        "kind": CHARGE_KINDS.get(charge.code.upper(), ChargeKind.OTHER),
        "amount": text(amount),
        "level": ChargeLevel.SUMMARY if charge.in_summary else ChargeLevel.HEADER,
        "text": clean(charge.text or charge.code, 100),
        "deducted": charge.allowance,
    }


def _document_tax(document: Document) -> list[dict[str, object]]:
    """Return the tax of the whole document: its total (MOA 176), else the sum by rate (124); [] = none."""
    by_qualifier = {
        qualifier: [amount.value for amount in document.totals if amount.qualifier == qualifier]
        for qualifier in ("176", "124")
    }
    tax = total_of(by_qualifier["176"][:1] or by_qualifier["124"])
    return [{"kind": ChargeKind.TAX, "amount": text(tax), "level": ChargeLevel.SUMMARY}] if tax else []


def _positive(invoice: Invoice) -> Invoice:
    """Return a credit memo with the signs turned if the vendor writes its amounts with a minus sign."""
    if invoice.kind is not InvoiceKind.CREDIT or total_of([number(line.amount) for line in invoice.lines]) >= 0:
        return invoice
    turned = {
        field: tuple(msgspec.structs.replace(part, amount=text(-number(part.amount))) for part in parts)
        for field, parts in (("lines", invoice.lines), ("charges", invoice.charges), ("stated", invoice.stated))
    }
    return msgspec.structs.replace(invoice, **turned)


def _invoices(rows: Iterable[tuple[int, _Row]], file: str, default: tuple[str, str], dates: str) -> tuple[Invoice, ...]:
    """Return the invoices of rows, each with its line number. `default`: vendor and number of a row without them."""
    by_head: dict[tuple[str, str], list[tuple[int, _Row]]] = {}
    for at, row in rows:
        head = clean(row.get("vendor") or default[0], 60), clean(row.get("list") or default[1], 60)
        for column, value in zip(("vendor", "list"), head, strict=True):
            if not value:
                raise refused(file, at, Sentence("invoice-file.missing", column=column))
        by_head.setdefault(head, []).append((at, row))
    return tuple(_invoice(*head, lines, file, dates) for head, lines in by_head.items())


def _invoice(vendor: str, name: str, rows: Sequence[tuple[int, _Row]], file: str, dates: str) -> Invoice:
    places_of = {column: _place(rows, column, file) for column in (*_HEAD, *_CHARGES) if column != "order"}
    head = {column: row.get(column, "") for column, (_, row) in places_of.items()}
    lines_of = {column: at for column, (at, _) in places_of.items()}
    currency = head["currency"].upper()
    total = head["total"] and _figure(head["total"], currency, file, lines_of["total"], "total")
    if head["kind"] and head["kind"].casefold() not in (InvoiceKind.INVOICE, InvoiceKind.CREDIT):
        known = f"{InvoiceKind.INVOICE}, {InvoiceKind.CREDIT}"
        raise refused(file, lines_of["kind"], Sentence("packing.no-such-name", name=head["kind"], known=known))
    lines = [_line(row, str(place), currency, file, at) for place, (at, row) in enumerate(rows, 1)]
    named: dict[object, int] = {}
    for (at, _), line in zip(rows, lines, strict=True):
        if (before := named.setdefault(line["line"], at)) != at:
            raise refused(file, at, Sentence("packing.line-twice", text=str(line["line"]), before=before))
    charges = [
        {"kind": kind, "amount": _charge(head[kind], kind, currency, file, lines_of[kind])}
        for kind in _CHARGES
        if head[kind]
    ]
    values = {
        "kind": head["kind"].casefold() or InvoiceKind.INVOICE,
        "vendor": vendor,
        "number": name,
        "date": day_of(head["date"], dates, file, lines_of["date"]),
        "due": day_of(head["due"], dates, file, lines_of["due"]),
        "currency": currency,
        "rate": head["rate"],
        "note": head["note"],
        "stated": [{"code": "9", "amount": total}] if total else [],
        "lines": lines,
        "charges": charges,
    }
    return _positive(_whole(values, file, rows[0][0]))


def _place(rows: Sequence[tuple[int, _Row]], column: str, file: str) -> tuple[int, _Row]:
    """Return the first row that has a value of the whole invoice. Raise `PackingRefused` if another has another."""
    filled = [(at, row) for at, row in rows if row.get(column)]
    for at, row in filled:
        if row[column] != filled[0][1][column]:
            before, before_at = filled[0][1][column], filled[0][0]
            what = Sentence("invoice-file.other-value", column=column, text=row[column], before=before, at=before_at)
            raise refused(file, at, what)
    return filled[0] if filled else rows[0]


def _line(row: _Row, at_place: str, currency: str, file: str, at: int) -> dict[str, object]:
    numbers = checked_numbers(row, file, at)
    quantity = row.get("quantity", "") or "1"
    if not (quantity.isascii() and quantity.isdecimal()):
        raise refused(file, at, Sentence("packing.no-number", column="quantity", text=quantity))
    amount = row.get("amount", "") and _figure(row["amount"], currency, file, at, "amount")
    if not amount and row.get("price"):
        price = _figure(row["price"], currency, file, at, "price")
        amount = text(product(number(price), Decimal(int(quantity[:9]))))
    if not amount:
        raise refused(file, at, Sentence("invoice-file.no-line-amount", names="amount, price"))
    account = row.get("account", "")
    list_price = row.get("list_price", "")
    return {
        "line": row.get("line") or at_place,
        "title": row.get("title", ""),
        "numbers": [known for each in numbers if (known := number_of(each))],
        "copies": int(quantity[:9]),
        "amount": amount,
        "list_price": list_price and _figure(list_price, currency, file, at, "list_price"),
        **{name: row.get(name, "") for name in ("order_line", "vendor_number", "library", "material", "fund", "order")},
        "shares": [{"account": account, "fund": row.get("fund", "")}] if account else [],
    }


def _charge(written: str, kind: str, currency: str, file: str, at: int) -> str:
    """Return the amount of a charge. Discounts may have a minus sign, and are deducted all the same."""
    amount = _figure(written, currency, file, at, kind)
    return amount.removeprefix("-") if kind == ChargeKind.DISCOUNT else amount


def _figure(written: str, currency: str, file: str, at: int, column: str) -> str:
    """Return an amount as a `Figure`. "1,234" and "1.234" may be a thousand, so they are refused, unless the currency has
    three decimals. A spreadsheet's binary numbers are rounded if they are off by less than a millionth."""
    bare = written.strip().replace("\u2212", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1].strip()}"
    negative, unsigned = bare.startswith("-"), bare.lstrip("-").strip()
    amount = amount_of(unsigned)
    value = amount.value if amount is not None and _is_in(amount, currency) else None
    if _PLAIN.fullmatch(unsigned):
        exact, decimals = Decimal(unsigned), len(unsigned.partition(".")[2])
        near = round(exact, places(currency))
        if decimals <= places(currency) or (decimals > _MOST_DECIMALS and abs(exact - near) < _NOISE):
            value = near
    if value is None:
        raise refused(file, at, Sentence("invoice-file.no-amount", column=column, text=written))
    return text(-value if negative else value)


def _is_in(amount: Amount, currency: str) -> bool:
    """Return True if an amount may be in the invoice's currency."""
    return not currency or amount.comparable(msgspec.structs.replace(amount, currency=currency))


def _rest(head: _Row, name: str) -> Decimal:
    """Return what a typed total has beside its charges."""
    if not head.get("total"):
        raise refused(name, 1, Sentence("invoice-file.missing", column="total"))
    currency = head.get("currency", "").upper()
    amounts = {kind: number(_charge(head[kind], kind, currency, name, 1)) for kind in _CHARGES if head.get(kind)}
    discount = amounts.pop(ChargeKind.DISCOUNT, Decimal(0))
    return number(_figure(head["total"], currency, name, 1, "total")) - total_of([*amounts.values()]) + discount


def _typed_row(line: str | _Row, name: str, at: int) -> dict[str, str]:
    if not isinstance(line, str):
        pairs = [(column, value) for column, value in line.items() if value.strip()]
    else:
        before, *parts = _TYPED.split(clean(line, 1000))
        if before.strip() or not parts:
            raise refused(name, at, Sentence("packing.not-typed", known=", ".join(TYPED_LINE)))
        pairs = [*zip(parts[::2], parts[1::2], strict=True)]
    row: dict[str, str] = {}
    for column, value in pairs:
        if column not in TYPED_LINE:
            raise refused(name, at, _no_such(column, TYPED_LINE))
        if column in row:
            raise refused(name, at, Sentence("packing.typed-twice", column=column))
        row[column] = clean(value, 300)
    return row


def _no_such(column: str, known: Sequence[str]) -> Sentence:
    return Sentence("packing.no-such-name", name=clean(column, 60), known=", ".join(known))


def _whole(values: Mapping[str, object], file: str, at: int = 0) -> Invoice:
    """Return the invoice of these values. Raise `PackingRefused` if one of them is too long or too many."""
    try:
        return msgspec.convert(values, Invoice)
    except msgspec.ValidationError as error:
        detail = clean(str(error), 300)
        if at:
            raise refused(file, at, detail) from error
        raise PackingRefused(Sentence("packing.not-whole", file=file, detail=detail)) from error


def _at(file: str, line: Line, what: Sentence) -> PackingRefused:
    return PackingRefused(Sentence("edifact.at", file=file, line=line.line, segment=line.segment, what=what))
