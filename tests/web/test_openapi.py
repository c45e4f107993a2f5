"""Our own OpenAPI document against the running server: schemathesis makes requests from it, good and bad, and judges answers."""

from __future__ import annotations

import os
from typing import Any
from xml.etree import ElementTree

import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode

from station.base.settings import Web
from station.web.app import application
from station.web.origins import Hosts, Origins
from tests.conftest import ROOT
from tests.support.served_pad import ALMA, BOOK, DVD, Desk, FakePad, tag

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
DOCUMENT = ROOT / "docs/openapi/alma-rfid.yaml"
schema = schemathesis.openapi.from_path(DOCUMENT)
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
@settings(
    max_examples=100 if SOAK else 15, deadline=None, derandomize=not SOAK, suppress_health_check=list(HealthCheck)
)
def test_the_server_does_what_its_document_says(served: Desk, case: schemathesis.Case) -> None:
    served.pad.tags = (tag(1), tag(2, DVD, part=1, parts=2))
    response = case.call(base_url=served.address, headers={"Origin": ALMA}, verify=str(served.authority))
    case.validate_response(response, headers={"Origin": ALMA})
    if response.content:
        _obeys(response.status_code, response.content, case.operation.path)
    assert response.status_code < 500


def _obeys(status: int, body: bytes, path: str) -> None:
    """Schemathesis does not look into XML: the shapes of the document by hand."""
    root = ElementTree.fromstring(body)
    assert root.tag == "rfid"
    if status != 200:
        assert root.findtext("ExceptionDetail/Message")
    elif path == "/getItems":
        assert [item.findtext("barcode") for item in root.iter("item")] == [BOOK, DVD]
    else:
        assert root.findtext("success") == "true"


def test_the_document_names_every_call_and_no_other() -> None:
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    app = application(FakePad(), Web(), Hosts((), 1), Origins(()))
    routes = {route.path: sorted(route.methods) for route in app.routes}
    told = {
        path: sorted(method.upper() for method in methods if method != "options")
        for path, methods in document["paths"].items()
    }
    assert told == routes
    assert all("options" in methods for methods in document["paths"].values())


def test_every_status_of_the_bench_is_in_the_document() -> None:
    from station.base.errors import walk
    from station.web.app import status_of

    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    needed = {str(status_of(error.code)) for error in walk()} | {"403", "408", "413", "421", "504", "409"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "options":
                assert needed <= set(operation["responses"]), path
