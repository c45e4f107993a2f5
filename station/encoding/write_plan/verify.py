"""Differences between the wanted and the actual tag: byte for byte, and element for element."""

from __future__ import annotations

from typing import Final

from station.base.text import printable_hex
from station.domain.tag_image import TagImage, shown
from station.encoding.content import Recognition, TagContent, TagState, is_locked
from station.encoding.iso15962.data_elements import element
from station.encoding.recognition.registry import data_model

DEFAULT_MODEL: Final = "28560-2"


def differences(expected: TagImage, actual: TagImage, *, locks: bool = False) -> tuple[str, ...]:
    """Return every difference as a sentence with block numbers; empty = no difference. `locks` = compare block security
    status too."""
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
            found.append(f"{name}: {shown(want_byte)} expected, {shown(have_byte)} read")
    if locks:
        for block in range(max(len(expected.locked), len(actual.locked))):
            if is_locked(expected, block) != is_locked(actual, block):
                found.append(f"Block {block}: {_lock(expected, block)} expected, {_lock(actual, block)} read")
    return tuple(found)


def element_differences(expected: TagContent, actual: Recognition, model: str = DEFAULT_MODEL) -> tuple[str, ...]:
    """Return the elements that the station's own decoder reads differently from `expected` (see `plan.as_written`), in
    the order of the elements; empty = no difference.

    `model` is the profile's model: a tag that reads as another one, or not as ours, differs as a whole. Raises
    `ElementInvalid` for an unknown model.
    """
    reader = data_model(model)
    got = actual.content
    if actual.state is not TagState.OURS or actual.model != reader.name or got is None or actual.decoding is None:
        return (f"The tag reads as {actual.state.value} ({actual.model}): {' '.join(actual.reasons)}",)
    # ISO 28560-3 drops a hyphen, and a small tag cuts the end: the model knows whether it is the same institution.
    owner = got.owner_institution
    if reader.owned(actual.decoding, expected.owner_institution):
        owner = expected.owner_institution
    want_further, have_further = dict(expected.further), dict(got.further)
    pairs = [
        ("Primary item identifier", expected.primary_item_identifier, got.primary_item_identifier),
        ("Owner institution", expected.owner_institution, owner),
        ("Set information", f"part {expected.part} of {expected.parts}", f"part {got.part} of {got.parts}"),
        ("Type of usage", _usage(expected.type_of_usage), _usage(got.type_of_usage)),
        ("Shelf location", expected.shelf_location, got.shelf_location),
    ]
    for oid in sorted(want_further.keys() | have_further.keys()):
        pairs.append((element(oid).name, want_further.get(oid, ""), have_further.get(oid, "")))
    return tuple(
        f"{name}: {want or 'nothing'} expected, {have or 'nothing'} read" for name, want, have in pairs if want != have
    )


def _usage(usage: int | None) -> str:
    return "" if usage is None else f"{usage:02X}"


def _lock(image: TagImage, block: int) -> str:
    return "locked" if is_locked(image, block) else "open"
