"""`station outbox` and `station sync check`: lists, both sides of a conflict, decisions with a name, alone and with a
running station."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.cli import station
from station.domain.deliveries.delivery import DeliveryState, Why
from station.domain.deliveries.intents import Side
from station.domain.events import DeliveryChanged
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.socket import wire
from station.runtime.socket.server import Server
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.runtime.socket.test_socket import Bench
from tests.support import sample_events
from tests.support.station_service import service_of
from tests.support.told import told

A, B = "31234000000015", "31234000000023"
HOSTILE = "they\x1b[2J wrote\u202e this"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(station, list(arguments), catch_exceptions=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one conflict, one waiting delivery, and one that was delivered; no operator in the
    settings."""
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n')
    store = open_store(tmp_path / JOURNAL, SystemClock())
    try:
        for barcode in (A, B, "31234000000031"):
            store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("alma", barcode)])
        third, _, first = (row.id for row in store.queries.outbox_page())
        why = Why(reason="conflict", body=HOSTILE, sides=(Side("internal_note_1", "E004", HOSTILE),))
        store.outbox.lease(first)
        store.outbox.settle(first, DeliveryState.PARKED, Sentence.verbatim("somebody wrote there"), why=why)
        store.outbox.lease(third)
        store.outbox.settle(third, DeliveryState.DELIVERED, Sentence.verbatim("written"))
    finally:
        store.close()
    return tmp_path


def ids(data: Path) -> list[str]:
    return [row.id for row in reversed(Queries(data / JOURNAL, SystemClock()).outbox_page())]


def newest(data: Path) -> DeliveryChanged:
    event = Queries(data / JOURNAL, SystemClock()).events()[-1].event
    assert isinstance(event, DeliveryChanged)
    return event


def test_list_by_state(data: Path) -> None:
    found = json.loads(run("outbox", "list", "--json", "--data", str(data)).stdout)
    assert found["counts"] == {"delivered": 1, "parked": 1, "pending": 1}
    assert [row["intent"]["barcode"] for row in found["deliveries"]] == ["31234000000031", B, A]
    parked = json.loads(run("outbox", "list", "--state", "parked", "--json", "--data", str(data)).stdout)
    assert [row["intent"]["barcode"] for row in parked["deliveries"]] == [A]
    assert f"{A}\n    result pass" in run("outbox", "list", "--data", str(data)).stdout


def test_list_says_how_it_goes_and_whether_a_station_runs(data: Path) -> None:
    words = ("outbox", "list", "--json", "--data", str(data))
    alone = json.loads(run(*words).stdout)
    assert alone["running"] is False
    assert [(one["system"], one["waiting"], one["per_minute"]) for one in alone["flow"]] == [("alma", 1, None)]
    said = run("outbox", "list", "--data", str(data)).stdout
    assert "Alma: 1 waiting, time left not known yet" in said
    assert "no station runs here" in said
    with a_station(data):
        assert json.loads(run(*words).stdout)["running"] is True
        assert "no station runs here" not in run("outbox", "list", "--data", str(data)).stdout


def test_show_has_both_sides_and_the_answer_and_nothing_acts_on_the_terminal(data: Path) -> None:
    result = run("outbox", "show", ids(data)[0], "--data", str(data))
    assert result.exit_code == 0
    for words in ("internal_note_1", "ours:   E004", "theirs: they", "answer: they", "reason", "send-ours"):
        assert words in result.stdout
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    one = json.loads(run("outbox", "show", ids(data)[0], "--json", "--data", str(data)).stdout)["delivery"]
    assert one["sides"][0]["ours"] == "E004"
    assert run("outbox", "show", "nothing", "--data", str(data)).exit_code == 1


