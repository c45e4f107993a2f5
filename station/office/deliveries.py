"""Outbox: one delivery to a library system, what a person may do about it, and several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from station.base.errors import ControlRefused, CorrectionNotOpen, JournalMissing, ReasonMissing, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.deliveries.delivery import Delivery, DeliveryState, reason_words, system_word
from station.domain.deliveries.intents import Decision, item_of
from station.domain.people.rights import Right
from station.office.answers import REASON
from station.office.asked import Asked, Page, missing
from station.office.forms import NEW, Change, Declined, Field, FieldKind, Form, Lent, Make
from station.office.steps import steps
from station.runtime.socket.wire import Decided
from station.store.journal.outbox import RetryAnswer

MOST: Final = 100
LONGEST_REASON: Final = 500
DECISION: Final = "decision"
_AGAIN: Final = (DeliveryState.PARKED, DeliveryState.DEFERRED)
_TO_DECIDE: Final = (*_AGAIN, DeliveryState.IN_DOUBT, DeliveryState.PENDING)


def one(asked: Asked) -> Page:
    """One delivery: both sides where they differ, its attempts, and what the viewer may do about it."""
    delivery = _delivery(asked, asked.names["id"])
    if delivery is None:
        return missing()
    new, names = asked.number(NEW) or 0, asked.names_seen()
    facts = [
        (tell("outbox.row.what"), tell(delivery.intent.words)),
        (tell("outbox.row.since"), local_day_and_time(delivery.event_at)),
        (tell("office.head.tries"), str(delivery.attempts)),
        *([(tell("form.next-try"), local_day_and_time(delivery.not_before))] if delivery.not_before else []),
        (tell("outbox.row.detail"), tell(reason_words(delivery.reason, delivery.detail)) or "-"),
    ]
    return Page(
        template="delivery",
        title=_title(asked, delivery),
        values={
            "barcode": item_of(delivery.intent),
            "state": tell(f"outbox.state.{delivery.state.value}"),
            "code": delivery.state.value,
            "doubt": delivery.sent and delivery.state is not DeliveryState.DELIVERED,
            "facts": facts,
            "sides": delivery.sides,
            "body": delivery.body,
            "saved": bool(new),
            "steps": steps(asked.queries.delivery_history(delivery), names, new + 1 if new else 0),
            "doings": [
                (f"/outbox/{delivery.id}/{name}", tell(f"form.do.{name}"))
                for name, states in (("retry", _AGAIN), ("decide", _TO_DECIDE))
                if delivery.state in states
            ],
        },
    )


def _delivery(asked: Asked, name: str) -> Delivery | None:
    """Return a delivery as the viewer may see it. Raises `StillBlind`, and `JournalMissing`."""
    if not asked.queries.exists:
        raise JournalMissing()
    return asked.queries.delivery(name)


def _known(asked: Asked) -> Delivery:
    delivery = _delivery(asked, asked.names["id"])
    if delivery is None:
        raise CorrectionNotOpen(Sentence("outbox.answer.unknown"))
    return delivery


def _title(asked: Asked, delivery: Delivery) -> str:
    barcode = item_of(delivery.intent)
    about = asked.queries.titles([barcode]).get(barcode, barcode) if barcode else tell(delivery.intent.subject)
    return tell("form.delivery", system=system_word(delivery.system), title=about)


def retry(asked: Asked) -> Form:
    """Let one delivery be sent again."""
    delivery = _known(asked)

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        if not asked.sources.acts.retry(delivery.id, lent.by, last):
            raise Declined(tell("outbox.answer.not-waiting"))
        return f"/outbox/{delivery.id}?{NEW}={last}"

    possible = delivery.state in _AGAIN
    return Form(
        title=tell("form.title.retry"),
        subject=_title(asked, delivery),
        button=tell("form.do.retry"),
        back=f"/outbox/{delivery.id}",
        act=act,
        changes=(
            Change(
                tell("office.head.delivery-state"),
                Sentence(f"outbox.state.{delivery.state.value}"),
                Sentence("outbox.state.in-doubt" if delivery.sent else "outbox.state.pending"),
            ),
        ),
        notes=(tell("form.looked-up-first"),) if delivery.sent else (),
        refusal=None if possible else CorrectionNotOpen(Sentence("outbox.answer.not-waiting")),
    )


def decide(asked: Asked) -> Form:
    """Decide about a delivery that cannot be carried out as it is."""
    delivery = _known(asked)
    parked = delivery.state is DeliveryState.PARKED
    choices = tuple(Decision) if parked else (Decision.DISCARD,)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        decision, reason = Decision(typed[DECISION]), clean(typed.get(REASON, ""), LONGEST_REASON)
        if decision is Decision.DISCARD and not reason:
            raise ReasonMissing()
        decided = Decided(
            delivery=delivery.id,
            decision=decision,
            operator=asked.viewer.id,
            reason=reason,
            authorised=lent.authorised,
        )
        answer = asked.sources.acts.decide(decided, lent.by, last)
        if answer != RetryAnswer.QUEUED:
            raise Declined(tell(f"outbox.answer.{answer}"))
        return f"/outbox/{delivery.id}?{NEW}={last}"

    sides = tuple(
        Change(
            tell(side.heading), side.theirs or tell("outbox.nothing"), tell(side.ours_words) or tell("outbox.nothing")
        )
        for side in delivery.sides
    )
    return Form(
        title=tell("form.title.decide"),
        subject=_title(asked, delivery),
        button=tell("form.do.decide"),
        back=f"/outbox/{delivery.id}",
        act=act,
        right=Right.SETTLE,
        fields=(
            Field(
                name=DECISION,
                label=tell("form.decision"),
                kind=FieldKind.RADIO,
                choices=tuple((decision.value, _words(delivery, decision)) for decision in choices),
                value=choices[0].value if len(choices) == 1 else "",
                needed=True,
            ),
            Field(name=REASON, label=tell("form.reason-optional"), kind=FieldKind.LONG, hint=tell("form.if-discarded")),
        ),
        changes=sides,
        sides=bool(sides),
        notes=(tell("form.not-undone"),),
        refusal=None if delivery.state in _TO_DECIDE else CorrectionNotOpen(Sentence("outbox.answer.not-waiting")),
    )


def _words(delivery: Delivery, decision: Decision) -> str:
    name = decision.value
    if decision is Decision.SEND_OURS and not delivery.sides:
        name = "send-again"
    warn = Sentence(f"outbox.warn.{name}", system=system_word(delivery.system))
    return tell("form.choice", choice=tell(f"outbox.do.{decision.value}"), means=warn)


def retry_many(asked: Asked) -> Form:
    """Let several deliveries be sent again. Each is an act of its own."""
    ids = asked.every.get("id", ()) if asked.posted is None else tuple(asked.posted.get("ids", "").split())
    ids = tuple(dict.fromkeys(filter(None, ids)))
    if not ids:
        raise CorrectionNotOpen(Sentence("form.none-chosen"))
    if len(ids) > MOST:
        raise ControlRefused(Sentence("form.too-many-chosen", most=MOST))
    deliveries = [delivery for delivery in (_delivery(asked, name) for name in ids) if delivery is not None]

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        done = 0
        for delivery in deliveries:
            try:
                done += asked.sources.acts.retry(delivery.id, lent.by, last)
            except StationError:
                if not done:
                    raise
        if not done:
            raise Declined(tell("outbox.answer.not-waiting"))
        return "/outbox/done?" + "&".join(f"id={delivery.id}" for delivery in deliveries)

    return Form(
        title=tell("form.retry-many", count=len(deliveries)),
        subject="",
        button=tell("form.do.retry"),
        back="/outbox",
        act=act,
        changes=tuple(
            Change(_title(asked, delivery), Sentence(f"outbox.state.{delivery.state.value}"), "")
            for delivery in deliveries
        ),
        hidden=(("ids", " ".join(delivery.id for delivery in deliveries)),),
    )


def done(asked: Asked) -> Page:
    """What several deliveries are after they were retried at once."""
    deliveries = [
        delivery for name in asked.every.get("id", ())[:MOST] if (delivery := _delivery(asked, name)) is not None
    ]
    return Page(
        template="done",
        title=tell("form.retried-many", count=len(deliveries)),
        values={
            "rows": [
                (f"/outbox/{delivery.id}", _title(asked, delivery), tell(f"outbox.state.{delivery.state.value}"))
                for delivery in deliveries
            ],
            "heads": [tell("form.delivery-of"), tell("office.head.delivery-state")],
            "back": "/outbox",
            "slips": "",
        },
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/outbox/done", done),
    ("/outbox/{id}", one),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/outbox/retry", retry_many),
    ("/outbox/{id}/retry", retry),
    ("/outbox/{id}/decide", decide),
)
