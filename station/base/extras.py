"""Optional parts of the program: packages that `pip install 'rfid-processing-station[EXTRA]'` brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.base.errors import ExtraMissing
from station.base.installation import install_command
from station.base.sentence import Sentence


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import packages of the extra `name` in a `with` block. Raises `ExtraMissing` with the missing package and how to
    install it."""
    try:
        yield
    except ImportError as error:
        package = (error.name or str(error)).partition(".")[0]
        if package == "station":
            raise  # a defect of the program
        command = install_command(package, name)
        raise ExtraMissing(Sentence("command.missing-package", package=package, command=command)) from error
