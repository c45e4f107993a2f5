"""Bad input from one bench harms no other bench, and is shown at the center."""

from __future__ import annotations

import asyncio
import http.client
import random
import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple, cast

import msgspec
import pytest
from starlette.requests import Request

from station.base.clock import SystemClock
from station.domain.journal_copy import Batch, CopiedDelivery, CopiedEvent, Place
from station.fleet import receive
from station.fleet.paths import EVENTS, HEAD, HEARTBEAT, TAGS
from station.fleet.projector import Projector
from station.fleet.server import OF_ADDRESS
from station.fleet.turns import MOST, MOST_UNREADABLE, TooMany, Turns
from station.fleet.wire import MOST_BYTES, MOST_EVENTS, encode
from station.store.database.database import open_reader
from station.store.database.event_hash import event_hash
from station.store.journal.hash_chain import journal_id
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.goals import put
from station.store.postgres.sql import PostgresSql
from station.store.postgres.standing import goals
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_link import code, frame, run, sent
from tests.support.copied_bench import CopiedBench
from tests.support.patience import PATIENCE_S

AT = "2026-12-03T10:00:00.000000+00:00"


class Answered(NamedTuple):
    status: int
    outcome: str
    """Of a batch; "" = none."""


class BadBench:
    """A bench with a key, which sends what no program of ours would send."""

    def __init__(self, center: ServedCenter, folder: Path, other: CopiedBench) -> None:
        self.center = center
        self.other = other
        self.copied = joined(folder, center)
        assert sent(self.copied)[-1] == "current"
        self.key = (folder / "credentials" / "fleet").read_text().strip()
        self.id = self.key.partition(".")[0]

    def ask(self, path: str, body: bytes, method: str = "POST") -> Answered:
        context = ssl.create_default_context(cafile=self.center.ca_file)
        line = http.client.HTTPSConnection("localhost", self.center.port, timeout=PATIENCE_S, context=context)
        with closing(line):
            line.request(method, path, body, {"Authorization": f"Bearer {self.key}"})
            answer = line.getresponse()
            return Answered(answer.status, _outcome(answer.read()) if answer.status == 200 else "")

    def head(self) -> Place:
        with connect(self.center.database) as owner:
            row = owner.execute(
                "SELECT journal, head_seq, head FROM timeline WHERE bench = %s AND current", (self.id,)
            ).fetchone()
        assert row is not None
        return Place(*row)

    def batch(self, *events: CopiedEvent, after: Place | None = None) -> Answered:
        return self.ask(EVENTS, encode(Batch(after or self.head(), events)))

    def chained(self, *events: tuple[str, str, bytes]) -> Answered:
        """Send events with right hashes. Each is a time, a kind and a payload."""
        head = self.head()
        before, made = head.hash, list[CopiedEvent]()
        for seq, (at, kind, payload) in enumerate(events, start=head.seq + 1):
            before = event_hash(before, head.journal, seq, at, kind, b"", payload)
            made.append(CopiedEvent(at, kind, payload, before))
        return self.batch(*made)


def _outcome(body: bytes) -> str:
    answer = msgspec.msgpack.decode(zlib.decompress(body))
    return str(answer.get("outcome", "")) if isinstance(answer, dict) else ""


def joined(folder: Path, center: ServedCenter) -> CopiedBench:
    made = CopiedBench(folder)
    made.work("30001000000010")
    center.settings_of_bench(folder)
    done = run(folder, "fleet", "join", code(center))
    assert done.exit_code == 0, done.output
    return made


EVENT = CopiedEvent(AT, "item-scanned", b"{}", bytes(32))
LATER = msgspec.structs.replace(EVENT, hash=bytes([1]) * 32)
BOMB = zlib.compress(bytes(MOST_BYTES + 1), 9)
WHOLE = frame([["0" * 16, 0, bytes(32)], [[AT, "item-scanned", b"{}", bytes(32)]]])
HOLDING = msgspec.json.encode(
    {
        "attempt": "a",
        "barcode": "30001000000010",
        "kind": "tag-write-verified",
        "part": 1,
        "parts": 1,
        "uid": "E0040100000000AA",
    }
)

