"""Alma's error codes: one table from code to the station's error, a sentence for staff, and what they do about it.

Library systems reference, 1.5 and 1.2 (sets: a range, without single meanings), and the vendor's WADL. Thresholds:
PER_SECOND as recorded; DAILY, UNAUTHORIZED (status 400, in XML), FORBIDDEN and INVALID_REQUEST (403) as several public
clients document and test them. INTERNAL_SERVER_ERROR: [recollection]; without it the status would decide alike.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.errors import CredentialsRefused, Recovery, Rejected, SyncError, Throttled, Unreachable

NO_SUCH_BARCODE: Final = "401689"


class Meaning(msgspec.Struct, frozen=True):
    """One row: what a code is, in the station's error tree, in words for staff, and what they do about it."""

    error: type[SyncError]
    sentence: str
    remedy: str
    again: bool = False
    """A question with this answer may be asked once more at once."""

    @property
    def recovery(self) -> Recovery:
        """What the station does: the error's own."""
        return self.error.recovery


_RECORD: Final = "Look the item up in Alma by its barcode; it was moved or its record merged. Then send it again."
_DEFECT: Final = "Report this with the answer: the station asked in a way that Alma does not know."
_KEY: Final = (
    "In the Developer Network give the station's key the area and the right that is named (Bibs, Configuration)."
)
_WAIT: Final = "None: the station waits. If it comes often, lower delivery.alma.requests_per_second."
_SET: Final = "Look at the set in Alma: it must exist, be itemized and hold physical items."

CODES: Final[dict[str, Meaning]] = {
    NO_SUCH_BARCODE: Meaning(
        Rejected,
        "Alma has no item with this barcode.",
        "Create the item in Alma, or correct its barcode; send it again.",
    ),
    "401688": Meaning(
        Rejected,
        "Alma finds no items for this record and holding.",
        _RECORD,
    ),
    "40166411": Meaning(
        Rejected,
        "Alma says that a parameter is not valid.",
        "Compare library, desk, department and codes with Alma's: station sync check.",
    ),
    "40166415": Meaning(
        Rejected,
        "Alma wants a circulation desk or a department with a scan-in.",
        "Set delivery.alma.department or delivery.alma.circ_desk.",
    ),
    "402203": Meaning(
        Rejected,
        "Alma says that the record number (MMS ID) is not valid.",
        _RECORD,
    ),
    "402204": Meaning(
        Rejected,
        "Alma says that the record number (MMS ID) is not a number.",
        _DEFECT,
    ),
    "402205": Meaning(
        Rejected,
        "Alma says that a number is not a number.",
        _DEFECT,
    ),
    "401666": Meaning(
        Rejected,
        "Alma says that a parameter is not valid.",
        "Compare library, desk, department and codes with Alma's: station sync check.",
    ),
    "401885": Meaning(
        Rejected,
        "The order line's type does not fit the item.",
        "Correct the item's order line (PO line) in Alma; send it again.",
    ),
    "60105": Meaning(
        Rejected,
        "Alma does not take JSON for this call.",
        _DEFECT,
    ),
    "401652": Meaning(
        Unreachable,
        "Alma reports a general error.",
        "None: the station asks again. If it stays, ask Ex Libris with the tracking id.",
        again=True,
    ),
    "INTERNAL_SERVER_ERROR": Meaning(
        Unreachable,
        "Alma reports an error of its own.",
        "None: the station asks again.",
    ),
    "PER_SECOND_THRESHOLD": Meaning(
        Throttled,
        "The institution's limit of requests a second is reached.",
        _WAIT,
    ),
    "DAILY_THRESHOLD": Meaning(
        Throttled,
        "The institution's requests for today are used up.",
        "None: the station goes on when Alma counts anew. See which programs use the institution's requests.",
    ),
    "UNAUTHORIZED": Meaning(
        CredentialsRefused,
        "Alma does not know the key, or the key may not do this.",
        _KEY,
    ),
    "FORBIDDEN": Meaning(
        CredentialsRefused,
        "The key may not do this from here.",
        _KEY,
    ),
    "INVALID_REQUEST": Meaning(
        CredentialsRefused,
        "Alma does not take the key from here.",
        _KEY,
    ),
    **{str(code): Meaning(Rejected, "Alma refuses this for the set.", _SET) for code in (*range(60107, 60121), 60176)},
}
