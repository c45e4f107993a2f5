"""Dewey call numbers: class as a decimal, then the book number, then the year.

    [prefix] 123[.456] [cutter[work mark]] [date] [volume] [copy]

Source: docs/reference/call-numbers.md#dewey-and-sudoc. Segmentation marks ("/", a prime) in the class number are for
cataloging and never count; only one is used since DDC 22. A book number is a Cutter number (letters, then decimal
digits, then a work mark: "S52m", "Sw36", "W43k2"), letters only (the author's name), or a year. All parts sort digit by
digit: 451.04217 before 451.1. Choice where no source decides: collection letters attached to the class ("J523.2") are
read as a prefix if the scheme was given as Dewey.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.lc import COLLECTIONS
from station.catalog.callnumber.parts import through
from station.catalog.callnumber.value import (
    ELEMENT,
    SUFFIX,
    CallNumber,
    NotThisScheme,
    Piece,
    Role,
    Scheme,
    fold,
    number,
)

_HEAD: Final = re.compile(r"([0-9]{3})(?:\.([0-9]++))?(?=\s|\Z|[A-Z][A-Za-z]{0,3}[0-9])")
_GLUED: Final = re.compile(r"([A-Za-z]{1,3})(?=[0-9]{3}(?:[.\s]|\Z))")
_TOKEN: Final = re.compile(
    r"""[\s,;]*+(?:
      (?P<date>[\[(]?c?(?P<year>[0-9]{4})(?P<to>[-/][0-9]{2,4}(?![0-9]))?(?P<letters>[A-Za-z]{1,3})?[\])?]*+(?!\w))
    | (?P<cutter>\.?(?P<name>[^\W\d_]{1,4})(?:(?<=\s[^\W\d_])\s)?(?P<digits>[0-9]++)(?P<mark>[^\W\d_]*+)(?P<again>[0-9]*+)(?!\w))
    | (?P<work>\.?[^\W\d_][^\s,;\d]*+)(?!\w)
    | (?P<other>[^\s,;]++)
    )""",
    re.VERBOSE,
)
_SEGMENTS: Final = re.compile(r"(?<=[0-9.])[/'′‘’](?=[0-9.]|\Z)")


def without_segments(text: str) -> str:
    """Return the number without the segmentation marks of its class, as it is printed."""
    first, space, rest = text.partition(" ")
    return _SEGMENTS.sub("", first) + space + rest


def parse(
    text: str,
    prefix: tuple[str, ...] = (),
    *,
    named: bool = True,
    rules: enumeration.Rules = enumeration.STANDARD,
) -> CallNumber:
    """Read a Dewey call number. Raise `NotThisScheme` if it is not one."""
    plain = text
    glued = _GLUED.match(text) if named else None
    if glued:
        prefix = (*prefix, glued[1])
        plain = text[glued.end() :]
    plain = without_segments(plain)
    head = _HEAD.match(plain)
    if head is None:
        raise NotThisScheme("it does not begin with three digits")
    bare = head.end() == len(plain) and not head[2]
    if bare and not named and not all(fold(word) in COLLECTIONS for word in prefix if word.strip("+*")):
        raise NotThisScheme("there are other words and three digits alone, as in an accession number")
    rest, part, copy = enumeration.split(plain[head.end() :], keep=0, names=True)
    remarks: list[str] = []
    pieces = [Piece(Role.PREFIX, word) for word in prefix]
    pieces.append(Piece(Role.NUMBER, head[0]))
    decimal = (head[2] or "").rstrip("0")
    base = ELEMENT + head[1] + (f".{decimal}" if decimal else "") + _rest(rest, pieces, remarks)
    pieces += enumeration.pieces(part, copy)
    return CallNumber(
        scheme=Scheme.DEWEY,
        text=text,
        pieces=tuple(pieces),
        base=base,
        enumeration=enumeration.key(part, rules),
        copy=copy,
        prefix=prefix,
        remarks=tuple(remarks),
    )


def _rest(rest: str, pieces: list[Piece], remarks: list[str]) -> str:
    """Return the sort key of the book number and everything after it. Fills `pieces`."""
    key = ""
    at = 0
    while found := _TOKEN.match(rest, at):
        kind = found.lastgroup or ""
        attached = found.start(kind) == at and bool(key)
        at = found.end()
        text = found[kind]
        if found["date"]:
            key += ELEMENT + number(found["year"])
            key += "-" + number(str(through(int(found["year"]), found["to"][1:]))) if found["to"] else ""
            key += SUFFIX + found["letters"].lower() if found["letters"] else ""
            pieces.append(Piece(Role.DATE, text))
        elif found["cutter"]:
            key += ELEMENT + fold(found["name"]) + found["digits"]
            if found["mark"]:
                key += SUFFIX + fold(found["mark"])
                key += ELEMENT + number(found["again"]) if found["again"] else ""
            pieces.append(Piece(Role.CUTTER, text))
        elif found["work"]:
            key += ELEMENT + fold(text)
            if attached:  # "P7.Yg"
                pieces[-1] = Piece(pieces[-1].role, pieces[-1].text + text)
            else:
                pieces.append(Piece(Role.WORK, text))
        else:
            remarks.append(f"{text} is not part of the scheme; it sorts by its characters.")
            folded = fold(text)
            key += ELEMENT + folded if folded else ""
            pieces.append(Piece(Role.TEXT, text))
    return key
