"""`station` on a machine without the office: neither its room nor the packages of its extra can be imported.

python -m tests.stories.without_office demo --data DIRECTORY
"""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from typing import Final

from station import cli

ABSENT: Final = ("station.office", "jinja2", "starlette", "uvicorn", "xlsxwriter")


def main() -> None:
    """Run the command."""
    for name in [name for name in sys.modules if name.startswith(tuple(f"{absent}." for absent in ABSENT))]:
        del sys.modules[name]  # of the process that the tests start others from
    for name in ABSENT:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it raises ImportError
    with contextlib.suppress(ImportError):
        import_module("station.office.app")
        raise SystemExit("the office is here")
    cli.main()


if __name__ == "__main__":
    main()
