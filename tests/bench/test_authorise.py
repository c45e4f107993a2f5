"""An act that needs a technician asks for one on the spot, journals the operator and the authorizing person, and
returns to the same place. Without sign-on, no person is asked for."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import pytest

from station.base.errors import NotAllowed
from station.base.sentence import Sentence
from station.base.words import knows, tell
from station.bench.item.tag_content import site_profile
from station.domain import events
from station.domain.commands import (
    Badge,
    CancelQuestion,
    Close,
    Command,
    GivePin,
    OrderRechecks,
    Settle,
    SignOff,
    SignOn,
    Waive,
)
from station.domain.correction_states import CorrectionKind, Result
from station.domain.deliveries.intents import Decision
from station.domain.findings import Outcome, Severity
from station.domain.people.rights import RIGHTS, Right, Role
from station.domain.people.sign_on import Asks, Pin, SignOnPrompt, Why
from station.domain.snapshot import Phase, Sound
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from station.quality.verdict.waivers import rejudged
from tests.bench.item.test_corrections import CRITICAL, BothJournals
from tests.bench.item.test_locks import LockingReader
from tests.bench.staff import BADGE_OF, PINS, SIGN_ON, Staff, rig_with
from tests.bench.test_bench import encoded
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, OTHER, RULES, SETTINGS, Rig
from tests.support.told import told

ALLOWED = {"tess", "sys"}


def desk(login: str) -> Rig:
    """Return a bench with a real journal, on which this person is signed on."""
    staff = Staff()
    rig = Rig(SIGN_ON, journal=BothJournals(), people=staff, keeper=staff)
    staff.clock = rig.clock
    come(rig, login)
    return rig


def come(rig: Rig, login: str) -> None:
    rig.scan(f"staff-{login}")
    rig.bench.handle(GivePin(Pin(PINS[login])))
    assert rig.now.sign_on_prompt is None


def lend(rig: Rig, login: str) -> None:
    """Let this person authorize the request on the screen."""
    assert rig.now.sign_on_prompt is not None and rig.now.sign_on_prompt.why is Why.AUTHORISE
    rig.bench.handle(Badge(BADGE_OF[login]))
    rig.bench.handle(GivePin(Pin(PINS[login])))


def sign_on_prompt(rig: Rig) -> SignOnPrompt:
    assert rig.now.sign_on_prompt is not None
    return rig.now.sign_on_prompt


def of(rig: Rig, kind: type) -> list[events.AnyEvent]:
    return [event for event in rig.journal.events if isinstance(event, kind)]


def foreign(rig: Rig) -> None:
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **encoded(BOOK, "DE-Heu1")))
    assert rig.now.fault is not None and rig.now.fault.code == "foreign-tag"


# --- overwriting another library's tag --------------------------------------------------------------------------------


@for_each(("login", "code"), list(itertools.product(PINS, ["foreign-tag", "unknown-content", "other-item"])))
def test_who_is_asked_for_a_technician(login: str, code: str) -> None:
    rig = desk(login)
    tag = {
        "foreign-tag": encoded(BOOK, "DE-Heu1"),
        "unknown-content": {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)},
        "other-item": encoded(OTHER),
    }[code]
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **tag))
    assert rig.now.fault is not None and rig.now.fault.code == code
    rig.choose("overwrite")
    asked = login not in ALLOWED and code != "other-item"
    assert (rig.now.sign_on_prompt is not None) is asked
    assert ("again" in told(rig.now.fault.sentence)) is not asked


def test_a_technician_on_the_spot_and_back_to_the_same_place() -> None:
    rig = desk("ann")
    foreign(rig)
    before = rig.now
    rig.choose("overwrite")
    assert (sign_on_prompt(rig).asks, sign_on_prompt(rig).role, sign_on_prompt(rig).leave) == (
        Asks.WHO,
        "technician",
        True,
    )
    lend(rig, "tess")
    assert (rig.now.worker, rig.now.item, rig.now.sign_on_prompt) == ("w-ann", before.item, None)
    assert rig.world.write_commands == 0, "the second gesture must still be required"
    rig.scan(BOOK)
    assert rig.now.phase is Phase.CHECKING
    (started,) = of(rig, events.TagWriteStarted)
    assert (started.operator, started.authorised) == ("w-ann", "w-tess")
    confirmed = of(rig, events.ChoiceMade)[-1]
    assert (confirmed.operator, confirmed.authorised) == ("w-ann", "w-tess")
    rig.pass_all()
    rig.lift()
    rig.scan(OTHER)
    rig.place(rig.world.tag(2, **encoded(OTHER, "DE-Heu1")))
    rig.choose("overwrite")
    assert sign_on_prompt(rig).why is Why.AUTHORISE, "the right must be lent for one tag only"


@pytest.mark.parametrize(
    "how", ["card-alone", "wrong-pin", "own-pin", "operator", "withdrawn", "time", "lifted", "set-aside"]
)
def test_nothing_else_authorises(how: str) -> None:
    rig = desk("ann")
    foreign(rig)
    rig.choose("overwrite")
    match how:
        case "card-alone":
            rig.bench.handle(Badge(BADGE_OF["tess"]))
            rig.scan("staff-tess")
        case "wrong-pin" | "own-pin":
            rig.bench.handle(Badge(BADGE_OF["tess"]))
            rig.bench.handle(GivePin(Pin(PINS["ann"] if how == "own-pin" else "000000")))
        case "operator":
            rig.bench.handle(Badge(BADGE_OF["bea"]))
            assert "technician" in told(sign_on_prompt(rig).sentence)
            rig.bench.handle(GivePin(Pin(PINS["bea"])))
        case "withdrawn":
            rig.bench.handle(CancelQuestion())
        case "time":
            rig.clock.pause(61)
            rig.look()
        case "lifted":
            rig.lift()
            rig.look()
        case "set-aside":
            rig.choose("set-aside")
            rig.look()
    rig.bench.handle(GivePin(Pin(PINS["tess"]))) if how in ("withdrawn", "time", "lifted", "set-aside") else None
    rig.scan(BOOK)
    rig.look()
    assert rig.world.write_commands == 0
    assert rig.now.worker == "w-ann"
    assert (rig.now.sign_on_prompt is None) is (how in ("withdrawn", "time", "lifted", "set-aside"))


def test_a_role_that_was_taken_away_meanwhile_lends_nothing() -> None:
    rig, staff = rig_with()
    come(rig, "ann")
    foreign(rig)
    rig.choose("overwrite")
    rig.bench.handle(Badge(BADGE_OF["tess"]))
    staff.roles["tess"] = Role.OPERATOR
    rig.bench.handle(GivePin(Pin(PINS["tess"])))
    assert sign_on_prompt(rig).asks is Asks.WHO
    rig.bench.handle(CancelQuestion())
    rig.scan(BOOK)
    assert rig.world.write_commands == 0


def test_an_item_scanned_while_a_technician_is_asked_for_goes_to_the_work() -> None:
    rig = desk("ann")
    foreign(rig)
    rig.choose("overwrite")
    rig.scan(OTHER)
    assert rig.now.item is not None and rig.now.item.barcode == OTHER
    rig.look()
    assert rig.now.sign_on_prompt is None, "the request must end with its act"


def test_signing_off_meanwhile_withdraws_it() -> None:
    rig = desk("ann")
    foreign(rig)
    rig.choose("overwrite")
    rig.bench.handle(SignOff())
    assert sign_on_prompt(rig).why is Why.SIGN_ON
    rig.bench.handle(Badge(BADGE_OF["tess"]))
    rig.bench.handle(GivePin(Pin(PINS["tess"])))
    assert rig.now.worker == "w-tess", "she must be signed on and have authorized nothing"
    rig.scan(BOOK)
    assert rig.world.write_commands == 0


# --- waivers and corrections ------------------------------------------------------------------------------------------


def failed(rig: Rig) -> None:
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    while rig.now.phase is Phase.CHECKING:
        check = rig.now.checks[rig.now.current_check]
        wrong = check.rule == CRITICAL
        rig.answer(Outcome.FAIL if wrong else Outcome.PASS, check.reasons[0] if wrong else "")
    assert rig.now.phase is Phase.DONE


@pytest.mark.parametrize("login", PINS)
def test_a_critical_finding_is_waived_by_the_right_of_a_technician(login: str) -> None:
    rig = desk(login)
    failed(rig)
    assert rig.now.may_waive == (CRITICAL,), "where people sign on, a person with the right can be asked"
    rig.bench.handle(Waive(CRITICAL, "Accepted as it is", by="w-sys"))
    if login not in ALLOWED:
        assert of(rig, events.FindingWaived) == [], "a name in a command must prove nothing"
        lend(rig, "tess")
    (event,) = of(rig, events.FindingWaived)
    lent = "" if login in ALLOWED else "w-tess"
    role = {"sys": Role.SYSTEMS}.get(login, Role.TECHNICIAN)
    assert (event.operator, event.authorised, event.role) == (f"w-{login}", lent, role)
    judged = of(rig, events.ItemJudged)[-1]
    assert judged.waivers[0].by == (lent or f"w-{login}")
    assert (rig.now.worker, rig.now.sign_on_prompt, rig.now.sound) == (f"w-{login}", None, Sound.GOOD)


def test_a_waiver_whose_item_is_not_in_hand_any_more_is_not_asked_for() -> None:
    rig = desk("ann")
    failed(rig)
    rig.bench.handle(Waive(CRITICAL, "Accepted as it is"))
    assert sign_on_prompt(rig).why is Why.AUTHORISE
    rig.scan(OTHER)
    lend(rig, "tess")
    assert of(rig, events.FindingWaived) == [] and rig.now.sign_on_prompt is None


def test_a_correction_is_ended_by_the_right_of_a_technician() -> None:
    rig = desk("bea")
    failed(rig)
    (flag,) = rig.now.flags
    rig.bench.handle(Close(flag.correction, Result.NO_DEFECT, "Checked: it is right"))
    assert rig.now.flags == (flag,)
    lend(rig, "tess")
    (event,) = of(rig, events.CorrectionClosed)
    assert (event.operator, event.authorised, rig.now.flags) == ("w-bea", "w-tess", ())


@pytest.mark.parametrize("login", PINS)
def test_a_delivery_is_decided_about_by_the_right_of_a_technician(login: str) -> None:
    rig = desk(login)
    done: list[tuple[str, ...]] = []

    def settle(delivery: str, decision: Decision, operator: str, reason: str, authorised: str) -> str:
        if (authorised or operator).removeprefix("w-") not in ALLOWED:
            raise NotAllowed("settle: technician or above", "settle")
        done.append((delivery, decision.value, operator, reason, authorised))
        return "queued"

    rig.bench.desk.ports = replace(rig.bench.desk.ports, settle=settle)
    rig.bench.handle(Settle("d1", "give it to me"))
    assert done == [] and rig.now.sign_on_prompt is None
    rig.bench.handle(Settle("d1", Decision.DISCARD, "why"))
    if login not in ALLOWED:
        assert done == []
        rig.bench.handle(CancelQuestion())
        rig.bench.handle(Settle("d1", Decision.DISCARD, "why"))
        assert done == [] and "delivery" in told(sign_on_prompt(rig).what)
        lend(rig, "tess")
    assert done == [("d1", "discard", f"w-{login}", "why", "" if login in ALLOWED else "w-tess")]
    assert (rig.now.notice.code, rig.now.sign_on_prompt, rig.now.worker) == (
        "outbox.answer.queued",
        None,
        f"w-{login}",
    )


def test_who_lends_is_asked_for_once_and_what_is_refused_does_not_stop_the_line() -> None:
    rig = desk("ann")
    tried: list[str] = []

    def settle(_delivery: str, _decision: Decision, _operator: str, _reason: str, authorised: str) -> str:
        tried.append(authorised)
        raise NotAllowed("settle: nobody", "settle")

    rig.bench.desk.ports = replace(rig.bench.desk.ports, settle=settle)
    rig.bench.handle(Settle("d1", Decision.DISCARD, "why"))
    lend(rig, "tess")
    assert tried == ["", "w-tess"]
    assert rig.now.sign_on_prompt is None and rig.now.notice.code == "not-allowed"
    assert (rig.now.sound, rig.now.phase) == (Sound.WARNING, Phase.IDLE)


@pytest.mark.parametrize("login", PINS)
def test_rechecks_of_a_rejected_lot_are_ordered_by_the_right_of_a_technician(login: str) -> None:
    rig = desk(login)
    asked: list[tuple[str, str, int, str]] = []

    def orders(whose: str, subject: str, lot: int, found_by: str) -> tuple[events.CorrectionOpened, ...]:
        asked.append((whose, subject, lot, found_by))
        return tuple(
            events.CorrectionOpened(
                correction=name, what=CorrectionKind.RECHECK, barcode=BOOK, rule=name, title=Sentence.verbatim("x"),
                due="2026-12-01", worker="w-bea", found_by=found_by,
            )
            for name in ("one", "two")
        )  # fmt: skip

    rig.bench.handle(OrderRechecks("worker", "w-bea", 3))
    assert rig.now.notice.code == "notice.no-rechecks" and rig.now.sign_on_prompt is None, (
        "without streams there are no lots"
    )
    rig.bench.desk.ports = replace(rig.bench.desk.ports, rechecks=orders)
    rig.scan(BOOK)
    rig.bench.handle(OrderRechecks("worker", "w-bea", 3))
    if login not in ALLOWED:
        assert of(rig, events.CorrectionOpened) == [] and told(sign_on_prompt(rig).what) == tell(
            "sampling.lend", count=2
        )
        rig.bench.handle(CancelQuestion())
        assert of(rig, events.CorrectionOpened) == []
        rig.bench.handle(OrderRechecks("worker", "w-bea", 3))
        lend(rig, "tess")
    assert set(asked) == {("worker", "w-bea", 3, f"w-{login}")}
    lent = "" if login in ALLOWED else "w-tess"
    opened = [one for one in of(rig, events.CorrectionOpened) if isinstance(one, events.CorrectionOpened)]
    assert [(one.correction, one.found_by, one.authorised) for one in opened] == [
        (name, f"w-{login}", lent) for name in ("one", "two")
    ]
    assert (rig.now.notice.code, rig.now.sign_on_prompt) == ("notice.rechecks-ordered", None)
    assert [flag.correction for flag in rig.now.flags] == ["one", "two"], "they are shown with the current item"
    rig.bench.desk.ports = replace(rig.bench.desk.ports, rechecks=lambda *_: ())
    rig.bench.handle(OrderRechecks("worker", "w-bea", 3))
    assert rig.now.notice.code == "notice.no-rechecks"


def test_a_waiver_from_elsewhere_is_taken_up_where_people_sign_on() -> None:
    rig = desk("ann")
    failed(rig)
    assert rig.now.verdict is Verdict.FAIL
    (known,) = [one for one in of(rig, events.ItemJudged) if isinstance(one, events.ItemJudged)]
    waived = events.FindingWaived(
        barcode=BOOK, part=1, rule=CRITICAL, title=Sentence.verbatim("x"), severity=Severity.CRITICAL, reason="old binding",
        operator="w-tess", role=Role.TECHNICIAN,
    )  # fmt: skip
    rig.journal.order(waived, results=((rejudged(known, waived), ()),))
    rig.bench.handle(SignOn())
    assert (rig.now.verdict, rig.now.waived, rig.now.flags) == (Verdict.PASS, (CRITICAL,), ())
    assert "old binding" in told(rig.now.notice.sentence) and rig.now.worker == "w-ann"


def test_where_people_do_not_sign_on_nobody_is_asked() -> None:
    staff = Staff()
    rig = Rig(SETTINGS, journal=BothJournals(), people=staff, keeper=staff)
    foreign(rig)
    rig.choose("overwrite")
    assert rig.now.sign_on_prompt is None
    rig.scan(BOOK)
    assert rig.now.phase is Phase.CHECKING
    assert of(rig, events.TagWriteStarted)[-1].authorised == ""


# --- locking ----------------------------------------------------------------------------------------------------------


def locking(login: str, workflow: Workflow = Workflow.PROCESS) -> Rig:
    """Return a bench whose profile locks the primary item identifier, with a reader that can lock."""
    rig, _ = rig_with()
    site = replace(site_profile(SIGN_ON), lock=frozenset({1}))
    rig.start_with(reader=LockingReader(rig.world), site=site)
    come(rig, login)
    rig.enter(workflow)
    return rig


def test_locking_is_authorised_once_until_the_operator_changes() -> None:
    rig = locking("ann")
    tags = [rig.world.tag(number) for number in (1, 2, 3)]
    rig.scan(BOOK)
    rig.place(tags[0])
    assert rig.now.fault is not None and rig.now.fault.code == "not-allowed"
    assert rig.world.write_commands == 0 and not rig.world.tags[tags[0]].locked
    lend(rig, "tess")
    rig.look(3)
    assert rig.now.phase is Phase.CHECKING
    assert rig.world.tags[tags[0]].locked
    rig.pass_all()
    rig.lift()
    rig.scan(OTHER)
    rig.place(tags[1])
    assert rig.now.phase is Phase.CHECKING, "the right must hold for the next item"
    assert [event.authorised for event in of(rig, events.TagWriteStarted)] == ["w-tess", "w-tess"]
    rig.pass_all()
    rig.lift()
    come(rig, "bea")
    rig.scan(BOOK)
    rig.bench.handle(CancelQuestion())
    rig.place(tags[2])
    rig.choose("overwrite")
    rig.scan(BOOK)
    assert not rig.world.tags[tags[2]].locked
    assert sign_on_prompt(rig).why is Why.AUTHORISE


def test_not_now_leaves_the_item_with_its_choices_and_nothing_locked() -> None:
    rig = locking("ann")
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.bench.handle(CancelQuestion())
    rig.look(5)
    assert rig.now.sign_on_prompt is None and rig.now.fault is not None
    assert {choice.id for choice in rig.now.fault.choices} == {"retry", "set-aside"}
    rig.choose("retry")
    assert sign_on_prompt(rig).why is Why.AUTHORISE
    assert rig.world.write_commands == 0
    technician = locking("tess")
    technician.scan(BOOK)
    technician.place(technician.world.tag(1))
    assert technician.now.phase is Phase.CHECKING, "her own right must suffice"


# --- changed rules ----------------------------------------------------------------------------------------------------


def changed(login: str, accepted: str, site_file: str = "site.toml") -> tuple[Rig, list[str]]:
    """Return a bench with the rules of the site's file. `accepted`: the digest that was accepted before."""
    rig, _ = rig_with()
    known = [accepted]
    settings = msgspec.structs.replace(SIGN_ON, rules=msgspec.structs.replace(SIGN_ON.rules, site_file=site_file))
    rig.start_with(settings=settings, rules_accepted=lambda: known[-1])
    come(rig, login)
    return rig, known


