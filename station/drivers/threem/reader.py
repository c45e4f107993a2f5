"""A 3M / Bibliotheca staff workstation reader (810, 210) as `ports.Reader`.

Limits of these readers: blocks have 4 bytes only; there is no command to switch the field off, no lamp and no buzzer.
Locking AFI and DSFID is possible, but the station has no use for it.

"No transponder" (06) has several meanings (Appendix A): the tag is gone, or it is present and silent to this one
command (an EAS bit that is off, a chip without system information). If that matters, the command is sent again, and
looks at the tag (block 0) decide (`silence.answered`). Such a look also decides whether "memory not put" (16) means a
bad tag or a lifted one.

After an exchange that ended without its own answer, or with extra bytes, the reader's version is requested first: its
answer has its own command byte and arrives after everything that was still on its way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from station.base.clock import Clock
from station.base.errors import (
    LocalProtocolError,
    NotPossible,
    ReaderRefused,
    RemoteProtocolError,
    StationError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth
from station.domain.tag_image import Uid
from station.drivers.line.connection import operation
from station.drivers.line.conversation import Asked
from station.drivers.line.serial import Transport
from station.drivers.reader.channel import Channel
from station.drivers.reader.chip_limits import most_read, most_written, require
from station.drivers.reader.lock_status import Locks
from station.drivers.reader.on_air import tag_answer
from station.drivers.reader.optional import missing
from station.drivers.reader.silence import answered
from station.drivers.reader.sizes import has_block, proven_size
from station.drivers.threem import air, commands
from station.drivers.threem.commands import (
    NO_TRANSPONDER,
    NOT_PUT,
    Request,
    Row,
    error_for,
)
from station.drivers.threem.plain import (
    CHANGES,
    LACKS,
    LOOKS,
    OF_NOBODY,
    WITH_DSFID,
    not_implemented,
    other_options,
)
from station.drivers.threem.protocol import conversation
from station.drivers.threem.reading import MOST_READ, SAFE_BLOCKS, Reads
from station.drivers.threem.replies import BLOCK_SIZE, Event, Number, Refused, TagInformation
from station.encoding.chips import UNKNOWN, Feature, chip_of

_LOG = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)

BAUD: Final = 19200
"""Fixed baud rate, 8N1 (manual, "Communication Scheme"; capture of a real 810)."""
_BITS_PER_BYTE: Final = 10
_LONGEST_ANSWER: Final = 1000
"""Bytes of the longest answer for which there is time: 110 tags with DSFID, 164 blocks."""
_SHORT_ANSWER: Final = 64
"""The same, for commands whose answer has no list."""
_LONG: Final = (commands.READ_BLOCK_UID, commands.READ_MULTIBLOCK, commands.PASS_THRU)
SILENCE_S: Final = 0.005
"""Seconds between an answer and a request whose answer it could be taken for, and around anything doubtful. The manual
requires none (1.1: the next command may be sent when the answer is complete). In the time of ten characters, an answer
that is sent twice arrives a second time. If the next answer cannot be confused there is no silence
(`Conversation.mistakable`)."""
_BELIEVED: Final = 2
"""Number of answers in a row that are not in the manual after which an inventory with DSFIDs counts as missing."""
FAMILY: Final = 0x0A
"""First byte of the version: "3M Readers"."""


def _wire_s(request: Asked) -> float:
    longest = _LONGEST_ANSWER if request.row in _LONG else _SHORT_ANSWER
    return (len(request.data) + longest) * _BITS_PER_BYTE / BAUD


class ThreemReader:
    """Not thread-safe; `owner.ReaderOwner` gives it a thread. Closed until `reconnect` succeeds."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._channel: Channel[Refused] = Channel(
            transport_factory,
            clock,
            settings,
            conversation(),
            commands.probe(),
            silence_s=SILENCE_S,
            always_silent=False,
            wire_s=_wire_s,
            refusal=Refused,
            error_for=error_for,
            unknown=not_implemented,
        )
        self._line = self._channel.connection
        self._optional = self._channel.optional
        self._reads = Reads(self._channel.exchange, settings.most_blocks)
        self._most_written = settings.most_blocks or SAFE_BLOCKS
        self._size: dict[Uid, tuple[int, int]] = {}
        """Block size and number of blocks of each tag, since the last `reconnect`."""
        self._locks = Locks(self._security_status)
        self._strange_inventories = 0
        """Answers in a row to an inventory with DSFIDs that are not in the manual."""
        self._name, self._firmware = "3M / Bibliotheca", ""

    @property
    def capabilities(self) -> ReaderCapabilities:
        """See `ports.Reader`. The firmware is known after `reconnect`, the largest read only after the reader has
        refused a larger one."""
        return ReaderCapabilities(
            self._name,
            firmware=self._firmware,
            max_blocks_per_read=self._reads.most,
            max_blocks_per_write=min(self._most_written, self._reads.most),
            can_lock=not self._lacks(commands.LOCK_BLOCK),
            can_eas=not (self._lacks(commands.CHECK_EAS) or self._lacks(commands.EAS_CONTROL)),
            can_reset_field=False,
            block_sizes=(BLOCK_SIZE,),
            lacks=tuple(dict.fromkeys(lack for lack, names in LACKS if self._optional.lacks(*names))),
        )

    def _lacks(self, row: Row) -> bool:
        return self._optional.lacks(row.name)

    def line_health(self) -> LineHealth:
        """Return the line's statistics so far. Any thread may call this."""
        return self._line.counters.health

    # --- the line -------------------------------------------------------------------------------------------------

    @operation
    def reconnect(self) -> None:
        """See `ports.Reader`: close, open, greet."""
        self._size = {}
        self._line.connect(self._greet)

    def close(self) -> None:
        """Release the port. Operations raise until `reconnect` succeeds."""
        self._line.close()

    def _greet(self) -> None:
        """Send the probe of the known clients, twice, then the manual's version command; the probe is not in the
        manual."""
        protocol = conversation()
        ways = (commands.probe(), commands.probe(), commands.reader_version())
        _, version = self._channel.greet([(protocol, request) for request in ways])
        known = version.family == FAMILY
        self._name = "3M / Bibliotheca" if known else f"3M protocol, family {version.family:02X}"
        self._firmware = f"{version.major}.{version.minor}.{version.build}"
        self._reads.greeted()
        self._optional.greeted(f"{self._name} {self._firmware}")

    def learn(self) -> None:
        """Try every optional command with the UID of no tag; `capabilities` then knows which are missing. Each attempt
        is a separate operation. Raises what the line raises."""
        with self._line.operation():
            self._told_with_dsfid()
        self._channel.learn(LOOKS, CHANGES)

    # --- tags -----------------------------------------------------------------------------------------------------

    @operation
    def inventory(self) -> Inventory:
        """See `ports.Reader`. A Tag-it transponder is not an ISO 15693 tag: it counts as a collision."""
        inventory = self._told_with_dsfid()
        if inventory is not None:
            return inventory
        plain = self._channel.ask(commands.inventory(dsfid=False))
        return Inventory(tuple(self._with_its_dsfid(tag) for tag in plain.tags), collision=plain.foreign)

    def _told_with_dsfid(self) -> Inventory | None:
        """Return an inventory with DSFIDs; None if the reader does not support it.

        A reader may also show that by an answer without DSFIDs, or by an answer that is not in the manual. The latter
        may be noise: the second one in a row is believed.
        """
        try:
            answer = self._channel.ask_optional(commands.inventory(), other_options, WITH_DSFID)
        except RemoteProtocolError:
            if self._optional.knows(WITH_DSFID):
                raise
            self._strange_inventories += 1
            if self._strange_inventories == _BELIEVED:
                self._optional.disproved(WITH_DSFID)
            return None
        self._strange_inventories = 0
        if answer is not None and answer.bare:
            self._optional.disproved(WITH_DSFID)
            answer = None
        return None if answer is None else Inventory(answer.tags, collision=answer.foreign)

    def _with_its_dsfid(self, tag: TagSeen) -> TagSeen:
        answer = self._channel.try_optional(commands.get_dsfid(tag.uid))
        return tag if answer is None or isinstance(answer, Refused) else TagSeen(tag.uid, answer.value)

    @operation
    def system_information(self, uid: Uid) -> SystemInformation:
        """See `ports.Reader`. A tag that does not report its size is refused (`TagRefused`), because no write can be
        planned.

        For a reader without Tag Info (0D), AFI and DSFID are read by separate commands, and the size is determined by
        reading (`sizes`). Such a reader may lack more commands; those that a write needs are tried here, before a write
        begins.
        """
        require(uid, Feature.SYSTEM_INFORMATION)
        request = commands.tag_information(uid)
        information = None
        with suppress(NotPossible):
            information = answered(lambda: self._said(request), lambda: self._answers(uid))
        if self._lacks(request.row) or self._optional.lacks(WITH_DSFID):
            for change in CHANGES:
                self._channel.find_out_change(change)
        if self._lacks(request.row):
            return self._pieced(uid)
        if information is None:
            raise TagRefused(0x01, "the tag is present but gives no system information")
        return self._described(uid, information)

    def _described(self, uid: Uid, information: TagInformation) -> SystemInformation:
        if information.block_size is None or information.block_count is None:
            raise TagRefused(0x01, "the tag does not report its size")
        self._size[uid] = information.block_size, information.block_count
        return SystemInformation(
            uid,
            information.dsfid or 0,
            information.afi or 0,
            information.block_size,
            information.block_count,
            information.ic_reference,
        )

    def _pieced(self, uid: Uid) -> SystemInformation:
        afi = self._number(commands.get_afi(uid))
        dsfid = self._number(commands.get_dsfid(uid))
        if dsfid is None:
            seen = self._told_with_dsfid()
            dsfids = {tag.uid: tag.dsfid for tag in seen.tags} if seen else {}
            if seen and uid not in dsfids:
                raise TagAbsent("the tag does not answer an inventory")
            dsfid = dsfids.get(uid)
        if uid not in self._size:
            blocks = proven_size(uid, lambda block: self._refused(uid, block), lambda: self._answers(uid))
            self._size[uid] = BLOCK_SIZE, blocks
        return SystemInformation(uid, dsfid or 0, afi or 0, *self._size[uid])

    def _number(self, request: Request[Number]) -> int | None:
        """Return an AFI or a DSFID; None if the reader does not have the command."""
        answer = self._channel.ask_optional(request)
        return None if answer is None else answer.value

    @operation
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """See `ports.Reader`. Raises `NotPossible` for a tag whose blocks are known to have another size."""
        if count < 1:
            raise LocalProtocolError(f"{count} blocks cannot be read")
        self._require_size(uid)
        data = bytearray()
        locked: list[bool] = []
        while len(locked) < count:
            part = min(most_read(uid, MOST_READ), count - len(locked))
            answer = self._reads.read(uid, first + len(locked), part)
            data += answer.data
            locked += answer.locked
        return BlocksRead(first, BLOCK_SIZE, bytes(data), self._locks.settle(uid, first, tuple(locked)))

    def _security_status(self, uid: Uid, first: int, count: int) -> tuple[bool, ...] | None:
        """Request the status by pass-through, because the manual has no command for it."""

        def ask() -> bytes | None:
            try:
                return self.air(uid, air.GET_SECURITY_STATUS, bytes((first, count - 1)), count)
            except (TagRefused, ReaderRefused, NotPossible):
                return b""
            except TagAbsent:
                return None

        status = answered(ask, lambda: self._answers(uid))
        return tuple(bool(byte & 1) for byte in status) if status and len(status) == count else None

    @operation
    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        """See `ports.Reader`. Raises `NotPossible` for blocks of another size than 4 bytes."""
        if block_size < 1 or not data or len(data) % block_size:
            raise LocalProtocolError(f"{len(data)} bytes are not whole blocks of {block_size}")
        self._require_size(uid, block_size)
        most = most_written(uid, self.capabilities.max_blocks_per_write) * BLOCK_SIZE
        # All requests are built before the first is sent, so that an impossible one is refused with nothing written.
        requests = [
            commands.write_blocks(uid, first + at // BLOCK_SIZE, data[at : at + most])
            for at in range(0, len(data), most)
        ]
        for request in requests:
            self._change(uid, request)

    def _require_size(self, uid: Uid, block_size: int = BLOCK_SIZE) -> None:
        """Raise `NotPossible` unless the requested size, the size reported by the tag and the chip's size are all 4
        bytes."""
        chip = chip_of(uid)
        sizes = {
            block_size,
            self._size.get(uid, (BLOCK_SIZE, 0))[0],
            BLOCK_SIZE if chip is UNKNOWN else chip.block_size,
        }
        if sizes != {BLOCK_SIZE}:
            other = max(sizes - {BLOCK_SIZE})
            raise NotPossible(f"3M readers handle blocks of {BLOCK_SIZE} bytes, but this tag has blocks of {other}")

    @operation
    def write_afi(self, uid: Uid, afi: int) -> None:
        require(uid, Feature.AFI)
        self._change(uid, commands.write_afi(uid, afi))

    @operation
    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        require(uid, Feature.DSFID)
        self._change(uid, commands.write_dsfid(uid, dsfid))

    @operation
    def lock_block(self, uid: Uid, block: int) -> None:
        require(uid, Feature.LOCK)
        self._locks.doubted(uid)
        self._change(uid, commands.lock_block(uid, block))

    @operation
    def read_eas(self, uid: Uid) -> bool:
        """See `ports.Reader`. A tag whose EAS bit is off does not answer on the air (`answered`)."""
        require(uid, Feature.EAS)
        request = commands.check_eas(uid)
        answer = answered(lambda: self._said(request), lambda: self._answers(uid))
        return answer is not None and bool(answer.value)

    @operation
    def write_eas(self, uid: Uid, on: bool) -> None:
        require(uid, Feature.EAS)
        self._change(uid, commands.eas_control(uid, on=on))

    def _change(self, uid: Uid, request: Request[Any]) -> None:
        """Send a request that changes the tag. Error 16 ("not put") is returned both for a tag that cannot be written
        and for a tag that is gone. A look at the tag distinguishes them, so that a lifted item is not called a bad
        tag."""
        refusal = self._channel.change(request, OF_NOBODY.get(request.row.name))
        if refusal is None:
            return
        error = error_for(refusal, request.row.name)
        if refusal.error == NOT_PUT and not self._answers(uid):
            raise TagAbsent(f"{request.row.name}: the tag no longer answers") from error
        self._locks.doubted(uid)
        raise error

    def _said(self, request: Request[E]) -> E | None:
        """Return the answer; None if no tag was heard (06). Raises `NotPossible` if the reader does not have the
        command, and the error of any other refusal."""
        answer = self._channel.try_optional(request)
        if answer is None:
            raise missing(request.row.name)
        if isinstance(answer, Refused) and answer.error == NO_TRANSPONDER:
            return None
        return self._channel.accepted(answer, request)

    def _answers(self, uid: Uid) -> bool:
        """Return whether the tag answers at all; a refusal by the tag counts."""
        return has_block(lambda: self._refused(uid, 0)) is not None

    def _refused(self, uid: Uid, block: int) -> StationError | None:
        """Return the error with which a block is refused; None if it was read."""
        look = self._channel.exchange(commands.read_blocks(uid, block, 1))
        return error_for(look, commands.READ_MULTIBLOCK.name) if isinstance(look, Refused) else None

    @operation
    def air(self, uid: Uid, command: int, parameters: bytes, most: int, *, writes: bool = False) -> bytes:
        """Pass one ISO 15693 request through to one tag: see `air.request`. Raises `TagAbsent`, `TagRefused` with the
        tag's own code, `NotPossible` and what the line raises."""
        request = air.request(uid, command, parameters, most, writes=writes)
        answer = self._channel.ask(request) if writes else self._channel.ask_optional(request)
        if answer is None:
            raise missing(request.row.name)
        return tag_answer(f"{command:02X} on the air", answer.data)

    def reset_field(self) -> None:
        """Do nothing: the manual has no command that switches the field off (`capabilities.can_reset_field` is
        False)."""

    def signal(self, signal: Signal) -> None:
        """Do nothing: there is no lamp and no buzzer."""
