"""A claim to a vendor about differences: text of a mail, table, and pages of paper.

Everything in it may be hostile: titles, numbers and names come from files of vendors. So each text is cleaned, which
leaves no line break for another header, and an address that is none is left out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.domain.events import ClaimMade, DifferenceOpened
from station.domain.packing_lists.packing_list import LineKey
from station.domain.receiving.difference import Difference, DifferenceKind
from station.domain.receiving.vendor import Contact, Vendor
from station.printing.content import Content, Row
from station.reports.tables.table import Column, Kind, Table, table
from station.store.queries.queries import Queries

Say = Callable[[Sentence], str]
"""Tells a sentence in the language of the claim."""

CLAIMS: Final = "claims"
"""Task of the contact to whom claims go (`Contact.task`)."""
WIDTH: Final = 72
"""Columns of a mail (RFC 3676 asks for at most 78)."""
LINES_OF_A_PAGE: Final = 46
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}\Z")
_PLAIN_NAME: Final = re.compile(r"[^\"(),.:;<>@\[\]\\]*\Z")
"""A name that needs no quotes in a header (RFC 5322, 3.2.3)."""


class ClaimedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One difference of a claim."""

    difference: Difference
    list: str = ""
    """Number of the packing list, as the vendor writes it."""
    note: str = ""
    """What the person wrote who found the difference."""
    listed: int = 0
    """Copies on the packing list, of a line that is short; 0 = not known, or the line is not short."""
    came: int = 0
    """Copies of them that had come when the difference was found."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim. It is made when a person says so."""

    id: str = ""
    """"" = not made yet."""
    made_at: str = ""
    """ISO 8601, UTC."""
    by: str = ""
    """Id of the person who made it."""
    due: str = ""
    """ISO 8601 date."""
    vendor: str
    """Name."""
    contact: Contact | None = None
    account: str = ""
    """The library's number at the vendor."""
    library: str
    lines: tuple[ClaimedLine, ...]


def library_of(settings: Settings) -> str:
    """Return the name under which the library claims."""
    return settings.library.name or settings.library.isil or settings.station.name


def prepared(queries: Queries, differences: Sequence[Difference], library: str) -> Claim:
    """Return the claim about these differences, all with one vendor. `library`: the library's name."""
    name = differences[0].vendor if differences else ""
    vendor = queries.vendor_named(name)
    numbers = {standing.id: standing.name for standing in queries.packing_lists()}
    return Claim(
        vendor=vendor.name if vendor is not None else name,
        contact=contact_for_claims(vendor) if vendor is not None else None,
        account=vendor.accounts[0].number if vendor is not None and len(vendor.accounts) == 1 else "",
        library=library,
        lines=tuple(_line(queries, row, numbers) for row in differences),
    )


def made(queries: Queries, ident: str, library: str) -> Claim | None:
    """Return a claim that was made; None = there is no such claim. Names and addresses are those of today."""
    logged = queries.claim(ident)
    event = None if logged is None else logged.event
    if logged is None or not isinstance(event, ClaimMade):
        return None
    differences = [row for name in event.differences if (row := queries.difference(name)) is not None]
    claim = prepared(queries, differences, library)
    return msgspec.structs.replace(claim, id=ident, made_at=logged.at, by=event.operator, due=event.due)


def contact_for_claims(vendor: Vendor) -> Contact | None:
    """Return the contact whose task is claims, else the first."""
    named = (each for each in vendor.contacts if each.task.strip().casefold() == CLAIMS)
    return next(named, next(iter(vendor.contacts), None))


def _line(queries: Queries, row: Difference, numbers: Mapping[str, str]) -> ClaimedLine:
    first = next(iter(queries.difference_history(row.id)), None)
    note = first.event.note if first is not None and isinstance(first.event, DifferenceOpened) else ""
    key = row.key or LineKey("", "")
    claimed = ClaimedLine(difference=row, list=numbers.get(key.list, key.list), note=note)
    shipment = queries.shipment(row.shipment) if row.kind is DifferenceKind.SHORT else None
    line = None if shipment is None else queries.shipment_line(shipment, key)
    if line is None or line.line.quantity < row.copies:  # the vendor has corrected the list meanwhile
        return claimed
    listed = line.line.quantity
    return msgspec.structs.replace(claimed, listed=listed, came=min(line.here + line.returned, listed - row.copies))


