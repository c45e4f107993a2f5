"""A tag's bytes in words, for `station tag decode`: byte range, what stands there, value."""

from __future__ import annotations

from typing import Final

from station.encoding import compaction, elements, iso28560_2
from station.encoding.compaction import Scheme
from station.encoding.content import ElementValue, Recognition, TagContent, TagProfile, is_locked, user_memory
from station.encoding.oids import TYPE_OF_USAGE, usage_words
from station.errors import Undecodable
from station.image import TagImage
from station.text import printable_hex

WIDTH: Final = 16


def explain(
    image: TagImage,
    recognition: Recognition,
    profile: TagProfile | None = None,  # noqa: ARG001
    *,
    ranges: bool = True,
) -> tuple[str, ...]:
    """Plain lines: the chip, what it is and why, every element with its bytes, what follows, and the locks. Never raises.

    `profile` says what DSFID and AFI mean in this library; without it they are told by ISO 28560 alone. With `ranges`
    off, the lines that name byte ranges are left out, for callers that show the dump of `annotate` beside it.
    """
    lines = [
        f"UID {image.uid}  DSFID {image.dsfid:02X}  AFI {image.afi:02X}  "
        f"{len(image.memory)} bytes in blocks of {image.block_size}",
        f"State: {recognition.state.value}  model: {recognition.model}  confidence: {recognition.confidence:.2f}",
        *(f"  {reason}" for reason in recognition.reasons),
    ]
    memory = user_memory(image)
    if ranges and recognition.content is not None:
        lines += _content(recognition.content, memory)
    if not ranges:
        pass
    elif recognition.model == iso28560_2.MODEL:
        lines += _behind(memory)
    elif recognition.content is None and any(memory):
        lines += _dump(memory)
    locked = [block for block in range(len(image.locked)) if is_locked(image, block)]
    if locked:
        lines.append(f"Locked blocks: {', '.join(map(str, locked))}")
    if len(memory) < len(image.memory):
        lines.append(f"bytes {len(memory)}-{len(image.memory) - 1}: counter of the chip, not part of the data")
    return tuple(lines)


def _content(content: TagContent, memory: bytes) -> list[str]:
    return [_element(item, memory) for item in content.elements]


def _element(item: ElementValue, memory: bytes) -> str:
    what = f"{item.name} (OID {item.oid})" if item.oid else item.name
    scheme = "" if item.compaction is None else f" [{compaction.NAMES[Scheme(item.compaction)]}]"
    value = item.value or "(empty)"
    if item.oid == TYPE_OF_USAGE and len(item.value) == 2:
        try:
            value = f"{value} ({usage_words(int(item.value, 16))})"
        except ValueError:
            value = item.value
    data = printable_hex(memory[item.offset : item.offset + item.length])
    return f"{_range(item.offset, item.length)}: {what}{scheme} = {value}   {data}"


def _behind(memory: bytes) -> list[str]:
    """Terminator and whatever stands after it."""
    try:
        _, end = elements.decode(memory)
    except Undecodable:
        return []
    if end >= len(memory):
        return ["The elements fill the memory; there is no terminator."]
    lines = [f"{_range(end, 1)}: terminator"]
    rest = memory[end + 1 :]
    if any(rest):
        lines.append(f"{_range(end + 1, len(rest))}: left over from an earlier content, not read")
    elif rest:
        lines.append(f"{_range(end + 1, len(rest))}: free")
    return lines


def _dump(memory: bytes) -> list[str]:
    used = len(memory.rstrip(b"\0"))
    return [
        f"{_range(at, len(memory[at : at + WIDTH]))}: {printable_hex(memory[at : at + WIDTH])}"
        for at in range(0, used, WIDTH)
    ]


def _range(offset: int, length: int) -> str:
    return f"bytes {offset}-{offset + length - 1}" if length > 1 else f"byte {offset}"
