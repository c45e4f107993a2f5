"""`station process`: the main job for one item without the touch screen, and its first half for `station tag write`."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
import msgspec

from station.base import logs
from station.base.clock import Deadline
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.shared.app import (
    NOT_GOOD,
    App,
    data_option,
    json_option,
    part_option,
    pass_app,
    prompt,
    safe,
    stands_option,
    timeout_option,
)
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.shared.prove_identity import at_the_bench
from station.cli.shared.until import until
from station.cli.workflows.follow import AtEnd, job
from station.cli.workflows.operator import Ask, NoAnswers, Operator, Result, Wish
from station.domain.commands import Answer
from station.domain.corrections.words import state_of
from station.domain.deliveries.delivery import DeliveryState
from station.domain.findings import Check, Outcome
from station.domain.ports import BenchPort, QueryPort
from station.domain.snapshot import Fault
from station.runtime.data_directory import LOG
from station.runtime.lock import hold
from station.runtime.socket.client import RemoteBench, connect

SEND_OFF_S: Final = 5.0
_AWAKE_S: Final = 10.0
_FRESH: Final = frozenset({DeliveryState.PENDING, DeliveryState.LEASED})
_NA: Final = Outcome.NOT_APPLICABLE
_OUTCOMES: Final = {"pass": Outcome.PASS, "fail": Outcome.FAIL, "na": _NA, "open": Outcome.ABSTAINED}


def answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the answers of a person."""
    for option in (
        click.option(
            "--count",
            "counted",
            type=click.IntRange(0, 999),
            help="Number of pieces counted by hand, for the answer pieces-counted.",
        ),
        click.option(
            "--photo",
            "photos",
            multiple=True,
            metavar="RULE=PATH",
            help="Path of a photo, for an --answer; repeatable.",
        ),
        click.option("--note", "notes", multiple=True, metavar="RULE=TEXT", help="Note for an --answer; repeatable."),
        click.option(
            "--answer",
            "answers",
            multiple=True,
            metavar="RULE=OUTCOME",
            help="pass, fail:REASON, or na (not applicable) if the rule allows it; repeatable. Some rules need "
            "pass:REASON, or stay open.",
        ),
        click.option("--pass-all", is_flag=True, help="Confirm every check that has no --answer."),
    ):
        command = option(command)
    return command


def choose_option(what: str) -> Callable[[Any], Any]:
    """Return the option --choose, for the stops of `what`."""
    return click.option(
        "--choose",
        "choices",
        multiple=True,
        metavar="CHOICE",
        help=f'Choice for each time the {what} stops, in order; "scan" scans the barcode again (the second gesture).',
    )


findings_option: Final[Callable[[Any], Any]] = click.option(
    "--all-findings", is_flag=True, help="List each finding that is not a pass, not only the failed ones."
)


def answers_of(
    answers: tuple[str, ...], notes: tuple[str, ...], photos: tuple[str, ...], counted: int | None
) -> dict[str, Answer]:
    """Return the answers in these options, by rule. Raises `click.UsageError`."""
    by_rule = dict(_answer(text) for text in answers)
    _added(by_rule, notes, "note", "note")
    _added(by_rule, photos, "photo", "photo")
    if counted is not None:
        if "pieces-counted" not in by_rule:
            raise click.UsageError("--count needs --answer pieces-counted=...")
        _added(by_rule, (f"pieces-counted={counted}",), "count", "count")  # not for people
    return by_rule


@click.command()
@data_option
@json_option
@click.argument("barcode")
@answer_options
@choose_option("line")
@timeout_option
@part_option
@stands_option
@findings_option
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
    all_findings: bool,
) -> int:
    """Scan BARCODE, write and verify its tag, answer the checks, record the verdict.

    Uses the running station if there is one. Asks at the terminal for answers that are not given. If sign-on is
    required, also asks for a technician for an action that the operator may not do. Exit code 0 for a pass, 1 for a
    fail or an item set aside, else the code of the error that stopped it.
    """
    by_rule = answers_of(answers, notes, photos, counted)
    wish = Wish(barcode=barcode, pass_all=pass_all, answers=by_rule, choices=choices, timeout=timeout, part=part)
    return carry_out(app, wish, operator, all_findings=all_findings)


