"""`station journal verify` on a long journal: time and memory of the command in its own process, compared with the
minimum cost of reading and hashing the same events."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.report import Row, Section, duration
from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, NewDelivery
from station.domain.deliveries.intents import ResultIntent
from station.domain.findings import Finding, Outcome, RuleText, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.sampling import Drawn, Level, Plan, Stream, Whose
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.store.database.database import open_reader, open_writer
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.owner import open_store

EVENTS_OF_AN_ITEM: Final = 16
_CHECKS: Final = 8
"""Number of rules that a person answers. `_MACHINE_CHECKS`: number of rules that the machine checks. Both as in the
demo."""
_MACHINE_CHECKS: Final = 23
RULES: Final = tuple(
    RuleText(f"{who}-{one}", 0, f"What a {who} looks at is right, {one}", Severity.MAJOR)
    for who, count in (("person", _CHECKS), ("machine", _MACHINE_CHECKS))
    for one in range(count)
)
_RUN: Final = """
import json, os, sys, time
began = time.perf_counter()
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, used = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - began, used.ru_utime + used.ru_stime,
    used.ru_maxrss * 1024]))
"""
"""Runs a command from a small process: Linux counts the parent's memory in the child's peak (getrusage(2))."""


def section(folder: Path, events: int) -> Section:
    """Measure a journal of this many events: verify it with the command, only read and hash it, and open it as the
    station does."""
    path = folder / "verify" / "journal.db"
    path.parent.mkdir()
    (path.parent / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n')
    fill(path, events)
    floor, chain = _floor(path), _chain(path)
    verify = ("journal", "verify", "--json", "--data", str(path.parent))
    took, work, peak = command("-m", "station", *verify)
    idle = command("-m", "station", "journal", "show", "--limit", "1", "--json", "--data", str(path.parent))
    began = perf_counter()
    store = open_store(path, SystemClock(), head_directory=path.parent / "heads")
    opened = perf_counter() - began
    store.close()
    size = path.stat().st_size
    rows = (
        Row(
            what="journal verify",
            value=duration(took),
            beside=duration(floor),
            ratio=took / floor,
            how=f"the command in its own process, processor time {work:.2f} s; beside: only read and hash the events",
        ),
        Row(
            what="its hash chain alone",
            value=duration(chain),
            beside=duration(took),
            ratio=chain / took,
            how="beside: journal verify, which also checks the derived tables and SQLite's integrity",
        ),
        Row(
            what="peak memory of journal verify",
            value=f"{peak / 1e6:.1f} MB",
            beside=f"{idle[2] / 1e6:.1f} MB",
            ratio=peak / idle[2],
            how="beside: `journal show` of one event",
        ),
        Row(
            what="open the journal at the start",
            value=duration(opened),
            beside=duration(took),
            ratio=opened / took,
            how="structure of the file, newest exported heads; beside: journal verify",
        ),
    )
    figures = {
        "verify s": took,
        "verify processor s": work,
        "read and hash s": floor,
        "chain s": chain,
        "verify peak bytes": peak,
        "show peak bytes": idle[2],
        "open s": opened,
    }
    return Section(
        title="Verify a journal",
        how=f"{events:,} events of {events // EVENTS_OF_AN_ITEM:,} items, {size / 1e6:,.0f} MB",
        rows=rows,
        figures=figures,
    )


def command(*words: str) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds and peak memory in bytes of Python with these arguments."""
    measured = [sys.executable, "-c", _RUN, *words]
    code, seconds, work, peak = json.loads(subprocess.run(measured, stdout=subprocess.PIPE, check=True).stdout)
    if code:
        raise RuntimeError(f"{words} ended with {code}")
    return float(seconds), float(work), int(peak)


def _floor(path: Path) -> float:
    """Return the seconds to read every event and hash its bytes, unchecked."""
    began = perf_counter()
    with closing(open_reader(path)) as sql:
        for (payload,) in sql.execute("SELECT payload FROM events ORDER BY seq"):
            hashlib.sha256(payload).digest()
    return perf_counter() - began


