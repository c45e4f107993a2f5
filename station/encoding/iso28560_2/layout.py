"""Layout of the elements of ISO 28560-2 in memory: their order, and the alignment of elements to lock.

Order (docs/reference/tag-data.md#order-and-locks, dp2's sort rules): primary item identifier, content parameter,
unlocked elements, locked elements. Locks are permanent and cover whole blocks, so a group of locked elements starts and
ends on block boundaries; neighbors in the group share blocks.

Padding fills a group up to the boundary. In a locked group, its last paddable element is padded (as in the worked
example at the end of ISO 28560-2). In an unlocked group, the content parameter gets zero bytes after its bitmap. They
are legal there, take no more bytes than padding, and leave room in which the bitmap can grow when the elements after it
are locked and can no longer move. `reserve` adds such room (dp2's Test_chip_complex_layout_2 has four bytes).
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
    """Encoding of the title."""

    SHORTEST = "shortest"
    """Like any text: ISO 8859-1 by default, UTF-8 for what is outside it (WG11's clarification of ISO 28560-2:2011,
    6.17)."""
    UTF8 = "UTF-8"
    """Always UTF-8, as dp2 does."""


class ShortTexts(StrEnum):
    """Encoding of a text that packing does not shorten; both forms have the same length."""

    OCTETS = "octet string"
    """dp2's minimum lengths (`compaction.MINIMUM`)."""
    PACKED = "packed"
    """The first scheme that fits; tags in use have "BA" in 5-bit (`compaction.NO_MINIMUM`)."""

    @property
    def minimum(self) -> Mapping[Scheme, int]:
        """Minimum characters for a compaction scheme."""
        return MINIMUM if self is ShortTexts.OCTETS else NO_MINIMUM


class UsageScheme(StrEnum):
    """Compaction scheme of the type of usage. Its byte is the same in all three, and all three are read.

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
        """The compaction code."""
        return {
            UsageScheme.OCTETS: Scheme.OCTETS,
            UsageScheme.NUMERIC: Scheme.NUMERIC,
            UsageScheme.APPLICATION: Scheme.APPLICATION,
        }[self]


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices of a writer of ISO 28560-2 that the sources leave open or disagree on. The defaults suit every reader."""

    padded_order: PaddedOrder = PaddedOrder.NEVER
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_127
    title: TitleScheme = TitleScheme.SHORTEST
    short_texts: ShortTexts = ShortTexts.OCTETS
    usage: UsageScheme = UsageScheme.OCTETS

    @property
    def read_length_form(self) -> LengthForm:
        """The form that reads every length that `length_form` writes, and as many others as possible."""
        two_bytes = self.length_form is LengthForm.SEVEN_BIT_GROUPS
        return LengthForm.SEVEN_BIT_GROUPS if two_bytes else LengthForm.ONE_BYTE_TO_255


CHOICES: Final = Choices()
RESERVE_MAX: Final = 64
"""Maximum reserved bytes: the bitmap of all 125 elements and the alignment of any block size still fit 127."""


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
    """(offset, length) of the ranges to lock, on block boundaries."""


def lay_out(items: Sequence[Packed], block_size: int, locked: frozenset[int], choices: Choices = CHOICES) -> Layout:
    """Lay out `items` in the order of the standard, aligned for `locked` (relative OIDs). Raises `ElementInvalid`."""
    if block_size < 1:
        raise ElementInvalid(f"a block of {block_size} bytes is not possible")
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
    """Return runs of elements that are all locked or all unlocked, in the order of the standard."""

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
    """Return a group's bytes, longer by `missing`; `grow` = the content parameter, if it is in the group, takes them as
    room."""
    taker = None
    if missing:
        taker = next((item for item in group if grow and item.oid == CONTENT_PARAMETER), None) or next(
            (item for item in reversed(group) if elements.paddable(item.oid, choices.padded_order)), None
        )
        if taker is None:
            raise ElementInvalid(
                "no element here can be padded to the end of a block: also lock an element below relative OID 15, "
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
