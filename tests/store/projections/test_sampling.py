"""Sampling in the journal: the tables follow from the events, older verdicts are included, and a draw survives a
restart."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.sentence import Sentence
from station.base.sentence_json import encode_sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode
from station.domain.people.rights import Role
from station.domain.sampling import Level, Plan, Stream, Whose
from station.domain.verdict import Verdict
from station.quality.sampling.sampler import Sampler
from station.quality.sampling.switching import Policy
from station.store.database import migrations
from station.store.database.database import open_writer
from station.store.database.decoding import Decoder
from station.store.journal.journal import JournalStore
from station.store.owner import open_store
from station.store.projections import projections, sampling
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support import sample_events
from tests.support.told import told

POLICY = Policy(
    new=Plan(lot=0, sample=2),
    tightened=Plan(lot=0, sample=2),
    normal=Plan(lot=10, sample=3),
    reduced=Plan(lot=10, sample=2),
    reduce_after=1,
)


def item(number: int, vendor: str = "", material: str = "book"):
    record = sample_events.record(f"3{number:013d}")
    return msgspec.structs.replace(record, vendor=vendor, material=material)


def said(outcome: Outcome, by: str = "ann", severity: Severity = Severity.MAJOR) -> Finding:
    return Finding("label", "The label is right", severity, outcome, by)


class Desk:
    """A worker who processes one item after another, with a real journal."""

    def __init__(self, sql: sqlite3.Connection, policy: Policy = POLICY, worker: str = "ann") -> None:
        self.journal = JournalStore(sql, FakeClock())
        self.seeds = (f"{number:032x}" for number in itertools.count())
        self.sampler = Sampler(policy, self.journal, lambda: next(self.seeds))
        self.worker = worker
        self.numbers = itertools.count(1)

    def drawn(self, record: object = None) -> tuple[object, ev.ItemDrawn]:
        record = record or item(next(self.numbers))
        drawn, new = self.sampler.draw(record, 1, self.worker)  # type: ignore[arg-type]
        if new:
            self.journal.record(drawn)
        return record, drawn

    def judged(self, record, drawn: ev.ItemDrawn, outcome: Outcome = Outcome.PASS, by: str = "") -> None:
        asked = said(outcome, by or self.worker) if drawn.asked else said(Outcome.NOT_SAMPLED, "machine")
        verdict = Verdict.FAIL if asked.outcome is Outcome.FAIL else Verdict.PASS
        self.journal.record(self.sampler.count(drawn, [asked]), self.verdict(record, [asked], verdict))

    def verdict(self, record, findings: list[Finding], verdict: Verdict) -> ev.ItemJudged:
        return ev.ItemJudged(
            barcode=record.barcode,
            uid=sample_events.UID,
            part=1,
            parts=1,
            verdict=verdict,
            findings=tuple(findings),
            item=record,
            operator=self.worker,
            seconds=float(next(self.numbers)),
        )

    def one(self, outcome: Outcome = Outcome.PASS, record: object = None) -> ev.ItemDrawn:
        record, drawn = self.drawn(record)
        self.judged(record, drawn, outcome)
        return drawn

    def stream(self, whose: Whose = Whose.WORKER, subject: str = "") -> Stream:
        facts = self.journal.sampling_facts(Barcode("-"), 1, subject or self.worker, subject or "Baker")
        return next(one for one in facts.streams if one.whose is whose)


def test_from_new_to_a_sample_and_back() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        assert [desk.one().asked for _ in range(2)] == [True, True]
        asked = [desk.one().asked for _ in range(10)]
        assert sum(asked) == 3
        assert desk.stream().level is Level.NORMAL
        desk.one()
        assert desk.stream().level is Level.REDUCED
        bad = next(drawn for drawn in (desk.drawn() for _ in range(10)) if drawn[1].asked)
        desk.judged(*bad, Outcome.FAIL)
        assert desk.stream().level is Level.TIGHTENED
        switches = [s for row in sql.execute("SELECT seq, kind, payload FROM events") for s in _switches(sql, row)]
        assert [one.code for one in switches] == ["first", "qualified", "reduced", "rejected"]
        assert projections.compare(sql) == ()


def _switches(sql: sqlite3.Connection, row: tuple[int, str, bytes]):
    event = Decoder(sql)(*row)
    return event.switches if isinstance(event, ev.ItemDrawn | ev.SamplingCounted) else ()


def test_a_draw_stays_as_it_is_until_the_verdict() -> None:
    """An item that is set aside and scanned again gets the same draw, and no second place in the lot."""
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        desk.one(), desk.one()
        record, drawn = desk.drawn()
        for _ in range(3):
            again, _ = desk.sampler.draw(record, 1, "ann")  # type: ignore[arg-type]
            assert again == drawn
        desk.worker = "bea"
        other, _ = desk.sampler.draw(record, 1, "bea")  # type: ignore[arg-type]
        assert (other.asked, other.operator) == (True, "bea")


def test_who_was_asked_once_is_asked_again_by_the_next_worker() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        for worker in ("ann", "bea"):
            desk.worker = worker
            desk.one(), desk.one()
        record, drawn = next(found for found in (desk.drawn() for _ in range(10)) if found[1].asked)
        desk.worker = "ann"
        taken, _ = desk.sampler.draw(record, 1, "ann")  # type: ignore[arg-type]
        assert taken.asked
        assert drawn.operator == "bea"


def test_an_item_that_failed_is_asked_about_whatever_the_draw_says() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql, msgspec.structs.replace(POLICY, normal=Plan(lot=50, sample=1, accept=0)))
        desk.one(), desk.one()
        failed = item(999)
        machine = desk.verdict(failed, [said(Outcome.FAIL, "machine", Severity.CRITICAL)], Verdict.FAIL)
        desk.journal.record(machine)
        drawn, _ = desk.sampler.draw(failed, 1, "ann")
        assert drawn.asked and "failed before" in told(drawn.reason)


def test_nobody_known_means_everything_is_asked_and_nothing_is_counted() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql, worker="")
        for _ in range(5):
            drawn = desk.one()
            assert drawn.asked and drawn.draws == ()
        assert list(sql.execute("SELECT * FROM streams")) == []


def test_the_vendor_answers_for_its_items() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        desk.one(), desk.one(), desk.one(record=item(50, "Baker")), desk.one(record=item(51, "Baker"))
        assert (desk.stream().level, desk.stream(Whose.VENDOR).level) == (Level.NORMAL, Level.NORMAL)
        record, drawn = next(found for found in (desk.drawn(item(60 + n, "Baker")) for n in range(9)) if found[1].asked)
        desk.judged(record, drawn, Outcome.FAIL)
        assert (desk.stream().level, desk.stream(Whose.VENDOR).level) == (Level.NORMAL, Level.TIGHTENED)
        assert desk.one(record=item(80, "Baker")).asked


def test_a_trainee_is_asked_about_everything_and_a_sample_is_done_again() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql, worker="w-1")
        desk.journal.record(ev.WorkerRegistered(worker="w-1", role=Role.TRAINEE))
        drawn = [desk.one() for _ in range(10)]
        assert all(one.asked for one in drawn)
        assert desk.stream().level is Level.NEW, "trust must begin after the training"
        again = [one.draws[-1].asked for one in drawn]
        assert {one.draws[-1].whose for one in drawn} == {Whose.RECHECK}
        assert sum(again) == POLICY.normal.sample
        desk.journal.record(ev.WorkerRoleChanged(worker="w-1", role=Role.OPERATOR))
        desk.one(), desk.one()
        assert desk.stream().level is Level.NORMAL


def test_a_failed_recheck_leads_back_to_every_item() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        desk.one(), desk.one()
        order = ev.CorrectionOpened(
            correction="r1",
            what=CorrectionKind.RECHECK,
            barcode="31234000000015",
            title=Sentence.verbatim("Recheck"),
            due="2026-12-01",
            worker="ann",
        )
        desk.journal.record(order, ev.CorrectionRechecked(correction="r1", passed=False, operator="bea"))
        drawn = desk.one()
        assert drawn.asked and [one.code for one in drawn.switches] == ["recheck"]
        assert [one.code for one in desk.one().switches] == []


def test_a_retraining_begins_anew_also_for_what_was_found_before() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        desk.one(), desk.one()
        desk.journal.record(ev.RetrainingHeld(worker="bea", operator="tess"))
        assert desk.one().switches == ()
        desk.journal.record(ev.RetrainingHeld(worker="ann", operator="tess"))
        drawn = desk.one()
        assert drawn.asked and [one.code for one in drawn.switches] == ["retrained"]
        assert desk.stream().level is Level.NEW
        assert desk.one().switches == ()


def test_a_waiver_after_the_verdict_is_no_second_verdict() -> None:
    from station.domain.verdict import Waiver

    with closing(in_memory()) as sql:
        desk = Desk(sql)
        record, _ = desk.drawn()
        failed = desk.verdict(record, [said(Outcome.FAIL)], Verdict.FAIL)
        waived = msgspec.structs.replace(
            failed, verdict=Verdict.PASS, waivers=(Waiver("label", "tess", Role.TECHNICIAN, "old binding"),)
        )
        desk.journal.record(failed)
        desk.journal.record(waived)
        assert list(sql.execute("SELECT failed, bad FROM judgements")) == [(0, 1)]
        later = msgspec.structs.replace(waived, seconds=99.5)
        desk.journal.record(later)
        assert len(list(sql.execute("SELECT seq FROM judgements"))) == 2
        assert projections.compare(sql) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(["ann", "bea", ""]), st.sampled_from(["", "Baker"]), st.sampled_from(list(Outcome))),
        max_size=40,
    )
)
def test_rebuilt_tables_are_the_live_ones(work: list[tuple[str, str, Outcome]]) -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        for number, (worker, vendor, outcome) in enumerate(work):
            desk.worker = worker
            record, drawn = desk.drawn(item(number % 7, vendor))
            if outcome is not Outcome.ABSTAINED:
                desk.judged(record, drawn, outcome)
        live = projections.dump(sql)
        assert projections.compare(sql) == ()
        projections.rebuild(sql)
        assert projections.dump(sql) == live


# --- files ----------------------------------------------------------------------------------------------------------

findings = st.lists(
    st.builds(
        Finding,
        st.just("label"),
        st.just("The label"),
        st.sampled_from(list(Severity)),
        st.sampled_from([one for one in Outcome if one is not Outcome.NOT_SAMPLED]),
        st.sampled_from(["machine", "ann"]),
    ),
    max_size=4,
)


_SECONDS = st.integers(0, 10**9).map(lambda milliseconds: milliseconds / 1000)


@given(st.lists(st.tuples(findings, st.sampled_from(list(Verdict)), _SECONDS), max_size=8))
def test_the_verdicts_of_an_older_journal_come_along(before: list[tuple[list[Finding], Verdict, float]]) -> None:
    """The SQL of the step and the Python of the projection give the same result for every verdict."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as sql:
        sql.execute("PRAGMA foreign_keys=ON")
        for _, statements in migrations.STEPS[:4]:
            for statement in statements:
                sql.execute(statement)
        for seq, (found, verdict, seconds) in enumerate(before, 1):
            event = ev.ItemJudged(
                barcode=f"3{seq:013d}",
                uid="",
                part=1,
                parts=1,
                verdict=verdict,
                findings=tuple(found),
                item=item(seq, "Baker", "dvd"),
                operator="ann",
                seconds=seconds,
            )
            row = (
                seq,
                "2026-01-01T00:00:00.000000+00:00",
                "item-judged",
                msgspec.json.encode(event, enc_hook=encode_sentence),
                b"\0" * 32,
                b"\0" * 32,
            )
            sql.execute("INSERT INTO events VALUES (?, ?, ?, ?, x'', ?, ?)", row)
        for _, statements in migrations.STEPS[4:]:
            for statement in statements:
                sql.execute(statement)
        brought = projections.dump(sql)
        sampling.forget(sql)
        for seq, kind, payload in list(sql.execute("SELECT seq, kind, payload FROM events ORDER BY seq")):
            projections.apply(sql, seq, Decoder(sql)(seq, kind, payload))
        assert brought == projections.dump(sql)


