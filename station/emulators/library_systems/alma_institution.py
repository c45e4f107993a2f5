"""The emulated Alma's items and holdings, the effects of PUT and scan-in, and the log of effects.

Sources: docs/reference/systems.md#alma-item to #alma-scan-in. Questions that they leave open are decided here: the
error code of an unknown desk, the answer to a scan-in at two places at once, and the call number of an item that moves
(that of the holding that it moves to).
"""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from station.emulators.library_systems.alma_bodies import bib_record, error_body, holding_record, text_of

Json = dict[str, Any]

TOP_LEVEL = {"bib_data", "holding_data", "item_data", "link", "additional_info"}
READ_ONLY = {
    "pid", "creation_date", "modification_date", "base_status", "process_type", "requested", "awaiting_reshelving",
    "work_order_type", "work_order_at", "edition", "imprint", "language", "library_details", "parsed_call_number",
    "parsed_alt_call_number", "parsed_issue_level_description", "title_abcnph", "due_date",
}  # fmt: skip
LATER = {
    "physical_condition": {"value": None, "desc": None}, "weeding_number": "", "weeding_date": None,
    "inventory_number": "", "inventory_date": None, "statistics_note_1": "", "statistics_note_2": "",
    "statistics_note_3": "", "internal_note_1": "", "internal_note_2": "", "internal_note_3": "", "pieces": "",
    "storage_location_id": "", "public_note": "", "fulfillment_note": "",
}  # fmt: skip
"""Writable fields that may be missing in a GET and are accepted in a PUT."""
HOLDING_WRITABLE = {
    "copy_id", "in_temp_location", "temp_library", "temp_location", "temp_call_number", "temp_call_number_type",
    "temp_policy", "due_back_date",
}  # fmt: skip
NAMES = {
    "bib_data": {
        "mms_id", "title", "author", "issn", "isbn", "complete_edition", "network_number", "place_of_publication",
        "date_of_publication", "publisher_const", "link",
    },
    "holding_data": HOLDING_WRITABLE | {"holding_id", "call_number", "call_number_type", "accession_number", "link"},
    "item_data": READ_ONLY | set(LATER) | {
        "barcode", "physical_material_type", "policy", "provenance", "po_line", "is_magnetic", "arrival_date",
        "expected_arrival_date", "year_of_issue", *(f"enumeration_{letter}" for letter in "abcdefgh"),
        *(f"chronology_{letter}" for letter in "ijklm"), "description", "replacement_cost", "receiving_operator", "library",
        "location", "alternative_call_number", "alternative_call_number_type", "pages",
    },
}  # fmt: skip
"""Names that an item may have in addition to those it was created with: the item XSD, and newer names."""
SCAN = {
    "op", "external_id", "request_id", "library", "circ_desk", "department", "work_order_type", "status", "done",
    "auto_print_slip", "place_on_hold_shelf", "confirm", "register_in_house_use",
}  # fmt: skip
"""Parameters of a scan-in (WADL)."""
SCAN_FLAGS = (
    "external_id", "done", "auto_print_slip", "place_on_hold_shelf", "confirm", "register_in_house_use",
)  # fmt: skip
ACQUISITIONS = ("po_lines", "invoices", "vendors", "acq_departments")
"""Parts of the world that belong to acquisitions (alma_orders.py, alma_invoices.py)."""
DATES = {"arrival_date", "expected_arrival_date", "weeding_date", "inventory_date", "due_back_date"}


