"""Tag doctor's table for the item: whether the tag matches it, who owns it, and whether all parts are present.

An ISIL (ISO 15511) is a prefix, a hyphen and a unit identifier, at most 16 characters in total. The prefix is a country
of two capitals, or 1, 3 or 4 letters and digits; the unit is letters, digits, "/", "-" and ":". Two ISILs that differ
only in case are the same (biblstandard.dk/isil/structure.htm).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from station.encoding.content import Severity, TagContent, TagState
from station.encoding.doctor.case import Case, Check, Finding, found, numbers
from station.encoding.iso15962.data_elements import OWNER_INSTITUTION
from station.encoding.recognition import rfid501

_ISIL: Final = re.compile(r"(?:[A-Z]{2}|[A-Za-z0-9]|[A-Za-z0-9]{3,4})-[A-Za-z0-9/:-]+")
ISIL_LENGTH: Final = 16
SHORT_OWNER: Final = 11
"""Bytes of the owner field of a 32-byte tag of ISO 28560-3 (docs/reference/tag-data.md#basic-block); other tags have
more."""
MOST_MISSING: Final = 12
"""Maximum missing parts that are named one by one."""


def is_isil(text: str) -> bool:
    """Return True for a text in the form of an ISIL."""
    return len(text) <= ISIL_LENGTH and _ISIL.fullmatch(text) is not None


def _identity(case: Case) -> TagContent | None:
    """Return the content of a finished tag; a claim is not compared with anything."""
    return case.content if case.finished else None


# --- which item -----------------------------------------------------------------------------------------------------


def _bare(identifier: str) -> str:
    """Return an identifier without the differences that systems add: case, spaces, hyphens, leading zeros."""
    return identifier.replace(" ", "").replace("-", "").upper().lstrip("0")


def _barcode_differs(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if content and case.barcode and _bare(content.primary_item_identifier) != _bare(case.barcode):
        yield found(identifier=content.primary_item_identifier, barcode=case.barcode)


def _barcode_spelled(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if not content or not case.barcode or content.primary_item_identifier == case.barcode:
        return
    if _bare(content.primary_item_identifier) == _bare(case.barcode):
        yield found(identifier=content.primary_item_identifier, barcode=case.barcode)


def _no_barcode(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if not content or not case.is_barcode or case.recognition.state is not TagState.OURS:
        return
    if not case.is_barcode(content.primary_item_identifier):
        yield found(identifier=content.primary_item_identifier)


# --- owner ----------------------------------------------------------------------------------------------------------


def _isil_unset(case: Case) -> Iterator[Finding]:
    if not case.profile.isil:
        yield found()


def _owner(case: Case) -> str | None:
    """Return the owner of a finished tag that is not ours; None if that does not apply."""
    content = _identity(case)
    if content is None or case.recognition.state is TagState.OURS or not case.profile.isil:
        return None
    return content.owner_institution


def _owner_missing(case: Case) -> Iterator[Finding]:
    # The 3M layout has no field for an owner.
    if _owner(case) == "" and case.recognition.model != rfid501.MODEL:
        yield found(isil=case.profile.isil)


def _spelled(case: Case, owner: str) -> bool:
    return owner.upper() == case.profile.isil.upper()


def _cut(case: Case) -> bool:
    """True if the stored owner fills its field and is the beginning of our ISIL."""
    stored = case.decoding.stored_owner if case.decoding else ""
    return len(stored) >= SHORT_OWNER and case.profile.isil.replace("-", "", 1).startswith(stored)


def _owner_spelling(case: Case) -> Iterator[Finding]:
    owner = _owner(case)
    if owner and _spelled(case, owner):
        yield found(owner=owner, isil=case.profile.isil)


def _owner_cut(case: Case) -> Iterator[Finding]:
    owner = _owner(case)
    if owner and not _spelled(case, owner) and _cut(case):
        yield found(owner=owner, isil=case.profile.isil)


def _owner_other(case: Case) -> Iterator[Finding]:
    owner = _owner(case)
    if owner and not _spelled(case, owner) and not _cut(case):
        yield found(owner=owner, isil=case.profile.isil)


def _owner_malformed(case: Case) -> Iterator[Finding]:
    # The form cannot be judged if the model stores the owner without its hyphen.
    content, decoding = _identity(case), case.decoding
    if content is None or decoding is None or decoding.stored_owner or not content.owner_institution:
        return
    if not is_isil(content.owner_institution):
        item = next((each for each in content.elements if each.oid == OWNER_INSTITUTION), None)
        place = (item.offset, item.length) if item else (None, 1)
        yield found(*place, owner=content.owner_institution)


# --- sets -----------------------------------------------------------------------------------------------------------


def _parts_differ(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if content and case.parts is not None and content.parts != case.parts:
        yield found(parts=content.parts, wanted=case.parts)


def _part_differs(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if content and case.part is not None and content.part != case.part:
        yield found(part=content.part, wanted=case.part)


def _set(case: Case) -> list[TagContent]:
    """Return the contents of this tag and of the other tags of the same item."""
    content = _identity(case)
    if content is None:
        return []
    identifier = content.primary_item_identifier
    return [content, *(other for other in case.siblings if other.primary_item_identifier == identifier)]


def _total(case: Case) -> int:
    content = _identity(case)
    return (case.parts or content.parts) if content else 1


def _part_twice(case: Case) -> Iterator[Finding]:
    seen = Counter(tag.part for tag in _set(case))
    for part in sorted(part for part, count in seen.items() if count > 1):
        yield found(part=part)


def _incomplete(case: Case) -> Iterator[Finding]:
    if not case.siblings or not _set(case):
        return
    missing = set(range(1, _total(case) + 1)) - {tag.part for tag in _set(case)}
    if missing:
        named = numbers(missing) if len(missing) <= MOST_MISSING else f"{len(missing)} parts"
        yield found(total=_total(case), missing=named)


def _others_not_seen(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if content and not case.siblings and _total(case) > 1:
        yield found(part=content.part, total=_total(case))


def _disagree(case: Case) -> Iterator[Finding]:
    counts = {tag.parts for tag in _set(case)}
    if len(counts) > 1:
        yield found(counts=numbers(counts))


def _stranger(case: Case) -> Iterator[Finding]:
    content = _identity(case)
    if content is None:
        return
    for other in sorted({tag.primary_item_identifier for tag in case.siblings} - {content.primary_item_identifier, ""}):
        yield found(identifier=content.primary_item_identifier, other=other)


ITEM_CHECKS: Final = (
    Check(
        "barcode-differs",
        Severity.CRITICAL,
        "The tag says {identifier}, but the barcode of the item is {barcode}.",
        "Check that the right item is on the pad.",
        _barcode_differs,
    ),
    Check(
        "barcode-spelling",
        Severity.MAJOR,
        "The tag says {identifier} and the barcode {barcode}: nearly the same, but the catalog will not find it.",
        "Write the tag again.",
        _barcode_spelled,
    ),
    Check(
        "identifier-no-barcode",
        Severity.MAJOR,
        "The number on the tag, {identifier}, is not one of our barcodes.",
        "Scan the item's barcode and write the tag again.",
        _no_barcode,
    ),
    Check(
        "owner-other",
        Severity.MAJOR,
        "The tag belongs to {owner}, not to {isil}.",
        "Set the item aside and ask whose it is.",
        _owner_other,
    ),
    Check(
        "owner-missing",
        Severity.MAJOR,
        "The tag does not say whose it is; ours say {isil}.",
        "Scan the barcode and write the tag again.",
        _owner_missing,
    ),
    Check(
        "part-twice",
        Severity.MAJOR,
        "Two tags of this item say that they are part {part}.",
        "Number the parts and write their tags again.",
        _part_twice,
    ),
    Check(
        "set-incomplete",
        Severity.MAJOR,
        "The item has {total} parts; missing: {missing}.",
        "Look for the missing parts before the item goes on.",
        _incomplete,
    ),
    Check(
        "parts-differ",
        Severity.MAJOR,
        "The tag counts {parts} parts, the catalog {wanted}.",
        "Count the parts and write the tag again.",
        _parts_differ,
    ),
    Check(
        "part-differs",
        Severity.MAJOR,
        "The tag says part {part}; it should be part {wanted}.",
        "Write the tag of this part again.",
        _part_differs,
    ),
    Check(
        "set-disagrees",
        Severity.MAJOR,
        "The item's tags disagree about the number of parts: {counts}.",
        "Count the parts and write their tags again.",
        _disagree,
    ),
    Check(
        "stranger",
        Severity.MAJOR,
        "There is a tag of another item here: {other}, beside {identifier}.",
        "Take out the tag that does not belong.",
        _stranger,
    ),
    Check(
        "owner-spelling",
        Severity.MINOR,
        "The owner is written {owner}; we write {isil}.",
        "Write the tag again when it is convenient.",
        _owner_spelling,
    ),
    Check(
        "owner-malformed",
        Severity.MINOR,
        "The owner {owner} has not the form of a library's number (ISIL).",
        "Write the tag again when it is convenient.",
        _owner_malformed,
    ),
    Check(
        "owner-cut",
        Severity.MINOR,
        "The owner was too long for its field: {owner} may be {isil}.",
        "Scan the barcode before you trust the tag.",
        _owner_cut,
        frozenset({"owner-field-full"}),
    ),
    Check(
        "set-not-seen",
        Severity.INFO,
        "This is part {part} of {total}; the others were not looked at.",
        "Check that all parts are there.",
        _others_not_seen,
    ),
    Check(
        "isil-unset",
        Severity.INFO,
        "This library's number (ISIL) is not set; whose the tag is cannot be said.",
        "Ask the technician to set it.",
        _isil_unset,
    ),
)