def carry_out(app: App, wish: Wish, who: str = "", *, all_findings: bool = False) -> int:
    """Carry out the wish on the running station, or on a station of this process. Report; return the exit code.

    `who`: the operator, "" = the present one.
    """
    check_barcode(wish.barcode, app.settings().barcodes)
    ask: Ask = NoAnswers() if app.json or not sys.stdin.isatty() else Terminal()
    with bench_of(app, who=who) as (bench, at_end):
        operator = Operator(
            bench,
            wish,
            app.clock,
            ask,
            app.note,
            answer_prompt=TerminalAuthoriser(app, bench).answer_prompt,
            ends_job=isinstance(bench, RemoteBench),
        )
        at_the_bench(app, bench, who)
        result = operator.run(at_end)
    report(app, result, all_findings=all_findings)
    return 0 if result.good else NOT_GOOD


@contextmanager
def bench_of(
    app: App,
    why: str = "one item was processed",  # not for people
    who: str = "",
    *,
    as_job: bool = True,
) -> Iterator[tuple[BenchPort, AtEnd]]:
    """Yield a bench, and a function that registers what to call when the bench goes away. `as_job` False: requests to
    the pad follow, which the bench refuses during a job.

    `who`: the operator of a station of this process, from its first look at the pad. After a kill, the station resumes
    the work on the item on the pad at once, and that is this operator's work.
    """
    probe = connect(app.data)
    if probe is not None:
        probe.close()
        remote = RemoteBench(app.data)
        remote.start()
        try:
            with job(remote, app.clock, sender(who)) if as_job else contextlib.nullcontext():
                yield remote, remote.start
        finally:
            remote.stop()
        return
    from station.runtime.serving import serving  # imports modules that most commands do not need
    from station.runtime.station import Station

    settings = app.settings()
    final = msgspec.structs.replace(settings.delivery, take_back_s=0.0)
    settings = msgspec.structs.replace(settings, delivery=final)  # no screen at which a verdict could be taken back
    if who and not settings.people.sign_on:
        settings = msgspec.structs.replace(
            settings, station=msgspec.structs.replace(settings.station, operator=clean(who))
        )
    with hold(app.data, app.clock) as held:
        logs.configure(app.data / LOG)
        station = Station(settings, app.data, station_session())
        station.start()
        try:
            server = serving(held, station, lambda: None)
            server.start()
            try:
                _awake(app, station.bench)
                yield station.bench, lambda _: None
                _send_off(app, station.queries)
            finally:
                server.stop()
                _carry_out(app, lambda: station.bench.waiting)
        finally:
            station.stop(why)


def sender(who: str = "") -> str:
    """Return the sender to show on the operator's screen: the named operator or the account, and the terminal."""
    name = who
    with contextlib.suppress(OSError, KeyError, ImportError):
        name = name or getpass.getuser()
    with contextlib.suppress(OSError):
        return f"{name} ({os.ttyname(sys.stdin.fileno()).removeprefix('/dev/')})"
    return name


def _awake(app: App, bench: BenchPort) -> None:
    """Wait for the bench's first snapshot: it shows the workflow, and work that is in hand from before."""
    until(lambda: bench.snapshot, app.clock, _AWAKE_S, lambda now: now.number > 0)


def _carry_out(app: App, waiting: Callable[[], int]) -> None:
    """Let the bench carry out this terminal's last commands: the stop of a station drops those that still wait."""
    deadline = Deadline(app.clock, _AWAKE_S)
    while waiting() and not deadline.expired:
        app.clock.pause(0.01)


def _send_off(app: App, queries: QueryPort) -> None:
    """Give the courier a moment for the result. What it cannot deliver now waits for the next start."""
    deadline = Deadline(app.clock, SEND_OFF_S)
    while not deadline.expired and set(queries.outbox_counts()) & _FRESH:
        app.clock.pause(0.02)


