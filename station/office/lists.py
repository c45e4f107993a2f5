"""Lists of work, the search, and one item or tag: the reader looks, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from station.base.errors import CatalogError
from station.base.settings import Barcodes
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.catalog.barcodes.barcode import check
from station.domain.correction_states import CorrectionKind
from station.domain.corrections.correction import Brief
from station.domain.corrections.words import headline, waits_for
from station.domain.deliveries.delivery import Delivery, system_word
from station.domain.people.rights import Right, may
from station.domain.ports import Found, Wanted, with_states
from station.office.asked import Asked, Page, to_page
from station.office.departures.lost import is_lost
from station.office.departures.withdrawals import DECIDE, may_withdraw
from station.office.filters import Filter, begin_of, only
from station.reports.item_facts import brief, facts
from station.reports.item_life import item_life
from station.reports.tables.corrections import CorrectionFilter, ordered, page
from station.reports.tables.items import items as items_table
from station.reports.tables.journal import life
from station.reports.tables.outbox import outbox as outbox_table
from station.reports.tables.table import Table
from station.reports.tables.transfers import shelf_words
from station.reports.tables.withdrawals import named
from station.store.catalog_index.index import CatalogIndex

_UID: Final = re.compile(r"E0[0-9A-F]{14}")


def fix(asked: Asked) -> Page:
    """What is to fix, overdue entries first; on request also what was closed since a day."""
    day = Filter("closed", tell("office.filter.closed"), day=True)
    closed, sort = begin_of(day.value(asked.text("closed"))), asked.text("sort")
    seen = asked.sources.visibility(asked.viewer)
    briefs: Sequence[Brief] = ()
    if asked.queries.exists:
        briefs = seen.correction_briefs(closed or None, titles=sort.removeprefix("-") == "item_title")
    filters = (*_fix_filters(asked, briefs), day)
    owner, kind, due, rule, mine, rechecks, _ = (one.value(asked.text(one.name)) for one in filters)
    wanted = CorrectionFilter(
        overdue=due == "overdue",
        due_by=asked.sources.clock.day(int(due)) if due.isdigit() else "",
        owner=asked.viewer.id if mine else owner,
        kind=kind,
        rule=rule,
        rechecks=bool(rechecks),
    )
    chosen = ordered(filter(wanted.wants, briefs), sort)
    late = sum(1 for brief in chosen if brief.overdue)

    def read(after: str) -> Table:
        return page(seen, chosen, after, asked.rows)

    return Page(
        template="list",
        title=tell("office.fix"),
        read=read,
        filters=filters,
        values={
            "empty": tell("office.nothing-to-fix"),
            "note": tell("office.overdue", count=late) if late else "",
            "choices": [(tell("form.lots"), "/fix/lots", False)] if asked.sources.rejected(asked.viewer) else [],
        },
        choose=(
            *([("/fix/assign", tell("form.do.assign"))] if _may_ask(asked, Right.ASSIGN) else []),
            ("/fix/slips", tell("form.slips")),
        ),
    )


def _fix_filters(asked: Asked, briefs: Sequence[Brief]) -> Iterator[Filter]:
    names = asked.names_seen()
    owners = sorted({brief.owner for brief in briefs if brief.owner}, key=str.casefold)
    newest = {brief.rule: brief.id for brief in briefs if brief.rule}
    named = asked.queries.corrections_named(list(newest.values()))
    rules = {entry.correction.rule: tell(entry.correction.title) for entry in named}
    yield Filter("owner", tell("office.head.owner"), [(owner, names.get(owner, owner)) for owner in owners])
    kinds = [(kind.value, tell(f"office.fix-kind.{kind.value}")) for kind in CorrectionKind]
    yield Filter("kind", tell("office.head.kind"), kinds)
    days = [(str(days), tell("office.filter.due-in", count=days)) for days in (0, 7)]
    yield Filter("due", tell("office.head.due"), [("overdue", tell("office.head.overdue")), *days])
    yield Filter("rule", tell("office.filter.rule"), sorted(rules.items(), key=lambda rule: rule[1].casefold()))
    yield only("mine", tell("office.filter.mine"))
    yield only("rechecks", tell("office.filter.rechecks"))


def outbox(asked: Asked) -> Page:
    """Deliveries to the library systems, the newest first, all or those in one state."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.outbox"), values={"sentence": tell("office.no-journal")})
    states = [(name, _state_words(asked, name, count)) for name, count in asked.queries.outbox_counts().items()]
    by_state = Filter("state", tell("office.head.delivery-state"), states)
    state = by_state.value(asked.text("state"))

    def read(after: str) -> Table:
        return outbox_table(asked.queries, after, asked.rows, state)

    return Page(
        template="list",
        title=tell("office.outbox"),
        read=read,
        filters=(by_state,) if states else (),
        values={"empty": tell("outbox.never")},
        choose=(("/outbox/retry", tell("form.do.retry")),),
    )


def _state_words(asked: Asked, name: str, count: int) -> str:
    """Return a state of deliveries, with the count of this bench unless the list is of several."""
    state = tell(f"outbox.state.{name}")
    return state if asked.sources.at_center else tell("outbox.listed-count", number=count, state=state)


