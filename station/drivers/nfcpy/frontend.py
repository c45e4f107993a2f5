"""Wrapper of nfcpy 1.0.4: a device that finds a tag of ISO 14443 A (or FeliCa) and exchanges frames with it.

nfcpy has not been maintained since 2022 and trusts the answers of a device. So every exception that its code can raise
is turned into one of the station's errors here. nfcpy does not support ISO 15693 (nfcpy issue 209), so nothing here
offers it. This is the only file that imports `nfc`; `records` is the only one that imports ndeflib.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import nfc.clf
import nfc.clf.device
import nfc.clf.pn53x
import nfc.clf.pn532

from station.base.clock import Clock, Deadline
from station.base.errors import (
    PortDenied,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TransportError,
)
from station.base.text import clean
from station.drivers.line.serial import Transport
from station.drivers.nfcpy.cable import ACK, Cable

_LOG = logging.getLogger(__name__)

TYPE_A: Final = "106A"
FELICA: Final = "212F"
READ_S: Final = 0.05
WRITE_S: Final = 0.1
_DATAGRAM_S: Final = 1.0
"""Seconds for an exchange over datagrams: a tag's answer then depends on a network and another process."""
_PREAMBLE: Final = bytes(10)
_VERSION: Final = bytes.fromhex("0000ff02fed4022a00")
_VERSION_TOLD: Final = bytes.fromhex("0000ff06fad50332")
_NORMAL: Final = bytes.fromhex("0000ff05fbd4140100001700")
_NORMAL_TOLD: Final = bytes.fromhex("0000ff02fed5151600")
_HALT: Final = b"\x50\x00"
OPENING_S: Final = 6.0
_FAREWELL_S: Final = 1.0
_DEFECTS: Final = (IndexError, TypeError, ValueError, AssertionError, AttributeError, KeyError)
"""Exceptions that nfcpy's code raises on unexpected answers."""


@dataclass(frozen=True, slots=True)
class Card:
    """A tag that was found. `uid`: in printed order. `sak`: ISO/IEC 14443-3 6.5.3, or None (FeliCa)."""

    uid: bytes
    sak: int | None

    @property
    def type2(self) -> bool:
        """Whether the tag supports Type 2 commands."""
        return self.sak is not None and not self.sak & 0x60