def test_no_checklist_is_begun_under_changed_rules_either() -> None:
    rig, known = changed("ann", "another")
    rig.enter(Workflow.WITHDRAW)
    rig.scan(BOOK)
    assert rig.now.item is None and sign_on_prompt(rig).role == "technician"
    known.append(RULES.digest)
    lend(rig, "tess")
    assert of(rig, events.WithdrawalBegan)[0].barcode == BOOK, "the scan must continue"


@pytest.mark.parametrize("before", ["", "another"])
def test_no_item_is_begun_under_changed_rules_before_a_technician_says_so(before: str) -> None:
    rig, known = changed("ann", before)
    for _ in range(2):
        rig.scan(BOOK)
        assert rig.now.item is None and sign_on_prompt(rig).role == "technician"
        rig.bench.handle(CancelQuestion())
        rig.place(rig.world.tag(1))
        assert rig.world.write_commands == 0
        rig.lift()
    rig.scan(BOOK)
    lend(rig, "bea")
    assert of(rig, events.RulesAccepted) == []
    rig.bench.handle(CancelQuestion())
    rig.scan(BOOK)
    known.append(RULES.digest)
    lend(rig, "tess")
    (event,) = of(rig, events.RulesAccepted)
    assert (event.operator, event.authorised, event.digest) == ("w-ann", "w-tess", RULES.digest)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK, "the scan must continue"
    rig.scan(OTHER)
    assert rig.now.item.barcode == OTHER


