"""Differences with vendors: the list, one difference, what a person may do about it, and several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from station.base.errors import ControlRefused, ReceivingRefused, StillBlind
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.base.words.times import date_words
from station.domain.deliveries.delivery import reason_words
from station.domain.events import (
    ClaimMade,
    DifferenceAssigned,
    DifferenceEnded,
    DifferenceNoted,
    DifferenceOpened,
    ShipmentStep,
)
from station.domain.people.rights import Right, may
from station.domain.people.sign_on import Claim
from station.domain.ports import Logged
from station.domain.receiving.difference import Difference, DifferenceEnd, DifferenceKind, DifferenceState
from station.domain.receiving.shipment import claim_id
from station.office.answers import SECOND
from station.office.asked import Asked, Page, missing
from station.office.corrections import DUE, MOST, NOTE, OWNER, owners_to_choose, reason_field, reason_of
from station.office.filters import Filter, only
from station.office.forms import NEW, Change, Field, FieldKind, Form, Lent, Make
from station.office.second import second_claims, second_fields
from station.office.steps import steps
from station.reports import claim
from station.reports.claim import library_of
from station.reports.tables.receiving import (
    DifferenceFilter,
    age_of,
    differences_page,
    ordered_differences,
    state_words,
    vendor_names,
)
from station.reports.tables.table import Table
from station.store.people.visibility import ANOTHER

LONGEST_NOTE: Final = 500
LONGEST_PHOTO: Final = 200
END, REFERENCE, PHOTO, IDS = "end", "reference", "photo", "ids"


def differences(asked: Asked) -> Page:
    """What differs from lists and orders, overdue entries first."""
    title = tell("office.differences")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    states = Filter(
        "state",
        tell("shipment.head.state"),
        [(state.value, tell(f"shipment.state.{state}")) for state in DifferenceState],
    )
    today, state = asked.sources.clock.day(), states.value(asked.text("state"))
    everything = DifferenceFilter(state=state).everything
    rows = asked.sources.visibility(asked.viewer).differences(everything=everything)
    names = vendor_names(asked.queries.vendors())
    filters = (*_filters(asked, rows, names), states, only("overdue", tell("office.head.overdue")))
    kind, vendor, owner, shipment, mine, _, overdue = (one.value(asked.text(one.name)) for one in filters)
    choice = DifferenceFilter(
        kind=kind,
        vendor=vendor,
        owner=asked.viewer.id if mine else owner,
        state=state,
        shipment=shipment,
        overdue_on=today if overdue else "",
    )
    chosen = ordered_differences(filter(choice.wants, rows), asked.text("sort"), today)
    late = sum(1 for row in chosen if row.is_overdue(today))

    def read(after: str) -> Table:
        return differences_page(chosen, names, today, after, asked.rows)

    may_settle = asked.sources.signs_on or may(asked.viewer.role, Right.SETTLE_DIFFERENCE)
    return Page(
        template="list",
        title=title,
        read=read,
        filters=filters,
        values={
            "empty": tell("shipment.no-differences"),
            "note": tell("office.overdue", count=late) if late else "",
        },
        choose=(
            (("/differences/assign", tell("form.do.assign")), ("/differences/claim", tell("form.do.claim")))
            if may_settle
            else ()
        ),
    )


def _filters(asked: Asked, rows: Sequence[Difference], names: Mapping[str, str]) -> Iterator[Filter]:
    people = asked.names_seen()
    kinds = [(kind.value, tell(f"shipment.outcome.{kind}")) for kind in DifferenceKind]
    yield Filter("kind", tell("office.head.wrong"), kinds)
    vendors = sorted({row.vendor for row in rows if row.vendor}, key=str.casefold)
    yield Filter("vendor", tell("shipment.head.vendor"), [(name, clean(names.get(name, name))) for name in vendors])
    owners = sorted({row.owner for row in rows if row.owner}, key=str.casefold)
    yield Filter("owner", tell("office.head.owner"), [(owner, people.get(owner, owner)) for owner in owners])
    yield Filter("shipment", tell("shipment.head.shipment"))
    yield only("mine", tell("office.filter.mine"))


# --- one ------------------------------------------------------------------------------------------------------------


class Doing(msgspec.Struct, frozen=True):
    """One thing that a person may do about a difference. Its name is the last part of its path."""

    name: str
    right: Right
    make: Callable[[Asked, Difference], Form]


def one(asked: Asked) -> Page:
    """One difference: its facts, its history, and what the viewer may do about it."""
    now = _find(asked, asked.names["id"])
    if now is None:
        return missing()
    names, today, new = asked.names_seen(), asked.sources.clock.day(), asked.number(NEW) or 0
    vendors = vendor_names(asked.queries.vendors())
    history = asked.queries.difference_history(now.id)
    return Page(
        template="difference",
        title=now.title or now.number or now.id,
        values={
            "what": tell(Sentence(f"shipment.outcome.{now.kind}")),
            "state": tell(state_words(now, today)),
            "late": now.is_overdue(today),
            "facts": [*_facts(now, history, vendors, names, today), *_receipt(asked, now)],
            "links": _links(now),
            "saved": bool(new),
            "steps": steps(history, names, new),
            "doings": _doings(asked, now),
            "undo": _undo(now, history, names) if new else None,
        },
    )


def _facts(
    now: Difference, history: Sequence[Logged], vendors: Mapping[str, str], names: Mapping[str, str], today: str
) -> list[tuple[str, str]]:
    photos = [step.event.photo for step in history if isinstance(step.event, DifferenceOpened | DifferenceNoted)]
    ended = [step.event for step in history if isinstance(step.event, DifferenceEnded)]
    facts = [
        (tell("office.head.owner"), names.get(now.owner, now.owner)),
        (tell("office.head.due"), date_words(now.due)),
        (tell("form.age"), tell("correction.row.days", count=age_of(now, today))),
        (tell("shipment.head.copies"), str(now.copies)),
        (tell("shipment.head.vendor"), vendors.get(now.vendor, now.vendor)),
        (tell("shipment.head.number"), now.number),
        (tell("shipment.head.order-line"), now.order_line),
        (tell("shipment.head.price"), now.price),
        (tell("shipment.head.photo"), ", ".join(filter(None, photos))),
        *((tell("shipment.head.reference"), event.reference) for event in ended),
    ]
    return [fact for fact in facts if fact[1]]


def _receipt(asked: Asked, now: Difference) -> Iterator[tuple[str, str]]:
    """Yield what the library system answered to the receipt that the difference is about, unless it is hidden from the
    viewer."""
    try:
        delivery = asked.queries.delivery(now.delivery) if now.delivery else None
    except StillBlind:
        return
    if delivery is not None and (words := tell(delivery.detail or reason_words(delivery.reason, delivery.detail))):
        yield tell("receipt.head.answer"), clean(words, 500)


def _links(now: Difference) -> list[tuple[str, str]]:
    links = [(tell("shipment.head.shipment"), f"/shipments/{now.shipment}")] if now.shipment else []
    links += [(tell("receipt.delivery"), f"/outbox/{now.delivery}")] if now.delivery else []
    links += [(tell("invoice.head.invoice"), f"/invoices/{now.invoice}")] if now.invoice else []
    return [*links, *([(tell("shipment.head.claim"), f"/claims/{now.claim}")] if now.claim else [])]


def _doings(asked: Asked, now: Difference) -> list[tuple[str, str]]:
    """Return what the viewer may do, or have a right lent for."""
    if not now.is_open:
        return []
    signs_on, role = asked.sources.signs_on, asked.viewer.role
    paths = [
        (f"/differences/{now.id}/{doing.name}", tell(f"form.do.{doing.name}"))
        for doing in DOINGS
        if signs_on or may(role, doing.right)
    ]
    if signs_on or may(role, Right.SETTLE_DIFFERENCE):
        paths.append((f"/differences/claim?id={now.id}", tell("form.do.claim")))
    return paths


def _undo(now: Difference, history: Sequence[Logged], names: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the address of the form that gives the difference back to its former owner, and that owner; None = nothing
    is to be taken back."""
    last = history[-1].event
    if not isinstance(last, DifferenceAssigned) or not last.owner or not now.is_open:
        return None
    before = [
        step.event.owner
        for step in history[:-1]
        if isinstance(step.event, DifferenceOpened | DifferenceAssigned) and step.event.owner
    ]
    if not before or before[-1] == last.owner or names.get(before[-1], before[-1]) == names.get(ANOTHER):
        return None
    return f"/differences/{now.id}/assign?{OWNER}={before[-1]}", names.get(before[-1], before[-1])


