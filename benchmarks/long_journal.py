"""A journal as of two years of work, for measurements: made by the journal's own code, in large transactions and
without waiting for the disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Recheck
from station.domain.deliveries.delivery import DeliveryState, NewDelivery
from station.domain.deliveries.intents import ResultIntent
from station.domain.findings import Finding, Outcome, RuleText, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Role
from station.domain.sampling import Drawn, Level, Plan, Stream, Switch, Whose
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.runtime.data_directory import JOURNAL, PEOPLE, SETTINGS_NAME
from station.store.database.database import Sql, open_writer, transaction
from station.store.journal.journal import JournalStore
from station.store.people.names import People

EVENTS_OF_AN_ITEM: Final = 16
RULES: Final = tuple(
    RuleText(f"{who}-{number}", 0, f"What a {who} looks at is right, {number}", Severity.MAJOR)
    for who, count in (("person", 8), ("machine", 23))
    for number in range(count)
)
"""Rules that a person answers, and rules that the machine checks: as many as in the demo."""
DAYS: Final = 720
"""Days over which the work is spread, evenly."""
WORKERS: Final = 296
"""Eight work at the same time, and are followed by the next eight."""
RARE: Final = "w-rare"
"""A worker who did little, long ago."""
TECHNICIAN: Final = "w-tess"
"""The person who reads: sees everyone's work."""
SETTINGS: Final = """[library]
isil = "US-XxExmp"
name = "Example Library"
[station]
operator = "w-tess"
[barcodes]
length = 0
prefixes = []
check_digit = "none"
"""
_OWNERS: Final = ("Cataloging", "Marking", "Preservation", "serials", "")
_MATERIALS: Final = ("book", "score", "sound disc", "video disc", "serial", "map")
_CHECKS: Final = tuple(rule for rule in RULES if "person" in rule.id)[:7]
_MACHINE: Final = tuple(rule for rule in RULES if "machine" in rule.id)
_BATCH: Final = 500
"""Items of a transaction."""
_REJECTED: Final = partial(
    Switch,
    whose=Whose.WORKER,
    before=Level.NORMAL,
    after=Level.TIGHTENED,
    code="rejected",
    reason=Sentence.verbatim("Bad work was found."),
    unasked=40,
)
_RECHECKED: Final = 499
"""Of so many items with a correction, about one is ordered to be checked again."""
_SENT: Final = "UPDATE outbox SET state = ?, changed_seq = ?, attempts = 1 WHERE event_seq = ?"


class _Then(SystemClock):
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> str:
        return self.at.isoformat(timespec="microseconds")

    def day(self, ahead: int = 0) -> str:
        return (self.at.astimezone().date() + timedelta(days=ahead)).isoformat()


def barcode_of(number: int) -> str:
    """Return the barcode of an item, counted from 0."""
    return f"3{number:013d}"


