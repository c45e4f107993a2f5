"""`station inspect` and `station undo`: show everything about a tag, and undo its last write, through the same
bench."""

from __future__ import annotations

import sys

import click

from station.base.errors import TagAbsent, TagsCollide, UndoRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, confirm, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import at_the_bench
from station.cli.shared.who_asks import asker
from station.cli.workflows.pad_request import asked
from station.cli.workflows.process import bench_of
from station.domain.commands import InspectPad, UndoWrite
from station.domain.findings import Severity
from station.domain.people.sign_on import OWN_PROGRAM
from station.domain.workflows import InspectedTag

_BAD = ("critical", "major")


@click.command()
@data_option
@json_option
@pass_app
def inspect(app: App) -> int:
    """Inspect every tag on the pad: content, bytes, problems, history, second tags, and what could be undone.

    Exit code 1 if a problem is major or critical.
    """
    inspected = asked(app, InspectPad()).inspected
    lines = [line for tag in inspected for line in ("", *lines_of(tag))][1:]
    app.report(inspected, lines or [tell("inspect.nothing-lies")])
    return NOT_GOOD if any(diagnosis.severity in _BAD for tag in inspected for diagnosis in tag.diagnoses) else 0


@click.command()
@data_option
@json_option
@click.option("--uid", default="", help="Only if the tag on the pad has this UID.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@operator_option
@pass_app
def undo(app: App, uid: str, yes: bool, operator: str) -> int:
    """Undo tag write: the one tag on the pad becomes, byte by byte, what it was before its last write.

    Asks for confirmation. Undoing another person's write requires a technician; if sign-on is required, the command
    asks for one at this terminal. Refused if a block is locked, or if the tag does not hold what this station wrote.
    """
    with bench_of(app, "an undo from the command line", as_job=False) as (bench, at_end):  # not for people
        at_end(lambda: None)
        if bench.snapshot.sign_on:
            at_the_bench(app, bench, operator)
        inspected = asked(app, InspectPad()).inspected
        if not inspected:
            raise TagAbsent(Sentence("pad.empty"))
        if len(inspected) > 1:
            raise TagsCollide(Sentence("pad.tags-answer", count=len(inspected)))
        tag = inspected[0]
        if tag.undo is None or (uid and uid.upper() != tag.uid):
            raise UndoRefused(Sentence("undo.nothing") if tag.undo is None else Sentence("undo.other-tag", uid=tag.uid))
        if tag.undo.refused:
            raise UndoRefused(tag.undo.refused)
        question = tell(tag.undo.question)
        if not yes:
            if app.json or not sys.stdin.isatty():
                raise click.UsageError(f"{question} (--yes)")
            confirm(question, abort=True)
        request = UndoWrite(uid=tag.uid, attempt=tag.undo.attempt, operator=asker(app, operator).id, source=OWN_PROGRAM)
        after = asked(app, request).inspected
        app.report(after, [tell("undo.done", tag=after[0].summary), *map(tell, after[0].to_do)])
        return 0


def lines_of(tag: InspectedTag) -> list[str]:
    """Return a tag as lines of text."""
    lines = [*map(tell, tag.lines), *map(tell, tag.dump)]
    lines.append(
        tell("inspect.locked", count=len(tag.locked), blocks=", ".join(map(str, tag.locked)))
        if tag.locked
        else tell("inspect.no-locks")
    )
    if not tag.diagnoses:
        lines.append(tell("inspect.nothing-wrong"))
    for diagnosis in tag.diagnoses:
        bad = (
            tell(f"correction.list.severity.{diagnosis.severity}")
            if diagnosis.severity in tuple(Severity)
            else diagnosis.severity
        )
        lines += [f"{bad.upper()}: {tell(diagnosis.sentence)}", f"  {tell('inspect.to-do', advice=diagnosis.advice)}"]
    lines += map(tell, tag.ledger)
    if tag.undo is not None:
        offer = tag.undo
        who = offer.operator or tell("inspect.last-write-nobody")
        lines.append(
            tell("inspect.last-write", title=offer.title, day=local_day(offer.at), operator=who, before=offer.back_to)
        )
        lines += [tell(offer.refused)] if offer.refused else []
        lines += [tell("inspect.undo-begun")] if offer.begun else []
    lines += [f"{line.at[:19]}  {clean(tell(line.said))}" for line in tag.history]
    return lines
