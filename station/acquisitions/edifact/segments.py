"""Split an EDIFACT file into segments (ISO 9735, syntax versions 1 to 4), as library vendors write it.

Vendors' files deviate from the standard in ways that parsers refuse, so this tokenizer accepts: no UNA; a UNA that is
one character short; line breaks anywhere, also inside data and between a release character and its character; several
interchanges with their own UNA. It decodes after it splits, since files declared as UNOC are UTF-8 or ISO 8859-1.

It reads no meaning: `messages` groups the segments, `documents` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import as_drawn, clean

LONGEST: Final = 64 << 20
"""Maximum bytes of a file. An invoice line has some 250 bytes."""
_LATIN_1: Final = frozenset({b"UNOA", b"UNOB", b"UNOC"})
"""Character sets of UNB whose bytes above 127 are read as ISO 8859-1 if the file is not UTF-8."""
_BREAKS: Final = b"\r\n"
_NOISE: Final = b" \t\r\n\x00\x1a"
"""Bytes between and behind segments that carry no data: blanks, line breaks, padding, the end mark of CP/M."""
_BOM: Final = b"\xef\xbb\xbf"
_SYNTAX: Final = re.compile(rb"UNB[^A-Z0-9](UNO[A-Z])")
_LONGEST_COMPONENT: Final = 512
"""Characters (an..512 is the longest in the directories)."""


class Separators(NamedTuple):
    """Characters of the service string advice (UNA), each one byte of ASCII."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    reserved: str = " "
    """Repetition separator from syntax version 4. Vendors repeat no elements, so it is read as text."""
    terminator: str = "'"


class Segment(NamedTuple):
    tag: str
    elements: tuple[tuple[str, ...], ...]
    """Data elements behind the tag, each with its components: harmless text with its spaces, as the length of a piece of
    a title says whether a space was cut."""
    number: int
    """Number of the segment in the file, from 1. UNA is not counted."""
    line: int
    """Line of the file in which the segment begins, from 1."""

    def value(self, element: int, component: int = 0) -> str:
        """Return a component, cleaned; "" if the segment ends before it."""
        try:
            return clean(self.elements[element][component], _LONGEST_COMPONENT)
        except IndexError:
            return ""


class Segments(NamedTuple):
    """The segments of a file, and how the file was written."""

    segments: tuple[Segment, ...]
    separators: Separators
    """Of the first interchange."""
    encoding: str
    """`utf-8` or `iso-8859-1`."""
    has_una: bool
    short_una: bool
    """The UNA has no reserved character: its terminator is the fifth."""
    rest: int
    """Line of the file in which a last segment begins that has no terminator; 0 = none."""


def looks_like(data: bytes) -> bool:
    """Return whether a file begins as EDIFACT does: with a UNA, a UNB, or the UNH of a message without envelope."""
    return data[:512].removeprefix(_BOM).lstrip(_NOISE)[:3] in (b"UNA", b"UNB", b"UNH")


def split(data: bytes, file: str) -> Segments:
    """Return the segments. `file`: cleaned name for errors. Raise `VendorFileRefused` if the file is too long, is not
    EDIFACT, or has characters that cannot be read."""
    if len(data) > LONGEST:
        raise VendorFileRefused(Sentence("edifact.too-long", file=file, number=len(data)))
    if not looks_like(data):
        raise VendorFileRefused(Sentence("edifact.no-edifact", file=file))
    splitter = _Splitter(data.removeprefix(_BOM), file)
    segments = tuple(splitter)
    return Segments(
        segments,
        splitter.separators or Separators(),
        splitter.encoding,
        splitter.separators is not None,
        splitter.short_una,
        splitter.rest,
    )


