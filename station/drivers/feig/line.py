"""The channel to one FEIG reader: the frames it understands, and its fence request (software version)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.clock import Clock
from station.base.settings import Reader
from station.drivers.feig import control
from station.drivers.feig.protocol import conversation
from station.drivers.feig.replies import Refused, SoftwareVersion
from station.drivers.feig.statuses import error_for
from station.drivers.line.conversation import Asked
from station.drivers.line.serial import Transport
from station.drivers.reader.channel import Channel

FeigChannel = Channel[Refused]

PSST_S: Final = 0.005
"""Silence before a new frame (H20800-16e 3.1)."""
_BITS_PER_BYTE: Final = 11
_LONGEST_ANSWER: Final = 255
UNKNOWN_COMMAND: Final = (0x80, 0x81, 0x82)
"""Statuses of a reader that does not have this command, or not in this form."""


def refuses(answer: object) -> bool:
    """Return whether the reader reports that it does not have this command, or not now (82)."""
    return isinstance(answer, Refused) and answer.status in UNKNOWN_COMMAND


def _has_none(answer: object) -> bool:
    """Return whether the reader reports that it does not have this command."""
    return isinstance(answer, Refused) and answer.status in UNKNOWN_COMMAND[:2]


class FeigLine:
    """Closed until `channel.connection.connect` and `greet` have succeeded."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._settings = settings
        self.channel: FeigChannel = Channel(
            transport_factory,
            clock,
            settings,
            conversation(settings.bus_address),
            control.software_version(),
            silence_s=PSST_S,
            always_silent=True,
            wire_s=self._wire_s,
            refusal=Refused,
            error_for=error_for,
            unknown=_has_none,
        )
        self.advanced: bool | None = None
        """Whether the reader understands advanced frames; None = not known yet."""

    def _wire_s(self, request: Asked) -> float:
        return (len(request.data) + _LONGEST_ANSWER) * _BITS_PER_BYTE / self._settings.baud

    def greet(self) -> SoftwareVersion:
        """Find the frames that the reader understands, and return its software version."""
        frames, self.advanced = self._frames(), None
        index, version = self.channel.greet(
            [
                (conversation(self._settings.bus_address, advanced=advanced), control.software_version())
                for advanced in frames
            ]
        )
        self.advanced = frames[index]
        return version

    def _frames(self) -> tuple[bool, ...]:
        """Return the order in which standard (False) and advanced frames are tried: CPR.M02 understands standard ones
        only, MR102 advanced ones only. The order does not depend on the kind of line, so that a recording can be
        replayed."""
        if self._settings.frames != "auto":
            return (self._settings.frames == "advanced",) * 2
        likely = bool(self.advanced)
        return (likely, likely, not likely)
