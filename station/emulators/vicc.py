"""One tag in the field, speaking ISO/IEC 15693-3 in bytes: states Ready, Quiet, Selected; requests in, answers out.

Errors are answered in addressed and selected mode only; otherwise the tag remains silent (recollection, as NXP data
sheets put it).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from station.emulators import air
from station.emulators.tags import AFI, DSFID, EAS, LOCK, Tag
from station.emulators.tear import unstable

# The 256-bit sequence of the EAS alarm (NXP SL2S2002/2102 data sheet, converted in the project's notes 6.6).
EAS_SEQUENCE = bytes.fromhex("2fb36270d5a7907fe8b18038d281497682da9a866faf8bb0f19cd112a57237ef")

Program = Callable[[Tag, str, bytes], bool]


class _Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class _Gone(Exception):
    """The tag lost power while programming: no answer."""


class _Silent(Exception):
    """What was asked for is answered by silence."""


class Vicc:
    def __init__(self, tag: Tag, program: Program, refuse_lock: Callable[[], bool], rng: random.Random) -> None:
        self.tag = tag
        self.state = "ready"
        self._program = program
        self._refuse_lock = refuse_lock
        self._rng = rng
        self._uid = bytes.fromhex(tag.uid)[::-1]  # as on the air
        self._commands: dict[int, Callable[[bool, bytes], bytes]] = {
            0x20: self._read_single,
            0x21: self._write_single,
            0x22: self._lock_block,
            0x23: self._read_multiple,
            0x26: self._reset_to_ready,
            0x27: lambda option, body: self._write_register(AFI, option, body),
            0x28: lambda option, body: self._lock_register(AFI, option, body),
            0x29: lambda option, body: self._write_register(DSFID, option, body),
            0x2A: lambda option, body: self._lock_register(DSFID, option, body),
            0x2B: self._system_information,
            0x2C: self._security_status,
            0xA2: lambda option, body: self._write_eas(b"\x01", option, body),
            0xA3: lambda option, body: self._write_eas(b"\x00", option, body),
            0xA4: lambda option, body: self._lock_eas(option, body),
            0xA5: self._eas_alarm,
        }

    def inventory(self, frame: bytes) -> tuple[int, bytes] | None:
        """(slot, answer) to an inventory request; None when quiet, masked out or of another family."""
        if not air.intact(frame) or not frame[0] & air.INVENTORY or frame[1] != 0x01 or self.state == "quiet":
            return None
        flags, rest = frame[0], frame[2:-2]
        if flags & air.AFI_FLAG:
            if not self._family(rest[0]):
                return None
            rest = rest[1:]
        length = rest[0]
        number = int.from_bytes(self._uid, "little")
        mask = int.from_bytes(rest[1 : 1 + (length + 7) // 8], "little")
        if (number ^ mask) & ((1 << length) - 1):
            return None
        slot = 0 if flags & air.ONE_SLOT else (number >> length) & 0x0F
        return slot, air.seal(b"\x00" + self._cell(DSFID) + self._uid)

    def _family(self, wanted: int) -> bool:
        """AFI filter: 00 all, x0 a family, else exactly (ISO/IEC 15693-3 table 1)."""
        if wanted & 0x0F == 0:
            return wanted == 0 or wanted >> 4 == self.tag.afi >> 4
        return wanted == self.tag.afi or (wanted >> 4 == 0 and wanted & 0x0F == self.tag.afi & 0x0F)

    def answer(self, frame: bytes) -> bytes | None:
        """Answer to any other request, or None: not for this tag, damaged, or an error nobody is told of."""
        if not air.intact(frame) or len(frame) < 4 or frame[0] & air.INVENTORY:
            return None
        flags, code, body = frame[0], frame[1], frame[2:-2]
        if air.custom(code):
            if body[:1] != self._uid[6:7]:
                return None  # another maker's command: silence (NXP data sheets)
            body = body[1:]
        addressed, selected = bool(flags & air.ADDRESS), bool(flags & air.SELECT)
        mine = addressed and body[:8] == self._uid
        if code == 0x25 and addressed and not mine and self.state == "selected":
            self.state = "ready"  # somebody else was selected
        if addressed:
            if not mine:
                return None
            body = body[8:]
        elif (selected and self.state != "selected") or self.state == "quiet":
            return None
        if code == 0x02:
            self.state = "quiet" if addressed else self.state
            return None
        if code == 0x25:
            self.state = "selected" if addressed else self.state
            return air.seal(b"\x00") if addressed else None
        try:
            return air.seal(b"\x00" + self._run(code, bool(flags & air.OPTION), body))
        except _Refused as refusal:
            return air.seal(bytes((0x01, refusal.code))) if addressed or selected else None
        except (_Gone, _Silent):
            return None

    def _run(self, code: int, option: bool, body: bytes) -> bytes:
        command = self._commands.get(code)
        if command is None or code in self.tag.chip.refused or (air.custom(code) and not self.tag.chip.eas):
            raise _Refused(air.NOT_SUPPORTED)
        return command(option, body)

    # -- EAS, NXP ICODE ----------------------------------------------------------------------------------------

    def _write_eas(self, value: bytes, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 0)
        if EAS in self.tag.locked:
            raise _Refused(air.LOCKED)
        return self._put(EAS, value)

    def _lock_eas(self, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 0)
        return self._lock(EAS)

    def _eas_alarm(self, option: bool, body: bytes) -> bytes:
        """With the bit off there is no answer (data sheet): the same silence as that of no tag."""
        del option, body
        if not self.tag.eas:
            raise _Silent
        return EAS_SEQUENCE

    # -- reading -----------------------------------------------------------------------------------------------

    def _block(self, number: int, option: bool) -> bytes:
        return (self._security(number) if option else b"") + self._cell(str(number))

    def _cell(self, name: str) -> bytes:
        """Weak bits read differently from one read to the next."""
        if name in self.tag.weak:
            return unstable(*self.tag.weak[name], self._rng)
        return self.tag.cell(name)

    def _security(self, number: int) -> bytes:
        known = self.tag.chip.lock_in_read and str(number) in self.tag.locked
        return b"\x01" if known else b"\x00"

    def _range(self, body: bytes) -> tuple[int, int]:
        """First block and count of a multi-block request (the air carries n-1)."""
        if len(body) != 2:
            raise _Refused(air.NOT_RECOGNISED)
        if body[0] >= self.tag.chip.blocks:
            raise _Refused(air.NO_BLOCK)
        return body[0], body[1] + 1

    def _read_single(self, option: bool, body: bytes) -> bytes:
        if len(body) != 1:
            raise _Refused(air.NOT_RECOGNISED)
        return self._block(self._known(body[0]), option)

    def _read_multiple(self, option: bool, body: bytes) -> bytes:
        first, count = self._range(body)
        self._known(first + count - 1)
        return b"".join(self._block(number, option) for number in range(first, first + count))

    def _security_status(self, option: bool, body: bytes) -> bytes:
        del option
        first, count = self._range(body)
        last = first + count
        if last > self.tag.chip.blocks:
            if not self.tag.chip.short_security:
                raise _Refused(air.NO_BLOCK)
            last = self.tag.chip.blocks
        return bytes(str(number) in self.tag.locked for number in range(first, last))

    def _system_information(self, option: bool, body: bytes) -> bytes:
        del option
        if body:
            raise _Refused(air.NOT_RECOGNISED)
        chip = self.tag.chip
        return (
            b"\x0f"
            + self._uid
            + self._cell(DSFID)
            + self._cell(AFI)
            + bytes((chip.blocks - 1, chip.block_size - 1, chip.ic_ref))
        )

    def _reset_to_ready(self, option: bool, body: bytes) -> bytes:
        del option, body
        self.state = "ready"
        return b""

    # -- programming -------------------------------------------------------------------------------------------

    def _known(self, number: int) -> int:
        if number >= self.tag.chip.blocks:
            raise _Refused(air.NO_BLOCK)
        return number

    def _demand(self, option: bool, body: bytes, length: int) -> None:
        if len(body) != length:
            raise _Refused(air.NOT_RECOGNISED)
        if option != bool(self.tag.chip.write_option):
            raise _Refused(air.OPTION_NOT_SUPPORTED)

    def _put(self, cell: str, value: bytes) -> bytes:
        if not self._program(self.tag, cell, value):
            raise _Gone
        return b""

    def _write_single(self, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 1 + self.tag.chip.block_size)
        number, value = self._known(body[0]), body[1:]
        if str(number) in self.tag.locked:
            raise _Refused(air.LOCKED)
        if number == self.tag.chip.counter_block:
            value = self._counted(number, value)
        return self._put(str(number), value)

    def _counted(self, number: int, value: bytes) -> bytes:
        """01 00 00 00 counts one up; a preset needs a password, which nobody has here (SLIX2 data sheet, recollection)."""
        if value != b"\x01\x00\x00\x00":
            raise _Refused(air.UNKNOWN_ERROR)
        counter = int.from_bytes(self.tag.cell(str(number))[:2], "little")
        if counter == 0xFFFF:
            raise _Refused(air.UNKNOWN_ERROR)
        return (counter + 1).to_bytes(2, "little") + self.tag.cell(str(number))[2:]

    def _write_register(self, cell: str, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 1)
        if cell in self.tag.locked:
            raise _Refused(air.LOCKED)
        return self._put(cell, body)

    def _lock_block(self, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 1)
        return self._lock(str(self._known(body[0])))

    def _lock_register(self, cell: str, option: bool, body: bytes) -> bytes:
        self._demand(option, body, 0)
        return self._lock(cell)

    def _lock(self, cell: str) -> bytes:
        if cell in self.tag.locked:
            raise _Refused(air.ALREADY_LOCKED)
        if self._refuse_lock():
            raise _Refused(air.NOT_LOCKED)
        return self._put(LOCK + cell, b"\x01")
