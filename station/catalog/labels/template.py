"""Label templates: how a site breaks call numbers into lines, as data (`data/labels/*.toml`, or a site's own file).

The switches are those that users of SpineOMatic ask for (processing-and-quality.md 5.3). A wrong template is refused with
its file and line (`SettingsError`).
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
    """The item is higher than this (300 $c)."""
    text: Annotated[str, Meta(min_length=1, max_length=60)]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template. Lengths in characters and lines of the stock."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    about: str = ""
    width: Width = 10
    """Characters that one line of the stock takes."""
    height: Height = 9
    """Lines that the stock takes."""
    # LC and NLM
    letters_number: bool = True
    """A line break between class letters and class number."""
    decimal: Literal["keep", "before", "after"] = "keep"
    """The decimal of the class number: on the same line, or a break before or after its point."""
    cutters: bool = True
    """A line for each cutter."""
    inside_cutter: bool = False
    """A break between a cutter's letter and its digits."""
    cutter_point: Literal["keep", "hide"] = "keep"
    """The point before the first cutter."""
    # Dewey
    dewey_digits: Annotated[int, Meta(ge=0, le=30)] = 0
    """Decimal digits on one line; 0 = all."""
    dewey_keep: Annotated[int, Meta(ge=0, le=30)] = 0
    """No break before so many decimal digits stand on the first line."""
    # SuDoc
    sudoc: tuple[Literal["agency", "colon", "slash", "hyphen", "point", "digits"], ...] = ("agency", "colon")
    """Where a SuDoc number is broken: behind each of these (digits: before a run of digits behind a letter)."""
    # all schemes
    split: Literal["parts", "spaces"] = "parts"
    """Where the number is broken: by the parts of its scheme, or at the spaces as entered, whatever its scheme; then the
    switches of the schemes above say nothing."""
    break_longer: Annotated[int, Meta(ge=0, le=60)] = 0
    """A line of the number with more characters than this is broken before its first point, if that is not the point of
    "(.03)" (Alma's first routine); 0 = never."""
    most: Annotated[int, Meta(ge=0, le=30)] = 0
    """Lines that the number is broken into at most: what is left stays together in the last (Alma); 0 = as many as it takes."""
    break_before: Annotated[str, Meta(max_length=20)] = ""
    """Characters before which any line is broken."""
    break_after: Annotated[str, Meta(max_length=20)] = ""
    """Characters behind which any line is broken."""
    local: tuple[Literal["space", "colon", "bracket"], ...] = ("space",)
    """Where a number that follows no scheme is broken: at spaces, behind colons, before "("."""
    volume: bool = True
    """Lines for volume or part."""
    holdings: tuple[Literal["designation", "space", "colon", "bracket"], ...] = ("designation",)
    """Where volume or part is broken ("v.12:no.3 (1990)"), apart from the number: where a word is a designation with its
    number and all words are, at every space, behind colons, before "(" and "[". The holdings parser of SpineOMatic."""
    copy: Literal["from-2", "always", "never"] = "from-2"
    """Which copy numbers get a line."""
    oversize: tuple[Oversize, ...] = ()
    """Lines above the call number by height; of several the highest limit that applies."""
    prefixes: dict[str, str] = {}
    """Location code, or LIBRARY+LOCATION, to the text above the call number; ";" begins a new line. Never the location's name
    (SpineOMatic #85, #76)."""

    def above(self, library: str, location: str) -> tuple[str, ...]:
        """The prefix lines of a location."""
        table = {code.upper(): text for code, text in self.prefixes.items()}
        said = table.get(f"{library}+{location}".upper(), table.get(location.upper(), ""))
        return tuple(line.strip() for line in said.split(";") if line.strip())


def parse(text: str, name: str) -> Template:
    """Read a template. Raises `SettingsError` that names the file (`name`) and the line at fault."""
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
    """A ready template; `SettingsError` for a name that is none."""
    if name not in SHIPPED:
        raise SettingsError(f"there is no label template {clean(name)!r}; there are {', '.join(SHIPPED)}")
    file = resources.files("station.catalog").joinpath(f"data/labels/{name}.toml")
    return parse(file.read_text(encoding="utf-8"), f"{name}.toml")
