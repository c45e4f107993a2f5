"""Identity at the bench, as values: a PIN that is never displayed, and the station's questions about identity."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from itertools import pairwise
from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence

MACHINE: Final = "machine"
"""Operator of an event that the station made without a person."""
NOBODY: Final = "nobody"
"""Operator of an event while no one was signed on."""
OWN_PROGRAM: Final = "command line"
"""Name of the station's own commands as a program that uses the pad."""
RESERVED: Final = frozenset({MACHINE, NOBODY, "me", "another person"})
"""Logins that no worker can have, because they have another meaning."""

_ID: Final = re.compile("w[-\u2010-\u2015\u2212]")
"""Start of a worker id; the dashes are those that look like a hyphen."""


def has_id_form(name: str) -> bool:
    """Return True if the name looks like a worker id, in any case and width."""
    return _ID.match(unicodedata.normalize("NFKC", name).strip().casefold()) is not None


def folded(name: str) -> str:
    """Return a name reduced for comparison: no case, no width, no accents (Unicode NFKD), no spaces, no punctuation, no
    leading `w-` of an id."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold().strip())
    return "".join(char for char in _ID.sub("", plain, count=1) if char.isalnum())


_PROGRAM: Final = re.compile("[A-Za-z0-9][A-Za-z0-9 ._:/()+-]{0,59}")
_WORDS: Final = (re.compile("[a-z0-9]{2,}"), re.compile("[a-z]{2,}"))
_ALIKE: Final = str.maketrans("01i", "oll")


def is_program_name(name: str) -> bool:
    """Return True if another program may have this name: letters, digits and some signs, all ASCII."""
    return _PROGRAM.fullmatch(name) is not None


def program(name: str) -> str:
    """Return the operator of what a program did. No person's name has quotation marks."""
    return f'program "{name}"'


def skeletons(name: str) -> frozenset[str]:
    """Return the words of a name and the whole name, reduced so that what reads alike is alike: no case, accents or
    digits at the end, and one letter for those that look like it (of ASCII: Unicode Technical Standard 39,
    confusables)."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    words = (word for pattern in _WORDS for word in pattern.findall(plain))
    return frozenset(_skeleton(word) for word in (folded(name), *words)) - {""}


def _skeleton(word: str) -> str:
    return word.translate(_ALIKE).replace("rn", "m").replace("vv", "w")


SHORTEST_PIN: Final = 6
LONGEST_PIN: Final = 12


class Pin(msgspec.Struct, frozen=True):
    """A PIN to be checked. The repr does not show it; `text` is read only to check it or to send it on."""

    text: str

    def __repr__(self) -> str:
        return "Pin(***)"


SIGNING_ON: Final = "sign-on"
"""Purpose of a grant that lets a worker sign on."""


def lending(what: str) -> str:
    """Return the purpose of a grant that lends a right for one action: the id of an open question
    (`SignOnPrompt.question`), or the `purpose` of a pad request."""
    return f"lend {what}"


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim of identity, with its proof."""

    name: str
    """Login, card or id."""
    pin: Pin


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, and by what proof."""

    operator: str = ""
    """Id of the worker; "" = no person."""
    session: str = ""
    """Session of the worker, who signed in at a desk."""
    claims: tuple[Claim, ...] = ()
    """Claims of the worker, and of a person who lends a right."""
    via: str = ""
    """The face that they use (`domain.events.Event.via`)."""


THIS_PROGRAM: Final = By()
"""The station's own programs, where no proof is required."""


class Asks(StrEnum):
    """The input that the station asks for."""

    WHO = "who"
    """A card, a badge or a login."""
    PIN = "pin"
    NEW_PIN = "new-pin"
    """The first PIN must be changed."""
    AGAIN = "again"
    """The new PIN again."""


class Why(StrEnum):
    """Why the station asks."""

    SIGN_ON = "sign-on"
    """No one is signed on."""
    CHANGE = "change"
    """Another person wants to take over the bench."""
    AUTHORISE = "authorise"
    """An action needs a person with more rights than the worker at the bench."""


class SignOnPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """The question as a screen shows it. It blocks all other work, unless `leave` is set."""

    asks: Asks
    why: Why
    who: str = ""
    """Name of the person whose PIN is asked for."""
    sentence: Sentence = EMPTY
    """Outcome of the last attempt; "" = nothing to report."""
    what: Sentence = EMPTY
    """Description of the action to authorize."""
    role: str = ""
    """The least role that may authorize it."""
    question: str = ""
    """Unique id of the question, if an action is to be authorized."""
    right: str = ""
    """The right needed, as one of `rights.Right`."""
    worker: str = ""
    """Id of the person whose PIN is asked for."""
    wait_s: int = 0
    """Whole seconds until the next PIN is checked."""
    leave: bool = False
    """True if the question can be canceled; work then continues as before."""


def has_pin_form(text: str) -> bool:
    """Return True for a possible PIN: 6 to 12 ASCII digits."""
    return SHORTEST_PIN <= len(text) <= LONGEST_PIN and text.isascii() and text.isdigit()


def too_easy(pin: str, *others: str) -> Sentence:
    """Return why this PIN is too easy, without the PIN; empty = it is acceptable.

    Too easy are: one digit only, consecutive digits, a short repeated piece, or a piece of known data about the person
    (`others`: login and cards). These are guessed first (NIST SP 800-63B, 5.1.1.2: dictionary words, repetitive or
    sequential characters, context-specific words).
    """
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if steps <= {0} or steps == {1} or steps == {9}:
        return Sentence("people.why.row")
    if any(len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size) for size in (2, 3, 4)):
        return Sentence("people.why.piece")
    if any(pin in other for other in others):
        return Sentence("people.why.known")
    return EMPTY
