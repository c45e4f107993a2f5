"""Proof of identity on the command line.

PINs are read from the terminal without echo, else from stdin, one per line. A PIN is never an argument, since every
process can read the arguments of all others.
"""

from __future__ import annotations

import sys

import click

from station.base.clock import Deadline
from station.base.errors import NotAllowed, NotFinished, SignOnNeeded
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, safe
from station.cli.shared.app import prompt as ask
from station.domain.commands import SignOn
from station.domain.people.sign_on import NOBODY, Pin, has_pin_form
from station.domain.ports import BenchPort, Worker
from station.runtime.acts import Acts
from station.runtime.identity.claims import Claims
from station.runtime.identity.proof import Identity
from station.runtime.open_journal import views
from station.runtime.socket.client import connect
from station.store.queries.queries import Queries

_LONGEST_LINE = 4096
_PATIENCE_S = 10.0


def queries(app: App) -> Queries:
    """Return read-only views of the journal. If no station has run here, create the journal first."""
    return views(app.data, app.clock, app.settings)


def acts(app: App) -> Acts:
    """Return what this command may do in the journal."""
    if app.acts is None:
        app.acts = Acts(app.settings(), app.data, app.clock)
    return app.acts


def identity(app: App) -> Identity:
    """Return the check of identities at this station."""
    return claims(app).identity


def claims(app: App) -> Claims:
    """Return the proofs of this command. PINs come from the terminal, else from the next lines of stdin."""
    if app.claims is None:
        app.claims = Claims(acts(app).identity, _pin_of, _lender)
    return app.claims


def _pin_of(who: Worker) -> Pin:
    if not (who.id or who.name):
        raise click.UsageError("Give --operator, or set station.operator in the settings.")
    return ask_pin(tell("people.pin-of", name=who.name) if who.registered and who.name else tell("people.pin"))


def _lender(refused: NotAllowed) -> str:
    """Ask for the login or card of a person who has the missing right; "" = there is none."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST_LINE)
    click.echo(safe(tell(refused.with_remedy)), err=True)
    return ask(tell("people.authorised-by"), empty=True)


def pin_prompt(app: App, name: str) -> str:
    """Return the prompt for a person's PIN. It shows only a known name, since the input may be a PIN."""
    return (
        tell("people.pin-of", name=name) if identity(app).authenticator.named(name) is not None else tell("people.pin")
    )


def shown_name(name: str) -> str:
    """Return `name` for an error message. Digits that could be a PIN are only counted."""
    plain = clean(name)
    return tell("people.digits", count=len(plain)) if has_pin_form(plain) else plain


def ask_pin(prompt: str) -> Pin:
    """Read one PIN. Raises `UsageError` if stdin has no line left."""
    if sys.stdin.isatty():
        return Pin(ask(prompt, hidden=True).strip())
    line = sys.stdin.readline(_LONGEST_LINE)
    if not line:
        raise click.UsageError("stdin has no line left for a PIN; give each PIN on its own line, in the order asked.")
    return Pin(line.strip())


def ask_new_pin(prompt: str) -> Pin:
    """Read a new PIN; at a terminal, ask for it twice."""
    first = ask_pin(prompt)
    if sys.stdin.isatty() and ask_pin(tell("people.once-more", asked=prompt)) != first:
        raise click.UsageError("Those were two different PINs. Nothing was changed.")
    return first


def at_the_bench(app: App, bench: BenchPort, who: str) -> None:
    """Make `who` the worker at the bench, before a command uses it.

    "" leaves the worker as is; if sign-on is required and no worker is signed on, it means the operator of the
    settings. If sign-on is required, asks for the PIN. Raises what `Service.sign_on` raises.
    """
    if not bench.snapshot.sign_on:
        if who:
            bench.submit(SignOn(clean(who)))
        return
    if not who and bench.snapshot.worker != NOBODY:
        return
    name = clean(who) or app.settings().station.operator
    client = connect(app.data)
    if client is None:
        raise SignOnNeeded()
    with client:
        ident = client.sign_on(name, ask_pin(pin_prompt(app, name)))
    deadline = Deadline(app.clock, _PATIENCE_S)
    while bench.snapshot.worker != ident:
        if deadline.expired:
            raise NotFinished(Sentence("people.not-yet"), Sentence("people.not-signed-on", name=ident))
        app.clock.pause(0.02)
