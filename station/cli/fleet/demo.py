"""`station fleet demo`: a center with three benches on this machine."""

from __future__ import annotations

import signal
import tempfile
from contextlib import nullcontext
from pathlib import Path

import click

from station.base import logs
from station.base.errors import SettingsError
from station.base.extras import extra
from station.base.sentence import Sentence
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.runtime.data_directory import LOG


@click.command()
@data_option
@json_option
@pass_app
def demo(app: App) -> None:
    """Play a center with three benches until Ctrl-C, and show the office over all of them.

    It has a PostgreSQL 17 of its own, the center's commands, emulated readers, imaginary items, and scripted operators.
    Everything is removed at the end. With --data, center and benches are kept there, in a new directory; the database is
    not.
    """
    with extra("fleet"):
        from station.demo.fleet import FleetStage

    kept = nullcontext(str(app.data)) if app.data_said else tempfile.TemporaryDirectory(prefix="station-fleet-")
    if app.data_said and app.data.exists():
        raise SettingsError(Sentence("fleet.demo-there", path=str(app.data)))
    with stoppable(signal.SIGTERM) as stopped, kept as folder:
        data = Path(folder)
        data.mkdir(mode=0o700, exist_ok=True)
        logs.configure(data / LOG)

        def progress(step: str) -> None:
            if stopped():
                raise click.Abort
            app.note(f"{step} ...")

        with FleetStage(data, app.clock, progress) as stage:
            app.report(
                {"office": stage.address, "center": str(stage.center)},
                [
                    f"The office over all benches: {stage.address}",
                    "The browser does not know its certificate: let it go on.",
                    f"In another terminal: station fleet status --data {stage.center}",
                    "Bench 1 and Bench 2 work on. Bench 3 is silent. Ctrl-C ends all of it.",
                ],
            )
            stage.work(stopped)