def make(data: Path, events: int, open_corrections: int = 0) -> int:
    """Make a data directory whose journal has about this many events. Twice as many corrections are closed as are open.
    Return the number of items."""
    (data / SETTINGS_NAME).write_text(SETTINGS, encoding="utf-8")
    items = events // EVENTS_OF_AN_ITEM
    workers = [f"w-{number:04x}" for number in range(WORKERS)]
    people = People(data / PEOPLE)
    people.add(TECHNICIAN, "tess", "Tess Marlowe")
    people.add(RARE, "rare", "Robin Rare")
    for worker in workers:
        people.add(worker, f"student{worker[2:]}", f"Student {worker[2:]}")
    clock = _Then()
    began = clock.at - timedelta(days=DAYS)
    with closing(open_writer(data / JOURNAL)) as sql:
        sql.execute("PRAGMA synchronous=OFF")
        journal = JournalStore(sql, clock, lambda day: ev.RulesInForce(digest="0" * 64, day=day[:4], rules=RULES))
        clock.at = began
        with transaction(sql):
            journal.append((ev.WorkerRegistered(worker=TECHNICIAN, role=Role.TECHNICIAN),))
            journal.append([ev.WorkerRegistered(worker=worker, role=Role.OPERATOR) for worker in (RARE, *workers)])
            journal.append(
                (ev.RollLoaded(name="roll 1", operator=RARE), ev.SoundChecked(heard=True, seen=True, operator=RARE))
            )
        last = items - 1

        def settle(seq: int) -> None:
            _settle(journal, sql, seq)

        for first in range(0, items, _BATCH):
            with transaction(sql):
                for number in range(first, min(first + _BATCH, items)):
                    clock.at = began + timedelta(days=DAYS) * (number / items)
                    block = number * (WORKERS // 8) // items
                    worker = workers[block * 8 + number % 8]
                    _item(journal, settle, number, worker, _correction(number, items, open_corrections))
                    if number % 2000 == 0 or number == last:
                        journal.append((ev.RollLoaded(name=f"roll {number}", operator=worker),))
    return items


def _correction(number: int, items: int, open_corrections: int) -> str:
    """Return whether the item has an "open" correction, a "closed" one, or none (""); evenly spread."""
    before, now = (at * 3 * open_corrections // items for at in (number, number + 1))
    if now == before:
        return ""
    return "open" if now % 3 == 0 else "closed"


def add_item(journal: JournalStore, sql: Sql, number: int, worker: str) -> None:
    """Add the events of an item without a correction."""
    _item(journal, lambda seq: _settle(journal, sql, seq), number, worker, "")


def _settle(journal: JournalStore, sql: Sql, seq: int) -> None:
    """Deliver the result of event `seq`."""
    name = f"{journal.journal_id}-{seq}-file"
    detail = Sentence.verbatim("line in results.jsonl")
    event = ev.DeliveryChanged(delivery=name, system="file", state=DeliveryState.DELIVERED, detail=detail)
    sql.execute(_SENT, (DeliveryState.DELIVERED, journal.append((event,)), seq))


def _item(journal: JournalStore, settle: Callable[[int], None], number: int, worker: str, correction: str) -> None:
    barcode, uid, attempt = barcode_of(number), f"E00401{number:010X}", f"{number:032x}"
    item = ItemRecord(
        barcode=Barcode(barcode),
        title=f"Imaginary book number {number}",
        author="Counter, Ann, 1.",
        call_number=f"PZ4.C68 I43 no.{number}",
        call_number_scheme="lc",
        call_number_reason=Sentence("callnumber.own", how=Sentence("callnumber.how.said", scheme="lc")),
        label_lines=("PZ", "4", ".C68", "I43", f"no.{number}"),
        material=_MATERIALS[number % len(_MATERIALS)],
        vendor=f"vendor {number % 3}" if number % 4 else "",
    )
    plan = Plan(lot=500, sample=102, confidence=0.9, rate=0.02)
    stream = Stream(whose=Whose.WORKER, subject=worker, plan=plan, lot=number // 500)
    asked = correction != "" or number % 5 > 0
    drawn = ev.ItemDrawn(
        barcode=barcode,
        asked=asked,
        reason=Sentence.verbatim("The item is in the sample."),
        draws=(
            Drawn(
                whose=Whose.WORKER,
                subject=worker,
                level=Level.NORMAL,
                lot=number // 500,
                position=1 + number % 500,
                asked=asked,
            ),
        ),
        streams=(stream,),
        operator=worker,
    )
    outcome = Outcome.PASS if asked else Outcome.NOT_SAMPLED
    answered = [Finding(rule.id, rule.title, rule.severity, outcome, worker) for rule in _CHECKS]
    if correction:
        wrong = Sentence.verbatim(f"The label says {number}, the record {number + 1}.")
        answered[0] = Finding(_CHECKS[0].id, _CHECKS[0].title, Severity.MAJOR, Outcome.FAIL, worker, wrong)
    findings = (*(Finding(r.id, r.title, r.severity, Outcome.ABSTAINED, "machine") for r in _MACHINE), *answered)
    verdict = Verdict.FAIL if correction else Verdict.PASS
    old = TagImage(Uid(uid), 4, bytes(112), (False,) * 28, 0, 0)
    new = TagImage(Uid(uid), 4, number.to_bytes(112, "big"), (False,) * 28, 7, 6)
    journal.append(
        (
            ev.ItemScanned(barcode=barcode, part=1, item=item, operator=worker),
            ev.TagRecognised(uid=uid, state="blank", operator=worker),
            ev.TagWriteStarted(
                attempt=attempt,
                uid=uid,
                barcode=barcode,
                part=1,
                parts=1,
                old=old,
                new=new,
                plan_digest=f"{number:064x}",
                steps=9,
                operator=worker,
            ),
            ev.TagWriteVerified(attempt=attempt, uid=uid, barcode=barcode, part=1, parts=1, writes=4, operator=worker),
            drawn,
            *(ev.CheckAnswered(barcode=barcode, finding=finding, operator=worker) for finding in answered),
        )
    )
    rejects = correction != "" and int(worker[2:], 16) % 20 == 0
    switches = (_REJECTED(subject=worker),) if rejects else ()
    counted = ev.SamplingCounted(barcode=barcode, streams=(stream,), switches=switches, operator=worker)
    judged = ev.ItemJudged(
        barcode=barcode,
        uid=uid,
        part=1,
        parts=1,
        verdict=verdict,
        findings=findings,
        item=item,
        seconds=25.0,
        operator=worker,
    )
    intent = ResultIntent(barcode=barcode, uid=uid, part=1, parts=1, verdict=verdict)
    seq = journal.append((counted, judged), [NewDelivery("file", barcode, intent)])
    settle(seq)
    if correction:
        _correct(journal, number, item, worker, closed=correction == "closed")


def _correct(journal: JournalStore, number: int, item: ItemRecord, worker: str, *, closed: bool) -> None:
    name, owner = f"c{number:031x}", _OWNERS[number % len(_OWNERS)] or worker
    rule = _CHECKS[0]
    opened = ev.CorrectionOpened(
        correction=name,
        barcode=item.barcode,
        item_title=item.title,
        rule=rule.id,
        title=Sentence.of(rule.title),
        severity=(Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)[number % 3],
        recheck=Recheck.PERSON,
        owner=owner,
        due=f"2{number % 2 * 999:03d}-01-01",
        worker=worker,
        found_by=worker,
        reason=Sentence.verbatim(f"The label says {number}, the record {number + 1}."),
        operator=worker,
    )
    events: list[ev.AnyEvent] = [opened]
    if closed:
        events.append(ev.CorrectionMended(correction=name, operator=TECHNICIAN))
        events.append(ev.CorrectionRechecked(correction=name, passed=True, operator=worker))
    elif number % 2:
        events.append(ev.CorrectionAssigned(correction=name, owner=owner, reason="Term begins.", operator=TECHNICIAN))
    if number % _RECHECKED == 0:
        order = ev.CorrectionOpened(
            correction=f"r{number:031x}",
            what=CorrectionKind.RECHECK,
            barcode=item.barcode,
            item_title=item.title,
            title=Sentence.verbatim("Check the item again."),
            due="2999-01-01",
            worker=worker,
            found_by=TECHNICIAN,
            operator=TECHNICIAN,
        )
        events.append(order)
    journal.append(events)
