"""The text of a Type 2 label: read it, or write it so that the message is whole or empty at any moment, and read it
back."""

from __future__ import annotations

import msgspec

from station.base.errors import DoesNotFit, TagAbsent, TagLocked, TagMismatch, TagsCollide
from station.domain.ports import Reader
from station.domain.tag_image import Uid
from station.drivers.nfcpy.records import text_message, texts, uri_message
from station.drivers.nfcpy.type2 import PAGE, find_message, message_steps


class LabelSeen(msgspec.Struct, frozen=True):
    """A Type 2 label. `texts`: cleaned texts and addresses of its message. `locked`: number of locked user pages, of
    `pages`."""

    uid: Uid
    pages: int
    texts: tuple[str, ...]
    empty: bool
    """Whether its user memory holds no message, or an empty one."""
    locked: int


def read_label(reader: Reader) -> LabelSeen:
    """Read the only label in the field. Raises `TagAbsent`, `TagsCollide` and what the reader raises."""
    return _read(reader, only_uid(reader))[0]


def only_uid(reader: Reader) -> Uid:
    """Return the UID of the only tag on the reader. Raises `TagAbsent` and `TagsCollide`."""
    found = reader.inventory()
    if found.collision or len(found.tags) > 1:
        raise TagsCollide(f"{len(found.tags)} tags")
    if not found.tags:
        raise TagAbsent("no tag is on the reader")
    return found.tags[0].uid


def _read(reader: Reader, uid: Uid) -> tuple[LabelSeen, bytes, tuple[bool, ...]]:
    pages = reader.system_information(uid).block_count
    read = reader.read_blocks(uid, 0, pages)
    message = find_message(read.data)
    seen = LabelSeen(uid, pages, texts(message) if message else (), not message, sum(read.locked))
    return seen, read.data, read.locked


def write_label(reader: Reader, uid: Uid, *, text: str = "", uri: str = "") -> LabelSeen:
    """Replace the message of the label `uid` by one text (or address), and read it back. Raises `DoesNotFit`,
    `TagLocked` (nothing was written), `TagMismatch`, and what the reader raises; the label is then unchanged, or
    empty."""
    message = uri_message(uri) if uri else text_message(text)
    _, before, locked = _read(reader, uid)
    steps = message_steps(before, message)
    if steps is None:
        raise DoesNotFit(len(message), len(before))
    for page, _ in steps:
        if locked[page]:
            raise TagLocked(f"page {page + 4}")
    for page, data in steps:
        reader.write_blocks(uid, page, data, PAGE)
    seen, after, _ = _read(reader, uid)
    if find_message(after) != message:
        raise TagMismatch("another message was read back")
    return seen
