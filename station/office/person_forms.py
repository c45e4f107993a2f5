"""Forms about people: who works here, with which role, PIN and cards, and what everyone chooses for themself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from station.base.errors import WorkerGone, WorkerUnknown
from station.base.text import clean
from station.base.words import languages, tell
from station.domain.events import RetrainingHeld, WorkerLeft, WorkerRoleChanged
from station.domain.finding_words import title_of
from station.domain.people.changes import (
    Account,
    Change,
    Erase,
    GiveCard,
    GiveFirstPin,
    KnownCard,
    OwnPin,
    Register,
    Speak,
    TakeCard,
)
from station.domain.people.rights import Right, Role, may
from station.domain.people.sign_on import Claim, Pin
from station.domain.ports import Worker
from station.office.answers import AGAIN, CARD, LOGIN, NEW_PIN, PIN, REASON
from station.office.asked import VIA, Asked, Page, to_page
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make, Once
from station.store.projections.workers import STAFF

LONGEST: Final = 200
"""Characters of a reason or note."""
NAME, ROLE, LANGUAGE, KIND, RULE, NOTE, COLORS = "name", "role", "language", "kind", "rule", "note", "colors"
WAS: Final = "was"
"""Parameter of the page that an act leads to: what was before, for who takes it back."""
STATION: Final = "station"
"""For `WAS`: the language of the station."""
AUTOMATIC: Final = "auto"
COLOR_SCHEMES: Final = (AUTOMATIC, "light", "dark")


class Doing(msgspec.Struct, frozen=True):
    """One thing that is done about one person. Its name is the last part of its path."""

    name: str
    make: Callable[[Asked, Worker], Form]
    right: Right | None = None
    """None = that to manage people, or staff."""
    possible: Callable[[Worker, Account], bool] = lambda worker, _: worker.role is not None
    """Whether the state of the person allows it."""


def doings(asked: Asked, worker: Worker, account: Account) -> list[tuple[str, str]]:
    """Return path and words of what may be done about a person: by the viewer, or by a person who lends the right."""
    own = worker.id == asked.viewer.id
    return [
        (f"/people/{worker.id}/{doing.name}", tell(f"form.do.{doing.name}"))
        for doing in DOINGS
        if doing.possible(worker, account) and not (own and doing.name == "first-pin")
        if asked.sources.signs_on or (right := _right(asked, doing, worker)) is None or may(asked.viewer.role, right)
    ]


def _right(asked: Asked, doing: Doing, worker: Worker) -> Right | None:
    """Return the right that a form needs; None = nobody manages people yet, so everyone may begin."""
    if doing.right is not None:
        return doing.right
    if asked.sources.nobody_manages():
        return None
    return Right.MANAGE_STAFF if asked.sources.role_of(worker.id) in STAFF else Right.MANAGE_PEOPLE


def form(name: str, asked: Asked) -> Form:
    """Return the form of what is done about one person. Raises `NotAllowed` for a viewer who may not see others."""
    doing = next(doing for doing in DOINGS if doing.name == name)
    seen = asked.sources.visibility(asked.viewer).person(asked.names["worker"])
    worker = asked.sources.person(seen, asked.viewer.id)
    if not worker.registered:
        raise WorkerUnknown(asked.names["worker"])
    account = asked.sources.acts.account(asked.session, worker.id)
    refusal = None if doing.possible(worker, account) else WorkerGone(worker.id)
    made = doing.make(asked, worker)
    return msgspec.structs.replace(made, right=_right(asked, doing, worker), refusal=refusal)


def _form(
    asked: Asked,
    worker: Worker,
    name: str,
    act: Callable[[Mapping[str, str], Lent, int], str | Once],
    *,
    fields: tuple[Field, ...] = (),
    notes: tuple[str, ...] = (),
    every_time: bool = False,
) -> Form:
    return Form(
        title=tell(f"form.title.{name}"),
        subject=asked.names_seen().get(worker.id, worker.id),
        button=tell(f"form.do.{name}"),
        back=f"/people/{worker.id}",
        act=act,
        fields=fields,
        notes=notes,
        every_time=every_time,
    )


def _order(asked: Asked, event: WorkerRoleChanged | WorkerLeft | RetrainingHeld, lent: Lent, last: int) -> str:
    """Order an event about a person. Return the path of the page that shows it."""
    event = msgspec.structs.replace(event, operator=asked.viewer.id, authorised=lent.authorised)
    return f"/people/{event.worker}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"


def _change(asked: Asked, change: Change, lent: Lent, last: int) -> str:
    """Make a change. Return the path of the page that shows it."""
    changed = asked.sources.acts.change(msgspec.structs.replace(change, authorised=lent.authorised), lent.by, last)
    return f"/people/{changed.worker}?{NEW}={changed.number}"


# --- about one person ------------------------------------------------------------------------------------------------


def _role(asked: Asked, worker: Worker) -> Form:
    now = worker.role or Role.TRAINEE

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        role = Role(typed[ROLE])
        if role is now:
            raise Declined(tell("form.same-role"))
        event = WorkerRoleChanged(worker=worker.id, role=role, reason=_reason(typed))
        return f"{_order(asked, event, lent, last)}&{WAS}={now.value}"

    return _form(
        asked,
        worker,
        "role",
        act,
        fields=(_role_field(asked, now), _reason_field()),
        notes=(tell("form.sessions-end"),),
    )


def _role_field(asked: Asked, now: Role | None) -> Field:
    """Return the field of roles: those of staff only for who may give them."""
    staff = may(asked.viewer.role, Right.MANAGE_STAFF) or asked.sources.nobody_manages()
    return Field(
        name=ROLE,
        label=tell("office.head.role"),
        kind=FieldKind.RADIO,
        value=now.value if now is not None else Role.TRAINEE.value,
        choices=tuple((role.value, tell(f"office.role.{role.value}")) for role in Role if staff or role not in STAFF),
        hint=tell("form.now", value=tell(f"office.role.{now.value}")) if now is not None else "",
        needed=True,
    )


def _leave(asked: Asked, worker: Worker) -> Form:
    return _form(
        asked,
        worker,
        "leave",
        lambda typed, lent, last: _order(asked, WorkerLeft(worker=worker.id, reason=_reason(typed)), lent, last),
        fields=(_reason_field(needed=True),),
        notes=(tell("form.record-stays"), tell("form.not-undone")),
    )


def _first_pin(asked: Asked, worker: Worker) -> Form:
    def act(_: Mapping[str, str], lent: Lent, last: int) -> Once:
        change = GiveFirstPin(worker=worker.id, operator=asked.viewer.id, authorised=lent.authorised)
        changed = asked.sources.acts.change(change, lent.by, last)
        back = f"/people/{worker.id}?{NEW}={changed.number}"
        values = {
            "label": tell("people.first-pin", name=asked.names_seen().get(worker.id, worker.id)),
            "pin": changed.pin.text if changed.pin is not None else "",
            "back": f"/people/{worker.id}",
        }
        return Once(back, Page(template="first_pin", title=tell("form.title.first-pin"), values=values))

    notes = (tell("form.pin-once"), tell("form.pin-replaces"))
    return _form(asked, worker, "first-pin", act, notes=notes)


def _card(asked: Asked, worker: Worker) -> Form:
    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        card = GiveCard(worker=worker.id, kind=typed[KIND], text=typed[CARD], operator=asked.viewer.id)
        return _change(asked, card, lent, last)

    kinds = tuple((kind, tell(f"form.card.{kind}")) for kind in ("barcode", "badge"))
    return _form(
        asked,
        worker,
        "card",
        act,
        fields=(
            Field(
                name=KIND,
                label=tell("form.card-kind"),
                kind=FieldKind.RADIO,
                value="barcode",
                choices=kinds,
                needed=True,
            ),
            Field(name=CARD, label=tell("form.card-number"), hint=tell("form.card-hint"), needed=True),
        ),
        notes=(tell("form.card-proves-nothing"),),
    )


def _card_away(asked: Asked, worker: Worker) -> Form:
    cards = asked.sources.acts.account(asked.session, worker.id).cards

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        card = TakeCard(worker=worker.id, card=typed[CARD], operator=asked.viewer.id)
        return _change(asked, card, lent, last)

    choices = tuple((card.key, _card_words(card)) for card in cards)
    return _form(
        asked,
        worker,
        "card-away",
        act,
        fields=(
            Field(
                name=CARD,
                label=tell("form.which-card"),
                kind=FieldKind.RADIO,
                value=choices[0][0] if len(choices) == 1 else "",
                choices=choices,
                needed=True,
            ),
        ),
    )


def _card_words(card: KnownCard) -> str:
    return tell("form.card-ending", kind=tell(f"form.card.{card.kind}"), end=card.end)


def _retrain(asked: Asked, worker: Worker) -> Form:
    loops = asked.sources.visibility(asked.viewer).record(worker.id).loops
    rules = tuple((loop.rule, tell(title_of(loop.rule, tell(loop.title)))) for loop in loops if loop.rule)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        rule = typed.get(RULE, "")
        note = clean(typed.get(NOTE, ""), LONGEST)
        event = RetrainingHeld(worker=worker.id, rules=(rule,) if rule else (), note=note)
        return _order(asked, event, lent, last)

    return _form(
        asked,
        worker,
        "retrain",
        act,
        fields=(
            Field(
                name=RULE,
                label=tell("form.rule"),
                kind=FieldKind.CHOICE,
                choices=(("", tell("form.all-rules")), *rules),
            ),
            Field(name=NOTE, label=tell("form.retrain-note"), kind=FieldKind.LONG),
        ),
    )


def _erase(asked: Asked, worker: Worker) -> Form:
    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        return _change(asked, Erase(worker=worker.id, reason=_reason(typed), operator=asked.viewer.id), lent, last)

    return _form(
        asked,
        worker,
        "erase",
        act,
        fields=(_reason_field(needed=True, hint=tell("form.reason-stays")),),
        notes=(tell("form.erased"), tell("form.not-undone")),
        every_time=True,
    )


def _reason_field(*, needed: bool = False, hint: str = "") -> Field:
    label = tell("form.reason" if needed else "form.reason-optional")
    return Field(name=REASON, label=label, kind=FieldKind.LONG, needed=needed, hint=hint)


def _reason(typed: Mapping[str, str]) -> str:
    return clean(typed.get(REASON, ""), LONGEST)


DOINGS: Final = (
    Doing("role", _role),
    Doing("retrain", _retrain, Right.TRAIN),
    Doing("first-pin", _first_pin),
    Doing("card", _card),
    Doing("card-away", _card_away, possible=lambda _, account: bool(account.cards)),
    Doing("leave", _leave),
    Doing("erase", _erase, Right.ERASE, possible=lambda _, account: bool(account.login)),
)
"""In the order of the page's buttons."""


