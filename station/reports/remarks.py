"""Remarks about the lines of an invoice or a file: equal ones are said once, with the lines that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from station.acquisitions.edifact.messages import Note
from station.base.sentence import Sentence

_MOST: Final = 5
"""Lines, or rows of lines, that a remark names."""
_ROW: Final = 3
"""Least number of lines that are named by the first and the last."""


def grouped(remarks: Iterable[tuple[Sentence, str]]) -> list[Sentence]:
    """Return each remark once, in the order of their first lines. A remark comes with its line; "" = about the whole."""
    lines: dict[Sentence, list[str]] = {}
    for remark, line in remarks:
        lines.setdefault(remark, []).extend([line] if line else [])
    return [about(remark, numbers) for remark, numbers in lines.items()]


def about(remark: Sentence, lines: Sequence[str]) -> Sentence:
    """Return a remark with the lines that it is about."""
    if not lines:
        return remark
    if len(lines) == 1:
        return Sentence("invoice.of-line", line=lines[0], objection=remark)
    rows = list(_rows(lines))
    named = tuple(words for words, _ in rows[:_MOST])
    more = sum(count for _, count in rows[_MOST:])
    if more:
        return Sentence("invoice.of-lines-and-more", lines=named, objection=remark, count=more)
    return Sentence("invoice.of-lines", lines=named, objection=remark)


def of_file(notes: Iterable[Note]) -> list[Sentence]:
    """Return how a file deviates from the standard, and what its documents contradict."""
    return grouped(
        (
            Sentence(
                f"edifact.note.{note.code}",
                **{name: value for name in _VALUES.get(note.code, ()) if (value := getattr(note, name)) is not None},
            ),
            str(note.line or ""),
        )
        for note in notes
    )


_VALUES: Final = {
    "wrong-count": ("tag", "expected", "actual"),
    "wrong-reference": ("tag", "expected", "actual"),
    "due-early": ("document", "expected", "actual"),
}
"""What the sentence of a note names."""


def _rows(lines: Sequence[str]) -> Iterator[tuple[Sentence, int]]:
    """Yield lines, and rows of successive ones by the first and the last, with the number of lines in each."""
    start = 0
    for at in range(1, len(lines) + 1):
        if at < len(lines) and _follows(lines[at - 1], lines[at]):
            continue
        row = lines[start:at]
        if len(row) < _ROW:
            yield from ((Sentence.verbatim(line), 1) for line in row)
        else:
            yield Sentence("invoice.row", first=row[0], last=row[-1]), len(row)
        start = at


def _follows(before: str, line: str) -> bool:
    return before.isdecimal() and line.isdecimal() and int(line) == int(before) + 1
