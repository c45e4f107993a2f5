"""Services of the emulated Alma by address: items, bibs, holdings, scan-in, withdrawal, sets, configuration, order lines,
invoices, vendors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from station.emulators.library_systems.alma_bodies import (
    BOMB,
    EXTERNAL,
    NOT_FOUND,
    UTF16_HEAD,
    XML_HEAD,
    data_field,
    error_xml,
    object_xml,
    text_of,
    wrapped,
)
from station.emulators.library_systems.alma_departures import Departures
from station.emulators.library_systems.alma_institution import Institution, Refused
from station.emulators.library_systems.alma_invoices import Invoices
from station.emulators.library_systems.alma_orders import Orders
from station.emulators.library_systems.alma_sets import Sets, paged

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

ROOT = "/almaws/v1"
ITEM = re.compile(rf"{ROOT}/bibs/([^/]+)/holdings/([0-9]+)/items/([0-9]+)")
ITEM_USE = re.compile(rf"{ROOT}/bibs/([^/]+)/holdings/([0-9]+)/items/([0-9]+)/(loans|requests)")
ITEMS = re.compile(rf"{ROOT}/bibs/([^/]+)/holdings/([0-9]+|ALL)/items")
HOLDING = re.compile(rf"{ROOT}/bibs/([^/]+)/holdings/([0-9]+)")
HOLDINGS = re.compile(rf"{ROOT}/bibs/([^/]+)/holdings")
BIB = re.compile(rf"{ROOT}/bibs/([^/]+)")
SET = re.compile(rf"{ROOT}/conf/sets/([0-9]+)")
MEMBERS = re.compile(rf"{ROOT}/conf/sets/([0-9]+)/members")
TABLE = re.compile(rf"{ROOT}/conf/code-tables/([A-Za-z]+)")
LIBRARY = re.compile(rf"{ROOT}/conf/libraries/([^/]+)(/locations|/circ-desks)?")
LINES = re.compile(rf"{ROOT}/acq/po-lines")
LINE = re.compile(rf"{ROOT}/acq/po-lines/([^/]+)")
LINE_ITEMS = re.compile(rf"{ROOT}/acq/po-lines/([^/]+)/items")
LINE_ITEM = re.compile(rf"{ROOT}/acq/po-lines/([^/]+)/items/([^/]+)")
INVOICES = re.compile(rf"{ROOT}/acq/invoices/")
INVOICE = re.compile(rf"{ROOT}/acq/invoices/([^/]+)")
INVOICE_LINES = re.compile(rf"{ROOT}/acq/invoices/([^/]+)/lines")
VENDORS = re.compile(rf"{ROOT}/acq/vendors")
VENDOR = re.compile(rf"{ROOT}/acq/vendors/([^/]+)(/po-lines|/invoices)?")

PLACES = {"current_library": "library", "current_location": "location"}


class Request:
    """One parsed request."""

    def __init__(self, method: str, target: str, headers: Any, body: bytes) -> None:
        url = urlsplit(target)
        self.method = method
        self.path = url.path
        self.query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        self.key = re.fullmatch(r"apikey (\S+)", headers.get("Authorization") or "")
        self.wants_xml = "xml" in (headers.get("Accept") or "")
        self.type = (headers.get("Content-Type") or "").partition(";")[0].strip()
        self.body = body

    @property
    def area(self) -> str:
        """The API area and the required right, such as "bibs:write"."""
        area = self.path.removeprefix(f"{ROOT}/").partition("/")[0]
        return f"{'bibs' if area == 'items' else area}:{'read' if self.method == 'GET' else 'write'}"

    def sent(self) -> object:
        if self.type != "application/json":
            raise Refused(415, "40166411", "Unsupported media type.")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, "40166411", "Malformed JSON.") from None


class Services:
    """All services of one institution."""

    def __init__(self, house: Institution, base_url: str) -> None:
        self.house = house
        self.base_url = base_url
        self.sets = Sets(house, base_url)
        self.departures = Departures(house)
        self.orders = Orders(house, base_url)
        self.ledger = Invoices(house, base_url)
        self.keys: dict[str, list[str]] | None = None
        """Rights of each key; None: every key has all rights."""
        self.elsewhere = ""
        self.twins_as = "list"
        self.tests_as = "xml"
        self.poison = ""
        self.xml_answers = 0
        """Number of the next answers about order lines and invoices that are XML although JSON was requested."""
        self.gone: list[str] = []
        """Test addresses that this Alma does not have."""

    def at(self, base_url: str) -> None:
        """Use this address in links."""
        self.base_url = self.sets.base_url = self.orders.base_url = self.ledger.base_url = base_url

    def answer(self, request: Request) -> Answer:
        """Return status, headers and body."""
        refusal = self.refused_key(request)
        if refusal is not None:
            return refusal
        try:
            return self.routed(request)
        except Refused as refused:
            if request.wants_xml:
                return refused.status, xml_type(), error_xml(refused.code, refused.message)
            return refused.status, {}, refused.body

    def refused_key(self, request: Request) -> Answer | None:
        """Return the refusal of a key, or None. A missing or unknown key: 401 here (public reports also show 400 and
        403). A key without the right: 400 with UNAUTHORIZED, in XML even if JSON was requested, as recorded by several
        public clients."""
        denied = "API-key not defined or not configured to allow this API."
        if request.key is None:
            return 401, xml_type(), error_xml("UNAUTHORIZED", denied)
        if self.keys is None:
            return None
        rights = self.keys.get(request.key[1])
        if rights is None:
            return 401, xml_type(), error_xml("UNAUTHORIZED", denied)
        if request.area not in rights:
            return 400, xml_type(), error_xml("UNAUTHORIZED", denied)
        return None

    def routed(self, request: Request) -> Answer:
        path, method = request.path, request.method
        if path in (f"{ROOT}/bibs/test", f"{ROOT}/conf/test", f"{ROOT}/acq/test") and path not in self.gone:
            return self.key_test(request.method)
        if path == f"{ROOT}/items" and method == "GET":
            return self.by_barcode(request)
        if path == f"{ROOT}/conf/sets":
            return shown(self.sets.create(request.sent()) if method == "POST" else self.sets.listed(request.query))
        if path == f"{ROOT}/conf/departments" and method == "GET":
            return shown(self.departments(request.query))
        if path == f"{ROOT}/conf/libraries" and method == "GET":
            rows = [self.library(found) for found in self.house.libraries()]
            return shown({"library": rows, "total_record_count": len(rows)})
        for pattern, service in self.patterns():
            match = pattern.fullmatch(path)
            if match is not None:
                return service(request, *match.groups())
        return 404, {"Content-Type": "text/html"}, NOT_FOUND

    def key_test(self, method: str) -> Answer:
        """Return the answer of a key's test. Public clients read XML with "GET - OK" inside `test`, also without asking
        for XML; the WADL names a `result` in JSON. `tests_as` selects one."""
        if self.tests_as == "json":
            return 200, {}, json.dumps({"result": f"{method} - OK"}).encode()
        return 200, xml_type(), f"{XML_HEAD}<test>{method} - OK</test>".encode()

    def patterns(self) -> tuple[tuple[re.Pattern[str], Callable[..., Answer]], ...]:
        return (
            (ITEM, self.item), (ITEM_USE, self.item_use), (ITEMS, self.items), (HOLDING, self.holding),
            (HOLDINGS, self.holdings), (BIB, self.bib), (MEMBERS, self.members), (SET, self.set), (LIBRARY, self.place),
            (TABLE, self.table), (LINES, self.lines), (LINE, self.line), (LINE_ITEMS, self.line_items),
            (LINE_ITEM, self.line_item), (INVOICES, self.invoices), (INVOICE, self.invoice), (INVOICE_LINES, self.invoice_lines),
            (VENDORS, self.vendors), (VENDOR, self.vendor),
        )  # fmt: skip

    # --- items ----------------------------------------------------------------------------------------------------

    def by_barcode(self, request: Request) -> Answer:
        """Return 302 to the item, with the other parameters kept. For two items (no source covers this), return a list
        or an error."""
        found = self.house.all_by_barcode(request.query.get("item_barcode", ""))
        if len(found) > 1 and self.twins_as == "list":
            return shown({"item": found, "total_record_count": len(found)})
        if len(found) > 1 and self.twins_as == "error":
            raise Refused(400, "EMULATED_TWO_ITEMS", "More than one item was found for the barcode.")
        item = self.house.by_barcode(request.query.get("item_barcode", ""))
        rest = "&".join(f"{name}={value}" for name, value in request.query.items() if name in ("view", "expand"))
        where = self.base_url + address(item) + (f"?{rest}" if rest else "")
        return 302, {"Location": self.elsewhere or where}, b""

    def item(self, request: Request, mms: str, holding: str, pid: str) -> Answer:
        item = self.house.by_path(mms, holding, pid)
        if request.method == "PUT":
            self.house.put(item, request.sent())
        elif request.method == "POST":
            if request.query.get("op") != "scan":
                raise Refused(400, "40166411", "Parameter value invalid. Parameter: op.")
            return shown(self.house.scan(item, request.query))
        elif request.method == "DELETE":
            self.departures.withdraw(item, request.query)
            for members in self.sets.members.values():
                members[:] = [member for member in members if member != pid]
            return 204, {}, b""
        elif request.query.get("view") == "label":
            return shown(label_view(item))
        return shown(item)

    def item_use(self, request: Request, mms: str, holding: str, pid: str, what: str) -> Answer:
        only(request, "GET")
        item = self.house.by_path(mms, holding, pid)
        return shown(self.departures.loans(item) if what == "loans" else self.departures.requests(item))

    def items(self, request: Request, mms: str, holding: str) -> Answer:
        self.house.check_record(mms)
        rows = [
            item
            for item in self.house.items
            if item["bib_data"]["mms_id"] == mms
            and holding in ("ALL", item["holding_data"]["holding_id"])
            and within(item, request.query)
        ]
        if not rows and not any(name in request.query for name in PLACES):
            raise Refused(400, "401688", f"No items can be found for mmsId {mms} and holdingsId {holding}.")
        return shown({"item": paged(rows, request.query), "total_record_count": len(rows)})

    # --- records --------------------------------------------------------------------------------------------------

    def bib(self, request: Request, mms: str) -> Answer:
        if request.method == "DELETE":
            self.departures.withdraw_bib(mms, request.query)
            return 204, {}, b""
        data, record = self.house.bib_marc(mms)
        if request.method != "GET":
            raise Refused(400, "60105", "JSON is not supported for this API.")
        fields = {"mms_id": mms, "record_format": "marc21", "title": data.get("title") or "",
                  "suppress_from_publishing": str(mms in self.house.suppressed).lower()}  # fmt: skip
        if "p_avail" in request.query.get("expand", "").split(","):
            record = record.replace("</record>", self.availability(mms) + "</record>")
        match request.query.get("view", "full"):
            case "full":
                return self.marc(request, "bib", fields, record)
            case "brief":
                return self.marc(request, "bib", fields, "")
            case view:
                raise Refused(400, "40166411", f"Parameter value invalid. Parameter: view. Value: {view}.")

    def availability(self, mms: str) -> str:
        """Return one AVA for each holding, as `expand=p_avail` adds them (WADL)."""
        return "".join(
            data_field("AVA", "  ", ("0", mms), ("8", number), ("b", row["library"]), ("c", row["location"]),
                       ("j", row["location"]), ("e", "available"))
            for number, row in self.house.holdings.items() if row["mms_id"] == mms
        )  # fmt: skip

    def holding(self, request: Request, mms: str, number: str) -> Answer:
        if request.method == "DELETE":
            self.departures.withdraw_holding(mms, number, request.query)
            return 204, {}, b""
        self.house.check_record(mms)
        found = self.house.holdings.get(number)
        if found is None or found["mms_id"] != mms:
            raise Refused(400, "40166411", f"Parameter value invalid. Parameter: holding_id. Value: {number}.")
        if request.method != "GET":
            raise Refused(400, "60105", "JSON is not supported for this API.")
        fields = {
            "holding_id": number,
            "created_by": "import",
            "suppress_from_publishing": found["suppress_from_publishing"],
        }
        return self.marc(request, "holding", fields, found["record"])

    def holdings(self, request: Request, mms: str) -> Answer:
        self.house.check_record(mms)
        rows = [
            {"holding_id": number, "library": {"value": found["library"], "desc": found["library"]},
             "location": {"value": found["location"], "desc": found["location"]},
             "link": f"{self.base_url}{request.path}/{number}"}
            for number, found in self.house.holdings.items() if found["mms_id"] == mms
        ]  # fmt: skip
        return shown({"holding": rows, "total_record_count": len(rows)})

    def marc(self, request: Request, root: str, fields: Json, record: str) -> Answer:
        poison, self.poison = self.poison, ""
        record = {"entities": BOMB, "external": EXTERNAL}.get(poison, record)
        link = self.base_url + request.path
        body = wrapped(root, fields, record, link, request.wants_xml)
        if request.wants_xml and poison == "utf16-declared":
            body = UTF16_HEAD.encode() + body[body.index(b"?>") + 2 :]
        elif request.wants_xml and poison == "utf16-encoded":
            body = (UTF16_HEAD + body[body.index(b"?>") + 2 :].decode()).encode("utf-16")
        return 200, (xml_type() if request.wants_xml else {}), body

    # --- acquisitions ---------------------------------------------------------------------------------------------

    def lines(self, request: Request) -> Answer:
        return self.acquired(request, "po_lines", self.orders.listed(request.query), "GET")

    def line(self, request: Request, number: str) -> Answer:
        return self.acquired(request, "po_line", self.orders.shown(self.orders.line(unquote(number))), "GET")

    def line_items(self, request: Request, number: str) -> Answer:
        if request.method == "POST":
            return self.acquired(
                request, "item", self.orders.receive_new(unquote(number), request.query, item_in(request))
            )
        return self.acquired(request, "items", self.orders.items(unquote(number), request.query), "GET")

    def line_item(self, request: Request, number: str, pid: str) -> Answer:
        only(request, "POST")
        received = self.orders.receive(unquote(number), unquote(pid), request.query, item_in(request))
        return self.acquired(request, "item", received)

    def invoices(self, request: Request) -> Answer:
        return self.acquired(request, "invoices", self.ledger.listed(request.query), "GET")

    def invoice(self, request: Request, number: str) -> Answer:
        return self.acquired(request, "invoice", self.ledger.invoice(unquote(number), request.query), "GET")

    def invoice_lines(self, request: Request, number: str) -> Answer:
        return self.acquired(request, "invoice_lines", self.ledger.lines(unquote(number), request.query), "GET")

    def vendors(self, request: Request) -> Answer:
        return self.acquired(request, "vendors", self.ledger.vendors(request.query), "GET")

    def vendor(self, request: Request, vendor: str, what: str | None) -> Answer:
        vendor = unquote(vendor)
        one = self.ledger.vendor(vendor)
        if what == "/po-lines":
            return self.acquired(request, "po_lines", self.orders.of_vendor(vendor, request.query), "GET")
        if what == "/invoices":
            return self.acquired(request, "invoices", self.ledger.of_vendor(vendor, request.query), "GET")
        return self.acquired(request, "vendor", one, "GET")

    def acquired(self, request: Request, root: str, value: Json, method: str = "") -> Answer:
        """Return an answer about acquisitions: XML if requested, and on order although JSON was requested."""
        if method:
            only(request, method)
        if request.wants_xml or self.xml_answers > 0:
            self.xml_answers -= not request.wants_xml
            return 200, xml_type(), object_xml(root, value)
        return shown(value)

    # --- sets and configuration -----------------------------------------------------------------------------------

    def set(self, request: Request, number: str) -> Answer:
        if request.method == "POST":
            return shown(self.sets.change(number, request.sent(), request.query))
        return shown(self.sets.shown(number))

    def members(self, request: Request, number: str) -> Answer:
        return shown(self.sets.page(number, request.query))

    def library(self, code: str) -> Json:
        return {"code": code, "name": code, "link": f"{self.base_url}{ROOT}/conf/libraries/{code}"}

    def departments(self, query: dict[str, str]) -> Json:
        rows = [
            {"code": code, "name": code, "type": {"value": "ACQ", "desc": "Acquisitions"},
             "owner": {"value": "INST", "desc": None},
             "served_libraries": {"library": [{"value": library, "desc": library} for library in libraries]}}
            for code, libraries in self.house.all_departments().items()
        ]  # fmt: skip
        return {"department": paged(rows, query), "total_record_count": len(rows)}

    def table(self, _: Request, name: str) -> Answer:
        if name not in self.house.code_tables:
            raise Refused(400, "402263", f"Code table {name} was not found.")
        codes = self.house.code_tables[name]
        rows = [{"code": code, "description": code, "default": False, "enabled": True} for code in codes]
        return shown({"name": name, "description": name, "row": rows})

    def place(self, _: Request, library: str, what: str | None) -> Answer:
        if library not in self.house.libraries():
            raise Refused(400, "402119", f"Library {library} was not found.")
        if what == "/circ-desks":
            rows = [{"code": code, "name": code} for code in self.house.desks]
            return shown({"circ_desk": rows, "total_record_count": len(rows)})
        if what == "/locations":
            codes = sorted({row["location"] for row in self.house.holdings.values() if row["library"] == library})
            return shown({"location": [{"code": code} for code in codes], "total_record_count": len(codes)})
        return shown(self.library(library))


def only(request: Request, method: str) -> None:
    """Raise `Refused` for another method: nothing else of acquisitions is emulated."""
    if request.method != method:
        raise Refused(400, "402119", "General error.")


def item_in(request: Request) -> object:
    """Return the item of the body. Of XML, only the empty item is understood here."""
    if request.type == "application/xml" and re.fullmatch(rb"\s*<item\s*(/>|>\s*</item>)\s*", request.body):
        return {}
    if request.type != "application/json":
        raise Refused(400, "40166411", "Parameter value invalid. Parameter: item.")
    return request.sent()


def shown(value: object) -> Answer:
    return 200, {}, json.dumps(value).encode()


def xml_type() -> dict[str, str]:
    return {"Content-Type": "application/xml;charset=UTF-8"}


def within(item: Json, query: dict[str, str]) -> bool:
    """Return whether the item is at the place that the query names; a temporary place counts before the permanent one."""
    data, holding = item["item_data"], item["holding_data"]
    temporary = holding.get("in_temp_location") is True
    return all(
        text_of(holding.get(f"temp_{name}") if temporary else data.get(name)) == query[parameter]
        for parameter, name in PLACES.items()
        if query.get(parameter)
    )


def address(item: Json) -> str:
    mms, holding = item["bib_data"]["mms_id"], item["holding_data"]["holding_id"]
    return f"{ROOT}/bibs/{mms}/holdings/{holding}/items/{item['item_data']['pid']}"


def label_view(item: Json) -> Json:
    """Return the item with the additions of `view=label` (item XSD): parsed call numbers, title parts, the library's
    address."""
    data, holding = item["item_data"], item["holding_data"]
    number, other = text_of(holding.get("call_number")), text_of(data.get("alternative_call_number"))
    description = text_of(data.get("description"))
    more = {
        "parsed_call_number": {"call_no": re.findall(r"\.?[0-9]+|\.?[A-Za-z]+[0-9]*|\S", number)},
        "parsed_alt_call_number": {"alt_call_no": other.split()},
        "parsed_issue_level_description": {"issue_level_description": description.split()},
        "title_abcnph": text_of(item["bib_data"].get("title")), "edition": text_of(item["bib_data"].get("complete_edition")),
        "imprint": text_of(item["bib_data"].get("place_of_publication")), "language": "eng",
        "library_details": {"address": {"line1": text_of(data.get("library")), "country": {"value": "USA", "desc": None}}},
    }  # fmt: skip
    return {**item, "item_data": {**data, **more}}
