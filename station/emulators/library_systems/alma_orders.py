"""The emulated Alma's order lines: lists, single lines, their items, and receiving (vendor's OpenAPI, "acq").

The copies of a line are the items whose `po_line` names it; a copy is received if it has an `arrival_date`. Pitfalls of
the vendor's description:

- Without `department` and `department_library` a department of the owning library is chosen at random.
- A received copy of a one-time order is in transit; keeping it in the department takes a scan-in as a second call. A
  copy of a continuous order stays in place.
- An item in the body replaces the item's fields as a PUT does, except its order line and the date of the receipt: an
  empty barcode is replaced by a generated one. An empty item object changes nothing.
- A list has notes and locations only if it is expanded by them, and no closed lines unless asked for.
- `vendor_reference_number` is none of the documented search fields, and "all" searches the documented ones only.

The description leaves open, and is decided here: a copy that was received is received once more, without an error; a
line that is canceled, closed or not yet sent refuses a receipt with 401877; a barcode of another item does so, too, and
nothing is received; a department needs its library (401875); both kinds of order take a new item.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterable
from typing import Any

from station.emulators.library_systems.alma_bodies import text_of
from station.emulators.library_systems.alma_institution import Institution, Refused, check_date, code
from station.emulators.library_systems.alma_search import GENERAL_ERROR, Texts, field, fits, one_of, page, terms

Json = dict[str, Any]

CANCELLED = "CANCELLED"
CLOSED = "CLOSED"
SENT = "SENT"
WAITING = "WAITING_FOR_INVOICE"
RECEIVABLE = (SENT, WAITING, "ACTIVE", "WAITING_FOR_RENEWAL")
ONE_TIME = "_OT"
"""End of the type of a one-time order (PRINTED_BOOK_OT, PRINT_OT); the others are continuous."""
STATUSES = ("ACTIVE", CLOSED, CANCELLED, "ALL", "ALL_WITH_CLOSED")
SORTED_BY = ("number", "title", "created_date", "po_number")
MOST_BY_ITEM = 1000
"""Most lines that a search by fields of items may find; the vendor does not name the number."""

FIELDS: dict[str, Texts] = {
    "title": field("resource_metadata", "title"), "author": field("resource_metadata", "author"),
    "mms_id": field("resource_metadata", "mms_id"), "publisher": field("resource_metadata", "publisher"),
    "publication_year": field("resource_metadata", "publication_year"),
    "publication_place": field("resource_metadata", "publication_place"),
    "issn_isbn": lambda line: [str(line["resource_metadata"].get(name) or "") for name in ("issn", "isbn")],
    "shelving_location": lambda line: [place["shelving_location"] for place in line["location"]],
    "vendor_code": field("vendor"), "vendor_name": lambda line: [str(line["vendor"].get("desc") or "")],
    "vendor_account": field("vendor_account"),
    "fund_code": lambda line: [text_of(fund.get("fund_code")) for fund in line["fund_distribution"]],
    "fund_name": lambda line: [str((fund.get("fund_code") or {}).get("desc")) for fund in line["fund_distribution"]],
    "number": field("number"), "po_number": field("po_number"), "invoice_reference": field("invoice_reference"),
}  # fmt: skip
ITEM_FIELDS = {
    **{name: name for name in ("enumeration_a", "enumeration_b", "enumeration_c")},
    **{name: name for name in ("chronology_i", "chronology_j", "chronology_k")},
    "item_description": "description", "item_library": "library",
}  # fmt: skip
"""Search fields of items, and their fields of item_data."""


class Orders:
    """The order lines of one institution."""

    def __init__(self, house: Institution, base_url: str) -> None:
        self.house = house
        self.base_url = base_url
        self.lines = {line["number"]: full(line) for line in copy.deepcopy(house.acquisitions.get("po_lines", []))}
        self.chance = random.Random(0)  # noqa: S311
        self.failing_updates = 0
        """Number of the next receipts whose update of the item fails: received, answered with 401878."""

    # --- reading --------------------------------------------------------------------------------------------------

    def line(self, number: str, error: str = "Po-Line {} not found.") -> Json:
        """Return the line as stored."""
        if number not in self.lines:
            raise Refused(400, "401871", error.format(number))
        return self.lines[number]

    def items_of(self, number: str) -> list[Json]:
        return [item for item in self.house.items if item["item_data"].get("po_line") == number]

    def status(self, line: Json) -> str:
        """Return the status. A one-time line waits for its invoice once all its copies are received, and is closed once
        its invoices are paid and closed."""
        status = text_of(line["status"])
        items = self.items_of(line["number"])
        if status != SENT or not one_time(line) or not items or not all(map(received, items)):
            return status
        invoices = [
            text_of(invoice.get("invoice_status"))
            for invoice in self.house.acquisitions.get("invoices", [])
            for row in (invoice.get("invoice_lines") or {}).get("invoice_line", [])
            if row.get("po_line") == line["number"]
        ]
        return CLOSED if invoices and set(invoices) == {CLOSED} else WAITING

    def shown(self, line: Json, parts: Iterable[str] = ("notes", "locations")) -> Json:
        """Return the line as answered, with the expanded parts."""
        status = self.status(line)
        answer = {**line, "status": code(status, status.replace("_", " ").capitalize())}
        record = line["resource_metadata"]
        if record.get("mms_id"):
            mms = text_of(record["mms_id"])
            link = f"{self.base_url}/almaws/v1/bibs/{mms}"
            answer["resource_metadata"] = {**record, "mms_id": {"value": mms, "link": link}}
        answer["link"] = f"{self.base_url}/almaws/v1/acq/po-lines/{line['number']}"
        answer["location"] = self.locations(line)
        for part, name in (("notes", "note"), ("locations", "location")):
            if part not in parts:
                del answer[name]
        return answer

    def locations(self, line: Json) -> list[Json]:
        """Return the copies by library and location. A line without items has the locations as given."""
        places: dict[tuple[str, str], Json] = {}
        for item in self.items_of(line["number"]):
            data, holding = item["item_data"], item["holding_data"]
            place = (text_of(data.get("library")), text_of(data.get("location")))
            row = places.setdefault(place, {
                "quantity": 0, "library": data.get("library"), "shelving_location": place[1], "copy": [],
            })  # fmt: skip
            row["quantity"] += 1
            row["copy"].append({
                "link": self.link(item), "pid": data["pid"], "barcode": data.get("barcode") or "",
                "item_policy": data.get("policy") or code("", None), "receive_date": data.get("arrival_date") or "",
                "is_temp_location": holding.get("in_temp_location") or False,
                "permanent_library": data.get("library"), "permanent_shelving_location": place[1],
            })  # fmt: skip
        return list(places.values()) or line["location"]

    def listed(self, query: dict[str, str]) -> Json:
        """GET /acq/po-lines."""
        wanted = one_of(query, "status", STATUSES, "ALL")
        direction = one_of(query, "direction", ("asc", "desc"), "desc")
        pairs = terms(query.get("q", ""), (*FIELDS, *ITEM_FIELDS), "40188600")
        by_item = [pair for pair in pairs if pair[0] in ITEM_FIELDS]
        ordered = self.order(query.get("order_by") or "title", bool(by_item))
        rows = [
            row
            for row in map(self.shown, self.lines.values())
            if has_status(row, wanted)
            and all(fits(row, name, text, FIELDS) for name, text in pairs if name not in ITEM_FIELDS)
            and self.has_item(row, by_item)
            and query.get("library", "") in ("", text_of(row["owner"]))
            and query.get("acquisition_method", "ALL") in ("", "ALL", text_of(row["acquisition_method"]))
            and arrives(row, query)
        ]
        if by_item and len(rows) > MOST_BY_ITEM:
            many = f"The provided search query returns more than {MOST_BY_ITEM} items. Please narrow your search."
            raise Refused(400, "40188605", many)
        rows.sort(key=lambda row: row["number"])
        if ordered in SORTED_BY:
            rows.sort(key=lambda row: str(sort_value(row, ordered)), reverse=direction == "desc")
        return self.listing(rows, query, query.get("expand", "").split(","))

    def listing(self, rows: list[Json], query: dict[str, str], parts: Iterable[str]) -> Json:
        cut = [self.shown(self.lines[row["number"]], parts) for row in page(rows, query)]
        return {"po_line": cut, "total_record_count": len(rows)}

    def order(self, wanted: str, by_item: bool) -> str:
        """Return the sorting field, or raise the error that the vendor names for it."""
        names = wanted.split(",")
        of_items = [name for name in names if name in ITEM_FIELDS and name != "item_library"]
        if of_items and len(of_items) < len(names) and set(names) <= {*SORTED_BY, *ITEM_FIELDS}:
            either = "Results can be sorted by one or more item attributes OR one Poline attribute."
            raise Refused(400, "40188603", either)
        if of_items and not by_item:
            needs = "at least one condition for item search"
            raise Refused(400, "40188602", f"Results cannot be sorted by item attribute without providing {needs}.")
        if not of_items and wanted not in SORTED_BY:
            valid = f"Valid sort values are: [{', '.join(SORTED_BY)}]."
            raise Refused(400, "40188604", f"order_by value {wanted} is invalid. {valid}")
        return wanted

    def has_item(self, row: Json, pairs: list[tuple[str, str]]) -> bool:
        """Return True if one item of the line fits all conditions about items."""
        fields = {name: field(of_item) for name, of_item in ITEM_FIELDS.items()}
        return not pairs or any(
            all(fits(item["item_data"], name, text, fields) for name, text in pairs)
            for item in self.items_of(row["number"])
        )

    def of_vendor(self, vendor: str, query: dict[str, str]) -> Json:
        """GET /acq/vendors/{code}/po-lines: lines of every status."""
        rows = [line for line in self.lines.values() if text_of(line["vendor"]) == vendor]
        return self.listing(sorted(rows, key=lambda row: row["number"]), query, ())

    def items(self, number: str, query: dict[str, str]) -> Json:
        """GET /acq/po-lines/{id}/items: only barcodes and links."""
        items = self.items_of(self.line(number)["number"])
        rows = [
            {"link": self.link(item), "item_data": {"barcode": item["item_data"].get("barcode") or ""}}
            for item in items
        ]
        return {"item": page(rows, query, len(rows)), "total_record_count": len(rows)}

    def link(self, item: Json) -> str:
        mms, holding = item["bib_data"]["mms_id"], item["holding_data"]["holding_id"]
        return f"{self.base_url}/almaws/v1/bibs/{mms}/holdings/{holding}/items/{item['item_data']['pid']}"

    # --- receiving ------------------------------------------------------------------------------------------------

    def receive(self, number: str, pid: str, query: dict[str, str], sent: object) -> Json:
        """POST /acq/po-lines/{id}/items/{pid}?op=receive. Return the item."""
        line = self.receivable(number)
        if query.get("op") != "receive":
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: op. Value: {query.get('op')}.")
        day, place = self.day(query), self.department(line, query)
        item = next((item for item in self.items_of(number) if item["item_data"]["pid"] == pid), None)
        if item is None:
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: item_id. Value: {pid}.")
        if not isinstance(sent, dict):
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: item.")
        before = copy.deepcopy(item)
        if sent:
            self.update(number, item, before, sent)
        self.arrive(line, item, day)
        self.done(line, item, before, "receive", sent, place, query)
        return item

    def update(self, number: str, item: Json, before: Json, sent: Json) -> None:
        """Update the item by the body; it may leave out the holding, and the item stays on its line."""
        data = sent.get("item_data")
        wanted = {"bib_data": {}, "holding_data": item["holding_data"], **sent}
        wanted["item_data"] = {**data, "po_line": number} if isinstance(data, dict) else data
        try:
            self.house.check(item, wanted)
        except Refused as refused:
            raise self.failure(number, refused.message) from None
        if not self.failing_updates:
            self.house.replace(item, before, wanted)

    def receive_new(self, number: str, query: dict[str, str], sent: object) -> Json:
        """POST /acq/po-lines/{id}/items: add an item to the line and receive it. Return the item."""
        line = self.receivable(number)
        day, place = self.day(query), self.department(line, query)
        data = sent.get("item_data") if isinstance(sent, dict) else None
        if not isinstance(sent, dict) or not isinstance(data, dict):
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: item_data.")
        item, (library, location) = self.new_item(line, sent, data)
        before = copy.deepcopy(item)
        self.house.enter(item)
        try:
            new = {name: value for name, value in sent.items() if name != "holding_data"}
            place_of_item = {"library": {"value": library}, "location": {"value": location}}
            self.update(number, item, before, {**new, "item_data": {**data, **place_of_item}})
        except Refused:
            self.house.drop(item)
            raise
        if not item["item_data"]["barcode"]:
            self.house.generate_barcode(item)
        if not item["holding_data"]["holding_id"]:
            self.house.move(item, library, location)
        item["link"] = self.link(item)
        self.arrive(line, item, day)
        self.done(line, item, before, "item-create", sent, place, query)
        return item

    def receivable(self, number: str) -> Json:
        line = self.line(number, "Failed to find the PO Line.")
        if (status := self.status(line)) not in RECEIVABLE:
            raise self.failure(number, f"its status is {status}")
        return line

    def failure(self, number: str, message: str) -> Refused:
        return Refused(400, "401877", f"Failed to receive PO Line {number}: {message}")

    def day(self, query: dict[str, str]) -> str:
        day = query.get("receive_date") or self.house.today()
        check_date("receive_date", day)
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}Z", day):
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: receive_date. Value: {day}.")
        return day

    def department(self, line: Json, query: dict[str, str]) -> Json:
        """Return the department and its library, and whether it was chosen at random."""
        wanted, library = query.get("department", ""), query.get("department_library", "")
        if library and library not in self.house.libraries():
            raise Refused(400, "40166411", f"The parameter department_library is invalid. Received: {library}.")
        if wanted:
            if wanted not in self.house.departments_of(library):
                place = f"department code ({wanted}) and library code ({library or None})"
                raise Refused(400, "401875", f"Failed to find the department for given {place}.")
            return {"department": wanted, "department_library": library, "at_random": False}
        library = library or text_of(line["owner"])
        departments = self.house.departments_of(library)
        if not departments:
            raise Refused(400, "401875", f"Failed to find the department for given library code ({library}).")
        return {"department": self.chance.choice(departments), "department_library": library, "at_random": True}

    def new_item(self, line: Json, sent: Json, data: Json) -> tuple[Json, tuple[str, str]]:
        """Return an item of the line's record, not yet entered, and its library and location: those of the named holding,
        else as named, else the line's first."""
        mms = text_of(line["resource_metadata"].get("mms_id"))
        if mms not in self.house.records:
            raise self.failure(line["number"], "it has no record")
        places = self.locations(line)
        first = places[0] if places else {}
        library = text_of(data.get("library")) or text_of(first.get("library"))
        location = text_of(data.get("location")) or str(first.get("shelving_location") or "")
        number = str((sent.get("holding_data") or {}).get("holding_id") or "")
        if number:
            holding = self.house.holdings.get(number)
            if holding is None or holding["mms_id"] != mms:
                raise self.failure(line["number"], f"holding {number} does not belong to its record")
            library, location = holding["library"], holding["location"]
        elif not library or not location:
            raise self.failure(line["number"], "it has no location")
        pid = str(max((int(item["item_data"]["pid"]) for item in self.house.items), default=23_000_000) + 1)
        empty = code("", None)
        item: Json = {
            "bib_data": self.house.records[mms],
            "holding_data": {"holding_id": number, "copy_id": "", "in_temp_location": False},
            "item_data": {
                "pid": pid, "barcode": "", "creation_date": self.house.today(), "modification_date": self.house.today(),
                "base_status": code("1", "Item in place"), "process_type": empty, "policy": empty, "po_line": line["number"],
                "physical_material_type": line.get("material_type") or empty, "arrival_date": None, "description": "",
                "library": code(library, library), "location": code(location, location), "requested": False,
            },
        }  # fmt: skip
        return item, (library, location)

    def arrive(self, line: Json, item: Json, day: str) -> None:
        """The item is received: in transit for a one-time order, in place for a continuous one."""
        data = item["item_data"]
        data["arrival_date"] = day
        data["process_type"] = code("TRANSIT", "Transit") if one_time(line) else code("", None)
        data["base_status"] = code("0", "Item not in place") if one_time(line) else code("1", "Item in place")
        if "work_order_type" in data:
            data["work_order_type"] = data["work_order_at"] = code("", None)

    def done(
        self, line: Json, item: Json, before: Json, kind: str, sent: Json, place: Json, query: dict[str, str]
    ) -> None:
        """Log the receipt. Raise 401878 if the update of the item was to fail."""
        given = {name: value for name, value in sorted(query.items()) if name not in ("op", "apikey")}
        barcode = text_of((sent.get("item_data") or {}).get("barcode"))
        self.house.happened(kind, before, item, po_line=line["number"], params=given, sent_barcode=barcode, **place)
        self.house.save()
        if self.failing_updates:
            self.failing_updates -= 1
            raise Refused(400, "401878", "Failed to update the item after the receive.")

    # --- other people ---------------------------------------------------------------------------------------------

    def edit(self, number: str, changes: Json) -> None:
        """Change fields of a line as another user."""
        line = self.line(number)
        before = {name: line.get(name) for name in changes}
        line.update(changes)
        self.house.note("edit-line", foreign=True, po_line=number, before=before, after=changes)

    def receive_by_hand(self, pid: str) -> None:
        """Another user receives an item in Alma's own pages."""
        item = self.house.by_pid(pid)
        before = copy.deepcopy(item)
        self.arrive(self.line(item["item_data"]["po_line"]), item, self.house.today())
        self.house.happened("receive", before, item, foreign=True)
        self.house.save()


