"""A center with three benches, for `station fleet demo`: the center's own commands in processes of their own, over a
PostgreSQL that is removed at the end, and scripted operators at emulated benches.

What the pages show happened: Bench 3 tagged an item before it joined, and so did Bench 1; the gate of Bench 2 stopped such
a second tag; a copy of Bench 3's disk was started on another machine. Bench 3 then went silent. The others work on.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Self

from station.base.clock import Clock, Deadline
from station.base.errors import PortMissing, StoreError
from station.base.words import ENGLISH
from station.catalog.sample.sample import SAMPLE_ITEMS, numbered_barcode
from station.demo.operator import Operator
from station.demo.postgres import Cluster
from station.demo.shelf import DemoTag, uid
from station.demo.stage import Stage
from station.domain.snapshot import Phase
from station.store.postgres.connection import connect

BENCHES: Final = {"Bench 1": "Main Library", "Bench 2": "Main Library", "Bench 3": "North Campus"}
"""Name -> site."""
_NUMBERED: Final = 120
"""Number of imaginary items that the benches process after those of the sample catalog."""
_SHARED: Final = 1
"""Place in the sample catalog of the item that gets two tags."""
_STOPPED: Final = 0
"""Place in the sample catalog of the item whose second tag the gate stops."""
_WAIT_S: Final = 60.0
_HAND_S: Final = 1.0
"""Seconds in which a hand moves an item from the scanner to the pad: the center has answered by then."""
_CENTER: Final = """\
[fleet]
database = "{database}"
port = {port}

[office]
port = {office}

[library]
name = "Imaginary Libraries"

