"""What no source that was read settles about tags: switches, which the tests run both ways (docs/emulators.md, "assumed")."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Assumed:
    """Each says what happens when it is True."""

    unknown_is_nak: bool = False
    """An NTAG answers NAK to a command that it does not know; else it is silent."""
    errors_unaddressed: bool = False
    """An ISO 15693 tag tells errors in non-addressed mode, too (NXP's data sheets are remembered to say: it is silent)."""
    guarded_is_silent: bool = False
    """What a password guards is answered by silence; else by error 0F."""
    size_is_silence: bool = False
    """A request of the wrong length (a block of another size) is answered by silence; else by error 02, not recognised."""
    nxp_tells_0f: bool = False
    """NXP's tags refuse everything with error 0F. The SLI's data sheet says so of commands and options that it does not have
    (3.5.2.2: an SLI does so in either case); of blocks that are locked or do not exist (3.5.3.2) the page at hand breaks off."""
    option_either: bool = False
    """Tags of NXP take write-alike commands with the option flag, too; else an error (data sheet of the SLI)."""
    afi_by_nibbles: bool = True
    """The AFI of an inventory names a family or sub-family (x0, 0y: ISO/IEC 15693-3 table 1); else it must be equal."""

    def change(self, values: dict[str, Any]) -> None:
        """ValueError for a name that is none or a value that is no truth value."""
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown: {name}; known: {', '.join(sorted(known))}")
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")  # noqa: TRY004 - what a person wrote
            setattr(self, name, value)

    def to_json(self) -> dict[str, bool]:
        return asdict(self)