class Refused(Exception):
    """An error answer: status and body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.body = error_body(code, message)
        super().__init__(message)


class Institution:
    """Items and holdings, and the logs of requests, of actual changes (`effects`), and of other users' changes
    (`edits`).

    `effects` and `edits` share one counter `seq`, which gives their common order. Both carry pid, barcode, kind, and
    the values of changed fields before and after.
    """

    def __init__(self, items: dict[str, Json], state: Path | None, world: Json | None = None) -> None:
        self.lock = threading.RLock()
        self.state = state
        self.departments: list[str] = ["TECHSERV"]
        self.desks: list[str] = ["DEFAULT_CIRC_DESK"]
        self.code_tables: dict[str, list[str]] = {"ItemPhysicalCondition": ["BRITTLE", "DAMAGED", "RELABEL"]}
        self.reset(items, world or {})

    def reset(self, items: dict[str, Json], world: Json) -> None:
        """Start over with these items, empty logs, and no sets."""
        self.items: list[Json] = []
        self._pids: dict[str, Json] = {}
        self.records: dict[str, Json] = {}
        """`bib_data` of every record that has or had an item."""
        self._codes: dict[str, list[Json]] = {}
        for item in copy.deepcopy(items).values():
            self.enter(item)
        self.holdings: dict[str, Json] = {}
        self.deleted_holdings: set[str] = set()
        self.suppressed: set[str] = set()
        """Records that are suppressed from publishing, by MMS ID."""
        self.bibs: dict[str, str] = dict(world.get("bibs", {}))
        self.departments = list(world.get("departments", self.departments))
        self.desks = list(world.get("circ_desks", self.desks))
        self.code_tables = dict(world.get("code_tables", self.code_tables))
        self.acquisitions: Json = {name: world[name] for name in ACQUISITIONS if name in world}
        self.work_order_types: dict[str, list[str]] = dict(world.get("work_order_types", {}))
        self.requests: list[Json] = []
        self.effects: list[Json] = []
        self.edits: list[Json] = []
        self.seq = 0
        self.made_up = 0
        self.in_house_uses = 0
        self.clock_offset_s = 0.0
        self.virtual: float | None = None
        for item in self.items:
            self.holding_of(item)
        for number, record in world.get("holdings", {}).items():
            self.holdings[number]["record"] = record

    # --- time -----------------------------------------------------------------------------------------------------

    def monotonic(self) -> float:
        """Return monotonic seconds: real ones, or those set by the test."""
        return time.monotonic() if self.virtual is None else self.virtual

    def today(self) -> str:
        return self.wall().strftime("%Y-%m-%dZ")

    def wall(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset_s)

    # --- look-up --------------------------------------------------------------------------------------------------

    def enter(self, item: Json) -> None:
        self.items.append(item)
        self.records.setdefault(item["bib_data"]["mms_id"], item["bib_data"])
        self._pids[item["item_data"]["pid"]] = item
        self._codes.setdefault(item["item_data"].get("barcode") or "", []).append(item)

    def drop(self, item: Json) -> None:
        self.items.remove(item)
        del self._pids[item["item_data"]["pid"]]
        self._codes[item["item_data"].get("barcode") or ""].remove(item)

    def recoded(self, item: Json, before: str | None) -> None:
        """Update the index after the item's barcode may have changed."""
        self._codes[before or ""].remove(item)
        self._codes.setdefault(item["item_data"].get("barcode") or "", []).append(item)

    def all_by_barcode(self, barcode: str) -> list[Json]:
        return self._codes.get(barcode, []) if barcode else []

    def by_barcode(self, barcode: str) -> Json:
        found = self.all_by_barcode(barcode)
        if not found:
            raise Refused(400, "401689", f"No items found for barcode {barcode}.")
        return found[0]

    def by_pid(self, pid: str) -> Json:
        if pid not in self._pids:
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: item_pid. Value: {pid}.")
        return self._pids[pid]

    def all_by_pid(self, pid: str) -> list[Json]:
        return [self._pids[pid]] if pid in self._pids else []

    def check_record(self, mms: str) -> None:
        """Raise `Refused` unless the record exists. It is checked first; a record remains after its last item is
        removed."""
        if not mms.isdigit():
            raise Refused(400, "402204", f"Input parameters mmsId {mms} is not numeric.")
        if mms not in self.records:
            raise Refused(400, "402203", f"Input parameters mmsId {mms} is not valid.")

    def by_path(self, mms: str, holding: str, pid: str) -> Json:
        self.check_record(mms)
        item = self.by_pid(pid)
        if item["bib_data"]["mms_id"] != mms:
            raise Refused(400, "402203", f"Input parameters mmsId {mms} is not valid.")
        if holding != item["holding_data"]["holding_id"]:
            raise Refused(400, "401688", f"No items can be found for mmsId {mms} and holdingsId {holding}.")
        return item

    def holding_of(self, item: Json) -> Json:
        """Return the item's holding, made from the item if none was given."""
        number = str(item["holding_data"]["holding_id"])
        if number not in self.holdings:
            self.holdings[number] = {
                "mms_id": item["bib_data"]["mms_id"], "library": text_of(item["item_data"].get("library")),
                "location": text_of(item["item_data"].get("location")), "record": holding_record(item),
                "suppress_from_publishing": "false",
            }  # fmt: skip
        return self.holdings[number]

    def libraries(self) -> list[str]:
        """Return the codes of the libraries that have a holding, or an acquisitions department."""
        served = self.acquisitions.get("acq_departments", {})
        return sorted({*served, *(found["library"] for found in self.holdings.values())} - {""})

    def departments_of(self, library: str) -> list[str]:
        """Return the acquisitions departments of a library: those given for it, else all departments."""
        served = self.acquisitions.get("acq_departments")
        if served is None:
            return self.departments if library in self.libraries() else []
        return list(served.get(library, []))

    def all_departments(self) -> dict[str, list[str]]:
        """Return the libraries that each department serves."""
        served: dict[str, list[str]] = {}
        for library, departments in self.acquisitions.get("acq_departments", {}).items():
            for department in departments:
                served.setdefault(department, []).append(library)
        return {**{department: self.libraries() for department in self.departments}, **served}

    def bib_marc(self, mms: str) -> tuple[Json, str]:
        self.check_record(mms)
        return self.records[mms], self.bibs.get(mms) or bib_record(self.records[mms])

    # --- PUT ------------------------------------------------------------------------------------------------------

    def put(self, item: Json, sent: object) -> None:
        """Replace the whole item by docs/reference/systems.md#alma-put."""
        before = copy.deepcopy(item)
        self.replace(item, before, self.check(item, sent))
        self.happened("item-put", before, item)
        self.save()

    def check(self, item: Json, sent: object) -> Json:
        """Return the item that was sent. Raise `Refused` if it cannot replace this one."""
        if not isinstance(sent, dict) or not isinstance(sent.get("item_data"), dict):
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: item_data.")
        unknown = sorted(set(sent) - TOP_LEVEL)
        if unknown:
            raise Refused(400, "40166411", f"Unrecognized element {unknown[0]}.")
        holding = sent.get("holding_data")
        if not isinstance(holding, dict) or holding.get("holding_id") != item["holding_data"]["holding_id"]:
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: holding_id.")
        for part in ("bib_data", "holding_data", "item_data"):
            check_part(part, item[part], sent.get(part))
        wanted = text_of(sent["item_data"].get("barcode"))
        if wanted and wanted != item["item_data"].get("barcode") and self.all_by_barcode(wanted):
            raise Refused(400, "EMULATED_BARCODE_TAKEN", f"Given barcode {wanted} already exists.")
        return sent

    def replace(self, item: Json, before: Json, sent: Json) -> None:
        """Replace the item's fields. Missing fields are emptied; `desc` and read-only fields are ignored; an empty
        barcode is replaced by a generated one; a new library or location moves the item to another holding, which is
        created if there is none."""
        data, holding = item["item_data"], sent["holding_data"]
        for name in set(data) | (set(LATER) & set(sent["item_data"])):
            if name not in READ_ONLY:
                data[name] = taken(data.get(name, LATER.get(name)), sent["item_data"].get(name))
        for name in HOLDING_WRITABLE & (set(item["holding_data"]) | set(holding)):
            item["holding_data"][name] = taken(item["holding_data"].get(name), holding.get(name))
        self.recoded(item, before["item_data"].get("barcode"))
        if not data.get("barcode"):
            self.generate_barcode(item)
        places = [[text_of(one["item_data"].get(name)) for name in ("library", "location")] for one in (before, item)]
        if places[0] != places[1]:
            self.move(item, *places[1])
        data["modification_date"] = self.today()

    def generate_barcode(self, item: Json) -> None:
        data = item["item_data"]
        before = data.get("barcode")
        self.made_up += 1
        data["barcode"] = f"{data['pid'][-8:]}-{self.made_up}"
        self.recoded(item, before)

    def move(self, item: Json, library: str, location: str) -> None:
        """Move the item to the holding of its record for that place, or to a new holding."""
        mms = item["bib_data"]["mms_id"]
        for number, holding in self.holdings.items():
            if (holding["mms_id"], holding["library"], holding["location"]) == (mms, library, location):
                item["holding_data"]["holding_id"] = number
                shelved = next((other for other in self.items if other["holding_data"]["holding_id"] == number
                                and other is not item), None)  # fmt: skip
                if shelved is not None:
                    for name in ("call_number", "call_number_type"):
                        item["holding_data"][name] = copy.deepcopy(shelved["holding_data"].get(name))
                return
        number = str(max((int(found) for found in self.holdings), default=22_000_000) + 1)
        item["holding_data"]["holding_id"] = number
        self.holding_of(item)
        self.note("holding-create", holding_id=number, mms_id=mms, library=library, location=location)

    # --- scan-in --------------------------------------------------------------------------------------------------

    def scan(self, item: Json, query: dict[str, str]) -> Json:
        """Carry out a scan-in by docs/reference/systems.md#alma-scan-in. Return the item with `additional_info`."""
        for name in sorted(set(query) - SCAN):
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {name}.")
        for name in SCAN_FLAGS:
            check_flag(name, query.get(name, "false"))
        desk, department = query.get("circ_desk", ""), query.get("department", "")
        if not desk and not department:
            raise Refused(400, "40166415", "Must send at least one of the following parameters: [circ_desk,department]")
        done = query.get("done", "false") == "true"
        order = query.get("work_order_type", "")
        if (desk and department) or (desk and (done or order or query.get("status"))):  # not on the UI page of a desk
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: circ_desk.")
        library = query.get("library") or "null"
        if library not in self.libraries():
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: library. Value: {library}.")
        if department and department not in self.all_departments():
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: department. Value: {department}.")
        if desk and desk not in self.desks:
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: circ_desk. Value: {desk}.")
        if department and order and self.work_order_types:
            check_option("work_order_type", order, self.work_order_types)
            if "status" in query:
                check_option("status", query["status"], self.work_order_types[order])
        before = copy.deepcopy(item)
        data = item["item_data"]
        at_work = bool(department and order and not done)
        data["process_type"] = code("WORK_ORDER_DEPARTMENT", "In Process") if at_work else code("", None)
        data["base_status"] = code("0", "Item not in place") if at_work else code("1", "Item in place")
        if "work_order_type" in data or at_work:
            data["work_order_type"] = code(order, order) if at_work else code("", None)
            data["work_order_at"] = code(department, department) if at_work else code("", None)
        used = query.get("register_in_house_use", "true") == "true"
        self.in_house_uses += used
        given = {name: value for name, value in sorted(query.items()) if name != "op"}
        self.happened("scan-in", before, item, in_house_use=used, params=given)
        self.save()
        shelf = text_of(data.get("location"))
        answered = {**item, "item_data": {**data, "requested": None}}  # as recorded
        return {**answered, "additional_info": f"Item's destination is: Reshelve to {shelf}. Request/Process Type: {order}. "
                "Requester: . Requester ID: . Place in Queue: 0"}  # fmt: skip

    # --- others ---------------------------------------------------------------------------------------------------

    def edit(self, order: Json) -> None:
        """Change one field of item_data (or, with "part", of another part) as another user."""
        item = self.by_barcode(str(order["barcode"]))
        before = copy.deepcopy(item)
        item[str(order.get("part", "item_data"))][str(order["field"])] = order["value"]
        self.recoded(item, before["item_data"].get("barcode"))
        self.happened("edit", before, item, foreign=True)
        self.save()

    # --- the log --------------------------------------------------------------------------------------------------

    def happened(self, kind: str, before: Json, after: Json, foreign: bool = False, **more: object) -> None:
        names = [
            (part, name)
            for part in ("holding_data", "item_data")
            for name in sorted(after[part])
            if after[part][name] != before[part].get(name)
        ]
        self.note(
            kind, foreign, pid=before["item_data"]["pid"], barcode=before["item_data"].get("barcode"),
            changed=[f"{part}.{name}" for part, name in names],
            before={f"{part}.{name}": before[part].get(name) for part, name in names},
            after={f"{part}.{name}": copy.deepcopy(after[part][name]) for part, name in names}, **more,
        )  # fmt: skip

    def note(self, kind: str, foreign: bool = False, **fields: object) -> None:
        self.seq += 1
        (self.edits if foreign else self.effects).append({"seq": self.seq, "kind": kind, **fields})

    def save(self) -> None:
        if self.state is None:
            return
        found: dict[str, Json] = {}
        for item in self.items:
            barcode = item["item_data"].get("barcode") or ""
            found[f"{barcode}#{item['item_data']['pid']}" if barcode in found else barcode] = item
        scratch = self.state.with_name(self.state.name + ".new")
        scratch.write_text(json.dumps(found), encoding="utf-8")
        scratch.replace(self.state)


