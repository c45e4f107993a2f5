"""What differs between what should be on a tag and what is: byte for byte, and element for element."""

from __future__ import annotations

from station.encoding import iso28560_2
from station.encoding.content import Recognition, TagContent, TagState
from station.image import TagImage
from station.text import printable_hex


def differences(expected: TagImage, actual: TagImage) -> tuple[str, ...]:
    """Every difference, in plain words with block numbers; empty = the same. Block security status is not compared."""
    found: list[str] = []
    if expected.uid != actual.uid:
        found.append(f"UID: {expected.uid} expected, {actual.uid} read")
    if expected.block_size != actual.block_size or len(expected.memory) != len(actual.memory):
        found.append(
            f"Memory: {expected.block_size}-byte blocks, {len(expected.memory)} bytes expected; "
            f"{actual.block_size}-byte blocks, {len(actual.memory)} bytes read"
        )
    else:
        for block in range(expected.block_count if expected.block_size > 0 else 0):
            want, have = expected.block(block), actual.block(block)
            if want != have:
                found.append(f"Block {block}: {printable_hex(want)} expected, {printable_hex(have)} read")
    for name, want_byte, have_byte in (("DSFID", expected.dsfid, actual.dsfid), ("AFI", expected.afi, actual.afi)):
        if want_byte != have_byte:
            found.append(f"{name}: {want_byte:02X} expected, {have_byte:02X} read")
    return tuple(found)


def element_differences(expected: TagContent, actual: Recognition) -> tuple[str, ...]:
    """What the station's own decoder reads differently from `expected` (see `plan.as_written`); empty = the same."""
    if actual.state is not TagState.OURS or actual.model != iso28560_2.MODEL or actual.content is None:
        return (f"The tag reads as {actual.state.value} ({actual.model}): {' '.join(actual.reasons)}",)
    got = actual.content
    pairs = (
        ("Primary item identifier", expected.primary_item_identifier, got.primary_item_identifier),
        ("Owner institution", expected.owner_institution, got.owner_institution),
        ("Set information", f"part {expected.part} of {expected.parts}", f"part {got.part} of {got.parts}"),
        ("Type of usage", _usage(expected.type_of_usage), _usage(got.type_of_usage)),
        ("Shelf location", expected.shelf_location, got.shelf_location),
    )
    return tuple(
        f"{name}: {want or 'nothing'} expected, {have or 'nothing'} read" for name, want, have in pairs if want != have
    )


def _usage(usage: int | None) -> str:
    return "" if usage is None else f"{usage:02X}"
