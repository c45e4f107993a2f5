"""`station fleet demo`: a center with three benches by one command, judged by its pages and by what is left of it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from station.base.clock import SystemClock
from station.base.errors import ExtraMissing
from station.base.words import tell
from station.demo import postgres
from tests.conftest import missing
from tests.support import station_process
from tests.support.patience import PATIENCE_S

TWICE = "31999000000022"
"""Bench 3 tagged it before it joined, and Bench 1 afterwards."""


def page(address: str, center: Path, path: str) -> str:
    place = urlsplit(address)
    context = ssl.create_default_context(cafile=center / "web" / "ca.pem")
    browser = http.client.HTTPSConnection(str(place.hostname), place.port, timeout=PATIENCE_S, context=context)
    browser.request("GET", path)
    answer = browser.getresponse()
    assert answer.status == 200, path
    text = answer.read().decode()
    browser.close()
    return text


def test_a_center_with_three_benches_opens_and_leaves_nothing() -> None:
    if postgres.programs() is None:
        missing("PostgreSQL 17")
    with station_process.short_folder() as folder:
        for above in (folder, folder / "t"):
            above.chmod(0o711)  # the server has another account
        data = folder / "demo"
        process = station_process.start(folder, "fleet", "demo", "--json", "--data", str(data))
        assert process.stdout is not None
        family: set[int] = set()
        try:
            line = process.stdout.readline()
            family = station_process.children(process.pid)
            opened = json.loads(line)
            office, center = opened["office"], Path(opened["center"])

            benches = page(office, center, "/benches")
            assert all(name in benches for name in ("Bench 1", "Bench 2", "Bench 3", "Main Library", "North Campus"))
            tagged = page(office, center, f"/ledger?what={TWICE}")
            assert "Bench 3" in tagged and "Bench 1" in tagged
            assert "two journals with one number" in page(office, center, "/quarantine")
            assert "of 1,200 tagged" in page(office, center, "/goals")
        finally:
            process.send_signal(signal.SIGINT)
            ended = station_process.Ended(process)

        assert ended.code == 0, repr(ended)
        assert len(family) > 10 and station_process.wait_gone(family, PATIENCE_S) == set()
        assert os.listdir(folder / "t") == []
        stopped = (data / "bench-2" / "journal.db").read_bytes()
        assert b"fault.elsewhere.second-tag" in stopped, "the gate of Bench 2 let a second tag pass"


def test_without_postgresql_17_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(ExtraMissing) as raised, postgres.Cluster(SystemClock()):
        pass
    assert tell(raised.value.detail) == 'PostgreSQL 17 is not installed. On Debian, run "apt install postgresql-17"'
