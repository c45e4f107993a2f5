"""Requests that identify a reader. All of them only read: none changes a tag, a setting or the field.

A reader does not answer a frame that it cannot read (H20800-16e 3.1), so a wrong speed only costs time. FEIG readers
are tried with standard frames, and at the likely speeds also with advanced frames, the only ones that an MR102
understands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from station.base.clock import Clock, Deadline
from station.base.errors import ReaderSilent, RemoteProtocolError
from station.base.sentence import Sentence
from station.drivers.feig import control as feig
from station.drivers.feig.models import model, transponders
from station.drivers.feig.protocol import conversation as feig_conversation
from station.drivers.feig.replies import Event, ReaderInfo, Refused, SoftwareVersion
from station.drivers.feig.request import Request
from station.drivers.line.exchange import exchange
from station.drivers.line.serial import Transport
from station.drivers.nfcpy.cable import ACK, Cable
from station.drivers.nfcpy.cable import BAUD as PN532_BAUD
from station.drivers.threem import commands as threem
from station.drivers.threem.protocol import conversation as threem_conversation
from station.drivers.threem.reader import BAUD as THREEM_BAUD
from station.drivers.threem.reader import FAMILY
from station.drivers.threem.replies import Version

E = TypeVar("E", bound=Event)

PATIENCE_S: Final = 0.15
"""Seconds that an answer may take in addition to its time on the wire; no request involves the air."""
PATIENCE_TCP_S: Final = 0.5
"""The same, in a network."""
SLOW_S: Final = 1.0
"""The same, in a second round for slow readers, at a port and in a network."""
_GAP_S: Final = 0.02
"""Seconds between two kinds of frames: longer than the 12 ms after which a reader drops a partial frame
(H20800-16e 3.1)."""
_ANSWER_BITS: Final = 11 * (7 + 17)
"""Bits on the wire of the longest request and the longest answer together."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A reader's description of itself."""

    model: Sentence
    firmware: str
    details: tuple[Sentence, ...] = ()
    frames: str = ""
    """"standard" or "advanced" for a FEIG reader, else ""."""


@dataclass(frozen=True, slots=True)
class Probe:
    """How to search for one driver's readers: lines (baud, parity), likeliest first, and the request."""

    driver: str
    lines: tuple[tuple[int, str], ...]
    ask: Callable[[Transport, Clock, float, bool], Shown]
    """Called with the line, the clock, the seconds that an answer may take, and whether to try less likely frames too.
    Raises `ReaderSilent` if nothing arrived, `RemoteProtocolError` if something arrived that is not an answer."""


def patience(baud: int, *, slow: bool = False) -> float:
    """Return the seconds that an answer may take at this baud rate (0 = in a network)."""
    if not baud:
        return SLOW_S if slow else PATIENCE_TCP_S
    return (SLOW_S if slow else PATIENCE_S) + _ANSWER_BITS / baud


def _ask_feig(line: Transport, clock: Clock, seconds: float, thorough: bool) -> Shown:
    try:
        return _ask_feig_in(line, clock, seconds, advanced=False)
    except ReaderSilent:
        if not thorough:
            raise
        clock.pause(_GAP_S)
        return _ask_feig_in(line, clock, seconds, advanced=True)


def _ask_feig_in(line: Transport, clock: Clock, seconds: float, *, advanced: bool) -> Shown:
    protocol = feig_conversation(advanced=advanced)

    def ask(request: Request[E]) -> object:
        return exchange(protocol, line, request, Deadline(clock, seconds))[0]

    version = ask(feig.software_version())
    if not isinstance(version, SoftwareVersion):
        raise RemoteProtocolError("a FEIG reader that does not report its version")
    details = [Sentence("reader.reads", kinds=name) for name in transponders(version.transponder_types)]
    try:
        clock.pause(0.005)
        info = ask(feig.reader_info())
    except (ReaderSilent, RemoteProtocolError):
        info = Refused(0x80)
    if isinstance(info, ReaderInfo):
        details.append(Sentence("reader.buffers", receive=info.receive_buffer, send=info.send_buffer))
    if advanced:
        details.append(Sentence("reader.advanced"))
    firmware = f"{version.software >> 8}.{version.software & 0xFF:02d}"
    frames = "advanced" if advanced else "standard"
    return Shown(Sentence.verbatim(f"FEIG {model(version.software_type)}"), firmware, tuple(details), frames)


def _ask_threem(line: Transport, clock: Clock, seconds: float, _thorough: bool) -> Shown:
    version = exchange(threem_conversation(), line, threem.probe(), Deadline(clock, seconds))[0]
    if not isinstance(version, Version):
        raise RemoteProtocolError("a 3M reader that does not report its version")
    own = version.family == FAMILY
    name = "3M / Bibliotheca" if own else Sentence("reader.family", family=f"{version.family:02X}")  # not for people
    return Shown(Sentence.of(name), f"{version.major}.{version.minor}.{version.build}")


_WAKE: Final = bytes.fromhex("5555") + bytes(14)
"""Wake-up bytes: a sleeping PN532 receives nothing before the fifth edge on its line (user manual 7.2.11). libnfc sends
the same."""
_VERSION_ASKED: Final = bytes.fromhex("0000ff02fed4022a00")
_VERSION_TOLD: Final = bytes.fromhex("0000ff06fad503")


def _ask_pn532(line: Transport, clock: Clock, seconds: float, _thorough: bool) -> Shown:
    """Send GetFirmwareVersion (7.2.2): the chip acknowledges, then returns chip, version, revision and supported
    functions."""
    cable = Cable(line, clock)
    cable.deadline = Deadline(clock, seconds)
    try:
        cable.write(_WAKE + _VERSION_ASKED)
        acknowledged = bytes(cable.read(0))
        answer = bytes(cable.read(0))
    except OSError:
        raise ReaderSilent("no PN532") from None
    if acknowledged != ACK or not answer.startswith(_VERSION_TOLD) or len(answer) != 13:
        raise RemoteProtocolError("not an answer from a PN532", answer)
    chip, version, revision = answer[7:10]
    return Shown(Sentence.verbatim(f"PN5{chip:02x}"), f"{version}.{revision}", (Sentence("reader.badges-only"),))


PROBES: Final = (
    Probe("feig", ((38400, "E"),), _ask_feig),
    Probe("3m", ((THREEM_BAUD, "N"),), _ask_threem),
    Probe("nfcpy", ((PN532_BAUD, "N"),), _ask_pn532),
    Probe(
        "feig",
        (
            *((115200, "E"), (9600, "E"), (57600, "E"), (19200, "E"), (230400, "E"), (4800, "E")),
            *((38400, "N"), (115200, "N"), (9600, "N"), (38400, "O")),
        ),
        _ask_feig,
    ),
)
"""The factory settings first, then the other settings that the readers allow (H20800-16e 4.2)."""

BY_DRIVER: Final = {probe.driver: probe.ask for probe in PROBES}
