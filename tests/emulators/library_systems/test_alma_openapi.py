"""The emulated Alma does what the vendor's description of acquisitions says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, missing


def test_acquisitions_are_as_the_vendor_describes_them(shared: Path) -> None:
    """In a separate process: as a plug-in of all tests schemathesis would cost each worker a second."""
    description = shared / "data" / "alma-acq" / "exl_openapi_acq_2026-05-29.json"
    if not description.exists():
        missing("../shared/data/alma-acq")
    plugins = ("-p", "schemathesis.pytest.plugin", "-p", "no:xdist", "-p", "no:cacheprovider")
    tests = "tests/emulators/library_systems/alma_openapi_requests.py"
    command = [sys.executable, "-m", "pytest", "-q", *plugins, tests]
    environment = {**os.environ, "ALMA_DESCRIPTION": str(description)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "15 passed" in done.stdout, "each emulated operation of the description is tested"