def items(asked: Asked) -> Page:
    """Search the catalog. A barcode leads to its item, a UID to its tag."""
    text = asked.text("q").strip()
    if _UID.fullmatch(text.upper()):
        return to_page(f"/tags/{text.upper()}")
    if text and asked.queries.exists and asked.queries.about_item(text):
        return to_page(f"/items/{text}")
    found = Found()
    if text:
        with asked.sources.catalog() as index:
            if _is_barcode(text, index, asked.sources.settings.barcodes):
                return to_page(f"/items/{text}")
            found = index.search(Wanted(text=text), asked.rows)
        if asked.queries.exists:
            found = with_states(found, asked.queries)
    values = {
        "query": text,
        "empty": tell("search.none" if text else "search.how"),
        "note": tell("search.more") if found.more else "",
    }
    return Page(template="list", title=tell("office.items"), read=lambda _: items_table(found), values=values)


def _is_barcode(text: str, index: CatalogIndex, rules: Barcodes) -> bool:
    try:
        index.find(check(text, rules))
    except CatalogError:
        return False
    return True


def item(asked: Asked) -> Page:
    """One item: its record, and what the journal contains about it."""
    with asked.sources.catalog() as index:
        life = item_life(asked.queries, index.find, asked.names["barcode"], asked.sources.settings.barcodes)
    return Page(
        template="item",
        title=life.title or life.barcode,
        read=lambda _: life.events,
        values={
            "note": _lost_words(asked, life.barcode, life.title) or ("" if asked.sources.at_center else life.no_record),
            "facts": list(brief(life.record))
            if life.record is not None
            else [(tell("office.head.barcode"), life.barcode)],
            "whole": list(facts(life.record)) if life.record is not None else [],
            "state": life.state,
            "empty": tell("office.never-here"),
            "doings": _doings(asked, life.barcode, record=life.record is not None) if life.known else [],
            "besides": _besides(asked, life.barcode),
        },
        status=200 if life.known else 404,
    )


def _lost_words(asked: Asked, barcode: str, title: str) -> str:
    """Return that the item is not there, and since when; "" = it is there."""
    now = asked.queries.lost_item(barcode) if asked.queries.exists else None
    if now is None:
        return ""
    state = tell(f"transfer.piece.{now.piece}", title=title or barcode)
    return f"{state} {tell('transfer.since', time=local_day_and_time(now.since))}"


def _may_ask(asked: Asked, right: Right) -> bool:
    """Return whether the viewer has a right, or a second person can lend it."""
    return asked.sources.signs_on or may(asked.viewer.role, right)


def _doings(asked: Asked, barcode: str, *, record: bool) -> list[tuple[str, str]]:
    """Return what a person may do about an item: addresses and words."""
    judged = asked.queries.exists and barcode not in asked.queries.covered() and asked.queries.last_judged(barcode)
    gone = is_lost(asked, barcode)
    ways = (
        ("label", "form.label", record),
        ("slip", "form.slip", bool(asked.sources.corrections_of(asked.viewer, barcode))),
        ("recheck", "form.do.order-recheck", bool(judged) and _may_ask(asked, Right.TRAIN)),
        ("lost", "form.do.lost", asked.queries.exists and not gone),
        ("found", "form.do.found", gone),
    )
    doings = [(f"/items/{quote(barcode, safe='')}/{name}", tell(key)) for name, key, possible in ways if possible]
    if may_withdraw(asked) and asked.queries.exists and asked.queries.withdrawal_of_item(barcode) is None:
        doings.append((f"{DECIDE}?barcode={quote(barcode, safe='')}", tell("form.do.decide-withdrawal")))
    return doings


def _besides(asked: Asked, barcode: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return what is to fix on an item, and its deliveries: addresses, words and states."""
    if not asked.queries.exists or barcode in asked.queries.covered():
        deliveries: tuple[Delivery, ...] = ()
    else:
        deliveries = asked.queries.deliveries_of(barcode)
    to_fix = [
        (f"/fix/{entry.correction.id}", tell(headline(entry)), tell(waits_for(entry)))
        for entry in asked.sources.corrections_of(asked.viewer, barcode)
    ]
    sent = [
        (
            f"/outbox/{entry.id}",
            tell("form.delivery", system=system_word(entry.system), title=entry.intent.words),
            tell(f"outbox.state.{entry.state.value}"),
        )
        for entry in deliveries
    ]
    moves = asked.queries.transfer_of_item(barcode) if asked.queries.exists else None
    moving = [
        (f"/transfers/{now.id}", shelf_words(now.wanted), tell(f"transfer.step.{now.next_step}"))
        for now in ((moves,) if moves is not None else ())
    ]
    leaves = asked.queries.withdrawal_of_item(barcode) if asked.queries.exists else None
    leaving = [
        (f"/withdrawals/{now.id}", named(now.reason, asked.sources.settings.withdrawal.reasons), tell(now.next_words))
        for now in ((leaves,) if leaves is not None else ())
    ]
    return [
        (tell("office.fix"), to_fix),
        (tell("office.withdrawals"), leaving),
        (tell("office.transfers"), moving),
        (tell("office.outbox"), sent),
    ]


def tag(asked: Asked) -> Page:
    """One tag: what the journal contains about it."""
    uid = asked.names["uid"].upper()
    table = life(asked.queries.about_tag(uid) if asked.queries.exists and _UID.fullmatch(uid) else ())
    return Page(
        template="item",
        title=tell("office.tag", uid=uid),
        read=lambda _: table,
        values={
            "note": "",
            "facts": [],
            "whole": [],
            "state": "",
            "empty": tell("office.never-here"),
            "doings": [],
            "besides": [],
        },
        status=200 if table.rows else 404,
    )
