"""`station people`: who works here, their roles, the records of their work, and the erasure of names."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from station.base.cells import table
from station.base.errors import WorkerUnknown
from station.base.local_time import local_day, local_minute
from station.base.text import clean
from station.base.words import languages, tell
from station.cli.people.pin import card, pin
from station.cli.session.sign_on import sign_on
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import shown_name
from station.cli.shared.record_event import refuse_older
from station.cli.shared.who_asks import asker, change, lender, one_of, order, people_of, visibility, worker
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.domain.events import RetrainingHeld, WorkerLeft, WorkerRoleChanged
from station.domain.finding_words import title_of
from station.domain.people.changes import Erase, Register, Rename, Speak
from station.domain.people.rights import Right, Role
from station.reports.tables.people import people as people_table
from station.runtime.people_changes import names_person
from station.store.people.names import LONGEST, Person, login_of
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
    if not login_of(login):
        raise click.UsageError("Give a login with visible characters.")
    asked = Register(login=login, name=name, role=Role(role), language=language, operator=asker(app, operator).id)
    refuse_older(app)
    worker = change(app, asked).worker
    shown = clean(name, LONGEST) or login_of(login)
    row = Row(worker=worker, login=login_of(login), name=shown, role=Role(role), standing="active")
    app.report(row, [tell("staff.added", login=login_of(login), role=role, worker=worker)])


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
    ident, who = _known(app, login), asker(app, operator)
    change(app, Rename(worker=ident, name=name, operator=who.id))
    person = _person(app, ident)
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
    ident, who = _known(app, login), asker(app, operator)
    own_name = _spoken(language)
    change(app, Speak(worker=ident, language=language, operator=who.id))
    person = _person(app, ident)
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
    asked = Erase(worker=ident, reason=clean(reason), operator=who.id)
    by = lender(app, who, Right.ERASE)
    if names_person(people_of(app).by_id(ident), reason):
        raise click.UsageError("The reason says the name that is to be erased, and a reason is journaled permanently.")
    changed = change(app, msgspec.structs.replace(asked, authorised=by))
    event = WorkerLeft(worker=ident, erased=True, reason=clean(reason), operator=who.id, authorised=by)
    app.report(event, [tell("staff.erased", worker=ident)])
    if changed.slips:
        app.note(tell("staff.slips-deleted", count=changed.slips))
    for file in changed.kept:
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


def _person(app: App, ident: str) -> Person:
    """Return what the file of names has of a person. Raises `WorkerUnknown`."""
    person = people_of(app).by_id(ident)
    if person is None:
        raise WorkerUnknown(ident)
    return person


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
