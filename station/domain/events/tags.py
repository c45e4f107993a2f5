"""Tags read and written: content, erasure, undo, security, and the roll they come from; requests for this that were refused."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.tag_image import TagImage


class TagRecognised(Event, frozen=True, kw_only=True, tag="tag-recognised"):
    """A tag was read and judged."""

    uid: str
    state: str
    summary: str = ""


class TagWriteStarted(Event, frozen=True, kw_only=True, tag="tag-write-started"):
    """Committed before the first byte of a write goes to the port: undo image and intent."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    old: TagImage
    new: TagImage
    plan_digest: str
    """SHA-256 of the planned steps, hexadecimal."""
    steps: int
    resumes: str = ""
    """The attempt that this one continues."""
    tries: int = 1
    replaces: str = ""
    """UID of the item's previous tag, where the operator decided that this tag replaces it."""
    purpose: str = ""
    """The workflow, "erase" or "migrate"; "" = the tag is written for the item."""
    note: str = ""
    """Summary of what was shown before the write."""
    eas: bool | None = None
    """The EAS bit before the write, for an undo; None = the site does not use it, or it could not be read."""


class TagWriteInterrupted(Event, frozen=True, kw_only=True, tag="tag-write-interrupted"):
    attempt: str
    uid: str
    barcode: str
    written: int
    planned: int
    code: str
    detail: str = ""


class TagWriteVerified(Event, frozen=True, kw_only=True, tag="tag-write-verified"):
    """Read back after field off and on, byte for byte and element for element."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    writes: int = 0
    """Write commands sent, for wear."""
    unchanged: bool = False
    """The tag held exactly this already; nothing was written."""


class TagWriteAbandoned(Event, frozen=True, kw_only=True, tag="tag-write-abandoned"):
    """A person decided that this write will not be finished."""

    attempt: str
    uid: str
    barcode: str
    reason: str


class TagErased(Event, frozen=True, kw_only=True, tag="tag-erased"):
    """The end of a write with the purpose "erase": read back after field off and on, byte for byte. The tag is empty
    and bound to no item."""

    attempt: str
    uid: str
    barcode: str
    """The item on the tag before; "" = not certain."""
    part: int = 1
    parts: int = 1
    writes: int = 0


class TagUndoStarted(Event, frozen=True, kw_only=True, tag="tag-undo-started"):
    """Committed before the first byte: restores the image journaled before the last write to this tag."""

    attempt: str
    undoes: str
    """The attempt that is undone."""
    uid: str
    barcode: str
    """The item that loses this tag."""
    part: int
    old: TagImage
    """The tag as it was just read."""
    new: TagImage
    """The tag as it will be."""
    plan_digest: str
    steps: int
    operator: str = ""
    authorised: str = ""
    """Who lent his right to it, where the operator's own does not suffice."""
    resumes: str = ""
    """The interrupted undo that this one continues."""
    eas: bool | None = None
    """The EAS bit to restore; None = unchanged."""


class TagUndoInterrupted(Event, frozen=True, kw_only=True, tag="tag-undo-interrupted"):
    attempt: str
    uid: str
    barcode: str
    written: int
    planned: int
    code: str
    detail: str = ""


class TagUndoVerified(Event, frozen=True, kw_only=True, tag="tag-undo-verified"):
    """Read back after field off and on: the tag is byte for byte as it was before the write."""

    attempt: str
    undoes: str
    uid: str
    barcode: str
    restored: str = ""
    """The item that the tag carries again, if this station had verified it; "" = unknown."""
    part: int = 1
    """Part of the restored item."""
    parts: int = 1
    writes: int = 0
    operator: str = ""
    authorised: str = ""
    """Who lent his right to it."""
    told: tuple[str, ...] = ()
    """Library systems that have got the item's result with this tag, or will: a person corrects it there."""


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
    """The program that asked."""
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
    """The tag was already so; nothing was written."""
    source: str = ""
    eas: bool | None = None
    """The EAS bit as read back; None: the profile uses none."""


class SecurityWriteInterrupted(Event, frozen=True, kw_only=True, tag="security-write-interrupted"):
    """The tag's security is unknown; repeating the request settles it."""

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
    """The item; of an undo, that of the write to undo, "" where the tag has none."""
    code: str
    reason: str = ""
    source: str = ""
    uid: str = ""
    """The tag that was named, if one was."""


class RollLoaded(Event, frozen=True, kw_only=True, tag="roll-loaded"):
    """A roll of new tags was loaded; tags written from here on count for it."""

    name: str
