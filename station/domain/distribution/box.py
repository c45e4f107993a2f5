"""A box to a site as it stands."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec


class BoxState(StrEnum):
    OPEN = "open"
    """Items are put in."""
    CLOSED = "closed"
    """It is ready to leave, or on its way."""
    RECEIVED = "received"
    """The site has it."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place to which boxes go."""

    code: str
    name: str = ""
    """In large letters on screen and label; "" = the code."""
    libraries: tuple[str, ...] = ()
    """Codes of the libraries that it serves."""
    slip: bool = False
    """True if the site wants a slip in each item."""
    days: int = 0
    """Days after its closing in which a box must be received."""

    @property
    def heading(self) -> str:
        return self.name or self.code

    def is_same(self, other: Site) -> bool:
        """Return whether both have the same code, in whatever case."""
        return self.code.strip().casefold() == other.code.strip().casefold()


class PackedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item in a box."""

    barcode: str
    title: str = ""
    call_number: str = ""
    library: str = ""
    """Code of the library that it is for."""
    at: str = ""
    """ISO 8601, UTC."""
    by: str = ""
    """Id of the person who packed it."""
    missing: bool = False
    """True if the site received the box without it, and it was not found since."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A box."""

    id: str
    site: str
    """Code of the site."""
    state: BoxState
    count: int
    """Items in it, also those that are missing."""
    missing: int = 0
    """Items that the site did not find, and that were not found since."""
    opened_at: str
    """ISO 8601, UTC; of a box that was opened again: the newest opening."""
    closed_at: str = ""
    """"" = not closed since the newest opening."""
    closed_on: str = ""
    """Local date of the closing, ISO 8601."""
    due: str = ""
    """ISO 8601 date on which the site should have it; "" = it was not closed, or its site has no limit."""
    received_at: str = ""
    reason: str = ""
    """Why it was opened again; "" = it never was."""
    newest: int
    """Number of the newest event about it."""

    def is_overdue(self, today: str) -> bool:
        """Return True if it was closed, the site has not received it, and the due date has passed."""
        return self.state is BoxState.CLOSED and "" < self.due < today


_SCANNED: Final = re.compile(r"box-[1-9][0-9]{0,15}", re.IGNORECASE)


def box_scanned(text: str) -> str:
    """Return the id of the box whose label was scanned; "" = the text is no label of a box."""
    text = text.strip()
    return text.lower() if _SCANNED.fullmatch(text) else ""


def box_number(ident: str) -> str:
    """Return the number of a box for people, by its id."""
    return ident.removeprefix("box-")


def box_id(seq: int) -> str:
    """Return the id of the box that the event with this number opened."""
    return f"box-{seq}"
