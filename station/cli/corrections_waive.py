"""`station corrections waive`: let a failed finding stand."""

from __future__ import annotations

import click

from station.cli.app import App, data_option, json_option, pass_app
from station.cli.asking import asker, one_of, operator_option, order, queries, sight
from station.cli.correction_view import value
from station.correction_words import waits_for
from station.errors import CorrectionNotOpen, CorrectionUnknown, WorkerGone
from station.events import FindingWaived
from station.model import CorrectionKind, Outcome
from station.rights import Role
from station.text import clean


@click.command()
@data_option
@json_option
@click.argument("name", metavar="ID|BARCODE")
@click.option("--rule", default="", metavar="RULE", help="A failed rule of BARCODE, where that is no correction.")
@click.option("--part", type=click.IntRange(1), default=1, show_default=True, help="Part of a set, with --rule.")
@click.option("--reason", required=True, help="Why the item may go to the shelf as it is.")
@operator_option
@pass_app
def waive(app: App, name: str, rule: str, part: int, reason: str, operator: str) -> None:
    """Let the finding of a correction stand. An operator may waive what is not critical, a technician everything. The
    finding stays in the journal; the item's verdict is given once more without it, and delivered."""
    app.settings()
    who = asker(app, operator)
    if who.role is None:
        raise WorkerGone(who.id)
    said = clean(reason)
    if rule:
        event = _of_verdict(app, clean(name), part, clean(rule), said, who.id, who.role)
        order(app, event)
        app.report(event, [f"{event.barcode} {event.title}: waived"])
        return
    ident = one_of(app, name)
    entry = queries(app).correction(ident)
    if entry is None:
        raise CorrectionUnknown(ident)
    now = entry.correction
    if now.kind is CorrectionKind.RECHECK:
        raise CorrectionNotOpen("it asks for a recheck; there is no finding to waive")
    if entry.closed_at:
        raise CorrectionNotOpen(waits_for(entry))
    events = [
        FindingWaived(
            barcode=now.barcode,
            part=number,
            rule=now.rule,
            title=now.title,
            severity=now.severity,
            reason=said,
            operator=who.id,
            role=who.role,
        )
        for number in now.parts
    ]
    order(app, *events)
    seen = sight(app, operator)
    after = seen.correction(ident)
    if after is None:
        raise CorrectionUnknown(ident)
    app.report(value(after, seen.names()), [f"{now.id[:8]} {now.barcode} {now.title}: {waits_for(after)}"])


def _of_verdict(app: App, barcode: str, part: int, rule: str, reason: str, operator: str, role: Role) -> FindingWaived:
    """The waiver of a finding in an item's newest verdict."""
    last = queries(app).last_judged(barcode, part)
    waived = {waiver.rule for waiver in last.event.waivers} if last is not None else set()
    failed = [one for one in last.event.findings if one.outcome is Outcome.FAIL] if last is not None else []
    finding = next((one for one in failed if one.rule == rule and rule not in waived), None)
    if finding is None:
        raise CorrectionUnknown(f"the newest verdict of {barcode} has no failed finding of the rule {rule}")
    return FindingWaived(
        barcode=barcode,
        part=part,
        rule=rule,
        title=finding.title,
        severity=finding.severity,
        reason=reason,
        operator=operator,
        role=role,
    )
