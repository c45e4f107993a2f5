"""The pages that only a center has: its benches, the ledger of tags, refused events, goals, and the search for an item."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from station.base.words import tell
from station.domain.ports import Found
from station.office.asked import Asked, Page, to_page
from station.office.filters import Filter
from station.office.fleet.over_benches import Handler, seen
from station.office.fleet.viewing import Viewing
from station.reports.tables import fleet as tables
from station.reports.tables.items import items as items_table
from station.reports.tables.table import Table, ordered, page_of

BENCHES, ITEMS, LEDGER, QUARANTINE, GOALS = "/benches", "/items", "/ledger", "/quarantine", "/goals"
_UID: Final = re.compile(r"E0[0-9A-F]{14}")
_WHY: Final = ("fork", "foreign", "hash", "timeline")


def pages(viewing: Viewing) -> tuple[tuple[str, str, Handler], ...]:
    """Return the pages: path, key of the name, handler."""

    def bound(page: Callable[[Viewing, Asked], Page]) -> Handler:
        return lambda asked: page(viewing, asked)

    return (
        (BENCHES, "office.benches", bound(benches)),
        (ITEMS, "office.items", bound(items)),
        (LEDGER, "fleet.ledger", bound(ledger)),
        (QUARANTINE, "fleet.quarantine", bound(quarantine)),
        (GOALS, "fleet.goals", bound(goals)),
    )


def benches(viewing: Viewing, asked: Asked) -> Page:
    """How each bench is."""
    shown = seen(viewing, asked)
    rows = viewing.standings(asked.viewer, [bench.id for bench in shown.benches])
    states = Filter(
        "state",
        tell("fleet.head.state"),
        [(name, tell(f"fleet.bench.{name}")) for name in ("alive", "silent", "never", "moved", "stopped")],
    )
    state = states.value(asked.text("state"))
    table = tables.benches(row for row in rows if state in ("", row.state))
    looked_at = sum(row.state in ("moved", "stopped") or row.quarantine > 0 for row in rows)
    return Page(
        template="list",
        title=tell("office.benches"),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=(*shown.filters, states),
        values={
            "empty": tell("fleet.no-benches"),
            "note": tell("fleet.look-at", count=looked_at) if looked_at else "",
        },
    )


def items(_: Viewing, asked: Asked) -> Page:
    """The search: a barcode leads to its item, a UID to its tag. The catalog is at the benches."""
    text = asked.text("q").strip()
    if _UID.fullmatch(text.upper()):
        return to_page(f"/tags/{text.upper()}")
    if text:
        return to_page(f"/items/{text}")
    values = {"query": text, "empty": tell("fleet.find-how")}
    return Page(template="list", title=tell("office.items"), read=lambda _: items_table(Found()), values=values)


def ledger(viewing: Viewing, asked: Asked) -> Page:
    """What each tag carries, by the newest write of all benches."""
    shown = seen(viewing, asked)
    ids = [bench.id for bench in shown.benches]
    names = {bench.id: (bench.name, bench.site) for bench in shown.benches}
    filters = (
        Filter("what", tell("fleet.head.what")),
        Filter(
            "only", tell("fleet.head.only"), [(name, tell(f"fleet.only.{name}")) for name in ("second", "open", "lost")]
        ),
    )
    what, only = (each.value(asked.text(each.name)).strip() for each in filters)

    def read(after: str) -> Table:
        rows = viewing.ledger(asked.viewer, ids, what, only, after, asked.rows + 1)
        page = rows[: asked.rows]
        table = tables.ledger(page, names, viewing.titles(asked.viewer, page))
        return table.followed_by(page[-1].uid) if len(rows) > len(page) else table

    return Page(
        template="list",
        title=tell("fleet.ledger"),
        read=read,
        filters=(*shown.filters, *filters),
        values={"empty": tell("fleet.no-tags")},
    )


def quarantine(viewing: Viewing, asked: Asked) -> Page:
    """Events that the center refused. They are kept, and never merged."""
    shown = seen(viewing, asked)
    ids = [bench.id for bench in shown.benches]
    names = {bench.id: (bench.name, bench.site) for bench in shown.benches}
    whys = Filter("why", tell("fleet.head.why"), [(name, tell(f"fleet.refused.{name}")) for name in _WHY])
    why = whys.value(asked.text("why"))

    def read(after: str) -> Table:
        rows = viewing.quarantine(asked.viewer, ids, why, after, asked.rows + 1)
        table = tables.quarantine(rows[: asked.rows], names)
        return table.followed_by(str(table.rows[-1][table.id_at])) if len(rows) > asked.rows else table

    return Page(
        template="list",
        title=tell("fleet.quarantine"),
        read=read,
        filters=(*shown.filters, whys),
        values={"empty": tell("fleet.nothing-refused")},
    )


def goals(viewing: Viewing, asked: Asked) -> Page:
    """How many items each site is to tag, and when that is done at its pace."""
    shown = seen(viewing, asked)
    sites, filters = {bench.site for bench in shown.benches}, shown.filters[:1]
    chosen = filters[0].value(asked.text(filters[0].name))
    rows = [goal for goal in viewing.goals(asked.viewer) if not chosen or goal.site in sites]
    table = tables.goals(rows, asked.sources.clock.day())
    return Page(
        template="list",
        title=tell("fleet.goals"),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={"empty": tell("fleet.no-goals")},
    )
