"""An emulator and a connection to its control socket, as in the demo, but forked (see `tests.support.zygote`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE
from typing import IO

from station.demo.process import Emulator
from tests.support import forked


def controlled(name: str, arguments: Sequence[str], log: Path) -> Emulator:
    """Start `python -m station.emulators.NAME ARGUMENTS`. Its standard error is written to `log`."""
    return Emulator(name, arguments, log, start=_forked)


def _forked(module: str, arguments: Sequence[str], log: IO[bytes]) -> forked.Started:
    return forked.start(*arguments, module=module, stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True)
