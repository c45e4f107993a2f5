"""A desk that certifies two invoices and hands them to Accounts Payable, as a process that dies by SIGKILL before statement
or file operation POINT of its own (0 = it lives, and prints their number):
`python -m tests.stories.purchases.killed_desk DATA POINT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner

from station.cli import station
from tests.stories.receiving.killed_desk import Statements, counted

FILE: Final = "pay.csv"
_FILE_OPERATIONS: Final = ("open", "os.link", "os.remove")


def does(data: Path, *words: str) -> int:
    return CliRunner().invoke(station, ["--data", str(data), "receiving", "invoices", *words, "--json"]).exit_code


def main() -> None:
    data, point = sys.argv[1:]
    operations = Statements(int(point))

    def audited(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_OPERATIONS and FILE in str(arguments[0]):
            operations._run(event)

    counted(operations)
    sys.addaudithook(audited)
    for number in ("A-1", "A-2"):
        assert does(Path(data), "okay", number, "--reason", "bound at once") == 0
    assert does(Path(data), "export", "--to", f"{data}/{FILE}") == 0
    print(operations.count)


if __name__ == "__main__":
    main()
