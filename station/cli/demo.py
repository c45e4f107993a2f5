"""`station demo`: the whole job without hardware, played by hand or by a scripted operator."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from station import logs
from station.control.lock import Held, hold


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Where the demo keeps its journal, catalog and tags; they survive from one demo to the next.",
)
@click.option(
    "--auto",
    type=click.IntRange(1, 5000),
    metavar="N",
    help="Let a scripted operator play N items; no terminal needed.",
)
@click.option("--fast", is_flag=True, help="With --auto: the emulated reader does not wait for wire and air.")
@click.option("--json", "as_json", is_flag=True, help="With --auto: print one JSON object.")
def demo(data: Path, auto: int | None, fast: bool, as_json: bool) -> None:
    """Play the main job with an emulated reader, imaginary items and an imaginary library system.

    With --auto, exits 0 only if every item ended as its script says.
    """
    if auto is None and (fast or as_json):
        raise click.UsageError("--fast and --json go with --auto")
    data.mkdir(parents=True, exist_ok=True)
    with hold(data) as held:
        logs.configure(data / "station.log")
        if auto is None:
            _by_hand(data, held)
        else:
            _by_script(data, auto, fast=fast, as_json=as_json)


def _by_hand(data: Path, held: Held) -> None:
    # The screens are imported only where they are shown: a script starts faster without them.
    from station.catalog.sample import SAMPLE_ITEMS
    from station.cli.face import show
    from station.demo.imaginary import SPARE, ImaginaryBench
    from station.demo.shelf import shelf
    from station.demo.stage import Stage
    from station.systems import catalog_index

    with Stage(data) as stage:
        barcodes = [(str(barcode), special) for barcode, _title, special in SAMPLE_ITEMS]
        items = shelf(barcodes, catalog_index(stage.settings, data), stage.settings)
        stage.create(*(shelved.tag for shelved in items), SPARE)
        hands = ImaginaryBench(stage.reader, stage.ils, stage.station.bench, items)
        hands.start()
        try:
            show(held, stage.station, stage.settings, hands)
        finally:
            hands.stop()


def _by_script(data: Path, count: int, *, fast: bool, as_json: bool) -> None:
    from station.demo.auto import play
    from station.demo.stage import Stage

    with Stage(data, numbered_items=count + 1, virtual_clock=fast) as stage:
        if as_json:
            rows = play(stage, count)
        else:
            with click.progressbar(length=count, label="Playing", file=sys.stderr) as bar:
                rows = play(stage, count, lambda done, _total: bar.update(done - bar.pos))
    good = all(row.ok for row in rows)
    if as_json:
        click.echo(msgspec.json.encode({"ok": good, "items": rows}).decode())
    else:
        width = max(len(row.story) for row in rows)
        click.echo(f"{'#':>4}  {'barcode':14}  {'story':{width}}  {'expected':16} {'came':16} ")
        for row in rows:
            mark = "ok" if row.ok else f"NOT AS WRITTEN  {row.note}"
            click.echo(
                f"{row.number:>4}  {row.barcode:14}  {row.story:{width}}  {row.expected:16} {row.came:16} {mark}"
            )
        click.echo(f"{sum(row.ok for row in rows)} of {len(rows)} items ended as their script says")
    if not good:
        raise SystemExit(1)
