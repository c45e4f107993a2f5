"""Checked at the system calls: the journal's sync has returned before the first byte of a write goes to the port."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import missing
from tests.stories import system_calls
from tests.support import station_process
from tests.support.for_each import for_each

UID = "E004015000010002"


def x(data: bytes) -> str:
    """Return text as strace -xx prints it."""
    return "".join(f"\\x{byte:02x}" for byte in data)


WAL = x(b"/data/journal.db-wal")
PTY = x(b"/dev/pts/3")
STARTED = x(b'"kind":"tag-write-started","new":{"afi":7,"uid":"' + UID.encode() + b'"},"old":{}')
FRAME = x(bytes.fromhex("16ffb02401" + UID + "00010411061c2d" + "0000"))
READ = x(bytes.fromhex("0fffb02301" + UID + "0001" + "0000").ljust(15, b"\0"))

LOGGED = f'10 10:00:00.000001 pwrite64(14<{WAL}>, "{STARTED}", 4096, 32) = 4096'
SYNCED = f"10 10:00:00.000002 fdatasync(14<{WAL}>) = 0"
SENT = f'11 10:00:00.000003 write(20<{PTY}>, "{FRAME}", 22) = 22'
ASKED = f'11 10:00:00.000000 write(20<{PTY}>, "{READ}", 15) = 15'


def early(*lines: str) -> list[str]:
    return system_calls.judge(lines).too_early


def test_the_parser_sees_the_right_order() -> None:
    seen = system_calls.judge([ASKED, LOGGED, SYNCED, SENT])
    assert (seen.too_early, seen.frames, seen.syncs) == ([], 1, 1)
    assert (seen.safe_from, seen.first_write) == ({UID: 2}, {UID: 3})


@for_each(
    "lines",
    [
        pytest.param((LOGGED, SENT, SYNCED), id="sent-before-the-sync"),
        pytest.param((SENT, LOGGED, SYNCED), id="sent-before-the-log"),
        pytest.param((SYNCED, LOGGED, SENT), id="synced-before-the-log"),
        pytest.param((LOGGED, SENT), id="never-synced"),
        pytest.param((SENT,), id="never-logged"),
        pytest.param((LOGGED, SYNCED.replace("= 0", "= -1 EIO"), SENT), id="sync-failed"),
        pytest.param((LOGGED, SYNCED.replace(WAL, x(b"/data/catalog.db")), SENT), id="another-file"),
        pytest.param(
            (
                LOGGED,
                f"10 10:00:00.000002 fdatasync(14<{WAL}> <unfinished ...>",
                SENT,
                "10 10:00:00.000004 <... fdatasync resumed>) = 0",
            ),
            id="sync-begun-but-not-returned",
        ),
        pytest.param(
            (
                f"12 10:00:00.000001 fdatasync(14<{WAL}> <unfinished ...>",
                LOGGED,
                "12 10:00:00.000004 <... fdatasync resumed>) = 0",
                SENT,
            ),
            id="sync-begun-before-the-log",
        ),
    ],
)
def test_the_parser_sees_every_wrong_order(lines: tuple[str, ...]) -> None:
    assert early(*lines) == [UID]


def test_a_sync_that_returned_in_two_lines_counts() -> None:
    two = (
        f"10 10:00:00.000002 fdatasync(14<{WAL}> <unfinished ...>",
        "10 10:00:00.000003 <... fdatasync resumed>) = 0",
    )
    assert early(LOGGED, *two, SENT) == []


def test_reads_are_no_writes() -> None:
    assert system_calls.judge([ASKED]).frames == 0
    assert system_calls.written_uid(bytes.fromhex("0dff6500")) is None


@station_process.beside
def test_the_sync_returns_before_the_first_write_of_each_tag() -> None:
    if shutil.which("strace") is None:
        missing("strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        missing("the right to trace a process (ptrace)")
    with station_process.short_folder() as folder:
        out = folder / "trace"
        process = station_process.start(
            folder,
            *("demo", "--data", str(folder / "d"), "--auto", "4", "--fast", "--json"),
            under=[*system_calls.COMMAND, "-o", str(out)],
        )
        done = station_process.Ended(process)
        assert done.code == 0, repr(done)
        lines = out.read_text(encoding="ascii").splitlines()
        seen = system_calls.judge(lines)
        wanted = {station_process.own(1), station_process.own(2), station_process.own(3), station_process.spare(4)}
        assert set(seen.first_write) == wanted, "the trace must show every tag that the stories write"
        assert seen.too_early == []
        # At least DSFID, AFI and the blocks of four tags, one of which was resumed.
        assert seen.frames >= 4 * 3
        # The same trace without its syncs must fail.
        unsynced = [line for line in lines if "fdatasync" not in line and "fsync" not in line]
        assert set(system_calls.judge(unsynced).too_early) == wanted
