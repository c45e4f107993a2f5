"""A capture (of another program, or of the station) played as a reader that has only the recorded answers.

Each request gets the answer that the same request got in the capture, in any order (`replay.Replay`, out of order). A
request that was not recorded is refused as the protocol refuses a command that a reader does not have. So a driver gets
as far as the recording allows, and no answer about a tag is invented. A caller that draws conclusions counts the
refusals (`Replay.unknown`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.drivers.feig import frame as feig
from station.drivers.line.capture import TO_READER, Capture
from station.drivers.threem import frame as threem

_FEIG_UNKNOWN: Final = 0x80
"""Status "unknown command" (H20800-16e Annex C)."""
_STX: Final = 0x02
_THREEM_INVENTORY: Final = 0xFE
_THREEM_UNKNOWN: Final = 0x02
_THREEM_OPTION: Final = 0x31
"""Errors "command not implemented" and "option not supported" (protocol specification, appendix A)."""
_PN532_START: Final = b"\x00\x00\xff"
_PN532_ACK: Final = bytes.fromhex("0000ff00ff00")
_PN532_ERROR: Final = bytes.fromhex("0000ff01ff7f8100")
"""The syntax error frame (PN532 user manual 6.2.1.5)."""


def _refuse_feig(request: bytes) -> bytes:
    if request[:1] == bytes((_STX,)) and len(request) > 5:
        body = bytes((_STX, 0, 8, 0, request[4], _FEIG_UNKNOWN))
    elif len(request) > 3:
        body = bytes((6, 0, request[2], _FEIG_UNKNOWN))
    else:
        return b""
    return body + feig.crc16(body).to_bytes(2, "little")


def _refuse_threem(request: bytes) -> bytes:
    if len(request) < 6 or request[0] != threem.START:
        return b""  # the probe has no refusal
    error = _THREEM_OPTION if request[3] == _THREEM_INVENTORY else _THREEM_UNKNOWN
    body = bytes((0, 4, request[3], error))
    return bytes((threem.START,)) + body + threem.crc16(body).to_bytes(2, "big")


def _refuse_pn532(request: bytes) -> bytes:
    return b"" if request == _PN532_ACK else _PN532_ACK + _PN532_ERROR


REFUSALS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "feig": _refuse_feig,
    "3m": _refuse_threem,
    "nfcpy": _refuse_pn532,
}
"""For each driver, the reader's reply to an unknown request; empty for no reply."""


def _is_feig(data: bytes) -> bool:
    announced = int.from_bytes(data[1:3], "big") if data[:1] == bytes((_STX,)) else data[0] if data else 0
    return len(data) >= 5 and announced == len(data) and feig.crc16(data) == 0


def _is_threem(data: bytes) -> bool:
    start = data[:1] in (bytes((threem.START,)), bytes((threem.PROBE_START,)))
    return start and len(data) >= 6 and int.from_bytes(data[1:3], "big") == len(data) - 3


def driver_of(capture: Capture) -> str:
    """Return the driver whose protocol the sent frames follow; "" if no driver of the station does."""
    for line in capture.lines:
        if line.dir != TO_READER:
            continue
        data = line.data
        if _is_threem(data):
            return "3m"
        if _is_feig(data):
            return "feig"
        if _PN532_START in data:
            return "nfcpy"
    return ""
