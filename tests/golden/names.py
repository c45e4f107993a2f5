"""Names on which other programs, scripts and sites depend, read from the present program."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from typing import Any, Final

import click

import station.emulators.pytest_plugin as plugin
from scripts.reference.pages import all_commands
from station.base.errors import StationError, walk
from station.base.setting_fields import sections
from station.cli import FORMER_NAMES
from station.domain import events as ev
from tests.conftest import ROOT

DEFINED: Final = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
EMULATORS: Final = tuple(sorted(set(plugin.MODULES.values())))


def events() -> dict[str, list[str]]:
    """Return the tag of each journaled event, with the names of its fields."""
    return {
        str(struct.__struct_config__.tag): sorted(struct.__struct_encode_fields__) for struct in ev.AnyEvent.__args__
    }


def settings() -> list[str]:
    """Return the dotted names of all settings."""
    return sorted(f"{section.path}.{field.name}" for section in sections() for field in section.fields)


def commands() -> dict[str, list[str]]:
    """Return each command with its arguments and options, including commands under a former name."""
    present = dict(all_commands())
    former = {f"station {old}": present[f"station {new}"] for old, new in FORMER_NAMES.items()}
    return {
        path: sorted(
            option
            for one in command.params
            for option in (one.opts + one.secondary_opts if isinstance(one, click.Option) else [f"<{one.name}>"])
        )
        for path, command in {**present, **former}.items()
    }


def errors() -> dict[str, int]:
    """Return the code of each error, with its exit code."""
    return {error.code: error.exit_code for error in walk(StationError)}


def entry_points() -> dict[str, list[str]]:
    """Return the groups of entry points and scripts, with the names in them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    return {group: sorted(names) for group, names in groups.items()}


def fixtures() -> list[str]:
    """Return fixtures and public names of the pytest plug-in."""
    return sorted(name for name in vars(plugin) if not name.startswith("_") and _own(name))


def _own(name: str) -> bool:
    value = getattr(plugin, name)
    return getattr(value, "__module__", "") == plugin.__name__ or "fixture" in type(value).__name__.lower()


def emulators() -> dict[str, list[str]]:
    """Return each emulated reader, with the options of its process."""
    return {name: sorted(set(re.findall(r"--[a-z][a-z0-9-]*", _help(name)))) for name in EMULATORS}


def _help(name: str) -> str:
    command = [sys.executable, "-m", f"station.emulators.{name}", "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def tests() -> list[str]:
    """Return the names of all tests as FILE::NAME, read from their source lines. Parsing all files takes twenty times
    as long."""
    return sorted(
        {
            f"{path.relative_to(ROOT)}::{name}"
            for folder in ("tests", "hardware")
            for path in (ROOT / folder).rglob("test_*.py")
            for name in DEFINED.findall(path.read_text(encoding="utf-8"))
        }
    )


def data_files() -> dict[str, str]:
    """Return the SHA-256 of the package's data files by path in the package, except the sentences (.po), which are not
    frozen."""
    house = ROOT / "station"
    return {
        str(path.relative_to(house)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(house.rglob("*"))
        if path.is_file() and path.suffix not in (".py", ".pyc", ".po") and "__pycache__" not in path.parts
    }


FACETS: Final[dict[str, Callable[[], Any]]] = {
    "events": events,
    "settings": settings,
    "commands": commands,
    "errors": errors,
    "entry-points": entry_points,
    "fixtures": fixtures,
    "emulators": emulators,
    "data-files": data_files,
}
"""All of the above except the tests."""
