"""The cases that write nothing: who answers, what lies there, what stands on it, and what happens when it goes."""

from __future__ import annotations

from typing import Final

from station.base.errors import ProtocolError, ReaderSilent, TagAbsent, TagError, TransportError
from station.domain.snapshot import Inventory
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Wish
from station.drivers.harness.results import Failed, Skipped
from station.drivers.harness.scratch import CANNOT, size_by_table
from station.drivers.harness.trial import Case, Trial, alone, expect, hexed, refused, told
from station.encoding.chips import chip_of

AGAIN: Final = 10
"""Inventories in a row that must say the same."""
SOME: Final = 8
"""Blocks that are read before the tag's size is known: every chip of the table has as many."""


def connect(trial: Trial) -> str:
    """Greeted, and described."""
    trial.subject.reconnect()
    can = trial.subject.capabilities
    expect(bool(can.name), "the reader has no name")
    limits = (can.max_blocks_per_read, can.max_blocks_per_write, can.antennas)
    expect(all(limit >= 1 for limit in limits), f"limits below 1: {limits}")
    expect(all(1 <= size <= 32 for size in can.block_sizes), f"block sizes {can.block_sizes}")
    trial.subject.reconnect()
    expect(trial.subject.capabilities == can, f"greeted again it is another one: {trial.subject.capabilities}")
    return f"{can.name}, firmware {can.firmware or 'not told'}"


def empty(trial: Trial) -> str:
    """An empty pad is no error."""
    trial.wish(Wish.EMPTY)
    seen = trial.look_until(lambda seen: not seen.tags and not seen.collision, "the pad is empty")
    return told(seen)


def one(trial: Trial) -> str:
    """One tag, and which."""
    if not trial.hands.do(Wish.SCRATCH):
        raise Failed("no scratch tag was laid on the pad")
    seen = trial.look_until(lambda seen: len(seen.tags) == 1 and not seen.collision, "one tag alone was expected")
    uid = seen.tags[0].uid
    digits = (16,) if trial.subject.capabilities.iso15693 else (8, 14, 20)
    good = len(uid) in digits and uid == uid.upper() and all(digit in "0123456789ABCDEF" for digit in uid)
    expect(good, f"{uid!r} is no UID in upper-case hexadecimal")
    trial.uid = uid
    return uid


def repeated(trial: Trial) -> str:
    """Not once and then never again, and never twice in one answer."""
    seen: Inventory = Inventory(())
    for number in range(AGAIN):
        seen = trial.subject.inventory()
        expect(alone(trial.tag)(seen), f"look {number + 1} of {AGAIN} says {told(seen)}")
    return f"{AGAIN} looks, each {told(seen)}"


def several(trial: Trial) -> str:
    """Two tags."""
    trial.wish(Wish.TWO)

    def both(seen: Inventory) -> bool:
        return len(seen.tags) == 2 and trial.tag in seen.uids and len(seen.uids) == 2

    return told(trial.look_until(both, "two tags were expected, each once"))


def information(trial: Trial) -> str:
    """Size, AFI and DSFID."""
    try:
        said = trial.subject.system_information(trial.tag)
    except CANNOT as error:
        trial.information, trial.tells_itself = size_by_table(trial.tag), False
        known = trial.information
        size = f"{known.block_count} blocks of {known.block_size} bytes" if known else "no size"
        raise Skipped(f"not told ({error}); the table of chips says {size}") from error
    expect(said.uid == trial.tag, f"it is said of {said.uid}")
    expect(1 <= said.block_size <= 32 and 1 <= said.block_count <= 256, f"{said.block_count} x {said.block_size} bytes")
    expect(0 <= said.afi <= 255 and 0 <= said.dsfid <= 255, f"AFI {said.afi}, DSFID {said.dsfid}")
    again = trial.subject.system_information(trial.tag)
    expect(again == said, f"asked again it says something else: {again}")
    trial.information = said
    can = trial.subject.capabilities
    afi = f"{said.afi:02X}" if can.tells_afi else "not told"
    dsfid = f"{said.dsfid:02X}" if can.tells_dsfid else "not told"
    words = f"{said.block_count} blocks of {said.block_size} bytes, AFI {afi}, DSFID {dsfid}"
    chip = chip_of(trial.tag)
    if not trial.subject.capabilities.iso15693:
        return f"{said.block_count} pages of {said.block_size} bytes"
    (seen,) = trial.look_until(alone(trial.tag), "the tag alone was expected").tags
    expect(
        not can.tells_dsfid or seen.dsfid == said.dsfid,
        f"the inventory says DSFID {seen.dsfid:02X}, the tag {said.dsfid:02X}",
    )
    if chip.blocks and (chip.blocks, chip.block_size) != (said.block_count, said.block_size):
        words += f"; the table of chips says {chip.blocks} of {chip.block_size} for {chip.name}"
    return words


def read_first(trial: Trial) -> str:
    """Without its size being asked for."""
    read = trial.subject.read_blocks(trial.tag, 0, SOME)
    expect(read.first == 0 and read.block_size >= 1, f"first {read.first}, block size {read.block_size}")
    expect(len(read.data) == SOME * read.block_size, f"{len(read.data)} bytes for {SOME} blocks of {read.block_size}")
    again = trial.subject.read_blocks(trial.tag, 0, SOME)
    expect(again.data == read.data, f"read again it is another one: {hexed(again.data)} after {hexed(read.data)}")
    return f"{SOME} blocks of {read.block_size} bytes"


