"""`station tag abandon`: a half written tag that will never come back."""

from __future__ import annotations

from station.cli.app import DONE, NOT_GOOD, App
from station.cli.journaling import reporter
from station.commands import Abandon
from station.control.client import connect
from station.control.lock import hold
from station.events import TagWriteAbandoned
from station.model import Uid
from station.store.owner import open_store
from station.store.queries import Queries
from station.text import clean
from station.wiring import JOURNAL, head_directory
from station.words import tell


def give_up(app: App, uid: Uid, reason: str) -> int:
    """Journal that this write is given up, in the running station or alone; returns the exit code."""
    settings = app.settings()
    client = connect(app.data)
    if client is not None:
        with client:
            open_before = _is_open(app, uid)
            if open_before:
                client.submit(Abandon(uid, reason))
        return _report(app, uid, found=open_before)
    who = reporter(app, "") or settings.station.operator
    with hold(app.data, app.clock):
        store = open_store(app.data / JOURNAL, app.clock, head_directory=head_directory(settings, app.data))
        try:
            attempt = store.journal.open_attempt(uid)
            if attempt is not None:
                store.journal.record(
                    TagWriteAbandoned(
                        attempt=attempt.attempt,
                        uid=uid,
                        barcode=attempt.barcode,
                        reason=clean(reason),
                        operator=who,
                    )
                )
        finally:
            store.close()
    return _report(app, uid, found=attempt is not None)


def _is_open(app: App, uid: Uid) -> bool:
    return uid in Queries(app.data / JOURNAL, app.clock).open_uids()


def _report(app: App, uid: Uid, *, found: bool) -> int:
    said = tell("command.given-up" if found else "command.nothing-open", uid=uid)
    app.report({"uid": uid, "given_up": found}, [said])
    return DONE if found else NOT_GOOD
