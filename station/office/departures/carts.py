"""Carts of items that leave alike: the list, one cart with its items, and the forms that open and close one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.distribution.sites import sites_of
from station.domain.events import WithdrawalCartClosed, WithdrawalCartOpened
from station.domain.people.rights import Right
from station.domain.withdrawals.withdrawal import Cart, cart_id
from station.office.asked import Asked, Page, missing
from station.office.corrections import NOTE
from station.office.departures.decide import APPROVER, DESTINATION, REASON, choices_of
from station.office.departures.withdrawals import CARTS, FIND, may_withdraw
from station.office.forms import NEW, Field, Form, Lent, Make
from station.reports.tables.table import ordered, page_of
from station.reports.tables.withdrawals import calendar, named
from station.reports.tables.withdrawals import carts as carts_table
from station.reports.tables.withdrawals import withdrawals as withdrawals_table
from station.runtime.withdrawal_decisions import LONGEST_NOTE, refuse_unknown

NAME, PLACE_NAME = "name", "place"


def carts_page(asked: Asked) -> Page:
    """All carts, the newest first."""
    title = tell("withdrawal.carts")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    seen = asked.sources.visibility(asked.viewer)
    table = carts_table(seen.carts(), asked.sources.settings.withdrawal)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "empty": tell("withdrawal.no-carts"),
            "doings": [(f"{CARTS}/open", tell("form.do.open-cart"))] if may_withdraw(asked) else [],
        },
    )


def one(asked: Asked) -> Page:
    """One cart and its items."""
    now = _find(asked)
    if now is None:
        return missing()
    settings = asked.sources.settings
    rows = asked.sources.visibility(asked.viewer).withdrawals(everything=True)
    table = withdrawals_table(
        [row for row in rows if row.cart == now.id],
        settings.withdrawal,
        sites_of(settings.distribution),
        calendar(settings.withdrawal, asked.sources.clock.now()),
    )
    return Page(
        template="box",
        title=now.name,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "code": "received" if now.closed_at else "open",
            "state": tell("withdrawal.cart-closed" if now.closed_at else "withdrawal.cart-open"),
            "late": False,
            "facts": [fact for fact in _facts(asked, now) if fact[1]],
            "heading": tell("box.head.items"),
            "empty": tell("withdrawal.cart-empty"),
            "saved": bool(asked.number(NEW)),
            "doings": list(_doings(now)),
            "steps": [],
        },
    )


def _facts(asked: Asked, now: Cart) -> Iterator[tuple[str, str]]:
    options, names = asked.sources.settings.withdrawal, asked.names_seen()
    yield tell("box.head.items"), str(now.count)
    yield tell("withdrawal.head.reason"), clean(named(now.reason, options.reasons))
    yield tell("withdrawal.head.destination"), clean(named(now.destination, options.destinations))
    yield tell("withdrawal.head.place"), clean(now.place)
    yield tell("withdrawal.head.approver"), clean(now.approver)
    yield tell("shipment.head.by"), names.get(now.operator, now.operator)
    yield tell("withdrawal.head.lender"), names.get(now.authorised, now.authorised)
    yield tell("office.head.since"), local_day_and_time(now.opened_at)
    yield tell("shipment.head.closed-at"), local_day_and_time(now.closed_at) if now.closed_at else ""
    yield tell("shipment.head.note"), clean(now.note)


def _doings(now: Cart) -> Iterator[tuple[str, str]]:
    if not now.closed_at:
        yield f"{FIND}?cart={now.id}", tell("form.do.decide-withdrawal")
        yield f"{CARTS}/{now.id}/close", tell("form.do.close-cart")


def _find(asked: Asked) -> Cart | None:
    seen = asked.sources.visibility(asked.viewer)
    carts = seen.carts() if asked.queries.exists else ()
    return next((cart for cart in carts if cart.id == asked.names["id"]), None)


def open_(asked: Asked) -> Form:
    """Open a cart: the right counts for its items."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        reason, destination, approver = (typed.get(name, "") for name in (REASON, DESTINATION, APPROVER))
        refuse_unknown(asked.sources.settings.withdrawal, reason, destination, approver)
        event = WithdrawalCartOpened(
            name=clean(typed.get(NAME, ""), 60),
            reason=reason,
            destination=destination,
            note=clean(typed.get(NOTE, ""), LONGEST_NOTE),
            approver=clean(approver, 100),
            place=clean(typed.get(PLACE_NAME, ""), 100),
            operator=asked.viewer.id,
            authorised=lent.authorised,
        )
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"{CARTS}/{cart_id(seq)}?{NEW}={seq}"

    return Form(
        title=tell("form.title.open-cart"),
        subject="",
        button=tell("form.do.open-cart"),
        back=CARTS,
        act=act,
        right=Right.WITHDRAW,
        fields=(
            Field(name=NAME, label=tell("withdrawal.cart-name"), needed=True),
            *choices_of(asked),
            Field(name=PLACE_NAME, label=tell("withdrawal.head.place"), hint=tell("withdrawal.place-hint")),
            Field(name=NOTE, label=tell("shipment.head.note")),
        ),
        notes=(tell("withdrawal.lent-once"),),
    )


def close(asked: Asked) -> Form:
    """Close a cart: nothing more is decided in it."""
    now = _find(asked)
    if now is None:
        raise DepartureRefused(Sentence("withdrawal.unknown-cart", cart=clean(asked.names["id"], 60)))

    def act(_typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event = WithdrawalCartClosed(cart=now.id, operator=asked.viewer.id, authorised=lent.authorised)
        return f"{CARTS}/{now.id}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"

    return Form(
        title=tell("form.title.close-cart"),
        subject=clean(now.name),
        button=tell("form.do.close-cart"),
        back=f"{CARTS}/{now.id}",
        act=act,
        right=Right.PROCESS,
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = ((CARTS, carts_page), (f"{CARTS}/{{id}}", one))
FORMS: Final[tuple[tuple[str, Make], ...]] = ((f"{CARTS}/open", open_), (f"{CARTS}/{{id}}/close", close))
