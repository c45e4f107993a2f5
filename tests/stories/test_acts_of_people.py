"""Where people sign on, no act of the terminal, the office or the socket is done without a proof, except those that the table
of acts names as free."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from click.testing import CliRunner

from scripts.reference.pages import all_commands
from station.base.sentence import Sentence
from station.cli import station
from station.domain import events as ev
from station.domain.commands import Command, PadRequest
from station.domain.event_rights import BY_STATION, FREE, RIGHTS
from station.domain.invoices.plan import AccountPlan
from station.domain.people.changes import Change
from station.domain.receiving.vendor import Vendor
from station.office.app import FORMS
from station.runtime.socket import wire
from tests.cli.session.test_sign_on import running
from tests.office.desk import ITEM, browser, delivery, events, journal, made, received
from tests.office.routes import routes
from tests.office.test_every_route import VALUES, ids_of
from tests.office.test_forms import with_catalog
from tests.runtime.socket.test_socket import Raw
from tests.stories.acts_of_people import ACTS, FILES, LOOKS, UNSEEN
from tests.support.hostile_values import filled

CONTENT: Final[dict[type, dict[str, Any]]] = {
    ev.VendorRecorded: {"content": Vendor(id="x", name="X")},
    ev.AccountPlanRecorded: {"content": AccountPlan()},
}
"""Content whose fields have forms of their own."""
NO_PIN: Final = "no line left for a PIN"
NEEDS_NOTHING: Final = {"submit", "pad", "snapshot", "watch", "health", "quit", "names", "viewer", "sign_out"}
"""Requests that the bench weighs when it carries them out, that only look, or that take a right away."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory on which each act of `ACTS` is possible."""
    data = made(tmp_path_factory.mktemp("acts") / "desk")
    with_catalog(data)
    for name, text in FILES.items():
        (data / name).write_text(text)
    (data / "barcodes").write_text(f"{ITEM}\n")
    store = journal(data)
    try:
        store.journal.order(
            ev.CatalogingRequested(
                request="r" * 16, barcode="31999000000352", reason=Sentence.verbatim("no record"), operator="w-tess"
            )
        )
        store.journal.order(ev.Lost(barcode=UNSEEN, title="Lakes", operator="w-tess"))
        store.journal.order(ev.CopyCounted(shipment=received(data)["open"], title="A gift", operator="w-tim"))
    finally:
        store.close()
    return data


def call(desk: Path, data: Path, words: str, lines: tuple[str, ...] = ()) -> Any:
    count = str(max(row.seq for row in journal_rows(desk) if isinstance(row.event, ev.CopyCounted)))
    with as_file(files("station.catalog") / "data" / "sample.mrc") as sample:
        known = {**received(desk), "delivery": delivery(desk), "count": count, "out": str(data), "sample": str(sample)}
        for name, text in {**known, **{name: str(data / name) for name in (*FILES, "barcodes")}}.items():
            words = words.replace(f"{{{name}}}", text)
        arguments = ["--data", str(data), *words.split()]
        return CliRunner().invoke(station, arguments, input="".join(f"{line}\n" for line in lines))


def journal_rows(data: Path) -> list[Any]:
    """Return the events with their numbers."""
    store = journal(data)
    try:
        return list(store.queries.events(limit=10_000))
    finally:
        store.close()


def not_free(journaled: Sequence[ev.AnyEvent]) -> set[str]:
    """Return the events that need a right."""
    return {type(event).__name__ for event in journaled} - {kind.__name__ for kind in FREE}


def test_each_event_is_in_the_table_once() -> None:
    assert set(ev.AnyEvent.__args__) == {*RIGHTS, *FREE, *BY_STATION}
    assert len(ev.AnyEvent.__args__) == len(RIGHTS) + len(FREE) + len(BY_STATION)
    assert set(ev.Ordered.__args__) <= {*RIGHTS}, "what another process asks to journal is never free"


def test_each_command_is_an_act_or_only_looks() -> None:
    assert {path.removeprefix("station ") for path, _ in all_commands()} == {*ACTS, *LOOKS}
    assert not LOOKS & {*ACTS}


