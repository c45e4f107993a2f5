"""What a bench tells the center every `BEAT_S` seconds: only what its journal does not say."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from station.domain.reader_health import ReaderHealth, advice
from station.domain.snapshot import Snapshot

BEAT_S: Final = 30.0
"""Seconds between two heartbeats."""
Code = Annotated[str, Meta(max_length=64, pattern="^[^\\x00]*$")]
"""A code, an id or a time. PostgreSQL stores no text with U+0000."""
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """How a bench is. The center keeps the newest as a JSON object in the column `snapshot` of the bench, whose keys are
    these names; its column `seen` is when it arrived. All texts are hostile, and none is a sentence. A key may be
    missing: an earlier version of a bench does not send it."""

    at: Code = ""
    """Time by the bench's clock, ISO 8601 UTC. Compared with the column `seen` it shows a wrong clock."""
    version: Code = ""
    """The station's version."""
    rules: Code = ""
    """SHA-256 over the quality rules in force, hexadecimal, as in the event `rules-in-force`."""
    worker: Code = ""
    """The operator as the bench's journal knows them: an id (`w-...`) or a name that is not registered; "" = nobody."""
    workflow: Code = ""
    """`domain.workflows.Workflow`."""
    state: Code = ""
    """Name of the next required action (`domain.signals.STATES`); "stopped" = stopped by `fault`."""
    fault: Code = ""
    """Code of the error that stops the bench; "" = none."""
    today: Count = 0
    """Items judged since midnight of the bench's local time."""
    hour: Count = 0
    """Items judged in the last 60 minutes: the pace."""
    reader_ready: bool = False
    reader: Code = ""
    """Code of the error that keeps the reader away; "" = none, or it starts."""
    advice: Annotated[tuple[Code, ...], Meta(max_length=10)] = ()
    """What is notable about the reader: X of the sentence `health.X` (`lost`, `garbled`, `silent`, `stray`,
    `tags-silent`, `collisions`, `slow`). Only what is bad."""
    link: Code = ""
    """Why a person must look at the link: "older" (the center has more of this journal), or why the center refuses the
    journal (`Received.outcome`); "" = nothing is wrong."""
    parked: Count = 0
    """Deliveries that wait for a person."""
    unsent: Count = 0
    """Events that the center has not acknowledged."""
    unsent_since: Code = ""
    """Time of the oldest of them, ISO 8601 UTC; "" = none."""


Machine = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""Digest of the machine and of the journal's file."""


class Beat(msgspec.Struct, frozen=True, array_like=True):
    """A heartbeat on its way."""

    machine: Machine
    heartbeat: Heartbeat


class Move(msgspec.Struct, frozen=True, array_like=True):
    """A person says that the bench is on this machine now, and that no other one has its journal."""

    machine: Machine


class Heard(msgspec.Struct, frozen=True):
    """The center's answer to it."""

    outcome: str
    """"taken", or "moved": the center knows this bench on another machine, or with another journal file."""


def heartbeat(snapshot: Snapshot, health: ReaderHealth | None, at: str, version: str, rules: str) -> Heartbeat:
    """Return how a bench is, without what only its link knows."""
    lately = snapshot.lately
    return Heartbeat(
        at=at,
        version=version[:64],
        rules=rules,
        worker=snapshot.worker[:64],
        workflow=snapshot.workflow.value,
        state=snapshot.state,
        fault="" if snapshot.fault is None else snapshot.fault.code,
        today=lately.today,
        hour=lately.hour,
        reader_ready=snapshot.reader_ready,
        reader=snapshot.reader_code,
        advice=() if health is None else tuple(fact.key for fact in advice(health) if fact.bad),
        parked=snapshot.outbox_parked,
    )
