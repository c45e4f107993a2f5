"""An office in an account that may read the data and write nothing: it shows pages, and refuses acts in a sentence. Its
reader has the same account, since the office serves no other on loopback."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from station.cli.admin.settings_file import template
from station.https import certificates
from station.runtime.data_directory import JOURNAL
from tests.conftest import ROOT, missing
from tests.office.desk import OPEN, QUICK, events, journal, made, text_of
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.soak
NOBODY = 65_534
ASKS = """
import http.client, json, re, ssl, sys
from urllib.parse import urlencode
port, path = int(sys.argv[1]), sys.argv[2]
browser = http.client.HTTPSConnection("localhost", port, timeout=60, context=ssl._create_unverified_context())
browser.request("GET", path)
answer = browser.getresponse()
status, text = answer.status, answer.read().decode()
if len(sys.argv) > 3:
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text.partition("<main")[2]))
    head = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    browser.request("POST", path, urlencode(fields), head)
    answer = browser.getresponse()
    status, text = answer.status, answer.read().decode()
print(json.dumps([status, text]))
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """Not in pytest's folder, which is for one account only."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        missing("root and setpriv")
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    data = made(Path(folder.name) / "data", sign_on=False)
    settings = template(**{**QUICK, "station.operator": "w-tess", "office.port": 0})
    (data / "station.toml").write_text(settings, encoding="utf-8")
    certificates.make(data, (), datetime.datetime.now(datetime.UTC))
    for path in (data.parent, data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with folder:
        yield data


def as_nobody(*command: str) -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", *command]


def asked(port: str, path: str, *send: str) -> tuple[int, str]:
    command = as_nobody(sys.executable, "-c", ASKS, port, path, *send)
    status, text = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return status, text


@pytest.mark.parametrize("working", [False, True])
def test_an_account_that_may_only_read_sees_and_changes_nothing(data: Path, working: bool) -> None:
    """`working`: while a station that this account does not reach writes beside it."""
    store = journal(data) if working else None
    before = len(events(data))
    if working:
        for name in (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm"):
            (data / name).chmod(0o644)
    command = as_nobody(sys.executable, "-m", "station", "office", "--data", str(data))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as office:
        try:
            assert office.stderr is not None
            line = office.stderr.readline()
            opened = re.search(r"https://localhost:(\d+)/", line)
            assert opened is not None, line + office.stderr.read()
            for path in ("/today", "/fix", f"/fix/{OPEN}", "/journal", "/people", "/outbox", "/quality"):
                status, text = asked(opened[1], path)
                assert status == 200, (path, status, text_of(text))
            status, text = asked(opened[1], f"/fix/{OPEN}/take", "send")
            assert status in (409, 503) and 'class="problem"' in text, (status, text_of(text))
            assert office.poll() is None
        finally:
            office.send_signal(signal.SIGTERM)
            office.wait(PATIENCE_S)
            if store is not None:
                store.close()
    assert len(events(data)) == before


def test_a_place_that_may_not_be_entered_is_a_page(data: Path) -> None:
    """The rights were taken while the office ran."""
    command = as_nobody(sys.executable, "-m", "station", "office", "--data", str(data))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as office:
        try:
            assert office.stderr is not None
            opened = re.search(r"https://localhost:(\d+)/", office.stderr.readline())
            assert opened is not None
            data.chmod(0o700)
            for path in ("/today", "/items", "/nothing"):
                status, text = asked(opened[1], path)
                assert status in (404, 500, 503) and "<main" in text, (path, status, text)
        finally:
            office.send_signal(signal.SIGTERM)
            office.wait(PATIENCE_S)
