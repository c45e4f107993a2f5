"""Values of any msgspec struct, with hostile text in every text field, including fields that a later version adds."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from station.base.sentence import Sentence
from tests.support.hostile_text import CORPUS, MARK, SURROGATES

ROOM: Final = 400
"""Approximate number of characters of one text; some have 10 kB."""
STORABLE: Final = [text for text in CORPUS if text not in SURROGATES]
"""Texts that UTF-8 can encode. Lone surrogates occur only in arguments and file names."""


class Dealer:
    """Source of hostile texts, in an endless cycle: the mark and as many strings as fit, or a single string, because a
    formula works only at the beginning."""

    def __init__(self, start: int = 0, strings: list[str] = STORABLE) -> None:
        self._at, self._given, self._strings = start, 0, strings

    def _next(self) -> str:
        self._at += 1
        return self._strings[self._at % len(self._strings)]

    def of_kind(self, kind: type) -> Dealer:
        """Return a dealer whose texts depend only on the name of the kind, so that a new kind moves no other texts."""
        return Dealer(zlib.crc32(kind.__name__.encode()) % len(self._strings))

    def __call__(self) -> str:
        self._given += 1
        if self._given % 4 == 0:
            return self._next()
        text = MARK
        while len(text) < ROOM:
            text += " " + self._next()
        return text + "W" * (10_000 if self._given % 50 == 1 else 0)


_PLAIN: Final = {
    inspect.StrType: str,
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.CustomType: Sentence,
}
"""A key applies only to fields of its own type: "part" is a number in one struct and a word in another."""


def filled(kind: Any, deal: Callable[[], str], keys: Mapping[str, Any]) -> Any:
    """Return an instance of this struct, or a value of this type. A field named in `keys` gets that value."""
    return _value(inspect.type_info(kind), deal, keys)


def _value(kind: inspect.Type, deal: Callable[[], str], keys: Mapping[str, Any]) -> Any:
    match kind:
        case inspect.StrType():
            return deal()
        case inspect.CustomType(cls=cls) if cls is Sentence:
            return Sentence.verbatim(deal())
        case inspect.BoolType():
            return False
        case inspect.IntType():
            return 1
        case inspect.FloatType():
            return 1.0
        case inspect.BytesType():
            return bytes(112)
        case inspect.NoneType():
            return None
        case inspect.EnumType():
            return next(iter(kind.cls))
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.UnionType():
            some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return _value(some[0], deal, keys)
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return (_value(kind.item_type, deal, keys),)
        case inspect.TupleType():
            return tuple(_value(one, deal, keys) for one in kind.item_types)
        case inspect.DictType():
            return {deal(): _value(kind.value_type, deal, keys)}
        case inspect.StructType():
            return kind.cls(**{f.name: _field(kind.cls, f, deal, keys) for f in kind.fields})
        case inspect.DataclassType():
            return kind.cls(**{f.name: _field(kind.cls, f, deal, keys) for f in kind.fields})
        case _:
            raise TypeError(f"no value for {kind}")


def _field(owner: type, field: inspect.Field, deal: Callable[[], str], keys: Mapping[str, Any]) -> Any:
    words = isinstance(field.type, inspect.CustomType) and field.type.cls is Sentence
    wanted = str | Sentence if words else _PLAIN.get(type(field.type), object)
    for name in (f"{owner.__name__}.{field.name}", field.name):
        if name in keys and isinstance(keys[name], wanted):
            return Sentence.of(keys[name]) if words else keys[name]
    if field.name == "via":
        return ""  # every event has it, so a text would move all texts: tests/runtime/socket/test_access.py has hostile ones
    return _value(field.type, deal, keys)


def events_with(kinds: tuple[type[msgspec.Struct], ...], deal: Dealer, keys: Mapping[str, Any]) -> list[Any]:
    """Return one event of each kind."""
    return [filled(kind, deal, keys) for kind in kinds]
