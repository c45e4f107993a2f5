"""Fictitious Alma items for the emulated library system, one for each record of the demo's catalog.

The items have the form of Alma item objects in real responses (docs/library-systems/alma.md). The emulator is
independent of the station and gets them as a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from station.domain.item import ItemRecord

_SCHEME = {"lc": "0", "dewey": "1", "nlm": "2", "sudoc": "3"}
_NOTES = tuple(f"{kind}_note_{n}" for kind in ("internal", "statistics") for n in (1, 2, 3))


def items(records: Iterable[ItemRecord]) -> dict[str, dict[str, Any]]:
    """Return a full item object for each barcode."""
    return {record.barcode: _item(record, number) for number, record in enumerate(records, 1)}


def _coded(value: str, desc: str | None = None) -> dict[str, str | None]:
    return {"value": value, "desc": desc}


def _item(record: ItemRecord, number: int) -> dict[str, Any]:
    mms, holding, pid = (f"{kind}{number:06d}0006421" for kind in ("991", "221", "231"))
    path = f"/almaws/v1/bibs/{mms}/holdings/{holding}/items/{pid}"
    return {
        "bib_data": {
            "mms_id": mms,
            "title": record.title,
            "author": record.author,
            "isbn": record.isbns[0] if record.isbns else None,
            "issn": None,
            "network_number": [],
        },
        "holding_data": {
            "holding_id": holding,
            "call_number_type": _coded(_SCHEME.get(record.call_number_scheme, "8")),
            "call_number": record.call_number,
            "accession_number": "",
            "copy_id": record.copy or "1",
            "in_temp_location": False,
            "temp_library": _coded(""),
            "temp_location": _coded(""),
            "temp_call_number_type": _coded(""),
            "temp_call_number": "",
            "temp_policy": _coded(""),
        },
        "item_data": {
            "pid": pid,
            "barcode": record.barcode,
            "creation_date": "2026-11-02Z",
            "modification_date": "2026-11-02Z",
            "base_status": _coded("0", "Item not in place"),
            "process_type": _coded("ACQ", "Acquisition"),
            "awaiting_reshelving": False,
            "physical_material_type": _coded(record.item_type or "BOOK"),
            "policy": _coded("4-Week", "4-Week"),
            "provenance": _coded(""),
            "is_magnetic": False,
            "library": _coded(record.library or "MAIN", "Imaginary Main Library"),
            "location": _coded(record.location or "STACKS"),
            "alternative_call_number": "",
            "alternative_call_number_type": _coded(""),
            "storage_location_id": "",
            "pieces": str(record.parts),
            "description": record.description,
            "po_line": f"POL-{number}",
            "inventory_number": "",
            "inventory_price": record.price,
            "public_note": "",
            "fulfillment_note": "",
            **dict.fromkeys(_NOTES, ""),
            "internal_note_3": "MIGRATED: N | a note of somebody else's that must stay",
            "physical_condition": _coded(""),
            "requested": False,
        },
        "link": path,
    }
