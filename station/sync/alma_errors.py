"""What Alma's answers mean when they are not the item: one table from error code to error and sentence.

Codes and shapes: library systems reference, section 1.5 (Temple's and Princeton's recorded answers, the vendor's WADL).
The body decides before the status, because a threshold has been recorded with status 200. Rows marked [recollection]
were not found in a source; without them the status would decide, to the same effect or a slower one.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from station.errors import CredentialsRefused, InDoubt, Rejected, SyncError, Throttled, Unreachable
from station.sync.http import Answer
from station.text import clean

NO_SUCH_BARCODE: Final = "401689"
LONGEST_RETRY_AFTER_S: Final = 86_400.0


class Meaning(msgspec.Struct, frozen=True):
    """One row: what a code is, in the station's error tree and in words for staff."""

    error: type[SyncError]
    sentence: str
    again: bool = False
    """A question with this answer may be asked once more at once."""


CODES: Final[dict[str, Meaning]] = {
    NO_SUCH_BARCODE: Meaning(Rejected, "Alma has no item with this barcode."),
    "401688": Meaning(Rejected, "Alma finds no items for this record and holding."),
    "40166411": Meaning(Rejected, "Alma says that a parameter is not valid."),
    "40166415": Meaning(Rejected, "Alma wants a circulation desk or a department with a scan-in."),
    "402203": Meaning(Rejected, "Alma says that the record number (MMS ID) is not valid."),
    "402204": Meaning(Rejected, "Alma says that the record number (MMS ID) is not a number."),
    "401885": Meaning(Rejected, "The order line's type does not fit the item."),
    "60105": Meaning(Rejected, "Alma does not take JSON for this call."),
    "401652": Meaning(Unreachable, "Alma reports a general error.", again=True),
    "PER_SECOND_THRESHOLD": Meaning(Throttled, "The institution's limit of requests a second is reached."),
    "DAILY_THRESHOLD": Meaning(Throttled, "The institution's daily limit is used up."),  # [recollection]
    "UNAUTHORIZED": Meaning(CredentialsRefused, "Alma does not know the key."),  # [recollection]
    "FORBIDDEN": Meaning(CredentialsRefused, "The key may not do this."),  # [recollection]
}

_XML_CODE: Final = re.compile(rb"<(?:\w+:)?errorCode>\s*([^<\s]{1,60})\s*</")
_XML_MESSAGE: Final = re.compile(rb"<(?:\w+:)?errorMessage>([^<]{0,1000})</")


class Fault(msgspec.Struct, frozen=True):
    """Why an answer is not the item."""

    error: type[SyncError]
    detail: str
    code: str = ""
    again: bool = False
    retry_after: float | None = None

    def exception(self, changes: bool) -> SyncError:
        """As an exception. After a change was sent, an answer that settles nothing (5xx, a page) leaves it in doubt."""
        if self.error is Throttled:
            return Throttled(self.detail, self.retry_after)
        if changes and self.error is Unreachable:
            return InDoubt(self.detail)
        return self.error(self.detail)


def fault_of(answer: Answer, now: str) -> Fault | None:
    """The fault in an answer, or None when it is status 200 with a JSON object. `now` is wall-clock time (`Clock.now`),
    for a Retry-After that is a date."""
    codes, message = _errors(answer)
    known = next((code for code in codes if code in CODES), "")
    wait = _retry_after(answer.headers.get("retry-after", ""), now)
    where = f"status {answer.status}"
    if known:
        meaning = CODES[known]
        return Fault(meaning.error, f"{known}: {meaning.sentence} ({where}; {message})", known, meaning.again, wait)
    code = codes[0] if codes else ""
    detail = f"{where}; {code + ': ' if code else ''}{message or _excerpt(answer)}"
    if answer.status in (401, 403):
        return Fault(CredentialsRefused, detail, code)
    if answer.status == 429:
        return Fault(Throttled, detail, code, retry_after=wait)
    if 300 <= answer.status < 400:
        return Fault(Unreachable, f"{where}: redirected once too often", code)
    if answer.status >= 500 or answer.status in (408, 425) or answer.status < 200:
        return Fault(Unreachable, detail, code)
    if codes:
        return Fault(Rejected, detail, code)
    if not _is_object(answer):
        return Fault(Unreachable, f"not data but {answer.content_type or 'an untyped page'}; {detail}")
    if answer.status != 200:
        return Fault(Rejected, detail)
    return None


def _errors(answer: Answer) -> tuple[list[str], str]:
    """Codes and messages of Alma's error shapes (JSON `errorList`, XML `web_service_result`), cleaned."""
    if answer.body.lstrip()[:1] == b"<":
        codes = [clean(code.decode("utf-8", "replace"), 60) for code in _XML_CODE.findall(answer.body)]
        texts = [text.decode("utf-8", "replace") for text in _XML_MESSAGE.findall(answer.body)]
        return codes, clean("; ".join(texts), 500) if codes else ""
    found = _decoded(answer)
    errors = found.get("errorList") if isinstance(found, dict) else None
    rows = errors.get("error") if isinstance(errors, dict) else None
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not rows and isinstance(found, dict) and isinstance(found.get("errorCode"), str):
        rows = [found]
    codes = [clean(str(row.get("errorCode") or ""), 60) for row in rows]
    texts = [f"{row.get('errorMessage') or ''} {row.get('trackingId') or ''}" for row in rows]
    return [code for code in codes if code], clean("; ".join(texts), 500)


def _decoded(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _is_object(answer: Answer) -> bool:
    return isinstance(_decoded(answer), dict)


def _excerpt(answer: Answer) -> str:
    return clean(answer.body[:2000].decode("utf-8", "replace"), 300)


def _retry_after(text: str, now: str) -> float | None:
    """Seconds from a Retry-After header (seconds or a date, RFC 9110 section 10.2.3); None when there is none."""
    if not text:
        return None
    try:
        seconds = float(text) if re.fullmatch(r"[0-9]{1,9}", text) else _until(text, now)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(seconds, LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) and seconds >= 0 else None


def _until(date: str, now: str) -> float:
    return (parsedate_to_datetime(date) - datetime.fromisoformat(now)).total_seconds()
