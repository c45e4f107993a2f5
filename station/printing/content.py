"""Content of a label, from top to bottom, independent of its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from station.base.words import tell
from station.catalog.callnumber import Scheme
from station.catalog.callnumber.dewey import without_segments
from station.domain.finding_words import reason_of
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.printing.paper import Kind

TITLE_LINES: Final = 3
REASON_LINES: Final = 4
_SECTION: Final = 0.7


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One text on its own line."""

    text: str
    what: str
    """Name of the row, for messages: "Line 2", "The title"."""
    bold: bool = False
    scale: float = 1.0
    """Font size relative to the paper's."""
    gap: float = 0.0
    """Space above the row, in units of the font size."""
    grow: float = 0.0
    """Largest font size relative to the paper's, which the row takes if its text then fits the width; 0 = `scale`."""
    wrap: int = 1
    """Most lines that the row may take; 1 = it is never wrapped."""
    cut: bool = False
    """Whether the row may end with "…" if it does not fit; a note then reports it. Never true for a call number."""
    fallback: str = ""
    """Text to print if the fonts lack a character of `text`; "" = the label is refused."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One label."""

    kind: Kind
    rows: tuple[Row, ...]
    barcode: str = ""
    """Printed as bars if the paper has room for them."""
    sign: str = ""
    """Word beside a crossed box at the top, so that a flag slip is recognized without color and without reading it."""
    note: str = ""
    """Message for the person who prints the label; not printed."""


class Wrong(msgspec.Struct, frozen=True):
    """One defect of an item, for its flag slip."""

    what: str
    reason: str = ""
    owner: str = ""
    """Name of the person or group that corrects it."""


def failures(findings: Sequence[Finding], owners: Mapping[str, str]) -> tuple[Wrong, ...]:
    """Return the failed checks, with the owner of each rule's correction. Critical and major ones, which keep the item
    from the shelf, come first."""
    failed = [finding for finding in findings if finding.outcome is Outcome.FAIL]
    failed.sort(key=lambda finding: finding.severity not in (Severity.CRITICAL, Severity.MAJOR))
    return tuple(Wrong(tell(each.heading), tell(reason_of(each.reason)), owners.get(each.rule, "")) for each in failed)


def spine(lines: Sequence[str], barcode: str) -> Content:
    """Return a spine label with the lines of the expected label, unchanged."""
    rows = tuple(Row(text=line, what=tell("print.what.line", line=place)) for place, line in enumerate(lines, start=1))
    return Content(kind="spine", rows=rows, barcode=barcode)


def pocket(item: ItemRecord, lines: Sequence[str]) -> Content:
    """Return a pocket label: author, title, call number, barcode."""
    rows = [*_author(item), *_title(item), *_call_number(item, lines)]
    return Content(kind="pocket", rows=tuple(rows), barcode=item.barcode)


def part(item: ItemRecord, lines: Sequence[str], number: int, parts: int, library: str) -> Content:
    """Return the label of one part of a set: part number and count, call number, title, library, barcode.

    The library's name and barcode are on every disc, with the extent of the set, as IFLS requires
    (docs/reference/quality-sources.md#published-practice).
    """
    rows = [Row(text=tell("print.part", part=number, parts=parts), what=tell("print.what.part"), bold=True, scale=1.2)]
    rows += _call_number(item, lines)
    rows += _title(item, lines=1)
    together = " + ".join(text for text in (item.extent, item.accompanying) if text)
    if together:
        rows.append(
            Row(text=together, what=tell("print.what.together"), cut=True, fallback=tell("print.parts", count=parts))
        )
    if library:
        rows.append(Row(text=library, what=tell("print.what.library"), cut=True))
    return Content(kind="part", rows=tuple(rows), barcode=item.barcode)


def flag(item: ItemRecord, lines: Sequence[str], wrong: Sequence[Wrong], found_by: str, date: str) -> Content:
    """Return a flag slip: the defects, who found them, when, and who corrects them."""
    heading = tell("print.what.heading")
    rows = [Row(text=tell("print.not-ready"), what=heading, bold=True, scale=1.2)]
    rows += [*_title(item), *_call_number(item, lines)]
    rows.append(Row(text=tell("print.wrong"), what=heading, bold=True, gap=_SECTION))
    for each in wrong:
        defect = tell("finding.said", title=each.what, reason=each.reason) if each.reason else each.what
        rows.append(Row(text=f"- {defect}", what=tell("print.wrong"), wrap=REASON_LINES, fallback=f"- {each.what}"))
    owners = ", ".join(dict.fromkeys(each.owner for each in wrong if each.owner))
    for key, text in (("print.corrected-by", owners), ("print.found-by", found_by), ("print.date", date)):
        if text:
            owner, what = key == "print.corrected-by", tell(key)
            rows.append(Row(text=f"{what}: {text}", what=what, bold=owner, gap=_SECTION if owner else 0.0, wrap=2))
    return Content(kind="flag", rows=tuple(rows), barcode=item.barcode, sign=tell("print.stop"))


def command(word: str, rule: str, barcode: str) -> Content:
    """Return a command barcode: its word with the symbol, the title of a reason's rule, and the bars."""
    rows = [Row(text=word, what=tell("print.what.heading"), bold=True, fallback=word.lstrip("✓×<▲! "))]
    if rule:
        rows.append(Row(text=rule, what=tell("print.what.rule"), scale=0.75, cut=True))
    return Content(kind="command", rows=tuple(rows), barcode=barcode)


def _author(item: ItemRecord) -> list[Row]:
    if not item.author:
        return []
    return [Row(text=item.author, what=tell("print.what.author"), cut=True, fallback=tell("print.no-author"))]


def _title(item: ItemRecord, lines: int = TITLE_LINES) -> list[Row]:
    text = " ".join(part for part in (item.title, item.description) if part)
    if not text:
        return []
    what, fallback = tell("print.what.title"), tell("print.no-title")
    return [Row(text=text, what=what, bold=True, wrap=lines, cut=True, fallback=fallback)]


def _call_number(item: ItemRecord, lines: Sequence[str]) -> list[Row]:
    return [Row(text=one_line(item, lines), what=tell("print.what.call-number"), wrap=2)] if lines else []


def one_line(item: ItemRecord, lines: Sequence[str]) -> str:
    """Return the lines of a label as one line, with a space where the entered number has one, and where it ends.

    A line break does not mean a space: "641.594" and "872" are one number. The entered number may lack prefix, volume
    and copy.
    """
    entered = item.call_number
    if item.call_number_scheme == Scheme.DEWEY:
        entered = without_segments(entered)
    starts = [place for place, line in enumerate(lines) if entered.startswith(line)]
    return min((_joined(lines, entered, start) for start in starts), key=len, default=" ".join(lines))


def _joined(lines: Sequence[str], entered: str, start: int) -> str:
    """Return the joined lines, if `entered` begins at line `start`."""
    text, end = " ".join(lines[:start]), 0
    for place, line in enumerate(lines[start:]):
        glued = place > 0 and entered.startswith(line, end)
        at = entered.find(line, end)
        text += line if glued or not text else f" {line}"
        end = at + len(line) if at >= 0 else end
    return text
