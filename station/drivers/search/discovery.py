"""Looks for readers: which ports there are, and who answers on them.

Ports that were used before come first, then USB adapters as readers have them, then the rest. A port is opened exclusively
and given back at once; one that another program holds is left alone. Ports are tried side by side, the lines of one port
one after the other. Whoever answers nothing that is understood may be slow: `unanswered` says which ports a second, patient
round is worth. A reader in the network ("tcp://HOST:PORT") is asked if it is named: networks are not searched.
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
from station.base.settings import Reader
from station.base.text import clean
from station.base.words import tell
from station.drivers.line.opening import open_line as open_any
from station.drivers.line.serial import PortInfo, Transport
from station.drivers.line.tcp import TCP
from station.drivers.search.probes import BY_DRIVER, PROBES, Shown, patience

_SIDE_BY_SIDE: Final = 8
_NO_LINE: Final = (0, "")
"""Baud and parity of a socket."""
_SETTLE_S: Final = 0.02
"""Between two lines on one port: longer than the 12 ms after which a FEIG reader forgets half a frame (H20800-16e 3.1)."""

FTDI_FT232: Final = (0x0403, 0x6001)
"""The adapter of a real 3M 810 (reader-protocols.md 2, its live capture)."""
FEIG_VENDOR: Final = 0x0AB1
"""USB vendor number of FEIG Electronic: recollection; it only decides what stands first in the list."""


class Outcome(StrEnum):
    """How a port was left."""

    READER = "reader"
    SILENT = "silent"
    UNKNOWN = "unknown"
    BUSY = "busy"
    DENIED = "denied"
    MISSING = "missing"


class Found(msgspec.Struct, frozen=True):
    """One port and who is there."""

    port: str
    usb: str
    outcome: Outcome
    driver: str = ""
    baud: int = 0
    parity: str = ""
    model: str = ""
    firmware: str = ""
    details: tuple[str, ...] = ()
    frames: str = ""

    @property
    def words(self) -> str:
        """In a line."""
        if self.outcome is not Outcome.READER:
            away = self.outcome is Outcome.MISSING and self.in_network
            return tell("reader.left.unreachable") if away else tell(f"reader.left.{self.outcome.value}")
        line = "TCP" if self.in_network else f"{self.baud} baud 8{self.parity}1"  # not for people
        return tell("reader.found", model=self.model, firmware=self.firmware, line=line)

    @property
    def in_network(self) -> bool:
        """A reader behind TCP: it has no speed."""
        return self.port.startswith(TCP)


def in_order(ports: Sequence[PortInfo], before: Sequence[str]) -> tuple[PortInfo, ...]:
    """Every port once: `before` (the settings' and the remembered one, also if they are not listed), known adapters, rest."""
    listed = {name: port for port in ports for name in (port.name, port.device)}
    used = [listed.get(name, PortInfo(name, name)) for name in before if name]
    rest = sorted(ports, key=lambda port: (not _likely(port), not port.vendor, port.name))
    return tuple(dict.fromkeys((*used, *rest)))


def _likely(port: PortInfo) -> bool:
    return (port.vendor, port.product) == FTDI_FT232 or port.vendor == FEIG_VENDOR


def lines(settings: Reader) -> tuple[tuple[str, int, str], ...]:
    """(driver, baud, parity) in the order in which they are tried; the settings' own first."""
    own = [(settings.driver, settings.baud, settings.parity)] if settings.driver in BY_DRIVER else []
    others = [(probe.driver, baud, parity) for probe in PROBES for baud, parity in probe.lines]
    return tuple(dict.fromkeys((*own, *others)))


def _tried(port: str, settings: Reader) -> tuple[tuple[str, int, str], ...]:
    """As `lines`; in a network each driver once, as there is neither speed nor parity."""
    if not port.startswith(TCP):
        return lines(settings)
    return tuple((driver, *_NO_LINE) for driver in dict.fromkeys(driver for driver, _, _ in lines(settings)))


class Round(msgspec.Struct, frozen=True):
    """How a round is done."""

    slow: bool = False
    """A second longer for each answer."""
    stop: Callable[[], bool] = lambda: False
    """Asked before each line; once it says so nothing more is tried, and who was not heard counts as silent."""
    tried: Callable[[], None] = lambda: None
    """Told after each line, by several threads."""


QUICK: Final = Round()


def scan(
    ports: Sequence[PortInfo],
    settings: Reader,
    clock: Clock,
    open_line: Callable[[Reader], Transport] = open_any,
    how: Round = QUICK,
) -> tuple[Found, ...]:
    """Who is at each port, in the order of `ports`. Raises nothing for a port that is bad."""
    if not ports:
        return ()
    with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(ports)), thread_name_prefix="scan") as threads:
        return tuple(threads.map(partial(_look, settings=settings, clock=clock, open_line=open_line, how=how), ports))


def unanswered(found: Sequence[Found]) -> tuple[Found, ...]:
    """Where a patient round may find somebody: silent ports, and those where something came that was not understood, as an
    answer is that comes when the next question was asked."""
    return tuple(one for one in found if one.outcome in (Outcome.SILENT, Outcome.UNKNOWN))


def slow_round(
    found: Sequence[Found],
    settings: Reader,
    clock: Clock,
    how: Round,
    open_line: Callable[[Reader], Transport] = open_any,
) -> tuple[Found, ...]:
    """The same ports after a patient round over those that are `unanswered`."""
    ports = [PortInfo(one.port, one.port) for one in unanswered(found)]
    slow = msgspec.structs.replace(how, slow=True)
    heard = {
        one.port: one
        for one in scan(ports, settings, clock, open_line, slow)
        if one.outcome not in (Outcome.SILENT, Outcome.UNKNOWN)
    }
    return tuple(msgspec.structs.replace(heard[one.port], usb=one.usb) if one.port in heard else one for one in found)


def slow_lines(found: Sequence[Found], settings: Reader) -> tuple[int, float]:
    """How many lines a patient round tries, and seconds that it takes at most."""
    ports = [one.port for one in unanswered(found)]
    seconds = [sum(map(partial(_longest, settings), _tried(port, settings))) for port in ports]
    turns = sorted(seconds, reverse=True)[::_SIDE_BY_SIDE]
    return sum(len(_tried(port, settings)) for port in ports), sum(turns)


def _longest(settings: Reader, line: tuple[str, int, str]) -> float:
    """Seconds that a silent line takes in a patient round."""
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
        shown = BY_DRIVER[tried.driver](line, clock, patience(tried.baud, slow=how.slow), thorough)
    finally:
        line.close()
    details = tuple(clean(detail) for detail in shown.details)
    return Shown(clean(shown.model), clean(shown.firmware), details, shown.frames)
