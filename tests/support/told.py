"""Text of a sentence, as a face of the station's language shows it."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.base.words import tell


def told(words: str | Sentence) -> str:
    """Return the text of a sentence; a text as it is."""
    return words if isinstance(words, str) else tell(words)
