"""`station people pin recover`: for the owner of the station's files, if no one who may set PINs can sign on."""

from __future__ import annotations

import click
import msgspec

from station.base.credentials import ensure
from station.base.errors import PinUnfit, WorkerTaken
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.prove_identity import ask_new_pin, shown_name
from station.cli.shared.who_asks import people_of
from station.domain.events import PinRecovered
from station.domain.people.sign_on import NOBODY, RESERVED
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.authenticator import PEPPER, open_authenticator
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from station.store.people.names import login_of
from station.store.projections.workers import ACTIVE, STAFF
from station.store.queries.queries import Queries


@click.command()
@data_option
@json_option
@click.argument("login")
@click.option("--id", "ident", default="", metavar="ID", help="If people.db was lost: the id of LOGIN in the journal.")
@click.option("--reason", required=True, help="Why. It is journaled, and shown forever.")
@pass_app
def recover(app: App, login: str, ident: str, reason: str) -> None:
    """Give LOGIN, a technician or systems, another first PIN without any proof of identity. This is for the owner of
    the station's files, if no one who may set PINs can sign on. The station must not be running.

    The journal keeps this forever, without a worker's name. Every start, the board, doctor and journal verify show it.
    """
    settings = app.settings()
    if not clean(reason):
        raise click.UsageError("Give --reason: it is journaled, and stays.")
    views = Queries(app.data / JOURNAL, app.clock)
    views.head()  # raises an error without a journal, rather than creating one
    with hold(app.data, app.clock):
        worker = _whose(app, views, login, ident)
        ensure(PEPPER, app.data)  # the only place where a lost key is made again
        authenticator = open_authenticator(settings, app.data, views, app.clock)
        new = ask_new_pin(tell("people.first-pin", name=login_of(login)))
        if problem := authenticator.unfit(worker, new):
            raise PinUnfit(problem)
        event = PinRecovered(worker=worker, reason=clean(reason), operator=NOBODY)
        store = open_journal(settings, app.data, app.clock, restored=True)  # `journal continue` may need the PIN
        try:
            if people_of(app).by_id(worker) is None:
                people_of(app).add(worker, login, "")
            authenticator.pins.give(
                worker,
                new,
                must_change=True,
                journaled=lambda mark: store.journal.record(msgspec.structs.replace(event, mark=mark)),
            )
        finally:
            store.close()
    app.report(event, [tell("staff.recovered", login=login_of(login))])


def _whose(app: App, views: Queries, login: str, ident: str) -> str:
    """Return the id of the technician or systems worker.

    If the file of names does not contain LOGIN, the caller must give the id, and only an id without a name is accepted.
    """
    people = people_of(app)
    staff = {
        worker_id: role
        for worker_id, (role, standing) in views.workers().items()
        if standing == ACTIVE and role in STAFF
    }
    person = people.find(login)
    if person is not None and person.worker in staff and ident in ("", person.worker):
        return person.worker
    if person is not None:
        raise click.UsageError(
            "This is not the login of a technician or systems; others get a PIN with: station people pin reset"
        )
    nameless = {worker_id: role for worker_id, role in staff.items() if people.by_id(worker_id) is None}
    if ident not in nameless:
        ids = ", ".join(f"{worker_id} ({role})" for worker_id, role in sorted(nameless.items())) or "none"
        raise click.UsageError(
            f"people.db does not contain {shown_name(login)}. Give its id with --id. Ids without a name: {ids}."
        )
    if not login_of(login) or login_of(login) in RESERVED:
        raise WorkerTaken(Sentence("staff.reserved", login=login_of(login)))
    return ident
