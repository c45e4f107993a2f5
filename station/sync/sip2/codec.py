"""Encode and decode SIP2 messages: pure, and tolerant only where real servers force it
(docs/reference/systems.md#sip2-error-detection to #sip2-reports).

A message is: code, fixed part, fields `TTvalue|`, and with error detection the trailer `AYnAZhhhh`; CR ends it. The
checksum is the low 16 bits of minus the sum of all bytes up to and including the letters `AZ`, as four upper-case
hexadecimal digits. One real server sums the code points of the text instead (php-sip2#8): accepted on receipt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

import msgspec

from station.base.errors import Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.sync.sip2.messages import LAYOUTS, PERSONAL, Layout

Charset = Literal["auto", "utf-8", "cp850", "latin-1", "ascii"]
MAX_VALUE: Final = 255
"""Longest value sent, bytes."""
_TRAILER: Final = re.compile(rb"(?:AY(?P<sequence>[0-9]))?AZ(?P<checksum>[0-9A-Fa-f]{0,4})")
_FIELD_LIMIT: Final = 200
"""Most fields of one message that are kept."""


class Check(StrEnum):
    """Result of checking the trailer of a received message."""

    ABSENT = "absent"
    """No trailer: error detection is off, or the server omits it (SIP2Mediator always does)."""
    BYTES = "bytes"
    """The checksum is right by the standard."""
    CODE_POINTS = "code-points"
    """The checksum is right if code points of the text are summed."""
    EMPTY = "empty"
    """`AZ` without digits (invenio-sip2, when the request had no trailer)."""
    WRONG = "wrong"


class SipUnreadable(Exception):
    """The bytes are not a SIP2 message. The text gives the reason and is harmless."""


class Message(msgspec.Struct, frozen=True):
    """A message as received. Texts have passed `clean`; patrons' data has been removed."""

    code: str
    fixed: Mapping[str, str]
    fields: tuple[tuple[str, str], ...]
    sequence: int | None
    check: Check
    charset: str
    """Character set with which its text was read."""

    def first(self, tag: str) -> str:
        """Return the first value of a field, "" if it is missing."""
        return next((value for name, value in self.fields if name == tag), "")

    def all(self, tag: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for name, value in self.fields if name == tag)


def checksum(prefix: bytes) -> bytes:
    """Return the four hexadecimal digits for everything from the first byte through `AZ`."""
    return b"%04X" % (-sum(prefix) & 0xFFFF)


def encode(
    code: str,
    fixed: Mapping[str, str],
    fields: tuple[tuple[str, str], ...],
    *,
    sequence: int | None,
    charset: Charset = "utf-8",
    delimiter: str = "|",
    terminator: bytes = b"\r",
) -> bytes:
    """Return the bytes of a message. `sequence` None: without error detection. "auto" writes UTF-8.

    Raises `Rejected` for a value that this protocol cannot carry (delimiter, control characters, characters outside the
    character set, more than 255 bytes): no value is changed silently. A wrong fixed part raises `ValueError`, as a bug.
    """
    layout = LAYOUTS[code]
    parts = [code.encode("ascii")]
    for name, width in layout.fixed:
        value = fixed[name]
        if len(value) != width or not value.isascii() or not value.isprintable():
            raise ValueError(f"{layout.name}: {name} must be {width} printable characters")
        parts.append(value.encode("ascii"))
    tags = {tag for tag, _ in fields}
    missing = [tag for tag in layout.required if tag not in tags]
    if missing:
        raise ValueError(f"{layout.name} needs {', '.join(missing)}")
    parts.extend(_field(tag, value, charset, delimiter) for tag, value in fields)
    body = b"".join(parts)
    if sequence is not None:
        prefix = body + (b"AZ" if code in ("96", "97") else b"AY%dAZ" % (sequence % 10))
        body = prefix + checksum(prefix)
    return body + terminator


