"""Tags and profile for `station tag`: from a dump in any format, a file, stdin, or the pad.

A dump needs neither a running station nor a data directory. A value that the dump does not contain (UID, DSFID, AFI,
locks) is assumed, and named in the report.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from station.base.errors import DumpUnreadable, SettingsError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.bench.item.tag_content import OWN_FILE, site_profile
from station.cli.shared.app import App
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagProfile, TagState
from station.encoding.dumps.dumps import read_dumps
from station.encoding.dumps.value import ANY_UID, MAX_DUMP, Dump, Format
from station.encoding.profiles import profiles
from station.encoding.profiles.value import SiteProfile
from station.encoding.recognition.recognise import recognise
from station.runtime.data_directory import SETTINGS_NAME

PAD: Final = "pad"
"""Format of a tag that the reader read."""
STDIN: Final = "-"
_LEAST_BASE64: Final = 32
"""Characters of base64 for 24 bytes: fewer are not the memory of a tag with content."""
MAX_PROFILE: Final = 256 * 1024
"""Maximum size of a profile file, in bytes."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Tag to look at."""

    image: TagImage
    format: str
    """Format of the dump, or "pad"."""
    assumed: tuple[str, ...] = ()
    """Unknown values: "uid", "block_size", "locked", "dsfid", "afi"."""
    dsfid_locked: bool | None = None
    afi_locked: bool | None = None


# --- options --------------------------------------------------------------------------------------------------------


