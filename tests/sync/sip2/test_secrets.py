"""A search for the SIP2 password wherever it must not be; the servers try in many ways to return it."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from station.base import logs, settings
from station.base.clock import SystemClock
from station.base.credentials import load
from station.base.errors import StationError
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ScanInIntent
from station.domain.item import Barcode
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.sync.courier.courier import Courier
from station.sync.sip2.connection import Connector
from station.sync.sip2.session import Session, Terms
from station.sync.sip2.system import Sip2
from tests.support import sample_events
from tests.support.patience import PATIENCE_S
from tests.support.told import told
from tests.sync.test_secrets import ran

PASSWORD = "pwCANARY0123456789zyx"
PIECES = (PASSWORD, PASSWORD[2:8])
"""A quoted text may be cut off, so even a piece of the password counts."""
ITEM = "31234000000015"


def echo(request: bytes) -> bytes:
    return request


def quoted(request: bytes) -> bytes:
    return b"ERR " + request


def page(request: bytes) -> bytes:
    return b"HTTP/1.1 400 Bad Request\r\n\r\n<html>" + request + b"</html>\r"


def cut(request: bytes) -> bytes:
    return b"94" + request[10:]


def short(request: bytes) -> bytes:
    return b"98Y" + request[:40] + b"\r"


def refused(request: bytes) -> bytes:
    return b"940AF" + request.replace(b"\r", b" ").replace(b"|", b" ") + b"|\r"


def never(request: bytes) -> bytes:
    return request.replace(b"\r", b"")


SERVERS = (echo, quoted, page, cut, short, refused, never)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[bytes], bytes]], int]]:
    """Return a function that starts a server with these answers and returns its port."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Callable[[bytes], bytes]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        while request := connection.recv(4096):
                            connection.sendall(answer(request))
                    except OSError:
                        continue

        listeners.append(listener)
        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(PATIENCE_S)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "credentials").mkdir(mode=0o700)
    key = tmp_path / "credentials" / "sip2"
    key.write_text(PASSWORD + "\n")
    key.chmod(0o600)
    return tmp_path


def found_in(folder: Path) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.parent.name != "credentials"
        and any(
            form in path.read_bytes() for piece in PIECES for form in (piece.encode(), piece.encode().hex().encode())
        )
    ]


@pytest.mark.parametrize("answer", SERVERS)
def test_journal_logs_and_errors_hold_no_password(
    data: Path,
    serve: Callable[[Callable[[bytes], bytes]], int],
    answer: Callable[[bytes], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Courier, look-up and check with a server that returns the log-in in some form."""
    caplog.set_level(logging.DEBUG)
    logs.configure(data / "station.log", logging.DEBUG)
    asked: list[bytes] = []
    port = serve(lambda request: asked.append(request) or answer(request))
    config = settings.Sip2(enabled=True, host="127.0.0.1", port=port, tls="none", user="station", institution="M")
    connect = Connector("127.0.0.1", port, "none")
    terms = Terms(user="station", institution="M", timeout_s=0.3, limit_s=0.5)
    system = Sip2(config, Session(connect, terms, SystemClock(), lambda: load("sip2", data), connect.place))
    store = open_store(data / JOURNAL, SystemClock())
    try:
        intent = ScanInIntent(barcode=ITEM, desk="TS")
        store.journal.record(sample_events.judged(ITEM), deliveries=[NewDelivery("sip2", ITEM, intent)])
        courier = Courier(store.outbox, {"sip2": system}, SystemClock(), Random(1))
        courier.step()
        row = store.queries.outbox_page()[0]
        assert row.state.value == "deferred", "the delivery must be tried, and only the log-in sent"
        said = repr(row) + repr(courier.status())
        for ask in (lambda: system.look_up(Barcode(ITEM)), system.check):
            try:
                said += repr(ask())
            except StationError as error:
                said += (
                    "".join(traceback.TracebackException.from_exception(error).format())
                    + repr(error)
                    + told(error.sentence)
                )
    finally:
        store.close()
        system.close()
    assert any(PASSWORD.encode() in request for request in asked), "the password must have been on the wire"
    assert not any(piece in said + caplog.text for piece in PIECES)
    assert found_in(data) == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("sync", "check", "--json"), marks=pytest.mark.soak),
        ("sync", "check"),
        ("doctor", "--json"),
    ],
    ids=" ".join,
)
def test_commands_their_arguments_and_environments_hold_no_password(
    data: Path, serve: Callable[[Callable[[bytes], bytes]], int], arguments: tuple[str, ...]
) -> None:
    port = serve(quoted)
    (data / "station.toml").write_text(
        '[library]\nisil = "US-XxExmp"\n[delivery.file]\nenabled = false\n[delivery.sip2]\nenabled = true\n'
        f'host = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "station"\ninstitution = "M"\n'
    )
    open_store(data / JOURNAL, SystemClock()).close()
    command = [sys.executable, "-X", "dev", "-m", "station", *arguments, "--data", str(data)]
    out, err, seen = ran(command)
    assert b"station" in seen, "the arguments must have been searched"
    if "--json" in arguments:
        json.loads(out)
    assert not any(piece.encode() in out + err + seen for piece in PIECES)
    assert found_in(data) == []
