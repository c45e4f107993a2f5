"""Type of usage in words (ISO 28560, element 5): the tables of `encoding.iso15962.data_elements`, told in the language
of the bench."""

from __future__ import annotations

from station.base.words import Sentence
from station.encoding.iso15962.data_elements import USAGE_QUALIFIERS


def usage_words(usage: int) -> Sentence:
    """Class, then qualifier unless it is 0 (unspecified). A test compares the English with
    `encoding.iso15962.data_elements.usage_words`."""
    group, qualifier = usage >> 4 & 0x0F, usage & 0x0F
    if not qualifier:
        return Sentence(f"usage.{group:x}")
    if qualifier in USAGE_QUALIFIERS.get(group, {}):
        return Sentence(f"usage.{group:x}.{qualifier:x}")
    return Sentence("usage.no-meaning", usage=Sentence(f"usage.{group:x}"), qualifier=f"{qualifier:X}")
