"""`station outbox`: what still has to reach the library systems, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import click

from station.cli.app import NOT_GOOD, App, data_option, json_option, pass_app, table
from station.control.client import connect
from station.control.lock import hold
from station.control.wire import Decided
from station.deliveries import Delivery, DeliveryState
from station.intents import Decision
from station.store.owner import open_store
from station.store.queries import Queries
from station.text import clean
from station.wiring import JOURNAL, head_directory

ANSWERS: Final = {
    "queued": "done",
    "unknown": "there is no such delivery",
    "not-waiting": "nothing can be decided about it: it has ended, is being sent now, or is not parked",
    "superseded": "a later one about the same thing has been delivered; sending this one would undo it",
}
"""What became of a decision, in words."""


@click.group()
def outbox() -> None:
    """Results and orders on their way to the library systems."""


@outbox.command("list")
@data_option
@json_option
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only those.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many deliveries.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Skip so many.")
@pass_app
def list_(app: App, state: str | None, limit: int, offset: int) -> None:
    """Counts by state, and the newest deliveries."""
    _list(app, state or "", limit, offset)


@outbox.command()
@data_option
@json_option
@click.argument("delivery", required=False)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many deliveries.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Skip so many.")
@pass_app
def show(app: App, delivery: str | None, limit: int, offset: int) -> int:
    """All that is known of one delivery: why it waits, what the library system answered, both sides of a conflict.

    Without DELIVERY the same as list. Exit code 1 when there is none with this id.
    """
    if delivery is None:
        _list(app, "", limit, offset)
        return 0
    found = Queries(app.data / JOURNAL, app.clock).delivery(delivery)
    if found is None:
        app.report({"delivery": None}, [f"there is no delivery {clean(delivery)}"])
        return NOT_GOOD
    app.report({"delivery": found}, _all_of(found))
    return 0


@outbox.command()
@data_option
@json_option
@click.argument("delivery", required=False)
@click.option("--all", "everything", is_flag=True, help="Every parked delivery.")
@pass_app
def retry(app: App, delivery: str | None, everything: bool) -> int:
    """Let a parked delivery be tried again: by the running station at once, else when it starts next.

    What may have been sent is looked up first and never sent blind. Exit code 1 when there was nothing to try again.
    """
    if (delivery is None) is not everything:
        raise click.UsageError("Give the id of one delivery, or --all.")
    count = _retry(app, delivery)
    app.report({"retried": count}, [f"{count} to be sent again"])
    return 0 if count or everything else NOT_GOOD


@outbox.command()
@data_option
@json_option
@click.argument("delivery")
@click.option("--reason", required=True, help="Why it is not wanted any more.")
@click.option("--operator", default="", help="Who decides; by default the operator of the settings.")
@pass_app
def discard(app: App, delivery: str, reason: str, operator: str) -> int:
    """Give a delivery up that is not being sent now: it will not be carried out. Exit code 1 when that cannot be."""
    return _decide(app, delivery, Decision.DISCARD, operator, reason)


@outbox.command()
@data_option
@json_option
@click.argument("delivery")
@click.argument("decision", type=click.Choice([decision.value for decision in Decision]))
@click.option("--reason", default="", help="Why.")
@click.option("--operator", default="", help="Who decides; by default the operator of the settings.")
@pass_app
def resolve(app: App, delivery: str, decision: str, reason: str, operator: str) -> int:
    """Decide about a parked delivery after a look at it (station outbox show).

    keep-theirs: the library system stays as it is. send-ours: send it, also over what was shown as theirs; if somebody has
    changed that again meanwhile, it is shown again. discard: it is not wanted any more. Exit code 1 when that cannot be.
    """
    return _decide(app, delivery, Decision(decision), operator, reason)


def _decide(app: App, delivery: str, decision: Decision, operator: str, reason: str) -> int:
    who = clean(operator, 60) or app.settings().station.operator
    if not who:
        raise click.UsageError("Say who decides: --operator, or station.operator in the settings.")
    told = Decided(delivery=delivery, decision=decision, operator=who, reason=clean(reason, 500))
    answer = _carry_out(app, told)
    app.report({"delivery": delivery, "decision": decision, "answer": answer}, [ANSWERS.get(answer, answer)])
    return 0 if answer == "queued" else NOT_GOOD


def _carry_out(app: App, told: Decided) -> str:
    client = connect(app.data)
    if client is not None:
        with client:
            return client.decide(told)
    Queries(app.data / JOURNAL, app.clock).outbox_counts()  # no journal is an error, not a reason to make one
    with hold(app.data, app.clock):
        store = open_store(app.data / JOURNAL, app.clock, head_directory=head_directory(app.settings(), app.data))
        try:
            return store.outbox.decide(told.delivery, told.decision, told.operator, told.reason).value
        finally:
            store.close()


def _retry(app: App, delivery: str | None) -> int:
    client = connect(app.data)
    if client is not None:
        with client:
            return client.retry(delivery)
    Queries(app.data / JOURNAL, app.clock).outbox_counts()  # no journal is an error, not a reason to make one
    with hold(app.data, app.clock):
        heads = head_directory(app.settings(), app.data)
        store = open_store(app.data / JOURNAL, app.clock, head_directory=heads)
        try:
            return store.retry(delivery)
        finally:
            store.close()


def _list(app: App, state: str, limit: int, offset: int) -> None:
    queries = Queries(app.data / JOURNAL, app.clock)
    counts, page = queries.outbox_counts(), queries.outbox_page(offset, limit, state)
    lines = [", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing was ever sent", *_rows(page)]
    app.report({"counts": counts, "deliveries": page}, lines)


def _rows(page: Sequence[Delivery]) -> Iterator[str]:
    yield from table(
        [
            (
                row.id,
                row.event_at[:19],
                row.state,
                row.intent.subject,
                row.intent.words,
                f"tried {row.attempts}x",
                row.detail,
            )
            for row in page
        ]
    )


def _all_of(found: Delivery) -> Iterator[str]:
    doubt = " (it may have been sent)" if found.sent and found.state is not DeliveryState.DELIVERED else ""
    yield from table(
        [
            ("delivery", found.id),
            ("to", found.system),
            ("what", f"{found.intent.subject}: {found.intent.words}"),
            ("since", found.event_at),
            ("state", f"{found.state}, tried {found.attempts}x{doubt}"),
            ("detail", found.detail or "-"),
            *([("reason", found.reason)] if found.reason else []),
            *([("decided", found.decision)] if found.decision else []),
        ]
    )
    for side in found.sides:
        yield ""
        yield f"{side.field}"
        yield f"  ours:   {side.ours or '(nothing)'}"
        yield f"  theirs: {side.theirs or '(nothing)'}"
    if found.body:
        yield ""
        yield f"answer: {found.body}"
    if found.state is DeliveryState.PARKED:
        yield ""
        yield f"decide: station outbox resolve {found.id} keep-theirs|send-ours|discard, or station outbox retry {found.id}"
