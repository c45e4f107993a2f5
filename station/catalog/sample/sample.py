"""The project's own sample catalog: invented records, plainly marked as such, in the profile symphony-949.

`scripts/make_sample_catalog.py` writes it to `data/sample.mrc`; the same code always gives the same bytes. Every title,
person and publisher is invented; barcodes are 14 digits with a Luhn check digit and begin with 31999.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pymarc import Field, Indicators, Leader, Record, Subfield
from stdnum import ean, luhn

from station.catalog.sample.works import WORKS, Copy, Work

NOTE: Final = "Fictitious record for demonstration."
PUBLISHER: Final = "Imaginary Press"
SUBJECT: Final = "Imaginary places."

_CONTENT: Final = {"a": "txt", "c": "ntm", "e": "cri", "g": "tdi", "i": "spw", "j": "prm", "o": "txt"}
"""336 $b by leader/06."""


def _barcode(number: int) -> str:
    payload = f"31999{number:08d}"
    return payload + str(luhn.calc_check_digit(payload))


def numbered_barcode(number: int) -> str:
    """Return the barcode of the numbered item `number` (from 1): see `numbered`."""
    if not 0 < number < 10**9:
        raise ValueError("the number must be from 1 to 999999999")
    payload = f"3098{number:09d}"
    return payload + str(luhn.calc_check_digit(payload))


def numbered(count: int) -> bytes:
    """Return `count` plain invented records in ISO 2709, UTF-8, one item each: for scripted runs of any length."""
    return b"".join(_numbered_record(number) for number in range(1, count + 1))


def catalog() -> bytes:
    """Return the whole sample catalog in ISO 2709, UTF-8."""
    return b"".join(record for record, _ in built(WORKS))


def _numbered_record(number: int) -> bytes:
    work = Work(
        special="numbered",
        title=(f"Imaginary book number {number} /",),
        author=f"Counter, Ann, {number}.",
        copies=(Copy(call=f"PZ4.C68 I43 no.{number}", price="10.00"),),
    )
    return _record(f"imaginary-n{number:09d}", work, (numbered_barcode(number),), number)


def built(works: Sequence[Work], before: int = 0) -> list[tuple[bytes, tuple[tuple[str, str, str], ...]]]:
    """Return record and (barcode, title, special property) of the items of each work. `before`: number of the works and
    items before the first one."""
    found = []
    number = before
    for position, work in enumerate(works, before + 1):
        barcodes = tuple(_barcode(number + offset) for offset in range(1, len(work.copies) + 1))
        number += len(work.copies)
        listed = tuple((barcode, _plain(work), work.special) for barcode in barcodes)
        found.append((_record(f"imaginary{position:04d}", work, barcodes, position), listed))
    return found


def _plain(work: Work) -> str:
    return " ".join(work.title).rstrip(" /:.") or "(no title)"


def _record(identifier: str, work: Work, barcodes: tuple[str, ...], number: int) -> bytes:
    record = Record()
    record.leader = Leader(f"00000n{work.leader} a2200000 i 4500")
    record.add_field(Field("001", data=identifier), Field("003", data="ImP"), Field("005", data="20240101000000.0"))  # type: ignore[no-untyped-call]
    add = record.fields.append
    for fixed in work.fixed:
        add(Field("007", data=fixed))
    add(Field("008", data=f"240101s{work.year}    xx            000 0 eng d"))
    if work.isbn:
        payload = f"978099{number % 1000000:06d}"
        add(_field("020", "  ", ("a", payload + str(ean.calc_check_digit(payload)))))
    if work.issue:
        add(_field("028", "02", ("a", work.issue), ("b", PUBLISHER)))
    add(_field("040", "  ", ("a", "ImP"), ("b", "eng"), ("e", "rda"), ("c", "ImP")))
    if work.bib_call:
        tag, first, second = work.bib_call
        add(_field(tag, " 4", ("a", first), ("b", second)))
    if work.author:
        group = "(" in work.author or "Office" in work.author
        add(_field("110" if group else "100", "2 " if group else "1 ", ("a", work.author)))
    if work.title:
        link = [("6", "880-01")] if work.alternate else []
        titled = list(zip(work.codes, work.title, strict=False))
        count = next((len(word) for word in ("A ", "An ", "The ") if work.title[0].startswith(word)), 0)
        add(_field("245", f"{1 if work.author else 0}{count}", *link, *titled, ("c", work.author or "anonymous.")))
    add(_field("264", " 1", ("a", "Nowhere :"), ("b", f"{PUBLISHER},"), ("c", f"{work.year}.")))
    extent = [("a", f"{work.extent} ;"), ("c", work.size)]
    add(_field("300", "  ", *extent, *([("e", work.accompanying)] if work.accompanying else [])))
    add(_field("336", "  ", ("b", _CONTENT[work.leader[0]]), ("2", "rdacontent")))
    for carrier in work.carriers:
        medium, code = carrier.split("/")
        add(_field("337", "  ", ("b", medium), ("2", "rdamedia")))
        add(_field("338", "  ", ("b", code), ("2", "rdacarrier")))
    add(_field("500", "  ", ("a", NOTE)))
    if work.leader[0] in "ae":
        add(_field("650", " 4", ("a", SUBJECT)))
    if work.gift:
        add(_field("541", "1 ", ("c", "Gift"), ("a", work.gift)))
    if work.alternate:
        add(_field("880", "10", ("6", "245-01"), ("a", work.alternate)))
    for barcode, copy in zip(barcodes, work.copies, strict=True):
        add(_item(barcode, copy))
    return record.as_marc()


def _item(barcode: str, copy: Copy) -> Field:
    pairs = [
        ("a", copy.call),
        ("w", copy.scheme),
        ("c", copy.copy),
        ("i", barcode),
        ("j", str(copy.pieces) if copy.pieces > 1 else ""),
        ("l", copy.location),
        ("m", copy.library),
        ("p", copy.price),
        ("t", copy.kind),
        ("v", copy.volume),
    ]
    return _field("949", "  ", *((code, value) for code, value in pairs if value))


def _field(tag: str, indicators: str, *pairs: tuple[str, str]) -> Field:
    return Field(tag, Indicators(indicators[0], indicators[1]), [Subfield(code, value) for code, value in pairs])


SAMPLE_ITEMS: Final[tuple[tuple[str, str, str], ...]] = tuple(entry for _, listed in built(WORKS) for entry in listed)
"""(barcode, title, special property) of every item, in order."""
