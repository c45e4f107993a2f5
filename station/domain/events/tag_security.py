"""What is journaled when another program asks something of the pad; see `events`, which gives them to everybody else.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default.
"""

from __future__ import annotations

from station.domain.event import Event


class SecurityWriteStarted(Event, frozen=True, kw_only=True, tag="security-write-started"):
    """Committed before the AFI (and the EAS bit) of one finished tag is changed; its memory stays as it is."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    secure: bool
    old_afi: int
    new_afi: int
    plan_digest: str
    steps: int
    source: str = ""
    """Who asked."""
    eas: bool | None = None
    """The EAS bit as wanted; None: the profile uses none."""


class SecurityWriteVerified(Event, frozen=True, kw_only=True, tag="security-write-verified"):
    """Read back after field off and on: the AFI (and EAS bit) as wanted, everything else as before."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    secure: bool
    afi: int
    unchanged: bool = False
    """It was so already; nothing was written."""
    source: str = ""
    eas: bool | None = None
    """The EAS bit as read back; None: the profile uses none."""


class SecurityWriteInterrupted(Event, frozen=True, kw_only=True, tag="security-write-interrupted"):
    """It is not known which security this tag has now; asking for the same again settles it."""

    attempt: str
    uid: str
    barcode: str
    secure: bool
    code: str
    detail: str = ""
    source: str = ""


class PadRequestRefused(Event, frozen=True, kw_only=True, tag="pad-request-refused"):
    """Another program asked for a change that the bench did not make. All text is cleaned."""

    asked: str
    """"set-security", "update-item" or "undo-write"."""
    barcode: str
    """The item; of an undo, that of the write to be taken back, "" where the tag has none."""
    code: str
    reason: str = ""
    source: str = ""
    uid: str = ""
    """The tag that was named, if one was."""
