"""A reader of Type 2 labels (NTAG) through nfcpy, as `ports.Reader`.

It cannot read library labels: a PN532 has no ISO 15693 at all (nfcpy issue 209). So `capabilities.iso15693` is False,
AFI, DSFID, EAS and locks are refused before anything is sent, and the bench refuses to write a library label with it.
It offers UIDs of 4, 7 or 10 bytes, and the user memory of a Type 2 tag as blocks of 4 bytes, of which block 0 is page
4.

An inventory wakes the tags one by one and puts each to sleep; `_MOST_TAGS` or more count as a collision.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from station.base.clock import Clock
from station.base.errors import (
    LocalProtocolError,
    NotPossible,
    PortMissing,
    ProtocolError,
    TransportError,
)
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.tag_image import Uid
from station.drivers.line.serial import Transport
from station.drivers.nfcpy import label
from station.drivers.nfcpy.frontend import OPENING_S, Frontend, opener
from station.drivers.nfcpy.type2 import PAGE, USER

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_MOST_TAGS: Final = 8
_FIND_S: Final = 2.0
"""Seconds to find one tag: nfcpy allows a PN532 1 s, and its udp device too."""
_PAGE_S: Final = 0.6
"""Seconds for one exchange with a tag: eight frames of nfcpy at 115200 baud, and the time on the air."""
_NO_BYTES: Final = "a Type 2 tag has no {}"


def number(uid: Uid) -> bytes:
    """Return the bytes of a UID of 4, 7 or 10 bytes. Raises `LocalProtocolError` for another length (a library label
    has 8)."""
    try:
        data = bytes.fromhex(uid)
    except ValueError:
        data = b""
    if len(data) not in (4, 7, 10):
        raise LocalProtocolError(f"{uid} is not a UID of ISO 14443")
    return data


class NfcpyReader:
    """Not thread-safe; `owner.ReaderOwner` gives it a thread. Closed until `reconnect` succeeds."""

    def __init__(self, transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        """`settings.port` decides whether the line is the station's (a PN532) or is opened by nfcpy (usb..., udp...).
        No operation takes longer than `settings.operation_ms`."""
        self._longest_s = settings.operation_ms / 1000
        self._open = opener(settings.port, transport_factory, clock, min(OPENING_S, self._longest_s))
        self._frontend: Frontend | None = None
        self._down: TransportError = PortMissing("the port was not opened yet")
        self._capabilities = _capabilities("nfcpy", "")

    @property
    def capabilities(self) -> ReaderCapabilities:
        """See `ports.Reader`; the device is known after `reconnect`."""
        return self._capabilities

    # --- the line -------------------------------------------------------------------------------------------------

    def reconnect(self) -> None:
        """See `ports.Reader`: close, open, greet. The device is not put to sleep first, because it is woken again at
        once and that would cost time."""
        self._drop(PortMissing("the port is closed"), farewell=False)
        try:
            self._frontend = self._open()
        except TransportError as error:
            self._down = error
            raise
        self._capabilities = _capabilities("nfcpy", self._frontend.name)

    def close(self) -> None:
        """Release the port. Operations raise until `reconnect` succeeds."""
        self._drop(PortMissing("the port is closed"), farewell=True)

    def _drop(self, why: TransportError, *, farewell: bool) -> None:
        """Release the port. `farewell`: the device still answers, so it can be put to sleep."""
        self._down = why
        frontend, self._frontend = self._frontend, None
        if frontend is not None:
            try:
                frontend.close(farewell=farewell)
            except (TransportError, ProtocolError) as error:
                _LOG.info("closing: %s", error)

    def _run(self, seconds: float, job: Callable[[Frontend], T]) -> T:
        frontend = self._frontend
        if frontend is None:
            raise type(self._down)(self._down.detail)
        try:
            with frontend.within(min(seconds, self._longest_s)):
                return job(frontend)
        except TransportError as error:
            self._drop(error, farewell=False)
            raise

    # --- tags -----------------------------------------------------------------------------------------------------

    def inventory(self) -> Inventory:
        """See `ports.Reader`. A tag that cannot be put to sleep is found twice, which ends the inventory."""
        return self._run(_FIND_S * (_MOST_TAGS + 1), self._all)

    @staticmethod
    def _all(frontend: Frontend) -> Inventory:
        frontend.field_off()
        seen: list[TagSeen] = []
        while len(seen) < _MOST_TAGS:
            card = frontend.find()
            if card is None:
                break
            uid = Uid(card.uid.hex().upper())
            if any(tag.uid == uid for tag in seen):
                break
            seen.append(TagSeen(uid, 0))
            frontend.halt()
        frontend.field_off()
        return Inventory(tuple(seen), collision=len(seen) == _MOST_TAGS)

    def system_information(self, uid: Uid) -> SystemInformation:
        """See `ports.Reader`: the size of the user memory. DSFID and AFI do not exist and are 0."""
        wanted = number(uid)
        known = self._run(_FIND_S * 3 + _PAGE_S * 2, lambda frontend: label.describe(frontend, wanted))
        return SystemInformation(uid, 0, 0, PAGE, known.chip.user_pages)

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """See `ports.Reader`. The locks come from the tag's lock bytes."""
        wanted = number(uid)
        if count < 1 or first < 0:
            raise LocalProtocolError(f"{count} blocks from {first} cannot be read")

        def job(frontend: Frontend) -> BlocksRead:
            known = label.describe(frontend, wanted)
            self._inside(known, first, count)
            data = label.read_user(frontend, first, count)
            locked = label.locks(frontend, known)
            return BlocksRead(first, PAGE, data, locked[first : first + count])

        return self._run(_FIND_S * 4 + _PAGE_S * (4 + count / 4), job)

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        """See `ports.Reader`. Raises `NotPossible` for blocks of another size than 4 bytes."""
        if block_size != PAGE:
            raise NotPossible(f"a Type 2 tag has pages of {PAGE} bytes, not {block_size}")
        if first < 0 or not data or len(data) % PAGE:
            raise LocalProtocolError(f"{len(data)} bytes from {first} are not whole pages")
        wanted, count = number(uid), len(data) // PAGE

        def job(frontend: Frontend) -> None:
            self._inside(label.describe(frontend, wanted), first, count)
            for index in range(count):
                part = data[index * PAGE : (index + 1) * PAGE]
                label.write_page(frontend, USER + first + index, part)

        self._run(_FIND_S * 3 + _PAGE_S * (2 + count), job)

    @staticmethod
    def _inside(known: label.Described, first: int, count: int) -> None:
        if first + count > known.chip.user_pages:
            raise LocalProtocolError(f"{known.chip.name} has user pages 0 to {known.chip.user_pages - 1}")

    # --- not supported ----------------------------------------------------------------------------------------------

    def write_afi(self, uid: Uid, afi: int) -> None:
        """Raises `NotPossible`."""
        del uid, afi
        raise NotPossible(_NO_BYTES.format("AFI"))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        """Raises `NotPossible`."""
        del uid, dsfid
        raise NotPossible(_NO_BYTES.format("DSFID"))

    def lock_block(self, uid: Uid, block: int) -> None:
        """Raises `NotPossible`: from page 16 on, one lock bit locks two pages or more, not only the requested one."""
        del uid, block
        raise NotPossible("the lock bits of a Type 2 tag cover several pages; nothing was locked")

    def read_eas(self, uid: Uid) -> bool:
        """Raises `NotPossible`."""
        del uid
        raise NotPossible(_NO_BYTES.format("EAS bit"))

    def write_eas(self, uid: Uid, on: bool) -> None:
        """Raises `NotPossible`."""
        del uid, on
        raise NotPossible(_NO_BYTES.format("EAS bit"))

    def reset_field(self) -> None:
        self._run(_FIND_S, lambda frontend: frontend.field_off())

    def signal(self, signal: Signal) -> None:
        """Do nothing: nfcpy supports no lamp and no buzzer here."""


def _capabilities(name: str, device: str) -> ReaderCapabilities:
    return ReaderCapabilities(
        name,
        firmware=device,
        max_blocks_per_read=4,
        max_blocks_per_write=1,
        can_lock=False,
        can_eas=False,
        block_sizes=(PAGE,),
        iso15693=False,
    )
