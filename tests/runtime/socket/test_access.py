"""The narrow socket of the office: what it takes, and what it never does."""

from __future__ import annotations

import grp
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from station.base.errors import SettingsError
from station.base.settings import load
from station.base.text import clean
from station.base.words import Session
from station.domain.events import RetrainingHeld
from station.domain.people.staff_call import StaffCall
from station.domain.snapshot import Snapshot
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.socket import wire
from station.runtime.socket.access import OfficeAccess
from station.runtime.socket.client import connect_to
from station.runtime.station import Station
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, prepare
from tests.cli.shared.test_who_asks import SAMPLES
from tests.conftest import FakeClock
from tests.runtime.socket.test_socket import SEEN, Raw
from tests.support.hostile_text import BIDI, FORGED, SURROGATES

GROUP = grp.getgrgid(os.getgid()).gr_name
TESS = {"name": "tess", "pin": {"text": PINS["tess"]}}
FOR_PEOPLE_DB = [
    {"kind": "pin-set", "worker": "w-tess", "operator": "w-tess"},
    {"kind": "card-changed", "worker": "w-ann", "what": "badge", "given": True, "operator": "w-tess"},
    {"kind": "worker-registered", "worker": "w-eve", "role": "operator", "operator": "w-tess"},
    {"kind": "worker-left", "worker": "w-ann", "erased": True, "reason": "x", "operator": "w-tess"},
]


class Desk:
    def __init__(self, data: Path, station: Station) -> None:
        self.data, self.station = data, station
        self.views = Queries(data / JOURNAL, FakeClock())

    def say(self, request: dict[str, Any]) -> Any:
        with Raw(self.data, wire.OFFICE_SOCKET) as raw:
            raw.say(json.dumps({"version": wire.VERSION} | request).encode() + b"\n")
            return raw.hear()

    def code(self, request: dict[str, Any]) -> str:
        before = self.views.head().seq
        answer = self.say(request)
        assert "error" in answer, answer
        assert self.views.head().seq == before, "a refused request may not be journaled"
        return str(answer["error"]["code"])

    def session(self) -> str:
        return str(self.say({"sign_in": TESS})["session"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = prepare(tmp_path_factory.mktemp("desk"), **{"office.group": GROUP})
    with hold(data) as held:
        settings = load(data / "station.toml")
        station = Station(settings, data, Session(), has_reader=False)
        station.start()
        server = serving(held, station, lambda: pytest.fail("the office ended the station"), settings)
        server.start()
        try:
            yield Desk(data, station)
        finally:
            assert server.stop()
            station.stop()
    assert not (data / wire.OFFICE_SOCKET).exists()


def test_only_the_group_may_connect(desk: Desk) -> None:
    found = (desk.data / wire.OFFICE_SOCKET).stat()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, os.getgid())
    assert stat.S_IMODE((desk.data / wire.SOCKET_NAME).stat().st_mode) == 0o600
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (desk.data, *desk.data.iterdir())}
    readable = {name for name, mode in modes.items() if mode & 0o040} - {desk.data.name, wire.OFFICE_SOCKET}
    assert {"journal.db", "journal.db-wal", "journal.db-shm", "station.toml"} <= readable
    assert not readable & {"people.db", "credentials", "station.lock"}
    assert modes[desk.data.name] == 0o2750, "others do not enter"


def test_an_unknown_group_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"office\.group"):
        OfficeAccess("no-such-group")


@pytest.mark.parametrize("kind", ["submit", "pad", "quit", "sign_on", "authorise"])
def test_the_bench_and_its_tags_are_out_of_reach(desk: Desk, kind: str) -> None:
    for request in SAMPLES[kind]:
        assert desk.code({**request, "session": desk.session()}) == "control-refused"
    assert desk.station.bench.waiting == 0


@pytest.mark.parametrize("event", FOR_PEOPLE_DB, ids=lambda event: event["kind"])
def test_a_change_that_the_names_need_too_is_refused(desk: Desk, event: dict[str, Any]) -> None:
    assert desk.code({"order": [event], "session": desk.session(), "claims": [TESS]}) == "control-refused"


