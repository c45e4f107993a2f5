"""Restore a backup as a process: `python -m tests.runtime.backup.restoring BACKUP DIRECTORY`."""

from __future__ import annotations

import sys
from pathlib import Path

from station.base.clock import SystemClock
from station.runtime.backup.restore import restore


def main() -> None:
    backup, data = map(Path, sys.argv[1:])
    restore(backup, data, SystemClock())