def _find(asked: Asked, ident: str) -> Difference | None:
    return asked.sources.visibility(asked.viewer).difference(ident) if asked.queries.exists else None


# --- forms about one difference ---------------------------------------------------------------------------------------


def form(name: str, asked: Asked) -> Form:
    """Return the form of what is done about one difference. Raises `ReceivingRefused` for an unknown one."""
    now = _known(asked, asked.names["id"])
    doing = next(doing for doing in DOINGS if doing.name == name)
    return msgspec.structs.replace(doing.make(asked, now), refusal=_refusal(now))


def _known(asked: Asked, ident: str) -> Difference:
    now = _find(asked, ident)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown-difference", difference=ident))
    return now


def _refusal(now: Difference) -> ReceivingRefused | None:
    return None if now.is_open else ReceivingRefused(Sentence("shipment.ended-already", title=now.title))


def _about(now: Difference) -> str:
    return tell("form.about", item=now.title or now.number, what=Sentence(f"shipment.outcome.{now.kind}"))


def _form(
    asked: Asked,
    now: Difference,
    name: str,
    right: Right,
    event: Callable[[Mapping[str, str]], ShipmentStep],
    *,
    fields: tuple[Field, ...] = (),
    notes: tuple[str, ...] = (),
    claims: Callable[[Mapping[str, str]], tuple[Claim, ...]] = lambda _: (),
) -> Form:
    """`event`: returns what to journal, from what was typed; `claims`: further proofs of identity."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        ordered = msgspec.structs.replace(event(typed), operator=asked.viewer.id, authorised=lent.authorised)
        by = msgspec.structs.replace(lent.by, claims=(*lent.by.claims, *claims(typed)))
        seq = asked.sources.acts.order([ordered], by, last)
        return f"/differences/{now.id}?{NEW}={seq}"

    return Form(
        title=tell(f"form.title.{name}-difference"),
        subject=_about(now),
        button=tell(f"form.do.{name}"),
        back=f"/differences/{now.id}",
        act=act,
        right=right,
        fields=fields,
        notes=notes,
    )


def _note(asked: Asked, now: Difference) -> Form:
    return _form(
        asked,
        now,
        "note",
        Right.COUNT,
        lambda typed: DifferenceNoted(
            difference=now.id,
            note=clean(typed.get(NOTE, ""), LONGEST_NOTE),
            photo=clean(typed.get(PHOTO, ""), LONGEST_PHOTO),
        ),
        fields=(
            Field(name=NOTE, label=tell("shipment.head.note"), kind=FieldKind.LONG, needed=True),
            Field(name=PHOTO, label=tell("shipment.head.photo"), hint=tell("shipment.photo-hint")),
        ),
    )


def _assign(asked: Asked, now: Difference) -> Form:
    names = asked.names_seen()

    def event(typed: Mapping[str, str]) -> DifferenceAssigned:
        owner, due = typed.get(OWNER, ""), typed.get(DUE, "")
        return DifferenceAssigned(
            difference=now.id,
            owner="" if owner == now.owner else owner,
            due="" if due == now.due else due,
            reason=reason_of(typed),
        )

    fields = (
        Field(
            name=OWNER,
            label=tell("form.new-owner"),
            kind=FieldKind.CHOICE,
            value=now.owner,
            choices=owners_to_choose(asked, now.owner),
            hint=tell("form.now", value=names.get(now.owner, now.owner)),
        ),
        Field(
            name=DUE,
            label=tell("form.new-due"),
            kind=FieldKind.DAY,
            value=now.due,
            hint=tell("form.now", value=date_words(now.due)),
        ),
        reason_field(),
    )
    return _form(asked, now, "assign", Right.SETTLE_DIFFERENCE, event, fields=fields)


def _end(asked: Asked, now: Difference) -> Form:
    sources = asked.sources
    two = [end for end in DifferenceEnd if end in sources.settings.receiving.two_people]

    fields = [
        Field(
            name=END,
            label=tell("shipment.head.end"),
            kind=FieldKind.RADIO,
            choices=tuple((end.value, tell(f"shipment.ends.{end}")) for end in DifferenceEnd),
            needed=True,
        ),
        reason_field(needed=True),
        Field(name=REFERENCE, label=tell("shipment.head.reference"), hint=tell("shipment.reference-hint")),
    ]
    notes = [tell("shipment.never-opens")]
    if two:
        words = ", ".join(tell(f"shipment.end.{end}") for end in two)
        second, note = second_fields(sources, tell("shipment.second-hint", ends=words))
        fields += second
        notes += filter(None, (note,))
    return _form(
        asked,
        now,
        "end",
        Right.SETTLE_DIFFERENCE,
        lambda typed: DifferenceEnded(
            difference=now.id,
            end=DifferenceEnd(typed.get(END, "")),
            reason=reason_of(typed),
            reference=clean(typed.get(REFERENCE, "")),
            second=clean(typed.get(SECOND, "")),
        ),
        fields=tuple(fields),
        notes=tuple(notes),
        claims=partial(second_claims, sources),
    )


DOINGS: Final = (
    Doing("note", Right.COUNT, _note),
    Doing("assign", Right.SETTLE_DIFFERENCE, _assign),
    Doing("end", Right.SETTLE_DIFFERENCE, _end),
)
"""In the order of the page's buttons."""


