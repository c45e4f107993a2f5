"""Parse the small Markdown subset of the manual's pages into blocks: headings, paragraphs, items, table rows, pictures.

The pages are the station's (or a site's own files), but every text is cleaned, because a terminal will show it. A page
that uses more than this subset is shown as plain text: parsing never fails.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from station.base.text import clean
from station.domain.manual_page import Block, Heading, Item, Paragraph, Picture, Row

_ITEM: Final = re.compile(r"(\s*)([-*]|\d+\.)\s+(.*)")
_PICTURE: Final = re.compile(r"\s*!\[([^\]]*)\]\(([^)\s]+)\)\s*")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_CODE: Final = re.compile(r"`([^`]+)`")
_MARKS: Final = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")


def plain(text: str) -> str:
    """Return text without Markdown marks: a link becomes its text, and bold or code becomes plain text."""
    return clean(_MARKS.sub("", _LINK.sub(r"\1", text)), 2000)


@lru_cache(maxsize=64)
def table_rows(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the cells of every table row of a page, with their Markdown marks."""
    rows = (_cells(line) for line in text.splitlines() if line.lstrip().startswith("|"))
    return tuple(cells for cells in rows if set("".join(cells)) - set("-: "))


def marked(text: str) -> tuple[str, ...]:
    """Return the texts between backticks: labels of buttons, and commands."""
    return tuple(_CODE.findall(text))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


@lru_cache(maxsize=64)
def parse(text: str) -> tuple[Block, ...]:
    """Return a page as blocks, in order."""
    found: list[Block] = []
    columns: tuple[str, ...] = ()
    open_text: list[str] = []

    def close() -> None:
        if open_text:
            found.append(Paragraph(plain(" ".join(open_text))))
            open_text.clear()

    for line in text.splitlines():
        if not line.strip():
            close()
            columns = ()
        elif line.startswith("<!--"):
            close()
        elif line.startswith("#"):
            close()
            level = len(line) - len(line.lstrip("#"))
            found.append(Heading(level, plain(line.lstrip("#").strip())))
        elif line.lstrip().startswith("|"):
            close()
            cells = _cells(line)
            if not columns:
                columns = tuple(plain(cell) for cell in cells)
            elif set("".join(cells)) - set("-: "):
                found.append(Row(tuple(zip(columns, map(plain, cells), strict=False))))
        elif (picture := _PICTURE.fullmatch(line)) is not None:
            close()
            found.append(Picture(picture[2].rpartition("/")[2].rpartition(".")[0], plain(picture[1])))
        elif (entry := _ITEM.fullmatch(line)) is not None:
            close()
            found.append(Item(entry[2] if entry[2][0].isdigit() else "-", plain(entry[3]), len(entry[1]) // 2))
        elif line.startswith((" ", "\t")) and found and isinstance(last := found[-1], Item) and not open_text:
            found[-1] = Item(last.mark, f"{last.text} {plain(line.strip())}", last.depth)
        else:
            open_text.append(line.strip())
    close()
    return tuple(found)
