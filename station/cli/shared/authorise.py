"""Authorization at the terminal, for commands that use a bench.

A person with the right identifies themselves at this terminal (card, badge or login) and enters a PIN. The station
checks both, as it does at its screen, and gives the command a grant for this one action.

Without a terminal the command is refused. The PIN is never displayed, and is sent only over the station's socket.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import msgspec

from station.base.clock import Deadline
from station.base.errors import NotAllowed, SignOnNeeded, StationClosed, WorkError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, prompt, safe
from station.domain.commands import Authorise, CancelQuestion, PadRequest, UndoWrite, UpdateItem
from station.domain.pad_answers import Refusal
from station.domain.people.rights import Right, lacking, least, person_with
from station.domain.people.sign_on import Claim, Pin, SignOnPrompt, Why, has_pin_form
from station.domain.ports import BenchPort
from station.runtime.socket.client import Client, connect

_PATIENCE_S = 10.0


class TerminalAuthoriser:
    """Answers the authorization prompts of one bench. Leaves alone a prompt that was open before it started."""

    def __init__(self, app: App, bench: BenchPort) -> None:
        self._app = app
        self._bench = bench
        sign_on_prompt = bench.snapshot.sign_on_prompt
        self._others = {sign_on_prompt.question} if sign_on_prompt is not None else set()
        self._mine: set[str] = set()
        self._refused: NotAllowed | None = None

    def answer_prompt(self, sign_on_prompt: SignOnPrompt | None) -> bool:
        """Answer a new prompt; return True while a prompt of this command is open. Later snapshots show its outcome.

        Raises `NotAllowed`, after withdrawing the prompt, if there is no terminal to ask at, and `SignOnNeeded` if the
        worker at the bench is no longer signed on.
        """
        if sign_on_prompt is None:
            return False
        if sign_on_prompt.why is Why.SIGN_ON:
            raise SignOnNeeded()
        if sign_on_prompt.why is not Why.AUTHORISE or sign_on_prompt.question in self._others:
            return False
        if sign_on_prompt.question not in self._mine:
            self._mine.add(sign_on_prompt.question)
            self._ask(sign_on_prompt)
        return True

    @property
    def refusal(self) -> NotAllowed | None:
        """Refusal of the newest prompt, unless it was authorized here."""
        return self._refused

    def _ask(self, sign_on_prompt: SignOnPrompt) -> None:
        self._refused = not_allowed(sign_on_prompt.right)
        if not can_ask():
            self._cancel(sign_on_prompt)
            raise not_allowed(sign_on_prompt.right, no_terminal=True)
        client = connect(self._app.data)
        if client is None:
            raise StationClosed()
        with client:
            grant = lent(
                client, sign_on_prompt.question, sign_on_prompt.right, tell(sign_on_prompt.what), self._standing
            )
        if not grant:
            self._cancel(sign_on_prompt)
            return
        self._refused = None
        self._bench.submit(Authorise(sign_on_prompt.question, grant))

    def _cancel(self, sign_on_prompt: SignOnPrompt) -> None:
        """Withdraw the prompt, and wait until it is gone: the next command must find the bench as it was before."""
        self._bench.submit(CancelQuestion(sign_on_prompt.question))
        deadline = Deadline(self._app.clock, _PATIENCE_S)
        while self._standing(sign_on_prompt.question) is not None and not deadline.expired:
            self._app.clock.pause(0.02)

    def _standing(self, question: str) -> SignOnPrompt | None:
        sign_on_prompt = self._bench.snapshot.sign_on_prompt
        return sign_on_prompt if sign_on_prompt is not None and sign_on_prompt.question == question else None


def refuse_prompt(sign_on_prompt: SignOnPrompt | None) -> bool:
    """Refuse every authorization prompt; used in place of `TerminalAuthoriser.answer_prompt` without a terminal."""
    if sign_on_prompt is not None and sign_on_prompt.why is Why.AUTHORISE:
        raise not_allowed(sign_on_prompt.right, no_terminal=True)
    return False


def can_ask() -> bool:
    """Return True if stdin is a terminal. This holds with --json, too: prompts do not go to stdout."""
    return sys.stdin.isatty()


def not_allowed(right: str, *, no_terminal: bool = False) -> NotAllowed:
    """Return the refusal that names the lowest role with this right and, with `no_terminal`, the lack of a terminal."""
    refused = lacking(Right(right))
    if no_terminal:
        refused.detail = Sentence("people.no-terminal", what=refused.detail)
    return refused


def lent(
    client: Client, what: str, right: str, action: str, standing: Callable[[str], SignOnPrompt | None] | None = None
) -> str:
    """Ask at this terminal until a person with the right has proven their identity. Return the grant, "" = none was
    given.

    `standing` returns the open prompt of the bench, or None once it is closed. A person who presents a card or badge at
    the station's own reader is known from that prompt.
    """
    click.echo(safe(tell("people.authorise", what=action, role=person_with(least(Right(right)).value))), err=True)
    while True:
        try:
            claim = _claim(lambda: standing(what) if standing is not None else None)
        except click.Abort:
            click.echo(err=True)
            return ""
        if claim is None:
            return ""
        if standing is not None and standing(what) is None:
            click.echo(safe(tell("people.over")), err=True)
            return ""
        if not has_pin_form(claim.pin.text):
            click.echo(safe(tell("people.pin-form")), err=True)
            continue
        try:
            return client.authorise(what, Right(right), claim.name, claim.pin)
        except WorkError as error:
            click.echo(safe(tell(error.with_remedy)), err=True)


def _claim(standing: Callable[[], SignOnPrompt | None]) -> Claim | None:
    name = clean(prompt(tell("people.authorised-by"), empty=True))
    if not name:
        sign_on_prompt = standing()
        name = sign_on_prompt.worker if sign_on_prompt is not None else ""
        if sign_on_prompt is None or not name:
            return None
        click.echo(safe(sign_on_prompt.who), err=True)
    return Claim(name=name, pin=Pin(prompt(tell("people.pin"), hidden=True).strip()))


def lent_request(client: Client, request: PadRequest, refusal: Refusal) -> PadRequest | None:
    """Return the refused request with a grant; None if it was not refused for a right, or no grant was given.

    Raises `NotAllowed` if there is no terminal to ask at.
    """
    if not refusal.right or not isinstance(request, UndoWrite | UpdateItem):
        return None
    if not can_ask():
        raise not_allowed(refusal.right, no_terminal=True)
    if refusal.uid:
        request = msgspec.structs.replace(request, uid=refusal.uid)
    grant = lent(client, request.purpose, refusal.right, tell(f"people.right.{refusal.right}"))
    return msgspec.structs.replace(request, grant=grant) if grant else None