class _Splitter:
    """Yields the segments, and keeps how the file was written."""

    def __init__(self, data: bytes, file: str) -> None:
        self.separators: Separators | None = None
        """Of the first UNA."""
        self.short_una = False
        self.rest = 0
        self.encoding = _encoding(data, file)
        self._data = data
        self._file = file

    def __iter__(self) -> Iterator[Segment]:
        data = self._data
        pattern, parts = _segment_pattern(Separators()), _Parts(Separators())
        place, line, number = 0, 1, 0
        while True:
            start = place
            while place < len(data) and data[place] in _NOISE:
                place += 1
            line += data.count(b"\n", start, place)
            if place == len(data):
                return
            if data.startswith(b"UNA", place):
                separators, place = self._una(place, line)
                pattern, parts = _segment_pattern(separators), _Parts(separators)
                continue
            match = pattern.match(data, place)
            if match is None:
                self.rest = line
                return
            number += 1
            text = as_drawn(match[1].translate(None, _BREAKS).decode(self.encoding))
            tag, *elements = parts.elements(text)
            yield Segment(tag[0], tuple(elements), number, line)
            line += data.count(b"\n", place, match.end())
            place = match.end()

    def _una(self, place: int, line: int) -> tuple[Separators, int]:
        """Return the separators of the UNA at `place`, and where the segments begin."""
        advice = self._data[place + 3 : place + 9].decode("iso-8859-1")
        short = advice[4:5] == Separators().terminator and advice[5:] in ("\r", "\n", "U")
        marks = f"{advice[:4]} {advice[4]}" if short else advice
        used = marks[:4] + marks[5:]
        if len(marks) < 6 or len(set(used)) < len(used) or not all(33 <= ord(mark) < 127 for mark in used):
            raise VendorFileRefused(Sentence("edifact.bad-una", file=self._file, line=line))
        separators = Separators._make(marks)
        self.separators = self.separators or separators
        self.short_una = self.short_una or short
        return separators, place + (8 if short else 9)


class _Parts:
    """Splits the text of a segment at the separators that no release character precedes."""

    def __init__(self, separators: Separators) -> None:
        self._component, self._element, self._release = separators.component, separators.element, separators.release
        self._released = re.compile(f"{re.escape(self._release)}(.?)")

    def elements(self, text: str) -> list[tuple[str, ...]]:
        """Return the elements, the first of which holds the tag."""
        if self._release not in text:
            return [tuple(element.split(self._component)) for element in text.split(self._element)]
        return [
            tuple([self._released.sub(r"\1", part) for part in self._split(element, self._component)])
            for element in self._split(text, self._element)
        ]

    def _split(self, text: str, mark: str) -> Iterator[str]:
        """Yield the parts between marks, with their release characters."""
        start = 0
        for match in _mark_pattern(mark, self._release).finditer(text):
            if match[0] == mark:
                yield text[start : match.start()]
                start = match.end()
        yield text[start:]


@cache
def _mark_pattern(mark: str, release: str) -> re.Pattern[str]:
    """Return a pattern of marks and of released characters, so that a released mark is none."""
    return re.compile(f"{re.escape(release)}.?|{re.escape(mark)}")


@cache
def _segment_pattern(separators: Separators) -> re.Pattern[bytes]:
    """Return the pattern of a segment: group 1 is its content. Possessive, so that a segment without terminator fails
    at once, and a released terminator never ends a segment."""
    release, end = (re.escape(mark.encode("ascii")) for mark in (separators.release, separators.terminator))
    return re.compile(rb"((?:[^%b%b]++|%b[\r\n]*+.)*+)%b" % (release, end, release, end), re.DOTALL)


def _encoding(data: bytes, file: str) -> str:
    """Return the encoding of the whole file. Raise `VendorFileRefused` if its character set is unknown."""
    joined = data.translate(None, _BREAKS)  # a break may stand inside a character
    try:
        joined.decode("utf-8")
    except UnicodeDecodeError as error:
        if declared := set(_SYNTAX.findall(joined)) - _LATIN_1:
            characters = declared.pop().decode("ascii")
            lengths = accumulate(len(line.translate(None, _BREAKS)) for line in data.split(b"\n"))
            line = next(number for number, length in enumerate(lengths, 1) if length > error.start)
            raise VendorFileRefused(
                Sentence("edifact.characters", file=file, line=line, characters=characters)
            ) from error
        return "iso-8859-1"
    return "utf-8"
