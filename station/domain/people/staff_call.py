"""A worker's call for staff: raised at the bench, shown there and on the status board until it is lowered."""

from __future__ import annotations

import msgspec


class StaffCall(msgspec.Struct, frozen=True, kw_only=True):
    """An open call."""

    at: str
    """ISO 8601, UTC."""
    bench: str
    worker: str
    """The caller's id, or the name of a person who is not registered."""
    title: str = ""
    """Title of the item in hand; "" = none."""
