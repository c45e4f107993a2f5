"""What people do from a desk: with a session, through the running station or under its lock."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import (
    ControlRefused,
    FreshPinNeeded,
    NotAllowed,
    PinChangeNeeded,
    PinWrong,
    SignOnNeeded,
    StationBusy,
    StationError,
    StoreReadOnly,
)
from station.base.sentence import Sentence
from station.base.settings import Settings, load
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Decision
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.domain.people.sign_on import Claim, Pin
from station.runtime.acts import Acts, By
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.socket import client
from station.runtime.socket.client import Client, connect_to
from station.runtime.socket.wire import SOCKET_NAME, Decided
from station.store.owner import open_store
from station.store.queries.queries import Queries
from station.store.queries.summaries import summary
from tests.cli.session.test_sign_on import PINS, events, prepare, running
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.told import told

ITEM = "31999000000014"
TESS = Claim(name="tess", pin=Pin(PINS["tess"]))
ANN = Claim(name="ann", pin=Pin(PINS["ann"]))


class Desk:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.acts = Acts(load(data / "station.toml"), data, SystemClock())
        self.views = Queries(data / JOURNAL, FakeClock())

    def by(self, session: str, *claims: Claim, operator: str = "w-tess") -> By:
        return By(operator=operator, session=session, claims=claims, via="office")

    def signed_in(self, login: str = "tess") -> str:
        session, worker = self.acts.sign_in(login, Pin(PINS[login]), "office")
        assert worker.id == f"w-{login}"
        return session

    def newest(self) -> Any:
        return self.views.events(self.views.head().seq)[0].event


@pytest.fixture(params=["alone", "running"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    data = prepare(tmp_path)
    store = open_store(data / JOURNAL, FakeClock())
    for ident, severity in (("aaaa", Severity.MAJOR), ("bbbb", Severity.CRITICAL)):
        opened = ev.CorrectionOpened(
            correction=ident,
            barcode=ITEM,
            rule=ident,
            title=Sentence.verbatim("x"),
            severity=severity,
            due="2026-01-01",
        )
        store.journal.record(opened)
    store.journal.record(sample_events.judged(ITEM), deliveries=[sample_events.delivery("alma", ITEM)])
    (delivery,) = store.queries.outbox_page()
    store.outbox.lease(delivery.id)
    store.outbox.settle(delivery.id, DeliveryState.PARKED, Sentence.verbatim("somebody wrote there"))
    store.close()
    with running(data) if request.param == "running" else nullcontext():
        yield Desk(data)


def assigned(owner: str = "Cataloging", by: str = "w-tess") -> ev.CorrectionAssigned:
    return ev.CorrectionAssigned(correction="aaaa", owner=owner, operator=by)


def waived(severity: Severity) -> ev.FindingWaived:
    rule = "aaaa" if severity is Severity.MAJOR else "bbbb"
    return ev.FindingWaived(
        barcode=ITEM, rule=rule, title=Sentence.verbatim("x"), severity=severity, reason="it fits", operator="w-tess",
        role=Role.TECHNICIAN,
    )  # fmt: skip


def test_a_person_signs_in_acts_and_signs_out(desk: Desk) -> None:
    session = desk.signed_in()
    assert (desk.newest().operator, desk.newest().via) == ("w-tess", "office")
    viewer = desk.acts.viewer(session)
    assert viewer is not None and (viewer.id, viewer.name, viewer.role) == ("w-tess", "Tess", Role.TECHNICIAN)
    assert desk.acts.names(session).keys() == {"w-tess", "w-ann", "w-tim"}
    assert desk.acts.names(desk.signed_in("ann")) == {"w-ann": "Ann"}, "others are another person"
    events_of_work = (assigned(), waived(Severity.MAJOR), ev.RetrainingHeld(worker="w-tim", operator="w-tess"))
    number = desk.acts.order(events_of_work, desk.by(session))
    assert desk.views.head().seq == number
    assert {event.via for kind in map(type, events_of_work) for event in events(desk.data, kind)} == {"office"}
    assert desk.acts.retry(None, desk.by(session)) == 1
    desk.acts.sign_out(session, "office")
    assert isinstance(desk.newest(), ev.SignedOff) and desk.newest().via == "office"
    assert desk.acts.viewer(session) is None and desk.acts.names(session) == {}
    with pytest.raises(SignOnNeeded):
        desk.acts.order([assigned("Ann")], desk.by(session))


def test_a_refused_sign_in_is_journaled(desk: Desk) -> None:
    for login, pin, refused in (
        ("tess", "000111", PinWrong),
        ("nobody-here", PINS["tess"], PinWrong),
        ("tim", PINS["tim"], PinChangeNeeded),
    ):
        with pytest.raises(refused):
            desk.acts.sign_in(login, Pin(pin), "office")
    refusals = [(event.worker, event.code, event.via) for event in events(desk.data, ev.SignOnRefused)]
    assert refusals == [
        ("w-tess", "pin-wrong", "office"),
        ("", "pin-wrong", "office"),
        ("w-tim", "pin-change-needed", "office"),
    ]


def test_a_session_is_not_enough_for_what_cannot_be_undone(desk: Desk) -> None:
    session, before = desk.signed_in(), desk.views.head().seq
    (delivery,) = desk.views.outbox_page()
    settle = Decided(delivery=delivery.id, decision=Decision.DISCARD, operator="w-tess", reason="sold")
    with pytest.raises(FreshPinNeeded):
        desk.acts.decide(settle, desk.by(session))
    for event in (
        waived(Severity.CRITICAL),
        msgspec.structs.replace(waived(Severity.MAJOR), rule="bbbb"),  # critical, whatever the order says
        ev.WorkerRoleChanged(worker="w-tim", role=Role.OPERATOR, operator="w-tess"),
        ev.RulesAccepted(digest="00", rules=1, operator="w-tess"),
        ev.WorkerLeft(worker="w-tim", reason="gone", operator="w-tess", erased=True),
    ):
        with pytest.raises(FreshPinNeeded):
            desk.acts.order([event], desk.by(session))
    assert desk.views.head().seq == before
    with pytest.raises(PinWrong):
        desk.acts.decide(settle, desk.by(session, Claim(name="tess", pin=Pin("000111"))))
    assert (desk.newest().code, desk.newest().operator, desk.newest().via) == ("pin-wrong", "w-tess", "office")
    assert desk.acts.decide(settle, desk.by(session, TESS)) == "queued"
    again = Decided(delivery="d-2", decision=Decision.DISCARD, operator="w-tess", reason="sold")
    assert desk.acts.decide(again, desk.by(session)) == "unknown", "the PIN counts for a while, for this right"
    with pytest.raises(FreshPinNeeded):
        desk.acts.order([ev.RulesAccepted(digest="00", rules=1, operator="w-tess")], desk.by(session))


def test_nobody_acts_by_the_session_of_another(desk: Desk) -> None:
    ann, before = desk.signed_in("ann"), desk.views.head().seq
    lent = ev.CorrectionClosed(
        correction="aaaa", result=Result.NO_DEFECT, reason=Sentence.verbatim("x"), operator="w-ann", authorised="w-tess"
    )
    minor = msgspec.structs.replace(waived(Severity.MAJOR), rule="bbbb", operator="w-ann")
    attempts: list[tuple[ev.Ordered, By, type[StationError]]] = [
        (assigned(), desk.by(ann), SignOnNeeded),
        (assigned(by="w-ann"), desk.by("x" * 43), SignOnNeeded),
        (assigned(by="w-ann"), desk.by(ann), NotAllowed),
        (lent, desk.by(ann), SignOnNeeded),
        (msgspec.structs.replace(minor, role=Role.OPERATOR), desk.by(ann, ANN), NotAllowed),
    ]
    for event, by, refused in attempts:
        with pytest.raises(refused):
            desk.acts.order([event], by)
    tess = desk.signed_in()
    with pytest.raises(SignOnNeeded):
        desk.acts.order([lent], desk.by(tess, ANN))
    assert events(desk.data, ev.CorrectionClosed) == []
    desk.acts.order([lent], desk.by(ann, TESS))
    (closed,) = events(desk.data, ev.CorrectionClosed)
    assert (closed.operator, closed.authorised, closed.via) == ("w-ann", "w-tess", "office")
    refusals = [event.code for event in events(desk.data, ev.SignOnRefused)]
    assert refusals == ["not-allowed", "not-allowed"]
    assert desk.views.head().seq == before + 4, "two refusals, a sign-in and the order"


def test_a_session_ends_with_a_new_role_or_pin(desk: Desk) -> None:
    ann = desk.signed_in("ann")
    changed = ev.WorkerRoleChanged(worker="w-ann", role=Role.TRAINEE, operator="w-tess")
    desk.acts.order([changed], By(operator="w-tess", claims=(TESS,)))
    assert desk.acts.viewer(ann) is None
    tess = desk.signed_in()
    desk.acts.order([ev.PinSet(worker="w-tess", mark="m", operator="w-tess")], By(operator="w-tess", claims=(TESS,)))
    assert desk.acts.viewer(tess) is None


def test_a_request_holds_at_most_200_orders(desk: Desk) -> None:
    by, before = desk.by(desk.signed_in()), desk.views.head().seq
    for events_ in ([], [assigned()] * 201):
        with pytest.raises(ControlRefused):
            desk.acts.order(events_, by)
    assert desk.views.head().seq == before


def test_without_sign_on_the_office_acts_in_the_name_of_the_operator(tmp_path: Path) -> None:
    acts = Acts(Settings(), tmp_path, FakeClock())
    event = ev.CatalogingRequested(request="c1", reason=Sentence.verbatim("no record"), operator="Desk")
    number = acts.order([event], By(operator="Desk", via="office"))
    (row,) = Queries(tmp_path / JOURNAL, FakeClock()).events(number)
    assert row.event.via == "office" and told(summary(row.event)).endswith("(in the office)")
    with hold(tmp_path), pytest.raises(StationBusy):
        acts.order([event], By(operator="Desk"))


def test_an_account_that_reads_no_names_has_those_that_the_station_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account of an office in a network: it may use one socket, and not write."""

    def only_the_office(data: Path, name: str) -> Client | None:
        if name == SOCKET_NAME:
            raise ControlRefused("Permission denied")
        return connect_to(data, name)

    data = prepare(tmp_path, **{"office.group": grp.getgrgid(os.getgid()).gr_name})
    with running(data):
        desk = Desk(data)
        monkeypatch.setattr(client, "connect_to", only_the_office)
        monkeypatch.setattr("station.runtime.acts.os.access", lambda *_: False)
        session = desk.signed_in()
        assert desk.acts.workforce("w-tess", desk.views).names() == {}
        assert desk.acts.viewer(session) is not None
        people = desk.acts.workforce("w-tess", desk.views)
        assert people.names() == {"w-ann": "Ann", "w-tess": "Tess", "w-tim": "Tim"}
        assert (people.find("w-ann").name, people.find("w-ann").role) == ("Ann", Role.OPERATOR)
        assert [person.login for person in people.people()] == ["", "", ""]
        assert desk.acts.order([ev.RetrainingHeld(worker="w-tim", operator="w-tess")], desk.by(session))
        with pytest.raises(ControlRefused):
            desk.acts.order([ev.PinSet(worker="w-tess", operator="w-tess")], desk.by(session, TESS))


def test_an_account_that_may_not_write_here_acts_through_the_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = prepare(tmp_path)
    with running(data):
        desk = Desk(data)

        def refused(*_: object) -> None:
            raise StoreReadOnly("this account may not write here")

        monkeypatch.setattr("station.runtime.acts.hold", refused)
        session = desk.signed_in()
        assert desk.acts.viewer(session) is not None
    assert [event.via for event in events(data, ev.SignedOn)] == ["office"]
    with pytest.raises(StoreReadOnly):
        desk.acts.sign_out(session, "office")  # and no station runs
