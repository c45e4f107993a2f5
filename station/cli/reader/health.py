"""`station reader health` and `station reader placement`: counters of the reader, and a test of the item's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

import click

from station.base.cells import cells, filled, table
from station.base.errors import ReaderSilent, RemoteProtocolError, TagError, TagsCollide
from station.base.words import tell
from station.cli.reader.open import opened
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.domain.commands import ReadPad
from station.domain.reader_health import Advice, Histogram, Placement, ReaderHealth, advice, placement
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader
from station.runtime.reader_figures import reader_figures
from station.runtime.socket.client import Client, connect

_BAR: Final = 30
"""Length of the longest bar of a histogram, in characters."""


@click.command()
@data_option
@json_option
@pass_app
def health(app: App) -> int | None:
    """Show counters, times and advice on the reader, from the running station or from the session that ended last.

    If the station was killed, up to ten seconds at its end are missing.

    Exit code 1 if nothing was ever counted here.
    """
    reader_health, running = reader_figures(app.data)
    if reader_health is None:
        app.report({"health": None, "advice": []}, [tell("health.nothing")])
        return NOT_GOOD
    say = advice(reader_health)
    app.report({"health": reader_health, "running": running, "advice": say}, _lines(reader_health, say, running))
    return None


def _lines(reader_health: ReaderHealth, say: tuple[Advice, ...], running: bool) -> Iterator[str]:
    line = reader_health.line
    who = f"{reader_health.name} {reader_health.firmware}".strip() or reader_health.driver
    if running:
        state = tell("health.state.connected" if reader_health.connected else "health.state.away")
    else:
        state = tell("health.state.cut-off" if reader_health.cut_off else "health.state.ended")
    yield tell("health.at", reader=who, port=reader_health.port, state=state)
    yield tell("health.since", since=reader_health.since, until=reader_health.until)
    yield ""
    yield from table(
        [
            (tell("health.row.connections"), f"{reader_health.connections}, {reader_health.lost}"),
            (tell("health.row.questions"), f"{line.exchanges}"),
            (f"  {tell('health.row.silent')}", f"{line.silent}"),
            (f"  {tell('health.row.garbled')}", f"{line.garbled}"),
            (f"  {tell('health.row.fences')}", f"{line.fences}"),
            (tell("health.row.stray"), f"{line.stray}"),
            (
                tell("health.row.collisions"),
                tell("health.of", some=reader_health.collisions, all=reader_health.tags.total),
            ),
        ]
    )
    yield ""
    heads = tuple(tell(f"health.column.{name}") for name in ("operation", "done", "failed", "half"))
    yield from table([heads, *_operations(reader_health)])
    for title, histogram, unit in (
        (tell("health.times.answer"), line.seconds, " s"),
        (tell("health.times.write"), reader_health.write_seconds, " s"),
        (tell("health.times.tags"), reader_health.tags, ""),
    ):
        if histogram.total:
            yield ""
            yield from (title, *_bars(histogram, unit))
    yield ""
    yield from _said(say)


def _operations(reader_health: ReaderHealth) -> Iterator[tuple[str, str, str, str]]:
    for operation in reader_health.operations:
        failed = ", ".join(f"{count} {code}" for code, count in sorted(operation.errors.items())) or "-"
        half = operation.seconds.quantile(0.5)
        yield operation.name, str(operation.done), failed, "-" if half is None else f"{half:g} s"


def _bars(histogram: Histogram, unit: str) -> Iterator[str]:
    most = max(histogram.counts)
    names = [tell("health.to", bound=f"{bound:g}{unit}") for bound in histogram.bounds]
    names.append(tell("health.above", bound=f"{histogram.bounds[-1]:g}{unit}"))
    width = max(map(cells, names))
    for name, count in zip(names, histogram.counts, strict=True):
        if count:
            yield f"  {filled(name, width)}  {'#' * max(1, round(_BAR * count / most))} {count}"


def _said(say: tuple[Advice, ...]) -> Iterator[str]:
    for hint in say:
        yield f"{'!' if hint.bad else '+'} {tell(hint.sentence)}"


@click.command(name="placement")
@data_option
@json_option
@click.option(
    "--polls", type=click.IntRange(2, 200), default=10, show_default=True, help="How many times to look at the pad."
)
@pass_app
def placement_test(app: App, polls: int) -> int | None:
    """Look at the pad many times, read each tag, and show how often it answers. Exit code 1 if the place is not good.

    Nothing is written. If a station is running, it does the looking; it must have no item in hand.
    """
    client = connect(app.data)
    if client is not None:
        with client:
            result = _poll(polls, lambda: _asked(client))
    else:
        with opened(app) as reader:
            result = _poll(polls, lambda: _looked(reader))
    app.report(result, [*table([(tag.uid, tell(tag.words)) for tag in result.tags]), *_said(result.advice)])
    return None if result.good else NOT_GOOD


class _Lost(Enum):
    """Look without a result for the tags."""

    UNRESOLVED = 1
    """Tags could not be separated."""
    UNHEARD = 2
    """The reader's own answer was damaged or missing."""


_Seen = frozenset[str] | _Lost

_MOST_UNHEARD: Final = 3
"""Silences in a row that mean a lost reader rather than a bad cable; its error then ends the test."""


def _poll(polls: int, look: Callable[[], _Seen]) -> Placement:
    """Look `polls` times. If the reader is lost, raises its error."""
    seen: list[_Seen] = []
    silent = 0
    for _ in range(polls):
        try:
            seen.append(look())
            silent = 0
        except ReaderSilent:
            silent += 1
            if silent == _MOST_UNHEARD:
                raise
            seen.append(_Lost.UNHEARD)
    heard = [frozenset() if isinstance(answer, _Lost) else answer for answer in seen if answer is not _Lost.UNHEARD]
    return placement(heard, seen.count(_Lost.UNRESOLVED), seen.count(_Lost.UNHEARD))


def _looked(reader: ManagedReader) -> _Seen:
    """Return the tags that answer the inventory and whose first block can be read."""
    try:
        inventory = reader.inventory()
        if inventory.collision:
            return _Lost.UNRESOLVED
        return frozenset(tag.uid for tag in inventory.tags if _reads(reader, tag.uid))
    except RemoteProtocolError:
        return _Lost.UNHEARD


def _reads(reader: ManagedReader, uid: Uid) -> bool:
    try:
        reader.read_blocks(uid, 0, 1)
    except TagError:
        return False
    return True


def _asked(client: Client) -> _Seen:
    answer = client.ask(ReadPad())
    if answer.refusal is not None:
        if answer.refusal.code == TagsCollide.code:
            return _Lost.UNRESOLVED
        if answer.refusal.code in _NO_ANSWER:
            return frozenset()
        if answer.refusal.code == RemoteProtocolError.code:
            return _Lost.UNHEARD
        if answer.refusal.code == ReaderSilent.code:
            raise ReaderSilent(answer.refusal.detail)
        raise click.ClickException(tell(answer.refusal.sentence))
    return frozenset(tag.uid for tag in answer.tags)


_NO_ANSWER: Final = ("tag-absent", "tag-unreadable")
