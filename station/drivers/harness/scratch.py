"""The scratch tag: save its content to a file before anything is written, and restore the tag from that file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import ChipUnfit, NotPossible, ReaderRefused, TagMismatch, TagRefused
from station.base.text import clean
from station.domain.inventory import SystemInformation
from station.domain.ports import ReaderCapabilities
from station.domain.tag_image import TagImage, Uid
from station.drivers.harness.results import TagFacts
from station.drivers.harness.subject import Subject
from station.encoding.chips import Feature, chip_of
from station.encoding.content import TagProfile, TagState
from station.encoding.recognition.recognise import recognise

EMPTY_NDEF: Final = (bytes.fromhex("0103A00C340300FE"), bytes.fromhex("0300FE"))
"""An NTAG as delivered by NXP, and an empty NDEF message (NFC Forum Type 2 Tag 2.4)."""
_LONGEST: Final = 1 << 20
"""Bytes read of an image file; a larger file is not an image."""
CANNOT: Final = (ReaderRefused, NotPossible, ChipUnfit)
"""Errors of a function that reader or chip lacks, and that the contract does not demand of each reader."""
AFI, DSFID, EAS, LOCKS = "AFI", "DSFID", "EAS bit", "locks"
"""Names of values that may be unsaved."""


class Image(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole tag as a file: JSON, memory in hexadecimal, block 0 first."""

    uid: str
    block_size: int
    memory: str
    locked: tuple[int, ...]
    """Numbers of locked blocks."""
    afi: int | None
    dsfid: int | None
    eas: bool | None
    iso15693: bool = True
    unsaved: dict[str, str] = {}
    """Values that could not be read (`AFI`, `DSFID`, `EAS`, `LOCKS`), and why. They are neither changed nor
    restored."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for values that no tag can have: a file can hold anything."""
        size = len(bytes.fromhex(self.memory))
        whole = 1 <= self.block_size <= 32 and size and not size % self.block_size
        if not whole or not 8 <= len(bytes.fromhex(self.uid)) * 2 <= 20:
            raise ValueError("UID or memory of no tag")
        if any(not 0 <= number < self.block_count for number in self.locked):
            raise ValueError("a locked block that the tag does not have")
        if any(value is not None and not 0 <= value <= 255 for value in (self.afi, self.dsfid)):
            raise ValueError("AFI and DSFID are bytes")

    @property
    def data(self) -> bytes:
        """The whole memory."""
        return bytes.fromhex(self.memory)

    @property
    def block_count(self) -> int:
        """Number of blocks."""
        return len(self.data) // self.block_size

    def block(self, number: int) -> bytes:
        """The bytes of one block."""
        return self.data[number * self.block_size : (number + 1) * self.block_size]

    @property
    def free(self) -> tuple[int, ...]:
        """Blocks that may be written and restored: neither locked nor a counter."""
        counter = chip_of(self.uid).counter_block
        return tuple(number for number in range(self.block_count) if number not in self.locked and number != counter)

    @property
    def tag(self) -> TagImage:
        """The image as the codecs' `TagImage`."""
        locked = tuple(number in self.locked for number in range(self.block_count))
        return TagImage(Uid(self.uid), self.block_size, self.data, locked, self.afi or 0, self.dsfid or 0)


def take(subject: Subject, uid: Uid) -> Image:
    """Read as much of the tag as reader and chip allow, at least its blocks. Raises what the reader raises."""
    unsaved: dict[str, str] = {}
    size, reported = _size(subject, uid, unsaved)
    read = subject.read_blocks(uid, 0, size.block_count)
    afi = size.afi if reported and subject.capabilities.tells_afi else None
    dsfid = size.dsfid if reported and subject.capabilities.tells_dsfid else None
    if subject.capabilities.iso15693:
        unsaved |= {name: "not reported" for name, value in ((AFI, afi), (DSFID, dsfid)) if value is None and reported}
    if not read.locked:
        unsaved[LOCKS] = "neither reader nor chip reports them"
    return Image(
        uid=size.uid,
        block_size=size.block_size,
        memory=read.data.hex(),
        locked=tuple(number for number, locked in enumerate(read.locked) if locked),
        afi=afi,
        dsfid=dsfid,
        eas=_eas(subject, uid, unsaved),
        iso15693=subject.capabilities.iso15693,
        unsaved=unsaved,
    )


def _size(subject: Subject, uid: Uid, unsaved: dict[str, str]) -> tuple[SystemInformation, bool]:
    """Return the tag's own information and True, or the size from the table of chips and False."""
    try:
        return subject.system_information(uid), True
    except CANNOT as error:
        known = size_by_table(uid)
        if known is None:
            raise
        unsaved |= dict.fromkeys((AFI, DSFID), str(error))
        return known, False


def size_by_table(uid: Uid) -> SystemInformation | None:
    """Return the size from the table of chips; None if the table has none. Its AFI and DSFID have no meaning."""
    chip = chip_of(uid)
    return SystemInformation(uid, 0, 0, chip.block_size, chip.blocks) if chip.blocks else None


def _eas(subject: Subject, uid: Uid, unsaved: dict[str, str]) -> bool | None:
    if not (subject.capabilities.iso15693 and chip_of(uid).has(Feature.EAS)):
        return None
    if not subject.capabilities.can_eas:
        unsaved[EAS] = "this reader has no way to it"
        return None
    try:
        return subject.read_eas(uid)
    except (*CANNOT, TagRefused) as error:
        unsaved[EAS] = str(error)
        return None


def has_eas(reader: ReaderCapabilities, uid: Uid) -> bool:
    """Return whether both reader and chip support an EAS bit."""
    return reader.can_eas and reader.iso15693 and chip_of(uid).has(Feature.EAS)


