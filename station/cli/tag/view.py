"""Display of a tag in `station tag`: an annotated dump, with color on a terminal, but never by color alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import click

from station.base.text import printable_hex
from station.base.words import tell
from station.cli.shared.app import App, safe
from station.cli.tag.source import PAD, Tag
from station.cli.tag.words import element_words
from station.domain.tag_image import shown
from station.encoding.content import Part, Range
from station.encoding.dumps.diff import TagDiff
from station.encoding.recognition.annotate import Segment, describe, letters, rows

Span = tuple[str, Part | None]
"""Piece of a line, and the purpose of its bytes."""
Line = tuple[Span, ...]

STYLES: Final[dict[Part, dict[str, Any]]] = {
    Part.IDENTIFIER: {"fg": "green", "bold": True},
    Part.OWNER: {"fg": "cyan"},
    Part.DATA: {"fg": "blue", "bold": True},
    Part.STRUCTURE: {"bold": True},
    Part.CHECK: {"fg": "magenta"},
    Part.FREE: {"dim": True},
    Part.LEFTOVER: {"fg": "yellow"},
    Part.CHIP: {"dim": True},
    Part.UNKNOWN: {"fg": "red"},
}
"""Terminal style of each part. The letters and the name of the part are shown, too."""


def origin(tag: Tag) -> str:
    """Return how the dump was read, and which values were assumed."""
    if not tag.assumed:
        return tell("tag-report.format", format=tag.format)
    values = {
        "uid": tag.image.uid,
        "block_size": str(tag.image.block_size),
        "locked": "",
        "dsfid": shown(tag.image.dsfid),
        "afi": shown(tag.image.afi),
    }
    named = (tell(f"tag-report.assumed.{name.replace('_', '-')}", value=values[name]) for name in tag.assumed)
    return tell("tag-report.format-assumed", format=tag.format, assumed=", ".join(named))


def say_origin(app: App, tags: Iterable[Tag]) -> None:
    """Print the format of each dump once, on stderr. With --json, it is in `format` and `assumed`."""
    for line in dict.fromkeys(origin(tag) for tag in tags if tag.format != PAD):
        app.note(line)


def plain_line(text: str) -> Line:
    """Return a line without bytes."""
    return ((text, None),)


def annotated(memory: bytes, ranges: Sequence[Range]) -> list[Line]:
    """Return the dump in rows, the letters of each range under its bytes, and the legend: `annotate.plain` by parts."""
    lines: list[Line] = []
    before: tuple[Segment, ...] = ()
    skipped = 0
    for row in rows(memory, ranges):
        if len(row.cells) == 1 and row.cells == before:
            skipped += 1
            continue
        lines += _skipped(skipped)
        skipped, before = 0, row.cells
        data: list[Span] = [(f"{row.offset:5} ", None)]
        ruler: list[Span] = [("      ", None)]
        for cell in row.cells:
            part = ranges[cell.range_index].part
            data += [(" ", None), (printable_hex(cell.data), part)]
            ruler += [(" ", None), (letters(cell.range_index).ljust(len(cell.data) * 3 - 1, "_"), part)]
        lines += [tuple(data), tuple(ruler)]
    lines += _skipped(skipped)
    for index, each in enumerate(ranges):
        lines.append(((letters(index), each.part), (f"  {describe(memory, each)}", None)))
    return lines


def _skipped(count: int) -> list[Line]:
    """Return one line in place of equal rows of one range."""
    return [plain_line(f"       {tell('tag-report.same-rows', count=count)}")] if count else []


def show(app: App, value: object, lines: Iterable[Line], color: bool | None) -> None:
    """Do as `App.report`, in color. `color` None = if the terminal can and wants it (NO_COLOR, TERM=dumb)."""
    if app.json or not wants_color(color):
        app.report(value, ("".join(text for text, _ in line) for line in lines))
        return
    for line in lines:
        pieces = (safe(text) if part is None else click.style(safe(text), **STYLES[part]) for text, part in line)
        click.echo("".join(pieces), color=True)


def wants_color(color: bool | None) -> bool:
    """Return True if stdout is to be colored."""
    if color is not None:
        return color
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"  # not for people


def diff_lines(diff: TagDiff) -> list[str]:
    """Return every difference as a line of text."""
    if diff.same:
        return [tell("tag-report.no-difference")]
    none, empty = tell("tag-report.none"), tell("tag-report.empty")
    lines: list[str] = []
    for change in (*diff.meaning, *diff.chip):
        lines.append(f"{change.name}: {change.old or none} -> {change.new or none}")
    for element in diff.elements:
        what = element_words(element.name, element.oid)
        if element.old is None:
            lines.append(tell("tag-report.new", what=what, value=element.new or empty))
        elif element.new is None:
            lines.append(tell("tag-report.gone", what=what, value=element.old or empty))
        else:
            lines.append(f"{what}: {element.old or empty} -> {element.new or empty}")
    for block in diff.blocks:
        was, now = (printable_hex(data) or tell("tag-report.no-such-block") for data in (block.old, block.new))
        lines.append(f"{tell('tag-report.block', number=f'{block.block:3}')}  {was} -> {now}")
    return lines