def full(line: Json) -> Json:
    """Return a line with all fields that an answer has; names and empty values as in the vendor's and MIT's samples."""
    empty = code("", None)
    defaults: Json = {
        "number": "", "owner": empty, "type": code("PRINTED_BOOK_OT", "Print Book - One Time"), "status": code(SENT, "Sent"),
        "vendor": empty, "vendor_account": "", "acquisition_method": code("PURCHASE", "Purchase"), "no_charge": False,
        "rush": False, "cancellation_restriction": False, "cancellation_restriction_note": "",
        "price": {"sum": "0.0", "currency": code("USD", "US Dollar")}, "discount": "0.0", "vendor_reference_number": "",
        "vendor_reference_number_type": empty, "po_number": "", "additional_order_reference": "", "invoice_reference": "",
        "resource_metadata": {}, "fund_distribution": [], "reporting_code": "", "vendor_note": "", "receiving_note": "",
        "note": [], "location": [], "interested_user": [], "material_type": code("BOOK", "Book"), "created_date": "2026-01-02Z",
    }  # fmt: skip
    return {**defaults, **line}


def one_time(line: Json) -> bool:
    return text_of(line["type"]).endswith(ONE_TIME)


def received(item: Json) -> bool:
    return bool(item["item_data"].get("arrival_date"))


def has_status(row: Json, wanted: str) -> bool:
    status = text_of(row["status"])
    match wanted:
        case "ALL_WITH_CLOSED":
            return True
        case "ALL":
            return status != CLOSED
        case "ACTIVE":
            return status not in (CLOSED, CANCELLED)
        case _:
            return status == wanted


def arrives(row: Json, query: dict[str, str]) -> bool:
    """Return True if the line is expected between the days asked for."""
    limits = [query.get(f"{end}_expected_arrival_date", "") for end in ("min", "max")]
    for day in filter(None, limits):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
            raise Refused(400, GENERAL_ERROR, "General error.")
    day = str(row.get("expected_receipt_date") or "").removesuffix("Z")
    return not any(limits) or (bool(day) and limits[0] <= day <= (limits[1] or day))


def sort_value(row: Json, name: str) -> object:
    return row["resource_metadata"].get("title") or "" if name == "title" else row.get(name) or ""