UNREAD: list[tuple[str, int, Callable[[BadBench], Answered]]] = [
    ("a body that is too large", 413, lambda bad: bad.ask(EVENTS, bytes(MOST_BYTES + 1))),
    ("a bomb", 400, lambda bad: bad.ask(EVENTS, BOMB)),
    ("a bomb within a bomb", 400, lambda bad: bad.ask(EVENTS, zlib.compress(BOMB))),
    ("a frame that is cut off", 400, lambda bad: bad.ask(EVENTS, WHOLE[:-5])),
    ("bytes after a frame", 400, lambda bad: bad.ask(EVENTS, WHOLE + b"x")),
    ("noise", 400, lambda bad: bad.ask(EVENTS, random.Random(1).randbytes(5000))),
    ("nesting", 400, lambda bad: bad.ask(EVENTS, zlib.compress(b"\x91" * 1_000_000))),
    ("too many events", 400, lambda bad: bad.batch(*[EVENT] * (MOST_EVENTS + 1))),
    ("no events", 400, lambda bad: bad.batch()),
    ("a number below zero", 400, lambda bad: bad.batch(EVENT, after=Place(bad.head().journal, -1, bytes(32)))),
    ("a number beyond 62 bits", 400, lambda bad: bad.batch(EVENT, after=Place(bad.head().journal, 2**63, bytes(32)))),
    ("U+0000", 400, lambda bad: bad.batch(msgspec.structs.replace(EVENT, kind="a\0"))),
    (
        "two deliveries with one id",
        400,
        lambda bad: bad.batch(msgspec.structs.replace(EVENT, deliveries=(CopiedDelivery("a", 0, "", b"", ""),) * 2)),
    ),
    ("a heartbeat that is too large", 413, lambda bad: bad.ask(HEARTBEAT, bytes(10_000))),
    ("a question that is a bomb", 400, lambda bad: bad.ask(TAGS, zlib.compress(bytes(100_000)))),
]  # fmt: skip
REFUSED: list[tuple[str, str, Callable[[BadBench], Answered]]] = [
    ("a wrong hash", "hash", lambda bad: bad.batch(EVENT)),
    ("another past", "fork", lambda bad: bad.batch(LATER, after=Place(bad.head().journal, 1, bytes(32)))),
    (
        "the journal of another bench",
        "foreign",
        lambda bad: bad.batch(EVENT, after=Place(journal_of(bad.other), 0, bytes(32))),
    ),
    ("a timeline that begins nowhere", "timeline", lambda bad: bad.chained((AT, "timeline-began", b'{"journal":1}'))),
    (
        "a timeline with the journal id of another bench",
        "foreign",
        lambda bad: bad.batch(
            CopiedEvent(AT, "timeline-began", began(bad.head(), journal_of(bad.other)), bytes(32)),
        ),
    ),
    ("a timeline in deep brackets", "timeline", lambda bad: bad.chained((AT, "timeline-began", b"[" * 200_000))),
]  # fmt: skip


def journal_of(bench: CopiedBench) -> str:
    with closing(open_reader(bench.path)) as sql:
        return journal_id(sql)


def began(head: Place, journal: str) -> bytes:
    fields = {"journal": journal, "parent": head.journal, "parent_seq": head.seq, "parent_hash": head.hash.hex()}
    return msgspec.json.encode(fields)


class Neighbor:
    """Another bench of the center, which works while the first one sends what is bad."""

    def __init__(self, center: ServedCenter, folder: Path) -> None:
        self.center = center
        self.bench = joined(folder, center)
        self.id = (folder / "credentials" / "fleet").read_text().partition(".")[0]
        self._items = 0

    def works(self) -> None:
        """Work on an item. Check that it arrives, and that the tables have it."""
        self._items += 1
        self.bench.work(f"3000200000{self._items:04}")
        assert sent(self.bench)[-1] == "current"
        with connect(self.center.database) as session:
            path = session.execute(
                "SELECT seq, at, kind, payload, deliveries, hash FROM events WHERE bench = %s ORDER BY seq", (self.id,)
            ).fetchall()
            session.execute("SET ROLE station_projector")
            while Projector(session).run():
                pass
            sql = PostgresSql(session)
            sql.use(self.id)
            judged = sql.execute("SELECT count(*) FROM judgements").fetchone()[0]
            applied = sql.execute("SELECT seq, stopped_seq FROM projected").fetchone()
        assert path == self.bench.rows()
        assert (judged, tuple(applied)) == (self._items + 1, (path[-1][0], None))


@pytest.fixture
def neighbor(center: ServedCenter, tmp_path: Path) -> Neighbor:
    return Neighbor(center, tmp_path / "neighbor")


@pytest.fixture
def bad(center: ServedCenter, tmp_path: Path, neighbor: Neighbor) -> BadBench:
    return BadBench(center, tmp_path / "bad", neighbor.bench)


def shown(center: ServedCenter) -> tuple[dict[str, dict[str, object]], str]:
    """Return what `status` shows of each bench, and what `doctor` finds."""
    (center.data / "station.toml").write_text(f'[fleet]\ndatabase = "{center.database}"\n')
    benches = msgspec.json.decode(run(center.data, "fleet", "status", "--json").output)
    return {bench["bench"]: bench for bench in benches}, run(center.data, "fleet", "doctor").output


def test_what_cannot_be_read_is_refused_counted_and_shown(
    center: ServedCenter, neighbor: Neighbor, bad: BadBench
) -> None:
    for what, status, send in UNREAD:
        assert (what, send(bad)) == (what, Answered(status, ""))
        neighbor.works()

    benches, doctor = shown(center)
    assert (benches[bad.id]["refused"], benches[neighbor.id]["refused"]) == (len(UNREAD), 0)
    assert f"{bad.id} sent {len(UNREAD)} requests that were refused unread" in doctor
    bad.copied.work("30001000000028")
    assert sent(bad.copied)[-1] == "current", "its own events still come"


