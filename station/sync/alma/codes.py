"""Alma's error codes: a table from code to the station's error, a sentence for staff, and the remedy.

docs/reference/systems.md#alma-scan-in and #alma-calls (sets: a range, without single meanings), and the vendor's WADL.
Thresholds: PER_SECOND as recorded; DAILY, UNAUTHORIZED (status 400, in XML), FORBIDDEN and INVALID_REQUEST (403) as
several public clients document and test them. INTERNAL_SERVER_ERROR: [recollection]; without it the status would lead
to the same result.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import CredentialsRefused, Recovery, Rejected, SyncError, Throttled, Unreachable
from station.base.sentence import Sentence

NO_SUCH_BARCODE: Final = "401689"
NO_SUCH_ORDER_LINE: Final = "401871"
NOT_DELETABLE: Final = "401849"
"""A loan, a request or a work order keeps the item. Alma's words say which."""
RECORD_STAYS: Final = ("60212", "60213", "60214", "60218")
"""The holdings or the bibliographic record cannot be deleted with the item."""


class Meaning(msgspec.Struct, frozen=True):
    """One row: a code's place in the station's error tree, its sentence for staff, and the remedy."""

    error: type[SyncError]
    says: str
    """Key of the sentence, after `alma.code.`"""
    do: str
    """Key of the remedy, after `alma.do.`"""
    again: bool = False
    """A question with this answer may be repeated once at once."""

    @property
    def sentence(self) -> Sentence:
        """Meaning of the code, for staff."""
        return Sentence(f"alma.code.{self.says}")

    @property
    def remedy(self) -> Sentence:
        """Remedy, for staff."""
        return Sentence(f"alma.do.{self.do}")

    @property
    def waits(self) -> bool:
        """True if no one has to act: the station continues automatically."""
        return self.do.startswith("wait")

    @property
    def recovery(self) -> Recovery:
        """The station's reaction: that of the error."""
        return self.error.recovery


CODES: Final[dict[str, Meaning]] = {
    NO_SUCH_BARCODE: Meaning(
        Rejected,
        "no-item",
        "create",
    ),
    "401688": Meaning(
        Rejected,
        "no-items",
        "record",
    ),
    "40166411": Meaning(
        Rejected,
        "parameter",
        "compare",
    ),
    "40166415": Meaning(
        Rejected,
        "place",
        "place",
    ),
    "402203": Meaning(
        Rejected,
        "record",
        "record",
    ),
    "402204": Meaning(
        Rejected,
        "record-digits",
        "defect",
    ),
    "402205": Meaning(
        Rejected,
        "digits",
        "defect",
    ),
    "401666": Meaning(
        Rejected,
        "parameter",
        "compare",
    ),
    "401885": Meaning(
        Rejected,
        "order-line",
        "order-line",
    ),
    NO_SUCH_ORDER_LINE: Meaning(Rejected, "no-order-line", "order-line-number"),
    "401875": Meaning(Rejected, "department", "department"),
    "401877": Meaning(Rejected, "not-received", "receive"),
    "401878": Meaning(Rejected, "received-not-changed", "receive"),
    "402502": Meaning(Rejected, "not-scanned", "scan"),
    "402504": Meaning(Rejected, "not-scanned-item", "scan"),
    "4800090": Meaning(Rejected, "request-cost", "scan"),
    "402119": Meaning(Unreachable, "general", "wait-ask", again=True),
    **{
        code: Meaning(Rejected, "search", "defect")
        for code in ("40188600", "40188602", "40188603", "40188604", "401873")
    },
    "40188605": Meaning(Rejected, "search-too-many", "defect"),
    **{code: Meaning(Rejected, "no-invoice", "invoice") for code in ("412400", "402400", "40166410")},
    NOT_DELETABLE: Meaning(Rejected, "not-deletable", "loan-first"),
    **{code: Meaning(Rejected, "record-stays", "record-stays") for code in RECORD_STAYS},
    "60105": Meaning(
        Rejected,
        "json",
        "defect",
    ),
    "401652": Meaning(
        Unreachable,
        "general",
        "wait-ask",
        again=True,
    ),
    "INTERNAL_SERVER_ERROR": Meaning(
        Unreachable,
        "own",
        "wait",
    ),
    "PER_SECOND_THRESHOLD": Meaning(
        Throttled,
        "second",
        "wait-second",
    ),
    "DAILY_THRESHOLD": Meaning(
        Throttled,
        "day",
        "wait-day",
    ),
    "UNAUTHORIZED": Meaning(
        CredentialsRefused,
        "key",
        "key",
    ),
    "FORBIDDEN": Meaning(
        CredentialsRefused,
        "key-here",
        "key",
    ),
    "INVALID_REQUEST": Meaning(
        CredentialsRefused,
        "key-not-here",
        "key",
    ),
    **{str(code): Meaning(Rejected, "set", "set") for code in (*range(60107, 60121), 60176)},
}
