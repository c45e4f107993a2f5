"""The values that encoding gives and takes: what a library's tags look like, what one tag holds, what a tag is.

All text in these values has passed `text.clean` when it came from a tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter
from typing import Final

from station.domain.tag_image import TagImage
from station.encoding.chips import chip_of

BEING_WRITTEN: Final = 0xC0
"""DSFID of a tag that this station is changing: unfinished, whatever stands in its memory (`plan`).

A value of our own. Data format 0 and access method 3 (ISO/IEC 15962: two bits method, one bit for a second byte, five bits
format; layout as quoted in GS1 EPC Tag Data Standard 1.6): no source seen uses it for anything. 00 alone would not do: new
tags have it, 3M tags have it, and so have finished ISO 28560-3 tags of some collections.
"""


READ_AS: Final[Mapping[str, str]] = {"danish": "28560-3", "danish-32": "28560-3"}
"""Ways of writing that have a name of their own (`registry.BY_NAME`) -> the data model as which such a tag reads."""


@dataclass(frozen=True, slots=True)
class TagProfile:
    """How this library's tags look (station.toml, section `tag`, and `library.isil`)."""

    isil: str
    """Owner institution (ISO 15511) of our own tags."""
    dsfid: int = 0x06
    """DSFID that marks a finished tag; 06 = ISO 28560-2, and for that alone. 00 cannot be used: it marks an unfinished one."""
    afi_in_stock: int = 0x07
    afi_on_loan: int = 0xC2
    type_of_usage: int = 0x10
    """Relative OID 5 of what we write: class nibble, qualifier nibble."""
    call_number_on_tag: bool = False
    """Write the shelf location (relative OID 6)."""
    model: str = "28560-2"
    """Data model of what we write: the name of a writable data model in `registry`. "" = tags are only read."""
    lock: frozenset[int] = frozenset()
    """Relative OIDs (ISO 28560-1) whose blocks are locked after the tag is verified; empty = nothing is ever locked."""
    reserve: int = 0
    """Bytes of room kept for later in the content parameter's element (28560-2 only)."""
    smallest: int = 0
    """Fewest bytes of user memory that a tag must have for this profile."""
    eas: bool = False
    """Also set the chip's EAS bit on a finished tag in stock (chips and readers that have it)."""
    dsfids_28560_2: tuple[int, ...] = (0x06,)
    """DSFIDs that count as "committed" for ISO 28560-2, beside `dsfid`."""
    dsfids_28560_3: tuple[int, ...] = (0x3E,)
    """The same for ISO 28560-3 and the Danish model. Some collections use 00 there; adding it gives up the gate for them."""
    leave_out: tuple[int, ...] = ()
    """Relative OIDs that a migration leaves out first, in this order, when a tag is too small for all."""

    def commits(self, model: str, dsfid: int | None) -> bool:
        """True if a tag of `model` with this DSFID was finished by whoever wrote it. 3M tags have no such mark. A DSFID that
        is not known (None) marks nothing."""
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
    """Relative OID (ISO 28560-1); 0 for a field that ISO 28560-1 does not know."""
    name: str
    value: str
    offset: int
    """First byte in memory."""
    length: int
    """Bytes in memory, precursor and padding included."""
    compaction: int | None = None
    """ISO/IEC 15962 compaction code 0-7; None where the model has none."""


@dataclass(frozen=True, slots=True)
class TagContent:
    """What a tag says, or shall say, about its item."""

    primary_item_identifier: str
    owner_institution: str = ""
    """ISIL."""
    part: int = 1
    parts: int = 1
    type_of_usage: int | None = None
    """Class nibble and qualifier nibble (ISO 28560-1, element 5)."""
    shelf_location: str = ""
    further: tuple[tuple[int, str], ...] = ()
    """All other data elements as (relative OID, value), ascending: what encoders write and decoders find beside the above.
    Element 19 and 20 are two hexadecimal digits. Never holds OID 1 to 6."""
    elements: tuple[ElementValue, ...] = ()
    """What was found, in tag order. Evidence of a decoder; encoders do not read it."""


class TagState(StrEnum):
    """What a tag on the pad is to this station."""

    BLANK = "blank"
    OURS = "ours"
    """Finished, and the owner is this library."""
    FOREIGN = "foreign"
    """Finished, with another owner or none."""
    INCOMPLETE = "incomplete"
    """Somebody began to write it. Its content is at best a claim, never an identity."""
    UNKNOWN = "unknown"


