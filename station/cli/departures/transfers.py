"""`station transfers`: items that move, get another call number, are lost, or turn up again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from station.acquisitions.transfer_lists import lines_of
from station.base.errors import BarcodeUnknown, CatalogError, DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.receiving.file_options import file_name
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import acts, claims, queries
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain import lost_items
from station.domain.events import TransferCanceled
from station.domain.item import Barcode, ItemRecord
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.people.sign_on import By
from station.domain.transfer_reading import readings
from station.domain.transfers.shelves import after
from station.domain.transfers.transfer import Shelf, Transfer, TransferStep, transfer_id
from station.domain.withdrawals.proofs import title_effect
from station.domain.withdrawals.withdrawal import Piece
from station.reports.tables.transfers import TransferFilter
from station.reports.tables.transfers import transfers as transfers_table
from station.runtime.library_systems import catalog_index
from station.runtime.transfer_decisions import LONGEST_NOTE, decision, records
from station.runtime.transfer_reader import read as read_items
from station.runtime.transfer_reader import waiting

_TRANSFER: Final = "transfer-"


@click.group()
def transfers() -> None:
    """Items that move, get another call number, are lost, or turn up again."""


@transfers.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include those that are finished or canceled.")
@click.option("--step", type=click.Choice([step.value for step in TransferStep]), help="Only with this step.")
@click.option("--library", default="", metavar="CODE", help="Only to this library.")
@click.option("--list", "list_name", default="", metavar="NAME", help="Only of this list.")
@operator_option
@pass_app
def list_(app: App, everything: bool, step: str | None, library: str, list_name: str, operator: str) -> None:
    """List the transfers that are not finished, the oldest first; with --all the newest first."""
    visible = visibility(app, operator)
    choice = TransferFilter(step=step or "", library=library, list=list_name)
    shown = transfers_table(filter(choice.wants, visible.transfers(everything=everything)))
    app.report(shown.values(), rows(shown, visible.names()) or [tell("transfer.none")])


@transfers.command()
@data_option
@json_option
@click.argument("name", metavar="TRANSFER")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show a transfer with its proofs. TRANSFER is its id, its number, or the barcode of its item. Exit code 1 until it is
    finished."""
    now = _named(app, name, operator)
    _report(app, now, operator)
    return DONE if now.next_step is TransferStep.NOTHING else NOT_GOOD


@transfers.command()
@data_option
@json_option
@click.argument("barcode", metavar="BARCODE")
@click.option("--library", default="", metavar="CODE", help="New library; without it the library stays.")
@click.option("--location", default="", metavar="CODE", help="New location; without it the location stays.")
@click.option("--call-number", default="", metavar="TEXT", help="New call number; without it the call number stays.")
@click.option("--reason", default="", help="Why.")
@click.option("--note", default="", help="Any remark.")
@click.option("--approver", default="", metavar="NAME", help="Librarian who approved it.")
@operator_option
@pass_app
def decide(
    app: App,
    barcode: str,
    library: str,
    location: str,
    call_number: str,
    reason: str,
    note: str,
    approver: str,
    operator: str,
) -> None:
    """Decide that BARCODE moves, or gets another call number. Alma is ordered to move it; a new call number a person enters
    there. Needs a technician."""
    settings = app.settings()
    wanted = Shelf(library=clean(library, 40), location=clean(location, 40), call_number=clean(call_number, 120))
    answer = _asked(app, check_barcode(barcode, settings.barcodes), operator)
    if answer.record is None:
        raise BarcodeUnknown(clean(barcode))
    event = decision(
        settings,
        answer.record,
        wanted,
        operator=asker(app, operator).id,
        reason=reason,
        note=note,
        approver=approver,
        signs=answer.signs,
    )
    _report(app, _named(app, transfer_id(order(app, event)), operator), operator)


@transfers.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="Name of the list; without it the name of the file.")
@click.option("--reason", default="", help="Why.")
@click.option("--approver", default="", metavar="NAME", help="Librarian who approved it.")
@operator_option
@pass_app
def import_(app: App, file: Path, name: str, reason: str, approver: str, operator: str) -> None:
    """Decide the transfers of a list: CSV or XLSX with the columns barcode, library, location, call_number, note. All of them,
    or none."""
    settings = app.settings()
    views(app, operator)  # who asks proves it before anything is read
    lines = lines_of(_content_of(file), file_name(file), settings.barcodes)
    index, who = catalog_index(settings, app.data), asker(app, operator).id
    try:
        events = [
            decision(
                settings,
                index.find(line.barcode),
                line.wanted,
                operator=who,
                reason=reason,
                note=line.note,
                approver=approver,
                name_of_list=name or file.stem,
            )
            for line in lines
        ]
    finally:
        index.close()
    order(app, *events)
    wanted = {line.barcode for line in lines}
    visible = visibility(app, operator)
    shown = transfers_table(transfer for transfer in visible.transfers() if transfer.barcode in wanted)
    app.report(shown.values(), rows(shown, visible.names()))


