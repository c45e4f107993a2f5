"""For each row of the tag doctor's tables: a tag with the fault, and the same tag repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from station.domain.tag_image import TagImage, Uid
from station.encoding.content import (
    Decoding,
    Range,
    Remark,
    RemarkKind,
    Severity,
    TagContent,
    TagProfile,
)
from station.encoding.doctor.doctor import Diagnosis, examine
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.registry import DATA_MODELS
from station.encoding.write_plan.image import new_image
from tests.support.sample_tags import ISIL, PROFILE, UID, danish, image, item

SLIX2 = Uid("E004010800000001")
BARCODE = "30123000000017"
OTHER = "30123000000025"


@dataclass(frozen=True)
class Seen:
    """Arguments of one examination. The faulty and the repaired tag differ in exactly one of these fields."""

    image: TagImage
    profile: TagProfile = PROFILE
    barcode: str = ""
    parts: int | None = None
    part: int | None = None
    unfinished: bool = False
    siblings: tuple[TagContent, ...] = ()
    in_stock: bool = True
    afi_locked: bool | None = None
    dsfid_locked: bool | None = None
    is_barcode: Callable[[str], bool] | None = field(default=None, compare=False)
    models: tuple[DataModel, ...] = DATA_MODELS

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        options = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("image", "profile")}
        return examine(self.image, self.profile, **options)

    def codes(self) -> set[str]:
        return {each.code for each in self.diagnoses()}


def turned(memory: bytes) -> bytes:
    """Return the memory with the bytes of each block reversed."""
    return b"".join(memory[block : block + 4][::-1] for block in range(0, len(memory), 4))


def part_2(*values: tuple[int, str], tail: bytes = b"", **more: Any) -> TagImage:
    """Return a finished tag of these elements."""
    return image(iso28560_2_codec.encode_elements(values) + b"\0" + tail, **{"dsfid": 6, "afi": 7, **more})


def changed(old: TagImage, at: int, data: bytes) -> TagImage:
    return replace(old, memory=old.memory[:at] + data + old.memory[at + len(data) :])


def locked(old: TagImage, *blocks: int) -> TagImage:
    return replace(old, locked=tuple(number in blocks for number in range(old.block_count)))


class Odd:
    """A data model that reads every memory as the same item, and reports every remark in its table."""

    name = "odd"
    title = "Odd model"
    marks_completion = False
    kinds = tuple(RemarkKind(f"odd-{level}", level, f"It is {level}.", f"Do {level}.") for level in Severity)

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        remarks = (*(kind.remark(3, 2) for kind in self.kinds), Remark("unlisted", "It is not in the table."))
        return Decoding("odd", TagContent(BARCODE, ISIL), 1.0, "It is odd.", remarks)

    def annotate(self, memory: bytes, decoding: Decoding) -> tuple[Range, ...]:
        return ()

    def owned(self, decoding: Decoding, isil: str) -> bool:
        return decoding.content.owner_institution == isil


class Unproven(Odd):
    """A data model that reads every memory, but without proof."""

    kinds = ()

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        return Decoding("odd", TagContent(BARCODE, ISIL), 0.5, "It is odd.", sound=False)


class Proven(Odd):
    """A data model that reads every memory, with proof."""

    kinds = ()

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        return Decoding("odd", TagContent(BARCODE, ISIL), 0.5, "It is odd.")


HEALTHY = Seen(item(BARCODE))
SET = Seen(item(BARCODE, part=2, parts=3))
MINE = TagContent(BARCODE, ISIL, part=1, parts=3)
LOCKING = replace(PROFILE, lock=frozenset({1}))
LOCKED_AS_ASKED = Seen(locked(new_image(image(), TagContent(BARCODE), LOCKING), 0, 1), LOCKING)
DANISH_PROFILE = replace(PROFILE, isil="DE-705", model="28560-3", dsfid=0x3E)
DANISH = Seen(image(danish(BARCODE), dsfid=0x3E, afi=7), DANISH_PROFILE)
COUNTER = Seen(replace(item(BARCODE), uid=SLIX2, memory=HEALTHY.image.memory.ljust(320, b"\0"), locked=(False,) * 80))
OCTET_OWNER = bytes([0x63, len(ISIL)]) + ISIL.encode()
PLAIN = bytes.fromhex("11051cbe991a14")
"""Element 1 alone: 123456789012."""

NEW_3M = b"\x55" * 24
"""The fill pattern of a new 3M tag."""

CASES: dict[str, tuple[Seen, Seen]] = {
    # the chip
    "memory-unread": (Seen(TagImage(UID, 4, b"", (), 7, 6)), HEALTHY),
    "locked-wrong-identifier": (
        Seen(locked(item(OTHER), 0, 1), barcode=BARCODE),
        Seen(locked(item(BARCODE), 0, 1), barcode=BARCODE),
    ),
    "afi-locked": (replace(HEALTHY, afi_locked=True), replace(HEALTHY, afi_locked=False)),
    "locked-in-the-way": (
        Seen(locked(part_2((1, BARCODE), (3, "DE-705")), 4)),
        Seen(part_2((1, BARCODE), (3, "DE-705"))),
    ),
    "locked-unwritten": (Seen(image(locked=frozenset({3}))), Seen(image())),
    "dsfid-locked": (replace(HEALTHY, dsfid_locked=True), HEALTHY),
    "chip-too-small": (
        replace(HEALTHY, profile=replace(PROFILE, smallest=113)),
        replace(HEALTHY, profile=replace(PROFILE, smallest=112)),
    ),
    "does-not-fit": (
        Seen(image(blocks=4), barcode=BARCODE),
        Seen(image(blocks=8), barcode=BARCODE),
    ),
    "uid-malformed": (Seen(replace(HEALTHY.image, uid=Uid("E00401501F453D8"))), HEALTHY),
    "uid-not-iso15693": (Seen(replace(HEALTHY.image, uid=Uid("0004010000000001"))), HEALTHY),
    "locked-other-form": (
        Seen(locked(image(PLAIN + OCTET_OWNER + b"\0", dsfid=6, afi=7), 2)),
        Seen(image(PLAIN + OCTET_OWNER + b"\0", dsfid=6, afi=7)),
    ),
    "not-locked": (replace(LOCKED_AS_ASKED, image=locked(LOCKED_AS_ASKED.image, 0)), LOCKED_AS_ASKED),
    "locked-needlessly": (Seen(locked(item(BARCODE), 0)), HEALTHY),
    "lock-status-unread": (Seen(replace(HEALTHY.image, locked=())), HEALTHY),
    "counter-block": (replace(COUNTER, image=changed(COUNTER.image, 316, b"\x01\0\0\0")), COUNTER),
    # system bytes
    "dsfid-unfinished": (Seen(replace(HEALTHY.image, dsfid=0)), HEALTHY),
    "afi-on-loan": (Seen(replace(HEALTHY.image, afi=0xC2)), HEALTHY),
    "afi-in-stock": (replace(HEALTHY, in_stock=False), HEALTHY),
    "afi-not-set": (Seen(replace(HEALTHY.image, afi=0)), HEALTHY),
    "afi-other-system": (Seen(replace(HEALTHY.image, afi=0xDA)), HEALTHY),
    "afi-unknown": (Seen(replace(HEALTHY.image, afi=0x55)), HEALTHY),
    "dsfid-other-model": (Seen(replace(HEALTHY.image, dsfid=0x3E)), HEALTHY),
    "dsfid-unknown": (Seen(replace(HEALTHY.image, dsfid=0x44)), HEALTHY),
    "blank-but-marked": (Seen(image(dsfid=6)), Seen(image())),
    # the bytes
    "unfinished-in-journal": (replace(HEALTHY, unfinished=True), HEALTHY),
    "first-block-zero": (Seen(changed(HEALTHY.image, 0, bytes(4))), HEALTHY),
    "first-block-only": (Seen(image(NEW_3M[:1] + b"\x12" + NEW_3M[2:])), Seen(image(NEW_3M))),
    "structure-broken": (Seen(changed(HEALTHY.image, 1, b"\x7f")), HEALTHY),
    "byte-order": (Seen(replace(HEALTHY.image, memory=turned(HEALTHY.image.memory))), HEALTHY),
    "claim-only": (Seen(HEALTHY.image, models=(Unproven(),)), Seen(HEALTHY.image, models=(Proven(),))),
    "no-identifier": (Seen(image(danish(""), dsfid=0x3E, afi=7), DANISH_PROFILE), DANISH),
    "usage-discarded": (Seen(item(BARCODE, type_of_usage=0x71)), HEALTHY),
    "usage-patron-card": (Seen(item(BARCODE, type_of_usage=0x80)), HEALTHY),
    "leftover-item": (Seen(part_2((1, BARCODE), (3, ISIL), tail=PLAIN)), Seen(part_2((1, BARCODE), (3, ISIL)))),
    "leftover-text": (Seen(changed(HEALTHY.image, 80, b"\xffSmith, J.\xff")), HEALTHY),
    "other-model": (Seen(image(danish(BARCODE), dsfid=0x3E, afi=7)), HEALTHY),
    "element-wasteful": (
        Seen(image(b"\x61\x0c123456789012" + bytes.fromhex("0307acc09ebaa06f6b"), dsfid=6, afi=7)),
        Seen(image(PLAIN + bytes.fromhex("0307acc09ebaa06f6b"), dsfid=6, afi=7)),
    ),
    "usage-differs": (Seen(item(BARCODE, type_of_usage=0x20)), HEALTHY),
    "leftover-bytes": (Seen(changed(HEALTHY.image, 80, b"\xff\x01")), HEALTHY),
    "blank": (Seen(image()), HEALTHY),
    # the item
    "barcode-differs": (replace(HEALTHY, barcode=OTHER), replace(HEALTHY, barcode=BARCODE)),
    "barcode-spelling": (replace(HEALTHY, barcode=f"0{BARCODE}"), replace(HEALTHY, barcode=BARCODE)),
    "identifier-no-barcode": (
        replace(HEALTHY, is_barcode=lambda text: text.startswith("999")),
        replace(HEALTHY, is_barcode=lambda text: text.startswith("301")),
    ),
    "owner-other": (Seen(part_2((1, BARCODE), (3, "DE-705"))), Seen(part_2((1, BARCODE), (3, ISIL)))),
    "owner-missing": (Seen(part_2((1, BARCODE))), Seen(part_2((1, BARCODE), (3, ISIL)))),
    "part-twice": (replace(SET, siblings=(replace(MINE, part=2),)), replace(SET, siblings=(MINE,))),
    "set-incomplete": (
        replace(SET, siblings=(MINE,)),
        replace(SET, siblings=(MINE, replace(MINE, part=3))),
    ),
    "parts-differ": (replace(SET, parts=4), replace(SET, parts=3)),
    "part-differs": (replace(SET, part=1), replace(SET, part=2)),
    "set-disagrees": (replace(SET, siblings=(replace(MINE, parts=2),)), replace(SET, siblings=(MINE,))),
    "stranger": (
        replace(SET, siblings=(replace(MINE, primary_item_identifier=OTHER),)),
        replace(SET, siblings=(MINE,)),
    ),
    "owner-spelling": (Seen(part_2((1, BARCODE), (3, ISIL.upper()))), Seen(part_2((1, BARCODE), (3, ISIL)))),
    "owner-malformed": (Seen(part_2((1, BARCODE), (3, "USInUMu"))), Seen(part_2((1, BARCODE), (3, "US-InUMu")))),
    "owner-cut": (
        Seen(
            image(danish(BARCODE, "USInUMusicL", size=32), dsfid=0x3E, afi=7), replace(PROFILE, isil="US-InUMusicLib")
        ),
        Seen(
            image(danish(BARCODE, "USInUMusicX", size=32), dsfid=0x3E, afi=7), replace(PROFILE, isil="US-InUMusicLib")
        ),
    ),
    "set-not-seen": (SET, replace(SET, siblings=(MINE,))),
    "isil-unset": (replace(HEALTHY, profile=replace(PROFILE, isil="")), HEALTHY),
}


def one_with(found: tuple[Diagnosis, ...], code: str) -> Diagnosis:
    [one] = [each for each in found if each.code == code]
    return one
