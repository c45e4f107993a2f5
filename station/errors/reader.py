"""Errors between the station and the tag: cable, protocol, tag."""

from __future__ import annotations

from station.errors.base import Recovery, StationError

# --- transport: the cable -------------------------------------------------------------------------------------------


class TransportError(StationError):
    """Bytes do not travel; never raised itself."""

    code = "transport"
    recovery = Recovery.ASK_STAFF
    exit_code = 10
    sentence = "The reader cannot be reached. Check its cable and its power."


class PortMissing(TransportError):
    """The configured port does not exist."""

    code = "port-missing"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader is not connected. Plug it in; the station goes on by itself."


class PortBusy(TransportError):
    """Another program holds the port."""

    code = "port-busy"
    sentence = "Another program is using the reader. Close that program; the station goes on by itself."


class PortDenied(TransportError):
    """The operating system does not let us open the port."""

    code = "port-denied"
    sentence = "The station may not use the reader's port. Fetch the systems librarian (group dialout)."


class PortLost(TransportError):
    """The port vanished while it was in use."""

    code = "port-lost"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader was unplugged. Plug it in again; the station goes on by itself."


class CaptureUnreadable(TransportError):
    """A file is no capture of a conversation with a reader."""

    code = "capture-unreadable"
    sentence = "This is no recording of a reader that the station can play."

    @property
    def message(self) -> str:
        """The sentence with the reason: captures are a matter of staff."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


class ReplayDiverged(TransportError):
    """A recording is played, and something else is sent than was sent then."""

    code = "replay-diverged"
    sentence = "The recording does not go on like this: something else was sent to the reader then."


class ReaderSilent(TransportError):
    """No (complete) answer before the deadline. What happened at the tag is unknown."""

    code = "reader-silent"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader does not answer. Check its power; the station keeps trying."


# --- protocol: the language -----------------------------------------------------------------------------------------


class ProtocolError(StationError):
    """Bytes travel but make no sense; never raised itself."""

    code = "protocol"
    exit_code = 11
    sentence = "The reader and the station do not understand each other. Fetch the technician."


class LocalProtocolError(ProtocolError):
    """We asked for something that the protocol cannot say."""

    code = "protocol-local"


class RemoteProtocolError(ProtocolError):
    """The reader sent a frame that its manual does not allow; `data` holds the bytes."""

    code = "protocol-remote"
    recovery = Recovery.RETRY_SELF

    def __init__(self, detail: str = "", data: bytes = b"") -> None:
        self.data = data
        super().__init__(f"{detail} [{data.hex()}]" if data else detail)


class ReaderRefused(ProtocolError):
    """The reader answered with a status that is no tag's fault; `status` is its number."""

    code = "reader-refused"
    recovery = Recovery.ASK_STAFF
    sentence = "The reader refuses the command. Fetch the technician."

    def __init__(self, status: int, detail: str = "") -> None:
        self.status = status
        super().__init__(f"status {status:02X} {detail}".strip())


# --- tag: what lies on the pad --------------------------------------------------------------------------------------


class TagError(StationError):
    """The tag on the pad cannot be used as it is; never raised itself."""

    code = "tag"
    recovery = Recovery.REPLACE_ITEM
    exit_code = 20
    sentence = "There is a problem with the tag on the pad."


class TagAbsent(TagError):
    """The addressed tag does not answer; nothing had been written in this step."""

    code = "tag-absent"
    sentence = "No tag answers. Lay the item flat on the middle of the pad."


class ChipUnfit(TagError):
    """The chip does not have what a command needs, by the table of chips; nothing was sent. `what` names it."""

    code = "chip-unfit"
    sentence = "This tag's chip cannot do what the station needs of it. Use another tag."

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    @property
    def message(self) -> str:
        """The sentence with the chip and what it lacks."""
        return f"{self.sentence} ({self.what})"


class TagLost(TagError):
    """The tag went away during a write: `written` of `planned` steps were proven."""

    code = "tag-lost"
    sentence = "The item was lifted while its tag was being written. Put the same item back on the pad."

    def __init__(self, written: int, planned: int, detail: str = "") -> None:
        self.written = written
        self.planned = planned
        super().__init__(f"{written} of {planned} steps proven {detail}".strip())


class TagRefused(TagError):
    """The tag itself answered with an ISO 15693 error code `iso_error` (ISO/IEC 15693-3, 7.4.2)."""

    code = "tag-refused"
    sentence = "The tag refuses the command. Try once more; if it happens again, use a new tag."

    def __init__(self, iso_error: int, detail: str = "", block: int | None = None) -> None:
        self.iso_error = iso_error
        self.block = block
        where = "" if block is None else f" at block {block}"
        super().__init__(f"ISO error {iso_error:02X}{where} {detail}".strip())


class TagLocked(TagError):
    """A block (or AFI, DSFID) that would have to change is locked; `what` names it."""

    code = "tag-locked"
    sentence = "This tag is locked and cannot be rewritten. Use a new tag."

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class TagsCollide(TagError):
    """More than one tag is in the field."""

    code = "tags-collide"
    sentence = "More than one tag is on the pad. Leave only one item on it."


class TagMismatch(TagError):
    """The tag read back is not what was written."""

    code = "tag-mismatch"
    sentence = "The tag does not hold what was written. Try once more; if it happens again, use a new tag."


class TagUnreadable(TagError):
    """The tag is there, but its memory cannot be read (twice the same)."""

    code = "tag-unreadable"
    sentence = "The tag cannot be read reliably. Move the item to the middle of the pad, or use a new tag."


class TagGivenUp(TagError):
    """Too many interrupted writes: the tag is not tried again."""

    code = "tag-given-up"
    sentence = "Writing this tag failed too often. Take it out and use a new tag."


class NotFinished(TagError):
    """A command without an operator came to a stop that somebody must decide; carries the fault's own sentence."""

    code = "not-finished"
    recovery = Recovery.ASK_OPERATOR
    sentence = "The station stopped at this item and nobody was there to decide."

    def __init__(self, sentence: str, detail: str = "") -> None:
        self.said = sentence
        super().__init__(detail)

    @property
    def message(self) -> str:
        """What the operator's screen said."""
        return self.said
