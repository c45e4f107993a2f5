"""`station people`: who works here, their roles, the records of their work, and the erasure of names."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import click

from station.base.cells import table
from station.base.errors import WorkError, WorkerTaken, WorkerUnknown
from station.base.local_time import local_day, local_minute
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import languages, tell
from station.cli.people.pin import card, pin
from station.cli.session.sign_on import sign_on
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import claims, identity, queries, shown_name
from station.cli.shared.record_event import refuse_older
from station.cli.shared.who_asks import asker, lender, one_of, order, people_of, visibility, worker
from station.domain.commands import SignOn
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.domain.events import RetrainingHeld, WorkerLeft, WorkerRegistered, WorkerRoleChanged
from station.domain.finding_words import title_of
from station.domain.people.rights import Right, Role
from station.domain.people.sign_on import RESERVED
from station.printing.outputs import forget_slips, target
from station.reports.tables.people import people as people_table
from station.runtime.socket.client import connect
from station.store.people.cards import Kind
from station.store.people.names import Person, login_of
from station.store.people.visibility import Loop, Record, Row

_LANGUAGE = click.option(
    "--language", default="", help="Language of the screens, such as es; by default, the station's."
)
_ROLES = click.Choice([role.value for role in Role])


@click.group()
def people() -> None:
    """Who works here: trainees, operators, technicians, systems."""


people.add_command(pin)
people.add_command(card)
people.add_command(sign_on)


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--name", default="", help="Name on the screen; by default, the login.")
@click.option("--role", type=_ROLES, default=Role.TRAINEE.value, show_default=True)
@_LANGUAGE
@operator_option
@pass_app
def add(app: App, login: str, name: str, role: str, language: str, operator: str) -> None:
    """Register LOGIN. The journal gets only an id; people.db keeps login and name. Anyone may register the first
    technician."""
    app.settings()
    _spoken(language)
    who, known, file = asker(app, operator), queries(app).workers(), people_of(app)
    if not login_of(login):
        raise click.UsageError("Give a login with visible characters.")
    if login_of(login) in RESERVED:
        raise WorkerTaken(Sentence("staff.reserved", login=login_of(login)))
    if identity(app).authenticator.cards.owner(Kind.BARCODE, login_of(login)):
        raise WorkerTaken(Sentence("staff.is-card"))
    before = file.find(login)
    if (before is not None and before.worker in known) or login_of(login) in known:
        raise WorkerTaken(login_of(login))
    refuse_older(app)
    person = before or file.add(f"w-{secrets.token_hex(4)}", login, name, language)
    try:
        order(app, WorkerRegistered(worker=person.worker, role=Role(role), operator=who.id))
    except WorkError:
        file.erase(person.worker)
        raise
    row = Row(worker=person.worker, login=person.login, name=person.name, role=Role(role), standing="active")
    app.report(row, [tell("staff.added", login=person.login, role=role, worker=person.worker)])


@people.command("list")
@data_option
@json_option
@operator_option
@pass_app
def list_(app: App, operator: str) -> None:
    """List all people. A person who may not see others sees only their own row."""
    app.settings()
    visible = visibility(app, operator)
    rows = visible.people()
    lines = [tell("staff.count", count=visible.count())]
    lines += table(
        [(row.worker, row.login, row.name, row.role.value, tell(f"staff.standing.{row.standing}")) for row in rows]
    )
    app.report(people_table(rows).values(), lines)


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
    app.report(event, [tell("staff.role", login=clean(login), role=role)])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.argument("name")
@operator_option
@pass_app
def rename(app: App, login: str, name: str, operator: str) -> None:
    """Change the name shown for LOGIN to NAME; the old name is overwritten. Everyone may change their own."""
    ident = _own(app, login, operator)
    person = people_of(app).rename(ident, name)
    _look_again(app)
    app.report(person, [tell("staff.renamed", login=person.login, name=person.name)])


@people.command()
@data_option
@json_option
@click.argument("login")
@_LANGUAGE
@operator_option
@pass_app
def speak(app: App, login: str, language: str, operator: str) -> None:
    """Show the screens in another language while LOGIN is signed on. Everyone may change their own."""
    ident = _own(app, login, operator)
    own_name = _spoken(language)
    person = people_of(app).speak(ident, language)
    _look_again(app)
    sentence = tell("staff.language", login=person.login, language=own_name) if language else ""
    app.report(person, [sentence or tell("staff.language-station", login=person.login)])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def leave(app: App, login: str, reason: str, operator: str) -> None:
    """Record that LOGIN no longer works here. The record of the work stays, with the name, until the name is erased."""
    event = WorkerLeft(worker=_known(app, login), reason=clean(reason), operator=asker(app, operator).id)
    order(app, event)
    app.report(event, [tell("staff.left", login=clean(login))])


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def erase(app: App, login: str, reason: str, operator: str) -> None:
    """Erase login and name of LOGIN (or of an id) forever; the journal keeps the id, and its chain stays whole. Flag
    slips in the directory for labels are deleted, since they name the owner. Older copies of people.db are yours to
    delete."""
    who, ident = asker(app, operator), _known(app, login)
    by = lender(app, who, Right.ERASE)
    _no_name(people_of(app).by_id(ident), reason)
    # End, then erase, then journal the erasure: after an interruption, the journal claims nothing that is not so.
    if queries(app).workers()[ident][1] == "active":
        order(app, WorkerLeft(worker=ident, reason=clean(reason), operator=who.id, authorised=by))
    slips, left = forget_slips(target(app.settings().labels.to), app.data)
    people_of(app).erase(ident)
    event = WorkerLeft(worker=ident, erased=True, reason=clean(reason), operator=who.id, authorised=by)
    order(app, event)
    app.report(event, [tell("staff.erased", worker=ident)])
    if slips:
        app.note(tell("staff.slips-deleted", count=slips))
    for file in left:
        app.note(tell("staff.slip-left", file=file))
    if login_of(app.settings().station.operator) == login_of(login):
        app.note(tell("staff.in-settings"))


@people.command()
@data_option
@json_option
@click.argument("login")
@operator_option
@pass_app
def record(app: App, login: str, operator: str) -> None:
    """Show all that is kept about the work of LOGIN: figures, errors, retrainings, rechecks, joined by rule. Another
    person's record requires the right to see it."""
    app.settings()
    seen = visibility(app, operator)
    work_record = seen.record(_known(app, login))
    app.report(work_record, record_lines(work_record))


