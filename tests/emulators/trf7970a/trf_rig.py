"""An independent client of the emulated TRF7970A EVM: text both ways."""

from __future__ import annotations

from tests.support.feig_rig import Rig

ONE = "E00401000012AB01"
TWO = "E00700000071AB02"
ON = "10 0021 0100"  # full power, ISO 15693


def request(body: str) -> str:
    """Return the request of "14 06 01 00"."""
    inside = "0304" + body.replace(" ", "").upper() + "0000"
    length = 3 + len(inside) // 2
    return f"01{length & 0xFF:02X}{length >> 8:02X}{inside}"


def air(uid: str) -> str:
    """Return the UID in the byte order of the line."""
    return bytes.fromhex(uid)[::-1].hex().upper()


class TrfRig(Rig):
    MODULE = "trf7970a"

    def say_text(self, text: str, end: str = "\r\n") -> str:
        """Send characters; return everything until the emulator has finished the request."""
        self.send(text.encode().hex())
        heard = bytes.fromhex(self.receive(self.unheard())).decode()
        assert heard.endswith(end)
        return heard

    def ask_air(self, body: str) -> str:
        """Return the content of the brackets in the answer to a request on the air."""
        said = self.say_text(request("18" + body))
        assert said.startswith("Request mode.\r\n[")
        assert said.endswith("]\r\n")
        return said[16:-3]
