"""A page of one bench as a page over all benches that its reader sees: the same handler, once for each bench.

A list has the rows of one bench after those of another, under headings. One that a reader sorts is sorted over all benches if
it fits on a page, else within each bench. Nothing here acts: buttons and forms are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import msgspec

from station.base.sentence import Sentence
from station.base.words import tell
from station.office.asked import BENCH, Asked, Page, missing
from station.office.filters import Filter
from station.office.fleet.viewing import Viewing
from station.reports.tables.fleet import BENCH_ID
from station.reports.tables.table import Column, Kind, Table, ordered

if TYPE_CHECKING:  # of the extra
    from station.store.postgres.viewed import ViewedBench

Handler = Callable[[Asked], Page]

SITE: Final = "bench_site"
"""Parameter with a site, and key of its column."""
PLACE_OF: Final = "place_of"
"""Value of a page for templates: the id of the bench of which it is."""
_BETWEEN: Final = "~"
"""Between the bench and its own key in the key where a page of a list begins."""
_NO_ACTS: Final[Mapping[str, object]] = {"doings": [], "saved": False, "undo": None, "open": False}
_COLUMNS: Final = (
    Column(SITE, Sentence("fleet.head.site")),
    Column(BENCH, Sentence("fleet.head.bench")),
    Column(BENCH_ID, Sentence("fleet.head.bench"), Kind.CODE),
)


class Seen(msgspec.Struct, frozen=True):
    """The benches that a reader asks for, and the filters by which they were chosen."""

    benches: tuple[ViewedBench, ...]
    filters: tuple[Filter, ...]


def seen(viewing: Viewing, asked: Asked) -> Seen:
    """Return the benches that the reader sees, and of these the ones that the filters leave."""
    every = viewing.benches(asked.viewer)
    sites = list(dict.fromkeys(bench.site for bench in every))
    filters = (
        Filter(SITE, tell("fleet.head.site"), [(site, site) for site in sites]),
        Filter(BENCH, tell("fleet.head.bench"), [(bench.id, f"{bench.name} · {bench.site}") for bench in every]),
    )
    site, bench = (each.value(asked.text(each.name)) for each in filters)
    # A name that is none of these finds nothing; it never widens what is shown.
    site, bench = site or asked.text(SITE), bench or asked.text(BENCH)
    chosen = (each for each in every if site in ("", each.site) and bench in ("", each.id))
    return Seen(tuple(chosen), filters)


class OverBenches:
    """Makes pages over all benches of the pages of one."""

    def __init__(self, viewing: Viewing, is_page: Callable[[str], bool]) -> None:
        """`is_page`: whether a path is a page here; links to others are left out."""
        self._viewing, self.is_page = viewing, is_page

    def lists(self, handler: Handler) -> Handler:
        """Return the handler of a list over all benches."""

        def page(asked: Asked) -> Page:
            shown = seen(self._viewing, asked)
            pages = [(bench, handler(self.of(asked, bench))) for bench in shown.benches]
            if not pages:
                values = {"sentence": tell("fleet.no-benches")}
                return Page(template="sentence", title=tell("office.name"), values=values)
            if any(page.read is None for _, page in pages):  # it leads elsewhere, or says why there is no list
                return pages[0][1]
            every = [page for _, page in pages]
            whole = _List(asked, [each for each in pages if _has_chosen(asked, each[1], every)], handler, self)
            joined = self._joined(shown, pages, whole)
            return _sorted(asked, joined) if asked.text("sort") and not asked.text(joined.page_in) else joined

        return page

    def one(self, handler: Handler) -> Handler:
        """Return the handler of a page about one thing: of the bench that the address names, else of the first that knows
        it."""

        def page(asked: Asked) -> Page:
            shown = seen(self._viewing, asked)
            for bench in shown.benches:
                found = handler(self.of(asked, bench))
                if found.status != 404:
                    page = self._read_only(found, bench)
                    return self._with_others(page, bench, handler, asked) if "besides" in page.values else page
            return missing()

        return page

    def of(self, asked: Asked, bench: ViewedBench) -> Asked:
        """Return what is asked of one bench."""
        own, viewer = self._viewing.sources(asked.viewer, bench.id), asked.viewer
        return msgspec.structs.replace(
            asked, sources=own, names_seen=cache(lambda: self._viewing.names(viewer, [bench.id]))
        )

    def _joined(self, shown: Seen, pages: Sequence[tuple[ViewedBench, Page]], whole: Callable[[str], Table]) -> Page:
        first = pages[0][1]
        notes = [f"{bench.name}: {note}" for bench, page in pages if (note := _note(page))]
        return msgspec.structs.replace(
            first,
            read=whole,
            filters=(*shown.filters, *_filters([page for _, page in pages])),
            groups=(SITE, BENCH, *first.groups),
            grouped=True,
            choose=(),
            live=False,
            values={**self._without_acts(first.values), "note": " ".join(notes)},
        )

    def _with_others(self, page: Page, bench: ViewedBench, handler: Handler, asked: Asked) -> Page:
        """Return a page about an item or tag with links to what other benches know of it."""
        others, besides = [], page.values["besides"]
        assert isinstance(besides, list)
        for other in self._viewing.benches(asked.viewer):
            answer = handler(self.of(asked, other)) if other.id != bench.id else None
            if answer is not None and answer.status != 404:
                state = str(answer.values["state"])
                words = tell(f"item.state.{state}") if state else ""
                others.append((f"{asked.path}?{urlencode({BENCH: other.id})}", f"{other.name} · {other.site}", words))
        heading = tell("fleet.at-other-benches")
        return msgspec.structs.replace(page, values={**page.values, "besides": [(heading, others), *besides]})

    def _read_only(self, page: Page, bench: ViewedBench) -> Page:
        note = " ".join(filter(None, (f"{bench.name} · {bench.site}.", _note(page))))
        values = {**self._without_acts(page.values), "note": note, PLACE_OF: bench.id}
        read = page.read and _with_bench(page.read, bench, self.is_page)
        return msgspec.structs.replace(page, values=values, read=read, choose=(), live=False)

    def _without_acts(self, values: Mapping[str, object]) -> dict[str, object]:
        kept = {**values, **{name: value for name, value in _NO_ACTS.items() if name in values}}
        for name in ("links", "choices"):
            links = values.get(name)
            if isinstance(links, list):
                kept[name] = [link for link in links if self.is_page(str(link[1]))]
        return kept


def _sorted(asked: Asked, page: Page) -> Page:
    """Return a list that is to be sorted, from its beginning on."""
    assert page.read is not None
    read, first, by = page.read, page.read(""), asked.text("sort")
    if not any(column.sorts and column.key == by.removeprefix("-") for column in first.columns):
        return page
    if first.next:
        note = " ".join(filter(None, (_note(page), tell("fleet.sorted-within"))))
        values = {**page.values, "note": note}
        return msgspec.structs.replace(page, values=values, read=lambda after: read(after) if after else first)
    table = ordered(first, by)
    return msgspec.structs.replace(page, grouped=False, read=lambda _: table)


def _note(page: Page) -> str:
    note = page.values.get("note", "")
    return tell(note) if isinstance(note, Sentence) else str(note)


class _List:
    """Reads the rows of several benches as one list."""

    def __init__(
        self, asked: Asked, pages: Sequence[tuple[ViewedBench, Page]], handler: Handler, over: OverBenches
    ) -> None:
        self._asked, self._pages, self._handler, self._over = asked, pages, handler, over

    def __call__(self, after: str) -> Table:
        begin, _, key = after.partition(_BETWEEN)
        at = next((at for at, (bench, _) in enumerate(self._pages) if bench.id == begin), 0)
        rows: list[Table] = []
        count, most, next_page = 0, self._asked.rows, ""
        for bench, page in self._pages[at:]:
            if count >= most:
                next_page = f"{bench.id}{_BETWEEN}"
                break
            table = self._table(bench, page, key, most - count)
            key = ""
            rows.append(table)
            count += len(table.rows)
            if table.next:
                next_page = f"{bench.id}{_BETWEEN}{table.next}"
                break
        return _together(rows, next_page)

    def _table(self, bench: ViewedBench, page: Page, key: str, most: int) -> Table:
        assert page.read is not None
        table = _with_bench(page.read, bench, self._over.is_page)(key)
        if len(table.rows) <= most:
            return table
        read = self._handler(msgspec.structs.replace(self._over.of(self._asked, bench), most=most)).read
        assert read is not None
        return _with_bench(read, bench, self._over.is_page)(key)


def _with_bench(
    read: Callable[[str], Table], bench: ViewedBench, is_page: Callable[[str], bool]
) -> Callable[[str], Table]:
    """Return what reads a list with the columns of its bench. Its cells lead to pages alone."""

    def page(after: str) -> Table:
        table = read(after)
        at = table.id_at % len(table.columns)
        columns = (
            column if is_page(f"{column.leads_to}/-") else msgspec.structs.replace(column, leads_to="")
            for column in table.columns
        )
        return msgspec.structs.replace(
            table,
            columns=(*columns, *_COLUMNS),
            rows=tuple((*row, bench.site, bench.name, bench.id) for row in table.rows),
            id_at=at,
        )

    return page


def _together(tables: Sequence[Table], next_page: str) -> Table:
    if not tables:
        return Table(_COLUMNS, (), id_at=0)
    rows = tuple(row for table in tables for row in table.rows)
    looked_back = "" if rows else tables[-1].looked_back_to
    return msgspec.structs.replace(tables[0], rows=rows, next=next_page, looked_back_to=looked_back)


def _filters(pages: Sequence[Page]) -> Iterator[Filter]:
    """Yield each filter with the choices of all pages."""
    filters: dict[str, Filter] = {}
    for page in pages:
        for each in page.filters:
            known = filters.get(each.name)
            if known is None or each.choices is None or known.choices is None:
                filters.setdefault(each.name, each)
            else:
                choices = {**dict(each.choices), **dict(known.choices)}
                filters[each.name] = msgspec.structs.replace(known, choices=list(choices.items()))
    yield from filters.values()


def _has_chosen(asked: Asked, page: Page, pages: Sequence[Page]) -> bool:
    """Return whether a bench has what each filter asks for. Its own page takes a value that it does not have for no
    filter."""
    for each in _filters(pages):
        if wanted := each.value(asked.text(each.name)):
            own = next((own for own in page.filters if own.name == each.name), None)
            if own is None or own.value(wanted) != wanted:
                return False
    return True
