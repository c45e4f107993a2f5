"""Commands of the center."""

from __future__ import annotations

import datetime
import signal
import time
from contextlib import suppress

import click

from station.base import logs
from station.base.errors import SettingsError, StoreReadOnly
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.settings import Fleet
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.runtime.data_directory import LOG

_LOOK_S = 0.2


def center_settings(app: App) -> Fleet:
    """Return the settings of a center. Raises `SettingsError` where there is none."""
    fleet = app.settings().fleet
    if not fleet.database:
        raise SettingsError(Sentence("fleet.no-database"))
    return fleet


@click.command()
@data_option
@json_option
@pass_app
def migrate(app: App) -> None:
    """Make the center's tables and roles, or bring them up to date. Run it as an account that may create roles in
    PostgreSQL."""
    with extra("fleet"):
        from station.store.postgres.connection import connect
        from station.store.postgres.migrations import migrate as bring_up_to_date

    with connect(center_settings(app).database) as connection:
        ran = bring_up_to_date(connection)
    app.report({"steps": ran}, [f"Step {name} is done." for name in ran] or ["Nothing was to do."])


@click.command()
@data_option
@pass_app
def serve(app: App) -> None:
    """Take what the benches send until Ctrl-C. Makes the certificate for this machine if there is none."""
    with extra("fleet"):
        from station.fleet.server import SECTION, server
        from station.https import certificates

    fleet = center_settings(app)
    with suppress(StoreReadOnly):
        logs.configure(app.data / LOG)
    pem = certificates.files(SECTION, fleet.certificate, fleet.key, app.data)
    if not fleet.certificate and not pem.certificate.exists():
        certificates.make(app.data, app.settings().web.names, datetime.datetime.now(datetime.UTC))
    serving = server(fleet, app.data)
    with stoppable(signal.SIGTERM) as stopped:
        try:
            serving.start()
        except OSError as error:
            raise SettingsError(Sentence("fleet.port-taken", port=serving.port)) from error
        try:
            app.note(f"Benches reach this center at port {serving.port}. Ctrl-C ends it.")
            while serving.serving and not stopped():
                time.sleep(_LOOK_S)
        finally:
            serving.stop()


@click.command()
@data_option
@json_option
@click.option("--site", default="", metavar="NAME", help="Site of the bench.")
@click.option(
    "--bench", metavar="ID", help="A bench that gets another key, on a new machine; its present key ends then."
)
@pass_app
def invite(app: App, site: str, bench: str | None) -> None:
    """Print a code with which a bench joins the center. It works once, within an hour."""
    if bool(site) == (bench is not None):
        raise click.UsageError("Give either --site, for a new bench, or --bench.")
    with extra("fleet"):
        from station.store.postgres.connection import connect
        from station.store.postgres.invitations import invite as new_code

    with connect(center_settings(app).database) as connection:
        code = new_code(connection, site, datetime.timedelta(hours=1), bench)
    command = "join" if bench is None else "restore"
    app.report({"code": code}, [f"At the bench, within an hour: station fleet {command} {code}"])
