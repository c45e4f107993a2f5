"""Input of the tag doctor, and the row type of its tables.

A `Case` is one tag with all facts about it, computed once. A `Check` is a row: a code, its severity, the operator's
sentence, the advice, and the function that finds the problem. A check is pure and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from station.domain.tag_image import TagImage
from station.encoding.content import (
    Decoding,
    Recognition,
    Severity,
    TagContent,
    TagProfile,
    TagState,
)
from station.encoding.recognition.data_model import DataModel


@dataclass(frozen=True, slots=True)
class Case:
    """One tag and the facts about its item."""

    image: TagImage
    profile: TagProfile
    memory: bytes
    """The user memory, without the counter of an ICODE SLIX2."""
    recognition: Recognition
    model: DataModel | None
    """The data model that reads the tag; None for blank and unknown tags."""
    models: tuple[DataModel, ...]
    """All data models that were tried."""
    barcode: str = ""
    parts: int | None = None
    part: int | None = None
    unfinished: bool = False
    siblings: tuple[TagContent, ...] = ()
    in_stock: bool = True
    afi_locked: bool | None = None
    dsfid_locked: bool | None = None
    is_barcode: Callable[[str], bool] | None = None

    @property
    def decoding(self) -> Decoding | None:
        """The reading by the best model."""
        return self.recognition.decoding

    @property
    def content(self) -> TagContent | None:
        """The tag's content, even if it is only a claim."""
        return self.recognition.content

    @property
    def finished(self) -> bool:
        """True if the tag has an identity, ours or foreign."""
        return self.recognition.state in (TagState.OURS, TagState.FOREIGN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a check found a problem, with the values for its sentence."""

    values: tuple[tuple[str, object], ...] = ()
    offset: int | None = None
    length: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One row: a problem that a tag can have."""

    code: str
    severity: Severity
    sentence: str
    """`str.format` template, filled from the values of a `Finding`."""
    advice: str
    """One action, for a student worker."""
    find: Callable[[Case], Iterable[Finding]]
    instead_of: frozenset[str] = frozenset()
    """Codes of rows and of data model remarks that are not told if this row found something: they repeat it, or their
    advice contradicts it."""


def found(offset: int | None = None, length: int = 1, detail: str = "", **values: object) -> Finding:
    """Return a finding; `values` fill its sentence by name."""
    return Finding(tuple(values.items()), offset, length, detail)


def numbers(values: Iterable[int]) -> str:
    """Return numbers for display, in ascending order with runs joined: "2, 5 to 9"."""
    runs: list[list[int]] = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)