def code(value: str, desc: str | None) -> Json:
    return {"value": value, "desc": desc}


def check_option(name: str, value: str, options: Iterable[str]) -> None:
    """Raise `Refused` unless the value is one of these options; text as seen in a sandbox."""
    if value not in options:
        valid = f"Valid options are: [{','.join(options)}]."
        raise Refused(400, "40166411", f"The parameter {name} is invalid. Received: {value}. {valid}")


def check_flag(name: str, value: str) -> None:
    """Raise `Refused` unless the value is "true" or "false" (WADL: "Options: true or false")."""
    if value not in ("true", "false"):
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {name}. Value: {value}.")


def check_part(part: str, old: Json, sent: object) -> None:
    """Raise `Refused` for names or types of values of one part that are neither in the XSD nor in the item as created.
    Alma's own error code for them is not known."""
    if not isinstance(sent, dict):
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {part}.")
    for name, value in sorted(sent.items()):
        if name not in old and name not in NAMES[part]:
            raise Refused(400, "40166411", f"Unrecognized element {name}.")
        if name in DATES:
            check_date(name, value)
        if value is None:
            continue
        like = old.get(name, LATER.get(name))
        wanted = next((one for one in (bool, dict, list) if isinstance(like, one)), str)
        if like is not None and not isinstance(value, wanted) and not (wanted is str and type(value) in (int, float)):
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {name}.")


def check_date(name: str, value: object) -> None:
    if value in (None, ""):
        return
    try:
        date.fromisoformat(str(value).removesuffix("Z"))
    except ValueError:
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {name}. Value: {value}.") from None


def taken(old: Any, new: Any) -> Any:
    """Return the stored form of a field after a PUT. `desc` is set by the server."""
    value = new.get("value") if isinstance(new, dict) else new
    if isinstance(old, dict):
        if (value or "") == (old.get("value") or ""):
            return old
        return {**old, "value": value or "", "desc": value or None}
    if value is None:
        return old if old is None else (False if isinstance(old, bool) else "")
    return value
