"""Commands of a PN532 (user manual UM0701-02, chapter 7), as far as nfcpy and libnfc use them.

Each command returns the data after "command + 1" of the answer; None = the answer is a syntax error frame. Only targets
of type A at 106 kbit/s are modeled, so no others are found. Registers have no effect, except those that switch the CRC.
"""

from __future__ import annotations

from collections.abc import Callable

from station.emulators.field.ntag import Picc, Said, crc_a
from station.emulators.pn532.radio import RadioA
from station.emulators.reader.radio import Steps

OK, TIMEOUT, CRC_ERROR, MIFARE, CONTEXT, PARAMETER = 0x00, 0x01, 0x02, 0x14, 0x27, 0x10
TX_MODE, RX_MODE, TX_AUTO, FIFO, BIT_FRAMING = 0x6302, 0x6303, 0x6305, 0x6339, 0x633D
CRC_ON = 0x80
REQA = 0x26
INFINITE = 0xFF
BAUDS = (9600, 19200, 38400, 57600, 115_200, 230_400, 460_800, 921_600, 1_288_000)
VERSION = bytes.fromhex("32010607")  # PN532 v1.6, with ISO 14443 A, B and ISO 18092
MIFARE_WRITES = (0xA0, 0xA2)
SETTINGS = {0x01: 1, 0x02: 3, 0x04: 1, 0x05: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}
"""RFConfiguration (7.3.1): bytes of each item: field, timings, retries of communication, retries, analog settings."""


class Waiting(Exception):
    """No answer yet: the chip polls until a tag arrives or the host gives up."""


