"""What a data model must be able to do to take part: one object a file, one line in `registry`.

A data model reads a user memory (`read`), says what each byte is for (`annotate`) and whose tag it is (`owned`). One that
can also be written has `encode`. All are pure; `read` and `encode` raise `errors.EncodingError` and nothing else.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, Encoded, Range, RemarkKind, TagContent, TagProfile


class DataModel(Protocol):
    """How one layout is read. Objects are stateless; attributes are constants."""

    name: str
    """Short and stable: "28560-2", "28560-3", "3m"."""
    title: str
    """For people: "ISO 28560-2"."""
    kinds: tuple[RemarkKind, ...]
    """Every remark that `read` can make."""
    marks_completion: bool
    """True if a finished tag is marked by its DSFID (the outer commit byte, reliability.md 1.5)."""

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        """Read `memory`, the user memory of `image`. Raises `Undecodable` if it is not this model."""
        ...

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """All bytes of `memory` as ranges in order, without gap or overlap. Never raises."""
        ...

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """True if the tag says that it belongs to `isil`."""
        ...


class ClaimingModel(DataModel, Protocol):
    """A data model whose readings are never sound: `recognise` asks it only where no other reads the memory soundly."""

    only_claims: bool
    """True. A model without this attribute is always asked."""


@runtime_checkable
class WritableModel(DataModel, Protocol):
    """A data model that can be written."""

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """`content` for a user memory of `size` bytes. Raises `ElementInvalid`, `DoesNotFit`.

        What the model cannot carry is refused, never dropped: `migrate` reports and removes it beforehand.
        """
        ...
