"""ISO 28560-4: library items on UHF tags with partitioned memory (ISO/IEC 18000-63, Gen2). Pure codec, both directions.

    EPC bank (MB01)   StoredCRC (2) | protocol control word (2) | UII in whole words
    control word      length in words (5 bits) | UMI | XPC | toggle | AFI (8 bits)
    UII               owner institution "." primary item identifier, in URN Code 40 (`urn40`)
    user bank (MB11)  DSFID 06 | the elements of ISO 28560-2 without the identifier | 00 up to a whole word

Toggle 1 = ISO application with an AFI, 0 = GS1 EPC, whose low byte holds attribute bits. A library tag has toggle 1 and
AFI 07 or C2. UMI means that the user bank holds data. The tag itself computes the StoredCRC at power-up, so a memory
dump may have any value there; readers that write leave it out.

These tags are not images of ISO 15693 and are not in the registry. Source: docs/reference/tag-data.md#uhf-tags; vectors
of ISO/TS 28560-4:2014 p. 49 and 52 as quoted in dp2's TestUHF.cs.

Choices that the sources leave open:
- The owner ends at the first full stop, since an ISIL has none ("CH-000134-1.12345678.31": identifier 12345678.31). The
  meaning of a second full stop is open. dp2 also divides there. Without a full stop there is no owner.
- The owner is in the UII or in the user bank: `OwnerPlace`. If both exist and differ, a remark says so and the UII
  counts. In the user bank the owner is text by its shortest scheme, not the ISIL code, and the last element, as in the
  example of p. 52.
- An extended protocol control word (XPC) is ignored: no available source shows one.
- The identifier is in the UII, so an unreadable user bank only adds a remark.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from station.base.errors import ElementInvalid, Undecodable
from station.base.text import clean
from station.encoding.content import Remark, RemarkKind, Severity, TagContent
from station.encoding.iso15962 import compaction, elements
from station.encoding.iso15962.data_elements import OWNER_INSTITUTION, PRIMARY_ITEM_IDENTIFIER
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2.remarks import ISIL_AS_TEXT
from station.encoding.iso28560_4 import urn40

DSFID: Final = 0x06
LIBRARY_AFIS: Final = frozenset({0x07, 0xC2})
MOST_WORDS: Final = 31
SEPARATOR: Final = "."

OWNER_DIFFERS: Final = RemarkKind(
    "two-owners",
    Severity.MAJOR,
    "The identifier names {uii} as the owner, the other data {other}; the identifier counts.",
    "Check whose item it is and write the tag again.",
)
USER_BANK_DENIED: Final = RemarkKind(
    "user-bank-denied",
    Severity.MINOR,
    "The tag says that it holds no other data, but it does.",
    "Write the tag again when it is convenient.",
)
USER_BANK_EMPTY: Final = RemarkKind(
    "user-bank-empty",
    Severity.INFO,
    "The tag says that it holds other data, but there are none.",
    "Nothing to do.",
)
USER_BANK_UNREADABLE: Final = RemarkKind(
    "user-bank-unreadable",
    Severity.MAJOR,
    "The other data of the tag cannot be read (byte {at}: {reason}).",
    "Write the tag again.",
)
CRC_DIFFERS: Final = RemarkKind(
    "stored-crc-differs",
    Severity.INFO,
    "The stored CRC is {stored:04X} and should be {wanted:04X}: the picture of the memory is old, or was made by hand.",
    "Read the tag again.",
)
KINDS: Final = (OWNER_DIFFERS, USER_BANK_DENIED, USER_BANK_EMPTY, USER_BANK_UNREADABLE, CRC_DIFFERS)


class Application(StrEnum):
    """Numbering scheme of an EPC bank."""

    LIBRARY = "ISO 28560-4"
    ISO = "another ISO application"
    GS1 = "GS1 EPC"


class OwnerPlace(StrEnum):
    """Place where the owner institution is written; readers find it in both places."""

    UII = "UII"
    """The example of p. 49. The default: the UII alone then names the item and its owner."""
    USER_BANK = "user bank"
    """The example of p. 52; dp2 has a switch for it."""


@dataclass(frozen=True, slots=True)
class ProtocolControl:
    """The protocol control word."""

    words: int
    """16-bit words after it, 0 to 31."""
    umi: bool
    """User memory indicator."""
    xpc: bool
    """True if there is an extended protocol control word."""
    iso: bool
    """Toggle: ISO application (AFI) or GS1 EPC."""
    afi: int
    """AFI; the attribute bits of a GS1 EPC."""

    @property
    def application(self) -> Application:
        """The application by toggle and AFI alone; the data after them may still follow another scheme."""
        if not self.iso:
            return Application.GS1
        return Application.LIBRARY if self.afi in LIBRARY_AFIS else Application.ISO


@dataclass(frozen=True, slots=True)
class EpcBank:
    """The parts of an EPC bank of any writer."""

    pc: ProtocolControl
    data: bytes
    """As many words as the control word counts: the UII, or an EPC."""
    stored_crc: int | None
    """None if the bank was given without it."""
    wanted_crc: int
    """CRC over the control word and `data`."""


@dataclass(frozen=True, slots=True)
class Uii:
    """A unique item identifier."""

    owner: str
    """ISIL; "" = not in the UII."""
    identifier: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A library's UHF tag."""

    content: TagContent
    """`elements` holds the elements of the user bank; their offsets count from its beginning."""
    bank: EpcBank
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """The two banks to write."""

    epc_bank: bytes
    """From the control word on: the tag computes the StoredCRC."""
    user_bank: bytes
    """b"" = nothing to write there."""


