"""`station office`: desk work in a browser."""

from __future__ import annotations

import datetime
import signal
import time

import click

from station.base import logs
from station.base.errors import SettingsError
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.app import App, data_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.runtime.data_directory import LOG

_LOOK_S = 0.2


@click.command()
@data_option
@pass_app
def office(app: App) -> None:
    """Serve the pages of the office to the browsers of this account until Ctrl-C: what is in the catalog, and what
    happened to each item. Makes the certificate for this machine if there is none."""
    with extra("office"):
        from station.https import certificates
        from station.office.server import SECTION, server

    settings = app.settings()
    if settings.people.sign_on:
        raise SettingsError(Sentence("office.no-sign-on"))
    pem = certificates.files(SECTION, settings.office.certificate, settings.office.key, app.data)
    if not settings.office.certificate and not pem.certificate.exists():
        certificates.make(app.data, settings.web.names, datetime.datetime.now(datetime.UTC))
    logs.configure(app.data / LOG)
    serving = server(settings, app.data, app.clock)
    try:
        serving.start()
    except OSError as error:
        raise SettingsError(Sentence("office.port-taken", port=serving.port)) from error
    with stoppable(signal.SIGTERM) as stopped:
        app.note(tell("office.open", address=f"https://localhost:{serving.port}/"))
        app.note(tell("office.trust", command="station web certificate trust-help"))
        while serving.serving and not stopped():
            time.sleep(_LOOK_S)
    serving.stop()
