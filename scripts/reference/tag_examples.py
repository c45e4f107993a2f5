"""The tags whose byte maps are in docs/tag-formats.md: published bytes, and one tag in mid-write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from station.domain.tag_image import TagImage, Uid, shown
from station.encoding.content import Part, Range, TagContent, TagProfile
from station.encoding.iso28560_4 import urn40
from station.encoding.iso28560_4.codec import decode as decode_uhf
from station.encoding.recognition.annotate import annotate, plain
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import SetBlocks, SetDsfid

UID: Final = Uid("E00401501F453D8F")
OWN: Final = TagProfile(isil="US-InU-Mu")
"""The library that reads the tags: that of the standard's example."""


@dataclass(frozen=True, slots=True)
class Example:
    """One published memory."""

    title: str
    hex: str
    """User memory; filled with zeros to whole blocks."""
    source: str
    """Publisher of the bytes; a test compares them with tests/vectors."""
    dsfid: int
    note: str = ""
    locks: str = ""
    """One letter per block from block 0 on, "l" = locked."""

    @property
    def image(self) -> TagImage:
        """The tag, in blocks of four bytes."""
        memory = bytes.fromhex(self.hex)
        memory += bytes(-len(memory) % 4)
        locked = tuple(letter == "l" for letter in self.locks.ljust(len(memory) // 4, "."))
        return TagImage(UID, 4, memory, locked, 0x07, self.dsfid)


class _Banks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epc_bank: str
    user_bank: str


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    uhf: _Banks
    examples: tuple[Example, ...]


_DATA: Final = msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_Data)
EXAMPLES: Final = _DATA.examples
EPC_BANK, USER_BANK = _DATA.uhf.epc_bank, _DATA.uhf.user_bank


def uhf_map() -> list[str]:
    """Return both banks of a UHF tag, byte by byte."""
    epc_bank, user_bank = bytes.fromhex(EPC_BANK), bytes.fromhex(USER_BANK)
    decoded = decode_uhf(epc_bank, user_bank, with_crc=False)
    pc, content = decoded.bank.pc, decoded.content
    control = f"{pc.words} words follow, {'user bank in use' if pc.umi else 'no user bank'}, {pc.application.value}"
    epc = [Range(0, 2, Part.STRUCTURE, "protocol control word", f"{control}, AFI {pc.afi:02X}")]
    for at in range(2, len(epc_bank), 2):
        epc.append(Range(at, 2, Part.IDENTIFIER, "three characters", urn40.decode(epc_bank[at : at + 2])))
    user = [Range(0, 1, Part.STRUCTURE, "DSFID", f"{user_bank[0]:02X}")]
    user += [Range(each.offset, each.length, Part.DATA, each.name, each.value) for each in content.elements]
    end = user[-1].offset + user[-1].length
    user.append(Range(end, len(user_bank) - end, Part.STRUCTURE, "terminator and filling of the last word"))
    said = f"{content.primary_item_identifier}, owner {content.owner_institution}"
    remarks = (f"  {remark.sentence}" for remark in decoded.remarks)
    return [f"Item {said}", *remarks, "", *plain(epc_bank, epc), "", *plain(user_bank, user)]


def mid_write() -> TagImage:
    """Return the worked example in the middle of a change to other content: the power failed after half of the block
    writes."""
    old = replace(EXAMPLES[0].image, locked=(False,) * 9)
    wanted = TagContent("123456789013", part=3, parts=12, shelf_location="QA268.L55")
    plan = plan_write(old, new_image(old, wanted, replace(OWN, call_number_on_tag=True)), max_blocks_per_write=1)
    writes = [step for step in plan.steps if isinstance(step, SetDsfid | SetBlocks)]
    memory, dsfid = bytearray(old.memory), old.dsfid
    for step in writes[: len(writes) // 2]:
        if isinstance(step, SetDsfid):
            dsfid = step.value
        else:
            memory[step.first * 4 : step.first * 4 + len(step.data)] = step.data
    return replace(old, memory=bytes(memory), dsfid=dsfid)


def byte_map(image: TagImage) -> list[str]:
    """Return the tag's state and each byte of it: the same text as `station tag decode` without color."""
    judged = recognise(image, OWN)
    locked = [str(block) for block, lock in enumerate(image.locked) if lock]
    return [
        f"DSFID {shown(image.dsfid)}  AFI {shown(image.afi)}  {len(image.memory)} bytes in blocks of {image.block_size}"
        + (f"  locked: {', '.join(locked)}" if locked else ""),
        f"{judged.state.value}, {judged.model}",
        *(f"  {reason}" for reason in judged.reasons),
        "",
        *plain(image.memory, annotate(image, judged)),
    ]
