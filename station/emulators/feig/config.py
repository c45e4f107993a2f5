"""The reader's configuration blocks CFG0 to CFG7, RAM and EEPROM (H20800-16e chapter 4 and 5, annex E)."""

from __future__ import annotations

import json
from pathlib import Path

from station.emulators.field.file import replace

SIZE = 14
BAUD = {0x05: 4800, 0x06: 9600, 0x07: 19200, 0x08: 38400, 0x80: 100_000, 0x81: 125_000, 0x82: 250_000, 0x83: 500_000}
# The -C models; the two columns of H20800-16e 4.2 are offered together.
BAUD |= {0x09: 57600, 0x0B: 115_200, 0x0D: 230_400}

DEFAULTS = {
    1: "000008010005000a000000000000",
    2: "0000000000000000000000000000",
    3: "0138000f00000700000000000300",
    4: "0000000009000000000000000004",
    5: "0000000000000000000000050000",
    6: "020000010000000a000000050400",
    7: "02202c010d000000000000000000",
}
RESERVED_READ = 0x15
RESERVED_WRITE = 0x16
OUT_OF_RANGE = 0x11
OK = 0x00
ONT = 0x01
ACOLL = 0x04


class Config:
    def __init__(self, store: Path, baud: int, parity: str) -> None:
        """store: file with the EEPROM; if absent, it is created with this baud rate and parity (N, E, O)."""
        self._store = store
        if store.exists():
            self.eeprom = {int(k): bytes.fromhex(v) for k, v in json.loads(store.read_text(encoding="ascii")).items()}
        else:
            self.eeprom = {number: bytes.fromhex(text) for number, text in DEFAULTS.items()}
            codes = {speed: code for code, speed in BAUD.items()}
            if baud not in codes:
                raise ValueError(f"no such baud rate on this reader: {baud}")
            interface = bytearray(self.eeprom[1])
            interface[2], interface[3] = codes[baud], "NEO".index(parity)
            self.eeprom[1] = bytes(interface)
            self._save()
        self.restart()

    def restart(self) -> None:
        """Reset: load RAM and the line settings from the EEPROM."""
        self.ram = dict(self.eeprom)
        self.baud = BAUD.get(self.ram[1][2], 38400)
        self.parity = "NEO"[self.ram[1][3] & 0x03]

    def _save(self) -> None:
        replace(self._store, json.dumps({str(k): v.hex() for k, v in self.eeprom.items()}))

    # -- what the blocks mean ----------------------------------------------------------------------------------

    @property
    def address(self) -> int:
        return self.ram[1][0]

    @property
    def bits_per_byte(self) -> int:
        return 10 if self.parity == "N" else 11

    @property
    def psst(self) -> float:
        """Seconds between the last byte of an answer and the next request."""
        return self.ram[1][5] / 1000

    @property
    def response_time(self) -> float:
        """Seconds after which a transponder command is abandoned; 0 is taken as no limit."""
        return int.from_bytes(self.ram[1][6:8], "big") / 10

    @property
    def scan_mode(self) -> bool:
        return bool(self.ram[1][13] & 0x01)

    @property
    def one_slot(self) -> bool:
        return bool(self.ram[4][4] & 0x10)

    @property
    def afi(self) -> int | None:
        return self.ram[4][5] if self.ram[4][4] & 0x20 else None

    @property
    def write_option(self) -> int | None:
        """CFG4 byte 6, bits 3-2: None for automatic, else the option flag to use."""
        return {0b10: 0, 0b11: 1}.get(self.ram[4][6] >> 2 & 0b11)

    @property
    def single_reads(self) -> bool:
        """CFG4 byte 13, bits 7-6: 01 reads one block at a time on the air."""
        return self.ram[4][13] >> 6 == 0b01

    @property
    def block_size(self) -> int:
        """CFG4 byte 13, bits 4-0; 0 is taken as 4."""
        return self.ram[4][13] & 0x1F or 4

    @property
    def new_tags_only(self) -> bool:
        return bool(self.ram[5][11] & ONT)

    @property
    def anticollision(self) -> bool:
        return bool(self.ram[5][11] & ACOLL)

    # -- commands 80 to 83 -------------------------------------------------------------------------------------

    def read(self, where: int) -> tuple[int, bytes]:
        """[80] (status, block): bit 7 EEPROM or RAM, bits 5-0 the block."""
        number, eeprom = where & 0x3F, bool(where & 0x80)
        if number == 0 and not eeprom:
            return OK, bytes(SIZE)
        if number not in self.ram:
            return RESERVED_READ, b""
        return OK, (self.eeprom if eeprom else self.ram)[number]

    def write(self, where: int, block: bytes) -> int:
        """[81] status. The EEPROM takes effect after a reset, RAM at once."""
        number = where & 0x3F
        if number not in self.ram:
            return RESERVED_WRITE
        if not _plausible(number, block):
            return OUT_OF_RANGE
        if where & 0x80:
            self.eeprom[number] = block
            self._save()
        else:
            self.ram[number] = block
        return OK

    def save(self, where: int) -> int:
        """[82] RAM to EEPROM, one block or (bit 6) all."""
        numbers = self._chosen(where)
        for number in numbers:
            self.eeprom[number] = self.ram[number]
        self._save()
        return OK if numbers else RESERVED_WRITE

    def default(self, where: int) -> int:
        """[83] factory settings, one block or (bit 6) all, in RAM or (bit 7) EEPROM."""
        numbers = self._chosen(where)
        for number in numbers:
            (self.eeprom if where & 0x80 else self.ram)[number] = bytes.fromhex(DEFAULTS[number])
        self._save()
        return OK if numbers else RESERVED_WRITE

    def _chosen(self, where: int) -> list[int]:
        return list(DEFAULTS) if where & 0x40 else [n for n in DEFAULTS if n == where & 0x3F]


def _plausible(number: int, block: bytes) -> bool:
    """The checks of the manual's footnotes: CFG1 interface values, CFG5 ONT bits."""
    if number == 1:
        return block[0] != 0xFF and block[2] in BAUD and block[3] in (0, 1, 2) and block[5] <= 5
    return number != 5 or not block[11] & ~0x0D & 0xFF
