"""station.toml as frozen structs: unknown keys are refused, every field has its sentence.

The sentence after each field is what `station init` writes as a comment and what docs/settings.md shows.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from station.base.errors import SettingsError
from station.base.settings.catalog import CallNumbers, CatalogSettings, Labels
from station.base.settings.delivery import Alma, Delivery, FileSink, Sip2
from station.base.settings.people import People
from station.base.settings.quality import Convert, Corrections, Receiving, Rules, Sampling, Sets, Trucks
from station.base.settings.reader import Reader
from station.base.settings.web import Web
from station.base.toml_lines import in_decimal, line_of, only_hexadecimal

__all__ = [
    "Alma",
    "Badge",
    "Barcodes",
    "CallNumbers",
    "CatalogSettings",
    "Convert",
    "Corrections",
    "Delivery",
    "FileSink",
    "Labels",
    "Library",
    "People",
    "Reader",
    "Receiving",
    "Rules",
    "Sampling",
    "Scanner",
    "Screen",
    "Sets",
    "Settings",
    "Sip2",
    "Station",
    "Tag",
    "Trucks",
    "Web",
    "load",
    "parse",
]

Byte = Annotated[int, Meta(ge=0, le=255)]
FromProfile = Literal["profile"]
"""A value that the tag profile says."""


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose tags these are."""

    isil: Annotated[str, Meta(max_length=16)] = ""
    """The library's ISIL (ISO 15511), e.g. "US-TxDa". Must be set before the first tag is written."""
    name: str = ""
    """Name shown in the station's title line."""


