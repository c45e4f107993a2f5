"""Names of a tag's elements as operators call them."""

from __future__ import annotations

import re
from typing import Final

from station.base.sentence import Sentence

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """Return a standard's name as the last part of a catalog key."""
    return _OTHER.sub("-", name.lower()).strip("-")


def element_word(name: str) -> Sentence:
    """Return an element of a tag as operators call it, from its name in ISO 28560-1; another name as given."""
    key = slug(name)
    return Sentence(f"item.element.{key}", otherwise=name) if key else Sentence.verbatim(name)
