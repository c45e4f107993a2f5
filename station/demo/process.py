"""An emulator as a child process, and the connection to its control socket."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

from station.base.errors import PortMissing

READY_SECONDS: Final = 60.0
CALL_SECONDS: Final = 30.0


class Child(Protocol):
    """The required part of an emulator's process: a subset of `subprocess.Popen`, with pipes."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int: ...


Start = Callable[[str, Sequence[str], IO[bytes]], Child]
"""Starts a module with arguments; its standard error goes to the file."""


def started(module: str, arguments: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENTS`."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # Ctrl-C at the demo's terminal must not reach the reader before the station has finished the current block.
        start_new_session=True,
    )


class Emulator:
    """A running emulator. It ends with this process, because it watches its standard input, a pipe from this
    process."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        log: Path,
        start: Callable[[str, Sequence[str], IO[bytes]], Child] = started,
    ) -> None:
        self._log = log.open("ab")
        self._process: Child = start(f"station.emulators.{module}", arguments, self._log)
        self.ready: dict[str, Any] = self._wait_until_ready(module)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._stream: Any = None

    def _wait_until_ready(self, module: str) -> dict[str, Any]:
        line: list[bytes] = []
        output = self._process.stdout
        if output is None:
            raise PortMissing(f"the emulator {module} has no output")
        reader = threading.Thread(target=lambda: line.append(output.readline()), daemon=True)
        reader.start()
        reader.join(READY_SECONDS)
        if not line or not line[0]:
            self._process.kill()
            raise PortMissing(f"the emulator {module} did not start; see {self._log.name}")
        answer: dict[str, Any] = json.loads(line[0])
        return answer

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def call(self, do: str, **arguments: object) -> dict[str, Any]:
        """Send one word of the control vocabulary. Raises `PortMissing` if the emulator has ended or refuses."""
        with self._lock:
            try:
                if self._stream is None:
                    self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                    self._socket.settimeout(CALL_SECONDS)
                    self._socket.connect(str(self.ready["control"]))
                    self._stream = self._socket.makefile("rwb")
                self._stream.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
                self._stream.flush()
                line = self._stream.readline()
            except OSError as error:
                self._disconnect()
                raise PortMissing(f"emulator: {error}") from error
        if not line:
            self._disconnect()
            raise PortMissing("the emulator has ended")
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise PortMissing(f"emulator, {do}: {answer.get('error', 'no')}")
        return answer

    def _disconnect(self) -> None:
        for thing in (self._stream, self._socket):
            if thing is not None:
                with contextlib.suppress(OSError):
                    thing.close()
        self._stream = self._socket = None

    def stop(self) -> None:
        """End the process and wait for it."""
        self._disconnect()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()
