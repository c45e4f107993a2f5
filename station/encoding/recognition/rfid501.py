"""The 3M alphanumeric layout (RFID 501): `decode` and `encode`; as a data model it is read only.

    0 mark 04 | 1 item number, set size (nibbles) | 2 always 00 | 3 item type | 4-19 barcode, 00 filled
    20-23 branch (12 bits), library (20 bits) | 24-27 custom number, signed | 28-31 always 00

Source: Biblio::RFID::RFID501 of dpavlin/Biblio-RFID (docs/reference/tag-data.md#3m-layout), the only public
description; its author states that 3M published none. The layout has no owner, no check and no mark of completion. So a
memory with an irregularity where the layout leaves no freedom (data after the barcode's end, an impossible set, text in
place of numbers, a tail that is not zero) is read only as a claim (`Decoding.sound`). `strict` refuses everything that
an encoder would not write.

Points on which the sources disagree:
- Byte order of the custom number: most significant byte first in the current module (template `C4Z16Nl>l`: `l>` is the
  custom number), in its vectors and in a Go program after it; docs/reference/tag-data.md#3m-layout says host order,
  which is least significant first on a PC. `CustomOrder` names the choice; BIG is the default.
- A barcode of 16 characters: the module's `Z16` cuts it to 15 and a zero; the Go program fills all 16. Both are read;
  16 are written.
- Item number 0 of 0: the module writes it if no set is given. It is read as item one of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from station.base.errors import DoesNotFit, ElementInvalid, Undecodable
from station.base.text import clean, printable_hex
from station.domain.tag_image import TagImage
from station.encoding.content import (
    Decoding,
    ElementValue,
    Part,
    Range,
    Remark,
    RemarkKind,
    Severity,
    TagContent,
)
from station.encoding.recognition.blank import NEW_3M

MODEL: Final = "3m"
MAGIC: Final = 0x04
SIZE: Final = 32
"""Bytes of the whole layout."""
SHORTEST: Final = 24
"""Minimum bytes of a readable memory: up to branch and library. The module has the same minimum."""
_BARCODE: Final = slice(4, 20)
MAX_BARCODE: Final = 16
_OWNER_OF_28560_3: Final = slice(21, 34)
_FILLING: Final = bytes([NEW_3M.fill]) * MAX_BARCODE
"""Content of the barcode field of a new 3M tag."""

AFIS: Final = (0xD6, 0xD7, 0xDA)
"""AFI values of 3M sites. The source contradicts itself about which of them is "secured"
(docs/reference/tag-data.md#3m-layout): its text says D7 (and prints D6), its server code and its Koha script say DA. So
they are only a hint, never a judgment."""
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


class CustomOrder(StrEnum):
    """Byte order of the custom number; see above."""

    BIG = "big"
    LITTLE = "little"


_AGAIN: Final = "When convenient, write the tag again in this library's own format."
_CHECK: Final = "Scan the item's barcode and compare; write the tag again if it is this library's item."

NO_SET: Final = RemarkKind("no-set-given", Severity.INFO, "It names no set (item 0 of 0).", _AGAIN)
TYPE_UNKNOWN: Final = RemarkKind(
    "item-type-unknown", Severity.INFO, "No public list of 3M item types has {kind}.", _AGAIN
)
SHORT: Final = RemarkKind("short-memory", Severity.INFO, "The memory ends before the layout's {size} bytes do.", _AGAIN)
LEFTOVER: Final = RemarkKind(
    "leftover", Severity.INFO, "There is data behind the layout; it was not read.", "Nothing need be done."
)
SET_NONSENSE: Final = RemarkKind(
    "set-nonsense", Severity.MAJOR, "It says that it is item {number} of a set of {total}.", _CHECK
)
BEHIND_BARCODE: Final = RemarkKind(
    "behind-the-barcode", Severity.MAJOR, "There is data behind the end of the barcode; it was not read.", _CHECK
)
TAIL: Final = RemarkKind("tail-not-zero", Severity.MAJOR, "The last four bytes should be zero, but are not.", _CHECK)
OWNER_TEXT: Final = RemarkKind(
    "text-for-numbers",
    Severity.MAJOR,
    "Text is where the library's number belongs. Perhaps an ISO 28560-3 write was not finished.",
    _CHECK,
)
"""A 28560-3 tag of usage class 4 to 7 whose block 0 is torn to 04 00 00 .. has this exact layout, and its identifier
lacks the first character (found by the tear proof, tests/encoding/write_plan/test_tear.py)."""
KINDS: Final = (NO_SET, TYPE_UNKNOWN, SHORT, LEFTOVER, SET_NONSENSE, BEHIND_BARCODE, TAIL, OWNER_TEXT)
_DOUBT: Final = frozenset({SET_NONSENSE.code, BEHIND_BARCODE.code, TAIL.code, OWNER_TEXT.code})
"""Remarks that make the tag only a claim."""
_LAX: Final = frozenset({NO_SET.code, LEFTOVER.code})
"""Remarks on known habits of writers, which `strict` accepts."""


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields of the layout."""

    barcode: str
    """1 to 16 printable ASCII characters."""
    number: int = 1
    """Item number in the set, 1 to 15; 0 (with `total` 0) = no set given."""
    total: int = 1
    """Items in the set."""
    kind: int = 1
    """Item type, a byte: see `TYPES`."""
    branch: int = 0
    """12 bits."""
    library: int = 0
    """20 bits."""
    custom: int = 0
    """32 bits, signed."""


# --- encoding -------------------------------------------------------------------------------------------------------


def encode(fields: Fields, order: CustomOrder = CustomOrder.BIG) -> bytes:
    """Return the layout's 32 bytes. Raises `ElementInvalid` for a value that its field cannot hold.

    >>> encode(Fields("1301234567", branch=2, library=345)).hex()
    '0411000131333031323334353637000000000000002001590000000000000000'
    """
    barcode = fields.barcode
    if not barcode or not barcode.isascii() or clean(barcode) != barcode:
        raise ElementInvalid(f"a 3M tag cannot hold the barcode {clean(barcode)!r}")
    if len(barcode) > MAX_BARCODE:
        raise ElementInvalid(f"a 3M tag holds {MAX_BARCODE} characters of a barcode, not {len(barcode)}")
    _within(fields.number, 0, 15, "item number")
    _within(fields.total, 0, 15, "set size")
    if fields.number > fields.total or (fields.total and not fields.number):
        raise ElementInvalid(f"item {fields.number} of a set of {fields.total} is not possible")
    _within(fields.kind, 0, 0xFF, "item type")
    _within(fields.branch, 0, 0xFFF, "branch")
    _within(fields.library, 0, 0xFFFFF, "library")
    _within(fields.custom, -(1 << 31), (1 << 31) - 1, "custom number")
    return b"".join(
        (
            bytes([MAGIC, fields.number << 4 | fields.total, 0, fields.kind]),
            barcode.encode("ascii").ljust(MAX_BARCODE, b"\0"),
            (fields.branch << 20 | fields.library).to_bytes(4, "big"),
            fields.custom.to_bytes(4, _order(order), signed=True),
            bytes(4),
        )
    )


def encode_memory(fields: Fields, size: int, order: CustomOrder = CustomOrder.BIG) -> bytes:
    """Return the same for a user memory of `size` bytes, the rest zero. Also raises `DoesNotFit`."""
    data = encode(fields, order)
    if size < len(data):
        raise DoesNotFit(len(data), size)
    return data.ljust(size, b"\0")


def fields_of(content: TagContent) -> Fields:
    """Return the fields that the layout can carry of `content`: its barcode and its set. Raises `ElementInvalid`, as
    `encode` does."""
    _within(content.parts, 1, 15, "set size")
    return Fields(content.primary_item_identifier, content.part, content.parts)


def _within(value: int, low: int, high: int, what: str) -> None:
    if not low <= value <= high:
        raise ElementInvalid(f"{what} {value} is not within {low} to {high}")


def _order(order: CustomOrder) -> Literal["big", "little"]:
    return "big" if order is CustomOrder.BIG else "little"


# --- decoding -------------------------------------------------------------------------------------------------------


def decode_fields(
    memory: bytes, order: CustomOrder = CustomOrder.BIG, *, strict: bool = False
) -> tuple[Fields, tuple[Remark, ...]]:
    """Return all fields and the remarks. Raises `Undecodable`; with `strict`, also for every remark that is not
    harmless."""
    if len(memory) < SHORTEST:
        raise Undecodable(len(memory), f"a 3M tag has at least {SHORTEST} bytes")
    if memory[0] != MAGIC or memory[2] != 0:
        raise Undecodable(0, "the first bytes are not 04 .. 00")
    field = memory[_BARCODE]
    barcode, _, rest = field.partition(b"\0")
    if field == _FILLING:
        raise Undecodable(4, "the barcode field holds the filling of a new tag")
    text = barcode.decode("latin-1")
    if not text or not text.isascii() or clean(text) != text:
        raise Undecodable(4, "the barcode field is empty or not printable")
    fields = Fields(
        barcode=text,
        number=memory[1] >> 4,
        total=memory[1] & 0x0F,
        kind=memory[3],
        branch=memory[20] << 4 | memory[21] >> 4,
        library=(memory[21] & 0x0F) << 16 | memory[22] << 8 | memory[23],
        custom=int.from_bytes(memory[24:28].ljust(4, b"\0"), _order(order), signed=True),
    )
    remarks = _remarks(fields, memory, any(rest))
    if strict:
        for remark in remarks:
            if remark.code not in _LAX:
                raise Undecodable(remark.offset or 0, remark.sentence.rstrip("."))
    return fields, remarks


def _remarks(fields: Fields, memory: bytes, behind: bool) -> tuple[Remark, ...]:
    found: list[Remark] = []
    number, total = fields.number, fields.total
    if not number and not total:
        found.append(NO_SET.remark(1))
    elif not 1 <= number <= total:
        found.append(SET_NONSENSE.remark(1, number=number, total=total))
    if fields.kind not in TYPES:
        found.append(TYPE_UNKNOWN.remark(3, kind=fields.kind))
    if behind:
        end = 4 + len(fields.barcode)
        found.append(BEHIND_BARCODE.remark(end, _BARCODE.stop - end))
    if len(memory) < SIZE:
        found.append(SHORT.remark(size=SIZE))
    if any(memory[28:SIZE]):
        found.append(TAIL.remark(28, len(memory[28:SIZE])))
    owner = memory[_OWNER_OF_28560_3].rstrip(b"\0")
    if len(owner) > 1 and owner.isascii() and owner[:1].isalpha() and owner.decode("ascii").isprintable():
        found.append(OWNER_TEXT.remark(_OWNER_OF_28560_3.start, len(owner)))
    if any(memory[SIZE:]):
        found.append(LEFTOVER.remark(SIZE, len(memory) - SIZE))
    return tuple(found)


def decode(memory: bytes) -> TagContent:
    """Return the layout as a tag's content, tolerantly; raise `Undecodable`."""
    return _content(decode_fields(memory)[0], memory)


def _content(fields: Fields, memory: bytes) -> TagContent:
    return TagContent(
        primary_item_identifier=fields.barcode,
        part=max(fields.number, 1),
        parts=max(fields.total, fields.number, 1),
        elements=(
            ElementValue(4, "Set information", f"part {fields.number} of {fields.total}", 1, 1),
            ElementValue(0, "Item type", type_words(fields.kind), 3, 1),
            ElementValue(1, "Primary item identifier", fields.barcode, 4, MAX_BARCODE),
            ElementValue(0, "Branch and library", f"{fields.branch}, {fields.library}", 20, 4),
            ElementValue(0, "Custom data", printable_hex(memory[24:28]), 24, len(memory[24:28])),
        ),
    )


def is_factory_blank(memory: bytes) -> bool:
    """Return True for the filling of a new 3M tag."""
    return NEW_3M.matches(memory)


def type_words(kind: int) -> str:
    """Return an item type as words."""
    return TYPES.get(kind, f"type {kind}")


# --- as a data model ------------------------------------------------------------------------------------------------


class Rfid501:
    """The 3M layout for the registry: read only, because the station never writes it."""

    name = MODEL
    title = "3M (RFID 501)"
    kinds: tuple[RemarkKind, ...] = KINDS
    marks_completion = False

    def read(self, image: TagImage, memory: bytes) -> Decoding:  # noqa: ARG002
        """Read the layout with a printable barcode; a doubtful one is only a claim."""
        fields, remarks = decode_fields(memory)
        sound = not any(remark.code in _DOUBT for remark in remarks)
        return Decoding(
            model=MODEL,
            content=_content(fields, memory),
            confidence=0.9 if sound else 0.4,
            reason="The memory has the layout of a 3M tag (RFID 501).",
            remarks=remarks,
            sound=sound,
            end=min(SIZE, len(memory)),
        )

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """Return every field, the zeros between them, and the data after the layout."""
        named = {item.offset: item.value for item in decoding.content.elements}
        end = min(4 + len(decoding.content.primary_item_identifier), _BARCODE.stop)
        library = named.get(20, "").partition(", ")
        custom = int.from_bytes(memory[24:28].ljust(4, b"\0"), "big", signed=True)
        rows = (
            (0, 1, Part.STRUCTURE, "mark of a 3M tag", "", "always 04"),
            (1, 1, Part.DATA, "Set information", named.get(1, ""), "item number, set size"),
            (2, 1, Part.STRUCTURE, "zero", "", "always 00"),
            (3, 1, Part.DATA, "Item type", named.get(3, ""), ""),
            (4, end - 4, Part.IDENTIFIER, "Primary item identifier", named.get(4, ""), "ASCII"),
            (end, 20 - end, *_zeros(memory[end:20], Part.STRUCTURE, "end of the barcode"), ""),
            (20, 4, Part.DATA, "Branch and library", f"branch {library[0]}, library {library[2]}", "12 and 20 bits"),
            (24, 4, Part.DATA, "Custom data", str(custom), "a signed number, most significant byte first"),
            (28, 4, *_zeros(memory[28:SIZE], Part.STRUCTURE, "zero"), ""),
            (SIZE, len(memory), *_zeros(memory[SIZE:], Part.FREE, "free"), ""),
        )
        found: list[Range] = []
        for offset, length, part, label, value, note in rows:
            length = min(length, len(memory) - offset)
            if length > 0:
                found.append(Range(offset, length, part, label, value, note))
        return tuple(found)

    def owned(self, decoding: Decoding, isil: str) -> bool:  # noqa: ARG002
        """Return False: the layout holds no ISIL."""
        return False


def _zeros(data: bytes, part: Part, label: str) -> tuple[Part, str, str]:
    """Return part, label and value of bytes that should be zero."""
    return (Part.LEFTOVER, "left over, not read", "") if any(data) else (part, label, "")