def test_events_that_do_not_follow_go_to_quarantine_and_are_shown(
    center: ServedCenter, neighbor: Neighbor, bad: BadBench
) -> None:
    for what, outcome, send in REFUSED:
        assert (what, send(bad)) == (what, Answered(200, outcome))
        neighbor.works()

    gap = bad.batch(EVENT, after=Place(bad.head().journal, 2**62, bytes(32)))
    assert gap == Answered(200, "gap"), "events before it are missing: nothing is wrong yet"
    benches, doctor = shown(center)
    assert (benches[bad.id]["quarantine"], benches[neighbor.id]["quarantine"]) == (len(REFUSED), 0)
    assert f"{bad.id} has {len(REFUSED)} events in quarantine" in doctor
    assert benches[bad.id]["events"] == len(bad.copied.rows())


def test_an_event_that_no_program_can_read_stops_the_tables_of_its_bench_only(
    center: ServedCenter, neighbor: Neighbor, bad: BadBench
) -> None:
    stops = bad.head().seq + 1
    assert bad.chained((AT, "item-scanned", b"\xff"), (AT, "no-such-kind", b"{")) == Answered(200, "taken")
    neighbor.works()

    benches, doctor = shown(center)
    assert (benches[bad.id]["stopped"], benches[bad.id]["projected"]) == (stops, stops - 1)
    assert f"Event {stops} of {bad.id} stopped the tables" in doctor
    assert benches[neighbor.id]["stopped"] == 0


@pytest.mark.parametrize(
    "at",
    [
        "1970-01-01T00:00:00.000000+00:00",
        "2099-12-31T23:59:59.000000+00:00",
        "9999-12-31T23:59:59-23:59",
        "zzz",
        "",
        "2",
    ],
)
def test_a_clock_that_is_wrong_by_years_harms_no_other_bench_and_no_page(
    center: ServedCenter, neighbor: Neighbor, bad: BadBench, at: str
) -> None:
    with connect(center.database) as owner:
        put(owner, "Main", "Main", 1000)
    assert bad.chained((at, "tag-write-verified", HOLDING)) == Answered(200, "taken")
    beat = bad.ask(HEARTBEAT, frame([bytes(32), {"at": at}]))
    assert beat.status == 200
    neighbor.works()

    with connect(center.database) as viewer:
        (goal,) = goals(PostgresSql(viewer), SystemClock().now())
    assert (goal.tagged, goal.recent) == (1, 0)
    run(center.data, "fleet", "ledger")
    _, doctor = shown(center)
    if at[:2] in ("19", "20", "99"):
        assert "Another machine" in doctor or f"The clock of {bad.id} is " in doctor


def test_a_flood_is_refused_and_shown(center: ServedCenter, neighbor: Neighbor, bad: BadBench) -> None:
    answers = [bad.ask(EVENTS, b"noise").status for _ in range(MOST_UNREADABLE + 5)]
    assert answers == [400] * MOST_UNREADABLE + [429] * 5
    assert bad.ask(EVENTS, WHOLE).status == 429, "within a minute nothing of it is looked at"
    assert bad.ask(HEAD, b"", "GET").status == 429
    neighbor.works()
    assert bad.ask(TAGS, frame({"barcode": "30001000000010"})).status == 200, "about tags it may still ask"

    benches, doctor = shown(center)
    assert (benches[bad.id]["refused"], benches[neighbor.id]["refused"]) == (MOST_UNREADABLE + 1, 0)
    assert "refused unread" in doctor


def test_connections_that_say_nothing_keep_no_other_site_away(center: ServedCenter, neighbor: Neighbor) -> None:
    context = ssl.create_default_context(cafile=center.ca_file)
    with ExitStack() as opened:
        for _ in range(OF_ADDRESS + 20):
            plain = socket.create_connection(("127.0.0.1", center.port), PATIENCE_S, source_address=("127.0.0.2", 0))
            opened.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
        neighbor.works()


def test_a_bench_has_one_turn_at_a_time_and_a_limited_number_in_a_minute() -> None:
    now = [0.0]
    turns = Turns(lambda: now[0])
    with turns.turn("1"):
        with pytest.raises(TooMany), turns.turn("1"):
            pass
        with turns.turn("2"):
            pass
    reported = []
    for _ in range(MOST + 3):
        try:
            with turns.turn("1"):
                pass
        except TooMany as error:
            reported.append(error.reported)
    assert reported == [False, *[True] * 4]
    with turns.turn("2"):
        pass
    now[0] = 60.0
    with turns.turn("1"):
        pass


def test_a_body_that_does_not_come_ends_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "BODY_S", 0.0)

    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    receiver = receive.Receiver(cast(Copies, None), lambda: 0.0)
    answer = asyncio.run(receiver.join(Request({"type": "http", "headers": []}, never)))
    assert answer.status_code == 408
