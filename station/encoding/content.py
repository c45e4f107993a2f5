"""Values that encoding takes and returns: the profile of a library's tags, the content of a tag, its recognition.

All text that comes from a tag has passed `text.clean`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter
from typing import Final

from station.domain.tag_image import TagImage
from station.encoding.chips import chip_of

BEING_WRITTEN: Final = 0xC0
"""DSFID of a tag that this station is writing: unfinished, whatever its memory holds (`plan`).

A value of our own. Data format 0 and access method 3 (ISO/IEC 15962: two bits method, one bit for a second byte, five
bits format; layout as quoted in GS1 EPC Tag Data Standard 1.6): no known source uses it for anything. 00 would not
suffice: new tags have it, 3M tags have it, and so do finished ISO 28560-3 tags of some collections.
"""


READ_AS: Final[Mapping[str, str]] = {"danish": "28560-3", "danish-32": "28560-3"}
"""Ways of writing with their own name (`registry.BY_NAME`) -> the data model that reads such a tag."""


@dataclass(frozen=True, slots=True)
class TagProfile:
    """Profile of this library's tags (station.toml, section `tag`, and `library.isil`)."""

    isil: str
    """Owner institution (ISO 15511) of our own tags."""
    dsfid: int = 0x06
    """DSFID that marks a finished tag; 06 = ISO 28560-2 only. 00 is not possible: it marks an unfinished tag."""
    afi_in_stock: int = 0x07
    afi_on_loan: int = 0xC2
    type_of_usage: int = 0x10
    """Relative OID 5 of new tags: class nibble, qualifier nibble."""
    call_number_on_tag: bool = False
    """Write the shelf location (relative OID 6)."""
    model: str = "28560-2"
    """Data model of new tags: the name of a writable data model in `registry`. "" = tags are only read."""
    lock: frozenset[int] = frozenset()
    """Relative OIDs (ISO 28560-1) whose blocks are locked after the tag is verified; empty = nothing is ever locked."""
    reserve: int = 0
    """Bytes reserved for later in the content parameter's element (28560-2 only)."""
    smallest: int = 0
    """Minimum bytes of user memory for this profile."""
    eas: bool = False
    """Also set the chip's EAS bit on a finished tag in stock (if chip and reader support it)."""
    dsfids_28560_2: tuple[int, ...] = (0x06,)
    """DSFIDs that mark a finished ISO 28560-2 tag, besides `dsfid`."""
    dsfids_28560_3: tuple[int, ...] = (0x3E,)
    """The same for ISO 28560-3 and the Danish model. Some collections use 00; listing it gives up the gate for those
    tags."""
    leave_out: tuple[int, ...] = ()
    """Relative OIDs that a migration leaves out first, in this order, if a tag is too small for all."""

    def commits(self, model: str, dsfid: int | None) -> bool:
        """Return True if this DSFID marks a tag of `model` as finished. 3M tags have no such mark, so theirs always
        count. An unknown DSFID (None) marks nothing."""
        if dsfid == BEING_WRITTEN:
            return False
        if model == READ_AS.get(self.model, self.model) and dsfid == self.dsfid:
            return True
        match model:
            case "28560-2":
                return dsfid in self.dsfids_28560_2
            case "28560-3":
                return dsfid in self.dsfids_28560_3
            case _:
                return True


@dataclass(frozen=True, slots=True)
class ElementValue:
    """One data element as found on a tag."""

    oid: int
    """Relative OID (ISO 28560-1); 0 for a field that ISO 28560-1 does not define."""
    name: str
    value: str
    offset: int
    """First byte in memory."""
    length: int
    """Bytes in memory, including precursor and padding."""
    compaction: int | None = None
    """ISO/IEC 15962 compaction code 0-7; None if the model has none."""


@dataclass(frozen=True, slots=True)
class TagContent:
    """The data about an item that a tag holds or shall hold."""

    primary_item_identifier: str
    owner_institution: str = ""
    """ISIL."""
    part: int = 1
    parts: int = 1
    type_of_usage: int | None = None
    """Class nibble and qualifier nibble (ISO 28560-1, element 5)."""
    shelf_location: str = ""
    further: tuple[tuple[int, str], ...] = ()
    """All other data elements as (relative OID, value), ascending, for encoders and from decoders. Elements 19 and 20
    are two hexadecimal digits. Never holds OID 1 to 6."""
    elements: tuple[ElementValue, ...] = ()
    """The elements found, in tag order, as a decoder's evidence; encoders ignore it."""


class TagState(StrEnum):
    """State of a tag on the pad, from this station's view."""

    BLANK = "blank"
    OURS = "ours"
    """Finished, and the owner is this library."""
    FOREIGN = "foreign"
    """Finished, with another owner or none."""
    INCOMPLETE = "incomplete"
    """Writing was started but not finished. The content is at most a claim, never an identity."""
    UNKNOWN = "unknown"


Values = tuple[tuple[str, str], ...]
"""Names of placeholders in a sentence, with their values."""


