"""Targets that start with content instead of bytes: all content that can be written reads back the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fuzz.oracle import demand, demand_clean, demand_cover, demand_same
from station.base.errors import EncodingError
from station.base.text import MAX_LENGTH, clean
from station.base.words import tell
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.iso15962.elements import LengthForm, PaddedOrder
from station.encoding.iso28560_2.codec import Iso28560Part2
from station.encoding.iso28560_2.layout import Choices as Choices2
from station.encoding.iso28560_2.layout import ShortTexts, TitleScheme, UsageScheme
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.write import Choices as Choices3
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.registry import BY_NAME, DATA_MODELS

WRITABLE: Final[tuple[WritableModel, ...]] = (
    *(model for model in DATA_MODELS if isinstance(model, WritableModel)),
    *(model for model in BY_NAME.values() if isinstance(model, WritableModel)),
    *(Iso28560Part2(Choices2(order, form)) for order in PaddedOrder for form in LengthForm),
    Iso28560Part2(Choices2(title=TitleScheme.UTF8, short_texts=ShortTexts.PACKED)),
    *(Iso28560Part2(Choices2(usage=usage)) for usage in UsageScheme),
    Iso28560Part3(Choices3(spill_owner=True)),
    Iso28560Part3(Choices3(spill_identifier=False)),
)
"""Every writer with every named choice."""
BLOCK_SIZES: Final = (4, 8, 1, 2, 3, 16, 32, 5)
SIZES: Final = (112, 32, 34, 36, 64, 256, 1024, 8)
HEAD: Final = 6
NO_USAGE: Final = (0x60, 0x10)
"""Written forms of a missing type of usage, if a basic block must have one: ISO 28560-3, Danish model."""


def content_of(data: bytes) -> TagContent:
    """Return content from fields ended by 00: identifier, owner, shelf location, then relative OID (one byte) and
    value."""
    head, fields = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:].split(b"\0")
    texts = [field.decode("utf-8", "replace") for field in fields[:3]] + ["", "", ""]
    further = {field[0]: field[1:].decode("utf-8", "replace") for field in fields[3:] if field and field[0] > 6}
    return TagContent(
        primary_item_identifier=texts[0],
        owner_institution=texts[1],
        part=head[2] or 1,
        parts=head[3] or 1,
        type_of_usage=head[4] if head[1] & 0x80 else None,
        shelf_location=texts[2],
        further=tuple(sorted(further.items())),
    )


def written(data: bytes) -> None:
    """Encoders. Byte 0: model, size; byte 1: blocks, locks; then content, which is refused or reads back the same."""
    head = data[:HEAD].ljust(HEAD, b"\0")
    content = content_of(data)
    model = WRITABLE[(head[0] & 0x1F) % len(WRITABLE)]
    size, block_size = SIZES[head[0] >> 5], BLOCK_SIZES[head[1] & 7]
    lock = (frozenset[int](), frozenset({1}), frozenset({1, 3}), frozenset({3, 17, 20}))[head[1] >> 3 & 3]
    profile = TagProfile(isil=content.owner_institution, model=model.name, lock=lock, reserve=head[5] & 0x1F)
    try:
        encoded = model.encode(content, profile, block_size, size)
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand(0 < encoded.content_end <= len(encoded.data) <= size, "the encoder's ends are out of order")
    for offset, length in encoded.lock_bytes:
        demand(0 <= offset < offset + length <= size, f"bytes {offset} to {offset + length} of {size} to be locked")
    memory = encoded.data.ljust(size, b"\0")
    image = TagImage(Uid("E00401501F453D8F"), block_size, memory, (), 0x07, 0x06)
    decoding = model.read(image, memory)
    if content.type_of_usage is None and decoding.content.type_of_usage in NO_USAGE:
        content = replace(content, type_of_usage=decoding.content.type_of_usage)
    demand_same(content, decoding.content, f"{model.name} written")
    demand(decoding.sound, "the written tag is not sound")
    demand_cover(model.annotate(memory, decoding), size)


def written_seeds() -> list[bytes]:
    """Return contents as libraries have them."""
    texts = (
        "30123456789012\0US-InU-Mu\0QA 76.73 .P98",
        "A/7\0DE-526\0\0\x11Ein Märchen\0\x1302",
        "0000012\0DK-718500\0\0\x07BA\0\x17Lib01\0\x12X-1",
        "K" * 40 + "\0FI-Vantaa\0Foo",
        "1\0\0",
    )
    heads = [bytes([number, 0x80, 1, 1, 0x10, 0]) for number in range(len(WRITABLE))]
    heads += [bytes(6), b"\x01\x80\x02\x03\x10\x04", b"\x40\x90\x01\x01\x21\x10", b"\x21\x98\x03\x03\x00\x00"]
    return [head + text.encode() for head in heads for text in texts]


def cleaned(data: bytes) -> None:
    """Text cleaning: any text is harmless and bounded after one pass, and unchanged by a second."""
    for text in (data.decode("utf-8", "replace"), data.decode("latin-1"), data.decode("utf-8", "surrogateescape")):
        once = clean(text)
        demand_clean(once)
        demand(len(once) <= MAX_LENGTH, f"{len(once)} characters")
        demand(clean(once) == once, f"{once!r} is not clean yet")
        demand(once == once.strip(), f"{once!r} begins or ends with space")
