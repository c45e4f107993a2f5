"""The vendor's description of acquisitions against the emulated Alma: schemathesis makes good and bad requests from it.
Each answer has a documented status and content type, and each error a code that the description names for its call.

There is one test for each operation. `test_alma_openapi.py` runs them in a separate process: schemathesis is loaded only
there. The description is the vendor's and is not kept here; its schemas of bodies are references to the vendor's site, and
are left out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.conftest import SOAK
from tests.emulators.library_systems.alma_rig import ITEM, ROOT, Alma
from tests.emulators.library_systems.test_alma_orders import WORLD, copy_of

KNOWN = {
    "po_line_id": ["POL-1", "POL-2"], "item_id": ["31", "32"], "op": ["receive"], "invoice_id": ["71"], "vendorCode": ["GOBI"],
    "department": ["ACQ"], "department_library": ["M"], "receive_date": ["2026-12-02Z"], "q": ["number~POL-1", ""],
    "status": ["ACTIVE", "ALL", "ALL_WITH_CLOSED"], "type": ["ALL"], "order_by": ["title", "number"], "direction": ["asc"],
    "limit": ["0", "10", "100"], "offset": ["0"], "base_status": ["CLOSED"], "expand": ["notes,locations"],
    "min_expected_arrival_date": ["2026-11-30"], "max_expected_arrival_date": ["2026-12-30"],
}  # fmt: skip
"""Good values: the description calls nearly all parameters just strings."""
BODIES = [{}, copy_of("31", "POL-1"), {"item_data": {"barcode": ""}}]
OPERATIONS = {
    f"{ROOT}/acq/{path}": methods
    for path, methods in {
        "po-lines": ["get"], "po-lines/{po_line_id}": ["get"], "po-lines/{po_line_id}/items": ["get", "post"],
        "po-lines/{po_line_id}/items/{item_id}": ["post"], "invoices/": ["get"], "invoices/{invoice_id}": ["get"],
        "invoices/{invoice_id}/lines": ["get"], "vendors": ["get"], "vendors/{vendorCode}": ["get"],
        "vendors/{vendorCode}/po-lines": ["get"], "vendors/{vendorCode}/invoices": ["get"], "test": ["get", "post"],
    }.items()
}  # fmt: skip


def described() -> dict[str, Any]:
    """Return the emulated part of the description, with good values of its parameters."""
    document: dict[str, Any] = json.loads(Path(os.environ["ALMA_DESCRIPTION"]).read_text())
    paths = {
        path: {method: document["paths"][path][method] for method in methods} for path, methods in OPERATIONS.items()
    }
    for methods in paths.values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                good = KNOWN.get(parameter["name"], [""])
                parameter["schema"] = {"anyOf": [{"enum": good}, {"type": "string", "minLength": 1}]}
                parameter["example"] = good[0]
            for response in operation["responses"].values():
                response["content"] = {media: {} for media in response.get("content", {})}
                response.pop("headers", None)
            if "requestBody" in operation:
                schema = {"anyOf": [{"enum": BODIES}, {"type": "object"}]}
                operation["requestBody"]["content"] = {"application/json": {"schema": schema, "example": BODIES[-1]}}
    return {**document, "servers": [], "paths": paths}


schema = schemathesis.openapi.from_dict(described())
schema.config.generation.update(modes=[GenerationMode.POSITIVE])  # bad values are among the strings
schema.config.phases.coverage.enabled = False
succeeded: set[tuple[str, str]] = set()


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alma]:
    alma = Alma(tmp_path_factory.mktemp("alma"))
    alma.do("reset", items={"1": ITEM, "a": copy_of("31", "POL-1"), "b": copy_of("32", "POL-1")}, world=WORLD)
    yield alma
    alma.close()


@schema.parametrize()
@settings(
    max_examples=400 if SOAK else 12, deadline=None, derandomize=not SOAK, suppress_health_check=list(HealthCheck)
)
def test_the_emulator_answers_as_described(alma: Alma, case: schemathesis.Case) -> None:
    response = case.call(base_url=f"http://127.0.0.1:{alma.port}", headers={"Authorization": "apikey k"})
    if f"{ROOT}/acq/" not in str(response.request.url):
        return  # a path parameter such as ".." has left the described addresses
    case.validate_response(response, checks=[not_a_server_error, status_code_conformance, content_type_conformance])
    operation = case.operation
    if response.status_code == 200:
        succeeded.add((operation.method, operation.path))
        return
    documented = re.findall(r"^([0-9]+) - ", operation.definition.raw["responses"]["400"]["description"], re.MULTILINE)
    (error,) = response.json()["errorList"]["error"]
    assert error["errorCode"] in documented, (operation.label, error)


def test_every_operation_succeeded_at_least_once() -> None:
    assert succeeded == {(method, path) for path, methods in OPERATIONS.items() for method in methods}
