"""The target at the command line: `station tag` with an untrusted dump on stdin."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from fuzz.files import FORMATS
from fuzz.oracle import demand, demand_clean
from station.base.errors import EXIT_CODES, StationDefect
from station.cli import station
from station.encoding.profiles.profiles import READY

NOWHERE: Final = Path(tempfile.gettempdir()) / "station-fuzz-no-such-folder"
COMMANDS: Final = (
    ("decode", "-"),
    ("explain", "-", "--no-color"),
    ("doctor", "-", "--barcode", "30123456789012", "--part", "1/2"),
    ("migrate", "-", "--barcode", "30123456789012", "--take-over"),
    ("plan", "-", "--id", "30123456789012", "--owner", "US-InU-Mu"),
    ("diff", "11051CBE991A1400", "-"),
    ("diff", "-", "E1020341 2F370000"),
    ("decode", "-", "--dsfid", "0x3E", "--afi", "0x07", "--block-size", "8"),
)
LINES: Final = str.maketrans("", "", "\n")


def tag_commands(data: bytes) -> None:
    """The tag commands. Byte 0: command, --json; byte 1: format, profile; the rest is the dump."""
    if len(data) < 2:
        return
    words = [*COMMANDS[data[0] & 7], "--data", str(NOWHERE)]
    as_json = bool(data[0] & 8)
    form = FORMATS[data[1] % len(FORMATS)]
    words += ["--json"] if as_json else []
    words += ["--format", form.value] if form else []
    words += ["--profile", READY[(data[0] >> 4) % len(READY)]] if data[0] & 0x80 else []
    result = CliRunner().invoke(station, ["tag", *words], input=data[2:])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    demand(result.exit_code in EXIT_CODES, f"exit code {result.exit_code}")
    demand(result.exit_code != StationDefect.exit_code, f"a defect: {result.stderr}")
    demand_clean((result.stdout.translate(LINES), result.stderr.translate(LINES)))
    demand("Traceback" not in result.stderr, result.stderr)
    if as_json:
        demand(json.loads(result.stdout) is not None, "no JSON value")
    demand(not NOWHERE.exists(), "a data directory was created")
