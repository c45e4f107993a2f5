"""An uncaught error writes nothing raw to the terminal: it is logged, cleaned, and the operator gets a sentence."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base import logs
from station.cli.shared.app import part_ended
from tests.support.harmless import bad_characters
from tests.support.hostile_text import CORPUS, MARK
from tests.support.station_process import short_folder
from tests.support.terminal import Terminal
from tests.tui.test_hostile import AT_THE_ENDS, OURS

F8, F9 = "\x1b[19~", "\x1b[20~"


def test_a_dead_thread_and_a_dead_screen_are_told_and_act_on_nothing() -> None:
    with short_folder() as folder:
        terminal = Terminal("demo", "--data", str(folder / "d"), module=("tests.tui.terminal.crash_app",))
        try:
            terminal.until(lambda: "Scan a barcode" in terminal.text, "the first prompt")
            terminal.type(F8)
            for words in ("A part of the station has ended", "“spoiled”"):
                terminal.until(lambda words=words: words in terminal.text, f"the sentence over the screen: {words}")  # type: ignore[misc]
            terminal.type(F9)
            assert terminal.end() == 70
            while terminal.pump(0):
                pass
        finally:
            terminal.close()
        said = OURS.sub(b"", AT_THE_ENDS.sub(b"", bytes(terminal.seen))).decode("utf-8")
        log = (folder / "d" / "station.log").read_text(encoding="utf-8")
    assert bad_characters(said, "\r\n") == [], ascii(said[-4000:])
    left = [line for line in said.rpartition("The screens have failed")[2].splitlines() if line.strip()]
    assert "tell the technician." in left[0] and MARK in left[1], (
        "the sentence and the first words of the error are shown"
    )
    assert len(left) == 2 and len(left[1]) < 260, "the sentence stays on the screen: the report is in the log"
    assert "[2J" in log, "the log has the words of the error, without control characters"
    assert bad_characters(log, "\n") == []
    assert log.count(" CRITICAL ") == 2
    assert "the thread spoiled ended: RuntimeError" in log
    assert "the screens ended: RuntimeError" in log
    assert log.count(f"{logs.FOLLOWS}RuntimeError: {MARK}") == 2


@contextlib.contextmanager
def caught() -> Iterator[None]:
    """Set up the state of the process `station` without a log: no handler takes a record (pytest adds its handlers in
    each phase).
    """
    hooks = threading.excepthook, sys.excepthook, sys.unraisablehook
    root, ours = logging.getLogger(), logging.getLogger("station")
    handlers = root.handlers[:], ours.handlers[:]
    last = logging.lastResort
    assert last is not None
    formatter = last.formatter
    root.handlers[:], ours.handlers[:] = [], []
    logging.captureWarnings(
        False
    )  # an earlier command of this process may have left it on: then it would have no effect
    logs.catch_uncaught()
    try:
        yield
    finally:
        logging.captureWarnings(False)
        last.setFormatter(formatter)
        root.handlers[:], ours.handlers[:] = handlers
        threading.excepthook, sys.excepthook, sys.unraisablehook = hooks


class Unraisable:
    def __del__(self) -> None:
        raise RuntimeError(f"{MARK} {self.text}")

    def __init__(self, text: str) -> None:
        self.text = text


def test_without_a_log_it_stands_clean_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def die(text: str) -> None:
        raise RuntimeError(f"{MARK} {text}")

    with warnings.catch_warnings(), caught(), logs.watching(part_ended):
        warnings.simplefilter("always")
        for text in CORPUS:
            thread = threading.Thread(target=die, args=(text,), name=f"part {text}".replace("\0", ""))
            thread.start()
            thread.join()
            sys.excepthook(RuntimeError, RuntimeError(f"{MARK} {text}"), None)
            Unraisable(text)
            warnings.warn(f"{MARK} {text}", stacklevel=1)
            logging.getLogger("other").warning("%s %s", MARK, text)
        logs.configure(tmp_path / "log")
        for text in CORPUS:
            warnings.warn(f"{MARK} {text}", stacklevel=1)
        logging.getLogger().handlers[0].close()
    out, err = capfd.readouterr()
    logged = (tmp_path / "log").read_text(encoding="utf-8")
    assert bad_characters(logged, "\n") == []
    assert len([line for line in logged.splitlines() if "UserWarning: [red]E[/red]" in line]) == len(CORPUS)
    assert out == ""
    assert bad_characters(err, "\n") == [], ascii(err)
    assert err.count("the thread part") == len(CORPUS)
    assert err.count(MARK) >= 4 * len(CORPUS), "warnings go only to a log"


def test_a_keyboard_interrupt_and_an_exit_of_a_thread_are_no_defects(capfd: pytest.CaptureFixture[str]) -> None:
    with caught():
        thread = threading.Thread(target=sys.exit)
        thread.start()
        thread.join()
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capfd.readouterr().err == ""
