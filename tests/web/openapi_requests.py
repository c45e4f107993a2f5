"""The station's OpenAPI document against the running server: schemathesis makes good and bad requests from it, and
judges the answers.

There is one test for each operation. `test_openapi.py` runs them in a separate process: schemathesis is loaded only
there.
"""

from __future__ import annotations

from xml.etree import ElementTree

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode

from tests.conftest import SOAK
from tests.support.served_pad import ALMA, BOOK, DVD, Desk, tag
from tests.web.test_openapi import DOCUMENT

schema = schemathesis.openapi.from_path(DOCUMENT)
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
@settings(max_examples=100 if SOAK else 8, deadline=None, derandomize=not SOAK, suppress_health_check=list(HealthCheck))
def test_the_server_does_what_its_document_says(served: Desk, case: schemathesis.Case) -> None:
    served.pad.tags = (tag(1), tag(2, DVD, part=1, parts=2))
    response = case.call(base_url=served.address, headers={"Origin": ALMA}, verify=str(served.authority))
    case.validate_response(response, headers={"Origin": ALMA})
    if response.content:
        _obeys(response.status_code, response.content, case.operation.path)
    assert response.status_code < 500


def _obeys(status: int, body: bytes, path: str) -> None:
    """Check XML answers against the shapes of the document; schemathesis does not check XML."""
    root = ElementTree.fromstring(body)
    assert root.tag == "rfid"
    if status != 200:
        assert root.findtext("ExceptionDetail/Message")
    elif path == "/getItems":
        assert [item.findtext("barcode") for item in root.iter("item")] == [BOOK, DVD]
    else:
        assert root.findtext("success") == "true"