@people.command()
@data_option
@json_option
@click.argument("login")
@click.option("--rule", "rules", multiple=True, help="Rule that was retrained; by default, all. Repeatable.")
@click.option("--correction", "errors", multiple=True, metavar="ID", help="Error that led to it. Repeatable.")
@click.option("--note", default="", help="What was shown.")
@operator_option
@pass_app
def retrain(app: App, login: str, rules: tuple[str, ...], errors: tuple[str, ...], note: str, operator: str) -> None:
    """Record that LOGIN was retrained: the step between error and recheck."""
    event = RetrainingHeld(
        worker=_known(app, login),
        rules=tuple(clean(rule) for rule in rules),
        corrections=tuple(one_of(app, error, operator) for error in errors),
        note=clean(note),
        operator=asker(app, operator).id,
    )
    order(app, event)
    app.report(event, [tell("staff.retrained", login=clean(login))])


def _own(app: App, login: str, operator: str) -> str:
    """Return the id of LOGIN, for a change that everyone may make to their own data and a manager to anyone's. Raises
    `NotAllowed`."""
    who, ident = asker(app, operator), _known(app, login)
    if who.id == ident:
        claims(app).of({who.id})
    else:
        lender(app, who, Right.MANAGE_PEOPLE)
    return ident


def _spoken(language: str) -> str:
    """Return a language's own name. Raises `UsageError` for a language without texts."""
    known = languages()
    if language and language not in known:
        raise click.UsageError(f"There are no texts in {clean(language, 20)!r}. Languages: {', '.join(known)}.")
    return known.get(language, "")


def _known(app: App, login: str) -> str:
    """Return the id of a registered worker. Raises `WorkerUnknown`."""
    person = worker(app, login)
    if not person.registered:
        raise WorkerUnknown(shown_name(login))
    return person.id


def _no_name(person: Person | None, reason: str) -> None:
    """Raise `UsageError` if the reason for an erasure contains the erased name: the reason is journaled and stays."""
    words = (person.login, person.name, *person.name.split()) if person is not None else ()
    folded_reason = login_of(reason)
    if any(re.search(rf"(?<!\w){re.escape(login_of(word))}(?!\w)", folded_reason) for word in words if len(word) > 1):
        raise click.UsageError("The reason says the name that is to be erased, and a reason is journaled permanently.")


def _look_again(app: App) -> None:
    client = connect(app.data)
    if client is not None:
        with client:
            client.submit(SignOn())


def record_lines(work_record: Record) -> Iterator[str]:
    """Yield the record of a person's work as lines of text."""
    role = work_record.role.value if work_record.role is not None else tell("staff.gone")
    yield tell("staff.is", name=work_record.name or work_record.worker, role=role)
    yield tell("staff.judged", count=work_record.judged, passed=work_record.passed, failed=work_record.failed)
    for loop in work_record.loops:
        day, then = local_day(loop.last_error), _since(loop)
        title = title_of(loop.rule, tell(loop.title))
        yield tell("staff.loop", title=title, rule=loop.rule, count=loop.errors, day=day, then=then)
    error, recheck, retraining = (tell(f"staff.line.{what}") for what in ("error", "recheck", "retraining"))
    timeline = [
        (entry.opened_at, error, tell(headline(entry)), tell(waits_for(entry)), entry) for entry in work_record.errors
    ]
    timeline += [
        (entry.opened_at, recheck, entry.correction.barcode, tell(waits_for(entry)), entry)
        for entry in work_record.rechecks
    ]
    rows = [
        (local_minute(at), what, subject, state, tell(OVERDUE) if entry.overdue else "")
        for at, what, subject, state, entry in timeline
    ]
    rows += [
        (local_minute(at), retraining, ", ".join(event.rules) or tell("staff.about-all"), event.note, "")
        for at, event in work_record.retrainings
    ]
    yield from table(sorted(rows))


def _since(loop: Loop) -> str:
    if not loop.retrained:
        return tell("staff.loop-not-retrained")
    errors = tell("staff.loop-errors", count=loop.errors_since)
    rechecks = tell("staff.loop-rechecks", count=loop.rechecks_since)
    return tell("staff.loop-retrained", day=local_day(loop.retrained), errors=errors, rechecks=rechecks)
