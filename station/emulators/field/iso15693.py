"""One ISO/IEC 15693-3 tag in the field: states Ready, Quiet, Selected; requests and answers as bytes.

Errors are answered in addressed and selected mode only; otherwise the tag remains silent (from memory of NXP's data
sheets).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from station.emulators.field import air
from station.emulators.field.assumed import Assumed
from station.emulators.field.file import AFI, DSFID, LOCK, Tag
from station.emulators.field.icode import Icode
from station.emulators.field.refusal import Gone, Refused, Silent
from station.emulators.field.tear import unstable

NXP = 0x04
Program = Callable[[Tag, str, bytes], bool]


class Vicc:
    def __init__(
        self, tag: Tag, program: Program, refuse_lock: Callable[[], bool], rng: random.Random, assumed: Assumed
    ) -> None:
        self.tag = tag
        self.state = "ready"
        self._program = program
        self._refuse_lock = refuse_lock
        self._rng = rng
        self._assumed = assumed
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
        }
        self._icode = Icode(tag, self, rng, assumed) if tag.chip.eas else None
        if self._icode is not None:
            self._commands |= self._icode.commands
        if tag.chip.pairs:
            self._commands |= {0xA2: self._write_pair, 0xA3: self._lock_pair}

    def off(self) -> None:
        """The field was switched off."""
        self.state = "ready"
        if self._icode is not None:
            self._icode.off()

    def inventory(self, frame: bytes) -> tuple[int, bytes] | None:
        """Return (slot, answer) to an inventory request; None if the tag is quiet, masked out or of another family, or
        if the request is incomplete."""
        if not air.intact(frame) or not frame[0] & air.INVENTORY or frame[1] != 0x01 or self.state == "quiet":
            return None
        if self._icode is not None and not self._icode.hears(0x01):
            return None
        flags, rest = frame[0], frame[2:-2]
        if flags & air.AFI_FLAG:
            if not rest or not self._family(rest[0]):
                return None
            rest = rest[1:]
        if not rest or len(rest) < 1 + (rest[0] + 7) // 8:
            return None
        length = rest[0]
        number = int.from_bytes(self._uid, "little")
        mask = int.from_bytes(rest[1 : 1 + (length + 7) // 8], "little")
        if (number ^ mask) & ((1 << length) - 1):
            return None
        slot = 0 if flags & air.ONE_SLOT else (number >> length) & 0x0F
        return slot, air.seal(b"\x00" + self._cell(DSFID) + self._uid)

    def _family(self, wanted: int) -> bool:
        """Return whether the tag passes the AFI filter: 00 all, x0 a family, 0y a sub-family of all families, else
        exactly (ISO/IEC 15693-3 table 1)."""
        if not self._assumed.afi_by_nibbles:
            return wanted in (0, self.tag.afi)
        if wanted & 0x0F == 0:
            return wanted == 0 or wanted >> 4 == self.tag.afi >> 4
        return wanted == self.tag.afi or (wanted >> 4 == 0 and wanted & 0x0F == self.tag.afi & 0x0F)

    def answer(self, frame: bytes) -> bytes | None:
        """Return the answer to any other request; None if it is damaged, not for this tag, or an error that is not
        reported."""
        if not air.intact(frame) or len(frame) < 4 or frame[0] & air.INVENTORY:
            return None
        flags, code, body = frame[0], frame[1], frame[2:-2]
        if self._icode is not None and not self._icode.hears(code):
            return None
        if air.custom(code):
            if body[:1] != self._uid[6:7]:
                return None  # another maker's command: silence (NXP data sheets)
            body = body[1:]
        addressed, selected = bool(flags & air.ADDRESS), bool(flags & air.SELECT)
        mine = addressed and body[:8] == self._uid
        if code == 0x25 and addressed and not mine and self.state == "selected":
            self.state = "ready"  # another tag was selected
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
        if self._icode is not None:
            self._icode.spoken_to = addressed or selected
        try:
            return air.seal(b"\x00" + self._run(code, bool(flags & air.OPTION), body))
        except Refused as refusal:
            told = addressed or selected or self._assumed.errors_unaddressed
            told = told and not (refusal.code == air.NOT_RECOGNISED and self._assumed.size_is_silence)
            return air.seal(bytes((0x01, self._as_told(refusal.code)))) if told else None
        except (Gone, Silent):
            return None

    def _as_told(self, code: int) -> int:
        missing = code in (air.NOT_SUPPORTED, air.OPTION_NOT_SUPPORTED)
        plain = self._assumed.nxp_tells_0f and self._uid[6] == NXP
        return air.UNKNOWN_ERROR if plain or (missing and self.tag.chip.one_error) else code

    def _run(self, code: int, option: bool, body: bytes) -> bytes:
        command = self._commands.get(code)
        if command is None or code in self.tag.chip.refused:
            raise Refused(air.NOT_SUPPORTED)
        return command(option, body)

    # -- reading -----------------------------------------------------------------------------------------------

    def _block(self, number: int, option: bool) -> bytes:
        if self._icode is not None:
            self._icode.before_block(number, writing=False)
        return (self._security(number) if option else b"") + self._cell(str(number))

    def _cell(self, name: str) -> bytes:
        """Return a cell's content. Weak bits differ from one read to the next."""
        if name in self.tag.weak:
            return unstable(*self.tag.weak[name], self._rng)
        return self.tag.cell(name)

    def _security(self, number: int) -> bytes:
        known = self.tag.chip.lock_in_read and str(number) in self.tag.locked
        return b"\x01" if known else b"\x00"

    def _range(self, body: bytes) -> tuple[int, int]:
        """Return the first block and the count of a multi-block request (the air carries n-1)."""
        if len(body) != 2:
            raise Refused(air.NOT_RECOGNISED)
        if body[0] >= self.tag.chip.blocks:
            raise Refused(air.NO_BLOCK)
        return body[0], body[1] + 1

    def _read_single(self, option: bool, body: bytes) -> bytes:
        if len(body) != 1:
            raise Refused(air.NOT_RECOGNISED)
        return self._block(self._known(body[0]), option)

    def _read_multiple(self, option: bool, body: bytes) -> bytes:
        first, count = self._range(body)
        if self.tag.chip.short_reads:
            count = min(count, self.tag.chip.blocks - first)
        self._known(first + count - 1)
        return b"".join(self._block(number, option) for number in range(first, first + count))

    def _security_status(self, option: bool, body: bytes) -> bytes:
        del option
        first, count = self._range(body)
        last = first + count
        if last > self.tag.chip.blocks:
            if not self.tag.chip.short_security:
                raise Refused(air.NO_BLOCK)
            last = self.tag.chip.blocks
        return bytes(str(number) in self.tag.locked for number in range(first, last))

    def _system_information(self, option: bool, body: bytes) -> bytes:
        del option
        if body:
            raise Refused(air.NOT_RECOGNISED)
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
            raise Refused(air.NO_BLOCK)
        return number

    def demand(self, option: bool, body: bytes, length: int) -> None:
        """Raise `Refused` unless the request has the right length and the option flag that this chip demands."""
        if len(body) != length:
            raise Refused(air.NOT_RECOGNISED)
        wanted = self.tag.chip.write_option
        either = wanted is None or (self._assumed.option_either and self._uid[6] == NXP)
        if not either and option != bool(wanted):
            raise Refused(air.OPTION_NOT_SUPPORTED)

    def put(self, cell: str, value: bytes) -> bytes:
        """Program a cell. Raises `Gone`."""
        if not self._program(self.tag, cell, value):
            raise Gone
        return b""

    def _write_single(self, option: bool, body: bytes) -> bytes:
        self.demand(option, body, 1 + self.tag.chip.block_size)
        number, value = self._known(body[0]), body[1:]
        if str(number) in self.tag.locked:
            raise Refused(air.LOCKED)
        if self._icode is not None:
            self._icode.before_block(number, writing=True)
        if number == self.tag.chip.counter_block:
            value = self._counted(number, value)
        return self.put(str(number), value)

    def _counted(self, number: int, value: bytes) -> bytes:
        """Return the counter's new content. 01 00 00 00 increments it, with the read password if the counter requires
        it. Any other number is a preset, for which the write password must have been given (SLIX2 data sheet rev. 4.1,
        9.5.3.21). From memory: the last byte states whether the counter requires the read password."""
        old = self.tag.cell(str(number))
        counter = int.from_bytes(old[:2], "little")
        one_up = value == b"\x01\x00\x00\x00"
        if self._icode is None or value[2] or value[3] > 1 or (one_up and counter == 0xFFFF):
            raise Refused(air.UNKNOWN_ERROR)
        self._icode.before_counter(preset=not one_up, guarded=bool(old[3]))
        return (counter + 1).to_bytes(2, "little") + old[2:] if one_up else value

    def _write_pair(self, option: bool, body: bytes) -> bytes:
        """A2 of Tag-it HF-I Plus: write an even block and the next one."""
        size = self.tag.chip.block_size
        self.demand(option, body, 1 + 2 * size)
        first = self._even(body[0])
        if {str(first), str(first + 1)} & self.tag.locked:
            raise Refused(air.LOCKED)
        self.put(str(first), body[1 : 1 + size])
        return self.put(str(first + 1), body[1 + size :])

    def _lock_pair(self, option: bool, body: bytes) -> bytes:
        """A3 of Tag-it HF-I Plus: lock an even block and the next one."""
        self.demand(option, body, 1)
        first = self._even(body[0])
        self.lock(str(first))
        return self.lock(str(first + 1))

    def _even(self, number: int) -> int:
        if number % 2:
            raise Refused(air.NO_BLOCK)
        return self._known(number)

    def _write_register(self, cell: str, option: bool, body: bytes) -> bytes:
        self.demand(option, body, 1)
        if cell == AFI and self._icode is not None:
            self._icode.before_afi()
        if cell in self.tag.locked:
            raise Refused(air.LOCKED)
        return self.put(cell, body)

    def _lock_block(self, option: bool, body: bytes) -> bytes:
        self.demand(option, body, 1)
        return self.lock(str(self._known(body[0])))

    def _lock_register(self, cell: str, option: bool, body: bytes) -> bytes:
        self.demand(option, body, 0)
        if cell == AFI and self._icode is not None:
            self._icode.before_afi()
        return self.lock(cell)

    def lock(self, cell: str) -> bytes:
        """Lock a cell. Raises `Refused` if it is already locked."""
        if cell in self.tag.locked:
            raise Refused(air.ALREADY_LOCKED)
        if self._refuse_lock():
            raise Refused(air.NOT_LOCKED)
        return self.put(LOCK + cell, b"\x01")
