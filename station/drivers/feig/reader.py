"""A FEIG OBID ISO-Host reader as `ports.Reader`.

What it sets in the reader, and why (RAM only, renewed at every `reconnect`, never in the EEPROM): factory setting of
CFG5 is "only new tags" (ONT), with which a tag is reported once and then kept quiet. A pad must see what lies on it,
so ONT is cleared; the reader then resets the field before each inventory (H20800-16e 7.1.1). CFG4 must search with 16
slots and without AFI filter, otherwise a second tag could stay unseen. The blocks are known for the families of
H20800-16e only; with any other reader, or where the reader refuses the change of ONT, nothing is set and an RF reset
(69) goes before each inventory instead.

Two exchanges must never be mistaken for each other, and all tag commands share one command byte: after an exchange
that ended without its own answer (or with bytes beside it) the software version is asked first. Its answer has a
command byte of its own and comes after everything that was still under way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar, cast

from station.chips import Feature
from station.clock import Clock
from station.drivers.connection import Connection
from station.drivers.feig import commands
from station.drivers.feig.commands import STATUSES, Blame, Request, error_for
from station.drivers.feig.models import model
from station.drivers.feig.protocol import FeigProtocol
from station.drivers.feig.replies import Event, ReaderInfo, Refused, SoftwareVersion
from station.drivers.limits import most_read, most_written, require
from station.drivers.transport import Transport
from station.errors import (
    LocalProtocolError,
    NotPossible,
    ProtocolError,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TransportError,
)
from station.model import BlocksRead, Inventory, SystemInformation, TagSeen, Uid
from station.ports import ReaderCapabilities, Signal
from station.settings import Reader

_LOG = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)

PSST_S: Final = 0.005
"""Silence before a new frame (H20800-16e 3.1)."""
_MARGIN_S: Final = 0.25
"""Allowed on top of TR-RESPONSE-TIME and wire time: USB latency, a busy machine."""
_BITS_PER_BYTE: Final = 11
_MOST_FETCHES: Final = 64
"""Bound on asking for more inventory records."""
_LARGEST_BLOCK: Final = 32
"""Bytes; ISO/IEC 15693-3 allows no larger block."""

_KNOWN: Final = frozenset({80, 81, 84, 87, 88})
"""SW-TYPE of H20800-16e Annex B: readers whose configuration blocks we know."""
_UNKNOWN_COMMAND: Final = (0x80, 0x81, 0x82)
"""Statuses of a reader that does not have this command (in this form)."""

_CFG4, _ISO15693_MODE, _ONE_SLOT_OR_AFI = 4, 4, 0x30
_CFG5, _ONT_BYTE, _ONT, _ACOLL = 5, 11, 0x01, 0x04

_SIGNALS: Final = {
    Signal.GOOD: (0x0011, 2),  # green and beeper on, 0.2 s
    Signal.WARNING: (0x003C, 6),  # red and beeper in bursts of 5 Hz, 0.6 s
    Signal.BAD: (0x0014, 10),  # red and beeper on, 1 s
}


class FeigReader:
    """Not thread-safe; `session.ReaderOwner` gives it a thread. Closed until `reconnect` succeeds."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._settings = settings
        self._line = Connection(transport_factory, clock, silence_s=PSST_S)
        self._protocol = FeigProtocol(settings.bus_address)
        self._capabilities = ReaderCapabilities("FEIG")
        self._reset_first = True
        self._block_size: tuple[Uid, int] | None = None

    @property
    def capabilities(self) -> ReaderCapabilities:
        """See `ports.Reader`; known after `reconnect`."""
        return self._capabilities

    # --- the line -------------------------------------------------------------------------------------------------

    def reconnect(self) -> None:
        """See `ports.Reader`: close, open, greet, set what is needed."""
        self._line.open()
        self._protocol = FeigProtocol(self._settings.bus_address)
        self._block_size = None
        try:
            self._greet()
        except TransportError as error:
            self._line.drop(error)
            raise
        except ProtocolError as error:
            self._line.drop(ReaderSilent(f"the greeting failed: {error}"))
            raise

    def close(self) -> None:
        """Give the port back; operations raise until `reconnect` succeeds."""
        self._line.close()

    def _greet(self) -> None:
        version = self._first_answer()
        info = self._ask_if_known(commands.reader_info())
        reads, writes = _limits(info, self._settings.most_blocks or commands.MAX_BLOCKS)
        self._capabilities = ReaderCapabilities(
            name=f"FEIG {model(version.software_type)}",
            firmware=f"{version.software >> 8}.{version.software & 0xFF:02d}",
            max_blocks_per_read=reads,
            max_blocks_per_write=writes,
            can_signal=version.software_type in _KNOWN,
        )
        self._reset_first = True
        if version.software_type in _KNOWN:
            self._search_all_tags()
            self._reset_first = not self._report_always()

    def _first_answer(self) -> SoftwareVersion:
        """The software version; a first failure may be the rest of a conversation with somebody else."""
        try:
            return self._ask(commands.software_version())
        except (ReaderSilent, RemoteProtocolError) as error:
            _LOG.info("greeting again: %s", error)
            self._line.doubtful = False
            return self._ask(commands.software_version())

    def _search_all_tags(self) -> None:
        """CFG4: 16 slots, no AFI filter. Raises `ReaderRefused` when a reader set otherwise does not let itself be set."""
        self._set_bits(_CFG4, _ISO15693_MODE, clear=_ONE_SLOT_OR_AFI)

    def _report_always(self) -> bool:
        """CFG5: every tag at every inventory (no ONT), anticollision on. False when the reader refuses."""
        try:
            self._set_bits(_CFG5, _ONT_BYTE, clear=_ONT, put=_ACOLL)
        except ReaderRefused as error:
            _LOG.info("an RF reset goes before each inventory: %s", error)
            return False
        return True

    def _set_bits(self, block: int, at: int, *, clear: int, put: int = 0) -> None:
        old = self._ask(commands.read_configuration(block)).data
        new = bytearray(old)
        new[at] = (new[at] & ~clear) | put
        if new != old:
            self._ask(commands.write_configuration(block, bytes(new)))
            if self._ask(commands.read_configuration(block)).data != new:
                raise ReaderRefused(0x00, f"configuration block {block} did not keep what was set")

    # --- exchanges ------------------------------------------------------------------------------------------------

    def _ask(self, request: Request[E]) -> E:
        """The answer; a refusal is raised as the error it stands for."""
        event = self._exchange(request)
        if isinstance(event, Refused):
            raise error_for(event, request.row)
        return event

    def _ask_if_known(self, request: Request[E]) -> E | None:
        """As `_ask`, but None from a reader that does not have this command."""
        event = self._exchange(request)
        if not isinstance(event, Refused):
            return event
        if event.status in _UNKNOWN_COMMAND:
            return None
        raise error_for(event, request.row)

    def _exchange(self, request: Request[E]) -> E | Refused:
        self._line.settle()
        if self._line.doubtful:
            self._once(commands.software_version())
            self._line.doubtful = False
        return self._once(request)

    def _once(self, request: Request[E]) -> E | Refused:
        wire = (len(request.data) + 255) * _BITS_PER_BYTE / self._settings.baud
        seconds = self._settings.answer_ms / 1000 + wire + _MARGIN_S
        # The protocol returns what this request's own parser made, or a refusal.
        return cast("E | Refused", self._line.ask(self._protocol, request, seconds, request.row.name))

    # --- tags -----------------------------------------------------------------------------------------------------

    def inventory(self) -> Inventory:
        """See `ports.Reader`. Records that the reader could not send at once (status 94) are fetched."""
        if self._reset_first:
            self._ask(commands.rf_reset())
        answer = self._ask(commands.inventory())
        found: dict[Uid, TagSeen] = {tag.uid: tag for tag in answer.tags}
        unresolved = answer.unresolved
        fetches = 0
        while answer.more:
            fetches += 1
            before = len(found)
            answer = self._ask(commands.inventory(more=True))
            found |= {tag.uid: tag for tag in answer.tags}
            unresolved = unresolved or answer.unresolved
            if len(found) == before or fetches == _MOST_FETCHES:
                unresolved = unresolved or answer.more
                break
        return Inventory(tuple(found.values()), collision=unresolved)

    def system_information(self, uid: Uid) -> SystemInformation:
        """See `ports.Reader`."""
        require(uid, Feature.SYSTEM_INFORMATION)
        answer = self._ask(commands.system_information(uid))
        self._block_size = (uid, answer.block_size)
        return SystemInformation(
            uid, answer.dsfid, answer.afi, answer.block_size, answer.block_count, answer.ic_reference
        )

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """See `ports.Reader`. While the block size is not known, no more is asked for than always fits."""
        if count < 1:
            raise LocalProtocolError(f"{count} blocks cannot be read")
        data = bytearray()
        locked: list[bool] = []
        size = self._block_size[1] if self._block_size and self._block_size[0] == uid else 0
        while len(locked) < count:
            allowed = most_read(uid, self._capabilities.max_blocks_per_read)
            most = min(allowed, commands.MAX_DATA // (size or _LARGEST_BLOCK))
            part = min(most, count - len(locked))
            answer = self._ask(commands.read_blocks(uid, first + len(locked), part, security=True))
            if size and answer.block_size != size:
                raise RemoteProtocolError(f"blocks of {answer.block_size} bytes on a tag with blocks of {size}")
            size = answer.block_size
            data += answer.data
            locked += answer.locked
        self._block_size = (uid, size)
        return BlocksRead(first, size, bytes(data), tuple(locked))

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        """See `ports.Reader`."""
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

    def write_afi(self, uid: Uid, afi: int) -> None:
        """See `ports.Reader`."""
        require(uid, Feature.AFI)
        self._change(uid, commands.write_afi(uid, afi))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        """See `ports.Reader`."""
        require(uid, Feature.DSFID)
        self._change(uid, commands.write_dsfid(uid, dsfid))

    def lock_block(self, uid: Uid, block: int) -> None:
        """See `ports.Reader`."""
        require(uid, Feature.LOCK)
        self._change(uid, commands.lock_blocks(uid, block, 1))

    def _change(self, uid: Uid, request: Request[E]) -> None:
        """A write-alike. Status 03 says "write error" both of a tag that cannot and of one that has gone: a look at
        the tag tells which, so that a lifted item is not called a bad tag."""
        event = self._exchange(request)
        if not isinstance(event, Refused):
            return
        error = error_for(event, request.row)
        if event.status == 0x03:
            look = self._exchange(commands.read_blocks(uid, 0, 1, security=False))
            if isinstance(look, Refused) and STATUSES[look.status].blame is Blame.TAG_SILENT:
                raise error_for(look, request.row) from error
        raise error

    def read_eas(self, uid: Uid) -> bool:
        """See `ports.Reader`: the custom commands (B1) are gone from the firmware of the CPR readers and not sent."""
        del uid
        raise NotPossible("a FEIG reader cannot tell the EAS bit")

    def write_eas(self, uid: Uid, on: bool) -> None:
        """See `ports.Reader`."""
        del uid, on
        raise NotPossible("a FEIG reader cannot set the EAS bit")

    def reset_field(self) -> None:
        """See `ports.Reader`: off for 15 ms (H20800-16e 6.6)."""
        self._ask(commands.rf_reset())

    def signal(self, signal: Signal) -> None:
        """See `ports.Reader`."""
        if self._capabilities.can_signal:
            outputs, tenths = _SIGNALS[signal]
            self._ask_if_known(commands.set_output(outputs, 0, tenths))


def _limits(info: ReaderInfo | None, most: int) -> tuple[int, int]:
    """Blocks of 4 bytes a read and a write may carry: 32 or fewer, or what fits into the buffers that the reader names."""
    most = min(most, commands.MAX_BLOCKS)
    if info is None:
        return most, most
    reads = (info.send_buffer - 8) // 5
    writes = (info.receive_buffer - 18) // 4
    return max(1, min(most, reads)), max(1, min(most, writes))
