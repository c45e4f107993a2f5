"""Meaning of Alma's error answers; `codes` has the table.

Shapes: docs/reference/systems.md#alma-scan-in (Temple's and Princeton's recorded answers, the vendor's WADL). The body
decides before the status, because a threshold has been recorded with status 200.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Final, Literal

import msgspec

from station.base.errors import (
    CatalogError,
    CredentialsRefused,
    InDoubt,
    Rejected,
    StationError,
    SyncError,
    Throttled,
    Unreachable,
)
from station.base.sentence import Sentence
from station.base.text import clean
from station.sync.alma.codes import CODES
from station.sync.http import Answer

LONGEST_RETRY_AFTER_S: Final = 86_400.0
Wants = Literal["json", "xml", "document", "any"]
"""A JSON object; an XML document; either of them (Alma's tests of a key); or anything but a web page."""


DAILY_WAIT_S: Final = 900.0
"""Wait, seconds, when today's requests are used up and Alma gives no time (a choice)."""

_XML_CODE: Final = re.compile(rb"<(?:\w+:)?errorCode>\s*([^<\s]{1,60})\s*</")
_XML_MESSAGE: Final = re.compile(rb"<(?:\w+:)?errorMessage>([^<]{0,1000})</")
_TITLE: Final = re.compile(r"<title>([^<]{1,300})</title>", re.IGNORECASE)


class AlmaRefusal(msgspec.Struct, frozen=True):
    """Reason why Alma's answer is not a success."""

    error: type[SyncError]
    detail: Sentence
    code: str = ""
    again: bool = False
    retry_after: float | None = None
    body: str = ""
    """The cleaned answer, for display."""
    message: str = ""
    """Alma's own words, cleaned, without the number of the request."""

    def exception(self, changes: bool) -> SyncError:
        """Return the refusal as an exception. After a change was sent, an answer that settles nothing (5xx, a page)
        leaves it in doubt."""
        if self.error is Throttled:
            return Throttled(self.detail, self.retry_after, body=self.body)
        if changes and self.error is Unreachable:
            return InDoubt(self.detail, body=self.body)
        return self.error(self.detail, body=self.body)


def refusal_of(answer: Answer, now: str, wants: Wants = "json") -> AlmaRefusal | None:
    """Return the refusal in an answer; None if it is a success with the wanted content. `now` is wall-clock time
    (`Clock.now`), for a Retry-After that is a date."""
    refusal = _refusal_of(answer, now, wants)
    return refusal and msgspec.structs.replace(refusal, body=shown(answer.body), message=_message(answer))


def shown(body: bytes) -> str:
    """Return an answer as stored for display: cleaned and shortened."""
    return clean(body[:8000].decode("utf-8", "replace"), 2000)


def said_in(error: StationError) -> str:
    """Return the answer that an error holds; "" if there was none."""
    return error.body if isinstance(error, SyncError | CatalogError) else ""


def _refusal_of(answer: Answer, now: str, wants: Wants) -> AlmaRefusal | None:
    codes, message = _errors(answer)
    known = next((code for code in codes if code in CODES), "")
    wait = _retry_after(answer.headers.get("retry-after", ""), answer.headers.get("date", ""), now)
    status = Sentence("alma.status", status=answer.status)
    if known:
        meaning = CODES[known]
        wait = DAILY_WAIT_S if wait is None and known == "DAILY_THRESHOLD" else wait
        detail = Sentence("alma.known", code=known, meaning=meaning.sentence, status=status, message=message)
        if not meaning.waits:
            detail = Sentence.joined((detail, meaning.remedy), " ")
        return AlmaRefusal(meaning.error, detail, known, meaning.again, wait)
    code = codes[0] if codes else ""
    text = message or _excerpt(answer)
    detail = Sentence.joined((status, Sentence.verbatim(f"{code}: {text}" if code else text)))
    if answer.status in (401, 403) and _is_page(answer):
        return AlmaRefusal(Unreachable, Sentence("alma.not-the-gateway", status=status, title=_excerpt(answer)))
    if answer.status in (401, 403):
        return AlmaRefusal(CredentialsRefused, detail, code)
    if answer.status == 429:
        return AlmaRefusal(Throttled, detail, code, retry_after=wait)
    if 300 <= answer.status < 400:
        return AlmaRefusal(Unreachable, Sentence("alma.redirected", status=status), code)
    if answer.status >= 500 or answer.status in (408, 425) or answer.status < 200:
        return AlmaRefusal(Unreachable, detail, code)
    if codes:
        return AlmaRefusal(Rejected, detail, code)
    if answer.status not in (200, 204):
        if _is_object(answer):
            return AlmaRefusal(Rejected, detail)
        return AlmaRefusal(Unreachable, _no_data(answer, detail))
    if not _is_wanted(answer, wants):
        return AlmaRefusal(Unreachable, _no_data(answer, detail))
    return None


def _no_data(answer: Answer, detail: Sentence) -> Sentence:
    return Sentence("alma.no-data", kind=answer.content_type or Sentence("alma.untyped"), detail=detail)


def _is_wanted(answer: Answer, wants: Wants) -> bool:
    match wants:
        case "json":
            return answer.status == 200 and _is_object(answer)
        case "xml":
            return _is_xml(answer)
        case "document":
            return _is_xml(answer) or (answer.status == 200 and _decoded(answer) is not None)
    return not _is_page(answer)


def _is_xml(answer: Answer) -> bool:
    return not _is_page(answer) and _start(answer).startswith((b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<"))


def _is_page(answer: Answer) -> bool:
    return answer.content_type == "text/html" or _start(answer).startswith((b"<!doctype html", b"<html"))


def _start(answer: Answer) -> bytes:
    return answer.body[:100].lstrip().lower()


def _message(answer: Answer) -> str:
    """Return the messages without their tracking ids, so that two equal refusals have the same text."""
    if answer.body.lstrip()[:1] == b"<":
        return _errors(answer)[1]
    return clean("; ".join(str(row.get("errorMessage") or "").strip() for row in _rows(answer)), 500)


def _errors(answer: Answer) -> tuple[list[str], str]:
    """Return codes and messages of Alma's error shapes (JSON `errorList`, XML `web_service_result`), cleaned."""
    if answer.body.lstrip()[:1] == b"<":
        codes = [clean(code.decode("utf-8", "replace"), 60) for code in _XML_CODE.findall(answer.body)]
        texts = [text.decode("utf-8", "replace") for text in _XML_MESSAGE.findall(answer.body)]
        return codes, clean("; ".join(texts), 500) if codes else ""
    rows = _rows(answer)
    codes = [clean(str(row.get("errorCode") or ""), 60) for row in rows]
    texts = [f"{row.get('errorMessage') or ''} {row.get('trackingId') or ''}" for row in rows]
    return [code for code in codes if code], clean("; ".join(texts), 500)


def _rows(answer: Answer) -> list[dict[str, Any]]:
    decoded = _decoded(answer)
    if isinstance(decoded, dict) and isinstance(decoded.get("web_service_result"), dict):
        decoded = decoded["web_service_result"]
    errors = decoded.get("errorList") if isinstance(decoded, dict) else None
    rows = errors.get("error") if isinstance(errors, dict) else None
    rows = [row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict)]
    if not rows and isinstance(decoded, dict) and isinstance(decoded.get("errorCode"), str):
        return [decoded]
    return rows


def _decoded(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _is_object(answer: Answer) -> bool:
    return isinstance(_decoded(answer), dict)


def _excerpt(answer: Answer) -> str:
    """Return the beginning of an answer; of a web page, its title if it has one."""
    text = answer.body[:2000].decode("utf-8", "replace")
    title = _TITLE.search(text) if _is_page(answer) else None
    return clean(unescape(title[1]) if title else text, 300)


def _retry_after(text: str, date: str, now: str) -> float | None:
    """Return the seconds of a Retry-After header (seconds or a date, RFC 9110 section 10.2.3); None if there is none. A
    date counts from the answer's own Date if it has one, so that a wrong clock on either side changes nothing."""
    if not text:
        return None
    try:
        seconds = float(text) if re.fullmatch(r"[0-9]{1,9}", text) else _until(text, date, now)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(seconds, LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) and seconds >= 0 else None


def _until(text: str, date: str, now: str) -> float:
    try:
        since = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        since = datetime.fromisoformat(now)
    return (parsedate_to_datetime(text) - since).total_seconds()
