"""The rules at the bench: the date of an item is fixed whatever the clock does, counts and inventories are judged, and
how a trainee answers."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from station.base.sentence import Sentence
from station.base.words import tell
from station.bench.bench_ports import BenchPorts
from station.domain.commands import Answer, Cancel
from station.domain.events import ItemJudged
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.people.rights import Role
from station.domain.ports import Shelved, Worker
from station.domain.snapshot import Light, Phase, Snapshot, Sound
from station.domain.verdict import Verdict
from station.quality.rulebook.shipped import with_site
from station.quality.rules import Catalogue
from tests.support.simulated_bench import BOOK, CATALOG, DVD, Rig
from tests.support.told import told

LATER = """
[[change]]
id = "price-present"
severity = "critical"
valid_from = "2027-01-01"
"""


class Year2027(Rig):
    """The rule on prices is critical from 2027 on; before that it does not exist."""

    def ports(self) -> BenchPorts:
        return replace(super().ports(), rules=with_site(LATER, "site.toml"))


def judged(rig: Rig) -> ItemJudged:
    event = rig.journal.events[-1]
    assert isinstance(event, ItemJudged)
    return event


def at_the_checks(rig: Rig, code: Barcode = BOOK) -> Snapshot:
    rig.scan(code)
    shown = rig.place(rig.world.tag(1))
    assert shown.phase is Phase.CHECKING
    return shown


def test_a_clock_that_jumps_does_not_change_the_verdict_of_the_item_in_hand() -> None:
    rig = Year2027()
    begun = rig.clock.day()
    at_the_checks(rig)
    rig.clock.seconds += 3 * 365 * 86400
    shown = rig.pass_all()
    assert shown.verdict is Verdict.PASS
    assert judged(rig).day == begun < "2027" < rig.clock.day()
    assert "price-present" not in {one.rule for one in shown.findings} | set(judged(rig).passed)


def test_the_next_item_is_judged_by_the_new_day() -> None:
    rig = Year2027()
    rig.clock.seconds += 3 * 365 * 86400
    at_the_checks(rig)
    shown = rig.pass_all()
    assert "price-present" in judged(rig).passed
    assert shown.verdict is Verdict.PASS


def test_a_clock_that_jumps_back_takes_no_rule_away() -> None:
    rig = Year2027()
    rig.clock.seconds += 3 * 365 * 86400
    at_the_checks(rig)
    rig.clock.seconds -= 3 * 365 * 86400
    rig.pass_all()
    assert "price-present" in judged(rig).passed


def test_the_journal_has_fails_and_abstentions_whole_and_passes_by_name() -> None:
    rig = Rig()
    at_the_checks(rig)
    shown = rig.pass_all()
    event = judged(rig)
    machine = [one for one in shown.findings if one.by == "machine"]
    assert set(event.passed) == {one.rule for one in machine if one.outcome is Outcome.PASS}
    assert {"tag-single", "tag-identifier", "tag-ledger", "tag-structure", "second-tag"} <= set(event.passed)
    assert all(one.outcome is not Outcome.NOT_APPLICABLE for one in event.findings)
    unknown = next(one for one in event.findings if one.rule == "as-invoiced")
    assert (unknown.outcome, told(unknown.reason)) == (Outcome.ABSTAINED, tell("finding.no-receipt"))


def test_looks_at_the_pad_are_counted_and_a_lift_is_no_dropout() -> None:
    rig = Rig()
    at_the_checks(rig)
    for _ in range(5):
        rig.look()
    rig.lift()
    for _ in range(3):
        rig.look()
    rig.pass_all()
    assert "read-margin" in judged(rig).passed


def test_a_tag_that_misses_a_look_now_and_then_is_told() -> None:
    rig = Rig()
    at_the_checks(rig)
    (uid,) = rig.world.pad
    for _ in range(4):
        rig.look()
        rig.world.pad = []
        rig.look()
        rig.world.place(uid)
    rig.look()
    rig.pass_all()
    (finding,) = [one for one in judged(rig).findings if one.rule == "read-margin"]
    assert finding.outcome is Outcome.FAIL
    assert judged(rig).verdict is Verdict.PASS, "minor"


class Trainees:
    """`ports.Workforce` in which every person is a trainee."""

    def find(self, login: str) -> Worker:
        return Worker(id="w1", name=login, role=Role.TRAINEE)


def test_a_trainee_gets_each_rule_by_itself() -> None:
    usual, trainee = Rig(), Rig(people=Trainees())
    many, few = at_the_checks(trainee).checks, at_the_checks(usual).checks
    assert sum(len(check.covers) for check in few) == len(many) > len(few)
    assert trainee.pass_all().verdict is Verdict.PASS


def test_the_pieces_of_a_set_are_counted_once() -> None:
    rig = Rig()
    first = at_the_checks(rig, DVD)
    assert "pieces-counted" in [check.rule for check in first.checks]
    rig.pass_all()
    rig.lift()
    rig.look()
    rig.scan(DVD)
    second = rig.place(rig.world.tag(2))
    assert second.part == 2
    assert "pieces-counted" not in [check.rule for check in second.checks]


def test_a_missing_disc_is_counted_and_the_odd_source_is_named() -> None:
    """The person's count is the fourth source; after it, the machine judges all four."""
    rig = Rig()
    shown = at_the_checks(rig, DVD)
    while shown.phase is Phase.CHECKING:
        check = shown.checks[shown.current_check]
        if check.rule == "pieces-counted":
            assert check.counted is not None
            check_count = check.counted
            said = Answer(check.rule, Outcome.FAIL, "Piece missing", count=check_count - 1)
        else:
            said = Answer(check.rule, Outcome.PASS)
        rig.bench.handle(said)
        shown = rig.now
    fails = [one for one in judged(rig).findings if one.rule == "pieces-counted" and one.outcome is Outcome.FAIL]
    machine, person = sorted(fails, key=lambda one: one.by != "machine")
    assert machine.by == "machine" and told(machine.reason).startswith("the count by hand differs: ")
    assert (person.code, person.counted) == ("piece-missing", check_count - 1)
    assert shown.verdict is Verdict.FAIL


