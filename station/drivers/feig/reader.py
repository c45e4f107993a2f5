"""A FEIG OBID ISO-Host reader as `ports.Reader`.

The driver changes two configuration blocks, in RAM only, never in the EEPROM, and again at every `reconnect`. CFG5: the
factory setting is "only new tags" (ONT), with which a tag is reported once and then kept quiet. A pad must see every
tag on it, so ONT is cleared; the reader then resets the field before each inventory (H20800-16e 7.1.1). CFG4: the
reader must search with 16 slots and without AFI filter, or a second tag could stay unseen. The blocks are known only
for the families of H20800-16e. With any other reader, or if the reader refuses the change of ONT, nothing is set and an
RF reset (69) precedes each inventory instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec

from station.base.clock import Clock
from station.base.errors import LocalProtocolError, ReaderRefused, RemoteProtocolError, TagAbsent, TagRefused
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth
from station.domain.tag_image import Uid
from station.drivers.feig import commands, control, models
from station.drivers.feig.eas import Custom
from station.drivers.feig.line import FeigLine, refuses
from station.drivers.feig.look import refused, there
from station.drivers.feig.models import Customs
from station.drivers.feig.plain import CHANGES, DEVICE_ID, LACKS, LOOKS, OF_NOBODY, no_configuration
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
"""Limit on requests for more inventory records."""
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
        """Tags of the previous inventory."""
        self._missed = 0
        """Number of missed answers when the reader's settings were last known to be right."""
        self._known = False
        """Whether the station can read and set the reader's configuration."""
        self._block_size: tuple[Uid, int] | None = None
        self._blocks: dict[Uid, int] = {}
        """Number of blocks of each tag whose size was determined by reading, since the last `reconnect`."""
        self._reads_labels = False
        self._locks = Locks(self._security_status)
        self._custom = Custom(self._channel, self._change)
        self.setup = Setup(self._feig)
        """The reader's identity and settings, for the technician."""

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
        """Return the line's statistics so far. Any thread may call this."""
        return self._line.counters.health

    # --- the line -------------------------------------------------------------------------------------------------

    @operation
    def reconnect(self) -> None:
        """See `ports.Reader`: close, open, greet, and set the configuration."""
        self._block_size = None
        self._blocks = {}
        self._line.connect(self._greet)

    def close(self) -> None:
        """Release the port. Operations raise until `reconnect` succeeds."""
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
        if self._known != model.configuration:  # a plain reader: its model does not tell which commands it has
            self._custom.find_out()
        self._missed = self._line.counters.silent + self._line.counters.garbled

    def _choose_antenna(self, antenna: int) -> None:
        """Switch on this antenna (6A); 0 leaves the current one on. Raises `ReaderRefused`, without asking the reader,
        for an antenna that this model does not have."""
        if antenna > self._capabilities.antennas:
            has = f"{self._capabilities.name} has {self._capabilities.antennas} antenna output"
            raise ReaderRefused(0x11, f"{has}, reader.antenna is {antenna}")
        if antenna:
            self._channel.ask(control.rf_output(antenna))

    def _set_up(self) -> bool:
        """Set CFG4 to 16 slots without AFI filter, and CFG5 to report every tag at every inventory (no ONT) with
        anticollision. If the reader refuses to change CFG5, or does not allow its configuration to be read, an RF reset
        precedes each inventory. Return True if anything had to be changed. Raises `ReaderRefused` if CFG4 hides tags
        and cannot be changed."""
        self._reset_first = False
        changed = self._set_bits(_CFG4, _ISO15693_MODE, clear=_ONE_SLOT_OR_AFI)
        if not self._known:
            return changed
        try:
            return self._set_bits(_CFG5, _ONT_BYTE, clear=_ONT, put=_ACOLL) or changed
        except ReaderRefused as error:
            _LOG.info("an RF reset precedes each inventory: %s", error)
            self._reset_first = True
            return changed

    def _set_bits(self, block: int, at: int, *, clear: int, put: int = 0) -> bool:
        """Clear and set bits of one byte. Return True if it had to be changed."""
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
        """Return one block; None if the reader does not allow it to be read."""
        answer = self._channel.ask_optional(control.read_configuration(block), no_configuration)
        return None if answer is None else answer.data

    def learn(self) -> None:
        """Try every optional command with the UID of no tag; `capabilities` then knows which are missing. Each attempt
        is a separate operation. Raises what the line raises."""
        signals = self.capabilities.can_signal
        looks = [look for look in LOOKS if signals or look.row is not control.SET_OUTPUT]
        self._channel.learn(looks, CHANGES)
        with self._line.operation():
            self._custom.find_out()
            device = self._channel.ask_optional(control.device_id(), refuses, name=DEVICE_ID)
        serial = f"{device.number:08X}" if device else ""
        self._capabilities = msgspec.structs.replace(self._capabilities, serial=serial)

    # --- tags -----------------------------------------------------------------------------------------------------

    @operation
    def inventory(self) -> Inventory:
        """See `ports.Reader`. Records that the reader could not send at once (status 94) are fetched.

        A reader can lose power for a moment while its adapter keeps it. It then has its factory settings again and
        reports each tag once (ONT). So its settings are checked before a tag is considered gone, and after a missed
        answer.
        """
        counters = self._line.counters
        missed = counters.silent + counters.garbled
        if missed != self._missed:
            self._still_set()
            self._missed = missed
        inventory = self._look()
        if self._seen - inventory.uids and self._still_set():
            inventory = self._look()
        self._seen = inventory.uids
        return inventory

    def _still_set(self) -> bool:
        """Check the reader's settings, and restore them if needed. Return True if they had to be restored."""
        if not self._known or self._reset_first or not self._set_up():
            return False
        _LOG.warning("the reader has restarted: its settings were restored")
        self._choose_antenna(self._settings.antenna)
        return True

    def _look(self) -> Inventory:
        if self._reset_first:
            self._channel.ask(control.rf_reset())
        answer = self._channel.ask(commands.inventory())
        tags: dict[Uid, TagSeen] = {tag.uid: tag for tag in answer.tags}
        unresolved = answer.unresolved
        fetches = 0
        while answer.more:
            fetches += 1
            before = len(tags)
            answer = self._channel.ask(commands.inventory(more=True))
            tags |= {tag.uid: tag for tag in answer.tags}
            unresolved = unresolved or answer.unresolved
            if len(tags) == before or fetches == _MOST_FETCHES:
                unresolved = unresolved or answer.more
                break
        return Inventory(tuple(tags.values()), collision=unresolved)

    @operation
    def system_information(self, uid: Uid) -> SystemInformation:
        """See `ports.Reader`. For a reader without system information (2B), the DSFID comes from the inventory, the AFI
        is unknown, and the size is determined by reading (`sizes`). Such a reader may lack more commands; those that a
        write needs are tried here, before a write begins."""
        require(uid, Feature.SYSTEM_INFORMATION)
        request = commands.system_information(uid, self._size)
        answer = self._channel.try_optional(request)
        if answer is None or self._channel.optional.lacks(control.READ_CONFIGURATION.name):
            for change in CHANGES:
                self._channel.find_out_change(change)
            self._custom.find_out()
        if answer is None:
            return self._pieced(uid)
        information = self._channel.accepted(answer, request)
        self._block_size = (uid, information.block_size)
        return SystemInformation(
            uid,
            information.dsfid,
            information.afi,
            information.block_size,
            information.block_count,
            information.ic_reference,
        )

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
        """See `ports.Reader`. While the block size is not known, no more blocks are requested than fit at any size. If
        the chip does not report its locks in a read, they are requested separately (`Locks`)."""
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
            raise LocalProtocolError(f"{len(data)} bytes are not whole blocks of {block_size}")
        allowed = most_written(uid, self._capabilities.max_blocks_per_write)
        most = min(allowed, commands.MAX_DATA // block_size) * block_size
        if most == 0:
            raise LocalProtocolError(f"blocks of {block_size} bytes cannot be written")
        # All requests are built before the first is sent, so that an impossible one is refused with nothing written.
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
        """Send a request that changes the tag. Status 03 ("write error") is returned both for a tag that cannot be
        written and for a tag that is gone. A look at the tag distinguishes them, so that a lifted item is not called a
        bad tag."""
        refusal = self._channel.change(request, OF_NOBODY.get(request.row.name))
        if refusal is None:
            return
        error = error_for(refusal, request.row.name)
        if refusal.status == 0x03 and not there(self._channel, uid):
            raise TagAbsent(f"{request.row.name}: the tag no longer answers") from error
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
        """Send one ISO 15693 request to one tag in transparent mode: see `Custom.air`."""
        return self._custom.air(uid, command, parameters, most, writes=writes)

    @operation
    def reset_field(self) -> None:
        """See `ports.Reader`: off for 15 ms (H20800-16e 6.6). Do nothing if the reader does not have the command."""
        self._channel.ask_optional(control.rf_reset())

    @operation
    def signal(self, signal: Signal) -> None:
        if self.capabilities.can_signal:
            outputs, tenths = _SIGNALS[signal]
            self._channel.ask_optional(control.set_output(outputs, 0, tenths), refuses)


def _limits(info: ReaderInfo | None, most: int) -> tuple[int, int]:
    """Return how many blocks of 4 bytes one read and one write may carry: at most `most`, 32, and what fits into the
    reader's buffers."""
    most = min(most, commands.MAX_BLOCKS)
    if info is None:
        return most, most
    reads = (info.send_buffer - 8) // 5
    writes = (info.receive_buffer - 18) // 4
    return max(1, min(most, reads)), max(1, min(most, writes))
