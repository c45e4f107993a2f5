"""Facts about a recording that ANSCR needs, independent of a MARC library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PERFORMERS: Final = frozenset({"act", "cnd", "itr", "ive", "mus", "nrt", "prf", "sng", "spk", "voc"})
"""MARC relator codes of performers."""
COMPOSERS: Final = frozenset({"cmp"})
AUTHORS: Final = frozenset({"aut", "cre"})


@dataclass(frozen=True, slots=True)
class Name:
    """A person or body in the record, as in headings: surname first, without dates."""

    text: str
    roles: frozenset[str] = frozenset()
    """MARC relator codes ($4)."""
    main: bool = False
    """True if from 1XX."""


@dataclass(frozen=True, slots=True)
class Contained:
    """A work on the recording that has its own heading (7XX with $t)."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A subject or genre heading (6XX): its main term, then its subdivisions."""

    terms: tuple[str, ...]
    place: str = ""
    """The last geographic subdivision."""
    topical: bool = True
    """False for a name or a title (600 to 630): its main term says nothing about the kind of recording."""

    def __str__(self) -> str:
        return " -- ".join(self.terms)


@dataclass(frozen=True, slots=True)
class Work:
    """The facts that ANSCR needs from the record of a recording."""

    title: str
    """245 $a."""
    names: tuple[Name, ...] = ()
    """1XX, then 7XX without $t, in order."""
    skip: int = 0
    """Number of characters of an initial article (245 second indicator)."""
    uniform_title: str = ""
    """240 $a or 130 $a."""
    uniform_skip: int = 0
    contained: tuple[Contained, ...] = ()
    credit: str = ""
    """511 $a: performers, as free text."""
    language: str = ""
    """008/35-37."""
    issue_numbers: tuple[str, ...] = ()
    """028 $a with first indicator 0, in order."""
    spoken: bool = False
    """True if leader/06 is i (not music)."""
    forms: tuple[str, ...] = ()
    """008/18-19 and 047."""
    texts: str = ""
    """008/30-31."""
    audience: str = ""
    """008/22."""
    mediums: tuple[str, ...] = ()
    """048: the codes without the count."""
    headings: tuple[Heading, ...] = ()
    """6XX, in order."""
