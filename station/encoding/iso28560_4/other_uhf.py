"""Other layouts of library UHF tags: fields in the EPC, by maker or by alliance. Read only.

BookWaves (128-bit EPC, GS1 toggle; lukaslerche/bookwaves-feig, classes DE290Tag to BookWavesTag)
    0-3 owner in URN Code 40 | 4-13 or 4-11 item | 14 version, where there is one | 15 last bit: secured
    DE290, DE6, CD290 (the first 5,000 tags of DE290)   number of 8 bytes, big-endian
    DE290F (loans from other libraries)                 4 kind of number, 5-11 number
    DE386, DELAN1                                       ASCII, filled with 00 or spaces (left in older, right in newer tags)
    DE385                                               URN Code 40, 0 = space, ended by 0000

Smartfreq BR (ISO toggle; class BRTag)
    41 | length | item in 6-bit characters, up to a word. AFI 07 = secured, C2 = not.
    This is an element of ISO/IEC 15962 (identifier, 6-bit), but its padding bits are 0, not 100000, and a code 000000 is
    dropped. As URN Code 40 the first two bytes would be letters: the length that fits distinguishes the two.

Chinese university alliance (GS1 toggle; dp2 GaoxiaoUtility.cs, TestGaoxiao.cs after the alliance's specification 2.0)
    0 lent (bit 8), reserved (6-5), sorting (4-1) | 1 packing of the item (8-7), version - 1 (6-1) | 2-3 elements on the tag
    4-  item, by its packing: 0 for 96-bit EPCs, 1 for 128-bit EPCs, 2 unpacked
    User bank: OID (6 bits), length (10 bits), data; an OID of 0 ends it.

The packings of the alliance are little-endian words (the lowest bits of the first byte come first):
    any   bits 0-3 number of characters (1-14); short items: the characters follow as bytes
    0     from 8 on: 4-11 last character, 12-29 characters 3, 2, 1 (6 bits, less 30), 30-33 character 4 (4 bits, less 30),
          34-63 characters 5 to the last but one as one number
    1     from 12 on: 4-11 last character, then from bit 12 the characters from the last but one down to the 11th, from bit
          32 the characters 10 to 6, from bit 64 the characters 5 to 1 (6 bits each, less 30)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from station.base.errors import Undecodable
from station.base.text import clean
from station.encoding.iso15962 import compaction
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso28560_4 import urn40
from station.encoding.iso28560_4.codec import EpcBank

BOOKWAVES: Final = "BookWaves"
SMARTFREQ: Final = "Smartfreq BR"
ALLIANCE: Final = "Chinese university alliance"

_EPC_BYTES: Final = 16
_HEADER: Final = 4


@dataclass(frozen=True, slots=True)
class UhfFields:
    """Fields of such a tag."""

    layout: str
    """`BOOKWAVES`, `SMARTFREQ` or `ALLIANCE`."""
    identifier: str
    owner: str = ""
    """The owner as stored: a code of the maker's, not an ISIL."""
    secured: bool | None = None
    """True if the gate alarms; None = the layout does not have it."""
    version: int | None = None


def read(bank: EpcBank) -> UhfFields:
    """Try every layout on an EPC bank; raise `Undecodable` if none fits.

    The alliance's layout has no distinctive mark and is tried last: any EPC that fits it is taken for it.
    """
    if bank.pc.iso:
        if _names_a_country(bank.data):
            raise Undecodable(0, "it reads as a UII of ISO 28560-4")
        return decode_smartfreq(bank)
    if bank.data[:_HEADER] in HEADERS:
        return decode_bookwaves(bank.data)
    return decode_alliance(bank.data).fields


def _names_a_country(data: bytes) -> bool:
    """Return True for a UII whose owner begins with two letters and a hyphen: "JP-" is 411C, which Smartfreq could have
    too."""
    try:
        text = urn40.decode(data)
    except Undecodable:
        return False
    return text[:2].isalpha() and text[2:3] == "-" and "." in text


def _item(text: str, offset: int) -> str:
    """Return an item's number that may be shown; raise `Undecodable`."""
    if not text or clean(text) != text:
        raise Undecodable(offset, "the item is empty or holds characters that barcodes do not have")
    return text


# --- BookWaves ------------------------------------------------------------------------------------------------------


def _number(data: bytes) -> str:
    return str(int.from_bytes(data[4:12], "big"))


