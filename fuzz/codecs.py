"""Targets below the level of tags: compaction schemes, the ISIL code, the element layout."""

from __future__ import annotations

from fuzz.oracle import demand, demand_clean
from station.base.errors import ElementInvalid, EncodingError
from station.base.text import clean
from station.encoding.iso15962 import compaction, elements, isil
from station.encoding.iso15962.compaction import TEXT_SCHEMES, Scheme


def schemes(data: bytes) -> None:
    """Compaction schemes. Byte 0: the scheme; the rest is packed text, and then text to pack."""
    if not data:
        return
    scheme, packed = Scheme(data[0] & 0x07), data[1:]
    try:
        text = compaction.decode(packed, scheme)
    except EncodingError:
        text = ""
    demand_clean(clean(text))
    if compaction.fits(text, scheme):
        again = compaction.decode(compaction.encode(text, scheme), scheme)
        demand(again == text, f"{scheme.name}: {text!r} became {again!r}")
    _packed(packed.decode("utf-8", "replace"))
    _packed(packed.decode("latin-1"))


def _packed(text: str) -> None:
    """Require that every scheme that can carry a text carries it unchanged, and that the chosen one is the shortest
    legal one."""
    lengths: dict[Scheme, int] = {}
    for scheme in TEXT_SCHEMES:
        if not compaction.fits(text, scheme):
            continue
        packed = compaction.encode(text, scheme)
        lengths[scheme] = len(packed)
        again = compaction.decode(packed, scheme)
        demand(again == text, f"{scheme.name}: {text!r} became {again!r}")
    try:
        chosen = compaction.choose(text)
    except ElementInvalid:
        demand(not text, f"no scheme for {text!r}")
        return
    legal = [length for scheme, length in lengths.items() if len(text) >= compaction.MINIMUM.get(scheme, 1)]
    demand(lengths[chosen] == min(legal), f"{chosen.name} is not the shortest for {text!r}")


def isils(data: bytes) -> None:
    """The ISIL code: an ISIL from bytes, and the bytes as an ISIL."""
    for text in (_isil(data), data.decode("latin-1")):
        try:
            packed = isil.encode(text)
        except ElementInvalid:
            continue
        again = isil.decode(packed)
        demand(again == text, f"{text!r} became {again!r}")


def _isil(data: bytes) -> str:
    try:
        text = isil.decode(data)
    except EncodingError:
        return ""
    demand_clean(text)
    demand(len(text) <= len(data) * 2, "more characters than the bits can hold")
    return text


def rows(data: bytes) -> None:
    """A sequence of elements: no gaps, in order, and each one that the writer may write is written as it was."""
    try:
        found, end = elements.decode(data)
    except EncodingError:
        return
    at = 0
    for item in found:
        demand(item.offset == at and item.length > 0, f"element {item.oid} at {item.offset}, not at {at}")
        at += item.length
        demand(data[item.data_offset : item.data_offset + len(item.data)] == item.data, "the data is at another offset")
        try:
            written = elements.encode(
                item.oid, item.scheme, item.data, pad=item.pad_bytes + 1 if item.offset_bit else 0
            )
        except ElementInvalid:
            continue
        stood = data[item.offset : item.offset + item.length]
        demand(written == stood, f"element {item.oid}: {stood.hex()} became {written.hex()}")
    demand(at == end <= len(data), f"the elements end at {at}, not {end}")
    demand(end == len(data) or data[end] == 0, "the end is neither the end of memory nor a terminator")
