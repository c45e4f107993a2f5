"""kill -9 in the middle of what a receiving desk does: each act is done or not, and doing the rest gives the same journal."""

from __future__ import annotations

import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.store.database.database import open_reader
from station.store.projections.projections import compare, dump
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.stories.receiving import killed_desk
from tests.stories.receiving.killed_desk import ACTS, Acts, Statements, act, counted
from tests.support import forked

CLOSE = 9
"""The act that closes a shipment with many short lines."""


def killed_everywhere(
    folder: Path,
    points: int,
    monkeypatch: pytest.MonkeyPatch,
    module: str = killed_desk.__name__,
    act: Callable[..., list[int]] = act,
    acts: Acts = ACTS,
    last_act: int = CLOSE,
) -> Counter[int]:
    """Kill a desk at so many statements, in each act in turn, `last_act` first, each in a copy of a fresh journal. Return by
    act how often it was the next one after the kill. `module`: does these acts as a process."""
    statements, ends = Statements(), list[int]()
    with monkeypatch.context() as patched:
        patched.setattr(killed_desk.owner, "open_writer", killed_desk.owner.open_writer)  # is put back afterwards
        counted(statements)
        fresh = folder / "fresh"
        fresh.mkdir()
        act(fresh / "journal.db", len(acts))
        statements.count = 0
        whole = shutil.copytree(fresh, folder / "whole") / "journal.db"
        heads = act(whole, 0, lambda: ends.append(statements.count))
    expected = rows(whole)
    chance = random.Random(37)
    interrupted: Counter[int] = Counter()
    for n in range(points):
        number = (last_act - n) % len(acts)
        last = chance.randrange(ends[number], ends[number + 1]) + 1
        journal = shutil.copytree(fresh, folder / f"killed-{n}") / "journal.db"
        process = forked.Process(journal, 0, last, module=module)
        assert process.wait() == -signal.SIGKILL
        head = Queries(journal, FakeClock()).head().seq
        assert head in heads, f"half of an act is in the journal: {heads}"
        check_tables(journal)
        interrupted[heads.index(head)] += 1
        act(journal, heads.index(head))
        assert rows(journal) == expected
    return interrupted


def rows(journal: Path) -> object:
    """Return the hash of the journal's newest event, and all tables that follow from the events."""
    with closing(open_reader(journal)) as sql:
        return sql.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone(), dump(sql)


def check_tables(journal: Path) -> None:
    with closing(open_reader(journal)) as sql:
        assert compare(sql) == ()


def test_a_killed_desk_leaves_no_half_of_an_act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(killed_everywhere(tmp_path, 4, monkeypatch).values()) == 4


@pytest.mark.soak
def test_a_killed_desk_leaves_no_half_of_an_act_at_50_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = killed_everywhere(tmp_path, 50, monkeypatch)
    assert sum(interrupted.values()) == 50 and interrupted.keys() == set(range(len(ACTS))), interrupted
