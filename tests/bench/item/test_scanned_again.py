"""A finished item that is scanned again: when it was finished, by whom, and whether anything would be written."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from station.base.sentence import Sentence
from station.bench.workflows.process.scanned_again import finished_before
from station.domain.commands import SetSecurity, SignOff, SignOn
from station.domain.snapshot import Finished, Phase
from station.quality.verdict.corrections import recheck_order
from station.tui.drawing.snapshot_views import finished_words
from tests.bench.item.test_page_of_checks import all_good
from tests.bench.item.test_rules import at_the_checks
from tests.bench.item.test_sampling import RealJournal, sql
from tests.bench.item.test_second_check import Workers
from tests.bench.staff import rig_with
from tests.bench.test_authorise import come
from tests.support.simulated_bench import BOOK, CATALOG, DVD, Rig

__all__ = ["sql"]  # a fixture


def finished(rig: Rig) -> Rig:
    at_the_checks(rig)
    all_good(rig)
    rig.lift()
    return rig


def test_when_it_was_finished_is_told_and_nothing_is_announced_that_will_not_be_written() -> None:
    rig = finished(Rig())
    now = rig.scan(BOOK)
    assert now.phase is Phase.NEED_TAG and now.finished is not None and now.finished.who == ""
    assert now.planned is not None and now.planned.on_tag
    uid = next(iter(rig.world.tags))
    writes = rig.world.tags[uid].writes
    assert rig.place(uid).phase is Phase.CHECKING
    assert rig.world.tags[uid].writes == writes
    assert rig.now.finished is None


def test_the_worker_is_named_where_people_sign_on() -> None:
    rig, _ = rig_with()
    come(rig, "ann")
    at_the_checks(rig)
    rig.pass_all()
    rig.lift()
    rig.bench.handle(SignOff())
    come(rig, "bea")
    now = rig.scan(BOOK)
    assert now.finished is not None and now.finished.who == "Ann"


@pytest.mark.parametrize("real", [False, True])
def test_a_blind_second_check_tells_nothing_of_the_first(sql: sqlite3.Connection, real: bool) -> None:
    rig = finished(Rig(journal=RealJournal(sql) if real else None, people=Workers()))
    worker = rig.now.worker
    rig.journal.record(
        recheck_order(
            "order",
            CATALOG[BOOK],
            1,
            worker=worker,
            due="2026-12-01",
            found_by="machine",
            reason=Sentence.verbatim("drawn"),
        )
    )
    bindings = rig.journal.bindings_for(BOOK)
    assert finished_before(rig.bench.desk, CATALOG[BOOK], bindings) is not None, "the worker of the first check knows"
    rig.bench.handle(SignOn("ann"))
    assert rig.now.worker != worker
    assert finished_before(rig.bench.desk, CATALOG[BOOK], bindings) is None
    assert rig.scan(BOOK).finished is None


def test_an_item_that_was_never_finished_says_nothing() -> None:
    rig = Rig()
    now = rig.scan(BOOK)
    assert now.finished is None and now.planned is not None and not now.planned.on_tag
    rig.cancel()
    rig.scan(DVD)
    rig.place(rig.world.tag(5))
    rig.pass_all()
    rig.lift()
    assert rig.scan(DVD).finished is None, "two of its three parts have no tag"


def test_after_a_change_of_security_the_content_is_announced() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    all_good(rig)
    assert rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma")).refusal is None
    rig.lift()
    now = rig.scan(BOOK)
    assert now.finished is not None and now.planned is not None and not now.planned.on_tag
    rig.place(uid)
    assert rig.now.phase is Phase.CHECKING


def test_an_erased_tag_makes_the_item_unfinished() -> None:
    rig = finished(Rig())
    rig.journal.bindings.clear()
    assert rig.scan(BOOK).finished is None


def test_it_is_said_with_the_time_of_today_and_else_with_the_day() -> None:
    now = datetime.now(UTC).isoformat()
    assert finished_words(Finished(now)).startswith("Done today at ")
    assert " by Ann: PASS." in finished_words(Finished(now, "Ann"))
    assert finished_words(Finished("2026-03-02T12:00:00+00:00")) == "Done on 2026-03-02: PASS."
    assert finished_words(Finished("2026-03-02T12:00:00+00:00", "Ann")) == "Done on 2026-03-02 by Ann: PASS."
