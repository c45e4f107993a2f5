"""The commands that an emulated reader has, and its reaction to any other: a refusal or silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

REFUSES, SILENT = "refuses", "silent"


def codes(text: str | Iterable[str]) -> frozenset[str]:
    """Return commands in hex, given as "b024,0d" or as a list, as faults name them. Raises ValueError for anything
    else."""
    names = [name.strip().lower() for name in (text.split(",") if isinstance(text, str) else text)]
    found = frozenset(name for name in names if name)
    for name in found:
        if not bytes.fromhex(name):
            raise ValueError(f"not a command: {name}")
    return found


@dataclass
class Vocabulary:
    """`needed`: the family's commands for inventory, read and write. `without`: commands that this firmware does not
    have. `minimal`: "refuses" or "silent" = only `needed` and `added`; "" = all commands of the family."""

    needed: frozenset[str]
    without: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    minimal: str = ""

    def __post_init__(self) -> None:
        if self.minimal not in ("", REFUSES, SILENT):
            raise ValueError(f"a minimal reader {REFUSES} or is {SILENT}, not {self.minimal!r}")

    def has(self, code: str) -> bool:
        """Return whether the reader has this command. A name of one byte means all that begin with it: "b0" for
        "b024"."""
        if any(code.startswith(name) for name in self.without):
            return False
        return not self.minimal or any(code.startswith(name) for name in self.needed | self.added)

    @property
    def silent(self) -> bool:
        return self.minimal == SILENT

    def say(self, said: dict[str, Any]) -> dict[str, Any]:
        """Carry out the control word "minimal": answer ("refuses", "silent", "" = all commands again), with (a list of
        codes)."""
        new = Vocabulary(self.needed, self.without, codes(said.get("with", [])), str(said.get("answer", REFUSES)))
        self.added, self.minimal = new.added, new.minimal
        return {"minimal": self.minimal, "with": sorted(self.added)}
