"""Vendors: the list, one vendor with its packing lists, and what a person may change about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from station.acquisitions.vendor_file import read, write
from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.events import VendorRecorded
from station.domain.people.rights import Right, may
from station.domain.receiving.vendor import Contact, Vendor
from station.office.asked import Asked, Page, missing
from station.office.filters import Filter
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.reports.tables.receiving import packing_lists, vendors
from station.reports.tables.table import ordered, page_of

NAME, NAMES, CODES, DAYS, TOLERANCE, STANDING = "name", "names", "codes", "claim-days", "tolerance", "standing"
TASK, MAIL, PHONE, AT = "task", "mail", "phone", "at"
_BETWEEN: Final = "; "
"""Between two names or codes in a field."""


def vendors_page(asked: Asked) -> Page:
    """Everyone who sends material."""
    title = tell("office.vendors")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    known = asked.queries.vendors()
    standings = Filter(
        STANDING,
        tell("shipment.head.state"),
        [(name, tell(f"shipment.vendor.{name}")) for name in ("active", "closed")],
    )
    standing = standings.value(asked.text(STANDING))
    ids = {text: vendor.id for vendor in known for text in vendor.known_as}
    open_lists = Counter(
        ids.get(row.vendor.strip().casefold(), "") for row in asked.queries.packing_lists() if not row.closed
    )
    differences = Counter(ids.get(row.vendor.strip().casefold(), "") for row in asked.queries.differences())
    rows = [row for row in known if not standing or row.closed is (standing == "closed")]
    table = vendors(rows, differences, open_lists)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=(standings,),
        values={"empty": tell("shipment.no-vendors")},
    )


def one(asked: Asked) -> Page:
    """One vendor: how it is reached, how its files are read, and the lists that belong to it."""
    vendor = _find(asked)
    if vendor is None:
        return missing()
    lists = packing_lists([row for row in asked.queries.packing_lists() if vendor.is_named(row.vendor)])
    changes = asked.sources.signs_on or may(asked.viewer.role, Right.CHANGE_ORDERS)
    return Page(
        template="one",
        title=vendor.name,
        read=lambda after: page_of(ordered(lists, asked.text("sort")), after, asked.rows),
        values={
            "facts": _facts(vendor),
            "links": [
                (tell("office.differences"), f"/differences?vendor={vendor.id}"),
                (tell("shipment.vendor-file"), f"/vendors/{vendor.id}/file"),
                *(
                    [
                        (
                            tell("shipment.change-contact", name=clean(contact.name)),
                            f"/vendors/{vendor.id}/contact?{AT}={at}",
                        )
                        for at, contact in enumerate(vendor.contacts, 1)
                    ]
                    if changes
                    else []
                ),
            ],
            "heading": tell("shipment.lists-of-vendor"),
            "empty": tell("shipment.no-lists-of-vendor"),
            "saved": asked.number(NEW) is not None,
            "doings": [
                (f"/vendors/{vendor.id}/{name}", tell(f"form.do.{key}"))
                for name, key in (("change", "change-vendor"), ("contact", "add-contact"))
                if changes
            ],
        },
    )


def file(asked: Asked) -> Page:
    """One vendor as a file, for `station receiving vendors import`."""
    vendor = _find(asked)
    if vendor is None:
        return missing()
    harmless = read(write((vendor,)), vendor.id)
    return Page(template="", title=clean(vendor.id), file=write(harmless), suffix="toml")


def _facts(vendor: Vendor) -> list[tuple[str, str]]:
    mapper = vendor.mapper
    columns = ", ".join(f"{ours} = {theirs}" for ours, theirs in mapper.columns.items())
    facts = [
        (tell("shipment.head.state"), tell("shipment.vendor.closed" if vendor.closed else "shipment.vendor.active")),
        (tell("shipment.head.other-names"), _BETWEEN.join(vendor.names)),
        (tell("shipment.head.codes"), _BETWEEN.join(vendor.codes)),
        (tell("shipment.head.claim-days"), str(vendor.claim_days)),
        (
            tell("shipment.head.tolerance"),
            tell("shipment.percent", percent=vendor.tolerance) if vendor.tolerance else "",
        ),
        (tell("shipment.head.formats"), ", ".join(tell(f"shipment.format.{form}") for form in vendor.formats)),
        *(
            (
                contact.task or tell("shipment.head.contact"),
                ", ".join(filter(None, (contact.name, contact.mail, contact.phone))),
            )
            for contact in vendor.contacts
        ),
        *(
            (tell("shipment.head.account"), ", ".join(filter(None, (account.number, account.library, account.note))))
            for account in vendor.accounts
        ),
        (tell("shipment.head.columns"), columns),
        (tell("shipment.head.dates"), tell(f"shipment.dates.{mapper.dates}") if mapper.dates else ""),
        (tell("shipment.head.code-page"), mapper.code_page),
        (tell("shipment.head.sheet"), mapper.sheet),
    ]
    return [fact for fact in facts if fact[1]]


def _find(asked: Asked) -> Vendor | None:
    known = asked.queries.vendors() if asked.queries.exists else ()
    return next((vendor for vendor in known if vendor.id == asked.names["vendor"]), None)


def _known(asked: Asked) -> Vendor:
    vendor = _find(asked)
    if vendor is None:
        raise ReceivingRefused(Sentence("shipment.unknown-vendor", vendor=asked.names["vendor"]))
    return vendor


# --- forms ----------------------------------------------------------------------------------------------------------


def _form(
    asked: Asked,
    vendor: Vendor,
    name: str,
    changed: Callable[[Mapping[str, str]], Vendor],
    fields: tuple[Field, ...],
    *,
    hidden: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Form:
    """`changed`: returns the vendor after the change. It may raise `Declined`."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event = VendorRecorded(content=changed(typed), operator=asked.viewer.id, authorised=lent.authorised)
        return f"/vendors/{vendor.id}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"

    return Form(
        title=tell(f"form.title.{name}"),
        subject=vendor.name,
        button=tell("form.do.save"),
        back=f"/vendors/{vendor.id}",
        act=act,
        right=Right.CHANGE_ORDERS,
        fields=fields,
        hidden=hidden,
        notes=notes,
    )


