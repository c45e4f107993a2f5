"""Library of Congress and National Library of Medicine call numbers: syntax and shelf order.

    [prefix] letters number[.decimal] [date or ordinal] .cutter [cutter | work letters] [date[work letter]] [volume] [copy]

Sources: docs/reference/call-numbers.md#library-of-congress and the pages that docs/call-numbers.md names row by row.
Only the first cutter has a period before it; cutters are decimals; an x before a cutter is ignored (lcsort #9); nothing
sorts before something; numbers (dates, ordinals) sort before letters in the same position. An unknown year of a decade
is "199-?" or "1990z", one place (Classification and Shelflisting Manual, G 140). The parts of a town on a map follow a
colon ("G4364 .L8:2G7", schedule G). NLM's nineteenth-century schedule is letters without a number; its cutters may have
more than one letter.

Choices where no source decides:

- A class without a number is read, with its cutter, if the scheme was given; it sorts before the numbers of the class.
- A stray period after the class number (UNT #14), spaces at its decimal point ("QA 76 .73") and apostrophes for spaces
  (found in a genuine file) are read, with a remark.
- A word that is not part of the scheme is one piece, with its periods and brackets: a label must not lose them.
- Letters of a carrier with a bare number are an accession number ("CD 1234"; Princeton #841).
- Letters that are not a class are read, with a remark, if the scheme was given and a cutter follows.
- Letters at a cutter ("B32a") sort after everything that has the bare cutter, in the order in which a label is read
  line by line; lcsort sorts them before the next cutter.
- Text after a colon sorts after everything else of the place.
- After words that are not a usual collection mark a cutter is required: "Rubini GV 905" is a publisher's number.
- "c1990" in lower case is the year 1990, unless the whole number is in lower case: then it is the cutter C1990.
"""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import enumeration
from station.catalog.callnumber.lc_classes import FIRST_LETTERS, is_class
from station.catalog.callnumber.local import natural
from station.catalog.callnumber.parts import through
from station.catalog.callnumber.value import (
    ELEMENT,
    FIRST,
    LAST,
    SUFFIX,
    CallNumber,
    NotThisScheme,
    Piece,
    Role,
    Scheme,
    fold,
    number,
)

CARRIERS: Final = frozenset({"CD", "DVD", "LP", "VHS", "MP", "BD"})
"""Letters that form an accession number with a bare number."""

COLLECTIONS: Final = frozenset({
    "ref", "reference", "per", "periodical", "periodicals", "law", "folio", "fol", "f", "ff", "oversize", "quarto", "q", "juv",
    "j", "media", "av", "reserve", "res", "atlas", "map", "thesis", "spec", "rare", "archives", "new",
})  # fmt: skip
"""Words permitted before a class number without a cutter. After any other word ("Rubini GV 905") it is a publisher's
number."""

_NUMBER: Final = r"\s?([0-9]{1,4})(?![0-9])(?:\.([0-9]++)(?!(?i:st|nd|rd|th|d)\b))?"
_LC_HEAD: Final = re.compile(r"([A-Za-z]{1,3})" + _NUMBER)
_NLM_HEAD: Final = re.compile(r"([Zz]?(?:[Ww][A-Za-z]?|[Qq][S-Zs-z]))" + _NUMBER)
_NLM_OLD: Final = re.compile(r"([Ww][A-Za-z]{0,2}|[Qq][S-Zs-z][A-Za-z]?)()()(?=\s\.?[A-Za-z]{1,3}[0-9])")
_LC_ALONE: Final = re.compile(r"([A-Za-z]{1,3})()()(?=\s\.[A-Za-z][0-9])")
"""A class without a number, as in house schemes for law: "KGC .B87 1946"."""
_TOKEN_OF: Final = r"""
      (?P<cutter>\.?[xX]?(?P<initial>[A-Za-z]{1,MOST})(?P<digits>[0-9]++)(?P<suffix>[A-Za-z]{1,3}(?![A-Za-z0-9]))?)
    | (?P<date>\.?[\[(]?c?(?P<year>[0-9]{4})(?P<to>[-/][0-9]{2,4}(?![0-9]))?(?P<mark>[A-Za-z]{1,3})?[\])?-]*+(?!\w))
    | (?P<decade>\.?\[?(?P<known>[0-9]{2,3})-{1,2}\??\]?(?!\w))
    | (?P<ordinal>\.?(?P<nth>[0-9]{1,3})(?i:st|nd|rd|th|d|e|ème|ª|º)(?:\.?\s?ed\.)?(?!\w))
    | (?P<open>\.?[A-Za-z](?:\+|(?=,?(?:\s|\Z)))(?!\w))
    | (?P<place>:(?P<part>[0-9])(?=[A-Za-z]))
    | (?P<work>\.?[^\W\d_]++(?:\.(?![^\s,;]))?)(?=[\s,;]|\Z|\.[A-Za-z][0-9])
    | (?P<other>\.(?![^\s,;.])|[^\s,;]++)
"""
_GAP: Final = r"[\s,;]*+"
_LC_TOKEN: Final = re.compile(f"{_GAP}(?:{_TOKEN_OF.replace('MOST', '1')})", re.VERBOSE)
_NLM_TOKEN: Final = re.compile(f"{_GAP}(?:{_TOKEN_OF.replace('MOST', '3')})", re.VERBOSE)
_QUOTED: Final = re.compile(r"[A-Za-z]{1,3}'?[0-9]{1,4}(?:\.[0-9]++)?'|[A-Za-z]{1,3}'[0-9]")
"""Start of a number that has apostrophes in place of spaces, as in a genuine file."""
_APART: Final = re.compile(r"([A-Za-z]{1,3}\s?[0-9]{1,4})(?:\s\.\s?|\.\s)([0-9]{1,3})(?![0-9])(?!(?i:st|nd|rd|th|d)\b)")
"""Start of a number with spaces at the decimal point of the class number."""
_SPAN: Final = re.compile(r"-([0-9]{2}|[0-9]{4})(?=\s\.[A-Za-z])")
"""End of a span in the place of the class number, as in house schemes by year ("A 1834-48 .S74")."""
_YEARS: Final = range(1400, 2100)

