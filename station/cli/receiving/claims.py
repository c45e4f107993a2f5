"""`station receiving claim`: ask a vendor to settle differences."""

from __future__ import annotations

from pathlib import Path

import click

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.spreadsheet import as_csv
from station.base.text import clean
from station.base.words import station_session
from station.cli.receiving.file_options import write_file
from station.cli.receiving.named import difference_named
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views
from station.domain.events import ClaimMade
from station.domain.receiving.shipment import claim_id
from station.printing.job import Printer, load_paper, paper_of
from station.printing.outputs import Target
from station.reports.claim import Claim, claimed, contents, library_of, made, mail, prepared
from station.reports.tables.cells import written
from station.store.queries.queries import Queries

_CLAIM = "claim-"


@click.command()
@data_option
@json_option
@click.argument("names", metavar="DIFFERENCE...", nargs=-1, required=True)
@click.option("--preview", is_flag=True, help="Show the text, and claim nothing.")
@click.option("--csv", "to_csv", type=click.Path(dir_okay=False, path_type=Path), help="Write the differences as CSV.")
@click.option("--pdf", "to_pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the claim as a letter.")
@operator_option
@pass_app
def claim(
    app: App, names: tuple[str, ...], preview: bool, to_csv: Path | None, to_pdf: Path | None, operator: str
) -> None:
    """Claim differences from their vendor, and show the text of the mail. They are due again after the vendor's days. The
    id of a claim shows that claim again."""
    library = library_of(app.settings())
    reading = queries(app)
    if len(names) == 1 and names[0].startswith(_CLAIM):
        views(app, operator)  # who asks
        shown = _made(reading, names[0], library)
    elif preview:
        views(app, operator)
        differences = [difference_named(reading, name) for name in dict.fromkeys(names)]
        if len({difference.vendor for difference in differences}) > 1:
            raise ReceivingRefused(Sentence("shipment.claim-vendors"))
        shown = prepared(reading, differences, library)
    else:
        event = ClaimMade(differences=tuple(dict.fromkeys(names)), operator=asker(app, operator).id)
        shown = _made(reading, claim_id(order(app, event)), library)
    if to_csv is not None:
        write_file(to_csv, as_csv(written([claimed(shown)], {})).encode("utf-8"))
    if to_pdf is not None:
        write_file(to_pdf, _letter(app, shown))
    lines = mail(shown, station_session().tell)
    value = {
        "id": shown.id,
        "vendor": shown.vendor,
        "due": shown.due,
        "differences": claimed(shown).values(),
        "mail": lines,
    }
    app.report(value, lines)


def _made(reading: Queries, ident: str, library: str) -> Claim:
    claim = made(reading, ident, library)
    if claim is None:
        raise ReceivingRefused(Sentence("receiving.unknown-claim", claim=clean(ident)))
    return claim


def _letter(app: App, claim: Claim) -> bytes:
    """Return the claim on paper, as PDF."""
    labels = app.settings().labels
    paper = load_paper(paper_of("claim", labels), app.data)
    nowhere = Target("directory", "")  # not for people
    printer = Printer(paper, "claim", "pdf", nowhere, settings=labels, data=app.data, clock=app.clock)
    return printer.render([printer.page(page) for page in contents(claim, station_session().tell)])