def change(asked: Asked) -> Form:
    """Change names, codes, claim days and tolerance of a vendor."""
    vendor = _known(asked)

    def changed(typed: Mapping[str, str]) -> Vendor:
        return _checked(
            vendor,
            {
                NAME: ("name", clean(typed.get(NAME, ""))),
                NAMES: ("names", _several(typed.get(NAMES, ""))),
                CODES: ("codes", _several(typed.get(CODES, ""))),
                DAYS: ("claim_days", _number(typed.get(DAYS, ""))),
                TOLERANCE: ("tolerance", clean(typed.get(TOLERANCE, ""))),
                STANDING: ("closed", typed.get(STANDING) == "closed"),
            },
        )

    several = tell("shipment.several-hint")
    fields = (
        Field(name=NAME, label=tell("office.head.name"), value=vendor.name, needed=True),
        Field(name=NAMES, label=tell("shipment.head.other-names"), value=_BETWEEN.join(vendor.names), hint=several),
        Field(name=CODES, label=tell("shipment.head.codes"), value=_BETWEEN.join(vendor.codes), hint=several),
        Field(
            name=DAYS,
            label=tell("shipment.head.claim-days"),
            value=str(vendor.claim_days),
            hint=tell("shipment.claim-days-hint"),
            needed=True,
        ),
        Field(
            name=TOLERANCE,
            label=tell("shipment.head.tolerance"),
            value=vendor.tolerance,
            hint=tell("shipment.tolerance-hint"),
        ),
        Field(
            name=STANDING,
            label=tell("shipment.head.state"),
            kind=FieldKind.CHOICE,
            value="closed" if vendor.closed else "active",
            choices=tuple((name, tell(f"shipment.vendor.{name}")) for name in ("active", "closed")),
        ),
    )
    return _form(asked, vendor, "change-vendor", changed, fields, notes=(tell("shipment.rest-by-file"),))


def contact(asked: Asked) -> Form:
    """Add a contact, change one, or take it away by an empty name."""
    vendor = _known(asked)
    given = asked.text(AT) if asked.posted is None else asked.posted.get(AT, "")
    at = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else 0
    known = 0 < at <= len(vendor.contacts)
    before = vendor.contacts[at - 1] if known else Contact(name="-")

    def changed(typed: Mapping[str, str]) -> Vendor:
        contacts = list(vendor.contacts)
        name = clean(typed.get(NAME, ""))
        after = [Contact(name=name, **{key: clean(typed.get(key, "")) for key in (TASK, MAIL, PHONE)})] if name else []
        contacts[at - 1 if known else len(contacts) : at if known else len(contacts)] = after
        return _checked(vendor, {NAME: ("contacts", contacts)})

    fields = (
        Field(
            name=NAME,
            label=tell("office.head.name"),
            value=before.name if known else "",
            hint=tell("shipment.contact-away") if known else "",
            needed=not known,
        ),
        Field(name=TASK, label=tell("shipment.head.task"), value=before.task, hint=tell("shipment.task-hint")),
        Field(name=MAIL, label=tell("claim.mail"), value=before.mail),
        Field(name=PHONE, label=tell("shipment.head.phone"), value=before.phone),
    )
    name = "change-contact" if known else "add-contact"
    return _form(asked, vendor, name, changed, fields, hidden=((AT, str(at)),) if known else ())


def _several(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (clean(part) for part in text.split(";"))))


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _checked(vendor: Vendor, changes: Mapping[str, tuple[str, object]]) -> Vendor:
    """Return the vendor with other values: by field of the form, name of the value and value. Raises `Declined` at the
    first field whose value the vendor cannot have."""
    for field, (name, value) in changes.items():
        raw = {**msgspec.to_builtins(vendor), name: msgspec.to_builtins(value)}
        try:
            vendor = msgspec.convert(raw, Vendor)
        except msgspec.ValidationError:
            raise Declined(tell("shipment.unfit-field"), field) from None
    return vendor


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/vendors/{vendor}", one),
    ("/vendors/{vendor}/file", file),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/vendors/{vendor}/change", change),
    ("/vendors/{vendor}/contact", contact),
)
