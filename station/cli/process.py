"""`station process`: the main job for one item without the touch screen, and `station tag write`, its first half."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click
import msgspec

from station import logs
from station.catalog.barcode import check as check_barcode
from station.cli.app import NOT_GOOD, App, data_option, json_option, part_option, pass_app
from station.cli.headless import Ask, Nobody, Operator, Result, Wish
from station.cli.run import LOG
from station.clock import Deadline
from station.commands import Answer, SignOn
from station.control.client import RemoteBench, connect
from station.control.lock import hold
from station.control.server import Server
from station.correction_words import state_of
from station.deliveries import DeliveryState
from station.model import Check, Fault, Outcome
from station.ports import BenchPort, QueryPort
from station.text import clean

SEND_OFF_S: Final = 5.0
_FRESH: Final = frozenset({DeliveryState.PENDING, DeliveryState.LEASED})
_OUTCOMES: Final = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "na": Outcome.NOT_APPLICABLE}


@click.command()
@data_option
@json_option
@click.argument("barcode")
@click.option("--pass-all", is_flag=True, help="Confirm every check that has no --answer.")
@click.option(
    "--answer", "answers", multiple=True, metavar="RULE=OUTCOME", help="pass, na, or fail:REASON; repeatable."
)
@click.option("--note", "notes", multiple=True, metavar="RULE=TEXT", help="A note to an --answer; repeatable.")
@click.option(
    "--photo", "photos", multiple=True, metavar="RULE=PATH", help="Where a photo lies, to an --answer; repeatable."
)
@click.option(
    "--count", "counted", type=click.IntRange(0, 999), help="Pieces counted by hand, to the answer pieces-counted."
)
@click.option(
    "--choose",
    "choices",
    multiple=True,
    metavar="CHOICE",
    help='What to choose where the line stops, in order; "scan" scans the barcode again (the second gesture).',
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="Give up when nothing changes for so long, in seconds.",
)
@part_option
@click.option(
    "--operator", default="", metavar="LOGIN", help="Who stands at the bench, from now on; else as it is or as set."
)
@pass_app
def process(
    app: App,
    barcode: str,
    pass_all: bool,
    answers: tuple[str, ...],
    notes: tuple[str, ...],
    photos: tuple[str, ...],
    counted: int | None,
    choices: tuple[str, ...],
    timeout: float,
    part: int,
    operator: str,
) -> int:
    """Scan BARCODE, write and verify its tag, answer the checks, record the verdict.

    Goes to the running station if there is one. What is not given is asked at the terminal. Exit code 0 for a pass,
    1 for a fail or an item set aside, else the code of what stopped it.
    """
    given = dict(_answer(text) for text in answers)
    _added(given, notes, "note", "note")
    _added(given, photos, "photo", "photo")
    if counted is not None:
        if "pieces-counted" not in given:
            raise click.UsageError("--count goes with --answer pieces-counted=...")
        _added(given, (f"pieces-counted={counted}",), "count", "count")
    wish = Wish(barcode=barcode, pass_all=pass_all, answers=given, choices=choices, timeout=timeout, part=part)
    return carry_out(app, wish, operator)


def carry_out(app: App, wish: Wish, who: str = "") -> int:
    """Do what is wished on the running station, or on one of our own; report; return the exit code. `who`: the operator,
    "" = as it is."""
    check_barcode(wish.barcode, app.settings().barcodes)
    ask: Ask = Nobody() if app.json or not sys.stdin.isatty() else _Terminal()
    with _bench(app) as (bench, at_end):
        operator = Operator(bench, wish, app.clock, ask, app.note)
        at_end(operator.ended)
        if who:
            bench.submit(SignOn(clean(who)))
        result = operator.run()
    _report(app, result)
    return 0 if result.good else NOT_GOOD


@contextmanager
def _bench(app: App) -> Iterator[tuple[BenchPort, Callable[[Callable[[], None]], None]]]:
    """A bench, and where to leave a function that is called when the bench goes away."""
    probe = connect(app.data)
    if probe is not None:
        probe.close()
        remote = RemoteBench(app.data)
        try:
            yield remote, remote.start
        finally:
            remote.stop()
        return
    from station.wiring import Station

    settings = app.settings()
    with hold(app.data, app.clock) as held:
        logs.configure(app.data / LOG)
        station = Station(settings, app.data)
        station.start()
        try:
            server = Server(
                held,
                station.bench,
                retry=station.retry,
                imported=station.store.journal.record,
                order=station.order,
                decide=lambda told: station.decide(told.delivery, told.decision, told.operator, told.reason),
                quit_station=lambda: None,
                pad=station.bench,
            )
            server.start()
            try:
                yield station.bench, lambda _: None
                _send_off(app, station.queries)
            finally:
                server.stop()
        finally:
            station.stop("one item was processed")


def _send_off(app: App, queries: QueryPort) -> None:
    """Give the courier a moment with the result: what it could not deliver by then waits for the next start."""
    deadline = Deadline(app.clock, SEND_OFF_S)
    while not deadline.expired and set(queries.outbox_counts()) & _FRESH:
        app.clock.pause(0.02)


def _answer(text: str) -> tuple[str, Answer]:
    rule, _, outcome = text.partition("=")
    word, _, reason = outcome.partition(":")
    if not rule or word not in _OUTCOMES or (word == "fail") is not bool(reason):
        raise click.UsageError(f"--answer {text}: it is RULE=pass, RULE=na or RULE=fail:REASON")
    return rule, Answer(rule, _OUTCOMES[word], reason)


def _added(given: dict[str, Answer], texts: tuple[str, ...], option: str, field: str) -> None:
    """Put notes or photos to the answers that they belong to."""
    for text in texts:
        rule, _, said = text.partition("=")
        if rule not in given or not said:
            raise click.UsageError(f"--{option} {text}: it is RULE=TEXT, for a rule that has an --answer")
        given[rule] = msgspec.structs.replace(given[rule], **{field: int(said) if field == "count" else said})


def _report(app: App, result: Result) -> None:
    snapshot = result.snapshot
    value = {
        "barcode": result.barcode,
        "outcome": result.outcome,
        "uid": snapshot.tag_uid,
        "part": snapshot.part,
        "findings": snapshot.findings,
        "flags": snapshot.flags,
    }
    lines = [f"{result.barcode}: {result.outcome}", *([f"tag {snapshot.tag_uid}"] if snapshot.tag_uid else [])]
    lines += [
        f"{finding.outcome}: {finding.title}{f' ({finding.reason})' if finding.reason else ''}"
        for finding in snapshot.findings
        if finding.outcome is not Outcome.PASS
    ]
    lines += [
        f"flag {flag.correction[:8]}: {flag.title}: {flag.owner or 'nobody'}, due {flag.due}, {state_of(flag)}"
        for flag in snapshot.flags
    ]
    app.report(value, lines)


class _Terminal:
    """The person at the keyboard."""

    def choice(self, fault: Fault) -> str | None:
        """See `Ask`."""
        offered = [choice.id for choice in fault.choices]
        if "keep" in offered:
            offered.append("scan")
        answer: str = click.prompt("Choose", type=click.Choice(offered), err=True)
        return answer

    def answer(self, check: Check) -> Answer | None:
        """See `Ask`."""
        for line in check.expectation.splitlines():
            click.echo(f"    {line}", err=True)
        word: str = click.prompt(check.question, type=click.Choice(list(_OUTCOMES)), err=True)
        reason = ""
        if word == "fail":
            kinds = click.Choice(check.reasons) if check.reasons else click.STRING
            reason = click.prompt("Reason", type=kinds, err=True)
        return Answer(check.rule, _OUTCOMES[word], reason)
