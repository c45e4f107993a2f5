"""What people ask to change about people that the file of names keeps, besides the journal."""

from __future__ import annotations

import msgspec

from station.domain.people.rights import Role
from station.domain.people.sign_on import Claim, Pin


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="what"):
    operator: str
    """Id of the worker who asks."""
    authorised: str = ""
    """Id, login or card of the person who lends the right; "" = the worker's own rights suffice."""


class Register(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="register"):
    """Register a person."""

    login: str
    name: str = ""
    """Name for the screens; "" = the login."""
    role: Role
    language: str = ""
    """Code of the language of the screens; "" = the station's."""


class Rename(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="rename"):
    """Change the name for the screens."""

    worker: str
    name: str


class Speak(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="speak"):
    """Change the language of the screens."""

    worker: str
    language: str
    """Its code; "" = the station's."""


class GiveFirstPin(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="give-first-pin"):
    """Give a person a first PIN, which they must change."""

    worker: str
    pin: Pin | None = None
    """None = the station chooses one at random."""


class GiveCard(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="give-card"):
    """Give a person a card or badge."""

    worker: str
    kind: str
    """"barcode" or "badge"."""
    text: str


class TakeCard(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="take-card"):
    """Take a card or badge from a person."""

    worker: str
    card: str
    """Its key (`KnownCard.key`)."""


class Erase(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="erase"):
    """End a person's work here, if it has not ended, and erase name, cards and PIN."""

    worker: str
    reason: str


Change = Register | Rename | Speak | GiveFirstPin | GiveCard | TakeCard | Erase


class OwnPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person chooses another PIN."""

    claim: Claim
    """With the present PIN, which may be a first one."""
    pin: Pin


class Changed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a change."""

    worker: str
    number: int = 0
    """Number of its event; 0 = the journal keeps nothing of it (name, language)."""
    pin: Pin | None = None
    """The first PIN that the station chose."""
    slips: int = 0
    """Flag slips that were deleted with the name."""
    kept: tuple[str, ...] = ()
    """Paths of flag slips that could not be deleted."""


class KnownCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card or badge as it may be seen: it names a person, and could be a library card elsewhere, too."""

    key: str
    kind: str
    """"barcode" or "badge"."""
    end: str
    """Its last characters."""


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a person besides role and work."""

    worker: str
    login: str = ""
    """"" = erased."""
    language: str = ""
    """Code of the language of the screens; "" = the station's."""
    pin: str = "none"
    """"none", "first" (must be changed), "set" or "locked"."""
    wrong: int = 0
    """Wrong PINs since the last right one."""
    cards: tuple[KnownCard, ...] = ()
