"""Generator of sample sessions in pages: every `console` block is run, and its output is written into the page.

A block holds command lines that begin with "$ station", and their output on a terminal, including stderr. The blocks of
a page run in order in one empty folder, without a data directory; "> FILE" keeps the output. Long runs of empty blocks
are shortened to "...".
"""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from station.cli import station

PAGES: Final = ("tags.md",)
"""Pages in docs/ with console blocks."""

_BLOCK: Final = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
_EMPTY: Final = re.compile(r"block +\d+  00 00 00 00|00000000")
_PROMPT: Final = "$ "


def filled(text: str) -> str:
    """Return `text` with the current output of its console blocks. Raises `ValueError` for a command of another
    program."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        runner = CliRunner(env={"STATION_DATA": str(Path(folder) / "none"), "NO_COLOR": "1"})
        return _BLOCK.sub(lambda block: _session(runner, block[1]), text)


def _session(runner: CliRunner, block: str) -> str:
    lines: list[str] = []
    for line in block.splitlines():
        if not line.startswith(_PROMPT):
            continue
        words = shlex.split(line.removeprefix(_PROMPT))
        if words[:1] != ["station"]:
            raise ValueError(f"not a command of this program: {line}")
        target = words[-1] if words[-2:-1] == [">"] else None
        result = runner.invoke(station, words[1:-2] if target else words[1:])
        if target:
            Path(target).write_bytes(result.stdout_bytes)
        lines += [line, *_shortened((result.stderr if target else result.output).splitlines())]
    return "".join(f"{line}\n" for line in lines)


def _shortened(lines: list[str]) -> list[str]:
    """Shorten more than four empty blocks in a row to the first, "...", the last."""
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, None]:
        if line is not None and _EMPTY.fullmatch(line):
            run.append(line)
            continue
        kept += run if len(run) <= 4 else [run[0], "...", run[-1]]
        run = []
        if line is not None:
            kept.append(line)
    return kept


def refresh(docs: Path) -> None:
    """Rewrite all pages."""
    for name in PAGES:
        page = docs / name
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
