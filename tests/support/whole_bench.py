"""A bench for process tests: emulated reader and Alma as processes, a data directory, `station run` on a pty."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import shutil
import socket
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from station.base import settings
from station.catalog.sample.sample import numbered
from station.demo.alma_items import items as alma_items
from station.domain.item import Barcode
from station.runtime import library_systems as systems_of
from tests.support import forked, station_process
from tests.support.feig_rig import Rig
from tests.support.patience import PATIENCE_S

ITEMS = 80
"""Numbered items in the catalog."""

TOML = """\
[library]
isil = "US-ImagCC"
[reader]
port = "{port}"
poll_ms = 100
answer_ms = 300
[tag]
call_number_on_tag = true
[delivery]
take_back_s = 0
[delivery.alma]
enabled = true
base_url = "{alma}"
requests_per_second = 20
timeout_s = {patience}
"""
ALMA_S = 10.0
"""How long the station waits for Alma, in seconds. Only a test that delays Alma spends this time."""


def prepare(folder: Path, items: int = ITEMS) -> Path:
    """Make a data directory with a journal and a catalog of this many items. It is made once and then copied."""
    data = folder / "template"
    data.mkdir()
    (data / "station.toml").write_text(TOML.format(port="/nowhere", alma="http://127.0.0.1", patience=ALMA_S))
    (data / "numbered.mrc").write_bytes(numbered(items))
    importing = station_process.start(folder, "catalog", "import", str(data / "numbered.mrc"), "--data", str(data))
    done = station_process.Ended(importing, station_process.PATIENCE + items)
    assert done.code == 0, repr(done)
    index = systems_of.catalog_index(settings.load(data / "station.toml"), data)
    records = [index.find(Barcode(station_process.barcode(number))) for number in range(1, items + 1)]
    index.close()
    (folder / "alma.json").write_text(json.dumps(alma_items(records)))
    (data / "credentials").mkdir(mode=0o700)
    (data / "credentials" / "alma").write_text("imaginary-key")
    (data / "credentials" / "alma").chmod(0o600)
    return data


class Ils:
    """The emulated Alma."""

    def __init__(self, folder: Path, items: Path) -> None:
        self.state = folder / "alma-state.json"
        paths = ["--items", items, "--state", self.state, "--control", folder / "ils"]
        self.process = forked.emulator("library_systems.alma", *paths)
        assert self.process.stdout is not None
        self.address = json.loads(self.process.stdout.readline())["base_url"]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(str(folder / "ils"))
        self._lines = self._socket.makefile("rb")

    def do(self, word: str, **arguments: Any) -> dict[str, Any]:
        self._socket.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
        said: dict[str, Any] = json.loads(self._lines.readline())
        assert said["ok"], said
        return said

    def note(self, code: str) -> str:
        note: str = self.do("dump", barcode=code)["item"]["item_data"]["internal_note_3"]
        return note

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


class Screen:
    """A station process on a pty. Its output is only collected, not interpreted."""

    def __init__(self, folder: Path, *arguments: str, controlling: bool = True) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x1e\x00\x64\x00\x00\x00\x00\x00")

        self.process = forked.start(
            *arguments,
            terminal=controlling,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=station_process.ROOT,
            env={**station_process.environment(folder), "TERM": "xterm-256color"},
            start_new_session=not controlling,
        )
        os.close(slave)
        self.drawn = bytearray()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 65536):
                self.drawn += data

    def hang_up(self) -> None:
        """Close the terminal."""
        master, self.master = self.master, -1
        # The read of the draining thread keeps the file open. Replacing the descriptor by a closed device wakes the
        # thread.
        os.dup2(os.open(os.devnull, os.O_RDONLY), master)
        os.close(master)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._thread.join(PATIENCE_S)
        if self.master >= 0:
            os.close(self.master)


class Bench:
    """Reader, Alma and data directory. `station` runs a command on them."""

    def __init__(self, folder: Path, template: Path, alma_s: float = ALMA_S) -> None:
        self.folder = folder
        self.data = folder / "d"
        shutil.copytree(template, self.data)
        (folder / "r").mkdir()
        self.reader = Rig(folder / "r").start("--no-drip")
        self.ils = Ils(folder, template.parent / "alma.json")
        (self.data / "station.toml").write_text(
            TOML.format(port=self.reader.link, alma=self.ils.address, patience=alma_s)
        )
        self.number = 0
        self.screen: Screen | None = None

    def close(self) -> None:
        if self.screen is not None:
            self.screen.close()
        self.ils.close()
        self.reader.close()

    def item(self, *, place: bool = True, **tag: Any) -> tuple[str, str]:
        """Make the next item. Return its barcode and its tag's UID. The tag is alone on the pad unless `place` is
        False."""
        self.number += 1
        self.reader.do("lift")
        uid = station_process.own(self.number)
        self.reader.do("create", uid=uid, place=place, **tag)
        return station_process.barcode(self.number), uid

    def station(self, *arguments: str, **how: Any) -> station_process.Ended:
        return station_process.station(self.folder, *arguments, "--data", str(self.data), **how)

    def start(self, *arguments: str, **how: Any) -> forked.Started:
        return station_process.start(self.folder, *arguments, "--data", str(self.data), **how)

    def open(self) -> Screen:
        """Start `station run` on a pty; return when its socket answers and the reader is ready."""
        self.screen = Screen(self.folder, "run", "--data", str(self.data))
        until(lambda: (self.data / "station.sock").exists(), "the station's socket", self.screen.process)
        frames = self.reader.do("counters")["frames_in"]
        until(lambda: self.reader.do("counters")["frames_in"] > frames, "a look at the pad", self.screen.process)
        return self.screen

    def holds(self, uid: str, code: str) -> None:
        """Assert that the tag is finished and holds this barcode, by a literal reading of the emulator's memory."""
        tag = self.reader.dump(uid)
        assert station_process.identifier(tag) == code
        assert (tag["afi"], tag["locked"]) == (0x07, [])
        assert (
            station_process.text_of(station_process.elements(bytes.fromhex(tag["memory"]))[3]) == station_process.ISIL
        )

    def blank(self, uid: str) -> None:
        """Assert that nothing was ever written to the tag."""
        tag = self.reader.dump(uid)
        assert (int(tag["memory"], 16), tag["dsfid"], tag["afi"], tag["writes"]) == (0, 0, 0, {})

    def states(self, code: str) -> dict[str, str]:
        """Return system -> state of the item's deliveries."""
        return {
            row["system"]: row["state"]
            for row in station_process.deliveries(self.data)
            if row["intent"]["barcode"] == code
        }

    def delivered_once(self, code: str) -> None:
        """Assert one line in the file, one entry in Alma, both deliveries done, and the notes of others unchanged."""
        assert self.states(code) == {"alma": "delivered", "file": "delivered"}
        assert [line["barcode"] for line in station_process.results(self.data)].count(code) == 1
        note = self.ils.note(code)
        assert note.count("RFID [") == 1 and note.startswith("MIGRATED: N"), note


@contextlib.contextmanager
def bench(template: Path, alma_s: float = ALMA_S) -> Iterator[Bench]:
    """Make a bench in a folder with a short name."""
    with station_process.short_folder() as folder:
        made = Bench(folder, template, alma_s)
        try:
            yield made
        finally:
            made.close()


def until(condition: Callable[[], bool], what: str, process: forked.Started | None = None) -> None:
    """Wait for a condition in another process that gives no notification."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert process is None or process.poll() is None, f"the process ended before {what}"
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.01)
