"""Shared by the tests of 28560-3: a separate writer (bytes and crccheck), contents, and names of remarks."""

from __future__ import annotations

from crccheck.crc import Crc16CcittFalse
from hypothesis import strategies as st

from station.encoding.content import TagContent
from station.encoding.iso28560_3.basic_block import MODEL, Decoded
from station.encoding.iso28560_3.models import Iso28560Part3, decoding_of


def crc(basic: bytes) -> int:
    """Return the CRC of 34 bytes by a third implementation."""
    return Crc16CcittFalse.calc(basic[:19] + basic[21:34])


def with_crc(memory: bytes) -> bytes:
    """Return `memory` with the correct CRC."""
    basic = memory[:34].ljust(34, b"\0")
    return memory[:19] + crc(basic).to_bytes(2, "little") + memory[21:]


def frame(block: int, payload: bytes, *, wide: bool = False, last: bool = False) -> bytes:
    """Return a frame. `last`: XOR at the end, as je4 writes it. `wide`: an id of 24 bits."""
    head = bytes([block & 255, block >> 8]) if not wide else bytes([block & 255, 255, block >> 8 & 255, block >> 16])
    length = len(head) + len(payload) + 2
    body = bytes([length]) + head
    xor = 0
    for byte in body + payload:
        xor ^= byte
    return body + payload + bytes([xor]) if last else body + bytes([xor]) + payload


def reverse(memory: bytes, size: int = 4) -> bytes:
    """Reverse the bytes of each block."""
    return b"".join(memory[at : at + size][::-1] for at in range(0, len(memory), size))


def codes(decoded: Decoded) -> set[str]:
    """Return the codes of the remarks."""
    return {remark.code for remark in decoded.remarks}


TEXT = st.text("ABCabc 019.-/ÄéЖ字", min_size=1, max_size=12).filter(lambda text: text == " ".join(text.split()))
IDENTIFIER = st.text("ABCabz0189.-", min_size=1, max_size=16)
OWNER = st.just("") | st.builds(
    "{}-{}".format, st.sampled_from(["DE", "NO", "US", "FI"]), st.text("ABab019", min_size=1, max_size=9)
)
OCTET = st.integers(1, 255).map("{:02X}".format)
TEXTS = (6, 7, 8, 9, 10, 11, 12, 17, 18, 21, 22, 24, 25)


@st.composite
def contents(draw: st.DrawFn) -> TagContent:
    """Draw contents that a large tag can hold."""
    fields = draw(st.dictionaries(st.sampled_from(TEXTS), TEXT, max_size=6))
    fields |= draw(
        st.fixed_dictionaries({}, optional={19: OCTET, 20: OCTET, 13: st.text("0189", min_size=13, max_size=13)})
    )
    if draw(st.booleans()):
        fields[23] = draw(st.sampled_from(["Lib01", "Stadtbücherei", "a b"]))
    parts = draw(st.integers(1, 255))
    shelf = fields.pop(6, "")
    return TagContent(
        draw(IDENTIFIER),
        draw(OWNER),
        draw(st.integers(1, parts)),
        parts,
        draw(st.integers(0, 15)) << 4,
        shelf,
        tuple(sorted(fields.items())),
    )


def owned(decoded: Decoded, isil: str) -> bool:
    """Return the data model's answer for this decoding."""
    return Iso28560Part3().owned(decoding_of(decoded, MODEL, 1.0, ""), isil)