class Station(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This bench."""

    name: str = "bench-1"
    """Name of this bench in the journal and in results."""
    operator: str = "operator"
    """Who works here, until people sign on."""
    head_directory: str = ""
    """Where the journal's head is exported, hourly at most, best on another disk; empty = "heads" in the data directory."""


class Barcodes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the library's barcodes look like."""

    length: Annotated[int, Meta(ge=0, le=40)] = 14
    """Number of characters; 0 = any."""
    prefixes: tuple[str, ...] = ("3",)
    """Accepted beginnings; empty = any."""
    check_digit: Literal["luhn", "none"] = "luhn"
    """"luhn" = mod-10 check digit as on 14-digit library barcodes; "none" = no check digit."""
    characters: Literal["digits", "alphanumeric"] = "digits"
    """What a barcode may consist of; "alphanumeric" = A-Z, 0-9, hyphen and point."""
    truck_prefix: Annotated[str, Meta(max_length=20)] = "TRUCK-"
    """How the label of a truck begins; what follows is its name (truck release). Empty = trucks have no labels."""


class Scanner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the barcode scanner types."""

    prefix: str = ""
    """Characters the scanner sends before each barcode, e.g. "\\u0002"; empty = none."""
    terminator: Literal["enter", "tab"] = "enter"
    """Key the scanner sends after each barcode."""
    abandon_after_ms: Annotated[int, Meta(ge=50, le=60000)] = 2000
    """An unfinished burst is thrown away after this silence; it never makes a burst complete."""


class Badge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader of staff badges (NFC); not the one for labels."""

    port: str = ""
    """Serial port of a PN532, "usb" or "usb:VVVV:PPPP" (another reader that nfcpy knows), or "udp:HOST:PORT"; empty = none."""
    felica: bool = False
    """Also look for FeliCa cards (Japan)."""


class Tag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written. "profile" = as the tag profile says."""

    profile: str = "us-28560-2"
    """Tag profile: us-28560-2, iso-28560-3, danish-32, finnish-28560-2, 3m-read-only, or your own TOML file (its name
    ends in .toml), relative to the data directory."""
    model: Literal["28560-2", "28560-3", "danish", "danish-32"] | FromProfile = "profile"
    """Data model of the library's tags; anything but the profile's own model is refused."""
    dsfid: Byte | FromProfile = "profile"
    """DSFID that marks a finished tag, in hexadecimal: 0x06 = ISO 28560-2, 0x3E = ISO 28560-3, never 0x00 or 0xC0."""
    afi_in_stock: Byte | FromProfile = "profile"
    """AFI of an item that alarms at the gate, in hexadecimal, as 0x07 (3M sites differ; see docs)."""
    afi_on_loan: Byte | FromProfile = "profile"
    """AFI of an item on loan, in hexadecimal, as 0xC2."""
    type_of_usage: Byte | FromProfile = "profile"
    """Relative OID 5, in hexadecimal: class nibble and qualifier; 0x10 = for circulation."""
    call_number_on_tag: bool | FromProfile = "profile"
    """Also write the call number as shelf location (relative OID 6)."""
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    """Give a tag up after so many interrupted writes."""


class Screen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sight and sound."""

    language: Annotated[str, Meta(pattern="^[a-z]{2,3}(_[A-Z]{2})?$")] = "en"
    """What the station speaks; other than "en": words/LANGUAGE.po in the data directory (docs/how-to/add-a-sentence.md)."""
    theme: Literal["calm", "contrast"] = "calm"
    """Colours: "calm", or "contrast" = black and white with one yellow (each can be taken for the day at the screen)."""
    large_text: bool = False
    """The sentence of the moment in letters three lines high."""
    photo_directory: str = ""
    """Directory of photos, relative to the data directory: the newest are offered for the note to a fail; empty = their path is
    typed."""
    sound: bool = True
    """Make sounds; false = the station starts muted."""
    volume: Annotated[int, Meta(ge=0, le=100)] = 60
    """How loud, 0 to 100 (a station can be made louder or quieter for the day at its screen)."""
    sound_through: Literal["both", "audio", "reader"] = "both"
    """What sounds: the machine's audio device, the reader's own buzzer (and lamp) where it has one, or both."""
    sound_player: tuple[str, ...] = ()
    """Program that plays a WAV file given as its last argument, e.g. ["aplay", "-q"]; empty = the first of pw-play, paplay
    and aplay that the machine has."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    library: Library = Library()
    station: Station = Station()
    people: People = People()
    barcodes: Barcodes = Barcodes()
    scanner: Scanner = Scanner()
    reader: Reader = Reader()
    badge: Badge = Badge()
    tag: Tag = Tag()
    catalog: CatalogSettings = CatalogSettings()
    delivery: Delivery = Delivery()
    rules: Rules = Rules()
    sampling: Sampling = Sampling()
    corrections: Corrections = Corrections()
    receiving: Receiving = Receiving()
    trucks: Trucks = Trucks()
    convert: Convert = Convert()
    sets: Sets = Sets()
    labels: Labels = Labels()
    screen: Screen = Screen()
    web: Web = Web()


@functools.lru_cache(maxsize=4)
def parse(text: str, source: str = "station.toml") -> Settings:
    """Read settings from TOML text; raises `SettingsError` with file, key and the nearest known key.

    Kept, for most commands read them several times, and that takes a hundred times as long as reading the file.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: not valid TOML: {error}") from error
    _refuse_unknown(raw, Settings, source, "")
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {error}") from error
    for key in ("dsfid", "afi_in_stock", "afi_on_loan", "type_of_usage"):
        if number := in_decimal(text, ("tag", key)):
            raise SettingsError(
                f"{source}, line {line_of(text, ('tag', key))}: {only_hexadecimal(f'tag.{key}', number)}"
            )
    return settings


def load(path: Path) -> Settings:
    """Read a settings file; a missing one is a `SettingsError` that names `station init`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(f"{path} does not exist; make one with: station init") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return parse(text, str(path))


@functools.cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Names and types of a table; to find them out takes longer than all else of reading the settings."""
    return typing.get_type_hints(struct)


def _refuse_unknown(raw: dict[str, Any], struct: type[msgspec.Struct], source: str, where: str) -> None:
    hints = _hints(struct)
    for key, value in raw.items():
        name = f"{where}{key}"
        if key not in hints:
            near = difflib.get_close_matches(key, list(hints), n=1, cutoff=0.5)
            hint = f'; did you mean "{where}{near[0]}"?' if near else f"; known are: {', '.join(hints)}"
            raise SettingsError(f'{source}: unknown key "{name}"{hint}')
        child = hints[key]
        if isinstance(value, dict) and isinstance(child, type) and issubclass(child, msgspec.Struct):
            _refuse_unknown(value, child, source, f"{name}.")
