"""The tables kept in memory for a replay have the rows that SQL keeps, after each of two thousand random events."""

from __future__ import annotations

import random
from contextlib import closing

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.rights import Role
from station.domain.sampling import Drawn, Level, Stream, Switch, Whose
from station.domain.verdict import Verdict, Waiver
from station.store.journal.journal import JournalStore
from station.store.projections import projections, sampling
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events

STORED = "SELECT seq, kind, payload FROM events WHERE seq = ?"
WAIVER = Waiver("label", "bea", Role.TECHNICIAN, "small")


def event(rng: random.Random, number: int, verdicts: dict[str, int]) -> ev.AnyEvent:
    """Return a random event about one of three tags, two items and two people. Attempts have the event's number.
    `verdicts`: number of the newest verdict on each item that was not taken back."""
    uid = f"E00401000000000{rng.randrange(3)}"
    barcode = rng.choice(["31234000000015", "31234000000023"])
    attempt = f"a{number - 1 - rng.randrange(12)}"
    match rng.randrange(14):
        case 0 | 1:
            return sample_events.started(f"a{number}", uid, barcode, resumes=rng.choice(["", attempt]))
        case 2:
            return msgspec.structs.replace(sample_events.verified(attempt, uid, barcode), to_check=rng.random() < 0.5)
        case 3:
            return sample_events.abandoned(attempt, uid)
        case 4:
            return ev.TagErased(attempt=attempt, uid=uid, barcode=barcode)
        case 5:
            restored = rng.choice(["", barcode])
            return ev.TagUndoVerified(attempt="u", undoes=attempt, uid=uid, barcode=barcode, restored=restored)
        case 6:
            return ev.SamplingCounted(barcode=barcode, streams=(stream(rng),), switches=(switch(rng), switch(rng)))
        case 7:
            draws = tuple(draw(rng, whose) for whose in Whose if rng.randrange(2))
            return ev.ItemDrawn(
                barcode=barcode, asked=True, reason=EMPTY, draws=draws, streams=(stream(rng),), switches=(switch(rng),)
            )
        case 8:
            return ev.ItemSetAside(barcode=barcode, code=("", ev.SENDER_GONE)[number % 2])
        case 12:
            return ev.DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=barcode))
        case 13:
            delivery = f"{'0' * 16}-{number - 1 - rng.randrange(12)}-alma"
            return ev.DeliveryChanged(delivery=delivery, system="alma", state=DeliveryState.DISCARDED)
        case 9 if barcode in verdicts:
            judged = verdicts.pop(barcode)
            return ev.VerdictTakenBack(
                barcode=barcode, uid=uid, part=1, judged=judged, first=judged - 1, rules=(), streams=(stream(rng),)
            )
        case _:
            return ev.ItemJudged(
                barcode=barcode,
                uid=uid,
                part=1,
                parts=1,
                verdict=rng.choice([*Verdict]),
                findings=tuple(finding(rng) for _ in range(rng.randrange(3))),
                item=sample_events.record(barcode),
                seconds=rng.choice([1.0, 2.0]),
                waivers=(WAIVER,) * rng.randrange(2),
            )


def stream(rng: random.Random) -> Stream:
    who = rng.choice(["ann", "bea"])
    return msgspec.structs.replace(sample_events.STREAM, whose=rng.choice([*Whose]), subject=who, lot=rng.randrange(9))


def switch(rng: random.Random) -> Switch:
    return Switch(
        whose=rng.choice([*Whose]),
        subject=rng.choice(["ann", "bea"]),
        before=None,
        after=Level.TIGHTENED,
        code=rng.choice(["rejected", "recheck", "accepted"]),
        reason=Sentence.verbatim(""),
        unasked=rng.randrange(2),
    )


def draw(rng: random.Random, whose: Whose) -> Drawn:
    lot, position = rng.randrange(9), rng.randrange(2)
    asked = rng.random() < 0.5
    return Drawn(whose=whose, subject="ann", level=Level.NORMAL, lot=lot, position=position, asked=asked)


def finding(rng: random.Random) -> Finding:
    by = rng.choice(["ann", sampling.MACHINE])
    severity, number = rng.choice([*Severity]), rng.choice([0, 20])  # or the words of the rules: a whole finding
    return Finding("label", "The label is straight", severity, rng.choice([*Outcome]), by, number=number)


def test_the_tables_in_memory_are_those_of_sql() -> None:
    rng = random.Random(0)
    for _ in range(20):
        with closing(in_memory()) as sql, closing(projections.Replay(sql)) as replay:
            sql.execute("PRAGMA foreign_keys=OFF")
            journal = JournalStore(sql, FakeClock(), lambda _day: sample_events.RULES)
            journal.append([sample_events.RULES])
            verdicts: dict[str, int] = {}
            for number in range(2, 102):
                happened = sample_events.signed(event(rng, number, verdicts))
                assert journal.append([happened]) == number
                if isinstance(happened, ev.ItemJudged | ev.ItemDrawn):  # the item was scanned again
                    verdicts.pop(happened.barcode, None)
                if isinstance(happened, ev.ItemJudged) and not happened.waivers:  # a verdict after a waiver is final
                    verdicts[happened.barcode] = number
                replay.take(*zip(sql.execute(STORED, (number,)).fetchone(), strict=True))
                assert replay.differences() == (), happened
