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
from typing import Final

from station.catalog.callnumber import CallNumber, Piece, Role, Scheme
from station.catalog.labels.template import Template

_SUDOC_MARKS: Final = {"colon": ":", "slash": "/", "hyphen": "-", "point": "."}
_POINT: Final = re.compile(r"(?<=[^(.])\.(?![^()]*\))(?=.)")
"""A period inside the text, and not in parentheses."""
_DESIGNATIONS: Final = re.compile(r"[^\W\d_]+\.\d[\w\-/]*")


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
    broken = ((role, line) for role, text in lines for line in _at_characters(text, template))
    return tuple((role, line.strip()) for role, line in broken if line.strip())


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
    """Return the lines of volume and part by `template.holdings`: "v.2 pt.1" is two lines; a bare number is a
    volume."""
    words = designation.split()
    if len(words) == 1 and words[0].isdecimal():
        return (f"v.{words[0]}",)
    how = template.holdings
    apart = "space" in how or ("designation" in how and all(_DESIGNATIONS.fullmatch(word) for word in words))
    lines = words if apart else [" ".join(words)]
    if "colon" in how:
        lines = [part for line in lines for part in _behind(line, ":")]
    if "bracket" in how:
        lines = [part for line in lines for part in _before(line, "([")]
    return tuple(line.strip() for line in lines if line.strip())


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
