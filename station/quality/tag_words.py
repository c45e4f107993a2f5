"""Sentences about a tag: its state, why an element is kept or dropped in a migration, and the meanings of element codes
(ISO 28560).

The codecs use no message catalog. A face looks their sentences up by the English text (`translated`); a test compares
the two.
"""

from __future__ import annotations

import re

from station.base.sentence import EMPTY, Sentence
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


def headline(now: Recognition, image: TagImage) -> Sentence:
    """Return the kind of tag in one sentence: the first of `encoding.recognition.explain`."""
    locked = locked_blocks(image) if now.state is TagState.BLANK else []
    decoding = now.decoding
    match now.state:
        case TagState.BLANK if locked:
            return Sentence("tag-report.state.blank-locked", count=len(locked), blocks=spans(locked))
        case TagState.BLANK:
            return Sentence("tag-report.state.blank")
        case TagState.OURS:
            return Sentence("tag-report.state.ours")
        case TagState.FOREIGN:
            owner = now.content.owner_institution if now.content is not None else ""
            if not owner:
                return Sentence("tag-report.state.foreign-nobody")
            return Sentence("tag-report.state.foreign", owner=owner)
        case TagState.INCOMPLETE if decoding is not None and not decoding.sound:
            return Sentence("tag-report.state.unsound")
        case TagState.INCOMPLETE if decoding is not None and not decoding.content.primary_item_identifier:
            return Sentence("tag-report.state.prepared")
        case TagState.INCOMPLETE:
            return Sentence("tag-report.state.unfinished")
        case TagState.UNKNOWN:
            return Sentence("tag-report.state.unknown")


def meaning(oid: int, value: str) -> Sentence:
    """Return the meaning of an element's code (type of usage, media format); empty = not a code, or an unknown one."""
    if re.fullmatch("[0-9A-F]{2}", value) is None:
        return EMPTY
    code = int(value, 16)
    if oid == TYPE_OF_USAGE:
        return usage_words(code)
    return media_words(code) if oid == MEDIA_FORMAT else EMPTY


def media_words(code: int) -> Sentence:
    """Return media format (other) as text. A test compares the English with
    `encoding.iso15962.data_elements.media_format_words`."""
    if code in MEDIA_FORMATS:
        return Sentence(f"media-format.{code}")
    return Sentence("media-format.reserved" if code < 0x80 else "media-format.own")


def with_meaning(oid: int, value: str) -> Sentence:
    """Return the value of an element for display: set information as text, a code with its meaning."""
    if oid == SET_INFORMATION:
        return translated(value)
    words = meaning(oid, value)
    return Sentence("tag-report.coded", code=value, words=words) if words else Sentence.verbatim(value)


def translated(text: str) -> Sentence:
    """Return an English sentence of a codec as one that the catalogs repeat. A face tells a codec's
    remark on a value unchanged, because it has no message."""
    return Sentence.english(text, "codec.text")
