"""Lists of the emulated Alma's acquisitions: the query `q`, filters by status, and pages (vendor's OpenAPI, "acq").

`q` is `field~words`, several joined by " AND "; words are separated by spaces or underscores. Every word must be a whole
word of the field, in any letter case: a number is also found inside a longer text, which is no exact match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from station.emulators.library_systems.alma_bodies import text_of
from station.emulators.library_systems.alma_institution import Refused

Json = dict[str, Any]
Texts = Callable[[Json], Iterable[str]]

GENERAL_ERROR = "402119"
PAGE = 100


def terms(query: str, fields: Iterable[str], error: str) -> list[tuple[str, str]]:
    """Return the fields and words of `q`. Raise `Refused` with this error code for a field that is not documented."""
    pairs = []
    for term in filter(None, (term.strip() for term in query.split(" AND "))):
        field, tilde, words = term.partition("~")
        if not tilde and field == "all":  # the documented default of invoices
            continue
        if not tilde or field not in (*fields, "all"):
            raise Refused(400, error, f"Search query parameter {field} is not supported.")
        pairs.append((field, words))
    return pairs


def fits(row: Json, field: str, wanted: str, fields: Mapping[str, Texts]) -> bool:
    """Return True if every wanted word is a word of the field, or of any field for "all"."""
    texts = [text for name, get in fields.items() if field in (name, "all") for text in get(row)]
    return set(words(wanted)) <= {word for text in texts for word in words(text)}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def field(*path: str) -> Texts:
    """Return a function that returns the text at this path of an object."""

    def get(row: Json) -> Iterable[str]:
        value: Any = row
        for name in path[:-1]:
            value = value.get(name) or {}
        value = value.get(path[-1])
        yield text_of(value) or (str(value.get("desc") or "") if isinstance(value, dict) else "")

    return get


def page(rows: list[Json], query: Mapping[str, str], default: int = 10) -> list[Json]:
    """Return `limit` rows (0 to 100) from `offset` on. The error code of other values is not documented."""
    try:
        limit, offset = int(query.get("limit") or default), int(query.get("offset") or "0")
    except ValueError:
        raise Refused(400, GENERAL_ERROR, "General error.") from None
    if ("limit" in query and not 0 <= limit <= PAGE) or offset < 0:
        raise Refused(400, GENERAL_ERROR, "General error.")
    return rows[offset : offset + limit]


def one_of(query: Mapping[str, str], name: str, values: Iterable[str], default: str) -> str:
    """Return the parameter, or raise `Refused` if it is not one of the documented values."""
    value = query.get(name) or default
    if value not in values:
        raise Refused(400, GENERAL_ERROR, "General error.")
    return value
