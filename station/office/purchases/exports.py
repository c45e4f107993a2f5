"""What was handed to Accounts Payable: exports, and their files, which are made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.invoices.standing import InvoiceStanding, InvoiceState, export_id
from station.domain.people.rights import Right
from station.office.asked import Asked, Page, missing
from station.office.forms import NEW, Form, Lent, Make
from station.reports.payables import export_again, export_of
from station.reports.tables.cells import money_words
from station.reports.tables.purchases import exports, invoices
from station.reports.tables.table import Money, ordered, page_of

IDS: Final = "ids"
MOST: Final = 500
"""Invoices of one export."""


def exports_page(asked: Asked) -> Page:
    """What was handed to Accounts Payable, the newest first."""
    title = tell("office.exports")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    table = exports(asked.queries.exports())
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "empty": tell("receiving.no-exports"),
            "doings": [("/exports/new", tell("form.do.export"))] if asked.viewer.role is not None else [],
        },
    )


def one(asked: Asked) -> Page:
    """The invoices of one export, and its file, which is made again with the same bytes."""
    done = asked.queries.export(asked.names["id"]) if asked.queries.exists else None
    if done is None:
        return missing()
    table = invoices(
        [row for row in asked.queries.invoices() if row.id in done.invoices], asked.queries.account_plan().currency
    )
    files = [(f"/exports/{done.id}/{suffix}", tell(f"invoice.file.{suffix}")) for suffix in ("csv", "xlsx")]
    return Page(
        template="list",
        title=tell("invoice.export", export=done.id),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "empty": tell("receiving.no-invoices"),
            "note": tell("form.saved") if asked.number(NEW) is not None else "",
            "choices": [(words, path, False) for path, words in files],
        },
    )


def _file(suffix: str) -> Callable[[Asked], Page]:
    def page(asked: Asked) -> Page:
        """The file of one export."""
        if not asked.queries.exists or asked.queries.export(asked.names["id"]) is None:
            return missing()
        done, file = export_again(asked.queries, asked.names["id"])
        return Page(template="", title=done.id, file=file.written(f".{suffix}"), suffix=suffix)

    return page


def export(asked: Asked) -> Form:
    """Hand the invoices with the okay to pay to Accounts Payable: those that the form showed."""
    signed = [row for row in asked.queries.invoices() if row.state is InvoiceState.SIGNED][:MOST]
    site = asked.queries.account_plan().currency
    ids = [row.id for row in signed] if asked.posted is None else asked.posted.get(IDS, "").split()

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        file = export_of(asked.queries, ids)
        event = msgspec.structs.replace(file.event("", asked.viewer.id), authorised=lent.authorised)
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/exports/{export_id(seq)}?{NEW}={seq}"

    return Form(
        title=tell("form.title.export"),
        subject="",
        button=tell("form.do.export"),
        back="/exports",
        act=act,
        right=Right.SIGN_INVOICE,
        lines=tuple(_words(row, site) for row in signed),
        notes=(tell("invoice.export-once"),),
        hidden=((IDS, " ".join(ids)),),
        refusal=None if signed else ReceivingRefused(Sentence("receiving.nothing-to-export")),
    )


def _words(row: InvoiceStanding, site: str) -> str:
    amount = money_words(Money(row.in_site_currency, site))
    return f"{clean(row.content.number)}, {clean(row.vendor_name)}: {amount}"


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/exports", exports_page),
    ("/exports/{id}", one),
    ("/exports/{id}/csv", _file("csv")),
    ("/exports/{id}/xlsx", _file("xlsx")),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (("/exports/new", export),)
