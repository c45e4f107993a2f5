"""The station's OpenAPI document: the server does what it describes, and it describes all that the server does."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import yaml

from station.base.settings import Web
from station.https.accounts import Accounts
from station.https.hosts import Hosts
from station.web.app import application
from station.web.origins import Origins
from tests.conftest import ROOT
from tests.support.served_pad import FakePad

DOCUMENT = ROOT / "docs/openapi/alma-rfid.yaml"


def test_the_server_does_what_its_document_says() -> None:
    """In a separate process: as a plug-in of all tests schemathesis would cost each worker a second."""
    plugins = ("-p", "schemathesis.pytest.plugin", "-p", "no:xdist", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", *plugins, "tests/web/openapi_requests.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout, "each operation of the document is tested"


def test_the_document_names_every_call_and_no_other() -> None:
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    app = application(FakePad(), Web(), Hosts((), 1), Origins(()), Accounts((), 0))
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
