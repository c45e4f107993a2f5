"""FEIG's part of a conversation, for `line.conversation`.

A frame is the answer if length and CRC are right, address and command echo the request, the status is in the manual,
and DATA has the layout that this request expects (including the UID or the number of blocks, if the reply repeats
them).
"""

from __future__ import annotations

from typing import Any, Final

from station.drivers.feig.frame import BROADCAST, LONGEST_ADVANCED, Frame, announced, encode, parse
from station.drivers.feig.replies import Event
from station.drivers.feig.request import Request
from station.drivers.feig.statuses import STATUSES, refusal
from station.drivers.feig.table import CODES
from station.drivers.line.conversation import Conversation, Stray

FeigConversation = Conversation[Request[Any], Frame, Event]


def conversation(bus_address: int = BROADCAST, *, advanced: bool = False) -> FeigConversation:
    """Return a conversation. `advanced`: requests are sent in advanced frames. Replies of both kinds are understood."""
    return Conversation(FeigDialect(bus_address, advanced=advanced))


class FeigDialect:
    """FEIG's requests and answers. With bus address 255 any reader may answer first; after that only that reader
    may."""

    longest: Final = LONGEST_ADVANCED

    def __init__(self, bus_address: int, *, advanced: bool) -> None:
        self._bus_address = bus_address
        self._advanced = advanced
        self._answering = None if bus_address == BROADCAST else bus_address

    def announced(self, waiting: bytearray) -> int | None:
        return announced(waiting, CODES)

    def parse(self, raw: bytes) -> Frame | None:
        return parse(raw)

    def encode(self, request: Request[Any]) -> bytes:
        return encode(self._bus_address, request.row.code, request.data, advanced=self._advanced)

    def answer(self, request: Request[Any], frame: Frame) -> Event:
        if frame.command != request.row.code:
            raise Stray(f"an answer to {frame.command:02X}")
        if self._answering not in (None, frame.address):
            raise Stray(f"an answer from address {frame.address:02X}")
        if frame.status not in STATUSES:
            raise Stray(f"unknown status {frame.status:02X}")
        if frame.status in request.row.answers:
            event: Event = request.parse(frame.status, frame.data)
        else:
            event = refusal(frame.status, frame.data)
        self._answering = frame.address
        return event
