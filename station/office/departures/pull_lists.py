"""Pull lists: weeding lists that a librarian approved, and the lines of one in shelf order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from station.acquisitions.pull_lists import shelf_order
from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.distribution.sites import sites_of
from station.domain.withdrawals.pull_list import PullListStanding, PullOutcome, PullStanding
from station.office.asked import Asked, Page, missing
from station.office.departures.withdrawals import may_withdraw
from station.office.filters import Filter, only
from station.office.forms import NEW
from station.printing.outputs import Target
from station.reports.lateness import Lateness
from station.reports.tables.pull_lists import LISTS, RECALLED, UNSEEN, PullFilter, late, place_of, place_words
from station.reports.tables.pull_lists import pull_lines as lines_table
from station.reports.tables.pull_lists import pull_lists as lists_table
from station.reports.tables.table import ordered, page_of
from station.reports.tables.withdrawals import named

IMPORT: Final = f"{LISTS}/import"
OUTCOMES: Final = (
    PullOutcome.FOUND.value,
    PullOutcome.NOT_FOUND.value,
    PullOutcome.ON_LOAN.value,
    RECALLED,
    PullOutcome.GONE.value,
    PullOutcome.WRONG_EDITION.value,
)
"""What a person may find of a line, in the order of the buttons."""
_KEY: Final = " · "
"""Between library and location in the address of a filter."""


def lists_page(asked: Asked) -> Page:
    """Open lists, the oldest first, unless the reader asks for all."""
    title = tell("pull.title")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    options, now = asked.sources.settings.withdrawal, asked.sources.clock.now()
    everything = only("all", tell("pull.filter.all"))
    rows = asked.sources.visibility(asked.viewer).pull_lists(everything=bool(everything.value(asked.text("all"))))
    red = sum(late(row, options, now) is Lateness.RED for row in rows)
    table = lists_table(rows, options, now)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=(everything,),
        values={
            "empty": tell("pull.none"),
            "note": tell("pull.very-late", count=red) if red else "",
            "doings": [(IMPORT, tell("form.do.import-pull"))] if may_withdraw(asked) else [],
        },
    )


# --- one ------------------------------------------------------------------------------------------------------------


def find(asked: Asked) -> PullListStanding | None:
    """Return the list that the address names, as the reader may see it."""
    if not asked.queries.exists:
        return None
    return asked.sources.visibility(asked.viewer).pull_list(asked.names["id"])


def known(asked: Asked) -> PullListStanding:
    """Return the list that the address names. Raise `DepartureRefused`."""
    now = find(asked)
    if now is None:
        raise DepartureRefused(Sentence("pull.unknown", list=clean(asked.names["id"], 60)))
    return now


def one(asked: Asked) -> Page:
    """One list: its lines as they stand on the shelves, below library and location."""
    now = find(asked)
    if now is None:
        return missing()
    lines = shelf_order(asked.sources.visibility(asked.viewer).pull_lines(now.id))
    filters, choice = _filters(asked, lines)
    table = lines_table(filter(choice.wants, lines), now.id)
    days = late(now, asked.sources.settings.withdrawal, asked.sources.clock.now())
    leaves = not now.closed_at and bool(asked.viewer.id) and may_withdraw(asked)
    return Page(
        template="box",
        title=clean(now.name),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        groups=("place",),
        choose=((f"{LISTS}/{now.id}/without", tell("form.do.without-pull")),) if leaves else (),
        values={
            "code": "received" if now.closed_at else "open",
            "state": tell("pull.is-closed") if now.closed_at else tell("pull.is-open", count=now.unseen),
            "late": days is not Lateness.IN_TIME,
            "facts": [fact for fact in _facts(asked, now, days) if fact[1]],
            "heading": tell("pull.head.count"),
            "empty": tell("pull.empty"),
            "saved": bool(asked.number(NEW)),
            "doings": list(_doings(asked, now)),
            "links": list(_links(asked, now)),
            "steps": [],
        },
    )


def _filters(asked: Asked, lines: Sequence[PullStanding]) -> tuple[tuple[Filter, ...], PullFilter]:
    places = {_KEY.join(place_of(line)): place_of(line) for line in lines if any(place_of(line))}
    outcome = Filter(
        "outcome",
        tell("pull.head.outcome"),
        [(code, tell(f"pull.outcome.{code}")) for code in (UNSEEN, PullOutcome.BACK.value, *OUTCOMES)],
    )
    place = Filter(
        "place",
        tell("pull.head.place"),
        [(key, clean(place_words(both))) for key, both in places.items()],
    )
    is_open = only("open", tell("pull.filter.open"))
    choice = PullFilter(
        outcome=outcome.value(asked.text("outcome")),
        place=places.get(place.value(asked.text("place"))),
        open=bool(is_open.value(asked.text("open"))),
    )
    return (outcome, place, is_open), choice


def _facts(asked: Asked, now: PullListStanding, days: Lateness) -> Iterator[tuple[str, str]]:
    options, names = asked.sources.settings.withdrawal, asked.names_seen()
    yield tell("pull.head.count"), str(now.count)
    yield tell("pull.head.unseen"), str(now.unseen)
    yield tell("pull.head.on-loan"), str(now.on_loan) if now.on_loan else ""
    yield tell("pull.head.withdrawn"), str(now.withdrawn)
    yield tell("withdrawal.head.late"), tell(f"withdrawal.late.{days}") if days is not Lateness.IN_TIME else ""
    yield tell("withdrawal.head.reason"), clean(named(now.reason, options.reasons))
    yield tell("withdrawal.head.destination"), clean(named(now.destination, options.destinations))
    yield tell("withdrawal.head.approver"), clean(now.approver)
    yield tell("office.head.owner"), names.get(now.imported_by, now.imported_by)
    yield tell("office.head.since"), local_day_and_time(now.imported_at)
    yield tell("pull.head.closed"), local_day_and_time(now.closed_at) if now.closed_at else ""
    yield tell("pull.head.source"), clean(now.source)
    yield tell("pull.head.note"), clean(now.note)


def _doings(asked: Asked, now: PullListStanding) -> Iterator[tuple[str, str]]:
    """Yield what is possible now: path, and name of the button."""
    if now.closed_at or not asked.viewer.id:
        return
    yield f"{LISTS}/{now.id}/tick", tell("form.do.to-tick")
    if now.on_loan:
        yield f"{LISTS}/{now.id}/loans", tell("form.do.ask-loans")
    if may_withdraw(asked):
        yield f"{LISTS}/{now.id}/close", tell("form.do.close-pull")


def _links(asked: Asked, now: PullListStanding) -> Iterator[tuple[str, str]]:
    paper = msgspec.structs.replace(asked, path=f"{LISTS}/{now.id}/print")
    yield tell("pull.print"), paper.url(sort="", after="", new="")
    if now.withdrawn:
        yield tell("pull.its-withdrawals"), f"/withdrawals?all=1&list={now.id}"


def sheet(asked: Asked) -> Page:
    """The lines that the page shows, on paper: a file for the printer of the desk."""
    from station.printing.job import Printer, load_paper, paper_of  # 15 MB that reading needs not
    from station.printing.pull_sheet import pull_sheet

    now = find(asked)
    if now is None:
        return missing()
    settings, data, clock = asked.sources.settings, asked.sources.data, asked.sources.clock
    lines = asked.sources.visibility(asked.viewer).pull_lines(now.id)
    _, choice = _filters(asked, lines)
    paper, nowhere = load_paper(paper_of("pull-list", settings.labels), data), Target("directory", "")  # not for people
    printer = Printer(paper, "pull-list", "pdf", nowhere, settings=settings.labels, data=data, clock=clock)
    pages = pull_sheet(
        paper,
        printer.fonts,
        now,
        tuple(filter(choice.wants, lines)),
        reason=named(now.reason, settings.withdrawal.reasons),
        destination=named(now.destination, settings.withdrawal.destinations),
        sites=sites_of(settings.distribution),
        day=clock.day(),
    )
    return Page(template="", title=now.id, file=printer.render(pages))


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    (LISTS, lists_page),
    (f"{LISTS}/{{id}}", one),
    (f"{LISTS}/{{id}}/print", sheet),
)
