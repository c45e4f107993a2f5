"""SBOM and NOTICE name every run-time package of the locks, with its license."""

from __future__ import annotations

import importlib.metadata
import json
import re

from scripts import sbom
from tests.conftest import ROOT

ASKING = re.compile(r"GPL|EUPL|MPL")
"""Licenses that ask something of a person who passes the package on."""


def locked() -> set[tuple[str, str]]:
    text = "".join((ROOT / "requirements" / name).read_text() for name in ("run.txt", "nfc.txt"))
    return set(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))


def test_the_list_has_each_locked_package_with_its_hashes() -> None:
    assert sbom.SBOM.read_text() == sbom.text(), "python -m scripts.sbom writes it again"
    components = json.loads(sbom.SBOM.read_text())["components"]
    assert {(each["name"], each["version"]) for each in components} == locked()
    assert all(each["externalReferences"][0]["hashes"] for each in components)
    assert len({each["bom-ref"] for each in components}) == len(components) > 40


def test_each_license_is_the_one_that_the_package_gives() -> None:
    for name, license in sbom.LICENSES.items():
        try:
            given = importlib.metadata.metadata(name).get("License-Expression")
        except importlib.metadata.PackageNotFoundError:
            continue
        assert given in (None, license), name


def test_the_notice_names_each_license_that_asks_something() -> None:
    notice = (ROOT / "NOTICE").read_text()
    named = dict(re.findall(r"^  ([\w-]+) +(\S+) ", notice, re.MULTILINE))
    assert named == {name: license for name, license in sbom.LICENSES.items() if ASKING.search(license)}
    assert "hypothesis is under\nMPL-2.0" in notice
