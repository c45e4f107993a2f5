"""How the program was installed: which command adds a package, and where the project's own files are."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final

PROJECT: Final = "rfid-processing-station"
_DISTRIBUTIONS: Final = {"nfc": "nfcpy", "ndef": "ndeflib"}
"""Imported name -> name under which it is installed, where the two differ."""


class Installer(StrEnum):
    """What installed the program."""

    SOURCE = "source"
    PIPX = "pipx"
    UV = "uv"
    PIP = "pip"


PACKAGE: Final = Path(__file__).parents[1]
ENVIRONMENT: Final = Path(sys.prefix)


def installer(package: Path = PACKAGE, environment: Path = ENVIRONMENT) -> Installer:
    """Return what installed the program. `package`: folder of the package `station`. `environment`: the virtual
    environment; pipx and `uv tool` keep a file of their own in it."""
    if (package.parent / "requirements" / "run.txt").exists():
        return Installer.SOURCE
    if (environment / "pipx_metadata.json").exists():
        return Installer.PIPX
    if (environment / "uv-receipt.toml").exists():
        return Installer.UV
    return Installer.PIP


def install_command(imported: str, extra: str, package: Path = PACKAGE, environment: Path = ENVIRONMENT) -> str:
    """Return the shell command that installs a missing package, by the name that is imported. `extra`: the extra of the
    project that brings it."""
    name = _DISTRIBUTIONS.get(imported, imported)
    match installer(package, environment):
        case Installer.SOURCE:
            return f"cd {shlex.quote(str(package.parent))} && rm -r .venv && make demo"
        case Installer.PIPX:
            return f"pipx inject {PROJECT} {name}"
        case Installer.UV:
            return f"uv pip install --python {shlex.quote(f'{environment}/bin/python')} {name}"
        case Installer.PIP:
            return f"{shlex.quote(f'{environment}/bin/pip')} install '{PROJECT}[{extra}]'"


def project_file(name: str, package: Path = PACKAGE, environment: Path = ENVIRONMENT) -> Path:
    """Return where this installation has a file of the project, such as `docs/people.md`: in the source directory, else
    where the wheel put it."""
    if installer(package, environment) is Installer.SOURCE:
        return package.parent / name
    return environment / "share" / PROJECT / name
