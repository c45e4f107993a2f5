"""A center with benches of two sites in a real PostgreSQL, and its office."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from starlette.testclient import TestClient

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.settings.fleet import FleetViewer
from station.base.words import Library, Session
from station.cli.admin.settings_file import template
from station.domain.events import AnyEvent, ItemScanned, PinSet, VendorRecorded, WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin
from station.domain.receiving.vendor import Vendor
from station.fleet.projector import Projector
from station.https.accounts import Accounts
from station.https.hosts import Hosts, host_names
from station.office.app import application
from station.office.fleet.viewing import Viewing
from station.office.guard import Guard
from station.office.sources import Sources
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import open_store
from station.store.people.names import People
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.viewed import Center
from tests.office import desk
from tests.support import sample_events
from tests.support.copied_bench import CopiedBench

NORTH, SOUTH = "Main Library", "South Branch"
PINS = {"nora": "739105", "sam": "482913", "ida": "305882"}
"""Nora sees the main library, Sam the branch, Ida all; Ida is a trainee."""
ROLES = {"nora": Role.TECHNICIAN, "sam": Role.SYSTEMS, "ida": Role.TRAINEE}
VIEWERS = (
    FleetViewer(person="nora", sites=(NORTH,)),
    FleetViewer(person="sam", sites=(SOUTH,)),
    FleetViewer(person="w-ida", sites=("*",)),
)
SOUTHERN = "Southern winds"
"""Title of everything at the branch."""
SOUTH_ITEM = "31999000000055"


def southern() -> list[AnyEvent]:
    """Return events of the branch, each with the title or the word "southern"."""
    record = msgspec.structs.replace(sample_events.record(SOUTH_ITEM), title=SOUTHERN)
    judged = msgspec.structs.replace(sample_events.judged(SOUTH_ITEM), item=record)
    opened = desk._opened("9" * 32, "stamp", "Southern stamp", barcode=SOUTH_ITEM, item_title=SOUTHERN)
    return [
        WorkerRegistered(worker="w-southern", role=Role.TECHNICIAN),
        ItemScanned(barcode=SOUTH_ITEM, part=1, item=record, operator="w-southern"),
        msgspec.structs.replace(opened, owner="Southern desk"),
        judged,
        VendorRecorded(content=Vendor(id="southern", name="Southern books"), operator="w-southern"),
    ]


def join(database: str, folder: Path, name: str, site: str) -> str:
    """Have a bench join with all of its journal. Return its id."""
    bench = CopiedBench(folder)
    copies = Copies(database)
    joined = bench.join(copies, database).bench
    with connect(database) as connection:
        connection.execute("UPDATE bench SET name = %s, site = %s WHERE bench = %s", (name, site, joined))
    while bench.batch(copies, joined).events:
        bench.send(copies, joined)
    copies.close()
    return joined


def project(database: str) -> None:
    """Make the tables of all benches."""
    with closing(connect(database, "station_projector")) as connection:
        projector = Projector(connection)
        while projector.run():
            pass


def filled(database: str, folder: Path) -> dict[str, str]:
    """Make two benches at two sites. Return their ids by name."""
    desk.made(folder / "north")
    south = folder / "south"
    south.mkdir()
    store = open_store(south / JOURNAL, SystemClock())
    *before, judged, vendor = southern()
    store.journal.record(*before)
    store.journal.record(judged, deliveries=[sample_events.delivery("alma", SOUTH_ITEM)])
    store.journal.record(vendor)
    assert store.close()
    ids = {
        "Bench 1": join(database, folder / "north", "Bench 1", NORTH),
        "Bench 2": join(database, south, "Bench 2", SOUTH),
    }
    project(database)
    return ids


def furnish(database: str, ids: Mapping[str, str]) -> None:
    """Have both benches tell how they are, and put a refused event and goals there."""
    beat = {
        "version": "0.2.0.dev412",
        "rules": "ab" * 32,
        "worker": "w-tim",
        "hour": 31,
        "today": 140,
        "reader_ready": True,
    }
    with connect(database) as connection:
        for name, more, ago in (
            ("Bench 1", {"unsent": 0}, 5),
            ("Bench 2", {"unsent": 12412, "advice": ["slow"]}, 90000),
        ):
            connection.execute(
                "UPDATE bench SET snapshot = %s, seen = clock_timestamp() - make_interval(secs => %s), refused = 12345 "
                "WHERE bench = %s",
                (json.dumps({**beat, **more}), ago, ids[name]),
            )
        connection.execute(
            "INSERT INTO quarantine (bench, journal, seq, hash, at, kind, payload, deliveries, why) "
            "VALUES (%s, %s, 907, sha256('x'), %s, 'item-judged', 'secret', '[]', 'fork')",
            (ids["Bench 2"], f"0123456789abcdef{desk.EVIL}", "2026-12-01T10:00:00+00:00"),
        )
        connection.execute("INSERT INTO goal VALUES ('Library 12', %s, 61000), ('Branch', %s, 9)", (NORTH, SOUTH))


def center_directory(folder: Path, database: str) -> Path:
    """Make the center's own data directory, with its people."""
    folder.mkdir()
    text = template(**{**desk.QUICK, "people.sign_on": True, "fleet.database": database})
    (folder / "station.toml").write_text(text, encoding="utf-8")
    people, clock = People(folder / PEOPLE), SystemClock()
    for login in PINS:
        people.add(f"w-{login}", login, login.title())
    store = open_store(folder / JOURNAL, clock)
    store.journal.record(*(WorkerRegistered(worker=f"w-{login}", role=role) for login, role in ROLES.items()))
    authenticator = open_authenticator(load(folder / "station.toml"), folder, store.queries, clock)
    for login, pin in PINS.items():
        store.journal.record(PinSet(worker=f"w-{login}"))
        authenticator.pins.give(f"w-{login}", Pin(pin), must_change=False)
    assert store.close()
    return folder


@contextmanager
def office(
    folder: Path, login: str = "", language: str = "en", viewers: tuple[FleetViewer, ...] = VIEWERS
) -> Iterator[desk.Browser]:
    """Yield a browser of the center's office; with `login`, of a person who has signed in."""
    settings = load(folder / "station.toml")
    settings = msgspec.structs.replace(settings, fleet=msgspec.structs.replace(settings.fleet, viewers=viewers))
    library = Library(language, folder / "words")
    sources = Sources(settings, folder, SystemClock())
    with closing(Center(settings.fleet.database)) as center:
        app = application(sources, lambda: Session(library), Viewing(sources, center))
        guard = Guard(app, Hosts(host_names((), "office.names"), desk.PORT), Accounts((), 0))
        client = TestClient(guard, base_url=desk.ORIGIN, follow_redirects=False)
        person = desk.Browser(client)
        if login:
            assert person.sign_in(login, PINS[login]).status_code == 303
        yield person
