"""After a restore of an older journal, deliveries that it shows as undelivered are looked up, and never made twice or
out of order."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest

from station.base import settings
from station.base.credentials import Secret
from station.base.words import tell
from station.domain.deliveries.delivery import Confirmation, Delivery, NewDelivery
from station.domain.deliveries.intents import Decision, Intent, NoteIntent, ResultIntent, ScanInIntent, item_of
from station.domain.events import TimelineBegan
from station.domain.verdict import Verdict
from station.store.journal import timeline
from station.store.owner import Store, open_store
from station.store.queries.queries import Queries
from station.sync.alma.mapping import parse
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from station.sync.file_sink import FileSink
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.alma_process import CANARY, NOTE, AlmaProcess, fictitious
from tests.sync.fakes import delivery

UID = "E004015012345678"
FIELD = """
name = "a field without an entry"
[fields]
statistics_note_1 = "RFID {verdict} {date}"
"""


def result(barcode: str, verdict: Verdict = Verdict.PASS, uid: str = UID) -> ResultIntent:
    return ResultIntent(barcode=barcode, uid=uid, part=1, parts=1, verdict=verdict, whole=True)


class Bench:
    """A journal with heads, a results file and the emulated Alma."""

    def __init__(self, folder: Path, alma: AlmaProcess) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.path, self.heads, self.file = folder / "journal.db", folder / "heads", folder / "results.jsonl"
        config = settings.Alma(base_url=alma.base_url, note_field=NOTE)
        self.systems = {"alma": Alma(config, lambda: Secret(CANARY), self.clock), "file": FileSink(self.file, tell)}

    def open(self) -> Store:
        return open_store(self.path, self.clock, head_directory=self.heads)

    def judge(self, *intents: Intent) -> None:
        """Record one event for each intent, for both systems, without sending."""
        store = self.open()
        for intent in intents:
            sent = [NewDelivery(name, "1", intent) for name in self.systems]
            store.journal.record(sample_events.judged(item_of(intent)), deliveries=sent)
        store.close()

    def deliver(self) -> Counter[str]:
        """Deliver everything. Return the number of deliveries in each state."""
        store = self.open()
        store.outbox.recover()
        courier = Courier(store.outbox, self.systems, self.clock, Random(1))
        for _ in range(40):
            self.clock.seconds += courier.step()
        states = Counter(store.queries.outbox_counts())
        store.close()
        return states

    def copy(self) -> None:
        shutil.copy(self.path, self.folder / "copy.db")

    def put_back(self) -> None:
        """Restore the copy and continue it as another timeline."""
        shutil.copy(self.folder / "copy.db", self.path)
        lost = Queries(self.path, self.clock).lost_heads(self.heads)
        began = TimelineBegan(journal="00000000000000aa", operator="tess")
        timeline.begin(self.path, self.clock, self.heads, began, expected=lost)

    def rows(self) -> list[str]:
        """Return the delivery ids in the results file."""
        return [json.loads(line)["delivery"] for line in self.file.read_text().splitlines()]


@pytest.fixture
def alma(alma_process: AlmaProcess) -> AlmaProcess:
    alma_process.reset({"1": fictitious("1")})
    return alma_process


@pytest.fixture
def bench(tmp_path: Path, alma: AlmaProcess) -> Iterator[Bench]:
    made = Bench(tmp_path, alma)
    yield made
    made.systems["alma"].close()


def test_what_was_delivered_in_the_lost_part_is_not_sent_again(bench: Bench, alma: AlmaProcess) -> None:
    bench.judge(result("1"))
    bench.copy()
    assert bench.deliver() == {"delivered": 2}
    bench.put_back()
    assert bench.deliver() == {"delivered": 2}
    assert len(bench.rows()) == len(set(bench.rows())) == 1
    assert len(alma.effects()) == 1


def test_what_was_not_delivered_in_the_lost_part_is_sent(bench: Bench, alma: AlmaProcess) -> None:
    bench.judge(result("1"))
    bench.copy()
    bench.judge(result("2"))
    bench.put_back()
    assert bench.deliver() == {"delivered": 2}
    assert len(bench.rows()) == 1
    assert len(alma.effects()) == 1


def test_a_later_result_of_the_lost_part_is_not_undone(bench: Bench, alma: AlmaProcess) -> None:
    """The results file keeps each result with its time. Alma has one state of the item, so a person decides."""
    bench.judge(result("1", Verdict.FAIL))
    bench.copy()
    store = bench.open()
    for name in [row.id for row in store.queries.outbox_page()]:
        store.outbox.decide(name, Decision.DISCARD, "tess")
    store.close()
    bench.judge(result("1"))
    bench.deliver()
    note = alma.item("1")["item_data"][NOTE]
    bench.put_back()
    assert bench.deliver() == {"delivered": 1, "parked": 1}
    assert alma.item("1")["item_data"][NOTE] == note
    assert len(bench.rows()) == 2


def test_a_scan_in_is_never_repeated(bench: Bench, alma: AlmaProcess) -> None:
    bench.judge(ScanInIntent(barcode="1", library="MAIN", desk="DEFAULT_CIRC_DESK"))
    bench.copy()
    bench.deliver()
    scanned = len(alma.effects("scan-in"))
    bench.put_back()
    assert bench.deliver()["parked"] == 1
    assert len(alma.effects("scan-in")) == scanned == 1


# --- Alma: the item's earlier state is unknown --------------------------------------------------------------------------


@pytest.fixture
def site(alma: AlmaProcess) -> Iterator[Alma]:
    config = settings.Alma(base_url=alma.base_url, note_field=NOTE)
    made = Alma(config, lambda: Secret(CANARY), FakeClock(), mapping=parse(FIELD, "m.toml"))
    yield made
    made.close()


def of(intent: Intent, number: int = 5) -> Delivery:
    return msgspec.structs.replace(delivery(number, lane="1"), intent=intent)


def entry(name: str, part: str = "1/1") -> str:
    return f"theirs | RFID [{name}] pass {part} E004015000000001 2026-11-01"


@pytest.mark.parametrize(
    ("note", "answer"),
    [
        ("", Confirmation.NOT_LANDED),
        ("somebody's", Confirmation.NOT_LANDED),
        (entry("j1-4-alma"), Confirmation.NOT_LANDED),
        (entry("j1-6-alma"), Confirmation.CANNOT_TELL),
        (entry("j2-1-alma"), Confirmation.CANNOT_TELL),
        (entry("j1-6-alma", "2/2"), Confirmation.NOT_LANDED),
        (entry("j1-5-alma"), Confirmation.LANDED),
    ],
)
def test_a_note_tells_by_its_entries(bench: Bench, alma: AlmaProcess, note: str, answer: Confirmation) -> None:
    alma.do("edit", barcode="1", field=NOTE, value=note)
    assert bench.systems["alma"].confirm(of(result("1"))) is answer
    assert bench.systems["alma"].confirm(of(NoteIntent(barcode="1", text="x"))) is not Confirmation.CANNOT_TELL


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("", Confirmation.NOT_LANDED),
        ("RFID pass 2026-11-24", Confirmation.LANDED),
        ("RFID fail 2026-11-25", Confirmation.CANNOT_TELL),
    ],
)
def test_a_field_with_another_value_of_ours_cannot_be_told(
    site: Alma, alma: AlmaProcess, value: str, answer: Confirmation
) -> None:
    alma.do("edit", barcode="1", field="statistics_note_1", value=value)
    assert site.confirm(of(result("1"))) is answer
