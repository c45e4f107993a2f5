"""An independent client for the emulated FEIG reader: raw terminal, literal bytes, JSON lines on the control socket."""

from __future__ import annotations

import json
import os
import select
import socket
import termios
import time
import tty
from pathlib import Path
from typing import Any

from tests.support import forked
from tests.support.patience import PATIENCE_S

PATIENCE = PATIENCE_S
SLIX = "E00401000012AB01"
TI = "E00700000071AB02"
SPEEDS = {
    9600: termios.B9600,
    19200: termios.B19200,
    38400: termios.B38400,
    115200: termios.B115200,
    921600: termios.B921600,
}


def crc16(data: bytes) -> bytes:
    """Compute the CRC bit by bit, as in the manual; checked against the vendor's frames and crccheck in
    tests/emulators/feig/test_frames.py."""
    crc = 0xFFFF
    for byte in data:
        for bit in range(8):
            crc = (crc >> 1) ^ (0x8408 if (crc ^ (byte >> bit)) & 1 else 0)
    return crc.to_bytes(2, "little")


def frame(body: str) -> str:
    """Return the standard frame for a body such as "FF B0 01 00"."""
    data = bytes.fromhex(body)
    data = bytes((len(data) + 3,)) + data
    return (data + crc16(data)).hex()


class Rig:
    """One emulator process with its folder; start() may be called again after kill()."""

    MODULE = "feig"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.link = folder / "reader"
        self.process: forked.Started | None = None
        self._port = -1
        self._in = self._out = 0  # bytes sent here, and bytes received here
        self._socket: socket.socket | None = None

    def start(self, *options: str, clock: str = "virtual") -> Rig:
        paths = ["--link", self.link, "--memory", self.folder / "tags", "--control", self.folder / "control"]
        self.process = forked.emulator(self.MODULE, *paths, "--clock", clock, *options)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        assert ready == {"link": str(self.link), "control": str(self.folder / "control")}
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(ready["control"])
        self._lines = self._socket.makefile("rb")
        return self

    def close(self) -> None:
        self.hang_up()
        if self._socket is not None:
            self._lines.close()
            self._socket.close()
            self._socket = None
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe is not None
                pipe.close()
            self.process = None

    def anew(self) -> None:
        """Reset the emulator to its state after a start: cold, no tag on the pad, no fault set. Stored tags stay."""
        self.hang_up()
        self.do("unplug")
        self.do("plug")
        self.do("clear-faults")
        self.do("lift")
        self.do("reset-counters")

    # -- control -------------------------------------------------------------------------------------------------

    def say(self, text: bytes) -> dict[str, Any]:
        assert self._socket is not None
        self._socket.sendall(text + b"\n")
        return json.loads(self._lines.readline())

    def do(self, word: str, **arguments: Any) -> dict[str, Any]:
        said = self.say(json.dumps({"do": word, **arguments}).encode())
        assert said["ok"], said
        return said

    def refused(self, word: str, **arguments: Any) -> str:
        said = self.say(json.dumps({"do": word, **arguments}).encode())
        assert not said["ok"], said
        return said["error"]

    def tag(self, uid: str = SLIX, **arguments: Any) -> None:
        self.do("create", uid=uid, place=True, replace=True, **arguments)

    def dump(self, uid: str = SLIX) -> dict[str, Any]:
        return self.do("dump", uid=uid)["tag"]

    def block(self, number: int, uid: str = SLIX) -> str:
        return self.dump(uid)["memory"][8 * number : 8 * number + 8]

    def seconds(self) -> dict[str, float]:
        return self.do("counters")["seconds"]

    # -- line ----------------------------------------------------------------------------------------------------

    @property
    def port(self) -> int:
        if self._port < 0:
            self._port = os.open(self.link, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._port)
            state = self.do("state")
            self._in, self._out = state["bytes_in"], state["bytes_out"]
        return self._port

    def hang_up(self) -> None:
        if self._port >= 0:
            os.close(self._port)
            self._port = -1

    def set_speed(self, baud: int) -> None:
        mode = termios.tcgetattr(self.port)
        mode[4] = mode[5] = SPEEDS[baud]
        termios.tcsetattr(self.port, termios.TCSANOW, mode)

    def send(self, text: str) -> None:
        data = bytes.fromhex(text)
        assert os.write(self.port, data) == len(data)
        self._in += len(data)

    def receive(self, count: int) -> str:
        """Receive exactly this many bytes."""
        data = b""
        while len(data) < count:
            assert select.select([self.port], [], [], PATIENCE)[0], f"silence after {data.hex(' ')}"
            data += os.read(self.port, count - len(data))
        self._out += count
        return data.hex()

    def ask(self, text: str) -> str:
        """Send a whole frame in hex and return the whole answer."""
        self.send(text)
        head = self.receive(1)
        if head == "02":
            head += self.receive(2)
            return head + self.receive(int(head[2:], 16) - 3)
        return head + self.receive(int(head, 16) - 1)

    def command(self, body: str) -> str:
        """Send a command such as "B0 01 00". Return the answer from its status byte on, without CRC."""
        answer = self.ask(frame("FF" + body))
        assert answer[-4:] == crc16(bytes.fromhex(answer[:-4])).hex()
        return answer[6:-4]

    def settled(self) -> dict[str, Any]:
        """Return the emulator's state once it has received and processed all bytes that were sent here.

        The kernel delivers the bytes of a terminal with a delay, so that a command on the control socket overtakes
        them. The emulator counts the bytes that it receives. With the virtual clock it processes them before it reads
        the next command, so its count shows that it has processed them.
        """
        late = time.monotonic() + PATIENCE
        while (state := self.do("state"))["bytes_in"] < self._in:
            assert time.monotonic() < late, f"heard {state['bytes_in']} bytes of {self._in}"
        return state

    def unheard(self) -> int:
        """Return how many bytes the emulator has sent that were not received here."""
        unheard: int = self.settled()["bytes_out"] - self._out
        return unheard

    def quiet(self) -> None:
        """Assert that the emulator has received all bytes and sent no byte that was not received here."""
        assert self.unheard() == 0

    def unanswered(self, text: str, counter: str = "frames_in") -> None:
        """Send a frame; assert that the emulator counts it (frames_in, frames_dropped) and does not answer."""
        before = self.do("counters")[counter]
        self.send(text)
        late = time.monotonic() + PATIENCE
        while self.do("counters")[counter] == before:  # the emulator drops a partial frame after a delay only
            assert time.monotonic() < late, f"no {counter}"
        self.quiet()
