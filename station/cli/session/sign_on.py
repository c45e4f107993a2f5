"""`station sign-on`, `sign-off` and `who`: the touch screen's sign-on, from the command line."""

from __future__ import annotations

import click
import msgspec

from station.base.errors import NotFinished, StationClosed, WorkerGone
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.prove_identity import ask_pin, pin_prompt
from station.cli.shared.until import until
from station.cli.shared.who_asks import worker
from station.domain.commands import SignOff, SignOn
from station.domain.people.sign_on import NOBODY
from station.domain.snapshot import Snapshot
from station.runtime.socket.client import Client, connect

_PATIENCE_S = 10.0


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """Person who works at the bench."""

    worker: str
    """Id, as in the journal; "nobody" = no worker is signed on."""
    name: str
    signed_on: bool
    sign_on: bool
    """True if sign-on with card or badge and PIN is required."""
    asked: str = ""
    """Prompt on the station's screen ("who", "pin", ...); "" = none."""


@click.command("sign-on")
@data_option
@json_option
@click.argument("login")
@pass_app
def sign_on(app: App, login: str) -> None:
    """Sign on LOGIN (or a card's number) at the running station. If sign-on is required, asks for the PIN, or reads it
    from stdin. The item in hand stays the work of the person who started it."""
    with _station(app) as client:
        if client.snapshot().sign_on:
            name = client.sign_on(clean(login), ask_pin(pin_prompt(app, clean(login))))
        else:
            person = worker(app, login)
            if person.role is None:
                raise WorkerGone(person.id)
            client.submit(SignOn(person.id))
            name = person.id
        _say(app, _wait(app, client, name))


@click.command("sign-off")
@data_option
@json_option
@pass_app
def sign_off(app: App) -> None:
    """Sign off the worker at the running station. The item in hand stays in hand."""
    with _station(app) as client:
        if not client.snapshot().sign_on:
            raise NotFinished(Sentence("people.no-sign-on"), "people.sign_on = false")  # not for people: a setting
        client.submit(SignOff())
        _say(app, _wait(app, client, NOBODY))


@click.command()
@data_option
@json_option
@pass_app
def who(app: App) -> None:
    """Show who works at the running station now."""
    with _station(app) as client:
        until(client.snapshot, app.clock, _PATIENCE_S, lambda now: now.number > 0)  # the station may have just started
        _say(app, client.snapshot())


def _station(app: App) -> Client:
    client = connect(app.data)
    if client is None:
        raise StationClosed(str(app.data))
    return client


def _wait(app: App, client: Client, name: str) -> Snapshot:
    """Wait until the bench shows this worker. Raises `NotFinished` if that takes too long."""
    now = until(client.snapshot, app.clock, _PATIENCE_S, lambda now: now.worker == name)
    if now is None:
        raise NotFinished(Sentence("people.not-yet"), _at_the_bench(client.snapshot()))
    return now


def _say(app: App, now: Snapshot) -> None:
    here = Here(
        worker=now.worker,
        name=tell(now.operator),
        signed_on=now.worker != NOBODY,
        sign_on=now.sign_on,
        asked=now.sign_on_prompt.asks.value if now.sign_on_prompt is not None else "",
    )
    app.report(here, [_at_the_bench(now)])


def _at_the_bench(now: Snapshot) -> str:
    if now.worker == NOBODY:
        return tell("people.nobody-here")
    return tell("people.here", name=tell(now.operator) or now.worker)
