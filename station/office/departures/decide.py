"""Forms that decide that an item leaves: its barcode first, then the answers to the stop signs and the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, DepartureRefused, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.domain.item import Barcode, ItemRecord
from station.domain.item_question import ItemQuestion
from station.domain.people.rights import Right
from station.domain.people.sign_on import By
from station.domain.withdrawals.stop_signs import Reply, SignAnswer
from station.domain.withdrawals.withdrawal import Cart, Piece, withdrawal_id
from station.office.asked import VIA, Asked, part_of_path
from station.office.corrections import NOTE
from station.office.departures.withdrawals import CARTS, DECIDE, FIND
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make, Onward
from station.reports.tables.cells import texts
from station.reports.tables.withdrawals import signs
from station.runtime.withdrawal_decisions import Wish, decided, stopping

BARCODE, CART, REASON, DESTINATION, APPROVER = "barcode", "cart", "reason", "destination", "approver"
PIECE, PART, DESPITE = "piece", "part", "despite"


def find(asked: Asked) -> Form:
    """Ask for the barcode of the item that shall leave."""
    cart = _parameter(asked, CART)

    def act(typed: Mapping[str, str], _lent: Lent, _last: int) -> Onward:
        try:
            barcode = check(typed.get(BARCODE, ""), asked.sources.settings.barcodes)
        except BarcodeMalformed as error:
            raise Declined(tell(error.detail or error.sentence), BARCODE) from error
        return Onward(f"{DECIDE}?barcode={part_of_path(barcode)}" + (f"&cart={cart}" if cart else ""))

    return Form(
        title=tell("form.title.find-withdrawal"),
        subject="",
        button=tell("form.do.find-withdrawal"),
        back=f"{CARTS}/{cart}" if cart else "/withdrawals",
        act=act,
        fields=(Field(name=BARCODE, label=tell("office.head.barcode"), needed=True),),
        hidden=((CART, cart),) if cart else (),
    )


def decide(asked: Asked) -> Form:
    """Show what the stop signs say of an item, and decide that it leaves."""
    barcode, cart = _parameter(asked, BARCODE), _cart(asked)
    question = ItemQuestion(barcode=check(barcode, asked.sources.settings.barcodes), signs=True)
    try:
        answer = asked.sources.acts.item(question, By(operator=asked.viewer.id, session=asked.session, via=VIA))
    except StationError as error:
        if asked.posted is None:
            raise
        return _unanswered(asked, barcode, cart, error)
    if answer.record is None:
        raise DepartureRefused(Sentence("withdrawal.no-record", barcode=barcode))
    record, stops = answer.record, stopping(answer.signs)

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        wish = _wish(typed, barcode, cart)
        if stops and not wish.despite_reason.strip():
            raise Declined(tell("withdrawal.say-why"), DESPITE)
        event = decided(asked.sources.settings, asked.sources.data, wish, answer, asked.viewer.id)
        event = msgspec.structs.replace(event, authorised=lent.authorised)
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/withdrawals/{withdrawal_id(seq)}?{NEW}={seq}"

    return Form(
        title=tell("form.title.decide-withdrawal"),
        subject=clean(record.title or barcode),
        button=tell("form.do.decide-withdrawal"),
        back=f"{CARTS}/{cart.id}" if cart is not None else "/withdrawals",
        act=act,
        right=Right.PROCESS if cart is not None and not stops else Right.WITHDRAW,
        fields=tuple(_fields(asked, record, cart, asks_why=bool(stops))),
        lines=tuple(map(sign_words, answer.signs)),
        notes=(tell("withdrawal.until-sent"),),
        hidden=((BARCODE, barcode), *(((CART, cart.id),) if cart is not None else ())),
    )


def _unanswered(asked: Asked, barcode: str, cart: Cart | None, error: StationError) -> Form:
    """Return the form of an item of which nobody answers now. It keeps what was typed."""

    def act(_typed: Mapping[str, str], _lent: Lent, _last: int) -> str:
        raise error

    return Form(
        title=tell("form.title.decide-withdrawal"),
        subject=barcode,
        button=tell("form.do.decide-withdrawal"),
        back="/withdrawals",
        act=act,
        right=Right.PROCESS,
        fields=tuple(_fields(asked, ItemRecord(barcode=Barcode(barcode)), cart, asks_why=True)),
        hidden=((BARCODE, barcode), *(((CART, cart.id),) if cart is not None else ())),
    )


def _wish(typed: Mapping[str, str], barcode: str, cart: Cart | None) -> Wish:
    part = typed.get(PART, "")
    return Wish(
        barcode=barcode,
        part=int(part) if part.isascii() and part.isdigit() and len(part) < 3 else 0,
        reason=cart.reason if cart is not None else typed.get(REASON, ""),
        destination=cart.destination if cart is not None else typed.get(DESTINATION, ""),
        note=typed.get(NOTE, ""),
        approver=cart.approver if cart is not None else typed.get(APPROVER, ""),
        piece=Piece(typed.get(PIECE, "") or Piece.PRESENT),
        despite_reason=typed.get(DESPITE, ""),
        cart=cart.id if cart is not None else "",
    )


def _fields(asked: Asked, record: ItemRecord, cart: Cart | None, *, asks_why: bool) -> Iterator[Field]:
    if cart is None:
        yield from choices_of(asked)
    yield Field(
        name=PIECE,
        label=tell("withdrawal.head.piece"),
        kind=FieldKind.RADIO,
        value=Piece.PRESENT,
        choices=tuple((piece.value, tell(f"withdrawal.piece.{piece}")) for piece in Piece),
        needed=True,
    )
    if record.parts > 1:
        parts = range(1, min(record.parts, 99) + 1)
        yield Field(
            name=PART,
            label=tell("withdrawal.which-part"),
            kind=FieldKind.CHOICE,
            choices=(
                ("", tell("withdrawal.whole")),
                *((str(part), tell("withdrawal.part-of", part=part, parts=record.parts)) for part in parts),
            ),
        )
    if asks_why:
        yield Field(name=DESPITE, label=tell("withdrawal.despite"), kind=FieldKind.LONG)
    yield Field(name=NOTE, label=tell("shipment.head.note"))


def choices_of(asked: Asked) -> Iterator[Field]:
    """Yield the fields of reason, destination and approval."""
    options = asked.sources.settings.withdrawal
    yield Field(
        name=REASON,
        label=tell("withdrawal.head.reason"),
        kind=FieldKind.CHOICE,
        choices=tuple((reason.code, clean(reason.name or reason.code)) for reason in options.reasons),
        needed=True,
    )
    yield Field(
        name=DESTINATION,
        label=tell("withdrawal.head.destination"),
        kind=FieldKind.CHOICE,
        choices=tuple((place.code, clean(place.name or place.code)) for place in options.destinations),
        needed=True,
    )
    yield Field(
        name=APPROVER,
        label=tell("withdrawal.head.approver"),
        kind=FieldKind.CHOICE if options.approvers else FieldKind.TEXT,
        choices=tuple((name, clean(name)) for name in options.approvers),
        needed=True,
    )


def sign_words(sign: SignAnswer) -> str:
    """Return what a stop sign asks, the answer, and its source."""
    symbol = {Reply.YES: "▲", Reply.NO: "✓", Reply.NOT_KNOWN: "?"}[sign.reply]
    _, cells = texts(signs([sign]), {})
    name, reply, *rest = (cell for cell in cells if cell)
    return f"{symbol} {name}: {reply}" + (f" ({', '.join(rest)})" if rest else "")


def _parameter(asked: Asked, name: str) -> str:
    return asked.text(name) if asked.posted is None else asked.posted.get(name, "")


def _cart(asked: Asked) -> Cart | None:
    """Return the open cart in which the reader decides; None = in none. Raise `DepartureRefused`."""
    ident = _parameter(asked, CART)
    if not ident:
        return None
    cart = next((cart for cart in asked.queries.carts() if cart.id == ident and not cart.closed_at), None)
    if cart is None:
        raise DepartureRefused(Sentence("withdrawal.unknown-cart", cart=clean(ident, 60)))
    return cart


FORMS: Final[tuple[tuple[str, Make], ...]] = ((FIND, find), (DECIDE, decide))
