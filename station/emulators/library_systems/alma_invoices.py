"""The emulated Alma's invoices and vendors, read only (vendor's OpenAPI, "acq"; MIT's samples).

Amounts are JSON numbers here and strings in order lines. `invoice_number` of a query is a search by words: it also finds
invoices whose number only contains the word. The list's address ends with a slash, as described; what Alma does without
it is not known.
"""

from __future__ import annotations

import copy
from typing import Any

from station.emulators.library_systems.alma_bodies import text_of
from station.emulators.library_systems.alma_institution import Institution, Refused, code
from station.emulators.library_systems.alma_search import Texts, field, fits, one_of, page, terms

Json = dict[str, Any]

ERROR_OF_SEARCH = "401873"
FIELDS: dict[str, Texts] = {
    "invoice_number": field("number"), "vendor_code": field("vendor"),
    "vendor_name": lambda invoice: [str((invoice.get("vendor") or {}).get("desc") or "")],
    "invoice_reference_number": field("reference_number"),
    "pol_number": lambda invoice: [str(line.get("po_line") or "") for line in rows_of(invoice)],
    **dict.fromkeys(("additional_pol_reference", "pol_title", "po_number"), lambda _: []),
}  # fmt: skip
"""Search fields. The last three need the order line and find nothing here."""
LINE_FIELDS: dict[str, Texts] = {"invoice_line_number": field("number")}


class Invoices:
    """The invoices and vendors of one institution."""

    def __init__(self, house: Institution, base_url: str) -> None:
        self.house = house
        self.base_url = base_url
        self.invoices: list[Json] = copy.deepcopy(house.acquisitions.get("invoices", []))

    def listed(self, query: dict[str, str]) -> Json:
        """GET /acq/invoices/."""
        base = one_of(query, "base_status", ("", "ACTIVE", "CLOSED"), "")
        pairs = terms(query.get("q", ""), FIELDS, ERROR_OF_SEARCH)
        wanted = {
            "invoice_status": base, "invoice_workflow_status": query.get("invoice_workflow_status", ""),
            "owner": query.get("owner", ""), "creation_form": query.get("creation_form", ""),
        }  # fmt: skip
        rows = [
            invoice
            for invoice in self.invoices
            if all(not value or text_of(invoice.get(name)) == value for name, value in wanted.items())
            and all(fits(invoice, name, text, FIELDS) for name, text in pairs)
        ]
        return self.listing(rows, query)

    def of_vendor(self, vendor: str, query: dict[str, str]) -> Json:
        """GET /acq/vendors/{code}/invoices."""
        return self.listing([row for row in self.invoices if text_of(row.get("vendor")) == vendor], query)

    def listing(self, rows: list[Json], query: dict[str, str]) -> Json:
        return {"invoice": [self.shown(row, query) for row in page(rows, query)], "total_record_count": len(rows)}

    def invoice(self, number: str, query: dict[str, str]) -> Json:
        """GET /acq/invoices/{id}."""
        return self.shown(self.known(number), query)

    def lines(self, number: str, query: dict[str, str]) -> Json:
        """GET /acq/invoices/{id}/lines."""
        invoice = self.shown(self.known(number), {})
        pairs = terms(query.get("q", ""), LINE_FIELDS, ERROR_OF_SEARCH)
        rows = [row for row in rows_of(invoice) if all(fits(row, name, text, LINE_FIELDS) for name, text in pairs)]
        return {"invoice_line": page(rows, query), "total_record_count": len(rows)}

    def known(self, number: str) -> Json:
        found = next((invoice for invoice in self.invoices if str(invoice["id"]) == number), None)
        if found is None:
            raise Refused(400, "412400", f"Invoice {number} not found.")
        return found

    def shown(self, invoice: Json, query: dict[str, str]) -> Json:
        """Return the invoice with its link, without lines if `view=brief`."""
        link = f"{self.base_url}/almaws/v1/acq/invoices/{invoice['id']}"
        rows = [{**row, "link": f"{link}/lines/{row.get('id', '')}"} for row in rows_of(invoice)]
        answer = {**invoice, "link": link, "number_of_lines": {"value": len(rows), "link": f"{link}/lines"}}
        answer["invoice_lines"] = {"invoice_line": rows}
        if query.get("view") == "brief":
            del answer["invoice_lines"]
        return answer

    # --- vendors --------------------------------------------------------------------------------------------------

    def all_vendors(self) -> dict[str, Json]:
        """Return the vendors: those given, else made from order lines and invoices."""
        rows = [*self.house.acquisitions.get("po_lines", []), *self.invoices]
        made = {text_of(row.get("vendor")): str((row.get("vendor") or {}).get("desc") or "") for row in rows}
        vendors = {name: {"code": name, "name": text or name} for name, text in sorted(made.items()) if name}
        for vendor in self.house.acquisitions.get("vendors", []):
            vendors[vendor["code"]] = vendor
        return {
            name: {
                "status": code("ACTIVE", "Active"), "material_supplier": True, "access_provider": False, "licensor": False,
                "governmental": False, **vendor, "link": f"{self.base_url}/almaws/v1/acq/vendors/{name}",
            }
            for name, vendor in vendors.items()
        }  # fmt: skip

    def vendor(self, number: str) -> Json:
        """GET /acq/vendors/{code}."""
        vendors = self.all_vendors()
        if number not in vendors:
            raise Refused(400, "401871", f"Vendor {number} not found.")
        return vendors[number]

    def vendors(self, query: dict[str, str]) -> Json:
        """GET /acq/vendors."""
        status = one_of(query, "status", ("ALL", "active", "inactive"), "ALL")
        kinds = ("material_supplier", "access_provider", "licensor", "governmental")
        kind = one_of(query, "type", ("ALL", *kinds), "ALL")
        fields = {name: field(name) for name in ("name", "code", "interface_name", "library")}
        pairs = terms(query.get("q", ""), fields, "402119")
        rows = [
            row
            for row in self.all_vendors().values()
            if status in ("ALL", text_of(row["status"]).lower())
            and (kind == "ALL" or row[kind])
            and all(fits(row, name, text, fields) for name, text in pairs)
        ]
        return {"vendor": page(rows, query), "total_record_count": len(rows)}


def rows_of(invoice: Json) -> list[Json]:
    return (invoice.get("invoice_lines") or {}).get("invoice_line") or []
