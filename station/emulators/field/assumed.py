"""Assumptions about tags that no available source settles: switches, tested both ways (docs/emulators.md,
"assumed")."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Assumed:
    """The switches. Each docstring describes the behavior if the switch is True."""

    unknown_is_nak: bool = False
    """An NTAG answers NAK to an unknown command; otherwise it is silent."""
    errors_unaddressed: bool = False
    """An ISO 15693 tag reports errors in non-addressed mode, too. (From memory, NXP's data sheets say that it is
    silent.)"""
    guarded_is_silent: bool = False
    """A password-protected request is answered by silence; otherwise by error 0F."""
    size_is_silence: bool = False
    """A request of the wrong length (a block of another size) is answered by silence; otherwise by error 02, not
    recognized."""
    nxp_tells_0f: bool = False
    """NXP's tags refuse everything with error 0F. The SLI's data sheet states this for commands and options that it
    does not have (3.5.2.2: an SLI does so in either case); for blocks that are locked or do not exist (3.5.3.2), the
    available page is incomplete."""
    option_either: bool = False
    """NXP's tags accept programming commands with the option flag, too; otherwise an error (data sheet of the SLI)."""
    afi_by_nibbles: bool = True
    """The AFI of an inventory names a family or sub-family (x0, 0y: ISO/IEC 15693-3 table 1); otherwise it must be
    equal."""

    def change(self, values: dict[str, Any]) -> None:
        """Set switches. Raises ValueError for an unknown name or a value that is not true or false."""
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown: {name}; known: {', '.join(sorted(known))}")
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")  # noqa: TRY004 - a person's input
            setattr(self, name, value)

    def to_json(self) -> dict[str, bool]:
        return asdict(self)
