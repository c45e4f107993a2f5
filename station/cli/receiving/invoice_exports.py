"""What Accounts Payable gets: `station receiving invoices sheet|export|exports`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.cli.receiving.file_options import write_file
from station.cli.receiving.named import invoice_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain.invoices.standing import InvoiceState, export_id
from station.printing.job import Printer, load_paper, paper_of
from station.printing.outputs import Target
from station.reports.claim import library_of
from station.reports.okay_sheet import contents, lines, okay_sheet
from station.reports.payables import export_again, export_of
from station.reports.tables import purchases
from station.store.queries.queries import Queries

_SUFFIXES: Final = (".csv", ".xlsx")


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option("--pdf", "to_pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the sheet as PDF.")
@operator_option
@pass_app
def sheet(app: App, name: str, to_pdf: Path | None, operator: str) -> None:
    """Show the sheet of INVOICE for Accounts Payable: what is to be paid, from which accounts, and who certified it."""
    library = library_of(app.settings())
    seen, reading = visibility(app, operator), views(app, operator)
    now = invoice_named(reading, name)
    shown = okay_sheet(reading, now, library, seen.names())
    say = station_session().tell
    if to_pdf is not None:
        labels = app.settings().labels
        nowhere = Target("directory", "")  # not for people
        paper = load_paper(paper_of("okay", labels), app.data)
        printer = Printer(paper, "okay", "pdf", nowhere, settings=labels, data=app.data, clock=app.clock)
        write_file(to_pdf, printer.render([printer.page(page) for page in contents(shown, say)]))
    text = lines(shown, say)
    app.report({"invoice": now.id, "text": text}, text)


@click.command()
@data_option
@json_option
@click.argument("names", metavar="[INVOICE]...", nargs=-1)
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="New file to write: .csv or .xlsx.",
)
@click.option("--again", default="", metavar="EXPORT", help="Write the file of this export again, and export nothing.")
@operator_option
@pass_app
def export(app: App, names: tuple[str, ...], file: Path, again: str, operator: str) -> None:
    """Hand the invoices with the okay to pay to Accounts Payable, or only those that are named, as a file with the site's
    columns. Each is exported once. The same export can be written again with the same bytes."""
    app.settings()
    if file.suffix not in _SUFFIXES:
        raise click.UsageError(f"--to takes a file that ends in {' or '.join(_SUFFIXES)}.")
    if file.exists():
        raise click.UsageError(f"{clean(str(file))} exists already. Choose another name.")
    if again and names:
        raise click.UsageError("--again takes no invoice: they are those of the export.")
    seen, reading = visibility(app, operator), views(app, operator)
    if again:
        done, whole = export_again(reading, again)
        _named(_draft(file, whole.written(file.suffix)), file)
    else:
        newest = reading.head().seq  # an invoice that changes from now on is not exported
        whole = export_of(reading, _chosen(reading, names))
        draft = _draft(file, whole.written(file.suffix))
        try:
            seq = order(app, whole.event(clean(file.name, 200), asker(app, operator).id), expects=newest)
        except BaseException:
            draft.unlink()
            raise
        _named(draft, file)
        done, _ = export_again(reading, export_id(seq))
    shown = purchases.exports([done])
    app.report({**shown.values()[0], "rows": len(whole.table.rows)}, rows(shown, seen.names()))


@click.command()
@data_option
@json_option
@operator_option
@pass_app
def exports(app: App, operator: str) -> None:
    """List what was handed to Accounts Payable, the newest first."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    shown = purchases.exports(reading.exports())
    app.report(shown.values(), rows(shown, seen.names()) or [tell("receiving.no-exports")])


COMMANDS: Final = (sheet, export, exports)


def _chosen(reading: Queries, names: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the invoices to export: those that are named, else all with the okay to pay. Raise
    `ReceivingRefused` if there are none."""
    if names:
        return tuple(dict.fromkeys(invoice_named(reading, name).id for name in names))
    signed = [standing.id for standing in reading.invoices() if standing.state is InvoiceState.SIGNED]
    if not signed:
        raise ReceivingRefused(Sentence("receiving.nothing-to-export"))
    return tuple(signed)


def _named(draft: Path, file: Path) -> None:
    """Give a complete file its name at once. Never replaces another file. Raise `UsageError`."""
    try:
        os.link(draft, file)
    except OSError as error:
        raise click.UsageError(f"{clean(str(file))}: {error.strerror}") from error
    finally:
        draft.unlink()


def _draft(file: Path, data: bytes) -> Path:
    """Write data to a file beside `file`, durably: a full disk is found before anything is journaled. Raise
    `UsageError`."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with draft.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise click.UsageError(f"{clean(str(file))}: {error.strerror}") from error
    return draft
