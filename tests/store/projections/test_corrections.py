"""Corrections follow from the events, are never duplicated or lost, and no person rechecks their own work."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import (
    CorrectionNotOpen,
    CorrectionUnknown,
    NotAllowed,
    OwnWork,
    ReasonMissing,
    WorkerGone,
    WorkError,
)
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck, Result
from station.domain.corrections.correction import Brief, Correction, Entry, advance, opened
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.store.database import migrations
from station.store.database.database import open_writer
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.owner import open_store
from station.store.projections import corrections, projections
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.support.for_each import for_each
from tests.support.older_schema import before_office

ITEM, OTHER = "31234000000015", "31234000000023"


def report(ident: str, barcode: str = ITEM, rule: str = "label", **more: object) -> ev.CorrectionOpened:
    title = Sentence.verbatim("The label")
    values: dict[str, object] = {"title": title, "due": "2026-10-01", "worker": "tim", "owner": "Marking"}
    return ev.CorrectionOpened(correction=ident, barcode=barcode, rule=rule, **{**values, **more})  # type: ignore[arg-type]


def mended(ident: str, by: str = "ann") -> ev.CorrectionMended:
    return ev.CorrectionMended(correction=ident, operator=by)


def rechecked(ident: str, passed: bool = True, by: str = "bea", **more: object) -> ev.CorrectionRechecked:
    return ev.CorrectionRechecked(
        correction=ident,
        passed=passed,
        operator=by,
        reason=Sentence.of("" if passed else "crooked"),
        **more,  # type: ignore[arg-type]
    )


def machine(ident: str, passed: bool = True, part: int = 1) -> ev.CorrectionRechecked:
    return rechecked(ident, passed, "ann", by_machine=True, part=part)


def ended(ident: str, result: Result = Result.NO_DEFECT, reason: str = "seen") -> ev.CorrectionClosed:
    return ev.CorrectionClosed(correction=ident, result=result, reason=Sentence.of(reason), operator="tess")


def waived(barcode: str = ITEM, rule: str = "label", reason: str = "old binding") -> ev.FindingWaived:
    return ev.FindingWaived(
        barcode=barcode,
        rule=rule,
        title=Sentence.verbatim("The label"),
        severity=Severity.MAJOR,
        reason=reason,
        operator="ann",
        role=Role.OPERATOR,
    )


def after(*events: ev.AnyEvent) -> dict[str, Correction]:
    """Return the corrections by id, and compare the projection with its replay, and counts and short forms with the
    list."""
    with closing(in_memory()) as sql:
        JournalStore(sql, FakeClock()).record(*events)
        assert projections.compare(sql) == ()
        waiting = corrections.entries(sql, "2026-09-30")
        late = tuple(entry for entry in waiting if entry.overdue)
        assert corrections.waiting(sql, "2026-09-30", 1, "[]") == (len(waiting), len(late), late[:1])
        found = corrections.entries(sql, "2026-09-30", closed=True)
        assert corrections.briefs(sql, "2026-09-30", None, titles=True) == tuple(map(Brief.of, waiting))
        assert corrections.briefs(sql, "2026-09-30", "", titles=True) == tuple(map(Brief.of, found))
        names = [entry.correction.id for entry in reversed(found)]
        assert corrections.named(sql, "2026-09-30", [*names, "none"]) == found[::-1]
        return {entry.correction.id: entry.correction for entry in found}


def states(*events: ev.AnyEvent) -> dict[str, tuple[CorrectionState, Result | None]]:
    return {ident: (now.state, now.result) for ident, now in after(*events).items()}


OPEN, MENDED = (CorrectionState.OPEN, None), (CorrectionState.MENDED, None)


def closed(result: Result) -> tuple[CorrectionState, Result]:
    return (CorrectionState.CLOSED, result)


@for_each(
    ("history", "expected"),
    [
        ([report("a")], {"a": OPEN}),
        ([report("a"), report("b")], {"a": OPEN}),
        ([report("a"), report("a")], {"a": OPEN}),
        ([report("a"), report("b", OTHER)], {"a": OPEN, "b": OPEN}),
        ([report("a"), report("b", rule="stamp")], {"a": OPEN, "b": OPEN}),
        ([report("a"), mended("a")], {"a": MENDED}),
        ([report("a"), mended("a"), rechecked("a")], {"a": closed(Result.MENDED)}),
        ([report("a"), mended("a"), rechecked("a", by="ann")], {"a": MENDED}),
        ([report("a"), rechecked("a")], {"a": OPEN}),
        ([report("a"), mended("a"), rechecked("a", False)], {"a": OPEN}),
        ([report("a"), mended("a"), report("b")], {"a": OPEN}),
        ([report("a"), mended("a"), report("b"), rechecked("a")], {"a": OPEN}),
        ([report("a", recheck=Recheck.NONE), mended("a")], {"a": closed(Result.MENDED)}),
        ([report("a", recheck=Recheck.MACHINE), machine("a")], {"a": closed(Result.MENDED)}),
        ([report("a", recheck=Recheck.MACHINE), mended("a"), machine("a", False)], {"a": OPEN}),
        ([report("a"), ended("a")], {"a": closed(Result.NO_DEFECT)}),
        ([report("a"), ended("a", reason="")], {"a": OPEN}),
        ([report("a"), ended("a", Result.MENDED)], {"a": OPEN}),
        ([report("a"), ended("a"), ended("a", Result.WITHDRAWN)], {"a": closed(Result.NO_DEFECT)}),
        ([report("a"), ended("a"), mended("a"), report("b")], {"a": closed(Result.NO_DEFECT), "b": OPEN}),
        ([report("a"), waived()], {"a": closed(Result.WAIVED)}),
        ([report("a"), waived(reason="")], {"a": OPEN}),
        ([report("a"), waived(OTHER)], {"a": OPEN}),
        ([mended("never"), rechecked("never"), ended("never"), waived()], {}),
        ([report("a"), report("b"), mended("b")], {"a": MENDED}),
        ([report("a", rule="", what=CorrectionKind.RECHECK), rechecked("a", by="tim")], {"a": OPEN}),
        ([report("a", rule="", what=CorrectionKind.RECHECK), rechecked("a")], {"a": closed(Result.PASSED)}),
        ([report("a", rule="", what=CorrectionKind.RECHECK), rechecked("a", False)], {"a": closed(Result.FAILED)}),
        ([report("a", rule="", what=CorrectionKind.RECHECK), mended("a")], {"a": OPEN}),
    ],
)
def test_where_a_history_leads(
    history: Sequence[ev.AnyEvent], expected: dict[str, tuple[CorrectionState, Result | None]]
) -> None:
    assert states(*history) == expected


def test_a_further_report_makes_it_worse_and_never_later() -> None:
    now = after(
        report("a", severity=Severity.MINOR, due="2026-10-05", part=2, worker=""),
        report("b", severity=Severity.CRITICAL, due="2026-10-01", part=1, worker="tim"),
        report("c", severity=Severity.MAJOR, due="2026-10-09", part=3),
    )["a"]
    assert (now.severity, now.due, now.parts, now.worker) == (Severity.CRITICAL, "2026-10-01", (1, 2, 3), "tim")


def test_the_machine_must_have_seen_every_part_that_failed() -> None:
    history = [report("a", part=1, recheck=Recheck.MACHINE), report("b", part=3, recheck=Recheck.MACHINE)]
    assert after(*history, machine("a", part=1))["a"].parts == (3,)
    assert states(*history, machine("a", part=1), machine("a", part=2)) == {"a": OPEN}
    assert states(*history, machine("a", part=1), machine("a", part=3)) == {"a": closed(Result.MENDED)}


def test_it_counts_how_often_a_mend_did_not_hold() -> None:
    now = after(report("a"), mended("a"), rechecked("a", False), mended("a"), report("b"), report("c"))["a"]
    assert (now.returned, now.mender) == (2, "")


def entry_of(*events: ev.AnyEvent, today: str) -> Entry:
    with closing(in_memory()) as sql:
        JournalStore(sql, FakeClock()).record(*events)
        (found,) = corrections.entries(sql, today, closed=True)
        return found


@pytest.mark.parametrize(
    ("today", "age", "overdue"),
    [
        ("2026-09-21", 0, False),
        ("2026-10-01", 10, False),
        ("2026-10-02", 11, True),
        ("2020-01-01", 0, False),
        ("2031-09-21", 1826, True),
    ],
    ids=["today", "due", "the day after", "the clock went back", "the clock jumped on"],
)
def test_age_and_overdue_by_date(today: str, age: int, overdue: bool) -> None:
    """The fake clock's day is 2026-09-21; 1826 = five years with one leap day (2028)."""
    assert FakeClock().day() == "2026-09-21"
    entry = entry_of(report("a", due="2026-10-01"), today=today)
    assert (entry.age, entry.overdue) == (age, overdue)


