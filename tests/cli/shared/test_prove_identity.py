"""Orders with sign-on: the requester proves their identity, a technician authorizes on the spot, and without both no
order is journaled; the same with a running station and without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from station.base.errors import PinChangeNeeded, PinWrong, SignOnNeeded
from station.base.sentence import Sentence
from station.cli import station
from station.domain.correction_states import Result as Ended
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Decision
from station.domain.events import (
    CorrectionClosed,
    CorrectionOpened,
    DeliveryChanged,
    DeliveryOrdered,
    FindingWaived,
    RulesAccepted,
    WorkerRegistered,
    WorkerRoleChanged,
)
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.domain.people.sign_on import By, Claim, Pin
from station.quality.rulebook.shipped import shipped
from station.runtime.data_directory import JOURNAL
from station.runtime.socket.client import connect
from station.runtime.socket.wire import Decided
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, events, prepare, running, value
from tests.conftest import FakeClock
from tests.support import sample_events

Run = Callable[..., Result]
CLOSE = ("corrections", "close", "aaaa1111", "--result", "no-defect", "--reason", "it is right")
ITEM = "31999000000014"


def report(ident: str, severity: Severity = Severity.MAJOR) -> CorrectionOpened:
    return CorrectionOpened(
        correction=ident,
        barcode=ITEM,
        rule=ident,
        title=Sentence.verbatim("x"),
        due="2026-01-01",
        severity=severity,
        found_by="w-ann",
    )


@pytest.fixture(params=["alone", "running"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    data = prepare(tmp_path)
    store = open_store(data / JOURNAL, FakeClock())
    store.journal.record(report("aaaa1111"), report("bbbb2222", Severity.CRITICAL))
    store.journal.record(sample_events.judged(ITEM), deliveries=[sample_events.delivery("alma", ITEM)])
    (name,) = (row.id for row in store.queries.outbox_page())
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.PARKED, Sentence.verbatim("somebody wrote there"))
    store.close()
    with running(data) if request.param == "running" else nullcontext():
        yield lambda *words, lines=(): CliRunner().invoke(
            station, ["--data", str(data), *words], input="".join(f"{line}\n" for line in lines)
        )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def code(result: Result) -> str:
    return str(value(result, 35)["error"]["code"])


def test_who_asks_proves_it_first(run: Run, data: Path) -> None:
    assert code(run(*CLOSE, "--operator", "tess", "--json", lines=["000111"])) == "pin-wrong"
    assert run(*CLOSE, "--operator", "tess", "--json", lines=[]).exit_code == 2
    assert events(data, CorrectionClosed) == []
    assert run(*CLOSE, "--operator", "tess", lines=[PINS["tess"]]).exit_code == 0
    (event,) = events(data, CorrectionClosed)
    assert (event.operator, event.authorised) == ("w-tess", "")


def test_a_technician_on_the_spot(run: Run, data: Path) -> None:
    assert code(run(*CLOSE, "--json", lines=[PINS["ann"]])) == "not-allowed", "no person authorized it"
    assert code(run(*CLOSE, "--json", lines=[PINS["ann"], "tess", "000111"])) == "pin-wrong"
    assert code(run(*CLOSE, "--json", lines=[PINS["ann"], "somebody", "000111"])) == "pin-wrong"
    assert code(run(*CLOSE, "--json", lines=[PINS["ann"], "ann", PINS["ann"]])) == "not-allowed"
    assert events(data, CorrectionClosed) == []
    done = run(*CLOSE, lines=[PINS["ann"], "tess", PINS["tess"]])
    assert done.exit_code == 0, done.output
    assert not any(pin in done.output for pin in PINS.values())
    (event,) = events(data, CorrectionClosed)
    assert (event.operator, event.authorised, event.result) == ("w-ann", "w-tess", Ended.NO_DEFECT)


def test_a_critical_finding(run: Run, data: Path) -> None:
    waive = ("corrections", "waive", "bbbb2222", "--reason", "fits")
    assert code(run(*waive, "--json", lines=[PINS["ann"]])) == "not-allowed"
    assert run(*waive, lines=[PINS["ann"], "tess", PINS["tess"]]).exit_code == 0
    (event,) = events(data, FindingWaived)
    assert (event.operator, event.authorised, event.role) == ("w-ann", "w-tess", Role.TECHNICIAN)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("discard", "--reason", "sold"), "discarded"),
        (("resolve", "keep-theirs"), "discarded"),
        (("resolve", "send-ours"), "pending"),
    ],
)
def test_a_decision_about_a_delivery_asks_for_a_technician(
    run: Run, data: Path, words: tuple[str, ...], state: str
) -> None:
    (found,) = Queries(data / JOURNAL, FakeClock()).outbox_page()
    command = ("outbox", words[0], found.id, *words[1:])
    before = len(events(data, DeliveryChanged))
    for lines in ([PINS["ann"]], [PINS["ann"], "tess", "000111"], [PINS["ann"], "ann", PINS["ann"]], ["000111"]):
        assert run(*command, "--json", lines=lines).exit_code == 35
    assert len(events(data, DeliveryChanged)) == before
    done = run(*command, lines=[PINS["ann"], "tess", PINS["tess"]])
    assert done.exit_code == 0, done.output
    event = events(data, DeliveryChanged)[before]
    assert (event.operator, event.authorised, event.state) == ("w-ann", "w-tess", state)


def test_the_socket_takes_no_decision_by_the_name_of_somebody_who_has_not_proven_it(tmp_path: Path) -> None:
    data = prepare(tmp_path)
    one = Decided(delivery="x", decision=Decision.DISCARD, operator="w-ann", authorised="w-tess")
    ann = Claim(name="w-ann", pin=Pin(PINS["ann"]))
    with running(data):
        client = connect(data)
        assert client is not None
        with client, pytest.raises(SignOnNeeded):
            client.decide(one, By(claims=(ann,)))


def test_people_are_managed_by_whoever_proves_it(run: Run, data: Path) -> None:
    assert (
        code(run("people", "role", "tim", "operator", "--operator", "tess", "--json", lines=["000111"])) == "pin-wrong"
    )
    assert run("people", "role", "tim", "operator", lines=[PINS["ann"], "tess", PINS["tess"]]).exit_code == 0
    (event,) = events(data, WorkerRoleChanged)
    assert (event.operator, event.authorised) == ("w-ann", "w-tess")
    assert code(run("people", "add", "eve", "--operator", "tess", "--json", lines=["000111"])) == "pin-wrong"
    assert run("people", "add", "eve", "--operator", "tess", lines=[PINS["tess"]]).exit_code == 0
    assert [event.operator for event in events(data, WorkerRegistered)][-1] == "w-tess"
    assert run("people", "rename", "eve", "Eve", "--operator", "tess", lines=["000111"]).exit_code == 35


VIEWS = [
    ("corrections", "list"),
    ("corrections", "show", "aaaa1111"),
    ("people", "list"),
    ("people", "record", "ann"),
    ("people", "pin", "list"),
    ("quality", "stats"),
    ("quality", "sampling", "state"),
]


@pytest.mark.parametrize("words", VIEWS, ids="-".join)
def test_a_name_alone_shows_nobodys_record(run: Run, words: tuple[str, ...]) -> None:
    for login in ("ann", "tess", "somebody"):
        for lines in ([], ["000111"]):
            refused = run(*words, "--operator", login, "--json", lines=lines)
            assert refused.exit_code in ((2,) if not lines else (35,)), refused.output
            assert ITEM not in refused.output and "Tim" not in refused.output
    shown = run(*words, "--operator", "tess", lines=[PINS["tess"]])
    assert shown.exit_code in (0, 1) and shown.stdout, shown.output
    assert PINS["tess"] not in shown.output


def test_a_first_pin_is_good_for_its_change_only(run: Run) -> None:
    mend = ("corrections", "mend", "aaaa1111", "--operator", "tim")
    assert code(run(*mend, "--json", lines=[PINS["tim"]])) == "pin-change-needed"
    assert run("people", "pin", "change", "tim", lines=[PINS["tim"], "902811"]).exit_code == 0
    assert run(*mend, lines=["902811"]).exit_code == 0


def test_the_socket_takes_no_order_without_proof(tmp_path: Path) -> None:
    data = prepare(tmp_path)
    event = WorkerRoleChanged(worker="w-ann", role=Role.SYSTEMS, operator="w-tess")
    lent = WorkerRoleChanged(worker="w-tim", role=Role.OPERATOR, operator="w-ann", authorised="w-tess")

    def claim(login: str, pin: str = "") -> Claim:
        return Claim(name=f"w-{login}", pin=Pin(pin or PINS[login]))

    with running(data):
        client = connect(data)
        assert client is not None
        with client:
            for order, claims, refused in (
                (event, (), SignOnNeeded),
                (event, (claim("ann"),), SignOnNeeded),
                (event, (claim("tess", "000111"),), PinWrong),
                (lent, (claim("ann"),), SignOnNeeded),
                (lent, (claim("tess"),), SignOnNeeded),
                (lent, (claim("tim"),), PinChangeNeeded),
            ):
                with pytest.raises(refused):
                    client.order([order], By(claims=claims))
            assert events(data, WorkerRoleChanged) == []
            client.order([lent], By(claims=(claim("ann"), claim("tess"))))
    assert events(data, WorkerRoleChanged) == [lent]
    log = (data / "station.log").read_text() if (data / "station.log").exists() else ""
    assert PINS["tess"] not in log and PINS["tess"].encode() not in (data / JOURNAL).read_bytes()


def test_a_decision_about_a_delivery_is_proven(run: Run) -> None:
    said = run("outbox", "discard", "nothing", "--reason", "x", "--operator", "tess", "--json", lines=["000111"])
    assert code(said) == "pin-wrong"
    assert (
        run("outbox", "discard", "nothing", "--reason", "x", "--operator", "tess", lines=[PINS["tess"]]).exit_code == 1
    )


def test_changed_rules_are_accepted_by_a_technician(run: Run, data: Path) -> None:
    assert code(run("quality", "rules", "accept", "--json", lines=[PINS["ann"]])) == "not-allowed"
    assert run("quality", "rules", "accept", lines=[PINS["ann"], "tess", PINS["tess"]]).exit_code == 0
    (event,) = events(data, RulesAccepted)
    assert (event.operator, event.authorised, event.digest) == ("w-ann", "w-tess", shipped().digest)
    assert Queries(data / JOURNAL, FakeClock()).rules_accepted() == shipped().digest


# --- orders from the screen -------------------------------------------------------------------------------------------


def with_alma(data: Path) -> Path:
    """An Alma that never answers, so that orders stay in the outbox."""
    (data / "credentials").mkdir(mode=0o700)
    (data / "credentials" / "alma").write_text("l8xx0000000000000000")
    (data / "credentials" / "alma").chmod(0o600)
    places = {"delivery.alma.library": "MAIN", "delivery.alma.department": "TECHSERV"}
    return prepare(data, **{"delivery.alma.enabled": True, "delivery.alma.base_url": "http://127.0.0.1:9", **places})


def test_at_the_screen_an_order_needs_no_second_proof(data: Path) -> None:
    with running(with_alma(data)) as found:
        client = connect(data)
        assert client is not None
        with client:
            ann = client.sign_on("ann", Pin(PINS["ann"]))
            plain = next(one for one in found.service.offers(ITEM) if one.key.startswith("scan-in: "))
            found.service.give(plain, ann)
    (ordered,) = events(data, DeliveryOrdered)
    assert (ordered.operator, ordered.intent) == (ann, msgspec.structs.replace(plain.intent, operator=ann))
