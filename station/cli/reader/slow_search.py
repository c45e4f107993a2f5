"""Second, slower search for readers: announced, with progress, ended by Ctrl-C."""

from __future__ import annotations

import io
import math
import sys
import threading

import click

from station.base.settings import Reader
from station.base.words import tell
from station.cli.shared.app import App
from station.cli.shared.interrupt import stoppable
from station.drivers.search.discovery import Found, Round, slow_lines, slow_round, unanswered
from station.drivers.search.probes import SLOW_S


def search_slowly(app: App, found: tuple[Found, ...], known: Reader) -> tuple[tuple[Found, ...], bool]:
    """Search again, slowly, at the ports that gave no understood answer. Return all results, and True if stopped.

    No request is sent that the quick search did not send.
    """
    count = len(unanswered(found))
    lines, seconds = slow_lines(found, known)
    app.note(tell("reader.patient", count=count, patience=f"{SLOW_S:g}", seconds=math.ceil(seconds)))
    lock = threading.Lock()
    shown = io.StringIO() if app.json else sys.stderr
    with stoppable() as stop, click.progressbar(length=lines, label=tell("reader.asking"), file=shown) as bar:

        def tried() -> None:
            with lock:
                bar.update(1)

        heard = slow_round(found, known, app.clock, Round(stop=stop, tried=tried))
        stopped = stop()
    if stopped:
        app.note(tell("reader.patient-stopped"))
    return heard, stopped