# --- several at once -------------------------------------------------------------------------------------------------


def assign_many(asked: Asked) -> Form:
    """Give several differences an owner or a due date: all, or none."""
    chosen, names = _chosen(asked), asked.names_seen()

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        owner, due = typed.get(OWNER, ""), typed.get(DUE, "")
        events = [
            DifferenceAssigned(
                difference=now.id,
                owner="" if owner == now.owner else owner,
                due="" if due == now.due else due,
                reason=reason_of(typed),
                operator=asked.viewer.id,
                authorised=lent.authorised,
            )
            for now in chosen
        ]
        asked.sources.acts.order(events, lent.by, last)
        return "/differences/done?" + "&".join(f"id={now.id}" for now in chosen)

    return Form(
        title=tell("form.assign-differences", count=len(chosen)),
        subject="",
        button=tell("form.do.assign"),
        back="/differences",
        act=act,
        right=Right.SETTLE_DIFFERENCE,
        fields=(
            Field(
                name=OWNER,
                label=tell("form.new-owner"),
                kind=FieldKind.CHOICE,
                choices=owners_to_choose(asked, ANOTHER, ("", tell("form.unchanged"))),
            ),
            Field(name=DUE, label=tell("form.new-due"), kind=FieldKind.DAY),
            reason_field(),
        ),
        changes=tuple(
            Change(_about(now), Sentence.joined((names.get(now.owner, now.owner), date_words(now.due)), ", "), "")
            for now in chosen
        ),
        hidden=((IDS, " ".join(now.id for now in chosen)),),
    )


