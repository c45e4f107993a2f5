"""A list as a page shows it and as a file takes it: both from the same table, with the same filters, order and rights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import copy_context
from itertools import chain
from typing import Final

import msgspec

from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.events import ListTaken
from station.domain.people.sign_on import By
from station.office.asked import BENCH, HIDE, HIDE_BETWEEN, MOST, VIA, Asked, Page, part_of_path
from station.office.marks import LOOK, mark
from station.office.templates import cell_attributes
from station.reports.tables.cells import shown
from station.reports.tables.fleet import BENCH_ID
from station.reports.tables.table import Cell, Column, Kind, Table
from station.reports.tables.workbook import csv_pieces, xlsx_file

Read = Callable[[str], Table]

_FILES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def listing(asked: Asked, page: Page, table: Table) -> Mapping[str, object]:
    """Return the values of a page of a list for the templates."""
    table = table.without(asked.hidden)
    by = asked.text("sort")
    groups = () if by and not page.grouped else page.groups
    at_row = [at for at in table.shown if table.columns[at].key not in groups] or list(table.shown)
    seen = [table.columns[at] for at in at_row]
    names, ids = asked.names_seen(), table.columns[table.id_at].key
    filters = [(one, one.value(asked.text(one.name))) for one in page.filters]
    begin = {page.page_in: ""}
    return {
        "columns": [(column, *_sort(column, by, asked, page.page_in)) for column in seen],
        "rows": list(_rows(table, names, at_row)),
        "groups": _groups(table, groups),
        "hiding": _hiding(asked, table),
        "hidden": len(table.offered) - len(table.shown),
        "ids": [row[table.id_at] for row in table.rows],
        "choose": page.choose,
        "label": next((column.key for column in seen if column.leads_by == ids), seen[0].key),
        "filters": filters,
        "chips": [
            (one.label, one.words(value), asked.url(**{one.name: ""} | begin)) for one, value in filters if value
        ],
        "show_all": asked.url(**{one.name: "" for one in page.filters} | begin),
        "kept": [(name, asked.text(name)) for name in ("rows", "q", HIDE) if asked.text(name)],
        "sorts": [column for column in table.columns if column.sorts],
        "sort": by,
        "looked_back_to": table.looked_back_to and local_day_and_time(table.looked_back_to),
        "next": asked.url(**{page.page_in: table.next}) if table.next else "",
        "first": asked.url(**begin) if asked.text(page.page_in) else "",
        "longer": asked.url(rows=str(MOST)) if table.next and asked.rows < MOST else "",
        "csv": asked.url(**{"as": "csv"} | begin),
        "xlsx": asked.url(**{"as": "xlsx"} | begin),
    }


class File(msgspec.Struct, frozen=True):
    """A list as a file."""

    pieces: Iterator[bytes]
    media_type: str
    name: str


def file(asked: Asked, page: Page, read: Read) -> File:
    """Return the whole list as a file. If it names people, the journal first gets who took it. Raises `TooLong`, and what
    `Acts.order` raises."""
    names, name = asked.names_seen(), f"{page.title}.{asked.file}"
    read = _hidden(read, asked.hidden)
    first = read("")
    if asked.file == "csv":
        pieces = _told(csv_pieces(_pages(first, read), names))
        begin = next(pieces)  # what fails at once is a page, not half a file
        _journal(asked, page, first, read)
        return File(chain((begin,), pieces), _FILES["csv"], name)
    about = (
        (tell("office.about.who"), asked.viewer.name or asked.viewer.id),
        (tell("office.about.when"), local_day_and_time(asked.sources.clock.now())),
        (tell("office.about.page"), asked.url(**{"as": ""})),
        *((one.label, one.words(value)) for one in page.filters if (value := one.value(asked.text(one.name)))),
        *([(tell("office.about.hidden"), ", ".join(asked.hidden))] if asked.hidden else []),
    )
    body = xlsx_file(_pages(first, read), names, page.title, about, tell("office.about.rows"))
    _journal(asked, page, first, read)
    return File(iter((body,)), _FILES["xlsx"], name)


def _journal(asked: Asked, page: Page, first: Table, read: Read) -> None:
    """Journal that a list in which people are named is taken, before its first byte leaves."""
    if not (page.about_a_person or first.names_people):
        return
    rows = sum(len(table.rows) for table in _pages(first, read))
    event = ListTaken(list=asked.path, form=asked.file, rows=rows, operator=asked.viewer.id)
    asked.sources.acts.order([event], By(operator=asked.viewer.id, session=asked.session, via=VIA))


def _hidden(read: Read, keys: Collection[str]) -> Read:
    """Return what reads a list without these columns."""
    return lambda after: read(after).without(keys)


def _hiding(asked: Asked, table: Table) -> list[tuple[str, str, bool]]:
    """Return each column that a reader may hide or show again: its head, the URL that does it, and whether it is shown.
    The last one that is shown stays."""
    hidden = [key for key in asked.hidden if key in table.hidden]
    shown = [column.key for column in table.offered if column.key not in hidden]
    choices = []
    for column in table.offered:
        is_shown = column.key in shown
        keys = [*hidden, column.key] if is_shown else [key for key in hidden if key != column.key]
        url = "" if shown == [column.key] else asked.url(**{HIDE: HIDE_BETWEEN.join(keys)})
        choices.append((tell(column.head), url, is_shown))
    return choices


def _groups(table: Table, keys: Collection[str]) -> list[str]:
    """Return the heading above each row: what the columns with these keys have; "" = the same as the row above."""
    at = [position for position, column in enumerate(table.columns) if column.key in keys]
    texts = [" · ".join(filter(None, (shown(table.columns[each], row[each], {}) for each in at))) for row in table.rows]
    return [text if text != above else "" for above, text in zip(["", *texts], texts, strict=False)]


def _rows(
    table: Table, names: Mapping[str, str], at_row: Collection[int]
) -> Iterator[Sequence[tuple[Column, str, Cell, str, str, str]]]:
    """Yield each row: column, text, cell, the address of the page to which it leads ("" = to none), the symbol of its
    state, and its attributes. `at_row`: positions of its columns."""
    keys = [column.key for column in table.columns]
    leads = {at: keys.index(column.leads_by) for at, column in enumerate(table.columns) if column.leads_by}
    parts = [(at, column) for at, column in enumerate(table.columns) if column.part_of and column.kind is Kind.FLAG]
    flags = {keys.index(column.part_of): at for at, column in parts}
    full, none = (
        {column.key: cell_attributes(column.kind, column.head, empty=empty) for column in table.columns}
        for empty in (False, True)
    )
    bench = keys.index(BENCH_ID) if BENCH_ID in keys else None
    for row in table.rows:
        cells = []
        of_bench = "" if bench is None else f"?{BENCH}={row[bench]}"
        for at in at_row:
            column = table.columns[at]
            symbol = LOOK if at in flags and row[flags[at]] else mark(column.words, str(row[at]))
            text = shown(column, row[at], names)
            raw = row[leads.get(at, at)]
            attributes = full if text or (column.leads_to and raw) else none
            folder = "/items" if column.kind is Kind.ITEM else column.leads_to
            address = f"{folder}/{part_of_path(str(raw))}{of_bench}" if folder and raw else ""
            cells.append((column, text, raw, address, symbol, attributes[column.key]))
        yield cells


def _sort(column: Column, by: str, asked: Asked, page_in: str) -> tuple[str, str]:
    """Return the URL that sorts by the column ("" = it does not sort), and its `aria-sort` now."""
    if not column.sorts:
        return "", ""
    upward = by == column.key
    now = "ascending" if upward else "descending" if by == f"-{column.key}" else ""
    return asked.url(**{"sort": f"-{column.key}" if upward else column.key, page_in: ""}), now


def _pages(page: Table, read: Read) -> Iterator[Table]:
    """Yield all pages of a list, from the first one on."""
    yield page
    while page.next:
        page = read(page.next)
        yield page


def _told(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces in the language of the reader who asked: the server takes them in other threads."""
    context = copy_context()
    while (piece := context.run(next, pieces, None)) is not None:
        yield piece