def read_all(trial: Trial) -> str:
    """The whole memory."""
    size = trial.size
    read = trial.subject.read_blocks(trial.tag, 0, size.block_count)
    expect(read.block_size == size.block_size, f"blocks of {read.block_size} bytes in a read, {size.block_size} said")
    expect(len(read.data) == size.block_count * size.block_size, f"{len(read.data)} bytes in all")
    expect(len(read.locked) in (0, size.block_count), f"{len(read.locked)} lock states of {size.block_count} blocks")
    trial.read, trial.locked = read.data, read.locked
    if not read.locked:
        return "nobody tells which blocks are locked"
    return f"{sum(read.locked)} blocks locked"


def parts(trial: Trial) -> str:
    """Each way to cut it gives the same."""
    size, most = trial.size, trial.subject.capabilities.max_blocks_per_read
    tried = sorted({1, min(most, size.block_count), min(most + 1, size.block_count)})
    for step in tried:
        got = b""
        for first in range(0, size.block_count, step):
            count = min(step, size.block_count - first)
            got += trial.subject.read_blocks(trial.tag, first, count).data
        expect(got == trial.memory, f"in steps of {step}: {hexed(got)} instead of {hexed(trial.memory)}")
    return f"in steps of {', '.join(map(str, tried))} blocks"


def beyond(trial: Trial) -> str:
    """Nothing is made up behind the end."""
    end = trial.size.block_count
    if end > 255:
        raise Skipped("the tag has all blocks that can be named")
    error = refused(
        f"reading block {end} of {end}",
        lambda: trial.subject.read_blocks(trial.tag, end, 1).data,
        *(TagError, ProtocolError),
    )
    expect(alone(trial.tag)(trial.subject.inventory()), "and then the tag is not found any more")
    return error.code


def neighbour(uid: Uid) -> Uid:
    """A UID of the same chip that does not lie there."""
    return Uid(uid[:-1] + f"{int(uid[-1], 16) ^ 1:X}")


def absent(trial: Trial) -> str:
    """Another UID is not this tag."""
    other, memory = neighbour(trial.tag), trial.memory
    refused("reading a tag that is not there", lambda: trial.subject.read_blocks(other, 0, 1).data, TagAbsent)
    if trial.tells_itself:
        refused("asking a tag that is not there", lambda: trial.subject.system_information(other), TagAbsent)
    read = trial.subject.read_blocks(trial.tag, 0, 1)
    expect(read.data == memory[: len(read.data)], "and then the scratch tag reads otherwise")
    return f"{other} is absent"


def lifted(trial: Trial) -> str:
    """Gone, and back without greeting anew."""
    memory = trial.memory
    trial.wish(Wish.EMPTY)
    trial.look_until(lambda seen: not seen.tags, "the pad is empty")
    refused("reading a lifted tag", lambda: trial.subject.read_blocks(trial.tag, 0, 1).data, TagAbsent)
    trial.wish(Wish.SCRATCH)
    trial.look_until(alone(trial.tag), "the tag lies there again")
    read = trial.subject.read_blocks(trial.tag, 0, trial.size.block_count)
    expect(read.data == memory, "it reads otherwise when it is back")
    return "absent, and back"


def unplugged(trial: Trial) -> str:
    """The cable's error, never the tag's; and back."""
    trial.wish(Wish.UNPLUG)
    refused("looking at the pad without a plug", trial.subject.inventory, TransportError)
    error = refused("and again", trial.subject.inventory, TransportError)
    trial.wish(Wish.PLUG)
    trial.subject.reconnect()
    trial.look_until(alone(trial.tag), "the tag lies there still")
    return error.code


def silent(trial: Trial) -> str:
    """An end by the deadline, and no guess."""
    memory = trial.memory
    trial.wish(Wish.DEAFEN)
    try:
        refused("asking a silent reader", lambda: trial.subject.read_blocks(trial.tag, 0, 1).data, TransportError)
    finally:
        trial.wish(Wish.HEAR)
    error = f"the reader was silent: {ReaderSilent.code}"
    trial.subject.reconnect()
    read = trial.subject.read_blocks(trial.tag, 0, 1)
    expect(read.data == memory[: len(read.data)], "it reads otherwise afterwards")
    return error


CASES: Final = (
    Case("connect", "It is greeted, says what it is, and is the same when greeted again.", connect, needs_tag=False),
    Case("empty", "An empty pad is an empty answer.", empty, needs_tag=False),
    Case("one", "One tag is found, with its UID.", one, needs_tag=False),
    Case("repeated", "A tag that stays is found at every look, once.", repeated),
    Case("several", "Two tags are found, each once.", several, needs_tag=False),
    Case("information", "The tag's size, AFI and DSFID are told, the same each time.", information),
    Case(
        "read-first",
        "Blocks are read without the size being asked for, the same each time.",
        read_first,
        needs_tag=False,
    ),
    Case("read-all", "The whole memory is read, with the lock of each block or of none.", read_all),
    Case("parts", "A read is split to the limits of reader and chip, and gives the same in any steps.", parts),
    Case("beyond", "A read behind the end is refused.", beyond),
    Case("absent", "A tag that is not there is absent, whoever lies there.", absent),
    Case("lifted", "A lifted tag is absent, and found when it is back.", lifted, needs_tag=False),
    Case("unplugged", "Without its plug the reader is missing, and works when it is back.", unplugged),
    Case("silent", "A reader that does not answer is told as such, by the deadline.", silent),
)
