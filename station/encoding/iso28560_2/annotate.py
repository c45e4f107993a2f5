"""Annotation of every byte of an ISO 28560-2 memory: elements, their padding, the terminator, and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station.base.errors import Undecodable
from station.encoding.content import Decoding, Part, Range
from station.encoding.iso15962 import compaction, elements
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import (
    CONTENT_PARAMETER,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    Form,
    code_words,
    element,
)
from station.encoding.iso15962.elements import LengthForm, PaddedOrder, RawElement
from station.encoding.iso28560_2.remarks import MARKER, marked

_PARTS: Final = {PRIMARY_ITEM_IDENTIFIER: Part.IDENTIFIER, OWNER_INSTITUTION: Part.OWNER}


def annotate(
    memory: bytes,
    decoding: Decoding,
    order: PaddedOrder = PaddedOrder.NEVER,
    length_form: LengthForm = LengthForm.ONE_BYTE_TO_255,
) -> tuple[Range, ...]:
    """Return all bytes of `memory` as ranges in order, without gap or overlap. Never raises.

    An element is one range from its precursor to the end of its data; its padding is a separate range.
    """
    if not memory:
        return ()
    try:
        raw, end = elements.decode(memory, order=order, length_form=length_form)
    except Undecodable as error:
        return (
            Range(0, len(memory), Part.UNKNOWN, "not a row of elements", note=f"byte {error.offset}: {error.reason}"),
        )
    values = {item.offset: item.value for item in decoding.content.elements}
    ranges: list[Range] = []
    for item in raw:
        ranges += _element(item, values.get(item.offset, ""))
    ranges += _behind(memory, end)
    return tuple(ranges)


def _element(item: RawElement, value: str) -> Iterator[Range]:
    yield Range(
        item.offset,
        item.length - item.pad_bytes,
        _PARTS.get(item.oid, Part.DATA),
        element(item.oid).name,
        value,
        "; ".join(_notes(item)),
    )
    if item.pad_bytes:
        at = item.offset + item.length - item.pad_bytes
        yield Range(at, item.pad_bytes, Part.STRUCTURE, "padding", note="fills up to the end of a block")


def _notes(item: RawElement) -> Iterator[str]:
    """Yield notes on how an element is written."""
    form = element(item.oid).form
    if item.scheme is not Scheme.APPLICATION:
        yield compaction.NAMES[item.scheme]
    else:
        yield {Form.ISIL: "ISIL code", Form.BITMAP: "bitmap"}.get(form, compaction.NAMES[Scheme.APPLICATION])
    if not item.data:
        yield "empty"
    elif form is Form.OCTET and len(item.data) == 1 and (words := code_words(item.oid, item.data[0])):
        yield words
    elif item.oid == CONTENT_PARAMETER and (room := len(item.data) - len(item.data.rstrip(b"\0"))):
        yield f"{room} bytes of room"
    if item.order is not PaddedOrder.NEVER:
        yield f"read as {item.order.value}"
    elif item.offset_bit and not item.pad_bytes:
        yield "padded by its pad count alone"


def _behind(memory: bytes, end: int) -> Iterator[Range]:
    """Yield the terminator at `end`, zeros, remains of earlier content, and a maker's mark at the very end."""
    if end >= len(memory):
        return
    yield Range(end, 1, Part.STRUCTURE, "terminator")
    stop = len(memory) - (len(MARKER) if marked(memory, end) else 0)
    rest = memory[end + 1 : stop]
    left = rest.strip(b"\0")
    at = end + 1 + rest.index(left) if left else stop
    if at > end + 1:
        yield Range(end + 1, at - end - 1, Part.FREE, "free")
    if left:
        yield Range(at, len(left), Part.LEFTOVER, "left over", note="behind the end of the content, not read")
        if at + len(left) < stop:
            yield Range(at + len(left), stop - at - len(left), Part.FREE, "free")
    if stop < len(memory):
        yield Range(stop, len(memory) - stop, Part.LEFTOVER, "mark of another maker", MARKER.decode("ascii"))
