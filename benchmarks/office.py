"""The office over a long journal: time of each page, its memory over a day of requests, and the bench beside it.

    python -m benchmarks.office [EVENTS [FOLDER]]

FOLDER keeps the journal for the next run. The office is a process of its own, asked over TLS on loopback. It and the one
that asks share the machine.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final, Self
from urllib.parse import urlencode

import msgspec

from benchmarks import long_journal
from benchmarks.reaction import App, laid_down, scanned
from benchmarks.report import Row, Section, duration, median, percentile, render
from station.base.clock import SystemClock
from station.base.settings import load
from station.domain.events import PinSet
from station.domain.people.sign_on import Pin
from station.https.certificates import CA, FOLDER
from station.runtime.data_directory import JOURNAL, SETTINGS_NAME
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import open_store
from station.store.queries.queries import Queries

OPEN: Final = 100
"""One open correction for so many events: 10,000 for a million."""
WARM_UP: Final = 3
"""Requests of a page, and items of the bench, that are not counted."""
MEMORY_GOAL: Final = 150e6
_PIN: Final = "739105"
_PAUSE: Final = 1.0
"""Seconds between two pages beside the bench: five people, a page every five seconds each."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Amount of work of both measurements."""

    events: int
    requests: int
    """Requests of each page."""
    day: int
    """Pages of a day, after which the memory is measured."""
    items: int
    """Items that the bench processes each way."""


class Office:
    """A running office and one browser that keeps its connection and its session."""

    def __init__(self, process: subprocess.Popen[str], data: Path, port: int) -> None:
        self._process = process
        context = ssl.create_default_context(cafile=data / FOLDER / CA)
        self._browser = http.client.HTTPSConnection("localhost", port, timeout=60, context=context)
        self._head: dict[str, str] = {}

    def page(self, path: str) -> str:
        """Return a page. Raises `RuntimeError` if it is not whole."""
        self._browser.request("GET", path, headers=self._head)
        answer = self._browser.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return text

    def send(self, path: str, **typed: str) -> float:
        """Open a form and send it with what is typed; return the seconds from sending to the answer."""
        hidden = re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.page(path).partition("<main")[2]
        )
        head = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **self._head}
        began = perf_counter()
        self._browser.request("POST", path, urlencode({**dict(hidden), **typed}), head)
        answer = self._browser.getresponse()
        text = answer.read().decode()
        if answer.status != 303:
            raise RuntimeError(f"{path}: {answer.status} {text[:2000]}")
        seconds = perf_counter() - began
        if cookie := answer.headers.get("set-cookie"):
            self._head = {"cookie": cookie.partition(";")[0]}
        return seconds

    def reconnect(self) -> None:
        """Close the connection, which the office would close after some idle seconds; the next page opens another."""
        self._browser.close()

    def work(self) -> float:
        """Return the seconds of processor time that the process has used (proc(5), schedstat of its threads)."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text(encoding="utf-8").split()[0]) for thread in threads) / 1e9

    def memory(self) -> int:
        """Return the resident bytes of the process."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)
        assert found is not None
        return int(found[1]) * 1024


