"""`station outbox`: deliveries to the library systems, and a person's decisions on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import click
import msgspec

from station.base.cells import cells, filled
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app, under
from station.cli.shared.prove_identity import acts, claims
from station.cli.shared.record_event import reporter
from station.cli.shared.who_asks import asker, views
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import Decision
from station.domain.people.sign_on import By, Claim
from station.domain.ports import Worker
from station.reports.tables.outbox import deliveries as outbox_table
from station.runtime.data_directory import JOURNAL
from station.runtime.socket.client import connect
from station.runtime.socket.wire import Decided
from station.store.queries.queries import Queries

ANSWERS: Final = frozenset({"queued", "unknown", "not-waiting", "superseded"})
"""Possible results of a decision."""


@click.group()
def outbox() -> None:
    """Results and orders on their way to the library systems."""


@outbox.command("list")
@data_option
@json_option
@click.option(
    "--state", type=click.Choice([state.value for state in DeliveryState]), help="Only deliveries in this state."
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Maximum number of deliveries."
)
@click.option("--offset", type=click.IntRange(0), default=0, help="Number of deliveries to skip.")
@operator_option
@pass_app
def list_(app: App, state: str | None, limit: int, offset: int, operator: str) -> None:
    """Show counts by state, speed and time left for each library system, and the newest deliveries. Deliveries of an
    item that waits for its blind second check are hidden from everyone who could do that check."""
    _list(app, state or "", limit, offset, operator)


@outbox.command()
@data_option
@json_option
@click.argument("delivery", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Maximum number of deliveries."
)
@click.option("--offset", type=click.IntRange(0), default=0, help="Number of deliveries to skip.")
@operator_option
@pass_app
def show(app: App, delivery: str | None, limit: int, offset: int, operator: str) -> int:
    """Show everything about one delivery: why it waits, what the library system answered, both sides of a conflict.

    Without DELIVERY, does the same as list. Exit code 1 if there is no delivery with this id.
    """
    if delivery is None:
        _list(app, "", limit, offset, operator)
        return 0
    entry = views(app, operator, make=False).delivery(delivery)
    if entry is None:
        app.report({"delivery": None}, [tell("outbox.no-such", id=clean(delivery))])
        return NOT_GOOD
    app.report({"delivery": entry}, _all_of(entry))
    return 0


@outbox.command()
@data_option
@json_option
@click.argument("delivery", required=False)
@click.option("--all", "everything", is_flag=True, help="Every parked delivery.")
@operator_option
@pass_app
def retry(app: App, delivery: str | None, everything: bool, operator: str) -> int:
    """Retry a parked delivery: at once if the station is running, else at its next start.

    A delivery that may have been sent is looked up first, and never sent blind. Exit code 1 if there was nothing to
    retry.
    """
    if (delivery is None) is not everything:
        raise click.UsageError("Give the id of one delivery, or --all.")
    if not _runs(app):
        _counts(app)  # raises an error without a journal, rather than creating one
    who = reporter(app, operator)
    count = acts(app).retry(delivery, By(operator=who, claims=claims(app).of({who})))
    app.report({"retried": count}, [tell("outbox.to-be-sent", count=count)])
    return 0 if count or everything else NOT_GOOD


@outbox.command()
@data_option
@json_option
@click.argument("delivery")
@click.option("--reason", required=True, help="Why the delivery is no longer wanted.")
@operator_option
@pass_app
def discard(app: App, delivery: str, reason: str, operator: str) -> int:
    """Discard a delivery that is not being sent now: it will not be carried out. Requires the technician role or
    higher; if sign-on is required, the command asks for such a person.

    Exit code 1 if that is not possible.
    """
    return _decide(app, delivery, Decision.DISCARD, operator, reason)


@outbox.command()
@data_option
@json_option
@click.argument("delivery")
@click.argument("decision", type=click.Choice([decision.value for decision in Decision]))
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def resolve(app: App, delivery: str, decision: str, reason: str, operator: str) -> int:
    """Decide on a parked delivery after viewing it (station outbox show). Requires the technician role or higher; if
    sign-on is required, the command asks for such a person.

    keep-theirs: the library system stays as it is. send-ours: send the delivery, even over what was shown as theirs; if
    that has changed again meanwhile, the conflict is shown again. discard: the delivery is no longer wanted. Exit code
    1 if that is not possible.
    """
    return _decide(app, delivery, Decision(decision), operator, reason)


def _decide(app: App, delivery: str, decision: Decision, operator: str, reason: str) -> int:
    if not (clean(operator) or app.settings().station.operator):
        raise click.UsageError("Give --operator, or set station.operator in the settings.")
    _counts(app)  # raises an error without a journal, rather than creating one
    decided = Decided(delivery=delivery, decision=decision, operator=asker(app, operator).id, reason=clean(reason, 500))

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> str:
        authorised = "" if lender is None else lender.id
        return acts(app).decide(msgspec.structs.replace(decided, authorised=authorised), By(claims=proofs))

    answer = claims(app).with_lender({decided.operator}, act)
    sentence = tell(f"outbox.said.{answer}") if answer in ANSWERS else answer
    app.report({"delivery": delivery, "decision": decision, "answer": answer}, [sentence])
    return 0 if answer == "queued" else NOT_GOOD


def _counts(app: App) -> dict[str, int]:
    return Queries(app.data / JOURNAL, app.clock).outbox_counts()


def _list(app: App, state: str, limit: int, offset: int, operator: str) -> None:
    queries = views(app, operator, make=False)
    counts, page = queries.outbox_counts(), queries.outbox_page(offset, limit, state)
    flows, runs = queries.delivery_rates(), _runs(app)
    lines = [", ".join(_counted(name, count) for name, count in counts.items()) or tell("outbox.never")]
    lines += [tell(flow.words) for flow in flows]
    if not runs and any(flow.waiting for flow in flows):
        lines.append(tell("outbox.no-station"))
    deliveries = [
        {**msgspec.structs.asdict(delivery), **row}
        for delivery, row in zip(page, outbox_table(queries, page).values(), strict=True)
    ]
    app.report({"counts": counts, "running": runs, "flow": flows, "deliveries": deliveries}, [*lines, *_rows(page)])


def _counted(state: str, count: int) -> str:
    return tell("outbox.listed-count", number=count, state=tell(f"outbox.listed.{state}"))


def _runs(app: App) -> bool:
    client = connect(app.data)
    if client is not None:
        client.close()
    return client is not None


def _rows(page: Sequence[Delivery]) -> Iterator[str]:
    """Yield two lines per delivery, and why it waits below them: 80 cells have no room for a single row."""
    for row in page:
        yield "  ".join((row.id, row.event_at[:19], tell(f"outbox.listed.{row.state.value}"), tell(row.intent.subject)))
        yield from under(
            tell("outbox.about", subject=tell(row.intent.words), what=tell("outbox.listed-tried", times=row.attempts)),
            4,
        )
        yield from under(tell(row.detail), 4)


def _all_of(delivery: Delivery) -> Iterator[str]:
    doubt = delivery.sent and delivery.state is not DeliveryState.DELIVERED
    key = "outbox.state-doubt" if doubt else "outbox.state-tried"
    state = tell(key, state=tell(f"outbox.listed.{delivery.state.value}"), times=delivery.attempts)
    rows = [
        (tell("outbox.row.delivery"), delivery.id),
        (tell("outbox.row.to"), delivery.system),
        (
            tell("outbox.row.what"),
            tell("outbox.about", subject=tell(delivery.intent.subject), what=tell(delivery.intent.words)),
        ),
        (tell("outbox.row.since"), delivery.event_at),
        (tell("outbox.row.state"), state),
        (tell("outbox.row.detail"), tell(delivery.detail) or "-"),
        *([(tell("outbox.row.reason"), delivery.reason)] if delivery.reason else []),
        *([(tell("outbox.row.decided"), delivery.decision)] if delivery.decision else []),
    ]
    named = max(cells(name) for name, _ in rows)
    for name, value in rows:
        yield from under(f"{filled(name, named)}  {value}", 0, named + 2)
    ours, theirs = tell("outbox.side.ours"), tell("outbox.side.theirs")
    wide = max(cells(ours), cells(theirs))
    for side in delivery.sides:
        yield ""
        yield tell(side.heading)
        for name, text in ((ours, tell(side.ours_words)), (theirs, side.theirs)):
            yield from under(f"{filled(name, wide)} {text or tell('outbox.nothing')}", 2, wide + 3)
    if delivery.body:
        yield ""
        yield from under(tell("outbox.answered", body=delivery.body), 0, 2)
    if delivery.state is DeliveryState.PARKED:
        yield ""
        ways = "|".join(decision.value for decision in Decision)
        resolve = f"station outbox resolve {delivery.id} {ways}"  # not for people: typed as shown
        retry = f"station outbox retry {delivery.id}"  # not for people: typed as shown
        yield tell("outbox.decide", resolve=resolve, retry=retry)