def test_what_is_closed_is_never_overdue_and_keeps_its_history() -> None:
    entry = entry_of(report("a"), report("b"), mended("a"), mended("a"), rechecked("a"), today="2031-01-01")
    assert (entry.age, entry.overdue) == (0, False)
    assert [type(step.event).__name__ for step in entry.steps] == [
        "CorrectionOpened",
        "CorrectionOpened",
        "CorrectionMended",
        "CorrectionRechecked",
    ]
    assert (entry.closed_at and entry.opened_at < entry.closed_at) or entry.opened_at == entry.closed_at


# --- any history ----------------------------------------------------------------------------------------------------

idents = st.sampled_from(["a", "b", "c", "d"])
people = st.sampled_from(["ann", "bea", "tim"])
anything = st.one_of(
    st.builds(
        report,
        idents,
        st.sampled_from([ITEM, OTHER]),
        st.sampled_from(["label", "stamp"]),
        part=st.integers(1, 3),
        recheck=st.sampled_from(Recheck),
        what=st.sampled_from(CorrectionKind),
        severity=st.sampled_from(Severity),
        worker=people,
    ),
    st.builds(mended, idents, people),
    st.builds(rechecked, idents, st.booleans(), people, by_machine=st.booleans(), part=st.integers(1, 3)),
    st.builds(ended, idents, st.sampled_from(Result), st.sampled_from(["", "seen"])),
    st.builds(waived, st.sampled_from([ITEM, OTHER]), st.sampled_from(["label", "stamp"]), st.sampled_from(["", "x"])),
    st.builds(lambda i: ev.CorrectionAssigned(correction=i, owner="X", operator="tess"), idents),
)


