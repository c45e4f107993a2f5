"""Sign-on and sign-off at the bench, change of worker, and loan of a right on the spot.

Cards, badges and PINs arrive as commands and go no further. `sign_on_questions` has the table of questions; the
authenticator checks the proofs.

While no one is signed on, the bench only asks who works here. It writes no tag and takes no answer; the item in hand
stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from station.base.errors import StoreError, WorkerGone
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench.desk import SIGNED_OFF, Desk, always
from station.bench.sign_on_questions import End, Input, Question
from station.bench.waivers import take_up_waivers
from station.bench.workflows.process.item_flow import ItemFlow
from station.catalog.barcodes.barcode import is_ours
from station.domain.commands import (
    AskPad,
    Authorise,
    Badge,
    BeginJob,
    CancelQuestion,
    EndJob,
    GivePin,
    Quit,
    Scan,
    SignOff,
    SignOn,
    Tick,
)
from station.domain.events import PinSet, SignedOff, SignedOn, SignOnRefused
from station.domain.notices import NONE, SUPERSEDED, Notice
from station.domain.people.rights import Right, least, may, person_with
from station.domain.people.sign_on import SIGNING_ON, Asks, Pin, SignOnPrompt, Why, has_pin_form, lending
from station.domain.ports import Authenticator, Proof, Tried, Worker
from station.domain.snapshot import Sound

if TYPE_CHECKING:
    from station.domain.commands import Command

_REFUSALS: Final = {Proof.LOCKED: "pin-locked", Proof.NONE: "pin-missing"}


class SignOnFlow:
    """Asks who works here, and asks for people with more rights. Without an authenticator (`people.sign_on` is false)
    it asks nothing: the worker is the operator that the settings name."""

    def __init__(
        self, desk: Desk, greeting: Sentence, *, flow: Callable[[], ItemFlow], scan: Callable[[str], None]
    ) -> None:
        """`flow`: returns the flow of the item in hand. `scan`: takes an item's barcode that was scanned at a card or
        PIN prompt."""
        self._desk = desk
        self._flow = flow
        self._scan = scan
        now = desk.clock.monotonic()
        self._question = Question(Why.SIGN_ON, now, sentence=greeting) if desk.closed else None
        self._active_at = now
        self._here = desk.pad.uids
        self._then: Callable[[Worker], None] | None = None
        """Called once a person with the required right has proven their identity."""
        self._still: Callable[[], bool] = always
        """Returns whether the action to be authorized is still wanted."""
        self._put_off = ""
        """Ticket of the command that waits for the authorization."""

    # --- commands and time -----------------------------------------------------------------------------------------------

    def hears(self, command: Command) -> bool:
        """Handle commands about people. Return True if the command ends here."""
        authenticator = self._desk.authenticator
        if authenticator is None:
            if isinstance(command, SignOn):
                self._named(command)
            return isinstance(command, SignOn | Badge | GivePin | CancelQuestion | Authorise | SignOff)
        if not isinstance(command, Tick | AskPad | BeginJob | EndJob):
            self._active_at = self._desk.clock.monotonic()
        try:
            return self._takes(command, authenticator)
        except StoreError as error:
            if self._question is None:
                raise
            self._question.sentence = error.with_remedy
            self._desk.play(Sound.BAD)
            return True

    def _named(self, command: SignOn) -> None:
        """Take the person's name if sign-on is not required; without a name, look up the current worker again. The item
        in hand stays. Its open corrections and waivers are read again, since a command elsewhere may have changed
        them."""
        desk = self._desk
        self._read_item_again()
        name = clean(command.operator)
        worker = desk.people.find(name or desk.worker.id)
        if name and worker.role is None:
            desk.say(WorkerGone(name), Sound.WARNING)
            return
        desk.seat(worker)
        self._flow().hide_result()

    def _read_item_again(self) -> None:
        in_hand = self._flow().in_hand
        if in_hand is not None:
            self._desk.corrections.look(in_hand)
            take_up_waivers(self._desk, in_hand)

    def _takes(self, command: Command, authenticator: Authenticator) -> bool:
        match command:
            case Tick() | AskPad() | Quit() | BeginJob() | EndJob():
                return False
            case Badge(uid=uid, text=text):
                self._known(authenticator.identify_badge(uid) or authenticator.identify(text), "badge")
            case GivePin(pin=pin):
                return self._typed(pin, authenticator)
            case CancelQuestion(question=name):
                if not name or (self._question is not None and self._question.id == name):
                    self._take_input(Input.CANCELED)
            case Authorise():
                self._authorised(command, authenticator)
            case SignOff():
                self._sign_off("asked")
            case SignOn(operator="", grant=""):
                self._look_again()
            case SignOn():
                self._said(command, authenticator)
            case Scan(text=text):
                return self._scanned(text, authenticator)
            case _ if self._desk.closed:
                self._desk.say(Sentence("people.sign-on-first"), Sound.WARNING)
            case _:
                return False
        return True

    def time_passes(self) -> None:
        """Cancel a question that was abandoned or is no longer wanted; sign off an idle worker."""
        desk = self._desk
        if desk.authenticator is None:
            return
        now, people = desk.clock.monotonic(), desk.settings.people
        question = self._question
        if question is not None and question.why is Why.AUTHORISE and not self._still():
            self._question = self._then = None
            self._drop_put_off()
        elif (
            question is not None
            and now - question.since >= people.ask_seconds
            and not (question.why is Why.SIGN_ON and question.asks is Asks.WHO)
        ):
            self._take_input(Input.CANCELED)
        if not desk.closed and people.idle_minutes and now - self._active_at >= people.idle_minutes * 60:
            self._sign_off("idle")

    def pad_seen(self) -> None:
        """Count a change on the pad as a sign that the worker is here."""
        if self._desk.pad.uids != self._here:
            self._here, self._active_at = self._desk.pad.uids, self._desk.clock.monotonic()

    # --- cards, logins and names -----------------------------------------------------------------------------------------

    def _scanned(self, text: str, authenticator: Authenticator) -> bool:
        """Handle a scan: a card or login leads to the PIN prompt. An item's barcode goes to the workflow, unless
        sign-on is asked for."""
        who = authenticator.identify(text)
        if who is not None:
            self._known(who, "card")
        elif self._question is None or (self._question.why is not Why.SIGN_ON and self._is_item(text)):
            return False
        else:
            self._unknown(text)
        return True

    def _typed(self, pin: Pin, authenticator: Authenticator) -> bool:
        """Handle text that was typed or scanned at a PIN prompt. None of it is journaled."""
        question = self._question
        who = authenticator.identify(pin.text)
        if who is not None:
            self._known(who, "card")
        elif question is None:
            return True
        elif question.why is not Why.SIGN_ON and self._is_item(pin.text):
            self._scan(pin.text)
        elif question.asks is Asks.WHO or question.who is None:
            self._unknown(pin.text)
        elif question.asks is Asks.PIN:
            self._prove(question, question.who, pin, authenticator)
        else:
            self._choose_pin(question, question.who, pin, authenticator)
        return True

    def _is_item(self, text: str) -> bool:
        return is_ours(text, self._desk.settings.barcodes)

    def _said(self, command: SignOn, authenticator: Authenticator) -> None:
        """Sign on the person named by the command line: at once with a grant (identity proven there), otherwise after a
        PIN prompt."""
        if command.grant:
            proven = self._desk.people.find(authenticator.redeem(command.grant, SIGNING_ON))
            if proven.registered and proven.role is not None:
                self._admit(proven, "command")
                return
        named = self._desk.people.find(command.operator)
        by_id = named if named.registered and named.role is not None else None
        self._known(authenticator.identify(command.operator) or by_id, "login")

    def _authorised(self, command: Authorise, authenticator: Authenticator) -> None:
        """Authorise by a person who has proven their identity at another terminal. The grant is spent even if its
        question is gone."""
        ident = authenticator.redeem(command.grant, lending(command.question))
        question = self._question
        if not ident or question is None or question.right is None or question.id != command.question:
            return
        who = self._desk.people.find(ident)
        if not may(who.role, question.right):
            self._refuse_sign_on(question, "not-allowed", self._may_not(who, question.right), who)
            return
        question.who, question.how = who, "command"
        self._take_input(Input.KNOWN)
        self._take_input(Input.RIGHT)

    def _known(self, who: Worker | None, how: str) -> None:
        question = self._question
        if who is None:
            if question is not None:
                self._refuse_sign_on(question, "card-unknown", Sentence("people.unknown"))
            else:
                self._desk.say(Sentence("people.unknown"), Sound.WARNING)
            return
        if question is None:
            if who.id == self._desk.worker.id:
                self._desk.say(Sentence("people.already", name=who.name), Sound.ACCEPTED)
                return
            question = self._question = Question(Why.CHANGE, self._desk.clock.monotonic())
        if question.right is not None and not may(who.role, question.right):
            self._refuse_sign_on(question, "not-allowed", self._may_not(who, question.right), who)
            return
        question.who, question.how = who, how
        question.sentence, question.wait_until = EMPTY, 0.0
        self._take_input(Input.KNOWN)
        self._desk.play(Sound.ACCEPTED)

    def _unknown(self, text: str) -> None:
        question = self._question
        if question is None:
            return
        sentence = Sentence("people.item-later") if self._is_item(text) else Sentence("people.unknown")
        self._refuse_sign_on(question, "card-unknown", sentence)

    def _refuse_sign_on(self, question: Question, code: str, sentence: Sentence, who: Worker | None = None) -> None:
        question.since = self._desk.clock.monotonic()
        question.sentence = sentence
        self._desk.answers.comes_to(Notice(code, sentence))
        self._desk.journal.record(
            SignOnRefused(worker=who.id if who is not None else "", code=code, purpose=question.why.value)
        )
        self._desk.play(Sound.WARNING)

    @staticmethod
    def _may_not(who: Worker, right: Right) -> Sentence:
        return Sentence("people.may-not", name=who.name, role=person_with(least(right).value))

    # --- PINs ------------------------------------------------------------------------------------------------------------

    def _prove(self, question: Question, who: Worker, pin: Pin, authenticator: Authenticator) -> None:
        if not has_pin_form(pin.text):
            question.sentence, question.since = Sentence("people.pin-form"), self._desk.clock.monotonic()
            self._desk.play(Sound.WARNING)
            return
        tried = authenticator.prove(who.id, pin)
        question.wait_until = self._desk.clock.monotonic() + tried.wait_s
        if tried.proof is Proof.RIGHT:
            # Look up the role again: it may have changed since the card was scanned.
            now = self._desk.people.find(who.id)
            if now.role is None or (question.right is not None and not may(now.role, question.right)):
                refused = "worker-gone" if now.role is None else "not-allowed"
                right = question.right
                sentence = Sentence("error.worker-gone") if right is None else self._may_not(who, right)
                self._refuse_sign_on(question, refused, sentence, who)
                self._take_input(Input.REFUSED)
                return
            question.who, question.sentence = now, EMPTY
            self._take_input(Input.FIRST if tried.must_change else Input.RIGHT)
            return
        self._not_proven(question, who, tried)

    def _not_proven(self, question: Question, who: Worker, tried: Tried) -> None:
        code = _REFUSALS.get(tried.proof, "pin-wait" if tried.proof is Proof.WAIT else "pin-wrong")
        if tried.proof in _REFUSALS:
            sentence = Sentence(f"error.{code}")
        elif tried.proof is Proof.WAIT:
            sentence = Sentence("people.not-looked-at")
        else:
            sentence = Sentence("people.wrong", count=tried.left)
        self._refuse_sign_on(question, code, sentence, who)
        self._desk.play(Sound.BAD)
        self._take_input(Input.REFUSED if tried.proof in _REFUSALS else Input.WRONG)

    def _choose_pin(self, question: Question, who: Worker, pin: Pin, authenticator: Authenticator) -> None:
        """Take the person's new PIN, which is typed twice. The PIN set for them was right."""
        question.sentence = EMPTY
        if question.asks is Asks.NEW_PIN:
            problem = authenticator.unfit(who.id, pin)
            self._take_input(Input.UNFIT if problem else Input.FIT)
            question.new = None if problem else pin
            question.sentence = Sentence("people.unfit", why=problem) if problem else EMPTY
            self._desk.play(Sound.WARNING if problem else Sound.ACCEPTED)
        elif pin == question.new:
            order = self._desk.journal.order
            authenticator.change(who.id, pin, lambda mark: order(PinSet(worker=who.id, operator=who.id, mark=mark)))
            self._take_input(Input.SAME)
        else:
            self._take_input(Input.OTHER)
            question.sentence = Sentence("people.differ")
            self._desk.play(Sound.WARNING)

    # --- results ---------------------------------------------------------------------------------------------------------

    def _take_input(self, outcome: Input) -> None:
        question = self._question
        if question is None:
            return
        after = question.take(outcome, self._desk.clock.monotonic())
        if after is End.PROVEN and question.who is not None:
            self._question = None
            if question.why is Why.AUTHORISE:
                then, self._then = self._then, None
                ticket, self._put_off = self._put_off, ""
                if then is not None and self._still():
                    with self._desk.answers.carrying_out(ticket):
                        then(question.who)
            else:
                self._admit(question.who, question.how)
        elif after is End.CANCELED:
            self._question, self._then = None, None
            self._canceled(question)

    def _canceled(self, question: Question) -> None:
        """Report that an authorization was canceled. Work continues unchanged."""
        if question.why is Why.AUTHORISE:
            self._desk.say(Sentence("people.not-authorised"), Sound.WARNING)
            ticket, self._put_off = self._put_off, ""
            self._desk.answers.give(ticket, self._desk.notice)

    def _admit(self, worker: Worker, how: str) -> None:
        """Sign this person on. The item in hand still belongs to the worker who began it."""
        desk = self._desk
        before = "" if desk.closed else desk.worker.id
        self._question, self._then = None, None
        self._drop_put_off()
        if before != worker.id:
            if before:
                desk.journal.record(SignedOff(why="changed", operator=before))
            desk.journal.record(SignedOn(how=how, instead_of=before, operator=worker.id))
            desk.end_loans()
        desk.closed = False
        desk.seat(worker)
        self._active_at = desk.clock.monotonic()
        self._read_item_again()
        flow = self._flow()
        flow.hide_result()
        in_hand = flow.in_hand
        if in_hand is not None:
            in_hand.waiting_since = desk.clock.monotonic()
        theirs = in_hand is not None and in_hand.verdict is None and in_hand.worker.id != worker.id
        desk.say(Sentence("people.welcome-other" if theirs else "people.welcome", name=worker.name), Sound.GOOD)

    def _sign_off(self, why: str) -> None:
        """Sign the worker off. The item in hand, its answers and the pad's display stay as they are."""
        desk = self._desk
        if desk.closed:
            return
        desk.journal.record(SignedOff(why=why, operator=desk.worker.id))
        desk.closed, self._then = True, None
        desk.seat(SIGNED_OFF)
        self._drop_put_off()
        desk.end_loans()
        desk.notice = NONE
        self._question = Question(Why.SIGN_ON, desk.clock.monotonic())
        if why == "idle":
            self._question.sentence = Sentence("people.idle")
        desk.play(Sound.ACCEPTED)

    def _look_again(self) -> None:
        """Look up the worker again after a change elsewhere: the name or role may be new, or the worker may have
        left."""
        desk = self._desk
        self._read_item_again()
        if not desk.closed:
            desk.seat(desk.people.find(desk.worker.id))
            in_hand = self._flow().in_hand
            if desk.worker.role is None and (in_hand is None or in_hand.verdict is not None):
                self._sign_off("gone")

    def ask_for(
        self, right: Right, then: Callable[[Worker], None], still: Callable[[], bool], what: Sentence = EMPTY
    ) -> bool:
        """Implement `desk.Surroundings.ask_for`. The work and its worker stay unchanged."""
        desk = self._desk
        if desk.authenticator is None or desk.closed:
            return False
        what = what or Sentence(f"people.right.{right.value}")
        now, name = desk.clock.monotonic(), desk.new_id()
        self._question = Question(Why.AUTHORISE, now, right=right, what=what, id=name)
        self._drop_put_off()
        self._then, self._still = then, still
        self._put_off = desk.answers.put_off()
        desk.play(Sound.WARNING)
        return True

    def _drop_put_off(self) -> None:
        """Answer a command whose question is no longer open."""
        ticket, self._put_off = self._put_off, ""
        self._desk.answers.give(ticket, Notice(SUPERSEDED))

    def prompt(self) -> SignOnPrompt | None:
        question = self._question
        if question is None:
            return None
        return SignOnPrompt(
            asks=question.asks,
            why=question.why,
            who=question.who.name if question.who is not None else "",
            sentence=question.sentence,
            what=question.what,
            role=least(question.right).value if question.right is not None else "",
            question=question.id,
            right=question.right.value if question.right is not None else "",
            worker=question.who.id if question.who is not None else "",
            wait_s=question.wait(self._desk.clock.monotonic()),
            leave=question.why is not Why.SIGN_ON or question.asks is not Asks.WHO,
        )
