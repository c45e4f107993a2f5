"""A page of the manual as a value."""

from __future__ import annotations

import msgspec


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """`level` 1 is the page's title."""

    level: int
    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    text: str


class Item(msgspec.Struct, frozen=True, tag="item"):
    """Of a list; `mark` is "-" or its number with a point."""

    mark: str
    text: str
    depth: int = 0


class Row(msgspec.Struct, frozen=True, tag="row"):
    """Of a table: (heading of the column, cell) from left to right."""

    cells: tuple[tuple[str, str], ...]


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """`name`: of its file, without folder and ending."""

    name: str
    text: str


class Drawing(msgspec.Struct, frozen=True, tag="drawing"):
    """Drawn with characters: its blanks are part of it, and an empty line is where it may be turned."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Item | Row | Picture | Drawing


class Topic(msgspec.Struct, frozen=True):
    """One line of the contents."""

    name: str
    title: str


class Page(msgspec.Struct, frozen=True):
    """One page."""

    topic: str
    title: str
    blocks: tuple[Block, ...]
