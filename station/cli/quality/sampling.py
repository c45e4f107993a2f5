"""`station quality sampling`: sampling plans, draws that can be repeated, and the level of each stream."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.base.cells import table
from station.base.local_time import local_day
from station.base.settings import Sampling
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, visibility, worker
from station.domain.events import AnyEvent
from station.domain.ports import Distributions
from station.domain.sampling import Level, Plan, Whose, lot_of
from station.quality.sampling.draws import digest, sample_of
from station.quality.sampling.plans import lot_plan, passes, stream_plan
from station.quality.sampling.policy import policy_of
from station.quality.sampling.replay import replay as do_again
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import share
from station.reports.sampling_text import next_step
from station.reports.tables.quality import sampling as streams
from station.runtime.lot_rechecks import LotOrders
from station.runtime.station import load_sampling_table
from station.store.queries.queries import Queries

_SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_PAGE = 2000


@click.group()
def sampling() -> None:
    """Which human confirmations are asked for, and why."""


@sampling.command()
@data_option
@json_option
@click.option(
    "--lot",
    type=click.IntRange(1, 10_000_000),
    help="Number of items in the lot; without it, the plan is for a continuous stream.",
)
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Confidence, 0 to 1.")
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Share of bad items, 0 to 1.")
@pass_app
def plan(app: App, lot: int | None, confidence: float | None, rate: float | None) -> None:
    """Show how many items must be checked and be good: for the given numbers, else for the four levels of the settings.
    Also show the chance that work passes, for several shares of bad items."""
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
            tell("sampling.column.looked-at"),
            tell("sampling.column.let-pass"),
            tell("sampling.column.made-to-find"),
            *(tell("sampling.column.bad", percent=f"{100 * share:.1f}") for share in _SHARES),
        )
    ]
    for name, one in plans.items():
        what = tell("sampling.plan-stream", sample=one.sample)
        if one.lot:
            what = tell("sampling.plan-lot", sample=one.sample, lot=one.lot)
        aim = tell("sampling.from-file", source=one.source)
        if one.rate:
            aim = tell("sampling.aim", rate=f"{100 * one.rate:.3g}", sure=f"{100 * one.confidence:.4g}")
        chances = (f"{100 * passes(one, share, distributions):.1f}" for share in _SHARES)
        title = tell("sampling.plan") if name == "plan" else tell(f"sampling.level.{name}")
        rows.append((title, what, str(one.accept), aim, *chances))
    yield from table(rows)
    yield tell("sampling.passes")


@sampling.command()
@data_option
@json_option
@click.argument("looked", type=click.IntRange(1, 10_000_000))
@click.argument("bad", type=click.IntRange(0), default=0)
@click.option("--confidence", type=click.FloatRange(0.5, 0.9999), default=0.95, show_default=True)
@pass_app
def tells(app: App, looked: int, bad: int, confidence: float) -> None:
    """Estimate the share of bad items from LOOKED checked items, BAD of them bad: the exact Clopper-Pearson
    interval."""
    if bad > looked:
        raise click.UsageError("BAD is larger than LOOKED.")
    found = share(bad, looked, ExactDistributions(), confidence)
    low, high = f"{100 * found.low:.1f}", f"{100 * found.high:.1f}"
    sure = f"{100 * confidence:.4g}"
    app.report(found, [tell("sampling.tells", bad=bad, looked=looked, low=low, high=high, sure=sure)])


@sampling.command()
@data_option
@json_option
@click.argument("seed")
@click.argument("lot", type=click.IntRange(1, 1_000_000))
@click.argument("sample", type=click.IntRange(0, 1_000_000))
@click.argument("positions", type=click.IntRange(1), nargs=-1)
@pass_app
def draw(app: App, seed: str, lot: int, sample: int, positions: tuple[int, ...]) -> None:
    """Repeat a draw: show which SAMPLE of LOT items a SEED of the journal selects. With POSITIONS, show only whether
    these were selected."""
    if sample > lot:
        raise click.UsageError("The sample is larger than the lot.")
    drawn = sample_of(seed, lot, sample)
    if not positions:
        app.report({"seed": seed, "lot": lot, "drawn": sorted(drawn)}, [" ".join(map(str, sorted(drawn)))])
        return
    value = [{"position": at, "drawn": at in drawn, "sha256": digest(seed, at)} for at in positions]
    lines = [
        tell("sampling.asked" if at in drawn else "sampling.not-asked", position=at, digest=digest(seed, at)[:16])
        for at in positions
    ]
    app.report(value, lines)


@sampling.command()
@data_option
@json_option
@operator_option
@pass_app
def state(app: App, operator: str) -> None:
    """Show the level of each worker and vendor, and what comes next. A person who may not see others sees only their
    own level and the vendors'."""
    view = visibility(app, operator)
    found, names = view.streams(), view.names()
    value = [{"stream": stream, **row} for (stream, _), row in zip(found, streams(found).values(), strict=True)]
    rows = [
        (
            tell(f"sampling.whose.{stream.whose.value}"),
            names.get(stream.subject, stream.subject),
            tell(f"sampling.level.{stream.level.value}"),
            next_step(stream),
            local_day(at),
        )
        for stream, at in found
    ]
    app.report(value, list(table(rows)) or [tell("sampling.nobody")])


