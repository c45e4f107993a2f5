"""`station reader`: the reader itself, beside the tags on it."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.app import data_option
from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "badge": ("station.cli.reader.nfc:badge", "Read a staff badge: its UID and the text that it holds."),
        "capture": (
            "station.cli.reader.capture:capture",
            "Run COMMAND of the station and record in FILE all that goes to and from the reader; without one: tag read.",
        ),
        "configuration": (
            "station.cli.reader.configuration:configuration",
            "Read and, where it is asked for by name, change the configuration blocks of a FEIG reader.",
        ),
        "health": (
            "station.cli.reader.health:health",
            "How the reader has done in the running station, or in the session that ended last: counters, times, advice.",
        ),
        "info": ("station.cli.reader.info:info", "What the reader says of itself, and what it can do."),
        "label": (
            "station.cli.reader.nfc:label",
            "Read an NTAG (Type 2) label, or write one text or address on it, read back.",
        ),
        "placement": (
            "station.cli.reader.health:placement_test",
            "Look at the pad many times and read each tag: how often does it answer? Exit code 1 where the place is not good.",
        ),
        "scan": (
            "station.cli.reader.scan:scan_ports",
            "Look for readers at PORT, or at every serial port and every host of reader.hosts, and name what answers.",
        ),
        "signal": ("station.cli.reader.info:signal", "Let the reader's lamp and beeper say KIND, as after a verdict."),
    }
)


@click.group(commands=COMMANDS)
@data_option
def reader() -> None:
    """Find the reader, see how it is and how it is set, record what it says; badges and NTAG labels."""
