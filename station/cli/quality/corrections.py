"""`station corrections`: failed findings, until they are mended and rechecked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import click
import msgspec

from station.base.cells import table
from station.base.errors import CorrectionUnknown, WorkerGone, WorkerUnknown
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.cli.quality.correction_view import details, merged, row, value
from station.cli.quality.machine_recheck import looked_at
from station.cli.quality.waive import waive
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.deferred import deferred
from station.cli.shared.prove_identity import queries, shown_name
from station.cli.shared.who_asks import asker, named, one_of, order, views, visibility, worker
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck, Result
from station.domain.corrections.correction import UNKNOWN, Brief, Entry, is_second_check
from station.domain.corrections.words import to_do
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionRechecked,
    CorrectionStep,
    SecondCheckSeen,
)
from station.domain.item import Barcode, ItemRecord
from station.quality.verdict.correction_figures import figures as count
from station.quality.verdict.corrections import recheck_order
from station.reports.tables.corrections import CorrectionFilter
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import asks_live, catalog_index
from station.store.people.visibility import item_to_fix
from station.store.queries.queries import Queries
from station.store.queries.second_check_cover import is_shown

_BY_HAND: Final = (Result.NO_DEFECT, Result.WITHDRAWN)


@click.group(
    commands=deferred(
        {
            "slip": (
                "station.cli.quality.flag_slip:slip",
                "Show or print the flag slip of an item: open corrections, owners, due dates.",
            )
        }
    )
)
def corrections() -> None:
    """Failed findings until they are mended, rechecked and closed."""


corrections.add_command(waive)


@corrections.command("list")
@data_option
@json_option
@click.option("--all", "closed", is_flag=True, help="Include closed corrections.")
@click.option("--overdue", is_flag=True, help="Only overdue corrections.")
@click.option("--owner", default="", help="Only corrections of this owner: a department, or a worker's login.")
@click.option("--barcode", default="", help="Only corrections of this item.")
@click.option("--rechecks", is_flag=True, help="Only corrections that wait for another person's recheck.")
@click.option(
    "--also",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Data directory of another bench, to include; corrections for the same item and rule are merged. Repeatable.",
)
@operator_option
@pass_app
def list_(
    app: App,
    closed: bool,
    overdue: bool,
    owner: str,
    barcode: str,
    rechecks: bool,
    also: tuple[Path, ...],
    operator: str,
) -> None:
    """List the corrections to be mended or rechecked, by owner, the oldest first. Overdue ones are marked."""
    _show_list(
        app,
        operator,
        CorrectionFilter(overdue=overdue, owner=_owner(app, owner), barcode=clean(barcode), rechecks=rechecks),
        also,
        closed=closed,
    )


@corrections.command("overdue")
@data_option
@json_option
@operator_option
@pass_app
def overdue_(app: App, operator: str) -> int:
    """List the overdue corrections. Exit code 1 if there are any."""
    number = _show_list(app, operator, CorrectionFilter(overdue=True), ())
    return NOT_GOOD if number else DONE


def _show_list(
    app: App, operator: str, wanted: CorrectionFilter, also: tuple[Path, ...], *, closed: bool = False
) -> int:
    app.settings()
    seen = visibility(app, operator)
    reading = views(app, operator)
    benches, covered = {"": seen.corrections(closed=closed)}, set(reading.covered())
    for data in also:
        if not (data / JOURNAL).exists():
            raise click.UsageError(f"--also: there is no journal in {clean(str(data), 200)}")
        others = Queries(data / JOURNAL, app.clock, reading.viewer)
        covered |= others.covered()
        benches[str(data)] = tuple(seen.masked(entry) for entry in others.corrections(closed=closed))
    # An item that waits for its second check at one bench is hidden at all benches.
    hidden = frozenset(covered)
    benches = {
        bench: tuple(entry for entry in entries if is_shown(entry, hidden)) for bench, entries in benches.items()
    }
    merged_entries = [merged_entry for merged_entry in merged(benches) if wanted.wants(Brief.of(merged_entry.entry))]
    waiting = [merged_entry for merged_entry in merged_entries if not merged_entry.entry.closed_at]
    late = sum(1 for merged_entry in waiting if merged_entry.entry.overdue)
    names = seen.names()
    lines = [tell("correction.list.counts", open=len(waiting), late=late)]
    lines += table([row(merged_entry, names) for merged_entry in merged_entries])
    app.report([value(merged_entry.entry, names, merged_entry.also) for merged_entry in merged_entries], lines)
    return len(merged_entries)


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID|BARCODE")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show a correction (by its id, or the beginning of it), or all corrections of an item: what its label should be,
    and what is to do next. Exit code 1 if there are none."""
    settings = app.settings()
    seen = visibility(app, operator)
    entries = named(app, name, operator)
    if not entries:
        app.report({"name": clean(name), "found": False}, [tell("correction.none", name=clean(name))])
        return NOT_GOOD
    names = seen.names()
    reading = views(app, operator)
    values: list[dict[str, object]] = []
    blocks: list[str] = []
    with closing(catalog_index(settings, app.data)) as index:
        find = None if asks_live(settings) else index.find
        for entry in entries:
            now, masked = entry.correction, seen.masked(entry)
            item = item_to_fix(reading, now.barcode, find) if now.kind is CorrectionKind.MEND else UNKNOWN
            next_step = to_do(masked, item, reading.viewer, sign_on=settings.people.sign_on)
            blocks += [*([""] if blocks else []), *table(list(details(masked, names, item, next_step)))]
            values.append({**value(masked, names), "label": list(item.label), "to_do": next_step})
    app.report(values, blocks)
    return DONE


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID")
@click.option("--owner", default="", help="New owner: a department, a worker's login, or 'me'.")
@click.option("--due", default="", metavar="YYYY-MM-DD", help="New due date.")
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def assign(app: App, name: str, owner: str, due: str, reason: str, operator: str) -> None:
    """Give the correction ID a new owner or due date. Every worker may take a correction (--owner me)."""
    who = asker(app, operator)
    new = who.id if owner == "me" else _owner(app, owner)
    if due and not _is_date(due):
        raise click.UsageError(f"{clean(due)} is not a date like 2026-12-31.")
    event = CorrectionAssigned(
        correction=one_of(app, name, operator), owner=new, due=due, reason=clean(reason), operator=who.id
    )
    _do(app, event, operator)


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID")
@click.option("--note", default="", help="What was done.")
@operator_option
@pass_app
def mend(app: App, name: str, note: str, operator: str) -> None:
    """Report that the correction ID is mended. If its rule requires a recheck, the recheck closes it."""
    due = app.clock.day(app.settings().corrections.recheck_days)
    event = CorrectionMended(
        correction=one_of(app, name, operator),
        note=Sentence.verbatim(clean(note)),
        due=due,
        operator=asker(app, operator).id,
    )
    _do(app, event, operator)


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID")
@click.option("--passed/--failed", "passed", default=True, help="Result of the recheck; by default, passed.")
@click.option("--reason", default="", help="What is still wrong; required with --failed.")
@operator_option
@pass_app
def recheck(app: App, name: str, passed: bool, reason: str, operator: str) -> None:
    """Record the recheck of the mended correction ID; refused for your own work. If the machine made the finding, the
    machine rechecks it on the present record. If that needs the tag or the piece, scan the item at the bench."""
    ident, who = one_of(app, name, operator), asker(app, operator)
    entry = queries(app).correction(ident)
    if entry is not None and entry.correction.recheck is Recheck.MACHINE and not entry.closed_at:
        order(app, *looked_at(app, entry.correction, who.id))
        _said(app, ident, operator)
        return
    _do(
        app,
        CorrectionRechecked(correction=ident, passed=passed, reason=Sentence.verbatim(clean(reason)), operator=who.id),
        operator,
    )


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID")
@click.option("--result", type=click.Choice([result.value for result in _BY_HAND]), required=True, help="Result.")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def close(app: App, name: str, result: str, reason: str, operator: str) -> None:
    """Close the correction ID without a mend: there was no defect, or the item left the collection."""
    event = CorrectionClosed(
        correction=one_of(app, name, operator),
        result=Result(result),
        reason=Sentence.verbatim(clean(reason)),
        operator=asker(app, operator).id,
    )
    _do(app, event, operator)


