"""What people change about people: who may, what it asks for, and what is never shown."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import ControlRefused, PeopleUnusable
from station.base.settings import load
from station.base.words import Session
from station.domain.events import (
    AnyEvent,
    CardChanged,
    PinSet,
    RetrainingHeld,
    SignedOn,
    WorkerLeft,
    WorkerRegistered,
    WorkerRoleChanged,
)
from station.domain.people.rights import Role
from station.office.app import COLORS
from station.runtime.data_directory import PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.socket import client
from station.runtime.socket.client import Client, connect_to
from station.runtime.socket.wire import SOCKET_NAME
from station.runtime.station import Station
from station.store.people.cards import Cards, Kind
from station.store.people.names import People
from tests.office.desk import EVIL, PINS, Browser, browser, events, hidden, journal, made, text_of

TESS, NEW = PINS["tess"], "640917"
CHANGES = ("role", "first-pin", "card", "card-away", "leave", "retrain", "erase")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = made(tmp_path)
    Cards(People(data / PEOPLE)).give(Kind.BARCODE, "staff-0001", "w-tim")
    return data


def of_kind(data: Path, kind: type) -> list[AnyEvent]:
    return [event for event in events(data) if isinstance(event, kind)]


def first_pin(data: Path, desk: Browser, worker: str = "w-tim") -> str:
    """Have Tess give a first PIN. Return it, as the page shows it."""
    answer = desk.send(f"/people/{worker}/first-pin", pin=TESS)
    assert answer.status_code == 200, text_of(answer.text)
    return answer.text.partition('<output class="first-pin">')[2].partition("<")[0]


def test_a_new_student_is_registered_and_signs_in(data: Path) -> None:
    """The whole way: registered, first PIN from the page, own PIN chosen at the first sign-in."""
    with browser(data, "tess") as desk:
        assert 'href="/people/new"' in desk.get("/people").text
        typed = {"login": "Eve", "name": "Eve Ito", "role": "trainee", "language": "es", "pin": TESS}
        page = desk.follow(desk.send("/people/new", **typed))
        assert "Eve Ito" in page.text and "Saved" in page.text and "Español" in page.text
        worker = str(page.url.path).removeprefix("/people/")
        assert 'id="field-pin"' not in desk.get(f"/people/{worker}/first-pin").text, "the PIN counts for five minutes"
        fields = desk.form(f"/people/{worker}/first-pin")
        shown = desk.post(f"/people/{worker}/first-pin", fields)
        pin = shown.text.partition('<output class="first-pin">')[2].partition("<")[0]
        assert len(pin) == 6 and pin.isdigit() and shown.headers["cache-control"] == "no-store"
        again = desk.post(f"/people/{worker}/first-pin", fields)
        assert again.status_code == 303 and pin not in desk.follow(again).text, "it is shown once"
        assert "a first one, to be changed" in desk.get(f"/people/{worker}").text
    with browser(data) as desk:
        answer = desk.sign_in("eve", pin)
        assert answer.status_code == 403 and 'id="field-new-pin"' in answer.text and pin not in answer.text
        known = {**hidden(answer.text), "login": "eve", "pin": pin}
        for new, again_typed, status in (
            ("111111", "111111", 422),
            (NEW, "640918", 422),
            ("", "", 422),
            (pin, pin, 422),
        ):
            answer = desk.post("/sign-in", {**known, "new-pin": new, "again": again_typed})
            assert answer.status_code == status and 'class="problem"' in answer.text, new
            known |= hidden(answer.text)
        answer = desk.post("/sign-in", {**known, "new-pin": NEW, "again": NEW})
        assert answer.status_code == 303 and 'lang="es"' in desk.follow(answer).text
    assert [(event.worker, event.first) for event in of_kind(data, PinSet)[-2:]] == [(worker, True), (worker, False)]
    assert {event.via for event in of_kind(data, PinSet)[-2:]} == {"office"}
    assert of_kind(data, SignedOn)[-1].operator == worker
    assert of_kind(data, WorkerRegistered)[-1].operator == "w-tess"


def test_a_page_shows_state_and_never_numbers(data: Path) -> None:
    with browser(data, "tess") as desk:
        page = text_of(desk.get("/people/w-tim").text)
        assert "1 card" in page and "PIN set" in page and "trainee" in page and "staff-0001" not in page
        assert all(f'href="/people/w-tim/{name}"' in desk.get("/people/w-tim").text for name in CHANGES)
        form = desk.get("/people/w-tim/card-away").text
        assert "Card ending in 0001" in form and "staff-0001" not in form
        assert "/people/w-tess/first-pin" not in desk.get("/people/w-tess").text, "nobody gives themself a first PIN"
        locked = load(data / "station.toml").people.lock_after
        store = journal(data)
        authenticator = open_authenticator(load(data / "station.toml"), data, store.queries, SystemClock())
        store.close()
        with authenticator.pins._people.writing() as sql:
            sql.execute("UPDATE pins SET failures = :n WHERE worker = 'w-tim'", {"n": locked})
        assert "locked" in text_of(desk.get("/people/w-tim").text)
        first_pin(data, desk)
        assert "locked" not in text_of(desk.get("/people/w-tim").text)


def test_roles_are_changed_and_changed_back(data: Path) -> None:
    with browser(data, "tess") as desk:
        page = desk.follow(desk.send("/people/w-tim/role", role="operator", pin=TESS)).text
        assert "/people/w-tim/role?role=trainee" in page and "back to trainee" in page
        assert 'value="trainee" checked' in desk.get("/people/w-tim/role?role=trainee").text
        assert desk.send("/people/w-tim/role", role="operator").status_code == 409, "nothing changes"
        assert desk.send("/people/w-tim/role", role="systems").status_code == 422, "a technician makes no staff"
        assert desk.send("/people/w-sue/role", role="trainee", pin=TESS).status_code == 422, "a lender is missing"
    with browser(data, "sue") as desk:
        assert desk.send("/people/w-bea/role", role="technician", pin=PINS["sue"]).status_code == 303
        assert desk.send("/people/w-sue/role", role="trainee", pin=PINS["sue"]).status_code == 403, "the last systems"
    changed = [(event.worker, event.role, event.operator) for event in of_kind(data, WorkerRoleChanged)]
    assert changed == [("w-tim", Role.OPERATOR, "w-tess"), ("w-bea", Role.TECHNICIAN, "w-sue")]


def test_a_name_is_erased_by_systems_with_the_pin_every_time(data: Path) -> None:
    sue = PINS["sue"]
    with browser(data, "sue") as desk:
        assert desk.send("/people/w-tim/card", kind="barcode", card="STAFF-2", pin=sue).status_code == 303
        assert desk.send("/people/w-tim/erase", reason="asked").status_code == 422
        refused = desk.send("/people/w-tim/erase", reason="Tim asked for it", pin=sue)
        assert refused.status_code == 422 and "without the name" in text_of(refused.text)
        assert desk.send("/people/w-tim/erase", reason="asked", pin=sue).status_code == 303
        assert 'id="field-pin"' in desk.get("/people/w-bea/erase").text
        page = text_of(desk.get("/people/w-tim").text)
        assert "Tim" not in page and "Left the library" not in page
    assert People(data / PEOPLE).by_id("w-tim") is None
    assert [event.erased for event in of_kind(data, WorkerLeft)] == [False, True]


def test_without_the_right_a_second_person_lends_it(data: Path) -> None:
    with browser(data, "tess") as desk:
        lent = {"reason": "asked", "pin": TESS, "lender": "sue"}
        assert desk.send("/people/w-tim/erase", **lent, **{"lender-pin": "111222"}).status_code == 403
        assert desk.send("/people/w-tim/erase", **lent, **{"lender-pin": PINS["sue"]}).status_code == 303
    assert {(event.operator, event.authorised) for event in of_kind(data, WorkerLeft)} == {("w-tess", "w-sue")}


@pytest.mark.parametrize("login", ["tim", "bea"])
def test_who_may_not_see_others_sees_no_form_about_them(data: Path, login: str) -> None:
    with browser(data, login) as desk:
        assert "/people/new" not in desk.get("/people").text
        for name in CHANGES:
            assert desk.get(f"/people/w-sue/{name}").status_code == 403, name
        assert "field-lender" in desk.get("/people/new").text


def test_a_person_chooses_the_own_pin_and_stays_signed_in(data: Path) -> None:
    typed = {"new-pin": NEW, "again": NEW}
    with browser(data, "tim") as desk:
        assert "/me/pin" in desk.get("/me").text
        for wrong, field in (
            ({**typed, "pin": "111222"}, "pin"),
            ({**typed, "pin": PINS["tim"], "again": "640918"}, "again"),
            ({"pin": PINS["tim"], "new-pin": "123456", "again": "123456"}, "new-pin"),
        ):
            answer = desk.send("/me/pin", **wrong)
            assert answer.status_code in (403, 409, 422) and f'href="#field-{field}"' in answer.text
            assert not any(value in answer.text for value in wrong.values())
        answer = desk.send("/me/pin", **typed, pin=PINS["tim"])
        assert answer.status_code == 303 and "set-cookie" in answer.headers
        assert desk.get("/me").status_code == 200
    assert [(event.worker, event.operator, event.via) for event in of_kind(data, PinSet)[-1:]] == [
        ("w-tim", "w-tim", "office")
    ]
    with browser(data) as desk:
        assert desk.sign_in("tim").status_code == 403 and desk.sign_in("tim", NEW).status_code == 303


def test_the_own_language_holds_on_every_page_and_is_taken_back(data: Path) -> None:
    with browser(data, "tim") as desk:
        page = desk.follow(desk.send("/me/language", language="es")).text
        assert 'lang="es"' in page and "/me/language?language=" in page
        assert 'lang="es"' in desk.get("/fix").text
        assert desk.send("/me/language", language="xx").status_code == 422
        assert 'lang="en"' in desk.follow(desk.send("/me/language", language="")).text


def test_light_or_dark_holds_in_one_browser(data: Path) -> None:
    with browser(data, "tim") as desk:
        assert "data-colors" not in desk.get("/me").text
        kept = desk.send("/me/colors", colors="dark").headers["set-cookie"]
        assert kept.startswith(f"{COLORS}=dark;") and "Secure" in kept and "HttpOnly" in kept
        assert 'data-colors="dark"' in desk.get("/fix").text
        desk.send("/me/colors", colors="auto")
        assert "data-colors" not in desk.get("/fix").text
        desk.client.cookies.set(COLORS, "purple", domain="localhost.local")
        assert "data-colors" not in desk.get("/fix").text


def test_hostile_names_stay_text(data: Path) -> None:
    with browser(data, "tess") as desk:
        typed = {"login": EVIL, "name": EVIL, "role": "trainee", "pin": TESS}
        page = desk.follow(desk.send("/people/new", **typed))
        retrained = desk.send("/people/w-tim/retrain", note=EVIL, rule=EVIL)
        answers = [
            page,
            desk.get("/people"),
            desk.get(f"{page.url.path}/erase"),
            retrained,
            desk.send("/people/w-tim/card", kind="badge", card=EVIL),
            desk.send("/people/w-tim/role", role=EVIL),
            desk.get(f"/people/w-tim?new=1&was={'%3Cb%3E'}"),
            desk.get("/me?new=1&was=%3Cb%3E"),
        ]
    for answer in answers:
        assert answer.status_code < 500, text_of(answer.text)
        assert "<script>alert" not in answer.text and "\u202e" not in answer.text and "\x1b" not in answer.text
    assert not of_kind(data, RetrainingHeld) and not of_kind(data, CardChanged)


def test_where_nobody_signs_on_only_who_may_sees_a_form(tmp_path: Path) -> None:
    with browser(made(tmp_path / "tess", sign_on=False)) as desk:
        page = desk.get("/people/w-tim").text
        assert "/people/w-tim/role" in page and "/people/w-tim/erase" not in page
        assert desk.send("/people/w-tim/role", role="operator").status_code == 303
    with browser(made(tmp_path / "bea", sign_on=False, operator="bea")) as desk:
        assert desk.get("/people/new").status_code == 403 and "/people/new" not in desk.get("/people").text


def test_anyone_may_register_the_first_technician(tmp_path: Path) -> None:
    data = made(tmp_path, sign_on=False, operator="bea")
    store = journal(data)
    for worker in ("w-sue", "w-tess"):
        store.journal.record(WorkerLeft(worker=worker, reason="x", operator="w-sue"))
    store.close()
    with browser(data) as desk:
        assert 'href="/people/new"' in desk.get("/people").text
        assert desk.send("/people/new", login="eve", role="technician").status_code == 303
        assert desk.get("/people/new").status_code == 403


def test_an_office_in_an_account_of_its_own_does_all_of_this_by_its_socket(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may read neither names nor PINs, and use one narrow socket."""

    def only_the_office(data: Path, name: str) -> Client | None:
        if name == SOCKET_NAME:
            raise ControlRefused("Permission denied")
        return connect_to(data, name)

    def unreadable(*_: object) -> None:
        raise PeopleUnusable("Permission denied")

    before = len([*events(data)])
    settings = load(data / "station.toml")
    group = grp.getgrgid(os.getgid()).gr_name
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, group=group))
    station = Station(settings, data, Session(), has_reader=False)
    with hold(data) as held:
        station.start()
        server = serving(held, station, lambda: None, settings)
        server.start()
        try:
            monkeypatch.setattr(client, "connect_to", only_the_office)
            monkeypatch.setattr("station.runtime.acts.os.access", lambda *_: False)
            monkeypatch.setattr("station.runtime.acts.workforce", unreadable)
            with browser(data, "tess") as desk:
                typed = {"login": "eve", "name": "Eve Ito", "role": "trainee", "pin": TESS}
                page = desk.follow(desk.send("/people/new", **typed))
                assert "Eve Ito" in page.text and "eve" in text_of(page.text), text_of(page.text)
                worker = str(page.url.path).removeprefix("/people/")
                pin = first_pin(data, desk, worker)
                assert desk.send(f"/people/{worker}/card", kind="barcode", card="STAFF-9").status_code == 303
                assert "1 card" in text_of(desk.get(f"/people/{worker}").text)
                assert desk.get("/people?as=csv").status_code == 200
            with browser(data) as desk:
                asked = hidden(desk.sign_in("eve", pin).text)
                answer = desk.post("/sign-in", {**asked, "login": "eve", "pin": pin, "new-pin": NEW, "again": NEW})
                assert answer.status_code == 303
                assert 'lang="es"' in desk.follow(desk.send("/me/language", language="es")).text
        finally:
            server.stop()
            station.stop()
    since = [*events(data)][before:]
    assert {event.via for event in since if event.operator in ("w-tess", worker)} == {"office"}
