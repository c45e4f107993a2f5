"""ISO 28560-3 as a data model for the registry."""

from __future__ import annotations

from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, Encoded, Range, RemarkKind, TagContent, TagProfile
from station.encoding.iso28560_3 import deviants
from station.encoding.iso28560_3.basic_block import MODEL, Decoded, decode, stored_owner
from station.encoding.iso28560_3.ranges import ranges
from station.encoding.iso28560_3.write import STANDARD, Choices, Objections, cannot_carry, encode

SOUND = 0.98


class Reading:
    """ISO 28560-3 and the Danish model, recognized by the CRC."""

    name = MODEL
    title = "ISO 28560-3 (Danish model)"
    kinds: tuple[RemarkKind, ...] = deviants.KINDS
    marks_completion = True

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        """Read a basic block with a correct CRC."""
        reason = "The memory is an ISO 28560-3 (Danish model) block and its CRC is right."
        return decoding_of(decode(memory, image.block_size), self.name, SOUND, reason)

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """Return every byte as ranges: fields of the basic block, CRC, heads and fields of the extension blocks, end,
        the rest."""
        return ranges(memory, decoding)

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """Return True if the stored owner is this ISIL. An ISIL too long for the field of a 32-byte tag never
        matches."""
        owner = decoding.content.owner_institution
        return bool(isil) and (decoding.stored_owner == stored_owner(isil) or owner == isil)


class Iso28560Part3(Reading):
    """The same model, writable."""

    def __init__(self, choices: Choices = STANDARD) -> None:
        self.choices = choices

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """Return basic block, extension blocks and end; `write` explains `profile.lock`."""
        return encode(content, block_size, size, lock=profile.lock, choices=self.choices)

    def cannot_carry(self, content: TagContent, size: int) -> Objections:
        """Return the elements that a tag of `size` bytes cannot carry: (relative OID, reason) each (see `write`)."""
        return cannot_carry(content, size, choices=self.choices)


def decoding_of(decoded: Decoded, model: str, confidence: float, reason: str, *, sound: bool = True) -> Decoding:
    """Return a reading as the registry's value."""
    return Decoding(
        model,
        decoded.content,
        confidence,
        reason,
        decoded.remarks,
        sound,
        decoded.end,
        decoded.stored_owner,
    )
