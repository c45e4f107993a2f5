"""Answers that are kept equal those that would be made again, after every event that can change them."""

from __future__ import annotations

from contextlib import closing

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.status_board import LAST_TAGS
from station.store.journal.journal import JournalStore
from station.store.projections import sampling
from station.store.queries import tag_rolls
from station.store.queries.kept import Kept
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.store.projections.test_rejected_lots import order, rejected
from tests.store.projections.test_sampling import Desk
from tests.store.queries.test_tag_rolls import stopped, uid, written
from tests.support.sample_events import abandoned, started


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
        rejected(desk, 5000, "Baker")
        same()
        assert kept.rejected_lots.read(sql) is kept.rejected_lots.read(sql) != ()
