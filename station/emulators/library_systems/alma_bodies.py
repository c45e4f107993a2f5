"""Bodies of the emulated Alma: errors as recorded, MARCXML in its two wrappers, and bodies of a hostile server.

Errors in JSON are Temple's and Princeton's recorded answers; errors in XML are the web_service_result of a refused key.
Holdings in JSON hold their MARCXML in `anies` with a UTF-16 declaration, as recorded
(docs/reference/systems.md#alma-put and #alma-scan-in).
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Json = dict[str, Any]

TRACKING = "E01-0101000000-EMULA-AWAE0000000000"
PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>"
REFUSAL = (
    "<!doctype html><html><head><title>HTTP Status 401 \N{EN DASH} Unauthorized</title></head>"
    "<body><h1>HTTP Status 401 \N{EN DASH} Unauthorized</h1></body></html>"
).encode()
"""Page of an institution's own Alma, which is not the API gateway (docs/reference/systems.md#alma-keys)."""
NOT_FOUND = b"<html><body>Not found</body></html>"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
UTF16_HEAD = '<?xml version="1.0" encoding="UTF-16"?>'
BOMB = (
    '<!DOCTYPE record [<!ENTITY a "aaaaaaaaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(ord("a") + n)} "{("&" + chr(ord("a") + n - 1) + ";") * 16}">' for n in range(1, 12))
    + "]><record><leader>&l;</leader></record>"
)
EXTERNAL = (
    '<!DOCTYPE record [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    '<record><datafield tag="245" ind1=" " ind2=" "><subfield code="a">&x;</subfield></datafield></record>'
)


def error_body(code: str, message: str) -> bytes:
    """Return Alma's error object, as recorded."""
    error = {"errorCode": code, "errorMessage": message, "trackingId": TRACKING}
    return json.dumps({"errorsExist": True, "errorList": {"error": [error]}, "result": None}).encode()


def error_xml(code: str, message: str) -> bytes:
    """Return the same error as XML."""
    return (
        f'{XML_HEAD}\r\n<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans">\r\n'
        f"  <errorsExist>true</errorsExist>\r\n  <errorList>\r\n    <error>\r\n      <errorCode>{escape(code)}</errorCode>\r\n"
        f"      <errorMessage>{escape(message)}</errorMessage>\r\n    </error>\r\n  </errorList>\r\n</web_service_result>"
    ).encode()


def data_field(tag: str, ind: str, *subfields: tuple[str, str]) -> str:
    inside = "".join(f'<subfield code="{code}">{escape(text)}</subfield>' for code, text in subfields if text)
    return f'<datafield ind1="{ind[0]}" ind2="{ind[1]}" tag="{tag}">{inside}</datafield>' if inside else ""


def text_of(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else ""


def holding_record(item: Json) -> str:
    """Return MARCXML of a holding for an item without one: 852 with its library, location and call number."""
    data, holding = item["item_data"], item["holding_data"]
    kind = text_of(holding.get("call_number_type"))[:1] or " "
    field = data_field(
        "852", f"{kind} ", ("b", text_of(data.get("library"))), ("c", text_of(data.get("location"))),
        ("h", text_of(holding.get("call_number"))),
    )  # fmt: skip
    number = f'<controlfield tag="001">{escape(str(holding["holding_id"]))}</controlfield>'
    return f"<record><leader>00000nx  a22000001n 4500</leader>{number}{field}</record>"


def bib_record(bib: Json) -> str:
    """Return MARCXML of a record for an item without one."""
    fields = [
        data_field("020", "  ", ("a", text_of(bib.get("isbn")))),
        data_field("100", "1 ", ("a", text_of(bib.get("author")))),
        data_field("245", "10", ("a", text_of(bib.get("title")))),
        data_field("250", "  ", ("a", text_of(bib.get("complete_edition")))),
        data_field("260", "  ", ("a", text_of(bib.get("place_of_publication"))), ("b", text_of(bib.get("publisher_const")))),
    ]  # fmt: skip
    number = f'<controlfield tag="001">{escape(str(bib["mms_id"]))}</controlfield>'
    return f"<record><leader>00000nam a2200000 a 4500</leader>{number}{''.join(fields)}</record>"


def wrapped(root: str, fields: Json, record: str, link: str, as_xml: bool) -> bytes:
    """Return a `holding` or `bib` object with its MARCXML: as elements before the record, or as JSON with `anies`."""
    if not as_xml:
        return json.dumps({**fields, "anies": [UTF16_HEAD + record], "link": link}).encode()
    if record.startswith("<!DOCTYPE"):
        dtd, _, record = record.partition("]>")
        head = XML_HEAD + dtd.replace("DOCTYPE record", f"DOCTYPE {root}") + "]>"
    else:
        head = XML_HEAD
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    return f"{head}<{root} link={quoteattr(link)}>{inside}{record}</{root}>".encode()


def object_xml(root: str, value: Json) -> bytes:
    """Return an object of acquisitions as XML. An element encloses each list (`locations` around `location`), as
    in the vendor's schemas, except directly in a list of results."""
    return f"{XML_HEAD}{element(root, value, bare='total_record_count' in value)}".encode()


def element(name: str, value: object, bare: bool = False) -> str:
    if isinstance(value, list):
        inside = "".join(element(name, row) for row in value)
        plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
        return inside if bare else f"<{plural}>{inside}</{plural}>"
    if isinstance(value, dict) and "value" in value and set(value) <= {"value", "desc", "link"}:
        more = "".join(f" {key}={quoteattr(str(value[key]))}" for key in ("desc", "link") if value.get(key) is not None)
        return f"<{name}{more}>{escape(written(value['value']))}</{name}>"
    if isinstance(value, dict):
        link = f" link={quoteattr(value['link'])}" if isinstance(value.get("link"), str) else ""
        count = f' total_record_count="{value["total_record_count"]}"' if "total_record_count" in value else ""
        rest = {key: inner for key, inner in value.items() if key not in ("link", "total_record_count")}
        return f"<{name}{link}{count}>{''.join(element(key, inner, bare) for key, inner in rest.items())}</{name}>"
    return f"<{name}>{escape(written(value))}</{name}>"


def written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
