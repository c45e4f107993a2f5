"""`station demo`: the main job without hardware, played by a person or by a scripted operator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import click

from station.base import logs
from station.base.cells import cells, filled
from station.base.clock import SystemClock
from station.base.errors import SettingsError
from station.base.settings import Settings, load
from station.base.words import ENGLISH, tell
from station.cli.shared.app import as_json as in_json
from station.cli.shared.app import safe, speak_in
from station.cli.shared.typing_ahead import typing_ahead_dropped
from station.demo.result import OF_THE_PLAYER, Played, words_of
from station.runtime.data_directory import LOG, SETTINGS_NAME
from station.runtime.lock import Held, hold


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="Directory of the demo's journal, catalog and tags, which are kept from one demo to the next.",
)
@click.option(
    "--auto",
    type=click.IntRange(1, 5000),
    metavar="N",
    help="Let a scripted operator play N items; no terminal needed.",
)
@click.option(
    "--sign-on",
    is_flag=True,
    help="Require sign-on: ann (operator) 482913, tess (technician) 739105, tim (trainee) 305882, who must change "
    "his PIN.",
)
@click.option(
    "--weeding",
    is_flag=True,
    help="Play a cart of ten items to withdraw instead of new items. Their list is weeding.csv in the demo's directory.",
)
@click.option("--office", is_flag=True, help="Open the office beside the bench, for a browser of this machine.")
@click.option(
    "--fast", is_flag=True, help="With --auto: the emulated reader answers without the delays of wire and air."
)
@click.option("--json", "as_json", is_flag=True, help="With --auto: print one JSON object.")
def demo(data: Path, auto: int | None, sign_on: bool, weeding: bool, office: bool, fast: bool, as_json: bool) -> None:
    """Play the main job with an emulated reader, imaginary items and an imaginary library system.

    The language is screen.language in station.toml of the demo's own DIRECTORY, with words/LANGUAGE.po in that
    directory. With --auto, exit code 0 only if every item ended as its script says.
    """
    if auto is None and (fast or as_json):
        raise click.UsageError("--fast and --json need --auto")
    if auto is not None and (sign_on or weeding or office):
        raise click.UsageError(
            "--sign-on, --weeding and --office need a person at the screen, and cannot be used with --auto"
        )
    new = not (data / SETTINGS_NAME).exists()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold(data) as held:
        language = _language(data)
        logs.configure(data / LOG)
        if auto is None:
            with typing_ahead_dropped() as drop_keys:
                click.echo(safe(tell("demo.making" if new else "demo.opening")))
                _by_hand(data, held, language, drop_keys, sign_on=sign_on, weeding=weeding, office=office)
        else:
            _by_script(data, auto, language, fast=fast, as_json=as_json)


def _language(data: Path) -> str:
    """Switch to the language of the demo's own settings, and return it. Nothing else of them is used.

    The language is English if the settings cannot be read.
    """
    try:
        language = load(data / SETTINGS_NAME).screen.language
    except SettingsError:
        language = ENGLISH
    speak_in(language, data)
    return language


def _by_hand(
    data: Path,
    held: Held,
    language: str,
    drop_keys: Callable[[], None],
    *,
    sign_on: bool,
    weeding: bool,
    office: bool,
) -> None:
    # The screens are imported only when they are shown: a script starts faster without them.
    from station.catalog.sample.sample import SAMPLE_ITEMS
    from station.cli.session.screens import show
    from station.demo.hands import SPARE, ImaginaryBench
    from station.demo.shelf import shelf
    from station.demo.staff import cards
    from station.demo.stage import Stage
    from station.demo.weeding import cart
    from station.runtime.library_systems import catalog_index

    with Stage(data, sign_on=sign_on, weeding=weeding, language=language, progress=_say_step) as stage:
        barcodes = [(str(barcode), special) for barcode, _title, special in SAMPLE_ITEMS]
        items = (
            cart(stage.weeded, stage.settings)
            if weeding
            else shelf(barcodes, catalog_index(stage.settings, data), stage.settings)
        )
        stage.create(*(shelved.tag for shelved in items), SPARE)
        shown = partial(cards, data) if sign_on else tuple
        hands = ImaginaryBench(stage.reader, stage.ils, stage.station.bench, items, shown)
        hands.start()
        drop_keys()
        try:
            with _office_opened(stage.settings, data) if office else nullcontext():
                show(held, stage.station, stage.settings, hands)
        finally:
            hands.stop()


@contextmanager
def _office_opened(settings: Settings, data: Path) -> Iterator[None]:
    """Serve the office, and wait until the player has read its address: the screens hide it."""
    from station.cli.session.office import address, opened

    with opened(settings, data, SystemClock()) as serving:
        click.echo(safe(tell("demo.office-trust", data=str(data))))
        click.echo(safe(tell("demo.office", address=address(serving))))
        click.pause(safe(tell("demo.office-read")))
        yield


def _say_step(step: str) -> None:
    """Print the step that begins: the first start takes some seconds before the screens appear."""
    from station.demo.stage import STEPS

    click.echo(safe(f"  {tell(f'demo.step.{step}', at=STEPS.index(step) + 1, of=len(STEPS))}"))


def _by_script(data: Path, count: int, language: str, *, fast: bool, as_json: bool) -> None:
    from station.demo.auto import play
    from station.demo.stage import Stage

    with Stage(data, numbered_items=count + 1, virtual_clock=fast, language=language) as stage:
        if as_json:
            rows = play(stage, count)
        else:
            with click.progressbar(length=count, label=tell("demo.playing"), file=sys.stderr) as bar:
                rows = play(stage, count, lambda done, _total: bar.update(done - bar.pos))
    good = all(row.ok for row in rows)
    if as_json:
        click.echo(in_json({"ok": good, "items": rows}))
    else:
        for line in report_lines(rows):
            click.echo(safe(line))
    if not good:
        raise SystemExit(1)


def report_lines(rows: Sequence[Played]) -> Iterator[str]:
    """Yield a table of the items played, and how many ended as scripted.

    Results are verdicts and codes of faults, as in `station.demo.scripts`.
    """
    stories = [words_of(row.story) for row in rows]
    names = [tell(f"demo.column.{name}") for name in ("barcode", "story", "expected", "came")]
    width = max(map(cells, (*stories, names[1])))
    yield f"{'#':>4}  {filled(names[0], 14)}  {filled(names[1], width)}  {filled(names[2], 16)} {filled(names[3], 16)} "
    for row, story in zip(rows, stories, strict=True):
        mark = tell("demo.as-written") if row.ok else f"{tell('demo.not-as-written')}  {row.note}"
        came = tell(f"demo.came.{row.came.replace(' ', '-')}") if row.came in OF_THE_PLAYER else row.came
        yield f"{row.number:>4}  {row.barcode:14}  {filled(story, width)}  {row.expected:16} {filled(came, 16)} {mark}"
    yield tell("demo.ended", good=sum(row.ok for row in rows), items=len(rows))