@pytest.mark.parametrize(("accepted", "site_file"), [("same", "site.toml"), ("", "")])
def test_rules_that_were_accepted_or_never_changed_ask_nobody(accepted: str, site_file: str) -> None:
    rig, _ = changed("ann", RULES.digest if accepted else "", site_file)
    assert rig.scan(BOOK).item is not None


def test_one_changed_word_of_one_rule_is_another_digest() -> None:
    first, *rest = RULES.rules
    other = msgspec.structs.replace(RULES, rules=(msgspec.structs.replace(first, title=f"{first.title}!"), *rest))
    assert other.digest != RULES.digest == msgspec.structs.replace(RULES).digest
    assert len(RULES.digest) == 64


# --- the table of rights ----------------------------------------------------------------------------------------------


def test_every_right_that_a_trainee_lacks_and_the_screen_may_ask_for_has_its_words() -> None:
    command_line = {Right.SEE_OTHERS, Right.TRAIN, Right.MANAGE_PEOPLE, Right.MANAGE_STAFF, Right.ERASE}
    lacking = set(Right) - RIGHTS[Role.TRAINEE] - command_line
    assert all(knows(f"people.right.{right.value}") for right in lacking)


def test_the_settings_of_these_tests_are_those_of_the_site() -> None:
    assert msgspec.structs.replace(SIGN_ON, people=SETTINGS.people) == SETTINGS
    assert isinstance(CancelQuestion(), Command)
