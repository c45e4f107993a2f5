"""A bad line between a bench and its center: a proxy on TCP in threads of its own.

`Pieces` passes the encrypted stream on in pieces, and cuts, delays, doubles, swaps or changes some. `Requests` ends TLS as
the center does and passes whole requests on: some are lost, doubled, late, out of order, or lose their answer.
"""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
import time
from collections import Counter
from pathlib import Path

PIECE = 1500
"""Bytes of a piece."""
WAIT_S = 20.0
LATE_S = 0.02


class BadLine:
    """A line that fails in a way that its seed determines. It listens on a free port of this machine."""

    def __init__(self, port: int, seed: int, often: float) -> None:
        """`port`: of the center. `often`: the share of pieces or requests to which something happens."""
        self.target = port
        self.often = often
        self.happened: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.close()

    def connection(self, client: socket.socket) -> None:
        """Serve one connection of the bench."""
        raise NotImplementedError

    def chosen(self, *what: str) -> str:
        """Return what happens now; "" = nothing."""
        with self._lock:
            act = self._random.choice(what) if self._random.random() < self.often else ""
            self.happened[act] += bool(act)
        return act

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(WAIT_S)
        with client, contextlib.suppress(OSError):
            self.connection(client)


class Pieces(BadLine):
    """A line that loses, delays, doubles, swaps and changes pieces of the stream. TLS notices all but the delay."""

    def connection(self, client: socket.socket) -> None:
        with socket.create_connection(("localhost", self.target), WAIT_S) as center:
            up = threading.Thread(target=self._pass, args=(client, center), daemon=True)
            up.start()
            self._pass(center, client)
            up.join(WAIT_S)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        kept = b""
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                act = self.chosen("cut", "half", "late", "double", "swap", "change", "lose")
                if act == "cut":
                    break
                if act == "half":
                    sink.sendall(piece[: len(piece) // 2])
                    break
                if act == "late":
                    time.sleep(LATE_S)
                if act == "swap":
                    kept = piece
                    continue
                if act == "double":
                    piece += piece
                if act == "change":
                    piece = piece[:-1] + bytes((piece[-1] ^ 1,))
                if act != "lose":
                    sink.sendall(piece + kept)
                kept = b""
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class Requests(BadLine):
    """A line that knows requests: some are lost, sent twice, or sent again when they are old."""

    def __init__(self, port: int, seed: int, often: float, certificate: Path, key: Path, ca_file: Path) -> None:
        """The files are those of the center, which the bench trusts."""
        self._theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._theirs.load_cert_chain(certificate, key)
        self._ours = ssl.create_default_context(cafile=ca_file)
        self._late: list[bytes] = []
        super().__init__(port, seed, often)

    def connection(self, client: socket.socket) -> None:
        with self._theirs.wrap_socket(client, server_side=True) as line:
            while request := whole(line):
                act = self.chosen(
                    "lost",
                    "no answer",
                    "half a request",
                    "half an answer",
                    "twice",
                    "later",
                    "late ones first",
                    "hangs",
                )
                if act == "lost":
                    return
                if act == "hangs":
                    line.recv(1)  # until the bench gives up
                    return
                if act == "half a request":
                    self._ask(request[: len(request) * 2 // 3], answers=False)
                    return
                if act == "later":
                    self._late.append(request)
                    return
                if act == "late ones first":
                    self._send_late()
                if act == "twice":
                    self._ask(request)
                answer = self._ask(request)
                if act == "no answer":
                    return
                if act == "half an answer":
                    line.sendall(answer[: len(answer) // 2])
                    return
                line.sendall(answer)

    def _send_late(self) -> None:
        late, self._late = self._late, []
        for request in reversed(late):
            self._ask(request)

    def _ask(self, request: bytes, *, answers: bool = True) -> bytes:
        with (
            socket.create_connection(("localhost", self.target), WAIT_S) as plain,
            self._ours.wrap_socket(plain, server_hostname="localhost") as center,
        ):
            center.sendall(request)
            return whole(center) if answers else b""


def whole(line: socket.socket) -> bytes:
    """Return the next request or answer, with its body; b"" at the end of the line."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = line.recv(65536)
        if not more:
            return b""
        got += more
    head, _, _ = got.partition(b"\r\n\r\n")
    lengths = [row.partition(b":")[2] for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")]
    size = len(head) + 4 + (int(lengths[0]) if lengths else 0)
    while len(got) < size:
        more = line.recv(65536)
        if not more:
            return b""
        got += more
    return got
