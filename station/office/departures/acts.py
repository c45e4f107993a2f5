"""Forms about withdrawals that are decided: taken back, confirmed, destroyed, placed, OCLC, given to another person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from station.base.errors import ControlRefused, DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.events import (
    DeletionConfirmed,
    OclcHoldingRemoved,
    TagDestroyed,
    WithdrawalAssigned,
    WithdrawalCanceled,
    WithdrawalPlaced,
    WithdrawalStep,
)
from station.domain.people.rights import Right
from station.domain.withdrawals.withdrawal import LEFT_OPEN, NO_TAG, PART_MISSING, LeavingTag, Withdrawal
from station.office.asked import Asked
from station.office.corrections import MOST, NOTE, OWNER, owners_to_choose, reason_field, reason_of
from station.office.departures.withdrawals import ASSIGN, PLACE, find
from station.office.forms import NEW, Field, FieldKind, Form, Lent, Make
from station.reports.tables.withdrawals import named, owner_of
from station.runtime.withdrawal_decisions import LONGEST_NOTE
from station.store.people.visibility import ANOTHER

IDS, UID, HOW, IN, STAYS = "ids", "uid", "how", "in", "stays"
HOWS: Final = ("tag-cut", "tag-dead", PART_MISSING, NO_TAG)


def known(asked: Asked, ident: str) -> Withdrawal:
    """Return the withdrawal with this id. Raise `DepartureRefused`."""
    now = find(asked, ident)
    if now is None:
        raise DepartureRefused(Sentence("withdrawal.unknown", withdrawal=clean(ident, 60)))
    return now


def _form(
    asked: Asked,
    now: Withdrawal,
    name: str,
    right: Right,
    event: Callable[[Mapping[str, str]], WithdrawalStep],
    *fields: Field,
    notes: tuple[str, ...] = (),
) -> Form:
    """`event`: returns what to journal, from what was typed."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        made = msgspec.structs.replace(event(typed), operator=asked.viewer.id, authorised=lent.authorised)
        return f"/withdrawals/{now.id}?{NEW}={asked.sources.acts.order([made], lent.by, last)}"

    return Form(
        title=tell(f"form.title.{name}-withdrawal"),
        subject=clean(now.title or now.barcode),
        button=tell(f"form.do.{name}-withdrawal"),
        back=f"/withdrawals/{now.id}",
        act=act,
        right=right,
        fields=fields,
        notes=notes,
        every_time=right is Right.ERASE_TAG,
    )


def _cancel(asked: Asked, now: Withdrawal) -> Form:
    def event(typed: Mapping[str, str]) -> WithdrawalCanceled:
        return WithdrawalCanceled(withdrawal=now.id, reason=reason_of(typed))

    note = tell("withdrawal.until-touched" if now.part else "withdrawal.until-sent")
    return _form(asked, now, "cancel", Right.WITHDRAW, event, reason_field(needed=True), notes=(note,))


def _confirm(asked: Asked, now: Withdrawal) -> Form:
    def event(typed: Mapping[str, str]) -> DeletionConfirmed:
        return DeletionConfirmed(withdrawal=now.id, reason=reason_of(typed))

    return _form(
        asked, now, "confirm", Right.WITHDRAW, event, reason_field(needed=True), notes=(tell("withdrawal.no-way-back"),)
    )


def _destroyed(asked: Asked, now: Withdrawal) -> Form:
    left = {tag.key: tag for tag in now.tags if tag.standing in LEFT_OPEN}
    unknown = any(not tag.uid for tag in left.values())

    def event(typed: Mapping[str, str]) -> TagDestroyed:
        key = typed.get(UID, "")
        uid, part = (left[key].uid, left[key].part) if key in left else (key, 1)
        return TagDestroyed(uid=uid, barcode=now.barcode, part=part, how=typed.get(HOW, HOWS[0]), withdrawal=now.id)

    form = _form(
        asked,
        now,
        "destroyed",
        Right.ERASE_TAG,
        event,
        Field(
            name=UID,
            label=tell("withdrawal.head.tag"),
            kind=FieldKind.RADIO,
            choices=tuple((key, _tag_name(tag)) for key, tag in left.items()),
            value=next(iter(left), ""),
            needed=True,
        ),
        Field(
            name=HOW,
            label=tell("withdrawal.how"),
            kind=FieldKind.RADIO,
            choices=tuple((how, tell(f"withdrawal.how.{how}")) for how in HOWS if unknown or how != NO_TAG),
            needed=True,
        ),
        notes=(tell("withdrawal.is-watched"),),
    )
    refused = DepartureRefused(Sentence("withdrawal.which-tag", known="-"))
    return form if left else msgspec.structs.replace(form, refusal=refused)


