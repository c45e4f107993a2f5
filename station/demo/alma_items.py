"""Fictitious Alma items for the emulated library system, one for each record of the demo's catalog, and the order lines of
the imaginary vendor's packing lists with their copies on order.

The items have the form of Alma item objects in real responses (docs/library-systems/alma.md). The emulator is
independent of the station and gets them as a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine

_SCHEME = {"lc": "0", "dewey": "1", "nlm": "2", "sudoc": "3"}
EXPECTED: Final = "2026-11-27Z"
NOTES: Final = {"POL-2003": "For the harbor exhibition: tell the desk at South Campus."}
"""Receiving notes by order line."""
_NOTES = tuple(f"{kind}_note_{n}" for kind in ("internal", "statistics") for n in (1, 2, 3))


def items(records: Iterable[ItemRecord]) -> dict[str, dict[str, Any]]:
    """Return a full item object for each barcode."""
    return {record.barcode: _item(record, number, order_line_of(number)) for number, record in enumerate(records, 1)}


def in_use(records: Iterable[ItemRecord], processes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return a full item object for each barcode: items in place, those of one record under one title. `processes`: Alma's
    process type by barcode, for items that are not in place."""
    titles: dict[str, int] = {}
    items_in_use: dict[str, dict[str, Any]] = {}
    for number, record in enumerate(records, 800_001):
        title = titles.setdefault(record.record_id, number)
        item = _item(record, number, "", title=title)
        process = processes.get(record.barcode, "")
        item["item_data"]["process_type"] = _coded(process)
        if not process:
            item["item_data"]["base_status"] = _coded("1", "Item in place")
        items_in_use[record.barcode] = item
    return items_in_use


def order_line_of(number: int) -> str:
    """Return the order line of the catalog's record with this number (1 = first)."""
    return f"POL-{number}"


def on_order(lines: Iterable[PackingLine]) -> dict[str, dict[str, Any]]:
    """Return a full item object for each copy of these lines, by the barcode that Alma made up for it."""
    records = [
        (
            ItemRecord(
                barcode=Barcode(f"{line.order_line}-{copy}"),
                title=line.title,
                isbns=line.numbers,
                price=line.price,
                library=line.library,
            ),
            line.order_line,
        )
        for line in lines
        for copy in range(1, line.quantity + 1)
    ]
    return {
        record.barcode: _item(record, number, order_line)
        for number, (record, order_line) in enumerate(records, 900_001)
    }


def order_lines(lines: Iterable[PackingLine], items: Iterable[dict[str, Any]], vendor: str) -> list[dict[str, Any]]:
    """Return an order line for each of these lines, with the record of its copies."""
    records = {item["item_data"]["po_line"]: item["bib_data"] for item in items}
    return [
        {
            "number": line.order_line,
            "owner": _coded("MAIN", "Imaginary Main Library"),
            "vendor": _coded("IMAGINARY", vendor),
            "vendor_reference_number": line.vendor_number,
            "price": {"sum": line.price or "0.0", "currency": _coded("USD", "US Dollar")},
            "expected_receipt_date": EXPECTED,
            "receiving_note": NOTES.get(line.order_line, ""),
            "resource_metadata": {
                "mms_id": records[line.order_line]["mms_id"],
                "title": line.title,
                "isbn": next(iter(line.numbers), ""),
            },
        }
        for line in lines
    ]


def _coded(value: str, desc: str | None = None) -> dict[str, str | None]:
    return {"value": value, "desc": desc}


def _item(record: ItemRecord, number: int, order_line: str, title: int | None = None) -> dict[str, Any]:
    """Return an item object. `title`: number of its record and holdings; None = `number`."""
    of_title = number if title is None else title
    mms, holding, pid = f"991{of_title:06d}0006421", f"221{of_title:06d}0006421", f"231{number:06d}0006421"
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
            "po_line": order_line,
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