@transfers.command()
@data_option
@json_option
@click.argument("name", metavar="TRANSFER")
@click.option("--reason", required=True, help="Why it stays.")
@operator_option
@pass_app
def cancel(app: App, name: str, reason: str, operator: str) -> None:
    """Cancel a transfer that the library system does not show yet. Needs a technician."""
    now = _named(app, name, operator)
    order(app, TransferCanceled(transfer=now.id, reason=clean(reason, LONGEST_NOTE), operator=asker(app, operator).id))
    _report(app, _named(app, now.id, operator), operator)


@transfers.command()
@data_option
@json_option
@click.argument("name", metavar="TRANSFER")
@click.option("--reason", required=True, help="How you know.")
@operator_option
@pass_app
def confirm(app: App, name: str, reason: str, operator: str) -> None:
    """Confirm that the library system has the new place, where the station cannot read it. Needs a technician."""
    now, who = _named(app, name, operator), asker(app, operator).id
    shelf = after(now.before, now.wanted)
    order(app, *readings(now, shelf, operator=who, by_hand=True, note=clean(reason, LONGEST_NOTE)))
    _report(app, _named(app, now.id, operator), operator)


@transfers.command()
@data_option
@json_option
@click.argument("names", metavar="[TRANSFER]...", nargs=-1)
@operator_option
@pass_app
def read(app: App, names: tuple[str, ...], operator: str) -> None:
    """Read the items of these transfers, or of all that wait, in the library system, and record which it shows at their new
    place."""
    chosen = [_named(app, name, operator) for name in names] or waiting(queries(app))
    with records(app.settings(), app.data) as catalog:
        shown = read_items(chosen, catalog, asker(app, operator).id)
    if shown:
        order(app, *shown)
    visible = visibility(app, operator)
    now = filter(None, (visible.transfer(transfer.id) for transfer in chosen))
    result = transfers_table(now)
    app.report(result.values(), rows(result, visible.names()) or [tell("transfer.none")])


@transfers.command()
@data_option
@json_option
@click.argument("barcode", metavar="BARCODE")
@click.option(
    "--as",
    "piece",
    type=click.Choice([piece.value for piece in Piece if piece is not Piece.PRESENT]),
    default=Piece.LOST.value,
    help="What it is.",
)
@click.option("--reason", default="", help="How you know.")
@operator_option
@pass_app
def lost(app: App, barcode: str, piece: str, reason: str, operator: str) -> None:
    """Record that BARCODE is lost, missing or claimed returned."""
    record = _record(app, barcode)
    effect = title_effect(0, _asked(app, record.barcode, operator).signs)
    order(app, lost_items.lost(record, Piece(piece), clean(reason, LONGEST_NOTE), asker(app, operator).id, effect))
    _report_lost(app, record)


@transfers.command()
@data_option
@json_option
@click.argument("barcode", metavar="BARCODE")
@click.option("--reason", default="", help="Where it was.")
@operator_option
@pass_app
def found(app: App, barcode: str, reason: str, operator: str) -> None:
    """Record that BARCODE turned up again."""
    record = _record(app, barcode)
    order(app, lost_items.found(record, clean(reason, LONGEST_NOTE), asker(app, operator).id))
    _report_lost(app, record)


def _record(app: App, barcode: str) -> ItemRecord:
    """Return the record of an item in the catalog index, else only its barcode."""
    settings = app.settings()
    checked, index = check_barcode(barcode, settings.barcodes), catalog_index(settings, app.data)
    try:
        return index.find(checked)
    except CatalogError:
        return ItemRecord(barcode=checked)
    finally:
        index.close()


def _report_lost(app: App, record: ItemRecord) -> None:
    """Report whether an item is here, or since when it is not."""
    now = queries(app).lost_item(record.barcode)
    name, piece = clean(record.title or record.barcode), now.piece if now is not None else Piece.PRESENT
    value = {"barcode": record.barcode, "piece": piece.value, "since": now.since if now is not None else ""}
    app.report(value, [tell(f"transfer.piece.{piece}", title=name)])


def _asked(app: App, barcode: Barcode, operator: str) -> ItemAnswer:
    """Return what library system and catalog say of an item, with its stop signs."""
    who = asker(app, operator)
    by = By(operator=who.id, claims=claims(app).of({who.id}))
    return acts(app).item(ItemQuestion(barcode=barcode, signs=True), by)


def _content_of(file: Path) -> bytes:
    """Return the content of a file. Raise `DepartureRefused`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DepartureRefused(Sentence.verbatim(clean(f"{file}: {error.strerror or error}"))) from error


def _named(app: App, name: str, operator: str) -> Transfer:
    """Return the transfer with this id or number, else the open one of the item with this barcode."""
    reading, plain = visibility(app, operator), clean(name, 60)
    ident = plain if plain.startswith(_TRANSFER) else f"{_TRANSFER}{plain}"
    now = reading.transfer(ident) or reading.transfer_of_item(plain)
    if now is None:
        raise DepartureRefused(Sentence("transfer.unknown", transfer=plain))
    return now


def _report(app: App, now: Transfer, operator: str) -> None:
    shown = transfers_table([now])
    app.report(shown.values()[0], rows(shown, visibility(app, operator).names()))
