"""`station tag`: look at a tag's memory, on the pad or from a dump, and write one without the checklist."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from station.cli.app import SETTINGS_NAME, App, data_option, json_option, part_option, pass_app
from station.encoding.content import Recognition, TagProfile
from station.encoding.recognise import explain, recognise
from station.errors import ElementInvalid
from station.model import TagImage, Uid
from station.settings import Settings
from station.text import printable_hex

MAX_DUMP: Final = 64 * 1024
"""Largest dump that is read, in characters; a tag of ISO/IEC 15693 has at most 8 KiB."""


@click.group()
def tag() -> None:
    """Read, explain and write single tags."""


class DecodedTag(msgspec.Struct, frozen=True):
    """What `station tag read` and `decode` report."""

    image: TagImage
    recognition: Recognition
    explanation: tuple[str, ...]


@tag.command()
@data_option
@json_option
@pass_app
def read(app: App) -> None:
    """Every tag on the pad, byte for byte."""
    from station.cli.pad import images

    found = images(app)
    lines: list[str] = []
    for image in found:
        lines += [
            f"UID {image.uid}  DSFID {image.dsfid:02X}  AFI {image.afi:02X}",
            *(
                f"block {block:3}  {printable_hex(image.block(block))}{'  locked' if locked else ''}"
                for block, locked in enumerate(image.locked)
            ),
        ]
    app.report(found, lines)


@tag.command()
@data_option
@json_option
@click.argument("dump", required=False)
@click.option(
    "--file", "path", type=click.Path(dir_okay=False, path_type=Path), help='Read the dump from a file; "-" is stdin.'
)
@click.option("--binary", is_flag=True, help="The file holds the bytes themselves, not hexadecimal digits.")
@click.option("--uid", default="E004000000000000", show_default=True, help="UID of the tag.")
@click.option("--block-size", type=click.IntRange(1, 32), default=4, show_default=True, help="Bytes in a block.")
@click.option("--dsfid", type=click.IntRange(0, 255), help="DSFID of the tag; the library's own if it is not known.")
@click.option("--afi", type=click.IntRange(0, 255), default=0, show_default=True, help="AFI of the tag.")
@pass_app
def decode(
    app: App,
    dump: str | None,
    path: Path | None,
    binary: bool,
    uid: str,
    block_size: int,
    dsfid: int | None,
    afi: int,
) -> None:
    """Explain a tag's memory: DUMP in hexadecimal (block 0 first), a file, or else every tag on the pad."""
    settings = app.settings() if (app.data / SETTINGS_NAME).exists() else Settings()
    wanted = profile(settings, app.data)
    if dump is not None and path is not None:
        raise click.UsageError("Give either a dump or a file.")
    if dump is None and path is None:
        from station.cli.pad import images

        found = images(app)
    else:
        memory = _file(path, binary=binary) if path is not None else unhex(dump or "")
        if len(memory) % block_size:
            raise ElementInvalid(f"{len(memory)} bytes are not whole blocks of {block_size}")
        name = uid.upper()
        if not re.fullmatch(r"[0-9A-F]{16}", name):
            raise click.UsageError("--uid is 16 hexadecimal digits, most significant byte first.")
        locked = (False,) * (len(memory) // block_size)
        found = (TagImage(Uid(name), block_size, memory, locked, afi, wanted.dsfid if dsfid is None else dsfid),)
    decoded = tuple(_decoded(image, wanted) for image in found)
    app.report(decoded, [line for each in decoded for line in each.explanation])


@tag.command()
@data_option
@json_option
@click.argument("barcode")
@click.option("--choose", multiple=True, metavar="CHOICE", help="What to choose when the station stops; in order.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="Give up when nothing changes for so long, in seconds.",
)
@part_option
@pass_app
def write(app: App, barcode: str, choose: tuple[str, ...], timeout: float, part: int) -> int:
    """Write the tag of one item, verify it, and leave the checklist to `station process`.

    The item is set aside afterwards: it has no verdict.
    """
    from station.cli.headless import Wish
    from station.cli.process import carry_out

    return carry_out(app, Wish(barcode=barcode, choices=choose, timeout=timeout, write_only=True, part=part))


@tag.command()
@data_option
@json_option
@click.argument("uid")
@click.option("--reason", default="lost or thrown away", show_default=True, help="Why; it goes into the journal.")
@pass_app
def abandon(app: App, uid: str, reason: str) -> int:
    """Give the half written tag with this UID up: it was lost or thrown away and will never be finished.

    Exit code 1 when no write to that tag is open.
    """
    from station.cli.abandoning import give_up

    name = uid.upper()
    if not re.fullmatch(r"[0-9A-F]{16}", name):
        raise click.UsageError("UID is 16 hexadecimal digits, most significant byte first.")
    return give_up(app, Uid(name), reason)


def profile(settings: Settings, data: Path) -> TagProfile:
    """What our own tags look like; `data` is where the site's own profile file lies."""
    from station.wiring import load_profile

    return load_profile(settings, data).tag_profile(settings.library.isil)


def _decoded(image: TagImage, wanted: TagProfile) -> DecodedTag:
    recognition = recognise(image, wanted)
    return DecodedTag(image, recognition, explain(image, recognition))


def _file(path: Path, *, binary: bool) -> bytes:
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MAX_DUMP + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_DUMP + 1)
    except OSError as error:
        raise ElementInvalid(f"{path}: {error}") from error
    if len(data) > MAX_DUMP:
        raise ElementInvalid(f"{path}: more than {MAX_DUMP} bytes are no tag")
    return data if binary else unhex(data.decode("ascii", errors="replace"))


def unhex(text: str) -> bytes:
    """Hexadecimal digits, with or without spaces, colons or line ends between bytes; raises `ElementInvalid`."""
    digits = re.sub(r"[\s:]+", "", text)
    if not digits or len(digits) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", digits):
        raise ElementInvalid("the dump is not an even number of hexadecimal digits")
    return bytes.fromhex(digits)
