"""Known properties of FEIG readers by SW-TYPE: one table, as data.

Sources: names and numbers H20800-16e Annex B (decimal there); which families have the custom commands B1: its revision
history ("not any longer supported" by the CPR family) and H60301-3e p. 80-95 (MR, PR, PRH); Transparent Command BF: H20800-16e
8.1. If no available manual gives a property, the reader itself is asked (`Customs.ASK`).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec


class Customs(Enum):
    """How a chip maker's custom commands reach the air."""

    HOST = "host commands (B1)"
    TRANSPARENT = "transparent mode (BF)"
    ASK = "not known: the reader is asked"
    NONE = "none"


class Model(msgspec.Struct, frozen=True):
    """One family of readers."""

    name: str
    customs: Customs = Customs.ASK
    configuration: bool = False
    """Whether its configuration blocks are those of H20800-16e: the station may then read them and set them in RAM."""
    lamps: bool = False
    """Whether Set Output (71) has the lamps and the beeper of H20800-16e 6.8 (a CPR.M02, without beeper, ignores that
    part)."""
    antennas: int = 1
    """Number of antenna outputs. The manual mentions two only for Adjust Antenna, which only the CPR.04 has (6.10)."""


def _cpr(name: str, antennas: int = 1) -> Model:
    return Model(name, Customs.TRANSPARENT, configuration=True, lamps=True, antennas=antennas)


MODELS: Final = {
    40: Model("LR100", Customs.HOST),
    41: Model("LR200", Customs.HOST),
    60: Model("PRH101", Customs.HOST),
    61: Model("PRH101", Customs.HOST),
    72: Model("PRH100", Customs.HOST),
    74: Model("MR100/PR100", Customs.HOST),
    75: Model("MR200", Customs.HOST),
    76: Model("MR101-A", Customs.HOST),
    78: Model("MR101-U", Customs.HOST),
    80: _cpr("CPR.M02"),
    81: _cpr("CPR.02"),
    82: Model("CPR40-Ux"),
    83: Model("CPR40-Cx/Ax"),
    84: _cpr("CPR.M03"),
    87: _cpr("CPR.04/M04", 2),
    88: _cpr("CPR.04-USB", 2),
    91: Model("LRU1000", Customs.NONE),  # UHF: another air interface, no library pad
}

_TRANSPONDERS: Final = (
    (3, "ISO 15693"),
    (4, "ISO 14443 A"),
    (5, "ISO 14443 B"),
    (6, "I-CODE EPC"),
    (0, "I-CODE 1"),
    (8, "Jewel"),
)
"""Bits of the TR-TYPE word (6.4)."""


def of(software_type: int) -> Model:
    """Return the model of this SW-TYPE. A reader of unknown type is asked for everything."""
    return MODELS.get(software_type, Model(f"SW-TYPE {software_type}"))


def model(software_type: int) -> str:
    """Return the model's name, or the number if Annex B has no name for it."""
    return of(software_type).name


def transponders(word: int) -> tuple[str, ...]:
    """Return the kinds of tag that the reader can read, from its TR-TYPE word."""
    return tuple(name for bit, name in _TRANSPONDERS if word >> bit & 1)
