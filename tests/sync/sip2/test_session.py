"""The session against the emulated server, one misbehaviour of the table (docs/reference/systems.md#sip2-servers and
#sip2-reports) after the other."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import CredentialsRefused, InDoubt, StationError, Unreachable
from station.sync.sip2.codec import Message
from station.sync.sip2.connection import Connector
from station.sync.sip2.session import Session, Terms
from tests.support.controlled_emulator import controlled
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told, told

ITEM = "31234000000017"
ITEMS = {
    ITEM: {"title": "Führer für Gäste", "status": "06", "call_number": "QA76 .S5 2020", "media": "001"},
    "31234000000025": {"title": "Kind of blue", "status": "03", "media": "006"},
}


class Bed:
    """One emulator and the sessions to it."""

    def __init__(self, folder: Path) -> None:
        (folder / "items.json").write_text(json.dumps(ITEMS))
        self.emulator = controlled(
            "library_systems.sip2",
            ["--items", str(folder / "items.json"), "--control", str(folder / "control"), "--password", "s3cret"],
            folder / "log",
        )
        self.sessions: list[Session] = []

    def session(self, password: str = "s3cret", **terms: object) -> Session:
        connect = Connector("127.0.0.1", int(self.emulator.ready["port"]), "none")
        given = {"institution": "MAIN", "user": "station", "timeout_s": 20.0, **terms}
        made = Session(connect, Terms(**given), SystemClock(), lambda: Secret(password), connect.place)  # type: ignore[arg-type]
        self.sessions.append(made)
        return made

    def next(self, what: str, n: int = 1, only: str = "") -> None:
        self.emulator.call("next", what=what, n=n, only=only)

    def set(self, name: str, value: object) -> None:
        self.emulator.call("set", name=name, value=value)

    @property
    def effects(self) -> list[dict[str, object]]:
        return list(self.emulator.call("log")["log"])

    @property
    def wire(self) -> list[bytes]:
        return [bytes.fromhex(line) for line in self.emulator.call("wire")["wire"]]


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    made = Bed(tmp_path)
    yield made
    for session in made.sessions:
        session.close()
    made.emulator.stop()


def item(session: Session, barcode: str = ITEM) -> Message:
    return session.ask("17", {"transaction_date": session.now()}, (("AO", "MAIN"), ("AB", barcode)))


def check_in(session: Session, barcode: str = ITEM) -> Message:
    now = session.now()
    fixed = {"no_block": "N", "transaction_date": now, "return_date": now}
    return session.change("09", fixed, (("AP", "TS"), ("AO", "MAIN"), ("AB", barcode), ("AC", "")))


def test_log_in_status_item_checkin(bed: Bed) -> None:
    session = bed.session()
    answer = item(session)
    assert answer.first("AJ") == "Führer für Gäste" and answer.fixed["circulation_status"] == "06"
    assert [line[:2] for line in bed.wire] == [b"93", b"99", b"17"]
    status = session.status
    assert status is not None and status.institution == "MAIN" and status.library == "Main Library"
    assert status.timeout_s == 1.0 and status.retries == 3  # 010 tenths, 003
    assert check_in(session).fixed["ok"] == "1"
    assert bed.effects == [{"what": "checkin", "barcode": ITEM, "before": "06", "after": "03"}]


def test_sequence_numbers_run_round(bed: Bed) -> None:
    session = bed.session()
    for _ in range(12):
        item(session)
    sent = [line[line.rindex(b"AY") + 2 : line.rindex(b"AY") + 3] for line in bed.wire]
    assert sent == [b"%d" % ((n + 1) % 10) for n in range(14)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prefix", "0a"),
        ("prefix", "000a00"),
        ("end", "0d0a"),
        ("pieces", 1),
        ("trailer", "never"),
        ("sum", "code-points"),
        ("charset", "cp850"),
        ("check", False),
    ],
)
def test_servers_that_are_merely_odd(bed: Bed, name: str, value: object) -> None:
    bed.set(name, value)
    session = bed.session()
    for _ in range(3):
        assert item(session).first("AJ") == "Führer für Gäste"
    assert check_in(session).fixed["ok"] == "1"
    assert len(bed.effects) == 1


def test_a_server_without_trailers_is_spoken_to_without_them(bed: Bed) -> None:
    """SIP2Mediator passes the station's trailer on as a field AY, so the station omits it after the server's first
    answer."""
    bed.set("trailer", "never")
    item(bed.session())
    assert [b"AZ" in line for line in bed.wire] == [True, False, False]


def test_accents_dropped_by_the_server(bed: Bed) -> None:
    bed.set("charset", "ascii")
    assert item(bed.session()).first("AJ") == "Fhrer fr Gste"


def test_az_alone_without_error_detection(bed: Bed) -> None:
    """invenio-sip2: `AZ` without digits when the request had no trailer."""
    bed.set("trailer", "az-alone")
    bed.set("strip-last-delimiter", True)
    session = bed.session(error_detection=False)
    assert item(session).first("AJ") == "Führer für Gäste"
    assert all(b"AY" not in line for line in bed.wire)


QUESTIONS = [
    "silence", "late", "close-before", "close-after", "resend", "wrong-checksum", "garbage", "other-message",
    "no-cr", "half", "huge", "stale-first",
]  # fmt: skip


def patient(bed: Bed, what: str) -> Session:
    """Return a session with a long wait, or a short one for an answer that never comes, or comes later than that."""
    bed.set("late-s", 1.6)
    return bed.session(timeout_s=1.0 if what in ("silence", "no-cr", "late") else 20.0)


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_question_survives(bed: Bed, what: str) -> None:
    session = patient(bed, what)
    item(session)
    bed.next(what)
    answer = item(session)
    assert (answer.code, answer.first("AB"), answer.first("AJ")) == ("18", ITEM, "Führer für Gäste")
    assert item(session, "31234000000025").first("AJ") == "Kind of blue"  # and no old data is left on the connection


CLEAN = {"resend", "wrong-checksum", "stale-first"}
"""The server or the protocol itself resolves these."""
BEFORE = {"silence", "close-before", "garbage"}
"""No effect occurred, though the station cannot know."""


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_change_is_never_sent_twice(bed: Bed, what: str) -> None:
    session = patient(bed, what)
    item(session)
    bed.next(what)
    if what in CLEAN:
        assert check_in(session).fixed["ok"] == "1"
    else:
        with raises_told(InDoubt, match="Checkin was sent"):
            check_in(session)
    assert len(bed.effects) == (0 if what in BEFORE else 1)
    assert sum(line[:2] == b"09" for line in bed.wire) == (2 if what == "resend" else 1)
    assert item(session).first("AB") == ITEM


def test_the_same_bytes_again_when_asked(bed: Bed) -> None:
    session = bed.session()
    item(session)
    bed.next("resend", 2)
    check_in(session)
    sent = [line for line in bed.wire if line[:2] == b"09"]
    assert len(sent) == 3 and len(set(sent)) == 1


def test_a_server_that_never_takes_our_checksum(bed: Bed) -> None:
    session = bed.session()
    item(session)
    bed.next("resend", 50)
    with raises_told(Unreachable, match="does not accept our checksum"):
        item(session)


def test_text_none_without_an_end(bed: Bed) -> None:
    """invenio-sip2 writes the text `None`, without CR, for an unknown item."""
    bed.set("unknown-item", "none")
    with raises_told(Unreachable, match="4 bytes came, but no end"):
        item(bed.session(timeout_s=1.0), "39999000000000")


def test_wrong_password(bed: Bed) -> None:
    with raises_told(CredentialsRefused, match="refuses the log-in of 'station'") as caught:
        item(bed.session("wrong"))
    assert "wrong" not in told(caught.value.coded_detail)


def test_off_line(bed: Bed) -> None:
    bed.set("online", "N")
    with raises_told(Unreachable, match="off-line"):
        item(bed.session())
    bed.set("online", "Y")
    bed.set("timeout", "000")
    with raises_told(Unreachable, match="off-line"):
        item(bed.session())


def test_down_and_up_logs_in_again(bed: Bed) -> None:
    session = bed.session()
    item(session)
    bed.emulator.call("down")
    with pytest.raises(Unreachable):
        item(session)
    bed.emulator.call("up")
    assert item(session).first("AB") == ITEM
    assert [line[:2] for line in bed.wire].count(b"93") == 2


def test_a_connection_that_died_while_idle_is_found_before_a_change(bed: Bed) -> None:
    session = bed.session()
    item(session)
    bed.emulator.call("down")
    bed.emulator.call("up")
    assert check_in(session).fixed["ok"] == "1"
    assert len(bed.effects) == 1


def test_two_threads_take_turns(bed: Bed) -> None:
    """No pipelining: every answer belongs to its question."""
    session = bed.session()
    wrong: list[object] = []

    def ask(barcode: str) -> None:
        try:
            wrong.extend(found for found in (item(session, barcode).first("AB") for _ in range(20)) if found != barcode)
        except StationError as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(barcode,)) for barcode in ITEMS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert wrong == []
