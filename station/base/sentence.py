"""A sentence as data: the key of a message with its values. It has no language and reads no file, so any room may make
one. The faces turn it into text (`station.base.words`), each in the language of its own reader.

    Sentence("detail.attempts", count=3)        -> "3 attempts" for one reader, "3 intentos" for another
    Sentence.verbatim("Lisa brings the disc")   -> text of a person, of an old journal, or of another system
    Sentence.english("Is this the title?", "question.title-page")  -> text of a rule or codec, which a catalog may repeat
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, TypeAlias

Value: TypeAlias = "str | int | float | bool | Sentence | tuple[Sentence, ...]"

LONGEST_VALUE: Final = 500
"""Maximum characters of a value; a longer one is cut and ends with an ellipsis. It bounds what the journal keeps."""


class Sentence:
    """A key with its values; immutable, so code compares and keeps it like a text.

    `key` "" means that no catalog has the text: `values` then holds either `text`, or `parts` with the punctuation
    `between` them. `count` among the values chooses the plural form. A face tells `otherwise` if no catalog has
    the key.
    """

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, Value]

    def __init__(self, key: str, /, **values: Value) -> None:
        for name, value in values.items():
            if isinstance(value, str | Sentence):
                values[name] = _kept(value)
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", values)

    @classmethod
    def verbatim(cls, text: str) -> Sentence:
        """Return a text that is the same in each language."""
        sentence = cls("")
        object.__setattr__(sentence, "values", {"text": text})
        return sentence

    @classmethod
    def english(cls, text: str, key: str, **values: Value) -> Sentence:
        """Return an English text that the catalogs may repeat: a text of a rule, which a site may have changed, or a
        sentence of a codec. A face tells the message `key`, if that is this text in English, else the text.

        `key`: of one message; or the beginning of several keys, among which the text is looked for with its values in
        their places. `values`: fill the text's own placeholders.
        """
        return cls(key, english=text, **values) if text else EMPTY

    @classmethod
    def of(cls, words: str | Sentence) -> Sentence:
        """Return a sentence as it is, and a text as a verbatim one."""
        return cls.verbatim(words) if isinstance(words, str) else words

    @classmethod
    def joined(cls, sentences: Iterable[str | Sentence], between: str = "; ") -> Sentence:
        """Return several sentences as one. `between`: punctuation only, because it is the same in each language. Empty
        sentences are left out."""
        parts = tuple(filter(None, map(cls.of, sentences)))
        if len(parts) > 1:
            return cls("", parts=parts, between=between)
        return parts[0] if parts else EMPTY

    @property
    def text(self) -> str | None:
        """Return the text of a verbatim sentence; None = the sentence has a key or parts."""
        text = None if self.key else self.values.get("text")
        return text if isinstance(text, str) else None

    def __bool__(self) -> bool:
        return bool(self.key) or self.values.get("text") != ""

    def __str__(self) -> str:
        """Return the key with its values, for engineers: in a traceback, or a failed test. A face calls `tell`."""
        if self.key:
            return f"{self.key}({', '.join(f'{name}={value}' for name, value in self.values.items())})"
        if self.text is not None:
            return self.text
        parts = self.values["parts"]
        return str(self.values["between"]).join(map(str, parts if isinstance(parts, tuple) else ()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"Sentence({', '.join(filter(None, (repr(self.key), values)))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and self.key == other.key and self.values == other.values

    def __hash__(self) -> int:
        return hash((self.key, frozenset(self.values.items())))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a sentence is immutable: {name}")


def _kept(value: str | Sentence) -> str | Sentence:
    """Return a value as a sentence keeps it: a verbatim sentence as its text, so that equal meanings are equal."""
    text = value if isinstance(value, str) else value.text
    if text is None:
        return value
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


EMPTY: Final = Sentence.verbatim("")
"""No sentence: false, told as an empty text."""