@sampling.command()
@data_option
@json_option
@operator_option
@pass_app
def rejected(app: App, operator: str) -> int:
    """List the rejected lots, each with the number of items that passed without a question to a person. These items
    should be checked; the list also shows how many have no recheck order. A person who may not see others sees only
    their own lots and the vendors'.

    Exit code 1 if there is a rejected lot.
    """
    app.settings()
    view = visibility(app, operator)
    found, names = view.rejected_lots(), view.names()
    rows = [
        (
            tell(f"sampling.whose.{lot.whose.value}"),
            names.get(lot.subject, lot.subject),
            tell("sampling.unasked", lot=lot.lot, count=len(lot.items)),
            tell("sampling.not-ordered", count=len(lot.unordered)),
            local_day(lot.at),
        )
        for lot in found
    ]
    app.report(found, list(table(rows)) or [tell("sampling.none-rejected")])
    return NOT_GOOD if found else 0


@sampling.command()
@data_option
@json_option
@click.argument("whose", type=click.Choice([Whose.WORKER.value, Whose.VENDOR.value]))
@click.argument("subject")
@click.option(
    "--lot", "number", type=click.IntRange(1), help="Number of the lot (see `rejected`), instead of the newest."
)
@click.option("--recheck", is_flag=True, help="Order that another person repeat the checks of each item.")
@operator_option
@pass_app
def unasked(app: App, whose: str, subject: str, number: int | None, recheck: bool, operator: str) -> None:
    """List the items of the newest rejected lot that passed without a question to a person. They should be checked.
    SUBJECT is a worker's login or id, or a vendor.

    With --recheck, each item gets a recheck order, unless it has one. The item is then flagged at its next scan, and
    stays in the queue until another person has repeated all its checks.
    """
    view = visibility(app, operator)
    subject = worker(app, subject).id if whose == Whose.WORKER.value else clean(subject)
    found = view.unasked(Whose(whose), subject)
    if found is not None and number is not None:
        told = lot_of(view.rejected_lots(), whose, subject, number)
        found = None if told is None else (told.lot, told.items)
    if found is None:
        app.report({"lot": None, "items": []}, [tell(f"sampling.no-lot.{whose}", subject=subject)])
        return
    lot, barcodes = found
    ordered = _order_rechecks(app, whose, subject, lot, operator) if recheck else ()
    said = [tell("sampling.ordered", ordered=len(ordered), stood=len(barcodes) - len(ordered))] if recheck else []
    lines = [tell("sampling.unasked", lot=lot, count=len(barcodes)), *barcodes, *said]
    app.report({"lot": lot, "items": barcodes, "ordered": ordered}, lines)


def _order_rechecks(app: App, whose: str, subject: str, lot: int, operator: str) -> tuple[str, ...]:
    """Order the rechecks. Return the barcodes of the items that got an order now."""
    orders = LotOrders(queries(app), app.clock, app.settings().corrections.recheck_days)
    new = orders(whose, subject, lot, asker(app, operator).id)
    if new:
        order(app, *new)
    return tuple(one.barcode for one in new)


@sampling.command()
@data_option
@json_option
@pass_app
def replay(app: App) -> int:
    """Repeat every draw of the journal and verify every change of level. Exit code 1 if a result does not follow."""
    app.settings()
    found = do_again(_events(queries(app)))
    lines = [tell("sampling.replayed", items=found.items, draws=found.draws, switches=found.switches)]
    lines += found.problems or [tell("sampling.follows")]
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
        yield from rows
        after = rows[-1][0]