@corrections.command("order")
@data_option
@json_option
@click.argument("barcode")
@click.option("--worker", "whose", required=True, metavar="LOGIN", help="Worker whose work is rechecked.")
@click.option("--part", type=click.IntRange(1), default=1, show_default=True, help="Part of a set.")
@click.option("--reason", required=True, help="Why: the plan, or the occasion.")
@operator_option
@pass_app
def order_(app: App, barcode: str, whose: str, part: int, reason: str, operator: str) -> None:
    """Order that another person repeat the checks of BARCODE."""
    settings = app.settings()
    code = check(barcode, settings.barcodes)
    whose_work, who = worker(app, whose), asker(app, operator)
    if not whose_work.registered:
        raise WorkerUnknown(shown_name(whose))
    if who.role is None:
        raise WorkerGone(who.id)
    event = recheck_order(
        uuid.uuid4().hex,
        _item(app, code),
        part,
        worker=whose_work.id,
        due=app.clock.day(settings.corrections.recheck_days),
        found_by=who.id,
        reason=Sentence.verbatim(clean(reason)),
    )
    order(app, event)
    _said(app, event.correction, operator)


def _item(app: App, barcode: Barcode) -> ItemRecord:
    """Return the item's record: as last judged, else from the catalog index. Raises `CatalogError`."""
    judged = queries(app).last_judged(barcode)
    return judged.event.item if judged is not None else catalog_index(app.settings(), app.data).find(barcode)


