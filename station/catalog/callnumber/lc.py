"""Library of Congress and National Library of Medicine call numbers: syntax and shelf order.

    [prefix] letters number[.decimal] [date or ordinal] .cutter [cutter | work letters] [date[work letter]] [volume] [copy]

Source: processing-and-quality.md 5.1. The point stands before the first cutter only; cutters are decimals; a
lower-case x before a cutter is ignored (lcsort #9); nothing stands before something; numbers (dates) before letters at
the same place. Choices where no source decides: a stray point behind the class number is tolerated with a remark
(UNT #14); letters followed by a bare number and no cutter are LC only if the letters are not those of a carrier ("CD 1234"
is an accession number; Princeton #841).
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.value import NUMERAL, WORD, CallNumber, Key, Piece, Role, Scheme

LETTERS: Final = frozenset("ABCDEFGHJKLMNPQRSTUVZ")
"""First letters of LC classes; I, O, W, X and Y are not used (section 5.4: pycallnumber accepts I and XZ)."""
CARRIERS: Final = frozenset({"CD", "DVD", "LP", "VHS", "MP", "BD"})
"""Letters that with a bare number are an accession number."""

_LC_HEAD: Final = re.compile(r"(?P<letters>[A-Z]{1,3})\s*(?P<number>\d{1,4})(?:\.(?P<decimal>\d+))?", re.IGNORECASE)
_NLM_HEAD: Final = re.compile(
    r"(?P<letters>W[A-Z]?|Q[S-Z])\s*(?P<number>\d{1,4})(?:\.(?P<decimal>\d+))?", re.IGNORECASE
)
_STRAY: Final = re.compile(r"\s*\.(?=\s|\Z)")
_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<ordinal>\d{1,3}(?:st|nd|rd|th|d|ème|ª|º)(?![a-z]))
    | (?P<date>\d{4}(?:[-/]\d{2,4})?)(?P<mark>[a-z]{0,3})(?![\w])
    | \.?\s?(?P<x>x(?=[A-Za-z]))?(?P<initial>[A-Za-z])(?P<digits>\d+)(?P<suffix>[a-z]{0,3})(?![a-z])
    | \.?(?P<work>[^\W\d_]+)(?!\d)\.?
    | (?P<other>[^\s.]+|\.)
    )""",
    re.VERBOSE,
)


def parse(text: str, prefix: tuple[str, ...] = (), scheme: Scheme = Scheme.LC) -> CallNumber | None:
    """Read an LC (or, with `scheme`, NLM) call number; None if it is none. `prefix` was taken off before."""
    head_pattern = _NLM_HEAD if scheme is Scheme.NLM else _LC_HEAD
    number, part, copy = enumeration.split(text)
    head = head_pattern.match(number)
    if head is None:
        return None
    letters = head["letters"].upper()
    if scheme is Scheme.LC and letters[0] not in LETTERS:
        return None
    rest = number[head.end() :]
    remarks: list[str] = []
    stray = _STRAY.match(rest)
    if stray:
        remarks.append("There is a stray point behind the class number.")
        rest = rest[stray.end() :]
    if rest and not (rest[0] in " ." or rest[0].isalpha()):
        return None
    found = _rest(rest, remarks)
    if found is None:
        return None
    pieces, keys = found
    if letters in CARRIERS and not any(piece.role is Role.CUTTER for piece in pieces):
        return None
    words = f"{int(head['number'])}" + (f", decimal {head['decimal']}" if head["decimal"] else "")
    class_number = head["number"] + (f".{head['decimal']}" if head["decimal"] else "")
    base: Key = (
        (WORD, letters.casefold(), "", ""),
        (NUMERAL, int(head["number"]), (head["decimal"] or "").rstrip("0"), ""),
        *keys,
    )
    return CallNumber(
        scheme=scheme,
        text=text,
        pieces=(
            *(Piece(Role.PREFIX, word) for word in prefix),
            Piece(Role.LETTERS, head["letters"]),
            Piece(Role.NUMBER, class_number, words),
            *pieces,
            *enumeration.pieces(part, copy),
        ),
        base=base,
        enumeration=enumeration.key(part),
        copy=copy,
        remarks=tuple(remarks),
    )


def _rest(rest: str, remarks: list[str]) -> tuple[list[Piece], list[tuple[int | str, ...]]] | None:
    """Everything behind the class number; None if it begins with something that no LC number has there."""
    pieces: list[Piece] = []
    keys: list[tuple[int | str, ...]] = []
    at = 0
    cutters = 0
    while at < len(rest.rstrip()):
        token = _TOKEN.match(rest, at)
        if token is None:
            return None
        at = token.end()
        text = token[0].strip()
        if token["digits"]:
            cutters += 1
            keys.append((WORD, token["initial"].casefold(), token["digits"], token["suffix"]))
            pieces.append(Piece(Role.CUTTER, text, f"cutter {cutters}: {token['initial']} 0.{token['digits']}"))
        elif token["date"]:
            year = token["date"]
            role = Role.DATE if cutters else Role.CAPTION
            keys.append((NUMERAL, int(year[:4]), year[4:].strip("-/"), token["mark"]))
            pieces.append(Piece(role, text))
        elif token["ordinal"]:
            keys.append((NUMERAL, int(re.match(r"\d+", text)[0]), "", ""))  # type: ignore[index]
            pieces.append(Piece(Role.CAPTION, text))
        elif token["work"]:
            if not cutters:
                return None
            keys.append((WORD, token["work"].casefold(), "", ""))
            pieces.append(Piece(Role.WORK, text, "work letters"))
        else:
            if not cutters:
                return None
            if text != ".":
                remarks.append(f"{text!r} is no part of the scheme; it sorts as it stands.")
                keys.append((WORD, text.casefold(), "", ""))
                pieces.append(Piece(Role.TEXT, text))
    return pieces, keys
