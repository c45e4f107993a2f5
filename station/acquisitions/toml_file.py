"""A file of the site in TOML: read as values with harmless text, with every defect refused by its line, and written so
that it is written again as the same bytes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import entry_line, named_path

LONGEST: Final = 4 << 20
"""Maximum bytes of a file."""
_LONGEST_TEXT: Final = 500
_DELETE: Final = "\x7f"
"""JSON leaves it as it is, TOML does not allow it."""
_Content = TypeVar("_Content")


def read(data: bytes, file: str, content: type[_Content]) -> tuple[_Content, str]:
    """Return the content of a file, and its text for `entry_line`. `file`: cleaned name for errors. Raise
    `VendorFileRefused`."""
    if len(data) > LONGEST:
        raise VendorFileRefused(Sentence("vendor-file.too-long", file=file, number=len(data)))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refused(file, line, Sentence("vendor-file.not-utf8")) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VendorFileRefused(Sentence("vendor-file.no-toml", file=file, detail=clean(str(error), 200))) from error
    except RecursionError as error:
        raise VendorFileRefused(Sentence("vendor-file.no-toml", file=file, detail="nested too deeply")) from error
    try:
        return msgspec.convert(_harmless(raw), content), text
    except msgspec.ValidationError as error:
        raise refused(file, entry_line(text, named_path(str(error))), clean(str(error), 300)) from error


def entries(fields: Mapping[str, object]) -> Iterator[str]:
    """Yield a line for each field."""
    return (f"{name} = {_value(value)}" for name, value in fields.items())


def refused(file: str, line: int, what: Sentence | str) -> VendorFileRefused:
    """Return the refusal of a file for one line."""
    return VendorFileRefused(Sentence("vendor-file.at", file=file, line=line, what=what))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(entries(value))}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace(_DELETE, "\\u007F")


def _harmless(value: object) -> object:
    """Return a value of TOML with harmless texts."""
    match value:
        case str():
            return clean(value, _LONGEST_TEXT)
        case list():
            return [_harmless(entry) for entry in value]
        case dict():
            return {clean(str(key)): _harmless(entry) for key, entry in value.items()}
        case _:
            return value