@given(st.lists(anything, min_size=1, max_size=14))
def test_no_history_doubles_one_or_ends_one_without_a_word(history: list[ev.AnyEvent]) -> None:
    with closing(in_memory()) as sql:
        JournalStore(sql, FakeClock()).record(*history)
        assert projections.compare(sql) == ()
        before = projections.dump(sql)
        projections.rebuild(sql)
        assert projections.dump(sql) == before
        waiting = corrections.entries(sql, "2026-09-30")
        late = tuple(entry for entry in waiting if entry.overdue)
        assert corrections.waiting(sql, "2026-09-30", 1, "[]") == (len(waiting), len(late), late[:1])
        found = corrections.entries(sql, "2026-09-30", closed=True)
        assert corrections.briefs(sql, "2026-09-30", None, titles=True) == tuple(map(Brief.of, waiting))
        assert corrections.briefs(sql, "2026-09-30", "", titles=True) == tuple(map(Brief.of, found))
        names = [entry.correction.id for entry in reversed(found)]
        assert corrections.named(sql, "2026-09-30", [*names, "none"]) == found[::-1]
    still = [(e.correction.barcode, e.correction.rule, e.correction.kind) for e in found if not e.closed_at]
    assert len(still) == len(set(still))
    reports = {event.correction for event in history if isinstance(event, ev.CorrectionOpened)}
    kept = {s.event.correction for e in found for s in e.steps if isinstance(s.event, ev.CorrectionOpened)}
    assert kept == reports, "every report must be in exactly one history"
    for entry in found:
        now, last = entry.correction, entry.steps[-1].event
        assert (now.state is CorrectionState.CLOSED) == bool(entry.closed_at) == (now.result is not None)
        if now.state is not CorrectionState.CLOSED:
            continue
        match last:
            case ev.CorrectionClosed() | ev.FindingWaived():
                assert last.reason
            case ev.CorrectionRechecked() if now.kind is CorrectionKind.RECHECK:
                assert last.operator != now.worker
            case ev.CorrectionRechecked():
                assert last.passed
                assert last.by_machine or last.operator != now.mender
            case _:
                assert isinstance(last, ev.CorrectionMended) and now.recheck is Recheck.NONE


@given(st.lists(anything, max_size=10), anything)
def test_a_closed_one_never_changes(history: list[ev.AnyEvent], event: ev.AnyEvent) -> None:
    now = opened(report("a"))
    for one in history:
        now = advance(now, one)  # type: ignore[arg-type]
    if now.state is CorrectionState.CLOSED:
        assert advance(now, event) == now  # type: ignore[arg-type]