@contextmanager
def running(data: Path) -> Iterator[Office]:
    """Run the office of a data directory."""
    command = [sys.executable, "-m", "station", "office", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            opened = re.search(r"https://localhost:(\d+)/", process.stderr.readline())
            if opened is None:
                raise RuntimeError("the office did not open")
            yield Office(process, data, int(opened[1]))
        finally:
            process.send_signal(signal.SIGTERM)


class _Page:
    """One page to be asked for: its name, its goal in milliseconds, and its paths."""

    def __init__(self, what: str, goal: int, path: Callable[[random.Random], str]) -> None:
        self.what, self.goal, self.path = what, goal, path


def _pages(data: Path, items: int, events: int) -> Sequence[_Page]:
    queries = Queries(data / JOURNAL, SystemClock(), long_journal.TECHNICIAN)
    names = [brief.id for brief in queries.correction_briefs("")]

    def of_item(chance: random.Random) -> str:
        return f"/items/{long_journal.barcode_of(chance.randrange(items))}"

    return (
        _Page("one item", 50, of_item),
        _Page("a page of the journal", 50, lambda chance: f"/journal?before={chance.randrange(200, events)}"),
        _Page("one correction", 50, lambda chance: f"/fix/{chance.choice(names)}"),
        _Page("Today", 50, lambda _: "/today"),
        _Page("To fix", 100, lambda _: "/fix"),
        _Page("To fix of one owner, by title", 100, lambda _: "/fix?owner=Cataloging&sort=item_title"),
        _Page("Outbox", 100, lambda _: "/outbox"),
        _Page("Quality by material", 150, lambda _: "/quality?by=material"),
        _Page("Quality by worker", 150, lambda _: "/quality?by=worker"),
        _Page("journal by one who did little", 100, lambda _: f"/journal?person={long_journal.RARE}"),
    )


def section(folder: Path, size: Size) -> Section:
    """Make a journal, ask for each page in turn, then for pages of all kinds."""
    events, requests, day = size.events, size.requests, size.day
    data = folder / "office"
    items = events // long_journal.EVENTS_OF_AN_ITEM
    if not (data / JOURNAL).exists():
        data.mkdir()
        long_journal.make(data, events, events // OPEN)
    _settings(data, sign_on=False)
    chance, rows, figures = random.Random(7), [], dict[str, float]()
    pages = _pages(data, items, events)
    with running(data) as office:
        office.page("/quality")  # the statistics load in the background
        for page in pages:
            seconds, work, length = _asked(office, page, chance, requests)
            p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
            figures |= {f"{page.what} p50 ms": p50 * 1e3, f"{page.what} p95 ms": p95 * 1e3}
            figures[f"{page.what} processor ms"] = work * 1e3
            how = (
                f"p50 {duration(p50)}, first {duration(seconds[0])}, processor {duration(work)}, {length / 1e3:.0f} kB"
            )
            rows.append(
                Row(
                    what=f"{page.what}, p95",
                    value=duration(p95),
                    beside=f"{page.goal} ms",
                    ratio=p95 * 1e3 / page.goal,
                    how=how,
                )
            )
        early = office.memory()
        for number in range(day):
            office.page(pages[number % len(pages)].path(chance))
        late = office.memory()
        rows.append(_acts(data, office, requests))
    rows.append(_acts_with_pin(data, requests))
    figures |= {"memory MB": late / 1e6, "memory grown MB": (late - early) / 1e6}
    rows.append(
        Row(
            what="memory",
            value=f"{late / 1e6:.0f} MB",
            beside=f"{MEMORY_GOAL / 1e6:.0f} MB",
            ratio=late / MEMORY_GOAL,
            how=f"after {day:,} more pages; {early / 1e6:.0f} MB before them",
        )
    )
    journal = (data / JOURNAL).stat().st_size
    return Section(
        title="Office",
        how=f"{events:,} events of {items:,} items, {journal / 1e6:,.0f} MB; beside: the goal",
        rows=tuple(rows),
        figures=figures,
    )


def _settings(data: Path, *, sign_on: bool) -> None:
    text = long_journal.SETTINGS + "[office]\nport = 0\n"
    (data / SETTINGS_NAME).write_text(text + ("[people]\nsign_on = true\n" if sign_on else ""), encoding="utf-8")


def _acts(data: Path, office: Office, requests: int) -> Row:
    """Take so many corrections by the office's form while a station runs, which journals them."""
    with _serving(data):
        office.reconnect()
        seconds = [office.send(f"/fix/{name}/take") for name in _open(data)[-requests:]]
    return _act("an act by a form", seconds, "no PIN", 100)


def _acts_with_pin(data: Path, requests: int) -> Row:
    """Close so many corrections as a student to whom a technician lends the right, with a PIN each time."""
    _settings(data, sign_on=True)
    lender, student = f"{long_journal.TECHNICIAN}", "w-0000"
    _give_pins(data, (lender, student))
    typed = {"result": "withdrawn", "reason": "Lost.", "lender": lender, "lender-pin": _PIN}
    with _serving(data), running(data) as office:
        office.send("/sign-in", login=student, pin=_PIN)
        seconds = [office.send(f"/fix/{name}/close", **typed) for name in _open(data)[:requests]]
    return _act("an act with a PIN", seconds, "the right is lent", 300)


def _act(what: str, seconds: Sequence[float], how: str, goal: int) -> Row:
    p95 = percentile(seconds, 95)
    how = f"{len(seconds)} times, {how}; p50 {duration(percentile(seconds, 50))}"
    return Row(what=f"{what}, p95", value=duration(p95), beside=f"{goal} ms", ratio=p95 * 1e3 / goal, how=how)


@contextmanager
def _serving(data: Path) -> Iterator[None]:
    """Run a station without a screen."""
    command = [sys.executable, "-m", "station", "serve", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as station:
        try:
            assert station.stderr is not None
            station.stderr.readline()
            yield
        finally:
            station.send_signal(signal.SIGTERM)


def _open(data: Path) -> list[str]:
    """Return the ids of the corrections that wait to be fixed and belong to a department."""
    briefs = Queries(data / JOURNAL, SystemClock()).correction_briefs()
    return [brief.id for brief in briefs if (brief.kind, brief.state) == ("mend", "open") and brief.owner[:2] != "w-"]


def _give_pins(data: Path, people: Sequence[str]) -> None:
    with closing(open_store(data / JOURNAL, SystemClock())) as store:
        authenticator = open_authenticator(load(data / SETTINGS_NAME), data, store.queries, SystemClock())
        for person in people:
            store.journal.record(PinSet(worker=person))
            authenticator.pins.give(person, Pin(_PIN), must_change=False)


def _asked(office: Office, page: _Page, chance: random.Random, requests: int) -> tuple[list[float], float, int]:
    """Return the seconds of each request, the first one of the process first; the median of the office's processor time; and
    the bytes of the last page."""
    seconds, work, text = [], [], ""
    for _ in range(requests):
        before, began = office.work(), perf_counter()
        text = office.page(page.path(chance))
        seconds.append(perf_counter() - began)
        work.append(office.work() - before)
    return seconds, median(work), len(text.encode())


def beside(folder: Path, items: int) -> Section:
    """Process this many items at a bench whose journal an office reads, and as many while it does not, in alternation."""
    found: dict[bool, dict[str, list[float]]] = {True: {}, False: {}}
    with App(folder / "bench", "station") as station:
        station.ask("ready")
        station.until_quiet()
        data = folder / "bench" / "data"
        with (data / "station.toml").open("a", encoding="utf-8") as settings:
            settings.write("\n[office]\nport = 0\n")
        with running(data) as office:
            for number in range(1, 2 * items + WARM_UP + 1):
                read = number % 2 == 0
                with _Reader(office) if read else contextlib.nullcontext():
                    scan = scanned(station, number)
                    whole = laid_down(station, number)
                    tapped = station.tap("AllGood")
                station.ask("lift")
                station.until_quiet(station.event("state", frozenset({"idle"}))["at"])
                if number > WARM_UP:
                    times = {
                        "scan, to the picture": scan,
                        "item laid down, to the picture": whole["of the look that sees it"],
                        "tap on ALL GOOD, to the verdict": tapped,
                    }
                    for what, seconds in times.items():
                        found[read].setdefault(what, []).append(seconds)
    rows, figures = [], dict[str, float]()
    for what, beside_it in found[True].items():
        alone = found[False][what]
        figures |= {f"{what} ms": median(beside_it) * 1e3, f"{what} alone ms": median(alone) * 1e3}
        rows.append(
            Row(
                what=what,
                value=duration(median(beside_it)),
                beside=duration(median(alone)),
                ratio=median(beside_it) / median(alone),
                how=f"p95 {duration(percentile(beside_it, 95))}, alone {duration(percentile(alone, 95))}",
            )
        )
    return Section(
        title="The bench beside an office",
        how=f"{items} items each way, a page of the office each second; beside: no page is read",
        rows=tuple(rows),
        figures=figures,
    )


class _Reader:
    """Reads pages of the office while it is open, as five people do."""

    _PATHS: Final = ("/today", "/journal", "/fix", "/outbox")

    def __init__(self, office: Office) -> None:
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        number = 0
        while not self._over.is_set():
            self._office.page(self._PATHS[number % len(self._PATHS)])
            number += 1
            self._over.wait(_PAUSE)

    def __enter__(self) -> Self:
        self._office.reconnect()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="station-office-") as name:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        size = Size(events=count, requests=50, day=2_000, items=20)
        print(render([section(Path(sys.argv[2] if len(sys.argv) > 2 else name), size), beside(Path(name), size.items)]))
