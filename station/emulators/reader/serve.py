"""The main loop: host bytes, control lines, the end of the parent process, and the duration of answers."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from station.emulators.reader.control import Control
from station.emulators.reader.device import Device
from station.emulators.reader.radio import Spend
from station.emulators.reader.script import Script

TICK = 0.02  # seconds between two looks at the line's settings
FRAGMENT = 0.1  # a fragment older than this is dropped: 12 ms on a wire (H20800-16e 3.1), and slack for schedulers
RECEIVE = 65536


def listen(path: Path) -> socket.socket:
    """Return the control socket. A socket left over from a dead process is replaced. Raises OSError if the path cannot
    be used."""
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(0o600)
    server.listen()
    server.setblocking(False)
    return server


class Server:
    def __init__(
        self, device: Device[Any], control: socket.socket, parent: int | None, script: Script | None = None
    ) -> None:
        """parent: a file descriptor whose end of file ends this process, or None. Raises ValueError if the script
        cannot start."""
        self._device = device
        self._control = Control(device, self._settle)
        self._script = script or Script()
        self._script.start(self._control.say)
        self._started = time.monotonic()
        self._listener = control
        self._clients: dict[socket.socket, bytes] = {}
        self._parent = parent
        self._job: Iterator[Spend] | None = None
        self._due = 0.0
        self._last_byte = 0.0
        self._inside = False

    def run(self, stopping: Callable[[], bool]) -> None:
        """Serve until the word "quit", the end of the parent, or until stopping returns True (a signal)."""
        try:
            while not stopping() and not self._control.quitting:
                self._work()
                if not self._wait():
                    break
        finally:
            self._device.line.unplug()
            for client in self._clients:
                client.close()
            self._listener.close()

    def _wait(self) -> bool:
        """Take in everything that has arrived, or wait for one tick. Return False if the parent has ended."""
        device = self._device
        sources: list[int | socket.socket] = [self._listener, *self._clients]
        if device.line.plugged:
            device.line.detune()
            sources += device.line.sources
        if self._parent is not None:
            sources.append(self._parent)
        patience = TICK if self._job is None else min(TICK, max(0.0, self._due - time.monotonic()))
        ready = select.select(sources, [], [], patience)[0]
        for source in ready:
            if isinstance(source, socket.socket):
                self._accept() if source is self._listener else self._converse(source)
        if self._parent in ready and not _read(self._parent):
            return False
        # A control word may have pulled the plug, or plugged in another line, since select returned.
        if (
            device.line.plugged
            and any(source in ready for source in device.line.sources)
            and (data := device.line.read())
        ):
            self._last_byte = time.monotonic()
            device.working = self._job is not None
            device.hear(data)
        elif device.framer.waiting and time.monotonic() - self._last_byte > FRAGMENT:
            device.framer.drop()
        self._pass(0.0)
        device.look_at_plug()
        if self._job is None:
            device.tick()
        return True

    def _pass(self, seconds: float) -> None:
        """Let time pass: `seconds` by the virtual clock."""
        device = self._device
        device.elapsed = device.elapsed + seconds if device.place.virtual else time.monotonic() - self._started
        device.field.advance(device.elapsed)
        inside, self._inside = self._inside, True
        self._script.go_on(self._control.say, device.elapsed, device.heard)
        self._inside = inside

    def _work(self) -> None:
        """Continue the reader's work as far as the clock allows."""
        self._inside = True
        try:
            self._proceed()
        finally:
            self._inside = False

    def _proceed(self) -> None:
        device = self._device
        while True:
            if self._job is not None and not device.line.plugged:
                self._job = None  # the reader lost its power
            if self._job is None:
                if not device.requests:
                    return
                self._job = device.serve(device.requests.popleft())
                self._due = time.monotonic()
            if not device.place.virtual and time.monotonic() < self._due:
                return
            spend = next(self._job, None)
            if spend is None:
                self._job = None
                self._pass(0.0)
            else:
                device.seconds[spend.kind] += spend.seconds
                self._due += spend.seconds
                self._pass(spend.seconds)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self._clients[client] = b""

    def _converse(self, client: socket.socket) -> None:
        try:
            data = client.recv(RECEIVE)
        except OSError:
            data = b""
        if not data:
            del self._clients[client]
            client.close()
            return
        *lines, self._clients[client] = (self._clients[client] + data).split(b"\n")
        with contextlib.suppress(OSError):  # a client that left does not wait for its answer
            client.sendall(b"".join([self._control.line(line) for line in lines]))

    def _settle(self) -> None:
        """Carry out and answer everything that has arrived. Raises ValueError with the real clock, or during that
        work."""
        if not self._device.place.virtual or self._inside:
            raise ValueError("only with the virtual clock, and not from a script")
        line = self._device.line
        self._work()
        while line.plugged and select.select(line.sources, [], [], 0)[0]:
            if data := line.read():
                self._last_byte = time.monotonic()
                self._device.hear(data)
                self._work()
        self._device.tick()
        self._work()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, RECEIVE)
    except OSError:
        return b""
