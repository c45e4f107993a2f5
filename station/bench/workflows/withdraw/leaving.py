"""An item on its way out, up to its checklist: decide, wait for the library system, erase its tags.

A tag is erased only once the deletion is confirmed. Scan and tap decided it before, so that the erasure itself needs no
gesture: it begins when the item's own tag is on the pad.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.base.errors import DepartureRefused, StationError, WorkError
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench.by_right import Answer, by_right, id_of
from station.bench.desk import Desk
from station.bench.item.unfinished import give_up
from station.bench.moves import moved
from station.bench.workflows.withdraw.rules import MOVES, NEXT, Trigger, against
from station.bench.workflows.withdraw.strip import Strip
from station.domain.commands import Act
from station.domain.deliveries.intents import Bib, Holdings
from station.domain.events import (
    DeletionConfirmed,
    PullTicked,
    TagDestroyed,
    WithdrawalCanceled,
    WithdrawalCartClosed,
    WithdrawalCartOpened,
    WithdrawalDecided,
    WithdrawalPlaced,
)
from station.domain.item import ItemRecord
from station.domain.notices import Notice
from station.domain.ports import Worker
from station.domain.snapshot import Sound
from station.domain.tag_image import Uid
from station.domain.withdrawals.proof import Layer
from station.domain.withdrawals.pull_list import PullOutcome, PullStanding
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import (
    LEFT_OPEN,
    NO_TAG,
    PART_MISSING,
    Cart,
    NextStep,
    Piece,
    Withdrawal,
    withdrawal_id,
)
from station.domain.workflows import Offered, TagLeft, WithdrawState, WithdrawView

_LONGEST: Final = 200
"""Characters of a typed reason."""
_S = WithdrawState
_CART_PARTS: Final = ("reason", "destination", "approver")
"""What is chosen once for a cart, or for an item without one."""
_COUNT_S: Final = 2.0
"""Seconds between two counts of the items that are ready to strip: with hundreds, a count takes longer than a look."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for a decision."""

    reason: str = ""
    destination: str = ""
    approver: str = ""
    piece: Piece = Piece.PRESENT
    part: int = 0


