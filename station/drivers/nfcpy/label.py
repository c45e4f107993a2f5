"""One Type 2 tag through a `Frontend`: identify its chip, read and write its user memory page by page, read its locks.

Blocks are pages of user memory: block 0 is page 4. Lock bytes, capability container and configuration cannot be reached.
A tag is found again (field off and on) before each operation, so that a command only reaches the tag with this UID:
Type 2 commands carry no address, and only the selected tag receives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from station.base.errors import RemoteProtocolError, TagAbsent, TagRefused
from station.drivers.nfcpy.frontend import READ_S, WRITE_S, Card, Frontend
from station.drivers.nfcpy.type2 import CHIPS, PAGE, USER, Chip, by_capability, locked_pages

_READ, _WRITE, _VERSION = 0x30, 0xA2, 0x60
_ACK: Final = 0x0A
_STATIC: Final = 12
"""Number of user pages that the static lock bytes cover."""
_AT_ONCE: Final = 4
"""Number of pages that one READ returns."""


@dataclass(frozen=True, slots=True)
class Described:
    """A tag and its chip. `head`: pages 0 to 3."""

    card: Card
    chip: Chip
    head: bytes


def select(frontend: Frontend, uid: bytes) -> Card:
    """Find the tag with this UID and make it active. Raises `TagAbsent`."""
    frontend.field_off()
    card = frontend.find(uid)
    if card is None or card.uid != uid:
        raise TagAbsent("the tag does not answer")
    return card


def describe(frontend: Frontend, uid: bytes) -> Described:
    """Identify the kind of tag. Raises `TagAbsent`, and `TagRefused` if it is not a Type 2 tag or its size is
    unknown."""
    card = select(frontend, uid)
    if not card.type2:
        raise TagRefused(0x01, "not a Type 2 tag")
    chip = _by_version(frontend, uid)
    head = read_pages(frontend, 0)
    chip = chip or by_capability(head)
    if chip is None:
        raise TagRefused(0x01, "a Type 2 tag of an unknown kind")
    return Described(card, chip, head)


def _by_version(frontend: Frontend, uid: bytes) -> Chip | None:
    """Identify the chip by GET_VERSION. A tag without that command goes back to sleep and is selected again."""
    try:
        version = frontend.exchange(bytes((_VERSION,)), READ_S)
    except (TagAbsent, RemoteProtocolError):
        version = b""
    if len(version) != 8:
        select(frontend, uid)
    return CHIPS.get(version)


def read_pages(frontend: Frontend, page: int) -> bytes:
    """Return four pages from `page` on (16 bytes). Raises `TagRefused` if the tag refuses."""
    answer = frontend.exchange(bytes((_READ, page)), READ_S)
    if len(answer) == 1:
        raise TagRefused(0x10, f"NAK {answer[0]:X} to a read", page)
    if len(answer) != _AT_ONCE * PAGE:
        raise RemoteProtocolError("an answer of the wrong length to a read", answer)
    return answer


def write_page(frontend: Frontend, page: int, data: bytes) -> None:
    """Write one page. Raises `TagRefused` (nothing was written), or `TagAbsent` or `RemoteProtocolError`: only a read
    then shows whether the page was written."""
    answer = frontend.exchange(bytes((_WRITE, page)) + data, WRITE_S)
    if len(answer) != 1:
        raise RemoteProtocolError("an answer of the wrong length to a write", answer)
    if answer[0] & 0x0F != _ACK:
        raise TagRefused(0x12, f"NAK {answer[0]:X} to a write", page)


def read_user(frontend: Frontend, first: int, count: int) -> bytes:
    """Return `count` pages of user memory from user page `first` on. The tag must be active."""
    data = bytearray()
    while len(data) < count * PAGE:
        data += read_pages(frontend, USER + first + len(data) // PAGE)
    return bytes(data[: count * PAGE])


def locks(frontend: Frontend, known: Described) -> tuple[bool, ...]:
    """Return for each user page whether it is locked. The tag must be active. A chip that is not in the table may not
    have its dynamic lock bytes after the user memory; if it refuses to read them, only its static ones are known."""
    dynamic = b""
    if known.chip.user_pages > _STATIC:
        try:
            dynamic = read_pages(frontend, known.chip.dynamic_lock_page)
        except TagRefused:
            if known.chip in CHIPS.values():
                raise
            select(frontend, known.card.uid)
    return locked_pages(known.chip, known.head, dynamic)