def formatted(template: str, values: Mapping[str, object]) -> Values:
    """Return the formatted value of each placeholder of the template, by name."""
    form = Formatter()
    return tuple(
        (name, form.format_field(form.convert_field(values[name], conversion), spec or ""))
        for _, name, spec, conversion in form.parse(template)
        if name
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """An irregularity that was found; the data model's table of remarks holds its kind (severity, advice)."""

    code: str
    """Stable, e.g. "reversed-blocks"."""
    sentence: str
    """The sentence for a librarian."""
    offset: int | None = None
    """First byte concerned, if it has a place in memory."""
    length: int = 1
    values: Values = field(default=(), compare=False)
    """Values of the sentence's placeholders, for translation."""


class Severity(StrEnum):
    """Severity of a remark, for the tag doctor."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class RemarkKind:
    """One row of a data model's table of remarks."""

    code: str
    severity: Severity
    sentence: str
    """`str.format` template, filled from the arguments of `remark`."""
    advice: str
    """Advice, in one sentence."""

    def remark(self, offset: int | None = None, length: int = 1, **values: object) -> Remark:
        """Return a remark of this kind about one tag."""
        return Remark(self.code, self.sentence.format(**values), offset, length, formatted(self.sentence, values))


class Part(StrEnum):
    """Purpose of a range of bytes: selects the color in an annotated dump, and is its word."""

    IDENTIFIER = "identifier"
    OWNER = "owner"
    DATA = "data"
    """Any other data element."""
    STRUCTURE = "structure"
    """Version, precursors without an element, terminators, frame heads, padding."""
    CHECK = "check"
    """CRC, XOR."""
    FREE = "free"
    LEFTOVER = "leftover"
    """Bytes after the end of the content, which are not read."""
    CHIP = "chip"
    """Not memory of the data model (counter)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Range:
    """An annotated range of bytes of the user memory."""

    offset: int
    length: int
    part: Part
    label: str
    """The element's standard name, "CRC", or "terminator"."""
    value: str = ""
    """Decoded and cleaned; "" if there is nothing to show."""
    note: str = ""
    """The encoding ("integer", "ISIL code"), or an irregularity."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """The reading of a memory by one data model."""

    model: str
    content: TagContent
    confidence: float
    """0 to 1; a rank, not a probability."""
    reason: str
    """The reason for this model, in one sentence."""
    remarks: tuple[Remark, ...] = ()
    sound: bool = True
    """False = only plausible (its CRC is missing or wrong): a claim, never an identity."""
    end: int = 0
    """First byte after the content: the terminator's offset, or the size of the memory."""
    stored_owner: str = ""
    """The owner as stored on the tag, if that differs from the ISIL (ISO 28560-3 drops a hyphen)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The memory that an encoder asks for, from byte 0 on."""

    data: bytes
    """Content with its terminator, if there is room for one; the memory after it is free."""
    content_end: int
    """Bytes of `data` that carry content; the rest is terminator."""
    lock_bytes: tuple[tuple[int, int], ...] = ()
    """(offset, length) of the ranges to lock, on block boundaries."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A data model that was tried, with the evidence for or against it."""

    model: str
    confidence: float
    reason: str
    reasons: tuple[str, ...] = ()
    """All evidence for or against it, one sentence each, `reason` first."""
    sound: bool = False
    """True if the model reads the memory without doubt. Sound candidates come before all others."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The recognition of a tag, with reasons for a librarian."""

    state: TagState
    model: str
    """"blank", "28560-2", "28560-3", "3m" or "unknown"."""
    confidence: float
    """0 to 1; a rank, not a probability."""
    reasons: tuple[str, ...] = ()
    content: TagContent | None = None
    candidates: tuple[Candidate, ...] = ()
    """All models that were tried, best first."""
    decoding: Decoding | None = None
    """The reading by the best model, including remarks; None for blank and unknown tags."""

    @property
    def identifier(self) -> str:
        """The identifier that counts: only a finished tag has one; otherwise empty."""
        if self.content is None or self.state not in (TagState.OURS, TagState.FOREIGN):
            return ""
        return self.content.primary_item_identifier


def user_memory(image: TagImage) -> bytes:
    """Return the bytes that belong to the data model: all but the counter of an NXP ICODE SLIX2.

    SLIX2 has a counter in block 79, the last of its 80. It is not memory: a write counts or resets it (Flipper Zero
    slix.h; `station.encoding.chips` for the UID).
    """
    counter = chip_of(image.uid).counter_block
    if counter is not None and image.block_size > 0 and image.block_count == counter + 1:
        return image.memory[: counter * image.block_size]
    return image.memory


def is_locked(image: TagImage, block: int) -> bool:
    """Return the lock status of a block; a status that was not read counts as unlocked (the tag itself refuses to write
    a locked block)."""
    return block < len(image.locked) and image.locked[block]


def locked_blocks(image: TagImage) -> list[int]:
    """Return the numbers of the locked blocks of the user memory."""
    count = len(user_memory(image)) // image.block_size if image.block_size > 0 else 0
    return [block for block in range(count) if is_locked(image, block)]


def spans(numbers: Sequence[int]) -> str:
    """Return ascending numbers as "0-3, 7"."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in found)
