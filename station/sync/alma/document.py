"""An answer of Alma as fields, in JSON or in XML: the acquisition services sometimes answer in the other one than was
asked for (docs/reference/systems.md#alma-acquisitions). The two are made alike, so that one reader suffices.

A document type in XML is refused: external entities and entity bombs need one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import msgspec

from station.base.errors import Unreachable
from station.base.sentence import Sentence
from station.base.text import clean

Fields = dict[str, Any]

_DEEPEST: Final = 40
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PEOPLE: Final = "interested_user"
_PEOPLE_XML: Final = re.compile(rb"<interested_users?\b.*?(?:</interested_users?\s*>|/>|\Z)", re.DOTALL)


def fields_of(body: bytes) -> Fields:
    """Return the answer's fields. In XML, an element with other elements is an object, repeated elements are a list, and
    an attribute counts as a field. Raises `Unreachable` for anything else than one object or document."""
    if body.lstrip()[:1] == b"<":
        return _Xml().read(body)
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        decoded = None
    if not isinstance(decoded, dict):
        raise Unreachable(Sentence("alma.no-fields"))
    return decoded


def rows(fields: Fields, name: str, wrapper: str = "") -> Iterator[Fields]:
    """Yield the objects of a list: JSON has the list itself, XML an element around it (`wrapper`, or the name with an
    s). A list with one object may come as that object."""
    value = fields.get(name)
    around = fields.get(wrapper or f"{name}s")
    if value is None and isinstance(around, dict):
        value = around.get(name)
    for row in value if isinstance(value, list) else (value,):
        if isinstance(row, dict):
            yield row


def text(fields: Fields, name: str, limit: int = 300) -> str:
    """Return a field's text (a code's value, a number as written), cleaned; "" for any kind of absent value."""
    value = fields.get(name)
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value), limit).strip()


def flag(fields: Fields, name: str) -> bool:
    """Return True only if the field is true."""
    return fields.get(name) in (True, "true")


def day(fields: Fields, name: str) -> str:
    """Return the day of a date ("2026-11-24Z"), YYYY-MM-DD; "" if there is none."""
    date = _DAY.match(text(fields, name))
    return date[0] if date else ""


def without_people(body: bytes) -> bytes:
    """Return an answer without the persons who wait for an order line. One that cannot be read is cut where they
    begin."""
    if _PEOPLE.encode() not in body:
        return body
    if body.lstrip()[:1] == b"<":
        return _PEOPLE_XML.sub(b"", body)
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return body[: body.index(_PEOPLE.encode())]
    return msgspec.json.encode(_without_people(decoded))


def _without_people(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_people(row) for row in value]
    if isinstance(value, dict):
        return {name: _without_people(each) for name, each in value.items() if not name.startswith(_PEOPLE)}
    return value


class _Element:
    def __init__(self, attributes: dict[str, str]) -> None:
        self.fields: Fields = {name: value for name, value in attributes.items() if name != "desc"}
        self.characters = ""
        self.is_object = False

    def add(self, name: str, value: Any) -> None:
        """Add a child; a second one of the same name makes a list."""
        if self.is_object and name in self.fields:
            before = self.fields[name]
            self.fields[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            self.fields[name] = value
        self.is_object = True


class _Xml:
    """One pass of expat over one body."""

    def __init__(self) -> None:
        self._open = [_Element({})]
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text

    def read(self, body: bytes) -> Fields:
        try:
            self._expat.Parse(body, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise Unreachable(Sentence("alma.no-fields")) from None
        (root,) = self._open[0].fields.values()
        return root if isinstance(root, dict) else {}

    def _doctype(self, *_: object) -> None:
        raise ValueError("a document type")  # not for people

    def _start(self, _name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _DEEPEST:
            raise ValueError("too deep")  # not for people
        self._open.append(_Element(attributes))

    def _text(self, characters: str) -> None:
        self._open[-1].characters += characters

    def _end(self, name: str) -> None:
        element = self._open.pop()
        self._open[-1].add(name, element.fields if element.is_object else element.characters.strip())
