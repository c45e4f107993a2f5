"""A technician on the spot for commands that work at a bench: who lends a right says at this terminal who he is (card, badge or
login) and proves it (PIN). The station looks at both, as it does at its screen; the command gets a grant for this one thing.

Where there is no terminal nobody is asked, and nothing is done. The PIN is never shown, and travels nowhere but over the
station's socket.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import msgspec

from station.base.clock import Deadline
from station.base.errors import NotAllowed, SignOnNeeded, StationClosed, WorkError
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, prompt, safe
from station.domain.commands import Authorise, CancelQuestion, PadRequest, UndoWrite, UpdateItem
from station.domain.ports import BenchPort
from station.domain.rights import Right, least
from station.domain.sign_on import Claim, Pin, SignOnPrompt, Why, has_pin_form
from station.domain.snapshot import Refusal
from station.runtime.socket.client import Client, connect

_PATIENCE_S = 10.0


class TerminalAuthoriser:
    """Meets the questions of one bench that want a right. Those that stood before it began are somebody else's."""

    def __init__(self, app: App, bench: BenchPort) -> None:
        self._app = app
        self._bench = bench
        sign_on_prompt = bench.snapshot.sign_on_prompt
        self._others = {sign_on_prompt.question} if sign_on_prompt is not None else set()
        self._mine: set[str] = set()
        self._refused: NotAllowed | None = None

    def answer_prompt(self, sign_on_prompt: SignOnPrompt | None) -> bool:
        """True while a question of this command's stands: it was asked here, and later snapshots tell what came of it.

        Raises `NotAllowed` where nobody can be asked here, after withdrawing the question; `SignOnNeeded` where nobody works
        at the bench any more.
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
        """Of the newest question that nobody has authorised here."""
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
            grant = lent(client, sign_on_prompt.question, sign_on_prompt.right, sign_on_prompt.what, self._standing)
        if not grant:
            self._cancel(sign_on_prompt)
            return
        self._refused = None
        self._bench.submit(Authorise(sign_on_prompt.question, grant))

    def _cancel(self, sign_on_prompt: SignOnPrompt) -> None:
        """Until it is: whoever comes next finds the bench as it was before the question."""
        self._bench.submit(CancelQuestion(sign_on_prompt.question))
        deadline = Deadline(self._app.clock, _PATIENCE_S)
        while self._standing(sign_on_prompt.question) is not None and not deadline.expired:
            self._app.clock.pause(0.02)

    def _standing(self, question: str) -> SignOnPrompt | None:
        sign_on_prompt = self._bench.snapshot.sign_on_prompt
        return sign_on_prompt if sign_on_prompt is not None and sign_on_prompt.question == question else None


def refuse_prompt(sign_on_prompt: SignOnPrompt | None) -> bool:
    """As `TerminalAuthoriser.answer_prompt`, where nobody is there to be asked."""
    if sign_on_prompt is not None and sign_on_prompt.why is Why.AUTHORISE:
        raise not_allowed(sign_on_prompt.right, no_terminal=True)
    return False


def can_ask() -> bool:
    """A person sits at a terminal. With --json, too: questions go to the terminal and not to stdout."""
    return sys.stdin.isatty()


def not_allowed(right: str, *, no_terminal: bool = False) -> NotAllowed:
    """The refusal that says whom to fetch, and where so that there is no terminal to ask anybody."""
    said = tell("people.least", right=right, role=least(Right(right)).value)
    return NotAllowed(tell("people.no-terminal", what=said) if no_terminal else said, right)


def lent(
    client: Client, what: str, right: str, said: str, standing: Callable[[str], SignOnPrompt | None] | None = None
) -> str:
    """Ask at this terminal until somebody with the right has proven who he is; the grant, "" = nobody will.

    `standing`: the question at the bench, None where it is over; whoever has laid card or badge at the station's own reader
    is known from it.
    """
    click.echo(safe(tell("people.authorise", what=said, role=least(Right(right)).value)), err=True)
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
            click.echo(safe(error.message), err=True)


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
    """A refused request to the pad once more, by the right of somebody who lends it; None where that is not what it lacks, or
    nobody will. Raises `NotAllowed` where nobody can be asked here."""
    if not refusal.right or not isinstance(request, UndoWrite | UpdateItem):
        return None
    if not can_ask():
        raise not_allowed(refusal.right, no_terminal=True)
    if refusal.uid:
        request = msgspec.structs.replace(request, uid=refusal.uid)
    grant = lent(client, request.purpose, refusal.right, tell(f"people.right.{refusal.right}"))
    return msgspec.structs.replace(request, grant=grant) if grant else None
