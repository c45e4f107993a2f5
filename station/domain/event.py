"""The base of all events. The events themselves are in `domain.events` and `domain.sampling`."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events. Each says whose it is: the id of a worker (or the name of somebody who is not registered),
    `domain.sign_on.MACHINE` for what the station did by itself, `domain.sign_on.NOBODY` for what happened at the bench
    while nobody was signed
    on. "" stands in old journals only."""

    operator: str = ""
    authorised: str = ""
    """Who lent his right to it, where the operator's own did not suffice; "" = it did."""
