"""Tag reads and writes: content, erasure, undo, security, and the roll of new tags; and refused requests for these."""

from __future__ import annotations

from station.base.sentence import EMPTY, Sentence
from station.domain.events.base import Event
from station.domain.tag_image import TagImage


class TagRecognised(Event, frozen=True, kw_only=True, tag="tag-recognised"):
    """A tag was read and its content recognized."""

    uid: str
    state: str
    summary: str = ""


class TagWriteStarted(Event, frozen=True, kw_only=True, tag="tag-write-started"):
    """A write is about to start: undo image and intent. Committed before the first byte goes to the port."""

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
    """The attempt that this attempt continues."""
    tries: int = 1
    replaces: str = ""
    """UID of the item's previous tag, if the operator decided that this tag replaces it."""
    purpose: str = ""
    """The workflow, "erase" or "migrate"; "" = the tag is written for the item."""
    note: Sentence = EMPTY
    """Summary of what the operator saw before the write."""
    eas: bool | None = None
    """The EAS bit before the write, for an undo; None = the site does not use EAS, or the bit could not be read."""
    elsewhere: str = ""
    """Whether the center had answered what other benches know of the item: "answered", "silent"; "" = no center."""
    withdrawal: str = ""
    """The withdrawal that erases the tag. The journal refuses the event once that is taken back."""


class TagWriteInterrupted(Event, frozen=True, kw_only=True, tag="tag-write-interrupted"):
    attempt: str
    uid: str
    barcode: str
    written: int
    planned: int
    code: str
    detail: Sentence = EMPTY


class TagWriteVerified(Event, frozen=True, kw_only=True, tag="tag-write-verified"):
    """A write was read back after field off and on, and matched byte for byte and element for element."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    writes: int = 0
    """Number of write commands sent, to track wear."""
    unchanged: bool = False
    """The tag already held exactly this content; nothing was written."""
    to_check: bool = False
    """True if the item's checks follow, and a verdict. False in old journals."""
    replaces: str = ""
    """UID of the item's previous tag, if nothing was written; otherwise `TagWriteStarted` has it."""


class TagWriteAbandoned(Event, frozen=True, kw_only=True, tag="tag-write-abandoned"):
    """A person decided not to finish this write; or the reader refused it, and the tag is as it was before."""

    attempt: str
    uid: str
    barcode: str
    reason: Sentence


class TagErased(Event, frozen=True, kw_only=True, tag="tag-erased"):
    """End of a write with the purpose "erase", read back after field off and on and compared byte for byte. The tag is
    empty and bound to no item."""

    attempt: str
    uid: str
    barcode: str
    """The item previously on the tag; "" = not certain."""
    part: int = 1
    parts: int = 1
    writes: int = 0
    stray: bool = False
    """True if the journal knows another tag as the tag of this item's part. The item's state is unchanged."""


class TagUndoStarted(Event, frozen=True, kw_only=True, tag="tag-undo-started"):
    """An undo is about to start: it restores the image journaled before the last write to this tag. Committed before
    the first byte goes to the port."""

    attempt: str
    undoes: str
    """The attempt that is undone."""
    uid: str
    barcode: str
    """The item that loses this tag."""
    part: int
    old: TagImage
    """The tag as just read."""
    new: TagImage
    """The tag as it will be after the undo."""
    plan_digest: str
    steps: int
    operator: str = ""
    authorised: str = ""
    """The worker who lent a right; "" = the operator's own rights sufficed."""
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
    detail: Sentence = EMPTY


class TagUndoVerified(Event, frozen=True, kw_only=True, tag="tag-undo-verified"):
    """An undo was read back after field off and on: the tag is byte for byte as it was before the write."""

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
    """The worker who lent a right."""
    told: tuple[str, ...] = ()
    """Library systems that have received, or will receive, the item's result with this tag. A person must correct it
    there."""


class SecurityWriteStarted(Event, frozen=True, kw_only=True, tag="security-write-started"):
    """The AFI (and the EAS bit) of one finished tag is about to change; its memory stays unchanged. Committed before
    the change."""

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
    """The requesting program."""
    eas: bool | None = None
    """The wanted EAS bit; None = the profile uses none."""


class SecurityWriteVerified(Event, frozen=True, kw_only=True, tag="security-write-verified"):
    """A change of security was read back after field off and on: AFI (and EAS bit) as wanted, everything else as
    before."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    secure: bool
    afi: int
    unchanged: bool = False
    """The tag already had this state; nothing was written."""
    source: str = ""
    eas: bool | None = None
    """The EAS bit as read back; None = the profile uses none."""


class SecurityWriteInterrupted(Event, frozen=True, kw_only=True, tag="security-write-interrupted"):
    """A change of security was interrupted and the tag's security is unknown. Repeating the request resolves this."""

    attempt: str
    uid: str
    barcode: str
    secure: bool
    code: str
    detail: Sentence = EMPTY
    source: str = ""


class PadRequestRefused(Event, frozen=True, kw_only=True, tag="pad-request-refused"):
    """The bench refused a change that another program requested. All text is cleaned."""

    asked: str
    """"set-security", "update-item" or "undo-write"."""
    barcode: str
    """The item. For an undo: the item of the write to undo, "" if the tag has none."""
    code: str
    reason: Sentence = EMPTY
    source: str = ""
    uid: str = ""
    """UID of the requested tag; "" = none was given."""


class RollLoaded(Event, frozen=True, kw_only=True, tag="roll-loaded"):
    """A roll of new tags was loaded; tags written from here on are counted for it."""

    name: str


TagChangeStarted = TagWriteStarted | TagUndoStarted | SecurityWriteStarted
"""Events after which a tag is no longer as it was read. Journaled before the first byte goes to the tag."""

TagEvent = (
    TagChangeStarted
    | TagRecognised
    | TagWriteInterrupted
    | TagWriteVerified
    | TagWriteAbandoned
    | TagErased
    | TagUndoInterrupted
    | TagUndoVerified
    | SecurityWriteVerified
    | SecurityWriteInterrupted
    | PadRequestRefused
    | RollLoaded
)
