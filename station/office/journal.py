"""The journal: its events, one event with its hash, and the check of the chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.errors import JournalMissing
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.corrections.correction import lacks
from station.domain.people.rights import Right, may
from station.office.asked import Asked, Page, as_number
from station.office.filters import Filter, begin_of, period
from station.office.forms import Form, Make
from station.reports.chain_text import chain_text
from station.reports.tables.event import event as event_table
from station.reports.tables.journal import GROUPS
from station.reports.tables.journal import journal as journal_table
from station.reports.tables.table import Table
from station.store.queries.journal_search import EventFilter

VERIFY: Final = "/journal/verify"
_WAIT_S: Final = 3.0
"""Seconds that an answer waits for the check; a longer one goes on, and the page shows how far it is."""


def journal(asked: Asked) -> Page:
    """The journal, the newest events first."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.journal"), values={"sentence": tell("office.no-journal")})
    filters = (
        Filter("kind", tell("office.head.kind"), [(name, tell(f"office.kind.{name}")) for name in GROUPS]),
        Filter("person", tell("office.filter.person"), asked.sources.people_to_choose(asked.viewer)),
        Filter("item", tell("office.head.barcode")),
        *period(),
    )
    kind, person, item, since, until = (one.value(asked.text(one.name)) for one in filters)
    wanted = EventFilter(
        kinds=GROUPS.get(kind, frozenset()),
        person=person,
        item=item,
        since=begin_of(since),
        until=begin_of(until, later=1),
    )

    def read(before: str) -> Table:
        table = journal_table(asked.queries, wanted, as_number(before), asked.rows)
        if table.rows and wanted == EventFilter():
            newest, oldest = (int(str(row[0])) for row in (table.rows[0], table.rows[-1]))
            asked.sources.chain.look(asked.queries, oldest, newest)
        return table

    verifies, chain = may(asked.viewer.role, Right.SEE_OTHERS), asked.sources.chain
    return Page(
        template="list",
        title=tell("office.journal"),
        read=read,
        page_in="before",
        filters=filters,
        values={
            "empty": tell("office.no-events"),
            "choices": [(tell("office.verify"), VERIFY, False)] if verifies else [],
            "note": tell(chain.state) if verifies and chain.known else "",
        },
    )


def event(asked: Asked) -> Page:
    """One event: its fields as the viewer may read them, its hash, and whether it follows from the event before."""
    queries, number = asked.queries, as_number(asked.names["number"])
    rows = queries.events(max(1, number - 1), number + 1) if queries.exists and number is not None else ()
    row = next((row for row in rows if row.seq == number), None)
    if row is None:
        return Page(
            template="sentence",
            title=tell("office.missing"),
            values={"sentence": tell("office.no-event")},
            status=404,
        )
    broken = asked.sources.chain.look(queries, row.seq, row.seq)
    hashes = {row.seq: row.hash for row in rows}
    facts = [
        (tell("office.head.time"), local_day_and_time(row.at)),
        (tell("office.head.kind"), row.event.__struct_config__.tag),
        (tell("office.head.hash"), row.hash),
        (tell("office.head.hash-before"), hashes.get(row.seq - 1, "")),
        (tell("office.head.follows"), tell("office.follows-not" if broken else "office.follows")),
    ]
    beside = [
        (tell(key), f"/journal/{seq}")
        for key, seq in (("office.event-before", row.seq - 1), ("office.event-after", row.seq + 1))
        if seq in hashes
    ]

    def read(_: str) -> Table:
        return event_table(row)

    [shown] = queries.journal_page(row.seq + 1, 1, plain=True)
    return Page(
        template="one",
        title=tell("office.event", seq=row.seq),
        read=read,
        values={
            "note": "",
            "said": shown.summary,
            "names": asked.names_seen(),
            "facts": [(name, value) for name, value in facts if value],
            "links": beside,
            "heading": tell("office.fields"),
            "empty": tell("office.no-fields"),
        },
    )


def verify(asked: Asked) -> Form:
    """The check of the whole chain: the result of the last one, and the button for another. Raises `NotAllowed`."""
    refused = lacks(asked.viewer.role, Right.SEE_OTHERS)
    if refused is not None:
        raise refused
    if not asked.queries.exists:
        raise JournalMissing()
    chain = asked.sources.chain

    def act(*_: object) -> str:
        chain.verify(_WAIT_S)
        return VERIFY

    return Form(
        title=tell("office.verify"),
        subject=tell(chain.state),
        button=tell("office.verify-now"),
        back="/journal",
        act=act,
        lines=tuple(chain_text(*chain.result)) if chain.result is not None else (),
        notes=(tell("office.verify-what"),),
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (("/journal/{number}", event),)
FORMS: Final[tuple[tuple[str, Make], ...]] = ((VERIFY, verify),)
