"""Pages over the journal and the catalog: the reader looks, and changes nothing."""

from __future__ import annotations

import re
from typing import Final

from station.base.errors import CatalogError
from station.base.settings import Barcodes
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.domain.ports import Found, Wanted, with_states
from station.office.asked import Asked, Page, to_page
from station.reports.item_facts import facts
from station.reports.item_life import item_life
from station.reports.tables.corrections import corrections as corrections_table
from station.reports.tables.items import items as items_table
from station.reports.tables.journal import journal as journal_table
from station.reports.tables.journal import life
from station.reports.tables.outbox import outbox as outbox_table
from station.store.catalog_index.index import CatalogIndex

_UID: Final = re.compile(r"E0[0-9A-F]{14}")


def journal(asked: Asked) -> Page:
    """The journal, the newest events first."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.journal"), values={"sentence": tell("office.no-journal")})
    table = journal_table(asked.queries, asked.number("before"), asked.rows)
    return Page(template="list", title=tell("office.journal"), table=table, values={"empty": tell("office.no-events")})


def fix(asked: Asked) -> Page:
    """What is to fix, overdue entries first; on request also what is closed."""
    closed = asked.text("closed") == "1"
    entries = asked.sources.corrections(asked.viewer, closed=closed)
    late = sum(1 for entry in entries if entry.overdue)
    other = "office.hide-closed" if closed else "office.show-closed"
    return Page(
        template="list",
        title=tell("office.fix"),
        table=corrections_table(entries, asked.names_seen()),
        values={
            "empty": tell("office.nothing-to-fix"),
            "note": tell("office.overdue", count=late) if late else "",
            "choices": [(tell(other), asked.url(closed="" if closed else "1"), False)],
        },
    )


def outbox(asked: Asked) -> Page:
    """Deliveries to the library systems, the newest first, all or those in one state."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.outbox"), values={"sentence": tell("office.no-journal")})
    counts = asked.queries.outbox_counts()
    state = asked.text("state") if asked.text("state") in counts else ""
    choices = [(tell("office.all"), asked.url(state="", first=""), not state)]
    for name, count in counts.items():
        words = tell("outbox.listed-count", number=count, state=tell(f"outbox.listed.{name}"))
        choices.append((words, asked.url(state=name, first=""), name == state))
    return Page(
        template="list",
        title=tell("office.outbox"),
        table=outbox_table(asked.queries, asked.number("first") or 0, asked.rows, state),
        values={"empty": tell("outbox.never"), "choices": choices},
        page_in="first",
    )


def items(asked: Asked) -> Page:
    """Search the catalog. A barcode leads to its item, a UID to its tag."""
    text = asked.text("q").strip()
    if _UID.fullmatch(text.upper()):
        return to_page(f"/tags/{text.upper()}")
    if text and asked.queries.exists and asked.queries.about_item(text):
        return to_page(f"/items/{text}")
    found = Found()
    if text:
        with asked.sources.catalog() as index:
            if _is_barcode(text, index, asked.sources.settings.barcodes):
                return to_page(f"/items/{text}")
            found = index.search(Wanted(text=text), asked.rows)
        if asked.queries.exists:
            found = with_states(found, asked.queries.state_of)
    values = {
        "query": text,
        "empty": tell("search.none" if text else "search.how"),
        "note": tell("search.more") if found.more else "",
    }
    return Page(template="list", title=tell("office.items"), table=items_table(found), values=values)


def _is_barcode(text: str, index: CatalogIndex, rules: Barcodes) -> bool:
    try:
        index.find(check(text, rules))
    except CatalogError:
        return False
    return True


def item(asked: Asked) -> Page:
    """One item: its record, and what the journal contains about it."""
    with asked.sources.catalog() as index:
        life = item_life(asked.queries, index.find, asked.names["barcode"], asked.sources.settings.barcodes)
    return Page(
        template="item",
        title=life.title or life.barcode,
        table=life.events,
        values={
            "note": life.no_record,
            "facts": list(facts(life.record))
            if life.record is not None
            else [(tell("office.head.barcode"), life.barcode)],
            "state": tell(f"item.state.{life.state}") if life.state else "",
            "empty": tell("office.never-here"),
        },
        status=200 if life.known else 404,
    )


def tag(asked: Asked) -> Page:
    """One tag: what the journal contains about it."""
    uid = asked.names["uid"].upper()
    table = life(asked.queries.about_tag(uid) if asked.queries.exists and _UID.fullmatch(uid) else ())
    return Page(
        template="item",
        title=tell("office.tag", uid=uid),
        table=table,
        values={"note": "", "facts": [], "state": "", "empty": tell("office.never-here")},
        status=200 if table.rows else 404,
    )
