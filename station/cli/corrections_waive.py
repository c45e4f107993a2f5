"""`station corrections waive`: let a failed finding stand."""

from __future__ import annotations

import click

from station.cli.app import App, data_option, json_option, pass_app
from station.cli.asking import asker, one_of, operator_option, order, queries, sight
from station.cli.correction_view import value
from station.correction_words import waits_for
from station.errors import CorrectionNotOpen, CorrectionUnknown, WorkerGone
from station.events import FindingWaived
from station.model import CorrectionKind
from station.text import clean


@click.command()
@data_option
@json_option
@click.argument("correction", metavar="ID")
@click.option("--reason", required=True, help="Why the item may go to the shelf as it is.")
@operator_option
@pass_app
def waive(app: App, correction: str, reason: str, operator: str) -> None:
    """Let the finding of correction ID stand. An operator may waive what is not critical, a technician everything. The
    finding stays in the journal; the item's verdict is given once more without it, and delivered."""
    app.settings()
    ident = one_of(app, correction)
    entry = queries(app).correction(ident)
    if entry is None:
        raise CorrectionUnknown(ident)
    now, who = entry.correction, asker(app, operator)
    if now.kind is CorrectionKind.RECHECK:
        raise CorrectionNotOpen("it asks for a recheck; there is no finding to waive")
    if entry.closed_at:
        raise CorrectionNotOpen(waits_for(entry))
    if who.role is None:
        raise WorkerGone(who.id)
    events = [
        FindingWaived(
            barcode=now.barcode,
            part=part,
            rule=now.rule,
            title=now.title,
            severity=now.severity,
            reason=clean(reason),
            operator=who.id,
            role=who.role,
        )
        for part in now.parts
    ]
    order(app, *events)
    seen = sight(app, operator)
    after = seen.correction(ident)
    if after is None:
        raise CorrectionUnknown(ident)
    app.report(value(after, seen.names()), [f"{now.id[:8]} {now.barcode} {now.title}: {waits_for(after)}"])
