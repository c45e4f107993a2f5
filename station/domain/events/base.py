"""Fields common to all events."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events."""

    operator: str = ""
    """Id of the worker, or the name of an operator who is not registered; `domain.people.sign_on.MACHINE` for what the
    station did without a person, `domain.people.sign_on.NOBODY` for what happened while no one was signed on. "" in old
    journals only."""
    authorised: str = ""
    """The worker who lent a right; "" = the operator's own rights sufficed."""
    via: str = ""
    """The face that the operator used: "office"; "" = screen, command line, or no person."""
