"""The commit of the program, for `station --version`. Needs the standard library only: setup.py runs it, too."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

COMMIT: Final = "commit.txt"
"""File of a built package that names its commit (setup.py)."""
PACKAGE: Final = Path(__file__).parents[2]


def commit(package: Path = PACKAGE) -> str:
    """Return the commit of the program: what the build wrote into the wheel, else that of the source directory; "" =
    unknown."""
    try:
        return (package / COMMIT).read_text(encoding="ascii").strip()
    except OSError:
        source = str(package.parent)
        # git refuses a directory of another user, such as root's /opt. Here that user's code runs already.
        asking = ["git", "-c", f"safe.directory={source}", "-C", source]
        asking += ["describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]
    if not (package.parent / ".git").exists():
        return ""
    try:
        return subprocess.run(asking, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
