"""Errors between the station and the tag: cable, protocol, tag."""

from __future__ import annotations

from station.base.errors.base import Detail, Recovery, StationError
from station.base.sentence import Sentence

# --- transport ------------------------------------------------------------------------------------------------------


class TransportError(StationError):
    """Bytes cannot be sent or received; never raised itself."""

    code = "transport"
    recovery = Recovery.ASK_STAFF
    exit_code = 10
    has_remedy = True


class PortMissing(TransportError):
    """The configured port does not exist."""

    code = "port-missing"
    recovery = Recovery.RETRY_SELF


class PortBusy(TransportError):
    """Another program uses the port."""

    code = "port-busy"


class PortDenied(TransportError):
    """The operating system denied access to the port."""

    code = "port-denied"


class PortLost(TransportError):
    """The port vanished while in use."""

    code = "port-lost"
    recovery = Recovery.RETRY_SELF


class CaptureUnreadable(TransportError):
    """A file is not a capture of an exchange with a reader."""

    code = "capture-unreadable"
    has_remedy = False
    detail_is = Detail.FIRST


class ReplayDiverged(TransportError):
    """During the replay of a recording, the station sent something other than what was recorded."""

    code = "replay-diverged"
    has_remedy = False


class ReaderSilent(TransportError):
    """No complete answer arrived before the deadline. The effect on the tag is unknown."""

    code = "reader-silent"
    recovery = Recovery.RETRY_SELF


# --- protocol -------------------------------------------------------------------------------------------------------


class ProtocolError(StationError):
    """Bytes arrive but do not follow the protocol; never raised itself."""

    code = "protocol"
    exit_code = 11
    has_remedy = True


class LocalProtocolError(ProtocolError):
    """The station requested something that the protocol cannot express."""

    code = "protocol-local"


class RemoteProtocolError(ProtocolError):
    """The reader sent a frame that its manual does not allow; `data` holds the bytes."""

    code = "protocol-remote"
    recovery = Recovery.RETRY_SELF

    def __init__(self, detail: str = "", data: bytes = b"") -> None:
        self.data = data
        super().__init__(f"{detail} [{data.hex()}]" if data else detail)


class ReaderRefused(ProtocolError):
    """The reader did not carry out a command, for a reason that is not the tag's. `status`: the number that it
    answered; None = it did not answer this command, although it answered others."""

    code = "reader-refused"
    recovery = Recovery.ASK_STAFF

    def __init__(self, status: int | None, detail: str | Sentence = "", lacks: str = "") -> None:
        self.status = status
        self.lacks = lacks
        super().__init__(detail if status is None else Sentence.joined((f"status {status:02X}", detail), " "))


class ReaderPassword(ReaderRefused):
    """The reader carries out a command only after a log-in with its password, which the station does not have."""

    code = "reader-password"


# --- tag ------------------------------------------------------------------------------------------------------------


class TagError(StationError):
    """The tag on the pad cannot be used in its present state; never raised itself."""

    code = "tag"
    recovery = Recovery.REPLACE_ITEM
    exit_code = 20
    has_remedy = True


class TagAbsent(TagError):
    """The addressed tag does not answer; nothing was written in this step."""

    code = "tag-absent"


class ChipUnfit(TagError):
    """According to the chip table, the chip lacks what a command needs; nothing was sent. `what` names it."""

    code = "chip-unfit"
    detail_is = Detail.FIRST

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class TagLost(TagError):
    """The tag left the field during a write: `written` of `planned` steps were verified."""

    code = "tag-lost"

    def __init__(self, written: int, planned: int, detail: str | Sentence = "") -> None:
        self.written = written
        self.planned = planned
        super().__init__(
            Sentence.joined((Sentence("detail.steps-verified", written=written, planned=planned), detail), "; ")
        )


class TagRefused(TagError):
    """The tag answered with an ISO 15693 error code `iso_error` (ISO/IEC 15693-3, 7.4.2)."""

    code = "tag-refused"

    def __init__(self, iso_error: int, detail: str = "", block: int | None = None) -> None:
        self.iso_error = iso_error
        self.block = block
        where = "" if block is None else f" at block {block}"
        super().__init__(f"ISO error {iso_error:02X}{where} {detail}".strip())


class TagLocked(TagError):
    """A block (or AFI, DSFID) that must change is locked; `detail` names it."""

    code = "tag-locked"
    takes_name = True

    def __init__(self, what: str | Sentence) -> None:
        super().__init__(what)


class TagsCollide(TagError):
    """More than one tag is in the field."""

    code = "tags-collide"


class TagMismatch(TagError):
    """The tag read back does not match what was written."""

    code = "tag-mismatch"


class TagUnreadable(TagError):
    """The tag is present, but its memory cannot be read with the same result twice."""

    code = "tag-unreadable"


class TagGivenUp(TagError):
    """After too many interrupted writes, the tag is not tried again."""

    code = "tag-given-up"


class UndoRefused(TagError):
    """The last write to a tag cannot be undone; `detail` says why. Nothing was written."""

    code = "undo-refused"
    has_remedy = False


class NotFinished(TagError):
    """A command without an operator stopped at a fault that a person must decide; it carries the fault's own
    sentence."""

    code = "not-finished"
    recovery = Recovery.ASK_OPERATOR
    has_remedy = False

    def __init__(self, sentence: str | Sentence, detail: str | Sentence = "") -> None:
        self._sentence = Sentence.of(sentence)
        super().__init__(detail)

    @property
    def sentence(self) -> Sentence:
        """Return the sentence shown on the operator's screen."""
        return self._sentence
