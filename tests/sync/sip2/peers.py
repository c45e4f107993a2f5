"""Two SIP2 servers by other authors, as processes: PyPI pysip2 (MIT) and invenio-sip2 (AGPL, in a separate
environment)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT, missing
from tests.support.patience import PATIENCE_S

HERE = Path(__file__).parent
INVENIO = ROOT / ".venv-sip2" / "bin" / "flask"


class Peer:
    """A running server that appends its effects to a file, one per line."""

    def __init__(self, folder: Path) -> None:
        self.effects_file = folder / "effects"
        self.effects_file.touch()
        self.folder = folder
        self.port = 0
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def effects(self) -> list[str]:
        return self.effects_file.read_text().splitlines()

    def run(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "EFFECTS": str(self.effects_file), **more}
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(command, env=environment, cwd=HERE, stdout=subprocess.PIPE, stderr=log)
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait(PATIENCE_S)
            if process.stdout is not None:
                process.stdout.close()


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the counterparty has ended"
        assert time.monotonic() < end, "the counterparty did not start"
        time.sleep(0.05)


def pysip2(folder: Path, encoding: str) -> Peer:
    peer = Peer(folder)
    process = peer.run(sys.executable, str(HERE / "pysip2_app.py"), encoding)
    assert process.stdout is not None
    peer.port = int(process.stdout.readline())
    return peer


def invenio(folder: Path) -> Peer:
    if not INVENIO.exists():
        missing("invenio-sip2 (make sip2-peer)")
    redis = shutil.which("redis-server")
    if redis is None:
        missing("redis-server")
    peer = Peer(folder)
    place = folder / "redis"
    store = peer.run(str(redis), "--port", "0", "--unixsocket", str(place), "--save", "", "--dir", str(folder))
    until(place.exists, store)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        peer.port = probe.getsockname()[1]
    server = peer.run(
        str(INVENIO), "selfcheck", "start", "lab", "-h", "127.0.0.1", "-p", str(peer.port), "-r", "library",
        REDIS_URL=f"unix://{place}", FLASK_APP="invenio_app:app",
    )  # fmt: skip
    until(lambda: listens(peer.port), server)
    return peer


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
