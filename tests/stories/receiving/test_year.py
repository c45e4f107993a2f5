"""A simulated year of 12 vendors: the journal comes to what was in the cartons."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from station.domain import events as ev
from station.store.database.database import open_reader
from station.store.owner import open_store
from station.store.projections.projections import compare
from tests.conftest import FakeClock
from tests.stories.receiving.year import Desk, Year


def lived(path: Path, lines: int, seed: int) -> Year:
    """Receive and settle a year of so many lines, and compare it with what the cartons held."""
    year = Year(lines, seed)
    store = open_store(path, FakeClock())
    try:
        desk = Desk(store, seed)
        for carton in year.cartons:
            desk.receive(carton)
        desk.settle()
        rows = store.queries.differences(everything=True)
        additions = [
            logged.event
            for logged in store.queries.events(limit=100 * lines)
            if isinstance(logged.event, ev.Added | ev.Gift | ev.LeaseIn)
        ]
    finally:
        store.close()
    differing: Counter[tuple[str, str]] = Counter()
    for row in rows:
        differing[row.vendor, row.kind.value] += row.copies
        assert row.owner and row.due and row.is_open == (not row.end)
    assert differing == +year.differences
    assert Counter(row.end for row in rows) == desk.ends
    assert Counter(ev.kind(event) for event in additions) == +year.added
    spent: Counter[str] = Counter()
    for event in additions:
        spent[event.copy.fund] += int(Decimal(event.copy.price or "0") * 100)
    assert +spent == +year.spent
    assert sum(event.copy.title_effect or 0 for event in additions) == len(year.titles)
    with closing(open_reader(path)) as sql:
        assert compare(sql) == ()
    return year


def test_a_hundredth_of_a_year_comes_to_what_was_in_the_cartons(tmp_path: Path) -> None:
    year = lived(tmp_path / "journal.db", 200, 0)
    assert len({kind for _, kind in year.differences}) == 7, year.differences


@pytest.mark.soak
def test_a_year_of_20000_lines_comes_to_what_was_in_the_cartons(tmp_path: Path) -> None:
    year = lived(tmp_path / "journal.db", 20_000, 37)
    kinds = {kind for _, kind in year.differences}
    assert kinds == {"short", "over", "wrong-edition", "damaged", "cancelled", "duplicate", "not-ordered"}
    assert set(year.added) == {"added", "gift", "lease-in"} and len({vendor for vendor, _ in year.differences}) == 12