def facts(image: Image) -> TagFacts:
    """Return the tag's facts without its content, and a description of what kind of content it is."""
    blank, words = content_of(image)
    return TagFacts(
        uid=image.uid,
        chip=chip_of(image.uid).name if image.iso15693 else "Type 2 tag",
        block_size=image.block_size,
        block_count=image.block_count,
        locked=image.locked,
        afi=image.afi if image.iso15693 else None,
        dsfid=image.dsfid if image.iso15693 else None,
        eas=image.eas,
        unsaved=unsaved_words(image.unsaved),
        blank=blank,
        content=words,
    )


def unsaved_words(unsaved: Mapping[str, str]) -> tuple[str, ...]:
    """Return the name of each value with the reason."""
    return tuple(f"{name} ({clean(why, 200)})" for name, why in unsaved.items())


def content_of(image: Image) -> tuple[bool, tuple[str, ...]]:
    """Return whether the tag is blank, and sentences that describe its content. Only a blank tag is free to be
    written."""
    if not image.iso15693:
        rest = image.data.rstrip(b"\0")
        blank = not rest or rest in EMPTY_NDEF
        return blank, ("It is empty." if blank else "It holds an NDEF message or other data.",)
    recognition = recognise(image.tag, TagProfile(isil=""))
    words = [
        "It is blank."
        if recognition.state is TagState.BLANK
        else f"It is not blank: {recognition.state.value}, {recognition.model}."
    ]
    if recognition.identifier:
        words.append(f"It names the item {recognition.identifier}.")
    return recognition.state is TagState.BLANK, (*words, *recognition.reasons)


# --- the file -------------------------------------------------------------------------------------------------------


def save(image: Image, folder: Path) -> Path:
    """Write the image to a new file, readable only by its owner and on the disk on return. Raises `OSError`."""
    for number in range(1000):
        path = folder / (f"scratch-{image.uid}.json" if not number else f"scratch-{image.uid}-{number}.json")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(image)) + b"\n")
            file.flush()
            os.fsync(descriptor)
        return path
    raise FileExistsError(f"{folder} is full of images of {image.uid}")


def load(path: Path) -> Image:
    """Read a file of `save`. Raises `OSError`, and `ValueError` with a sentence if it is not such a file."""
    with path.open("rb") as file:
        text = file.read(_LONGEST)
    try:
        return msgspec.json.decode(text, type=Image)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} holds no image of a tag: {error}") from error


# --- putting it back ------------------------------------------------------------------------------------------------


def put_back(subject: Subject, saved: Image, say: Callable[[str], None] = lambda _: None) -> tuple[str, ...]:
    """Write what differs from `saved`, and read the whole tag again. Return what still differs (empty = exact).

    Does not write equal blocks, locked blocks or a counter. Raises what the reader raises; part of the work may then be
    done, and the function can be called again.
    """
    uid = Uid(saved.uid)
    now = take(subject, uid)
    if (now.block_size, now.block_count) != (saved.block_size, saved.block_count):
        raise TagMismatch(f"the tag has {now.block_count} blocks of {now.block_size} bytes now: it is another one")
    for first, data in _runs(saved, now):
        say(f"writing {len(data) // saved.block_size} blocks from {first}")
        subject.write_blocks(uid, first, data, saved.block_size)
    if saved.afi is not None and now.afi != saved.afi:
        subject.write_afi(uid, saved.afi)
    if saved.dsfid is not None and now.dsfid != saved.dsfid:
        subject.write_dsfid(uid, saved.dsfid)
    if saved.eas is not None and now.eas != saved.eas:
        subject.write_eas(uid, saved.eas)
    field_off(subject)
    return differences(saved, take(subject, uid))


def field_off(subject: Subject) -> bool:
    """Switch the field off and on, so that the next read comes from the tag's memory. Return False if the reader
    cannot."""
    if not subject.capabilities.can_reset_field:
        return False
    try:
        subject.reset_field()
    except CANNOT:
        return False
    return True


def _runs(saved: Image, now: Image) -> list[tuple[int, bytes]]:
    """Return the runs of consecutive blocks that differ and can be written: (first, bytes)."""
    runs: list[tuple[int, bytes]] = []
    for number in saved.free:
        if saved.block(number) == now.block(number) or number in now.locked:
            continue
        if runs and runs[-1][0] + len(runs[-1][1]) // saved.block_size == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + saved.block(number))
        else:
            runs.append((number, saved.block(number)))
    return runs


def differences(saved: Image, now: Image) -> tuple[str, ...]:
    """Describe what differs from the saved image. A chip's counter is left out, because the chip changes it."""
    counter = chip_of(saved.uid).counter_block
    changes = [
        f"block {number}"
        for number in range(saved.block_count)
        if number != counter and saved.block(number) != now.block(number)
    ]
    changes += [f"block {number} is locked now" for number in now.locked if number not in saved.locked]
    for name, then, value in ((AFI, saved.afi, now.afi), (DSFID, saved.dsfid, now.dsfid)):
        if then is not None and value != then:
            changes.append(f"{name} {'not readable' if value is None else f'{value:02X}'} instead of {then:02X}")
    changes += ["the EAS bit"] * (saved.eas is not None and now.eas != saved.eas)
    return tuple(changes)


def as_it_was(saved: Image) -> str:
    """Return the sentence about a restored tag."""
    unknown = ", ".join(saved.unsaved)
    return f"The tag {saved.uid} is as it was, byte for byte, read back." + (
        f" Not read and not changed: {unknown}." if unknown else ""
    )