def _kinds_of_number(data: bytes) -> str:
    """Return the number of a DE290F tag; byte 4 is the kind of number."""
    number = str(int.from_bytes(data[5:12], "big"))
    match data[4]:
        case 1:
            return number
        case 2:
            return f"@{number}"
        case 3 if len(number) <= 7:
            return f"49HBZUBD{number.zfill(7)}"
        case 4:
            return urn40.decode_words(data[6:12], padding=" ").strip()
        case _:
            raise Undecodable(4, "an unknown kind of number")


def _ascii(data: bytes) -> str:
    try:
        return data[4:14].strip(b"\0 ").decode("ascii")
    except UnicodeDecodeError as error:
        raise Undecodable(4, "the item is not ASCII") from error


def _code_40(data: bytes) -> str:
    words = data[4:14]
    end = next((at for at in range(0, len(words), 2) if words[at : at + 2] == b"\0\0"), len(words))
    return urn40.decode_words(words[:end], padding=" ").rstrip()


HEADERS: Final[dict[bytes, tuple[Callable[[bytes], str], bool]]] = {
    bytes.fromhex("19e9f871"): (_number, False),
    bytes.fromhex("1381f871"): (_number, False),
    bytes.fromhex("19ed0001"): (_number, False),
    bytes.fromhex("19e9f877"): (_kinds_of_number, False),
    bytes.fromhex("19eaf321"): (_ascii, True),
    bytes.fromhex("19d50890"): (_ascii, True),
    bytes.fromhex("19eaf2f9"): (_code_40, True),
}
"""First four bytes -> decoder of the item, and whether byte 14 is a version."""


def decode_bookwaves(data: bytes) -> UhfFields:
    """Read a 128-bit EPC with one of the `HEADERS`; raise `Undecodable`."""
    if len(data) != _EPC_BYTES:
        raise Undecodable(min(len(data), _EPC_BYTES), f"an EPC of BookWaves has {_EPC_BYTES} bytes")
    header = data[:_HEADER]
    if header not in HEADERS:
        raise Undecodable(0, "an unknown owner of BookWaves")
    item, versioned = HEADERS[header]
    return UhfFields(
        layout=BOOKWAVES,
        identifier=_item(item(data), _HEADER),
        owner=urn40.decode(header),
        secured=bool(data[15] & 1),
        version=data[14] if versioned else None,
    )


# --- Smartfreq BR ---------------------------------------------------------------------------------------------------

_BR_HEADER: Final = 0x41
_BR_SECURED: Final = {0x07: True, 0xC2: False}


def decode_smartfreq(bank: EpcBank) -> UhfFields:
    """Read an EPC bank whose UII is one 6-bit element; raise `Undecodable`."""
    data = bank.data
    if len(data) < 2 or data[0] != _BR_HEADER:
        raise Undecodable(0, "the first byte is not 41")
    if not data[1] or len(data) != 2 + data[1] + data[1] % 2 or any(data[2 + data[1] :]):
        raise Undecodable(1, "the length does not fit")
    if not bank.pc.iso or bank.pc.afi not in _BR_SECURED:
        raise Undecodable(0, "the protocol control word holds an unknown AFI")
    # Zero bits at the end read as "@", which this layout does not use.
    text = compaction.decode(data[2 : 2 + data[1]], Scheme.SIX_BIT, 2).replace("@", "")
    return UhfFields(SMARTFREQ, _item(text, 2), secured=_BR_SECURED[bank.pc.afi])


# --- Chinese university alliance ------------------------------------------------------------------------------------

ALLIANCE_OIDS: Final = (3, 4, 5, 6, 11, 12, 14, 15, 16, 24, 26, 27, 28, 29, 30, 31)
"""Relative OIDs by the bits of bytes 2 and 3, the lowest bit first. They agree only in part with ISO 28560-1."""
_LONGEST: Final = 14
_LIBRARY_CODES: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class AllianceEpc:
    """An EPC of the alliance."""

    fields: UhfFields
    lent: bool
    reserved: int
    """0 to 3."""
    sorting: int
    """0 to 15."""
    oids: tuple[int, ...]
    """Elements in the user bank."""


