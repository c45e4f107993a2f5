"""Results of checks in the pseudo-language: library systems, readers at ports, the journal's chain, PINs and cards.
Their lines are made in modules below the commands that show them."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

import station.base.words
from station.base import settings
from station.base.errors import CardUnfit, CredentialsRefused, Rejected, StationError, Throttled, Unreachable
from station.base.sentence import Sentence
from station.base.words import tell
from station.catalog.sample.sample import numbered
from station.cli.people.people import record_lines
from station.cli.session.demo import report_lines
from station.demo.operator import Disappointed, Eyes
from station.demo.result import BEFORE, STUCK, Played, words_of
from station.demo.scripts import STORIES
from station.domain import events as ev
from station.domain.deliveries.delivery import Check
from station.domain.events import RetrainingHeld
from station.domain.item import ItemRecord, RecordFacts
from station.domain.people.sign_on import Pin, too_easy
from station.domain.ports import BenchPort
from station.domain.snapshot import Snapshot
from station.drivers.search.discovery import Found, Outcome
from station.reports import item_facts
from station.reports.chain_text import chain_text
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.authenticator import open_authenticator
from station.store.catalog_index import import_file, rebuild, walk
from station.store.database import database
from station.store.database.decoding import Decoder
from station.store.journal import hash_chain
from station.store.owner import open_store
from station.store.people.cards import Kind
from station.store.people.names import People
from station.store.people.visibility import Loop, Record
from station.sync.alma import check as alma_check
from station.sync.alma.client import AlmaClient, Place
from station.sync.alma.mapping import Mapping, note_only, parse
from station.sync.file_sink import FileSink
from station.sync.http import Answer
from station.sync.sip2 import codec
from station.sync.sip2.session import Session, Status
from station.sync.sip2.system import Sip2
from station.sync.sip2.voyager import Voyager
from tests.conftest import FakeClock
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue, plain_words
from tests.support.told import told
from tests.sync.alma.test_mapping import SITE

NAMES = re.compile(r"\b(delivery|people|station)\.[a-z0-9_.]+( = false)?|sip2\b|\bSIP2\b|vxws|RELABEL|\bBX\b|\btls\b")
"""Settings and their values, equal in every language."""


KNOWN = "journal db mrc json wal station catalog import FILE replace symphony koha PRAGMA user version "
KNOWN += "only bytes too short for leader and directory Expected object got int "
KNOWN += "Object missing required field kind started retraining held Invalid value at"
"""Names of files, commands, profiles and kinds of events; settings of SQLite; faults in a record or file."""


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


def says_nothing(*lines: str, known: str = "") -> None:
    said = "\n".join(lines)
    assert re.search("[\uff21-\uff5a]", said), "there must be a message"
    assert plain_words(NAMES.sub("", said), known) == set(), said


def lines_of(checks: tuple[Check, ...]) -> list[str]:
    return [f"{told(check.what)}: {told(check.found)} {told(check.remedy)}" for check in checks]


# --- library systems ---------------------------------------------------------------------------------------------------


class Client:
    """An Alma that gives the same answer to every request."""

    origin = "https://7"
    daily_reserve = 5

    def __init__(
        self, answer: bytes | StationError, remaining: int | None = 9, sent: StationError | None = None
    ) -> None:
        self._answer, self.remaining, self._sent = answer, remaining, sent
        self.has_key = remaining is not None

    def ask(self, _path: str) -> Answer:
        if isinstance(self._answer, StationError):
            raise self._answer
        return Answer(200, {}, self._answer, "")

    def try_key(self, area: str, *, write: bool = False) -> None:
        if write and self._sent is not None:
            raise self._sent
        self.ask(area)


MAPPINGS: tuple[Mapping, ...] = (note_only("internal_note_3"), parse(SITE, "m.toml"))
NOWHERE, DEPARTMENT, DESK, WRONG = (
    Place(library=""),
    Place(library="1", department="2"),
    Place(library="1", circ_desk="2"),
    Place(library="1"),
)


@for_each(
    "client",
    [
        Client(b"{}"),
        Client(b"{}", remaining=None),
        Client(b"{}", remaining=1),
        Client(b"["),
        Client(b"{}", sent=CredentialsRefused("7")),
        Client(b"{}", sent=Throttled("7")),
        Client(b"{}", sent=Rejected("7")),
        Client(CredentialsRefused("7")),
        Client(Unreachable("7")),
        Client(Throttled("7")),
    ],
)
def test_what_is_found_out_about_alma(client: Client) -> None:
    for mapping, place in product(MAPPINGS, (NOWHERE, DEPARTMENT, DESK)):
        found = alma_check.checks(cast(AlmaClient, client), mapping, place, ("set-members",))
        says_nothing(*lines_of(found), known=f"https {mapping.name} {mapping.fields} {alma_check.CONDITIONS}")


def test_a_place_that_cannot_be() -> None:
    found = alma_check.checks(cast(AlmaClient, Client(b"{}")), note_only("internal_note_3"), WRONG, ())
    (line,) = [check for check in found if told(check.what) == station.base.words.tell("sync-check.alma.scan-in")]
    says_nothing(told(line.what), told(line.remedy))


GOOD = Status(
    online=True,
    checkin=True,
    status_update=True,
    timeout_s=1.0,
    retries=1,
    institution="7",
    library="8",
    supported="9",
    checks=codec.Check.BYTES,
    charset="utf-8",
)
POOR = msgspec.structs.replace(
    GOOD, checkin=False, status_update=False, institution="", library="", supported="", checks=codec.Check.ABSENT
)


@for_each("host", ["127.0.0.1", "10.0.0.7"])
@for_each(
    "status",
    [
        GOOD,
        POOR,
        *(msgspec.structs.replace(GOOD, institution="6", checks=one) for one in codec.Check),
        Unreachable("7"),
    ],
)
def test_what_is_found_out_about_a_sip2_server(status: Status | StationError, host: str) -> None:
    def connect() -> Status:
        if isinstance(status, StationError):
            raise status
        return status

    config = settings.Sip2(enabled=True, host=host, tls="none", institution="7", check_in=True, properties=True)
    made = Sip2(config, cast(Session, SimpleNamespace(connect=connect)))
    says_nothing(*lines_of(made.check()), known="toml")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {}, b"<response><reply-code>22</reply-code></response>", ""),
        Answer(200, {}, b"<response/>", ""),
        Unreachable("7"),
    ],
)
def test_what_is_found_out_about_voyager(answer: Answer | StationError) -> None:
    def get(_path: str) -> Answer:
        if isinstance(answer, StationError):
            raise answer
        return answer

    says_nothing(*lines_of(Voyager(get, lambda _: "").check()))


def test_what_is_found_out_about_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for may in (True, False):
        monkeypatch.setattr(os, "access", lambda *_, may=may: may)
        says_nothing(*lines_of(FileSink(tmp_path / "7", tell).check()), known=str(tmp_path))


# --- readers -----------------------------------------------------------------------------------------------------------


@for_each("outcome", list(Outcome))
@for_each("port", ["7", "tcp://7:7"])
def test_how_a_port_was_left(outcome: Outcome, port: str) -> None:
    found = Found(port=port, usb="", outcome=outcome, baud=9600, parity="E", model="7", firmware="7")
    says_nothing(told(found.sentence), known="baud TCP")


# --- the journal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("events", [1, 2])
def test_what_is_found_out_about_the_journal(events: int) -> None:
    tell = station.base.words.tell
    report = hash_chain.ChainReport(
        journal_id="7",
        events=events,
        head="7",
        first_bad=None,
        problems=(tell("chain.missing", seq=7),),
        missing_heads=(tell("chain.lost-given", head="7"),),
        heads_checked=events,
        other_journals=("8",),
    )
    says_nothing(*chain_text(report))
    says_nothing(*chain_text(msgspec.structs.replace(report, problems=(), missing_heads=())))


# --- people ------------------------------------------------------------------------------------------------------------


def test_why_a_pin_or_card_is_not_taken(tmp_path: Path) -> None:
    store = open_store(tmp_path / JOURNAL, FakeClock())
    store.close()
    short = settings.Settings(barcodes=settings.Barcodes(length=7, prefixes=("3",), check_digit="none"))
    authenticator = open_authenticator(short, tmp_path, store.queries, FakeClock())
    reasons = [too_easy(pin, "4829134") for pin in ("111111", "123456", "654321", "121212", "482913")]
    reasons += [authenticator.unfit("w-1", Pin(pin)) for pin in ("1", "x", "1234567890123", "111111", "3748291")]
    assert all(reasons)
    for card in ("", "nobody", "3748291", "$$PASS"):
        with pytest.raises(CardUnfit) as refused:
            authenticator.check_card(Kind.BARCODE, card, "w-1")
        reasons.append(told(refused.value.detail))
    says_nothing(*map(told, reasons))


def test_what_is_kept_about_somebody() -> None:
    loop = Loop(
        rule="7", title=Sentence.verbatim("8"), errors=1, last_error="2026-01-01", errors_since=1, rechecks_since=1
    )
    loops = (loop, msgspec.structs.replace(loop, errors=2, retrained="2026-01-01", errors_since=2, rechecks_since=2))
    for judged in (1, 2):
        found = Record(
            worker="7",
            name="",
            role=None,
            judged=judged,
            passed=0,
            failed=0,
            errors=(),
            rechecks=(),
            retrainings=(("2026-01-01T00:00", RetrainingHeld(worker="7")),),
            loops=loops,
        )
        says_nothing(*record_lines(found))


# --- the data of an item, the scripted operator ------------------------------------------------------------------------


def test_everything_that_is_known_of_an_item() -> None:
    """Each field that a record can have; no field name may remain in plain letters."""
    filled: dict[str, object] = {"str": "7", "int": 7, "bool": True, "float | None": 7.0, "bool | None": False}
    seven = Sentence.verbatim("7")
    filled |= {"Barcode": "7", "tuple[str, ...]": ("7", "8"), "Sentence": seven, "tuple[Sentence, ...]": (seven, seven)}
    filled["tuple[tuple[str, Sentence], ...]"] = (("7", seven),)
    filled |= {f"tuple[tuple[{', '.join(['str'] * n)}], ...]": (("7",) * n, ("8",) * n) for n in (2, 3)}

    def full(struct: type[msgspec.Struct]) -> dict[str, object]:
        return {name: filled[kind] for name, kind in struct.__annotations__.items() if kind in filled}

    facts = RecordFacts(**full(RecordFacts))  # type: ignore[arg-type]
    item = ItemRecord(**full(ItemRecord), marc=facts, chosen=(("7", ("8", "9")),))  # type: ignore[arg-type]
    rows = list(item_facts.facts(item))
    assert len(rows) == len(ItemRecord.__struct_fields__) - 3 + len(
        RecordFacts.__struct_fields__
    )  # "told_at_item" names rows of "findings"
    assert rows[-1] == ("7", "8 | 9"), "a field named in the site's rules"
    says_nothing(*(f"{name} {value}" for name, value in rows))


@pytest.mark.parametrize("came", [BEFORE, STUCK, "7"])
def test_what_the_scripted_operator_played(came: str) -> None:
    rows = [Played(7, "7", story.name, "7", came, ok=came != STUCK, note="8") for story in STORIES]
    says_nothing(*report_lines(rows))


def test_what_the_scripted_operator_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", station.base.words.english())
    assert [words_of(story.name) for story in STORIES] == [story.name for story in STORIES], "same as with --json"
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    shown = Snapshot(number=7)
    eyes = Eyes(cast(BenchPort, SimpleNamespace(snapshot=shown, subscribe=lambda _: lambda: None)))
    for key in ("reader", "gone", "second", "verdict", "free"):
        with pytest.raises(Disappointed) as why:
            eyes.wait(station.base.words.tell(f"demo.wait.{key}"), lambda _: False, seconds=0.0)
        says_nothing(str(why.value), known=shown.phase.value)


# --- the files of the store --------------------------------------------------------------------------------------------


def _index(place: Path) -> tuple[Path, settings.CatalogSettings]:
    return place / "7.db", settings.CatalogSettings()


def _imported(place: Path, content: bytes = b"", **how: bool) -> None:
    index, config = _index(place)
    (place / "7.mrc").write_bytes(content or numbered(1))
    import_file.import_file(place / "7.mrc", index, "symphony-949", config, **how)


def _of_another_profile(place: Path) -> None:
    _imported(place)
    index, config = _index(place)
    import_file.import_file(place / "7.mrc", index, "koha-952", config)


def _stopped(place: Path) -> None:
    (place / "7.mrc").write_bytes(numbered(3))
    index, config = _index(place)
    import_file.import_file(place / "7.mrc", index, "symphony-949", config, should_stop=lambda: True)


def _twice_at_once(place: Path) -> None:
    with import_file.alone(_index(place)[0]):
        _imported(place)


def _rebuilt(place: Path, *, change: bool) -> None:
    _imported(place)
    source = place / "7.mrc"
    if change:
        source.write_bytes(b"")
    else:
        source.unlink()
    index, config = _index(place)
    rebuild.rebuild(index, "symphony-949", config)


def _walked(place: Path) -> None:
    _imported(place)
    walk.walk(_index(place)[0], "7")


def _journal(place: Path, *, version: int = 0, application: int = 1) -> None:
    path = place / JOURNAL
    open_store(path, FakeClock()).close()
    with closing(sqlite3.connect(path)) as sql:
        if version:
            sql.execute(f"PRAGMA user_version = {version}")
        else:
            sql.execute(f"PRAGMA application_id = {application}")
        sql.commit()
    database.open_reader(path).close()


def _empty(place: Path) -> None:
    (place / JOURNAL).touch()
    database.open_reader(place / JOURNAL).close()


def _left(place: Path) -> None:
    (place / f"{JOURNAL}-wal").touch()
    database.open_writer(place / JOURNAL).close()


def _decoded(seq: int, kind: str, payload: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as sql:
        Decoder(sql)(seq, kind, payload)


def _people(place: Path, pragma: str) -> None:
    people = People(place / "7.db")
    people.add("7", "8", "9")
    with closing(sqlite3.connect(place / "7.db")) as sql:
        sql.execute(pragma)
        sql.commit()
    people.find("8")


def _pragma(_: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as sql:
        database.set_pragmas(sql, [("PRAGMA user_version=7", "PRAGMA user_version", 8)])


REFUSALS: dict[str, Callable[[Path], object]] = {
    "no journal": lambda place: database.open_reader(place / JOURNAL),
    "an empty journal": _empty,
    "a log without its journal": _left,
    "not a journal": _journal,
    "an older journal": lambda place: _journal(place, version=1),
    "a newer journal": lambda place: _journal(place, version=7777),
    "an engine that does not do as told": _pragma,
    "an event of a newer program": lambda _: _decoded(7, "7", b""),
    "an event that is none": lambda _: _decoded(7, "station-started", b"{}"),
    "an event of another kind": lambda _: _decoded(7, "station-started", ev.encode(RetrainingHeld(worker="7"))),
    "not the file of people": lambda place: _people(place, "PRAGMA application_id = 7"),
    "an altered file of people": lambda place: _people(place, "UPDATE people SET name = '7'"),
    "a newer file of people": lambda place: _people(place, "PRAGMA user_version = 7777"),
    "no index to walk": lambda place: walk.walk(place / "7.db", "7"),
    "an index of another profile": _walked,
    "nothing to import": lambda place: _imported(place, b"00024" + b" " * 19 + b"\x1d"),
    "an import of another profile": _of_another_profile,
    "a stopped import": _stopped,
    "two imports at once": _twice_at_once,
    "not known what the index was made of": lambda place: rebuild.rebuild(
        _index(place)[0], "symphony-949", _index(place)[1]
    ),
    "a changed file": lambda place: _rebuilt(place, change=True),
    "a file that is gone": lambda place: _rebuilt(place, change=False),
}


@pytest.mark.parametrize("how", REFUSALS.values(), ids=REFUSALS)
def test_what_is_wrong_with_a_file_of_the_store(tmp_path: Path, how: Callable[[Path], object]) -> None:
    with pytest.raises(StationError) as refused:
        how(tmp_path)
    says_nothing(told(refused.value.detail).replace(str(tmp_path), ""), known=KNOWN)