def gen2_crc(data: bytes) -> int:
    """Return the CRC-16 of Gen2 (polynomial 1021, initial FFFF, inverted at the end), as stored before `data`."""
    return binascii.crc_hqx(data, 0xFFFF) ^ 0xFFFF


# --- protocol control word and EPC bank -----------------------------------------------------------------------------


def encode_pc(pc: ProtocolControl) -> bytes:
    """Return two bytes; raise `ElementInvalid`."""
    if not 0 <= pc.words <= MOST_WORDS:
        raise ElementInvalid(f"{pc.words} words; there is room for {MOST_WORDS} at most")
    if not 0 <= pc.afi <= 0xFF:
        raise ElementInvalid(f"AFI {pc.afi} is not one byte")
    return bytes([pc.words << 3 | pc.umi << 2 | pc.xpc << 1 | pc.iso, pc.afi])


def decode_pc(data: bytes, offset: int = 0) -> ProtocolControl:
    """Return the control word at `offset`; raise `Undecodable`."""
    if not 0 <= offset <= len(data) - 2:
        raise Undecodable(max(min(offset, len(data)), 0), "there is no protocol control word")
    first, afi = data[offset], data[offset + 1]
    return ProtocolControl(first >> 3, bool(first & 4), bool(first & 2), bool(first & 1), afi)


def decode_epc_bank(bank: bytes, *, with_crc: bool = True) -> EpcBank:
    """Split an EPC bank into its parts; words beyond those that the control word counts are ignored.

    `with_crc` False = the bank begins with the control word. Raises `Undecodable` for a bank that is too short.
    """
    start = 2 if with_crc else 0
    pc = decode_pc(bank, start)
    end = start + 2 + 2 * pc.words
    if end > len(bank):
        raise Undecodable(start, f"{pc.words} words promised, {(len(bank) - start - 2) // 2} there")
    stored = int.from_bytes(bank[:2], "big") if with_crc else None
    return EpcBank(pc, bank[start + 2 : end], stored, gen2_crc(bank[start:end]))


