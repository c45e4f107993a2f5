"""Questions by which a reader shows itself. All are reading commands: none changes a tag, a setting or the field.

A reader does not answer a frame that it cannot read (H20800-16e 3.1), so a wrong speed costs time only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from station.clock import Clock, Deadline
from station.drivers.exchange import exchange
from station.drivers.feig import commands as feig
from station.drivers.feig.models import model, transponders
from station.drivers.feig.protocol import FeigProtocol
from station.drivers.feig.replies import ReaderInfo, Refused, SoftwareVersion
from station.drivers.threem import commands as threem
from station.drivers.threem.protocol import ThreemProtocol
from station.drivers.threem.reader import BAUD as THREEM_BAUD
from station.drivers.threem.reader import FAMILY
from station.drivers.threem.replies import Version
from station.drivers.transport import Transport
from station.errors import ReaderSilent, RemoteProtocolError

PATIENCE_S: Final = 0.15
"""How long an answer may take beside its time on the wire: nothing has to be asked on the air."""
_ANSWER_BITS: Final = 11 * (7 + 17)
"""The longest question and the longest answer, in bits on the wire."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader said of itself."""

    model: str
    firmware: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """How one driver's readers are looked for: lines (baud, parity) in the order of likelihood, and the question."""

    driver: str
    lines: tuple[tuple[int, str], ...]
    ask: Callable[[Transport, Clock, float], Shown]
    """Raises `ReaderSilent` when nothing came, `RemoteProtocolError` when something came that is no answer."""


def _deadline(clock: Clock, baud: float) -> Deadline:
    return Deadline(clock, PATIENCE_S + _ANSWER_BITS / baud)


def _ask_feig(line: Transport, clock: Clock, baud: float) -> Shown:
    protocol = FeigProtocol()

    def ask(request: feig.Request[Any]) -> object:
        return exchange(protocol, line, request, _deadline(clock, baud))[0]

    version = ask(feig.software_version())
    if not isinstance(version, SoftwareVersion):
        raise RemoteProtocolError("a FEIG reader that does not tell its version")
    details = [f"reads {name}" for name in transponders(version.transponder_types)]
    try:
        clock.pause(0.005)
        info = ask(feig.reader_info())
    except (ReaderSilent, RemoteProtocolError):
        info = Refused(0x80)
    if isinstance(info, ReaderInfo):
        details.append(f"buffers of {info.receive_buffer} and {info.send_buffer} bytes")
    firmware = f"{version.software >> 8}.{version.software & 0xFF:02d}"
    return Shown(f"FEIG {model(version.software_type)}", firmware, tuple(details))


def _ask_threem(line: Transport, clock: Clock, baud: float) -> Shown:
    version = exchange(ThreemProtocol(), line, threem.probe(), _deadline(clock, baud))[0]
    if not isinstance(version, Version):
        raise RemoteProtocolError("a 3M reader that does not tell its version")
    name = "3M / Bibliotheca" if version.family == FAMILY else f"3M protocol, family {version.family:02X}"
    return Shown(name, f"{version.major}.{version.minor}.{version.build}")


PROBES: Final = (
    Probe("feig", ((38400, "E"),), _ask_feig),
    Probe("3m", ((THREEM_BAUD, "N"),), _ask_threem),
    Probe(
        "feig",
        (
            *((115200, "E"), (9600, "E"), (57600, "E"), (19200, "E"), (230400, "E"), (4800, "E")),
            *((38400, "N"), (115200, "N"), (9600, "N"), (38400, "O")),
        ),
        _ask_feig,
    ),
)
"""Factory settings first, then what else the readers can be set to (H20800-16e 4.2)."""

BY_DRIVER: Final = {probe.driver: probe.ask for probe in PROBES}
