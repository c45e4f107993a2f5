"""A tag for the screen of Inspect: its content as operators call it, and its bytes.

`encoding.recognition.explain` has the English text for staff, with reasons and confidences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.base.sentence import Sentence
from station.domain.element_words import element_word, slug
from station.domain.tag_image import TagImage
from station.encoding.content import Range, Recognition, TagProfile, TagState, locked_blocks, spans
from station.encoding.iso15962.data_elements import SET_INFORMATION, TYPE_OF_USAGE, element
from station.encoding.recognition.annotate import INDENT, bytes_shown, letters, plain_rows
from station.quality.tag_words import headline, usage_words, with_meaning

_OWNER: Final = 3
"""Relative OID of the owner institution (ISO 28560-1)."""
_SHELF: Final = 6
_ITEM: Final = 1


def overview(image: TagImage, seen: Recognition, profile: TagProfile) -> tuple[Sentence, ...]:
    """Return what the tag is, its elements, its security state, and its locks."""
    lines = [headline(seen, image), *_content(seen), _afi(image.afi, profile)]
    if image.dsfid is not None:
        lines.append(Sentence("tag-report.dsfid", value=f"{image.dsfid:02X}"))
    locked = locked_blocks(image)
    if locked and seen.state is not TagState.BLANK:  # the headline says it of a blank tag
        lines.append(Sentence("tag-report.locked", count=len(locked), blocks=spans(locked)))
    lines.append(Sentence("tag-report.memory", uid=image.uid, bytes=len(image.memory), size=image.block_size))
    return tuple(lines)


def dump(memory: bytes, ranges: Sequence[Range]) -> tuple[Sentence, ...]:
    """Return the annotated dump with its legend."""
    rows = (
        Sentence.verbatim(row)
        if isinstance(row, str)
        else Sentence.joined((INDENT, Sentence("tag-report.same-rows", count=row)), "")
        for row in plain_rows(memory, ranges)
    )
    legend = (Sentence.joined((letters(index), _described(memory, each)), "  ") for index, each in enumerate(ranges))
    return (*rows, *legend)


def _content(seen: Recognition) -> list[Sentence]:
    content = seen.content
    if content is None:
        return []
    rows: list[tuple[int, str | Sentence]] = [
        (_ITEM, content.primary_item_identifier),
        (_OWNER, content.owner_institution),
    ]
    if content.parts > 1:
        rows.append((SET_INFORMATION, Sentence("item.part-of", part=content.part, parts=content.parts)))
    if content.type_of_usage is not None:
        rows.append((TYPE_OF_USAGE, usage_words(content.type_of_usage)))
    rows += [(_SHELF, content.shelf_location), *((oid, with_meaning(oid, value)) for oid, value in content.further)]
    named = [(element(oid).name, value) for oid, value in rows]
    # Fields that ISO 28560-1 does not define have no OID.
    named += [(field.name, field.value) for field in content.elements if not field.oid]
    return [Sentence.joined((element_word(name), value), ": ") for name, value in named if value]


def _afi(afi: int | None, profile: TagProfile) -> Sentence:
    if afi is None:
        return Sentence("tag-report.afi-not-told")
    states = {profile.afi_in_stock: "in-stock", profile.afi_on_loan: "on-loan", 0: "not-set"}
    return Sentence(f"tag-report.afi-{states.get(afi, 'other')}", value=f"{afi:02X}")


def _described(memory: bytes, each: Range) -> Sentence:
    where = Sentence("tag-report.bytes", count=each.length, first=each.offset, last=each.offset + each.length - 1)
    label, what = slug(each.label), element_word(each.label)
    if label:
        what = Sentence(f"tag-report.range.{label}", otherwise=what)
    value = f" = {each.value}" if each.value else ""
    return Sentence.joined((where, ": ", what, value, bytes_shown(memory, each)), "")
