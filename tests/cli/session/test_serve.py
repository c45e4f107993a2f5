"""`station serve` as a process: it does what people ask for without screen and reader, and survives a kill."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import StationClosed
from station.base.sentence import Sentence
from station.base.settings import load
from station.cli.admin.settings_file import template
from station.domain.events import CorrectionMended, CorrectionOpened, StationStopped
from station.runtime.acts import Acts, By
from station.runtime.data_directory import JOURNAL, SETTINGS_NAME
from station.runtime.socket.client import Client, connect
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.whole_bench import until

SERVE = "from station.cli import station; station.main(['--data', {data!r}, 'serve'])"
DIES = """
import os, signal
from station.runtime.socket import wire
encode = wire.encode
def dying(message):
    if getattr(message, "number", 0):
        os.kill(os.getpid(), signal.SIGKILL)
    return encode(message)
wire.encode = dying
"""
"""The station dies after it has journaled an order, and before it answers."""
MENDED = CorrectionMended(correction="aaaa", operator="Desk")
SETTINGS = {"library.isil": "US-TxDa", "station.operator": "Desk"}
BY = By(operator="Desk", via="office")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / SETTINGS_NAME).write_text(template(**SETTINGS))
    store = open_store(tmp_path / JOURNAL, FakeClock())
    opened = CorrectionOpened(correction="aaaa", barcode="1", title=Sentence.verbatim("x"), due="2026-01-01")
    store.journal.record(opened)
    store.close()
    return tmp_path


@contextmanager
def served(data: Path, before: str = "") -> Iterator[tuple[subprocess.Popen[str], Client]]:
    code = before + SERVE.format(data=str(data))
    with subprocess.Popen([sys.executable, "-c", code], text=True) as process:
        try:
            until(lambda: (client := connect(data)) is not None and client.close() is None, "the socket", process)
            client = connect(data)
            assert client is not None
            with client:
                yield process, client
        finally:
            process.kill()


def acts(data: Path) -> Acts:
    return Acts(load(data / SETTINGS_NAME), data, SystemClock())


def test_it_serves_and_ends_like_a_station(data: Path) -> None:
    reader = socket.create_server(("127.0.0.1", 0))
    reader.setblocking(False)
    place = f"tcp://127.0.0.1:{reader.getsockname()[1]}"
    (data / SETTINGS_NAME).write_text(template(**SETTINGS, **{"reader.port": place}))
    with reader, served(data) as (process, client):
        assert client.snapshot().reader_ready is False
        number = acts(data).order([MENDED], BY)
        assert Queries(data / JOURNAL, FakeClock()).events(number)[0].event.via == "office"
        client.quit()
        assert process.wait(PATIENCE_S) == 0
        with pytest.raises(BlockingIOError):
            reader.accept()  # the reader is left to others
    with served(data) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    rows = Queries(data / JOURNAL, FakeClock()).events()
    assert sum(isinstance(row.event, StationStopped) for row in rows) == 2


def test_an_order_whose_answer_was_lost_is_not_done_again(data: Path) -> None:
    seen = Queries(data / JOURNAL, FakeClock()).head().seq
    with served(data, DIES) as (process, _):
        with pytest.raises(StationClosed):
            acts(data).order([MENDED], BY, seen)
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
    done = acts(data).order([MENDED], BY, seen)
    rows = Queries(data / JOURNAL, FakeClock()).events()
    assert [row.seq for row in rows if isinstance(row.event, CorrectionMended)] == [done]
