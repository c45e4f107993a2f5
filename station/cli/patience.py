"""A second, patient round for readers that take their time: said before, shown while it goes on, ended by Ctrl-C."""

from __future__ import annotations

import io
import math
import sys
import threading

import click

from station.cli.app import App
from station.cli.stopping import stoppable
from station.drivers.discovery import Found, Round, patient_lines, unanswered, with_patience
from station.drivers.probes import PATIENT_S
from station.settings import Reader
from station.words import tell


def patient(app: App, found: tuple[Found, ...], known: Reader) -> tuple[tuple[Found, ...], bool]:
    """What was found, after a patient round over the ports that answered nothing that was understood; and whether somebody
    stopped it. Nothing is asked that the quick round did not ask."""
    count = len(unanswered(found))
    lines, seconds = patient_lines(found, known)
    app.note(tell("reader.patient", count=count, patience=f"{PATIENT_S:g}", seconds=math.ceil(seconds)))
    lock = threading.Lock()
    shown = io.StringIO() if app.json else sys.stderr
    with stoppable() as stop, click.progressbar(length=lines, label=tell("reader.asking"), file=shown) as bar:

        def tried() -> None:
            with lock:
                bar.update(1)

        heard = with_patience(found, known, app.clock, Round(stop=stop, tried=tried))
        stopped = stop()
    if stopped:
        app.note(tell("reader.patient-stopped"))
    return heard, stopped
