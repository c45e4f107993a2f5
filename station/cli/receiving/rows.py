"""Tables of receiving on a terminal: the id, by which people name a row in the next command, comes first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from station.base.cells import table
from station.reports.tables.cells import texts
from station.reports.tables.table import Table


def rows(shown: Table, names: Mapping[str, str], without: Collection[str] = ()) -> Sequence[str]:
    """Return heads and rows of a table; () = it has no rows. `names`: of people, by id; `without`: keys of columns."""
    if not shown.rows:
        return ()
    heads, *cells = texts(shown.without(without), names)
    ids = (str(row[shown.id_at]) for row in shown.rows)
    return list(table([("", *heads), *((ident, *row) for ident, row in zip(ids, cells, strict=True))]))