[screen]
language = "{language}"
"""
_BENCH: Final = '\n[fleet]\ncenter = "https://localhost:{port}"\nca_file = "center.pem"\n'
_CA: Final = Path("web", "ca.pem")


class FleetStage:
    """A context manager: inside it, center, pages and benches run."""

    def __init__(
        self, data: Path, clock: Clock, progress: Callable[[str], object] = str, *, language: str = ENGLISH
    ) -> None:
        """`data`: directory of the center and the benches. `progress` is called with what begins. `language`: of the
        office."""
        self._data, self._clock, self._progress, self._language = data, clock, progress, language
        self._end = ExitStack()
        self._players: list[_Player] = []
        self.center = data / "center"
        """Data directory of the center."""
        self._port, self._office = _free_port(), _free_port()
        self._tags = count(1)

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._begin(undo)
            self._end = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    @property
    def address(self) -> str:
        """Address of the office over all benches."""
        return f"https://localhost:{self._office}/"

    def work(self, stopped: Callable[[], bool], pause_s: float = 15.0) -> None:
        """Let the benches work on, an item after each pause, until `stopped`."""
        number, at = 0, self._clock.monotonic()
        while not stopped():
            if self._clock.monotonic() >= at and number < _NUMBERED:
                number += 1
                self._players[number % len(self._players)].process(numbered_barcode(number))
                at = self._clock.monotonic() + pause_s
            self._clock.pause(0.2)

    def _begin(self, undo: ExitStack) -> None:
        self._progress("PostgreSQL, in a directory of its own")
        cluster = undo.enter_context(Cluster(self._clock))
        cluster.create("fleet")
        self._database = cluster.address("fleet")
        self.center.mkdir(parents=True, mode=0o700)
        text = _CENTER.format(database=self._database, port=self._port, office=self._office, language=self._language)
        (self.center / "station.toml").write_text(text, encoding="utf-8")
        self._progress("Center: station fleet migrate, serve and project")
        self._command(self.center, "fleet", "migrate")
        undo.enter_context(self._running("fleet", "serve", port=self._port))
        undo.enter_context(self._running("fleet", "project"))
        self._progress("Bench 3 works before it joins")
        alone = self._folder("Bench 3")
        with self._bench("Bench 3", alone, joined=False) as player:
            player.process(*_barcodes(_SHARED, 4))
        self._progress("Bench 1 joins, and works")
        first = self._join("Bench 1", undo)
        first.process(*_barcodes(_SHARED, _STOPPED, 5))
        first.process(*_barcodes(8), failing="title-in-hand")
        self._progress("Bench 3 joins; a copy of its disk is started on another machine")
        self._join_and_copy(alone)
        self._progress("Bench 2 joins; its gate stops a second tag")
        second = self._join("Bench 2", undo)
        self._until("SELECT 1 FROM holding WHERE barcode = %s", *_barcodes(_STOPPED))
        second.try_tagged(*_barcodes(_STOPPED))
        second.process(*_barcodes(10, 11))
        self._players = [first, second]
        self._progress("The office over all benches")
        for goal, site, items in (("Main stacks", "Main Library", 1200), ("Northern shelves", "North Campus", 400)):
            self._command(self.center, "fleet", "goal", goal, "--site", site, "--items", str(items))
        undo.enter_context(self._running("office", port=self._office))
        self._until("SELECT 1 FROM quarantine")
        self._until("SELECT 1 FROM second_tag")

    # --- benches ----------------------------------------------------------------------------------------------------

    def _folder(self, name: str) -> Path:
        return self._data / name.lower().replace(" ", "-")

    @contextmanager
    def _bench(self, name: str, folder: Path, *, joined: bool = True) -> Iterator[_Player]:
        further = _BENCH.format(port=self._port) if joined else ""
        stage = Stage(folder, numbered_items=_NUMBERED, virtual_clock=True, name=name, further=further)
        with stage, closing(_Player(stage, self._tags)) as player:
            yield player

    def _join(self, name: str, undo: ExitStack) -> _Player:
        folder = self._folder(name)
        self._use_code(name, folder)
        return undo.enter_context(self._bench(name, folder))

    def _use_code(self, name: str, folder: Path) -> None:
        """Have a bench join by a code of an invitation."""
        code = json.loads(self._command(self.center, "fleet", "invite", "--site", BENCHES[name], "--json"))["code"]
        folder.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(self.center / _CA, folder / "center.pem")
        self._name_center(name, folder)
        self._command(folder, "fleet", "join", code)

    def _name_center(self, name: str, folder: Path) -> None:
        """Write the center into the bench's settings."""
        settings = folder / "station.toml"
        text = settings.read_text("utf-8") if settings.exists() else f'[station]\nname = "{name}"\n'
        settings.write_text(text + _BENCH.format(port=self._port), encoding="utf-8")

    def _join_and_copy(self, folder: Path) -> None:
        """Have Bench 3 join and work, while a copy of what it was before works without the center. Then the copy reaches the
        center, and a person says that the bench has moved there."""
        self._use_code("Bench 3", folder)
        copied = folder.with_name("bench-3-copied")
        shutil.copytree(folder, copied)
        with self._bench("Bench 3", copied, joined=False) as player:
            player.process(*_barcodes(18, 22))  # more events than Bench 3 itself adds
        with self._bench("Bench 3", folder) as player:
            player.process(*_barcodes(17))
            self._until("SELECT 1 FROM holding WHERE barcode = %s", *_barcodes(17))
        self._name_center("Bench 3", copied)
        self._command(copied, "fleet", "join", "--moved")
        with self._bench("Bench 3", copied):
            self._until("SELECT 1 FROM quarantine")

    # --- the center -------------------------------------------------------------------------------------------------

    def _command(self, data: Path, *arguments: str) -> str:
        """Run a command of the station to its end. Return what it prints."""
        done = subprocess.run(_station(data, arguments), capture_output=True, text=True, check=False, timeout=_WAIT_S)
        if done.returncode:
            raise PortMissing(f"station {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def _running(self, *arguments: str, port: int = 0) -> Iterator[None]:
        """Run a command of the center. The kernel ends it if this process is killed. `port`: wait until it answers there."""
        with (self.center / f"{arguments[-1]}.log").open("ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", *_station(self.center, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which ends the center after the benches
            )
        try:
            deadline = Deadline(self._clock, _WAIT_S)
            while port and not _answers(port):
                if process.poll() is not None or deadline.expired:
                    raise PortMissing(Path(log.name).read_text("utf-8", "replace"))
                self._clock.pause(0.05)
            yield
        finally:
            process.terminate()
            process.wait()

    def _until(self, query: str, *values: str) -> None:
        """Wait until the center's database has a row."""
        deadline = Deadline(self._clock, _WAIT_S)
        with connect(self._database) as connection:
            while connection.execute(query.encode(), values).fetchone() is None:
                if deadline.expired:
                    raise StoreError(query)
                self._clock.pause(0.1)


class _Player:
    """A person at a bench."""

    def __init__(self, stage: Stage, tags: Iterator[int]) -> None:
        """`tags`: numbers of unused blank tags."""
        self._stage, self._tags = stage, tags
        self._operator = Operator(stage.station.bench, stage.reader, stage.ils)
        self._operator.eyes.wait("reader", lambda seen: seen.reader_ready)

    def close(self) -> None:
        self._operator.eyes.close()

    def process(self, *barcodes: str, failing: str = "") -> None:
        """Tag and judge these items, each with a blank tag. `failing`: a rule that each fails."""
        for barcode in barcodes:
            self._scan(barcode)
            self._operator.place(self._blank())
            self._operator.judge(failing)
            self._operator.clear()

    def try_tagged(self, barcode: str) -> None:
        """Begin an item that another bench has tagged, and set it aside when the gate stops it."""
        self._scan(barcode)
        time.sleep(_HAND_S)
        self._operator.place(self._blank())
        self._operator.eyes.wait("gate", lambda seen: seen.fault is not None or seen.phase is Phase.CHECKING)
        self._operator.set_aside()
        self._operator.clear()

    def _scan(self, barcode: str) -> None:
        self._operator.scan(barcode)
        self._operator.phase(Phase.NEED_TAG)

    def _blank(self) -> DemoTag:
        tag = DemoTag(uid=uid(next(self._tags)))
        self._stage.create(tag)
        return tag


def _barcodes(*places: int) -> list[str]:
    return [str(SAMPLE_ITEMS[place][0]) for place in places]


def _station(data: Path, arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "station", *arguments, "--data", str(data)]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
