"""`station office` as a process: a browser's request over TLS, and its end."""

from __future__ import annotations

import asyncio
import http.client
import re
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.errors import SettingsError
from station.base.settings import Office, People, Settings, load
from station.cli.session.office import address, opened
from station.https.certificates import CA, FOLDER
from station.https.server import _Bounded
from station.office.server import server
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S


def test_the_office_serves_pages_over_tls_until_it_is_stopped(data: Path) -> None:
    with (data / "station.toml").open("a") as settings:
        settings.write("[office]\nport = 0\n")
    command = [sys.executable, "-m", "station", "office", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        opened = re.search(r"https://localhost:(\d+)/", process.stderr.readline())
        assert opened is not None
        context = ssl.create_default_context(cafile=data / FOLDER / CA)
        browser = http.client.HTTPSConnection("localhost", int(opened[1]), timeout=PATIENCE_S, context=context)
        browser.request("GET", "/journal")
        answer = browser.getresponse()
        assert answer.status == 200 and b"<h1>Journal</h1>" in answer.read()
        browser.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_other_machines_reach_the_office_only_where_people_sign_on(tmp_path: Path) -> None:
    settings = Settings(office=Office(bind="192.0.2.10", names=("bench1.example",)))
    with pytest.raises(SettingsError, match="bind-needs-sign-on"):
        server(settings, tmp_path, FakeClock())
    signing_on = msgspec.structs.replace(settings, people=People(sign_on=True))
    with pytest.raises(SettingsError, match="certificate"):  # the next thing that is missing
        server(signing_on, tmp_path, FakeClock())


def test_the_address_for_other_computers_has_the_name_that_they_know() -> None:
    serving: Any = SimpleNamespace(port=8444)
    assert address(serving) == "https://localhost:8444/"
    assert address(serving, "bench1.example", "bench1") == "https://bench1.example:8444/"


def test_an_answer_is_sent_at_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TCP_NODELAY, head and body wait for each other: 40 ms for each page (RFC 896, RFC 1122 4.2.3.2)."""
    seen: list[int] = []
    made = _Bounded.connection_made

    def connection_made(self: _Bounded, transport: asyncio.BaseTransport) -> None:
        line = transport.get_extra_info("socket")
        seen.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(self, transport)

    monkeypatch.setattr(_Bounded, "connection_made", connection_made)
    settings = load(data / "station.toml")
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    with opened(settings, data, SystemClock()) as serving:
        context = ssl.create_default_context(cafile=data / FOLDER / CA)
        browser = http.client.HTTPSConnection("localhost", serving.port, timeout=PATIENCE_S, context=context)
        browser.request("GET", "/journal")
        assert browser.getresponse().status == 200
        browser.close()
    assert seen == [1]