# --- a new person ----------------------------------------------------------------------------------------------------


def register(asked: Asked) -> Form:
    """Register a person. The journal gets an id, the file of names the rest."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        change = Register(
            login=typed[LOGIN],
            name=typed.get(NAME, ""),
            role=Role(typed[ROLE]),
            language=typed.get(LANGUAGE, ""),
            operator=asked.viewer.id,
        )
        return _change(asked, change, lent, last)

    return Form(
        title=tell("form.title.register"),
        subject="",
        button=tell("form.do.register"),
        back="/people",
        act=act,
        right=None if asked.sources.nobody_manages() else Right.MANAGE_PEOPLE,
        fields=(
            Field(
                name=LOGIN,
                label=tell("office.head.login"),
                kind=FieldKind.LOGIN,
                hint=tell("form.login-rule"),
                needed=True,
            ),
            Field(name=NAME, label=tell("office.head.name"), hint=tell("form.name-hint")),
            _role_field(asked, None),
            _language_field(""),
        ),
    )


def _language_field(now: str) -> Field:
    return Field(
        name=LANGUAGE,
        label=tell("office.head.language"),
        kind=FieldKind.CHOICE,
        value=now,
        choices=(("", tell("form.station-language")), *sorted(languages().items())),
    )


# --- oneself ---------------------------------------------------------------------------------------------------------


def language(asked: Asked) -> Form:
    """Choose the language of one's own screens and pages."""
    viewer = _registered(asked)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        change = Speak(worker=viewer.id, language=typed.get(LANGUAGE, ""), operator=viewer.id)
        asked.sources.acts.change(change, lent.by, last)
        return f"/me?{NEW}={last}&{WAS}={viewer.language or STATION}"

    return _of_oneself("language", act, fields=(_language_field(viewer.language),))


