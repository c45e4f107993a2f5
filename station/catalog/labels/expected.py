"""The expected label of an item: its lines, their origin, and text that does not fit. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.catalog.callnumber import STANDARD, CallNumber, Options, Role, Scheme, parse, parts
from station.catalog.callnumber.designations import CARRIERS, SERIES
from station.catalog.callnumber.dewey import without_segments
from station.catalog.callnumber.value import number as number_key
from station.catalog.labels import breaking, volume
from station.catalog.labels.template import Template

_COPY: Final = re.compile(r"0*[0-9]{1,4}")
"""A copy number; other text in its field is ignored."""
_BOUND: Final = (parts.Kind.INDEX, parts.Kind.SUPPLEMENT)


class Line(msgspec.Struct, frozen=True):
    """One line and the role of its text."""

    text: str
    role: Role


class ExpectedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The expected spine label. Most callers need only `text` and `problems`."""

    lines: tuple[Line, ...] = ()
    scheme: Scheme = Scheme.LOCAL
    source: str = ""
    """Origin of the call number, for display."""
    reason: Sentence = EMPTY
    """Why there is no label, or why it was broken in this way; "" = nothing to report."""
    problems: tuple[Sentence, ...] = ()
    """Text that does not fit the stock. Nothing is cut: the lines are complete."""

    @property
    def text(self) -> tuple[str, ...]:
        """Return the lines as text."""
        return tuple(line.text for line in self.lines)


def expected_label(
    call_number: str,
    scheme: str,
    template: Template,
    *,
    library: str = "",
    location: str = "",
    description: str = "",
    copy: str = "",
    height_cm: float | None = None,
    source: str = "",
    numbers: Options = STANDARD,
) -> ExpectedLabel:
    """Return the expected label, with lines in the order prefix, oversize, collection words of the number, number,
    volume, copy.

    `description` and `copy` are the item's; volume and copy at the end of the call number take precedence over them. A
    number that does not follow its scheme is broken as a local one, and `reason` says so. `numbers`: the library's
    options.
    """
    tidy = " ".join(call_number.split())
    if not tidy:
        return ExpectedLabel(source=source, reason=Sentence("spine.no-call-number"))
    number = parse(tidy, scheme or None, numbers)
    own = number.of(Role.PREFIX)
    prefix = template.above(library, location)
    # The collection words of a number without a scheme are unknown: the number may begin with the prefix itself.
    words = {word.casefold() for word in own or tidy.split()[: len(prefix)]}
    spaces = template.split == "spaces"
    above = [line for line in prefix if line.casefold() not in words]
    tall = _oversize(template, height_cm)
    lines = [Line(text, Role.PREFIX) for text in above]
    if tall and tall.casefold() not in words and tall.casefold() not in {line.casefold() for line in above}:
        lines.append(Line(tall, Role.PREFIX))
    if spaces:
        lines += [Line(text, Role.TEXT) for text in breaking.at_spaces(_as_entered(number), template)]
    else:
        lines += [Line(word, Role.PREFIX) for word in own]
        lines += [Line(text, role) for role, text in breaking.body(number, template)]
    enumeration = " ".join(number.of(Role.ENUMERATION))
    if template.volume:
        for text in _volumes(enumeration, description):
            if not (spaces and text == enumeration):
                lines += [Line(line, Role.ENUMERATION) for line in volume.lines(text, template)]
    if not (spaces and number.copy):
        lines += [Line(text, Role.COPY) for text in _copy(template, number.copy, copy)]
    return ExpectedLabel(
        lines=tuple(lines),
        scheme=number.scheme,
        source=source,
        reason=Sentence.verbatim(" ".join(number.remarks)),
        problems=problems([line.text for line in lines], template),
    )


def problems(lines: list[str], template: Template) -> tuple[Sentence, ...]:
    """Return the text that does not fit the stock, as one sentence each."""
    sentences = [
        Sentence("spine.too-wide", line=place, text=text, number=len(text), most=template.width)
        for place, text in enumerate(lines, start=1)
        if len(text) > template.width
    ]
    if len(lines) > template.height:
        sentences.append(Sentence("spine.too-many", number=len(lines), most=template.height))
    return tuple(sentences)


def _as_entered(number: CallNumber) -> str:
    """Return the whole number; for Dewey without its segmentation marks, which are never printed
    (docs/reference/call-numbers.md#dewey-and-sudoc)."""
    if number.scheme is not Scheme.DEWEY:
        return number.text
    words = number.text.split()
    front = 0
    while front < len(number.prefix) and words[front] == number.prefix[front]:
        front += 1
    return " ".join([*words[:front], without_segments(" ".join(words[front:]))])


def _volumes(own: str, item: str) -> tuple[str, ...]:
    """Return the enumerations for the label, of the call number's own and the item's, the larger unit first.

    The own takes precedence; units that only the item has are added: "disc 2" does not say which volume, nor do
    "Index", "pt.2" and "p.1 CD". A bare number of the item is a volume, unless the own has this number.
    """
    if not own or not item:
        return (own or item,)
    mine, others = _units(own), {_VOLUME: number_key(item)} if item.isdecimal() else _units(item)
    if not others:
        return (own,)
    if mine.keys() & others.keys():
        longer = mine.items() < others.items() and all(part.kind is parts.Kind.LEVEL for part in parts.read(own))
        return (item if longer else own,)
    if item.isdecimal() and _DISC not in mine and item.lstrip("0") in _DIGITS.findall(own):
        return (own,)
    if {*mine, *others} == {_VOLUME, _NUMBER} and set(mine.values()) == set(others.values()):
        return (own,)  # "no.5" in the number is called "v.5" in the item
    return (item, own) if _largest(others) <= _largest(mine) else (own, item)


_VOLUME: Final = "v"
_NUMBER: Final = "no"
_DISC: Final = "disc"
_LARGE: Final = SERIES | {"op", parts.Kind.NEW_SERIES}
"""Units above a volume."""
_SMALL: Final = frozenset({_NUMBER, "h", "pt", "p", "fasc", "livr", "lfg", "iss", _DISC, *_BOUND})
"""Units below a volume."""
_DIGITS: Final = re.compile(r"[1-9][0-9]*")


def _units(text: str) -> dict[str, str]:
    """Return the key of each unit that an enumeration counts, by its designation; all carriers are discs."""
    return {
        _DISC if part.name in CARRIERS else part.name or part.kind: part.key
        for part in parts.read(text)
        if part.kind not in (parts.Kind.DATE, parts.Kind.TEXT)
    }


def _largest(units: dict[str, str]) -> int:
    return min((0 if unit in _LARGE else 2 if unit in _SMALL else 1 for unit in units), default=2)


def _oversize(template: Template, height_cm: float | None) -> str:
    if height_cm is None:
        return ""
    fitting = [row for row in template.oversize if height_cm > row.above_cm]
    return max(fitting, key=lambda row: row.above_cm).text if fitting else ""


def _copy(template: Template, own: int, copy: str) -> tuple[str, ...]:
    """Return the copy line. A copy number in the call number itself is always printed; the item's copy number by the
    template's rule."""
    if own:
        return (f"c.{own}",)
    if not _COPY.fullmatch(copy) or template.copy == "never":
        return ()
    number = int(copy)
    return (f"c.{number}",) if number > 1 or (number == 1 and template.copy == "always") else ()
