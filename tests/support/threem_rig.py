"""An independent client for the emulated 3M reader: raw terminal, literal bytes, JSON lines on the control socket."""

from __future__ import annotations

from crccheck.crc import Crc16Genibus

from tests.support.feig_rig import SLIX, Rig

__all__ = ["SLIX", "ThreemRig", "frame"]

FIRST = "E004010031269117"
SECOND = "E00401001F77FB98"


def frame(body: str, start: str = "D6") -> str:
    """Return the frame for a body such as "FE 00 05", with an independently computed CRC."""
    data = bytes.fromhex(body)
    data = (len(data) + 2).to_bytes(2, "big") + data
    return start.lower() + (data + Crc16Genibus.calc(data).to_bytes(2, "big")).hex()


class ThreemRig(Rig):
    MODULE = "threem"

    def ask(self, text: str) -> str:
        """Send a whole frame in hex and return the whole answer."""
        self.send(text)
        return self.answer()

    def answer(self) -> str:
        head = self.receive(3)
        return head + self.receive(int(head[2:], 16))

    def command(self, body: str) -> str:
        """Send a command such as "FE 00 05". Return the answer from its command byte on, without CRC."""
        answer = self.ask(frame(body))
        assert answer == frame(answer[6:-4])
        return answer[6:-4]
