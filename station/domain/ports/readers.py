"""Readers of labels and of staff badges."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from station.domain.snapshot import BlocksRead, Inventory, SystemInformation
from station.domain.tag_image import Uid


class Lack(StrEnum):
    """What a reader was found not to have, beside what inventory, read and write need. `words/en/reader.po` says each in a
    sentence."""

    INVENTORY_DSFID = "inventory-dsfid"
    """An inventory without the DSFIDs."""
    SIZE = "size"
    """It does not tell a tag's size: that of the chip's row is taken where the tag has its last block and no other."""
    AFI = "afi"
    """It does not tell the AFI."""
    SET_AFI = "set-afi"
    DSFID = "dsfid"
    """It does not tell the DSFID."""
    SET_DSFID = "set-dsfid"
    LOCK = "lock"
    LOCK_STATUS = "lock-status"
    """No block security status but that in a read."""
    EAS = "eas"
    FIELD_RESET = "field-reset"
    CONFIGURATION = "configuration"
    """It does not let its configuration be looked at: whether it hides tags cannot be seen."""
    SIGNAL = "signal"


class ReaderCapabilities(msgspec.Struct, frozen=True):
    """What a reader can do, so that the core asks for nothing else."""

    name: str
    firmware: str = ""
    max_blocks_per_read: int = 32
    max_blocks_per_write: int = 32
    can_signal: bool = False
    can_lock: bool = True
    """`lock_block` works, and `read_blocks` tells the security status."""
    can_eas: bool = False
    can_reset_field: bool = True
    block_sizes: tuple[int, ...] = ()
    """Bytes a block may have; empty = any."""
    antennas: int = 1
    """Antenna outputs that can be chosen between."""
    iso15693: bool = True
    """Reads library labels; False: a reader of badges and NTAG labels, with which no library label can be made."""
    lacks: tuple[Lack, ...] = ()
    """What it was found not to have so far, by its refusals and its silence."""

    @property
    def tells_afi(self) -> bool:
        """`system_information` has the tag's AFI; else the number there means nothing."""
        return Lack.AFI not in self.lacks

    @property
    def tells_dsfid(self) -> bool:
        """`system_information` has the tag's DSFID; else the number there means nothing."""
        return Lack.DSFID not in self.lacks

    @property
    def can_afi(self) -> bool:
        """The AFI can be set, and proven by reading it back."""
        return self.tells_afi and Lack.SET_AFI not in self.lacks

    @property
    def can_dsfid(self) -> bool:
        """The DSFID can be set, and proven by reading it back."""
        return self.tells_dsfid and Lack.SET_DSFID not in self.lacks


class Signal(StrEnum):
    """What a reader's own lamp or buzzer can tell."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Reader(Protocol):
    """An ISO 15693 reader. Every operation on a tag is addressed to one UID.

    Raises `TransportError` (cable), `ProtocolError` (reader), `TagAbsent` (addressed tag silent), `TagRefused`
    (the tag's own error code), `TagsCollide`, and `ChipUnfit` for what this chip does not have: then nothing was sent.
    After a write that raises `ReaderSilent`, `RemoteProtocolError` or `TagAbsent` only a read-back tells the outcome.
    """

    @property
    def capabilities(self) -> ReaderCapabilities: ...

    def inventory(self) -> Inventory:
        """Everything in the field, by a full 16-slot anticollision round; an empty field is no error."""
        ...

    def system_information(self, uid: Uid) -> SystemInformation:
        """Size, AFI and DSFID. `capabilities.tells_afi` and `tells_dsfid`, read afterwards, say whether the latter two mean
        anything."""
        ...

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """`count` consecutive blocks with their security status; split to the reader's limits inside."""
        ...

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        """Write whole consecutive blocks. Not atomic: after an error each block is old, new or torn."""
        ...

    def write_afi(self, uid: Uid, afi: int) -> None: ...

    def write_dsfid(self, uid: Uid, dsfid: int) -> None: ...

    def lock_block(self, uid: Uid, block: int) -> None:
        """Irreversible."""
        ...

    def read_eas(self, uid: Uid) -> bool: ...

    def write_eas(self, uid: Uid, on: bool) -> None:
        """The chip's EAS bit; both raise `NotPossible` where the reader has no way to it (nothing was sent)."""
        ...

    def reset_field(self) -> None:
        """Field off for at least 10 ms and on again; every tag starts anew. Nothing, where `can_reset_field` is False."""
        ...

    def signal(self, signal: Signal) -> None:
        """Lamp or buzzer; does nothing where there is none."""
        ...

    def reconnect(self) -> None:
        """Open the port (again) and greet the reader; used at the start and after a `TransportError`."""
        ...


# --- badges ---------------------------------------------------------------------------------------------------------


class BadgeSeen(msgspec.Struct, frozen=True):
    """A staff badge on the badge reader."""

    uid: str
    """Upper-case hexadecimal, 8, 14 or 20 digits (ISO 14443), 16 of a FeliCa card (IDm); in the printed order."""
    text: str = ""
    """The first text or address of its NDEF message, clean, at most 200 characters; "" = none."""
    changing: bool = False
    """The UID is random and differs next time (phones, some cards): it identifies nobody. The text may."""


class Badges(Protocol):
    """A reader of staff badges. What it sees identifies; it never authorises."""

    def look(self) -> BadgeSeen | None:
        """What lies there now; None when nothing does. Ends within some seconds. Raises `TransportError` while the reader
        is away: just look again later."""
        ...

    def close(self) -> None:
        """Give the device back; the next look opens it again."""
        ...
