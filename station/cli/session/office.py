"""`station office`: desk work in a browser."""

from __future__ import annotations

import datetime
import gc
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.base import logs
from station.base.clock import Clock
from station.base.errors import ExtraMissing, SettingsError, StoreReadOnly
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.words import tell
from station.cli.shared.app import App, data_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.reports.figures import DISTRIBUTIONS
from station.runtime.data_directory import LOG

if TYPE_CHECKING:  # of the extra
    from station.https.server import HttpsServer

_LOOK_S = 0.2


@click.command()
@data_option
@pass_app
def office(app: App) -> None:
    """Serve the pages of the office to the browsers of this account until Ctrl-C: what is in the catalog, what happened
    to each item, what is to fix, and what waits in the outbox. Where people sign on, they sign in there, too. Makes the
    certificate for this machine if there is none."""
    with suppress(StoreReadOnly):  # an office with an account of its own logs to stderr
        logs.configure(app.data / LOG)
    settings = app.settings()
    with stoppable(signal.SIGTERM) as stopped, opened(settings, app.data, app.clock) as serving:
        names = settings.office.names if settings.office.bind != "loopback" else ()
        app.note(tell("office.open", address=address(serving, *names)))
        app.note(tell("office.trust", command="station web certificate trust-help"))
        while serving.serving and not stopped():
            time.sleep(_LOOK_S)


@contextmanager
def opened(settings: Settings, data: Path, clock: Clock) -> Iterator[HttpsServer]:
    """Serve the office in threads of its own. Makes the certificate for this machine if there is none. Raises `SettingsError`
    if it cannot open."""
    with extra("office"):
        from station.https import certificates
        from station.office.server import SECTION, server

    pem = certificates.files(SECTION, settings.office.certificate, settings.office.key, data)
    if not settings.office.certificate and not pem.certificate.exists():
        certificates.make(data, (*settings.web.names, *settings.office.names), datetime.datetime.now(datetime.UTC))
    serving = server(settings, data, clock)
    try:
        serving.start()
    except OSError as error:
        raise SettingsError(Sentence("office.port-taken", port=serving.port)) from error
    threading.Thread(target=_load_statistics, name="office-statistics", daemon=True).start()
    try:
        yield serving
    finally:
        serving.stop()


def _load_statistics() -> None:
    """Load what the page Quality needs before its first reader waits for it (some seconds). What is loaded then stays,
    so the search for garbage, which pauses a page, leaves it out."""
    with suppress(ExtraMissing):  # the page says what to install
        DISTRIBUTIONS.ready()
    gc.collect()
    gc.freeze()


def address(serving: HttpsServer, *names: str) -> str:
    """Return the address that a browser opens. `names`: of this computer for others; none = a browser of this computer."""
    return f"https://{[*names, 'localhost'][0]}:{serving.port}/"
