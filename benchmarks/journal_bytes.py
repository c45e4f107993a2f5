"""Bytes of a journal, by kind of event, table and index, and per verdict: `python -m benchmarks.journal_bytes JOURNAL`.

The payloads as stored, then the pages of each table and index. To make a journal: `station demo --data FOLDER --auto 100
--fast`.
"""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.report import Row, Section, render

_BY_KIND = "SELECT kind, count(*), sum(length(payload)) FROM events GROUP BY kind ORDER BY 3 DESC"
_BY_TABLE = "SELECT name, sum(pgsize), sum(ncell), sum(payload) FROM dbstat GROUP BY name ORDER BY 2 DESC"
_ONCE = frozenset({"rules-in-force", "station-started", "station-stopped"})
"""Kinds that do not belong to an item."""


def section(journal: Path) -> Section:
    """Count each kind of event, all events of an item together, and the pages of each table and index (SQLite's virtual
    table "dbstat")."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as sql:
        kinds = [(str(kind), int(count), int(size)) for kind, count, size in sql.execute(_BY_KIND)]
        tables = list(sql.execute(_BY_TABLE))
    file = journal.stat().st_size
    verdicts = sum(count for kind, count, _ in kinds if kind == "item-judged") or 1
    whole = sum(size for kind, _, size in kinds if kind not in _ONCE) / verdicts
    rows = [
        Row(what=kind, value=f"{size / verdicts:,.0f} B", how=f"{count:,} events, {size:,} B")
        for kind, count, size in kinds
    ]
    rows.append(Row(what="an item", value=f"{whole:,.0f} B", how=f"without {', '.join(sorted(_ONCE))}"))
    rows += [
        Row(what=f"pages of {name}", value=f"{pages / verdicts:,.0f} B", how=f"{cells:,} rows, {used / pages:.0%} full")
        for name, pages, cells, used in tables
    ]
    rows.append(Row(what="the file", value=f"{file / verdicts:,.0f} B", how=f"{file:,} B on the disk"))
    return Section(
        title="Bytes of a journal",
        how=f"payloads and pages as stored, divided by {verdicts:,} verdicts",
        rows=tuple(rows),
        figures={"journal_item_bytes": whole},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", type=Path)
    print(render([section(parser.parse_args().journal)]))
