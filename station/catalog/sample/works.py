"""The invented works of the sample catalog, read from works.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec


class Copy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item (field 949)."""

    call: str = ""
    scheme: str = "LC"
    library: str = "MAIN"
    location: str = "STACKS"
    kind: str = "BOOK"
    copy: str = ""
    price: str = ""
    pieces: int = 1
    volume: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record. `title` is a, b, n, p of 245 with its punctuation; `special` names the property that it
    demonstrates."""

    special: str
    title: tuple[str, ...] = ()
    codes: str = "abnp"
    author: str = ""
    leader: str = "am"
    extent: str = "212 pages"
    size: str = "24 cm"
    accompanying: str = ""
    year: str = "2024"
    carriers: tuple[str, ...] = ("n/nc",)
    fixed: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = (Copy(),)
    alternate: str = ""
    bib_call: tuple[str, str, str] | None = None
    notes: tuple[str, ...] = ()
    isbn: bool = True
    gift: str = ""
    issue: str = ""
    """Publisher's number of a recording (028)."""


class _Works(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    works: tuple[Work, ...]


WORKS: Final = msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_Works).works
