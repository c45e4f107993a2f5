"""Find the line of a key in a TOML text, and the notation of its numbers: tomllib gives lines for syntax errors only,
and values without their notation.

A small scanner over text that tomllib has already accepted. It handles table headers, bare, quoted and dotted keys,
strings of all four kinds, comments, and multi-line values; nothing else is needed to find a key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

_KEY_PART: Final = re.compile(r"""\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))\s*(\.?)""")
_QUOTES: Final = ('"""', "'''", '"', "'")


def line_of(text: str, path: tuple[str, ...], value: str = "") -> int:
    """Return the line (from 1) of the key `path`, of an entry `value` in its list, or of the nearest enclosing table.

    Return 1 for a text without the key.
    """
    best, depth = 1, 0
    for start, end, key in _scanned(text):
        if key[: len(path)] == path:
            return _within(text, start, end, value)
        if len(key) > depth and path[: len(key)] == key:
            best, depth = _within(text, start, end, path[len(key)]), len(key)
    return best


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line (from 1) of each key that has a value. The keys of an inline table are those of its own key."""
    return {key: text.count("\n", 0, start) + 1 for start, _, key in _scanned(text) if text[start] != "["}


def table_line(text: str, table: str, index: int = 0, path: tuple[str, ...] = ()) -> int:
    """Return the line of a table in an array of tables (`[[table]]`, the first is 0), or of the key `path` if the table
    has it.

    For a text without such a table, return the line of the key `table`, or 1.
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


def entry_line(text: str, path: tuple[str | int, ...]) -> int:
    """Return the line of the key `path`, in which a number is the place of a table in an array of tables (the first is
    0), or of the nearest enclosing table: ("vendor", 1, "contacts", 0, "name")."""
    places: dict[tuple[str, ...], int] = {}
    best, depth = 1, 0
    for start, _, key in _scanned(text):
        if text.startswith("[[", start):
            places = {table: place for table, place in places.items() if table[: len(key)] != key or table == key}
            places[key] = places.get(key, -1) + 1
        whole: list[str | int] = []
        for length in range(1, len(key) + 1):
            whole.append(key[length - 1])
            if key[:length] in places:
                whole.append(places[key[:length]])
        if depth < len(whole) and tuple(whole) == path[: len(whole)]:
            best, depth = text.count("\n", 0, start) + 1, len(whole)
    return best


def in_decimal(text: str, path: tuple[str, ...]) -> str:
    """Return the first number above 9 in the value of `path` that is written in decimal; "" = none. The value is a
    number or a list of numbers, also in an inline table."""
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
    """Return the sentence about a decimal number where bytes must be hexadecimal. Otherwise 21 would silently be read
    as 0x15."""
    wanted = [f"0x{int(number):02X} for decimal {number}"]
    if len(number) == 2:
        wanted.insert(0, f"0x{number} for hexadecimal {number}")
    return f"{key} must be written in hexadecimal. Write {', or '.join(wanted)}."


@functools.lru_cache(maxsize=2)
def _scanned(text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Return all of `_statements`, cached: the reader of a file asks for the line of each of its tables."""
    return tuple(_statements(text))


def _statements(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield (first character, end, full key) of every table header and every key with its value."""
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
    """Return the end of a value: the first line end outside strings and brackets."""
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
    """Return the line of `value` between two positions, else of the first position."""
    place = re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text[start:end]) if value else None
    return text.count("\n", 0, start + (place.start() if place else 0)) + 1


def named_path(message: str) -> tuple[str | int, ...]:
    """Return the path that a msgspec message names, with its places: "... - at `$.vendor[1].name`"; an unknown field
    ends it; () if it names none."""
    pieces = [piece for piece in message.split("`")[1::2] if piece]
    path = next((piece for piece in pieces if piece.startswith("$")), "")
    keys: list[str | int] = [int(key[1]) if key[1] else key[2] for key in re.finditer(r"\[([0-9]+)\]|([\w-]+)", path)]
    unknown = next((piece for piece in pieces if not piece.startswith("$")), "") if "unknown field" in message else ""
    return (*keys, unknown) if unknown else tuple(keys)


def named_key(said: str) -> tuple[str, ...]:
    """Return the key that a msgspec message names: "... - at `$.width`", or "... unknown field `colour`"; () if it
    names none."""
    inner = [piece for piece in said.split("`")[1::2] if piece]
    path = next((piece for piece in inner if piece.startswith("$")), "")
    keys = tuple(key.split("[")[0] for key in path.replace("[...]", "").split(".")[1:] if key)
    unknown = next((piece for piece in inner if not piece.startswith("$")), "") if "unknown field" in said else ""
    return (*keys, unknown) if unknown else keys
