"""The proofs of identity that one command collects from people at the terminal; each person is asked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from station.base.errors import NotAllowed, PinChangeNeeded, PinMissing, PinWrong, WorkerGone
from station.base.text import clean
from station.domain.corrections.correction import lacks
from station.domain.people.rights import Right
from station.domain.people.sign_on import LONGEST_PIN, Claim, Pin
from station.domain.ports import Worker
from station.runtime.identity.proof import Identity

T = TypeVar("T")


class Claims:
    """Collects claims. `ask_pin` asks a person for the PIN; a worker without id and name is unknown to the command.
    `ask_lender` asks for the login or card of a person who has the missing right; "" = there is none."""

    def __init__(
        self, identity: Identity, ask_pin: Callable[[Worker], Pin], ask_lender: Callable[[NotAllowed], str]
    ) -> None:
        self.identity = identity
        self._ask_pin = ask_pin
        self._ask_lender = ask_lender
        self._claims: dict[str, Claim] = {}

    def of(self, needed: set[str], *, before_pins: bool = False) -> tuple[Claim, ...]:
        """Return the proofs of these people (ids); () if no proof is required. `before_pins`: as for `Identity.requires`.
        Raises what `prove` raises, and `PinMissing` before the first PINs."""
        if not self.identity.requires(before_pins=before_pins):
            return ()
        authenticator = self.identity.authenticator
        for ident in sorted(needed):
            if not authenticator.staff_has_pins() and not authenticator.pins.state(ident).there:
                raise PinMissing()
            if ident not in self._claims:
                self.prove(self.identity.workforce.find(ident))
        return tuple(self._claims[ident] for ident in sorted(needed))

    def prove(self, who: Worker, *, may_be_first: bool = False) -> Claim:
        """Return the proof of this person's identity, and check it. Raises what `Authenticator.proven` raises, and
        `PinChangeNeeded` for a PIN that another person has set."""
        if who.id in self._claims:
            return self._claims[who.id]
        pin = self._ask_pin(who)
        if len(pin.text) > LONGEST_PIN:
            raise PinWrong()
        _, tried = self.identity.authenticator.proven(who.id, pin)
        if tried.must_change and not may_be_first:
            raise PinChangeNeeded()
        self._claims[who.id] = Claim(name=who.id, pin=pin)
        return self._claims[who.id]

    def with_lender(
        self, needed: set[str], act: Callable[[Worker | None, tuple[Claim, ...]], T], *, before_pins: bool = False
    ) -> T:
        """Call `act` with the proofs of these people (`of`). If their rights do not suffice, call it again with a person
        present who lends the right. Raises what `act` and `prove` raise."""
        claims = self.of(needed, before_pins=before_pins)
        try:
            return act(None, claims)
        except NotAllowed as refused:
            lender = self._lender(refused)
            if lender is None:
                raise
            return act(lender, (*claims, self._claims[lender.id]))

    def right(self, who: Worker, right: Right) -> str:
        """Check a right before a change of people. Return "" if this person has the right, else the id of
        the person who lends it. Raises `WorkerGone`, and `NotAllowed` if no person lends it."""
        if who.role is None:
            raise WorkerGone(who.id)
        self.of({who.id}, before_pins=True)
        refused = lacks(who.role, right)
        if refused is None:
            return ""
        lender = self._lender(refused)
        if lender is None:
            raise refused
        if (refused := lacks(lender.role, right)) is not None:
            raise refused
        return lender.id

    def _lender(self, refused: NotAllowed) -> Worker | None:
        """Return a person who has proven their identity to lend the missing right; None if there is none."""
        if not self.identity.signs_on or not refused.detail:
            return None
        name = clean(self._ask_lender(refused))
        if not name:
            return None
        who = self.identity.authenticator.identify(name)
        self.prove(who if who is not None else Worker(id="", name=name))
        return who
