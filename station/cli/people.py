"""`station people`: who works here, in which role, and what is kept about one's work. Names are erased here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import click

from station.cli.app import App, data_option, json_option, pass_app, table
from station.cli.asking import asker, one_of, operator_option, order, people_of, queries, sight, worker
from station.commands import SignOn
from station.control.client import connect
from station.correction import lacks
from station.correction_words import OVERDUE, waits_for
from station.errors import StationClosed, WorkerGone, WorkError, WorkerTaken, WorkerUnknown
from station.events import RetrainingHeld, WorkerLeft, WorkerRegistered, WorkerRoleChanged
from station.rights import Right, Role
from station.store.people import login_of
from station.store.sight import Record, Row
from station.text import clean

_ROLES = click.Choice([role.value for role in Role])


@click.group()
def people() -> None:
    """Who works here: trainees, operators, technicians, systems."""


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--name", default="", help="For the screen; else the login.")
@click.option("--role", type=_ROLES, default=Role.TRAINEE.value, show_default=True)
@operator_option
@pass_app
def add(app: App, login: str, name: str, role: str, operator: str) -> None:
    """Register LOGIN. The journal gets an id only; login and name stand in people.db. The first technician can be
    registered by anybody."""
    app.settings()
    who, known, file = asker(app, operator), queries(app).workers(), people_of(app)
    if not login_of(login):
        raise click.UsageError("Give a login that can be shown.")
    before = file.find(login)
    if (before is not None and before.worker in known) or login_of(login) in known:
        raise WorkerTaken(login_of(login))
    person = before or file.add(f"w-{secrets.token_hex(4)}", login, name)
    try:
        order(app, WorkerRegistered(worker=person.worker, role=Role(role), operator=who.id))
    except WorkError:
        file.erase(person.worker)
        raise
    row = Row(worker=person.worker, login=person.login, name=person.name, role=Role(role), standing="active")
    app.report(row, [f"{person.login} is registered as {role} ({person.worker})"])


@people.command("list")
@data_option
@json_option
@operator_option
@pass_app
def list_(app: App, operator: str) -> None:
    """Everybody; whoever may not see others sees only the own row."""
    app.settings()
    rows = sight(app, operator).people()
    lines = [f"{len(rows)} registered"]
    lines += table([(row.worker, row.login, row.name, row.role.value, row.standing) for row in rows])
    app.report(rows, lines)


@people.command()
@data_option
@json_option
@click.argument("login")
@click.argument("role", type=_ROLES)
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def role(app: App, login: str, role: str, reason: str, operator: str) -> None:
    """Give LOGIN another role."""
    who = asker(app, operator)
    event = WorkerRoleChanged(worker=_known(app, login), role=Role(role), reason=clean(reason), operator=who.id)
    order(app, event)
    app.report(event, [f"{clean(login)} is {role} now"])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.argument("name")
@operator_option
@pass_app
def rename(app: App, login: str, name: str, operator: str) -> None:
    """Show LOGIN by another NAME; the old one is overwritten. One's own is for everybody."""
    who, ident = asker(app, operator), _known(app, login)
    refused = WorkerGone(who.id) if who.role is None else lacks(who.role, Right.MANAGE_PEOPLE)
    if refused is not None and who.id != ident:
        raise refused
    person = people_of(app).rename(ident, name)
    _look_again(app)
    app.report(person, [f"{person.login} is shown as {person.name}"])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def leave(app: App, login: str, reason: str, operator: str) -> None:
    """LOGIN works here no longer. The record stays, with its name, until that is erased."""
    event = WorkerLeft(worker=_known(app, login), reason=clean(reason), operator=asker(app, operator).id)
    order(app, event)
    app.report(event, [f"{clean(login)} works here no longer"])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def erase(app: App, login: str, reason: str, operator: str) -> None:
    """Forget login and name of LOGIN (or of an id) for ever; the journal keeps the id, and its chain stays whole. Copies of
    people.db made before are yours to delete."""
    who, ident = asker(app, operator), _known(app, login)
    if who.role is None:
        raise WorkerGone(who.id)
    if (refused := lacks(who.role, Right.ERASE)) is not None:
        raise refused
    # Ended first, forgotten next, said last: wherever this is cut off, nothing is claimed that is not so.
    if queries(app).workers()[ident][1] == "active":
        order(app, WorkerLeft(worker=ident, reason=clean(reason), operator=who.id))
    people_of(app).erase(ident)
    event = WorkerLeft(worker=ident, erased=True, reason=clean(reason), operator=who.id)
    order(app, event)
    app.report(event, [f"The name of {ident} is erased"])
    if login_of(app.settings().station.operator) == login_of(login):
        app.note("station.operator in station.toml still says that login; change it, or it is journaled as a name.")


