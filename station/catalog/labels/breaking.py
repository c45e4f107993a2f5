"""Break a call number into label lines, by scheme and template. Nothing is normalized: case and periods stay as
entered.

Common LC break: letters / number / .cutter / cutter / date / volume / copy
(docs/reference/call-numbers.md#spine-labels: Florida International, Pasadena, SpineOMatic users). Dewey's segmentation
marks are not printed (docs/reference/call-numbers.md#dewey-and-sudoc). ANSCR's four terms are four lines
(docs/reference/call-numbers.md#anscr). SuDoc is broken where the template says
(docs/reference/call-numbers.md#dewey-and-sudoc, #spine-labels).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from station.catalog.callnumber import CallNumber, Piece, Role, Scheme
from station.catalog.callnumber.parts import Unit
from station.catalog.callnumber.parts import read as parts_of
from station.catalog.labels.template import Template

_SUDOC_MARKS: Final = {"colon": ":", "slash": "/", "hyphen": "-", "point": "."}
_POINT: Final = re.compile(r"(?<=[^(.])\.(?![^()]*\))(?=.)")
"""A period inside the text, and not in parentheses."""
_SPACE: Final = re.compile(r"\s+")
_IN_BRACKETS: Final = re.compile(r"(?:\s?\(|\[)[^()\[\]]*+[)\]]")
_WIDE: Final = (
    re.compile(r"\s+"),
    *(re.compile(at) for at in (r"(?=[(\[])", r"(?<=[:;])", r"(?<=,)", r"(?<=[-\u2013/&+])")),
)
"""Places where a line that is too wide is broken, the best first. Each is of one kind, so that "no.1-4,6-8" is broken at
its comma."""


def body(number: CallNumber, template: Template) -> tuple[tuple[Role, str], ...]:
    """Return the lines of the call number itself, without prefix, volume and copy; each with its role."""
    match number.scheme:
        case Scheme.LC | Scheme.NLM:
            lines = _lc(number, template)
        case Scheme.DEWEY:
            lines = _dewey(number, template)
        case Scheme.SUDOC:
            lines = _sudoc(number, template)
        case Scheme.ANSCR:
            lines = [(piece.role, piece.text) for piece in number.pieces if piece.role is Role.TERM]
        case _:
            words = (piece.text for piece in number.pieces if piece.role is Role.TEXT)
            lines = [(Role.TEXT, line) for line in _local(" ".join(words), template)]
    broken = ((role, line.strip()) for role, text in lines for line in _at_characters(text, template))
    return tuple(
        (role, part)
        for role, line in broken
        for part in (_fitted(line, template) if role in (Role.TEXT, Role.WORK) else (line,))
        if part
    )


def at_spaces(text: str, template: Template) -> tuple[str, ...]:
    """Return the lines of a number broken at its spaces as entered, at most `template.most`; the rest is the last line,
    unbroken."""
    found: list[tuple[int, str]] = []
    for word in re.finditer(r"\S+", text):
        at = word.start()
        for piece in _at_characters(word[0], template):
            found.append((at, piece))
            at += len(piece)
    if template.most and len(found) > template.most:
        start = found[template.most - 1][0]
        found[template.most - 1 :] = [(start, text[start:])]
    return tuple(piece for _, piece in found)


def volume(designation: str, template: Template) -> tuple[str, ...]:
    """Return the lines of volume, part and date by `template.holdings`: "v.2 pt.1 1990" is three lines; a bare number
    is a volume."""
    tidy = " ".join(designation.split())
    if tidy.isdecimal():
        return (f"v.{tidy}",)
    how = template.holdings
    lines = tidy.split() if "space" in how else designations(tidy) if "designation" in how else [tidy]
    if "colon" in how:
        lines = [part for line in lines for part in _behind(line, ":")]
    if "bracket" in how:
        lines = [part for line in lines for part in _before(line, "([")]
    return tuple(part for line in lines for part in _fitted(line.strip(), template) if part)


def designations(text: str) -> list[str]:
    """Break an enumeration between its parts: a designation stays with its number ("vol. 32"), a month with its day, and
    what is in parentheses with the part before it. A comma or semicolon between two lines is dropped."""
    parts = parts_of(text)
    inside = [(part.start, part.end) for part in parts]
    inside += [
        (one.start, other.end) for one, other in pairwise(parts) if one.unit is Unit.MONTH and other.unit is Unit.DAY
    ]
    inside += [(found.start(), found.end()) for found in _IN_BRACKETS.finditer(text)]
    inside.sort()
    lines, start, at, held = [], 0, 0, 0
    for gap in _SPACE.finditer(text):
        while at < len(inside) and inside[at][0] <= gap.start():
            held = max(held, inside[at][1])
            at += 1
        if held > gap.end() or not any(map(str.isalnum, text[gap.end() : gap.end() + 1] + text[start : gap.start()])):
            continue
        lines.append(text[start : gap.start()].rstrip(",;"))
        start = gap.end()
    lines.append(text[start:].rstrip(",;"))
    return lines


def _fitted(line: str, template: Template) -> Iterator[str]:
    """Break a line that is too wide for the stock at the best places it has; each piece as long as fits."""
    return _packed(line, template.width, 0) if template.break_wide else iter((line,))


def _packed(line: str, width: int, kind: int) -> Iterator[str]:
    if len(line) <= width or kind == len(_WIDE):
        yield line
        return
    packed = ""
    for piece, space in _pieces(line, kind):
        together = packed + space + piece if packed else piece
        if len(together) <= width:
            packed = together
            continue
        if packed:
            yield packed
        *full, packed = _packed(piece, width, kind + 1)
        yield from full
    if packed:
        yield packed


def _pieces(line: str, kind: int) -> Iterator[tuple[str, str]]:
    """Yield (piece, white space before it)."""
    start, space = 0, ""
    for found in _WIDE[kind].finditer(line):
        if found.start() > start:
            yield line[start : found.start()], space
            start, space = found.end(), found[0]
    if start < len(line):
        yield line[start:], space


def _lc(number: CallNumber, template: Template) -> list[tuple[Role, str]]:
    lines: list[tuple[Role, str]] = []
    for piece in number.pieces:
        match piece.role:
            case Role.LETTERS:
                lines.append((piece.role, piece.text))
            case Role.NUMBER:
                parts = _decimal(piece.text, template)
                if template.letters_number:
                    lines += [(piece.role, part) for part in parts]
                else:
                    letters = lines.pop()[1]
                    lines += [(piece.role, letters + parts[0]), *((piece.role, part) for part in parts[1:])]
            case Role.CUTTER:
                parts = _cutter(piece, template)
                if template.cutters or lines[-1][0] is not Role.CUTTER:
                    lines += [(piece.role, part) for part in parts]
                else:
                    lines[-1] = (piece.role, f"{lines[-1][1]} {parts[0]}")
                    lines += [(piece.role, part) for part in parts[1:]]
            case Role.CAPTION | Role.WORK | Role.DATE | Role.TEXT:
                lines.append((piece.role, piece.text))
            case _:
                continue
    return lines


def _decimal(text: str, template: Template) -> list[str]:
    whole, point, decimal = text.partition(".")
    if not point or template.decimal == "keep":
        return [text]
    return [whole, f".{decimal}"] if template.decimal == "before" else [f"{whole}.", decimal]


def _cutter(piece: Piece, template: Template) -> list[str]:
    text = piece.text.removeprefix(".").strip() if template.cutter_point == "hide" else piece.text.replace(". ", ".")
    if not template.inside_cutter:
        return [text]
    found = re.fullmatch(r"(\.?[^\W\d_]+)(\d.*)", text)
    return [found[1], found[2]] if found else [text]


def _dewey(number: CallNumber, template: Template) -> list[tuple[Role, str]]:
    lines: list[tuple[Role, str]] = []
    for piece in number.pieces:
        if piece.role is Role.NUMBER and template.dewey_digits and "." in piece.text:
            whole, _, digits = piece.text.partition(".")
            first = max(template.dewey_keep, template.dewey_digits)
            rest = digits[first:]
            chunks = [rest[at : at + template.dewey_digits] for at in range(0, len(rest), template.dewey_digits)]
            lines += [(piece.role, f"{whole}.{digits[:first]}"), *((piece.role, chunk) for chunk in chunks)]
        elif piece.role in (Role.NUMBER, Role.CUTTER, Role.WORK, Role.DATE, Role.TEXT):
            lines.append((piece.role, piece.text))
    return lines


def _sudoc(number: CallNumber, template: Template) -> list[tuple[Role, str]]:
    found = {piece.role: piece.text for piece in number.pieces}
    rest = found.get(Role.STEM, "") + found.get(Role.SUFFIX, "")
    agency = found.get(Role.AGENCY, "")
    texts = (
        [(Role.AGENCY, agency), (Role.STEM, rest)] if "agency" in template.sudoc else [(Role.STEM, f"{agency}{rest}")]
    )
    lines: list[tuple[Role, str]] = []
    for role, text in texts:
        marks = "" if role is Role.AGENCY else "".join(_SUDOC_MARKS.get(name, "") for name in template.sudoc)
        pieces = _behind(text, marks)
        if role is Role.STEM and "digits" in template.sudoc:
            pieces = [part for piece in pieces for part in re.split(r"(?<=[^\W\d_])\s?(?=\d)", piece)]
        lines += [(role, piece) for piece in pieces]
    return lines


def _local(text: str, template: Template) -> list[str]:
    lines = text.split(" ") if "space" in template.local else [text]
    if "colon" in template.local:
        lines = [part for line in lines for part in _behind(line, ":")]
    if "bracket" in template.local:
        lines = [part for line in lines for part in _before(line, "(")]
    return lines


def _at_characters(text: str, template: Template) -> Iterable[str]:
    for part in _behind(text, template.break_after):
        for piece in _before(part, template.break_before):
            yield from _at_points(piece, template.break_longer)


def _at_points(text: str, longest: int) -> Iterator[str]:
    """Break before a period while the rest is longer than `longest`; 0 = never."""
    while longest and len(text) > longest and (point := _POINT.search(text)):
        yield text[: point.start()]
        text = text[point.start() :]
    yield text


def _behind(text: str, characters: str) -> list[str]:
    return re.split(rf"(?<=[{re.escape(characters)}])(?=.)", text) if characters else [text]


def _before(text: str, characters: str) -> list[str]:
    return re.split(rf"(?<=.)(?=[{re.escape(characters)}])", text) if characters else [text]
