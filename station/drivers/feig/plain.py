"""Commands that a FEIG reader may lack, and the function that is lost without each.

Required are software version (65), inventory and read multiple blocks (B0 01, 23), and RF reset (69) if the station
cannot read the reader's configuration (ONT, see `reader`).
"""

from __future__ import annotations

from typing import Any, Final

from station.domain.ports import Lack
from station.domain.tag_image import NOBODY
from station.drivers.feig import commands, control, customs
from station.drivers.feig.line import refuses
from station.drivers.feig.replies import Refused
from station.drivers.feig.request import Request

CHANGES: Final[tuple[Request[Any], ...]] = (
    commands.write_blocks(NOBODY, 0, bytes(4), 4),
    commands.write_afi(NOBODY, 0),
    commands.write_dsfid(NOBODY, 0),
    commands.lock_blocks(NOBODY, 0, 1),
)
OF_NOBODY: Final[dict[str, Request[Any]]] = {
    **{request.row.name: request for request in CHANGES},
    **{row.name: customs.eas(row, NOBODY) for row in (customs.SET_EAS, customs.RESET_EAS)},
}
LOOKS: Final[tuple[Request[Any], ...]] = (
    commands.system_information(NOBODY),
    commands.security_status(NOBODY, 0, 1),
    control.rf_reset(),
    control.set_output(0, 0, 0),  # leaves every output unchanged
)
DEVICE_ID: Final = "Get Reader Info, device"
"""Name of an optional form of a command."""
LACKS: Final = (
    (Lack.SIZE, commands.SYSTEM_INFORMATION.name),
    (Lack.AFI, commands.SYSTEM_INFORMATION.name),
    (Lack.WRITE, commands.WRITE_BLOCKS.name),
    (Lack.SET_AFI, commands.WRITE_AFI.name),
    (Lack.SET_DSFID, commands.WRITE_DSFID.name),
    (Lack.LOCK, commands.LOCK_BLOCKS.name),
    (Lack.LOCK_STATUS, commands.SECURITY_STATUS.name),
    (Lack.FIELD_RESET, control.RF_RESET.name),
    (Lack.CONFIGURATION, control.READ_CONFIGURATION.name),
    (Lack.SIGNAL, control.SET_OUTPUT.name),
)
"""The function that is lost without each command. The DSFID is in every inventory. EAS: see `eas`."""
_NOT_ALLOWED: Final = 0x15
"""Configuration read not allowed (Annex C)."""


def no_configuration(answer: object) -> bool:
    """Return whether the reader does not allow its configuration to be read."""
    return refuses(answer) or (isinstance(answer, Refused) and answer.status == _NOT_ALLOWED)
