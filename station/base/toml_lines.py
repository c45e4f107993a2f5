"""On which line of a TOML text a key stands, and how its numbers are written: tomllib tells lines for syntax errors only, and
values without their notation.

A small scanner over text that tomllib has already accepted. It knows table headers, bare, quoted and dotted keys,
strings of all four kinds, comments, and values that go over several lines; nothing else is needed to find a key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

_KEY_PART: Final = re.compile(r"""\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_QUOTES: Final = ('"""', "'''", '"', "'")


def line_of(text: str, path: tuple[str, ...], value: str = "") -> int:
    """Line (from 1) of the key `path`, of an entry `value` in its list, or of the nearest table around it.

    A text without the key gives 1.
    """
    best, depth = 1, 0
    for start, end, key in _scanned(text):
        if key[: len(path)] == path:
            return _within(text, start, end, value)
        if len(key) > depth and path[: len(key)] == key:
            best, depth = _within(text, start, end, path[len(key)]), len(key)
    return best


def table_line(text: str, table: str, index: int = 0, path: tuple[str, ...] = ()) -> int:
    """Line of the table of an array of tables (`[[table]]`, the first is 0), or of the key `path` in it where it stands there.

    A text without such a table gives the line of the key `table`, or 1.
    """
    seen, found = -1, 0
    for start, end, key in _scanned(text):
        header = text[start] == "["
        if header and key == (table,):
            seen += 1
            if seen == index:
                found = _within(text, start, end, "")
        elif seen == index and found and not header:
            inner = key[1:]
            if inner and path[: len(inner)] == inner:
                return _within(text, start, end, path[len(inner)] if len(path) > len(inner) else "")
    return found or line_of(text, (table,))


def in_decimal(text: str, path: tuple[str, ...]) -> str:
    """The first number above 9 that the value of `path` writes in decimal; "" = none. Such a value is a number or a list of
    them, also in an inline table."""
    for start, end, key in _scanned(text):
        if not key or key != path[: len(key)] or text[start] == "[":
            continue
        said = re.sub(r"#[^\n]*", "", text[start:end].partition("=")[2])
        if key != path:
            inner = re.search(rf"""\b{re.escape(path[-1])}["']?\s*=\s*([^,}}]*)""", said)
            said = inner[1] if inner else ""
        for number in re.findall(r"(?<![\w.])\+?([0-9][0-9_]*)(?![\w.])", said):
            if int(number) > 9:
                return str(int(number))
    return ""


def only_hexadecimal(key: str, number: str) -> str:
    """The sentence about a decimal number where bytes are hexadecimal: 21 would be read as 0x15, in silence."""
    wanted = [f"0x{int(number):02X} for decimal {number}"]
    if len(number) == 2:
        wanted.insert(0, f"0x{number} for hexadecimal {number}")
    return f"{key} must be written in hexadecimal. Write {', or '.join(wanted)}."


@functools.lru_cache(maxsize=2)
def _scanned(text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """All of `_statements`: whoever reads a file asks for the line of each of its tables."""
    return tuple(_statements(text))


def _statements(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(first character, end, full key) of every table header and every key with its value."""
    table: tuple[str, ...] = ()
    at = 0
    while at < len(text):
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at >= len(text):
            return
        start = at
        if text[at] == "#":
            at = _line_end(text, at)
            continue
        if text[at] == "[":
            opening = 2 if text.startswith("[[", at) else 1
            table, at = _key(text, at + opening)
            at = _line_end(text, at)
            yield start, at, table
            continue
        key, at = _key(text, at)
        at = _value_end(text, at + 1)
        yield start, at, (*table, *key)


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    parts: list[str] = []
    while found := _KEY_PART.match(text, at):
        parts.append(found[1] if found[1] is not None else found[2] if found[2] is not None else found[3])
        at = found.end()
        if not found[4]:
            break
    return tuple(parts), at


def _value_end(text: str, at: int) -> int:
    """Behind a value: the first line end outside strings and brackets."""
    nested = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            at = _string_end(text, at)
            continue
        if char == "#":
            at = _line_end(text, at)
            continue
        if char == "\n" and not nested:
            return at
        nested += (char in "[{") - (char in "]}")
        at += 1
    return at


def _string_end(text: str, at: int) -> int:
    quote = next(quote for quote in _QUOTES if text.startswith(quote, at))
    at += len(quote)
    while at < len(text) and not text.startswith(quote, at):
        at += 2 if text[at] == "\\" and quote[0] == '"' else 1
    return at + len(quote)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _within(text: str, start: int, end: int, value: str) -> int:
    """Line of `value` between two places, else of the first."""
    place = re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text[start:end]) if value else None
    return text.count("\n", 0, start + (place.start() if place else 0)) + 1


def named_key(said: str) -> tuple[str, ...]:
    """The key that a msgspec message names: "... - at `$.width`", or "... unknown field `colour`"; () if it names none."""
    inner = [piece for piece in said.split("`")[1::2] if piece]
    path = next((piece for piece in inner if piece.startswith("$")), "")
    keys = tuple(key.split("[")[0] for key in path.split(".")[1:] if key and key != "[...]")
    unknown = next((piece for piece in inner if not piece.startswith("$")), "") if "unknown field" in said else ""
    return (*keys, unknown) if unknown else keys
