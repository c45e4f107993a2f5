"""Answers that are kept equal those that would be made again, after every event that can change them."""

from __future__ import annotations

from contextlib import closing

import pytest

from station.base.errors import StoreCorrupt
from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.people.rights import Role
from station.domain.sampling import Level, Switch, Whose
from station.domain.status_board import LAST_TAGS
from station.store.database.database import Sql
from station.store.journal.journal import JournalStore
from station.store.projections import corrections, sampling, workers
from station.store.queries import tag_rolls, waiting_since
from station.store.queries.kept import Kept
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.store.projections.test_rejected_lots import order, rejected
from tests.store.projections.test_sampling import Desk, item
from tests.store.queries.test_tag_rolls import stopped, uid, written
from tests.support.sample_events import UID, abandoned, judged, started


def test_rolls_are_counted_again_after_every_event_about_a_tag() -> None:
    kept = Kept()
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        for event in (
            ev.RollLoaded(name="A"),
            *written(1, attempts=2),
            started("a2", uid(2)),
            stopped("tag-refused", 2),
            abandoned("a2", uid(2)),
            ev.RollLoaded(name="B"),
        ):
            journal.record(event)
            assert kept.rolls.read(sql, LAST_TAGS) == tag_rolls.rolls(sql, LAST_TAGS), event
        assert kept.rolls.read(sql, LAST_TAGS) is kept.rolls.read(sql, LAST_TAGS)
        assert kept.rolls.read(sql, 1) == tag_rolls.rolls(sql, 1)


def test_rejected_lots_are_found_again_after_every_event_about_them() -> None:
    kept = Kept()

    def same() -> None:
        assert kept.rejected_lots.read(sql) == sampling.rejected_lots(sql)

    with closing(in_memory()) as sql:
        desk = Desk(sql)
        same()
        left = rejected(desk)
        same()
        for number, barcode in enumerate(left):
            desk.journal.record(order(barcode, f"b{number}"))
            same()
            reason = Sentence.verbatim("lost")
            desk.journal.record(ev.CorrectionClosed(correction=f"b{number}", result=Result.WITHDRAWN, reason=reason))
            same()
        theirs = rejected(desk, 5000, "Baker")
        same()
        record, drawn = desk.drawn(item(int(theirs[0][1:]), "Baker"))
        desk.judged(record, drawn)
        same()
        (seq,) = sql.execute("SELECT max(seq) FROM judgements").fetchone()
        rejected(desk, 6000, "Cole")
        same()
        taken = ev.VerdictTakenBack(barcode=theirs[0], uid=UID, part=1, judged=seq, first=seq, rules=("label",))
        desk.journal.record(taken)  # not the newest verdict
        same()
        again = Switch(
            whose=Whose.VENDOR,
            subject="Baker",
            before=Level.NORMAL,
            after=Level.TIGHTENED,
            code="rejected",
            reason=EMPTY,
            unasked=1,
        )
        desk.journal.record(ev.SamplingCounted(barcode=theirs[0], streams=(), switches=(again,)))
        same()  # the lot was rejected before
        assert kept.rejected_lots.read(sql) is kept.rejected_lots.read(sql) != ()


def test_what_waits_is_read_again_after_every_event_about_it() -> None:
    kept = Kept()
    today, times = "2027-01-01", ("2026-01-01T00:00:00.000000+00:00",)
    opened = order("31234000000015", "aa")
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        for event in (
            judged("31234000000015"),
            opened,
            ev.CorrectionAssigned(correction="aa", owner="Cataloging", due="2026-12-24"),
            ev.CorrectionRechecked(correction="aa", passed=True, operator="bea"),
            ev.CatalogingRequested(request="bb", barcode="31234000000023", reason="no-record"),
            ev.CatalogingRequested(request="cc", barcode="31234000000031", reason="no-record"),
        ):
            journal.record(event)
            assert kept.open_corrections.read(sql, today, None, titles=True) == corrections.briefs(
                sql, today, None, titles=True
            ), event
            assert kept.waiting_corrections.read(sql, today, 5, "[]") == corrections.waiting(sql, today, 5, "[]"), event
            assert kept.waiting_since.read(sql, "[]", times) == waiting_since.waiting(sql, "[]", times), event
        assert kept.waiting_since.read(sql, "[]", times) is kept.waiting_since.read(sql, "[]", times)


def test_workers_are_read_again_after_every_event_about_them_and_after_a_change_outside() -> None:
    kept = Kept()
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        for event in (
            ev.WorkerRegistered(worker="w-sue", role=Role.SYSTEMS),
            ev.WorkerRegistered(worker="w-tim", role=Role.TRAINEE, operator="w-sue"),
            ev.WorkerRoleChanged(worker="w-tim", role=Role.OPERATOR, operator="w-sue"),
            ev.WorkerLeft(worker="w-tim", reason="Moved away.", operator="w-sue"),
        ):
            journal.record(event)
            assert kept.workers.read(sql) == workers.all_of(sql), event
        assert kept.workers.read(sql) is kept.workers.read(sql)
        for event in (
            ev.WorkerRegistered(worker="w-bea", role=Role.OPERATOR, operator="w-sue"),
            ev.WorkerRoleChanged(worker="w-bea", role=Role.TRAINEE, operator="w-sue"),
            ev.WorkerLeft(worker="w-bea", reason="Moved away.", operator="w-sue"),
        ):
            before = sql.execute("SELECT * FROM workers").fetchall()
            journal.record(event)
            after = sql.execute("SELECT * FROM workers").fetchall()
            _put(sql, before)
            with pytest.raises(StoreCorrupt):
                kept.workers.read(sql)
            _put(sql, after)
            kept.workers.read(sql)
        sql.execute("UPDATE workers SET role = 'systems' WHERE worker = 'w-tim'")
        with pytest.raises(StoreCorrupt):
            kept.workers.read(sql)


def _put(sql: Sql, rows: list[tuple[str | int, ...]]) -> None:
    """Change the table as somebody outside the station could."""
    sql.execute("DELETE FROM workers")
    for row in rows:
        sql.execute("INSERT INTO workers VALUES (?, ?, ?, ?)", row)


def test_answers_of_earlier_days_are_given_up() -> None:
    kept = Kept()
    with closing(in_memory()) as sql:
        first = kept.rolls.read(sql, 0)
        for last in range(1, 100):
            kept.rolls.read(sql, last)
        assert kept.rolls.read(sql, 0) is not first
