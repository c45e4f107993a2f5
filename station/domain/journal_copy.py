"""Events of a bench's journal on their way to the center, which keeps exact copies, and back to a new machine."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

_NO_NUL = "^[^\\x00]*$"  # PostgreSQL stores no text with U+0000
Name = Annotated[str, Meta(max_length=200, pattern=_NO_NUL)]
JournalId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Number = Annotated[int, Meta(ge=0, le=2**62)]


class CopiedDelivery(msgspec.Struct, frozen=True, array_like=True):
    """What the outbox needs to make a delivery again. The chain holds only the digest of system, lane and intent."""

    system: Name
    place: Annotated[int, Meta(ge=0, le=100_000)]
    lane: Name
    intent: bytes
    not_before: Name


class CopiedEvent(msgspec.Struct, frozen=True, array_like=True):
    """An event with its whole payload. Its number follows from its place in the batch."""

    at: Name
    kind: Name
    payload: bytes
    hash: Hash
    deliveries: tuple[CopiedDelivery, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of payload and intents."""
        return len(self.payload) + sum(len(delivery.intent) for delivery in self.deliveries)


class Place(msgspec.Struct, frozen=True, array_like=True):
    """An event of a journal: journal id, number, hash. Number 0 = the journal's beginning."""

    journal: JournalId
    seq: Number
    hash: Hash


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Consecutive events."""

    after: Place
    """The event before the first one, as the sender has it."""
    events: tuple[CopiedEvent, ...]
    machine: Annotated[bytes, Meta(max_length=32)] = b""
    """Digest of the machine and of the journal's file; empty = not stated."""


Timelines = tuple[Place, ...]
"""The timelines of a bench that its journal consists of, the newest first, each with its last event in the journal."""


class Received(msgspec.Struct, frozen=True):
    """The center's answer to a batch."""

    outcome: str
    """"taken", or why the first event that was not taken was refused: "gap" (the events before it are missing), or
    "fork", "foreign", "hash", "timeline", whose events are in quarantine; or "moved": the center knows this bench on
    another machine, or with another journal file."""
    head: Place
    """The center's newest event of this bench."""


class JoinRequest(msgspec.Struct, frozen=True):
    """A bench that uses an invitation."""

    code: Name
    journal: JournalId
    """Random id with which its journal was made; empty journals on a new machine have one, too."""
    name: Annotated[str, Meta(max_length=100, pattern=_NO_NUL)]
    key_digest: Hash
    newest: Annotated[str, Meta(pattern="^([0-9a-f]{16})?$")] = ""
    """Newest journal id of a bench that asks to be adopted: its journal is the continued copy of another bench's. "" = the
    bench joins."""


class Joined(msgspec.Struct, frozen=True):
    """The center's answer to it."""

    outcome: str
    """"joined", "no-code", "known" (the journal belongs to a bench already; for a bench that asks to be adopted: it has not
    been continued), or "unknown" (no bench has a part of the journal of one that asks to be adopted)."""
    bench: str = ""
