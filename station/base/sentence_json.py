"""Sentences in JSON, for the journal and the socket: a string is a verbatim text, `["detail.attempts", {"count": 3}]` a
key with its values. Old journals hold strings, so they read as they were written.

Give both functions to msgspec as `enc_hook` and `dec_hook`. An encoder without the hook raises `TypeError`: an output
that was forgotten fails instead of leaking a key.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

from station.base.sentence import Sentence

KEY: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
"""Form of a key: AREA.NAME."""
_DEEPEST: Final = 16
"""Sentences within sentences. The station's own have at most four."""
_NAME: Final = re.compile(r"[a-z_]+")

Json = Any


def encode_sentence(value: object) -> Json:
    """Return the JSON form of a sentence. Raise `TypeError` for any other type, and `ValueError` for a sentence that
    `decode_sentence` would refuse: an event with one would make the journal unreadable."""
    if not isinstance(value, Sentence):
        raise TypeError(f"no JSON for {type(value).__name__}")
    form = _form(value)
    _sentence(form, 0)
    return form


def _form(value: object) -> Json:
    if isinstance(value, tuple):
        return [_form(part) for part in value]
    if not isinstance(value, Sentence):
        return value
    text = value.text
    if text is not None:
        return text
    return [value.key, {name: _form(part) for name, part in value.values.items()}]


def decode_sentence(kind: type, value: Json) -> Sentence:
    """Return the sentence of its JSON form. Raise `ValueError` for a malformed one (msgspec: `ValidationError`)."""
    if kind is not Sentence:
        raise TypeError(f"no form for {kind.__name__}")
    return _sentence(value, 0)


def _sentence(value: Json, depth: int) -> Sentence:
    if isinstance(value, str):
        return Sentence.verbatim(value)
    if depth > _DEEPEST or not _is_sentence(value):
        raise ValueError("not a sentence")
    key, values = value
    if not (KEY.fullmatch(key) or (key == "" and values.keys() == {"parts", "between"})):
        raise ValueError("not the key of a sentence")
    return Sentence(key, **{name: _value(name, part, depth + 1) for name, part in values.items()})


def _is_sentence(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)


def _value(name: str, value: Json, depth: int) -> Any:
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a value")
    if isinstance(value, str | int | float):
        if isinstance(value, float) and not math.isfinite(value):  # JSON has no form for it
            raise ValueError("not a number")
        return value
    if _is_sentence(value):
        return _sentence(value, depth)
    if isinstance(value, list):
        return tuple(_sentence(part, depth) for part in value)
    raise ValueError("not a value of a sentence")
