"""Who works at the bench: signing on and off, another person, and a person with more rights on the spot.

Cards, badges and PINs come in as commands and end here; `sign_on_questions` has the table of questions, the authenticator
checks the proofs.
While nobody is signed on nothing is done but ask who it is: no tag is written, no answer is taken; what is in hand stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from station.base.errors import BarcodeMalformed, CatalogError, StoreError
from station.base.words import Sentence, tell
from station.bench.bench_ports import BenchPorts
from station.bench.current_workflow import BenchCurrentWorkflow
from station.bench.desk import SIGNED_OFF, always
from station.bench.sign_on_questions import End, Input, Question
from station.catalog.barcodes.barcode import is_ours
from station.domain.commands import AskPad, Authorise, Badge, CancelQuestion, GivePin, Quit, Scan, SignOff, SignOn, Tick
from station.domain.events import PinSet, RulesAccepted, SignedOff, SignedOn, SignOnRefused
from station.domain.notices import BEGUN, NONE, SUPERSEDED, Notice
from station.domain.ports import Authenticator, Proof, Tried, Worker
from station.domain.rights import Right, least, may
from station.domain.sign_on import LONGEST_PIN, NOBODY, SIGNING_ON, Asks, Pin, SignOnPrompt, Why, has_pin_form, lending
from station.domain.snapshot import Sound

if TYPE_CHECKING:
    from station.domain.commands import Command

_REFUSALS: Final = {Proof.LOCKED: "pin-locked", Proof.NONE: "pin-missing"}


class BenchSignOn(BenchCurrentWorkflow):
    """The bench's seventh layer. Without an authenticator (`people.sign_on` is false) nobody is asked, and whoever stands there
    works as the operator of the settings."""

    def __init__(self, ports: BenchPorts) -> None:
        super().__init__(ports)
        self._active_at = self._clock.monotonic()
        self._here = self._pad.inventory.uids
        self._then: Callable[[Worker], None] | None = None
        """What is done once somebody with the right to it has proven who he is."""
        self._still: Callable[[], bool] = always
        """Whether what was to be authorised is still wanted."""
        self._put_off = ""
        """Ticket of the command that waits for it."""

    # --- commands and time -----------------------------------------------------------------------------------------------

    def _at_sign_on(self, command: Command) -> bool:
        """True when the command ended here."""
        if self._authenticator is None:
            return isinstance(command, Badge | GivePin | CancelQuestion | Authorise | SignOff)
        if not isinstance(command, Tick | AskPad):
            self._active_at = self._clock.monotonic()
        try:
            return self._takes(command, self._authenticator)
        except StoreError as error:
            if self._question is None:
                raise
            self._question.sentence = error.message
            self._play(Sound.BAD)
            return True

    def _takes(self, command: Command, authenticator: Authenticator) -> bool:
        match command:
            case Tick() | AskPad() | Quit():
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
            case _ if self._closed:
                self._say(Sentence("people.sign-on-first"), Sound.WARNING)
            case _:
                return False
        return True

    def _time_passes(self) -> None:
        """Before each look at the pad: what nobody does any more ends."""
        if self._authenticator is None:
            return
        now, people = self._clock.monotonic(), self._settings.people
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
        if not self._closed and people.idle_minutes and now - self._active_at >= people.idle_minutes * 60:
            self._sign_off("idle")

    def _hands_seen(self) -> None:
        """After each look: whoever lays something on the pad, or takes it away, is here."""
        if self._pad.inventory.uids != self._here:
            self._here, self._active_at = self._pad.inventory.uids, self._clock.monotonic()

    def _on_pad(self) -> None:
        """While nobody works here, what lies on the pad means nothing."""
        if not self._closed:
            super()._on_pad()

    # --- what is said ----------------------------------------------------------------------------------------------------

    def _scanned(self, text: str, authenticator: Authenticator) -> bool:
        """A scan: a card or login opens the question for its PIN; an item's barcode is the work's, where there is some."""
        who = authenticator.identify(text)
        if who is not None:
            self._known(who, "card")
        elif self._question is None or (self._question.why is not Why.SIGN_ON and self._is_item(text)):
            return False
        else:
            self._unknown(text)
        return True

    def _typed(self, pin: Pin, authenticator: Authenticator) -> bool:
        """What was typed or scanned while a PIN was asked for. Whatever it is: it is journaled nowhere."""
        question = self._question
        who = authenticator.identify(pin.text)
        if who is not None:
            self._known(who, "card")
        elif question is None:
            return True
        elif question.why is not Why.SIGN_ON and self._is_item(pin.text):
            self._notice = NONE
            if not self._refuses_scan(pin.text):
                self._work_scan(pin.text)
        elif question.asks is Asks.WHO or question.who is None:
            self._unknown(pin.text)
        elif question.asks is Asks.PIN:
            self._prove(question, question.who, pin, authenticator)
        else:
            self._choose_pin(question, question.who, pin, authenticator)
        return True

    def _work_scan(self, text: str) -> None:
        """An item's barcode for the work behind the question."""
        raise NotImplementedError

    def _unless_secret(self, text: str, error: CatalogError) -> tuple[str, CatalogError]:
        """What a refused scan is journaled and shown as: digits that came when no PIN was asked for (any more) could be one,
        or its end."""
        digits = text.strip()
        if self._authenticator is None or len(digits) > LONGEST_PIN or not digits.isdigit():
            return text, error
        return tell("people.digits", count=len(digits)), BarcodeMalformed("")

    def _is_item(self, text: str) -> bool:
        return is_ours(text, self._settings.barcodes)

    def _said(self, command: SignOn, authenticator: Authenticator) -> None:
        """Somebody is named, by the command line: with a grant he has proven it there, else his PIN is asked for."""
        if command.grant:
            proven = self._people.find(authenticator.redeem(command.grant, SIGNING_ON))
            if proven.registered and proven.role is not None:
                self._admit(proven, "command")
                return
        named = self._people.find(command.operator)
        by_id = named if named.registered and named.role is not None else None
        self._known(authenticator.identify(command.operator) or by_id, "login")

    def _authorised(self, command: Authorise, authenticator: Authenticator) -> None:
        """Somebody has proven at another terminal who he is. The grant is used up, whether its question still stands or not."""
        ident = authenticator.redeem(command.grant, lending(command.question))
        question = self._question
        if not ident or question is None or question.right is None or question.id != command.question:
            return
        who = self._people.find(ident)
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
                self._refuse_sign_on(question, "card-unknown", tell("people.unknown"))
            else:
                self._say(Sentence("people.unknown"), Sound.WARNING)
            return
        if question is None:
            if who.id == self._operator:
                self._say(Sentence("people.already", name=who.name), Sound.ACCEPTED)
                return
            question = self._question = Question(Why.CHANGE, self._clock.monotonic())
        if question.right is not None and not may(who.role, question.right):
            self._refuse_sign_on(question, "not-allowed", self._may_not(who, question.right), who)
            return
        question.who, question.how = who, how
        question.sentence, question.wait_until = "", 0.0
        self._take_input(Input.KNOWN)
        self._play(Sound.ACCEPTED)

    def _unknown(self, text: str) -> None:
        question = self._question
        if question is None:
            return
        sentence = tell("people.item-later") if self._is_item(text) else tell("people.unknown")
        self._refuse_sign_on(question, "card-unknown", sentence)

    def _refuse_sign_on(self, question: Question, code: str, sentence: str, who: Worker | None = None) -> None:
        question.since = self._clock.monotonic()
        question.sentence = sentence
        self._comes_to(Notice(code, sentence))
        self._journal.record(
            SignOnRefused(worker=who.id if who is not None else "", code=code, purpose=question.why.value)
        )
        self._play(Sound.WARNING)

    @staticmethod
    def _may_not(who: Worker, right: Right) -> str:
        return tell("people.may-not", name=who.name, role=least(right).value)

    # --- PINs ------------------------------------------------------------------------------------------------------------

    def _prove(self, question: Question, who: Worker, pin: Pin, authenticator: Authenticator) -> None:
        if not has_pin_form(pin.text):
            question.sentence, question.since = tell("people.pin-form"), self._clock.monotonic()
            self._play(Sound.WARNING)
            return
        tried = authenticator.prove(who.id, pin)
        question.wait_until = self._clock.monotonic() + tried.wait_s
        if tried.proof is Proof.RIGHT:
            # The role is asked for now: it may have changed since the card was scanned.
            now = self._people.find(who.id)
            if now.role is None or (question.right is not None and not may(now.role, question.right)):
                refused = "worker-gone" if now.role is None else "not-allowed"
                role = least(question.right).value if question.right is not None else ""
                self._refuse_sign_on(question, refused, tell("people.may-not", name=who.name, role=role), who)
                self._take_input(Input.REFUSED)
                return
            question.who, question.sentence = now, ""
            self._take_input(Input.FIRST if tried.must_change else Input.RIGHT)
            return
        self._not_proven(question, who, tried)

    def _not_proven(self, question: Question, who: Worker, tried: Tried) -> None:
        code = _REFUSALS.get(tried.proof, "pin-wait" if tried.proof is Proof.WAIT else "pin-wrong")
        if tried.proof in _REFUSALS:
            sentence = tell(f"error.{code}")
        elif tried.proof is Proof.WAIT:
            sentence = tell("people.not-looked-at")
        else:
            sentence = tell("people.wrong", count=tried.left)
        self._refuse_sign_on(question, code, sentence, who)
        self._play(Sound.BAD)
        self._take_input(Input.REFUSED if tried.proof in _REFUSALS else Input.WRONG)

    def _choose_pin(self, question: Question, who: Worker, pin: Pin, authenticator: Authenticator) -> None:
        """The first PIN was right; the person's own is said twice."""
        question.sentence = ""
        if question.asks is Asks.NEW_PIN:
            problem = authenticator.unfit(who.id, pin)
            self._take_input(Input.UNFIT if problem else Input.FIT)
            question.new = None if problem else pin
            question.sentence = tell("people.unfit", why=problem) if problem else ""
            self._play(Sound.WARNING if problem else Sound.ACCEPTED)
        elif pin == question.new:
            self._journal.order(PinSet(worker=who.id, operator=who.id))
            authenticator.change(who.id, pin)
            self._take_input(Input.SAME)
        else:
            self._take_input(Input.OTHER)
            question.sentence = tell("people.differ")
            self._play(Sound.WARNING)

    # --- what it comes to ------------------------------------------------------------------------------------------------

    def _take_input(self, given: Input) -> None:
        question = self._question
        if question is None:
            return
        after = question.take(given, self._clock.monotonic())
        if after is End.PROVEN and question.who is not None:
            self._question = None
            if question.why is Why.AUTHORISE:
                then, self._then = self._then, None
                ticket, self._put_off = self._put_off, ""
                if then is not None and self._still():
                    with self._answering(ticket):
                        then(question.who)
            else:
                self._admit(question.who, question.how)
        elif after is End.CANCELED:
            self._question, self._then = None, None
            self._canceled(question)

    def _canceled(self, question: Question) -> None:
        """Nothing is done; where it was asked for, work goes on as it was."""
        if question.why is Why.AUTHORISE:
            self._say(Sentence("people.not-authorised"), Sound.WARNING)
            ticket, self._put_off = self._put_off, ""
            self._answer_ticket(ticket, self._notice)

    def _admit(self, worker: Worker, how: str) -> None:
        """This person works here from now on; what is in hand stays whose it was."""
        before = "" if self._closed else self._operator
        self._question, self._then = None, None
        self._drop_put_off()
        if before != worker.id:
            if before:
                self._journal.record(SignedOff(why="changed", operator=before))
            self._journal.record(SignedOn(how=how, instead_of=before, operator=worker.id))
            self._grants.clear()
        self._closed = False
        self._worker, self._operator = worker, worker.id
        self._active_at = self._clock.monotonic()
        if self._in_hand is not None:
            self._corrections.look(self._in_hand)
            self._take_up_waivers(self._in_hand)
        self._hide_result()
        in_hand = self._in_hand
        if in_hand is not None:
            in_hand.waiting_since = self._clock.monotonic()
        theirs = in_hand is not None and in_hand.verdict is None and in_hand.worker.id != worker.id
        self._say(Sentence("people.welcome-other" if theirs else "people.welcome", name=worker.name), Sound.GOOD)

    def _sign_off(self, why: str) -> None:
        """Nobody works here; the item in hand, its answers and what the pad shows stay as they are."""
        if self._closed:
            return
        self._journal.record(SignedOff(why=why, operator=self._operator))
        self._closed = True
        self._worker, self._operator, self._then = SIGNED_OFF, NOBODY, None
        self._drop_put_off()
        self._grants.clear()
        self._notice = NONE
        self._question = Question(Why.SIGN_ON, self._clock.monotonic())
        if why == "idle":
            self._question.sentence = tell("people.idle")
        self._play(Sound.ACCEPTED)

    def _look_again(self) -> None:
        """Something about people or work changed elsewhere: who works here may have another name or role, or be gone."""
        if self._in_hand is not None:
            self._corrections.look(self._in_hand)
            self._take_up_waivers(self._in_hand)
        if not self._closed:
            self._worker = self._people.find(self._operator)
            if self._worker.role is None and (self._in_hand is None or self._in_hand.verdict is not None):
                self._sign_off("gone")

    def _ask_for(self, right: Right, then: Callable[[Worker], None], still: Callable[[], bool], what: str = "") -> bool:
        """Ask for somebody with this right on the spot; `then` gets who it is, if it is `still` wanted by then. The work
        stays as it is, and so does whoever works at it. `what`: what it is for, where that is more than the right."""
        if self._authenticator is None or self._closed:
            return False
        what = what or tell(f"people.right.{right.value}")
        now, name = self._clock.monotonic(), self._new_id()
        self._question = Question(Why.AUTHORISE, now, right=right, what=what, id=name)
        self._drop_put_off()
        self._then, self._still = then, still
        if self._outcome.code != BEGUN:
            self._put_off, self._ticket = self._ticket, ""
        self._play(Sound.WARNING)
        return True

    def _drop_put_off(self) -> None:
        """What a command waited for is not asked any more."""
        ticket, self._put_off = self._put_off, ""
        self._answer_ticket(ticket, Notice(SUPERSEDED))

    def _rules_changed(self, go_on: Callable[[], None]) -> bool:
        """The site has changed its quality rules and nobody with the right to it has said so: ask, then go on. A site without
        rules of its own, that has never had any, is not asked."""
        if self._authenticator is None or self._rules_accepted is None:
            return False
        accepted, digest = self._rules_accepted(), self._rules.digest
        if accepted == digest or not (accepted or self._settings.rules.site_file):
            return False

        def accept(who: Worker) -> None:
            lent = who.id if who.id != self._operator else ""
            event = RulesAccepted(digest=digest, rules=len(self._rules.rules), operator=self._operator, authorised=lent)
            self._journal.order(event)
            self._say(Sentence("people.rules-accepted"), Sound.ACCEPTED)
            go_on()

        self._say(Sentence("people.rules-changed"), Sound.WARNING)
        return self._ask_for(Right.CHANGE_RULES, accept, always)

    def _sign_on_prompt(self) -> SignOnPrompt | None:
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
            wait_s=question.wait(self._clock.monotonic()),
            leave=question.why is not Why.SIGN_ON or question.asks is not Asks.WHO,
        )
