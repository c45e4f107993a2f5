"""Tags before and after a write: every full-tag vector of ISO 28560-2, ISO 28560-3 and 3M, and random tags."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from station.domain.tag_image import TagImage
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from tests.support.sample_tags import ISIL, barcode, danish, image, item, luhn, of_model, three_m


class Pair(NamedTuple):
    name: str
    old: TagImage
    new: TagImage
    prefix: bool = False
    """Both identifiers begin with `PREFIX` and have 14 digits: the inner gate of ISO 28560-2 is counted."""
    single: bool = False
    """Both are ISO 28560-3 tags of a single part, or blank: the inner gate of ISO 28560-3 is counted."""


PREFIX = "30123"
TELEPHONE = bytes.fromhex("E1400E010300FE00")
"""An empty NFC Forum type 5 tag: two blocks with content, DSFID 00."""
PART2, PART3 = 0x06, 0x3E
PROFILE_2 = TagProfile(isil=ISIL)
PROFILE_3 = TagProfile(isil=ISIL, model="28560-3", dsfid=PART3)


def _memories(file: str, *models: str) -> list[bytes]:
    found = [bytes.fromhex(vector["hex"].replace(" ", "")) for model in models for vector in of_model(file, model)]
    return list(dict.fromkeys(found))


def _tags(memories: list[bytes], dsfid: int, blocks: int) -> list[TagImage]:
    return [image(memory, dsfid=dsfid, afi=0x07, blocks=blocks) for memory in memories if len(memory) <= blocks * 4]


def vector_tags(blocks: int) -> tuple[list[TagImage], list[TagImage]]:
    """Return (old, new): every full-tag vector as old; those of the writable models as new."""
    part2 = _tags(_memories("28560-2", "28560-2", "28560-2/hint"), PART2, blocks)
    basic = _memories("28560-3", "28560-3")
    part3 = _tags(basic, PART3, blocks)
    odd = _tags(_memories("28560-3", "danish/reversed-blocks", "28560-3/negative"), PART3, blocks)
    unmarked = _tags(basic, 0x00, blocks)
    three = _tags(_memories("3m-rfid501", "3m-rfid501"), 0x00, blocks)
    return [*part2, *part3, *odd, *unmarked, *three], [*part2, *part3]


def vector_pairs() -> Iterator[Pair]:
    """Yield pairs on tags of 112 bytes, and on tags of 32 bytes if they fit."""
    for blocks in (28, 8):
        olds, news = vector_tags(blocks)
        for old in [image(blocks=blocks), *olds]:
            for new in news:
                if (old.memory, old.dsfid) != (new.memory, new.dsfid):
                    yield Pair(f"vectors on {blocks} blocks", old, new)


def random_part2(random: Random) -> Iterator[Pair]:
    """Yield new 28560-2 tags of the station over all kinds of tags that a library meets. All identifiers have the
    prefix and 14 digits.
    """
    new_id, old_id = barcode(random), barcode(random)
    new = item(new_id)
    near = luhn(new_id[:-2] + str((int(new_id[-2]) + 1) % 10))
    yield Pair("blank", image(), new, prefix=True)
    yield Pair("another item", item(old_id), new, prefix=True)
    yield Pair("a nearby number", item(near), new, prefix=True)
    yield Pair("other usage, same number", item(new_id, type_of_usage=0x20), new, prefix=True)
    yield Pair("a set", item(old_id, part=2, parts=12), item(new_id, part=3, parts=12), prefix=True)
    foreign = TagProfile(isil=random.choice(("DE-705", "DK-718500", "FI-He", "O-1", "CN-120104-C-YBL")))
    yield Pair("another library's", new_image(image(), TagContent(old_id), foreign), new, prefix=True)


def random_mixed(random: Random) -> Iterator[Pair]:
    """Yield other starts: other models, other identifiers, no mark, fill patterns, any bytes."""
    new_id, old_id = barcode(random), barcode(random)
    new = item(new_id)
    yield Pair("foreign 28560-3", image(danish(old_id), dsfid=PART3, afi=0x07), new)
    yield Pair("our own 28560-3", image(danish(old_id, "USInU-Mu"), dsfid=PART3, afi=0x07), new)
    yield Pair("Danish without DSFID", image(danish(old_id, size=32)), new)
    yield Pair("3M", image(three_m(old_id), afi=0xD6), new)
    yield Pair("3M filling", image(b"\x55" * 24), new)
    yield Pair("blank with a stray DSFID", image(dsfid=PART2), new)
    text = random.choice(("AB{}", "{}-X", "b{}z", "Ä{}"))
    yield Pair("text for a number", item(text.format(old_id[5:12])), item(text.format(new_id[5:12])))
    yield Pair("any bytes", image(random.randbytes(random.choice((4, 8, 40, 112))), dsfid=random.randrange(256)), new)
    yield Pair("formatted by a telephone", image(TELEPHONE), new)
    plain = random.choice((old_id, old_id[5:], f"4567{old_id}", f"TEXT{old_id[:8]}")).encode()
    yield Pair("plain text", image(plain, dsfid=random.choice((0x00, 0x00, 0xFF))), new)
    short = bytes([0x11, 1, random.randrange(10, 256)])
    yield Pair("a number in block 0", image(short, dsfid=PART2), new)
    yield Pair("a number in block 0 on a blank tag", image(), image(short, dsfid=PART2))
    yield Pair("back to a number in block 0", new, image(short, dsfid=PART2))


def random_part3(random: Random) -> Iterator[Pair]:
    """Yield 28560-3 over 28560-3, single parts: usage 0 to 15, first character 0-9 or A-Z
    (docs/reference/tag-writing.md#torn-writes-of-iso-28560-3)."""

    def made(identifier: str, blocks: int = 28) -> TagImage:
        owner = random.choice(("DE705", "USInU-Mu", "DK718500", "NO02030000", "DE1"))
        first = 0x10 | random.choice((1, 1, 1, *range(16)))
        return image(danish(identifier, owner, first=first, size=32 if blocks == 8 else 34), dsfid=PART3, blocks=blocks)

    one, two = _identifier(random), _identifier(random)
    near = one[:-1] + random.choice("0123456789")
    yield Pair("28560-3 on a blank tag", image(), made(one), single=True)
    yield Pair("28560-3 on another", made(two), made(one), single=True)
    if near != one:
        yield Pair("28560-3, a nearby number", made(near), made(one), single=True)
    yield Pair("28560-3 on a blank tag of 32 bytes", image(blocks=8), made(one, 8), single=True)
    yield Pair("28560-3 on another of 32 bytes", made(two, 8), made(one, 8), single=True)
    ours, theirs = barcode(random), barcode(random)
    encoded = new_image(image(), TagContent(ours), PROFILE_3)
    yield Pair("28560-2 to 28560-3", item(theirs), encoded)
    yield Pair("28560-3 to 28560-2", encoded, item(theirs))
    yield Pair(
        "28560-3 as the station writes it", new_image(image(), TagContent(theirs), PROFILE_3), encoded, single=True
    )


def random_sets(random: Random) -> Iterator[Pair]:
    """Yield 28560-3 sets: their inner gate is not proven (docs/reference/tag-writing.md#torn-writes-of-iso-28560-3),
    but the outer gate must hold."""
    parts = random.randrange(2, 256)
    old = danish(_identifier(random), "DE705", parts=parts, part=random.randrange(1, parts + 1))
    new = danish(_identifier(random), "DE705", parts=parts, part=random.randrange(1, parts + 1))
    yield Pair("a 28560-3 set", image(old, dsfid=PART3), image(new, dsfid=PART3))
    yield Pair("a 28560-3 set on a blank tag", image(), image(new, dsfid=PART3))


def random_hazards(random: Random) -> Iterator[Pair]:
    """Yield 28560-3 tags whose body looks like that of a 3M tag: only block 0 distinguishes them, and it can be torn to
    04 .. 00.
    """
    memory = b"\xff" * 34
    while memory[19] not in (0, 0x30, 0x41):
        first = 0x10 | random.choice((4, 5, 6, 7))
        owner = random.choice(("DE1", "DE705", "NO203", ""))
        memory = danish(_identifier(random).ljust(random.choice((1, 16)), "7"), owner, first=first)
    hazard = image(memory, dsfid=PART3)
    yield Pair("a 28560-3 tag much like a 3M tag", image(), hazard)
    yield Pair("from a 28560-3 tag much like a 3M tag", hazard, item(barcode(random)))


def _identifier(random: Random) -> str:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    length = random.choice((8, 10, 12, 14, 14, 16))
    return random.choice(letters) + "".join(random.choices("0123456789", k=length - 1))