_STRAY: Final = "There is a stray period after the class number."
_NO_CLASS: Final = "{} is not a class of the Library of Congress"
_APOSTROPHES: Final = "There are apostrophes in place of spaces."
_SPACES: Final = "There are spaces inside the class number."


def parse(
    text: str,
    prefix: tuple[str, ...] = (),
    *,
    named: bool = True,
    scheme: Scheme = Scheme.LC,
    rules: enumeration.Rules = enumeration.STANDARD,
) -> CallNumber:
    """Read an LC (or, with `scheme`, NLM) call number. Raise `NotThisScheme` if it is not one.

    The caller has already removed `prefix`. `named`: the scheme was given, so more deviations are tolerated.
    """
    remarks: list[str] = []
    plain = text
    if "'" in plain and _QUOTED.match(plain):
        plain = plain.replace("'", " ")
        remarks.append(_APOSTROPHES)
    if apart := _APART.match(plain):
        plain = f"{apart[1]}.{apart[2]}{plain[apart.end() :]}"
        remarks.append(_SPACES)
    head, letters = _head(plain, named, scheme)
    rest, part, copy = enumeration.split(plain[head.end() :], 0)
    pieces = [Piece(Role.PREFIX, word) for word in prefix]
    pieces.append(Piece(Role.LETTERS, head[1]))
    base = ELEMENT + letters.lower()
    if head[2]:
        decimal = head[3] or ""
        pieces.append(Piece(Role.NUMBER, f"{head[2]}.{decimal}" if decimal else head[2]))
        decimal = decimal.rstrip("0")
        base += ELEMENT + number(head[2]) + (f".{decimal}" if decimal else "")
    elif scheme is Scheme.LC:
        base += ELEMENT + FIRST
    known = scheme is Scheme.NLM or is_class(letters)
    try:
        keys, cuttered = _rest(rest, plain, pieces, remarks, scheme, named)
    except NotThisScheme as error:
        raise error if known else NotThisScheme(_NO_CLASS.format(letters)) from error
    if letters in CARRIERS and not cuttered:
        raise NotThisScheme(f"{letters} with only a number is an accession number")
    if not cuttered and not all(fold(word) in COLLECTIONS for word in prefix if word.strip("+*")):
        raise NotThisScheme("there are other words and no cutter, as in a publisher's number")
    if not known:
        if not cuttered:
            raise NotThisScheme(_NO_CLASS.format(letters))
        remarks.append(_NO_CLASS.format(letters) + " that the station knows.")
    pieces += enumeration.pieces(part, copy)
    return CallNumber(
        scheme=scheme,
        text=text,
        pieces=tuple(pieces),
        base=base + keys,
        enumeration=enumeration.key(part, rules),
        copy=copy,
        prefix=prefix,
        remarks=tuple(remarks),
    )


