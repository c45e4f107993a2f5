"""Cases that write nothing: find tags, read them, and notice when a tag or the reader disappears."""

from __future__ import annotations

from typing import Final

from station.base.errors import ProtocolError, ReaderSilent, TagAbsent, TagError, TransportError
from station.domain.inventory import Inventory
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Wish
from station.drivers.harness.results import Failed, Skipped
from station.drivers.harness.scratch import CANNOT, size_by_table
from station.drivers.harness.trial import Case, Trial, alone, expect, hexed, refused, told
from station.encoding.chips import chip_of

AGAIN: Final = 10
"""Number of consecutive inventories that must agree."""
SOME: Final = 8
"""Blocks that are read before the tag's size is known: every chip in the table has at least this many."""


def connect(trial: Trial) -> str:
    """Greet the reader, and check its description."""
    trial.subject.reconnect()
    can = trial.subject.capabilities
    expect(bool(can.name), "the reader has no name")
    limits = (can.max_blocks_per_read, can.max_blocks_per_write, can.antennas)
    expect(all(limit >= 1 for limit in limits), f"limits below 1: {limits}")
    expect(all(1 <= size <= 32 for size in can.block_sizes), f"block sizes {can.block_sizes}")
    trial.subject.reconnect()
    expect(trial.subject.capabilities == can, f"greeted again, it differs: {trial.subject.capabilities}")
    return f"{can.name}, firmware {can.firmware or 'not reported'}"


def empty(trial: Trial) -> str:
    """Check that an empty pad is not an error."""
    trial.wish(Wish.EMPTY)
    seen = trial.look_until(lambda seen: not seen.tags and not seen.collision, "an empty pad was expected")
    return told(seen)


def one(trial: Trial) -> str:
    """Find one tag and its UID."""
    if not trial.hands.do(Wish.SCRATCH):
        raise Failed("no scratch tag was laid on the pad")
    seen = trial.look_until(lambda seen: len(seen.tags) == 1 and not seen.collision, "one tag alone was expected")
    uid = seen.tags[0].uid
    digits = (16,) if trial.subject.capabilities.iso15693 else (8, 14, 20)
    good = len(uid) in digits and uid == uid.upper() and all(digit in "0123456789ABCDEF" for digit in uid)
    expect(good, f"{uid!r} is not a UID in upper-case hexadecimal")
    trial.uid = uid
    return uid


def repeated(trial: Trial) -> str:
    """Check that a tag is found in every inventory, and only once in each."""
    seen: Inventory = Inventory(())
    for number in range(AGAIN):
        seen = trial.subject.inventory()
        expect(alone(trial.tag)(seen), f"look {number + 1} of {AGAIN} found {told(seen)}")
    return f"{AGAIN} looks, each {told(seen)}"


def several(trial: Trial) -> str:
    """Find two tags."""
    trial.wish(Wish.TWO)

    def both(seen: Inventory) -> bool:
        return len(seen.tags) == 2 and trial.tag in seen.uids and len(seen.uids) == 2

    return told(trial.look_until(both, "two tags were expected, each once"))


def information(trial: Trial) -> str:
    """Read size, AFI and DSFID."""
    try:
        report = trial.subject.system_information(trial.tag)
    except CANNOT as error:
        trial.information, trial.tells_itself = size_by_table(trial.tag), False
        known = trial.information
        size = f"{known.block_count} blocks of {known.block_size} bytes" if known else "no size"
        raise Skipped(f"not reported ({error}); the table of chips gives {size}") from error
    expect(report.uid == trial.tag, f"the answer is about {report.uid}")
    expect(
        1 <= report.block_size <= 32 and 1 <= report.block_count <= 256,
        f"{report.block_count} x {report.block_size} bytes",
    )
    expect(0 <= report.afi <= 255 and 0 <= report.dsfid <= 255, f"AFI {report.afi}, DSFID {report.dsfid}")
    again = trial.subject.system_information(trial.tag)
    expect(again == report, f"asked again, it answers differently: {again}")
    trial.information = report
    can = trial.subject.capabilities
    afi = f"{report.afi:02X}" if can.tells_afi else "not reported"
    dsfid = f"{report.dsfid:02X}" if can.tells_dsfid else "not reported"
    words = f"{report.block_count} blocks of {report.block_size} bytes, AFI {afi}, DSFID {dsfid}"
    chip = chip_of(trial.tag)
    if not trial.subject.capabilities.iso15693:
        return f"{report.block_count} pages of {report.block_size} bytes"
    (seen,) = trial.look_until(alone(trial.tag), "the tag alone was expected").tags
    expect(
        not can.tells_dsfid or seen.dsfid == report.dsfid,
        f"the inventory reports DSFID {seen.dsfid:02X}, the tag {report.dsfid:02X}",
    )
    if chip.blocks and (chip.blocks, chip.block_size) != (report.block_count, report.block_size):
        words += f"; the table of chips gives {chip.blocks} of {chip.block_size} for {chip.name}"
    return words


def read_first(trial: Trial) -> str:
    """Read blocks without asking for the tag's size."""
    read = trial.subject.read_blocks(trial.tag, 0, SOME)
    expect(read.first == 0 and read.block_size >= 1, f"first {read.first}, block size {read.block_size}")
    expect(len(read.data) == SOME * read.block_size, f"{len(read.data)} bytes for {SOME} blocks of {read.block_size}")
    again = trial.subject.read_blocks(trial.tag, 0, SOME)
    expect(again.data == read.data, f"read again it is another one: {hexed(again.data)} after {hexed(read.data)}")
    return f"{SOME} blocks of {read.block_size} bytes"