@corrections.command()
@data_option
@json_option
@click.option("--by", type=click.Choice(["owner", "rule"]), default="owner", show_default=True)
@operator_option
@pass_app
def figures(app: App, by: str, operator: str) -> None:
    """Show figures on corrections, by owner or by rule: open, overdue, days until mended, failed mends."""
    app.settings()
    seen = visibility(app, operator)
    names = seen.names()

    def name(entry: Entry) -> str:
        now = entry.correction
        return (seen.shown(now.owner) if by == "owner" else now.rule or now.kind.value) or tell("correction.nobody")

    counts = count(seen.corrections(closed=True), name)
    shown = [msgspec.structs.replace(figure, name=names.get(figure.name, figure.name)) for figure in counts]
    columns = (by, "open", "overdue", "to-recheck", "oldest", "median", "came-back", "closed")
    head = tuple(tell(f"correction.figure.{column}") for column in columns)
    rows = [
        (
            figure.name,
            str(figure.open),
            str(figure.overdue),
            str(figure.to_recheck),
            tell("correction.list.age", days=figure.oldest_days) if figure.open else "",
            "" if figure.median_days is None else f"{figure.median_days:g}",
            str(figure.came_back),
            ", ".join(
                tell("correction.figure.ended", number=number, result=tell(f"correction.result.{result}"))
                for result, number in figure.closed.items()
            ),
        )
        for figure in shown
    ]
    app.report(shown, table([head, *rows]) if rows else [tell("correction.none-at-all")])


@corrections.command()
@data_option
@json_option
@click.argument("name", metavar="ID|BARCODE")
@operator_option
@pass_app
def look(app: App, name: str, operator: str) -> None:
    """Show the findings of an item before its blind second check. Requires the technician role or higher. The look is
    journaled, and another person must then do the second check."""
    who = asker(app, operator)
    waiting = [entry.correction for entry in named(app, name, operator) if is_second_check(entry.correction, who.id)]
    order(app, *(SecondCheckSeen(correction=correction.id, operator=who.id) for correction in waiting))
    barcodes = {correction.barcode for correction in waiting} or {clean(name)}
    seen = visibility(app, operator)
    entries = [entry for barcode in sorted(barcodes) for entry in seen.corrections(closed=True, barcode=barcode)]
    names = seen.names()
    lines = [tell("correction.nothing-hidden", barcode=clean(name))] if not waiting else [tell("notice.looked")]
    for entry in entries:
        lines += ["", *table(list(details(entry, names)))]
    app.report(
        {"looked": [correction.id for correction in waiting], "found": [value(entry, names) for entry in entries]},
        lines,
    )


# --- names and answers ----------------------------------------------------------------------------------------------


def _owner(app: App, owner: str) -> str:
    """Return the id of the worker with this login, else the department as given."""
    if not clean(owner):
        return ""
    person = worker(app, owner)
    return person.id if person.registered else clean(owner)


def _do(app: App, event: CorrectionStep, operator: str) -> None:
    order(app, event)
    _said(app, event.correction, operator)


def _said(app: App, correction: str, operator: str) -> None:
    seen = visibility(app, operator)
    entry = seen.correction(correction)
    if entry is None:
        raise CorrectionUnknown(correction)
    reading, sign_on = views(app, operator), app.settings().people.sign_on
    item = item_to_fix(reading, entry.correction.barcode, None) if entry.closed_at else UNKNOWN
    next_step = to_do(entry, item, reading.viewer, sign_on=sign_on) if entry.closed_at else EMPTY
    app.report(value(entry, seen.names()), list(_sentences(entry, next_step, sign_on=sign_on)))


def _sentences(entry: Entry, next_step: Sentence, *, sign_on: bool) -> Iterator[str]:
    """Return what was done and what is due next. Where people do not sign on, the next pass is the second look."""
    now = entry.correction
    ident, item = now.id[:8], now.barcode
    if now.result is not None:
        yield tell(
            "correction.done.closed",
            id=ident,
            barcode=item,
            title=now.heading,
            result=tell(f"correction.result.{now.result.value}"),
        )
        if next_step:
            yield tell(next_step)
    else:
        yield tell(f"correction.done.{now.state.value}", id=ident, barcode=item, title=now.heading)
    if now.state is not CorrectionState.MENDED:
        return
    if now.recheck is Recheck.MACHINE:
        yield tell("correction.done.machine")
    else:
        title = now.item_title or item
        yield tell("correction.done.person") if sign_on else tell("correction.to-do-again", title=title)


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
