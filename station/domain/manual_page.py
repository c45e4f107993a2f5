"""A page of the manual, as a value."""

from __future__ import annotations

import msgspec


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """A heading; `level` 1 is the page's title."""

    level: int
    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    text: str


class Item(msgspec.Struct, frozen=True, tag="item"):
    """A list item; `mark` is "-" or its number with a period."""

    mark: str
    text: str
    depth: int = 0


class Row(msgspec.Struct, frozen=True, tag="row"):
    """A table row: (column heading, cell) from left to right."""

    cells: tuple[tuple[str, str], ...]


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """A picture. `name`: the file name without folder and extension."""

    name: str
    text: str


class Drawing(msgspec.Struct, frozen=True, tag="drawing"):
    """A drawing made of characters. Its spaces are significant, and it may be split at an empty line."""

    lines: tuple[str, ...]


Block = Heading | Paragraph | Item | Row | Picture | Drawing


class Topic(msgspec.Struct, frozen=True):
    """One line of the table of contents."""

    name: str
    title: str


class Page(msgspec.Struct, frozen=True):
    """One page of the manual."""

    topic: str
    title: str
    blocks: tuple[Block, ...]
