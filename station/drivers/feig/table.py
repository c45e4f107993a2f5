"""All commands of the driver."""

from __future__ import annotations

from typing import Final

from station.drivers.feig import commands, control, customs

COMMANDS: Final = control.COMMANDS + commands.COMMANDS + customs.COMMANDS
CODES: Final = frozenset(row.code for row in COMMANDS)
"""Command bytes that a reply may carry."""