def test_sampling_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = open_store(tmp_path / "journal.db", FakeClock())
    seeds = (f"{number:032x}" for number in itertools.count())
    sampler = Sampler(POLICY, store.journal, lambda: next(seeds))
    first, new = sampler.draw(item(1), 1, "ann")
    assert new
    store.journal.record(first)
    assert store.close()
    store = open_store(tmp_path / "journal.db", FakeClock())
    try:
        assert Sampler(POLICY, store.journal, lambda: "").draw(item(1), 1, "ann") == (first, False)
        assert store.queries.verify().ok
    finally:
        assert store.close()


def test_days_of_absence_never_come_from_a_clock_that_went_back(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        clock = FakeClock()
        journal = JournalStore(sql, clock)
        seeds = (f"{number:032x}" for number in itertools.count())
        journal.record(Sampler(POLICY, journal, lambda: next(seeds)).draw(item(1), 1, "ann")[0])
        for today, days in (("1999-01-01", 0), ("", 0), ("nonsense", 0)):
            facts = sampling.facts(sql, today, "-", 1, "ann", "")
            assert facts.absent == {Whose.WORKER: days}
        here = clock.day()
        assert sampling.facts(sql, here, "-", 1, "ann", "").absent == {Whose.WORKER: 0}
        later = sampling.facts(sql, clock.day(40), "-", 1, "ann", "").absent
        assert later == {Whose.WORKER: 40}


@pytest.mark.parametrize("damage", ["DELETE FROM streams", "UPDATE judgements SET bad = 1", "DELETE FROM draws"])
def test_damaged_tables_are_noticed_and_made_anew(tmp_path: Path, damage: str) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        desk = Desk(sql)
        desk.one()
        sql.execute(damage)
        assert "does not follow from the events" in projections.compare(sql)[0]
        projections.rebuild(sql)
        assert projections.compare(sql) == ()
