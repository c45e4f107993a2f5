"""How the office answers an error: one table from its code to the status of the answer and the field at fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.base.errors import StationError

_CODES: Final[Mapping[int, str]] = {
    403: "not-allowed own-work not-blind still-blind sign-on-needed fresh-pin-needed pin-wrong pin-wait pin-locked "
    "pin-missing pin-change-needed worker-gone credentials-refused passphrase-wrong",
    404: "correction-unknown worker-unknown card-unknown barcode-unknown journal-missing",
    409: "work changed-meanwhile correction-not-open worker-taken card-taken conflict bench-busy in-doubt rejected "
    "withdrawn not-moved-yet barcode-ambiguous undo-refused not-finished update-kept receiving-refused "
    "departure-refused",
    422: "reason-missing pin-unfit card-unfit barcode-malformed record-unreadable record-not-told catalog file-not-marc "
    "import-refused import-few-items import-few-call-numbers import-barcodes packing-list-refused vendor-file-refused print "
    "label-refused encoding element-invalid does-not-fit not-possible undecodable dump-unreadable",
    500: "station defect screens-ended protocol protocol-local protocol-remote replay-diverged",
    503: "station-closed station-busy only-looks control-refused other-version settings settings-missing data-not-named "
    "rules-unusable extra-missing label-not-saved printer-failed store store-io store-read-only store-locked "
    "store-corrupt store-too-new journal-older journal-restored archive-unusable backup-unusable index-unusable "
    "record-changed people-unusable pins-unusable sync unreachable throttled transport port-missing port-busy "
    "port-denied port-lost capture-unreadable reader-silent reader-refused reader-password tag tag-absent chip-unfit "
    "tag-lost tag-refused tag-locked tags-collide tag-mismatch tag-unreadable tag-given-up",
    507: "store-full",
}
STATUS: Final[Mapping[str, int]] = {code: status for status, codes in _CODES.items() for code in codes.split()}
"""Status by code; a code without a row is a defect, which a test finds."""
PIN: Final = "pin"
LENDER: Final = "lender"
LENDER_PIN: Final = "lender-pin"
REASON: Final = "reason"
LOGIN: Final = "login"
CARD: Final = "card"
NEW_PIN: Final = "new-pin"
AGAIN: Final = "again"
SECOND: Final = "second"
SECOND_PIN: Final = "second-pin"
SECRETS: Final = frozenset({PIN, LENDER_PIN, SECOND_PIN, NEW_PIN, AGAIN})
"""Fields that are never kept, nor shown again."""
LINES: Final = "lines"
"""Field whose lines are kept apart; all others are one line."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("pin-wrong", "pin-wait", "pin-locked", "pin-missing", "pin-change-needed"), (LENDER_PIN, SECOND_PIN, PIN)
    ),
    "fresh-pin-needed": (PIN,),
    "sign-on-needed": (LENDER_PIN, SECOND_PIN, PIN),
    "not-allowed": (LENDER,),
    "worker-taken": (LOGIN,),
    "pin-unfit": (NEW_PIN,),
    **dict.fromkeys(("card-unfit", "card-taken", "card-unknown"), (CARD,)),
}
"""Fields that prove who a person is, by the code that asks for them; the first that the form has. All others are those
of `StationError.answered_by`."""


def status_of(error: StationError) -> int:
    """Return the status of the answer to an error."""
    return STATUS.get(error.code, 500)
