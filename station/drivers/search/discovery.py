"""Search for readers: list the ports, and find the reader at each.

Ports that were used before are tried first, then USB adapters of the kind that readers have, then the rest. A port is
opened exclusively and released at once; a port that another program holds is left alone. Ports are tried in parallel,
the lines of one port in sequence. A device without an understandable answer may be slow: `unanswered` returns the ports
that deserve a second, slower round. A reader in the network ("tcp://HOST:PORT") is tried only if it is named: networks
are not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import PortBusy, PortDenied, ReaderSilent, RemoteProtocolError, TransportError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Reader
from station.drivers.line.opening import open_line as open_any
from station.drivers.line.serial import PortInfo, Transport
from station.drivers.line.tcp import TCP
from station.drivers.search.probes import BY_DRIVER, PROBES, Shown, patience

_SIDE_BY_SIDE: Final = 8
_NO_LINE: Final = (0, "")
"""Baud rate and parity of a socket."""
_SETTLE_S: Final = 0.02
"""Seconds between two lines on one port: longer than the 12 ms after which a FEIG reader drops a partial frame
(H20800-16e 3.1)."""

FTDI_FT232: Final = (0x0403, 0x6001)
"""USB numbers of the adapter of a real 3M 810 (docs/reference/readers.md#3m-frames, its live capture)."""
FEIG_VENDOR: Final = 0x0AB1
"""USB vendor number of FEIG Electronic, from memory, not from a source; it only affects the order of the ports."""


class Outcome(StrEnum):
    """Result of trying a port."""

    READER = "reader"
    SILENT = "silent"
    UNKNOWN = "unknown"
    BUSY = "busy"
    DENIED = "denied"
    MISSING = "missing"


class Found(msgspec.Struct, frozen=True):
    """One port and the reader found there, if any."""

    port: str
    usb: str
    outcome: Outcome
    driver: str = ""
    baud: int = 0
    parity: str = ""
    model: Sentence = EMPTY
    firmware: str = ""
    details: tuple[Sentence, ...] = ()
    frames: str = ""

    @property
    def sentence(self) -> Sentence:
        """Return the description in one line, for the operator."""
        if self.outcome is not Outcome.READER:
            if self.outcome is Outcome.MISSING and self.in_network:
                return Sentence("reader.left.unreachable")
            return Sentence(f"reader.left.{self.outcome.value}")
        line = "TCP" if self.in_network else f"{self.baud} baud 8{self.parity}1"  # not for people
        return Sentence("reader.found", model=self.model, firmware=self.firmware, line=line)

    @property
    def in_network(self) -> bool:
        """Whether the reader is on TCP, where there is no baud rate."""
        return self.port.startswith(TCP)


def in_order(ports: Sequence[PortInfo], before: Sequence[str]) -> tuple[PortInfo, ...]:
    """Return every port once: first those of `before` (the settings' port and the remembered one, even if not listed),
    then known adapters, then the rest."""
    listed = {name: port for port in ports for name in (port.name, port.device)}
    used = [listed.get(name, PortInfo(name, name)) for name in before if name]
    rest = sorted(ports, key=lambda port: (not _likely(port), not port.vendor, port.name))
    return tuple(dict.fromkeys((*used, *rest)))


def _likely(port: PortInfo) -> bool:
    return (port.vendor, port.product) == FTDI_FT232 or port.vendor == FEIG_VENDOR


def lines(settings: Reader) -> tuple[tuple[str, int, str], ...]:
    """Return (driver, baud, parity) in the order in which they are tried, beginning with the settings' own."""
    own = [(settings.driver, settings.baud, settings.parity)] if settings.driver in BY_DRIVER else []
    others = [(probe.driver, baud, parity) for probe in PROBES for baud, parity in probe.lines]
    return tuple(dict.fromkeys((*own, *others)))


def _tried(port: str, settings: Reader) -> tuple[tuple[str, int, str], ...]:
    """As `lines`; in a network each driver only once, because there is neither baud rate nor parity."""
    if not port.startswith(TCP):
        return lines(settings)
    return tuple((driver, *_NO_LINE) for driver in dict.fromkeys(driver for driver, _, _ in lines(settings)))


class Round(msgspec.Struct, frozen=True):
    """Options of a round."""

    slow: bool = False
    """Wait up to a second for each answer."""
    stop: Callable[[], bool] = lambda: False
    """Called before each line. Once it returns True, nothing more is tried, and the remaining ports count as silent."""
    tried: Callable[[], None] = lambda: None
    """Called after each line, from several threads."""


QUICK: Final = Round()


def scan(
    ports: Sequence[PortInfo],
    settings: Reader,
    clock: Clock,
    open_line: Callable[[Reader], Transport] = open_any,
    how: Round = QUICK,
) -> tuple[Found, ...]:
    """Return what is at each port, in the order of `ports`. Errors of a port are not raised."""
    if not ports:
        return ()
    with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(ports)), thread_name_prefix="scan") as threads:
        return tuple(threads.map(partial(_look, settings=settings, clock=clock, open_line=open_line, how=how), ports))


