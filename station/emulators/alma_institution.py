"""The items of the emulated Alma, what a PUT does to them, and the faults that were ordered (see alma.py)."""

from __future__ import annotations

import copy
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]

TOP_LEVEL = {"bib_data", "holding_data", "item_data", "link"}
READ_ONLY = {
    "pid", "creation_date", "modification_date", "base_status", "process_type", "requested", "awaiting_reshelving",
    "edition", "imprint", "language", "receiving_operator",
}  # fmt: skip
HOLDING_WRITABLE = {
    "copy_id", "in_temp_location", "temp_library", "temp_location", "temp_call_number", "temp_call_number_type",
    "temp_policy", "due_back_date",
}  # fmt: skip


def error_body(code: str, message: str) -> bytes:
    """Alma's error object, as recorded."""
    error = {"errorCode": code, "errorMessage": message, "trackingId": "E01-0101000000-EMULA-AWAE0000000000"}
    return json.dumps({"errorsExist": True, "errorList": {"error": [error]}, "result": None}).encode()


class Refused(Exception):
    """An answer that is an error: status and body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = error_body(code, message)
        super().__init__(message)


class Institution:
    """The items, the faults that were ordered, and the log of what was asked and what really changed."""

    def __init__(self, items: dict[str, Json], state: Path | None) -> None:
        self.lock = threading.RLock()
        self.items = list(copy.deepcopy(items).values())
        self.state = state
        self.requests: list[Json] = []
        self.effects: list[Json] = []
        self.counters: dict[str, int] = {}
        self.options: dict[str, Json] = {}
        self.slow_ms = 0
        self.elsewhere = ""
        self.pending_edits: list[Json] = []
        self.remaining = 100_000
        self.made_up = 0

    # --- items ----------------------------------------------------------------------------------------------------

    def by_barcode(self, barcode: str) -> Json:
        for item in self.items:
            if item["item_data"].get("barcode") == barcode:
                return item
        raise Refused(400, "401689", f"No items found for barcode {barcode}.")

    def by_path(self, mms: str, holding: str, pid: str) -> Json:
        for item in self.items:
            if item["item_data"]["pid"] == pid:
                if item["bib_data"]["mms_id"] != mms:
                    raise Refused(400, "402203", f"Input parameters mmsId {mms} is not valid.")
                if holding not in ("ALL", item["holding_data"]["holding_id"]):
                    raise Refused(400, "401688", f"No items can be found for mmsId {mms} and holdingsId {holding}.")
                return item
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: item_pid. Value: {pid}.")

    def put(self, item: Json, sent: object) -> None:
        """Whole-object replacement by section 1.4: what is left out is emptied, `desc` and read-only fields are not
        taken, an empty barcode is made up, a new location moves the item to a new holding."""
        if not isinstance(sent, dict) or not isinstance(sent.get("item_data"), dict):
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: item_data.")
        unknown = sorted(set(sent) - TOP_LEVEL)
        if unknown:
            raise Refused(400, "40166411", f"Unrecognized element {unknown[0]}.")
        holding = sent.get("holding_data")
        if not isinstance(holding, dict) or holding.get("holding_id") != item["holding_data"]["holding_id"]:
            raise Refused(400, "40166411", "Parameter value invalid. Parameter: holding_id.")
        before = copy.deepcopy(item)
        data = item["item_data"]
        for name in data:
            if name not in READ_ONLY:
                data[name] = taken(data[name], sent["item_data"].get(name))
        for name in HOLDING_WRITABLE & set(item["holding_data"]):
            item["holding_data"][name] = taken(item["holding_data"][name], holding.get(name))
        if not data.get("barcode"):
            self.made_up += 1
            data["barcode"] = f"{data['pid'][-8:]}-{self.made_up}"
        if value_of(before["item_data"].get("location")) != value_of(data.get("location")):
            item["holding_data"]["holding_id"] = str(int(item["holding_data"]["holding_id"]) + 1)
        data["modification_date"] = datetime.now(UTC).strftime("%Y-%m-%dZ")
        changed = sorted(
            f"{part}.{name}"
            for part in ("holding_data", "item_data")
            for name in item[part]
            if item[part][name] != before[part].get(name)
        )
        self.effects.append({"pid": data["pid"], "barcode": before["item_data"]["barcode"], "changed": changed})
        self.save()

    def edit(self, order: Json) -> None:
        """Somebody else changes one field of item_data."""
        data = self.by_barcode(str(order["barcode"]))["item_data"]
        data[str(order["field"])] = order["value"]
        self.save()

    def edit_pending(self, when: str) -> None:
        for order in [found for found in self.pending_edits if found.get("when", "get-put") == when]:
            self.pending_edits.remove(order)
            self.edit(order)

    def save(self) -> None:
        if self.state is None:
            return
        scratch = self.state.with_name(self.state.name + ".new")
        scratch.write_text(json.dumps({item["item_data"]["barcode"]: item for item in self.items}), encoding="utf-8")
        scratch.replace(self.state)

    # --- faults ---------------------------------------------------------------------------------------------------

    def due(self, fault: str) -> bool:
        """Count an ordered fault down; true if this request gets it."""
        left = self.counters.get(fault, 0)
        if left > 0:
            self.counters[fault] = left - 1
        return left > 0


def value_of(field: object) -> object:
    return field.get("value") if isinstance(field, dict) else field


def taken(old: Any, new: Any) -> Any:
    """The stored form of a field after a PUT; `desc` is the server's own."""
    if isinstance(old, dict):
        value = value_of(new)
        if (value or "") == (old.get("value") or ""):
            return old
        return {**old, "value": value or "", "desc": value or None}
    if new is None:
        return old if old is None else (False if isinstance(old, bool) else "")
    return new