class Commands:
    def __init__(self, radio: RadioA, version: bytes, nak_status: int) -> None:
        """`nak_status` (assumed): status of InDataExchange after a tag's NAK to a write."""
        self._radio = radio
        self._nak_status = nak_status
        self.registers: dict[int, int] = {}
        self.targets: dict[int, tuple[bytes, Picc]] = {}
        self.retries = INFINITE  # MxRtyPassiveActivation (7.3.1): the default never gives up
        self.next_baud: int | None = None
        self.sleeping = False
        self.known: dict[int, Callable[[bytes], Steps[bytes | None]]] = {
            0x00: self._diagnose,
            0x02: self._always(version),
            0x04: self._general_status,
            0x06: self._read_registers,
            0x08: self._write_registers,
            0x0C: self._always(b"\x3f\x00\x00"),
            0x0E: self._always(b""),
            0x10: self._baud,
            0x12: lambda data: self._plain(b"" if len(data) == 1 else None),
            0x14: lambda data: self._plain(b"" if data[:1] in (b"\1", b"\2", b"\3", b"\4") else None),
            0x16: self._power_down,
            0x32: self._configure,
            0x40: self._data_exchange,
            0x42: self._communicate,
            0x44: self._deselect,
            0x4A: self._list,
            0x50: self._always(bytes((TIMEOUT,))),
            0x52: self._release,
            0x54: self._select,
            0x56: self._always(bytes((TIMEOUT,))),
            0x60: self._auto_poll,
        }

    def power_on(self) -> None:
        self.registers.clear()
        self.targets.clear()
        self.retries = INFINITE
        self.next_baud = None
        self.sleeping = False
        self._radio.switch(False)

    # -- the chip itself -----------------------------------------------------------------------------------------------

    @staticmethod
    def _always(answer: bytes) -> Callable[[bytes], Steps[bytes | None]]:
        """Return a command that gives the same answer to any data."""

        def command(_: bytes) -> Steps[bytes | None]:
            yield from ()
            return answer

        return command

    @staticmethod
    def _plain(data: bytes | None) -> Steps[bytes | None]:
        yield from ()
        return data

    def _diagnose(self, data: bytes) -> Steps[bytes | None]:
        """Diagnose: 00 echoes its data (communication line); ROM and RAM are good; 06 asks whether the tag is still
        there."""
        yield from ()
        test = data[:1]
        if test == b"\0":
            return data
        if test in (b"\1", b"\2", b"\7"):
            return bytes((OK,))
        if test == b"\6":
            here = bool(self.targets) and self.targets[max(self.targets)][1].state == "active"
            return bytes((OK if here else TIMEOUT,))
        return None

    def _general_status(self, _: bytes) -> Steps[bytes | None]:
        yield from ()
        targets = b"".join(bytes((number, 0, 0, 0)) for number in self.targets)
        return bytes((OK, self._radio.on, len(self.targets))) + targets + b"\x80"

    def _read_registers(self, data: bytes) -> Steps[bytes | None]:
        yield from ()
        if not data or len(data) % 2:
            return None
        numbers = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        return bytes(self.registers.get(number, 0) for number in numbers)

    def _write_registers(self, data: bytes) -> Steps[bytes | None]:
        yield from ()
        if not data or len(data) % 3:
            return None
        for at in range(0, len(data), 3):
            self.registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _baud(self, data: bytes) -> Steps[bytes | None]:
        """Set the baud rate, which takes effect at the host's ACK (7.2.7)."""
        yield from ()
        if len(data) != 1 or data[0] >= len(BAUDS):
            return None
        self.next_baud = BAUDS[data[0]]
        return b""

    def _power_down(self, data: bytes) -> Steps[bytes | None]:
        yield from ()
        if not data:
            return None
        self._radio.switch(False)
        self.targets.clear()
        self.sleeping = True
        return bytes((OK,))

    def _configure(self, data: bytes) -> Steps[bytes | None]:
        yield from ()
        if not data or SETTINGS.get(data[0]) != len(data) - 1:
            return None
        if data[0] == 0x01:
            self._radio.switch(bool(data[1] & 0x01))
            if not data[1] & 0x01:
                self.targets.clear()
        elif data[0] == 0x05:
            self.retries = data[3]
        return b""

    # -- tags ----------------------------------------------------------------------------------------------------------

    def _list(self, data: bytes) -> Steps[bytes | None]:
        """InListPassiveTarget: find up to two tags. The first one is put to sleep during the search for the second."""
        if len(data) < 2 or data[0] not in (1, 2):
            return None
        self.targets.clear()
        self._radio.switch(True)
        if data[1] != 0x00:
            return (yield from self._nobody())
        found: list[tuple[bytes, Picc]] = []
        while len(found) < data[0]:
            card = yield from self._found(data[2:], again=not found)
            if card is None:
                break
            found.append((b"".join(part[:4] for part in card.levels), card))
            if len(found) < data[0]:
                yield from self._radio.exchange(b"\x50\x00")
        if not found:
            self.registers[FIFO] = REQA
            return (yield from self._nobody())
        self.targets = dict(enumerate(found, 1))
        self.registers[FIFO] = 0
        self._type_a()
        return bytes((len(found),)) + b"".join(self._told(number, card) for number, (_, card) in enumerate(found, 1))

    def _type_a(self) -> None:
        """Set the registers as an activation does: CRC in both directions, 100 % modulation."""
        self.registers |= {TX_MODE: CRC_ON, RX_MODE: CRC_ON, TX_AUTO: 0x40}

    def _found(self, uid: bytes, *, again: bool) -> Steps[Picc | None]:
        """Find one tag. A second attempt wakes a tag that the first one returned from Active to Idle."""
        for _ in range(1 + min(self.retries, 1) * again):
            card = yield from self._radio.find(uid)
            if card is not None:
                return card
        return None

    def _nobody(self) -> Steps[bytes | None]:
        yield from ()
        if self.retries == INFINITE:
            raise Waiting
        return b"\0"

    @staticmethod
    def _told(number: int, card: Picc) -> bytes:
        """Return Tg, SENS_RES (high byte first), SEL_RES, NFCID1."""
        uid = bytes.fromhex(card.tag.uid)
        return bytes((number,)) + card.atqa[::-1] + bytes((card.sak, len(uid))) + uid

    def _auto_poll(self, data: bytes) -> Steps[bytes | None]:
        """InAutoPoll for type A at 106 kbit/s (types 00, 10 and 20), without waiting for period and number of polls."""
        if len(data) < 3:
            return None
        if not {0x00, 0x10, 0x20} & set(data[2:]):
            return b"\0"
        self.targets.clear()
        card = yield from self._radio.find()
        if card is None:
            if data[0] == INFINITE:
                raise Waiting
            return b"\0"
        self.targets = {1: (b"".join(part[:4] for part in card.levels), card)}
        self._type_a()
        told = self._told(1, card)
        return bytes((1, 0x10, len(told))) + told

    def _awake(self, number: int) -> Steps[bool]:
        """Make target `number` active: halt another one, wake and select this one. Return whether it is active."""
        if number not in self.targets:
            return False
        uid, card = self.targets[number]
        if card.state == "active":
            return True
        yield from self._radio.exchange(b"\x50\x00")
        again = yield from self._radio.find(uid, halted=True)
        return again is card

    def _select(self, data: bytes) -> Steps[bytes | None]:
        if len(data) != 1:
            return None
        here = yield from self._awake(data[0])
        return bytes((OK if here else CONTEXT,))

    def _deselect(self, data: bytes) -> Steps[bytes | None]:
        """InDeselect: 0 means all. The chip keeps its data about them, so that InSelect finds them again (7.3.10)."""
        if len(data) != 1 or data[0] > 2:
            return None
        if data[0] and data[0] not in self.targets:
            return bytes((CONTEXT,))
        yield from self._radio.exchange(b"\x50\x00")
        return bytes((OK,))

    def _release(self, data: bytes) -> Steps[bytes | None]:
        """InRelease: the same, and the chip erases its data about them (7.3.11)."""
        said = yield from self._deselect(data)
        if said == bytes((OK,)):
            for number in [data[0]] if data[0] else list(self.targets):
                del self.targets[number]
        return said

    def _data_exchange(self, data: bytes) -> Steps[bytes | None]:
        """InDataExchange. The chip interprets Mifare commands: an acknowledged write is a plain OK (7.3.8)."""
        if not data:
            return None
        number = data[0] & 0x0F
        if number not in self.targets or len(data) < 2:
            return bytes((CONTEXT,))
        if data[1] in (0x60, 0x61):
            return bytes((MIFARE,))  # authentication of Mifare Classic, which an NTAG does not have
        here = yield from self._awake(number)
        said = (yield from self._mifare(data[1:])) if here else None
        if said is None:
            return bytes((TIMEOUT,))
        if not said.whole:
            return bytes((CRC_ERROR,))
        if not said.short:
            return bytes((OK,)) + said.data
        if data[1] in MIFARE_WRITES:
            return bytes((OK if said.data[0] == 0x0A else self._nak_status,))
        return bytes((CRC_ERROR,))

    def _mifare(self, command: bytes) -> Steps[Said | None]:
        """Send a command. A Mifare write (A0, address, 16 bytes) is sent in the two parts that the tag expects."""
        if command[0] != 0xA0 or len(command) != 18:
            return (yield from self._radio.exchange(command))
        said = yield from self._radio.exchange(command[:2])
        if said is None or said.data != b"\x0a":
            return said
        return (yield from self._radio.exchange(command[2:]))

    def _communicate(self, data: bytes) -> Steps[bytes | None]:
        """InCommunicateThru: send the bytes unchanged, with CRC as set in the registers. A four-bit answer is a CRC
        error if a CRC is expected."""
        if not data or self.registers.get(TX_MODE, CRC_ON) & 0x03:
            yield from self._radio.exchange(b"")  # sends nothing that a tag of type A would hear
            return bytes((TIMEOUT,))  # another kind of air than type A
        if not self.registers.get(TX_MODE, CRC_ON) & CRC_ON:
            if len(data) == 1 and self.registers.get(BIT_FRAMING, 0) & 0x07 == 7:
                return (yield from self._short_frame(data[0]))
            if len(data) < 3 or crc_a(data[:-2]) != data[-2:]:
                return bytes((TIMEOUT,))  # the tag hears a damaged frame
            data = data[:-2]
        said = yield from self._radio.exchange(data)
        if said is None:
            return bytes((TIMEOUT,))
        wants_crc = bool(self.registers.get(RX_MODE, CRC_ON) & CRC_ON)
        if said.short or not said.whole:
            return bytes((CRC_ERROR,)) if wants_crc else bytes((OK,)) + said.data
        return bytes((OK,)) + said.data + (b"" if wants_crc else crc_a(said.data))

    def _short_frame(self, command: int) -> Steps[bytes | None]:
        """Send a frame of seven bits: REQA or WUPA."""
        card = yield from self._radio.find(halted=command == 0x52)
        return bytes((TIMEOUT,)) if card is None else bytes((OK,)) + card.atqa
