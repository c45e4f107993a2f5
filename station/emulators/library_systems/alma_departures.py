"""The emulated Alma's loans, requests and work orders, and the deletion of items, holdings and records.

Sources: docs/reference/systems.md#alma-calls, and the vendor's OpenAPI "bibs" (error codes and parameters of the
deletions). An item is refused with 401849, "Item delete errors: ...", for loans, requests and work orders; what else an
item is doing (in transit, missing, being acquired) does not keep it.

The description leaves open, and is decided here:

- What `override` overrides: a loan, a request and a work order; after {"do": "hard-loans", "on": true} no loan. The
  effect names what was overridden. Loans and requests of a deleted item end.
- An item that is lost or claimed returned counts as on loan; a missing one does not.
- The item's deletion, with what becomes of its holding and record, is done as a whole or not at all. An open order line
  keeps the record: 401849 with an item, 60212 with a holding, 4022020 with the record itself.
- `bib` counts only with `holdings=delete`, and only for the last holding (description).
- 60213 for a holding that never was or is another record's, 60214 for a deleted one or one with items, 60218 for a
  value of `bib` that there is not, 402203 for a deleted record.
"""

from __future__ import annotations

import copy
from typing import Any

from station.emulators.library_systems.alma_bodies import text_of
from station.emulators.library_systems.alma_institution import Institution, Refused, check_flag, code

Json = dict[str, Any]

FATES = ("retain", "delete", "suppress")
ON_LOAN = {
    "LOAN": "Item is on loan.", "LOST_LOAN": "Item has a lost loan.", "LOST_LOAN_AND_PAID": "Item has a lost loan.",
    "CLAIM_RETURNED_LOAN": "Item has a loan claimed returned.",
}  # fmt: skip
REQUESTED = {"REQUESTED": "Item has requests.", "HOLDSHELF": "Item has requests."}
IN_WORK = {"WORK_ORDER_DEPARTMENT": "Item has work orders.", "TECHNICAL": "Item has work orders."}
LOST = {"LOAN": "LOST_LOAN", "": "MISSING"}
ENDED_LINES = ("CLOSED", "CANCELLED")


