"""Directory, queue, device: nothing is overwritten, nothing is lost, and every failure has its sentence."""

from __future__ import annotations

import errno
import os
import pty
import stat
import threading
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import LabelNotSaved, LabelRefused, PrinterFailed, SettingsError
from station.printing import outputs
from station.printing.outputs import PrintJob, Target, save, send, target
from tests.conftest import FakeClock
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

ZPL = b"^XA^FO0,0^A0N,31,31^FDPQ^FS^XZ\n"


def job(content: bytes = ZPL, suffix: str = "zpl") -> PrintJob:
    return PrintJob(content=content, name="spine-1", suffix=suffix, media="Custom.25.4x38.1mm")  # type: ignore[arg-type]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


# --- the output of the settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("labels", Target("directory", "labels")),
        ("/srv", Target("directory", "/srv")),
        ("cups:Zebra_ZD420-1.b", Target("cups", "Zebra_ZD420-1.b")),
        ("device:/dev/usb/lp0", Target("device", "/dev/usb/lp0")),
    ],
)
def test_targets(text: str, expected: Target) -> None:
    assert target(text) == expected
    assert str(expected) == text


@for_each(
    "text",
    [
        "",
        " ",
        "a\0b",
        "cups:",
        "cups:-d",
        "cups:a b",
        "cups:a/b",
        "cups:a;rm",
        "cups:" + "a" * 200,
        "device:",
        "device:lp0",
    ],
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(SettingsError):
        target(text)


# --- directory --------------------------------------------------------------------------------------------------------


def test_a_file_a_job_and_none_is_overwritten(tmp_path: Path) -> None:
    for number in range(3):
        printed = send(job(b"%d" % number), Target("directory", "labels"), tmp_path, FakeClock())
        assert Path(printed.file).read_bytes() == b"%d" % number
    assert names(tmp_path / "labels") == ["spine-1-2.zpl", "spine-1-3.zpl", "spine-1.zpl"]


def test_many_at_once_each_get_a_name(tmp_path: Path) -> None:
    threads = [threading.Thread(target=save, args=(b"%d" % n, "a", "pdf", tmp_path)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(tmp_path)) == 12
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"%d" % n for n in range(12)}


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(outputs.os, "link", no_links)
    assert [save(b"x", "a", "pdf", tmp_path).name for _ in range(3)] == ["a.pdf", "a-2.pdf", "a-3.pdf"]
    assert names(tmp_path) == ["a-2.pdf", "a-3.pdf", "a.pdf"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "may not write there"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "fchmod", "link"])
def test_a_disk_that_fails_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(outputs.os, call, fail)
        with raises_told(LabelNotSaved, match=said):
            save(b"x" * 10000, "a", "pdf", tmp_path)
    assert names(tmp_path) == []
    assert save(b"x", "a", "pdf", tmp_path).name == "a.pdf"


def test_a_file_in_the_place_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("x")
    with raises_told(LabelNotSaved, match="there is a file in its place"):
        send(job(), Target("directory", "labels"), tmp_path, FakeClock())


def test_a_name_never_leaves_the_directory(tmp_path: Path) -> None:
    for name in ("../x", "a/b", "", ".x", "-x", "a" * 101):
        with pytest.raises(ValueError, match="not a file name"):
            save(b"x", name, "pdf", tmp_path)


# --- CUPS -------------------------------------------------------------------------------------------------------------


def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put a program `lp` first in the path; it records its arguments and input."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "log"
    program = folder / "lp"
    program.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >"{log}"\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return log


def test_a_queue_gets_the_file_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = lp(tmp_path, monkeypatch, f'eval "file=\\${{$#}}"; cp "$file" "{tmp_path}/got"; echo "request id is Zebra-1"')
    printed = send(job(), Target("cups", "Zebra"), tmp_path, SystemClock())
    assert printed.said == "request id is Zebra-1"
    assert printed.file == ""
    assert (tmp_path / "got").read_bytes() == ZPL
    assert names(tmp_path / "labels") == []
    words = log.read_text().splitlines()
    assert words[:-1] == ["-d", "Zebra", "-t", "spine-1.zpl", "-o", "raw", "--"]


def test_pdf_goes_in_its_true_size_and_on_its_own_stock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = lp(tmp_path, monkeypatch, "")
    send(job(suffix="pdf"), Target("cups", "Office"), tmp_path, SystemClock())
    words = log.read_text().splitlines()
    assert words[4:8] == ["-o", "print-scaling=none", "-o", "media=Custom.25.4x38.1mm"]


