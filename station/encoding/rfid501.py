"""The 3M alphanumeric layout (RFID 501), read only.

Byte 0 = 04; byte 1 item number and set size nibbles; byte 2 = 00; byte 3 item type; 4-19 barcode, 00 filled; 20-23
branch (12 bits) and library (20 bits), big-endian; 24-27 custom, whose byte order is ambiguous in the source. Source:
dpavlin/Biblio-RFID RFID501 (tag-data-models.md 5). A new 3M tag holds 24 bytes 55, then 00. The layout has no owner
and no mark of completion.
"""

from __future__ import annotations

from typing import Final

from station.encoding.content import Decoding, ElementValue, Part, Range, RemarkKind, TagContent
from station.errors import Undecodable
from station.image import TagImage
from station.text import clean

MODEL: Final = "3m"
MAGIC: Final = 0x04
SIZE: Final = 28
FILL: Final = 0x55
FILLED: Final = 24

TYPES: Final = {
    0: "other",
    1: "book",
    2: "magazine",
    3: "bound journal",
    4: "audio tape",
    5: "video",
    6: "CD",
    7: "diskette",
    8: "book and diskette",
    9: "book and CD",
    13: "book and audio",
}


def is_factory_blank(memory: bytes) -> bool:
    """True for the filling of a new 3M tag."""
    return len(memory) >= FILLED and memory[:FILLED] == bytes([FILL]) * FILLED and not any(memory[FILLED:])


def decode(memory: bytes) -> TagContent:
    """Read the layout; raises `Undecodable`."""
    if len(memory) < SIZE:
        raise Undecodable(len(memory), f"a 3M tag has at least {SIZE} bytes")
    if memory[0] != MAGIC or memory[2] != 0:
        raise Undecodable(0, "the first bytes are not 04 .. 00")
    barcode, _, rest = memory[4:20].partition(b"\0")
    if any(rest):
        raise Undecodable(4 + len(barcode), "there is something behind the end of the barcode")
    if barcode == bytes([FILL]) * 16:
        # A new 3M tag whose first block was torn.
        raise Undecodable(4, "the barcode field holds the filling of a new tag")
    text = barcode.decode("latin-1")
    if not text or not text.isascii() or clean(text) != text:
        raise Undecodable(4, "the barcode field is empty or not printable")
    number, total = memory[1] >> 4, memory[1] & 0x0F
    branch = (memory[20] << 4) | (memory[21] >> 4)
    library = ((memory[21] & 0x0F) << 16) | (memory[22] << 8) | memory[23]
    kind = memory[3]
    return TagContent(
        primary_item_identifier=text,
        part=max(number, 1),
        parts=max(total, number, 1),
        elements=(
            ElementValue(4, "Set information", f"part {number} of {total}", 1, 1),
            ElementValue(0, "Item type", TYPES.get(kind, f"type {kind}"), 3, 1),
            ElementValue(1, "Primary item identifier", text, 4, 16),
            ElementValue(0, "Branch and library", f"{branch}, {library}", 20, 4),
            ElementValue(0, "Custom data", memory[24:28].hex(" ").upper(), 24, 4),
        ),
    )


# --- as a data model ------------------------------------------------------------------------------------------------


class Rfid501:
    """The 3M layout for the registry."""

    name = MODEL
    title = "3M (RFID 501)"
    kinds: tuple[RemarkKind, ...] = ()
    marks_completion = False

    def read(self, image: TagImage, memory: bytes) -> Decoding:  # noqa: ARG002
        """The layout, with a printable barcode."""
        reason = "The memory has the layout of a 3M tag (RFID 501)."
        return Decoding(model=MODEL, content=decode(memory), confidence=0.9, reason=reason, end=min(32, len(memory)))

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:  # noqa: ARG002
        """The whole memory as one range."""
        return (Range(0, len(memory), Part.DATA, self.title),)

    def owned(self, decoding: Decoding, isil: str) -> bool:  # noqa: ARG002
        """Never: the layout names no ISIL."""
        return False
