"""ISO Pass thru (14): a request of the host is sent on the air unchanged; options set the time of listening.

A tag that programs answers when it has finished; a Texas Instruments tag with the option flag answers only after an end
of frame from the reader. With the standard wait, the reader has stopped listening by then: the request is carried out,
but no answer is heard (specification, footnote **).
"""

from __future__ import annotations

from station.emulators.field import air
from station.emulators.reader.radio import Radio, Spend, Steps

WAIT, WAIT_RAW = 0x0FFF, 0x07FF
NO_INTELLIGENCE, OVERRIDE, SEND_EOF, RAW, RF_FLAGS = 0x0800, 0x1000, 0x2000, 0x4000, 0x8000
EOF_CLOCK, CLOCK = 9.44e-6, 18.88e-6
HEARD, NOTHING, VIOLATED = 0x83, 0x00, 0x87  # 83: the specification's example; bit 2: code violations
WRITES = frozenset({0x21, 0x22, 0x24, 0x27, 0x28, 0x29, 0x2A, 0xA2, 0xA3, 0xA4})


class PassThru:
    def __init__(self, radio: Radio) -> None:
        self._radio = radio

    def run(self, data: bytes) -> Steps[bytes | None]:
        """Return result flags, length and answer; None for invalid options or sizes."""
        yield from ()
        if len(data) < 6:
            return None
        size, most = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
        control, request = int.from_bytes(data[4:6], "big"), data[6:]
        if control & RF_FLAGS:
            request = request[1:]
        if control & RAW or len(request) != size or size < 2:
            return None
        frame = air.seal(request)
        yield Spend("air", air.down(len(frame)) / 1e6)
        heard = yield from self._answers(frame, control)
        if not heard:
            return bytes((NOTHING,)) + b"\0\0"
        if len(heard) > 1:
            return bytes((VIOLATED,)) + b"\0\0"
        answer = heard[0][:-2][:most]
        yield Spend("air", (air.T1 + air.up(len(heard[0])) + air.T2) / 1e6)
        return bytes((HEARD,)) + len(answer).to_bytes(2, "big") + answer

    def _answers(self, frame: bytes, control: int) -> Steps[list[bytes]]:
        if frame[0] & air.INVENTORY:
            return [said for slot in self._radio.field.slots(frame).values() for said in slot]
        wait = 0.0
        if control & OVERRIDE:
            wait = (control & WAIT) * (EOF_CLOCK if control & SEND_EOF else CLOCK)
        before = self._radio.field.programmed
        heard = self._radio.field.answers(frame)
        yield Spend("tprog" if frame[1] in WRITES else "air", wait or air.T1 / 1e6)
        if self._radio.field.programmed > before:
            waits_for_eof = bool(frame[0] & air.OPTION)
            if wait < self._radio.tprog or (waits_for_eof and not control & SEND_EOF):
                return []
        return heard