Values = tuple[tuple[str, str], ...]
"""Names of places in a sentence, and what stands there."""


def formatted(template: str, values: Mapping[str, object]) -> Values:
    """What `str.format` puts into each place of the template, by name."""
    form = Formatter()
    return tuple(
        (name, form.format_field(form.convert_field(values[name], conversion), spec or ""))
        for _, name, spec, conversion in form.parse(template)
        if name
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that was found; its kind (severity, what to do) is in the data model's table of remarks."""

    code: str
    """Stable, e.g. "reversed-blocks"."""
    sentence: str
    """What a librarian reads."""
    offset: int | None = None
    """First byte concerned, if it has a place."""
    length: int = 1
    values: Values = field(default=(), compare=False)
    """What stands in the places of the sentence, for who tells it in another language."""


class Severity(StrEnum):
    """How bad a remark is, for the tag doctor."""

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
    """`str.format` template; its names are given to `remark`."""
    advice: str
    """What to do, in one sentence."""

    def remark(self, offset: int | None = None, length: int = 1, **values: object) -> Remark:
        """This kind of remark about one tag."""
        return Remark(self.code, self.sentence.format(**values), offset, length, formatted(self.sentence, values))


class Part(StrEnum):
    """What a range of bytes is for: the colour of an annotated dump, and its word."""

    IDENTIFIER = "identifier"
    OWNER = "owner"
    DATA = "data"
    """Any other data element."""
    STRUCTURE = "structure"
    """Version, precursors of nothing, terminators, frame heads, padding."""
    CHECK = "check"
    """CRC, XOR."""
    FREE = "free"
    LEFTOVER = "leftover"
    """Behind the end of the content: not read."""
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
    """What stands here: the element's standard name, "CRC", "terminator"."""
    value: str = ""
    """Decoded and cleaned; "" where there is nothing to show."""
    note: str = ""
    """How it is written ("integer", "ISIL code"), or what is odd."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """A memory read by one data model."""

    model: str
    content: TagContent
    confidence: float
    """0 to 1; a rank, not a probability."""
    reason: str
    """Why it is this model, in one sentence."""
    remarks: tuple[Remark, ...] = ()
    sound: bool = True
    """False = only plausible (its CRC is missing or wrong): a claim, never an identity."""
    end: int = 0
    """First byte behind the content: the terminator's offset, or the size of the memory."""
    stored_owner: str = ""
    """The owner as it stands on the tag, where that differs from the ISIL (ISO 28560-3 drops a hyphen)."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder wants to stand in the user memory from byte 0 on."""

    data: bytes
    """Content with its terminator, if there is room for one; what lies behind it is free."""
    content_end: int
    """Bytes of `data` that carry content; the rest is terminator."""
    lock_bytes: tuple[tuple[int, int], ...] = ()
    """(offset, length) of what shall be locked; on block boundaries."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A data model that was tried, and what spoke for or against it."""

    model: str
    confidence: float
    reason: str
    reasons: tuple[str, ...] = ()
    """All that speaks for or against it, `reason` first; one sentence each."""
    sound: bool = False
    """True if the model reads the memory without doubt. Sound candidates come before all others."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a tag is, with reasons that a librarian understands."""

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
    """How the best model reads it, remarks included; None for blank and unknown tags."""

    @property
    def identifier(self) -> str:
        """The identifier that counts: only a finished tag has one; otherwise empty."""
        if self.content is None or self.state not in (TagState.OURS, TagState.FOREIGN):
            return ""
        return self.content.primary_item_identifier


def user_memory(image: TagImage) -> bytes:
    """The bytes that belong to the data model: all but the counter of an NXP ICODE SLIX2.

    SLIX2 keeps a counter in block 79, the last of its 80: it is no memory, and writing to it counts or resets (Flipper
    Zero slix.h; `station.encoding.chips` for the UID).
    """
    counter = chip_of(image.uid).counter_block
    if counter is not None and image.block_size > 0 and image.block_count == counter + 1:
        return image.memory[: counter * image.block_size]
    return image.memory


def is_locked(image: TagImage, block: int) -> bool:
    """Block security status; a status that was not read counts as open (the tag itself refuses a locked block)."""
    return block < len(image.locked) and image.locked[block]
