"""Open the line of the settings: a serial port, TCP, or a replayed capture; optionally with a recording."""

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
"""Prefix of a port that names a capture to replay in order."""

Opener = Callable[[], Transport]


def opener(settings: Reader, clock: Clock, data: Path) -> Opener:
    """Return a function that opens the configured line. `data`: base of relative file names. Raises
    `CaptureUnreadable`."""
    if settings.port.startswith(REPLAY):
        return Replay(load(data / settings.port.removeprefix(REPLAY)), clock).connect
    return partial(open_line, settings)


def open_line(settings: Reader) -> Transport:
    """Open the configured line: TCP or a serial port. Raises `PortMissing`, `PortBusy`, `PortDenied`."""
    if settings.port.startswith(TCP):
        return TcpTransport(settings.port, min(CONNECT_S, settings.operation_ms / 1000))
    return SerialTransport(settings)


def recorded(line: Opener, settings: Reader, clock: Clock, data: Path) -> tuple[Opener, Callable[[], None]]:
    """Return `line` with a recording, if `reader.capture` names a file, and a function that ends the recording."""
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
