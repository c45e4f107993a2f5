"""Item laid down, or button tapped, to painted: a real station with an emulated reader on a real pty.

The time from laying the item down is taken apart: the wait for the next look at the pad (poll), the reader's answer
(look), the bench's decision up to the published snapshot (bench), and the screen up to the last byte (paint). Clicks are
measured in alternation with a Textual app that has one line of text. The clock of a click stops at the last byte before
the terminal is quiet, and so does that of the other app.

    python -m benchmarks.reaction [ITEMS] [feig|3m]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.paint import QUIET, Terminal
from benchmarks.report import Row, Section, duration, percentile, render

_APPS: Final = "benchmarks.reaction_apps"
WARM_UP: Final = 3
"""Items that are not counted."""
_ACKNOWLEDGED: Final = frozenset({"reading", "writing", "checking"})
"""States that show that the item on the pad was noticed."""
_CLOSED: Final = frozenset({"idle"})
"""States that show that the page of the lifted item is closed."""
_PATIENCE: Final = 30.0
_STATIONS: Final = {"feig": "station", "3m": "station-3m"}
"""The app of each driver."""


class App:
    """One of the two apps on its pty, with its pipes."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(exist_ok=True)
        for pipe in ("do", "done"):
            os.mkfifo(folder / pipe)
        self.terminal = Terminal(_APPS, str(folder), name)
        self._requests = (folder / "do").open("w", encoding="utf-8")
        self._answers = (folder / "done").open(encoding="utf-8")
        self.events: list[dict[str, Any]] = []
        self._painted: list[float] = []
        """Times of the bytes that the app painted."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with contextlib.suppress(OSError):  # the terminal was closed
            while True:
                if self.terminal.take(1.0):
                    self._painted.append(time.monotonic())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requests.close()
        self.terminal.__exit__(kind, error, trace)
        self._answers.close()

    def ask(self, do: str, **values: object) -> dict[str, Any]:
        """Send a request; return its answer. Events that come first are kept in `events`."""
        self._requests.write(json.dumps({"do": do, **values}) + "\n")
        self._requests.flush()
        while not (line := json.loads(self._answers.readline())).get("answer"):
            self.events.append(line)
        found: dict[str, Any] = line
        if "error" in found:
            raise RuntimeError(f"{do}: {found['error']}")
        return found

    def event(self, name: str, values: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the next event that has `name`, with one of the values if some are given."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            one = self.events.pop(0) if self.events else json.loads(self._answers.readline())
            if name in one and (not values or one[name] in values):
                return dict(one)
        raise RuntimeError(f"no event {name!r} {sorted(values)}")

    def click(self, x: int, y: int) -> float:
        """Click; return the seconds until the picture is complete."""
        self.until_quiet()
        began = time.monotonic()
        self.terminal.type(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode())
        return self.until_quiet(began) - began

    def until_quiet(self, since: float = 0.0) -> float:
        """Wait for bytes after `since`, then for quiet; return the time of the last byte before the quiet."""
        end = time.monotonic() + _PATIENCE
        while not self._painted or self._painted[-1] < since:
            if time.monotonic() > end:
                raise RuntimeError("nothing was painted")
            time.sleep(0.001)
        while time.monotonic() - self._painted[-1] < QUIET:
            time.sleep(0.001)
        return next(b for b, after in pairwise([*self._painted, float("inf")]) if b >= since and after - b >= QUIET)

    def tap(self, button: str) -> float:
        """Click a button, found by a part of its action, once it is awake; return the seconds until the picture is
        complete."""
        end = time.monotonic() + _PATIENCE
        while not (at := self.ask("where", button=button))["x"]:
            if time.monotonic() > end:
                raise RuntimeError(f"no button {button!r} is awake")
            time.sleep(0.02)
        return self.click(at["x"], at["y"])


def section(items: int, driver: str = "feig") -> Section:
    """Process this many items, and open the menu after each."""
    parts: dict[str, list[float]] = {}
    scan: list[float] = []
    menu: list[float] = []
    answer: list[float] = []
    beside: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with App(folder / "station", _STATIONS[driver]) as station, App(folder / "minimal", "minimal") as minimal:
            minimal.until_quiet()
            station.ask("ready")
            station.until_quiet()
            for number in range(1, items + WARM_UP + 1):
                scan.append(scanned(station, number))
                for what, seconds in laid_down(station, number).items():
                    parts.setdefault(what, []).append(seconds)
                time.sleep(number * 0.61 % 3)  # while the page waits, its tag is read again
                answer.append(station.tap("AllGood"))
                beside.append(minimal.click(5, 1))
                station.ask("lift")
                station.until_quiet(station.event("state", _CLOSED)["at"])
                menu.append(station.tap("Go.MENU"))
                beside.append(minimal.click(5, 1))
                station.tap("Go.CLOSE")
    counted = {what: seconds[WARM_UP:] for what, seconds in parts.items()}
    return _report(items, driver, counted, scan[WARM_UP:], answer[WARM_UP:], menu[WARM_UP:], beside[2 * WARM_UP :])


def scanned(station: App, number: int) -> float:
    """Scan an item; return the seconds until it is painted."""
    station.until_quiet()
    began = time.monotonic()
    station.ask("scan", number=number)
    return station.until_quiet(station.event("state", frozenset({"need-tag"}))["at"]) - began


def laid_down(station: App, number: int) -> dict[str, float]:
    """Lay the scanned item down; return the seconds of each part, until it is painted."""
    time.sleep(0.5 + (number * 0.037) % 0.2)  # at every phase of the poll
    station.until_quiet()
    placed = station.ask("place", number=number)["at"]
    look = station.event("look")
    shown = station.event("state", _ACKNOWLEDGED)
    painted = station.until_quiet(shown["at"])
    station.event("state", frozenset({"checking"})) if shown["state"] != "checking" else None
    return {
        "poll": look["look"] - placed,
        "look": look["answered"] - look["look"],
        "bench": shown["at"] - look["answered"],
        "paint": painted - shown["at"],
        "of the look that sees it": painted - look["look"],
        "whole": painted - placed,
    }


def _report(
    items: int,
    driver: str,
    parts: dict[str, list[float]],
    scan: list[float],
    answer: list[float],
    menu: list[float],
    beside: list[float],
) -> Section:
    rows, figures = [], {}
    for what, measured, other in (
        ("scan, to the picture", scan, None),
        *((f"item laid down: {what}", seconds, None) for what, seconds in parts.items()),
        ("tap on ALL GOOD, to the verdict", answer, beside),
        ("tap on Menu, to the menu", menu, beside),
    ):
        for percent in (50, 95):
            value = percentile(measured, percent)
            figures[f"{what} p{percent} ms"] = value * 1e3
            trivial = percentile(other, percent) if other else None
            rows.append(
                Row(
                    what=f"{what}, p{percent}",
                    value=duration(value),
                    beside="" if trivial is None else duration(trivial),
                    ratio=None if trivial is None else value / trivial,
                )
            )
    return Section(
        title=f"Reaction, {driver}",
        how=f"{items} items, real station, emulated reader, real pty; beside: a click in a Textual app of one Static",
        rows=tuple(rows),
        figures=figures,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reaction")
    parser.add_argument("items", type=int, nargs="?", default=30)
    parser.add_argument("driver", choices=_STATIONS, nargs="?", default="feig")
    chosen = parser.parse_args()
    sys.stdout.write(render([section(chosen.items, chosen.driver)]) + "\n")
