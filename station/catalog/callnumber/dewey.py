"""Dewey call numbers: class as a decimal, cutter as a decimal, then the work mark, then the year.

    [prefix] 123[.456] [cutter[work mark]] [date] [volume] [copy]

Source: processing-and-quality.md 5.2. Segmentation marks ("/", a prime) are for cataloging and never count; one only
since DDC 22. A book number may be a Cutter number (letters, then decimal digits, then a work mark), letters alone (the
author's name), or a year.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import NUMERAL, WORD, CallNumber, Piece, Role, Scheme

_HEAD: Final = re.compile(r"(?P<number>\d{3})(?:\.(?P<decimal>\d+))?(?![\d.])")
_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<date>\d{4}(?:[-/]\d{2,4})?)(?P<mark>[a-z]{0,3})(?!\w)
    | \.?(?P<letters>[^\W\d_]{1,4})(?P<digits>\d+)(?P<work>[^\W\d_]*)
    | \.?(?P<name>[^\W\d_][^\s\d]*)
    | (?P<other>\S+)
    )""",
    re.VERBOSE,
)
_SEGMENTS: Final = re.compile(r"(?<=[\d.])[/'′‘’](?=[\d.]|\Z|\s)")


def without_segments(text: str) -> str:
    """The number without its segmentation marks, as it is printed."""
    return _SEGMENTS.sub("", text)


def parse(text: str, prefix: tuple[str, ...] = ()) -> CallNumber | None:
    """Read a Dewey call number; None if it is none."""
    number, part, copy = enumeration.split(without_segments(text))
    head = _HEAD.match(number)
    if head is None:
        return None
    remarks: list[str] = []
    pieces = [
        Piece(Role.NUMBER, head[0], f"{head['number']}" + (f", decimal {head['decimal']}" if head["decimal"] else ""))
    ]
    keys: list[tuple[int | str, ...]] = [(NUMERAL, int(head["number"]), (head["decimal"] or "").rstrip("0"), "")]
    at = head.end()
    if number[at : at + 1] not in ("", " "):
        return None
    while at < len(number):
        token = _TOKEN.match(number, at)
        if token is None:
            break
        at = token.end()
        shown = token[0].strip()
        if token["date"]:
            keys.append((NUMERAL, int(token["date"][:4]), token["date"][4:].strip("-/"), token["mark"]))
            pieces.append(Piece(Role.DATE, shown))
        elif token["digits"]:
            keys.append((WORD, token["letters"].casefold(), token["digits"], token["work"].casefold()))
            pieces.append(Piece(Role.CUTTER, shown, f"{token['letters']} 0.{token['digits']}"))
        elif token["name"]:
            keys.append((WORD, token["name"].casefold(), "", ""))
            pieces.append(Piece(Role.WORK, shown))
        else:
            remarks.append(f"{shown!r} is no part of the scheme; it sorts as it stands.")
            keys.append((WORD, shown.casefold(), "", ""))
            pieces.append(Piece(Role.TEXT, shown))
    return CallNumber(
        scheme=Scheme.DEWEY,
        text=text,
        pieces=(*(Piece(Role.PREFIX, word) for word in prefix), *pieces, *enumeration.pieces(part, copy)),
        base=tuple(keys),
        enumeration=enumeration.key(part),
        copy=copy,
        remarks=tuple(remarks),
    )
