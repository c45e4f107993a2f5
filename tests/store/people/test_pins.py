"""PINs: only the right one proves a person, none is compared during a delay, and each try is counted before the
comparison. No restart, no kill and no clock shortens a delay, and no file contains a PIN."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from station.base.credentials import Secret, ensure, load
from station.base.errors import CardTaken, CardUnfit, PeopleUnusable, PinsUnusable, PinWrong, StoreError, StoreTooNew
from station.base.settings import Barcodes, Settings
from station.base.settings.people import People as Figures
from station.domain.events import WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import LONGEST_PIN, SIGNING_ON, Pin, has_pin_form, too_easy
from station.domain.ports import Proof
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import Authenticator, open_authenticator
from station.store.owner import open_store
from station.store.people.cards import Cards, Kind, badge_text
from station.store.people.names import _SCHEMA, People
from station.store.people.pin_hash import PinHasher
from tests.conftest import ROOT, FakeClock
from tests.store.people.sample_pins import PEPPER, QUICK, RIGHT, WRONG, PlainHasher, pins_at
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

# --- the hash ---------------------------------------------------------------------------------------------------------


def test_a_verifier_is_argon2id_with_the_figures_of_the_settings() -> None:
    hasher = PinHasher(QUICK, PEPPER)
    verifier = hasher.make("w-1", RIGHT)
    assert verifier.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert RIGHT.text not in verifier
    assert hasher.verify(verifier, "w-1", RIGHT)
    assert not hasher.verify(verifier, "w-1", WRONG)
    assert hasher.make("w-1", RIGHT) != verifier, "each must have its own salt"


def test_a_verifier_is_nobody_elses_and_nothing_without_the_pepper() -> None:
    verifier = PinHasher(QUICK, PEPPER).make("w-1", RIGHT)
    assert not PinHasher(QUICK, PEPPER).verify(verifier, "w-2", RIGHT)
    assert not PinHasher(QUICK, Secret("another")).verify(verifier, "w-1", RIGHT)
    assert not PinHasher(QUICK, PEPPER).verify("$argon2id$nonsense", "w-1", RIGHT)


def test_for_whoever_has_no_pin_argon2_works_as_much_as_for_a_wrong_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, ran = PinHasher(QUICK, PEPPER), []
    verifier = hasher.make("w-1", RIGHT)
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)
        monkeypatch.setattr(PasswordHasher, name, lambda *given, _real=real: (ran.append(1), _real(*given))[1])
    hasher.verify(verifier, "w-1", WRONG)
    assert len(ran) == 1
    hasher.waste(WRONG)
    assert len(ran) == 2


def test_the_shipped_figures_are_those_of_the_source() -> None:
    """docs/reference/safety.md#roles-and-pins: argon2id 19 MiB t=2 p=1, 6 digits, 5 tries then 60 s doubling, idle lock
    5 minutes."""
    shipped = Figures()
    assert (shipped.pin_memory_kib, shipped.pin_passes, shipped.pin_lanes) == (19 * 1024, 2, 1)
    assert (shipped.pin_digits, shipped.tries, shipped.delay_s) == (6, 5, 60)


def test_other_figures_store_the_pin_anew_once_it_was_right(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "people.db"
    first = pins_at(path, clock, hasher=PinHasher(QUICK, PEPPER))
    first.give("w-1", RIGHT, must_change=False)
    more = Figures(pin_memory_kib=9216, pin_passes=1)
    second = pins_at(path, clock, hasher=PinHasher(more, PEPPER), figures=more)
    assert second.prove("w-1", RIGHT).proof is Proof.RIGHT
    assert b"m=9216" in path.read_bytes()
    assert b"m=8192" not in path.read_bytes(), "no byte of the old verifier may remain"
    assert second.prove("w-1", RIGHT).proof is Proof.RIGHT


def test_another_pepper_counts_no_try_and_says_so(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "people.db"
    pins_at(path, clock, hasher=PinHasher(QUICK, PEPPER)).give("w-1", RIGHT, must_change=False)
    other = pins_at(path, clock, hasher=PinHasher(QUICK, Secret("another")))
    with pytest.raises(PinsUnusable):
        other.prove("w-1", RIGHT)
    assert other.state("w-1").failures == 0


# --- tries ------------------------------------------------------------------------------------------------------------


def test_delays_grow_and_then_it_locks(tmp_path: Path) -> None:
    clock, hasher = FakeClock(), PlainHasher()
    pins = pins_at(tmp_path / "people.db", clock, hasher=hasher)
    pins.give("w-1", RIGHT, must_change=False)
    waits = []
    for _ in range(QUICK.lock_after - 1):
        tried = pins.prove("w-1", WRONG)
        assert tried.proof is Proof.WRONG
        waits.append(tried.wait_s)
        calls = hasher.calls
        if tried.wait_s:
            clock.pause(tried.wait_s - 0.01)
            assert pins.prove("w-1", RIGHT).proof is Proof.WAIT, "even the right PIN must not be compared"
            assert hasher.calls == calls
            clock.pause(0.02)
    assert waits == [0, 0, 60, 120, 240, 480, 600]
    assert pins.prove("w-1", WRONG).proof is Proof.LOCKED
    clock.pause(1e9)
    assert pins.prove("w-1", RIGHT).proof is Proof.LOCKED
    pins.give("w-1", Pin("739105"), must_change=True)
    tried = pins.prove("w-1", Pin("739105"))
    assert (tried.proof, tried.must_change) == (Proof.RIGHT, True)
    assert pins.prove("w-1", RIGHT).proof is Proof.WRONG


def test_the_right_one_forgets_what_was_counted(tmp_path: Path) -> None:
    pins = pins_at(tmp_path / "people.db", FakeClock())
    pins.give("w-1", RIGHT, must_change=False)
    for _ in range(20):
        assert pins.prove("w-1", WRONG).proof is Proof.WRONG
        assert pins.prove("w-1", WRONG).proof is Proof.WRONG
        assert pins.prove("w-1", RIGHT).proof is Proof.RIGHT


def test_nobody_costs_as_much_as_somebody(tmp_path: Path) -> None:
    """docs/reference/safety.md#roles-and-pins: the time must not tell a known person from an unknown one; here the
    hashes are counted."""
    hasher = PlainHasher()
    pins = pins_at(tmp_path / "people.db", FakeClock(), hasher=hasher)
    pins.give("w-1", RIGHT, must_change=False)
    for who in ("w-1", "w-2", ""):
        before = hasher.calls
        pins.prove(who, WRONG)
        assert hasher.calls == before + 1


@pytest.mark.parametrize(("boot", "seconds"), [("boot-2", 1e6), ("boot-1", 5.0)], ids=["another boot", "clock back"])
def test_a_delay_that_cannot_be_measured_begins_anew(tmp_path: Path, boot: str, seconds: float) -> None:
    """The monotonic clock of another boot may be far ahead, so its time does not show how long ago the try was."""
    clock, hasher = FakeClock(), PlainHasher()
    pins = pins_at(tmp_path / "people.db", clock, hasher=hasher)
    pins.give("w-1", RIGHT, must_change=False)
    for _ in range(QUICK.tries):
        pins.prove("w-1", WRONG)
    clock.seconds, looked_at = seconds, hasher.calls
    later = pins_at(tmp_path / "people.db", clock, hasher=hasher, boot=boot)
    tried = later.prove("w-1", RIGHT)
    assert (tried.proof, tried.wait_s, hasher.calls) == (Proof.WAIT, 60, looked_at)
    clock.pause(59.0)
    assert later.prove("w-1", RIGHT).proof is Proof.WAIT
    clock.pause(1.5)
    assert later.prove("w-1", RIGHT).proof is Proof.RIGHT


class Tries(RuleBasedStateMachine):
    """Compare with a model that knows how long ago the newest wrong try was counted, by a clock that cannot be set."""

    path: Path

    @initialize()
    def begin(self) -> None:
        Tries.number = getattr(Tries, "number", 0) + 1
        self.file = self.path / f"people-{self.number}.db"
        self.clock, self.hasher, self.boots = FakeClock(), PlainHasher(), 1
        self.open()
        self.pins.give("w-1", RIGHT, must_change=False)
        self.failures, self.passed = 0, float("inf")

    def open(self) -> None:
        self.pins = pins_at(self.file, self.clock, hasher=self.hasher, boot=f"boot-{self.boots}")

    @rule(seconds=st.sampled_from([0.5, 59.0, 61.0, 130.0, 601.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.passed += seconds

    @rule()
    def the_program_starts_again(self) -> None:
        self.open()

    @rule(at=st.sampled_from([0.0, 5.0, 1e6]))
    def the_machine_starts_again(self, at: float) -> None:
        """The monotonic clock starts again, perhaps far ahead; the delay must not become shorter."""
        self.boots += 1
        self.clock.seconds = at
        self.open()
        self.rebased()

    @rule()
    def the_clock_goes_back(self) -> None:
        self.clock.seconds -= 1e7
        self.rebased()

    def rebased(self) -> None:
        if self.failures >= QUICK.tries:
            self.passed = 0.0 if self.pins.prove("w-1", WRONG).proof is Proof.WAIT else self.passed

    @rule(right=st.booleans())
    def a_pin(self, right: bool) -> None:
        over = self.failures - QUICK.tries
        delay = 0.0 if over < 0 else min(600.0, 60.0 * 2**over)
        calls = self.hasher.calls
        tried = self.pins.prove("w-1", RIGHT if right else WRONG)
        if self.failures >= QUICK.lock_after:
            assert tried.proof is Proof.LOCKED
        elif self.passed < delay - 1e-6:
            assert tried.proof is Proof.WAIT
            assert 0 < tried.wait_s <= delay + 1e-6
        elif right:
            assert tried.proof is Proof.RIGHT
            self.failures, self.passed = 0, float("inf")
        else:
            assert tried.proof in (Proof.WRONG, Proof.LOCKED)
            self.failures, self.passed = self.failures + 1, 0.0
        if tried.proof in (Proof.WAIT, Proof.LOCKED) and self.failures < QUICK.lock_after:
            assert self.hasher.calls == calls, "the PIN was compared during a delay"

    @rule()
    def a_new_one_is_set(self) -> None:
        self.pins.give("w-1", RIGHT, must_change=False)
        self.failures, self.passed = 0, float("inf")

    @invariant()
    def what_is_counted_is_on_the_medium(self) -> None:
        if hasattr(self, "file"):
            state = pins_at(self.file, self.clock).state("w-1")
            assert state.failures == self.failures
            assert state.locked == (self.failures >= QUICK.lock_after)


def tries(path: Path, examples: int, steps: int) -> None:
    machine = type("Machine", (Tries,), {"path": path})
    run_state_machine_as_test(
        machine, settings=hypothesis_settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_no_restart_and_no_clock_shortens_a_delay(tmp_path: Path) -> None:
    tries(tmp_path, 12, 25)


@pytest.mark.soak
def test_no_restart_and_no_clock_shortens_a_delay_many(tmp_path: Path) -> None:
    tries(tmp_path, 400, 60)


_CHILD = """
import sys
from pathlib import Path
from station.base.clock import SystemClock, boot
from station.domain.people.sign_on import Pin
from station.store.people.names import People
from station.store.people.pins import Pins
from tests.store.people.sample_pins import QUICK, PlainHasher

