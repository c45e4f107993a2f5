"""`station stack`: verify finished items that are on the pad together, by reading and comparing each tag."""

from __future__ import annotations

import click

from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.workflows.convert import scanned
from station.cli.workflows.pad_request import asked
from station.domain.commands import CheckStack
from station.domain.people.sign_on import OWN_PROGRAM
from station.domain.workflows import StackReport, StackState


@click.group()
@data_option
def stack() -> None:
    """Stacks of finished items on the pad."""


@stack.command()
@data_option
@json_option
@click.argument("barcodes", nargs=-1)
@click.option(
    "--list",
    "listed",
    type=click.Path(dir_okay=False, allow_dash=True),
    help='File with the barcodes of the stack, one per line; "-" = stdin.',
)
@pass_app
def verify(app: App, barcodes: tuple[str, ...], listed: str | None) -> int:
    """Read every tag on the pad and compare it with journal and catalog: what is right, missing, extra or wrong.

    BARCODES are the items that must be on the pad, with all their parts. Without BARCODES, these are the items in the
    stack of the open conversion session, else the items that the journal has for the tags. Exit code 1 unless
    everything is right.
    """
    named = (*barcodes, *(scanned(listed) if listed is not None else ()))
    report = asked(app, CheckStack(barcodes=named, source=OWN_PROGRAM)).stack or StackReport()
    app.report(report, lines_of(report))
    return 0 if report.whole else NOT_GOOD


def lines_of(report: StackReport) -> list[str]:
    """Return the report as lines of text: the number of right ones, then every other line with its reasons."""
    right = report.of(StackState.RIGHT)
    lines = [tell("stack.report.right", right=len(right), all=len(report.lines))]
    for line in report.lines:
        if line.state is not StackState.RIGHT:
            part = f" {tell('stack.report.part', part=line.part, parts=line.parts)}" if line.parts > 1 else ""
            tag = f" {tell('stack.report.tag', uid=line.uid)}" if line.uid else ""
            state = tell(f"stack.state.{line.state.value}")
            lines.append(f"{state}: {line.barcode or '-'}{part} {line.title}{tag}: {' '.join(map(tell, line.reasons))}")
    return lines
