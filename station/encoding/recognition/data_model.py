"""Interface of a data model: one object per file, one line in `registry`.

A data model reads a user memory (`read`), names the purpose of each byte (`annotate`), and recognizes its owner
(`owned`). A writable one also has `encode`. All methods are pure; `read` and `encode` raise only
`errors.EncodingError`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, Encoded, Range, RemarkKind, TagContent, TagProfile


class DataModel(Protocol):
    """Reader of one layout. Objects are stateless; attributes are constants."""

    name: str
    """Short and stable: "28560-2", "28560-3", "3m"."""
    title: str
    """Title for display: "ISO 28560-2"."""
    kinds: tuple[RemarkKind, ...]
    """Every remark that `read` can make."""
    marks_completion: bool
    """True if the DSFID marks a finished tag (the outer commit byte, docs/reference/tag-writing.md#the-algorithm)."""

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        """Read `memory`, the user memory of `image`. Raises `Undecodable` if it does not follow this model."""
        ...

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        """Return all bytes of `memory` as ranges in order, without gap or overlap. Never raises."""
        ...

    def owned(self, decoding: Decoding, isil: str) -> bool:
        """Return True if the tag names `isil` as its owner."""
        ...


class ClaimingModel(DataModel, Protocol):
    """A data model whose readings are never sound: `recognise` tries it only if no other model reads the memory
    soundly."""

    only_claims: bool
    """True. A model without this attribute is always tried."""


@runtime_checkable
class WritableModel(DataModel, Protocol):
    """A data model that can be written."""

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """Return `content` for a user memory of `size` bytes. Raises `ElementInvalid`, `DoesNotFit`.

        Content that the model cannot carry is refused, never dropped: `migrate` reports and removes it beforehand.
        """
        ...
