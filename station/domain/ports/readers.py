"""Readers of labels and of staff badges."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.tag_image import Uid


class Lack(StrEnum):
    """Functions that a reader was found to lack, beyond those that inventory, read and write need. `words/en/reader.po`
    has a sentence for each."""

    INVENTORY_DSFID = "inventory-dsfid"
    """Its inventory does not report DSFIDs."""
    SIZE = "size"
    """It does not report a tag's size. The size in the chip table is used if the tag has the last block of that size
    and no block after it."""
    AFI = "afi"
    """It does not report the AFI."""
    SET_AFI = "set-afi"
    DSFID = "dsfid"
    """It does not report the DSFID."""
    SET_DSFID = "set-dsfid"
    WRITE = "write"
    """It does not write blocks."""
    LOCK = "lock"
    LOCK_STATUS = "lock-status"
    """It reports block security status only in a read."""
    EAS = "eas"
    FIELD_RESET = "field-reset"
    CONFIGURATION = "configuration"
    """Its configuration cannot be read, so the station cannot see whether it hides tags."""
    SIGNAL = "signal"


class ReaderCapabilities(msgspec.Struct, frozen=True):
    """Functions and limits of a reader, so that the core requests nothing else."""

    name: str
    firmware: str = ""
    max_blocks_per_read: int = 32
    max_blocks_per_write: int = 32
    can_signal: bool = False
    can_lock: bool = True
    """`lock_block` works, and `read_blocks` reports the security status."""
    can_eas: bool = False
    can_reset_field: bool = True
    block_sizes: tuple[int, ...] = ()
    """Supported block sizes in bytes; empty = any."""
    antennas: int = 1
    """Number of selectable antenna outputs."""
    iso15693: bool = True
    """True if it reads library labels. False: a reader of badges and NTAG labels, which cannot make library labels."""
    lacks: tuple[Lack, ...] = ()
    """Functions found missing so far, from its refusals and its silence."""
    serial: str = ""
    """Serial number, hexadecimal; "" if the reader does not report one."""
    unproven: tuple[Lack, ...] = ()
    """`Lack.SET_AFI`, `Lack.SET_DSFID`: the reader was not yet seen to change this byte, so that it must be the first
    change of a tag."""

    @property
    def tells_afi(self) -> bool:
        """True if `system_information` has the tag's AFI; else the value there has no meaning."""
        return Lack.AFI not in self.lacks

    @property
    def tells_dsfid(self) -> bool:
        """True if `system_information` has the tag's DSFID; else the value there has no meaning."""
        return Lack.DSFID not in self.lacks

    @property
    def can_write(self) -> bool:
        """True if blocks can be written."""
        return Lack.WRITE not in self.lacks

    @property
    def can_pass_items(self) -> bool:
        """True if it can write whole library tags, so that an item can pass."""
        return self.iso15693 and self.can_write and self.can_afi and self.can_dsfid

    @property
    def can_afi(self) -> bool:
        """True if the AFI can be set and verified by reading it back."""
        return self.tells_afi and Lack.SET_AFI not in self.lacks

    @property
    def can_dsfid(self) -> bool:
        """True if the DSFID can be set and verified by reading it back."""
        return self.tells_dsfid and Lack.SET_DSFID not in self.lacks


class Signal(StrEnum):
    """Signals for a reader's own lamp or buzzer."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Reader(Protocol):
    """An ISO 15693 reader. Every operation on a tag is addressed to one UID.

    Raises `TransportError` (cable), `ProtocolError` (reader), `TagAbsent` (addressed tag silent), `TagRefused` (the
    tag's own error code), `TagsCollide`, and `ChipUnfit` for a function that this chip lacks: then nothing was sent.
    After a write that raises `ReaderSilent`, `RemoteProtocolError` or `TagAbsent`, only a read-back shows the outcome.
    """

    @property
    def capabilities(self) -> ReaderCapabilities: ...

    def inventory(self) -> Inventory:
        """Return all tags in the field, by a full 16-slot anticollision round. An empty field is not an error."""
        ...

    def system_information(self, uid: Uid) -> SystemInformation:
        """Return size, AFI and DSFID. `capabilities.tells_afi` and `tells_dsfid`, read afterwards, show whether the
        latter two are valid."""
        ...

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """Return `count` consecutive blocks with their security status. The driver splits the request to fit the
        reader's limits."""
        ...

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        """Write whole consecutive blocks. Not atomic: after an error each block is old, new or torn."""
        ...

    def write_afi(self, uid: Uid, afi: int) -> None: ...

    def write_dsfid(self, uid: Uid, dsfid: int) -> None: ...

    def lock_block(self, uid: Uid, block: int) -> None:
        """Lock a block. Irreversible."""
        ...

    def read_eas(self, uid: Uid) -> bool: ...

    def write_eas(self, uid: Uid, on: bool) -> None:
        """Set the chip's EAS bit. This and `read_eas` raise `NotPossible` if the reader does not support it (nothing
        was sent)."""
        ...

    def reset_field(self) -> None:
        """Switch the field off for at least 10 ms and on again; every tag restarts. Does nothing if `can_reset_field`
        is False."""
        ...

    def signal(self, signal: Signal) -> None:
        """Use the lamp or buzzer; does nothing if the reader has none."""
        ...

    def reconnect(self) -> None:
        """Open the port (again), greet the reader, and at the bench ask it what it can do; used at the start and after
        a `TransportError`."""
        ...


# --- badges ---------------------------------------------------------------------------------------------------------


class BadgeSeen(msgspec.Struct, frozen=True):
    """A staff badge on the badge reader."""

    uid: str
    """Upper-case hexadecimal in the printed order: 8, 14 or 20 digits (ISO 14443), 16 for a FeliCa card (IDm)."""
    text: str = ""
    """The first text or address of its NDEF message, cleaned, at most 200 characters; "" = none."""
    changing: bool = False
    """True if the UID is random and differs next time (phones, some cards), so that it does not identify a worker. The
    text may."""


class Badges(Protocol):
    """A reader of staff badges. A badge identifies a worker; it never authorizes."""

    def look(self) -> BadgeSeen | None:
        """Return the badge on the reader now, or None. Takes at most some seconds. Raises `TransportError` while the
        reader is disconnected: call again later."""
        ...

    def close(self) -> None:
        """Release the device; the next look opens it again."""
        ...
