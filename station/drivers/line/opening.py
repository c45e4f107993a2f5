"""From the settings to a way of opening the line: a serial port, TCP, or a capture that is played; recorded where asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from station import __version__
from station.base.clock import Clock
from station.base.settings import Reader
from station.drivers.line.capture import Recorder, load, recording
from station.drivers.line.replay import Replay
from station.drivers.line.serial import SerialTransport, Transport
from station.drivers.line.tcp import CONNECT_S, TCP, TcpTransport

REPLAY: Final = "replay:"
"""A port that begins like this names a capture to be played, in its order."""

Opener = Callable[[], Transport]


def opener(settings: Reader, clock: Clock, data: Path) -> Opener:
    """How the configured line is opened; `data`: what relative files are relative to. Raises `CaptureUnreadable`."""
    if settings.port.startswith(REPLAY):
        return Replay(load(data / settings.port.removeprefix(REPLAY)), clock).connect
    return partial(open_line, settings)


def open_line(settings: Reader) -> Transport:
    """The configured line, now: TCP or a serial port. Raises `PortMissing`, `PortBusy`, `PortDenied`."""
    if settings.port.startswith(TCP):
        return TcpTransport(settings.port, min(CONNECT_S, settings.operation_ms / 1000))
    return SerialTransport(settings)


def recorded(line: Opener, settings: Reader, clock: Clock, data: Path) -> tuple[Opener, Callable[[], None]]:
    """The same, recorded if `reader.capture` says where; and what ends the recording."""
    if not settings.capture:
        return line, _nothing
    meta: dict[str, object] = {
        "station": __version__,
        "driver": settings.driver,
        "port": settings.port,
        "baud": settings.baud,
        "parity": settings.parity,
    }
    recorder = Recorder(data / settings.capture, clock, meta)
    return recording(line, recorder), recorder.close


def _nothing() -> None:
    return
