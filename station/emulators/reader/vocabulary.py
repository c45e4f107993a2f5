"""The commands that an emulated reader has, its reaction to any other (a refusal or silence), and the commands that it
answers with OK without carrying them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    have, and refuses. `mute`: commands that it does not answer. `idle`: commands that it answers with OK, and does not
    carry out. `minimal`: "refuses" or "silent" = only `needed` and `added`; "" = all commands of the family."""

    needed: frozenset[str]
    without: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    minimal: str = ""
    mute: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.minimal not in ("", REFUSES, SILENT):
            raise ValueError(f"a minimal reader {REFUSES} or is {SILENT}, not {self.minimal!r}")

    def has(self, code: str) -> bool:
        """Return whether the reader has this command. A name of one byte means all that begin with it: "b0" for
        "b024"."""
        if _among(code, self.without | self.mute):
            return False
        return not self.minimal or _among(code, self.needed | self.added)

    def silent_to(self, code: str) -> bool:
        """Return whether the reader does not answer this command, which it does not have."""
        return _among(code, self.mute) or (self.silent and not _among(code, self.without))

    def only_says_ok(self, code: str) -> bool:
        """Return whether the reader answers this command with OK without carrying it out."""
        return _among(code, self.idle)

    @property
    def silent(self) -> bool:
        return self.minimal == SILENT

    def say(self, said: dict[str, Any]) -> dict[str, Any]:
        """Carry out the control word "minimal": answer ("refuses", "silent", "" = all commands again), with (a list of
        codes)."""
        new = replace(self, added=codes(said.get("with", [])), minimal=str(said.get("answer", REFUSES)))
        self.added, self.minimal = new.added, new.minimal
        return {"minimal": self.minimal, "with": sorted(self.added)}

    def misbehave(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out the control word "misbehave": without, mute, idle (lists of codes). What is not named is sound
        again."""
        kinds = {kind: codes(order.get(kind, [])) for kind in ("without", "mute", "idle")}
        self.without, self.mute, self.idle = kinds["without"], kinds["mute"], kinds["idle"]
        return {kind: sorted(names) for kind, names in kinds.items()}


def _among(code: str, names: Iterable[str]) -> bool:
    return any(code.startswith(name) for name in names)
