"""The expected label of an item: its lines, their origin, and text that does not fit. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.catalog.callnumber import STANDARD, CallNumber, Options, Role, Scheme, parse, parts
from station.catalog.callnumber.designations import CARRIERS
from station.catalog.callnumber.dewey import without_segments
from station.catalog.labels import breaking, volume
from station.catalog.labels.template import Template

_COPY: Final = re.compile(r"0*[0-9]{1,4}")
"""A copy number; other text in its field is ignored."""
_BOUND: Final = (parts.Kind.INDEX, parts.Kind.SUPPLEMENT)
_DIGITS: Final = re.compile(r"[1-9][0-9]*")


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
    """Return the enumerations for the label, of the call number's own and the item's. The own takes precedence, but
    discs and volumes are added to each other: "disc 2" does not say which volume, nor do "Index" and "pt.2"."""
    if not own or not item:
        return (own or item,)
    if item.isdecimal() and _below_volume(own, int(item)):
        return (item, own)
    discs, volumes = _levels(own)
    more_discs, more_volumes = _levels(item)
    if discs and not volumes and (more_volumes or item.isdecimal()):
        return (item,) if more_discs else (item, own)
    if more_discs and not more_volumes and not discs:
        return (own, item)
    return (own,)


def _below_volume(text: str, volume: int) -> bool:
    """Return True if an enumeration has only indexes, supplements and parts, and not this number."""
    all_parts = parts.read(text)
    below = all(
        part.kind in _BOUND or (part.kind is parts.Kind.LEVEL and part.name in ("pt", "p")) for part in all_parts
    )
    return bool(all_parts) and below and str(volume) not in _DIGITS.findall(text)


def _levels(text: str) -> tuple[bool, bool]:
    """Return whether an enumeration has discs, and whether it has volumes or parts."""
    names = [part.name for part in parts.read(text) if part.kind is parts.Kind.LEVEL]
    return any(name in CARRIERS for name in names), any(name not in CARRIERS for name in names)


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
