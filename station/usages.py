"""Type of usage in words (ISO 28560, element 5): the tables of `encoding.oids`, told in the language of the bench."""

from __future__ import annotations

from station.encoding.oids import USAGE_QUALIFIERS
from station.words import Sentence


def usage_words(usage: int) -> Sentence:
    """Class, then qualifier unless it is 0 (unspecified). A test compares the English with `encoding.oids.usage_words`."""
    group, qualifier = usage >> 4 & 0x0F, usage & 0x0F
    if not qualifier:
        return Sentence(f"usage.{group:x}")
    if qualifier in USAGE_QUALIFIERS.get(group, {}):
        return Sentence(f"usage.{group:x}.{qualifier:x}")
    return Sentence("usage.no-meaning", usage=Sentence(f"usage.{group:x}"), qualifier=f"{qualifier:X}")
