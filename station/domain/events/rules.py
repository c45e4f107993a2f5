"""The quality rules that decide verdicts."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.findings import RuleText


class RulesInForce(Event, frozen=True, kw_only=True, tag="rules-in-force"):
    """The rules under which findings are journaled from this event on; recorded before the first finding under them."""

    digest: str
    """SHA-256 over all rules of the station, hexadecimal; as in `RulesAccepted`."""
    day: str
    """The first day (ISO 8601) on which a finding was journaled under them."""
    rules: tuple[RuleText, ...]
    """The rules in force on that day, in order."""
