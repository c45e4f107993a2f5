"""What ANSCR needs to know of a recording, without a MARC library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PERFORMERS: Final = frozenset({"act", "cnd", "itr", "ive", "mus", "nrt", "prf", "sng", "spk", "voc"})
"""MARC relator codes of those who perform."""
COMPOSERS: Final = frozenset({"cmp"})
AUTHORS: Final = frozenset({"aut", "cre"})


@dataclass(frozen=True, slots=True)
class Name:
    """A person or body of the record, as headings have it: surname first, without dates."""

    text: str
    roles: frozenset[str] = frozenset()
    """MARC relator codes ($4)."""
    main: bool = False
    """From 1XX."""


@dataclass(frozen=True, slots=True)
class Contained:
    """A work on the recording that has its own heading (7XX with $t)."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a record says of a recording; all that ANSCR needs."""

    title: str
    """245 $a."""
    names: tuple[Name, ...] = ()
    """1XX, then 7XX without $t, in order."""
    skip: int = 0
    """Characters of an initial article (245 second indicator)."""
    uniform_title: str = ""
    """240 $a or 130 $a."""
    uniform_skip: int = 0
    contained: tuple[Contained, ...] = ()
    credit: str = ""
    """511 $a: performers in words."""
    language: str = ""
    """008/35-37."""
    issue_numbers: tuple[str, ...] = ()
    """028 $a with first indicator 0, in order."""
    spoken: bool = False
    """Leader/06 is i: not music."""
    forms: tuple[str, ...] = ()
    """008/18-19 and 047."""
    texts: str = ""
    """008/30-31."""
    audience: str = ""
    """008/22."""
    mediums: tuple[str, ...] = ()
    """048, the codes without the count."""
