"""The deletion watch: items that only one of library system and journal has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.words import tell
from station.domain.withdrawals.deletion_watch import WatchedCatalog, WatchKind
from station.office.asked import Asked, Page
from station.office.filters import Filter
from station.reports.tables.deletion_watch import deletion_watch
from station.reports.tables.table import ordered, page_of
from station.runtime.deletion_watch import watch

WATCH: Final = "/withdrawals/watch"


def watch_page(asked: Asked) -> Page:
    title = tell("watch.title")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    with asked.sources.catalog() as index:
        now = watch(asked.queries, index)
    by_kind = Filter(
        "kind", tell("watch.head.kind"), [(kind.value, tell(f"watch.kind.{kind.value}")) for kind in WatchKind]
    )
    kind = by_kind.value(asked.text("kind"))
    table = deletion_watch([row for row in now.rows if kind in ("", row.kind)])
    compared = now.catalog is WatchedCatalog.COMPARED
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=(by_kind,),
        values={
            "empty": tell("watch.none"),
            "note": "" if compared else tell(f"watch.catalog.{now.catalog.value}"),
        },
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = ((WATCH, watch_page),)
