"""Packing lists of MARC records with order fields: what is ordered, or what an invoice in the records names.

A field with an invoice number is a line of that invoice: its copies are in the box. Every other field is a line of an
order. Each field needs a number of its record (ISBN, else 024 or 028), by which the piece is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pymarc import Record

from station.acquisitions.packing_lists import number_of, stem, whole
from station.acquisitions.purchase_orders import ORDER_NAMES, OrderLine, OrderProfile, load
from station.acquisitions.purchase_orders import lines as order_lines
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.findings.record_facts import plain_number
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import record as of_record
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList

LONGEST: Final = 64 << 20
"""Maximum bytes of a file."""
_LEADER: Final = re.compile(rb"[0-9]{5}.{5}22[0-9]{5}", re.DOTALL)
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_NUMBERS: Final = ("024", "028")


def looks_like(data: bytes) -> bool:
    """Return whether a file begins with the leader of a MARC record, or as MARCXML does."""
    head = data[:64].removeprefix(_BOM).lstrip(b"\r\n\t ")
    return head.startswith(b"<") or _LEADER.match(head) is not None


def read(
    data: bytes, file: str, *, profile: str = "", default_list: str = "", default_vendor: str = ""
) -> tuple[PackingList, ...]:
    """Return the lists of a file of records. `profile`: name of the profile of its order fields; "" = the only one that
    fits; `default_list`, `default_vendor`: for fields that name no invoice or vendor. Raise `PackingRefused` with the
    number of the record."""
    shown = clean(file)
    if len(data) > LONGEST:
        raise PackingRefused(Sentence("packing.too-long", file=shown, number=len(data)))
    records = tuple(_records(data, shown))
    chosen = load(profile) if profile else _profile(records, shown)
    lists: dict[tuple[str, str, ListKind], list[PackingLine]] = {}
    dates: dict[tuple[str, str, ListKind], str] = {}
    for number, record in enumerate(records, 1):
        numbers = _numbers(record)
        for line in order_lines(record, chosen, title=of_record.title(record)):
            if not numbers:
                what = Sentence("packing.record-no-number", tag=chosen.tag, title=line.title)
                raise PackingRefused(Sentence("packing.in-record", file=shown, number=number, what=what))
            key = _list_of(line, default_vendor, default_list or stem(shown))
            lines = lists.setdefault(key, [])
            lines.append(_packing_line(line, numbers, len(lines) + 1))
            dates[key] = dates.get(key) or line.invoice_date
    if not lists:
        raise PackingRefused(Sentence("packing.no-order-field", file=shown, tags=chosen.tag))
    made = (
        PackingList(name=name, vendor=vendor, date=dates[vendor, name, kind], lines=tuple(lines), kind=kind)
        for (vendor, name, kind), lines in lists.items()
    )
    return tuple(whole(packing_list, shown) for packing_list in made)


def _records(data: bytes, file: str) -> Iterator[Record]:
    try:
        for raw in marc.read_like_file(marc.read(data), marc.file_evidence(data)):
            if isinstance(raw, marc.Rejected):
                raise _bad_record(file, raw.number, raw.reason)
            try:
                yield marc.parse(raw.data)
            except BadRecord as error:
                raise _bad_record(file, raw.number, str(error)) from error
    except marc.NotMarc as error:
        raise PackingRefused(Sentence("packing.not-marc", file=file, detail=clean(str(error), 200))) from error


def _bad_record(file: str, number: int, reason: str) -> PackingRefused:
    return PackingRefused(Sentence("packing.in-record", file=file, number=number, what=clean(reason, 200)))


def _profile(records: tuple[Record, ...], file: str) -> OrderProfile:
    """Return the profile whose fields the records have. The first of several of the same tag reads the fields of the
    others by their marks. Raise `PackingRefused` if there is none, or another tag fits as well."""
    by_tag: dict[str, OrderProfile] = {}
    for profile in map(load, ORDER_NAMES):
        by_tag.setdefault(profile.tag, profile)
    fitting = [
        profile for profile in by_tag.values() if any(True for record in records for _ in order_lines(record, profile))
    ]
    if not fitting:
        raise PackingRefused(Sentence("packing.no-order-field", file=file, tags=", ".join(by_tag)))
    if len(fitting) > 1:
        names = ", ".join(name for name in ORDER_NAMES if load(name).tag in {profile.tag for profile in fitting})
        raise PackingRefused(Sentence("packing.which-profile", file=file, option="--profile", names=names))
    return fitting[0]


def _numbers(record: Record) -> tuple[str, ...]:
    """Return the ISBNs of a record, else its other numbers, in the form of the lists."""
    isbns = [number_of(isbn) for isbn in of_record.isbns(record)]
    others = [
        plain_number(clean(value))
        for field in record.get_fields(*_OTHER_NUMBERS)
        for value in field.get_subfields("a")[:1]
    ]
    return tuple(dict.fromkeys(filter(None, isbns or others)))[:8]


def _list_of(line: OrderLine, vendor: str, name: str) -> tuple[str, str, ListKind]:
    """Return vendor, number and kind of the list to which a field belongs."""
    sender = clean(line.vendor or vendor, 60)
    if line.invoice:
        return sender, clean(line.invoice, 60), ListKind.BOX
    return sender, clean(name, 60), ListKind.ORDER


def _packing_line(line: OrderLine, numbers: tuple[str, ...], number: int) -> PackingLine:
    price = line.price if line.net_price is None else line.net_price
    return PackingLine(
        line=str(number),
        numbers=numbers,
        title=clean(line.title, 300),
        quantity=line.quantity,
        price="" if price is None else f"{price:f} {line.currency}".strip(),
        library=line.library,
        vendor_number=line.vendor_number,
        fund=line.fund,
    )
