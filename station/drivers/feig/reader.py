"""A FEIG OBID ISO-Host reader as `ports.Reader`.

What it sets in the reader, and why (RAM only, renewed at every `reconnect`, never in the EEPROM): factory setting of
CFG5 is "only new tags" (ONT), with which a tag is reported once and then kept quiet. A pad must see what lies on it,
so ONT is cleared; the reader then resets the field before each inventory (H20800-16e 7.1.1). CFG4 must search with 16
slots and without AFI filter, otherwise a second tag could stay unseen. The blocks are known for the families of
H20800-16e only; with any other reader, or where the reader refuses the change of ONT, nothing is set and an RF reset
(69) goes before each inventory instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec

from station.base.clock import Clock
from station.base.errors import LocalProtocolError, ReaderRefused, RemoteProtocolError, TagAbsent, TagRefused
from station.base.settings import Reader
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth
from station.domain.snapshot import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.tag_image import Uid
from station.drivers.feig import commands, control, models
from station.drivers.feig.eas import Custom
from station.drivers.feig.line import FeigLine, refuses
from station.drivers.feig.look import refused, there
from station.drivers.feig.models import Customs
from station.drivers.feig.plain import CHANGES, LACKS, LOOKS, OF_NOBODY, no_configuration
from station.drivers.feig.replies import MemorySize, ReaderInfo, Refused
from station.drivers.feig.request import Request
from station.drivers.feig.setup import Setup
from station.drivers.feig.statuses import error_for
from station.drivers.line.connection import operation
from station.drivers.line.serial import Transport
from station.drivers.reader.chip_limits import most_read, most_written, require
from station.drivers.reader.lock_status import Locks
from station.drivers.reader.silence import answered
from station.drivers.reader.sizes import proven_size
from station.encoding.chips import Feature, chip_of

_LOG = logging.getLogger(__name__)

_MOST_FETCHES: Final = 64
"""Bound on asking for more inventory records."""
_LARGEST_BLOCK: Final = 32
"""Bytes; ISO/IEC 15693-3 allows no larger block."""

_CFG4, _ISO15693_MODE, _ONE_SLOT_OR_AFI = 4, 4, 0x30
_CFG5, _ONT_BYTE, _ONT, _ACOLL = 5, 11, 0x01, 0x04

_SIGNALS: Final = {
    Signal.GOOD: (0x0011, 2),  # green and beeper on, 0.2 s
    Signal.WARNING: (0x003C, 6),  # red and beeper in bursts of 5 Hz, 0.6 s
    Signal.BAD: (0x0014, 10),  # red and beeper on, 1 s
}


class FeigReader:
    """Not thread-safe; `owner.ReaderOwner` gives it a thread. Closed until `reconnect` succeeds."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._settings = settings
        self._feig = FeigLine(transport_factory, clock, settings)
        self._channel = self._feig.channel
        self._line = self._channel.connection
        self._size = MemorySize(settings.memory_size)
        self._capabilities = ReaderCapabilities("FEIG")
        self._reset_first = True
        self._seen: frozenset[Uid] = frozenset()
        """Tags of the inventory before."""
        self._missed = 0
        """Answers that were missed until the reader was known to be set as it should be."""
        self._known = False
        """The reader's configuration is one that the station knows."""
        self._block_size: tuple[Uid, int] | None = None
        self._blocks: dict[Uid, int] = {}
        """Number of blocks of the tags of this connection that had to prove it."""
        self._reads_labels = False
        self._locks = Locks(self._security_status)
        self._custom = Custom(self._channel, self._change)
        self.setup = Setup(self._feig)
        """What it is and how it is set."""

    @property
    def capabilities(self) -> ReaderCapabilities:
        """See `ports.Reader`; known after `reconnect`."""
        lacks = [lack for lack, name in LACKS if self._channel.optional.lacks(name)]
        eas = self._reads_labels and self._custom.way is not Customs.NONE
        return msgspec.structs.replace(
            self._capabilities,
            can_signal=self._capabilities.can_signal and Lack.SIGNAL not in lacks,
            can_lock=Lack.LOCK not in lacks,
            can_eas=eas,
            can_reset_field=Lack.FIELD_RESET not in lacks,
            lacks=(*lacks, *([Lack.EAS] if self._reads_labels and not eas else [])),
        )

    def line_health(self) -> LineHealth:
        """What happened on the line so far; any thread may ask."""
        return self._line.counters.health

    # --- the line -------------------------------------------------------------------------------------------------

    @operation
    def reconnect(self) -> None:
        """See `ports.Reader`: close, open, greet, set what is needed."""
        self._block_size = None
        self._blocks = {}
        self._line.connect(self._greet)

    def close(self) -> None:
        """Give the port back; operations raise until `reconnect` succeeds."""
        self._line.close()

    def _greet(self) -> None:
        version = self._feig.greet()
        model = models.of(version.software_type)
        self._reads_labels = "ISO 15693" in models.transponders(version.transponder_types)
        self._channel.optional.greeted(f"{model.name} {version.software:04X}")
        info = self._channel.ask_optional(control.reader_info(), refuses)
        reads, writes = _limits(info, self._settings.most_blocks or commands.MAX_BLOCKS)
        if self._reads_labels:
            self._custom.begin(model.customs)
        self._capabilities = ReaderCapabilities(
            name=f"FEIG {model.name}",
            firmware=f"{version.software >> 8}.{version.software & 0xFF:02d}",
            max_blocks_per_read=reads,
            max_blocks_per_write=writes,
            can_signal=model.lamps,
            antennas=model.antennas,
        )
        self.setup.greeted(version, self._custom.way.value)
        self._choose_antenna(self._settings.antenna)
        self._reset_first = True
        self._seen = frozenset()
        self._known = model.configuration
        if self._known:
            self._set_up()
        if self._known != model.configuration:  # a plain reader: its model does not say what it has
            self._custom.find_out()
        self._missed = self._line.counters.silent + self._line.counters.garbled

    def _choose_antenna(self, antenna: int) -> None:
        """6A; 0 leaves what is on. Raises `ReaderRefused`, and asks nothing, for one that this model does not have."""
        if antenna > self._capabilities.antennas:
            has = f"{self._capabilities.name} has {self._capabilities.antennas} antenna output"
            raise ReaderRefused(0x11, f"{has}, reader.antenna says {antenna}")
        if antenna:
            self._channel.ask(control.rf_output(antenna))

    def _set_up(self) -> bool:
        """CFG4: 16 slots, no AFI filter. CFG5: every tag at every inventory (no ONT), anticollision on; where the reader
        refuses that, or does not let its configuration be looked at, an RF reset goes before each inventory. True if anything had
        to be changed. Raises `ReaderRefused` when a reader that hides tags does not let itself be set."""
        self._reset_first = False
        changed = self._set_bits(_CFG4, _ISO15693_MODE, clear=_ONE_SLOT_OR_AFI)
        if not self._known:
            return changed
        try:
            return self._set_bits(_CFG5, _ONT_BYTE, clear=_ONT, put=_ACOLL) or changed
        except ReaderRefused as error:
            _LOG.info("an RF reset goes before each inventory: %s", error)
            self._reset_first = True
            return changed

    def _set_bits(self, block: int, at: int, *, clear: int, put: int = 0) -> bool:
        """True if they had to be changed."""
        old = self._configuration(block)
        if old is None:
            self._known = False
            self._reset_first = True
            return False
        new = bytearray(old)
        new[at] = (new[at] & ~clear) | put
        if new == old:
            return False
        self._channel.ask(control.write_configuration(block, bytes(new)))
        if self._channel.ask(control.read_configuration(block)).data != new:
            raise ReaderRefused(0x00, f"configuration block {block} did not keep what was set")
        return True

    def _configuration(self, block: int) -> bytes | None:
        """None where the reader does not let it be looked at."""
        answer = self._channel.ask_optional(control.read_configuration(block), no_configuration)
        return None if answer is None else answer.data

    def learn(self) -> None:
        """Ask for every optional command, of a tag that is not there; `capabilities` knows what is missing from then on. Each
        question is an operation of its own. Raises what the line raises."""
        for request in (*LOOKS, *CHANGES):
            if request.row is control.SET_OUTPUT and not self.capabilities.can_signal:
                continue
            with self._line.operation():
                self._channel.find_out(request)
        with self._line.operation():
            self._custom.find_out()

    # --- tags -----------------------------------------------------------------------------------------------------

    @operation
    def inventory(self) -> Inventory:
        """See `ports.Reader`. Records that the reader could not send at once (status 94) are fetched.

        A reader that was without power for a moment, behind an adapter that was not, has its factory settings again and
        reports each tag once (ONT). So, before a tag is called gone, and after an answer was missed, it is looked whether the
        reader is still set as it was.
        """
        counters = self._line.counters
        missed = counters.silent + counters.garbled
        if missed != self._missed:
            self._still_set()
            self._missed = missed
        found = self._look()
        if self._seen - found.uids and self._still_set():
            found = self._look()
        self._seen = found.uids
        return found

    def _still_set(self) -> bool:
        """Look whether the reader is set as it was, and set it again; True if it had to be."""
        if not self._known or self._reset_first or not self._set_up():
            return False
        _LOG.warning("the reader has started anew: it was set again")
        self._choose_antenna(self._settings.antenna)
        return True

    def _look(self) -> Inventory:
        if self._reset_first:
            self._channel.ask(control.rf_reset())
        answer = self._channel.ask(commands.inventory())
        found: dict[Uid, TagSeen] = {tag.uid: tag for tag in answer.tags}
        unresolved = answer.unresolved
        fetches = 0
        while answer.more:
            fetches += 1
            before = len(found)
            answer = self._channel.ask(commands.inventory(more=True))
            found |= {tag.uid: tag for tag in answer.tags}
            unresolved = unresolved or answer.unresolved
            if len(found) == before or fetches == _MOST_FETCHES:
                unresolved = unresolved or answer.more
                break
        return Inventory(tuple(found.values()), collision=unresolved)

    @operation
    def system_information(self, uid: Uid) -> SystemInformation:
        """See `ports.Reader`. A reader without system information (2B) tells the DSFID in its inventory and no AFI; the size is
        proven (`sizes`). Such a reader may lack more, and what a write would need is found out before one begins."""
        require(uid, Feature.SYSTEM_INFORMATION)
        request = commands.system_information(uid, self._size)
        answer = self._channel.try_optional(request)
        if answer is None or self._channel.optional.lacks(control.READ_CONFIGURATION.name):
            for change in CHANGES:
                self._channel.find_out(change)
            self._custom.find_out()
        if answer is None:
            return self._pieced(uid)
        told = self._channel.accepted(answer, request)
        self._block_size = (uid, told.block_size)
        return SystemInformation(uid, told.dsfid, told.afi, told.block_size, told.block_count, told.ic_reference)

    def _pieced(self, uid: Uid) -> SystemInformation:
        if uid not in self._blocks:
            self._blocks[uid] = proven_size(
                uid, lambda block: refused(self._channel, uid, block), lambda: there(self._channel, uid)
            )
        tag = next((tag for tag in self.inventory().tags if tag.uid == uid), None)
        if tag is None:
            raise TagAbsent("the tag does not answer an inventory")
        return SystemInformation(uid, tag.dsfid, 0, chip_of(uid).block_size, self._blocks[uid])

    @operation
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """See `ports.Reader`. While the block size is not known, no more is asked for than always fits. The
        locks of a chip that does not tell them in a read are asked for by themselves (`Locks`)."""
        if count < 1:
            raise LocalProtocolError(f"{count} blocks cannot be read")
        data = bytearray()
        locked: list[bool] = []
        security = chip_of(uid).locks_in_read
        size = self._block_size[1] if self._block_size and self._block_size[0] == uid else 0
        while len(locked) < count:
            allowed = most_read(uid, self._capabilities.max_blocks_per_read)
            most = min(allowed, commands.MAX_DATA // (size or _LARGEST_BLOCK))
            part = min(most, count - len(locked))
            answer = self._channel.ask(commands.read_blocks(uid, first + len(locked), part, security=security))
            if size and answer.block_size != size:
                raise RemoteProtocolError(f"blocks of {answer.block_size} bytes on a tag with blocks of {size}")
            size = answer.block_size
            data += answer.data
            locked += answer.locked
        self._block_size = (uid, size)
        return BlocksRead(first, size, bytes(data), self._locks.settle(uid, first, tuple(locked)))

    def _security_status(self, uid: Uid, first: int, count: int) -> tuple[bool, ...] | None:
        def ask() -> tuple[bool, ...] | None:
            request = commands.security_status(uid, first, count)
            answer = self._channel.try_optional(request)
            if answer is None:
                return ()
            if not isinstance(answer, Refused):
                return answer.locked
            error = error_for(answer, request.row.name)
            if isinstance(error, TagRefused) or refuses(answer):
                return ()
            if isinstance(error, TagAbsent):
                return None
            raise error

        return answered(ask, lambda: there(self._channel, uid)) or None

    @operation
    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        if block_size < 1 or not data or len(data) % block_size:
            raise LocalProtocolError(f"{len(data)} bytes are no whole blocks of {block_size}")
        allowed = most_written(uid, self._capabilities.max_blocks_per_write)
        most = min(allowed, commands.MAX_DATA // block_size) * block_size
        if most == 0:
            raise LocalProtocolError(f"blocks of {block_size} bytes cannot be written")
        # All requests are made before the first is sent: what cannot be said is refused with nothing written.
        requests = [
            commands.write_blocks(uid, first + at // block_size, data[at : at + most], block_size)
            for at in range(0, len(data), most)
        ]
        for request in requests:
            self._change(uid, request)

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
        self._change(uid, commands.lock_blocks(uid, block, 1))

    def _change(self, uid: Uid, request: Request[Any]) -> None:
        """A write-alike. Status 03 says "write error" both of a tag that cannot and of one that has gone: a look at
        the tag tells which, so that a lifted item is not called a bad tag."""
        refusal = self._channel.change(request, OF_NOBODY.get(request.row.name))
        if refusal is None:
            return
        error = error_for(refusal, request.row.name)
        if refusal.status == 0x03 and not there(self._channel, uid):
            raise TagAbsent(f"{request.row.name}: the tag does not answer any more") from error
        self._locks.doubted(uid)
        raise error

    @operation
    def read_eas(self, uid: Uid) -> bool:
        require(uid, Feature.EAS)
        return self._custom.read(uid)

    @operation
    def write_eas(self, uid: Uid, on: bool) -> None:
        require(uid, Feature.EAS)
        self._custom.write(uid, on)

    @operation
    def air(self, uid: Uid, command: int, parameters: bytes, most: int, *, writes: bool = False) -> bytes:
        """One ISO 15693 request to one tag in transparent mode: see `Custom.air`."""
        return self._custom.air(uid, command, parameters, most, writes=writes)

    @operation
    def reset_field(self) -> None:
        """See `ports.Reader`: off for 15 ms (H20800-16e 6.6). Nothing, where the reader does not have it."""
        self._channel.ask_optional(control.rf_reset())

    @operation
    def signal(self, signal: Signal) -> None:
        if self.capabilities.can_signal:
            outputs, tenths = _SIGNALS[signal]
            self._channel.ask_optional(control.set_output(outputs, 0, tenths), refuses)


def _limits(info: ReaderInfo | None, most: int) -> tuple[int, int]:
    """Blocks of 4 bytes a read and a write may carry: 32 or fewer, or what fits into the buffers that the reader names."""
    most = min(most, commands.MAX_BLOCKS)
    if info is None:
        return most, most
    reads = (info.send_buffer - 8) // 5
    writes = (info.receive_buffer - 18) // 4
    return max(1, min(most, reads)), max(1, min(most, writes))
