"""kill -9 while receipts are under way, at any step: each copy is received and kept once, and nobody has to look."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.domain import events as ev
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.order_line import ReceiptState
from station.domain.receiving.shipment import shipment_id
from station.store.database.database import open_reader
from station.store.owner import open_store
from station.store.projections.projections import compare
from station.store.queries.queries import Queries
from tests.stories.receiving import killed_courier, receipt_schedule
from tests.stories.receiving.receipt_judge import judge
from tests.stories.receiving.receipt_schedule import TESS, Copy, Outcome
from tests.support import forked
from tests.support.alma_process import AlmaProcess
from tests.support.patience import PATIENCE_S

PLACES = [receipt_schedule.PLACES[n] for n in (0, 1, 2, 4)]
"""Copies that the order line names by their library only, one by the vendor's barcode, and one of a standing order."""


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Copy]]:
    """Return a journal in which a copy of each of `PLACES` was counted and got our barcode."""
    journal = tmp_path_factory.mktemp("added") / "journal.db"
    store = open_store(journal, SystemClock(), receipt_rules=killed_courier.RULES)
    lines = tuple(
        PackingLine(line=str(n), order_line=number, library=library, barcode=vendors, numbers=(f"97800000{n:05}",))
        for n, (number, library, vendors, _) in enumerate(PLACES)
    )
    copies = []
    try:
        store.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
        content = PackingList(name="INV", lines=lines)
        listed = ev.list_id(store.journal.order(ev.PackingListImported(content=content, operator=TESS)))
        shipment = shipment_id(store.journal.order(ev.ShipmentOpened(lists=(listed,), operator=TESS)))
        for n, (number, library, _, _) in enumerate(PLACES):
            counted = ev.CopyCounted(shipment=shipment, scanned="x", numbers=lines[n].numbers, operator=TESS)
            count = store.journal.order(counted)
            barcode = f"3123400000{n:04}"
            store.journal.order(ev.Added(barcode=barcode, count=count, operator=TESS))
            copies.append(Copy(count, barcode, number, library, n))
    finally:
        store.close()
    return journal.parent, copies


def killed(steps: tuple[int, ...], alma: AlmaProcess, added: tuple[Path, list[Copy]], folder: Path) -> None:
    """Kill a courier before its step with the first of these numbers, the next one before the second, and so on, and let the
    last one finish."""
    source, copies = added
    journal = shutil.copytree(source, folder) / "journal.db"
    alma.reset(receipt_schedule.items(), receipt_schedule.world())
    for step in steps:
        assert run(journal, alma, step) == -signal.SIGKILL
    assert run(journal, alma, 0) == 0
    with closing(open_reader(journal)) as sql:
        assert compare(sql) == ()
    queries = Queries(journal, SystemClock())
    assert queries.verify().ok
    outcome = Outcome(
        copies=copies,
        states={copy.count: getattr(queries.receipt(copy.count), "state", None) for copy in copies},
        differences={},
        boxes={},
        log=alma.do("log"),
        items={item["item_data"]["pid"]: item for item in alma.do("items")["items"]},
    )
    assert judge(outcome) == []
    assert set(outcome.states.values()) == {ReceiptState.KEPT}
    assert len(outcome.log["effects"]) == 2 * len(PLACES), "each copy is received once and kept once"


def run(journal: Path, alma: AlmaProcess, die_at: int) -> int:
    arguments = (journal, alma.base_url, die_at)
    return forked.run(*arguments, module=killed_courier.__name__, timeout=PATIENCE_S).returncode


def test_killed_four_times_on_the_way(alma: AlmaProcess, added: tuple[Path, list[Copy]], tmp_path: Path) -> None:
    killed((9, 14, 8, 12), alma, added, tmp_path / "journal")


@pytest.mark.soak
def test_killed_at_50_points(alma: AlmaProcess, added: tuple[Path, list[Copy]], tmp_path: Path) -> None:
    for step in range(1, 51):
        killed((step,), alma, added, tmp_path / f"{step}")
