"""Withdrawals: the list with a column for each proof, and one withdrawal with its signs, tags and history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.distribution.sites import site_with, sites_of
from station.domain.people.rights import Right, may
from station.domain.withdrawals.withdrawal import LEFT_OPEN, NextStep, Withdrawal
from station.office.asked import Asked, Page, missing
from station.office.departures.watch import WATCH
from station.office.filters import Filter, only
from station.office.forms import NEW
from station.office.marks import mark
from station.office.steps import steps
from station.reports.lateness import Lateness
from station.reports.tables.cells import shown
from station.reports.tables.pull_lists import LISTS
from station.reports.tables.table import Table, ordered, page_of
from station.reports.tables.withdrawals import (
    READY,
    WithdrawalFilter,
    calendar,
    named,
    owner_of,
    proofs,
    signs,
    site_code,
    tags,
)
from station.reports.tables.withdrawals import withdrawals as withdrawals_table

ASSIGN: Final = "/withdrawals/assign"
PLACE: Final = "/withdrawals/place"
FIND: Final = "/withdrawals/find"
DECIDE: Final = "/withdrawals/decide"
REPORT: Final = "/reports/withdrawals"
CARTS: Final = "/withdrawals/carts"


def withdrawals_page(asked: Asked) -> Page:
    """Withdrawals that are not finished, the oldest first, unless the reader asks for others."""
    title = tell("office.withdrawals")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    settings = asked.sources.settings
    options, sites = settings.withdrawal, sites_of(settings.distribution)
    days = calendar(options, asked.sources.clock.now())
    everything = only("all", tell("withdrawal.filter.all"))
    rows = asked.sources.visibility(asked.viewer).withdrawals(everything=bool(everything.value(asked.text("all"))))
    filters = (*_filters(asked, rows), everything)
    chosen = {entry.name: entry.value(asked.text(entry.name)) for entry in filters}
    choice = WithdrawalFilter(
        site=chosen["site"],
        reason=chosen["reason"],
        owner=asked.viewer.id if chosen["mine"] else chosen["owner"],
        step=chosen["step"],
        late=chosen["late"],
        list=chosen["list"],
        cart=chosen["cart"],
    )
    table = withdrawals_table([row for row in rows if choice.wants(row, sites, days)], options, sites, days)
    red = sum(days.late(row) is Lateness.RED for row in rows)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        choose=((PLACE, tell("form.do.place-withdrawal")), (ASSIGN, tell("form.do.assign"))),
        values={
            "empty": tell("withdrawal.none"),
            "note": tell("withdrawal.very-late", count=red) if red else "",
            "doings": [(FIND, tell("form.do.decide-withdrawal"))] if may_withdraw(asked) else [],
            "choices": [
                (tell("pull.title"), LISTS, False),
                (tell("withdrawal.carts"), CARTS, False),
                (tell("withdrawal.report"), REPORT, False),
                (tell("watch.title"), WATCH, False),
            ],
        },
    )


def _filters(asked: Asked, rows: Sequence[Withdrawal]) -> Iterator[Filter]:
    settings, people = asked.sources.settings, asked.names_seen()
    sites = sites_of(settings.distribution)
    codes = sorted({code for row in rows if (code := site_code(row.library, sites))}, key=str.casefold)
    yield Filter("site", tell("box.head.site"), [(code, clean(site_with(code, sites).heading)) for code in codes])
    reasons = sorted({row.reason for row in rows if row.reason})
    yield Filter(
        "reason",
        tell("withdrawal.head.reason"),
        [(code, clean(named(code, settings.withdrawal.reasons))) for code in reasons],
    )
    owners = sorted({owner for row in rows if (owner := owner_of(row))}, key=str.casefold)
    yield Filter("owner", tell("office.head.owner"), [(owner, people.get(owner, owner)) for owner in owners])
    steps_known = [(step, tell(f"withdrawal.step.{step}")) for step in (*map(str, NextStep), READY)]
    yield Filter("step", tell("withdrawal.head.step"), steps_known)
    ages = [(late.value, tell(f"withdrawal.late.{late}")) for late in (Lateness.AMBER, Lateness.RED)]
    yield Filter("late", tell("withdrawal.head.late"), ages)
    yield Filter("list", tell("withdrawal.head.list"))
    yield Filter("cart", tell("withdrawal.head.cart"))
    yield only("mine", tell("office.filter.mine"))


def may_withdraw(asked: Asked) -> bool:
    """Return whether the viewer may decide that an item leaves, or have the right lent."""
    return asked.sources.signs_on or may(asked.viewer.role, Right.WITHDRAW)


# --- one ------------------------------------------------------------------------------------------------------------


def find(asked: Asked, ident: str) -> Withdrawal | None:
    return asked.sources.visibility(asked.viewer).withdrawal(ident) if asked.queries.exists else None


def one(asked: Asked) -> Page:
    """One withdrawal: facts, proofs, stop signs, tags and what happened to it."""
    now = find(asked, asked.names["id"])
    if now is None:
        return missing()
    new, names = asked.number(NEW) or 0, asked.names_seen()
    days = calendar(asked.sources.settings.withdrawal, asked.sources.clock.now())
    late = days.late(now)
    table = proofs(now.proofs)
    return Page(
        template="withdrawal",
        title=now.title or now.barcode,
        read=lambda after: page_of(table, after, asked.rows),
        values={
            "code": now.next_step.value,
            "state": tell(now.next_words),
            "late": late.value if late is not Lateness.IN_TIME else "",
            "age": tell(f"withdrawal.late.{late}"),
            "facts": [fact for fact in _facts(asked, now) if fact[1]],
            "heading": tell("withdrawal.proofs"),
            "empty": "",
            "saved": bool(new),
            "doings": list(_doings(asked, now)),
            "links": list(_links(now)),
            "tables": [
                (tell("withdrawal.signs"), *drawn(signs(now.signs, now.despite), names)),
                (tell("withdrawal.tags"), *drawn(tags(now.tags), names)),
            ],
            "steps": steps(asked.queries.withdrawal_history(now.id), names, new),
        },
    )


def drawn(table: Table, names: Mapping[str, str]) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Return heads and rows of a table, each cell as symbol and text."""
    heads = [tell(table.columns[at].head) for at in table.shown]
    return heads, [
        [(mark(table.columns[at].words, str(row[at])), shown(table.columns[at], row[at], names)) for at in table.shown]
        for row in table.rows
    ]


