"""An account that passwd does not name and that has no $HOME, as in a container or a systemd unit: it works in the data
directory that is named, and is told to name one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

UID = 54321
UNDER = ("setpriv", f"--reuid={UID}", "--clear-groups")
READS_ALL = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
"""The interpreter of these tests may lie in root's home."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="another uid needs root and setpriv (util-linux)"
)


def station(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from station.cli import main; main()"]
    command = [*UNDER, *READS_ALL, "env", "-i", "PYTHONDONTWRITEBYTECODE=1", *program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, cwd=ROOT, check=False)


def test_it_works_in_the_named_directory() -> None:
    data = Path("/tmp") / f"station-{os.getpid()}"  # pytest's own folder is closed to other accounts
    data.mkdir()
    try:
        os.chown(data, UID, UID)
        assert station("init", "--data", str(data / "d"), "--isil", "US-TxDa").returncode == 0
        doctor = station("doctor", "--data", str(data / "d"))
        assert doctor.returncode == 1 and "OK    data directory" in doctor.stdout, doctor
        demo = station("demo", "--auto", "1", "--fast", "--data", str(data / "demo"))
        assert demo.returncode == 0, demo
        process = station("process", "31234000000016", "--timeout", "0.2", "--data", str(data / "d"))
        assert process.returncode == 10, "only the reader is missing"
        for done in (doctor, demo, process):
            assert "Traceback" not in done.stdout + done.stderr
    finally:
        shutil.rmtree(data)


@pytest.mark.parametrize("command", ["run", "doctor", "init"])
def test_it_is_told_to_name_the_directory(command: str) -> None:
    done = station(command)
    assert done.returncode in (1, 3), done
    assert "This account has no home directory. Name the data directory: --data, or $STATION_DATA." in (
        done.stderr + done.stdout
    )
    assert "Traceback" not in done.stderr