def _head(text: str, named: bool, scheme: Scheme) -> tuple[re.Match[str], str]:
    """Return class letters and number. Raise `NotThisScheme`."""
    if scheme is Scheme.NLM:
        head = _NLM_HEAD.match(text) or (_NLM_OLD.match(text) if named else None)
        if head is None:
            raise NotThisScheme("it does not begin with W or QS to QZ and a number")
        letters = head[1].upper()
    else:
        head = _LC_HEAD.match(text) or (_LC_ALONE.match(text) if named else None)
        if head is None or not (head[2] or is_class(head[1].upper())):
            raise NotThisScheme(_why_not(text))
        letters = head[1].upper()
        if letters[0] not in FIRST_LETTERS or not (named or is_class(letters)):
            raise NotThisScheme(_NO_CLASS.format(letters))
    behind = text[head.end() : head.end() + 1]
    if behind and not (behind in ".[" or _SPAN.match(text, head.end()) or behind.isspace() or behind.isalpha()):
        raise NotThisScheme(f"{behind} cannot follow the class number")
    return head, letters


def _why_not(text: str) -> str:
    """Return why the beginning is not that of an LC number."""
    letters = re.match(r"[^\W\d_]+", text)
    if letters is None:
        return "it does not begin with letters"
    if len(letters[0]) > 3:
        return f"{letters[0]} has more letters than a class"
    if not is_class(letters[0].upper()):
        return _NO_CLASS.format(letters[0].upper())
    return f"no number up to 9999 follows {letters[0]}"


def _rest(
    rest: str, whole: str, pieces: list[Piece], remarks: list[str], scheme: Scheme, named: bool
) -> tuple[str, bool]:
    """Return the sort key of everything after the class number, and whether there is a cutter with a number. Fills
    `pieces`."""
    match = _NLM_TOKEN.match if scheme is Scheme.NLM else _LC_TOKEN.match
    key = ""
    at = 0
    cuttered = opened = glued = False
    if span := _SPAN.match(rest):
        key, at = f"-{number(str(through(int(pieces[-1].text), span[1])))}", span.end()
        pieces.append(Piece(Role.NUMBER, pieces.pop().text + span[0]))
    while at < len(rest) and (found := match(rest, at)):
        kind = found.lastgroup or ""
        begin = found.start(kind)
        attached = begin == at and bool(pieces)
        at = found.end()
        text = found[kind].strip()
        if kind == "cutter":
            year = found["digits"]
            if (
                text[0] == "c"
                and len(year) == 4
                and int(year) in _YEARS
                and not found["suffix"]
                and not whole.islower()
            ):
                key += ELEMENT + number(year)
                pieces.append(Piece(Role.DATE if cuttered else Role.CAPTION, text))
                continue
            cuttered = True
            key += ELEMENT + found["initial"].lower() + year
            if found["suffix"]:
                key += SUFFIX + found["suffix"].lower()
            pieces.append(Piece(Role.CUTTER, pieces.pop().text + text if glued else text))
            glued = False
        elif kind == "date":
            key += ELEMENT + number(found["year"])
            if found["to"]:
                key += "-" + number(str(through(int(found["year"]), found["to"][1:])))
            if found["mark"]:
                key += SUFFIX + found["mark"].lower()
            pieces.append(Piece(Role.DATE if cuttered else Role.CAPTION, text))
        elif kind == "decade":
            key += f"{ELEMENT}{number(found['known'].ljust(4, '0'))}{SUFFIX}z"
            pieces.append(Piece(Role.DATE if cuttered else Role.CAPTION, text))
        elif kind == "ordinal":
            key += ELEMENT + number(found["nth"])
            pieces.append(Piece(Role.CAPTION, text))
        elif kind == "place":
            if not cuttered:
                raise NotThisScheme("a colon is in the place of the first cutter")
            key += f"{ELEMENT}{LAST}{found['part']}"
            pieces.append(Piece(Role.CUTTER, pieces.pop().text + text))
            glued = True
        elif kind == "open":
            key += ELEMENT + fold(text)
            if cuttered and not text.endswith("+"):
                pieces.append(Piece(Role.WORK, text))
            else:
                opened = True
                remarks.append(f"The cutter {text} has no number yet.")
                pieces.append(Piece(Role.CUTTER, text))
        elif text == ".":
            if not (cuttered or opened):
                remarks.append(_STRAY)
        elif not (cuttered or opened) and not (named and text.isdecimal()):
            raise NotThisScheme(f"{text} is in the place of the first cutter")
        elif attached and text[0] == "/":  # ".N9/PT.A"
            key += natural(text)
            pieces[-1] = Piece(pieces[-1].role, pieces[-1].text + text)
        elif kind == "work":
            key += ELEMENT + fold(text)
            pieces.append(Piece(Role.WORK, text))
        else:
            remarks.append(f"{text} is not part of the scheme; it sorts by its characters.")
            key += natural(text)
            pieces.append(Piece(Role.TEXT, text))
    return key, cuttered
