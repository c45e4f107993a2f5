"""Tag doctor's table for the bytes: structure, interrupted writes, wasted room, leftovers.

Named deviants (a wrong CRC, an element in the wrong encoding) are not here: they are remarks of the data model that
reads the tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from station.base.errors import ElementInvalid, Undecodable
from station.base.text import clean, printable_hex
from station.encoding.content import BEING_WRITTEN, READ_AS, Part, Severity, TagState
from station.encoding.doctor.case import Case, Check, Finding, found
from station.encoding.iso15962 import compaction, elements
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import Form, element, usage_words
from station.encoding.iso15962.elements import RawElement
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition.byte_order import byte_order
from station.encoding.recognition.data_model import DataModel
from station.encoding.recognition.registry import data_model

_DISCARDED: Final = 0x7
_PATRON_CARD: Final = 0x8

SEARCHED: Final = 512
"""Bytes after the end of the content that are searched for earlier content."""
_TEXT: Final = re.compile(rb"[\x20-\x7e]{4,}")
MARKERS: Final = (b"W_OK",)
"""Marks that some writers leave at the end of the memory (docs/reference/tag-data.md#element-layout,
#variants-in-the-field); the data models remark on them."""
_SAID: Final = frozenset({"leftover", "no-extension-block"})
"""Remarks that only note the presence of data."""


# --- structure ------------------------------------------------------------------------------------------------------


def _errors(case: Case) -> list[tuple[DataModel, Undecodable]]:
    """Return each data model's error, the likeliest model first: the one that the DSFID marks, then the one that read
    furthest."""
    failed: list[tuple[DataModel, Undecodable]] = []
    for model in case.models:
        try:
            model.read(case.image, case.memory)
        except Undecodable as error:
            failed.append((model, error))

    def likely(failure: tuple[DataModel, Undecodable]) -> tuple[bool, int]:
        model, error = failure
        return model.marks_completion and case.profile.commits(model.name, case.image.dsfid), error.offset

    return sorted(failed, key=likely, reverse=True)


def _unreadable(case: Case) -> bool:
    state = case.recognition.state
    return bool(case.memory) and state is TagState.UNKNOWN and case.image.block_size > 0


def _broken(case: Case) -> Iterator[Finding]:
    if not _unreadable(case):
        return
    failed = _errors(case)
    if failed:
        model, error = failed[0]
        offset = min(error.offset, len(case.memory) - 1)
        others = "; ".join(f"{model.title}: byte {error.offset}, {error.reason}" for model, error in failed)
        yield found(offset, 1, clean(others), model=model.title, at=error.offset, reason=clean(error.reason))


def _byte_order(case: Case) -> Iterator[Finding]:
    order = byte_order(case.image, case.memory, case.models) if _unreadable(case) else None
    if order is not None:
        yield found(0, len(case.memory), order.sentence, model=order.title)


def _claim_only(case: Case) -> Iterator[Finding]:
    """Yield a finding if the reading is not sound and the data model remarked no major problem."""
    decoding, model = case.decoding, case.model
    if decoding is None or model is None or decoding.sound:
        return
    grave = {kind.code for kind in model.kinds if kind.severity in (Severity.MAJOR, Severity.CRITICAL)}
    if not any(remark.code in grave for remark in decoding.remarks):
        yield found(model=model.title, detail=decoding.reason)


def _sentinel(case: Case) -> Iterator[Finding]:
    size = case.image.block_size
    if size > 0 and any(case.memory) and not any(case.memory[:size]):
        yield found(0, min(size, len(case.memory)))


def _first_block_only(case: Case) -> Iterator[Finding]:
    """Yield a finding if the memory alone shows an unfinished write, and the first block is not empty: the write
    changed only the first block of a new tag's filling."""
    size = case.image.block_size
    unfinished = case.recognition.state is TagState.INCOMPLETE and case.decoding is None
    if unfinished and case.image.dsfid != BEING_WRITTEN and any(case.memory[:size]):
        yield found(0, min(size, len(case.memory)), case.recognition.reasons[0])


def _in_journal(case: Case) -> Iterator[Finding]:
    if case.unfinished:
        yield found()


def _no_identifier(case: Case) -> Iterator[Finding]:
    if case.content is not None and not case.content.primary_item_identifier:
        yield found()


def _other_model(case: Case) -> Iterator[Finding]:
    wanted = READ_AS.get(case.profile.model, case.profile.model)
    if case.finished and case.model is not None and wanted and case.model.name != wanted:
        try:
            ours = data_model(case.profile.model).title
        except ElementInvalid:
            return
        yield found(model=case.model.title, ours=ours)


def _blank(case: Case) -> Iterator[Finding]:
    if case.recognition.state is TagState.BLANK:
        yield found()


# --- elements -------------------------------------------------------------------------------------------------------


def _raw(case: Case) -> tuple[RawElement, ...]:
    if case.model is None or case.model.name != iso28560_2_codec.MODEL:
        return ()
    try:
        return elements.decode(case.memory)[0]
    except Undecodable:
        return ()


def _wasteful(case: Case) -> Iterator[Finding]:
    for item in _raw(case):
        if item.scheme is Scheme.APPLICATION or element(item.oid).form is not Form.TEXT:
            continue
        try:
            text = compaction.decode(item.data, item.scheme, item.data_offset)
            best = compaction.choose(text)
            need = len(compaction.encode(text, best))
        except (Undecodable, ElementInvalid):
            continue
        if need < len(item.data):
            detail = f"{compaction.NAMES[item.scheme]} where {compaction.NAMES[best]} would do"
            spare = len(item.data) - need
            yield found(item.offset, item.length, detail, name=element(item.oid).name, spare=spare)


def _usage(case: Case) -> int | None:
    return case.content.type_of_usage if case.content is not None and case.finished else None


def _discarded(case: Case) -> Iterator[Finding]:
    usage = _usage(case)
    if usage is not None and usage >> 4 == _DISCARDED:
        yield found(detail=f"type of usage {usage:02X}")


def _patron_card(case: Case) -> Iterator[Finding]:
    usage = _usage(case)
    if usage is not None and usage >> 4 == _PATRON_CARD:
        yield found(detail=f"type of usage {usage:02X}")


def _usage_differs(case: Case) -> Iterator[Finding]:
    usage = _usage(case)
    ours = case.profile.type_of_usage
    if case.recognition.state is not TagState.OURS or usage is None:
        return
    if usage >> 4 not in (ours >> 4, _DISCARDED, _PATRON_CARD):
        yield found(detail=f"type of usage {usage:02X}", usage=usage_words(usage), ours=usage_words(ours))


# --- after the end --------------------------------------------------------------------------------------------------


def _leftovers(case: Case) -> list[tuple[int, bytes]]:
    """Return (offset, bytes) of nonzero data after the content."""
    if case.model is None or case.decoding is None:
        return []
    kept: list[tuple[int, bytes]] = []
    for each in case.model.annotate(case.memory, case.decoding):
        data = case.memory[each.offset : each.offset + each.length]
        if each.part is Part.LEFTOVER and any(data):
            kept.append((each.offset, data))
    return kept


def _without_markers(data: bytes) -> bytes:
    for marker in MARKERS:
        data = data.replace(marker, bytes(len(marker)))
    return data


@lru_cache(maxsize=8)
def _earlier_item(data: bytes) -> tuple[int, int, str] | None:
    """Return (offset, length, identifier) of a sound sequence of elements that names an item and ends at a terminator
    or at the end."""
    data = data[:SEARCHED]
    for start in range(len(data)):
        if not data[start]:
            continue
        try:
            raw, end = elements.decode(data[start:])
        except Undecodable:
            continue
        for item in raw:
            if item.oid != 1 or not item.data or item.scheme is Scheme.APPLICATION:
                continue
            try:
                text = compaction.decode(item.data, item.scheme)
            except Undecodable:
                continue
            if len(text) >= 4 and clean(text) == text and text.isascii():
                return start, end, text
    return None


def _leftover_item(case: Case) -> Iterator[Finding]:
    for offset, data in _leftovers(case):
        earlier = _earlier_item(data)
        if earlier:
            start, length, identifier = earlier
            yield found(offset + start, length, printable_hex(data[start : start + length]), identifier=identifier)


def _leftover_text(case: Case) -> Iterator[Finding]:
    for offset, data in _leftovers(case):
        if _earlier_item(data):
            continue
        longest = max(_TEXT.finditer(_without_markers(data)), key=lambda match: len(match[0]), default=None)
        if longest:
            text = clean(longest[0].decode("ascii"), 60)
            yield found(offset + longest.start(), len(longest[0]), "", text=text)


def _leftover_bytes(case: Case) -> Iterator[Finding]:
    for offset, data in _leftovers(case):
        plain = _without_markers(data)
        used = plain.strip(b"\0")
        if used and not _earlier_item(data) and not _TEXT.search(used):
            start = plain.index(used)
            shown = data[start : start + min(len(used), 32)]
            yield found(offset + start, len(used), printable_hex(shown), count=len(used))


CONTENT_CHECKS: Final = (
    Check(
        "unfinished-in-journal",
        Severity.CRITICAL,
        "The station began to write this tag and did not finish.",
        "Scan the barcode and write the tag again.",
        _in_journal,
    ),
    Check(
        "first-block-zero",
        Severity.CRITICAL,
        "Writing this tag was begun and not finished: its first block is empty, and there is data behind it.",
        "Scan the barcode and write the tag again.",
        _sentinel,
    ),
    Check(
        "first-block-only",
        Severity.CRITICAL,
        "Writing this tag was begun and not finished: only its first block was changed.",
        "Scan the barcode and write the tag again.",
        _first_block_only,
    ),
    Check(
        "structure-broken",
        Severity.CRITICAL,
        "The tag cannot be read: as {model} it makes no sense from byte {at} on ({reason}).",
        "Scan the barcode and write the tag again.",
        _broken,
    ),
    Check(
        "byte-order",
        Severity.CRITICAL,
        "The bytes are in the wrong order. In the right order, they are a tag of {model}.",
        "Ask the technician to correct the dump or the reader.",
        _byte_order,
        frozenset({"structure-broken", "first-block-zero"}),
    ),
    Check(
        "claim-only",
        Severity.MAJOR,
        "The tag looks like {model}, but nothing proves that it is right.",
        "Scan the barcode and write the tag again.",
        _claim_only,
    ),
    Check(
        "no-identifier",
        Severity.MAJOR,
        "The tag is prepared, but it names no item.",
        "Scan the barcode and write the tag.",
        _no_identifier,
        frozenset({"names-no-item"}),
    ),
    Check(
        "usage-discarded",
        Severity.MAJOR,
        "The tag says that the item was discarded.",
        "Write the tag again only if the item is in the collection.",
        _discarded,
    ),
    Check(
        "usage-patron-card",
        Severity.MAJOR,
        "The tag says that it is a patron's card, not an item.",
        "Take it off the pad and give it to the desk.",
        _patron_card,
    ),
    Check(
        "leftover-item",
        Severity.MAJOR,
        "Behind the content is data of an earlier item: {identifier}.",
        "Write the tag again: that clears the rest of it.",
        _leftover_item,
        _SAID,
    ),
    Check(
        "leftover-text",
        Severity.MINOR,
        "Behind the content is readable text of an earlier use: {text!r}.",
        "Write the tag again: that clears the rest of it.",
        _leftover_text,
        _SAID,
    ),
    Check(
        "other-model",
        Severity.MINOR,
        "The tag is written as {model}; this library writes {ours}.",
        "Write the tag again when it is convenient.",
        _other_model,
    ),
    Check(
        "element-wasteful",
        Severity.INFO,
        "{name} takes {spare} bytes more than it needs.",
        "Nothing to do.",
        _wasteful,
        frozenset({"scheme-differs"}),
    ),
    Check(
        "usage-differs",
        Severity.INFO,
        "The type of usage is {usage!r}; this library writes {ours!r}.",
        "Check that it fits the item.",
        _usage_differs,
    ),
    Check(
        "leftover-bytes",
        Severity.INFO,
        "Behind the content, {count} bytes are not read.",
        "Nothing to do; the next write clears them.",
        _leftover_bytes,
        _SAID,
    ),
    Check(
        "blank",
        Severity.INFO,
        "The tag is empty.",
        "Write it.",
        _blank,
    ),
)