class Frontend:
    """A device. Not thread-safe. Raises `TransportError`, `ProtocolError` and, if a tag is addressed, `TagAbsent`."""

    def __init__(self, device: Any, name: str, cable: Cable | None, clock: Clock, *, datagrams: bool = False) -> None:
        """`cable`: the station's line; None if nfcpy opened its own. `datagrams`: the device is nfcpy's udp device."""
        self._device = device
        self._cable = cable
        self._clock = clock
        self._datagrams = datagrams
        self._target: Any = None
        self._until = Deadline(clock, 0.0)
        self.name = name

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit an operation of the station to `seconds` (`ReaderSilent`). On a line that nfcpy opened itself, the
        current exchange is completed first; nfcpy limits it to a second at most."""
        self._until = Deadline(self._clock, seconds)
        if self._cable is not None:
            self._cable.deadline = self._until
            self._cable.silent = False
        with _translated(self._cable):
            yield

    def find(self, uid: bytes = b"", air: str = TYPE_A) -> Card | None:
        """Return the first tag that answers, or the one with `uid`, and make it active. A halted tag does not
        answer."""
        self._in_time()
        wanted = nfc.clf.RemoteTarget(air)
        if uid:
            wanted.sel_req = bytearray(uid)
        sense = self._device.sense_ttf if air == FELICA else self._device.sense_tta
        self._target = None
        try:
            found = sense(wanted)
        except nfc.clf.UnsupportedTargetError:
            return None
        except nfc.clf.CommunicationError:
            return None
        if found is None:
            return None
        self._target = found
        if air == FELICA:
            return Card(bytes(found.sensf_res[1:9]), None)
        if not found.sdd_res or not found.sel_res:
            return None  # a Type 1 tag
        return Card(bytes(found.sdd_res), found.sel_res[0])

    def exchange(self, data: bytes, seconds: float) -> bytes:
        """Send one frame to the active tag and return its answer, without CRC. Raises `TagAbsent` if the tag is silent,
        and `RemoteProtocolError` if its answer is damaged."""
        if self._target is None:
            raise TagAbsent("no tag is active")
        self._in_time()
        if self._cable is not None:
            self._cable.silent = False
        elif self._datagrams and data != _HALT:
            seconds = max(seconds, _DATAGRAM_S)
        try:
            return bytes(self._device.send_cmd_recv_rsp(self._target, bytearray(data), seconds))
        except nfc.clf.TimeoutError:
            if (
                self._cable is not None and self._cable.silent
            ):  # nfcpy raises the same error for a silent tag and a silent chip
                raise ReaderSilent("the chip does not answer") from None
            raise TagAbsent(f"no answer to {data[:2].hex()}") from None
        except nfc.clf.CommunicationError as error:
            raise RemoteProtocolError(f"the answer on the air is damaged: {clean(str(error), 80)}") from None

    def _in_time(self) -> None:
        if self._until.expired:
            raise ReaderSilent("the operation is out of time")

    def halt(self) -> None:
        """Put the active tag to sleep until the field has been off, so that other tags are found."""
        with suppress(TagAbsent, RemoteProtocolError):  # the right reaction of a tag is not to answer
            self.exchange(_HALT, READ_S / 10)
        self._target = None

    def field_off(self) -> None:
        """Switch the field off, which resets every tag."""
        self._target = None
        self._device.mute()

    def close(self, *, farewell: bool = True) -> None:
        """Release the line. With `farewell` the device is put to sleep first (over USB, nfcpy always does so)."""
        if self._cable is None:
            with _translated():
                self._device.close()
            return
        self._cable.deadline = Deadline(self._clock, _FAREWELL_S)
        try:
            if farewell:
                with _translated():
                    self._device.close()
        finally:
            self._cable.close()


@contextmanager
def _translated(cable: Cable | None = None) -> Iterator[None]:
    """Turn nfcpy's exceptions into the station's. For a chip that does not even acknowledge, nfcpy reports
    "input/output error"; `cable.silent` shows that nothing arrived."""
    try:
        yield
    except nfc.clf.pn53x.Chipset.Error as error:
        raise ReaderRefused(int(error.errno), clean(str(error), 80)) from None
    except OSError as error:
        if error.errno == errno.ETIMEDOUT or (cable is not None and cable.silent):
            raise ReaderSilent("nfcpy: no answer") from None
        raise RemoteProtocolError(f"nfcpy: {clean(str(error), 80)}") from None
    except _DEFECTS as error:
        raise RemoteProtocolError(f"nfcpy cannot interpret an answer: {type(error).__name__}") from error


def _wake(cable: Cable) -> None:
    """Greet the chip as nfcpy's own `init` does: ten zeros, GetFirmwareVersion, SAMConfiguration (normal mode). `init`
    itself is not used because it then tries speeds with a shell command that contains the port's name. The line stays
    at 115200 baud here."""
    for asked, told in ((_VERSION, _VERSION_TOLD), (_NORMAL, _NORMAL_TOLD)):
        cable.write(_PREAMBLE + asked)
        if cable.read(0) != ACK or not cable.read(0).startswith(told):
            raise ReaderSilent("no PN532 answers")


def open_serial(open_line: Callable[[], Transport], clock: Clock, seconds: float = OPENING_S) -> Frontend:
    """Open a PN532 at the station's serial line, within `seconds`. Raises `TransportError`, or `ReaderSilent` if no
    PN532 answers."""
    until = Deadline(clock, seconds)
    cable = Cable(open_line(), clock)
    cable.deadline = until
    try:
        with _translated():
            _wake(cable)
            device = nfc.clf.pn532.Device(nfc.clf.pn532.Chipset(cable, _LOG), _LOG)
            device._path = "serial line"
            name = str(device.chipset_name)
    except RemoteProtocolError as error:
        cable.close()
        raise ReaderSilent(f"no PN532 answers: {error}") from None
    except BaseException:
        cable.close()
        raise
    return Frontend(device, clean(name, 40), cable, clock)


def open_path(path: str, clock: Clock) -> Frontend:
    """Open a device with nfcpy's own transport: "usb", "usb:VVVV:PPPP", "udp:HOST:PORT"."""
    try:
        device = nfc.clf.device.connect(path)
    except OSError as error:
        kind: type[TransportError] = PortDenied if error.errno == errno.EACCES else PortMissing
        raise kind(f"nfcpy {clean(path, 60)}: {error}") from None
    except Exception as error:  # libusb's own errors, a host name that does not resolve, a port that is not a number
        raise PortMissing(f"nfcpy {clean(path, 60)}: {clean(str(error), 80)}") from error
    if device is None:
        raise PortMissing(f"nfcpy finds no device at {clean(path, 60)}")
    return Frontend(device, _name(device, path), None, clock, datagrams=path.partition(":")[0] == "udp")


def _name(device: Any, path: str) -> str:
    try:
        return clean(str(device.chipset_name), 40)
    except AttributeError:
        return clean(path.partition(":")[0], 40)


def opener(
    port: str, open_line: Callable[[], Transport], clock: Clock, seconds: float = OPENING_S
) -> Callable[[], Frontend]:
    """Return a function that opens the reader at `port`. nfcpy opens "usb..." and "udp..." itself; any other port is a
    serial line, whose reader must answer the greeting within `seconds`."""
    if port.partition(":")[0] in ("usb", "udp"):
        return lambda: open_path(port, clock)
    return lambda: open_serial(open_line, clock, seconds)