# --- who may --------------------------------------------------------------------------------------------------------

STAFF = (
    ev.WorkerRegistered(worker="sys", role=Role.SYSTEMS),
    ev.WorkerRegistered(worker="tess", role=Role.TECHNICIAN),
    ev.WorkerRegistered(worker="bea", role=Role.OPERATOR),
    ev.WorkerRegistered(worker="tim", role=Role.TRAINEE),
    ev.WorkerRegistered(worker="gone", role=Role.SYSTEMS),
    ev.WorkerLeft(worker="gone", reason="moved"),
)
BY_ROLE = {"sys": Role.SYSTEMS, "tess": Role.TECHNICIAN, "bea": Role.OPERATOR, "tim": Role.TRAINEE, "nobody": None}


def asked(event: ev.WorkOrder, *before: ev.AnyEvent) -> type[WorkError] | None:
    """Return the type of error that the order raises; assert that a refused order is not journaled."""
    with closing(in_memory()) as sql:
        journal = JournalStore(sql, FakeClock())
        journal.record(*STAFF, *before)
        count = hash_chain.last(sql, journal.journal_id)[0]
        refused: WorkError | None = None
        try:
            journal.order(event)
        except WorkError as error:
            refused = error
        assert hash_chain.last(sql, journal.journal_id)[0] == count + (refused is None)
        return None if refused is None else type(refused)


def by(event: ev.CorrectionStep | ev.RetrainingHeld, operator: str) -> ev.WorkOrder:
    return msgspec.structs.replace(event, operator=operator)


MATRIX = {
    # order: (the event, earlier events, who may); "nobody" is not registered and therefore an operator
    "mend": (mended("a"), (report("a"),), "sys tess bea tim nobody"),
    "take": (ev.CorrectionAssigned(correction="a", owner="SELF"), (report("a"),), "sys tess bea tim nobody"),
    "assign": (ev.CorrectionAssigned(correction="a", owner="Cataloging"), (report("a"),), "sys tess"),
    "another due date": (ev.CorrectionAssigned(correction="a", due="2026-12-01"), (report("a"),), "sys tess"),
    "recheck": (rechecked("a"), (report("a"), mended("a")), "sys tess bea nobody"),
    "close": (ended("a"), (report("a"),), "sys tess"),
    "train": (ev.RetrainingHeld(worker="tim", rules=("label",)), (), "sys tess"),
}


@for_each(("what", "who"), list(itertools.product(MATRIX, [*BY_ROLE, "gone"])))
def test_who_may_do_what_to_a_correction(what: str, who: str) -> None:
    event, before, allowed = MATRIX[what]
    if isinstance(event, ev.CorrectionAssigned) and event.owner == "SELF":
        event = ev.CorrectionAssigned(correction="a", owner=who)
    refused = asked(by(event, who), *before)
    if who == "gone":
        assert refused is WorkerGone
    else:
        assert refused is (None if who in allowed.split() else NotAllowed)


@for_each(("severity", "who"), list(itertools.product(Severity, [*BY_ROLE, "gone"])))
def test_who_may_waive(severity: Severity, who: str) -> None:
    role = BY_ROLE.get(who) or Role.OPERATOR
    event = ev.FindingWaived(
        barcode=ITEM,
        rule="label",
        title=Sentence.verbatim("x"),
        severity=severity,
        reason="fits",
        operator=who,
        role=role,
    )
    may = {Severity.CRITICAL: "sys tess"}.get(severity, "sys tess bea nobody").split()
    assert asked(event) is (WorkerGone if who == "gone" else None if who in may else NotAllowed)


def test_nobody_waives_in_a_role_that_is_not_his() -> None:
    event = ev.FindingWaived(
        barcode=ITEM,
        rule="r",
        title=Sentence.verbatim("x"),
        severity=Severity.CRITICAL,
        reason="y",
        operator="bea",
        role=Role.TECHNICIAN,
    )
    assert asked(event) is NotAllowed
    assert asked(waived(reason="")) is ReasonMissing


@pytest.mark.parametrize("who", [*BY_ROLE, "gone"])
def test_who_may_order_a_recheck(who: str) -> None:
    event = report("a", rule="", what=CorrectionKind.RECHECK, found_by=who)
    expected = WorkerGone if who == "gone" else None if who in ("sys", "tess") else NotAllowed
    assert asked(event) is expected


MACHINE = report("a", recheck=Recheck.MACHINE)
ORDER = report("a", rule="", what=CorrectionKind.RECHECK, worker="bea")


