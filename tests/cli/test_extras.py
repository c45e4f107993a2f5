"""A missing optional package is a sentence with what to install and exit code 65, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

HIDDEN = """
import sys
sys.modules[sys.argv.pop(1)] = None  # its import raises ModuleNotFoundError
from station.cli import main
main()
"""
WEB = "[web]\nenabled = true\n"
CENTER = '[fleet]\ndatabase = "dbname=fleet"\n'
SAMPLING = "[sampling]\nenabled = true\n"
BADGES = '[people]\nsign_on = true\n[badge]\nport = "usb"\n'
ITEM = ("process", "31234000000016")


@pytest.mark.parametrize(
    ("package", "command", "toml"),
    [
        ("cryptography", ("web", "check"), ""),
        ("cryptography", ("web", "certificate", "make"), ""),
        ("cryptography", ("web", "certificate", "show"), ""),
        ("uvicorn", ("web", "check"), ""),
        ("starlette", ITEM, WEB),
        ("psycopg", ("fleet", "migrate"), CENTER),
        ("starlette", ("fleet", "serve"), CENTER),
        ("psycopg", ("fleet", "project"), CENTER),
        ("scipy", ITEM, SAMPLING),
        ("nfc", ITEM, BADGES),
        ("nfc", ("reader", "badge"), '[badge]\nport = "usb"\n'),
        ("nfc", ("tag", "read"), '[reader]\ndriver = "nfcpy"\n'),
        ("ndef", ("reader", "label"), '[badge]\nport = "usb"\n'),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_a_missing_package_says_what_to_install(
    tmp_path: Path, package: str, command: tuple[str, ...], toml: str
) -> None:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxDa"\n' + toml)
    arguments = [sys.executable, "-c", HIDDEN, package, *command, "--data", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE_S, cwd=ROOT, check=False)
    assert done.returncode == 65, done
    command = f"cd {ROOT} && rm -r .venv && make demo"
    assert f'The package {package} is missing. Install it with "{command}".' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("package", "extra", "setting", "toml"),
    [
        ("uvicorn", "web", "web.enabled", WEB),
        ("nfc", "badges", "badge.port", BADGES),
        ("scipy", "statistics", "sampling.enabled", SAMPLING),
        ("psycopg", "fleet", "fleet.database", CENTER),
    ],
)
def test_doctor_names_the_extra_and_the_setting_that_asks_for_it(
    tmp_path: Path, package: str, extra: str, setting: str, toml: str
) -> None:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxDa"\n' + toml)
    arguments = [sys.executable, "-c", HIDDEN, package, "doctor", "--data", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE_S, cwd=ROOT, check=False)
    assert done.returncode == 1, done
    said = " ".join(done.stdout.split())
    assert f"{setting} needs the extra {extra}: {package} is missing" in said, done
    assert "is missing; install" not in said, "told once"