def _answer(text: str) -> tuple[str, Answer]:
    rule, _, outcome = text.partition("=")
    word, _, reason = outcome.partition(":")
    needs = {"fail": True, "pass": bool(reason)}.get(word, False)
    if not rule or word not in _OUTCOMES or needs is not bool(reason):
        raise click.UsageError(
            f"--answer {text}: give RULE=pass, RULE=na, RULE=fail:REASON, RULE=pass:REASON or RULE=open"
        )
    return rule, Answer(rule, _OUTCOMES[word], reason)


def _added(by_rule: dict[str, Answer], texts: tuple[str, ...], option: str, field: str) -> None:
    """Add notes, photos or a count to the answers that they belong to."""
    for text in texts:
        rule, _, value = text.partition("=")
        if rule not in by_rule or not value:
            raise click.UsageError(f"--{option} {text}: give RULE=TEXT, for a rule that has an --answer")
        by_rule[rule] = msgspec.structs.replace(by_rule[rule], **{field: int(value) if field == "count" else value})


def report(app: App, result: Result, *, all_findings: bool = False) -> None:
    """Report the result: outcome, findings, flags. Findings are counted, and the failed ones are listed.

    With `all_findings`, all that are not a pass are listed. The JSON value contains all findings.
    """
    snapshot = result.snapshot
    value = {
        "barcode": result.barcode,
        "outcome": result.outcome,
        "uid": snapshot.tag_uid,
        "part": snapshot.part,
        "findings": snapshot.findings,
        "flags": snapshot.flags,
    }
    app.report(value, _lines(result, named=set(Outcome) - {Outcome.PASS} if all_findings else {Outcome.FAIL}))


def _lines(result: Result, named: set[Outcome]) -> Iterator[str]:
    snapshot = result.snapshot
    yield tell("process.ended", barcode=result.barcode, outcome=tell(f"process.outcome.{result.outcome}"))
    if snapshot.tag_uid:
        yield tell("process.tag", uid=snapshot.tag_uid)
    counted = Counter(finding.outcome for finding in snapshot.findings)
    if counted:
        yield tell(
            "stage.checks",
            counts=", ".join(
                f"{counted[outcome]} {tell(f'word.outcome.{outcome.value}')}" for outcome in Outcome if counted[outcome]
            ),
        )
    for finding in snapshot.findings:
        if finding.outcome in named:
            yield f"{tell(f'word.outcome.{finding.outcome.value}')}: {tell(finding.said)}"
    for flag in snapshot.flags:
        yield tell(
            "process.flag",
            correction=flag.correction[:8],
            title=tell(flag.title),
            owner=flag.owner or tell("correction.nobody"),
            due=flag.due,
            state=state_of(flag),
        )


class Terminal:
    """Person at the terminal."""

    def choice(self, fault: Fault) -> str | None:
        offered = [choice.id for choice in fault.choices]
        if "keep" in offered:
            offered.append("scan")
        return prompt(tell("process.choose"), offered)

    def answer(self, check: Check) -> Answer | None:
        for line in tell(check.expectation).splitlines():
            click.echo(safe(f"    {line}"), err=True)
        apart = {tell(cover.words): cover.rule for cover in check.may_not_apply}
        offered = {_NA: bool(apart), Outcome.ABSTAINED: bool(check.pass_reasons)}
        word = prompt(tell(check.question), [name for name, outcome in _OUTCOMES.items() if offered.get(outcome, True)])
        rule, reason = check.rule, ""
        if word == "pass" and check.pass_reasons:
            reason = _reason(*(cover.pass_reasons for cover in check.covers))
        elif word == "fail":
            reason = _reason(*(cover.reasons for cover in check.covers))
        elif _OUTCOMES[word] is _NA:
            rule = apart[prompt(tell("process.which"), list(apart)) if len(apart) > 1 else next(iter(apart))]
        return Answer(rule, _OUTCOMES[word], reason)


def _reason(*offered: tuple[tuple[str, Sentence, str], ...]) -> str:
    """Ask for a reason by its words; return its code."""
    codes = {tell(words): code for reasons in reversed(offered) for code, words, _ in reversed(reasons)}
    return codes[
        prompt(tell("process.reason"), [tell(words) for words in dict.fromkeys(w for r in offered for _, w, _ in r)])
    ]