def claim_form(asked: Asked) -> Form:
    """Record that a claim was made about one or several differences of one vendor; the form shows its text."""
    chosen = _chosen(asked)
    if len({now.vendor for now in chosen}) != 1:
        raise ReceivingRefused(Sentence("shipment.claim-vendors"))
    library = library_of(asked.sources.settings)

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        event = ClaimMade(
            differences=tuple(now.id for now in chosen), operator=asked.viewer.id, authorised=lent.authorised
        )
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/claims/{claim_id(seq)}?{NEW}={seq}"

    prepared = claim.prepared(asked.queries, chosen, library)
    again = [now for now in chosen if now.claim]
    return Form(
        title=tell("form.title.claim", vendor=clean(prepared.vendor)),
        subject="",
        button=tell("form.do.record-claim"),
        back="/differences",
        act=act,
        right=Right.SETTLE_DIFFERENCE,
        text=claim.mail(prepared, station_session().tell),
        notes=(tell("claim.send-first"), *((tell("claim.again", count=len(again)),) if again else ())),
        hidden=((IDS, " ".join(now.id for now in chosen)),),
    )


def _chosen(asked: Asked) -> list[Difference]:
    """Return the chosen differences. Raises `ReceivingRefused` for none or an ended one, and `ControlRefused` for too
    many."""
    ids = asked.every.get("id", ()) if asked.posted is None else tuple(asked.posted.get(IDS, "").split())
    ids = tuple(dict.fromkeys(filter(None, ids)))
    if not ids:
        raise ReceivingRefused(Sentence("shipment.none-chosen"))
    if len(ids) > MOST:
        raise ControlRefused(Sentence("form.too-many-chosen", most=MOST))
    chosen = [_known(asked, ident) for ident in ids]
    if (refused := next(filter(None, map(_refusal, chosen)), None)) is not None:
        raise refused
    return chosen


def done(asked: Asked) -> Page:
    """What several differences are after they were changed at once."""
    names = asked.names_seen()
    changed = [_known(asked, ident) for ident in asked.every.get("id", ())[:MOST]]
    return Page(
        template="done",
        title=tell("form.done-differences", count=len(changed)),
        values={
            "rows": [
                (
                    f"/differences/{now.id}",
                    now.title or now.number or now.id,
                    names.get(now.owner, now.owner),
                    date_words(now.due),
                )
                for now in changed
            ],
            "heads": [tell("office.head.title"), tell("office.head.owner"), tell("office.head.due")],
            "back": "/differences",
            "slips": "",
        },
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/differences/done", done),
    ("/differences/{id}", one),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/differences/assign", assign_many),
    ("/differences/claim", claim_form),
    *((f"/differences/{{id}}/{doing.name}", partial(form, doing.name)) for doing in DOINGS),
)
