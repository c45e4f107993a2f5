"""Cases that write. The whole tag is saved before the first of them, and restored after the last.

They write to blocks that are neither locked nor a counter, from the end of the memory, which library content fills
last.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from station.base.errors import (
    ChipUnfit,
    LocalProtocolError,
    NotPossible,
    ProtocolError,
    StationError,
    TagAbsent,
    TagError,
    TagRefused,
)
from station.domain.ports import Lack
from station.domain.tag_image import Uid
from station.drivers.harness.reading import neighbour
from station.drivers.harness.results import Skipped
from station.drivers.harness.scratch import CANNOT, EAS, Image, field_off, has_eas, take
from station.drivers.harness.trial import Case, Trial, expect, hexed, refused
from station.encoding.chips import Feature, chip_of


def _inverted(data: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in data)


def _run_of_free(image: Image, most: int) -> range:
    """Return the last consecutive blocks that may be written, at most `most`."""
    end = image.free[-1] + 1
    first = end - 1
    while first - 1 in image.free and end - first < most:
        first -= 1
    return range(first, end)


def _written(trial: Trial, blocks: range) -> str:
    """Write other bytes to these blocks, and check that nothing else changed."""
    image = trial.image
    before = trial.subject.read_blocks(trial.tag, 0, image.block_count).data
    at, end = blocks.start * image.block_size, blocks.stop * image.block_size
    data = _inverted(before[at:end])
    trial.subject.write_blocks(trial.tag, blocks.start, data, image.block_size)
    after = trial.subject.read_blocks(trial.tag, 0, image.block_count).data
    counter = chip_of(trial.tag).counter_block
    for number in range(image.block_count):
        place = slice(number * image.block_size, (number + 1) * image.block_size)
        wanted = data[place.start - at : place.stop - at] if number in blocks else before[place]
        if number != counter:
            expect(after[place] == wanted, f"block {number} is {hexed(after[place])}, not {hexed(wanted)}")
    if field_off(trial.subject):
        again = trial.subject.read_blocks(trial.tag, blocks.start, len(blocks)).data
        expect(again == data, f"after the field was off it is {hexed(again)}")
    return f"blocks {blocks.start} to {blocks.stop - 1}" if len(blocks) > 1 else f"block {blocks.start}"


def _writable(trial: Trial) -> Image:
    if not trial.image.free:
        raise Skipped("every block is locked")
    return trial.image


def write_one(trial: Trial) -> str:
    """Write one block."""
    return _written(trial, _run_of_free(_writable(trial), 1))


def write_many(trial: Trial) -> str:
    """Write more blocks than one command carries."""
    image, most = _writable(trial), trial.subject.capabilities.max_blocks_per_write
    blocks = _run_of_free(image, most + 1)
    said = _written(trial, blocks)
    if len(blocks) <= most:
        return f"{said}; the tag has no more than one command carries ({most})"
    return f"{said}, where one command carries {most}"


def afi(trial: Trial) -> str:
    """Write the AFI, and check that nothing else changes."""
    return _register(trial, Feature.AFI, trial.subject.write_afi)


def dsfid(trial: Trial) -> str:
    """Write the DSFID, and check that nothing else changes."""
    return _register(trial, Feature.DSFID, trial.subject.write_dsfid)


def _register(trial: Trial, feature: Feature, write: Callable[[Uid, int], None]) -> str:
    if not trial.subject.capabilities.iso15693 or not chip_of(trial.tag).has(feature):
        raise Skipped(f"this tag has no {feature.value}; see the case refusals")
    _saved(trial, feature.value)
    before = take(trial.subject, trial.tag)
    old = before.afi if feature is Feature.AFI else before.dsfid
    if old is None:
        raise Skipped(f"it can no longer be read: {before.unsaved.get(feature.value, '')}")
    new = old ^ 0x55
    try:
        write(trial.tag, new)
    except (TagRefused, *CANNOT) as error:
        expect(take(trial.subject, trial.tag) == before, f"it is refused ({error}), but something changed")
        raise Skipped(f"it is refused, perhaps by a lock, or the reader has no way to it: {error}") from error
    after = take(trial.subject, trial.tag)
    got = after.afi if feature is Feature.AFI else after.dsfid
    expect(got == new, f"{'nothing' if got is None else f'{got:02X}'} is read back, {new:02X} was written")
    others = (after.memory, after.dsfid if feature is Feature.AFI else after.afi)
    expect(others == (before.memory, before.dsfid if feature is Feature.AFI else before.afi), "something else changed")
    write(trial.tag, old)
    expect(take(trial.subject, trial.tag) == before, "the old value was not restored")
    return f"{old:02X}, {new:02X}, {old:02X}"


def _saved(trial: Trial, name: str) -> None:
    """Raise `Skipped` for a value that could not be saved: once changed, it could not be restored."""
    if name in trial.image.unsaved:
        raise Skipped(f"it could not be saved, so it is not changed: {trial.image.unsaved[name]}")


def eas(trial: Trial) -> str:
    """Switch the EAS bit on and off."""
    if not has_eas(trial.subject.capabilities, trial.tag):
        raise Skipped("reader or chip has no EAS bit; see the case refusals")
    _saved(trial, EAS)
    before = trial.subject.read_eas(trial.tag)
    seen = []
    for on in (not before, before):
        try:
            trial.subject.write_eas(trial.tag, on)
        except (TagRefused, *CANNOT) as error:
            expect(trial.subject.read_eas(trial.tag) is before, f"it is refused ({error}), but the bit changed")
            raise Skipped(f"it is refused, perhaps because of a password: {error}") from error
        got = trial.subject.read_eas(trial.tag)
        expect(got == on, f"{'on' if got else 'off'} is read back, {'on' if on else 'off'} was written")
        seen.append("on" if on else "off")
    return ", ".join(seen)


def locked(trial: Trial) -> str:
    """Check that a block that is already locked refuses a write. Its own bytes are written, so nothing can change."""
    image = trial.image
    if not image.locked:
        raise Skipped("no block of this tag is locked, and nothing is ever locked here")
    number = image.locked[0]
    error = refused(
        f"writing the locked block {number}",
        lambda: trial.subject.write_blocks(trial.tag, number, image.block(number), image.block_size),
        *(TagError, ProtocolError),
    )
    read = trial.subject.read_blocks(trial.tag, number, 1).data
    expect(read == image.block(number), f"block {number} is {hexed(read)} now")
    return f"block {number}: {error.code}"


def absent_write(trial: Trial) -> str:
    """Check that a write to another UID is refused."""
    before = take(trial.subject, trial.tag)
    number = _run_of_free(_writable(trial), 1).start
    data = _inverted(before.block(number))
    refused(
        "writing to a tag that is not there",
        lambda: trial.subject.write_blocks(neighbour(trial.tag), number, data, before.block_size),
        TagAbsent,
    )
    expect(take(trial.subject, trial.tag) == before, "the scratch tag, which was not addressed, has changed")
    return f"{neighbour(trial.tag)} is absent, the scratch tag is as it was"


def refusals(trial: Trial) -> str:
    """Check that impossible requests are refused before anything is sent."""
    subject, uid, image = trial.subject, trial.tag, trial.image
    can, chip = subject.capabilities, chip_of(trial.tag)
    size = image.block_size
    asked: list[tuple[str, Callable[[], object], tuple[type[StationError], ...]]] = [
        ("reading 0 blocks", lambda: subject.read_blocks(uid, 0, 0).data, (LocalProtocolError,)),
        ("writing no whole block", lambda: subject.write_blocks(uid, 0, bytes(size + 1), size), (LocalProtocolError,)),
        ("writing nothing", lambda: subject.write_blocks(uid, 0, b"", size), (LocalProtocolError,)),
    ]
    if can.block_sizes and size * 2 not in can.block_sizes:
        asked.append(
            ("blocks of another size", lambda: subject.write_blocks(uid, 0, image.data[: size * 2], size * 2), _UNFIT)
        )
    if not has_eas(can, uid):
        if Lack.EAS in can.lacks:
            with contextlib.suppress(*CANNOT):
                subject.read_eas(uid)  # the driver may have to ask once before it knows
        asked.append(("the EAS bit", lambda: subject.read_eas(uid), _UNFIT))
    if not (can.iso15693 and chip.has(Feature.EAS)):  # a bit that could not be saved is not touched
        asked.append(("setting the EAS bit", lambda: subject.write_eas(uid, False), _UNFIT))
    for feature, write, old in (
        (Feature.AFI, subject.write_afi, image.afi or 0),
        (Feature.DSFID, subject.write_dsfid, 0),
    ):
        if not can.iso15693 or not chip.has(feature):
            asked.append((feature.value, lambda write=write, old=old: write(uid, old), _UNFIT))  # type: ignore[misc]
    for what, call, errors in asked:
        before = subject.sent.frames if subject.sent else 0
        refused(what, call, *errors)
        after = subject.sent.frames if subject.sent else 0
        expect(after == before, f"{what}: refused, but {after - before} frames were sent before")
    counted = "nothing was sent" if subject.sent else "what was sent could not be counted"
    return f"{len(asked)} refusals, {counted}"


_UNFIT: Final = (NotPossible, ChipUnfit, LocalProtocolError)

CASES: Final = (
    Case("write-one", "One block is written and read back, and no other block changes.", write_one),
    Case("write-many", "A write is split at the limits of reader and chip, and read back.", write_many),
    Case("afi", "AFI is written and read back, and nothing else changes.", afi),
    Case("dsfid", "DSFID is written and read back, and nothing else changes.", dsfid),
    Case("eas", "The EAS bit is set, cleared and read back.", eas),
    Case("locked", "A write to a locked block is refused.", locked),
    Case("absent-write", "A write to a tag that is not on the pad changes no tag.", absent_write),
    Case("refusals", "A request that reader or chip cannot carry out is refused before anything is sent.", refusals),
)
