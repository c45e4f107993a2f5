"""Carries out a write plan with a reader. Every step is verified by reading back; an unanswered write is never resent
blind.

The plan fixes the order of the steps (`encoding.write_plan.plan`, after the project's tear analysis). This module only
executes single steps, handles unanswered writes (unknown until read back), and decides when to give up.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeVar

from station.base.errors import (
    NotPossible,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    StationError,
    TagAbsent,
    TagLocked,
    TagLost,
    TagMismatch,
    TagRefused,
    TagsCollide,
    TagUnreadable,
)
from station.base.sentence import Sentence
from station.domain.ports import Lack, Reader, ReaderCapabilities
from station.domain.tag_image import NOBODY, TagImage, Uid
from station.encoding.write_plan.steps import (
    CheckAfi,
    CheckBlocks,
    CheckDsfid,
    CheckLocks,
    LockAfi,
    LockBlocks,
    LockDsfid,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    SetEas,
    Step,
    VerifyAll,
    WritePlan,
)
from station.encoding.write_plan.trial import tried_first
from station.encoding.write_plan.verify import differences

T = TypeVar("T")

TRIES: Final = 3
"""Times one block (or AFI, DSFID) is written before this attempt gives up."""

_ISO_LOCKED: Final = (0x11, 0x12)
"""ISO/IEC 15693-3 error codes: block already locked; block locked, content cannot be changed."""

_ISO_NO_REASON: Final = 0x0F
"""Error with no information given: ICODE SLI's answer to an unsupported command (its data sheet, 3.5), and perhaps to
other errors."""

_UNKNOWN: Final = (ReaderSilent, RemoteProtocolError, TagAbsent, TagRefused)
"""Errors after which it is unknown whether a write happened."""

_READ_FAILED: Final = (TagAbsent, TagRefused, RemoteProtocolError)


def refuse_impossible(plan: WritePlan, capabilities: ReaderCapabilities) -> None:
    """Raise `NotPossible` for a plan with a step that this reader cannot do. Called before anything is written.

    `ports.Reader` has no way to lock AFI or DSFID. A reader without ISO 15693 cannot write library labels.
    """
    if not capabilities.iso15693:
        raise NotPossible(Sentence("detail.no-labels", reader=f"{capabilities.name} {capabilities.firmware}"))
    for step in plan.steps:
        match step:
            case SetBlocks() if not capabilities.can_write:
                raise NotPossible(Sentence("detail.cannot-write"), Lack.WRITE)
            case LockBlocks() if not capabilities.can_lock:
                raise NotPossible(Sentence("detail.cannot-lock"))
            case SetEas() if not capabilities.can_eas:
                raise NotPossible(Sentence("detail.cannot-eas"))
            case SetAfi() if not capabilities.can_afi:
                if not capabilities.tells_afi:
                    raise NotPossible(Sentence("detail.afi-not-told"))
                raise NotPossible(Sentence("detail.cannot-afi"), Lack.SET_AFI)
            case SetDsfid() if not capabilities.can_dsfid:
                if not capabilities.tells_dsfid:
                    raise NotPossible(Sentence("detail.dsfid-not-told"))
                raise NotPossible(Sentence("detail.cannot-dsfid"), Lack.SET_DSFID)
            case SetBlocks() if capabilities.block_sizes and plan.new.block_size not in capabilities.block_sizes:
                raise NotPossible(Sentence("detail.cannot-size", bytes=plan.new.block_size))
            case LockAfi() | LockDsfid():
                raise NotPossible(Sentence("detail.cannot-lock-afi"))


def as_this_reader_writes(plan: WritePlan, capabilities: ReaderCapabilities) -> WritePlan:
    """Return the plan as this reader is to carry it out: what it was not yet seen to set comes first."""
    unproven = capabilities.unproven
    return tried_first(plan, afi=Lack.SET_AFI in unproven, dsfid=Lack.SET_DSFID in unproven)


def read_image(reader: Reader, uid: Uid) -> TagImage:
    """Read a whole tag: system information, and all blocks with their security status.

    One failed attempt is repeated. Raises `TagUnreadable` if the tag is in the field but cannot be read, `TagAbsent` if
    it is not in the field.
    """
    try:
        return _read_once(reader, uid)
    except _READ_FAILED:
        pass
    try:
        return _read_once(reader, uid)
    except _READ_FAILED as error:
        if uid in reader.inventory().uids:
            raise TagUnreadable(error.coded_detail) from error
        raise TagAbsent(Sentence("detail.left-field", uid=uid)) from error


def _read_once(reader: Reader, uid: Uid) -> TagImage:
    steps = reading_steps(reader, uid)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            image: TagImage = end.value
            return image


def reading_steps(reader: Reader, uid: Uid) -> Generator[None, None, TagImage]:
    """Read a whole tag, with a pause after each command but the last. Return the tag."""
    information = reader.system_information(uid)
    yield
    can = reader.capabilities
    read = reader.read_blocks(uid, 0, information.block_count)
    return TagImage(
        uid=uid,
        block_size=information.block_size,
        memory=read.data,
        locked=read.locked,
        afi=information.afi if can.tells_afi else None,
        dsfid=information.dsfid if can.tells_dsfid else None,
    )


class Writer:
    """One run of one plan. `steps_done` and `write_commands` are valid after an error too.

    `alone`: no other tag may answer during verification.

    Raises `NotPossible` at once for a plan with a step that the reader cannot do.
    """

    def __init__(
        self, reader: Reader, plan: WritePlan, progress: Callable[[int, int], None], *, alone: bool = True
    ) -> None:
        refuse_impossible(plan, reader.capabilities)
        self._reader = reader
        self._plan = plan
        self._progress = progress
        self._alone = alone
        self.steps_done = 0
        self.write_commands = 0
        self.tags_seen = 0
        """Tags that answered after the field was switched on again."""
        self.verified: TagImage | None = None

    def run(self) -> TagImage:
        """Do all steps. Return the image read back after the field was switched off and on.

        Raises `TagLost` if the tag leaves, `TagLocked`, `TagMismatch`, `TagsCollide`, `ReaderRefused` for a step that
        the reader does not carry out, or the errors of the transport.
        """
        total = len(self._plan.steps)
        for step in self._plan.steps:
            self._progress(self.steps_done, total)
            try:
                self._do(step)
            except (TagAbsent, TagUnreadable) as error:
                raise TagLost(self.steps_done, total, error.coded_detail) from error
            self.steps_done += 1
        self._progress(total, total)
        return self.finish() if self.verified is None else self.verified

    def finish(self) -> TagImage:
        """Switch the field off and on, and require exactly this tag, equal to the byte. Only this counts as
        verified."""
        self._reader.reset_field()
        return self._verify_all(locks=bool(self._plan.locks))

    def _do(self, step: Step) -> None:
        uid = self._plan.uid
        match step:
            case SetDsfid(value=value):
                self._set(
                    lambda: self._reader.write_dsfid(uid, value),
                    lambda: self._reader.system_information(uid).dsfid == value,
                    "DSFID",  # not for people
                    Lack.SET_DSFID,
                )
            case SetAfi(value=value):
                self._set(
                    lambda: self._reader.write_afi(uid, value),
                    lambda: self._reader.system_information(uid).afi == value,
                    "AFI",  # not for people
                    Lack.SET_AFI,
                )
            case SetBlocks(first=first, data=data):
                size = self._plan.new.block_size
                self._set(
                    lambda: self._reader.write_blocks(uid, first, data, size),
                    lambda: self._reader.read_blocks(uid, first, len(data) // size).data == data,
                    Sentence("detail.blocks", first=first, last=first + len(data) // size - 1),
                    Lack.WRITE,
                    lambda: any(self._reader.read_blocks(uid, first, len(data) // size).locked),
                )
            case SetEas(on=on):
                self._set(
                    lambda: self._reader.write_eas(uid, on),
                    lambda: self._reader.read_eas(uid) == on,
                    Sentence("detail.eas"),
                    Lack.EAS,
                )
                if self._patiently(lambda: self._reader.read_eas(uid)) != on:
                    raise TagMismatch(Sentence("detail.eas-not-on" if on else "detail.eas-not-off"))
            case CheckDsfid(value=value):
                self._check_byte(SetDsfid(value), Lack.SET_DSFID)
            case CheckAfi(value=value):
                self._check_byte(SetAfi(value), Lack.SET_AFI)
            case CheckBlocks(first=first, data=data, twice=twice):
                self._check_blocks(first, data)
                if twice:
                    self._check_blocks(first, data)
            case LockBlocks(first=first, count=count):
                for block in range(first, first + count):
                    self._lock(block)
            case CheckLocks(first=first, count=count):
                self._check_locks(first, count)
            case ResetField():
                self._reader.reset_field()
            case VerifyAll(locks=locks):
                self.verified = self._verify_all(locks=locks)
            case _:
                raise TypeError(f"a step that no reader can do: {step!r}")

    def _set(
        self,
        write: Callable[[], None],
        landed: Callable[[], bool],
        what: str | Sentence,
        function: Lack,
        locked: Callable[[], bool] = lambda: False,
    ) -> None:
        """Write. Without a clear answer, read back before writing again. A refusal without a reason may come from a
        locked block: `locked` reads the lock, if the reader can. When the step itself locks a block, `landed` tells
        whether it is locked already.

        `landed` is a read of the same tag. So a reader that answers it, and never the write, is neither silent nor is
        the tag lifted: it does not carry out this command.
        """
        for attempt in range(1, TRIES + 1):
            self.write_commands += 1
            try:
                write()
            except NotPossible as error:
                lacks = self._lacked(function)
                if self.write_commands == 1:
                    raise NotPossible(error.detail, lacks) from error  # nothing was sent
                raise ReaderRefused(None, Sentence.joined((what, error.detail), ": "), lacks) from error
            except ReaderRefused as error:
                if function in self._reader.capabilities.lacks:
                    error.lacks = function
                raise
            except TagRefused as error:
                if error.iso_error in _ISO_LOCKED:
                    raise TagLocked(what) from error
                if error.iso_error == _ISO_NO_REASON:
                    if self._patiently(landed):
                        return
                    if self._patiently(locked):
                        raise TagLocked(what) from error
                if attempt == TRIES:
                    raise TagMismatch(Sentence.joined((what, error.coded_detail), ": ")) from error
            except _UNKNOWN as error:
                self._require_present()
                if landed():
                    return
                if attempt == TRIES and isinstance(error, ReaderSilent | RemoteProtocolError):
                    lacks = self._lacked(function)
                    raise ReaderRefused(None, Sentence("detail.no-answer", what=what), lacks) from error
                if attempt == TRIES and function in self._reader.capabilities.unproven:
                    detail = Sentence.joined((what, error.coded_detail), ": ")
                    raise ReaderRefused(None, detail, function) from error
                if attempt == TRIES:
                    raise
            else:
                return

    def _lacked(self, function: Lack) -> str:
        """Return the function if the reader was found to lack it, or was never seen to have it."""
        can = self._reader.capabilities
        return function if function in can.lacks or function in can.unproven else ""

    def _not_set(self, function: Lack, detail: Sentence) -> StationError:
        """Return the error for a write that was answered OK and changed nothing: the reader's, if it answers OK for a tag
        that is not there, else the tag's."""
        size = self._plan.block_size
        try:
            match function:
                case Lack.SET_AFI:
                    self._reader.write_afi(NOBODY, 0)
                case Lack.SET_DSFID:
                    self._reader.write_dsfid(NOBODY, 0)
                case _:
                    self._reader.write_blocks(NOBODY, 0, bytes(size), size)
        except StationError:
            return TagMismatch(detail)
        return ReaderRefused(None, detail, function)

    def _lock(self, block: int) -> None:
        """Lock one block. "Already locked" counts as success, since an earlier answer may have been lost."""

        def landed() -> bool:
            status = self._reader.read_blocks(self._plan.uid, block, 1).locked
            return bool(status) and all(status)  # an unknown status proves nothing

        try:
            self._set(
                lambda: self._reader.lock_block(self._plan.uid, block),
                landed,
                Sentence("detail.lock-of", block=block),
                Lack.LOCK,
            )
        except TagLocked:
            if not landed():
                raise

    def _check_locks(self, first: int, count: int) -> None:
        """Read the security status back. A block that is still open is locked again."""
        for _ in range(TRIES):
            read = self._patiently(lambda: self._reader.read_blocks(self._plan.uid, first, count)).locked
            still_open = [first + at for at in range(count) if at >= len(read) or not read[at]]
            if not still_open:
                return
            for block in still_open:
                self._lock(block)
        raise TagMismatch(Sentence("detail.not-locked", first=first))

    def _check_byte(self, step: SetAfi | SetDsfid, function: Lack) -> None:
        """Read the AFI or the DSFID back. One that differs is written again."""
        is_afi = isinstance(step, SetAfi)
        for _ in range(TRIES):
            information = self._patiently(lambda: self._reader.system_information(self._plan.uid))
            if (information.afi if is_afi else information.dsfid) == step.value:
                return
            self._do(step)
        key = "detail.afi-not" if is_afi else "detail.dsfid-not"
        raise self._not_set(function, Sentence(key, value=f"{step.value:02X}"))

    def _check_blocks(self, first: int, data: bytes) -> None:
        """Read back and compare. A block that differs is written again."""
        size = self._plan.new.block_size
        for _ in range(TRIES):
            read = self._patiently(lambda: self._reader.read_blocks(self._plan.uid, first, len(data) // size)).data
            wrong = [at for at in range(0, len(data), size) if read[at : at + size] != data[at : at + size]]
            if not wrong:
                return
            for at in wrong:
                self._do(SetBlocks(first=first + at // size, data=data[at : at + size]))
        raise self._not_set(Lack.WRITE, Sentence("detail.not-written", first=first))

    def _patiently(self, read: Callable[[], T]) -> T:
        """Read, and repeat once after noise, since reading changes nothing."""
        try:
            return read()
        except _UNKNOWN:
            self._require_present()
            return read()

    def _require_present(self) -> None:
        if self._plan.uid not in self._reader.inventory().uids:
            raise TagAbsent(Sentence("detail.left-field", uid=self._plan.uid))

    def _verify_all(self, *, locks: bool = False) -> TagImage:
        seen = self._reader.inventory()
        if self._plan.uid not in seen.uids:
            raise TagAbsent(Sentence("detail.not-back", uid=self._plan.uid))
        if seen.collision or (self._alone and len(seen.uids) > 1):
            raise TagsCollide(Sentence("detail.answer-after", count=len(seen.uids)))
        self.tags_seen = len(seen.tags)
        image = self._patiently(lambda: read_image(self._reader, self._plan.uid))
        mismatches = differences(self._plan.new, image, locks=locks)
        if mismatches:
            raise TagMismatch("; ".join(mismatches[:5]))
        return image