class Leaving:
    """One item at a time. `strike`: begins the checklist of an item whose tags are gone."""

    def __init__(self, desk: Desk, strike: Callable[[ItemRecord], None]) -> None:
        self._desk = desk
        self._strike = strike
        self._read = desk.ports.departures
        self._options = desk.settings.withdrawal
        self._strip = Strip(desk)
        self.state = _S.FREE
        self._item: ItemRecord | None = None
        self._withdrawal: Withdrawal | None = None
        self._way_back: Withdrawal | None = None
        """What can still be taken back: the withdrawal in hand, or that of a part of the item to decide about."""
        self._signs: tuple[SignAnswer, ...] = ()
        self._line: PullStanding | None = None
        self._choice = Choice()
        self._asks: tuple[str, ...] = ()
        self._for_cart = False
        self._despite = ""
        """The reason to decide despite the stop signs, given before all was chosen."""
        self._until = 0.0
        """Monotonic time until which the library system is awaited."""
        self._late = False
        """It did not answer until then."""
        self._ready = 0
        self._count_at = 0.0
        """Monotonic time at which the items that are ready to strip are counted again."""

    @property
    def decides(self) -> bool:
        """Whether the bench has all that a decision needs."""
        return self._desk.ports.stop_signs is not None

    @property
    def steps(self) -> tuple[int, int] | None:
        """Progress of the erasure: (steps done, total); None = nothing is being written."""
        return self._strip.steps

    def _move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    # --- the item ----------------------------------------------------------------------------------------------------

    def take_up(self, item: ItemRecord) -> None:
        """Show where an item stands, or ask for its decision."""
        self.put_down()
        self._item = item
        known = self._read.withdrawal_of_item(item.barcode)
        standing = _standing(known)
        if standing is not None:
            self._late = self._desk.clock.monotonic() >= self._until
            self._goes_on(standing)
            return
        self._way_back = known if known is not None and known.may_cancel else None
        signs = self._desk.ports.stop_signs
        self._signs = signs.answers(item) if signs is not None else ()
        self._line = self._read.pull_line(item.barcode)
        cart = self._cart()
        if cart is not None:
            self._choice = Choice(reason=cart.reason, destination=cart.destination, approver=cart.approver)
        elif self._line is not None:
            line = self._line
            self._choice = Choice(reason=line.reason, destination=line.destination, approver=line.approver)
        self._move(Trigger.SCANNED)
        self._desk.play(Sound.BAD if against(self._signs) else Sound.ACCEPTED)

    def find(self, barcode: str) -> Withdrawal | None:
        """Return the open withdrawal of an item whose record the library system has deleted."""
        known = self._read.withdrawal_of_item(barcode) if self.decides else None
        return known if known is not None and known.decided_at else None

    def put_down(self) -> None:
        """Forget the item in hand. Nothing is changed by that: what was decided stays in the list."""
        if self.state is not _S.FREE:
            self._move(Trigger.LEFT)
        self._item, self._withdrawal, self._way_back, self._line = None, None, None, None
        self._signs, self._choice, self._asks, self._for_cart, self._despite = (), Choice(), (), False, ""
        self._count_at = 0.0
        self._strip.forget()

    def checked(self, barcode: str) -> None:
        """Put the item away whose checklist has passed."""
        now = self._read.withdrawal_of_item(barcode) if self.decides else None
        if now is not None and now.next_step is NextStep.PLACE:
            cart = self._cart()
            place = cart.place if cart is not None and cart.id == now.cart else ""
            place = place or self._name("destination", now.destination)
            if self._order(WithdrawalPlaced(withdrawal=now.id, place=place)):
                self._desk.say(Sentence("withdraw.put-into", place=_short(place)), Sound.GOOD)

    def follow(self) -> None:
        """Look whether the library system has answered. The pad is not needed."""
        if self.state not in (_S.WAIT, _S.REFUSED, _S.CONFIRM) or self._withdrawal is None:
            return
        now = self._read.withdrawal(self._withdrawal.id)
        self._way_back = now if now is not None and now.may_cancel else None
        if now is not None and now.newest != self._withdrawal.newest:
            self._goes_on(now)
        elif self.state is _S.WAIT and not self._late and self._desk.clock.monotonic() >= self._until:
            self._late = True
            self._desk.play(Sound.WARNING)

    def look(self, uids: frozenset[Uid], *, steady: bool) -> None:
        """Look whether the library system has answered, or erase the tag on the pad."""
        if self.state is not _S.STRIP:
            self.follow()
        elif steady and self._withdrawal is not None and self._item is not None:
            if self._strip.is_new(uids) and self._is_changed(self._withdrawal):
                self._look_again()  # it may have been taken back elsewhere
                return
            try:
                erased = self._strip.erase(self._withdrawal, self._item.barcode, uids)
            except DepartureRefused:  # it was taken back while the tag was read
                self._look_again()
                return
            except StationError:
                self._way_back = None  # the write may have begun: a scan reads it again
                raise
            if erased:
                self._look_again()

    def _is_changed(self, withdrawal: Withdrawal) -> bool:
        """Return whether the journal knows more of a withdrawal than it did when it was read."""
        now = self._read.withdrawal(withdrawal.id)
        return now is not None and now.newest != withdrawal.newest

    def try_again(self) -> None:
        """Try the tag on the pad again."""
        self._strip.forget()

    # --- taps --------------------------------------------------------------------------------------------------------

    def act(self, act: Act) -> None:
        """Handle the buttons before the checklist."""
        text = clean(act.argument, _LONGEST)
        if act.name != "back" and self._was_decided_elsewhere():
            return
        match self.state, act.name:
            case _S.FREE, "cart":
                self._for_cart, self._choice, self._asks = True, Choice(), self._missing(Choice())
                self._move(Trigger.CHOOSES)
            case _S.FREE, "close-cart":
                self._close_cart(text)
            case _S.DECIDE, "withdraw" if self._is_item(text):
                self._withdraw()
            case _S.DECIDE, "despite" if text:
                self._decide(despite=text)
            case _S.DECIDE, "not-here":
                self._ask("piece")
            case _S.DECIDE, "part" if self._item is not None and self._item.parts > 1:
                self._ask("part")
            case _S.DECIDE, "tick" if self._line is not None and text in set(PullOutcome):
                self._tick(self._line, PullOutcome(text))
            case _S.CHOOSE, "choose" if self._asks:
                self._choose(text)
            case ((_S.DECIDE | _S.WAIT | _S.REFUSED | _S.CONFIRM | _S.STRIP), "stays") if text:
                self._stay(text)
            case _S.CONFIRM, "confirm" if text:
                self._confirm(text)
            case _S.STRIP, "destroyed":
                self._destroyed(act.argument, "tag-cut")
            case _S.STRIP, "missing":
                self._destroyed(act.argument, PART_MISSING)
            case _S.STRIP, "no-tag":
                self._no_more_tags()
            case _, "back":
                self.put_down()

    def _was_decided_elsewhere(self) -> bool:
        """Go to the step of a withdrawal that somebody decided elsewhere while the item was in hand. Return whether that was
        so: what was tapped then means nothing."""
        if self._item is None or self.state not in (_S.DECIDE, _S.CHOOSE):
            return False
        known = _standing(self._read.withdrawal_of_item(self._item.barcode))
        if known is None:
            return False
        self._goes_on(known)
        self._desk.say(Sentence("withdrawal.refused.decided-already", title=_short(known.title)), Sound.WARNING)
        return True

    def _is_item(self, barcode: str) -> bool:
        return self._item is not None and barcode == self._item.barcode

    def _ask(self, part: str) -> None:
        self._asks = (part, *(asked for asked in self._missing(self._choice) if asked != part))
        self._move(Trigger.CHOOSES)

    def _missing(self, choice: Choice) -> tuple[str, ...]:
        """Return what is still to choose."""
        needed = _CART_PARTS if self._options.approvers else _CART_PARTS[:2]
        return tuple(part for part in needed if not getattr(choice, part))

    def _choose(self, key: str) -> None:
        asked, *rest = self._asks
        if key not in {offered.key for offered in self._offered(asked)}:
            return
        value: object = {"piece": Piece, "part": int}.get(asked, str)(key)
        self._choice = msgspec.structs.replace(self._choice, **{asked: value})
        self._asks = tuple(rest)
        if self._asks:
            self._move(Trigger.CHOOSES)
            self._desk.play(Sound.ACCEPTED)
        elif self._for_cart:
            self._open_cart()
        else:
            self._move(Trigger.CHOSEN)
            if against(self._signs) and not self._despite:
                self._desk.play(Sound.WARNING)
            else:
                self._decide(despite=self._despite)

    def _withdraw(self) -> None:
        if against(self._signs):
            self._desk.say(Sentence("withdraw.needs-reason"), Sound.WARNING)
        elif missing := self._missing(self._choice):
            self._asks = missing
            self._move(Trigger.CHOOSES)
            self._desk.play(Sound.ACCEPTED)
        else:
            self._decide()

    def _decide(self, lent: Worker | None = None, *, despite: str = "") -> None:
        item = self._item
        if item is None or self.state is not _S.DECIDE:
            return
        if missing := self._missing(self._choice):
            self._asks, self._despite = missing, despite
            self._move(Trigger.CHOOSES)
            self._desk.play(Sound.ACCEPTED)
            return
        cart, options = self._cart(), self._options
        line = self._line if not self._choice.part else None  # a list wants the whole item gone
        event = WithdrawalDecided(
            barcode=item.barcode,
            part=self._choice.part,
            reason=self._choice.reason,
            destination=self._choice.destination,
            approver=self._choice.approver,
            piece=self._choice.piece,
            holdings=Holdings(options.holdings),
            bib=Bib(options.bib),
            signs=self._signs,
            despite=tuple(answer.sign.value for answer in against(self._signs)),
            despite_reason=despite,
            cart=cart.id if cart is not None else "",
            list=line.list if line is not None else "",
            line=line.content.line if line is not None else "",
            system=self._desk.ports.deleting_system,
            item=item,
            operator=self._desk.worker.id,
            authorised=id_of(lent),
        )

        def order() -> Answer:
            seq = self._desk.journal.order(event)
            now = self._read.withdrawal(withdrawal_id(seq))
            if now is not None:
                self._until, self._late = self._desk.clock.monotonic() + options.wait_s, False
                self._goes_on(now)
            return self._desk.notice, Sound.NONE

        self._by_right(order, lent, lambda who: self._decide(who, despite=despite))

    def _stay(self, reason: str, lent: Worker | None = None) -> None:
        now = self._way_back
        if now is None:
            return
        event = WithdrawalCanceled(
            withdrawal=now.id, reason=reason, operator=self._desk.worker.id, authorised=id_of(lent)
        )

        def order() -> Answer:
            self._desk.journal.order(event)
            self.put_down()
            return _stays(now), Sound.ACCEPTED

        self._by_right(order, lent, lambda who: self._stay(reason, who))

    def _confirm(self, reason: str, lent: Worker | None = None) -> None:
        now = self._withdrawal
        if now is None:
            return
        event = DeletionConfirmed(
            withdrawal=now.id, reason=reason, operator=self._desk.worker.id, authorised=id_of(lent)
        )

        def order() -> Answer:
            self._desk.journal.order(event)
            self._look_again()
            return Sentence("withdraw.confirmed"), Sound.ACCEPTED

        self._by_right(order, lent, lambda who: self._confirm(reason, who))

    def _left(self) -> tuple[TagLeft, ...]:
        """Return the tags that are left, that on the pad first. A tag that the journal does not know has its number once
        the pad has read it."""
        now, on_pad = self._withdrawal, self._desk.pad.uids
        if now is None:
            return ()
        left = (
            TagLeft(tag.uid or self._strip.uid_of_part.get((now.barcode, tag.part), ""), tag.part)
            for tag in now.tags
            if tag.standing in LEFT_OPEN
        )
        return tuple(sorted(left, key=lambda tag: tag.uid not in on_pad))

    def _destroyed(self, key: str, how: str) -> None:
        """Record that a tag is destroyed, or not at hand. `key`: `TagLeft.key`."""
        tag = next((tag for tag in self._left() if tag.key == key), None)
        if tag is None or self._item is None:
            return
        if self._order(TagDestroyed(uid=tag.uid, barcode=self._item.barcode, part=tag.part, how=how)):
            if tag.uid and give_up(self._desk.journal, Uid(tag.uid), Sentence("detail.given-up"), self._desk.worker.id):
                self._desk.refresh_unfinished()
            self._desk.play(Sound.ACCEPTED)
            self._look_again()

    def _no_more_tags(self) -> None:
        """Record of each part of which no tag is known that it has none."""
        item = self._item
        unknown = [tag.part for tag in self._left() if not tag.uid]
        if item is not None and all(
            self._order(TagDestroyed(uid="", barcode=item.barcode, part=part, how=NO_TAG)) for part in unknown
        ):
            self._desk.play(Sound.ACCEPTED)
            self._look_again()

    def _tick(self, line: PullStanding, outcome: PullOutcome) -> None:
        ticked = PullTicked(list=line.list, line=line.content.line, outcome=outcome, at_bench=True)
        if self._order(ticked):
            self.put_down()
            self._desk.say(Sentence("withdraw.ticked"), Sound.ACCEPTED)

    def _open_cart(self, lent: Worker | None = None) -> None:
        choice = self._choice
        event = WithdrawalCartOpened(
            name=f"{self._name('reason', choice.reason)} {self._desk.clock.day()}",
            reason=choice.reason,
            destination=choice.destination,
            approver=choice.approver,
            place=self._name("destination", choice.destination),
            operator=self._desk.worker.id,
            authorised=id_of(lent),
        )

        def order() -> Answer:
            self._desk.journal.order(event)
            self.put_down()
            return Sentence("withdraw.cart-opened", name=event.name), Sound.ACCEPTED

        self._by_right(order, lent, self._open_cart)

    def _close_cart(self, ident: str) -> None:
        if self._order(WithdrawalCartClosed(cart=ident)):
            self._desk.say(Sentence("withdraw.cart-closed"), Sound.ACCEPTED)

    # --- where it stands ---------------------------------------------------------------------------------------------

    def _look_again(self) -> None:
        now = self._read.withdrawal(self._withdrawal.id) if self._withdrawal is not None else None
        if now is not None:
            self._goes_on(now)

    def _goes_on(self, now: Withdrawal) -> None:
        """Go to the step in which the withdrawal is."""
        item, self._withdrawal = self._item, now
        self._way_back = now if now.may_cancel else None
        if item is None:
            return
        if now.canceled_at:
            self.put_down()
            return
        trigger = NEXT.get(now.next_step)
        if trigger is not None:
            self._move(trigger)
            self._strip.forget()
            self._desk.play(Sound.WARNING if trigger in (Trigger.REFUSED, Trigger.BY_PERSON) else Sound.ACCEPTED)
            return
        self.put_down()
        if now.next_step is NextStep.STRIKE:
            self._strike(item)
        elif now.next_step is NextStep.PLACE:
            self.checked(item.barcode)
            self._desk.say(Sentence("withdraw.put-away", title=_short(now.title)), Sound.GOOD)
        elif now.piece is not Piece.PRESENT:
            self._desk.say(Sentence("withdraw.without-piece", title=_short(now.title)), Sound.GOOD)
        else:
            self._desk.say(Sentence("withdraw.gone-already", title=_short(now.title)), Sound.WARNING)

    def view(self, task: str) -> WithdrawView:
        """Return what the screen shows before the checklist."""
        now, item, cart = self._withdrawal, self._item, self._cart()
        system = now.proof(Layer.SYSTEM) if now is not None else None
        return WithdrawView(
            state=self.state,
            task=task,
            barcode=item.barcode if item is not None else "",
            title=clean(item.title or item.barcode, _LONGEST) if item is not None else "",
            about=_about(item) if item is not None else "",
            cart=clean(cart.name, _LONGEST) if cart is not None else "",
            cart_id=cart.id if cart is not None else "",
            cart_count=cart.count if cart is not None else 0,
            ready=self._counted() if self.state is _S.FREE and self.decides else 0,
            signs=self._signs,
            reason=self._name("reason", self._choice.reason),
            destination=self._name("destination", self._choice.destination),
            approver=clean(self._choice.approver, _LONGEST),
            piece=now.piece if now is not None else self._choice.piece,
            asks=self._asks[0] if self._asks else "",
            offered=self._offered(self._asks[0]) if self._asks else (),
            parts=item.parts if item is not None else 1,
            list=clean(self._line.name or self._line.list, _LONGEST) if self._line is not None else "",
            next_step=now.next_step if now is not None else NextStep.NOTHING,
            late=self.state is _S.WAIT and self._late,
            detail=system.detail if system is not None else EMPTY,
            tags=self._left(),
            may_cancel=self._way_back is not None,
            cancels_part=self._way_back.part if self._way_back is not None else 0,
        )

    def _counted(self) -> int:
        now = self._desk.clock.monotonic()
        if now >= self._count_at:
            self._ready, self._count_at = len(self._read.ready_to_strip()), now + _COUNT_S
        return self._ready

    def _offered(self, asked: str) -> tuple[Offered, ...]:
        match asked:
            case "reason":
                return tuple(
                    Offered(key=reason.code, title=reason.name or reason.code) for reason in self._options.reasons
                )
            case "destination":
                return tuple(
                    Offered(key=place.code, title=place.name or place.code) for place in self._options.destinations
                )
            case "approver":
                return tuple(Offered(key=name, title=name) for name in self._options.approvers)
            case "piece":
                return tuple(
                    Offered(key=piece.value, title="", detail=Sentence(f"withdraw.piece.{piece.value}"))
                    for piece in Piece
                    if piece is not Piece.PRESENT
                )
            case _:
                parts = self._item.parts if self._item is not None else 1
                return tuple(
                    Offered(key=str(part), title="", detail=Sentence("withdraw.part", part=part))
                    for part in range(1, parts + 1)
                )

    def _name(self, kind: str, code: str) -> str:
        """Return the name of a reason or a destination; an unknown code is returned unchanged."""
        known = self._options.reasons if kind == "reason" else self._options.destinations
        return next((option.name or option.code for option in known if option.code == code), code)

    def _cart(self) -> Cart | None:
        return self._read.open_cart(self._desk.worker.id) if self.decides else None

    def _by_right(self, order: Callable[[], Answer], lent: Worker | None, again: Callable[[Worker], None]) -> None:
        item = self._item
        by_right(
            self._desk,
            lambda: _refusal(order),
            lent,
            again,
            still=lambda: self._item is item,
            what=Sentence("withdraw.lend"),
        )

    def _order(self, event: WithdrawalPlaced | WithdrawalCartClosed | TagDestroyed | PullTicked) -> int:
        """Journal what the worker asks for. Return its number; 0 = it was refused, and said so."""
        try:
            return self._desk.journal.order(msgspec.structs.replace(event, operator=self._desk.worker.id))
        except DepartureRefused as error:
            self._desk.say(Notice(error.code, error.detail), Sound.WARNING)
        except WorkError as error:
            self._desk.say(error, Sound.WARNING)
        return 0


def _refusal(order: Callable[[], Answer]) -> Answer:
    """Carry out an order. A refusal is said by its own sentence."""
    try:
        return order()
    except DepartureRefused as error:
        return Notice(error.code, error.detail), Sound.WARNING


def _stays(now: Withdrawal) -> Sentence:
    if now.part:
        return Sentence("withdraw.part-stays", part=now.part, title=_short(now.title))
    return Sentence("withdraw.stays", title=_short(now.title))


def _about(item: ItemRecord) -> str:
    volume = "" if item.call_number.endswith(item.description) else item.description
    return " · ".join(filter(None, (clean(text, _LONGEST) for text in (item.call_number, volume, item.author))))


def _short(title: str) -> str:
    return clean(title, 60)


def _standing(withdrawal: Withdrawal | None) -> Withdrawal | None:
    """Return the withdrawal if it was decided. A part that has left alone ends nothing for the rest of its item."""
    if withdrawal is None or not withdrawal.decided_at:
        return None
    return None if withdrawal.part and withdrawal.next_step is NextStep.NOTHING else withdrawal