def test_a_queue_that_refuses_leaves_the_file_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lp(tmp_path, monkeypatch, "printf 'lp: The printer or class does not exist.\\033[2J\\n' >&2; exit 1")
    with pytest.raises(PrinterFailed) as caught:
        send(job(), Target("cups", "Nope"), tmp_path, SystemClock())
    kept = tmp_path / "labels/spine-1.zpl"
    assert kept.read_bytes() == ZPL
    assert caught.value.file == str(kept)
    assert "Queue Nope: lp: The printer or class does not exist.[2J" in told(caught.value.sentence)
    assert str(kept) in told(caught.value.sentence)
    assert "\x1b" not in told(caught.value.sentence)


def test_a_queue_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "QUEUE_S", 0.3)
    lp(tmp_path, monkeypatch, "exec sleep 20")
    with raises_told(PrinterFailed, match=r"did not answer in 0.3 seconds; check whether the queue Q has the label"):
        send(job(), Target("cups", "Q"), tmp_path, SystemClock())
    assert names(tmp_path / "labels") == ["spine-1.zpl"]


def test_a_machine_without_cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with raises_told(PrinterFailed, match="the program lp is missing"):
        send(job(), Target("cups", "Q"), tmp_path, SystemClock())
    (tmp_path / "lp").write_text("not a program")
    with raises_told(PrinterFailed, match="lp"):
        send(job(), Target("cups", "Q"), tmp_path, SystemClock())
    assert len(names(tmp_path / "labels")) == 2


# --- device -----------------------------------------------------------------------------------------------------------


def test_a_device_gets_everything(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    try:
        os.set_blocking(master, False)
        printed = send(job(), Target("device", os.ttyname(slave)), tmp_path, SystemClock())
        assert os.read(master, 4096).replace(b"\r\n", b"\n") == ZPL
    finally:
        os.close(master)
        os.close(slave)
    assert printed == outputs.Printed(f"device:{printed.target.removeprefix('device:')}", "", "")
    assert names(tmp_path / "labels") == []


def test_a_printer_that_takes_nothing_more(tmp_path: Path) -> None:
    """Nothing reads the terminal: its buffer fills up like that of a paused printer."""
    master, slave = pty.openpty()
    try:
        with raises_told(PrinterFailed, match=r"accepts no more data; .* It took \d+ of 1000000 bytes") as caught:
            send(job(b"x" * 1_000_000), Target("device", os.ttyname(slave)), tmp_path, FakeClock())
    finally:
        os.close(master)
        os.close(slave)
    assert Path(caught.value.file).stat().st_size == 1_000_000


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dev/full", "out of paper"),
        ("/dev/no-such-printer", "is the printer on, and its cable in"),
        ("/dev", "Is a directory"),
    ],
)
def test_broken_devices_have_words(tmp_path: Path, path: str, said: str) -> None:
    with raises_told(PrinterFailed, match=said):
        send(job(), Target("device", path), tmp_path, FakeClock())
    assert names(tmp_path / "labels") == ["spine-1.zpl"]


def test_a_file_is_no_device_and_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("important")
    with raises_told(PrinterFailed, match="is not a printer device"):
        send(job(), Target("device", str(tmp_path / "thesis")), tmp_path, FakeClock())
    assert (tmp_path / "thesis").read_text() == "important"
    os.mkfifo(tmp_path / "pipe")
    with raises_told(PrinterFailed, match="nothing is connected"):
        send(job(), Target("device", str(tmp_path / "pipe")), tmp_path, FakeClock())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "group lp"),
        (errno.EBUSY, "another program uses"),
        (errno.ENODEV, "went away"),
        (errno.EIO, "offline"),
    ],
)
def test_what_a_driver_says_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str) -> None:
    whole = os.open

    def refuse(path: object, *rest: object, **how: object) -> int:
        if str(path) == "/dev/null":
            raise OSError(number, os.strerror(number))
        return whole(path, *rest, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(outputs.os, "open", refuse)
    with raises_told(PrinterFailed, match=said):
        send(job(), Target("device", "/dev/null"), tmp_path, FakeClock())


def test_pdf_never_goes_to_a_device(tmp_path: Path) -> None:
    """A label printer would print the PDF's source on meters of labels."""
    with raises_told(LabelRefused, match="ZPL only"):
        send(job(suffix="pdf"), Target("device", "/dev/null"), tmp_path, FakeClock())
