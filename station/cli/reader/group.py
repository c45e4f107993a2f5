"""`station reader`: commands about the reader itself."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.app import data_option
from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "badge": ("station.cli.reader.nfc:badge", "Read a staff badge: its UID and its text."),
        "capture": (
            "station.cli.reader.capture:capture",
            "Run COMMAND of the station (by default, tag read), and record in FILE all data to and from the reader.",
        ),
        "configuration": (
            "station.cli.reader.configuration:configuration",
            "Read or change the configuration blocks of a FEIG reader.",
        ),
        "health": (
            "station.cli.reader.health:health",
            "Show counters, times and advice on the reader, from the running station or from the session that "
            "ended last.",
        ),
        "info": ("station.cli.reader.info:info", "Show what the reader reports about itself, and what it can do."),
        "label": (
            "station.cli.reader.nfc:label",
            "Read an NTAG (Type 2) label, or write one text or address to it and read it back.",
        ),
        "placement": (
            "station.cli.reader.health:placement_test",
            "Look at the pad many times, read each tag, and show how often it answers.",
        ),
        "scan": (
            "station.cli.reader.scan:scan_ports",
            "Look for readers at PORT, or at every serial port and every host of reader.hosts, and show what answers.",
        ),
        "signal": (
            "station.cli.reader.info:signal",
            "Signal KIND with the reader's lamp and beeper, as after a verdict.",
        ),
    }
)


@click.group(commands=COMMANDS)
@data_option
def reader() -> None:
    """Find, test, configure and record the reader; badges and NTAG labels."""
