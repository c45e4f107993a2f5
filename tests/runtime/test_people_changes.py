"""Changes of people that the journal and the file of names keep: both or none, through the running station or under its
lock."""

from __future__ import annotations

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import (
    CardTaken,
    CardUnfit,
    CardUnknown,
    ChangedMeanwhile,
    ControlRefused,
    FreshPinNeeded,
    NotAllowed,
    PinChangeNeeded,
    PinUnfit,
    PinWrong,
    ReasonMissing,
    SignOnNeeded,
    StationError,
    WorkerGone,
    WorkerTaken,
    WorkerUnknown,
)
from station.base.settings import load
from station.domain import events as ev
from station.domain.people.changes import (
    Change,
    Erase,
    GiveCard,
    GiveFirstPin,
    OwnPin,
    Register,
    Rename,
    Speak,
    TakeCard,
)
from station.domain.people.rights import Role
from station.domain.people.sign_on import By, Claim, Pin
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import open_store
from station.store.people.names import People
from tests.cli.session.test_sign_on import events
from tests.runtime.test_acts import ANN, TESS, Desk
from tests.runtime.test_acts import desk as desk

NEW_PIN = Pin("640917")
REGISTER = Register(login="Eve", name="Eve Ito", role=Role.TRAINEE, language="es", operator="w-tess")
FIRST_PIN = GiveFirstPin(worker="w-ann", operator="w-tess")
CARD = GiveCard(worker="w-ann", kind="barcode", text="STAFF-0001", operator="w-tess")
ERASE = Erase(worker="w-ann", reason="asked for it", operator="w-tess", authorised="w-sue")


def people(desk: Desk) -> People:
    return People(desk.data / PEOPLE)


def by(desk: Desk) -> By:
    """Tess, who has signed in and gives her PIN again."""
    return desk.by(desk.signed_in(), TESS)


def with_systems(desk: Desk) -> Claim:
    """Register Sue, who may erase. Return her claim."""
    people(desk).add("w-sue", "sue", "Sue")
    store = open_store(desk.data / JOURNAL, SystemClock())
    store.journal.record(ev.WorkerRegistered(worker="w-sue", role=Role.SYSTEMS), ev.PinSet(worker="w-sue"))
    authenticator = open_authenticator(load(desk.data / "station.toml"), desk.data, store.queries, SystemClock())
    authenticator.pins.give("w-sue", Pin("918273"), must_change=False)
    store.close()
    return Claim(name="sue", pin=Pin("918273"))


def test_a_person_is_registered_once(desk: Desk) -> None:
    last, tess = desk.views.head().seq, by(desk)
    eve = desk.acts.change(REGISTER, tess, last)
    assert desk.acts.change(REGISTER, tess, last) == eve, "it came twice: its answer was lost"
    person = people(desk).by_id(eve.worker)
    assert person is not None and (person.login, person.name, person.language) == ("eve", "Eve Ito", "es")
    registered = events(desk.data, ev.WorkerRegistered)[-1]
    assert (registered.worker, registered.role, registered.operator, registered.via) == (
        eve.worker,
        Role.TRAINEE,
        "w-tess",
        "office",
    )
    for login in ("eve", "ANN", "nobody", "w-tim", "\u202e", ""):
        with pytest.raises(WorkerTaken):
            desk.acts.change(msgspec.structs.replace(REGISTER, login=login), tess)
    assert len(events(desk.data, ev.WorkerRegistered)) == 4 and len(people(desk).all_of()) == 4


def test_a_first_pin_is_told_once_and_changed_by_its_owner(desk: Desk) -> None:
    last, tess = desk.views.head().seq, by(desk)
    given = desk.acts.change(FIRST_PIN, tess, last)
    assert given.pin is not None and given.pin.text.isdigit() and given.pin.text not in repr(given)
    assert desk.acts.account("", "w-ann").pin == "first"
    with pytest.raises(ChangedMeanwhile):
        desk.acts.change(FIRST_PIN, tess, last)
    with pytest.raises(PinChangeNeeded):
        desk.acts.sign_in("ann", given.pin, "office")
    claim = Claim(name="ann", pin=given.pin)
    for pin, refused in ((Pin("111111"), PinUnfit), (given.pin, PinUnfit)):
        with pytest.raises(refused):
            desk.acts.own_pin(OwnPin(claim=claim, pin=pin), "office")
    with pytest.raises(PinWrong):
        desk.acts.own_pin(OwnPin(claim=Claim(name="ann", pin=NEW_PIN), pin=NEW_PIN), "office")
    desk.acts.own_pin(OwnPin(claim=claim, pin=NEW_PIN), "office")
    session, _ = desk.acts.sign_in("ann", NEW_PIN, "office")
    assert desk.acts.account("", "w-ann").pin == "set"
    desk.acts.own_pin(OwnPin(claim=Claim(name="w-ann", pin=NEW_PIN), pin=Pin("275013")), "office")
    assert desk.acts.viewer(session) is None, "a session ends with its PIN"
    assert [(event.worker, event.operator, event.first, event.via) for event in events(desk.data, ev.PinSet)[-3:]] == [
        ("w-ann", "w-tess", True, "office"),
        ("w-ann", "w-ann", False, "office"),
        ("w-ann", "w-ann", False, "office"),
    ]


