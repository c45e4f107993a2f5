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
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.base import words
from station.base.sentence_json import encode_sentence
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.golden import comparing, doings, names
from tests.golden.comparing import CHANGES, differences, unexplained
from tests.golden.corpus import JOURNAL as OLD_JOURNAL
from tests.golden.corpus import recorded
from tests.stories.hostile.command_table import TABLE
from tests.support.pseudo_language import catalogue

MOVED = tomllib.loads((Path(__file__).parent / "changes-tests.toml").read_text(encoding="utf-8"))


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
    """Make a data directory with the recorded journal, updated to the present schema."""
    data = tmp_path_factory.mktemp("old")
    (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    (data / JOURNAL).write_bytes(gzip.decompress(OLD_JOURNAL.read_bytes()))
    open_store(data / JOURNAL, FakeClock()).close()
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
            differences(
                json.loads(payload),
                json.loads(msgspec.json.encode(ev.decode(payload.encode()), enc_hook=encode_sentence)),
            )
            == set()
        ), payload


@pytest.mark.parametrize("kind", ["feig", "3m"])
def test_the_emulated_reader_answers_with_the_same_bytes(kind: str) -> None:
    assert doings.answers(kind, recorded("wire")[kind]) == recorded("wire")[kind]


def test_every_recorded_call_is_still_tried() -> None:
    """`tests/stories/hostile/test_exports.py` compares each call with the recorded one, and `tests/demo/test_auto.py` the
    demo."""
    tried = {comparing.recorded_words(row.words) for rows in TABLE.values() for row in rows}
    gone = {call for call in set(recorded("calls")) - tried if not comparing.has_gone(call)}
    assert gone == set()
    for path in CHANGES["calls"]:
        assert any(path.startswith(f"/{words}/") for words in recorded("calls")), path


@pytest.mark.soak
def test_every_command_ends_as_it_ended_under_its_recorded_name(tmp_path: Path) -> None:
    assert unexplained("calls", recorded("calls"), doings.calls(tmp_path)) == set()


@pytest.mark.soak
def test_every_command_ends_the_same_in_another_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pseudo = catalogue(printable=True)
    monkeypatch.setattr(words, "use", lambda *_: monkeypatch.setattr(words.current_session(), "catalogue", pseudo))
    assert unexplained("calls", recorded("calls"), doings.calls(tmp_path)) == set()


def test_a_difference_is_found() -> None:
    then = {"a": {"exit": 1, "json": {"x": "int", "y": ["str"]}}, "b": ["p", "q"]}
    assert differences(then, then) == set()
    assert differences(then, {"a": {"exit": 2, "json": {"x": "int", "y": ["str"]}}, "b": ["p"]}) == {
        "/a/exit",
        '/b["q"]',
    }
