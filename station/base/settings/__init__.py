"""station.toml as frozen structs. Unknown keys are refused, and every field has a sentence that explains it.

`station init` writes the sentence after each field as a comment, and docs/settings.md shows it.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from station.base.errors import SettingsError, SettingsMissing
from station.base.settings.catalog import CallNumbers, CatalogSettings, Labels
from station.base.settings.delivery import LONGEST_TAKE_BACK_S, Alma, Delivery, FileSink, Sip2
from station.base.settings.distribution import Distribution
from station.base.settings.fleet import Fleet
from station.base.settings.office import Office
from station.base.settings.people import People
from station.base.settings.quality import Convert, Corrections, Receiving, Rules, Sampling, Sets, Trucks
from station.base.settings.reader import Reader
from station.base.settings.web import Web
from station.base.settings.withdrawal import WithdrawalOptions
from station.base.toml_lines import in_decimal, line_of, only_hexadecimal

__all__ = [
    "LONGEST_TAKE_BACK_S",
    "Alma",
    "Badge",
    "Barcodes",
    "CallNumbers",
    "CatalogSettings",
    "Convert",
    "Corrections",
    "Delivery",
    "Distribution",
    "FileSink",
    "Fleet",
    "Keys",
    "Labels",
    "Library",
    "Office",
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

COMMAND_PREFIX: Final = "$$"
"""First characters of a command barcode (`domain.command_barcodes`)."""
Key = Annotated[str, Meta(pattern="^([ -~]|[a-z][a-z0-9_+]{1,30})$")]
Byte = Annotated[int, Meta(ge=0, le=255)]
FromProfile = Literal["profile"]
"""A value taken from the tag profile."""


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The library that owns the tags."""

    isil: Annotated[str, Meta(max_length=16)] = ""
    """The library's ISIL (ISO 15511), e.g. "US-TxDa". Must be set before the first tag is written."""
    name: str = ""
    """Name shown in the station's title line."""


