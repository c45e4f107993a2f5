"""The station's record of a live item: from the item object, its holdings and its bib, all as Alma has them now."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from station.base.errors import CatalogError, Rejected
from station.base.sentence import Sentence
from station.base.text import clean, clean_sentence
from station.catalog.record.bound_with import is_host_title
from station.catalog.record.profiles import Item
from station.domain.item import Barcode, ItemRecord
from station.sync.alma.client import AlmaClient
from station.sync.alma.item import AlmaItem

ORIGIN: Final = Sentence.verbatim("Alma")  # not for people
SCHEMES: Final = {"0": "lc", "1": "dewey", "2": "nlm", "3": "sudoc"}
"""MARC 21 holdings, field 852, first indicator; every other value means a scheme of the library's own."""
MATERIALS: Final = {"BOOK": "book", "DVD": "dvd", "SCORE": "score", "MAP": "map", "KIT": "kit"}
"""physical_material_type values with an equivalent in `ItemRecord.material`; others leave it open."""
ALTERNATIVE: Final = "Alma item, alternative call number"  # not for people
HOLDING: Final = "Alma holding"  # not for people
TEMPORARY: Final = "Alma item, temporary call number"  # not for people
_REASONS: Final = {
    TEMPORARY: "alma.number.temporary",
    ALTERNATIVE: "alma.number.own",
    HOLDING: "alma.number.holdings",
    "": "alma.number.none",
}
"""Catalog keys of the reasons why a call number counts."""

EXPECTED: Final = ("", "ACQ", "WORK_ORDER_DEPARTMENT", "TECHNICAL")
"""Values of process_type (docs/reference/systems.md#alma-item) that an item in Technical Services may have."""
PATRONS_HAVE: Final = frozenset({"LOAN", "LOST_LOAN", "LOST_LOAN_AND_PAID", "CLAIM_RETURNED_LOAN", "ILL", "LOST_ILL"})
"""Values of an item that a person or another library has, or has lost."""
NOT_THERE: Final = frozenset({"MISSING", "LOST_LOAN", "LOST_LOAN_AND_PAID", "LOST_ILL", "CLAIM_RETURNED_LOAN"})
"""Values of an item that does not count as another item of its title."""
PROCESSES: Final = {
    "LOAN": "alma.process.loan",
    "MISSING": "alma.process.missing",
    "LOST_LOAN": "alma.process.lost",
    "LOST_LOAN_AND_PAID": "alma.process.lost-paid",
    "LOST_ILL": "alma.process.lost-ill",
    "CLAIM_RETURNED_LOAN": "alma.process.claimed",
    "HOLDSHELF": "alma.process.hold-shelf",
    "TRANSIT": "alma.process.transit",
    "TRANSIT_TO_REMOTE_STORAGE": "alma.process.transit-storage",
    "ILL": "alma.process.ill",
    "REQUESTED": "alma.process.requested",
}
_READ_NOTES: Final = ("fulfillment_note", "internal_note_1", "internal_note_2")
"""Notes that staff must see with the item in hand. Rule 52 names "internal, fulfilment notes". The station writes its
own result to the third internal note by default, so that one is left out."""

Describe = Callable[[bytes, bytes, Item], ItemRecord]
"""(bib, holding: MARCXML; the item) -> the record with its label: `catalog.findings.record_facts.live_with_facts` with
the site's settings."""


Labelled = Callable[[ItemRecord], ItemRecord]
"""The record with the label that follows from its call number: `catalog.labels.labelled` with the site's template."""


def live_record(client: AlmaClient, item: AlmaItem, describe: Describe, labelled: Labelled) -> ItemRecord:
    """Return the record of item, holdings and bib. If a bib or holding cannot be read, return the item's own data with
    the label of its call number; then origin, `unread` and a sentence to the operator report it. A library system that
    does not answer raises `SyncError` as usual."""
    plain = of_item(item)
    try:
        bib, holding = client.bib(item.mms_id), client.holding(item.mms_id, item.holding_id)
        made_of = item.text("item_data", "physical_material_type")
        full = describe(bib.data, holding.data, msgspec.structs.replace(as_item(plain), material_type=made_of))
    except (Rejected, CatalogError) as error:
        why = clean_sentence(error.detail, 120)
        return msgspec.structs.replace(
            labelled(plain),
            origin=Sentence("alma.item-only", origin=plain.origin, why=why),
            unread=why or Sentence.verbatim(error.code),
            standing=(Sentence("alma.unread"), *plain.standing),
        )
    standing = [*full.standing, *plain.standing]
    if holding.suppressed:
        standing.append(Sentence("alma.suppressed.holdings"))
    if bib.suppressed:
        standing.append(Sentence("alma.suppressed.record"))
    own = plain.call_number_source in (ALTERNATIVE, TEMPORARY)
    return msgspec.structs.replace(
        full,
        title=full.title or plain.title,
        author=full.author or plain.author,
        call_number_reason=plain.call_number_reason if own else full.call_number_reason,
        material=plain.material or full.material,
        isbns=full.isbns or plain.isbns,
        price=plain.price or full.price,
        record_id=item.mms_id,
        origin=plain.origin,
        standing=tuple(standing),
        status=plain.status,
        suppressed=holding.suppressed or bib.suppressed,
        notes=plain.notes,
        retained=plain.retained,
        purchase=plain.purchase,
    )


