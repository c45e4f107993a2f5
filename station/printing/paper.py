"""Papers: the stock on which labels are printed, as data (`data/*.toml`, or a site's own file).

A wrong paper is refused with its file and line (`SettingsError`). Lengths are in millimeters, font sizes in points
(1/72 inch). A paper is one label, or a sheet of labels.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import line_of
from station.base.words import tell

Kind = Literal[
    "spine", "pocket", "part", "flag", "command", "claim", "okay", "pull-list", "box", "packing-slip", "item-slip"
]
KINDS: Final[tuple[Kind, ...]] = ("spine", "pocket", "part", "flag", "item-slip", "box", "packing-slip")
"""Kinds of label of an item or a box."""
SHIPPED: Final = (
    "spine-25x38",
    "spine-38x25-sideways",
    "spine-sheet-letter",
    "pocket-76x51",
    "pocket-sheet-letter",
    "part-57x32",
    "flag-102x152",
    "commands-sheet-letter",
    "claim-letter",
    "box-102x152",
    "packing-slip-letter",
)
Symbology = Literal["code39", "codabar", "code128", "qr"]
Millimetres = Annotated[float, Meta(ge=0, le=1000)]
Points = Annotated[float, Meta(ge=4, le=96)]

MM_PER_INCH: Final = 25.4
POINTS_PER_INCH: Final = 72
_MEDIA: Final = {(215.9, 279.4): "Letter", (210.0, 297.0): "A4"}  # not for people
_DOTS_PER_MM: Final = {203: 8, 300: 12, 600: 24}
_SLACK_MM: Final = 0.01
_SMALLEST: Final = 4


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page with labels in rows and columns."""

    width_mm: Annotated[float, Meta(ge=30, le=1000)]
    height_mm: Annotated[float, Meta(ge=30, le=1000)]
    rows: Annotated[int, Meta(ge=1, le=60)]
    columns: Annotated[int, Meta(ge=1, le=30)]
    left_mm: Millimetres
    """Distance from the page's left edge to the first label."""
    top_mm: Millimetres
    across_mm: Annotated[float, Meta(gt=0, le=1000)]
    """Distance from one label's left edge to the next one's."""
    down_mm: Annotated[float, Meta(gt=0, le=1000)]
    """Distance from one label's top edge to the next one's."""

    @property
    def places(self) -> int:
        """Number of labels on a page."""
        return self.rows * self.columns


class Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stock, and the layout of its text."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    about: str = ""
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    """Kinds of label that the paper is for."""
    width_mm: Annotated[float, Meta(ge=8, le=300)]
    """Width of the label as it is fed into the printer."""
    height_mm: Annotated[float, Meta(ge=8, le=500)]
    dpi: Literal[203, 300, 600] = 203
    """Dots per inch of the printer: bars consist of whole dots."""
    orientation: Literal["upright", "sideways"] = "upright"
    """"sideways" = text runs along the height, turned clockwise."""
    top_mm: Millimetres = 1.5
    """Margins, in reading direction."""
    right_mm: Millimetres = 1.5
    bottom_mm: Millimetres = 1.5
    left_mm: Millimetres = 1.5
    size: Points = 12.0
    """Font size."""
    shrink_to: Annotated[float, Meta(ge=0, le=96)] = 0
    """Smallest size to which text that does not fit may shrink, which a note reports; 0 = it may not shrink."""
    spacing: Annotated[float, Meta(ge=1, le=3)] = 1.1
    """Distance from one line to the next, in units of the font size."""
    lines: Annotated[int, Meta(ge=1, le=60)] = 12
    """Most lines of text, at any size."""
    weight: Literal["regular", "bold"] = "regular"
    align: Literal["left", "center"] = "left"
    barcode: Literal["none", "site", "code39", "codabar", "code128", "qr"] = "none"
    """Barcode on the label; "site" = the kind set in `labels.barcode`."""
    bar_height_mm: Annotated[float, Meta(ge=4, le=100)] = 9.0
    module_mm: Annotated[float, Meta(ge=0.19, le=1)] = 0.25
    """Narrowest bar, rounded to whole dots; 7.5 mil (0.19 mm) is the minimum of Code 39 (ANSI/AIM BC1)."""
    ratio: Annotated[float, Meta(ge=2, le=3)] = 2.5
    """Ratio of wide to narrow bars of Code 39 and Codabar."""
    sheet: Sheet | None = None

    @property
    def places(self) -> int:
        """Number of labels on a page."""
        return self.sheet.places if self.sheet else 1

    @property
    def across_mm(self) -> float:
        """Width in reading direction."""
        return self.height_mm if self.orientation == "sideways" else self.width_mm

    @property
    def down_mm(self) -> float:
        """Height in reading direction."""
        return self.width_mm if self.orientation == "sideways" else self.height_mm

    @property
    def media(self) -> str:
        """CUPS name of the page; a stock without a standard name is given by its size."""
        width, height = (self.sheet.width_mm, self.sheet.height_mm) if self.sheet else (self.width_mm, self.height_mm)
        return _MEDIA.get((width, height), f"Custom.{width:g}x{height:g}mm")  # not for people

    @property
    def module_dots(self) -> int:
        """Number of dots of the narrowest bar."""
        return max(1, round(self.module_mm * self.dots_per_mm))

    @property
    def dots_per_mm(self) -> int:
        """Dots per millimeter. Label printers have 8, 12 or 24 (ZPL II guide, ^JM), whatever their nominal dots per
        inch."""
        return _DOTS_PER_MM[self.dpi]