@for_each(
    ("event", "before", "refused"),
    [
        (rechecked("a", by="ann"), (report("a"), mended("a")), OwnWork),
        (rechecked("a", by="bea"), (ORDER,), OwnWork),
        (rechecked("a", by="tess"), (ORDER,), None),
        (rechecked("a"), (report("a"),), CorrectionNotOpen),
        (mended("a"), (report("a"), mended("a")), CorrectionNotOpen),
        (mended("a"), (ORDER,), CorrectionNotOpen),
        (mended("never"), (), CorrectionUnknown),
        (ended("a"), (report("a"), ended("a")), CorrectionNotOpen),
        (rechecked("a"), (report("a"), mended("a"), rechecked("a")), CorrectionNotOpen),
        (ended("a", reason=""), (report("a"),), ReasonMissing),
        (ended("a", Result.MENDED), (report("a"),), CorrectionNotOpen),
        (ended("a", Result.WAIVED), (report("a"),), CorrectionNotOpen),
        (ev.CorrectionAssigned(correction="a", operator="tess"), (report("a"),), ReasonMissing),
        (rechecked("a", by="tess"), (MACHINE, mended("a")), CorrectionNotOpen),
        (machine("a"), (MACHINE,), None),
        (machine("a"), (report("a"), mended("a")), CorrectionNotOpen),
        (
            ev.CorrectionRechecked(correction="a", passed=False, operator="bea"),
            (report("a"), mended("a")),
            ReasonMissing,
        ),
    ],
)
def test_what_cannot_be_done_now(
    event: ev.WorkOrder, before: tuple[ev.AnyEvent, ...], refused: type[WorkError] | None
) -> None:
    assert asked(event, *before) is refused


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_journal_of_the_second_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    released = migrations.STEPS[:2]
    with closing(sqlite3.connect(path, isolation_level=None)) as sql:
        for _, statements in released:
            for statement in statements:
                sql.execute(statement)
        sql.execute("PRAGMA user_version = 0")
        from sqlite_utils import Database, Migrations

        steps = Migrations("station-journal")
        for name, _ in released:
            steps(name=name)(lambda _: None)
        steps.apply(Database(sql, execute_plugins=False, strict=True))
        sql.execute("PRAGMA user_version = 2")
    store = open_store(path, FakeClock())
    try:
        store.journal.record(report("a"))
        store.journal.order(mended("a"))
        assert [entry.correction.state for entry in store.queries.corrections()] == [CorrectionState.MENDED]
        assert store.queries.verify().ok
    finally:
        assert store.close()


def test_a_correction_of_a_journal_that_held_texts_keeps_its_title(tmp_path: Path) -> None:
    path, title = tmp_path / "journal.db", Sentence.verbatim('["title", {"size": "7\\"", "año": 1}]')
    with closing(open_writer(path)) as sql:
        JournalStore(sql, FakeClock()).record(report("a", title=title))
        sql.execute("ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT ''")
        sql.execute("UPDATE corrections SET title = ?", (title.text,))
        sql.execute("ALTER TABLE events ADD COLUMN prev BLOB")
        before_office(sql)
        sql.execute("DELETE FROM _sqlite_migrations WHERE name >= '0013-sentences'")
        sql.execute("PRAGMA user_version = 12")
    store = open_store(path, FakeClock())
    try:
        assert [entry.correction.title for entry in store.queries.corrections()] == [title]
        assert store.queries.verify().ok
    finally:
        assert store.close()


def test_damaged_corrections_are_noticed_and_made_anew(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        JournalStore(sql, FakeClock()).record(report("a"), mended("a"))
        sql.execute("UPDATE corrections SET mender = 'bea'")
        assert projections.compare(sql) == ("the table corrections does not follow from the events",)
        projections.rebuild(sql)
        assert projections.compare(sql) == ()


def test_two_who_close_at_once_are_not_both_let_through(tmp_path: Path) -> None:
    """The state after the first one refuses the second, because both are checked where they are written."""
    store = open_store(tmp_path / "journal.db", FakeClock())
    try:
        store.journal.record(*STAFF, report("a"))
        store.journal.order(by(ended("a"), "tess"))
        with pytest.raises(CorrectionNotOpen):
            store.journal.order(by(ended("a", Result.WITHDRAWN), "sys"))
        assert store.queries.correction("a") is not None
    finally:
        assert store.close()