def as_item(plain: ItemRecord) -> Item:
    """Return the item for `catalog`. It has a call number only if it has its own (the call number of the holdings is in
    852)."""
    own = plain.call_number_source in (ALTERNATIVE, TEMPORARY)
    return Item(
        barcode=plain.barcode,
        call_number=plain.call_number if own else "",
        call_number_source=plain.call_number_source if own else "",
        scheme=plain.call_number_scheme if own else "",
        library=plain.library,
        location=plain.location,
        item_type=plain.item_type,
        copy=plain.copy,
        price=plain.price,
        description=plain.description,
        parts=plain.parts,
        parts_given=plain.parts_given,
    )


def of_item(item: AlmaItem) -> ItemRecord:
    """Return the record from the item object alone. In a temporary location, that location counts, and `origin` names
    the permanent one. An alternative call number of the item takes precedence over the holding's."""
    away = item.flag("holding_data", "in_temp_location")
    library, location = item.text("item_data", "library"), item.text("item_data", "location")
    origin = ORIGIN
    if away:
        origin = Sentence("alma.temporary", origin=ORIGIN, library=library, location=location)
        library = item.text("holding_data", "temp_library") or library
        location = item.text("holding_data", "temp_location") or location
    number, scheme, source = _call_number(item, away)
    isbn = re.sub(r"[^0-9X]", "", item.text("bib_data", "isbn").upper())
    pieces = item.text("item_data", "pieces")
    return ItemRecord(
        barcode=Barcode(item.barcode),
        title=_title(item),
        author=item.text("bib_data", "author"),
        call_number=number,
        call_number_scheme=scheme,
        call_number_source=source,
        call_number_reason=Sentence(_REASONS[source]),
        library=library,
        location=location,
        item_type=item.text("item_data", "policy"),
        description=item.text("item_data", "description"),
        copy=item.text("holding_data", "copy_id"),
        parts=int(pieces) if re.fullmatch(r"[1-9][0-9]?", pieces) else 1,
        parts_given=re.fullmatch(r"[1-9][0-9]?", pieces) is not None,
        material=MATERIALS.get(item.text("item_data", "physical_material_type").upper(), ""),
        isbns=(isbn,) if isbn else (),
        price=item.text("item_data", "inventory_price"),
        record_id=item.mms_id,
        origin=origin,
        status=_status(item),
        notes=tuple(text for field in _READ_NOTES if (text := item.text("item_data", field))),
        retained=_retained(item),
        purchase=item.text("item_data", "po_line"),
        standing=_standing(item),
    )


def _title(item: AlmaItem) -> str:
    """Return the record's title; "" for the text that Alma gives the record of works bound together."""
    title = item.text("bib_data", "title")
    return "" if is_host_title(title) else title


def _status(item: AlmaItem) -> str:
    """Return the process type, or without one the base status as text ("in place", "not in place")."""
    base = {"1": "in place", "0": "not in place"}  # not for people
    return item.text("item_data", "process_type") or base.get(item.text("item_data", "base_status"), "")


def _retained(item: AlmaItem) -> bool | None:
    """Return committed_to_retain (docs/reference/systems.md#alma-item); None if Alma does not give it."""
    text = item.text("item_data", "committed_to_retain").casefold()
    return item.flag("item_data", "committed_to_retain") or {"true": True, "false": False}.get(text)


def _standing(item: AlmaItem) -> tuple[Sentence, ...]:
    process = item.text("item_data", "process_type")
    sentences = []
    if process not in EXPECTED:
        key = PROCESSES.get(process)
        sentences.append(Sentence(key) if key else Sentence("alma.process.other", process=process))
    if item.flag("item_data", "requested"):
        sentences.append(Sentence("alma.process.requested"))
    return tuple(sentences)


def _call_number(item: AlmaItem, away: bool) -> tuple[str, str, str]:
    candidates = [
        ("item_data", "alternative_call_number", ALTERNATIVE),
        ("holding_data", "call_number", HOLDING),
    ]
    if away:
        candidates.insert(0, ("holding_data", "temp_call_number", TEMPORARY))
    for part, field, source in candidates:
        number = item.text(part, field)
        if number:
            kind = item.text(part, f"{field}_type")  # not for people
            return number, SCHEMES.get(kind, "local") if kind else "", source
    return "", "", ""


def chosen(item: AlmaItem, names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (name, its value if it has one) of every name that is a field of this item object."""
    flat = item.flat()
    fields = []
    for name in names:
        part = next((part for part in ("item_data", "holding_data") if f"{part}.{name}" in flat), "")
        if part:
            value = clean(item.raw_of(part, name), 300)
            fields.append((name, (value,) if value else ()))
    return tuple(fields)