def _tag_name(tag: LeavingTag) -> str:
    """Return what a tag that is left is called: its number and part."""
    key = "withdrawal.tag-of-part" if tag.uid else "withdrawal.tag-not-known"
    return tell(key, uid=tag.uid, part=tag.part)


def _oclc(asked: Asked, now: Withdrawal) -> Form:
    def event(typed: Mapping[str, str]) -> OclcHoldingRemoved:
        note = clean(typed.get(NOTE, ""), LONGEST_NOTE)
        return OclcHoldingRemoved(withdrawal=now.id, stays=typed.get(STAYS) == "stays", note=note)

    return _form(
        asked,
        now,
        "oclc",
        Right.WITHDRAW,
        event,
        Field(
            name=STAYS,
            label=tell("withdrawal.layer.oclc"),
            kind=FieldKind.RADIO,
            choices=(("removed", tell("withdrawal.oclc-removed")), ("stays", tell("withdrawal.oclc-stays"))),
            needed=True,
        ),
        Field(name=NOTE, label=tell("shipment.head.note")),
    )


_ONE: Final[Mapping[str, Callable[[Asked, Withdrawal], Form]]] = {
    "cancel": _cancel,
    "confirm": _confirm,
    "destroyed": _destroyed,
    "oclc": _oclc,
}


def _of_one(name: str, asked: Asked) -> Form:
    return _ONE[name](asked, known(asked, asked.names["id"]))


# --- one or several ---------------------------------------------------------------------------------------------------


def _of_several(
    asked: Asked,
    name: str,
    right: Right,
    event: Callable[[Withdrawal, Mapping[str, str]], WithdrawalStep],
    field: Field,
) -> Form:
    """Return a form about the withdrawals that the reader chose: all, or none. `event`: of one of them."""
    chosen = _chosen(asked)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        events = [
            msgspec.structs.replace(event(now, typed), operator=asked.viewer.id, authorised=lent.authorised)
            for now in chosen
        ]
        seq = asked.sources.acts.order(events, lent.by, last)
        return f"/withdrawals/{chosen[0].id}?{NEW}={seq}" if len(chosen) == 1 else "/withdrawals"

    return Form(
        title=tell(f"form.title.{name}-withdrawal"),
        subject="",
        button=tell(f"form.do.{name}-withdrawal"),
        back=f"/withdrawals/{chosen[0].id}" if len(chosen) == 1 else "/withdrawals",
        act=act,
        right=right,
        fields=(field,),
        lines=tuple(clean(now.title or now.barcode) for now in chosen),
        hidden=((IDS, " ".join(now.id for now in chosen)),),
    )


def _chosen(asked: Asked) -> list[Withdrawal]:
    ids = asked.every.get("id", ()) if asked.posted is None else tuple(asked.posted.get(IDS, "").split())
    ids = tuple(dict.fromkeys(filter(None, ids)))
    if not ids:
        raise DepartureRefused(Sentence("withdrawal.none-chosen"))
    if len(ids) > MOST:
        raise ControlRefused(Sentence("form.too-many-chosen", most=MOST))
    return [known(asked, ident) for ident in ids]


def place(asked: Asked) -> Form:
    """Record that pieces are in their box, or on their list."""
    destinations = asked.sources.settings.withdrawal.destinations

    def event(now: Withdrawal, typed: Mapping[str, str]) -> WithdrawalPlaced:
        place = clean(typed.get(IN, ""), 100) or named(now.destination, destinations)
        return WithdrawalPlaced(withdrawal=now.id, place=place)

    field = Field(name=IN, label=tell("withdrawal.head.place"), hint=tell("withdrawal.place-hint"))
    return _of_several(asked, "place", Right.PROCESS, event, field)


def assign(asked: Asked) -> Form:
    """Give withdrawals to another person."""
    present = owner_of(chosen[0]) if len(chosen := _chosen(asked)) == 1 else ANOTHER

    def event(now: Withdrawal, typed: Mapping[str, str]) -> WithdrawalAssigned:
        return WithdrawalAssigned(withdrawal=now.id, owner=typed.get(OWNER, ""))

    field = Field(
        name=OWNER,
        label=tell("form.new-owner"),
        kind=FieldKind.CHOICE,
        value=present if present != ANOTHER else "",
        choices=owners_to_choose(asked, present),
        needed=True,
    )
    return _of_several(asked, "assign", Right.ASSIGN, event, field)


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    (PLACE, place),
    (ASSIGN, assign),
    *((f"/withdrawals/{{id}}/{name}", partial(_of_one, name)) for name in _ONE),
)
