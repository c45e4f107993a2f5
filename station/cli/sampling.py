"""`station quality sampling`: plans, draws that anybody can do again, where each stream stands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.cli.app import NOT_GOOD, App, data_option, json_option, pass_app, table
from station.cli.asking import operator_option, queries, sight
from station.events import AnyEvent
from station.ports import Distributions
from station.quality.figures import share
from station.quality.sampling.draws import digest, sample_of
from station.quality.sampling.plans import lot_plan, passes, stream_plan
from station.quality.sampling.policy import policy_of
from station.quality.sampling.replay import replay as do_again
from station.sampled import Level, Plan, Stream, Whose
from station.settings import Sampling
from station.statistics.exact import ExactDistributions
from station.store.queries import Queries
from station.wiring import load_sampling_table

_SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_PAGE = 2000


@click.group()
def sampling() -> None:
    """Which human confirmations are asked for, and why."""


@sampling.command()
@data_option
@json_option
@click.option("--lot", type=click.IntRange(1, 10_000_000), help="Items of the lot; without it, a stream without end.")
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="How sure, 0 to 1.")
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Share of bad ones, 0 to 1.")
@pass_app
def plan(app: App, lot: int | None, confidence: float | None, rate: float | None) -> None:
    """How many items must be looked at and be good: for the numbers given, else the four levels of the settings, with the
    chance that work with so many bad ones passes."""
    distributions = ExactDistributions()
    if lot is None and confidence is None and rate is None:
        settings = app.settings().sampling
        policy = policy_of(settings, distributions, load_sampling_table(app.settings(), app.data))
        plans = {level.value: policy.plan(level) for level in Level}
    else:
        values = Sampling()
        sure, share = confidence or values.confidence, rate or values.target_rate
        made = lot_plan(lot, sure, share, distributions) if lot else stream_plan(sure, share, distributions)
        plans = {"plan": made}
    value = [
        {"level": name, "plan": one, "passes": {str(share): passes(one, share, distributions) for share in _SHARES}}
        for name, one in plans.items()
    ]
    app.report(value, _plan_lines(plans, distributions))


def _plan_lines(plans: dict[str, Plan], distributions: Distributions) -> Iterator[str]:
    rows = [
        (
            "",
            "looked at",
            "bad ones let pass",
            "made to find",
            *(f"{share:.1%} bad".replace("%", " %") for share in _SHARES),
        )
    ]
    for name, one in plans.items():
        what = f"{one.sample} of {one.lot}" if one.lot else f"every item, {one.sample} good in succession"
        aim = f"{100 * one.rate:.3g} % bad, {100 * one.confidence:.4g} % sure" if one.rate else f"({one.source})"
        chances = (f"{100 * passes(one, share, distributions):.1f}" for share in _SHARES)
        rows.append((name, what, str(one.accept), aim, *chances))
    yield from table(rows)
    yield "The last columns: of a hundred lots (or runs) with so many bad ones, so many would pass."


@sampling.command()
@data_option
@json_option
@click.argument("looked", type=click.IntRange(1, 10_000_000))
@click.argument("bad", type=click.IntRange(0), default=0)
@click.option("--confidence", type=click.FloatRange(0.5, 0.9999), default=0.95, show_default=True)
@pass_app
def tells(app: App, looked: int, bad: int, confidence: float) -> None:
    """What LOOKED items of which BAD were bad tell about all: the exact interval of Clopper and Pearson."""
    if bad > looked:
        raise click.UsageError("More bad ones than were looked at.")
    found = share(bad, looked, ExactDistributions(), confidence)
    low, high = f"{100 * found.low:.1f}", f"{100 * found.high:.1f}"
    app.report(found, [f"{bad} of {looked}: between {low} and {high} % of all are bad, {100 * confidence:.4g} % sure"])


@sampling.command()
@data_option
@json_option
@click.argument("seed")
@click.argument("lot", type=click.IntRange(1, 1_000_000))
@click.argument("sample", type=click.IntRange(0, 1_000_000))
@click.argument("positions", type=click.IntRange(1), nargs=-1)
@pass_app
def draw(app: App, seed: str, lot: int, sample: int, positions: tuple[int, ...]) -> None:
    """Do a draw again: which SAMPLE of LOT items a SEED of the journal chooses; with POSITIONS, what it says of these."""
    if sample > lot:
        raise click.UsageError("The sample is larger than the lot.")
    drawn = sample_of(seed, lot, sample)
    if not positions:
        app.report({"seed": seed, "lot": lot, "drawn": sorted(drawn)}, [" ".join(map(str, sorted(drawn)))])
        return
    value = [{"position": at, "drawn": at in drawn, "sha256": digest(seed, at)} for at in positions]
    lines = [f"{at}: {'asked' if at in drawn else 'not asked'} ({digest(seed, at)[:16]}...)" for at in positions]
    app.report(value, lines)


@sampling.command()
@data_option
@json_option
@operator_option
@pass_app
def state(app: App, operator: str) -> None:
    """Where each worker and vendor stands, and what comes next. Whoever may not see others sees the own state and the
    vendors'."""
    view = sight(app, operator)
    found, names = view.streams(), view.names()
    value = [{"stream": stream, "next": next_step(stream), "since": at} for stream, at in found]
    rows = [
        (stream.whose.value, names.get(stream.subject, stream.subject), stream.level.value, next_step(stream), at[:10])
        for stream, at in found
    ]
    app.report(value, list(table(rows)) or ["nobody's work was sampled yet"])


def next_step(stream: Stream) -> str:
    """What comes next, in words."""
    size = stream.plan.sample
    if stream.level.every_item:
        bad = f", {stream.found} bad since" if stream.found else ""
        return f"every item; {stream.run} of {size} good in succession{bad}"
    return f"lot {stream.lot}: {stream.drawn} of {stream.plan.lot} drawn, {stream.looked} of {size} looked at, {stream.found} bad"


@sampling.command()
@data_option
@json_option
@click.argument("whose", type=click.Choice([Whose.WORKER.value, Whose.VENDOR.value]))
@click.argument("subject")
@operator_option
@pass_app
def unasked(app: App, whose: str, subject: str, operator: str) -> None:
    """The items of the lot that was rejected last which nobody was asked about: they should be looked at. SUBJECT is a
    worker's login or id, or a vendor."""
    found = sight(app, operator).unasked(Whose(whose), subject)
    if found is None:
        app.report({"lot": None, "items": []}, [f"no lot of {whose} {subject} was rejected"])
        return
    lot, barcodes = found
    app.report({"lot": lot, "items": barcodes}, [f"lot {lot}: {len(barcodes)} items", *barcodes])


@sampling.command()
@data_option
@json_option
@pass_app
def replay(app: App) -> int:
    """Do every draw of the journal again and look at every switch. Exit code 1 when something does not follow."""
    app.settings()
    found = do_again(_events(queries(app)))
    lines = [f"{found.items} items drawn, {found.draws} draws done again, {found.switches} switches"]
    lines += found.problems or ["everything follows from the seeds and plans in the journal"]
    value = {
        "items": found.items,
        "draws": found.draws,
        "asked": found.asked,
        "switches": found.switches,
        "problems": found.problems,
    }
    app.report(value, lines)
    return 0 if found.good else NOT_GOOD


def _events(views: Queries) -> Iterator[tuple[int, AnyEvent]]:
    after = 0
    while rows := views.sampling_events(after, _PAGE):
        yield from ((row.seq, row.event) for row in rows)
        after = rows[-1].seq
