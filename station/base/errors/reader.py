"""Errors between the station and the tag: cable, protocol, tag."""

from __future__ import annotations

from station.base.errors.base import Recovery, StationError

# --- transport: the cable -------------------------------------------------------------------------------------------


class TransportError(StationError):
    """Bytes do not travel; never raised itself."""

    code = "transport"
    recovery = Recovery.ASK_STAFF
    exit_code = 10


class PortMissing(TransportError):
    """The configured port does not exist."""

    code = "port-missing"
    recovery = Recovery.RETRY_SELF


class PortBusy(TransportError):
    """Another program holds the port."""

    code = "port-busy"


class PortDenied(TransportError):
    """The operating system does not let us open the port."""

    code = "port-denied"


class PortLost(TransportError):
    """The port vanished while it was in use."""

    code = "port-lost"
    recovery = Recovery.RETRY_SELF


class CaptureUnreadable(TransportError):
    """A file is no capture of a conversation with a reader."""

    code = "capture-unreadable"

    @property
    def message(self) -> str:
        """The sentence with the reason: captures are a matter of staff."""
        return self.with_detail


class ReplayDiverged(TransportError):
    """A recording is played, and something else is sent than was sent then."""

    code = "replay-diverged"


class ReaderSilent(TransportError):
    """No (complete) answer before the deadline. What happened at the tag is unknown."""

    code = "reader-silent"
    recovery = Recovery.RETRY_SELF


# --- protocol: the language -----------------------------------------------------------------------------------------


class ProtocolError(StationError):
    """Bytes travel but make no sense; never raised itself."""

    code = "protocol"
    exit_code = 11


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

    def __init__(self, status: int, detail: str = "") -> None:
        self.status = status
        super().__init__(f"status {status:02X} {detail}".strip())


# --- tag: what lies on the pad --------------------------------------------------------------------------------------


class TagError(StationError):
    """The tag on the pad cannot be used as it is; never raised itself."""

    code = "tag"
    recovery = Recovery.REPLACE_ITEM
    exit_code = 20


class TagAbsent(TagError):
    """The addressed tag does not answer; nothing had been written in this step."""

    code = "tag-absent"


class ChipUnfit(TagError):
    """The chip does not have what a command needs, by the table of chips; nothing was sent. `what` names it."""

    code = "chip-unfit"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)

    @property
    def message(self) -> str:
        """The sentence with the chip and what it lacks."""
        return self.with_detail


class TagLost(TagError):
    """The tag went away during a write: `written` of `planned` steps were proven."""

    code = "tag-lost"

    def __init__(self, written: int, planned: int, detail: str = "") -> None:
        self.written = written
        self.planned = planned
        super().__init__(f"{written} of {planned} steps proven" + (f"; {detail}" if detail else ""))


class TagRefused(TagError):
    """The tag itself answered with an ISO 15693 error code `iso_error` (ISO/IEC 15693-3, 7.4.2)."""

    code = "tag-refused"

    def __init__(self, iso_error: int, detail: str = "", block: int | None = None) -> None:
        self.iso_error = iso_error
        self.block = block
        where = "" if block is None else f" at block {block}"
        super().__init__(f"ISO error {iso_error:02X}{where} {detail}".strip())


class TagLocked(TagError):
    """A block (or AFI, DSFID) that would have to change is locked; `what` names it."""

    code = "tag-locked"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class TagsCollide(TagError):
    """More than one tag is in the field."""

    code = "tags-collide"


class TagMismatch(TagError):
    """The tag read back is not what was written."""

    code = "tag-mismatch"


class TagUnreadable(TagError):
    """The tag is there, but its memory cannot be read (twice the same)."""

    code = "tag-unreadable"


class TagGivenUp(TagError):
    """Too many interrupted writes: the tag is not tried again."""

    code = "tag-given-up"


class UndoRefused(TagError):
    """The last write to a tag cannot be taken back; `detail` says why. Nothing was written."""

    code = "undo-refused"


class NotFinished(TagError):
    """A command without an operator came to a stop that somebody must decide; carries the fault's own sentence."""

    code = "not-finished"
    recovery = Recovery.ASK_OPERATOR

    def __init__(self, sentence: str, detail: str = "") -> None:
        self.said = sentence
        super().__init__(detail)

    @property
    def message(self) -> str:
        """What the operator's screen said."""
        return self.said
