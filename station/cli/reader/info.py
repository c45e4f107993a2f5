"""`station reader info` and `station reader signal`: the reader's description of itself, its lamp and its beeper."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.base.cells import table
from station.base.errors import NotPossible
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.reader.open import opened
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.domain.ports import ReaderCapabilities, Signal
from station.drivers.feig.reader import FeigReader
from station.drivers.feig.setup import Description
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.owner import learn


@click.command()
@data_option
@json_option
@pass_app
def info(app: App) -> None:
    """Show what the reader reports about itself, and what it can do. Nothing is changed."""
    with opened(app) as reader:
        learn(reader)
        known = KnownReaders(app.data)
        known.learned(reader.capabilities)
        can = known.added(reader.capabilities)
        description = reader.setup.describe() if isinstance(reader, FeigReader) else None
    app.report(
        {"capabilities": can, "description": description},
        table([*_can(can), *(_told(description) if description else ())]),
    )


def _can(can: ReaderCapabilities) -> Iterator[tuple[str, str]]:
    yield tell("reader.is.reader"), can.name
    yield tell("reader.is.firmware"), can.firmware
    yield tell("reader.is.blocks"), f"{can.max_blocks_per_read}, {can.max_blocks_per_write}"
    yield tell("reader.is.sizes"), ", ".join(map(str, can.block_sizes)) or tell("reader.any")
    yield tell("reader.is.locks"), _yes(can.can_lock)
    yield tell("reader.is.eas"), _yes(can.can_eas)
    yield tell("reader.is.field"), _yes(can.can_reset_field)
    yield tell("reader.is.antennas"), str(can.antennas)
    yield tell("reader.is.afi"), _yes(can.can_afi)
    yield tell("reader.is.dsfid"), _yes(can.can_dsfid)
    yield tell("reader.is.signal"), _yes(can.can_signal)
    for lack in can.lacks:
        yield tell("reader.is.lacks"), tell(f"reader.lacks.{lack}")


def _told(description: Description) -> Iterator[tuple[str, str]]:
    yield tell("reader.is.hardware"), f"{description.hardware}, {description.software_type}"
    yield tell("reader.is.reads"), ", ".join(description.transponders)
    yield tell("reader.is.frames"), description.frames
    yield tell("reader.is.customs"), description.customs
    if description.receive_buffer is not None:
        yield (
            tell("reader.is.buffers"),
            tell("reader.bytes", receive=description.receive_buffer, send=description.send_buffer),
        )
    if description.device:
        yield tell("reader.is.device"), description.device
    if description.t_cl is not None:
        yield tell("reader.is.t-cl"), _yes(description.t_cl)
    if description.inputs is not None:
        yield (
            tell("reader.is.inputs"),
            ", ".join(tell("reader.on" if on else "reader.off") for on in description.inputs),
        )


def _yes(is_so: bool) -> str:
    return tell("reader.yes" if is_so else "reader.no")


@click.command()
@data_option
@json_option
@click.argument("kind", type=click.Choice([kind.value for kind in Signal]))
@pass_app
def signal(app: App, kind: str) -> None:
    """Signal KIND with the reader's lamp and beeper, as after a verdict."""
    with opened(app) as reader:
        if not reader.capabilities.can_signal:
            raise NotPossible(Sentence("reader.no-signal"))
        reader.signal(Signal(kind))
    app.report({"signal": kind}, [tell("reader.signalled", kind=kind)])
