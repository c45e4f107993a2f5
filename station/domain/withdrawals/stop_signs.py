"""Stop signs: reasons for which an item may have to stay, each answered by a named source."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Sign(StrEnum):
    """Questions before an item leaves. The last four are the four questions of the last copy."""

    RETENTION = "retention"
    """Has the library committed itself to keep it?"""
    DEPOSITORY = "depository"
    """Does it belong to a depository program?"""
    LEASE = "lease"
    """Is it leased?"""
    GIFT = "gift"
    """Did it come as a gift, which may have terms?"""
    LOAN = "loan"
    """Is it on loan?"""
    REQUEST = "request"
    """Has somebody requested it?"""
    LAST_HERE = "last-here"
    """Is it the last item of this title in its library?"""
    LAST_UNDER_SYMBOL = "last-under-symbol"
    """Is it the last item of this title under the OCLC symbol? Then the holding in OCLC ends."""
    LAST_IN_GROUP = "last-in-group"
    """Is it the last one in the state, or in the group of libraries?"""
    LAST_ANYWHERE = "last-anywhere"
    """Is it the last one in WorldCat?"""


class Reply(StrEnum):
    """Reply of a source. What no source answers is not known, never no."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not-known"


class SignAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to one sign. All text is cleaned and bounded."""

    sign: Sign
    reply: Reply
    source: str = ""
    """Who replied: "record" (583, 541, item note), "catalog", "alma", "sip2", "journal", "settings", "export" (948 of an
    exported OCLC record), "person"; "" = nobody."""
    detail: str = ""
    """What the source says: the retention note, the donor, the number of other items."""
    as_of: str = ""
    """ISO 8601 time or date of the source's data; "" = now, or unknown."""


class TitleStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says about the item and the other items of its title."""

    source: str
    libraries: tuple[str, ...] | None = None
    """Library codes of the other items of the title, one entry for each item; None = the source cannot say."""
    requested: bool | None = None
    on_loan: bool | None = None
    as_of: str = ""
