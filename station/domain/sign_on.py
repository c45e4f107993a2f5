"""Who stands at the bench, as values: a PIN that shows itself nowhere, and what the station asks when it asks who somebody is."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

from station.base.words import tell

MACHINE: Final = "machine"
"""The operator of an event that the station made by itself."""
NOBODY: Final = "nobody"
"""The operator of an event while nobody was signed on."""
RESERVED: Final = frozenset({MACHINE, NOBODY, "me", "another person"})
"""Logins that nobody can have, since they mean something else."""

_ID: Final = re.compile("w[-\u2010-\u2015\u2212]")
"""How the id of a worker begins; the dashes are those that look like a hyphen."""


def has_id_form(name: str) -> bool:
    """True for what reads as the id of a worker, in whatever case and width."""
    return _ID.match(unicodedata.normalize("NFKC", name).strip().casefold()) is not None


def folded(name: str) -> str:
    """What is left of a name for a quick reader: no case, no width, no accents (Unicode NFKD), no blanks, no punctuation, no
    `w-` of an id before it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold().strip())
    return "".join(char for char in _ID.sub("", plain, count=1) if char.isalnum())


SHORTEST_PIN: Final = 6
LONGEST_PIN: Final = 12


class Pin(msgspec.Struct, frozen=True):
    """A PIN on its way to be proven. It shows itself in no repr; `text` is read only where it is proven or sent on."""

    text: str

    def __repr__(self) -> str:
        return "Pin(***)"


SIGNING_ON: Final = "sign-on"
"""What a grant is for that lets somebody work at the bench."""


def lending(what: str) -> str:
    """What a grant is for that lends a right for one thing: the id of a question that stands (`SignOnPrompt.question`), or the
    `purpose` of a request to the pad."""
    return f"lend {what}"


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody says who he is, and proves it."""

    name: str
    """Login, card or id."""
    pin: Pin


class Asks(StrEnum):
    """What the station wants to know now."""

    WHO = "who"
    """A card, a badge or a login."""
    PIN = "pin"
    NEW_PIN = "new-pin"
    """The first PIN must be changed."""
    AGAIN = "again"
    """The new PIN once more."""


class Why(StrEnum):
    """What it is asked for."""

    SIGN_ON = "sign-on"
    """Nobody is signed on."""
    CHANGE = "change"
    """Another person wants to go on here."""
    AUTHORISE = "authorise"
    """Something needs a person with more rights than the one who works here."""


class SignOnPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """The question as a screen shows it; nothing else is to be done meanwhile, except where `leave` says so."""

    asks: Asks
    why: Why
    who: str = ""
    """Name of the person whose PIN is asked for."""
    sentence: str = ""
    """What became of the last try; "" = nothing to say."""
    what: str = ""
    """What is to be authorised, in words."""
    role: str = ""
    """The least role that may."""
    question: str = ""
    """Tells this question from every other one, where something is to be authorised."""
    right: str = ""
    """What is to be authorised, as one of `rights.Right`."""
    worker: str = ""
    """Id of the person whose PIN is asked for."""
    wait_s: int = 0
    """Whole seconds until the next PIN is looked at."""
    leave: bool = False
    """The question can be withdrawn: work goes on as it was."""


def has_pin_form(text: str) -> bool:
    """True for what may be a PIN: 6 to 12 ASCII digits."""
    return SHORTEST_PIN <= len(text) <= LONGEST_PIN and text.isascii() and text.isdigit()


def too_easy(pin: str, *others: str) -> str:
    """Why nobody should choose this PIN, as a sentence without the PIN; "" = nothing speaks against it.

    One digit only, digits in a row, a short piece again and again, or a piece of what is known of the person (`others`:
    login and cards): what is guessed first (NIST SP 800-63B, 5.1.1.2: dictionary words, repetitive or sequential
    characters, context-specific words).
    """
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if steps <= {0} or steps == {1} or steps == {9}:
        return tell("people.why.row")
    if any(len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size) for size in (2, 3, 4)):
        return tell("people.why.piece")
    if any(pin in other for other in others):
        return tell("people.why.known")
    return ""