def _facts(asked: Asked, now: Withdrawal) -> Iterator[tuple[str, str]]:
    options, names = asked.sources.settings.withdrawal, asked.names_seen()
    yield tell("office.head.barcode"), now.barcode
    yield tell("withdrawal.head.part"), str(now.part) if now.part else ""
    yield tell("office.head.call-number"), clean(now.call_number)
    yield tell("shipment.head.library"), clean(now.library)
    yield tell("withdrawal.head.reason"), clean(named(now.reason, options.reasons))
    yield tell("withdrawal.head.destination"), clean(named(now.destination, options.destinations))
    yield tell("withdrawal.head.piece"), tell(f"withdrawal.piece.{now.piece}")
    yield tell("withdrawal.head.approver"), clean(now.approver)
    yield tell("withdrawal.head.decided-by"), names.get(now.decided_by, now.decided_by)
    yield tell("withdrawal.head.lender"), names.get(now.authorised, now.authorised)
    yield tell("office.head.owner"), names.get(owner_of(now), owner_of(now))
    yield tell("withdrawal.head.deleted-at"), local_day_and_time(now.deleted_at) if now.deleted_at else ""
    yield tell("withdrawal.head.place"), clean(now.place)
    yield tell("shipment.head.note"), clean(now.note)
    yield tell("withdrawal.head.canceled-at"), clean(now.cancel_reason)


def _links(now: Withdrawal) -> Iterator[tuple[str, str]]:
    yield tell("withdrawal.item"), f"/items/{quote(now.barcode, safe='')}"
    if now.delivery:
        yield tell("withdrawal.delivery"), f"/outbox/{now.delivery}"
    if now.cart:
        yield tell("withdrawal.head.cart"), f"{CARTS}/{now.cart}"
    if now.list:
        yield tell("withdrawal.head.list"), f"{LISTS}/{now.list}"


def _doings(asked: Asked, now: Withdrawal) -> Iterator[tuple[str, str]]:
    """Yield what is possible now: path, and name of the button."""
    here = f"/withdrawals/{now.id}"
    if now.canceled_at or not asked.viewer.id:
        return
    if not now.decided_at and may_withdraw(asked):
        yield f"{DECIDE}?barcode={quote(now.barcode, safe='')}", tell("form.do.decide-withdrawal")
    if now.next_step is NextStep.CONFIRM and may_withdraw(asked):
        yield f"{here}/confirm", tell("form.do.confirm-withdrawal")
    if now.next_step is NextStep.SETTLE and now.delivery:
        yield f"/outbox/{now.delivery}", tell("withdrawal.settle")
    if now.deleted_at and any(tag.standing in LEFT_OPEN for tag in now.tags):
        yield f"{here}/destroyed", tell("form.do.destroyed-withdrawal")
    if now.next_step is NextStep.PLACE:
        yield f"{PLACE}?id={now.id}", tell("form.do.place-withdrawal")
    if now.deleted_at and _awaits_oclc(now) and may_withdraw(asked):
        yield f"{here}/oclc", tell("form.do.oclc-withdrawal")
    if not now.finished_at:
        yield f"{ASSIGN}?id={now.id}", tell("form.do.assign")
    if now.may_cancel and may_withdraw(asked):
        yield f"{here}/cancel", tell("form.do.cancel-withdrawal")


def _awaits_oclc(now: Withdrawal) -> bool:
    proof = next((proof for proof in now.proofs if proof.layer == "oclc"), None)
    return proof is not None and not proof.settled


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (("/withdrawals/{id}", one),)