def test_cards_are_given_and_taken(desk: Desk) -> None:
    tess = by(desk)
    badge = GiveCard(worker="w-ann", kind="badge", text="04:A2:1B:C3:D4:E5:80", operator="w-tess")
    for change in (CARD, badge):
        desk.acts.change(change, tess)
    known = desk.acts.account("", "w-ann").cards
    assert [(card.kind, card.end) for card in known] == [("badge", "E580"), ("barcode", "0001")]
    with pytest.raises(CardTaken):
        desk.acts.change(msgspec.structs.replace(CARD, worker="w-tim"), tess)
    for text in ("", "tess", "\x1b"):
        with pytest.raises(CardUnfit):
            desk.acts.change(msgspec.structs.replace(CARD, text=text), tess)
    take = TakeCard(worker="w-ann", card=known[1].key, operator="w-tess")
    desk.acts.change(take, tess)
    with pytest.raises(CardUnknown):
        desk.acts.change(take, tess)
    assert [card.kind for card in desk.acts.account("", "w-ann").cards] == ["badge"]
    changed = [(event.what, event.given, event.via) for event in events(desk.data, ev.CardChanged)]
    assert changed == [("barcode", True, "office"), ("badge", True, "office"), ("barcode", False, "office")]


def test_everyone_chooses_name_and_language_of_their_own(desk: Desk) -> None:
    ann = desk.by(desk.signed_in("ann"), operator="w-ann")
    desk.acts.change(Speak(worker="w-ann", language="es", operator="w-ann"), ann)
    desk.acts.change(Rename(worker="w-ann", name="Ann \u202eQ.", operator="w-ann"), ann)
    person = people(desk).by_id("w-ann")
    assert person is not None and (person.name, person.language) == ("Ann Q.", "es")
    for change in (
        Speak(worker="w-tim", language="es", operator="w-ann"),
        Rename(worker="w-tim", name="Timothy", operator="w-ann"),
    ):
        with pytest.raises(NotAllowed):
            desk.acts.change(change, msgspec.structs.replace(ann, claims=(ANN,)))
    with pytest.raises(ControlRefused):
        desk.acts.change(Speak(worker="w-ann", language="../../x", operator="w-ann"), ann)


@pytest.mark.parametrize("desk", ["alone"], indirect=True)
def test_a_name_is_erased_with_the_pin_every_time(desk: Desk) -> None:
    sue = with_systems(desk)
    last, session = desk.views.head().seq, desk.signed_in()
    tess = desk.by(session, TESS)
    for attempt, refused in (
        (tess, SignOnNeeded),
        (desk.by(session, sue), FreshPinNeeded),
    ):
        with pytest.raises(refused):
            desk.acts.change(ERASE, attempt)
    both = desk.by(session, TESS, sue)
    for reason in ("", "Ann asked for it", "ANN!"):
        with pytest.raises(ReasonMissing):
            desk.acts.change(msgspec.structs.replace(ERASE, reason=reason), both)
    desk.acts.order([ev.WorkerLeft(worker="w-ann", reason="moved", operator="w-tess")], tess)
    with pytest.raises(ChangedMeanwhile):
        desk.acts.change(ERASE, both, last)
    assert people(desk).by_id("w-ann") is not None, "a stale form erases nothing"
    desk.acts.change(ERASE, both, desk.views.head().seq)
    assert people(desk).by_id("w-ann") is None
    left = [(event.worker, event.erased, event.authorised) for event in events(desk.data, ev.WorkerLeft)]
    assert left == [("w-ann", False, ""), ("w-ann", True, "w-sue")]
    for change in (FIRST_PIN, CARD):
        with pytest.raises(WorkerGone):
            desk.acts.change(change, by(desk))
    with pytest.raises(WorkerUnknown):
        desk.acts.change(msgspec.structs.replace(FIRST_PIN, worker="w-none"), by(desk))


def changes(operator: str) -> tuple[Change, ...]:
    first_pin = GiveFirstPin(worker="w-tim", operator="")
    every = (REGISTER, first_pin, CARD, ERASE, TakeCard(worker="w-ann", card="x", operator=""))
    named = tuple(msgspec.structs.replace(change, operator=operator, authorised="") for change in every)
    return (*named, Register(login="eve", role=Role.TECHNICIAN, operator=operator))


def test_without_right_or_proof_neither_file_changes(desk: Desk) -> None:
    size, pins = (desk.data / PEOPLE).stat().st_size, len(events(desk.data, ev.PinSet))
    session = desk.signed_in("ann")
    for attempt, refused in (
        (desk.by(session, operator="w-ann"), FreshPinNeeded),
        (desk.by("x" * 43, operator="w-ann"), SignOnNeeded),
        (desk.by(session, ANN, operator="w-ann"), NotAllowed),
    ):
        for change in changes("w-ann"):
            with pytest.raises(refused):
                desk.acts.change(change, attempt)
    for change in changes("w-tess")[3:4] + changes("w-tess")[5:]:
        with pytest.raises(StationError) as caught:
            desk.acts.change(change, by(desk))
        assert caught.value.code == "not-allowed", "erasing, and technicians, are for systems"
    assert (desk.data / PEOPLE).stat().st_size == size
    assert {person.worker for person in people(desk).all_of()} == {"w-ann", "w-tess", "w-tim"}
    assert len(events(desk.data, ev.PinSet)) == pins and not events(desk.data, ev.CardChanged)