def test_no_rules_no_taps() -> None:
    rig = Rig()
    rig.start_with(rules=Catalogue((), ()))
    rig.scan(BOOK)
    assert rig.place(rig.world.tag(1)).verdict is Verdict.PASS


ISBN = "9780877663638"


def with_isbns(monkeypatch: pytest.MonkeyPatch, *isbns: str) -> Rig:
    read = RecordFacts(height_given=True)
    monkeypatch.setitem(CATALOG, BOOK, msgspec.structs.replace(CATALOG[BOOK], isbns=isbns, marc=read))
    return Rig()


@pytest.mark.parametrize("early", [True, False])
def test_the_isbn_of_the_piece_is_scanned_while_it_is_in_hand(monkeypatch: pytest.MonkeyPatch, early: bool) -> None:
    """Rule 4 of the catalog: "machine after scan"; before the tag is on the pad, or during the checks."""
    rig = with_isbns(monkeypatch, ISBN)
    rig.scan(BOOK)
    if early:
        assert rig.scan(ISBN).notice.code == "notice.piece-noted"
    rig.place(rig.world.tag(1))
    if not early:
        rig.scan("0-87766-363-7")
    rig.pass_all()
    assert "piece-number" in judged(rig).passed
    assert "scan-refused" not in rig.journal.kinds()


@pytest.mark.parametrize("early", [True, False])
def test_another_isbn_warns_at_once_and_fails_the_item(monkeypatch: pytest.MonkeyPatch, early: bool) -> None:
    rig = with_isbns(monkeypatch, "9780131103627")
    rig.scan(BOOK)
    if early:
        now = rig.scan(ISBN)
        assert (now.light, now.wrong_scan, now.notice.code) == (Light.WARNING, "differs", "notice.piece-differs")
    rig.place(rig.world.tag(1))
    if not early:
        assert rig.scan(ISBN).sound is Sound.WARNING
    assert (rig.now.state, rig.now.light) == ("checking-piece", Light.WARNING)
    assert "ISBN" in told(rig.now.prompt)
    assert rig.pass_all().verdict is Verdict.FAIL
    (fail,) = [one for one in judged(rig).findings if one.outcome is Outcome.FAIL]
    assert (fail.rule, told(fail.reason)) == ("piece-number", tell("finding.number-not-in-record", number=ISBN))


@pytest.mark.parametrize("right", ["", "9780131103627"])
def test_another_isbn_is_removed_by_back_or_by_a_scan_of_the_right_one(
    monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    rig = with_isbns(monkeypatch, "9780131103627")
    at_the_checks(rig)
    rig.answer()
    rig.scan(ISBN)
    now = rig.scan(right) if right else rig.reopen()
    assert (now.state, now.current_check) == ("checking", 1), "Back takes no answer back before the number"
    assert rig.pass_all().verdict is Verdict.PASS


def test_the_number_of_one_piece_is_not_taken_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = with_isbns(monkeypatch, "9780131103627")
    rig.scan(BOOK)
    rig.scan(ISBN)
    rig.bench.handle(Cancel())
    at_the_checks(rig)
    assert rig.pass_all().verdict is Verdict.PASS
    assert "piece-number" not in judged(rig).passed


class Shelf:
    """`domain.ports.ShelfList` with one answer."""

    def __init__(self, said: Shelved) -> None:
        self.said = said
        self.asked: list[str] = []

    def same_number(self, item: ItemRecord) -> Shelved:
        self.asked.append(item.barcode)
        return self.said


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        (
            Shelved(("ocm2: Other proofs", "ocm3: More")),
            Outcome.FAIL,
            tell("finding.same-number", others="ocm2: Other proofs; ocm3: More"),
        ),
        (Shelved(), Outcome.PASS, ""),
        (
            Shelved(unknown=Sentence.verbatim("there is no catalog index")),
            Outcome.ABSTAINED,
            "there is no catalog index",
        ),
    ],
)
def test_the_shelf_list_is_asked_once_for_each_item_and_judged(said: Shelved, outcome: Outcome, reason: str) -> None:
    rig = Rig(shelf=(shelf := Shelf(said)))
    at_the_checks(rig)
    shown = rig.pass_all()
    found = next(one for one in shown.findings if one.rule == "call-number-unique")
    assert (found.outcome, told(found.reason)) == (outcome, reason)
    assert shelf.asked == [BOOK]
    assert shown.verdict is Verdict.PASS  # it is a minor rule


def test_without_a_shelf_list_the_rule_says_that_nobody_looked() -> None:
    rig = Rig()
    at_the_checks(rig)
    found = next(one for one in rig.now.findings if one.rule == "call-number-unique")
    assert (found.outcome, told(found.reason)) == (Outcome.ABSTAINED, tell("finding.no-shelf-list"))
