"""Single fields of a record that a site's own rules require, by "949$t", "245^2", "008/35-37", "001" or "LDR/06". All
text is cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pymarc import Record

from station.base.text import clean

_NAME: Final = re.compile(
    r"(?P<tag>LDR|[0-9]{3})(?:\$(?P<code>[0-9a-z])|\^(?P<indicator>[12])|/(?P<first>[0-9]{2})(?:-(?P<last>[0-9]{2}))?)?\Z"
)
BLANK: Final = "#"
"""A blank indicator, as MARC 21 prints it."""
_LONGEST: Final = 300
_MOST: Final = 50
"""Maximum number of values kept of one field."""


def chosen(record: Record, names: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (name, its non-empty values) for every name that is a MARC field; other names are omitted."""
    return tuple((name, _values(record, found)) for name in names if (found := _NAME.match(name)))


def _values(record: Record, name: re.Match[str]) -> tuple[str, ...]:
    tag, code = name["tag"], name["code"]
    if tag == "LDR":
        texts = [str(record.leader)]
    elif code:
        texts = [value for field in record.get_fields(tag) for value in field.get_subfields(code)]
    elif name["indicator"]:
        pairs = [field.indicators for field in record.get_fields(tag) if field.indicators is not None]
        texts = [pair[int(name["indicator"]) - 1].replace(" ", BLANK) for pair in pairs]
    else:
        texts = [field.data or "" for field in record.get_fields(tag) if field.data is not None]
    if name["first"]:
        first, last = int(name["first"]), int(name["last"] or name["first"])
        texts = [text[first : last + 1].strip(" |") for text in texts]
    return tuple(said for text in texts if (said := clean(text, _LONGEST)))[:_MOST]
