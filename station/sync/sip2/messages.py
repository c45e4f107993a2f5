"""The SIP2 messages that the station uses, as a table, and their codes.

Widths of the fixed parts and the required fields: docs/reference/systems.md#sip2-messages (read off the tables of PyPI
pysip2 0.1.0). Codes: docs/reference/systems.md#sip2-codes. `!` there = `required` here; it applies to sent messages.
Received messages are read by their tags, whatever is missing or added, since servers differ
(docs/reference/systems.md#sip2-servers).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

DATE_WIDTH: Final = 18
"""`YYYYMMDDZZZZHHMMSS`; four blanks for the zone mean local time."""


class Layout(msgspec.Struct, frozen=True):
    """One message: its two-digit code, name, fixed part in order (name, characters), required tags, reply."""

    code: str
    name: str
    fixed: tuple[tuple[str, int], ...] = ()
    required: tuple[str, ...] = ()
    reply: str = ""
    changes: bool = False
    """True if it changes something at the library system. Such a message is never sent twice without looking."""

    @property
    def width(self) -> int:
        """Characters of the fixed part."""
        return sum(size for _, size in self.fixed)


_DATE: Final = ("transaction_date", DATE_WIDTH)

LAYOUTS: Final[dict[str, Layout]] = {
    layout.code: layout
    for layout in (
        Layout("93", "Login", (("uid_algorithm", 1), ("password_algorithm", 1)), ("CN", "CO"), reply="94"),
        Layout("94", "Login Response", (("ok", 1),)),
        Layout("99", "SC Status", (("status_code", 1), ("max_print_width", 3), ("version", 4)), reply="98"),
        Layout(
            "98",
            "ACS Status",
            (
                ("online", 1),
                ("checkin", 1),
                ("checkout", 1),
                ("renewal", 1),
                ("status_update", 1),
                ("offline", 1),
                ("timeout", 3),
                ("retries", 3),
                ("date_time_sync", DATE_WIDTH),
                ("version", 4),
            ),
            ("AO", "BX"),
        ),
        Layout("17", "Item Information", (_DATE,), ("AO", "AB"), reply="18"),
        Layout(
            "18",
            "Item Information Response",
            (("circulation_status", 2), ("security_marker", 2), ("fee_type", 2), _DATE),
            ("AB", "AJ"),
        ),
        Layout("19", "Item Status Update", (_DATE,), ("AO", "AB", "CH"), reply="20", changes=True),
        Layout("20", "Item Status Update Response", (("ok", 1), _DATE), ("AB",)),
        Layout(
            "09",
            "Checkin",
            (("no_block", 1), _DATE, ("return_date", DATE_WIDTH)),
            ("AP", "AO", "AB", "AC"),
            reply="10",
            changes=True,
        ),
        Layout(
            "10",
            "Checkin Response",
            (("ok", 1), ("resensitize", 1), ("magnetic_media", 1), ("alert", 1), _DATE),
            ("AO", "AB", "AQ"),
        ),
        Layout("97", "Request ACS Resend"),
        Layout("96", "Request SC Resend"),
    )
}

PERSONAL: Final = frozenset({"AA", "AD", "AE", "BD", "BE", "BF", "CY", "DA", "XI"})
"""Tags with a patron's data. They are dropped on reading, so that no later code can store them."""

BX_ORDER: Final = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")
"""The message of each flag of BX (docs/reference/systems.md#sip2-messages, checked there by two servers' output)."""


class CirculationStatus(StrEnum):
    """Circulation status of an 18 (docs/reference/systems.md#sip2-codes)."""

    OTHER = "01"
    ON_ORDER = "02"
    AVAILABLE = "03"
    CHARGED = "04"
    CHARGED_NO_RECALL = "05"
    IN_PROCESS = "06"
    RECALLED = "07"
    HOLD_SHELF = "08"
    TO_RESHELVE = "09"
    IN_TRANSIT = "10"
    CLAIMED_RETURNED = "11"
    LOST = "12"
    MISSING = "13"


CIRCULATION_WORDS: Final = {
    CirculationStatus.OTHER: "other or unknown",
    CirculationStatus.ON_ORDER: "on order",
    CirculationStatus.AVAILABLE: "available",
    CirculationStatus.CHARGED: "on loan",
    CirculationStatus.CHARGED_NO_RECALL: "on loan, no recall before the due date",
    CirculationStatus.IN_PROCESS: "in process",
    CirculationStatus.RECALLED: "recalled",
    CirculationStatus.HOLD_SHELF: "waiting on the hold shelf",
    CirculationStatus.TO_RESHELVE: "to be re-shelved",
    CirculationStatus.IN_TRANSIT: "in transit",
    CirculationStatus.CLAIMED_RETURNED: "claimed returned",
    CirculationStatus.LOST: "lost",
    CirculationStatus.MISSING: "missing",
}

MEDIA: Final = {
    "000": "",
    "001": "book",
    "002": "",
    "003": "",
    "004": "audiobook",
    "005": "dvd",
    "006": "",
    "007": "software",
    "008": "kit",
    "009": "kit",
    "010": "kit",
}
"""CK media type -> `ItemRecord.material`, if there is an equivalent. There is no value for DVD (005 is video tape and
is what servers send for it; recollection), and none that distinguishes a music CD from a CD-ROM (006): those stay
open."""


def supports(bx: str, code: str) -> bool | None:
    """Return whether the server offers message `code`, by its BX; None if BX is too short."""
    place = BX_ORDER.index(code)
    if place >= len(bx):
        return None
    return bx[place] in "Yy"