def read_all(trial: Trial) -> str:
    """Read the whole memory."""
    size = trial.size
    read = trial.subject.read_blocks(trial.tag, 0, size.block_count)
    expect(read.block_size == size.block_size, f"blocks of {read.block_size} bytes, {size.block_size} reported")
    expect(len(read.data) == size.block_count * size.block_size, f"{len(read.data)} bytes in all")
    expect(len(read.locked) in (0, size.block_count), f"{len(read.locked)} lock states of {size.block_count} blocks")
    trial.read, trial.locked = read.data, read.locked
    if not read.locked:
        return "lock states are not reported"
    return f"{sum(read.locked)} blocks locked"


def parts(trial: Trial) -> str:
    """Check that reads in steps of any size give the same bytes."""
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
    """Check that a read past the end is refused."""
    end = trial.size.block_count
    if end > 255:
        raise Skipped("the tag has 256 blocks: no block number is past its end")
    error = refused(
        f"reading block {end} of {end}",
        lambda: trial.subject.read_blocks(trial.tag, end, 1).data,
        *(TagError, ProtocolError),
    )
    expect(alone(trial.tag)(trial.subject.inventory()), "afterwards the tag is no longer found")
    return error.code


def neighbour(uid: Uid) -> Uid:
    """Return a UID of the same chip, assumed not to be on the pad."""
    return Uid(uid[:-1] + f"{int(uid[-1], 16) ^ 1:X}")


def absent(trial: Trial) -> str:
    """Check that a tag with another UID is absent."""
    other, memory = neighbour(trial.tag), trial.memory
    refused("reading a tag that is not there", lambda: trial.subject.read_blocks(other, 0, 1).data, TagAbsent)
    if trial.tells_itself:
        refused("asking a tag that is not there", lambda: trial.subject.system_information(other), TagAbsent)
    read = trial.subject.read_blocks(trial.tag, 0, 1)
    expect(read.data == memory[: len(read.data)], "afterwards the scratch tag reads differently")
    return f"{other} is absent"


def lifted(trial: Trial) -> str:
    """Lift the tag and lay it back, without a new greeting."""
    memory = trial.memory
    trial.wish(Wish.EMPTY)
    trial.look_until(lambda seen: not seen.tags, "an empty pad was expected")
    refused("reading a lifted tag", lambda: trial.subject.read_blocks(trial.tag, 0, 1).data, TagAbsent)
    trial.wish(Wish.SCRATCH)
    trial.look_until(alone(trial.tag), "the tag was expected to be back")
    read = trial.subject.read_blocks(trial.tag, 0, trial.size.block_count)
    expect(read.data == memory, "it reads differently when it is back")
    return "absent, and back"


def unplugged(trial: Trial) -> str:
    """Check that a pulled plug is a transport error, never the tag's, and that the reader works when it is back."""
    trial.wish(Wish.UNPLUG)
    refused("looking at the pad without a plug", trial.subject.inventory, TransportError)
    error = refused("looking again", trial.subject.inventory, TransportError)
    trial.wish(Wish.PLUG)
    trial.subject.reconnect()
    trial.look_until(alone(trial.tag), "the tag was expected to be still there")
    return error.code


def silent(trial: Trial) -> str:
    """Check that a silent reader ends in an error, and never in an invented answer."""
    memory = trial.memory
    trial.wish(Wish.DEAFEN)
    try:
        refused("asking a silent reader", lambda: trial.subject.read_blocks(trial.tag, 0, 1).data, TransportError)
    finally:
        trial.wish(Wish.HEAR)
    error = f"the reader was silent: {ReaderSilent.code}"
    trial.subject.reconnect()
    read = trial.subject.read_blocks(trial.tag, 0, 1)
    expect(read.data == memory[: len(read.data)], "it reads differently afterwards")
    return error


CASES: Final = (
    Case("connect", "The reader is greeted, and describes itself the same each time.", connect, needs_tag=False),
    Case("empty", "An empty pad gives an empty answer.", empty, needs_tag=False),
    Case("one", "One tag is found, with its UID.", one, needs_tag=False),
    Case("repeated", "A tag that stays on the pad is found once at every look.", repeated),
    Case("several", "Two tags are found, each once.", several, needs_tag=False),
    Case("information", "The tag's size, AFI and DSFID are reported, the same each time.", information),
    Case(
        "read-first",
        "Blocks are read without the size being asked for, the same each time.",
        read_first,
        needs_tag=False,
    ),
    Case("read-all", "The whole memory is read, with the lock state of each block or of none.", read_all),
    Case("parts", "A read is split at the limits of reader and chip; steps of any size give the same bytes.", parts),
    Case("beyond", "A read past the end is refused.", beyond),
    Case("absent", "A tag that is not on the pad is reported absent, even if another tag is there.", absent),
    Case("lifted", "A lifted tag is reported absent, and found when it is back.", lifted, needs_tag=False),
    Case("unplugged", "An unplugged reader is reported missing, and works when it is plugged in again.", unplugged),
    Case("silent", "A reader that does not answer is reported silent, by the deadline.", silent),
)