def encode_epc_bank(owner: str, identifier: str, *, afi: int, umi: bool = False) -> bytes:
    """Return control word and UII, without StoredCRC. Raises `ElementInvalid`."""
    if afi not in LIBRARY_AFIS:
        raise ElementInvalid(f"AFI {afi:02X} is not for a library's UHF tag")
    data = encode_uii(owner, identifier)
    return encode_pc(ProtocolControl(len(data) // 2, umi, xpc=False, iso=True, afi=afi)) + data


# --- unique item identifier -----------------------------------------------------------------------------------------


def encode_uii(owner: str, identifier: str) -> bytes:
    """Return whole words; an empty `owner` is left out. Raises `ElementInvalid` for values that would read back
    differently."""
    if not identifier:
        raise ElementInvalid("the identifier is empty")
    text = f"{owner}{SEPARATOR}{identifier}" if owner else identifier
    for part in (owner, identifier):
        if clean(part) != part:
            raise ElementInvalid(f"{clean(part)!r} holds characters that cannot be stored on a tag")
    if split_uii(text) != Uii(owner, identifier):
        raise ElementInvalid(
            "a full stop in the owner, or in an identifier without an owner, would divide them in the wrong place"
        )
    data = urn40.even(urn40.encode(text))
    if len(data) > 2 * MOST_WORDS:
        raise ElementInvalid(f"the UII takes {len(data) // 2} words; there is room for {MOST_WORDS}")
    return data


def decode_uii(data: bytes, offset: int = 0) -> Uii:
    """Return owner and identifier; raise `Undecodable` at `offset` plus the position in `data`."""
    uii = split_uii(urn40.decode(data, offset))
    if (clean(uii.owner), clean(uii.identifier)) != (uii.owner, uii.identifier):
        raise Undecodable(offset, "the UII holds characters that barcodes do not have")
    if not uii.identifier:
        raise Undecodable(offset, "the UII names no item")
    return uii


def split_uii(text: str) -> Uii:
    """Divide at the first full stop."""
    owner, stop, identifier = text.partition(SEPARATOR)
    return Uii(owner, identifier) if stop else Uii("", owner)


# --- user bank ------------------------------------------------------------------------------------------------------


def encode_user_bank(content: TagContent, owner: OwnerPlace = OwnerPlace.UII) -> bytes:
    """Return DSFID and every element of `content` except the identifier, filled up to a word; b"" if there is none.

    The owner is included only if `owner` asks for it. A single part without other elements gets no user bank. Raises
    `ElementInvalid`.
    """
    isil = content.owner_institution if owner is OwnerPlace.USER_BANK else ""
    single = (content.part, content.parts) == (1, 1)
    if single and content.type_of_usage is None and not (content.shelf_location or content.further or isil):
        return b""
    memory = iso28560_2_codec.encode(replace(content, owner_institution=isil))
    # Part 2 puts the identifier first; the user bank holds the rest.
    rest = [item for item in elements.decode(memory)[0][1:] if item.oid != OWNER_INSTITUTION]
    bank = b"".join(memory[item.offset : item.offset + item.length] for item in rest)
    if isil:
        scheme = compaction.choose(isil)
        bank += elements.encode(OWNER_INSTITUTION, scheme, compaction.encode(isil, scheme))
    return urn40.even(bytes([DSFID]) + bank)


def decode_user_bank(bank: bytes, identifier: str) -> tuple[TagContent, tuple[Remark, ...]]:
    """Return the content of a user bank that belongs to `identifier`, which is in the UII. Raises `Undecodable`."""
    if not bank or bank[0] != DSFID:
        found = f"{bank[0]:02X}" if bank else "missing"
        raise Undecodable(0, f"the DSFID of the user bank is {found}, not {DSFID:02X}")
    scheme = compaction.choose(identifier)
    front = elements.encode(PRIMARY_ITEM_IDENTIFIER, scheme, compaction.encode(identifier, scheme))
    shift = 1 - len(front)
    try:
        decoded = iso28560_2_codec.decode(front + bank[1:])
    except Undecodable as error:
        raise Undecodable(max(error.offset + shift, 0), error.reason) from None
    content = decoded.content
    own = tuple(replace(item, offset=item.offset + shift) for item in content.elements[1:])
    remarks = tuple(
        remark if remark.offset is None else replace(remark, offset=max(remark.offset + shift, 0))
        for remark in decoded.remarks
        # Part 2 has the ISIL code there; part 4's own example has text.
        if remark.code != ISIL_AS_TEXT.code
    )
    return replace(content, elements=own), remarks


# --- the whole tag --------------------------------------------------------------------------------------------------


def encode(content: TagContent, *, afi: int, owner: OwnerPlace = OwnerPlace.UII) -> Encoded:
    """Return both banks of a library's tag; `afi` is one of `LIBRARY_AFIS`. Raises `ElementInvalid`."""
    user_bank = encode_user_bank(content, owner)
    in_uii = content.owner_institution if owner is OwnerPlace.UII else ""
    return Encoded(encode_epc_bank(in_uii, content.primary_item_identifier, afi=afi, umi=bool(user_bank)), user_bank)


def decode(epc_bank: bytes, user_bank: bytes = b"", *, with_crc: bool = True) -> Decoded:
    """Read a library's tag; a user bank of zeros is empty. Raises `Undecodable`, also for other applications, with the
    position in the EPC bank."""
    bank = decode_epc_bank(epc_bank, with_crc=with_crc)
    start = 2 if with_crc else 0
    if bank.pc.application is not Application.LIBRARY:
        raise Undecodable(start, f"the protocol control word is that of {bank.pc.application.value}")
    uii = decode_uii(bank.data, start + 2)
    remarks: list[Remark] = []
    if bank.stored_crc is not None and bank.stored_crc != bank.wanted_crc:
        remarks.append(CRC_DIFFERS.remark(0, 2, stored=bank.stored_crc, wanted=bank.wanted_crc))
    content = TagContent(uii.identifier, uii.owner)
    if any(user_bank):
        content = _with_user_bank(content, user_bank, remarks)
        if not bank.pc.umi:
            remarks.append(USER_BANK_DENIED.remark(start, 2))
    elif bank.pc.umi and user_bank:
        remarks.append(USER_BANK_EMPTY.remark(start, 2))
    return Decoded(content, bank, tuple(remarks))


def _with_user_bank(uii: TagContent, user_bank: bytes, remarks: list[Remark]) -> TagContent:
    """Return the content of both banks together."""
    try:
        content, more = decode_user_bank(user_bank, uii.primary_item_identifier)
    except Undecodable as error:
        remarks.append(USER_BANK_UNREADABLE.remark(at=error.offset, reason=clean(error.reason)))
        return uii
    remarks += more
    owner, other = uii.owner_institution, content.owner_institution
    if owner and other and other != owner:
        remarks.append(OWNER_DIFFERS.remark(uii=owner, other=other))
    return replace(content, owner_institution=owner or other)