# --- mail -----------------------------------------------------------------------------------------------------------


def mail(claim: Claim, say: Say) -> tuple[str, ...]:
    """Return the lines of the mail: its head, an empty line, and the text, at most 72 columns wide."""
    head = [
        f"{say(Sentence('claim.to'))}: {_recipient(claim)}",
        f"{say(Sentence('claim.subject'))}: {subject(claim, say)}",
    ]
    return (*head, "", *_body(claim, say))


def subject(claim: Claim, say: Say) -> str:
    """Return the subject of the mail."""
    count = Sentence("shipment.differences", count=len(claim.lines))
    sentence = Sentence("claim.title", library=clean(claim.library), differences=count)
    text = say(sentence)
    return clean(f"{text} ({claim.id})" if claim.id else text)


def _recipient(claim: Claim) -> str:
    """Return name and address for the head of a mail."""
    contact = claim.contact
    name = clean(contact.name if contact is not None else claim.vendor)
    if not _PLAIN_NAME.match(name):
        name = '"' + name.replace("\\", "").replace('"', "") + '"'
    address = clean(contact.mail) if contact is not None else ""
    return f"{name} <{address}>" if _ADDRESS.match(address) else name


def _body(claim: Claim, say: Say) -> Iterator[str]:
    begin = Sentence("claim.begin", vendor=clean(claim.vendor), library=clean(claim.library))
    yield from _wrapped(say(begin))
    if claim.account:
        yield from _wrapped(say(Sentence("claim.account", number=clean(claim.account))))
    for number, line in enumerate(claim.lines, 1):
        yield ""
        yield from _wrapped(_paragraph(number, line, say))
    yield ""
    yield from _wrapped(say(Sentence("claim.ask")))
    yield from _wrapped(clean(claim.library))


def _paragraph(number: int, line: ClaimedLine, say: Say) -> str:
    row = line.difference
    facts = [
        say(Sentence(key, value=clean(value)))
        for key, value in (
            ("claim.number", row.number),
            ("claim.order-line", row.order_line),
            ("claim.list", line.list),
            ("claim.price", row.price),
        )
        if value
    ]
    if line.listed:
        facts.append(say(Sentence("claim.short", listed=line.listed, came=line.came, lacks=row.copies)))
    else:
        facts.append(say(Sentence("receiving.copies", count=row.copies)))
    wrong = say(Sentence("claim.wrong", what=Sentence(f"shipment.outcome.{row.kind}")))
    told = f"{number}. {clean(row.title or row.number)}: {', '.join(facts)}. {wrong}"
    return f"{told} ({clean(line.note)})" if line.note else told


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False) or [""]


# --- table and paper ------------------------------------------------------------------------------------------------


def claimed(claim: Claim) -> Table:
    """Return the lines of a claim as a table."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE, leads_to="/differences", leads_by="id"),
            Column("number", Sentence("shipment.head.number")),
            Column("order_line", Sentence("shipment.head.order-line")),
            Column("list", Sentence("shipment.head.list")),
            Column("copies", Sentence("shipment.head.copies"), Kind.COUNT),
            Column("price", Sentence("shipment.head.price")),
            Column("kind", Sentence("office.head.wrong"), Kind.STATUS, "shipment.outcome"),
            Column("note", Sentence("shipment.head.note")),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                line.difference.title or line.difference.number,
                line.difference.number,
                line.difference.order_line,
                line.list,
                line.difference.copies,
                line.difference.price,
                line.difference.kind.value,
                line.note,
                line.difference.id,
            )
            for line in claim.lines
        ],
        id_at=8,
    )


def contents(claim: Claim, say: Say) -> list[Content]:
    """Return the pages of the claim on paper."""
    what = say(Sentence("claim.what"))
    lines = mail(claim, say)
    pages = [lines[at : at + LINES_OF_A_PAGE] for at in range(0, len(lines), LINES_OF_A_PAGE)]
    return [Content(kind="claim", rows=tuple(_rows(page, what))) for page in pages]


def _rows(lines: Sequence[str], what: str) -> Iterator[Row]:
    gap = 0.0
    for text in lines:
        if not text:
            gap = 0.8
            continue
        plain = text.encode("ascii", "replace").decode("ascii")
        yield Row(text=text, what=what, gap=gap, wrap=1, cut=True, fallback=plain)
        gap = 0.0