class Slow(PlainHasher):
    def verify(self, verifier, worker, pin):
        print("looking", flush=True)
        sys.stdin.readline()
        return super().verify(verifier, worker, pin)

Pins(People(Path(sys.argv[1])), Slow, QUICK, SystemClock(), boot()).prove("w-1", Pin("482914"))
print("looked", flush=True)
"""


def test_a_try_that_was_killed_while_it_was_looked_at_has_counted(tmp_path: Path) -> None:
    """kill -9 between the count and the answer: no person gets a free try, and the delay stays."""
    path = tmp_path / "people.db"
    clock = FakeClock()
    pins_at(path, clock).give("w-1", RIGHT, must_change=False)
    for count in range(1, QUICK.tries + 1):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "looking\n"
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        assert pins_at(path, clock).state("w-1").failures == count
    assert pins_at(path, clock).prove("w-1", RIGHT).proof is Proof.WAIT


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_of_the_first_schema_gets_what_is_new(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "people.db"
    old = sqlite3.connect(path, isolation_level=None)
    for statement in _SCHEMA:
        old.execute(statement)
    old.execute("INSERT INTO people VALUES ('w-1', 'ann', 'Ann')")
    old.close()
    pins = pins_at(path, FakeClock())
    with raises_told(StoreError, match="run: station update"):
        pins.state("w-1")
    People(path).upgrade()
    assert not pins.state("w-1").there
    pins.give("w-1", RIGHT, must_change=True)
    assert pins.state("w-1").must_change
    person = People(path).by_id("w-1")
    assert person is not None and (person.name, person.language) == ("Ann", "")


def test_who_is_erased_leaves_no_card_and_no_pin(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    people, cards = People(path), Cards(People(path))
    people.add("w-1", "ann", "Ann")
    pins = pins_at(path, FakeClock(), hasher=PinHasher(QUICK, PEPPER))
    pins.give("w-1", RIGHT, must_change=False)
    cards.give(Kind.BARCODE, "staff-4711-ann", "w-1")
    cards.give(Kind.BADGE, "04AABBCCDDEE80", "w-1")
    assert b"staff-4711-ann" in path.read_bytes() and b"$argon2id$" in path.read_bytes()
    people.erase("w-1")
    left = path.read_bytes()
    assert b"staff-4711" not in left and b"04AABBCC" not in left and b"argon2id" not in left
    assert pins.prove("w-1", RIGHT).proof is Proof.NONE


def test_the_pepper_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = ensure("pin-pepper", tmp_path, {})
    assert len(first.reveal()) == 64
    assert ensure("pin-pepper", tmp_path, {}).reveal() == load("pin-pepper", tmp_path, {}).reveal() == first.reveal()
    file = tmp_path / "credentials" / "pin-pepper"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(file.parent.iterdir()) == [file]
    given = tmp_path / "systemd"
    given.mkdir()
    (given / "pin-pepper").write_text("from systemd")
    assert ensure("pin-pepper", tmp_path / "other", {"CREDENTIALS_DIRECTORY": str(given)}).reveal() == "from systemd"
    assert not (tmp_path / "other").exists()


def test_a_newer_or_foreign_file_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "people.db"
    pins_at(path, FakeClock()).give("w-1", RIGHT, must_change=False)
    for pragma, error in (("user_version=9", StoreTooNew), ("application_id=1", PeopleUnusable)):
        changed = sqlite3.connect(path, isolation_level=None)
        changed.execute(f"PRAGMA {pragma}")
        changed.close()
        with pytest.raises(error):
            pins_at(path, FakeClock()).prove("w-1", RIGHT)


# --- what may be a PIN or a card --------------------------------------------------------------------------------------


@for_each("pin", ["111111", "123456", "987654", "890123", "121212", "123123", "48294829", "000000"])
def test_easy_pins(pin: str) -> None:
    assert too_easy(pin)
    assert pin not in told(too_easy(pin))


@pytest.mark.parametrize("pin", ["482913", "100000", "902811773"])
def test_pins_that_are_none_of_these(pin: str) -> None:
    assert not too_easy(pin)
    assert too_easy(pin, f"9{pin}9")


@given(st.text(max_size=20))
def test_the_form_of_a_pin(text: str) -> None:
    assert has_pin_form(text) == (6 <= len(text) <= LONGEST_PIN and all(char in "0123456789" for char in text))


def test_a_pin_shows_itself_nowhere() -> None:
    assert "482913" not in f"{RIGHT!r} {RIGHT} {[RIGHT]!r}"


@pytest.mark.parametrize("text", ["04 aa:bb-cc dd EE 80", "DEADBEEF", "0123456789ABCDEF"])
def test_badges(text: str) -> None:
    assert badge_text(text) == "".join(char for char in text.upper() if char.isalnum())


@pytest.mark.parametrize("text", ["", "xyz", "04AABB", "08112233", "04AABBCCDDEE8", "é4AABBCC"])
def test_what_is_no_badge_or_changes_each_time(text: str) -> None:
    with pytest.raises(CardUnfit):
        badge_text(text)


@pytest.fixture
def authenticator(tmp_path: Path) -> Authenticator:
    clock = FakeClock()
    store = open_store(tmp_path / JOURNAL, clock)
    people = People(tmp_path / PEOPLE)
    for worker, login, role in (("w-1", "ann", Role.OPERATOR), ("w-2", "tess", Role.TECHNICIAN)):
        people.add(worker, login, login.title())
        store.journal.record(WorkerRegistered(worker=worker, role=role))
    store.close()
    settings = Settings(people=QUICK, barcodes=Barcodes())
    return open_authenticator(settings, tmp_path, store.queries, clock)


def test_cards_say_who_somebody_is_and_prove_nothing(authenticator: Authenticator) -> None:
    authenticator.give_card(Kind.BARCODE, " Staff-0001 ", "w-1")
    authenticator.give_card(Kind.BADGE, "04:AA:BB:CC:DD:EE:80", "w-2")
    ann, tess = authenticator.identify("STAFF-0001"), authenticator.identify_badge("04aabbccddee80")
    assert ann is not None and ann.id == "w-1"
    assert tess is not None and (tess.id, tess.role) == ("w-2", Role.TECHNICIAN)
    assert authenticator.identify("tess") == tess
    assert authenticator.identify("04aabbccddee80") is None, "a typed badge number is not a badge"
    assert (
        authenticator.identify("w-1") is None
        and authenticator.identify("") is None
        and authenticator.identify_badge("\x1b[2J") is None
    )
    assert authenticator.prove("w-2", RIGHT).proof is Proof.NONE


@pytest.mark.parametrize("text", ["31234000000016", "tess", "", "machine", "nobody", "$$PASS"])
def test_a_card_that_means_something_else_is_refused(authenticator: Authenticator, text: str) -> None:
    with pytest.raises(CardUnfit):
        authenticator.give_card(Kind.BARCODE, text, "w-1")


def test_a_card_has_one_owner(authenticator: Authenticator) -> None:
    authenticator.give_card(Kind.BARCODE, "S1", "w-1")
    authenticator.give_card(Kind.BARCODE, "S1", "w-1")
    with pytest.raises(CardTaken):
        authenticator.give_card(Kind.BARCODE, "s1", "w-2")


def test_what_may_not_be_chosen(authenticator: Authenticator) -> None:
    authenticator.give_card(Kind.BARCODE, "5550482913", "w-1")
    authenticator.give_card(Kind.BARCODE, "6620017", "w-2")
    authenticator.pins.give("w-1", Pin("771904"), must_change=False)
    for text in ("48291", "4829131111111", "48291x", "٤٨٢٩١٣", "", "123456", "482913", "6620017", "771904"):
        problem = authenticator.unfit("w-1", Pin(text))
        assert problem, text
        assert not text or text not in told(problem)
    assert not authenticator.unfit("w-1", Pin("305882"))


def test_a_site_whose_items_have_short_numbers_gives_none_of_them_as_a_pin(tmp_path: Path) -> None:
    store = open_store(tmp_path / JOURNAL, FakeClock())
    store.close()
    short = Settings(people=QUICK, barcodes=Barcodes(length=6, prefixes=("3",), check_digit="none"))
    authenticator = open_authenticator(short, tmp_path, store.queries, FakeClock())
    assert "item" in told(authenticator.unfit("w-1", Pin("305882")))
    assert not authenticator.unfit("w-1", Pin("405882"))


def test_nobody_and_wrong_are_told_alike(authenticator: Authenticator) -> None:
    authenticator.pins.give("w-1", RIGHT, must_change=False)
    for name in ("ann", "nobody at all"):
        with pytest.raises(PinWrong) as said:
            authenticator.proven(name, WRONG)
        assert told(said.value.sentence) == told(PinWrong().sentence)
    assert authenticator.proven("ann", RIGHT)[0].id == "w-1"


def test_a_grant_works_once(authenticator: Authenticator) -> None:
    grant = authenticator.grant("w-1", SIGNING_ON)
    assert authenticator.redeem("w-1", SIGNING_ON) == ""
    assert authenticator.redeem(grant, SIGNING_ON) == "w-1"
    assert authenticator.redeem(grant, SIGNING_ON) == ""
