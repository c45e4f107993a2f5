"""What a cataloger said of the findings on genuine records: which failed rules are true (tests/evidence/judged.toml).

A finding without a judgment counts as a false alarm, so that a new rule is measured at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from scripts.evidence.corpus import Piece

FILE: Final = Path(__file__).resolve().parents[2] / "tests" / "evidence" / "judged.toml"


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Findings of one rule in one file that are true for one reason."""

    file: str
    rule: str
    positions: str
    """Positions and ranges of positions: "3 7-9"."""
    why: str

    def each(self) -> Iterator[int]:
        """Yield every position."""
        for part in self.positions.split():
            first, _, last = part.partition("-")
            yield from range(int(first), int(last or first) + 1)


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record or item, read by a cataloger before the rules ran on it."""

    file: str
    position: int
    barcode: str = ""
    """The item; "" = the record by itself."""
    profile: str = ""
    """The item field profile; "" = the one that finds most items in the file."""
    why: str
    fails: dict[str, str] = {}
    """The rules that must fail, each with its reason; no other may fail, except `either`."""
    passes: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """Rules that must abstain."""
    either: tuple[str, ...] = ()
    """Rules of which both outcomes are right."""
    pieces: int | None = None
    """Number of pieces in 300."""
    missed: dict[str, str] = {}
    """Defects that no rule looks for, by field."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    record: tuple[Case, ...] = ()
    true: tuple[Group, ...] = ()


class Judgments:
    """All judgments, by file, position and rule."""

    def __init__(self, cases: tuple[Case, ...], groups: tuple[Group, ...]) -> None:
        self.cases = cases
        self.groups = groups
        self._true = {(one.file, at, one.rule) for one in groups for at in one.each()}
        self._cases = {(one.file, one.position, one.barcode): one for one in cases}

    @classmethod
    def read(cls) -> Judgments:
        """Read the committed judgments."""
        found = msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), _File) if FILE.exists() else _File()
        return cls(found.record, found.true)

    def of(self, piece: Piece, rule: str) -> bool | None:
        """Return whether the rule's finding is true; None = not judged."""
        record = piece.record
        case = self._cases.get((record.file, record.position, piece.barcode))
        if case is not None:
            return rule in case.fails or rule in case.either
        return True if (record.file, record.position, rule) in self._true else None
