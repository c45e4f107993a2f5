"""`station reader configuration`: configuration of a FEIG reader. No other commands change the EEPROM of a reader."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from station.base.errors import NotPossible
from station.cli.reader.open import opened, setup_of
from station.cli.shared.app import App, confirm, data_option, json_option, pass_app, yes_option
from station.drivers.feig.control import BLOCK_BYTES, BLOCKS
from station.drivers.feig.setup import ConfigurationBlock

_LINE_BLOCK: Final = 1
"""Number of the block (CFG1) with address, speed and parity of the line."""

_eeprom: Final[Callable[[Any], Any]] = click.option(
    "--eeprom",
    is_flag=True,
    help="Use the EEPROM, from which the reader starts, instead of the RAM, which is in force.",
)
_block: Final = click.IntRange(0, BLOCKS - 1)


@click.group()
@data_option
def configuration() -> None:
    """Read or change the configuration blocks of a FEIG reader.

    A change in RAM is lost at the reader's next start; a change in the EEPROM takes effect at that start. The station
    sets what it needs itself (all tags at every inventory) in RAM whenever it connects.
    """


@configuration.command(name="read")
@data_option
@json_option
@click.argument("blocks", nargs=-1, type=_block, metavar="[BLOCK]...")
@_eeprom
@pass_app
def read_blocks(app: App, blocks: tuple[int, ...], eeprom: bool) -> None:
    """Show BLOCK, or every block; known blocks also with their meaning."""
    with opened(app) as reader:
        setup = setup_of(reader)
        if blocks:
            read = tuple(_require(setup.read(block, eeprom=eeprom), block) for block in blocks)
        else:
            read = setup.read_all(eeprom=eeprom)
    app.report({"blocks": read}, [line for block in read for line in _lines(block)])


def _require(block: ConfigurationBlock | None, number: int) -> ConfigurationBlock:
    if block is None:
        raise NotPossible(f"this reader has no configuration block {number} that can be read")
    return block


def _lines(block: ConfigurationBlock) -> list[str]:
    where = "EEPROM" if block.eeprom else "RAM"
    return [f"CFG{block.number} ({where})  {block.data}", *(f"  {meaning}" for meaning in block.meaning)]


def _content(ctx: click.Context, param: click.Parameter, value: str) -> bytes:
    if not re.fullmatch(f"[0-9A-Fa-f]{{{2 * BLOCK_BYTES}}}", value):
        raise click.BadParameter(f"a configuration block is {BLOCK_BYTES} bytes, {2 * BLOCK_BYTES} digits", ctx, param)
    return bytes.fromhex(value)


@configuration.command()
@data_option
@json_option
@click.argument("block", type=_block)
@click.argument("content", callback=_content, metavar="HEX")
@_eeprom
@yes_option
@pass_app
def write(app: App, block: int, content: bytes, eeprom: bool, yes: bool) -> None:
    """Write HEX (14 bytes) to BLOCK and read it back. Shows what changes, and asks first."""
    with opened(app) as reader:
        setup = setup_of(reader)
        old = _require(setup.read(block, eeprom=eeprom), block)
        for at, (was, will) in enumerate(zip(bytes.fromhex(old.data), content, strict=True)):
            if was != will:
                app.note(f"CFG{block} byte {at}: {was:02X} -> {will:02X}")
        if bytes.fromhex(old.data) == content:
            app.report({"block": old, "changed": False}, ["The block already has this content."])
            return
        if block == _LINE_BLOCK:
            app.note("CFG1 holds address, speed and parity: the station may need other settings afterwards.")
        _ask(app, "Write this into the reader?", yes)
        kept = setup.write(block, content, eeprom=eeprom)
    app.report({"block": kept, "changed": True}, _lines(kept))


_all: Final[Callable[[Any], Any]] = click.option("--all", "every", is_flag=True, help="All blocks.")


@configuration.command()
@data_option
@json_option
@click.argument("block", type=_block, required=False)
@_all
@yes_option
@pass_app
def save(app: App, block: int | None, every: bool, yes: bool) -> None:
    """Save BLOCK, or all blocks, from RAM to EEPROM. This includes what the station has set."""
    _one_or_all(block, every)
    with opened(app) as reader:
        setup = setup_of(reader)
        _ask(app, f"Save {_named(block)} in the reader's EEPROM?", yes)
        setup.save(block)
    app.report({"saved": "all" if block is None else block}, [f"{_named(block)} is saved in the EEPROM."])


@configuration.command()
@data_option
@json_option
@click.argument("block", type=_block, required=False)
@_all
@_eeprom
@yes_option
@pass_app
def default(app: App, block: int | None, every: bool, eeprom: bool, yes: bool) -> None:
    """Reset BLOCK, or all blocks, to the manufacturer's settings."""
    _one_or_all(block, every)
    with opened(app) as reader:
        setup = setup_of(reader)
        _ask(app, f"Reset {_named(block)} to the manufacturer's settings ({'EEPROM' if eeprom else 'RAM'})?", yes)
        setup.default(block, eeprom=eeprom)
    app.report(
        {"default": "all" if block is None else block}, [f"{_named(block)}: reset to the manufacturer's settings."]
    )


@configuration.command()
@data_option
@json_option
@yes_option
@pass_app
def restart(app: App, yes: bool) -> None:
    """Restart the reader (CPU reset). The EEPROM then takes effect, also for address, speed and parity."""
    with opened(app) as reader:
        setup = setup_of(reader)
        _ask(app, "Restart the reader?", yes)
        setup.restart()
    app.report({"restarted": True}, ["The reader restarts. station doctor shows whether it answers."])


def _one_or_all(block: int | None, every: bool) -> None:
    if (block is None) != every:
        raise click.UsageError("Give either BLOCK or --all.")


def _named(block: int | None) -> str:
    return "every configuration block" if block is None else f"CFG{block}"


def _ask(app: App, question: str, yes: bool) -> None:
    if yes:
        return
    if app.json or not sys.stdin.isatty():
        raise click.UsageError("no one can be asked here: add --yes")
    if not confirm(question):
        raise click.Abort()