@pytest.mark.parametrize(
    ("decision", "state"), [("keep-theirs", "discarded"), ("send-ours", "pending"), ("discard", "discarded")]
)
def test_a_decision_is_journaled_with_its_name(data: Path, decision: str, state: str) -> None:
    first = ids(data)[0]
    result = run("outbox", "resolve", first, decision, "--operator", "ann", "--reason", HOSTILE, "--data", str(data))
    assert (result.exit_code, result.stdout) == (0, "done\n")
    event = newest(data)
    assert (event.delivery, event.state, event.decision, event.operator) == (first, state, decision, "ann")
    assert "\x1b" not in told(event.detail)
    assert run("journal", "verify", "--data", str(data)).exit_code == 0


def test_discard_and_what_cannot_be_decided(data: Path) -> None:
    _, second, third = ids(data)
    assert run("outbox", "discard", second, "--operator", "ann", "--data", str(data)).exit_code == 2, (
        "a reason is required"
    )
    assert run("outbox", "discard", second, "--reason", "sold", "--operator", "ann", "--data", str(data)).exit_code == 0
    result = run("outbox", "discard", third, "--reason", "x", "--operator", "ann", "--json", "--data", str(data))
    assert (result.exit_code, json.loads(result.stdout)["answer"]) == (1, "not-waiting")
    result = run("outbox", "discard", "none", "--reason", "x", "--operator", "ann", "--data", str(data))
    assert (result.exit_code, result.stdout) == (1, "there is no such delivery\n")
    result = run("outbox", "resolve", second, "send-ours", "--operator", "ann", "--data", str(data))
    assert result.exit_code == 1, "a decision that ended the delivery must stay"


@pytest.fixture
def staffed(data: Path) -> Path:
    """The data directory with one person of each role. The first has the role systems and registers the others."""
    for login, role in (("sam", "systems"), ("tess", "technician"), ("bea", "operator"), ("tim", "trainee")):
        by = () if login == "sam" else ("--operator", "sam")
        assert run("people", "add", login, "--role", role, *by, "--data", str(data)).exit_code == 0
    return data


@contextmanager
def a_station(data: Path) -> Iterator[None]:
    """Run the lock, the journal and the socket of a station."""
    with hold(data, SystemClock()) as held:
        store = open_store(data / JOURNAL, SystemClock())
        server = Server(held, Bench(), quit_station=lambda: None, orders=service_of(Settings(), data, store))
        server.start()
        try:
            yield
        finally:
            server.stop()
            store.close()


@pytest.mark.parametrize("runs", [False, True], ids=["alone", "beside a station"])
def test_decisions_are_for_the_technician_and_above(staffed: Path, runs: bool) -> None:
    first, second, _ = ids(staffed)
    with a_station(staffed) if runs else nullcontext():
        for command, *rest in (("discard", first, "--reason", "sold"), ("resolve", first, "send-ours")):
            for login in ("bea", "tim", "nobody"):
                before = newest_seq(staffed)
                result = run("outbox", command, *rest, "--operator", login, "--json", "--data", str(staffed))
                assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (35, "not-allowed")
                assert newest_seq(staffed) == before, "no event may be journaled"
        for login, name in (("tess", first), ("sam", second)):
            done = run("outbox", "discard", name, "--reason", "sold", "--operator", login, "--data", str(staffed))
            assert done.exit_code == 0, done.output
            assert newest(staffed).operator not in ("", login), "the journal must have an id, never a name"


def newest_seq(data: Path) -> int:
    return Queries(data / JOURNAL, SystemClock()).events()[-1].seq


def test_who_has_left_decides_nothing_and_anybody_may_try_again(staffed: Path) -> None:
    first = ids(staffed)[0]
    assert (
        run("people", "leave", "tess", "--reason", "moved", "--operator", "sam", "--data", str(staffed)).exit_code == 0
    )
    result = run("outbox", "discard", first, "--reason", "x", "--operator", "tess", "--json", "--data", str(staffed))
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (35, "worker-gone")
    assert run("outbox", "retry", first, "--data", str(staffed)).exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("show", "x"),
        ("retry", "x"),
        ("retry", "--all"),
        ("discard", "x", "--reason", "y", "--operator", "z"),
    ],
    ids=lambda one: "-".join(one[:2]),
)
def test_where_no_station_has_worked_that_is_said_and_nothing_is_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n')
    result = run("outbox", *words, "--json", "--data", str(tmp_path))
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (50, "journal-missing")
    assert "cannot save" not in result.output
    assert not (tmp_path / JOURNAL).exists()


