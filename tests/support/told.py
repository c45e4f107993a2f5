"""Text of a sentence, as a face of the station's language shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from station.base.errors import StationError
from station.base.sentence import Sentence
from station.base.words import tell

E = TypeVar("E", bound=StationError)


def told(words: str | Sentence) -> str:
    """Return the text of a sentence; a text as it is."""
    return words if isinstance(words, str) else tell(words)


@contextmanager
def raises_told(kind: type[E], match: str) -> Iterator[pytest.ExceptionInfo[E]]:
    """Expect an error whose code and detail, as a technician reads them, match the pattern."""
    with pytest.raises(kind) as caught:
        yield caught
    text = tell(caught.value.coded_detail)
    assert re.search(match, text), f"{text!r} does not match {match!r}"
