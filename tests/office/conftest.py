"""A data directory with a small catalog and a journal, and its office without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from station.base.clock import SystemClock
from station.base.settings import Settings, load
from station.base.words import Library, Session
from station.https.accounts import Accounts
from station.https.hosts import Hosts, host_names
from station.office.app import application
from station.office.guard import Guard
from station.office.sources import Sources
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support import sample_events

TOML = """
[library]
isil = "US-XxExmp"
name = "Example Library"
[station]
operator = "ann"
[barcodes]
length = 0
prefixes = []
check_digit = "none"
"""
BARCODE = "31234000000015"
PORT = 8444


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(TOML)
    store = open_store(tmp_path / JOURNAL, SystemClock())
    store.journal.record(sample_events.judged(BARCODE))
    store.close()
    return tmp_path


@contextmanager
def office(data: Path, language: str = "en", settings: Settings | None = None) -> Iterator[TestClient]:
    """Yield a client of the office as a browser of this machine calls it."""
    library = Library(language, data / "words")
    app = application(Sources(settings or load(data / "station.toml"), data, SystemClock()), lambda: Session(library))
    guard = Guard(app, Hosts(host_names((), "office.names"), PORT), Accounts((), 0))
    yield TestClient(guard, base_url=f"https://localhost:{PORT}", follow_redirects=False)


@pytest.fixture
def desk(data: Path) -> Iterator[TestClient]:
    with office(data) as client:
        yield client