def unanswered(results: Sequence[Found]) -> tuple[Found, ...]:
    """Return the ports where a slower round may find a reader: silent ports, and ports with an answer that was not
    understood, which may have been a late answer to an earlier request."""
    return tuple(result for result in results if result.outcome in (Outcome.SILENT, Outcome.UNKNOWN))


def slow_round(
    results: Sequence[Found],
    settings: Reader,
    clock: Clock,
    how: Round,
    open_line: Callable[[Reader], Transport] = open_any,
) -> tuple[Found, ...]:
    """Return the same ports, after a slower round over the `unanswered` ones."""
    ports = [PortInfo(result.port, result.port) for result in unanswered(results)]
    slow = msgspec.structs.replace(how, slow=True)
    heard = {
        result.port: result
        for result in scan(ports, settings, clock, open_line, slow)
        if result.outcome not in (Outcome.SILENT, Outcome.UNKNOWN)
    }
    return tuple(
        msgspec.structs.replace(heard[result.port], usb=result.usb) if result.port in heard else result
        for result in results
    )


def slow_lines(results: Sequence[Found], settings: Reader) -> tuple[int, float]:
    """Return the number of lines that a slower round tries, and the seconds that it takes at most."""
    ports = [result.port for result in unanswered(results)]
    seconds = [sum(map(partial(_longest, settings), _tried(port, settings))) for port in ports]
    turns = sorted(seconds, reverse=True)[::_SIDE_BY_SIDE]
    return sum(len(_tried(port, settings)) for port in ports), sum(turns)


def _longest(settings: Reader, line: tuple[str, int, str]) -> float:
    """Return the seconds that a silent line takes in a slower round."""
    driver, baud, parity = line
    questions = 2 if driver == PROBES[0].driver and _thorough(settings, baud, parity) else 1
    return questions * (patience(baud, slow=True) + _SETTLE_S)


def _thorough(settings: Reader, baud: int, parity: str) -> bool:
    return (baud, parity) in ((settings.baud, settings.parity), *PROBES[0].lines, _NO_LINE)


def _look(
    port: PortInfo, settings: Reader, clock: Clock, open_line: Callable[[Reader], Transport], how: Round
) -> Found:
    outcome = Outcome.SILENT
    for driver, baud, parity in _tried(port.name, settings):
        if how.stop():
            break
        # msgspec checks no types here: each baud and parity of the table is one that the settings allow.
        tried = msgspec.structs.replace(settings, port=port.name, driver=driver, baud=baud, parity=parity)
        try:
            shown = _ask(tried, clock, open_line, _thorough(settings, baud, parity), how)
        except PortBusy:
            return Found(port.name, port.usb, Outcome.BUSY)
        except PortDenied:
            return Found(port.name, port.usb, Outcome.DENIED)
        except ReaderSilent:
            continue
        except RemoteProtocolError:
            outcome = Outcome.UNKNOWN
            continue
        except TransportError:
            return Found(port.name, port.usb, Outcome.MISSING)
        finally:
            how.tried()
        return Found(
            port=port.name,
            usb=port.usb,
            outcome=Outcome.READER,
            driver=driver,
            baud=baud,
            parity=parity,
            model=shown.model,
            firmware=shown.firmware,
            details=shown.details,
            frames=shown.frames,
        )
    return Found(port.name, port.usb, outcome)


def _ask(tried: Reader, clock: Clock, open_line: Callable[[Reader], Transport], thorough: bool, how: Round) -> Shown:
    line = open_line(tried)
    try:
        clock.pause(_SETTLE_S)
        return BY_DRIVER[tried.driver](line, clock, patience(tried.baud, slow=how.slow), thorough)
    finally:
        line.close()