def byte(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Parse a byte in hexadecimal, as on labels, in data sheets and in our reports: C2 or 0xC2, never decimal."""
    if value is None:
        return None
    if re.fullmatch(r"(0[xX])?[0-9A-Fa-f]{1,2}", value):
        return int(value, 16)
    decimal = re.fullmatch(r"[0-9]{1,3}", value) and int(value) <= 0xFF
    hint = f" Decimal {value} is {int(value):02X}." if decimal else ""
    wrong = f"{clean(value, 40)!r} is no byte. Give two hexadecimal digits, as C2 or 0xC2.{hint}"
    raise click.BadParameter(wrong, ctx, param)


def uid(ctx: click.Context, param: click.Parameter, value: str | None) -> Uid | None:
    """Parse a UID as printed."""
    if value is None:
        return None
    if not re.fullmatch(r"[0-9A-Fa-f]{16}", value):
        raise click.BadParameter("a UID is 16 hexadecimal digits, most significant byte first.", ctx, param)
    return Uid(value.upper())


@dataclass(frozen=True, slots=True)
class Source:
    """Dump, as described on the command line."""

    path: Path | None
    format: Format | None
    uid: Uid | None
    block_size: int | None
    dsfid: int | None
    afi: int | None


_OPTIONS: Final = (
    click.option(
        "--file",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        help='Read the dump from a file; "-" is stdin.',
    ),
    click.option(
        "--format",
        "dump_format",
        type=click.Choice([form.value for form in Format]),
        help="Format of the dump; detected if not given.",
    ),
    click.option("--binary", is_flag=True, help="Same as --format raw: the file holds the bytes themselves."),
    click.option("--uid", callback=uid, metavar="UID", help="UID of the tag; overrides the dump."),
    click.option(
        "--block-size", type=click.IntRange(1, 32), help="Bytes per block; by default, as in the dump, else 4."
    ),
    click.option(
        "--dsfid",
        callback=byte,
        metavar="HEX",
        help="DSFID of the tag in hexadecimal, as 3E or 0x3E; if unknown, that of a finished tag.",
    ),
    click.option(
        "--afi",
        callback=byte,
        metavar="HEX",
        help="AFI of the tag in hexadecimal, as C2 or 0xC2; if unknown, in stock.",
    ),
)


def dump_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of `source_options` without `--file`, for a command whose arguments are dumps."""
    return _gather(function, _OPTIONS[1:])


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for a dump, and for values that it does not contain. The command gets them as `source`."""
    return _gather(function, _OPTIONS)


def _gather(function: Callable[..., Any], options: tuple[Callable[..., Any], ...]) -> Callable[..., Any]:
    @functools.wraps(function)
    def gathered(
        *args: Any,
        dump_format: str | None,
        binary: bool,
        uid: Uid | None,
        block_size: int | None,
        dsfid: int | None,
        afi: int | None,
        path: Path | None = None,
        **more: Any,
    ) -> Any:
        if binary and dump_format not in (None, Format.RAW.value):
            raise click.UsageError("--binary is --format raw.")
        chosen = Format.RAW if binary else None if dump_format is None else Format(dump_format)
        return function(*args, source=Source(path, chosen, uid, block_size, dsfid, afi), **more)

    wrapped: Callable[..., Any] = gathered
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


profile_option: Final[Callable[[Any], Any]] = click.option(
    "--profile",
    "profile_name",
    metavar="NAME|FILE",
    help=f"Site profile: {', '.join(profiles.READY)}, or a file; by default, the station's own.",
)


# --- tags -----------------------------------------------------------------------------------------------------------


def tags(app: App, dump: str | None, source: Source, wanted: TagProfile) -> tuple[Tag, ...]:
    """Return the tags of DUMP, of a file, or on the pad. Raises `DumpUnreadable`, usage and reader errors."""
    if dump is not None and source.path is not None:
        raise click.UsageError("Give either a dump or a file.")
    if dump is None and source.path is None:
        if source.format is not None:
            raise click.UsageError("--format and --binary are for a dump; none is given.")
        from station.cli.shared.read_pad import images

        return tuple(Tag(image, PAD) for image in images(app))
    data = read_file(source.path) if source.path is not None else read_argument(dump or "")
    return tuple(_tag(each, source, wanted) for each in read_dumps(data, source.format))


def one_tag(app: App, dump: str | None, source: Source, wanted: TagProfile) -> Tag:
    """Return one tag, as `tags` does. Raises `DumpUnreadable` unless there is exactly one."""
    all_tags = tags(app, dump, source, wanted)
    if len(all_tags) != 1:
        raise DumpUnreadable(Sentence("tag-report.one-wanted", number=len(all_tags)))
    return all_tags[0]


def _tag(dump: Dump, source: Source, wanted: TagProfile) -> Tag:
    known = replace(
        dump,
        uid=source.uid or dump.uid,
        block_size=source.block_size or dump.block_size,
        dsfid=dump.dsfid if source.dsfid is None else source.dsfid,
        afi=dump.afi if source.afi is None else source.afi,
    )
    image = known.image(uid=ANY_UID, block_size=4, dsfid=wanted.dsfid, afi=wanted.afi_in_stock)
    blank = recognise(image, wanted).state is TagState.BLANK
    if known.dsfid is None:
        image = replace(image, dsfid=0) if blank else _finished(image, wanted)
    if known.afi is None and blank:
        image = replace(image, afi=0)
    fields = ("uid", "block_size", "locked", "dsfid", "afi")
    assumed = tuple(name for name in fields if getattr(known, name) is None)
    return Tag(image, dump.format.value, assumed, dump.dsfid_locked, dump.afi_locked)


def _finished(image: TagImage, wanted: TagProfile) -> TagImage:
    """Return `image` with a DSFID that makes it a finished tag: a missing DSFID is not a fault of the tag."""
    dsfids = (wanted.dsfid, *wanted.dsfids_28560_2, *wanted.dsfids_28560_3)
    for dsfid in dsfids:
        tried = replace(image, dsfid=dsfid)
        if recognise(tried, wanted).state in (TagState.OURS, TagState.FOREIGN):
            return tried
    # No DSFID makes it a finished tag, for example after a wrong CRC. Do not report the DSFID as well.
    model = recognise(image, wanted).model
    marks = (dsfid for dsfid in dsfids if wanted.commits(model, dsfid))
    return replace(image, dsfid=next(marks, image.dsfid))


def read_argument(text: str) -> bytes:
    """Return a dump given as an argument: "-", hexadecimal digits, the name of a file, or base64. Raises
    `DumpUnreadable` for the name of a file that does not exist."""
    if text == STDIN:
        return read_file(Path(STDIN))
    if not re.fullmatch(r"[0-9A-Fa-f\s:]*", text):
        try:
            is_file = Path(text).is_file()
        except (OSError, ValueError):
            is_file = False  # longer than any file name, or with a NUL
        if is_file or _is_path(text):
            return read_file(Path(text))
    return text.encode("utf-8", errors="replace")


def _is_path(text: str) -> bool:
    """Return True for one word with "/" or ".", unless it is base64 and long enough for a tag, since "/" is one of its
    characters."""
    if len(text.split()) != 1 or not ("/" in text or "." in text):
        return False
    return not (len(text) >= _LEAST_BASE64 and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text))


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, or of stdin for "-". Raises `DumpUnreadable`."""
    try:
        if str(path) == STDIN:
            return sys.stdin.buffer.read(MAX_DUMP + 1)
        with path.open("rb") as file:
            return file.read(MAX_DUMP + 1)
    except OSError as error:
        raise DumpUnreadable(f"{clean(str(path))}: {error.strerror or error}") from error


# --- profile --------------------------------------------------------------------------------------------------------


def settings_of(app: App) -> Settings:
    """Return the settings of station.toml; the defaults if there is none, since a dump needs no settings."""
    return app.settings() if (app.data / SETTINGS_NAME).exists() else Settings()


def site_of(app: App, settings: Settings, name: str | None) -> SiteProfile:
    """Return the profile of this name or file, else the station's own. Raises `SettingsError` with file and line."""
    if name is None:
        if not settings.tag.profile.endswith(OWN_FILE):
            return site_profile(settings)
        from station.runtime.station import load_profile

        return load_profile(settings, app.data)
    if name in profiles.READY or not name.endswith(OWN_FILE):
        return profiles.ready(name)
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_PROFILE + 1)
        if len(data) > MAX_PROFILE:
            raise SettingsError(f"{clean(name)}: more than {MAX_PROFILE} bytes: too large for a profile")
        return profiles.parse(data.decode("utf-8"), clean(Path(name).name))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{clean(name)}: byte {error.start} is not UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{clean(name)}: {clean(error.strerror or str(error))}") from error
