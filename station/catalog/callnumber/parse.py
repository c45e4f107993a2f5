"""One entry for all schemes: take collection words off, try the scheme that was named, else every scheme in turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from station.catalog.callnumber import anscr, dewey, lc, local, sudoc
from station.catalog.callnumber.value import CallNumber, Role, Scheme

Reader = Callable[[str, tuple[str, ...]], CallNumber | None]

READERS: Final[dict[Scheme, Reader]] = {
    Scheme.LC: lc.parse,
    Scheme.DEWEY: dewey.parse,
    Scheme.NLM: lambda text, prefix: lc.parse(text, prefix, Scheme.NLM),
    Scheme.SUDOC: sudoc.parse,
    Scheme.ANSCR: anscr.parse,
}
GUESSES: Final = (Scheme.DEWEY, Scheme.NLM, Scheme.LC, Scheme.SUDOC, Scheme.ANSCR)
"""Order in which `parse` tries when nobody named the scheme. NLM's letters (W, QS-QZ) are outside LC's use."""

_PREFIX_WORD: Final = re.compile(r"\[[^\]]*\]|[^\W\d_][\w.\-]*")
MOST_PREFIX_WORDS: Final = 4


def parse(text: str, scheme: Scheme | str | None = None) -> CallNumber:
    """Read a call number. What does not follow the named scheme comes back as `Scheme.LOCAL` with a remark, never as an error.

    Without a scheme the first that fits is taken. Collection words in front ("REF", "[CD]", "Oversize") are taken off
    and kept as pieces: a prefix must not change how the rest is read (pycallnumber; processing-and-quality.md 5.4).
    """
    tidy = " ".join(text.split())
    wanted = Scheme(scheme) if scheme else None
    if wanted is not Scheme.LOCAL:
        tries = (wanted,) if wanted else GUESSES
        words = tidy.split(" ")
        for count in range(min(MOST_PREFIX_WORDS, len(words) - 1) + 1):
            if count and not _PREFIX_WORD.fullmatch(words[count - 1]):
                break
            for candidate in tries:
                found = READERS[candidate](" ".join(words[count:]), tuple(words[:count]))
                if found is not None:
                    return _with_text(found, tidy)
    found = local.parse(tidy)
    if wanted in (None, Scheme.LOCAL):
        return found
    remark = f"It does not follow the scheme {wanted.value}; read as a local number." if wanted else ""
    return CallNumber(found.scheme, tidy, found.pieces, found.base, found.enumeration, found.copy, (remark,))


def sort_key(text: str, scheme: Scheme | str | None = None) -> tuple[object, ...]:
    """The shelf order of `text`; equal for variants that differ only in how they are shown."""
    return parse(text, scheme).key


def _with_text(found: CallNumber, text: str) -> CallNumber:
    if found.text == text:
        return found
    return CallNumber(found.scheme, text, found.pieces, found.base, found.enumeration, found.copy, found.remarks)


def prefix_of(found: CallNumber) -> tuple[str, ...]:
    """The collection words in front."""
    return tuple(piece.text for piece in found.pieces if piece.role is Role.PREFIX)
