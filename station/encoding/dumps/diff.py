"""Comparison of two tags, or of a tag then and now: data elements, blocks, and the chip's own bytes.

Tags of one data model are compared element by element as stored. Tags of two models are compared by the meaning of
their elements, so that set information "32" and "part 2 of 3" are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from station.domain.tag_image import TagImage, shown
from station.encoding.content import Recognition, is_locked
from station.encoding.iso15962.data_elements import element
from station.encoding.migration.values import values_of


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; "" = no value."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ElementChange:
    """A data element that differs; None = the tag does not have it."""

    oid: int
    """Relative OID; 0 for a field that ISO 28560-1 does not define."""
    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block that differs; b"" = the tag has no such block."""

    block: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class TagDiff:
    """All differences between two tags."""

    chip: tuple[Change, ...]
    """UID, DSFID, AFI, block size, size, locked blocks."""
    meaning: tuple[Change, ...]
    """State and data model."""
    elements: tuple[ElementChange, ...]
    blocks: tuple[BlockChange, ...]
    """Blocks of the old tag's size."""

    @property
    def same(self) -> bool:
        """True if nothing differs."""
        return not (self.chip or self.meaning or self.elements or self.blocks)


def compare(
    old: TagImage,
    new: TagImage,
    old_is: Recognition,
    new_is: Recognition,
    unknown: Iterable[str] = (),
) -> TagDiff:
    """Compare two tags. `unknown` lists values that one of them does not report, which are skipped: "uid", "dsfid",
    "afi", "locked"."""
    skip = frozenset(unknown)
    chip = [
        ("uid", Change("UID", old.uid, new.uid)),
        ("dsfid", Change("DSFID", shown(old.dsfid), shown(new.dsfid))),
        ("afi", Change("AFI", shown(old.afi), shown(new.afi))),
        ("block_size", Change("Block size", str(old.block_size), str(new.block_size))),
        ("size", Change("Bytes of memory", str(len(old.memory)), str(len(new.memory)))),
        ("locked", Change("Locked blocks", _locks(old), _locks(new))),
    ]
    meaning = (
        Change("State", old_is.state.value, new_is.state.value),
        Change("Data model", old_is.model, new_is.model),
    )
    return TagDiff(
        chip=tuple(change for name, change in chip if name not in skip and change.old != change.new),
        meaning=tuple(change for change in meaning if change.old != change.new),
        elements=_elements(old_is, new_is),
        blocks=_blocks(old, new),
    )


def _locks(image: TagImage) -> str:
    return ", ".join(str(block) for block in range(image.block_count) if is_locked(image, block))


def _values(recognition: Recognition) -> dict[tuple[int, str, int], str]:
    """Return (relative OID, name, index among equal ones) -> value, in tag order."""
    found: dict[tuple[int, str, int], str] = {}
    seen: Counter[tuple[int, str]] = Counter()
    for item in recognition.content.elements if recognition.content is not None else ():
        key = (item.oid, item.name)
        found[(*key, seen[key])] = item.value
        seen[key] += 1
    return found


def _meanings(recognition: Recognition) -> dict[tuple[int, str, int], str]:
    """Return the same by meaning, for two models that write the same value differently."""
    values = values_of(recognition.content) if recognition.content is not None else {}
    return {(oid, element(oid).name, 0): value for oid, value in values.items()}


def _elements(old_is: Recognition, new_is: Recognition) -> tuple[ElementChange, ...]:
    other_model = bool(old_is.content and new_is.content) and old_is.model != new_is.model
    old, new = map(_meanings if other_model else _values, (old_is, new_is))
    keys = [*old, *(key for key in new if key not in old)]
    return tuple(
        ElementChange(key[0], key[1], old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    )


def _blocks(old: TagImage, new: TagImage) -> tuple[BlockChange, ...]:
    size = max(old.block_size, 1)
    count = -(-max(len(old.memory), len(new.memory)) // size)
    pairs = (
        (at, old.memory[at * size : (at + 1) * size], new.memory[at * size : (at + 1) * size]) for at in range(count)
    )
    return tuple(BlockChange(at, was, now) for at, was, now in pairs if was != now)
