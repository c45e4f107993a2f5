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

from station.catalog.callnumber import CallNumber, Piece, Role, Scheme, enumeration
from station.catalog.labels import volume, wide
from station.catalog.labels.characters import after, before
from station.catalog.labels.template import Template

_SUDOC_MARKS: Final = {"colon": ":", "slash": "/", "hyphen": "-", "point": "."}
_WORDS: Final = (Role.TEXT, Role.WORK)
_LONGEST_BRACKET: Final = 8
"""Maximum number of words in parentheses."""
_POINT: Final = re.compile(r"(?<=[^(.])\.(?![^()]*\))(?=.)")
"""A period inside the text, and not in parentheses."""


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
    broken = ((role, line.strip()) for role, text in _bracketed(lines) for line in _at_characters(text, template))
    return tuple(
        (role, part)
        for role, line in broken
        for part in (_fitted(role, line, number.scheme, template) if template.break_wide else (line,))
        if part
    )


def _bracketed(lines: list[tuple[Role, str]]) -> list[tuple[Role, str]]:
    """Join the words in parentheses to one line: "(PAID ON 1AJX8426)"."""
    found: list[tuple[Role, str]] = []
    at = 0
    while at < len(lines):
        role, text = lines[at]
        last = at
        if role in _WORDS and text.startswith("(") and ")" not in text:
            behind = lines[at + 1 : at + _LONGEST_BRACKET]
            last = next((at + 1 + more for more, (_, word) in enumerate(behind) if ")" in word), at)
            text = " ".join(text for _, text in lines[at : last + 1])
        found.append((role, text))
        at = last + 1
    return found


def _fitted(role: Role, line: str, scheme: Scheme, template: Template) -> list[str]:
    """Break a line that is too wide for the stock; class letters, cutters and dates have no place for a break."""
    if len(line) <= template.width:
        return [line]
    if role in _WORDS:
        return wide.fit(line, template.width)
    if role in (Role.STEM, Role.SUFFIX):
        front, part, _ = enumeration.split(line, keep=0)
        lines = [*([front] if front else []), *volume.statements(part)] if part else [line]
        return [piece for one in lines for piece in wide.fit_sudoc(one, template.width)]
    if role is Role.NUMBER and scheme is Scheme.DEWEY and "." in line:
        whole, _, digits = line.partition(".")
        digits = f".{digits}"
        return [whole, *(digits[at : at + template.width] for at in range(0, len(digits), template.width))]
    return [line]


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
        pieces = after(text, marks)
        if role is Role.STEM and "digits" in template.sudoc:
            pieces = [part for piece in pieces for part in re.split(r"(?<=[^\W\d_])\s?(?=\d)", piece)]
        lines += [(role, piece) for piece in pieces]
    return lines


def _local(text: str, template: Template) -> list[str]:
    lines = text.split(" ") if "space" in template.local else [text]
    if "colon" in template.local:
        lines = [part for line in lines for part in after(line, ":")]
    if "bracket" in template.local:
        lines = [part for line in lines for part in before(line, "(")]
    return lines


def _at_characters(text: str, template: Template) -> Iterable[str]:
    for part in after(text, template.break_after):
        for piece in before(part, template.break_before):
            yield from _at_points(piece, template.break_longer)


def _at_points(text: str, longest: int) -> Iterator[str]:
    """Break before a period while the rest is longer than `longest`; 0 = never."""
    while longest and len(text) > longest and (point := _POINT.search(text)):
        yield text[: point.start()]
        text = text[point.start() :]
    yield text
