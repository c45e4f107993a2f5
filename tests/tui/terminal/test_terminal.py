"""On a real pty: start, end, and what happens when the terminal disappears."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.terminal import Terminal


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def make(*arguments: str, **how: bool) -> Terminal:
        made.append(Terminal(*arguments, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def started(make: Callable[..., Terminal], **how: bool) -> Terminal:
    one = make("--paint", **how)
    one.until(lambda: "Scan a barcode" in one.text, "the first prompt")
    return one


def test_a_scan_typed_at_the_terminal_is_shown_and_ctrl_q_leaves(terminal: Callable[..., Terminal]) -> None:
    one = started(terminal)
    one.type("31234000004217\r")
    one.until(lambda: "31234000004217" in one.text, "the scan")
    one.type("\x11")
    assert one.end() == 0
    assert one.farewell() == "quit"


@pytest.mark.parametrize("controlling", [True, False], ids=["with-controlling-tty", "without"])
def test_losing_the_terminal_ends_the_process_in_order(terminal: Callable[..., Terminal], controlling: bool) -> None:
    """Plain Textual reads forever without a controlling terminal; `Terminal.end` then fails."""
    one = started(terminal, controlling=controlling)
    one.hang_up()
    one.end()
    assert one.farewell() == "quit"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_in_order(terminal: Callable[..., Terminal], number: signal.Signals) -> None:
    one = started(terminal)
    os.kill(one.process.pid, number)
    assert one.end() == 0
    assert one.farewell() == "quit"


@pytest.mark.parametrize("stop", [signal.SIGCONT, signal.SIGTSTP, pytest.param(signal.SIGSTOP, marks=pytest.mark.soak)])
def test_who_was_stopped_and_goes_on_reads_every_key_and_ends(
    terminal: Callable[..., Terminal], stop: signal.Signals
) -> None:
    """SIGCONT also comes with every hang-up. Plain Textual then reads with two threads, one of which never ends."""
    one = started(terminal)
    for number in ("1", "2", "3"):
        os.kill(one.process.pid, stop)
        one.until(lambda: stop is signal.SIGCONT or state(one) == "T", "the stop")
        os.kill(one.process.pid, signal.SIGCONT)
        one.until(lambda: state(one) != "T" and not echoes(one), "the end of the stop")
        one.type(f"3123400000421{number}\r")
        one.until(lambda number=number: f"3123400000421{number}" in one.text, "the scan")  # type: ignore[misc]
    one.type("\x11")
    assert one.end() == 0
    assert one.farewell() == "quit"


def echoes(one: Terminal) -> bool:
    """Tell whether the terminal itself echoes the keys, because no program reads them."""
    return bool(termios.tcgetattr(one.master)[3] & termios.ECHO)


def state(one: Terminal) -> str:
    """Return the kernel's state letter: R, S, T (stopped)."""
    return Path(f"/proc/{one.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
