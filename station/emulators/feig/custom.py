"""[B1] custom commands of NXP's chips, and [BF], the host's own request on the air (H60301-3e; H20800-16e 8.1)."""

from __future__ import annotations

from station.emulators.feig.config import Config
from station.emulators.feig.frame import Answer
from station.emulators.feig.iso import LENGTH_ERROR, NOT_AVAILABLE, OUT_OF_RANGE, UNKNOWN_COMMAND
from station.emulators.field import air
from station.emulators.reader.radio import DATA_FALSE, NO_TRANSPONDER, OK, Failed, Radio, Spend, Steps, Target

NXP = 0x04
SET_EAS, RESET_EAS, LOCK_EAS, EAS_ALARM = 0xA2, 0xA3, 0xA4, 0xA5
READ, WRITE, WRITE_OPTION, INVENTORY, WRITE_GRID = 1, 2, 3, 4, 5
UNIT = 590e-9  # seconds: EOF-PULSE-DELAY
GRID = 302.06e-6  # seconds: MULTIPLE 302us GRIDS
LATEST = 0.020  # seconds: a write with option 0 is given up


class Customs:
    def __init__(self, radio: Radio, config: Config, *, tag_crc: bool, length_in_bytes: bool, exact: bool) -> None:
        """length_in_bytes: unit of RSP-LENGTH; H20800-16e does not give it, the manual of Siemens' RF290R gives bits
        (9.1 p. 79). exact: answers of any other length are errors; the manual states this for inventories only, and the
        RF290R's manual states that a tag's error is delivered with its 4 bytes."""
        self._radio = radio
        self._config = config
        self._tag_crc = tag_crc
        self._unit = 1 if length_in_bytes else 8
        self._exact = exact

    # -- [B1] ------------------------------------------------------------------------------------------------------

    def run(self, data: bytes) -> Steps[Answer]:
        """MFR SUB MODE [UID]. EAS Alarm: 00 while the bit is on; if it is off, the same status as without a tag."""
        if self._config.scan_mode:
            return Answer(NOT_AVAILABLE)
        if len(data) < 3:
            return Answer(LENGTH_ERROR)
        maker, sub, mode, uid = data[0], data[1], data[2], data[3:]
        if maker != NXP or sub not in (SET_EAS, RESET_EAS, LOCK_EAS, EAS_ALARM):
            return Answer(UNKNOWN_COMMAND)
        if mode > 2:
            return Answer(OUT_OF_RANGE)
        if len(uid) != (8 if mode == 1 else 0):
            return Answer(LENGTH_ERROR)
        target = Target(uid, selected=mode == 2)
        self._radio.begin()
        try:
            if sub == EAS_ALARM:
                yield from self._radio.exchange(sub, target, maker=bytes((maker,)))
            else:
                yield from self._radio.write(sub, target, b"", maker=bytes((maker,)))
        except Failed as failed:
            return Answer(failed.status, failed.data)
        return Answer(OK)

    # -- [BF] ------------------------------------------------------------------------------------------------------

    def transparent(self, data: bytes) -> Steps[Answer]:
        """MODE RSP-LENGTH(2) CMD-RSP-DELAY(2) [EOF-PULSE-DELAY(2) or GRIDS(2)] REQUEST."""
        yield from ()
        if self._config.scan_mode:
            return Answer(NOT_AVAILABLE)
        if len(data) < 5:
            return Answer(LENGTH_ERROR)
        mode, most, rest = data[0], int.from_bytes(data[1:3], "big") // self._unit, data[5:]
        if mode not in (READ, WRITE, WRITE_OPTION, INVENTORY, WRITE_GRID):
            return Answer(OUT_OF_RANGE)
        extra = 0
        if mode >= WRITE_OPTION:
            extra, rest = int.from_bytes(rest[:2], "big"), rest[2:]
        if len(rest) < 2:
            return Answer(LENGTH_ERROR)
        frame = air.seal(rest)
        yield Spend("air", air.down(len(frame)) / 1e6)
        if mode == INVENTORY:
            return (yield from self._slots(frame, most))
        before = self._radio.field.programmed
        heard = self._radio.field.answers(frame)
        if most == 0:
            return Answer(OK)  # sent without waiting for an answer
        programs = self._radio.field.programmed > before
        wait = self._heard_after(mode, extra, programs=programs, option=bool(rest[0] & air.OPTION))
        if not heard or wait is None:
            yield Spend("air", (LATEST if mode in (WRITE, WRITE_OPTION) else air.T3 / 1e6))
            return Answer(NO_TRANSPONDER)
        if programs:
            yield Spend("tprog", wait)
        yield Spend("air", (air.T1 + air.up(len(heard[0])) + air.T2) / 1e6)
        if len(heard) > 1 or not air.intact(heard[0]) or len(heard[0]) > most:
            return Answer(DATA_FALSE)
        if self._exact and len(heard[0]) != most:
            return Answer(DATA_FALSE)
        return Answer(OK, self._as_sent(heard[0]))

    def _heard_after(self, mode: int, extra: int, *, programs: bool, option: bool) -> float | None:
        """Return the seconds until the reader hears the answer of a tag that programs; None if it listens at the wrong
        time, although the tag carries out the request."""
        if not programs:
            return 0.0
        ready = self._radio.tprog
        if mode == WRITE and not option:
            return ready if ready <= LATEST else None
        if mode == WRITE_OPTION and option:
            return extra * UNIT if ready <= extra * UNIT else None
        if mode == WRITE_GRID and not option:
            return extra * GRID if abs(ready - extra * GRID) <= GRID else None
        return None

    def _slots(self, frame: bytes, most: int) -> Steps[Answer]:
        """Answers of other lengths are ignored (8.1); two in one slot are a CRC error."""
        slots = self._radio.field.slots(frame)
        if frame[0] & air.ONE_SLOT:
            count = 1
        else:
            count = 16
        answered = len(slots) * (air.T1 + air.up(12) + air.T2)
        yield Spend("air", (answered + (count - len(slots)) * air.T3 + (count - 1) * air.EOF) / 1e6)
        if any(len(heard) > 1 for heard in slots.values()):
            return Answer(DATA_FALSE)
        found = [slots[number][0] for number in sorted(slots)]
        data = b"".join(self._as_sent(one) for one in found if count == 1 or len(one) == most)
        return Answer(OK, data) if data else Answer(NO_TRANSPONDER)

    def _as_sent(self, answer: bytes) -> bytes:
        return answer if self._tag_crc else answer[:-2] + b"\0\0"