def decode_alliance(data: bytes) -> AllianceEpc:
    """Read an EPC without CRC and control word; raise `Undecodable`."""
    if len(data) < 5:
        raise Undecodable(len(data), "an EPC of the alliance has at least 5 bytes")
    bits = int.from_bytes(data[2:4], "big")
    packed = data[4:]
    match data[1] >> 6:
        case 0:
            text = decode_alliance_96(packed, 4)
        case 1:
            text = decode_alliance_128(packed, 4)
        case 2:
            text = _plain(packed.rstrip(b"\0"), 4)
        case _:
            raise Undecodable(1, "an unknown packing")
    lent = bool(data[0] & 0x80)
    return AllianceEpc(
        fields=UhfFields(ALLIANCE, _item(text, 4), secured=not lent, version=(data[1] & 0x3F) + 1),
        lent=lent,
        reserved=data[0] >> 4 & 3,
        sorting=data[0] & 0x0F,
        oids=tuple(oid for place, oid in enumerate(ALLIANCE_OIDS) if bits >> place & 1),
    )


def decode_alliance_96(data: bytes, offset: int = 0) -> str:
    """Return the raw item in an EPC of 96 bits; raise `Undecodable`."""
    count = _count(data, offset)
    if count < 8:
        return _plain(_take(data, 1, count, offset), offset + 1)
    bits = int.from_bytes(_take(data, 0, 8, offset), "little")
    number = str(bits >> 34).zfill(count - 5)
    if len(number) > count - 5:
        raise Undecodable(offset + 4, f"a number of {len(number)} digits where {count - 5} are promised")
    first = _six_bit(bits >> 12, 3)
    return f"{first}{chr(0x30 + (bits >> 30 & 0x0F))}{number}{_last(bits, offset)}"


def decode_alliance_128(data: bytes, offset: int = 0) -> str:
    """Return the raw item in an EPC of 128 bits; raise `Undecodable`."""
    count = _count(data, offset)
    if count < 12:
        return _plain(_take(data, 1, count, offset), offset + 1)
    bits = int.from_bytes(_take(data, 0, 12, offset), "little")
    return f"{_six_bit(bits >> 64, 5)}{_six_bit(bits >> 32, 5)}{_six_bit(bits >> 12, count - 11)}{_last(bits, offset)}"


def decode_alliance_user_bank(bank: bytes) -> tuple[tuple[int, str], ...]:
    """Return (OID, value) in order; library codes have five digits, set information is "part/parts". Raises
    `Undecodable`."""
    found: list[tuple[int, str]] = []
    at = 0
    while at < len(bank) and bank[at]:
        head = _take(bank, at, 2, 0)
        oid, length = head[0] >> 2, (head[0] & 3) << 8 | head[1]
        found.append((oid, clean(_alliance_value(oid, _take(bank, at + 2, length, 0), at + 2))))
        at += 2 + length
    return tuple(found)


def _alliance_value(oid: int, data: bytes, offset: int) -> str:
    if not data:
        return ""
    if oid in _LIBRARY_CODES and len(data) == 2:
        code = str(int.from_bytes(data, "big")).zfill(5)
        # 9xxxx does not fit into two bytes and is written as 6xxxx.
        return f"9{code[1:]}" if code[0] == "6" else code
    if oid == 4 and len(data) == 4:
        return f"{int.from_bytes(data[2:], 'big')}/{int.from_bytes(data[:2], 'big')}"
    if oid == 5 and len(data) == 2:
        return f"{data[0]}.{data[1]}"
    if oid in (*_LIBRARY_CODES, 4, 5):
        raise Undecodable(offset, f"element {oid} has {len(data)} bytes")
    return _plain(data, offset)


def _plain(data: bytes, offset: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Undecodable(offset + error.start, "not UTF-8") from error


def _take(data: bytes, start: int, count: int, offset: int) -> bytes:
    if start + count > len(data):
        raise Undecodable(offset + min(start, len(data)), f"{count} bytes promised, {max(len(data) - start, 0)} left")
    return data[start : start + count]


def _count(data: bytes, offset: int) -> int:
    count = data[0] & 0x0F if data else 0
    if not 1 <= count <= _LONGEST:
        raise Undecodable(offset, f"an item of {count} characters")
    return count


def _six_bit(bits: int, count: int) -> str:
    """Return `count` characters of 6 bits, the last one lowest."""
    return "".join(chr(0x30 + (bits >> 6 * place & 0x3F)) for place in reversed(range(count)))


def _last(bits: int, offset: int) -> str:
    code = bits >> 4 & 0xFF
    if code > 0x7E:
        raise Undecodable(offset, f"the last character {code:02X} is not in ISO/IEC 646")
    return chr(code)
