"""Drawing with cells: wrapping, boxes, columns and large letters, as lines of content.

Widths are terminal cells, so that wide (CJK) characters keep columns aligned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from textual.content import Content

from station.base.sentence import Sentence
from station.base.text import as_drawn
from station.base.words import tell
from station.base.words.times import time_cells
from station.tui.drawing.words import say

Lines = list[Content]


class Picture(msgspec.Struct, frozen=True):
    """A drawing beside the text of a line."""

    rows: tuple[str, ...]
    begins: int
    """Cells before it."""

    @property
    def lines(self) -> Lines:
        """The drawing as content. Its blanks belong to it, so it is not cleaned like other text."""
        return [Content.styled(as_drawn(row), "$quiet") for row in self.rows]


BLANK: Final = Content("")

_LETTERS: Final = {
    "A": (".###.", "#...#", "#####", "#...#", "#...#"),
    "D": ("####.", "#...#", "#...#", "#...#", "####."),
    "E": ("#####", "#....", "####.", "#....", "#####"),
    "F": ("#####", "#....", "####.", "#....", "#...."),
    "I": ("###", ".#.", ".#.", ".#.", "###"),
    "L": ("#....", "#....", "#....", "#....", "#####"),
    "P": ("####.", "#...#", "####.", "#....", "#...."),
    "S": (".####", "#....", ".###.", "....#", "####."),
    "1": (".##..", "#.#..", "..#..", "..#..", "#####"),
    "2": ("####.", "....#", ".###.", "#....", "#####"),
    "3": ("####.", "....#", ".###.", "....#", "####."),
}
_PICTURES: Final = {
    "ring": (".#####.", "##...##", "#.....#", "#.....#", "##...##", ".#####."),
    "dots": ("........", "........", "##.##.##", "##.##.##", "........", "........"),
    "tick": (".......#", "......##", "#....##.", "##..##..", ".####...", "..##...."),
    "triangle": ("....#....", "...###...", "..##.##..", "..##.##..", ".#######.", "####.####"),
    "cross": ("##...##", ".##.##.", "..###..", "..###..", ".##.##.", "##...##"),
}


def picture(name: str) -> list[str]:
    """Return the picture of a light: three lines of half blocks."""
    return _half_blocks(_PICTURES[name])


def large(word: str, scale: int = 1) -> list[str]:
    """Return a word in letters of 5 x 5 dots, `scale` cells per dot. Only the letters of verdicts and steps exist; a
    word with any other letter is returned unchanged."""
    if not _LETTERS.keys() >= set(word):
        return [word]
    rows = [" ".join(_LETTERS[letter][row] for letter in word) for row in range(5)]
    scaled = ["".join(dot * scale for dot in row.replace(" ", ".")) for row in rows for _ in range(scale)]
    if len(scaled) % 2:
        scaled.append("." * len(scaled[0]))
    return _half_blocks(scaled)


def _half_blocks(rows: Sequence[str]) -> list[str]:
    block = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}
    return [
        "".join(block[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def paragraph(text: str | Sentence, width: int, style: str = "", most: int = 99) -> Lines:
    """Wrap text to `width` cells; text beyond `most` lines ends in an ellipsis."""
    content = say(text, style)
    if not content:
        return []
    lines = [line.rstrip() for line in content.wrap(max(2, width))]
    if len(lines) > most:
        kept = lines[: most - 1]
        kept.append((lines[most - 1] + Content(" …")).truncate(width, ellipsis=True))
        return kept
    return lines


def hanging(text: str, width: int, indent: int = 4, style: str = "") -> Lines:
    """Wrap text, indented below the line that it belongs to."""
    return [Content.assemble(" " * indent, line) for line in paragraph(text, width - indent, style)]


def listed(text: str, width: int, style: str = "", indent: int = 2) -> Lines:
    """Wrap an entry of a list, uncut. Its further lines are indented."""
    content = say(text, style)
    if content.cell_length <= width:
        return [content] if content else []
    first, *rest = paragraph(text, width - indent, style)
    return [first, *(Content.assemble(" " * indent, line) for line in rest)]


def headed(head: str, style: str, text: str, width: int, head_width: int = 0) -> Lines:
    """Wrap text, uncut, after a head with its own style that is padded to `head_width` cells. Further lines align with
    the text."""
    shown = say(head, style).truncate(max(head_width, say(head).cell_length), pad=True)
    rows = paragraph(text, width - shown.cell_length) or [BLANK]
    return [(Content.blank(shown.cell_length) if number else shown) + row for number, row in enumerate(rows)]


def dated(at: str, statement: str, width: int, head_width: int = 0) -> Lines:
    """Wrap a statement, uncut, after its time (`at`: as shown). `head_width`: 0 = that of a date and a time, with a gap."""
    return headed(at, "$quiet", statement, width, head_width or len("2026-12-01 ") + time_cells() + 2)


def whole_or_cut(texts: Sequence[tuple[str, str]], width: int, room: int) -> Lines:
    """Wrap (text, style) pairs: uncut if all fit into `room` lines, else each cut to one line."""
    whole = [line for text, style in texts for line in paragraph(text, width, style)]
    return whole if len(whole) <= room else [one_line(say(text, style), width) for text, style in texts]


def one_line(content: Content, width: int) -> Content:
    """Cut to `width` cells with an ellipsis."""
    return content.truncate(max(1, width), ellipsis=True)


def field(name: str, value: str | Sentence, width: int, name_width: int = 14, most: int = 2) -> Lines:
    """Return a name and its value, which wraps beside the name."""
    values = paragraph(value, width - name_width, "bold", most)
    if not values:
        return []
    head = say(name, "$quiet").truncate(name_width - 1, ellipsis=True).truncate(name_width, pad=True)
    names = [head, *[Content.blank(name_width)] * (len(values) - 1)]
    return [left + right for left, right in zip(names, values, strict=True)]


def paper(lines: Sequence[Content], width: int, height: int, title: str, style: str) -> Lines:
    """Draw a label, one row per line: framed if there is room, else with its title, else the lines alone. The lines are
    never set in columns and never cut: with more lines than `height`, the result is higher."""
    if len(lines) + 2 <= height:
        return label(lines, width, title, style)
    return label([say(f"- {title} -"), *lines] if len(lines) + 1 <= height else lines, width, "", style)


def label(lines: Iterable[Content], width: int, title: str, style: str) -> Lines:
    """Draw a label, one row per line, in a frame with its title; without a title, without a frame."""
    if title:
        return box(lines, width, title, style)
    inner = max(1, width - 2)
    cut = (line.truncate(inner, ellipsis=True).truncate(inner, pad=True) for line in lines)
    return [Content.assemble(" ", line, " ").stylize_before(style) for line in cut]


def rule(title: str, width: int) -> Content:
    """Return a heading followed by a horizontal line."""
    head = say(title, "bold $key")
    return Content.assemble(head, " ", ("─" * max(0, width - head.cell_length - 1), "$line"))


def box(lines: Iterable[Content], width: int, title: str = "", style: str = "") -> Lines:
    """Return a frame of `width` cells around lines; `style` colors all of it."""
    inner = max(1, width - 4)
    head = Content.assemble(" ", say(title), " ") if title else BLANK  # `say` trims the ends of a text
    head = head.truncate(inner, ellipsis=True)
    top = Content.assemble("╭─", head, "─" * (width - 3 - head.cell_length), "╮")
    middle = [
        Content.assemble("│ ", line.truncate(inner, ellipsis=True).truncate(inner, pad=True), " │") for line in lines
    ]
    bottom = Content("╰" + "─" * (width - 2) + "╯")
    return [line.stylize_before(style) if style else line for line in (top, *middle, bottom)]


def beside(left: Lines, right: Lines, left_width: int, gap: int = 2) -> Lines:
    """Return two blocks next to each other."""
    rows = max(len(left), len(right))
    joined = []
    for index in range(rows):
        first = left[index] if index < len(left) else BLANK
        second = right[index] if index < len(right) else BLANK
        joined.append(
            first.truncate(left_width, ellipsis=True).truncate(left_width, pad=True) + Content.blank(gap) + second
        )
    return joined


def progress(done: int, total: int, width: int) -> Content:
    """Return a bar of whole cells, followed by its figures as text."""
    total = max(1, total)
    done = min(max(0, done), total)
    figures = " " + tell("stage.steps", done=done, total=total)
    bar = max(4, width - Content(figures).cell_length)
    full = bar * done // total
    return Content.assemble(("█" * full, "$button-main"), ("░" * (bar - full), "$line"), (figures, "bold"))


def stack(lines: Iterable[Content], height: int) -> Content:
    """Join lines to one content, cut to `height`."""
    return Content("\n").join(list(lines)[: max(1, height)])


def centered(line: Content, width: int) -> Content:
    """Center a line in `width` cells, padded with blanks."""
    return line.pad_left(max(0, (width - line.cell_length) // 2)).truncate(width, pad=True)


def middle(lines: Lines, height: int) -> Lines:
    """Center lines vertically in `height` rows."""
    return [*[BLANK] * max(0, (height - len(lines)) // 2), *lines]
