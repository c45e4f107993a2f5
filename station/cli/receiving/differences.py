"""`station receiving differences`: what differs from lists and orders, until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from station.base.text import clean
from station.base.words import tell
from station.cli.receiving.named import difference_named, person_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain.events import DifferenceAssigned, DifferenceEnded, DifferenceNoted
from station.domain.receiving.difference import Difference, DifferenceEnd, DifferenceKind, DifferenceState
from station.reports.tables.receiving import DifferenceFilter, ordered_differences, vendor_names
from station.reports.tables.receiving import differences as differences_table
from station.store.people.visibility import Visibility
from station.store.queries.queries import Queries
from station.tui.drawing.local import Local


@click.group()
def differences() -> None:
    """Differences from lists and orders: short, not ordered, damaged, ..., until each has its end."""


@differences.command("list")
@data_option
@json_option
@click.option(
    "--state", type=click.Choice([state.value for state in DifferenceState]), default=None, help="Only these."
)
@click.option("--kind", type=click.Choice([kind.value for kind in DifferenceKind]), default=None, help="Only these.")
@click.option("--overdue", is_flag=True, help="Only overdue ones.")
@click.option("--owner", default="", help="Only those of this owner: a department, a worker's login, or 'me'.")
@click.option("--vendor", default="", metavar="NAME", help="Only those with this vendor: its id, a name or a code.")
@click.option("--shipment", default="", metavar="SHIPMENT", help="Only those of this shipment.")
@operator_option
@pass_app
def list_(
    app: App,
    state: str | None,
    kind: str | None,
    overdue: bool,
    owner: str,
    vendor: str,
    shipment: str,
    operator: str,
) -> None:
    """List the differences that are not ended, or those of a --state: overdue ones first, then by owner, the oldest
    first."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    recorded = reading.vendor_named(vendor)
    today = app.clock.day(0)
    choice = DifferenceFilter(
        kind=kind or "",
        vendor=recorded.id if recorded is not None else clean(vendor),
        owner=asker(app, operator).id if owner == "me" else person_named(app, owner),
        state=state or "",
        shipment=shipment,
        overdue_on=today if overdue else "",
    )
    chosen = [row for row in seen.differences(everything=choice.everything) if choice.wants(row)]
    _report(app, ordered_differences(chosen, "", today), reading, seen)


def _report(app: App, chosen: Sequence[Difference], reading: Queries, seen: Visibility) -> None:
    shown = differences_table(chosen, vendor_names(reading.vendors()), app.clock.day(0))
    app.report(shown.values(), rows(shown, seen.names()) or [tell("receiving.no-differences")])


@differences.command()
@data_option
@json_option
@click.argument("name", metavar="DIFFERENCE")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show a difference, and everything in the journal about it. Exit code 1 while it is open."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    now = difference_named(seen, name)
    shown = differences_table([now], vendor_names(reading.vendors()), app.clock.day(0))
    local = Local()
    local.names = {} if app.json else seen.names()
    history = [(logged.seq, logged.at, logged.said) for logged in reading.difference_history(now.id)]
    app.report(
        {**shown.values()[0], "history": [{"seq": seq, "at": at, "summary": said} for seq, at, said in history]},
        (
            *rows(shown, seen.names()),
            "",
            *(f"{local.minute(at)}  {local.people(said)}" for _, at, said in history),
        ),
    )
    return NOT_GOOD if now.is_open else DONE


@differences.command()
@data_option
@json_option
@click.argument("name", metavar="DIFFERENCE")
@click.option("--owner", default="", help="New owner: a department, a worker's login, or 'me'.")
@click.option("--due", default="", metavar="YYYY-MM-DD", help="New due date.")
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def assign(app: App, name: str, owner: str, due: str, reason: str, operator: str) -> None:
    """Give a difference another owner or due date."""
    app.settings()
    who = asker(app, operator)
    if not (owner or due):
        raise click.UsageError("Give --owner or --due.")
    if due and not _is_date(due):
        raise click.UsageError(f"{clean(due)} is not a date like 2026-12-31.")
    new = who.id if owner == "me" else person_named(app, owner)
    event = DifferenceAssigned(difference=name, owner=new, due=due, reason=clean(reason, 300), operator=who.id)
    _done(app, event, operator)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@differences.command()
@data_option
@json_option
@click.argument("name", metavar="DIFFERENCE")
@click.option("--note", default="", help="Any remark.")
@click.option("--photo", default="", metavar="FILE", help="Path of a photo.")
@operator_option
@pass_app
def note(app: App, name: str, note: str, photo: str, operator: str) -> None:
    """Add a note or a photo to a difference."""
    app.settings()
    if not (note or photo):
        raise click.UsageError("Give --note or --photo.")
    who = asker(app, operator).id
    event = DifferenceNoted(difference=name, note=clean(note, 300), photo=clean(photo, 300), operator=who)
    _done(app, event, operator)


@differences.command()
@data_option
@json_option
@click.argument("name", metavar="DIFFERENCE")
@click.argument("end", type=click.Choice([end.value for end in DifferenceEnd]))
@click.option("--reason", required=True, help="Why.")
@click.option("--reference", default="", metavar="NUMBER", help="Number of the credit memo, or of the new list.")
@click.option("--second", default="", metavar="NAME", help="A second person, where the site asks for two.")
@operator_option
@pass_app
def end(app: App, name: str, end: str, reason: str, reference: str, second: str, operator: str) -> None:
    """End a difference: claimed from the vendor, credited, replaced, or accepted as it is. A second person proves their
    identity where people sign on; else the record says that the name is unproven."""
    app.settings()
    event = DifferenceEnded(
        difference=name,
        end=DifferenceEnd(end),
        reason=clean(reason, 300),
        reference=clean(reference, 100),
        second=person_named(app, second),
        operator=asker(app, operator).id,
    )
    _done(app, event, operator)


def _done(app: App, event: DifferenceAssigned | DifferenceNoted | DifferenceEnded, operator: str) -> None:
    order(app, event)
    seen, reading = visibility(app, operator), views(app, operator)
    _report(app, [difference_named(seen, event.difference)], reading, seen)
