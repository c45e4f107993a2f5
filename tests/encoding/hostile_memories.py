"""Hostile memories: random ones, and sound tags of every model with bytes changed, cut or added."""

from __future__ import annotations

from hypothesis import strategies as st

from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN, TagContent
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from tests.support.sample_tags import UID, danish, image, three_m

SLIX2 = "E00401081F453D8F"
"""A UID whose chip has its counter in block 79."""

SOUND = (
    iso28560_2_codec.encode(TagContent("31234567890128", "US-InU-Mu", 2, 3, 0x10, "QA268.L55")),
    bytes.fromhex("c102071100b0c30c30ca00000203a80008830203d6593f0000250110370210405f080599a713063f"),
    danish("31234567890128") + bytes.fromhex("0501000501"),
    danish("31234567890128", "USInU-Mu", size=32),
    three_m("31234567890128"),
    bytes([0x55]) * 24,
    bytes.fromhex("e1400d01030bd101075402656e68656c6c6ffe"),
    b"\x04\x11\x00\x01\x1b]52;c;AAAA\x07",
)


def changed(memory: bytes, changes: list[tuple[int, int]], size: int) -> bytes:
    """Return `memory` with some bytes set, cut to `size` or padded with zeros."""
    found = bytearray(memory)
    for place, value in changes:
        if place < len(found):
            found[place] = value
    return bytes(found[:size]).ljust(size, b"\0")


MUTATED = st.builds(
    changed,
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4),
    st.integers(0, 112),
)
MEMORIES = st.binary(max_size=112) | MUTATED


def _tag(memory: bytes, dsfid: int, afi: int, chip: tuple[str, int, int], locked: frozenset[int]) -> TagImage:
    uid, size, blocks = chip
    if size == 4:
        return image(memory, dsfid=dsfid, afi=afi, blocks=max(blocks, -(-len(memory) // 4)), locked=locked, uid=uid)
    cut = memory[: len(memory) // size * size] if size else memory
    return TagImage(UID, size, cut, (True,) * 3, afi, dsfid)


TAGS = st.builds(
    _tag,
    MEMORIES,
    st.sampled_from([0x00, 0x06, 0x3E, BEING_WRITTEN]) | st.integers(0, 255),
    st.sampled_from([0x00, 0x07, 0xC2, 0xDA]) | st.integers(0, 255),
    st.sampled_from([(UID, 4, 28), (UID, 4, 8), (SLIX2, 4, 80), (UID, 8, 0), (UID, 1, 0), (UID, 0, 0)]),
    st.frozensets(st.integers(0, 30), max_size=4),
)
"""Whole tags: chips with blocks of 4, 8 and 1 bytes, a chip with a counter, and a chip whose block size is unknown."""
