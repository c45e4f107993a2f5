"""Every recorded conversation has an emulator that answers each byte of the real client; this is the list."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.feig_rig import SLIX, TI, Rig

ANSWERED = {
    "REAL-3m810-live-capture.jsonl": "tests/emulators/threem/test_commands.py::test_the_real_capture_is_answered_byte_for_byte",
    "biblio-rfid-3m810-scan.jsonl": "tests/emulators/threem/test_commands.py::test_every_host_frame_of_the_traces_is_answered",
    "biblio-rfid-cprm02.jsonl": "tests/emulators/test_traces.py::test_biblio_rfid_and_the_cpr_m02",
    "nfcpy-pn532-ntag213.jsonl": "tests/emulators/pn532/test_commands.py::test_every_byte_that_nfcpy_sent_is_answered",
    "nfcpy-udp-type2.jsonl": "tests/emulators/pn532/test_commands.py::test_every_datagram_that_nfcpy_sent_is_answered",
    "rfidgeek-trf7970a.jsonl": "tests/emulators/trf7970a/test_trf7970a.py::test_the_given_conversation_byte_for_byte",
}
LATER = {"metratec-rfid-1.4.5-quasarmx-tcp.jsonl"}
"""metraTec follows later: it has no emulator."""


def test_no_conversation_is_forgotten(shared: Path) -> None:
    assert {path.name for path in (shared / "domain/traces").glob("*.jsonl")} == set(ANSWERED) | LATER


@pytest.mark.parametrize(("name", "where"), ANSWERED.items())
def test_each_has_the_test_that_answers_it(name: str, where: str) -> None:
    """The test names the trace, or its copy in tests/vectors."""
    file, _, function = where.partition("::")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    source = inspect.getsource(getattr(module, function)) + repr(getattr(getattr(module, function), "pytestmark", ""))
    assert name in source or COPIES[name].removesuffix(".jsonl") in source
    assert not any(mark.name in ("soak", "skip") for mark in getattr(getattr(module, function), "pytestmark", []))


def test_the_page_about_emulators_has_the_same_table() -> None:
    page = (ROOT / "docs" / "emulators.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `") and ".jsonl`" in line}
    assert set(rows) == set(ANSWERED) | LATER
    assert all(f"`{where}`" in rows[name] for name, where in ANSWERED.items())
    assert all("no emulator" in rows[name] for name in LATER)


COPIES = {
    "REAL-3m810-live-capture.jsonl": "3m810-live-capture.jsonl",
    "biblio-rfid-3m810-scan.jsonl": "biblio-rfid-3m810.jsonl",
    "biblio-rfid-cprm02.jsonl": "biblio-rfid-cprm02.jsonl",
}
"""Traces whose bytes are also in tests/vectors, so that they are answered without ../shared."""


def said_in(path: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(line["dir"], line["hex"]) for line in lines if "dir" in line]


@pytest.mark.parametrize(("given", "ours"), COPIES.items())
def test_our_copies_hold_the_given_bytes(given: str, ours: str, shared: Path) -> None:
    lines = said_in(shared / "domain/traces" / given)
    assert len(lines) > 10
    assert said_in(ROOT / "tests/vectors" / ours) == lines


def test_biblio_rfid_and_the_cpr_m02(rig: Rig, shared: Path) -> None:
    """The stand-in's answers are not evidence; every difference has its reason below."""
    rig.tag(SLIX, memory="04110001" + b"1301234567".hex(), dsfid=0, afi=0xDA)
    rig.tag(TI, chip="tag-it-hfi-plus", memory="04110001" + b"1301999999".hex(), dsfid=0x3E, afi=0xD7)
    asked, differ = "", {}
    for line in (shared / "domain/traces/biblio-rfid-cprm02.jsonl").read_text().splitlines()[1:]:
        entry = json.loads(line)
        if entry["dir"] == ">":
            asked = entry["hex"]
            answer = rig.ask(asked)
        elif answer != entry["hex"]:
            differ[asked[4:10]] = (entry["hex"], answer)
    # The IC reference of the Tag-it (8B, not 01) has no source on either side. Everything else is equal byte for byte.
    assert [(given[-6:-4], ours[-6:-4]) for given, ours in differ.values()] == [("01", "8b")]
    assert rig.dump()["memory"][:40] == bytes(range(16)).hex() + "00000000"
