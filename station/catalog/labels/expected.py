"""The label that an item must carry: its lines, where they come from, and what does not fit. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.words import tell
from station.catalog.callnumber import STANDARD, CallNumber, Options, Role, Scheme, parse
from station.catalog.callnumber.dewey import without_segments
from station.catalog.labels import breaking
from station.catalog.labels.template import Template

_COPY: Final = re.compile(r"0*[0-9]{1,4}")
"""A copy number; anything else in its field is none."""


class Line(msgspec.Struct, frozen=True):
    """One line and what stands on it."""

    text: str
    role: Role


class ExpectedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What must stand on the spine. `text` and `problems` are all that most callers need."""

    lines: tuple[Line, ...] = ()
    scheme: Scheme = Scheme.LOCAL
    source: str = ""
    """Where the call number came from, for people."""
    reason: str = ""
    """Why there is no label, or why it was broken as it was; "" if there is nothing to say."""
    problems: tuple[str, ...] = ()
    """What does not fit the stock. Nothing is cut: the lines are whole."""

    @property
    def text(self) -> tuple[str, ...]:
        """The lines alone."""
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
    """Lines in the order prefix, oversize, collection words of the number, number, volume, copy.

    `description` and `copy` are the item's; what the call number itself says at its end goes before them. A number that does
    not follow its scheme is broken as a local one, and `reason` says so. `numbers`: what the library does its own way.
    """
    tidy = " ".join(call_number.split())
    if not tidy:
        return ExpectedLabel(source=source, reason=tell("spine.no-call-number"))
    number = parse(tidy, scheme or None, numbers)
    own = number.of(Role.PREFIX)
    prefix = template.above(library, location)
    # A number of no scheme has no collection words that are known as such: it may begin with the prefix itself.
    said = {word.casefold() for word in own or tidy.split()[: len(prefix)]}
    spaces = template.split == "spaces"
    above = [line for line in prefix if line.casefold() not in said]
    tall = _oversize(template, height_cm)
    lines = [Line(text, Role.PREFIX) for text in above]
    if tall and tall.casefold() not in said and tall.casefold() not in {line.casefold() for line in above}:
        lines.append(Line(tall, Role.PREFIX))
    if spaces:
        lines += [Line(text, Role.TEXT) for text in breaking.at_spaces(_as_entered(number), template)]
    else:
        lines += [Line(word, Role.PREFIX) for word in own]
        lines += [Line(text, role) for role, text in breaking.body(number, template)]
    enumeration = " ".join(number.of(Role.ENUMERATION))
    if template.volume and not (spaces and enumeration):
        lines += [Line(text, Role.ENUMERATION) for text in breaking.volume(enumeration or description, template)]
    if not (spaces and number.copy):
        lines += [Line(text, Role.COPY) for text in _copy(template, number.copy, copy)]
    return ExpectedLabel(
        lines=tuple(lines),
        scheme=number.scheme,
        source=source,
        reason=" ".join(number.remarks),
        problems=problems([line.text for line in lines], template),
    )


def problems(lines: list[str], template: Template) -> tuple[str, ...]:
    """What does not fit the stock, one sentence each."""
    found = [
        tell("spine.too-wide", line=place, text=text, number=len(text), most=template.width)
        for place, text in enumerate(lines, start=1)
        if len(text) > template.width
    ]
    if len(lines) > template.height:
        found.append(tell("spine.too-many", number=len(lines), most=template.height))
    return tuple(found)


def _as_entered(number: CallNumber) -> str:
    """The whole number, of Dewey without its segmentation marks: they are never printed (processing-and-quality.md 5.2)."""
    if number.scheme is not Scheme.DEWEY:
        return number.text
    words = number.text.split()
    front = 0
    while front < len(number.prefix) and words[front] == number.prefix[front]:
        front += 1
    return " ".join([*words[:front], without_segments(" ".join(words[front:]))])


def _oversize(template: Template, height_cm: float | None) -> str:
    if height_cm is None:
        return ""
    fitting = [row for row in template.oversize if height_cm > row.above_cm]
    return max(fitting, key=lambda row: row.above_cm).text if fitting else ""


def _copy(template: Template, own: int, copy: str) -> tuple[str, ...]:
    """A copy number in the call number itself is always printed; the item's by the template's rule."""
    if own:
        return (f"c.{own}",)
    if not _COPY.fullmatch(copy) or template.copy == "never":
        return ()
    number = int(copy)
    return (f"c.{number}",) if number > 1 or (number == 1 and template.copy == "always") else ()
