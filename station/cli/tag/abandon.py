"""`station tag abandon`: give up an unfinished write."""

from __future__ import annotations

import click

from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.shared.record_event import reporter
from station.cli.tag.source import uid as as_uid
from station.domain.commands import Abandon
from station.domain.events import TagWriteAbandoned
from station.domain.tag_image import Uid
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from station.runtime.socket.client import connect
from station.store.queries.queries import Queries


@click.command()
@data_option
@json_option
@click.argument("uid", callback=as_uid)
@click.option("--reason", default="lost or thrown away", show_default=True, help="Why; it goes into the journal.")
@pass_app
def abandon(app: App, uid: Uid, reason: str) -> int:
    """Give up the unfinished write to the tag with this UID, which was lost or thrown away.

    Exit code 1 when no write to that tag is open.
    """
    return _give_up(app, uid, reason)


def _give_up(app: App, uid: Uid, reason: str) -> int:
    """Journal that this write is given up, in the running station or alone. Return the exit code."""
    settings = app.settings()
    client = connect(app.data)
    if client is not None:
        with client:
            open_before = _is_open(app, uid)
            if open_before:
                client.submit(Abandon(uid, reason))
        return _report(app, uid, given_up=open_before)
    who = reporter(app, "") or settings.station.operator
    with hold(app.data, app.clock):
        store = open_journal(settings, app.data, app.clock)
        try:
            attempt = store.journal.open_attempt(uid)
            if attempt is not None:
                store.journal.record(
                    TagWriteAbandoned(
                        attempt=attempt.attempt,
                        uid=uid,
                        barcode=attempt.barcode,
                        reason=Sentence.verbatim(clean(reason)),
                        operator=who,
                    )
                )
        finally:
            store.close()
    return _report(app, uid, given_up=attempt is not None)


def _is_open(app: App, uid: Uid) -> bool:
    return uid in Queries(app.data / JOURNAL, app.clock).open_uids()


def _report(app: App, uid: Uid, *, given_up: bool) -> int:
    sentence = tell("command.given-up" if given_up else "command.nothing-open", uid=uid)
    app.report({"uid": uid, "given_up": given_up}, [sentence])
    return DONE if given_up else NOT_GOOD
