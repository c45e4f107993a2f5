"""An independent client for the emulated PN532: raw terminal, literal bytes, its own checksums."""

from __future__ import annotations

from tests.support.feig_rig import Rig

NTAG = "04A1B2C3D4E5F6"
OTHER = "04112233445566"
ACK = "0000ff00ff00"
WAKE = "00" * 10


def frame(body: str) -> str:
    """Return the frame for a body such as "D4 02"."""
    data = bytes.fromhex(body)
    if len(data) > 255:
        head = b"\xff\xff" + len(data).to_bytes(2, "big")
        head += bytes((256 - sum(head[2:]) % 256 & 0xFF,))
    else:
        head = bytes((len(data), 256 - len(data) & 0xFF))
    return (b"\0\0\xff" + head + data + bytes((256 - sum(data) % 256 & 0xFF, 0))).hex()


class Pn532Rig(Rig):
    MODULE = "pn532"

    def ask(self, text: str) -> str:
        """Send a whole frame in hex. Return the answer that follows the ACK."""
        self.send(text)
        assert self.receive(6) == ACK
        return self.answer()

    def answer(self) -> str:
        head = self.receive(5)
        if head.endswith("ffff"):
            head += self.receive(3)
            return head + self.receive(int(head[10:14], 16) + 2)
        return head + self.receive(int(head[6:8], 16) + 2)

    def command(self, body: str) -> str:
        """Send a command such as "4A 01 00". Return the answer after its response code."""
        asked = body.replace(" ", "")
        answer = self.ask(frame("D4" + asked))
        data = bytes.fromhex(answer)
        inside = data[8:-2] if data[3:5] == b"\xff\xff" else data[5:-2]
        assert answer == frame(inside.hex())
        assert inside[0] == 0xD5
        assert inside[1] == int(asked[:2], 16) + 1
        return inside[2:].hex()

    def waken(self) -> None:
        """Send the wake-up bytes that nfcpy sends."""
        assert self.ask(WAKE + frame("D402")) == "0000ff06fad50332010607e800"
