"""What every event is; the events themselves stand in `events`, `pad_events` and `sampled`."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events."""
