"""Barcodes in a record that cannot be read, so that the scan of such an item can say why it has no record.

Each format is cut at its marks without a check: subfields of ISO 2709 at 1F, of MARCXML and JSON by a pattern. Where a
subfield's field is known, the profile decides. Where it is not known, because the directory is damaged, a subfield with
the profile's code counts if its value looks like a barcode.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from station.base.text import clean
from station.catalog.marc.text_formats import is_tag
from station.catalog.record.item_fields import looks_like_barcode
from station.catalog.record.profiles import Profile

MOST: Final = 5_000
"""Maximum number of barcodes of one record."""
_LONGEST: Final = 40
"""Characters of a barcode."""
_XML: Final = re.compile(
    r"<(?:[\w.-]{1,40}:)?(?:datafield\s[^<>]{0,200}?tag\s*=\s*[\"'](?P<tag>[^\"'<>]{0,20})"
    r"|subfield\s[^<>]{0,200}?code\s*=\s*[\"'](?P<code>[^\"'<>]{0,20})[\"'][^<>]{0,200}>(?P<value>[^<]{0,200})(?=<))"
)
_JSON: Final = re.compile(
    r'"(?P<tag>[^"\\]{1,20})"\s*:\s*\{|"(?P<code>[0-9A-Za-z])"\s*:\s*(?P<value>"(?:[^"\\]|\\.){0,200}")'
)


class _Value(NamedTuple):
    tag: str
    """"" = unknown."""
    code: str
    text: str


def barcodes_in(data: bytes, profile: Profile) -> tuple[str, ...]:
    """Return the barcodes in the bytes of a record, each once, in order."""
    match data[:1]:
        case b"<":
            values = _matched(_XML, data)
        case b"{" | b"[":
            values = _matched(_JSON, data)
        case _ if b"\x1f" in data:
            values = _iso2709(data)
        case _:
            values = _matched(_XML, data)
    found: dict[str, None] = {}
    for value in values:
        if _is_barcode(value, profile) and (barcode := clean(value.text)) and len(barcode) <= _LONGEST:
            found[barcode] = None
            if len(found) == MOST:
                break
    return tuple(found)


def _is_barcode(value: _Value, profile: Profile) -> bool:
    codes = profile.barcode + profile.holdings_barcode
    if not value.tag:
        return value.code in codes and looks_like_barcode(value.text)
    if value.tag in profile.item_tags:
        return value.code in profile.barcode
    return value.tag == profile.holdings_tag and value.code in profile.holdings_barcode


def _iso2709(data: bytes) -> Iterator[_Value]:
    end = data.find(b"\x1e", 24)
    fields = data[end + 1 :].split(b"\x1e")
    fields[-1] = fields[-1].rpartition(b"\x1f")[0]  # cut off, or only the end of the record
    if not fields[-1]:
        fields.pop()
    directory = data[24:end]
    tags = [directory[at : at + 3].decode("ascii", "replace") for at in range(0, len(directory), 12)]
    known = len(tags) >= len(fields) and len(directory) % 12 == 0
    for tag, field in zip(tags if known else [""] * len(fields), fields, strict=False):
        for subfield in field.split(b"\x1f")[1:]:
            yield _Value(tag, subfield[:1].decode("ascii", "replace"), subfield[1:201].decode("utf-8", "replace"))


def _matched(pattern: re.Pattern[str], data: bytes) -> Iterator[_Value]:
    tag = ""
    for found in pattern.finditer(data.decode("utf-8", "replace")):
        if found["tag"] is not None:
            tag = found["tag"] if is_tag(found["tag"]) else ""
        elif found["code"] is not None:
            yield _Value(tag, found["code"], _text(found["value"]))


def _text(value: str) -> str:
    """Return the text of a subfield as written in JSON, with its quotes, or in XML."""
    if not value.startswith('"'):
        return html.unescape(value)
    try:
        return str(json.loads(value, strict=False))
    except ValueError:
        return ""
