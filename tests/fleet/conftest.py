"""A center as a process: `station fleet serve` over TLS, on a real PostgreSQL."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.https import certificates
from tests.support.patience import PATIENCE_S


class ServedCenter:
    """The process, its data directory, and its address."""

    def __init__(self, data: Path, database: str) -> None:
        self.data = data
        self.database = database
        data.mkdir()
        certificates.make(data, (), datetime.now(UTC))
        self.ca_file = data / certificates.FOLDER / certificates.CA
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        """Start the process: at the same port as before."""
        plain = re.sub(r" user=\S+", "", self.database)
        settings = f'[fleet]\ndatabase = "{plain}"\nport = {self.port}\n'
        (self.data / "station.toml").write_text(settings)
        command = [sys.executable, "-m", "station", "fleet", "serve", "--data", str(self.data)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        found = re.search(r"port (\d+)", line := self.process.stderr.readline())
        assert found is not None, line + self.process.stderr.read()
        self.port = int(found[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)

    def settings_of_bench(self, data: Path) -> None:
        """Write the settings of a bench with this center."""
        shutil.copy(self.ca_file, data / "center.pem")
        (data / "station.toml").write_text(f'[fleet]\ncenter = "{self.address}"\nca_file = "center.pem"\n')


@pytest.fixture
def center(tmp_path: Path, center_database: str) -> Iterator[ServedCenter]:
    made = ServedCenter(tmp_path / "center", center_database)
    yield made
    if made.process.poll() is None:
        made.stop()
