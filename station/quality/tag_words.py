"""Texts of the codecs about a tag in the station's language: its state, why an element is kept or dropped in a
migration, and the meanings of element codes (ISO 28560).

The codecs use no message catalog. The sentences of a migration are looked up by their English text (`translated`); a
test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from station.base.sentence import Sentence
from station.base.words import english, tell
from station.domain.tag_image import TagImage
from station.encoding.content import Recognition, TagState, locked_blocks, spans
from station.encoding.iso15962.data_elements import (
    MEDIA_FORMAT,
    MEDIA_FORMATS,
    SET_INFORMATION,
    TYPE_OF_USAGE,
    USAGE_QUALIFIERS,
)


def usage_words(usage: int) -> Sentence:
    """Return the class, then the qualifier unless it is 0 (unspecified). A test compares the English with
    `encoding.iso15962.data_elements.usage_words`."""
    group, qualifier = usage >> 4 & 0x0F, usage & 0x0F
    if not qualifier:
        return Sentence(f"usage.{group:x}")
    if qualifier in USAGE_QUALIFIERS.get(group, {}):
        return Sentence(f"usage.{group:x}.{qualifier:x}")
    return Sentence("usage.no-meaning", usage=Sentence(f"usage.{group:x}"), qualifier=f"{qualifier:X}")


def headline(now: Recognition, image: TagImage) -> str:
    """Return the kind of tag in one sentence: the first of `encoding.recognition.explain`."""
    locked = locked_blocks(image) if now.state is TagState.BLANK else []
    decoding = now.decoding
    match now.state:
        case TagState.BLANK if locked:
            return tell("tag-report.state.blank-locked", count=len(locked), blocks=spans(locked))
        case TagState.BLANK:
            return tell("tag-report.state.blank")
        case TagState.OURS:
            return tell("tag-report.state.ours")
        case TagState.FOREIGN:
            owner = now.content.owner_institution if now.content is not None else ""
            return tell("tag-report.state.foreign", owner=owner) if owner else tell("tag-report.state.foreign-nobody")
        case TagState.INCOMPLETE if decoding is not None and not decoding.sound:
            return tell("tag-report.state.unsound")
        case TagState.INCOMPLETE if decoding is not None and not decoding.content.primary_item_identifier:
            return tell("tag-report.state.prepared")
        case TagState.INCOMPLETE:
            return tell("tag-report.state.unfinished")
        case TagState.UNKNOWN:
            return tell("tag-report.state.unknown")


def meaning(oid: int, value: str) -> str:
    """Return the meaning of an element's code (type of usage, media format) as text; "" = not a code, or an unknown
    one."""
    if re.fullmatch("[0-9A-F]{2}", value) is None:
        return ""
    code = int(value, 16)
    if oid == TYPE_OF_USAGE:
        return tell(usage_words(code))
    return tell(media_words(code)) if oid == MEDIA_FORMAT else ""


def media_words(code: int) -> Sentence:
    """Return media format (other) as text. A test compares the English with
    `encoding.iso15962.data_elements.media_format_words`."""
    if code in MEDIA_FORMATS:
        return Sentence(f"media-format.{code}")
    return Sentence("media-format.reserved" if code < 0x80 else "media-format.own")


def with_meaning(oid: int, value: str) -> str:
    """Return the value of an element for display: set information as text, a code with its meaning."""
    if oid == SET_INFORMATION:
        return translated(value)
    words = meaning(oid, value)
    return tell("tag-report.coded", code=value, words=words) if words else value


_AREAS: Final[dict[str, Callable[[str, dict[str, str]], Sentence]]] = {
    "migration": lambda rest, values: Sentence(f"migration.{rest}", **values),
    "doctor": lambda rest, values: Sentence(f"doctor.{rest}", **values),
    "reading": lambda rest, values: Sentence(f"reading.{rest}", **values),
}
"""The areas with sentences of the codecs."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


@cache
def _known() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Return (pattern of the English, area, rest of the key), those with the most literal characters first."""
    rows: list[tuple[int, re.Pattern[str], str, str]] = []
    for key, entry in english().entries.items():
        area, _, rest = key.partition(".")
        if area not in _AREAS or rest.startswith("to-do.") or len(entry.forms) > 1:
            continue
        seen: set[str] = set()
        pattern = ""
        for number, part in enumerate(_PLACE.split(entry.forms[0])):
            pattern += re.escape(part) if number % 2 == 0 else f"(?P={part})" if part in seen else f"(?P<{part}>.+)"
            seen |= {part} if number % 2 else set()
        rows.append((len(_PLACE.sub("", entry.forms[0])), re.compile(pattern), area, rest))
    return tuple((pattern, area, rest) for _, pattern, area, rest in sorted(rows, key=lambda row: -row[0]))


def translated(text: str) -> str:
    """Return an English sentence of a codec in the station's language. Text missing from the catalog (a codec's
    remark on a value) is returned unchanged."""
    for pattern, area, rest in _known():
        found = pattern.fullmatch(text)
        if found is not None:
            values = {
                name: translated(value) if name == "reason" else value for name, value in found.groupdict().items()
            }
            return tell(_AREAS[area](rest, values))
    return text
