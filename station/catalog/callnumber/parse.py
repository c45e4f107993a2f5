"""Entry point for all schemes: remove collection words, then try the given scheme, or else every scheme in turn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from station.catalog.callnumber import anscr, dewey, enumeration, lc, local, sudoc
from station.catalog.callnumber.value import CallNumber, NotThisScheme, Scheme

GUESSES: Final = (Scheme.DEWEY, Scheme.NLM, Scheme.LC, Scheme.SUDOC, Scheme.ANSCR)
"""Order in which `parse` tries the schemes if none was given. NLM's letters (W, QS-QZ) are not used by LC."""
MOST_PREFIX_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Options:
    """Options that differ between libraries."""

    sudoc: sudoc.Rules = sudoc.STANDARD
    anscr: anscr.Rules = anscr.STANDARD
    volumes: enumeration.Rules = enumeration.STANDARD
    guesses: tuple[Scheme, ...] = GUESSES
    """Schemes to try for a number without a given scheme, in this order."""


STANDARD: Final = Options()
_TRIES: Final = {Scheme.NLM: (Scheme.NLM, Scheme.LC)}
"""NLM uses the classes of the Library of Congress outside medicine."""
_PREFIX_WORD: Final = re.compile(r"\[[^\[\]]*+\]\Z|[^\W\d_][\w.\-]*+\+{0,2}\Z|\+{1,2}\Z|\*\Z")
"""Collection words: letters first ("REF", "f", "DVD-A", "F+"), any text in square brackets, and the marks of large sizes."""


@lru_cache(maxsize=64)
def parse(text: str, scheme: Scheme | str | None = None, options: Options = STANDARD) -> CallNumber:
    """Read a call number. Text that does not follow the given scheme is returned as `Scheme.LOCAL` with the reason,
    never as an error.

    Without a scheme, the first one that fits is used. Collection words in front ("REF", "[CD]", "Oversize", "+") are
    removed and kept as pieces: a prefix must not change how the rest is read (pycallnumber;
    docs/reference/call-numbers.md#pycallnumber). The last results are remembered: the label, the shelf and the checks of
    one item ask for the same number.
    """
    tidy = " ".join(text.split())
    wanted = Scheme(scheme) if scheme else None
    reason = ""
    if tidy and wanted is not Scheme.LOCAL:
        tries = _TRIES.get(wanted, (wanted,)) if wanted else options.guesses
        start, taken = 0, 0
        while True:
            rest, prefix = (tidy[start:], tuple(tidy[:start].split())) if start else (tidy, ())
            for candidate in tries:
                try:
                    found = _read(candidate, rest, prefix, options, named=wanted is not None)
                except NotThisScheme as error:
                    reason = reason or str(error)
                else:
                    return found._replace(text=tidy) if start else found
            space = tidy.find(" ", start)
            taken += 1
            if space < 0 or taken > MOST_PREFIX_WORDS or not _PREFIX_WORD.match(tidy[start:space]):
                break
            start = space + 1
    if wanted in (None, Scheme.LOCAL):
        return local.parse(tidy, rules=options.volumes)
    why = f"It does not follow the scheme {wanted}: {reason or 'there is nothing to read'}."
    return local.parse(tidy, (why,), rules=options.volumes)


def sort_key(text: str, scheme: Scheme | str | None = None, options: Options = STANDARD) -> str:
    """Return the shelf order of `text`; equal for variants that differ only in presentation. Not remembered, because a
    file has a million different numbers."""
    return parse.__wrapped__(text, scheme, options).key


def _read(scheme: Scheme, text: str, prefix: tuple[str, ...], options: Options, *, named: bool) -> CallNumber:
    match scheme:
        case Scheme.LC | Scheme.NLM:
            return lc.parse(text, prefix, named=named, scheme=scheme, rules=options.volumes)
        case Scheme.DEWEY:
            return dewey.parse(text, prefix, named=named, rules=options.volumes)
        case Scheme.SUDOC:
            return sudoc.parse(text, prefix, named=named, rules=options.sudoc)
        case Scheme.ANSCR:
            return anscr.parse(text, prefix, named=named, rules=options.anscr)
        case Scheme.LOCAL:
            return local.parse(text, rules=options.volumes)
