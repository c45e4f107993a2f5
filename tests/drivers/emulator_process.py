"""An emulator's process at a TCP port with its control socket, and a line to it in virtual time.

Made for thousands of schedules: several control commands travel in one trip (`do_all`), and the tags live in memory if
the machine has a file system for that. After each request, the command `settle` waits until the emulator has handled
and answered everything it received. So nothing here depends on the order in which the processes are scheduled.
"""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from itertools import cycle
from pathlib import Path
from typing import Any

from station.base.clock import Deadline
from station.base.errors import PortLost, PortMissing, ReaderSilent
from tests.conftest import FakeClock
from tests.support import forked
from tests.support.patience import PATIENCE_S

_IN_MEMORY = Path("/dev/shm")
_PIECES = (1, 7, 2, 5, 3, 64)
"""Sizes of the pieces in which bytes arrive, in turn: an answer never arrives in one piece."""
_ASKS = frozenset({"settle", "dump", "state", "counters", "help"})
"""Control commands that change nothing."""


class Stranger:
    """The emulator's process. `folder`: the test's folder, for the socket."""

    def __init__(self, module: str, folder: Path, *options: str) -> None:
        self._tags = Path(tempfile.mkdtemp(prefix="tags-", dir=_IN_MEMORY if _IN_MEMORY.is_dir() else folder))
        places = ["--listen", "127.0.0.1:0", "--memory", self._tags, "--control", folder / "c"]
        self._process = forked.emulator(module, *places, "--clock", "virtual", "--no-drip", *options)
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        host, port = ready["link"].split(":")
        self.address = (host, int(port))
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(ready["control"])
        self._lines = self._socket.makefile("rb")
        self.settled = False
        """True if the emulator has sent everything it can send."""
        self.settlings = 0

    def do(self, word: str, **arguments: object) -> dict[str, Any]:
        return self.do_all({"do": word, **arguments})[0]

    def do_all(self, *words: dict[str, Any]) -> list[dict[str, Any]]:
        """Send several control commands in one trip; return the answers in the same order."""
        self._socket.sendall(b"".join(json.dumps(word).encode() + b"\n" for word in words))
        answers: list[dict[str, Any]] = [json.loads(self._lines.readline()) for _ in words]
        for word, answer in zip(words, answers, strict=True):
            assert answer["ok"], (word, answer)
            self.settlings += word["do"] == "settle"
            self.settled = word["do"] == "settle" or (self.settled and word["do"] in _ASKS)
        return answers

    def settle(self) -> None:
        """Wait until everything that has arrived is handled and answered."""
        if not self.settled:
            self.do("settle")

    def dump(self, uid: str) -> dict[str, Any]:
        return seen(self.do("dump", uid=uid))

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()
        shutil.rmtree(self._tags)


def seen(answer: dict[str, Any]) -> dict[str, Any]:
    """Return those parts of an answer to "dump" that a reader can change."""
    tag: dict[str, Any] = answer["tag"]
    return {name: tag[name] for name in ("memory", "afi", "dsfid", "eas", "locked", "afi_locked", "dsfid_locked")}


class VirtualLine:
    """Transport over TCP in virtual time: when the emulator has nothing more to send, the clock moves to the deadline.

    Bytes that follow an answer are still under way at the instant when the answer is complete. A caller that looks for
    more before time has passed finds nothing, and meets those bytes before the next answer.

    `lost_after`: bytes that may still be read before the cable is pulled. `jammed_at`: which request from now (1 = the
    next) finds the line full; the line takes none of it before its deadline.
    """

    def __init__(self, stranger: Stranger, clock: FakeClock) -> None:
        self._stranger = stranger
        self._clock = clock
        self._inbox = bytearray()
        self._pieces = cycle(_PIECES)
        self._over: PortLost | None = None
        self._fetched = 0
        self._read_at = -1.0
        try:
            self._socket = socket.create_connection(stranger.address, timeout=PATIENCE_S)
        except OSError as error:
            raise PortMissing(str(error)) from error
        # A request must be sent at once, also after a frame that the emulator has not answered.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self.lost_after: int | None = None
        self.jammed_at = 0
        self.exchanges = 0

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._require()
        self.exchanges += 1
        if self.jammed_at:
            self.jammed_at -= 1
            if not self.jammed_at:
                self._clock.pause(deadline.remaining)
                raise ReaderSilent("jammed")
        self._stranger.settled = False
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise PortLost(str(error)) from error

    def read(self, deadline: Deadline) -> bytes:
        self._require()
        self._fetch()
        self._read_at = self._clock.monotonic()
        if self._inbox:
            return self._take(next(self._pieces))
        if self._over is not None:
            raise self._over
        self._clock.pause(deadline.remaining)
        raise ReaderSilent("virtual")

    def discard_input(self) -> int:
        self._require()
        self._fetch()
        if self._over is not None:
            raise self._over
        if self._clock.monotonic() == self._read_at:
            return 0
        return len(self._take(len(self._inbox)))

    def close(self) -> None:
        self._socket.close()

    def _require(self) -> None:
        if self.lost_after == 0:
            raise PortLost("pulled")

    def _fetch(self) -> None:
        """Fetch everything the emulator has sent, including what it sent before it hung up."""
        self._stranger.settle()
        if self._fetched == self._stranger.settlings:
            return
        self._fetched = self._stranger.settlings
        while self._over is None:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return
            except OSError as error:
                self._over = PortLost(str(error))
            else:
                self._inbox += data
                self._over = None if data else PortLost("end of file")

    def _take(self, most: int) -> bytes:
        if self.lost_after is not None:
            most = min(most, self.lost_after)
        data = bytes(self._inbox[:most])
        del self._inbox[: len(data)]
        if self.lost_after is not None:
            self.lost_after -= len(data)
        return data
