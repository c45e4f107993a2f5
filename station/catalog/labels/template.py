"""Label templates: rules for breaking call numbers into lines, as data (`data/labels/*.toml`, or a site's own file).

The switches are those requested by users of SpineOMatic (docs/reference/call-numbers.md#spine-labels). A wrong template
is refused with its file and line (`SettingsError`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import line_of, named_key

DEFAULT: Final = "us-common"
SHIPPED: Final = ("us-common", "alma-1", "alma-2", "dewey-narrow", "no-points")

Width = Annotated[int, Meta(ge=4, le=60)]
Height = Annotated[int, Meta(ge=2, le=30)]


class Oversize(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line for tall items."""

    above_cm: Annotated[float, Meta(gt=0, le=200)]
    """Minimum height in cm, exclusive (300 $c)."""
    text: Annotated[str, Meta(min_length=1, max_length=60)]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template. Lengths are in characters and lines of the stock."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    about: str = ""
    width: Width = 10
    """Characters that fit on one line of the stock."""
    height: Height = 9
    """Lines that fit on the stock."""
    # LC and NLM
    letters_number: bool = True
    """Break between class letters and class number."""
    decimal: Literal["keep", "before", "after"] = "keep"
    """Decimal of the class number: on the same line, or with a break before or after its point."""
    cutters: bool = True
    """Put each cutter on its own line."""
    inside_cutter: bool = False
    """Break between a cutter's letter and its digits."""
    cutter_point: Literal["keep", "hide"] = "keep"
    """Period before the first cutter."""
    # Dewey
    dewey_digits: Annotated[int, Meta(ge=0, le=30)] = 0
    """Number of decimal digits per line; 0 = all."""
    dewey_keep: Annotated[int, Meta(ge=0, le=30)] = 0
    """Minimum number of decimal digits on the first line before a break."""
    # SuDoc
    sudoc: tuple[Literal["agency", "colon", "slash", "hyphen", "point", "digits"], ...] = ("agency", "colon")
    """Break points of a SuDoc number: after each of these (digits: before a run of digits that follows a letter)."""
    # all schemes
    split: Literal["parts", "spaces"] = "parts"
    """How the number is broken: by the parts of its scheme, or at the spaces as entered, whatever its scheme; "spaces"
    ignores the switches of the schemes above."""
    break_longer: Annotated[int, Meta(ge=0, le=60)] = 0
    """A line of the number with more characters than this is broken before its first period, except the period of
    "(.03)" (Alma's first routine); 0 = never."""
    most: Annotated[int, Meta(ge=0, le=30)] = 0
    """Maximum number of lines for the number; the rest stays together on the last line (Alma). 0 = no limit."""
    break_wide: bool = True
    """Break a line of words, volume or part that is wider than the stock: at spaces, else brackets, colons, commas,
    hyphens and slashes."""
    break_before: Annotated[str, Meta(max_length=20)] = ""
    """Characters before which any line is broken."""
    break_after: Annotated[str, Meta(max_length=20)] = ""
    """Characters after which any line is broken."""
    local: tuple[Literal["space", "colon", "bracket"], ...] = ("space",)
    """Break points of a number that follows no scheme: at spaces, after colons, before "("."""
    volume: bool = True
    """Add lines for volume or part."""
    holdings: tuple[Literal["designation", "space", "colon", "bracket"], ...] = ("designation",)
    """Break points of volume or part ("v.12:no.3 (1990)"), independent of the number: between words if each is a
    designation with its number, at every space, after colons, before "(" and "[". Follows the holdings parser of
    SpineOMatic."""
    copy: Literal["from-2", "always", "never"] = "from-2"
    """Which copy numbers get a line."""
    oversize: tuple[Oversize, ...] = ()
    """Lines above the call number by height; of several, the one with the highest limit that applies."""
    prefixes: dict[str, str] = {}
    """Maps a location code, or LIBRARY+LOCATION, to the text above the call number; ";" starts a new line. Never the
    location's name (SpineOMatic #85, #76)."""

    def above(self, library: str, location: str) -> tuple[str, ...]:
        """Return the prefix lines of a location."""
        table = {code.upper(): text for code, text in self.prefixes.items()}
        said = table.get(f"{library}+{location}".upper(), table.get(location.upper(), ""))
        return tuple(line.strip() for line in said.split(";") if line.strip())


def parse(text: str, name: str) -> Template:
    """Read a template. Raise `SettingsError` with the file (`name`) and the faulty line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    try:
        template = msgspec.convert(data, Template)
    except msgspec.ValidationError as error:
        said = str(error)
        raise SettingsError(f"{name}, line {line_of(text, named_key(said))}: {said}") from error
    for code, said in template.prefixes.items():
        for piece in (code, said):
            if clean(piece) != piece:
                raise SettingsError(
                    f"{name}, line {line_of(text, ('prefixes', code))}: {clean(piece)!r} cannot be printed"
                )
        if any(len(line.strip()) > template.width for line in said.split(";")):
            line = line_of(text, ("prefixes", code))
            raise SettingsError(
                f"{name}, line {line}: the prefix of {clean(code)} is wider than the label ({template.width})"
            )
    if template.most and template.split != "spaces":
        raise SettingsError(f'{name}, line {line_of(text, ("most",))}: most is for split = "spaces" only')
    if template.dewey_digits and template.dewey_keep > template.width:
        raise SettingsError(f"{name}, line {line_of(text, ('dewey_keep',))}: more digits than the label is wide")
    return template


@cache
def shipped(name: str = DEFAULT) -> Template:
    """Return a shipped template. Raise `SettingsError` for an unknown name."""
    if name not in SHIPPED:
        raise SettingsError(f"there is no label template {clean(name)!r}; there are {', '.join(SHIPPED)}")
    file = resources.files("station.catalog").joinpath(f"data/labels/{name}.toml")
    return parse(file.read_text(encoding="utf-8"), f"{name}.toml")