def _chain(path: Path) -> float:
    """Return the seconds to recompute the hash chain."""
    began = perf_counter()
    with closing(open_reader(path)) as sql:
        hash_chain.verify(sql)
    return perf_counter() - began


def fill(path: Path, events: int) -> None:
    """Journal as many items as give this many events, as the bench journals them, with the rules before the first
    finding; export the head."""
    with closing(open_writer(path)) as sql:
        sql.execute("PRAGMA synchronous=OFF")  # only reading is measured
        clock = SystemClock()
        journal = JournalStore(sql, clock, lambda day: ev.RulesInForce(digest="0" * 64, day=day, rules=RULES))
        outbox = OutboxStore(sql, journal)
        for number in range(events // EVENTS_OF_AN_ITEM):
            _item(journal, outbox, number)
        hash_chain.export_head(sql, path.parent / "heads", clock.now())


def _item(journal: JournalStore, outbox: OutboxStore, number: int) -> None:
    barcode, uid, attempt, worker = f"3{number:013d}", f"E00401{number:010X}", f"{number:032x}", f"w-{number % 9}"
    item = ItemRecord(
        barcode=Barcode(barcode),
        title=f"Imaginary book number {number}",
        author="Counter, Ann, 1.",
        call_number=f"PZ4.C68 I43 no.{number}",
        call_number_scheme="lc",
        call_number_reason=Sentence("callnumber.own", how=Sentence("callnumber.how.said", scheme="lc")),
        label_lines=("PZ", "4", ".C68", "I43", f"no.{number}"),
        material="book",
        vendor=f"vendor {number % 3}",
    )
    record = journal.record
    record(ev.ItemScanned(barcode=barcode, part=1, item=item, operator=worker))
    record(ev.TagRecognised(uid=uid, state="blank", operator=worker))
    record(
        ev.TagWriteStarted(
            attempt=attempt,
            uid=uid,
            barcode=barcode,
            part=1,
            parts=1,
            old=TagImage(Uid(uid), 4, bytes(112), (False,) * 28, 0, 0),
            new=TagImage(Uid(uid), 4, number.to_bytes(112, "big"), (False,) * 28, 7, 6),
            plan_digest=f"{number:064x}",
            steps=9,
            operator=worker,
        )
    )
    record(ev.TagWriteVerified(attempt=attempt, uid=uid, barcode=barcode, part=1, parts=1, writes=4, operator=worker))
    stream = Stream(
        whose=Whose.WORKER, subject=worker, plan=Plan(lot=0, sample=114, confidence=0.9, rate=0.02), lot=number
    )
    draw = Drawn(
        whose=Whose.WORKER, subject=worker, level=Level.NORMAL, lot=number // 500, position=1 + number % 500, asked=True
    )
    record(
        ev.ItemDrawn(
            barcode=barcode,
            asked=True,
            reason=Sentence.verbatim("The item is in the sample."),
            draws=(draw,),
            streams=(stream,),
            operator=worker,
        )
    )
    asked = tuple(
        Finding(rule.id, rule.title, rule.severity, Outcome.PASS, worker) for rule in RULES if "person" in rule.id
    )
    for one in asked:
        record(ev.CheckAnswered(barcode=barcode, finding=one, operator=worker))
    machine = tuple(
        Finding(rule.id, rule.title, rule.severity, Outcome.ABSTAINED, "machine")
        for rule in RULES
        if "machine" in rule.id
    )
    judged = ev.ItemJudged(
        barcode=barcode,
        uid=uid,
        part=1,
        parts=1,
        verdict=Verdict.PASS,
        findings=machine + asked,
        item=item,
        seconds=25.0,
        operator=worker,
    )
    intent = ResultIntent(barcode=barcode, uid=uid, part=1, parts=1, verdict=Verdict.PASS)
    record(
        ev.SamplingCounted(barcode=barcode, streams=(stream,), operator=worker),
        judged,
        deliveries=[NewDelivery("file", barcode, intent)],
    )
    (waiting,) = outbox.heads()
    outbox.lease(waiting.id)
    outbox.sending(waiting.id, "")
    outbox.settle(waiting.id, DeliveryState.DELIVERED, Sentence.verbatim("line in results.jsonl"))
