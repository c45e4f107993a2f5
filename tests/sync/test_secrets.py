"""A search for a key wherever it must not be: journal bytes, logs, command output, JSON, tracebacks, arguments and
environments of processes. The library system tries in many ways to return it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from random import Random

import pytest

from station.base import logs
from station.base.clock import SystemClock
from station.base.credentials import load
from station.base.errors import CredentialsRefused, StationError
from station.base.settings import Alma as AlmaSettings
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import NoteIntent
from station.domain.item import Barcode
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from station.sync.courier.thread import CourierThread
from tests.support import sample_events
from tests.support.alma_process import AlmaProcess, fictitious
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told, told

KEY = "l7xxSECRETCANARY0123456789abcdef"
PIECES = (KEY, KEY[4:20], KEY[::-1])
ITEM = "31234000000015"


@pytest.fixture
def data(tmp_path: Path, alma: AlmaProcess) -> Path:
    """A data directory whose Alma is the emulator, with the canary as its key."""
    alma.reset({ITEM: fictitious(ITEM)})
    (tmp_path / "credentials").mkdir(mode=0o700)
    key = tmp_path / "credentials" / "alma"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    (tmp_path / "station.toml").write_text(
        '[library]\nisil = "US-XxExmp"\n[delivery.file]\nenabled = false\n'
        f'[delivery.alma]\nenabled = true\nbase_url = "{alma.base_url}"\nrequests_per_second = 20\n'
    )
    return tmp_path


def found_in(folder: Path) -> list[str]:
    """Return the files that hold the key or a piece of it, as text, as hexadecimal or as base64."""
    import base64

    forms = [form for piece in PIECES for form in (piece.encode(), piece.encode().hex().encode())]
    forms += [base64.b64encode(KEY.encode())[:24]]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "credentials" and any(form in path.read_bytes() for form in forms)
    ]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"x{KEY}x")
    (tmp_path / "b").write_text(KEY.encode().hex())
    (tmp_path / "c").write_text("nothing")
    assert sorted(found_in(tmp_path)) == ["a", "b"]


FAULTS = (
    {}, {"do": "keys", "keys": {"another": ["bibs:read"]}}, {"do": "status", "code": 500, "n": 4},
    {"do": "html", "n": 4}, {"do": "half", "n": 2}, {"do": "drop-answer-after-effect", "n": 1},
    {"do": "throttle", "as": "body", "n": 1}, {"do": "redirect-elsewhere", "url": f"http://elsewhere.example/?apikey={KEY[:3]}"},
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.get("do", "none")))
def test_journal_logs_and_errors_hold_no_key(
    data: Path, alma: AlmaProcess, fault: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    """The courier at work, with all logging of all libraries, including the client libraries."""
    caplog.set_level(logging.DEBUG)
    logs.configure(data / "station.log", logging.DEBUG)
    handler = logging.FileHandler(data / "all.log")
    logging.getLogger().addHandler(handler)
    config = AlmaSettings(base_url=alma.base_url, requests_per_second=20.0)
    adapter = Alma(config, lambda: load("alma", data), SystemClock())
    store = open_store(data / JOURNAL, SystemClock())
    tried = threading.Event()
    try:
        store.journal.record(
            sample_events.judged(ITEM), deliveries=[NewDelivery("alma", ITEM, NoteIntent(barcode=ITEM, text="seen"))]
        )
        if fault:
            order = {name: value for name, value in fault.items() if name != "do"}
            alma.do(str(fault["do"]), **order)

        def on_status(status: object) -> None:
            if store.queries.outbox_page()[0].attempts and store.queries.outbox_page()[0].state.value != "leased":
                tried.set()

        courier = CourierThread(
            Courier(store.outbox, {"alma": adapter}, SystemClock(), Random(1)), store.outbox, on_status
        )
        courier.start()
        assert tried.wait(PATIENCE_S)
        assert courier.stop()
        for ask in (lambda: adapter.look_up(Barcode(ITEM)), lambda: adapter.look_up(Barcode("0")), adapter.check):
            try:
                said = repr(ask())
            except StationError as error:
                said = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
                said += repr(error) + told(error.sentence) + getattr(error, "body", "")
            assert not any(piece in said for piece in PIECES)
    finally:
        store.close()
        adapter.close()
        logging.getLogger().removeHandler(handler)
        handler.close()
        alma.do("redirect-elsewhere", url="")
        alma.do("keys", keys=None)
    assert not any(piece in caplog.text for piece in PIECES)
    assert found_in(data) == []
    assert not any("key_in_address" in row for row in alma.do("log")["requests"]), "the key must never be in an address"


CHECK, CHECK_JSON, DOCTOR, OUTBOX = (
    *(("sync", "check"), ("sync", "check", "--json")),
    *(("doctor", "--json"), ("outbox", "list", "--json")),
)


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        pytest.param(
            arguments, refused, id=f"{'refused' if refused else 'good'} key-{' '.join(arguments)}", marks=marks
        )
        for marks, calls in (
            ((), [(CHECK, True), (CHECK_JSON, False), (DOCTOR, True)]),
            (
                (pytest.mark.soak,),
                [(CHECK, False), (CHECK_JSON, True), (DOCTOR, False), (OUTBOX, False), (OUTBOX, True)],
            ),
        )
        for arguments, refused in calls
    ],
)
def test_commands_their_arguments_and_children_hold_no_key(
    data: Path, alma: AlmaProcess, arguments: tuple[str, ...], refused: bool
) -> None:
    open_store(data / JOURNAL, SystemClock()).close()
    if refused:
        alma.do("keys", keys={"another": ["bibs:read"]})
    alma.do("slow", ms=100)
    command = [sys.executable, "-X", "dev", "-m", "station", *arguments, "--data", str(data)]
    try:
        out, err, seen = ran(command)
    finally:
        alma.do("slow", ms=0)
        alma.do("keys", keys=None)
    assert b"station" in seen, "the arguments must have been searched"
    for piece in PIECES:
        assert piece.encode() not in out + err + seen
    assert found_in(data) == []


HOOK = """
import os, sys
def tell(event, args, into=os.open(os.environ["STATION_STARTED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system"):
        os.write(into, repr(args).encode() + b"\\n")
sys.addaudithook(tell)
"""
"""Python reports every process that it starts. A process that ends at once would be missed in /proc."""


def ran(command: list[str]) -> tuple[bytes, bytes, bytes]:
    """Run a command. Return (stdout, stderr, arguments and environments of the process and of all that it starts)."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "sitecustomize.py").write_text(HOOK)
        told = Path(name) / "started"
        path = os.pathsep.join(filter(None, (name, os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"PYTHONPATH": path, "STATION_STARTED": str(told)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        seen = b""
        try:
            while process.poll() is None:
                seen += about_processes(process.pid)
                time.sleep(0.02)
        finally:
            out, err = process.communicate(timeout=PATIENCE_S)
        return out, err, seen + told.read_bytes()


def test_a_process_that_ends_at_once_is_seen() -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '', {KEY[::-1]!r}[::-1]])"
    assert KEY.encode() in ran([sys.executable, "-c", code])[2]


def about_processes(pid: int) -> bytes:
    """Return arguments and environment of a process and of all its children, as the system shows them."""
    found = b""
    for one in (pid, *children(pid)):
        for name in ("cmdline", "environ"):
            try:
                found += Path(f"/proc/{one}/{name}").read_bytes()
            except OSError:
                continue
    return found


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [one for child in map(int, text.split()) for one in (child, *children(child))]


@pytest.mark.parametrize("text", [f"{KEY}\nX: y", f"{KEY}\x00", f"é{KEY}", " ", f"{KEY} "])
def test_a_key_that_no_header_can_carry_is_refused_without_being_quoted(
    data: Path, alma: AlmaProcess, text: str
) -> None:
    from station.base.credentials import Secret

    adapter = Alma(AlmaSettings(base_url=alma.base_url), lambda: Secret(text), SystemClock())
    try:
        with pytest.raises(CredentialsRefused) as raised:
            adapter.look_up(Barcode(ITEM))
    finally:
        adapter.close()
    assert not any(piece in "".join(traceback.format_exception(raised.value)) for piece in PIECES)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (KEY.encode("utf-16"), "is not plain text"),
        (b"\xff\xfe" + KEY.encode("latin-1") + b"\xe9", "is not plain text"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (None, "Is a directory"),
    ],
    ids=["utf-16", "bytes", "empty", "directory"],
)
def test_a_key_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, file: bytes | None, said: str) -> None:
    """A defect here would park every waiting delivery, and the error must quote no byte of the file."""
    path = tmp_path / "credentials" / "alma"
    path.parent.mkdir(mode=0o700)
    if file is None:
        path.mkdir(mode=0o700)
    else:
        path.write_bytes(file)
        path.chmod(0o600)
    with raises_told(CredentialsRefused, match=said) as caught:
        load("alma", tmp_path, {})
    told = "".join(traceback.format_exception(caught.value))
    assert KEY[:8] not in told and "xff" not in told


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path: Path) -> None:
    (tmp_path / "alma").write_bytes(b"\xef\xbb\xbf" + KEY.encode() + b"\r\n")
    assert load("alma", tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == KEY
