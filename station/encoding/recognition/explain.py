"""Explanation of a tag for a librarian, for `station tag decode`: its state, content, reasons, and locks.

Every line is one sentence or one "name: value". No line holds characters that could control a terminal. `annotate` has
the bytes for these lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from station.base.errors import Undecodable
from station.base.text import as_drawn, clean
from station.domain.tag_image import TagImage
from station.encoding.content import (
    BEING_WRITTEN,
    Decoding,
    Part,
    Range,
    Recognition,
    TagContent,
    TagProfile,
    TagState,
    locked_blocks,
    spans,
    user_memory,
)
from station.encoding.iso15962 import data_elements
from station.encoding.recognition import annotate, rfid501
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.registry import DATA_MODELS

_LONGEST: Final = 2000
_ANYBODY: Final = TagProfile(isil="")
"""The meaning of DSFID and AFI in ISO 28560 alone."""
_ON_LOAN_ELSEWHERE: Final = 0x21
"""AFI for "on loan" besides C2 in some Danish and German collections (libdanrfid;
docs/reference/tag-data.md#dsfid-and-afi)."""


def explain(
    image: TagImage,
    recognition: Recognition,
    profile: TagProfile | None = None,
    *,
    ranges: bool = True,
    models: tuple[DataModel, ...] = DATA_MODELS,
) -> tuple[str, ...]:
    """Return plain lines: state, content, reasons, DSFID and AFI, locks, and every byte range. Never raises.

    `profile` defines the meaning of DSFID and AFI in this library; without it, ISO 28560 does. With `ranges` off, the
    lines about byte ranges are left out, for callers that show the dump of `annotate` beside them. `models` are those
    that `recognise` was given.
    """
    model = _model(recognition, models)
    found = annotate.annotate(image, recognition, models)
    lines = [
        _headline(recognition, locked_blocks(image)),
        f"UID {image.uid}, {len(image.memory)} bytes in blocks of {image.block_size}.",
    ]
    if model is not None:
        lines.append(f"Data model: {model.title} (confidence {recognition.confidence:.2f}).")
    if recognition.content is not None:
        lines += _content(recognition.content)
    # The DSFID has its own line below.
    lines += (f"  {reason}" for reason in recognition.reasons if not reason.startswith("DSFID is "))
    if recognition.state is TagState.UNKNOWN:
        lines += (f"  {hint}" for hint in _if_turned(image, models))
    lines += (f"  {other}" for other in _others(recognition, models))
    wanted = profile or _ANYBODY
    lines.append(_dsfid(image.dsfid, model, wanted, models))
    lines.append(_afi(image.afi, wanted, given=profile is not None))
    lines += _locks(image, found)
    if ranges:
        lines += (annotate.describe(image.memory, each) for each in found)
    return tuple(line if as_drawn(line) == line else clean(line, _LONGEST) for line in lines)


def _model(recognition: Recognition, models: Iterable[DataModel]) -> DataModel | None:
    return next((model for model in models if model.name == recognition.model), None)


# --- state ----------------------------------------------------------------------------------------------------------


def _headline(recognition: Recognition, locked: Sequence[int]) -> str:
    match recognition.state:
        case TagState.BLANK if locked:
            return f"Blank, but {_blocks(locked)} locked. Use another tag."
        case TagState.BLANK:
            return "This tag is blank: it can be written."
        case TagState.OURS:
            return "This tag is finished and belongs to this library."
        case TagState.FOREIGN:
            owner = recognition.content.owner_institution if recognition.content is not None else ""
            if not owner:
                return "This tag is finished, but it does not say whose it is."
            return f"This tag is finished and belongs to {owner}, not to this library."
        case TagState.INCOMPLETE:
            return _incomplete(recognition.decoding)
        case TagState.UNKNOWN:
            return "The station does not know what this tag holds."


def _incomplete(decoding: Decoding | None) -> str:
    if decoding is not None and not decoding.sound:
        return "What this tag says cannot be trusted: scan the item's barcode."
    if decoding is not None and not decoding.content.primary_item_identifier:
        return "This tag is prepared, but no item is written on it yet."
    return "This tag is not finished: scan the item's barcode."


def _titles(models: Iterable[DataModel]) -> dict[str, str]:
    """Return name to title; if two models share a name, the title of the first."""
    titles: dict[str, str] = {}
    for model in models:
        titles.setdefault(model.name, model.title)
    return titles


def _others(recognition: Recognition, models: Iterable[DataModel]) -> Iterable[str]:
    titles = _titles(models)
    for candidate in recognition.candidates[1:]:
        if candidate.confidence > 0:
            title = titles.get(candidate.model, candidate.model)
            yield f"It can also be read as {title} (confidence {candidate.confidence:.2f}); less speaks for that."


def _if_turned(image: TagImage, models: Iterable[DataModel]) -> Iterable[str]:
    """Yield the sound tag that the memory would be with the bytes of each block in reverse order.

    Some readers return blocks this way (the FEIG ID CPR.M02 in dpavlin/Biblio-RFID t/20-CPR-M02.t); a dump that was not
    corrected cannot be read.
    """
    size = image.block_size
    memory = user_memory(image)
    if size < 2:
        return
    turned = b"".join(memory[at : at + size][::-1] for at in range(0, len(memory), size))
    for model in models:
        try:
            decoding = model.read(image, turned)
        except Undecodable:
            continue
        if decoding.sound and decoding.content.primary_item_identifier:
            item = decoding.content.primary_item_identifier
            yield (
                f"With the bytes of each block in reverse order it would be a tag of {model.title} for item {item}: "
                "perhaps the reader or the program that read it turned them."
            )


# --- content --------------------------------------------------------------------------------------------------------


def _content(content: TagContent) -> list[str]:
    lines = [
        f"Item: {content.primary_item_identifier or 'none named'}",
        f"Owner: {content.owner_institution or 'none named'}",
        f"Set: {set_words(content.part, content.parts)}",
    ]
    if content.type_of_usage is not None:
        lines.append(f"Type of usage: {data_elements.usage_words(content.type_of_usage)} ({content.type_of_usage:02X})")
    if content.shelf_location:
        lines.append(f"Shelf location: {content.shelf_location}")
    told = set(range(1, 7))
    for item in content.elements:
        # Fields that ISO 28560-1 does not define have no OID; each of the others is listed once.
        if item.value and item.oid not in told:
            told |= {item.oid} - {0}
            lines.append(f"{item.name}: {value_words(item.oid, item.value)}")
    for oid, value in content.further:
        if oid not in told:
            lines.append(f"{data_elements.element(oid).name}: {value_words(oid, value)}")
    return lines


def set_words(part: int, parts: int) -> str:
    """Return set information as words: "part 3 of 12"."""
    return f"part {part} of {parts}" if parts > 1 else "a single part"


def value_words(oid: int, value: str) -> str:
    """Return an element's value; a code whose meaning a source gives, as words: "book (01)"."""
    if data_elements.element(oid).form is data_elements.Form.OCTET and len(value) == 2:
        try:
            words = data_elements.code_words(oid, int(value, 16))
        except ValueError:
            return value
        return f"{words} ({value})" if words else value
    return value


# --- DSFID, AFI, locks ----------------------------------------------------------------------------------------------


def _dsfid(dsfid: int | None, model: DataModel | None, profile: TagProfile, models: Iterable[DataModel]) -> str:
    if dsfid is None:
        return "DSFID: this reader does not tell it."
    shown = f"DSFID {dsfid:02X}"
    if dsfid == BEING_WRITTEN:
        return f"{shown}: this station began to write the tag and has not finished."
    if model is not None and not model.marks_completion:
        return f"{shown}: tags of this model are not marked by it."
    if model is not None and profile.commits(model.name, dsfid):
        return f"{shown}: marks a finished tag of this model."
    if dsfid == 0:
        return f"{shown}: not set, as on a tag that is new or not finished."
    marked = (other for other in models if other.marks_completion and profile.commits(other.name, dsfid))
    titles = _titles(marked).values()
    if titles:
        return f"{shown}: the mark of a finished tag of {' or '.join(titles)}, but the memory is not one."
    return f"{shown}: not a mark that this library knows."


def _afi(afi: int | None, profile: TagProfile, *, given: bool) -> str:
    if afi is None:
        return "AFI: this reader does not tell it."
    shown = f"AFI {afi:02X}"
    if afi == profile.afi_in_stock:
        return f"{shown}: in stock; the gate alarms."
    if afi == profile.afi_on_loan:
        return f"{shown}: on loan; the gate lets it pass."
    if afi == 0:
        return f"{shown}: not set; no gate of a library looks for it."
    whose = "this library's values are" if given else "ISO 28560 uses"
    usual = f"{whose} {profile.afi_in_stock:02X} in stock and {profile.afi_on_loan:02X} on loan"
    if afi in rfid501.AFIS:
        return f"{shown}: a value of 3M systems, whose meaning differs from site to site; {usual}."
    if afi == _ANYBODY.afi_in_stock:
        return f"{shown}: in stock in most libraries; {usual}."
    if afi in (_ANYBODY.afi_on_loan, _ON_LOAN_ELSEWHERE):
        return f"{shown}: on loan in other libraries; {usual}."
    return f"{shown}: not known; {usual}."


def _locks(image: TagImage, ranges: Sequence[Range]) -> list[str]:
    locked = locked_blocks(image)
    if not locked:
        return []
    size = image.block_size
    held = dict.fromkeys(
        each.label
        for each in ranges
        if each.part not in (Part.FREE, Part.CHIP)
        and any(block * size < each.offset + each.length and each.offset < (block + 1) * size for block in locked)
    )
    said = f"{_blocks(locked)} permanently locked"
    said = said[0].upper() + said[1:]
    if not held:
        return [f"{said} (empty)."]
    return [f"{said}. {'It holds' if len(locked) == 1 else 'They hold'}: {', '.join(held)}."]


def _blocks(numbers: Sequence[int]) -> str:
    return f"block {spans(numbers)} is" if len(numbers) == 1 else f"blocks {spans(numbers)} are"
