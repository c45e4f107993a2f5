"""SW-TYPE of a FEIG reader to the model's name (H20800-16e Annex B; the numbers are decimal there)."""

from __future__ import annotations

from typing import Final

MODELS: Final = {
    40: "LR100",
    41: "LR200",
    60: "PRH101",
    61: "PRH101",
    72: "PRH100",
    74: "MR100/PR100",
    75: "MR200",
    76: "MR101-A",
    78: "MR101-U",
    80: "CPR.M02",
    81: "CPR.02",
    82: "CPR40-Ux",
    83: "CPR40-Cx/Ax",
    84: "CPR.M03",
    87: "CPR.04/M04",
    88: "CPR.04-USB",
    91: "LRU1000",
}
UHF: Final = frozenset({91})
"""Readers of another air interface: no library pad."""

_TRANSPONDERS: Final = (
    (3, "ISO 15693"),
    (4, "ISO 14443 A"),
    (5, "ISO 14443 B"),
    (6, "I-CODE EPC"),
    (0, "I-CODE 1"),
    (8, "Jewel"),
)
"""Bits of the TR-TYPE word (6.4)."""


def model(software_type: int) -> str:
    """The name, or the number where Annex B has none."""
    return MODELS.get(software_type, f"SW-TYPE {software_type}")


def transponders(word: int) -> tuple[str, ...]:
    """What the reader can read, by its TR-TYPE word."""
    return tuple(name for bit, name in _TRANSPONDERS if word >> bit & 1)
