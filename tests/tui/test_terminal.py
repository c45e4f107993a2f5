"""On a real pty: the way in, the way out, and what happens when the terminal goes away."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.tui.terminal import Terminal


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
    """Plain Textual reads on for ever without a controlling terminal; `Terminal.end` fails then."""
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
