"""The benches' journals at the center, through the functions that the role `station_receiver` may call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Final

import msgspec

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.domain.heartbeat import Beat, Heard, Move
from station.domain.journal_copy import (
    Batch,
    CopiedDelivery,
    CopiedEvent,
    Joined,
    JoinRequest,
    Place,
    Received,
    Timelines,
)
from station.domain.tags_elsewhere import GoneTag, HeldTag, SecondTag, SecondTags, TagQuestion, TagsElsewhere
from station.store.postgres.connection import Connection, connect, translated

_RECEIVE: Final = """SELECT outcome, head_journal, head_seq, head FROM receive_events(
    %s, %s, %s, %s, %s::text[], %s::text[], %s::bytea[], %s::bytea[],
    %s::bigint[], %s::text[], %s::integer[], %s::text[], %s::bytea[], %s::text[], %s)"""


class Copies:
    """Each call is one transaction, on a connection that no other call uses meanwhile. For several threads."""

    def __init__(self, address: str) -> None:
        """`address`: of libpq, for the role `station_receiver`."""
        self._address = address
        self._idle: LifoQueue[Connection] = LifoQueue()

    def key_digest(self, bench: str) -> bytes | None:
        """Return the SHA-256 of the bench's key; None for an unknown bench. Raises `StoreError`, as all calls."""
        with self._connection() as connection:
            row = connection.execute("SELECT key_digest_of(%s)", (bench,)).fetchone()
        return None if row is None or row[0] is None else bytes(row[0])

    def join(self, request: JoinRequest, code_digest: bytes) -> Joined:
        """Use an invitation."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT outcome, joined FROM join_bench(%s, %s, %s, %s, %s)",
                (code_digest, request.journal, request.newest, request.name, request.key_digest),
            ).fetchone()
        assert row is not None
        return Joined(row[0], row[1] or "")

    def path(self, bench: str) -> Timelines:
        """Return the timelines of the bench, the newest first, each with its last event."""
        with self._connection() as connection:
            rows = connection.execute("SELECT journal, seq, hash FROM path_of(%s)", (bench,)).fetchall()
        return tuple(Place(journal, seq, bytes(value)) for journal, seq, value in rows)

    def receive(self, bench: str, batch: Batch) -> Received:
        """Take the events of a batch, up to the first that does not follow from the one before it."""
        after, events = batch.after, batch.events
        sent = [
            (after.seq + place, delivery)
            for place, event in enumerate(events, start=1)
            for delivery in event.deliveries
        ]
        parameters = (
            *(bench, after.journal, after.seq, after.hash),
            [event.at for event in events],
            [event.kind for event in events],
            [event.payload for event in events],
            [event.hash for event in events],
            [number for number, _ in sent],
            [delivery.system for _, delivery in sent],
            [delivery.place for _, delivery in sent],
            [delivery.lane for _, delivery in sent],
            [delivery.intent for _, delivery in sent],
            [delivery.not_before for _, delivery in sent],
            batch.machine,
        )
        with self._connection() as connection:
            row = connection.execute(_RECEIVE, parameters, binary=True).fetchone()
        assert row is not None
        return Received(row[0], Place(row[1], row[2], bytes(row[3])))

    def heard_of(self, bench: str, beat: Beat) -> Heard:
        """Keep how the bench is."""
        snapshot = msgspec.json.encode(beat.heartbeat).decode()
        with self._connection() as connection:
            row = connection.execute("SELECT heard_of(%s, %s, %s)", (bench, beat.machine, snapshot)).fetchone()
        assert row is not None
        return Heard(row[0])

    def refused_request(self, bench: str) -> None:
        """Write down that a request of the bench was refused before it was decoded."""
        with self._connection() as connection:
            connection.execute("SELECT refused_request(%s)", (bench,))

    def move(self, bench: str, move: Move) -> Heard:
        """Know the bench on another machine from now on."""
        with self._connection() as connection:
            connection.execute("SELECT move_bench(%s, %s)", (bench, move.machine))
        return Heard("taken")

    def leave(self, bench: str, move: Move) -> Heard:
        """End the bench's key, unless it is known on another machine."""
        with self._connection() as connection:
            row = connection.execute("SELECT leave_bench(%s, %s)", (bench, move.machine)).fetchone()
        assert row is not None
        return Heard(row[0])

    def events(self, bench: str, after: int) -> tuple[CopiedEvent, ...]:
        """Return the bench's next events after a number, for a new machine; () at the end."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            rows = connection.execute(
                "SELECT seq, at, kind, payload, hash FROM copied_events(%s, %s)", (bench, after)
            ).fetchall()
            deliveries: dict[int, list[CopiedDelivery]] = {seq: [] for seq, *_ in rows}
            if rows:
                bounds = (bench, rows[0][0], rows[-1][0])
                for seq, system, place, lane, intent, not_before in connection.execute(
                    "SELECT seq, system, place, lane, intent, not_before FROM copied_deliveries(%s, %s, %s)", bounds
                ):
                    deliveries[seq].append(CopiedDelivery(system, place, lane, bytes(intent), not_before))
        return tuple(
            CopiedEvent(at, kind, bytes(payload), bytes(value), tuple(deliveries[seq]))
            for seq, at, kind, payload, value in rows
        )

    def tags(self, bench: str, question: TagQuestion) -> TagsElsewhere:
        """Return what other benches know of an item or a tag. Raises `StoreError` also while the ledger is made again."""
        with self._connection() as connection:
            place = connection.execute("SELECT journal, seq FROM ledger_place_of(%s)", (bench,)).fetchone()
            if place is None:
                raise StoreError(Sentence("store.ledger-made"))
            rows = connection.execute(
                "SELECT held, uid, barcode, part, parts, bench, at FROM tags_elsewhere(%s, %s, %s)",
                (bench, question.barcode, question.uid),
            ).fetchall()
        return TagsElsewhere(
            journal=place[0],
            seq=place[1],
            held=tuple(HeldTag(*row) for held, *row in rows if held),
            gone=tuple(GoneTag(*row[:3]) for held, *row in rows if not held),
        )

    def second_tags(self, bench: str) -> SecondTags:
        """Return the second tags that this bench wrote."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT uid, barcode, part, other_uid, bench, at FROM second_tags_of(%s)", (bench,)
            ).fetchall()
        return tuple(SecondTag(*row) for row in rows)

    def close(self) -> None:
        """Close the connections that no call uses."""
        while (connection := self._next_idle()) is not None:
            connection.close()

    def _next_idle(self) -> Connection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        connection = self._next_idle()
        if connection is None or connection.closed:
            connection = connect(self._address)
        try:
            with translated():
                yield connection
        finally:
            if not connection.closed:  # psycopg closes a connection that the server has ended
                self._idle.put(connection)
