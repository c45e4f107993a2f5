"""Group the segments of an EDIFACT file into interchanges and messages, and check its control counts.

A file is taken whole or refused: an interchange or message without its end means that the transfer was cut off. Control
counts are wrong in real files whose content is complete, so a wrong count is a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from station.acquisitions.edifact.segments import Segment, Separators, split
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean

_TAG: Final = re.compile(r"[A-Z]{3}")


class NoteCode(StrEnum):
    """How a file deviates from the standard, and is read all the same."""

    NO_UNA = "no-una"
    SHORT_UNA = "short-una"
    NO_UNB = "no-unb"
    WRONG_COUNT = "wrong-count"
    """UNT, UNE or UNZ counts other segments or messages than there are."""
    WRONG_REFERENCE = "wrong-reference"
    """UNT, UNE or UNZ repeats another reference than UNH, UNG or UNB has."""
    DUE_EARLY = "due-early"
    """Payment is due before the date of the document."""
    BAD_TAG = "bad-tag"
    """A segment begins with no tag: data with a terminator that has no release character. Such a file is not taken."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    code: NoteCode
    line: int = 0
    """Line of the file; 0 = the whole file."""
    segment: int = 0
    tag: str = ""
    expected: str = ""
    actual: str = ""
    document: str = ""
    """Number of the document; "" = of no single one."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    reference: str
    """Message reference number of UNH."""
    type: str
    """`INVOIC`, `DESADV`, ..."""
    version: str
    """Type, version, release, agency and code of the association, joined by colons: `INVOIC:D:96A:UN:EAN008`."""
    segments: tuple[Segment, ...]
    """From UNH to UNT."""


class Interchange(msgspec.Struct, frozen=True, kw_only=True):
    sender: str = ""
    recipient: str = ""
    control: str = ""
    """Interchange control reference."""
    syntax: str = ""
    """Character set and version: `UNOC:3`."""
    groups: int = 0
    """Number of functional groups (UNG)."""
    messages: tuple[Message, ...]


class Transmission(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a file."""

    interchanges: tuple[Interchange, ...]
    notes: tuple[Note, ...]
    separators: Separators
    encoding: str
    segments: int


def read(data: bytes, file: str) -> Transmission:
    """Return the interchanges of a file. `file`: name for errors. Raise `VendorFileRefused` with line and segment if
    the file is not EDIFACT, is cut off, or its envelopes do not fit together."""
    shown = clean(file)
    parts = split(data, shown)
    reader = _Reader(shown)
    if not parts.has_una:
        reader.notes.append(Note(code=NoteCode.NO_UNA))
    if parts.short_una:
        reader.notes.append(Note(code=NoteCode.SHORT_UNA))
    for segment in parts.segments:
        reader.take(segment)
    if parts.rest:
        raise VendorFileRefused(Sentence("edifact.cut", file=shown, line=parts.rest))
    reader.end(parts.segments[-1].line if parts.segments else 1)
    return Transmission(
        interchanges=tuple(reader.interchanges),
        notes=tuple(reader.notes),
        separators=parts.separators,
        encoding=parts.encoding,
        segments=len(parts.segments),
    )


class _Reader:
    """Takes the segments in order. At most one interchange, group and message is open."""

    def __init__(self, file: str) -> None:
        self.interchanges: list[Interchange] = []
        self.notes: list[Note] = []
        self._file = file
        self._unb: Segment | None = None
        self._ung: Segment | None = None
        self._unh: Segment | None = None
        self._open: list[Segment] = []
        """Segments of the open message."""
        self._messages: list[Message] = []
        """Of the open interchange."""
        self._groups = 0
        self._in_group = 0
        """Messages of the open group."""

    def take(self, segment: Segment) -> None:
        match segment.tag:
            case "UNB":
                if self._unb or self._messages:
                    raise self._misplaced(segment)
                self._unb = segment
            case "UNG":
                if self._ung or self._unh:
                    raise self._misplaced(segment)
                self._ung, self._in_group = segment, 0
                self._groups += 1
            case "UNH":
                if self._unh:
                    raise self._misplaced(segment)
                self._unh, self._open = segment, []
                self._open.append(segment)
            case "UNT":
                self._end_message(segment)
            case "UNE":
                if self._ung is None or self._unh:
                    raise self._misplaced(segment)
                self._compare(self._ung.value(4), segment, (self._in_group,))
                self._ung = None
            case "UNZ":
                if self._unb is None or self._ung or self._unh:
                    raise self._misplaced(segment)
                self._compare(self._unb.value(4), segment, (len(self._messages), self._groups))
                self._end_interchange()
            case _:
                if self._unh is None:
                    raise self._misplaced(segment)
                if not _TAG.fullmatch(segment.tag):
                    self.notes.append(Note(code=NoteCode.BAD_TAG, line=segment.line, segment=segment.number))
                self._open.append(segment)

    def end(self, last_line: int) -> None:
        """Take the end of the file. Messages without any envelope end with the file."""
        if self._unb or self._ung or self._unh:
            raise VendorFileRefused(Sentence("edifact.cut", file=self._file, line=last_line))
        if self._messages:
            self.notes.append(Note(code=NoteCode.NO_UNB))
            self._end_interchange()
        if not any(interchange.messages for interchange in self.interchanges):
            raise VendorFileRefused(Sentence("edifact.empty", file=self._file))

    def _end_message(self, segment: Segment) -> None:
        head = self._unh
        if head is None:
            raise self._misplaced(segment)
        self._open.append(segment)
        self._compare(head.value(0), segment, (len(self._open),))
        self._messages.append(
            Message(
                reference=head.value(0),
                type=head.value(1),
                version=clean(":".join(head.elements[1])) if len(head.elements) > 1 else "",
                segments=tuple(self._open),
            )
        )
        self._in_group += 1
        self._unh, self._open = None, []

    def _end_interchange(self) -> None:
        unb = self._unb or Segment("UNB", (), 0, 0)
        self.interchanges.append(
            Interchange(
                sender=unb.value(1),
                recipient=unb.value(2),
                control=unb.value(4),
                syntax=clean(":".join(unb.elements[0])) if unb.elements else "",
                groups=self._groups,
                messages=tuple(self._messages),
            )
        )
        self._unb, self._messages, self._groups = None, [], 0

    def _compare(self, reference: str, end: Segment, counts: Sequence[int]) -> None:
        """Note a count or a reference of `end` that is wrong. `counts`: the counts that are right."""
        for code, expected, actual, same in (
            (NoteCode.WRONG_COUNT, str(counts[0]), end.value(0), _number(end.value(0)) in counts),
            (NoteCode.WRONG_REFERENCE, reference, end.value(1), end.value(1) == reference),
        ):
            if not same:
                self.notes.append(
                    Note(code=code, line=end.line, segment=end.number, tag=end.tag, expected=expected, actual=actual)
                )

    def _misplaced(self, segment: Segment) -> VendorFileRefused:
        """Return the refusal of a segment of an envelope, or of a message, whose part before it is missing."""
        return at(self._file, segment.line, segment.number, Sentence("edifact.out-of-place", tag=segment.tag[:3]))


def _number(text: str) -> int:
    """Return a control count; -1 = none. Vendors pad with zeros (`000517`)."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def at(file: str, line: int, segment: int, what: Sentence) -> VendorFileRefused:
    """Return the refusal of a file for one segment."""
    return VendorFileRefused(Sentence("edifact.at", file=file, line=line, segment=segment, what=what))
