"""The chip on the air at 106 kbit/s, type A (ISO/IEC 14443-3): wake, anticollision, select, exchange, halt.

Times: a bit is 128 / fc, a byte has a parity bit, a tag answers 1172 / fc or 1236 / fc after the last bit (6.2.1; the
longer one is used). Anticollision works bit by bit: where tags differ, the chip continues with those that sent 1.
"""

from __future__ import annotations

from station.emulators.field.field import Field
from station.emulators.field.ntag import Picc, Said
from station.emulators.reader.radio import Spend, Steps

FC = 13_560_000
BIT = 128 / FC
BYTE = 9 * BIT
DELAY = 1236 / FC
POLL = 0.005  # seconds that the chip listens without an answer, from memory; only affects the time of an empty look


def takes(sent: float, heard: float) -> Spend:
    """Return the duration of a frame of `sent` bytes and one of `heard` bytes (including start and end bits)."""
    return Spend("air", (sent + heard) * BYTE + 4 * BIT + 2 * DELAY)


def first_differing(parts: list[bytes]) -> list[bytes]:
    """Bit-wise anticollision: return the answers that have a 1 where they first differ."""
    for at in range(8 * len(parts[0])):
        ones = [part for part in parts if part[at // 8] >> at % 8 & 1]
        if 0 < len(ones) < len(parts):
            return ones
    return parts[:1]


class RadioA:
    def __init__(self, field: Field, tprog: float) -> None:
        self._field = field
        self.tprog = field.tprog = tprog
        self.on = False

    def switch(self, on: bool) -> None:
        """Switch the field on or off. Switching it off resets every tag."""
        if self.on and not on:
            self._field.off()
        self.on = on

    @property
    def _cards(self) -> list[Picc]:
        return self._field.cards() if self.on else []

    def find(self, uid: bytes = b"", *, halted: bool = False) -> Steps[Picc | None]:
        """Wake and select one tag: the one with this UID (as cascade levels), else the winner of the anticollision."""
        self.on = True
        woken = [card for card in self._cards if card.wake(all_of_them=halted) is not None]
        yield takes(1, 2)
        woken = self._here(woken)
        if not woken:
            yield Spend("air", POLL)
            return None
        level = 0
        while True:
            wanted = self._part(uid, level)
            if not wanted:
                parts = [part for card in woken if (part := card.anticollision(level)) is not None]
                yield takes(2, 5)
                woken = self._here(woken)
                if not parts or not woken:
                    return None
                while len(set(parts)) > 1:
                    parts = first_differing(parts)
                    yield takes(4, 3)
                wanted = parts[0]
            answers = [(card, sak) for card in woken if (sak := card.select(level, wanted)) is not None]
            yield takes(9, 3)
            woken = self._here([card for card, _ in answers])
            if not woken:
                return None
            if not answers[0][1] & 0x04:
                return woken[0]
            level += 1

    def _here(self, cards: list[Picc]) -> list[Picc]:
        """Return the tags that stayed. A tag that leaves while it answers is not heard."""
        return [card for card in cards if self._field.there(card)]

    @staticmethod
    def _part(uid: bytes, level: int) -> bytes:
        part = uid[4 * level : 4 * level + 4]
        return part + bytes((part[0] ^ part[1] ^ part[2] ^ part[3],)) if len(part) == 4 else b""

    def exchange(self, data: bytes) -> Steps[Said | None]:
        """Send one command (its CRC is added on the air) to the active tag. Return the answer; None for silence. If the
        tag leaves while it answers, half of the answer arrives."""
        before = self._field.programmed
        speakers = [(card, said) for card in self._cards if (said := card.command(data)) is not None]
        answers = [said for _, said in speakers]
        programmed = self._field.programmed > before
        yield takes(len(data) + 2, 0)
        if programmed:
            yield Spend("tprog", self.tprog)
        if not answers:
            yield Spend("air", POLL)
            return None
        yield takes(0, 0.5 if answers[0].short else len(answers[0].data) + 2)
        if self._field.there(speakers[0][0]):
            return answers[0]
        return None if answers[0].short else Said(answers[0].data[: len(answers[0].data) // 2], whole=False)
