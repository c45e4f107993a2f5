"""Text measured in terminal cells: width, cut, fill and wrap.

Drawings, tables and previews line up only if measured in cells: a Chinese character takes two, a combining mark none.
The widths are those of Rich, which the screens (Textual) also use, so that a drawing has one width everywhere. Nothing
is cut inside of what a reader sees as one character: a letter with its marks, a flag, a person with a skin color.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_FLAG: Final = range(0x1F1E6, 0x1F200)
"""Regional indicators; two of them form a flag."""


def cells(text: str) -> int:
    """Return the number of terminal cells that a text takes."""
    if text.isascii():
        return len(text)
    # Imported only for text that needs it: most commands never do.
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, room: int, end: str = "…") -> str:
    """Return `text` cut to `room` cells. A longer text is cut between characters and ends with `end` (if that fits)."""
    if cells(text) <= room:
        return text
    free = room - cells(end)
    if free < 0:
        end, free = "", room
    kept = ""
    for part, width in _characters(text):
        free -= width
        if free < 0:
            break
        kept += part
    return kept + end


def filled(text: str, room: int) -> str:
    """Return `text` padded with spaces to `room` cells; a longer text is returned unchanged."""
    return text + " " * (room - cells(text))


def centered(text: str, room: int) -> str:
    """Return `text` centered in `room` cells, as `str.center` does."""
    free = max(0, room - cells(text))
    left = free // 2 + (free & room & 1)
    return f"{' ' * left}{text}{' ' * (free - left)}"


def wrapped(text: str, room: int, *, whole: bool = False) -> list[str]:
    """Return `text` in lines of at most `room` cells, broken as `textwrap` does, and between the characters of a script
    without spaces. Only a character wider than `room` exceeds it. `whole`: do not break long words (a path, an address:
    a person may want to copy it), nor at hyphens."""
    return _Wrapper(max(1, room), break_long_words=not whole, break_on_hyphens=not whole).wrap(text)


class _Chunk(str):
    """A piece of text that is not broken unless it must be; its length is in cells."""

    __slots__ = ()

    def __len__(self) -> int:
        return cells(str(self))


class _Wrapper(textwrap.TextWrapper):
    """`textwrap` in cells, through the two methods that its documentation offers to subclasses."""

    def _split(self, text: str) -> list[str]:
        return [_Chunk(piece) for chunk in super()._split(text) for piece in _pieces(chunk)]

    def _handle_long_word(self, reversed_chunks: list[str], cur_line: list[str], cur_len: int, width: int) -> None:
        if not self.break_long_words:
            if not cur_line:
                cur_line.append(reversed_chunks.pop())
            return
        word = str(reversed_chunks.pop())
        begin = cut(word, width - cur_len, "")
        if not begin and not cur_line:
            begin = next(_characters(word))[0]
        if begin:
            cur_line.append(_Chunk(begin))
        if rest := word.removeprefix(begin):
            reversed_chunks.append(_Chunk(rest))


def _pieces(chunk: str) -> Iterator[str]:
    """Split a chunk where it may be broken: around each wide letter, but never before closing or after opening
    punctuation."""
    if chunk.isascii():
        yield chunk
        return
    piece, before = "", False
    for part, _ in _characters(chunk):
        # Letters of the Latin alphabet with a full-width form (F) are not separated from their word.
        wide = unicodedata.east_asian_width(part[0]) == "W"
        kind = unicodedata.category(part[0])
        if piece and (wide or before) and kind not in ("Pe", "Pf", "Po") and unicodedata.category(piece[-1]) != "Ps":
            yield piece
            piece = ""
        piece += part
        before = wide
    yield piece


def _characters(text: str) -> Iterator[tuple[str, int]]:
    """Yield each character as a reader sees it, with its cells."""
    from rich.cells import split_graphemes

    first: tuple[str, int] | None = None
    for start, end, width in split_graphemes(text)[0]:
        part = text[start:end]
        if first is not None:
            yield (first[0] + part, first[1] + width) if ord(part[0]) in _FLAG else first
            if ord(part[0]) not in _FLAG:
                yield part, width
            first = None
        elif ord(part[0]) in _FLAG:
            first = part, width
        else:
            yield part, width
    if first is not None:
        yield first


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Yield rows of cells as lines with aligned columns."""
    if not rows:
        return
    widths = [max(cells(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(filled(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