def own_pin(asked: Asked) -> Form:
    """Choose another PIN. The session that goes on is a new one."""
    viewer = _registered(asked)

    def act(typed: Mapping[str, str], *_: object) -> Once:
        new = chosen_pin(typed)
        asked.sources.acts.own_pin(OwnPin(claim=Claim(name=viewer.id, pin=Pin(typed[PIN])), pin=new), VIA)
        page = to_page("/me")
        if asked.sources.signs_on:
            page = msgspec.structs.replace(page, session=asked.sources.acts.sign_in(viewer.id, new, VIA)[0])
        return Once("/me", page)

    present = Field(name=PIN, label=tell("form.present-pin"), kind=FieldKind.PIN, needed=True)
    return _of_oneself("own-pin", act, fields=(present, *new_pin_fields()))


def new_pin_fields() -> tuple[Field, ...]:
    """Return the fields of a PIN that a person chooses."""
    new = tell("people.new-pin")
    return (
        Field(name=NEW_PIN, label=new, kind=FieldKind.PIN, hint=tell("form.pin-hint"), needed=True),
        Field(name=AGAIN, label=tell("people.once-more", asked=new), kind=FieldKind.PIN, needed=True),
    )


def chosen_pin(typed: Mapping[str, str]) -> Pin:
    """Return the PIN of these fields. Raises `Declined` if it was typed in two ways."""
    new = typed.get(NEW_PIN, "").strip()
    if new != typed.get(AGAIN, "").strip():
        raise Declined(tell("people.differ"), AGAIN)
    return Pin(new)


