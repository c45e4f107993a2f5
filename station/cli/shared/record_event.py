"""Journaling by a command: through the running station, else under the station's lock (`station.runtime.acts`)."""

from __future__ import annotations

from station.cli.shared.app import App
from station.cli.shared.prove_identity import acts, claims, queries
from station.domain.events import Reported
from station.domain.people.sign_on import By
from station.runtime.data_directory import JOURNAL, head_directory
from station.runtime.identity.authenticator import workforce
from station.runtime.identity.proof import askers
from station.runtime.open_journal import sent_heads
from station.store.queries.queries import Queries


def reporter(app: App, operator: str) -> str:
    """Return the id under which a command journals what it does; "" = the station itself.

    Called before the work begins, so that nothing is done without the proof that `journal` needs at its end. The
    station itself is the author if sign-on is not required and no operator is named.
    """
    settings = app.settings()
    if not settings.people.sign_on and not operator:
        return ""
    who = workforce(app.data, queries(app)).find(operator or settings.station.operator).id
    claims(app).of({who})
    return who


def journal(app: App, *events: Reported) -> None:
    """Record these events. If sign-on is required, every person named in them proves their identity first.

    Raises `StationBusy` if another process holds the data directory and does not answer.
    """
    if events:
        proofs = claims(app).of(set().union(*(askers(event) for event in events)))
        acts(app).order(events, By(claims=proofs))


def refuse_older(app: App) -> None:
    """Raise `JournalOlder` if an older copy of the journal was restored. Call this before work to be journaled."""
    if (app.data / JOURNAL).exists():
        settings = app.settings()
        heads, sent = head_directory(settings, app.data), sent_heads(settings, app.data)
        Queries(app.data / JOURNAL, app.clock).check_heads(heads, sent)
