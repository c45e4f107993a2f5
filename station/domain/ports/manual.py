"""A page of the manual as a value, and what the screens ask of the manual."""

from __future__ import annotations

from typing import Protocol

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


class ManualPort(Protocol):
    """The manual, as screens and commands read it."""

    def topics(self) -> tuple[Topic, ...]:
        """The contents: pages of workflows, in the order of the work."""
        ...

    def rules(self) -> tuple[Topic, ...]:
        """A page for every rule."""
        ...

    def page(self, topic: str, code: str = "", said: str = "", buttons: tuple[str, ...] = ()) -> Page | None:
        """The page of a topic; None when there is none. What to do about `code`, or else about the sentence `said`, stands
        first; then what these `buttons` of a stop do, by their labels."""
        ...

    def picture(self, name: str) -> tuple[str, ...]:
        """The lines of a picture as text; () when there is none."""
        ...
