"""Fields of an Alma item: those that a site may give to the station, their maximum lengths, and why others are
excluded.

Names: the vendor's item XSD of 2018 (tags "get post put") and the newer ones of real answers
(docs/reference/systems.md#alma-item). None of the available sources gives a length (open): the limits here are choices
on the safe side.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """Kind of a field's content."""

    NOTE = "note"
    """Text that people also write."""
    TEXT = "text"
    CODE = "code"
    """A code of one of Alma's code tables."""
    DATE = "date"
    """A day, YYYY-MM-DD; Alma's answers append a Z."""


class Field(msgspec.Struct, frozen=True):
    """A field of item_data that the station may write."""

    kind: Kind
    limit: int
    """Maximum characters (a choice)."""
    newer: bool = False
    """Not in the XSD of 2018; seen in later answers."""


_NOTE: Final = Field(Kind.NOTE, 1000)

WRITABLE: Final[dict[str, Field]] = {
    "public_note": _NOTE,
    "fulfillment_note": _NOTE,
    "internal_note_1": _NOTE,
    "internal_note_2": _NOTE,
    "internal_note_3": _NOTE,
    "statistics_note_1": _NOTE,
    "statistics_note_2": _NOTE,
    "statistics_note_3": _NOTE,
    "inventory_number": Field(Kind.TEXT, 100, newer=True),
    "storage_location_id": Field(Kind.TEXT, 100),
    "pieces": Field(Kind.TEXT, 20),
    "physical_condition": Field(Kind.CODE, 60, newer=True),
    "weeding_number": Field(Kind.TEXT, 100, newer=True),
    "weeding_date": Field(Kind.DATE, 10, newer=True),
}
"""Fields of item_data that a mapping may name."""

_MOVES: Final = "changing it moves the item to another holding, or makes one"
_IDENTITY: Final = "it is what the item is found by"
_CATALOG: Final = "it belongs to cataloging"
_CIRCULATION: Final = "it decides how the item circulates"
_ACQUISITION: Final = "it belongs to acquisitions"
_ALMA: Final = "Alma sets it by itself"
_TEMPORARY: Final = "it belongs to the temporary location, which staff set"

REFUSED: Final[dict[str, str]] = {
    "barcode": f"{_IDENTITY}; a wrong or empty one makes Alma invent another",
    **dict.fromkeys(("pid", "holding_id", "mms_id"), _IDENTITY),
    **dict.fromkeys(("library", "location"), _MOVES),
    **dict.fromkeys(
        ("in_temp_location", "temp_library", "temp_location", "temp_call_number", "temp_call_number_type", "temp_policy",
         "temp_call_number_source", "due_back_date"), _TEMPORARY,
    ),
    **dict.fromkeys(("policy", "is_magnetic", "physical_material_type"), _CIRCULATION),
    **dict.fromkeys(
        ("copy_id", "description", "alternative_call_number", "alternative_call_number_type", "alt_number_source",
         "year_of_issue", "pages", "call_number", "call_number_type", "permanent_call_number", "accession_number",
         "permanent_call_number_type", "type_of_unit", "pattern_type", "break_indicator", "linking_number",
         *(f"enumeration_{letter}" for letter in "abcdefgh"), *(f"chronology_{letter}" for letter in "ijklm")), _CATALOG,
    ),
    **dict.fromkeys(
        ("po_line", "provenance", "arrival_date", "expected_arrival_date", "issue_date", "replacement_cost",
         "receiving_operator", "inventory_price", "inventory_date", "receive_number"), _ACQUISITION,
    ),
    **dict.fromkeys(
        ("creation_date", "modification_date", "base_status", "process_type", "requested", "awaiting_reshelving",
         "work_order_type", "work_order_at", "edition", "imprint", "language", "library_details", "title_abcnph",
         "parsed_call_number", "parsed_alt_call_number", "parsed_issue_level_description", "due_date"), _ALMA,
    ),
    **dict.fromkeys(("committed_to_retain", "retention_reason", "retention_note"), "it is a commitment to other libraries"),
}  # fmt: skip
"""Fields of an item that the station must not own, with the reason."""
