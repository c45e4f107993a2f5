"""Shared parts of the emulated servers: a port that closes and reopens, a control socket, and the end of the process.

Independent of the station; uses only the standard library.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class ControlledServer:
    """The server and its control socket: each line is a JSON object and is answered by one line."""

    def __init__(self, port: int, control: Path) -> None:
        self.port = port
        """0 = a free port, which is then kept."""
        self.ended = threading.Event()
        self.server: Any = None
        self.control = control
        self.up()
        control.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(control))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def serve(self, port: int) -> Any:
        """Return a server at this port. Its `open` holds the sockets of its clients."""
        raise NotImplementedError

    def act(self, what: str, order: Json) -> Json:
        """Carry out any word except "up", "down" and "quit". Raises ValueError, KeyError or TypeError for a wrong
        one."""
        raise NotImplementedError

    def up(self) -> None:
        """Open the port."""
        if self.server is None:
            self.server = self.serve(self.port)
            self.port = self.server.server_address[1]
            threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Close the port with all connections."""
        server, self.server = self.server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            for connection in list(server.open):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def _listen(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            for line in stream:
                try:
                    answer = {"ok": True, **self._do(json.loads(line))}
                except (KeyError, ValueError, TypeError) as error:
                    answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
                stream.write(json.dumps(answer).encode() + b"\n")
                stream.flush()

    def _do(self, order: Json) -> Json:
        what = order["do"]
        if what == "down":
            self.down()
        elif what == "up":
            self.up()
        elif what == "quit":
            self.ended.set()
        else:
            return self.act(what, order)
        return {}

    def run_until_quit(self, ready: Json) -> int:
        """Print `ready` and serve until "quit", SIGTERM or the end of standard input."""
        say_and_wait(ready, self.ended)
        self.down()
        self.control.unlink(missing_ok=True)
        return 0


def say_and_wait(ready: Json, ended: threading.Event) -> None:
    """Print `ready` as one line of JSON; then wait for `ended`, which SIGTERM and the end of standard input set."""
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    ended.wait()
