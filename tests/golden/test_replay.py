"""Compare the program with the recording of commit 21120db: names, journaled events, bytes on the wire, commands and
the demo.

Additions are always allowed: a new option, event or field. A removal or a change needs an entry in changes.toml, with
the reason and, for a name, its replacement. An entry that no longer matches a difference is an error as well. Sentences
are not recorded.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from station.base import words
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.golden import doings, names
from tests.golden.corpus import JOURNAL as OLD_JOURNAL
from tests.golden.corpus import recorded
from tests.support import station_process
from tests.support.pseudo_language import catalogue

CHANGES = tomllib.loads((Path(__file__).parent / "changes.toml").read_text(encoding="utf-8"))
MOVED = tomllib.loads((Path(__file__).parent / "changes-tests.toml").read_text(encoding="utf-8"))


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Flatten a JSON value to one entry for each leaf. The order of lists is ignored, and members that are objects are
    merged. A key that is hostile text (the text of an error) becomes "*", because it is not a name."""
    if isinstance(value, dict):
        named = ((key if key.isprintable() else "*", each) for key, each in value.items())
        return {place: leaf for key, each in named for place, leaf in flat(each, f"{path}/{key}").items()}
    if isinstance(value, list):
        leaves: dict[str, Any] = {}
        for each in value:
            leaves |= (
                flat(each, f"{path}[]")
                if isinstance(each, dict)
                else {f"{path}[{json.dumps(each, sort_keys=True)}]": True}
            )
        return leaves
    return {path: value}


def differences(then: Any, now: Any) -> set[str]:
    """Return the recorded paths that are missing or different now."""
    old, new = flat(then), flat(now)
    return {path for path, leaf in old.items() if path not in new or new[path] != leaf}


def unexplained(facet: str, then: Any, now: Any) -> set[str]:
    """Return the differences that changes.toml does not name, and its entries that match no difference."""
    return differences(then, now) ^ set(CHANGES.get(facet, {}))


@pytest.mark.parametrize("facet", sorted(recorded("names")))
def test_a_name_that_others_use_stays(facet: str) -> None:
    assert unexplained(facet, recorded("names")[facet], names.FACETS[facet]()) == set()


def test_a_test_that_goes_names_its_replacement() -> None:
    present = set(names.tests())
    gone = set(recorded("tests")) - present
    replaced = MOVED | CHANGES.get("tests", {})
    moved = {
        old: f"{replaced[file]}::{name}" for old in gone for file, _, name in [old.partition("::")] if file in replaced
    }
    assert {old for old in gone if replaced.get(old, moved.get(old, "")) not in present} == set()


@pytest.fixture(scope="module")
def old_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data directory with the recorded journal."""
    data = tmp_path_factory.mktemp("old")
    (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    (data / JOURNAL).write_bytes(gzip.decompress(OLD_JOURNAL.read_bytes()))
    return data


def test_the_old_journal_opens_goes_on_and_verifies(old_journal: Path) -> None:
    store = open_store(old_journal / JOURNAL, FakeClock())
    count = store.journal.record(ev.StationStarted(version="new", station="bench-1"))
    store.close()
    verified = CliRunner().invoke(station, ["--data", str(old_journal), "journal", "verify", "--json"])
    assert (verified.exit_code, count) == (0, len(recorded("events")) + 1), verified.output


def test_every_recorded_event_says_what_it_said(old_journal: Path) -> None:
    rows = list(Queries(old_journal / JOURNAL, FakeClock()).events())
    assert len(rows) >= len(recorded("events"))
    for payload in recorded("events"):
        assert (
            differences(json.loads(payload), json.loads(msgspec.json.encode(ev.decode(payload.encode())))) == set()
        ), payload


@pytest.mark.parametrize("kind", ["feig", "3m"])
def test_the_emulated_reader_answers_with_the_same_bytes(kind: str) -> None:
    assert doings.answers(kind, recorded("wire")[kind]) == recorded("wire")[kind]


@pytest.mark.parametrize("facet", ["demo", "calls"])
def test_it_ends_as_it_ended(facet: str, tmp_path: Path) -> None:
    does: dict[str, Callable[[Path], Any]] = {"demo": doings.demo, "calls": doings.calls}
    with station_process.short_folder() as short:
        now = does[facet](short if facet == "demo" else tmp_path)
    assert unexplained(facet, recorded(facet), now) == set()


@pytest.mark.soak
def test_every_command_ends_the_same_in_another_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pseudo = catalogue(printable=True)
    monkeypatch.setattr(words, "use", lambda *_: monkeypatch.setattr(words, "_active", pseudo))
    assert unexplained("calls", recorded("calls"), doings.calls(tmp_path)) == set()


def test_a_difference_is_found() -> None:
    then = {"a": {"exit": 1, "json": {"x": "int", "y": ["str"]}}, "b": ["p", "q"]}
    assert differences(then, then) == set()
    assert differences(then, {"a": {"exit": 2, "json": {"x": "int", "y": ["str"]}}, "b": ["p"]}) == {
        "/a/exit",
        '/b["q"]',
    }