def test_a_decision_over_the_wire_is_cleaned_and_refused_where_it_is_none() -> None:
    line = b'{"version": 4, "decide": {"delivery": "x", "decision": "discard", "operator": "a\\u001bn", "reason": "r\\u0007"}}'
    told = wire.decode_request(line).decide
    assert told is not None
    assert (told.operator, told.reason) == ("an", "r")
    for bad in (
        b'{"version": 4, "decide": {"delivery": "x", "decision": "burn", "operator": "a"}}',
        b'{"version": 4, "decide": {}}',
    ):
        with pytest.raises(wire.BadLine):
            wire.decode_request(bad)


def test_sync_check_of_the_results_file(data: Path) -> None:
    result = run("sync", "check", "--data", str(data))
    assert (result.exit_code, "file: all 1 good" in result.stdout) == (0, True)
    assert json.loads(run("sync", "check", "--json", "--data", str(data)).stdout)["good"] is True
    assert run("sync", "check", "koha", "--data", str(data)).exit_code == 2


def test_sync_check_of_a_system_that_is_not_there(data: Path) -> None:
    """No key and no server: one page that reports it, exit code 1, and no secret in it."""
    (data / "credentials").mkdir()
    key = data / "credentials" / "alma"
    key.write_text("l8xxCANARY")
    key.chmod(0o600)
    (data / "station.toml").write_text(
        '[library]\nisil = "US-XxExmp"\n[delivery.file]\nenabled = false\n'
        '[delivery.alma]\nenabled = true\nbase_url = "http://127.0.0.1:9"\n'
    )
    result = run("sync", "check", "--data", str(data))
    assert result.exit_code == 1
    assert "BAD" in result.stdout
    assert "to do:" in result.stdout
    assert "CANARY" not in result.stdout
    (data / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n[delivery.file]\nenabled = false\n')
    result = run("sync", "check", "--data", str(data))
    assert (result.exit_code, "no library system is configured" in result.stdout) == (1, True)


def test_a_page_has_eighty_columns(data: Path) -> None:
    """Long text is wrapped under its row. Only ids and text that the user must copy exactly are never broken."""
    store = open_store(data / JOURNAL, SystemClock())
    try:
        waits = ids(data)[1]
        store.outbox.lease(waits)
        store.outbox.settle(
            waits, DeliveryState.DEFERRED, Sentence.verbatim("the library system said no, and why at length " * 6)
        )
    finally:
        store.close()
    listed = run("outbox", "list", "--data", str(data)).stdout.splitlines()
    shown = run("outbox", "show", waits, "--data", str(data)).stdout.splitlines()
    assert max(map(len, (*listed, *shown))) <= 80
    assert len([line for line in listed if line.startswith("    ")]) > 6
    assert " ".join(line.strip() for line in shown).count("and why at length") == 6


def test_a_key_that_is_not_there_is_what_there_is_to_do(data: Path) -> None:
    """The report must not mention the rights of a key, because none were checked."""
    (data / "station.toml").write_text(
        '[delivery.alma]\nenabled = true\nbase_url = "http://127.0.0.1:9"\n[delivery.file]\nenabled = false\n'
    )
    result = run("sync", "check", "--data", str(data))
    told = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "no key: neither a systemd credential" in told
    assert "to do: Put the key into the systemd credential alma" in told
    assert "Bibs" not in told
    kept = data / "credentials" / "alma"
    kept.parent.mkdir(mode=0o700)
    kept.write_text("key")
    kept.chmod(0o600)
    assert "Put the key" not in run("sync", "check", "--data", str(data)).stdout
