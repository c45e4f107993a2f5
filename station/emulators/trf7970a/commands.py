"""Commands of the EVM (firmware host.c, iso15693.c): texts, registers, anticollision, and frames sent unchanged. The
request's own flags set the data rate. The firmware adds the CRC, and removes it from the answer.
"""

from __future__ import annotations

from collections.abc import Callable

from station.emulators.field import air
from station.emulators.field.field import Field
from station.emulators.reader.radio import Spend, Steps

LINE = b"\r\n"
NAME = b"TRF7970A EVM \r\n"
REVISION = b"Firmware Revision 03 from 11/Nov/2013 \r\n"
SETTLE = 0.1  # seconds after a register write
WAIT = 0.020  # seconds before the end of frame that the option flag requires
TIMEOUT = 0.038  # seconds without an answer
WITH_EOF = frozenset({0x21, 0x22, 0x24, 0x27, 0x28, 0x29, 0x2A, 0xA5})
LONGEST_MASK = 60
RESET = 0x17
ENABLING = {
    b"\xff": b"Reader disabled.",
    b"\x00": b"Reader enabled.",
    b"\x0a": b"External clock.",
    b"\x0b": b"Internal clock.",
}


class Commands:
    def __init__(self, field: Field, tprog: float, rssi: int, *, right_masks: bool, verbose: bool) -> None:
        """`right_masks` (assumed): masks of three or more nibbles are sent in the standard's order; the firmware's
        source does not do so. `verbose`: the older firmware, which also reports empty and collided slots."""
        self._field = field
        self._tprog = field.tprog = tprog
        self._rssi = rssi
        self._right = right_masks
        self._verbose = verbose
        self.registers: dict[int, int] = {}
        self.power_on()
        self.known: dict[int, Callable[[bytes], Steps[bytes]]] = {
            0xFF: self._say(NAME),
            0xFE: self._say(REVISION),
            0x10: self._write_registers,
            0x11: self._write_on,
            0x12: self._read_registers,
            0x13: self._read_on,
            0x14: self._inventory,
            0x15: self._say(b"Direct command." + LINE),
            0x16: self._say(b"RAW mode." + LINE),
            0x18: self._request,
            0x03: self._enable,
            0xF0: self._toggle(0x04, b"AGC Toggle", sets=True),
            0xF1: self._toggle(0x08, b"AM PM Toggle", sets=False),
            0xF2: self._toggle(0x10, b"", sets=False),
        }

    def power_on(self) -> None:
        self.registers = {0x00: 0x01, 0x01: 0x21, 0x09: 0x21}  # the firmware sets the last one: 6.78 MHz, OOK
        self._radiate()

    def _radiate(self) -> None:
        """Switch the field by Chip Status Control, bit 5."""
        on = bool(self.registers[0x00] & 0x20)
        if self._field.powered and not on:
            self._field.off()
        self._field.powered = on

    def run(self, command: int, data: bytes) -> Steps[bytes]:
        """Return the whole answer. An unknown command (also for lamps) gets only the end of a line. After 17 the
        watchdog resets the chip before that end is sent."""
        if command == RESET:
            self.power_on()
            return b"MCU reset." + LINE
        handler = self.known.get(command)
        text = b"" if handler is None else (yield from handler(data))
        return text + LINE

    @staticmethod
    def _say(text: bytes) -> Callable[[bytes], Steps[bytes]]:
        def command(_: bytes) -> Steps[bytes]:
            yield from ()
            return text

        return command

    # -- registers -----------------------------------------------------------------------------------------------------

    def _write_registers(self, data: bytes) -> Steps[bytes]:
        """Pairs of address and value."""
        for address, value in zip(data[::2], data[1::2], strict=False):
            self.registers[address & 0x1F] = value
        self._radiate()
        yield Spend("gap", SETTLE)
        return b"Register write request." + LINE

    def _write_on(self, data: bytes) -> Steps[bytes]:
        yield from ()
        for index, value in enumerate(data[1:]):
            self.registers[(data[0] + index) & 0x1F] = value
        self._radiate()
        return b"Continous write request." + LINE

    def _read_registers(self, data: bytes) -> Steps[bytes]:
        yield from ()
        return b"Register read request." + LINE + self._told(list(data))

    def _read_on(self, data: bytes) -> Steps[bytes]:
        yield from ()
        count, first = (data[0], data[1]) if len(data) >= 2 else (0, 0)
        return b"Continous read request" + LINE + self._told([first + index for index in range(count)])

    def _told(self, addresses: list[int]) -> bytes:
        values = (self.registers.get(address & 0x1F, 0) for address in addresses)
        return b"".join(f"[{value:02X}]".encode() for value in values) + LINE

    def _enable(self, data: bytes) -> Steps[bytes]:
        """03: FF switches the chip's power off; the host's next character switches it on, with cold-start settings."""
        yield from ()
        if data[:1] == b"\xff":
            self.power_on()
        return ENABLING.get(data[:1], b"")

    def _toggle(self, bit: int, text: bytes, *, sets: bool) -> Callable[[bytes], Steps[bytes]]:
        """F0, F1, F2, with or without FF: return the command that changes a bit of Chip Status Control, which FF sets
        (`sets`) or clears."""

        def command(data: bytes) -> Steps[bytes]:
            yield from ()
            on = (data[:1] == b"\xff") == sets
            self.registers[0x00] = self.registers[0x00] | bit if on else self.registers[0x00] & ~bit
            return text

        return command

    # -- tags ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _rate(flags: int) -> float:
        """Return how many times longer an answer takes than at the high rate."""
        return 1.0 if flags & air.HIGH_RATE else 4.0

    def _inventory(self, data: bytes) -> Steps[bytes]:
        """Flags, command 01, AFI if the flags request it. Anticollision in 16 slots (or one round in one slot)."""
        text = b"ISO 15693 Inventory request." + LINE
        if len(data) < 2:
            return text
        afi = data[2] if data[0] & air.AFI_FLAG and len(data) > 2 else None
        found = yield from self._slots(data[0], afi, [])
        return text + found

    def _slots(self, flags: int, afi: int | None, nibbles: list[int]) -> Steps[bytes]:
        """Run one round, then one more for each slot with a collision, the last slot first."""
        one = bool(flags & air.ONE_SLOT)
        frame = self._inventory_frame(flags, afi, nibbles)
        heard = self._field.slots(frame)
        answered = air.T1 + air.up(12) * self._rate(flags) + air.T2
        count = 1 if one else 16
        microseconds = air.down(len(frame)) + len(heard) * answered + (count - len(heard)) * air.T3
        yield Spend("air", (microseconds + (count - 1) * air.EOF) / 1e6)
        said, collided = b"", []
        for slot in range(count):
            answers = heard.get(slot, [])
            if len(answers) == 1 and self._stays(answers):
                said += LINE + f"[{answers[0][2:10].hex().upper()},{self._rssi:02X}]".encode()
            elif answers:  # several, or one that left while it answered: the firmware takes a CRC error for a collision
                collided.append(slot)
                said += self._told_slot("z")
            else:
                said += self._told_slot("")
        if one or 4 * (len(nibbles) + 1) > LONGEST_MASK or len(collided) == 16:
            return said
        for slot in reversed(collided):
            said += yield from self._slots(flags, afi, [*nibbles, slot])
        return said

    def _stays(self, answers: list[bytes]) -> bool:
        """Return whether the tags that answered are still there."""
        return all(answer[2:10][::-1].hex().upper() in self._field.uids for answer in answers)

    def _told_slot(self, what: str) -> bytes:
        return f"[{what},{self._rssi:02X}]".encode() + LINE if self._verbose else b""

    def _inventory_frame(self, flags: int, afi: int | None, nibbles: list[int]) -> bytes:
        value = 0
        for index, nibble in enumerate(nibbles):
            value |= nibble << 4 * index
        mask = value.to_bytes((len(nibbles) + 1) // 2, "little")
        if not self._right and len(nibbles) > 2:
            # iso15693.c shifts its bytes up and puts the newest nibble before them
            mask = mask[::-1]
        head = bytes((flags, 0x01)) + (b"" if afi is None else bytes((afi,)))
        return air.seal(head + bytes((4 * len(nibbles),)) + mask)

    def _request(self, data: bytes) -> Steps[bytes]:
        """Request mode: everything after 18 is sent on the air. [] means no answer; [z] several answers at once, or a
        wrong CRC. Of an inventory in 16 slots only the first slot is heard, because no end of frame follows
        (host.c)."""
        text = b"Request mode." + LINE
        if len(data) < 2:
            yield Spend("air", TIMEOUT)
            return text + b"[]"
        frame = air.seal(data)
        yield Spend("air", air.down(len(frame)) / 1e6)
        if data[0] & air.INVENTORY:
            heard = self._field.slots(frame).get(0, [])
        else:
            before = self._field.programmed
            heard = self._field.answers(frame)
            if data[0] & air.OPTION and data[1] in WITH_EOF:
                yield Spend("tprog", WAIT + air.EOF / 1e6)
            elif self._field.programmed > before:
                yield Spend("tprog", self._tprog)
        if not heard:
            yield Spend("air", TIMEOUT)
            return text + b"[]"
        yield Spend("air", (air.T1 + air.up(len(heard[0])) * self._rate(data[0]) + air.T2) / 1e6)
        stayed = self._field.heard_whole() if not data[0] & air.INVENTORY else self._stays(heard)
        if len(heard) > 1 or not stayed:
            return text + b"[z]"
        return text + b"[" + heard[0][:-2].hex().upper().encode() + b"]"
