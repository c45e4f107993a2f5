"""Content of a new NTAG: factory pages, or a text or address as NDEF (NFC Forum Type 2 Tag, NDEF, RTD Text and URI)."""

from __future__ import annotations

from station.emulators.field.chips import Chip

PAGE = 4
# Data sheet tables 5 to 7: pages 4 and 5 at delivery. The NTAG213 has a lock control TLV there.
_FRESH = {45: "0103a00c340300fe"}
_CC = {45: "e1101200", 135: "e1103e00", 231: "e1106d00"}
_MOST = 254  # one byte of length


def text_record(text: str, language: str = "en") -> bytes:
    """Return a well-known record T, UTF-8."""
    return _record(b"T", bytes((len(language),)) + language.encode("ascii") + text.encode())


def uri_record(uri: str) -> bytes:
    """Return a well-known record U, without abbreviation."""
    return _record(b"U", b"\0" + uri.encode())


def _record(kind: bytes, payload: bytes) -> bytes:
    if len(payload) + 4 > _MOST:
        raise ValueError("the content is too long for one short record")
    return b"\xd1\x01" + bytes((len(payload),)) + kind + payload


def pages(chip: Chip, uid: bytes, message: bytes | None = None, user: bytes | None = None) -> bytearray:
    """Return the whole memory of a new tag. `message`: its NDEF message. `user`: the bytes from page 4, instead. Raises
    ValueError if the content is too long."""
    head = uid[:3] + bytes((0x88 ^ uid[0] ^ uid[1] ^ uid[2],)) + uid[3:]
    head += bytes((uid[3] ^ uid[4] ^ uid[5] ^ uid[6], 0x48, 0, 0)) + bytes.fromhex(_CC[chip.blocks])
    fresh = bytes.fromhex(_FRESH.get(chip.blocks, "0300fe00"))
    if message is not None:
        fresh = fresh[: fresh.index(b"\x03\x00\xfe")] + bytes((3, len(message))) + message + b"\xfe"
    body = fresh if user is None else user
    if len(body) > chip.user_pages * PAGE:
        raise ValueError(f"{chip.name} holds {chip.user_pages * PAGE} bytes of user memory, not {len(body)}")
    body = body.ljust(chip.user_pages * PAGE, b"\0")
    # dynamic lock bytes, CFG0 (AUTH0 = FF), CFG1, PWD, PACK
    return bytearray(head + body + bytes.fromhex("000000bd040000ff00050000ffffffff00000000"))
