"""Commands and forms of commands that a 3M reader may lack, and the function that is lost without each.

Inventory (FE with option 05) and Read Multiblock (02) are required, and either the probe or Reader Version (11). A
capture of a real 810 shows only these and Get AFI (0A).
"""

from __future__ import annotations

from typing import Any, Final

from station.domain.ports import Lack
from station.domain.tag_image import NOBODY
from station.drivers.threem import air, commands
from station.drivers.threem.commands import NOT_IMPLEMENTED, OPTION_NOT_SUPPORTED, PARAMETER_ERROR, Request
from station.drivers.threem.replies import Refused

WITH_DSFID: Final = "Read Block UID with DSFID"
"""Name of an optional form of a required command."""
LOOKS: Final[tuple[Request[Any], ...]] = (
    commands.tag_information(NOBODY),
    commands.get_afi(NOBODY),
    commands.get_dsfid(NOBODY),
    commands.check_eas(NOBODY),
    air.request(NOBODY, air.GET_SECURITY_STATUS, b"\0\0", 1),
)
CHANGES: Final[tuple[Request[Any], ...]] = (
    commands.write_blocks(NOBODY, 0, bytes(4)),
    commands.write_afi(NOBODY, 0),
    commands.write_dsfid(NOBODY, 0),
    commands.lock_block(NOBODY, 0),
    commands.eas_control(NOBODY, on=False),
)
OF_NOBODY: Final[dict[str, Request[Any]]] = {request.row.name: request for request in CHANGES}
LACKS: Final[tuple[tuple[Lack, tuple[str, ...]], ...]] = (
    (Lack.INVENTORY_DSFID, (WITH_DSFID,)),
    (Lack.SIZE, (commands.TAG_INFO.name,)),
    (Lack.AFI, (commands.TAG_INFO.name, commands.GET_AFI.name)),
    (Lack.WRITE, (commands.WRITE_MULTIBLOCK.name,)),
    (Lack.SET_AFI, (commands.WRITE_AFI.name,)),
    (Lack.DSFID, (commands.TAG_INFO.name, commands.GET_DSFID.name, WITH_DSFID)),
    (Lack.SET_DSFID, (commands.WRITE_DSFID.name,)),
    (Lack.LOCK, (commands.LOCK_BLOCK.name,)),
    (Lack.LOCK_STATUS, (commands.PASS_THRU.name,)),
    (Lack.EAS, (commands.CHECK_EAS.name,)),
    (Lack.EAS, (commands.EAS_CONTROL.name,)),
)
"""The function that is lost if all the commands named with it are missing."""


def not_implemented(answer: object) -> bool:
    return isinstance(answer, Refused) and answer.error == NOT_IMPLEMENTED


def other_options(answer: object) -> bool:
    """Return whether the reader refuses an inventory's options; 02 and 32 may mean this too."""
    return isinstance(answer, Refused) and answer.error in (OPTION_NOT_SUPPORTED, PARAMETER_ERROR, NOT_IMPLEMENTED)