@people.command()
@data_option
@json_option
@click.argument("login")
@operator_option
@pass_app
def record(app: App, login: str, operator: str) -> None:
    """All that is kept about the work of LOGIN: figures, errors, retrainings, rechecks, joined by rule. One's own, or with
    the right to it anybody's."""
    app.settings()
    seen = sight(app, operator)
    found = seen.record(_known(app, login))
    app.report(found, _record_lines(found, seen.names()))


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--rule", "rules", multiple=True, help="What it was about; else about all.")
@click.option("--correction", "errors", multiple=True, metavar="ID", help="An error that led to it.")
@click.option("--note", default="", help="What was shown.")
@operator_option
@pass_app
def retrain(app: App, login: str, rules: tuple[str, ...], errors: tuple[str, ...], note: str, operator: str) -> None:
    """Note that LOGIN was shown again how it is done: the middle of error, retraining, recheck."""
    event = RetrainingHeld(
        worker=_known(app, login),
        rules=tuple(clean(rule) for rule in rules),
        corrections=tuple(one_of(app, error) for error in errors),
        note=clean(note),
        operator=asker(app, operator).id,
    )
    order(app, event)
    app.report(event, [f"{clean(login)} was retrained"])


@people.command("sign-on")
@data_option
@json_option
@click.argument("login")
@pass_app
def sign_on(app: App, login: str) -> None:
    """Tell the running station that LOGIN stands at the bench now. It proves nothing: there is no PIN yet."""
    found = worker(app, login)
    if found.role is None:
        raise WorkerGone(found.id)
    client = connect(app.data)
    if client is None:
        raise StationClosed(f"no station runs on {app.data}")
    with client:
        client.submit(SignOn(found.id))
    app.report(found, [f"{found.name} is at the bench"])


def _known(app: App, login: str) -> str:
    """The id of a registered worker; raises `WorkerUnknown`."""
    found = worker(app, login)
    if not found.registered:
        raise WorkerUnknown(clean(login))
    return found.id


def _look_again(app: App) -> None:
    client = connect(app.data)
    if client is not None:
        with client:
            client.submit(SignOn())


def _record_lines(found: Record, names: dict[str, str]) -> Iterator[str]:
    role = found.role.value if found.role is not None else "does not work here any more"
    yield f"{found.name or found.worker}: {role}"
    yield f"{found.judged} items judged: {found.passed} passed, {found.failed} failed"
    for loop in found.loops:
        then = (
            f"retrained {loop.retrained[:10]}, since then {loop.errors_since} errors and {loop.rechecks_since} good rechecks"
            if loop.retrained
            else "not retrained yet"
        )
        yield f"{loop.title} ({loop.rule}): {loop.errors} errors, last {loop.last_error[:10]}; {then}"
    timeline = [(entry.opened_at, "error", entry.correction.title, waits_for(entry), entry) for entry in found.errors]
    timeline += [
        (entry.opened_at, "recheck", entry.correction.barcode, waits_for(entry), entry) for entry in found.rechecks
    ]
    rows = [
        (at[:16].replace("T", " "), what, title, state, OVERDUE if entry.overdue else "")
        for at, what, title, state, entry in timeline
    ]
    rows += [
        (at[:16].replace("T", " "), "retraining", ", ".join(event.rules) or "all", event.note, "")
        for at, event in found.retrainings
    ]
    yield from table(sorted(rows))
