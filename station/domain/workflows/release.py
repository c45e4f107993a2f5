"""View of the release of a truck's list."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class ReleaseState(StrEnum):
    """State of a truck's list; the state table is `bench.workflows.release.rules.MOVES`."""

    OPEN = "open"
    RELEASED = "released"


class ReleaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a truck's list."""

    barcode: str
    title: str = ""
    right: bool = False
    reasons: tuple[Sentence, ...] = ()
    """Why it may not leave."""
    notes: tuple[Sentence, ...] = ()
    """Remarks that do not hold it back."""


class ListFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file with a truck's list."""

    key: str
    """Location of the file, by which it is chosen."""
    name: str
    at: str = ""
    """Time at which it was written, as text."""


class ListRead(msgspec.Struct, frozen=True, kw_only=True):
    """Contents of such a file."""

    lines: tuple[str, ...] = ()
    refused: Sentence | None = None
    """Why it is not a list."""


class ReleaseView(msgspec.Struct, frozen=True, kw_only=True, tag="release"):
    """A truck's list in the order of the scans."""

    state: ReleaseState = ReleaseState.OPEN
    truck: str = ""
    """Name of the truck, from its label; "" = none was scanned."""
    lines: tuple[ReleaseLine, ...] = ()
    files: tuple[ListFile, ...] = ()
    """Lists in files, while the operator chooses one."""
