"""A pytest plugin for other projects: fixtures `rfid_reader` and `tags`, an emulated reader in a separate process.

    def test_my_driver(rfid_reader, tags):
        label = tags.add(chip="slix", memory="00112233")
        my_driver.connect(rfid_reader.port).write(...)
        assert label.memory[:4] == b"..."

It uses only the station's emulators, which it starts as any program would. To choose the reader and its options:

    @pytest.mark.rfid(reader="3m", scenario="two-tags", network=True, options=["--without", "0b"])

or in the ini file: rfid_reader = 3m. docs/emulators.md describes the readers, the scenarios and the vocabulary of
faults.
"""

from __future__ import annotations

import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

MODULES: Final = {"feig": "feig", "3m": "threem", "pn532": "pn532", "trf7970a": "trf7970a", "nfcudp": "nfcudp"}
_PATIENCE_S: Final = 20.0


class EmulatorError(Exception):
    """The emulator did not start, has ended, or refused a request. The message is the emulator's own."""


class EmulatedReader:
    """A running emulated reader. `port`: what a client opens, the path of a terminal or HOST:PORT."""

    def __init__(
        self,
        reader: str = "feig",
        *,
        network: bool = False,
        scenario: str | Sequence[str] = (),
        tags: str | Sequence[str] = (),
        clock: str = "virtual",
        options: Sequence[str] = (),
        minimal: str = "",
    ) -> None:
        """`reader`: feig, 3m, pn532, trf7970a or nfcudp. `clock`: "virtual" takes no time, "real" as long as a real
        reader. `scenario`, `tags`: files, or names of ready scenarios. `options`: command-line options of the emulator.
        `minimal` (feig and 3m): support only the commands that inventory, read and write need; to other commands the
        reader "refuses" or is "silent". Raises `EmulatorError`."""
        if reader not in MODULES:
            raise EmulatorError(f"there is no reader {reader!r}; there are {', '.join(MODULES)}")
        self.kind = reader
        self._folder = Path(tempfile.mkdtemp(prefix="rfid-"))
        network = network or reader == "nfcudp"
        where = ["--listen", "127.0.0.1:0"] if network else ["--link", str(self._folder / "reader")]
        self.control = control = str(self._folder / "control")
        """Path of the control socket, for a program that sends control words itself."""
        command = [sys.executable, "-m", f"station.emulators.{MODULES[reader]}", *where]
        command += ["--memory", str(self._folder / "tags"), "--control", control, "--clock", clock]
        for option, names in (("--scenario", scenario), ("--tags", tags)):
            for name in [names] if isinstance(names, str) else names:
                command += [option, str(name)]
        command += ["--minimal", minimal] * bool(minimal)
        self._process = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            reason = self._process.stderr.read().decode(errors="replace").strip()
            self._end()
            raise EmulatorError(reason)
        self.port = str(json.loads(line)["link"])
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.connect(control)
        self._lines = self._socket.makefile("rb")
        self.tags = Tags(self)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of a reader on the network."""
        host, _, port = self.port.rpartition(":")
        return host, int(port)

    def do(self, word: str, **arguments: Any) -> dict[str, Any]:
        """Send a word of the control vocabulary: do("lift-after-writes", n=3, mode="subset"). Raises
        `EmulatorError`."""
        try:
            self._socket.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
            line = self._lines.readline()
        except OSError as error:
            raise EmulatorError(f"the emulator does not answer: {error}") from error
        if not line:
            raise EmulatorError("the emulator has ended")
        answer: dict[str, Any] = json.loads(line)
        if not answer.pop("ok"):
            raise EmulatorError(str(answer["error"]))
        return answer

    @property
    def counters(self) -> dict[str, Any]:
        """Frames, commands, programmed cells and seconds since the start or the last reset."""
        return self.do("counters")

    def unplug(self) -> None:
        """Pull the plug: a client sees its port vanish."""
        self.do("unplug")

    def plug(self) -> None:
        """Plug the reader in again. The port keeps its name."""
        self.do("plug")

    def close(self) -> None:
        """End the emulator. May be called twice."""
        self._lines.close()
        self._socket.close()
        self._end()

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Tag:
    """One emulated tag. Every property is read from the emulator, so it is always current."""

    def __init__(self, reader: EmulatedReader, uid: str) -> None:
        self.uid = uid
        self._reader = reader

    def __repr__(self) -> str:
        return f"Tag({self.uid})"

    def _dump(self) -> dict[str, Any]:
        tag: dict[str, Any] = self._reader.do("dump", uid=self.uid)["tag"]
        return tag

    @property
    def memory(self) -> bytes:
        """The whole memory, block 0 first."""
        return bytes.fromhex(self._dump()["memory"])

    @property
    def afi(self) -> int:
        """Application family identifier."""
        return int(self._dump()["afi"])

    @property
    def dsfid(self) -> int:
        """Data storage format identifier."""
        return int(self._dump()["dsfid"])

    @property
    def eas(self) -> bool:
        """The EAS bit."""
        return bool(self._dump()["eas"])

    @property
    def locked(self) -> list[int]:
        """Numbers of the locked blocks."""
        return list(self._dump()["locked"])

    @property
    def on_pad(self) -> bool:
        """Whether the tag is on the reader."""
        return bool(self._dump()["on_pad"])

    def place(self) -> None:
        """Put the tag on the reader."""
        self._reader.do("place", uid=self.uid)

    def lift(self) -> None:
        """Take the tag off the reader."""
        self._reader.do("lift", uid=self.uid)

    def poke(self, **values: Any) -> None:
        """Change the tag without an air write: memory (hex) from `block` on, afi, dsfid, eas, locked."""
        self._reader.do("poke", uid=self.uid, **values)


class Tags:
    """All tags of one reader, on it or not."""

    def __init__(self, reader: EmulatedReader) -> None:
        self._reader = reader
        self._numbers = itertools.count(1)

    def add(self, uid: str = "", *, chip: str = "slix", place: bool = True, **values: Any) -> Tag:
        """Create a tag; without `uid`, with a UID that fits the chip. `values`: memory (hex or bytes), afi, dsfid, eas,
        locked, afi_locked; for an NTAG text, uri or user."""
        if isinstance(values.get("memory"), (bytes, bytearray)):
            values["memory"] = bytes(values["memory"]).hex()
        name = uid or self._fresh(chip)
        self._reader.do("create", uid=name, chip=chip, place=place, **values)
        return Tag(self._reader, name.upper())

    def _fresh(self, chip: str) -> str:
        number = next(self._numbers)
        if chip.startswith("ntag"):
            return f"04{number:012X}"
        heads = {"tag-it-hfi-plus": "E0070000", "lri2k": "E0022000", "slix2": "E0040108", "sli": "E0040100"}
        return f"{heads.get(chip, 'E0040150')}{number:08X}"

    def __iter__(self) -> Iterator[Tag]:
        return iter([Tag(self._reader, str(tag["uid"])) for tag in self._reader.do("tags")["tags"]])

    def __getitem__(self, uid: str) -> Tag:
        tag = Tag(self._reader, uid.upper())
        tag._dump()
        return tag

    def __len__(self) -> int:
        return len(self._reader.do("tags")["tags"])

    def lift(self) -> None:
        """Take all tags off the reader."""
        self._reader.do("lift")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    parser.addini(
        "rfid_reader", "emulated reader of the fixture rfid_reader: feig, 3m, pn532, trf7970a, nfcudp", default="feig"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "rfid(reader, network, scenario, tags, clock, options, minimal): which reader the fixture rfid_reader starts",
    )


@pytest.fixture
def rfid_reader(request: pytest.FixtureRequest) -> Iterator[EmulatedReader]:
    """An emulated RFID reader: port, do(word), counters, unplug(), plug(), tags. See station.emulators.pytest_plugin."""
    marker = request.node.get_closest_marker("rfid")
    wanted: dict[str, Any] = {"reader": request.config.getini("rfid_reader")}
    if marker is not None:
        wanted |= dict(zip(("reader",), marker.args, strict=False)) | marker.kwargs
    reader = EmulatedReader(**wanted)
    yield reader
    reader.close()


@pytest.fixture
def tags(rfid_reader: EmulatedReader) -> Tags:
    """The tags of that reader: add(...), iteration, lift()."""
    return rfid_reader.tags
