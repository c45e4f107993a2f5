"""Optional parts of the program: packages that `pip install 'rfid-processing-station[EXTRA]'` brings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.base.errors import ExtraMissing
from station.base.sentence import Sentence


@contextmanager
def extra(name: str = "") -> Iterator[None]:
    """Import packages of the extra `name` in a `with` block; "" = packages that every installation has. Raises
    `ExtraMissing` with the missing package and how to install it."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "station":
            raise  # a defect of the program
        project = f"rfid-processing-station[{name}]" if name else "rfid-processing-station"
        package = (error.name or str(error)).partition(".")[0]
        raise ExtraMissing(Sentence("command.install", package=package, project=project)) from error
