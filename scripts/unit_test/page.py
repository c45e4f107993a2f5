"""The commands of an installation page, with what a person fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    """One row of a table of commands."""

    command: str
    change: str
    """What the page says that the command changes."""


def steps(page: Path, heading: str) -> list[Step]:
    """Return the rows of the tables below `heading` whose first cell is one command."""
    return [Step(*row) for row in re.findall(r"^\| `([^`]+)` \| (.+) \|$", _section(page, heading), re.M)]


def lines(page: Path, heading: str) -> list[str]:
    """Return the indented lines of commands below `heading`."""
    return re.findall(r"^ {4,}(\S.*)$", _section(page, heading), re.M)


def _section(page: Path, heading: str) -> str:
    return page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def filled(steps: list[Step], values: Mapping[str, str]) -> list[Step]:
    """Return the steps with each text of `values` replaced, as a person does it by hand. Raises `ValueError` if the page
    does not have such a text in exactly one command."""
    for text, value in values.items():
        if sum(text in step.command for step in steps) != 1:
            raise ValueError(f"one command of the page must have {text!r}")
        steps = [step._replace(command=step.command.replace(text, value)) for step in steps]
    return steps
