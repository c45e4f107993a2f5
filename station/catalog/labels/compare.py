"""Compare the label on the item with the expected label: line by line, in sentences for a student worker."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class Difference(StrEnum):
    """How two lines differ."""

    MISSING = "missing"
    """Expected but not on the label."""
    EXTRA = "extra"
    """On the label but not expected."""
    OTHER = "other"
    """Other text."""
    LOOKS_ALIKE = "looks-alike"
    """Other characters that look the same in print (0 and O, 1 and l): a machine sees the difference, most people do
    not."""
    SPACING = "spacing"
    """Equal except for spaces or upper and lower case."""


class LineDifference(msgspec.Struct, frozen=True):
    """One difference. Line numbers start at 1; 0 = no line on that side."""

    kind: Difference
    expected_line: int
    seen_line: int
    expected: str
    seen: str

    @property
    def sentence(self) -> Sentence:
        """Return the difference as a sentence."""
        match self.kind:
            case Difference.MISSING:
                return Sentence("spine.missing", line=self.expected_line, expected=self.expected)
            case Difference.EXTRA:
                return Sentence("spine.extra", line=self.seen_line, seen=self.seen)
            case Difference.LOOKS_ALIKE:
                return Sentence("spine.looks-alike", line=self.seen_line, seen=self.seen, expected=self.expected)
            case Difference.SPACING:
                return Sentence("spine.spacing", line=self.seen_line, seen=self.seen, expected=self.expected)
            case _:
                return Sentence("spine.other", line=self.seen_line, seen=self.seen, expected=self.expected)


_ALIKE = str.maketrans("OoIl|SsZzB", "0011155228")  # not for people


def compare(expected: Sequence[str], seen: Sequence[str]) -> tuple[LineDifference, ...]:
    """Return every difference, in the order of the label; empty = the label is right.

    Empty lines of `seen` are ignored. A line that was split or joined appears as one "other" line and one missing or
    extra line.
    """
    tidy = [" ".join(line.split()) for line in seen]
    pairs = [(number, line) for number, line in enumerate(tidy, start=1) if line]
    want = [" ".join(line.split()) for line in expected]
    have = [line for _, line in pairs]
    differences: list[LineDifference] = []
    matcher = SequenceMatcher(None, [_loose(line) for line in want], [_loose(line) for line in have], autojunk=False)
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        for step in range(max(a_end - a, b_end - b)):
            left = a + step if a + step < a_end else None
            right = b + step if b + step < b_end else None
            difference = _one(want, pairs, left, right)
            if difference is not None:
                differences.append(difference)
    return tuple(differences)


def _one(want: list[str], pairs: list[tuple[int, str]], left: int | None, right: int | None) -> LineDifference | None:
    if left is None and right is not None:
        return LineDifference(Difference.EXTRA, 0, pairs[right][0], "", pairs[right][1])
    if right is None and left is not None:
        return LineDifference(Difference.MISSING, left + 1, 0, want[left], "")
    if left is None or right is None:
        return None
    expected, (number, seen) = want[left], pairs[right]
    if expected == seen:
        return None
    if _loose(expected) == _loose(seen):
        kind = Difference.SPACING
    elif _loose(expected.translate(_ALIKE)) == _loose(seen.translate(_ALIKE)):
        kind = Difference.LOOKS_ALIKE
    else:
        kind = Difference.OTHER
    return LineDifference(kind, left + 1, number, expected, seen)


def _loose(line: str) -> str:
    return "".join(line.split()).casefold()


# --- scanned labels
# ----------------------------------------------------------------------------------------------------

BREAK = "|"
"""Replaces a line break in text that has one line only: typed, or scanned from a code on the label."""
ALIKE_ENOUGH = 0.5
"""Minimum share of common characters for a scan to be taken as this label's text. The station's choice: neighbors on a
shelf share half of their call numbers, but an ISBN and a call number do not."""


def split_like(expected: Sequence[str], text: str) -> tuple[str, ...]:
    """Return scanned text as lines: split at `BREAK` and at line ends if there are any, else where the expected lines
    break.

    A coded label has its call number on one line, with or without spaces.
    """
    marked = text.replace("\r", "\n").replace(BREAK, "\n")
    if "\n" in marked.strip("\n"):
        return tuple(line.strip() for line in marked.split("\n") if line.strip())
    if not expected:
        return tuple(filter(None, (marked.strip(),)))
    want, have = "".join(map(_solid, expected)), _solid(marked)
    ends = _ends(expected)
    steps = SequenceMatcher(None, want, have, autojunk=False).get_opcodes()
    cuts = [_across(steps, end) for end in ends[:-1]]
    pieces = [have[start:end] for start, end in zip([0, *cuts], [*cuts, len(have)], strict=True)]
    # If a piece is the whole expected line, use the line itself, with its inner spaces.
    lines = [line if _solid(line) == piece else piece for line, piece in zip(expected, pieces, strict=True)]
    return tuple(line for line in lines if line)


def is_about(expected: Sequence[str], text: str) -> bool:
    """Return True if scanned text may be this label's, right or wrong; False for a barcode, an ISBN, another label."""
    want = "".join(map(_loose, expected))
    have = _loose(text.replace(BREAK, ""))
    if not want or not 0 < len(have) <= 4 * len(want) + 20:
        return False
    return SequenceMatcher(None, want, have, autojunk=False).ratio() >= ALIKE_ENOUGH


def compare_scan(expected: Sequence[str], text: str) -> tuple[LineDifference, ...]:
    """Compare one line of text from a scanner, like `compare`, but ignoring spaces."""
    differences = compare(expected, split_like(expected, text))
    return tuple(
        difference
        for difference in differences
        if difference.kind is not Difference.SPACING or _solid(difference.expected) != _solid(difference.seen)
    )


def _solid(text: str) -> str:
    return "".join(text.split())


def _ends(expected: Sequence[str]) -> list[int]:
    ends: list[int] = []
    for line in expected:
        ends.append((ends[-1] if ends else 0) + len(_solid(line)))
    return ends


def _across(steps: Sequence[tuple[str, int, int, int, int]], end: int) -> int:
    """Return the position in the scanned text that corresponds to position `end` in the expected text."""
    place = 0
    for kind, a, a_end, b, b_end in steps:
        if a_end <= end:
            place = b_end
        elif a < end:
            place = min(b + end - a, b_end) if kind != "delete" else b
    return place
