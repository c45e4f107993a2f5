"""3M's part of a conversation, for `line.conversation`.

A frame is the answer if length and CRC are right, start byte and command echo the request, the error code is in the
manual, and the rest has the layout that this request expects: the UID if one was sent, AFI and options of an inventory,
block numbers of a read. After a complete answer the reader is ready (manual, 1.1).
"""

from __future__ import annotations

from typing import Any, Final

from station.drivers.line.conversation import Conversation, Stray
from station.drivers.line.cursor import Cursor, Misshapen
from station.drivers.threem.commands import CODES, ERRORS, PROBE, PROBE_DATA, Request, refusal
from station.drivers.threem.frame import LONGEST, Frame, announced, encode, parse
from station.drivers.threem.replies import Event

ThreemConversation = Conversation[Request[Any], Frame, Event]


def conversation() -> ThreemConversation:
    return Conversation(ThreemDialect())


class ThreemDialect:
    longest: Final = LONGEST

    def announced(self, waiting: bytearray) -> int | None:
        return announced(waiting, CODES)

    def parse(self, raw: bytes) -> Frame | None:
        return parse(raw)

    def encode(self, request: Request[Any]) -> bytes:
        return encode(request.row.code, request.data, request.row.start)

    def answer(self, request: Request[Any], frame: Frame) -> Event:
        if (frame.start, frame.command) != (request.row.start, request.row.code):
            raise Stray(f"an answer to {frame.command:02X}")
        return _read(request, frame.data)


def _read(request: Request[Any], data: bytes) -> Event:
    """Return the content of a reply. Raises `Misshapen` if it does not answer this request."""
    if request.row is PROBE:  # its answer repeats the request where others have ERR
        cursor = Cursor(data)
        cursor.expect(PROBE_DATA, "probe")
        probed: Event = request.parse(cursor.take(cursor.left))
        return probed
    error, rest = data[0], data[1:]
    if error in ERRORS:
        return refusal(request, error, rest)
    if error:
        raise Misshapen(f"unknown error {error:02X}")
    if rest[: len(request.uid)] != request.uid:
        raise Misshapen(f"{request.uid.hex()} was asked, {rest[:8].hex()} answered")
    event: Event = request.parse(rest[len(request.uid) :])
    return event
