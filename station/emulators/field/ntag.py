"""One NTAG213, 215 or 216 in the field (ISO/IEC 14443-3 type A): states Idle, Ready, Active, Halt; frames as bytes.

Source: NXP NTAG213/215/216 product data sheet, revision 3.2 (sections 8.5 memory, 8.7 password, 8.8 counter, 10 commands),
from memory: no copy was available. The parts of the NTAG213F/216F data sheet, revision 3.1, that were read later agree
(8.5.1, 8.5.2, 8.9, 9.3, 10.1, 10.2, 10.4, 10.5, 10.7), and so does NXP's answer on 8.5.3
(community.nxp.com/thread/399134). Factory content of pages 3 to 5, the version bytes and the answer to the first READ
are also in the given conversation of nfcpy with a tag. Not modeled: the ASCII mirror, the originality signature's value
(32 zero bytes), analog limits.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor

from station.emulators.field.assumed import Assumed
from station.emulators.field.file import Tag
from station.emulators.field.tear import unstable

PAGE = 4
CASCADE = 0x88
ACK, NAK_ARGUMENT, NAK_AUTHENTICATION = 0x0A, 0x00, 0x04
COUNTER = "counter"
FAILURES = "failures"
LEAST_RANDOM = 0x08  # ISO/IEC 14443-3 6.5.4: a single-size UID that begins with 08 is random

Program = Callable[[Tag, str, bytes], bool]


@dataclass(frozen=True)
class Said:
    """A tag's answer: whole bytes without their CRC, or `bits` 4 for an acknowledgement. Not `whole`: the tag left
    while it answered, and only these bytes arrived, without a CRC."""

    data: bytes
    bits: int = 8
    whole: bool = True

    @property
    def short(self) -> bool:
        return self.bits < 8


def crc_a(data: bytes) -> bytes:
    """CRC_A (ISO/IEC 14443-3 annex B): reflected 1021, preset 6363, low byte first."""
    value = 0x6363
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return bytes((value & 0xFF, value >> 8))


def check(part: bytes) -> bytes:
    """Return four bytes of a UID with their check byte BCC."""
    return part + bytes((reduce(xor, part),))


class _Refused(Exception):
    def __init__(self, code: int = NAK_ARGUMENT) -> None:
        self.code = code


class _Gone(Exception):
    """The tag lost power while programming: no answer."""


class Picc:
    def __init__(self, tag: Tag, program: Program, rng: random.Random, assumed: Assumed) -> None:
        self.tag = tag
        self.state = "idle"
        self.atqa = bytes.fromhex("4400")
        self.sak = 0x00
        self._woken_from = "idle"
        self._level = 0
        self._authenticated = False
        self._counted = False
        self._program = program
        self._rng = rng
        self._assumed = assumed
        self._config = self._stored_config()
        self._pending: int | None = None  # page of a COMPATIBILITY WRITE whose data has not arrived
        uid = bytes.fromhex(tag.uid)
        self.levels = [check(bytes((CASCADE,)) + uid[:3]), check(uid[3:])] if len(uid) == 7 else [check(uid)]
        self._commands: dict[int, Callable[[bytes], Said]] = {
            0x30: self._read,
            0x3A: self._fast_read,
            0xA2: self._write,
            0xA0: self._compatibility_write,
            0x60: self._version,
            0x39: self._read_counter,
            0x1B: self._authenticate,
            0x3C: self._signature,
        }

    @property
    def settings(self) -> int:
        """Page of CFG0: MIRROR, RFUI, MIRROR_PAGE, AUTH0. CFG1 (ACCESS), PWD and PACK follow it."""
        return self.tag.chip.blocks - 4

    def _stored_config(self) -> bytes:
        return self.tag.cell(str(self.settings)) + self.tag.cell(str(self.settings + 1))

    def off(self) -> None:
        """The field was switched off: return to Idle, forget the password, let the counter count again, and apply a
        written configuration (nfcpy's `protect`, made with real tags, writes AUTH0 before the password)."""
        self._config = self._stored_config()
        self.state = self._woken_from = "idle"
        self._level = 0
        self._authenticated = self._counted = False
        self._pending = None

    # -- finding the tag ----------------------------------------------------------------------------------------------

    def wake(self, *, all_of_them: bool) -> bytes | None:
        """REQA (26) or WUPA (52, `all_of_them`, which halted tags hear, too). Return ATQA, or None."""
        if self.state == "idle" or (self.state == "halt" and all_of_them):
            self._woken_from = self.state
            self.state = "ready"
            self._level = 0
            return self.atqa
        if self.state in ("ready", "active"):  # 8.4: a command that is not allowed here resets the state
            self._fall()
        return None

    def anticollision(self, level: int) -> bytes | None:
        """SDD (93 20, 95 20): return four bytes of this cascade level and their check byte."""
        if self.state != "ready" or level != self._level:
            return None
        return self.levels[level]

    def select(self, level: int, part: bytes) -> int | None:
        """SEL (93 70, 95 70): return SAK, with bit 2 while the UID is not complete. Another tag's UID resets the
        state."""
        if self.state != "ready" or level != self._level:
            return None
        if part != self.levels[level]:
            self._fall()
            return None
        self._level += 1
        if self._level < len(self.levels):
            return 0x04
        self.state = "active"
        return self.sak

    def _fall(self) -> None:
        self.state = self._woken_from
        self._authenticated = False
        self._pending = None

    # -- commands -----------------------------------------------------------------------------------------------------

    def command(self, data: bytes) -> Said | None:
        """Carry out one command (without its CRC, which was right). Return the answer; None for silence."""
        if self.state != "active" or not data:
            return None
        if data[0] == 0x50:
            self.state = "halt"
            self._authenticated = False
            return None
        try:
            if self._pending is not None:
                return self._second_half(data)
            known = self._commands.get(data[0])
            if known is None:
                self._fall()
                return Said(bytes((NAK_ARGUMENT,)), 4) if self._assumed.unknown_is_nak else None
            return known(data[1:])
        except _Refused as refusal:
            self._fall()
            return Said(bytes((refusal.code,)), 4)
        except _Gone:
            return None

    def _page(self, number: int) -> bytes:
        if number in (self.settings + 2, self.settings + 3):
            return bytes(PAGE)  # PWD and PACK cannot be read (8.5.7)
        if str(number) in self.tag.weak:
            return unstable(*self.tag.weak[str(number)], self._rng)
        return self.tag.cell(str(number))

    @property
    def _auth0(self) -> int:
        return self._config[3]

    @property
    def _access(self) -> int:
        return self._config[4]

    def _hidden(self, page: int) -> bool:
        """Return whether the page is read-protected: from AUTH0 on if PROT is set, until the password is given."""
        return bool(self._access & 0x80) and page >= self._auth0 and not self._authenticated

    def _count(self) -> None:
        """NFC_CNT_EN: the first READ or FAST READ after the field was switched on increments the counter (8.8)."""
        if self._counted or not self._access & 0x10:
            return
        self._counted = True
        value = min(int.from_bytes(self.tag.cell(COUNTER), "little") + 1, 0xFFFFFF)
        self._put(COUNTER, value.to_bytes(3, "little"))

    def _read(self, body: bytes) -> Said:
        """Return four pages; after the last readable page the read continues with page 0."""
        if len(body) != 1 or body[0] >= self.tag.chip.blocks or self._hidden(body[0]):
            raise _Refused
        self._count()
        end = self._auth0 if self._hidden(self._auth0) else self.tag.chip.blocks
        end = min(end, self.tag.chip.blocks)
        return Said(b"".join(self._page((body[0] + index) % end) for index in range(4)))

    def _fast_read(self, body: bytes) -> Said:
        if len(body) != 2 or not body[0] <= body[1] < self.tag.chip.blocks or self._hidden(body[1]):
            raise _Refused
        self._count()
        return Said(b"".join(self._page(number) for number in range(body[0], body[1] + 1)))

    def _version(self, body: bytes) -> Said:
        if body:
            raise _Refused
        return Said(bytes.fromhex(self.tag.chip.version))

    def _signature(self, body: bytes) -> Said:
        if body != b"\0":
            raise _Refused
        return Said(bytes(32))

    def _read_counter(self, body: bytes) -> Said:
        guarded = bool(self._access & 0x08) and not self._authenticated
        if body != b"\x02" or not self._access & 0x10 or guarded:
            raise _Refused
        return Said(self.tag.cell(COUNTER))

    def _authenticate(self, body: bytes) -> Said:
        """PWD_AUTH. AUTHLIM wrong passwords block the protected part permanently (8.7.2)."""
        limit = self._access & 0x07
        failures = self.tag.cell(FAILURES)[0]
        if len(body) != PAGE:
            raise _Refused
        if limit and failures >= limit:
            raise _Refused(NAK_AUTHENTICATION)
        if body != self.tag.cell(str(self.settings + 2)):
            if limit:
                self._put(FAILURES, bytes((failures + 1,)))
            raise _Refused
        if failures:
            self._put(FAILURES, b"\0")
        self._authenticated = True
        return Said(self.tag.cell(str(self.settings + 3))[:2])

    # -- programming --------------------------------------------------------------------------------------------------

    def _put(self, cell: str, value: bytes) -> None:
        if not self._program(self.tag, cell, value):
            raise _Gone

    def _write(self, body: bytes) -> Said:
        if len(body) != 1 + PAGE:
            raise _Refused
        self._store(body[0], body[1:])
        return Said(bytes((ACK,)), 4)

    def _compatibility_write(self, body: bytes) -> Said:
        if len(body) != 1 or body[0] >= self.tag.chip.blocks or body[0] < 2:
            raise _Refused
        self._pending = body[0]
        return Said(bytes((ACK,)), 4)

    def _second_half(self, data: bytes) -> Said:
        """Take sixteen bytes, of which the first four are written."""
        page, self._pending = self._pending, None
        if len(data) != 16 or page is None:
            raise _Refused
        self._store(page, data[:PAGE])
        return Said(bytes((ACK,)), 4)

    def _store(self, page: int, value: bytes) -> None:
        """Write a page. In page 2 (lock bytes), page 3 (one-time programmable) and the dynamic lock bytes after the
        user memory, bits can only be set."""
        if page < 2 or page >= self.tag.chip.blocks or self.locked(page):
            raise _Refused
        if page >= self._auth0 and not self._authenticated:
            raise _Refused
        old = self.tag.cell(str(page))
        if page == 2:
            value = old[:2] + self._locks(old[2:], value[2:])
        elif page == 3:
            value = bytes(a | b for a, b in zip(old, value, strict=True))
        elif page == self.settings - 1:
            value = self._dynamic_locks(old[:3], value[:3]) + old[3:]
        self._put(str(page), value)

    @staticmethod
    def _locks(old: bytes, new: bytes) -> bytes:
        """Merge static lock bytes: a block-locking bit (0 to 2 of the first byte) freezes the lock bits of its
        pages."""
        merged = [old[0] | new[0], old[1] | new[1]]
        for bit, frozen in enumerate(((0x08, 0x00), (0xF0, 0x03), (0x00, 0xFC))):
            if old[0] >> bit & 1:
                for index in (0, 1):
                    merged[index] = (merged[index] & ~frozen[index]) | (old[index] & frozen[index])
        return bytes(merged)

    @staticmethod
    def _dynamic_locks(old: bytes, new: bytes) -> bytes:
        """Merge dynamic lock bytes: block-locking bit i of the third byte freezes lock bits 2i and 2i + 1 (8.5.3; one
        bit covers four pages of an NTAG213, thirty-two of a 215 or 216)."""
        before = int.from_bytes(old, "little")
        frozen = sum(0b11 << 2 * index for index in range(8) if old[2] >> index & 1)
        return (before | int.from_bytes(new, "little") & ~frozen).to_bytes(3, "little")

    def locked(self, page: int) -> bool:
        """Return whether the lock bits forbid writing the page."""
        static = self.tag.cell("2")[2:]
        if page == 3:
            return bool(static[0] >> 3 & 1)
        if 4 <= page <= 7:
            return bool(static[0] >> page & 1)
        if 8 <= page <= 15:
            return bool(static[1] >> (page - 8) & 1)
        if self.settings <= page <= self.settings + 1:
            return bool(self._access & 0x40)  # CFGLCK
        if 16 <= page < self.settings - 1:
            dynamic = int.from_bytes(self.tag.cell(str(self.settings - 1))[:2], "little")
            return bool(dynamic >> (page - 16) // self.tag.chip.lock_step & 1)
        return False
