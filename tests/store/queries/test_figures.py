"""Statistics choose the verdicts of a period by the numbers of their events, and find the same as by their times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.findings import Finding, Outcome, Severity
from station.domain.sampling import By, Group
from station.store.journal.journal import JournalStore
from station.store.queries import figures
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events

WORKERS, VENDORS = ("w-1", "w-2", "w-3"), ("", "Ebsco", "YBP")
SIZE = 4


def _verdicts(clock: FakeClock) -> Iterator[tuple[str, ev.ItemJudged]]:
    """Yield verdicts with their times."""
    for number in range(60):
        clock.pause(3600)
        worker, bad = WORKERS[number * 7 % 3], number % 5 == 0
        finding = Finding("label", "The label", Severity.MAJOR, Outcome.FAIL if bad else Outcome.PASS, worker)
        event = sample_events.judged(f"3{number:013d}")
        record = msgspec.structs.replace(sample_events.record(event.barcode), vendor=VENDORS[number % 3])
        yield clock.now(), msgspec.structs.replace(event, findings=(finding,), item=record, operator=worker)


def _subject(by: By, event: ev.ItemJudged) -> str:
    return {By.WORKER: event.operator, By.VENDOR: event.item.vendor, By.MATERIAL: event.item.material}[by]


@pytest.mark.parametrize("by", By)
def test_a_period_has_the_verdicts_between_its_times(by: By) -> None:
    clock, sql = FakeClock(), in_memory()
    journal = JournalStore(sql, clock)
    verdicts = list(_verdicts(FakeClock()))
    for at, event in verdicts:
        journal.record(ev.SoundChecked(heard=True, seen=True))  # numbers of events are not those of verdicts
        clock.pause(3600)
        journal.record(event)
        assert clock.now() == at
    times = [at for at, _ in verdicts]
    for since, until in (("", ""), (times[7], ""), ("", times[40]), (times[7], times[40]), (times[40], times[7])):
        chosen = [
            (at, event, _subject(by, event))
            for at, event in verdicts
            if at >= since and (not until or at < until) and (by is not By.VENDOR or event.item.vendor)
        ]
        tallies = figures.tallies(sql, by, since, None, own=False, until=until)
        assert {tally.subject: tally.judged for tally in tallies} == Counter(subject for *_, subject in chosen)
        groups = []
        for subject in sorted({subject for *_, subject in chosen}):
            own = [(at, event) for at, event, whose in chosen if whose == subject]
            for number, first in enumerate(range(0, len(own), SIZE), 1):
                part = own[first : first + SIZE]
                bad = sum(event.findings[0].outcome is Outcome.FAIL for _, event in part)
                groups.append(
                    Group(
                        subject=subject,
                        number=number,
                        first_at=part[0][0],
                        last_at=part[-1][0],
                        looked=len(part),
                        bad=bad,
                    )
                )
        assert list(figures.groups(sql, by, since, None, SIZE, own=False, until=until)) == groups


def test_reasons_of_a_period_are_those_of_corrections_opened_between_its_times() -> None:
    clock, sql = FakeClock(), in_memory()
    journal = JournalStore(sql, clock)
    times = []
    for number, rule in enumerate(("label", "stamp", "title")):
        clock.pause(3600)
        journal.record(
            ev.CorrectionOpened(
                correction=f"{number:032x}",
                barcode=f"3{number:013d}",
                rule=rule,
                title=Sentence.verbatim(rule),
                due="2026-12-01",
            )
        )
        times.append(clock.now())
    for since, until, rules in (
        ("", "", ["label", "stamp", "title"]),
        (times[1], "", ["stamp", "title"]),
        ("", times[1], ["label"]),
        (times[1], times[2], ["stamp"]),
    ):
        assert [reason.rule for reason in figures.reasons(sql, since, until)] == rules, (since, until)
