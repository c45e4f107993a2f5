"""`station corrections waive`: waive a failed finding."""

from __future__ import annotations

import click

from station.base.errors import CorrectionNotOpen, CorrectionUnknown, WorkerGone
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.quality.correction_view import value
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, one_of, order, views, visibility
from station.domain.correction_states import CorrectionKind
from station.domain.corrections.words import waits_for
from station.domain.events import FindingWaived
from station.domain.finding_words import title_of
from station.domain.findings import Outcome
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.store.queries.queries import JudgedRow


@click.command()
@data_option
@json_option
@click.argument("name", metavar="ID|BARCODE")
@click.option("--rule", default="", metavar="RULE", help="Failed rule of BARCODE, if there is no correction for it.")
@click.option("--part", type=click.IntRange(1), default=1, show_default=True, help="Part of a set, with --rule.")
@click.option("--reason", required=True, help="Why the item may go to the shelf as it is.")
@operator_option
@pass_app
def waive(app: App, name: str, rule: str, part: int, reason: str, operator: str) -> None:
    """Waive the finding of a correction. An operator may waive findings that are not critical, a technician all. The
    finding stays in the journal. The item is judged again without it, and the new verdict is delivered."""
    app.settings()
    who = asker(app, operator)
    if who.role is None:
        raise WorkerGone(who.id)
    reason_text = clean(reason)
    if rule:
        last = views(app, operator).last_judged(clean(name), part)
        event = _of_verdict(last, clean(name), part, clean(rule), reason_text, who.id, who.role)
        if last is not None and last.event.verdict is Verdict.PASS and not _opened(app, event):
            raise CorrectionNotOpen(Sentence("correction.passed-with-it", barcode=event.barcode))
        order(app, event)
        app.report(
            event, [tell("correction.waived", barcode=event.barcode, title=title_of(event.rule, tell(event.title)))]
        )
        return
    ident = one_of(app, name, operator)
    entry = queries(app).correction(ident)
    if entry is None:
        raise CorrectionUnknown(ident)
    now = entry.correction
    if now.kind is CorrectionKind.RECHECK:
        raise CorrectionNotOpen(Sentence("correction.no-finding"))
    if entry.closed_at:
        raise CorrectionNotOpen(waits_for(entry))
    events = [
        FindingWaived(
            barcode=now.barcode,
            part=number,
            rule=now.rule,
            title=now.title,
            severity=now.severity,
            reason=reason_text,
            operator=who.id,
            role=who.role,
        )
        for number in now.parts
    ]
    order(app, *events)
    seen = visibility(app, operator)
    after = seen.correction(ident)
    if after is None:
        raise CorrectionUnknown(ident)
    app.report(
        value(after, seen.names()), [f"{now.id[:8]} {now.barcode} {tell(now.heading)}: {tell(waits_for(after))}"]
    )


def _opened(app: App, event: FindingWaived) -> bool:
    """Return True if a correction waits for that finding to be mended. A waiver closes the correction, whatever
    the verdict."""
    open_ones = queries(app).corrections(barcode=event.barcode)
    return any(
        entry.correction.kind is CorrectionKind.MEND and entry.correction.rule == event.rule for entry in open_ones
    )


def _of_verdict(
    last: JudgedRow | None, barcode: str, part: int, rule: str, reason: str, operator: str, role: Role
) -> FindingWaived:
    """Return the waiver of a finding in the item's newest verdict. Raises `CorrectionUnknown`."""
    waived = {waiver.rule for waiver in last.event.waivers} if last is not None else set()
    failed = [finding for finding in last.event.findings if finding.outcome is Outcome.FAIL] if last is not None else []
    finding = next((finding for finding in failed if finding.rule == rule and rule not in waived), None)
    if finding is None:
        raise CorrectionUnknown(Sentence("correction.no-such-finding", barcode=barcode, rule=rule))
    return FindingWaived(
        barcode=barcode,
        part=part,
        rule=rule,
        title=Sentence.verbatim(finding.title),
        severity=finding.severity,
        reason=reason,
        operator=operator,
        role=role,
    )
