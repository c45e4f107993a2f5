"""The EAS bit of NXP's chips, by the reader's custom commands [B1] or its transparent mode [BF].

A tag whose bit is off does not answer an EAS alarm, and neither does an absent tag: `silence.answered` distinguishes
them. In transparent mode, silence could also mean that the reader interprets RSP-LENGTH differently. So two facts are
determined first, by reading a block whose length is known: its unit, and whether the reader passes on shorter answers
(such as a tag's error).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from station.base.errors import NotPossible, TagAbsent
from station.domain.tag_image import NOBODY, Uid
from station.drivers.feig import customs
from station.drivers.feig.customs import Mode
from station.drivers.feig.line import FeigChannel, refuses
from station.drivers.feig.look import there
from station.drivers.feig.models import Customs
from station.drivers.feig.replies import Acknowledged, Event, Refused
from station.drivers.feig.request import Request, Row
from station.drivers.feig.statuses import STATUSES, Blame, error_for
from station.drivers.reader.on_air import ERROR, is_texas, tag_answer
from station.drivers.reader.silence import answered

E = TypeVar("E", bound=Event)

_READ_SINGLE: Final = 0x20
_BLOCK: Final = 4
_BITS, _BYTES = 8, 1
_WORDS: Final = (
    "this reader cannot reach the EAS bit: it has neither custom commands (B1) nor the transparent mode (BF)"
)


class Custom:
    """Custom commands of one reader. `change`: how the driver sends a request that changes a tag and reads its
    outcome."""

    def __init__(self, channel: FeigChannel, change: Callable[[Uid, Request[Acknowledged]], None]) -> None:
        self._channel = channel
        self._change = change
        self._way = Customs.NONE
        self._unit = 0
        self._exact = False

    def begin(self, way: Customs) -> bool:
        """Choose how to send custom commands, after each greeting. Ask the reader itself if its model does not tell.
        Return True if there is a way."""
        self._unit = 0
        self._way = self._asked() if way is Customs.ASK else way
        return self._way is not Customs.NONE

    @property
    def way(self) -> Customs:
        """How custom commands are sent."""
        return self._way

    def _asked(self) -> Customs:
        return next((way for way in (Customs.HOST, Customs.TRANSPARENT) if self._knows(way)), Customs.NONE)

    def _knows(self, way: Customs) -> bool:
        request: Request[Any] = customs.eas(customs.EAS_ALARM, NOBODY)
        if way is Customs.TRANSPARENT:
            read = customs.air_request(NOBODY, _READ_SINGLE, b"\x00")
            request = customs.transparent(Mode.READ, read, 1 + _BLOCK)
        return self._channel.find_out(request, refuses)

    def find_out(self) -> None:
        """Ask the reader whether it has the way that its model suggests."""
        if self._way is not Customs.NONE and not self._knows(self._way):
            self._way = Customs.NONE

    def _ask(self, request: Request[E]) -> E | Refused:
        """Raises `NotPossible` if the reader turns out not to have the command."""
        event = self._channel.try_optional(request)
        if event is None:
            self._way = Customs.NONE
            raise NotPossible(_WORDS)
        return event

    # --- the bit --------------------------------------------------------------------------------------------------

    def read(self, uid: Uid) -> bool:
        """Return whether the bit is on. Raises `TagAbsent`, `TagRefused`, `NotPossible`."""
        if self._way is Customs.NONE:
            raise NotPossible(_WORDS)
        alarm = self._alarm_by_air if self._way is Customs.TRANSPARENT else self._alarm
        return answered(lambda: alarm(uid), lambda: there(self._channel, uid)) is not None

    def write(self, uid: Uid, on: bool) -> None:
        """Switch the bit. Raises `TagAbsent`, `TagRefused`, `NotPossible`."""
        if self._way is Customs.NONE:
            raise NotPossible(_WORDS)
        row = customs.SET_EAS if on else customs.RESET_EAS
        if self._way is Customs.HOST:
            self._change(uid, customs.eas(row, uid))
        else:
            self.air(uid, row.sub or 0, bytes((customs.NXP,)), 0, writes=True)

    def _alarm(self, uid: Uid) -> Event | None:
        event = self._ask(customs.eas(customs.EAS_ALARM, uid))
        return _said(event, customs.EAS_ALARM)

    def _alarm_by_air(self, uid: Uid) -> Event | None:
        self._learn(uid)
        request = customs.air_request(uid, customs.EAS_ALARM.sub or 0, bytes((customs.NXP,)))
        event = self._ask(customs.transparent(Mode.READ, request, 1 + customs.EAS_BYTES, self._unit))
        answer = _said(event, customs.TRANSPARENT)
        if answer is None:
            return None
        tag_answer("an EAS alarm", answer.data)
        return answer

    # --- the air --------------------------------------------------------------------------------------------------

    def air(self, uid: Uid, command: int, parameters: bytes, most: int, *, writes: bool = False) -> bytes:
        """Send one ISO 15693 request to one tag by [BF]: command byte and parameters (for custom commands, the maker's
        code first). Return the answer, of which `most` bytes are expected, without the tag's flags.

        `writes`: the tag programs its memory; Texas Instruments tags then get their option flag and end of frame. A
        reader that accepts only answers of exactly the requested length does not pass on a tag's error, which then
        looks like silence. Raises `TagAbsent`, `TagRefused` with the tag's own code, `NotPossible` and what the line
        raises.
        """
        self._learn(uid)
        texas = writes and is_texas(uid)
        mode = Mode.READ if not writes else Mode.WRITE_OPTION if texas else Mode.WRITE
        request = customs.air_request(uid, command, parameters, option=texas)
        # The flags and the expected bytes; an error has its code after the flags.
        wanted = 1 + (most if self._exact else max(most, 1))
        answer = self._channel.ask(customs.transparent(mode, request, wanted, self._unit))
        return tag_answer(f"{command:02X} on the air", answer.data)

    def _learn(self, uid: Uid) -> None:
        """Find the unit of RSP-LENGTH: the answer to Read Single Block of a 4-byte block has 5 bytes without its
        CRC."""
        if self._unit:
            return
        request = customs.air_request(uid, _READ_SINGLE, b"\x00")
        for unit in (_BITS, _BITS, _BYTES, _BYTES):  # one unanswered request does not prove the other unit
            event = self._ask(customs.transparent(Mode.READ, request, 1 + _BLOCK, unit))
            if not isinstance(event, Refused):
                if len(event.data) == 1 + _BLOCK or (event.data and event.data[0] & ERROR):
                    self._unit = unit
                    self._exact = not self._takes_less(request)
                    return
            elif STATUSES[event.status].blame is not Blame.TAG_SILENT:
                raise error_for(event, customs.TRANSPARENT.name)
        if not (there(self._channel, uid) and there(self._channel, uid)):  # see `silence.answered`
            raise TagAbsent("no answer to a block read on the air")
        raise NotPossible("this reader's transparent mode (BF) does not answer as its manual says")

    def _takes_less(self, request: bytes) -> bool:
        """Return whether the reader passes on an answer one byte shorter than requested."""
        for _ in range(2):
            event = self._channel.exchange(customs.transparent(Mode.READ, request, 2 + _BLOCK, self._unit))
            if not isinstance(event, Refused) and len(event.data) == 1 + _BLOCK:
                return True
        return False


def _said(event: E | Refused, row: Row) -> E | None:
    """Return the answer; None if no tag was heard. Raises the error of any other refusal."""
    if not isinstance(event, Refused):
        return event
    if event.status == 0x01:
        return None
    raise error_for(event, row.name)
