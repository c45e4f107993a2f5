"""List of the run-time packages (SBOM) as CycloneDX 1.6 JSON, made from the locks: `python -m scripts.sbom` writes
sbom.cdx.json, and a test compares it.

The locks name no licenses; `LICENSES` does, from each package's own metadata (SPDX, where it gives one).
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
SBOM: Final = ROOT / "sbom.cdx.json"
LOCKS: Final = ("run.txt", "nfc.txt")
"""Locks of the packages that a bench needs; tests and documentation have their own."""
_PINNED: Final = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")

LICENSES: Final = {
    "anyio": "MIT",
    "argon2-cffi": "MIT",
    "argon2-cffi-bindings": "MIT",
    "cffi": "MIT-0",
    "charset-normalizer": "MIT",
    "click": "BSD-3-Clause",
    "click-default-group": "LicenseRef-Public-Domain",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "h11": "MIT",
    "httpcore2": "BSD-3-Clause",
    "httpx2": "BSD-3-Clause",
    "httpx2-jsfetch": "LicenseRef-not-looked-up",
    "idna": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "libusb1": "LGPL-2.1-or-later",
    "linkify-it-py": "MIT",
    "markdown-it-py": "MIT",
    "markupsafe": "BSD-3-Clause",
    "mdit-py-plugins": "MIT",
    "mdurl": "MIT",
    "msgspec": "BSD-3-Clause",
    "ndeflib": "ISC",
    "nfcpy": "EUPL-1.1",
    "numpy": "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "pillow": "MIT-CMU",
    "pip": "MIT",
    "platformdirs": "MIT",
    "pluggy": "MIT",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "pycparser": "BSD-3-Clause",
    "pydes": "MIT",
    "pygments": "BSD-2-Clause",
    "pymarc": "BSD-2-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pyserial": "BSD-3-Clause",
    "python-dateutil": "BSD-3-Clause",
    "python-stdnum": "LGPL-2.1-or-later",
    "reportlab": "BSD-3-Clause",
    "rich": "MIT",
    "scipy": "BSD-3-Clause",
    "setuptools": "MIT",
    "sqlite-fts4": "Apache-2.0",
    "sqlite-utils": "Apache-2.0",
    "starlette": "BSD-3-Clause",
    "tabulate": "MIT",
    "textual": "MIT",
    "truststore": "MIT",
    "typing-extensions": "PSF-2.0",
    "tzdata": "Apache-2.0",
    "uvicorn": "BSD-3-Clause",
    "python-calamine": "MIT",
    "xlsxwriter": "BSD-2-Clause",
    "zebrafy": "LGPL-3.0-or-later",
}
"""Package -> license. `httpx2-jsfetch` is installed on Emscripten only, where the station does not run."""


def sbom() -> dict[str, Any]:
    """Return the list. It has no date and no random number, so that the same locks give the same file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    itself = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"expression": project["license"]}],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": itself},
        "components": [component for lock in LOCKS for component in _components(ROOT / "requirements" / lock)],
    }


def _components(lock: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pinned := _PINNED.match(line):
            name, version, marker = pinned.groups()
            url = f"pkg:pypi/{name}@{version}"
            found.append(
                {
                    "type": "library",
                    "bom-ref": url,
                    "name": name,
                    "version": version,
                    "purl": url,
                    "licenses": [{"expression": LICENSES[name]}],
                    "externalReferences": [
                        {"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/", "hashes": []}
                    ],
                    "properties": [{"name": "marker", "value": marker.strip()}] if marker else [],
                }
            )
        elif digest := _HASH.search(line):
            found[-1]["externalReferences"][0]["hashes"].append({"alg": "SHA-256", "content": digest[1]})
    return found


def text() -> str:
    """Return the file's text."""
    return json.dumps(sbom(), indent=1) + "\n"


if __name__ == "__main__":
    SBOM.write_text(text(), encoding="utf-8")
