"""The target that migrates tags from one data model to another."""

from __future__ import annotations

from typing import Final

from fuzz import cases
from fuzz.oracle import demand, demand_clean, said
from station.base.errors import EncodingError
from station.base.words import tell
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile, user_memory
from station.encoding.migration.migration import Migration, NoteKind, migrate
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import writable

ISIL: Final = "US-InU-Mu"
TARGETS: Final = (
    TagProfile(isil=ISIL),
    TagProfile(isil=ISIL, model="28560-3", dsfid=0x3E),
    TagProfile(isil=ISIL, model="28560-3", dsfid=0x3E, leave_out=(17, 6, 22)),
    TagProfile(isil=ISIL, lock=frozenset({1, 3}), reserve=4, leave_out=(6, 5, 3)),
    TagProfile(isil=ISIL, smallest=64),
    TagProfile(isil="DK-718500", model="danish", dsfid=0x3E),
    TagProfile(isil="DK-718500", model="danish-32", dsfid=0x3E),
)
SIZES: Final = (112, 32, 34, 256, 16, 1, 112, 1024)


def migrated(data: bytes) -> None:
    """Migration. Byte 0: target, byte 1: options; then the tag. Every element has a note; the result reads back."""
    if len(data) < 2:
        return
    image = cases.image(data[2:])
    target, size = TARGETS[data[0] % len(TARGETS)], SIZES[data[0] >> 5]
    judged = recognise(image, target)
    found = judged.decoding
    scanned = judged.content.primary_item_identifier if judged.content and data[1] & 8 else ""
    source = found if data[1] & 16 and found is not None else judged
    try:
        moved = migrate(
            source,
            target,
            size=size,
            block_size=(4, 8, 1, 32)[data[1] & 3],
            take_over=bool(data[1] & 4),
            barcode="30123456789012" if data[1] & 32 else scanned,
            keep=(1, 3, 4, 5) if data[1] & 64 else None,
        )
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand_clean(moved)
    demand(bool(moved.refused) == (moved.encoded is None) == (moved.content is None), f"half refused: {moved}")
    if found is not None and moved.notes:
        _every_element_has_a_note(found.content, moved)
    if moved.encoded is None or moved.content is None:
        return
    demand(len(moved.encoded.data) <= size, f"{len(moved.encoded.data)} bytes for a tag of {size}")
    _reads_the_same(moved, target, size, (4, 8, 1, 32)[data[1] & 3])


def _every_element_has_a_note(content: TagContent, moved: Migration) -> None:
    noted = {note.oid for note in moved.notes}
    lost = {element.oid for element in content.elements} - noted
    demand(not lost, f"there is no note for elements {sorted(lost)}")
    for note in moved.notes:
        if note.kind is NoteKind.KEPT:
            demand(bool(note.after) == bool(note.before), f"kept, but {note.before!r} became {note.after!r}")
        if note.kind in (NoteKind.DROPPED, NoteKind.DOES_NOT_FIT):
            demand(bool(note.reason), f"{note.name} is {note.kind.value} without a reason")
            demand(not note.after, f"{note.name} is {note.kind.value} but still present: {note.after!r}")


def _reads_the_same(moved: Migration, target: TagProfile, size: int, block_size: int) -> None:
    if moved.encoded is None or moved.content is None:
        return
    memory = moved.encoded.data.ljust(size, b"\0")
    image = TagImage(Uid("E00401501F453D8F"), block_size, memory, (), target.afi_in_stock, target.dsfid)
    again = writable(target.model).read(image, user_memory(image)).content
    demand(said(again) == said(moved.content), f"{said(moved.content)} reads as {said(again)}")
