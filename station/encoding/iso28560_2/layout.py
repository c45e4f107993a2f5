"""Where the elements of ISO 28560-2 stand in memory: their order, and the alignment of what shall be locked.

Order (tag-data-models.md 2.3, dp2's sort rules): primary item identifier, content parameter, unlocked elements, locked
elements. Blocks are locked for ever and whole, so a group of locked elements starts and ends on block boundaries;
neighbours in the group share blocks.

What a group lacks to the boundary is taken by padding: in a locked group by its last element that can be padded (as in the
worked example at the end of ISO 28560-2), in an unlocked group by the content parameter, as zero bytes behind its
bitmap. They are legal there, they cost no byte more, and they are room in which the bitmap can grow when the elements
behind it are locked and can no longer move. `reserve` adds such room (dp2's Test_chip_complex_layout_2 has four bytes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from station.base.errors import ElementInvalid
from station.encoding.iso15962 import elements
from station.encoding.iso15962.compaction import MINIMUM, NO_MINIMUM, Scheme
from station.encoding.iso15962.data_elements import CONTENT_PARAMETER, PRIMARY_ITEM_IDENTIFIER
from station.encoding.iso15962.elements import LengthForm, PaddedOrder


class TitleScheme(StrEnum):
    """How the title is written."""

    SHORTEST = "shortest"
    """As any text: ISO 8859-1 by default, UTF-8 for what is outside it (WG11's clarification of ISO 28560-2:2011, 6.17)."""
    UTF8 = "UTF-8"
    """Always UTF-8, as dp2 does."""


class ShortTexts(StrEnum):
    """How a text too short to gain by packing is written: both are of the same length."""

    OCTETS = "octet string"
    """dp2's minimum lengths (`compaction.MINIMUM`)."""
    PACKED = "packed"
    """The first scheme that fits, as "BA" by 5-bit on field tags (`compaction.NO_MINIMUM`)."""

    @property
    def minimum(self) -> Mapping[Scheme, int]:
        """Fewest characters for a compaction scheme."""
        return MINIMUM if self is ShortTexts.OCTETS else NO_MINIMUM


class UsageScheme(StrEnum):
    """By which scheme the type of usage is written; its byte is the same in all three, and all three are read.

    The sources disagree, and part 1's column was not seen.
    """

    OCTETS = "octet string (110)"
    """dp2, and vendors' tags in its TestRfid.cs (ganchuang 2, digital platform)."""
    NUMERIC = "numeric (010)"
    """Vendors' tags in dp2's TestRfid.cs (zhiyan 1). Decimal digits only: no class above 9."""
    APPLICATION = "application defined (000)"
    """The parser of the Helmet libraries (Finland) expects it."""

    @property
    def scheme(self) -> Scheme:
        """Its compaction code."""
        return {
            UsageScheme.OCTETS: Scheme.OCTETS,
            UsageScheme.NUMERIC: Scheme.NUMERIC,
            UsageScheme.APPLICATION: Scheme.APPLICATION,
        }[self]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a writer of ISO 28560-2 does where the sources leave it open or disagree. The defaults suit every reader."""

    padded_order: PaddedOrder = PaddedOrder.NEVER
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_127
    title: TitleScheme = TitleScheme.SHORTEST
    short_texts: ShortTexts = ShortTexts.OCTETS
    usage: UsageScheme = UsageScheme.OCTETS

    @property
    def read_length_form(self) -> LengthForm:
        """What reads every length that `length_form` writes, and as much more as it can."""
        two_bytes = self.length_form is LengthForm.SEVEN_BIT_GROUPS
        return LengthForm.SEVEN_BIT_GROUPS if two_bytes else LengthForm.ONE_BYTE_TO_255


CHOICES: Final = Choices()
RESERVE_MAX: Final = 64
"""Most bytes that can be reserved: the bitmap of all 125 elements and the alignment of any block size still fit 127."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An element ready to be placed."""

    oid: int
    scheme: Scheme
    data: bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """Elements in their places."""

    data: bytes
    """Without terminator."""
    locks: tuple[tuple[int, int], ...]
    """(offset, length) of what shall be locked; on block boundaries."""


def lay_out(items: Sequence[Packed], block_size: int, locked: frozenset[int], choices: Choices = CHOICES) -> Layout:
    """`items` in the order of the standard, aligned for `locked` (relative OIDs). Raises `ElementInvalid`."""
    if block_size < 1:
        raise ElementInvalid(f"a block of {block_size} bytes cannot be")
    memory = b""
    locks: list[tuple[int, int]] = []
    groups = _groups(items, locked)
    for number, group in enumerate(groups):
        start = len(memory)
        is_locked = group[0].oid in locked
        length = sum(elements.size(item.oid, item.data, choices.length_form) for item in group)
        missing = -(start + length) % block_size if is_locked or number + 1 < len(groups) else 0
        memory += _written(group, missing, choices, grow=not is_locked)
        if is_locked:
            locks.append((start, len(memory) - start))
    return Layout(memory, tuple(locks))


def _groups(items: Sequence[Packed], locked: frozenset[int]) -> list[list[Packed]]:
    """Neighbours that are locked together or open together, in the order of the standard."""

    def place(item: Packed) -> tuple[int, bool]:
        if item.oid in (PRIMARY_ITEM_IDENTIFIER, CONTENT_PARAMETER):
            return item.oid, False
        return 3, item.oid in locked

    groups: list[list[Packed]] = []
    for item in sorted(items, key=place):
        if groups and (groups[-1][0].oid in locked) == (item.oid in locked):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _written(group: list[Packed], missing: int, choices: Choices, *, grow: bool) -> bytes:
    """A group's bytes, longer by `missing`; `grow` = the content parameter, if it is here, takes it as room."""
    taker = None
    if missing:
        taker = next((item for item in group if grow and item.oid == CONTENT_PARAMETER), None) or next(
            (item for item in reversed(group) if elements.paddable(item.oid, choices.padded_order)), None
        )
        if taker is None:
            raise ElementInvalid(
                "no element here can be padded to the end of a block: lock one below relative OID 15 with it, "
                "or choose the order of OID and pad count"
            )
    memory = b""
    for item in group:
        data, pad = item.data, 0
        if item is taker:
            if grow and item.oid == CONTENT_PARAMETER:
                data += bytes(missing)
                if len(data) > elements.MAX_LENGTH:
                    raise ElementInvalid("the content parameter cannot fill up a block of this size")
            else:
                pad = missing
        memory += elements.encode(
            item.oid, item.scheme, data, pad, order=choices.padded_order, length_form=choices.length_form
        )
    return memory