def parse(text: str, name: str) -> Paper:
    """Read a paper. Raises `SettingsError` with the file (`name`) and the line of the mistake."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(Sentence("print.paper.deep", paper=name)) from error
    try:
        paper = msgspec.convert(data, Paper)
    except msgspec.ValidationError as error:
        message = str(error)
        raise SettingsError(
            Sentence("print.paper.line", paper=name, line=line_of(text, _key_at_fault(message)), why=message)
        ) from error
    for keys, reason in _wrong(paper):
        raise SettingsError(Sentence("print.paper.line", paper=name, line=line_of(text, keys), why=reason))
    return paper


def _wrong(paper: Paper) -> list[tuple[tuple[str, ...], str]]:
    """Return contradictions between keys: (key, reason)."""
    problems: list[tuple[tuple[str, ...], str]] = []
    if clean(paper.name) != paper.name:
        problems.append((("name",), tell("print.paper.name")))
    if paper.left_mm + paper.right_mm >= paper.across_mm:
        problems.append((("left_mm",), tell("print.paper.no-width")))
    if paper.top_mm + paper.bottom_mm >= paper.down_mm:
        problems.append((("top_mm",), tell("print.paper.no-height")))
    if 0 < paper.shrink_to < _SMALLEST or paper.shrink_to > paper.size:
        problems.append(
            (("shrink_to",), tell("print.paper.shrink", points=f"{paper.size:g}", least=f"{paper.shrink_to:g}"))
        )
    sheet = paper.sheet
    if sheet is None:
        return problems
    if sheet.across_mm + _SLACK_MM < paper.width_mm or sheet.down_mm + _SLACK_MM < paper.height_mm:
        problems.append((("sheet", "across_mm"), tell("print.paper.overlap")))
    right = sheet.left_mm + (sheet.columns - 1) * sheet.across_mm + paper.width_mm
    if right > sheet.width_mm + _SLACK_MM:
        problems.append(
            (
                ("sheet", "columns"),
                tell("print.paper.columns", count=sheet.columns, need=f"{right:g}", room=f"{sheet.width_mm:g}"),
            )
        )
    bottom = sheet.top_mm + (sheet.rows - 1) * sheet.down_mm + paper.height_mm
    if bottom > sheet.height_mm + _SLACK_MM:
        problems.append(
            (
                ("sheet", "rows"),
                tell("print.paper.rows", count=sheet.rows, need=f"{bottom:g}", room=f"{sheet.height_mm:g}"),
            )
        )
    return problems


def _key_at_fault(message: str) -> tuple[str, ...]:
    """Return the key named in a msgspec message: "... - at `$.width_mm`", or "unknown field `colour`"."""
    inner = [piece for piece in message.split("`")[1::2] if piece]
    path = next((piece for piece in inner if piece.startswith("$")), "")
    keys = tuple(key.split("[")[0] for key in path.split(".")[1:] if key)
    named = next((piece for piece in inner if not piece.startswith("$")), "")
    unknown = named if "unknown field" in message else ""  # not for people
    return (*keys, unknown) if unknown else keys


@cache
def shipped(name: str) -> Paper:
    """Return a shipped paper. Raises `SettingsError` for an unknown name."""
    if name not in SHIPPED:
        raise SettingsError(Sentence("print.no-paper", paper=repr(clean(name)), papers=", ".join(SHIPPED)))
    file = resources.files("station.printing").joinpath("data", f"{name}.toml")
    return parse(file.read_text(encoding="utf-8"), f"{name}.toml")
