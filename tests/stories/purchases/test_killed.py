"""kill -9 between okay and export: an invoice is exported once or not at all, and what was exported can be written."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from station.domain.invoices.standing import InvoiceState
from station.store.database.database import open_reader
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from tests.cli.receiving.test_invoices import act, desk, typed
from tests.conftest import FakeClock
from tests.stories.purchases import killed_desk
from tests.support import forked

__all__ = ["desk"]


def killed(desk: Path, points: int) -> Counter[str]:
    """Kill the desk at so many points, each in a copy. Return how often the kill left each state."""
    for number in ("A-1", "A-2"):
        typed(desk, number, "10.00" if number == "A-1" else "11.00")
    whole = shutil.copytree(desk, desk.with_name("whole"))
    alive = forked.Process(whole, 0, module=killed_desk.__name__, stdout=subprocess.PIPE, text=True)
    output, _ = alive.communicate()
    last = int(output)
    chance, left = random.Random(38), Counter[str]()
    for n in range(points):
        data = shutil.copytree(desk, desk.with_name(f"killed-{n}"))
        # the file comes at the end, in few operations
        point = last - n // 2 % 12 if n % 2 else chance.randrange(1, last)
        assert forked.Process(data, point, module=killed_desk.__name__).wait() == -signal.SIGKILL
        left[state_of(data)] += 1
        finishes(data)
    return left


def state_of(data: Path) -> str:
    """Return what a kill left. A file that has its name is whole, and its export is journaled."""
    queries = Queries(data / "journal.db", FakeClock())
    with closing(open_reader(data / "journal.db")) as sql:
        assert compare(sql) == ()
    states = sorted(each.state.value for each in queries.invoices())
    exports, file = queries.exports(), data / killed_desk.FILE
    assert len(exports) == ("exported" in states) and states != ["exported", "signed"]
    if file.exists():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == exports[0].digest
        return "exported with file"
    return " ".join(states)


def finishes(data: Path) -> None:
    """Do what is left to do: each invoice is then exported exactly once, in a file with the digest of the journal."""
    queries, file = Queries(data / "journal.db", FakeClock()), data / "after.csv"
    for each in queries.invoices():
        if each.state is InvoiceState.OPEN:
            act(data, "okay", each.content.number, "--reason", "bound at once")
    again = [f"--again={export.id}" for export in queries.exports()]
    act(data, "export", *again, "--to", str(file))
    (export,) = queries.exports()
    assert len(export.invoices) == 2
    assert hashlib.sha256(file.read_bytes()).hexdigest() == export.digest
    assert act(data, "export", "--to", str(data / "twice.csv"), code=35)["error"]["code"] == "receiving-refused"


def test_a_kill_between_okay_and_export(desk: Path) -> None:
    assert sum(killed(desk, 4).values()) == 4


@pytest.mark.soak
def test_a_kill_between_okay_and_export_at_50_points(desk: Path) -> None:
    left = killed(desk, 50)
    assert sum(left.values()) == 50
    assert left.keys() == {"open open", "open signed", "signed signed", "exported exported", "exported with file"}, left