class Station(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """This bench."""

    name: str = "bench-1"
    """Name of this bench in the journal and in results."""
    operator: str = "operator"
    """Name of the operator, if sign-on is not required."""
    goal_today: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """Items that this bench is to do in a day, shown with today's count; 0 = none."""
    head_directory: str = ""
    """Directory to which the journal's head is exported, at most hourly; best on another disk. Empty = "heads" in the
    data directory."""


class Barcodes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Format of the library's barcodes."""

    length: Annotated[int, Meta(ge=0, le=40)] = 14
    """Number of characters; 0 = any."""
    prefixes: tuple[str, ...] = ("3",)
    """Accepted prefixes; empty = any."""
    check_digit: Literal["luhn", "none"] = "luhn"
    """"luhn" = mod-10 check digit as on 14-digit library barcodes; "none" = no check digit."""
    characters: Literal["digits", "alphanumeric"] = "digits"
    """Permitted characters; "alphanumeric" = A-Z, 0-9, hyphen and period."""
    truck_prefix: Annotated[str, Meta(max_length=20)] = "TRUCK-"
    """Prefix of a truck label; the truck's name follows it (truck release). Empty = trucks have no labels."""


class Scanner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Output of the barcode scanner."""

    prefix: str = ""
    """Characters the scanner sends before each barcode, e.g. "\\u0002"; empty = none."""
    terminator: Literal["enter", "tab"] = "enter"
    """Key the scanner sends after each barcode."""
    abandon_after_ms: Annotated[int, Meta(ge=50, le=60000)] = 2000
    """Milliseconds of silence after which an incomplete scan is discarded. It is never treated as complete."""


class Badge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader of staff badges (NFC); not the reader of labels."""

    port: str = ""
    """Serial port of a PN532, "usb" or "usb:VVVV:PPPP" (another reader that nfcpy supports), or "udp:HOST:PORT"; empty
    = none."""
    felica: bool = False
    """Also look for FeliCa cards (Japan)."""


class Tag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content of tags. "profile" = as the tag profile specifies."""

    profile: str = "us-28560-2"
    """Tag profile: us-28560-2, iso-28560-3, danish-32, finnish-28560-2, 3m-read-only, or your own TOML file (its name
    ends in .toml), relative to the data directory."""
    model: Literal["28560-2", "28560-3", "danish", "danish-32"] | FromProfile = "profile"
    """Data model of the library's tags; anything but the profile's own model is refused."""
    dsfid: Byte | FromProfile = "profile"
    """DSFID that marks a finished tag, in hexadecimal: 0x06 = ISO 28560-2, 0x3E = ISO 28560-3, never 0x00 or 0xC0."""
    afi_in_stock: Byte | FromProfile = "profile"
    """AFI of an item that triggers the gate alarm, in hexadecimal, as 0x07 (3M sites differ; see docs)."""
    afi_on_loan: Byte | FromProfile = "profile"
    """AFI of an item on loan, in hexadecimal, as 0xC2."""
    type_of_usage: Byte | FromProfile = "profile"
    """Type of usage (relative OID 5), in hexadecimal: class nibble and qualifier; 0x10 = for circulation."""
    call_number_on_tag: bool | FromProfile = "profile"
    """Also write the call number as shelf location (relative OID 6)."""
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    """Number of interrupted writes after which a tag is given up."""


class Screen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Display and sound."""

    language: Annotated[str, Meta(pattern="^[a-z]{2,3}(_[A-Z]{2})?$")] = "en"
    """Language of the station: "en", "es", or that of words/LANGUAGE.po in the data directory
    (docs/how-to/add-a-sentence.md). A worker may have another one (station people speak)."""
    theme: Literal["calm", "contrast"] = "calm"
    """Colors: "calm", or "contrast" = black and white with one yellow (either can be chosen for the day at the
    screen)."""
    large_text: bool = False
    """Show the main sentence in letters three lines high."""
    all_good_after: Annotated[float, Meta(ge=0, le=30)] = 1.5
    """Seconds that a check, or a page of checks, is shown before one tap can pass it; half of it for a worker whose last
    lots were accepted (sampling). A page that is passed sooner all the same is marked in the journal, and the worker's
    next item is asked about."""
    photo_directory: str = ""
    """Directory of photos, relative to the data directory: the newest are offered for the note to a fail. Empty = no photo
    is offered."""
    sound: bool = True
    """Make sounds; false = the station starts muted."""
    volume: Annotated[int, Meta(ge=0, le=100)] = 60
    """Volume, 0 to 100 (can be changed for the day at the screen)."""
    sound_through: Literal["both", "audio", "reader"] = "both"
    """Sound output: the machine's audio device, the reader's own buzzer (and lamp) if it has one, or both."""
    sound_player: tuple[str, ...] = ()
    """Program that plays a WAV file given as its last argument, e.g. ["aplay", "-q"]; empty = the first one installed
    of pw-play, paplay and aplay."""


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys that have the effect of a button: of a numeric keypad, or of a foot switch that types a key. A key is the
    character that it types, or its name ("pagedown", "f13", "backspace"). No keys = an empty list."""

    good: tuple[Key, ...] = ("+", "pagedown")
    """Keys of Pass and ALL GOOD; the second one is for a foot switch."""
    fail: tuple[Key, ...] = ("-",)
    """Keys of Fail."""
    back: tuple[Key, ...] = (".", "backspace")
    """Keys of Back."""
    set_aside: tuple[Key, ...] = ("*",)
    """Keys of Set aside."""
    numbers: bool = True
    """The digits 1 to 9 tap the line or reason with that number; 0 turns to further reasons."""
    alone_ms: Annotated[int, Meta(ge=50, le=2000)] = 300
    """Milliseconds of silence before and after a character that was typed by hand. A scanner types its characters
    faster, so they never act as keys."""


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
    distribution: Distribution = Distribution()
    withdrawal: WithdrawalOptions = WithdrawalOptions()
    trucks: Trucks = Trucks()
    convert: Convert = Convert()
    sets: Sets = Sets()
    labels: Labels = Labels()
    screen: Screen = Screen()
    keys: Keys = Keys()
    web: Web = Web()
    office: Office = Office()
    fleet: Fleet = Fleet()


@functools.lru_cache(maxsize=4)
def parse(text: str, source: str = "station.toml") -> Settings:
    """Return the settings from TOML text. Raise `SettingsError` with file, key and the nearest known key.

    The result is cached: most commands read the settings several times, and parsing takes a hundred times as long as
    reading the file.
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
    _refuse_command_barcodes(settings, source)
    if lacking := settings.delivery.lacks_for_orders:
        raise SettingsError(f"{source}: delivery.alma.orders needs {', '.join(lacking)}")
    for key in ("dsfid", "afi_in_stock", "afi_on_loan", "type_of_usage"):
        if number := in_decimal(text, ("tag", key)):
            raise SettingsError(
                f"{source}, line {line_of(text, ('tag', key))}: {only_hexadecimal(f'tag.{key}', number)}"
            )
    return settings


def _refuse_command_barcodes(settings: Settings, source: str) -> None:
    """Refuse a scheme of item or truck barcodes that could produce a command barcode."""
    barcodes = settings.barcodes
    schemes = [("barcodes.prefixes", one) for one in barcodes.prefixes]
    schemes.append(("barcodes.truck_prefix", barcodes.truck_prefix))
    for key, prefix in schemes:
        if prefix and (prefix.startswith(COMMAND_PREFIX) or COMMAND_PREFIX.startswith(prefix)):
            raise SettingsError(f'{source}: {key}: "{prefix}" begins a command barcode ("{COMMAND_PREFIX}")')


def load(path: Path) -> Settings:
    """Return the settings from a file. Raises `SettingsMissing` if there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsMissing(f"{path} does not exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return parse(text, str(path))


@functools.cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return names and types of a table. Finding them takes longer than the rest of reading the settings."""
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