class Departures:
    """What keeps an item, and how it leaves."""

    def __init__(self, house: Institution) -> None:
        self.house = house
        self.hard_loans = False
        """`override` does not delete an item on loan."""

    # --- circulation by others ------------------------------------------------------------------------------------

    def circulate(self, what: str, barcode: str) -> None:
        """Carry out "loan", "return", "lose", "claim-returned", "request", "cancel-request" or "work-order"."""
        item = self.house.by_barcode(barcode)
        data = item["item_data"]
        process, requested = text_of(data.get("process_type")), data.get("requested") is True
        if what in ("request", "cancel-request"):
            requested = what == "request"
            if not requested and process in REQUESTED:
                process = ""
        elif what == "loan":
            process = "LOAN"
        elif what == "return":
            process = "HOLDSHELF" if requested else ""
        elif what == "lose":
            process = LOST.get(process, process)
        else:
            process = {"claim-returned": "CLAIM_RETURNED_LOAN", "work-order": "WORK_ORDER_DEPARTMENT"}[what]
        before = copy.deepcopy(item)
        data["requested"] = requested
        data["process_type"] = code(process, process.replace("_", " ").capitalize() or None)
        data["base_status"] = code("0", "Item not in place") if process else code("1", "Item in place")
        self.house.happened(what, before, item, foreign=True)
        self.house.save()

    def remove(self, item: Json) -> None:
        """Delete the item as another user, whatever it is doing."""
        self.house.drop(item)
        self.house.happened("remove", item, item, foreign=True)
        self.house.save()

    # --- reading --------------------------------------------------------------------------------------------------

    def loans(self, item: Json) -> Json:
        """GET .../items/{pid}/loans: the active loan."""
        data = item["item_data"]
        process = text_of(data.get("process_type"))
        rows = [{
            "loan_id": f"7{data['pid']}", "item_id": data["pid"], "item_barcode": data.get("barcode") or "",
            "loan_status": "ACTIVE", "process_status": {"CLAIM_RETURNED_LOAN": "CLAIMEDRETURN"}.get(process, process),
        }] if process in ON_LOAN else []  # fmt: skip
        return {"item_loan": rows, "total_record_count": len(rows)}

    def requests(self, item: Json) -> Json:
        """GET .../items/{pid}/requests: the active request."""
        data = item["item_data"]
        asked = data.get("requested") is True or text_of(data.get("process_type")) in REQUESTED
        rows = [{
            "request_id": f"8{data['pid']}", "request_type": "HOLD", "request_status": "NOT_STARTED",
            "item_id": data["pid"], "mms_id": item["bib_data"]["mms_id"],
        }] if asked else []  # fmt: skip
        return {"user_request": rows, "total_record_count": len(rows)}

    # --- deletion -------------------------------------------------------------------------------------------------

    def withdraw(self, item: Json, query: dict[str, str]) -> None:
        """DELETE of an item. With its holding's last item, `holdings` decides what becomes of the holding, and with the
        record's last holding `bib` what becomes of the record."""
        check_flag("override", query.get("override", "false"))
        holdings, bib = fate("holdings", query), fate("bib", query)
        reasons = self.reasons(item)
        overridden = reasons if query.get("override", "false") == "true" else {}
        if self.hard_loans:
            overridden = {name: text for name, text in overridden.items() if name != "loan"}
        kept = [text for name, text in reasons.items() if name not in overridden]
        number, mms = str(item["holding_data"]["holding_id"]), item["bib_data"]["mms_id"]
        last = self.items_in(number) == [item]
        if last and holdings == "delete" and bib == "delete" and self.is_last_holding(number, mms):
            kept += self.open_lines(mms)
        if kept:
            raise Refused(400, "401849", f"Item delete errors: {' '.join(kept)}")
        self.house.drop(item)
        self.house.happened("withdraw", item, item, holdings=holdings, bib=bib, overridden=sorted(overridden))
        if last and holdings == "suppress":
            self.suppress_holding(number)
        elif last and holdings == "delete":
            self.delete_holding(number, mms, bib)
        self.house.save()

    def withdraw_holding(self, mms: str, number: str, query: dict[str, str]) -> None:
        """DELETE of a holding without items."""
        self.house.check_record(mms)
        bib = query.get("bib", "retain")
        if bib not in FATES:
            raise Refused(400, "60218", "Invalid action on Bib record without holdings.")
        if number in self.house.deleted_holdings:
            raise Refused(400, "60214", "Holding has been deleted or cannot be deleted.")
        if number not in self.house.holdings or self.house.holdings[number]["mms_id"] != mms:
            raise Refused(400, "60213", "Holding ID not valid.")
        if self.items_in(number):
            raise Refused(400, "60214", "Holding has been deleted or cannot be deleted.")
        if bib == "delete" and self.is_last_holding(number, mms) and self.open_lines(mms):
            raise Refused(400, "60212", "Deletion of holdings record failed.")
        self.delete_holding(number, mms, bib)
        self.house.save()

    def withdraw_bib(self, mms: str, query: dict[str, str]) -> None:
        """DELETE of a record without holdings and open order lines; `override` overrides only the lines."""
        override = query.get("override", "false")
        if override not in ("true", "false"):
            raise Refused(400, "401873", "Input parameter mms_id or parameter override is not valid.")
        self.house.check_record(mms)
        holdings = any(holding["mms_id"] == mms for holding in self.house.holdings.values())
        if holdings or (self.open_lines(mms) and override != "true"):
            raise Refused(400, "4022020", "Delete Bib error.")
        self.delete_bib(mms)
        self.house.save()

    def reasons(self, item: Json) -> dict[str, str]:
        """Return what keeps the item: "loan", "request", "work order", each with Alma's words."""
        data = item["item_data"]
        process = text_of(data.get("process_type"))
        kinds = {"loan": ON_LOAN.get(process), "request": REQUESTED.get(process), "work order": IN_WORK.get(process)}
        if data.get("requested") is True:
            kinds["request"] = REQUESTED["REQUESTED"]
        return {name: text for name, text in kinds.items() if text}

    def items_in(self, number: str) -> list[Json]:
        return [item for item in self.house.items if str(item["holding_data"]["holding_id"]) == number]

    def is_last_holding(self, number: str, mms: str) -> bool:
        return [key for key, holding in self.house.holdings.items() if holding["mms_id"] == mms] == [number]

    def open_lines(self, mms: str) -> list[str]:
        lines = self.house.acquisitions.get("po_lines", [])
        kept = any(
            text_of((line.get("resource_metadata") or {}).get("mms_id")) == mms
            and text_of(line.get("status")) not in ENDED_LINES
            for line in lines
        )
        return ["Bib record has open PO lines."] if kept else []

    def suppress_holding(self, number: str) -> None:
        self.house.holdings[number]["suppress_from_publishing"] = "true"
        self.house.note("holding-suppress", holding_id=number)

    def delete_holding(self, number: str, mms: str, bib: str) -> None:
        last = self.is_last_holding(number, mms)
        del self.house.holdings[number]
        self.house.deleted_holdings.add(number)
        self.house.note("holding-delete", holding_id=number)
        if last and bib == "delete":
            self.delete_bib(mms)
        elif last and bib == "suppress":
            self.house.suppressed.add(mms)
            self.house.note("bib-suppress", mms_id=mms)

    def delete_bib(self, mms: str) -> None:
        del self.house.records[mms]
        self.house.note("bib-delete", mms_id=mms)


def fate(name: str, query: dict[str, str]) -> str:
    """Return what becomes of a holding or a record that is left empty."""
    value = query.get(name, "retain")
    if value not in FATES:
        raise Refused(400, "40166411", f"Parameter value invalid. Parameter: {name}. Value: {value}.")
    return value
