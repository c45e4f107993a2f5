"""NFC Forum Type 2 tags as data: chips, memory layout, locked pages, position of the NDEF message. Pure.

Sources: NXP NTAG213/215/216 data sheet rev. 3.2 (version bytes, memory, lock bytes), NFC Forum Type 2 Tag Operation
(capability container, TLV). Version bytes and the first pages are also in the given conversation of nfcpy with an
NTAG213 (traces/nfcpy-pn532-ntag213.jsonl).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAGE: Final = 4
USER: Final = 4
"""Number of the first page of user memory."""
CAPABILITY: Final = 12
"""Offset of the capability container in bytes."""
_NDEF_MAGIC: Final = 0xE1
_NULL, _LOCK_CONTROL, _MEMORY_CONTROL, _NDEF, _END = 0x00, 0x01, 0x02, 0x03, 0xFE
_LONG: Final = 0xFF


@dataclass(frozen=True, slots=True)
class Chip:
    """One kind of Type 2 tag. `user_pages`: number of pages from page 4 on. `lock_step`: number of pages that one
    dynamic lock bit covers."""

    name: str
    user_pages: int
    lock_step: int = 2

    @property
    def dynamic_lock_page(self) -> int:
        """Number of the page with the dynamic lock bytes, which follows the user memory."""
        return USER + self.user_pages


CHIPS: Final[dict[bytes, Chip]] = {
    bytes.fromhex("0004040201000f03"): Chip("NTAG213", 36),
    bytes.fromhex("0004040201001103"): Chip("NTAG215", 126, 16),
    bytes.fromhex("0004040201001303"): Chip("NTAG216", 222, 16),
}
"""Chip for each answer to GET_VERSION."""


def by_capability(head: bytes) -> Chip | None:
    """Return a chip that is not in the table, from its capability container (third byte: size of the data in units of 8
    bytes); None if the tag was never prepared for NDEF. `head`: the first four pages."""
    container = head[CAPABILITY : CAPABILITY + 4]
    if len(container) < 4 or container[0] != _NDEF_MAGIC or container[1] >> 4 != 1 or not container[2]:
        return None
    return Chip("Type 2 tag", container[2] * 8 // PAGE)


def locked_pages(chip: Chip, head: bytes, dynamic: bytes) -> tuple[bool, ...]:
    """Return for each user page whether it is locked. `head`: the first four pages (static lock bytes 10 and 11, for
    pages 4 to 15). `dynamic`: the page with the dynamic lock bytes; empty if it is not known."""
    static = head[10] | head[11] << 8
    moving = int.from_bytes(dynamic[:2], "little")
    read_only = head[CAPABILITY] == _NDEF_MAGIC and head[CAPABILITY + 3] & 0x0F != 0
    found = []
    for page in range(USER, USER + chip.user_pages):
        bit = static >> page & 1 if page < 16 else moving >> (page - 16) // chip.lock_step & 1
        found.append(bool(bit) or read_only)
    return tuple(found)


def find_message(user: bytes) -> bytes | None:
    """Return the NDEF message in the user memory (from page 4 on); None if there is none, or if it exceeds the
    memory."""
    at = 0
    while at < len(user):
        kind, at = user[at], at + 1
        if kind == _NULL:
            continue
        if kind == _END or at >= len(user):
            return None
        length, at = user[at], at + 1
        if length == _LONG:
            if at + 2 > len(user):
                return None
            length, at = int.from_bytes(user[at : at + 2], "big"), at + 2
        if at + length > len(user):
            return None
        if kind == _NDEF:
            return user[at : at + length]
        at += length
    return None


def with_message(user: bytes, message: bytes) -> bytes | None:
    """Return the user memory with its message replaced by this one; None if it does not fit. TLVs before the message
    (lock control) and the bytes after it are kept."""
    at = _first_message(user)
    head = bytes((_NDEF, len(message))) if len(message) < _LONG else b"\x03\xff" + len(message).to_bytes(2, "big")
    new = user[:at] + head + message
    if len(new) > len(user):
        return None
    if len(new) < len(user):
        new += bytes((_END,))
    return new + user[len(new) :]


def message_steps(user: bytes, message: bytes) -> tuple[tuple[int, bytes], ...] | None:
    """Return the user pages to write, in order, that put `message` on the tag; None if it does not fit.

    If the writing stops anywhere, the tag holds the old message, the new one or an empty one, never half of one: the
    length is set to 0 first and to its new value last (NFC Forum Type 2 Tag Operation 6.4.3). Unchanged pages are not
    written.
    """
    new = with_message(user, message)
    if new is None:
        return None
    if new == user:
        return ()
    length_at = _first_message(user) + 1
    page = length_at // PAGE
    emptied = bytearray(new[page * PAGE : (page + 1) * PAGE])
    emptied[length_at % PAGE] = 0
    steps = [(page, bytes(emptied))]
    for other in range(len(user) // PAGE):
        part = new[other * PAGE : (other + 1) * PAGE]
        if other != page and part != user[other * PAGE : (other + 1) * PAGE]:
            steps.append((other, part))
    return (*steps, (page, new[page * PAGE : (page + 1) * PAGE]))


def _first_message(user: bytes) -> int:
    """Return the offset of the NDEF TLV, or the offset where one can begin: after lock and memory control."""
    at = 0
    while at < len(user) and user[at] in (_NULL, _LOCK_CONTROL, _MEMORY_CONTROL):
        if user[at] == _NULL:
            if not any(user[at:]):
                break
            at += 1
        elif at + 1 < len(user) and user[at + 1] == 3:
            at += 5
        else:
            break
    return min(at, len(user))
