"""What stands on a label, from top to bottom, before anybody knows how large it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from station.base.words import tell
from station.catalog.callnumber import Scheme
from station.catalog.callnumber.dewey import without_segments
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import ItemRecord
from station.printing.paper import Kind

TITLE_LINES: Final = 3
REASON_LINES: Final = 4
_SECTION: Final = 0.7


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of text, for itself on a line."""

    text: str
    what: str
    """What it is, for sentences about it: "Line 2", "The title"."""
    bold: bool = False
    scale: float = 1.0
    """Size of the letters beside the paper's."""
    gap: float = 0.0
    """White above it, in sizes of the letters."""
    wrap: int = 1
    """Lines that it may take; 1 = it is never broken."""
    cut: bool = False
    """It may end with "…" where it does not fit, and a note says so. Never true for a call number."""
    fallback: str = ""
    """What is printed where the fonts lack a character of it; "" = the label is refused."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """One label."""

    kind: Kind
    rows: tuple[Row, ...]
    barcode: str = ""
    """Printed as bars where the paper has a place for them."""
    sign: str = ""
    """Word beside a crossed box, above everything: a flag slip is known without colour and without reading."""
    note: str = ""
    """What the person who prints it must know; not printed."""


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong with an item, for its flag slip."""

    what: str
    reason: str = ""
    owner: str = ""
    """Who corrects it."""


def failures(findings: Sequence[Finding], owners: Mapping[str, str]) -> tuple[Wrong, ...]:
    """What failed, with who corrects it (by rule); what keeps the item from the shelf stands first."""
    failed = [finding for finding in findings if finding.outcome is Outcome.FAIL]
    failed.sort(key=lambda finding: finding.severity not in (Severity.CRITICAL, Severity.MAJOR))
    return tuple(Wrong(each.title, each.reason, owners.get(each.rule, "")) for each in failed)


def spine(lines: Sequence[str], barcode: str) -> Content:
    """The lines of the expected label, one below the other, as they are."""
    rows = tuple(Row(text=line, what=tell("print.what.line", line=place)) for place, line in enumerate(lines, start=1))
    return Content(kind="spine", rows=rows, barcode=barcode)


def pocket(item: ItemRecord, lines: Sequence[str]) -> Content:
    """Author, title, call number, barcode."""
    rows = [*_author(item), *_title(item), *_call_number(item, lines)]
    return Content(kind="pocket", rows=tuple(rows), barcode=item.barcode)


def part(item: ItemRecord, lines: Sequence[str], number: int, parts: int, library: str) -> Content:
    """One part of a set: which of how many, call number, whose it is, title, barcode.

    Library's name and barcode on every disc, and what belongs together, as IFLS asks (processing-and-quality.md 4.1).
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
    """What is wrong, who found it, when, and who corrects it."""
    heading = tell("print.what.heading")
    rows = [Row(text=tell("print.not-ready"), what=heading, bold=True, scale=1.2)]
    rows += [*_title(item), *_call_number(item, lines)]
    rows.append(Row(text=tell("print.wrong"), what=heading, bold=True, gap=_SECTION))
    for each in wrong:
        said = f"- {each.what}: {each.reason}" if each.reason else f"- {each.what}"
        rows.append(Row(text=said, what=tell("print.wrong"), wrap=REASON_LINES, fallback=f"- {each.what}"))
    owners = ", ".join(dict.fromkeys(each.owner for each in wrong if each.owner))
    for key, text in (("print.corrected-by", owners), ("print.found-by", found_by), ("print.date", date)):
        if text:
            owner, what = key == "print.corrected-by", tell(key)
            rows.append(Row(text=f"{what}: {text}", what=what, bold=owner, gap=_SECTION if owner else 0.0, wrap=2))
    return Content(kind="flag", rows=tuple(rows), barcode=item.barcode, sign=tell("print.stop"))


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
    """The lines of a label as one: with a space where the number as entered has one, or where it ends.

    A line break is no space: "641.594" and "872" are one number. Prefix, volume and copy may not stand in it.
    """
    entered = item.call_number
    if item.call_number_scheme == Scheme.DEWEY:
        entered = without_segments(entered)
    starts = [place for place, line in enumerate(lines) if entered.startswith(line)]
    return min((_joined(lines, entered, start) for start in starts), key=len, default=" ".join(lines))


def _joined(lines: Sequence[str], entered: str, start: int) -> str:
    """With `entered` beginning at line `start`."""
    text, end = " ".join(lines[:start]), 0
    for place, line in enumerate(lines[start:]):
        glued = place > 0 and entered.startswith(line, end)
        at = entered.find(line, end)
        text += line if glued or not text else f" {line}"
        end = at + len(line) if at >= 0 else end
    return text