def colors(asked: Asked) -> Form:
    """Choose light or dark pages, for this browser."""

    def act(typed: Mapping[str, str], *_: object) -> Once:
        return Once("/me", msgspec.structs.replace(to_page("/me"), colors=typed[COLORS]))

    field = Field(
        name=COLORS,
        label=tell("form.colors"),
        kind=FieldKind.RADIO,
        value=asked.colors or AUTOMATIC,
        choices=tuple((name, tell(f"form.color.{name}")) for name in COLOR_SCHEMES),
        needed=True,
    )
    return _of_oneself("colors", act, fields=(field,))


def _of_oneself(
    name: str, act: Callable[[Mapping[str, str], Lent, int], str | Once], fields: tuple[Field, ...]
) -> Form:
    title, button = tell(f"form.title.{name}"), tell(f"form.do.{name}")
    return Form(title=title, subject="", button=button, back="/me", act=act, fields=fields)


def _registered(asked: Asked) -> Worker:
    """Return the viewer. Raises `WorkerUnknown` for one of whom the file of names knows nothing."""
    if not asked.viewer.registered:
        raise WorkerUnknown(asked.viewer.id)
    return asked.viewer


def of_oneself(worker: Worker) -> list[tuple[str, str]]:
    """Return path and words of what a person may change of their own."""
    names = (("language", "language"), ("pin", "own-pin")) if worker.registered else ()
    return [(f"/me/{path}", tell(f"form.do.{name}")) for path, name in (*names, ("colors", "colors"))]


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/people/new", register),
    *((f"/people/{{worker}}/{doing.name}", partial(form, doing.name)) for doing in DOINGS),
    ("/me/language", language),
    ("/me/pin", own_pin),
    ("/me/colors", colors),
)