@pytest.mark.parametrize("path", ACTS)
def test_a_command_does_nothing_without_a_proof(desk: Path, tmp_path: Path, path: str) -> None:
    act, data = ACTS[path], tmp_path / "data"
    shutil.copytree(desk, data)
    before = len(events(data))
    refused = call(desk, data, act.words)
    assert refused.exit_code != 0 and not not_free(events(data)[before:]), refused.output
    if act.done:
        assert NO_PIN in refused.output, refused.output
        before = len(events(data))
        done = call(desk, data, act.words, act.lines)
        journaled = events(data)[before:]
        assert (done.exit_code, bool(journaled)) == (act.code, True), done.output


def test_the_office_does_nothing_for_who_has_not_signed_in(desk: Path) -> None:
    before, values, tried = len(events(desk)), {**VALUES, **ids_of(desk)}, set()
    with browser(desk) as nobody:
        for route in routes(desk):
            if "POST" in (route.methods or ()) and route.path != "/{path:path}":
                folder = route.path.split("/")[1]
                known = {name: values.get(f"{folder}/{name}") or values[name] for name in route.param_convertors}
                answer = nobody.post(route.path.format(**known), {"token": "x"})
                assert answer.status_code in (303, 403), (route.path, answer.status_code)
                tried.add(route.path)
    assert {path for path, _ in FORMS} <= tried
    assert not not_free(events(desk)[before:])


def requests() -> dict[str, wire.Request]:
    """Return one request of each kind in the name of Tess, without a proof: of `order` one for each event, of `submit` one for
    each command, of `change` one for each change."""
    keys = {
        "operator": "w-tess",
        "worker": "w-tim",
        "authorised": "",
        "found_by": "w-tess",
        "second": "w-sue",
        "by": "tess",
        "name": "x",
        "id": "x",
        "number": "1",
        "vendor": "x",
        "line": "1",
        "code": "x",
        "charges": (),
    }
    more: dict[str, Any] = {"viewer": "x", "names": "x", "sign_out": "x", "account": "w-tim", "retry": "x"}
    kinds = {field.name: field.type for field in msgspec.structs.fields(wire.Request)}
    made_of: dict[str, Any] = {
        "order": [((filled(kind, str, keys | CONTENT.get(kind, {})),), kind) for kind in ev.Ordered.__args__],
        "submit": [(filled(kind, str, keys), kind) for kind in Command.__args__],
        "pad": [(filled(kind, str, keys), kind) for kind in PadRequest.__args__],
        "change": [(filled(kind, str, keys), kind) for kind in Change.__args__],
    }
    found = {}
    for name in wire._REQUESTS:
        flag = type(getattr(wire.Request(), name)) is bool
        for value, kind in made_of.get(name) or [
            (True if flag else more.get(name) or filled(kinds[name].__args__[0], lambda: "x", keys), None)
        ]:
            found[f"{name} {kind.__name__}" if kind else name] = wire.Request(**{name: value}, operator="w-tess")
    return found


@pytest.mark.parametrize("pins", [True, False], ids=["with PINs", "before the first PIN"])
def test_the_socket_does_nothing_without_a_proof(desk: Path, tmp_path: Path, *, pins: bool) -> None:
    data = tmp_path / "data"
    if pins:
        shutil.copytree(desk, data)
    else:
        data.mkdir()
        shutil.copy(desk / "station.toml", data)
    begun = len(events(data)) if pins else 0
    with running(data):
        for name, request in requests().items():
            if not pins and name.split()[0] == "change":
                continue  # which leads to the first PIN
            before = len(events(data))
            with Raw(data) as raw:
                raw.say(wire.encode(request))
                answer = raw.hear()
            kind = name.split()[0]
            if not pins and request.order and isinstance(request.order[0], ev.PersonEvent):
                continue  # the same
            assert not not_free(events(data)[before:]), name
            assert kind in NEEDS_NOTHING or "error" in answer, (name, answer)
            if request.order:
                assert answer["error"]["code"] == "sign-on-needed", (name, answer)
    later = [event for event in events(data)[begun:] if pins or not isinstance(event, ev.PersonEvent)]
    assert not not_free(later), "nor by a command that the bench carried out later"