def test_people_change_by_requests_of_their_own(desk: Desk) -> None:
    """Names, PINs and cards change in `people.db` and in the journal: the station does both."""
    session = desk.session()
    card = {"what": "give-card", "worker": "w-ann", "kind": "barcode", "text": "STAFF-9", "operator": "w-tess"}
    changed = desk.say({"change": card, "session": session, "claims": [TESS]})["changed"]
    assert desk.views.events(changed["number"])[0].event.via == "office"
    account = desk.say({"account": "w-ann", "session": session})["account"]
    assert (account["login"], account["pin"], [card["end"] for card in account["cards"]]) == ("ann", "set", ["ff-9"])
    assert desk.code({"account": "w-ann", "session": "x"}) == "not-allowed"
    tim = {"claim": {"name": "tim", "pin": {"text": PINS["tim"]}}, "pin": {"text": "640917"}}
    assert desk.say({"own_pin": tim})["worker"]["id"] == "w-tim", "a first PIN begins no session, but is changed"
    ann = desk.say({"sign_in": {"name": "ann", "pin": {"text": PINS["ann"]}}})["session"]
    assert desk.say({"account": "w-ann", "session": ann})["account"]["login"] == "ann"
    assert desk.code({"account": "w-tess", "session": ann}) == "not-allowed"


def test_each_act_needs_a_session_even_with_the_pin(desk: Desk) -> None:
    for kind in ("change", "order", "decide", "retry", "retry_all"):
        for request in SAMPLES[kind]:
            assert desk.code({**request, "claims": [TESS]}) == "control-refused"
            assert desk.code({**request, "session": "x"}) in ("sign-on-needed", "control-refused")


def test_whatever_comes_in_is_from_the_office(desk: Desk) -> None:
    held = {"kind": "retraining-held", "worker": "w-tim", "operator": "w-tess", "via": "screen"}
    answer = desk.say({"order": [held], "session": desk.session(), "via": "screen"})
    (event,) = (row.event for row in desk.views.events(answer["number"]))
    assert (event.via, event.operator) == ("office", "w-tess")


def test_hostile_text_arrives_clean(desk: Desk) -> None:
    session = desk.session()
    for text in (*BIDI[:9], *FORGED, *SURROGATES, "a\x1b[2Jb"):
        desk.say({"sign_in": {"name": text, "pin": {"text": text}}})
        for kind in ("sign_out", "viewer", "names", "account"):
            desk.say({kind: text})
        held = {"kind": "retraining-held", "worker": "w-tim", "note": text, "operator": "w-tess"}
        desk.say({"order": [held], "session": session})
    line = json.dumps({"version": wire.VERSION, "order": [held], "via": "\x1b[2J\u202e"}).encode()
    assert wire.decode_request(line).via == "[2J"
    notes = [row.event.note for row in desk.views.events(1) if isinstance(row.event, RetrainingHeld)]
    assert len(notes) > len(SURROGATES) and all(clean(note) == note for note in notes)


def test_the_state_of_the_bench_is_seen_without_the_item(desk: Desk) -> None:
    call = StaffCall(at="2026-01-01", bench="Bench 1", worker="w-ann", title="Ein Buch")
    full = msgspec.structs.replace(SEEN, staff_call=call, worker="w-ann", reader_ready=True)
    shown = OfficeAccess(GROUP).shown(full)
    assert (shown.number, shown.phase, shown.worker, shown.reader_ready) == (full.number, full.phase, "w-ann", True)
    assert shown.staff_call is not None and shown.staff_call.bench == "Bench 1"
    assert "Buch" not in repr(shown) and "31234000000007" not in repr(shown)
    with Raw(desk.data, wire.OFFICE_SOCKET) as raw:
        raw.say(json.dumps({"version": wire.VERSION, "watch": True}).encode() + b"\n")
        assert raw.hear()["snapshot"]["sign_on"] is True
    client = connect_to(desk.data, wire.OFFICE_SOCKET)
    assert client is not None
    with client:
        assert isinstance(client.snapshot(), Snapshot)
