"""The second, patient round of a search for readers: ports that are asked again, the longest time, and stopping."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from serial.tools import list_ports

from station.base.clock import Deadline
from station.base.errors import PortBusy, ReaderSilent
from station.base.settings import Reader, parse
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared import app
from station.cli.shared.interrupt import stoppable
from station.drivers.line.serial import PortInfo
from station.drivers.search.discovery import Found, Outcome, Round, scan, slow_lines, slow_round, unanswered
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S

ASKED, TOLD = bytes.fromhex("D500050400118C66"), bytes.fromhex("D500090400110A0500027250")
"""The probe and the answer of a real 3M 810 (docs/reference/readers.md#3m-frames)."""
SLOW, QUICK, MUTE, BUSY = "/dev/slow", "/dev/quick", "/dev/mute", "/dev/busy"
READERS = {SLOW: 0.4, QUICK: 0.01}
"""Port -> seconds that its reader takes to answer."""
STRANGE = "/dev/strange"
"""Slow too: an answer that is too late for one probe is taken for the answer to the next."""


class Lines:
    """Imaginary ports; time passes only while a probe waits."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.opened: list[str] = []
        self.interrupts = False
        """If True, Ctrl-C arrives while a probe of the patient round waits."""
        self.noticed: Callable[[], bool] = lambda: True

    @contextmanager
    def stoppable(self) -> Iterator[Callable[[], bool]]:
        with stoppable() as self.noticed:
            yield self.noticed

    def open(self, settings: Reader) -> Line:
        self.opened.append(settings.port)
        if settings.port == BUSY:
            raise PortBusy(BUSY)
        return Line(self, settings)


class Line:
    def __init__(self, lines: Lines, settings: Reader) -> None:
        self._lines, self._settings, self._asked = lines, settings, b""

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._asked = data

    def read(self, deadline: Deadline) -> bytes:
        if self._lines.interrupts and deadline.remaining > 0.9:
            os.kill(os.getpid(), signal.SIGINT)
            end = time.monotonic() + PATIENCE_S
            while not self._lines.noticed() and time.monotonic() < end:  # the main thread receives the signal
                time.sleep(0.001)
        if self._asked == ASKED and self._settings.baud == 19200:
            needs = READERS.get(self._settings.port, 0.4)
            if self._settings.port != MUTE and deadline.remaining > needs:
                return TOLD
            if self._settings.port == STRANGE:
                return b"\x06\x00"
        self._lines.clock.pause(max(0.0, deadline.remaining))
        raise ReaderSilent("nothing")

    def discard_input(self) -> int:
        return 0

    def close(self) -> None:
        pass


def ports(*names: str) -> list[PortInfo]:
    return [PortInfo(name, name, 0x0403, 0x6001) for name in names]


def quick(lines: Lines, *names: str) -> tuple[Found, ...]:
    return scan(ports(*names), Reader(), lines.clock, lines.open)


def test_a_reader_that_takes_longer_is_found_in_the_second_round_and_nobody_else_is_asked_again() -> None:
    lines = Lines()
    found = quick(lines, SLOW, QUICK, MUTE, BUSY, STRANGE)
    assert [one.outcome.value for one in found] == ["silent", "reader", "silent", "busy", "unknown"]
    assert [one.port for one in unanswered(found)] == [SLOW, MUTE, STRANGE]
    lines.opened.clear()
    after = slow_round(found, Reader(), lines.clock, Round(), lines.open)
    assert [one.outcome.value for one in after] == ["reader", "reader", "silent", "busy", "reader"]
    assert [(one.driver, one.baud, one.usb) for one in (after[0], after[4])] == [("3m", 19200, "0403:6001")] * 2
    assert set(lines.opened) == {SLOW, MUTE, STRANGE}
    assert after[1] is found[1]


def test_it_takes_as_long_as_was_said_and_tells_each_line() -> None:
    lines = Lines()
    found = quick(lines, MUTE)
    count, seconds = slow_lines(found, Reader())
    began, told = lines.clock.monotonic(), []
    slow_round(found, Reader(), lines.clock, Round(tried=lambda: told.append(1)), lines.open)
    took = lines.clock.monotonic() - began
    assert len(told) == count == 13
    assert seconds - 1 < took <= seconds + 1e-6
    assert 14 < seconds < 16, "the page gives 15 s"
    many = tuple(Found(f"/dev/m{number}", "", Outcome.SILENT) for number in range(17))
    assert slow_lines(many, Reader()) == (17 * count, pytest.approx(3 * seconds)), "eight ports at a time"


def test_whoever_stops_it_is_not_made_to_wait() -> None:
    lines = Lines()
    found = quick(lines, SLOW, MUTE)
    lines.opened.clear()
    assert slow_round(found, Reader(), lines.clock, Round(stop=lambda: True), lines.open) == found
    assert lines.opened == []


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(list_ports, "comports", list)
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}))
    return tmp_path


def run(data: Path, lines: Lines, *arguments: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "SystemClock", lambda: lines.clock)
        for module, function in (
            ("reader.scan", scan),
            ("reader.harness", scan),
            ("reader.slow_search", slow_round),
        ):
            patch.setattr(f"station.cli.{module}.{function.__name__}", partial(function, open_line=lines.open))
        patch.setattr("station.cli.reader.slow_search.stoppable", lines.stoppable)
        result = CliRunner().invoke(station, ["reader", "scan", "--data", str(data), *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_it_does_and_how_long_it_takes_and_finds_the_reader(data: Path) -> None:
    code, out, err = run(data, Lines(), SLOW, MUTE, "--write", "--yes")
    assert code == 0, out + err
    assert (
        "2 ports gave no answer that the station understands. "
        "The station asks again and waits 1 s for each answer: at most 15 s." in err
    )
    assert "asking again" in err
    reader = parse((data / "station.toml").read_text()).reader
    assert (reader.port, reader.driver, reader.baud) == (SLOW, "3m", 19200)


def test_where_a_reader_answers_the_others_are_asked_again_only_if_so_wished(data: Path) -> None:
    lines = Lines()
    code, out, err = run(data, lines, QUICK, SLOW)
    assert (code, out.count("3M / Bibliotheca"), "asks again" in err) == (0, 1, False)
    code, out, err = run(data, lines, QUICK, SLOW, "--patient")
    assert (code, out.count("3M / Bibliotheca"), "asks again" in err) == (0, 2, True)
    code, out, err = run(data, lines, QUICK, "--patient", "--json")
    assert (code, err) == (0, ""), "no port is left to ask"


def test_ctrl_c_ends_it_with_what_was_found_and_nothing_is_written(data: Path) -> None:
    lines = Lines()
    lines.interrupts = True
    before, handler = (data / "station.toml").read_text(), signal.getsignal(signal.SIGINT)
    code, out, err = run(data, lines, MUTE, "--write", "--yes")
    assert code == 1
    assert f"{MUTE}  no answer" in out
    assert "Stopped. Ports that were not asked count as silent, and nothing is written." in err
    assert lines.opened.count(MUTE) == 13 + 1, "no probe follows the interrupted one"
    assert (data / "station.toml").read_text() == before
    assert signal.getsignal(signal.SIGINT) is handler
