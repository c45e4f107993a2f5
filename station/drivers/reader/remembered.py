"""A reader that is asked what it can do after each greeting, before the first item."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from station.base.errors import NotPossible, ProtocolError, ReaderSilent
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.reader_health import LineHealth
from station.domain.tag_image import Uid
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.owner import ManagedReader, learn

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_SHOWS_A_LACK: Final = (ProtocolError, NotPossible, ReaderSilent)


class Remembered:
    """An `owner.ManagedReader` that wraps another one, asks it after each greeting, and keeps what it shows."""

    def __init__(self, reader: ManagedReader, known: KnownReaders, *, asks: bool = True) -> None:
        """`asks` False: the station writes no tag, so the reader is not asked."""
        self._reader = reader
        self._known = known
        self._asks = asks
        self._read: dict[Lack, tuple[Uid, int]] = {}
        """The newest reading of AFI and DSFID."""
        self._written: dict[Lack, tuple[Uid, int]] = {}
        """Writes that were answered and not read back yet."""
        self.line_health: Callable[[], LineHealth] | None = getattr(reader, "line_health", None)

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._known.added(self._reader.capabilities)

    def reconnect(self) -> None:
        """Greet the reader, and ask it what it can do. If it does not say, what is kept counts."""
        self._reader.reconnect()
        if not self._asks:
            return
        try:
            learn(self._reader)
        except (ProtocolError, ReaderSilent) as error:
            _LOG.warning("the reader did not say what it can do: %s", error)
        else:
            self._known.learned(self._reader.capabilities)

    def system_information(self, uid: Uid) -> SystemInformation:
        information = self._performed(lambda: self._reader.system_information(uid))
        can = self._reader.capabilities
        if can.tells_afi:
            self._was_read(Lack.SET_AFI, uid, information.afi)
        if can.tells_dsfid:
            self._was_read(Lack.SET_DSFID, uid, information.dsfid)
        return information

    def _was_read(self, function: Lack, uid: Uid, value: int) -> None:
        """Take a change that is read back as the proof that the reader has the function."""
        tag, before = self._read.get(function, (uid, value))
        if self._written.pop(function, None) == (uid, value) and tag == uid and before != value:
            self._known.proved(self._reader.capabilities, function)
        self._read[function] = uid, value

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._performed(lambda: self._reader.write_afi(uid, afi))
        self._written[Lack.SET_AFI] = uid, afi

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._performed(lambda: self._reader.write_dsfid(uid, dsfid))
        self._written[Lack.SET_DSFID] = uid, dsfid

    def inventory(self) -> Inventory:
        return self._reader.inventory()

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return self._reader.read_blocks(uid, first, count)

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        self._performed(lambda: self._reader.write_blocks(uid, first, data, block_size))

    def lock_block(self, uid: Uid, block: int) -> None:
        self._performed(lambda: self._reader.lock_block(uid, block))

    def read_eas(self, uid: Uid) -> bool:
        return self._reader.read_eas(uid)

    def write_eas(self, uid: Uid, on: bool) -> None:
        self._reader.write_eas(uid, on)

    def reset_field(self) -> None:
        self._reader.reset_field()

    def signal(self, signal: Signal) -> None:
        self._reader.signal(signal)

    def close(self) -> None:
        self._reader.close()

    def _performed(self, act: Callable[[], T]) -> T:
        """Perform an operation; keep a lack that its error shows."""
        try:
            return act()
        except _SHOWS_A_LACK:
            self._known.noted(self._reader.capabilities)
            raise