def decode(line: bytes, *, charset: Charset = "auto", fallback: str = "cp850", delimiter: str = "|") -> Message:
    """Read one message without its CR. Leading LF and NUL, and trailing blanks, are ignored.

    Raises only `SipUnreadable`, in time linear in the length; the caller limits the length.
    """
    line = line.lstrip(b"\n\r\0").rstrip(b"\n\r\0")
    code = line[:2].decode("ascii", "replace")
    layout = LAYOUTS.get(code)
    if layout is None:
        raise SipUnreadable(f"unknown message: {clean(repr(line[:40]), 80)}")
    end = 2 + layout.width
    rest = line[end:]
    mark = delimiter.encode("ascii")
    *full, last = rest.split(mark, _FIELD_LIMIT)
    trailer = _TRAILER.fullmatch(last.rstrip(b" "))
    if trailer is None and last:
        full.append(last)  # SIPServer strips the last delimiter
    if len(line) < end and trailer is None:
        trailer = _TRAILER.search(line, 2)
        if trailer is None or trailer.end() != len(line):
            raise SipUnreadable(f"{layout.name} is cut off: {clean(repr(line[:60]), 120)}")
    fixed_text = line[2:end].decode("latin-1")
    if not fixed_text.isascii():
        raise SipUnreadable(f"{layout.name} has a fixed part that is not ASCII")
    used, text = _charset(rest, charset, fallback)
    check = _verdict(line, trailer, used)
    return Message(
        code=code,
        fixed=_fixed(layout, fixed_text),
        fields=tuple(_fields(full, used)),
        sequence=int(trailer["sequence"]) if trailer is not None and trailer["sequence"] else None,
        check=check,
        charset=text,
    )


def _field(tag: str, value: str, charset: Charset, delimiter: str) -> bytes:
    if delimiter in value or not all(char.isprintable() for char in value):
        raise Rejected(Sentence("sip2.value.control", field=tag, delimiter=repr(delimiter)))
    try:
        data = value.encode("utf-8" if charset == "auto" else charset)
    except UnicodeEncodeError as error:
        raise Rejected(
            Sentence("sip2.value.charset", field=tag, character=repr(value[error.start]), charset=charset)
        ) from error
    if len(data) > MAX_VALUE:
        raise Rejected(Sentence("sip2.value.long", field=tag, count=len(data), most=MAX_VALUE))
    return tag.encode("ascii") + data + delimiter.encode("ascii")


def _fixed(layout: Layout, text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    place = 0
    for name, width in layout.fixed:
        values[name] = clean(text[place : place + width]) if text[place : place + width].strip() else ""
        place += width
    return values


def _fields(pieces: list[bytes], charset: str) -> list[tuple[str, str]]:
    fields = []
    for piece in pieces:
        tag = piece[:2].decode("latin-1")
        if len(tag) < 2 or not (tag.isascii() and tag.isalnum()) or tag in PERSONAL:
            continue
        fields.append((tag.upper(), clean(piece[2:].decode(charset, "surrogateescape"))))
    return fields


def _charset(data: bytes, charset: Charset, fallback: str) -> tuple[str, str]:
    """Return (codec to read with, its name for display). "auto": UTF-8 if the data is valid UTF-8, else the
    fallback."""
    if charset != "auto":
        return charset, charset
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return fallback, f"{fallback} (not valid as UTF-8)"
    return "utf-8", "utf-8"


def _verdict(line: bytes, trailer: re.Match[bytes] | None, charset: str) -> Check:
    if trailer is None:
        return Check.ABSENT
    digits = trailer["checksum"]
    if not digits:
        return Check.EMPTY
    prefix = line.rstrip(b" ")[: -len(digits)]
    if (sum(prefix) + int(digits, 16)) & 0xFFFF == 0:
        return Check.BYTES
    text = prefix.decode(charset, "surrogateescape")
    if (sum(map(ord, text)) + int(digits, 16)) & 0xFFFF == 0:
        return Check.CODE_POINTS
    return Check.WRONG


class LineReader:
    """Splits bytes into lines ended by CR, however the bytes arrive. LF and NUL before a line are dropped.

    `take` returns a line as soon as it is complete. A line longer than `cap` bytes raises `SipUnreadable`.
    """

    def __init__(self, cap: int = 65536) -> None:
        self._cap = cap
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._buffer += data

    def take(self) -> bytes | None:
        """Return the next complete line without its CR; None if there is none."""
        start = 0
        while start < len(self._buffer) and self._buffer[start] in b"\n\r\0":
            start += 1
        del self._buffer[:start]
        end = self._buffer.find(b"\r", 0, self._cap + 1)
        if end < 0:
            if len(self._buffer) > self._cap:
                raise SipUnreadable(f"an answer longer than {self._cap} bytes without an end")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def rest(self) -> bytes:
        """Return and clear the bytes that are not a complete line."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest
