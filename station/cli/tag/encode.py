"""`station tag encode`: the memory of a tag with the given content. Nothing here writes to a tag."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import click
import msgspec

from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.tag.content_options import Values, content_for_model, content_for_site, values_options
from station.cli.tag.source import profile_option, settings_of, site_of, uid
from station.domain.tag_image import TagImage, Uid
from station.encoding.api import SLIX
from station.encoding.content import READ_AS, TagContent, TagProfile
from station.encoding.dumps.value import ANY_UID, MAX_MEMORY, Format
from station.encoding.dumps.write import write_dump
from station.encoding.profiles.value import DSFIDS
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.explain import explain as in_words
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import BY_NAME, DATA_MODELS, writable

__all__ = ["chosen", "encode", "model_option", "one_way_out", "to_option", "write_out"]

TEXT: Final = "text"
WRITABLE: Final = tuple(
    dict.fromkeys((*(each.name for each in DATA_MODELS if isinstance(each, WritableModel)), *BY_NAME))
)
WRITTEN: Final = tuple(form.value for form in Format if form is not Format.PROXMARK_BIN)


class EncodedTag(msgspec.Struct, frozen=True):
    """Report of `station tag encode --json`."""

    model: str
    image: TagImage
    """Tag as it would be: memory filled with zeros, DSFID and AFI of a finished tag in stock, nothing locked."""
    data: bytes
    """Bytes that the content needs, including its terminator."""
    used: int
    """Number of bytes of `data` that carry content."""
    free: int
    """Number of bytes after them."""
    lock: tuple[int, ...]
    """Blocks that the profile asks to lock."""
    content: TagContent


def chosen(app: App, values: Values, profile_name: str | None, model: str | None) -> tuple[TagProfile, TagContent]:
    """Return the profile and the content by it. Raises `SettingsError`, `ElementInvalid`, a usage error."""
    if profile_name is not None and model is not None:
        raise click.UsageError("Give either --profile or --model.")
    settings = settings_of(app)
    isil = values.isil(settings.library.isil)
    if model is not None:
        profile = TagProfile(isil=isil, model=model, dsfid=DSFIDS[READ_AS.get(model, model)])
        return profile, content_for_model(values, profile)
    site = site_of(app, settings, profile_name)
    return site.tag_profile(isil), content_for_site(values, site, isil)


# --- encode ---------------------------------------------------------------------------------------------------------

model_option: Final[Callable[[Any], Any]] = click.option(
    "--model", type=click.Choice(WRITABLE), help="Data model, instead of a profile."
)


def to_option(default: str) -> Callable[[Any], Any]:
    return click.option(
        "--to",
        type=click.Choice([TEXT, *WRITTEN]),
        default=default,
        show_default=True,
        help="Format of the output.",
    )


@click.command()
@data_option
@json_option
@values_options
@profile_option
@model_option
@click.option("--size", type=click.IntRange(1, MAX_MEMORY), default=SLIX, show_default=True, help="Bytes of memory.")
@click.option("--block-size", type=click.IntRange(1, 32), default=4, show_default=True, help="Bytes per block.")
@click.option("--uid", callback=uid, default=ANY_UID, metavar="UID", help="UID, for formats that contain one.")
@to_option(TEXT)
@pass_app
def encode(
    app: App,
    values: Values,
    profile_name: str | None,
    model: str | None,
    size: int,
    block_size: int,
    uid: Uid,
    to: str,
) -> None:
    """Encode the given content as the memory of a tag, in any format. Nothing is written to a tag.

    Content that the data model cannot carry, or that does not fit, is refused.
    """
    one_way_out(app, to)
    if size % block_size:
        raise click.UsageError(f"{size} bytes are not whole blocks of {block_size}.")
    profile, content = chosen(app, values, profile_name, model)
    encoded = writable(profile.model).encode(content, profile, block_size, size)
    image = TagImage(
        uid=uid,
        block_size=block_size,
        memory=encoded.data.ljust(size, b"\0"),
        locked=(False,) * (size // block_size),
        afi=profile.afi_in_stock,
        dsfid=profile.dsfid,
    )
    lock = tuple(
        block
        for offset, length in encoded.lock_bytes
        for block in range(offset // block_size, -(-(offset + length) // block_size))
    )
    if to != TEXT:
        write_out(write_dump(image, Format(to)), to)
        return
    used = encoded.content_end
    report = EncodedTag(profile.model, image, encoded.data, used, size - used, lock, content)
    lines = write_dump(image, Format.BLOCKS).decode("ascii").splitlines()
    lines = lines[: 1 + -(-len(encoded.data) // block_size)]
    lines.append(f"{used} bytes of {size} are used, all others are zero.")
    if lock:
        lines.append(f"To be locked: blocks {', '.join(map(str, lock))}.")
    app.report(report, [*lines, "", *in_words(image, recognise(image, profile), profile)])


def write_out(data: bytes, to: str) -> None:
    if to == Format.RAW.value and sys.stdout.isatty():
        raise click.UsageError("--to raw is for a file: the terminal cannot show it.")
    click.echo(data, nl=False)


def one_way_out(app: App, to: str) -> None:
    if app.json and to != TEXT:
        raise click.UsageError("--json and --to exclude each other; --to json is a dump.")
