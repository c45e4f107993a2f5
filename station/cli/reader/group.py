"""`station reader`: the reader itself, beside the tags on it."""

from __future__ import annotations

import click

from station.cli.reader.capture import capture
from station.cli.reader.configuration import configuration
from station.cli.reader.health import health, placement_test
from station.cli.reader.info import info, signal
from station.cli.reader.nfc import badge, label
from station.cli.reader.scan import scan_ports
from station.cli.shared.app import data_option


@click.group()
@data_option
def reader() -> None:
    """Find the reader, see how it is and how it is set, record what it says; badges and NTAG labels."""


reader.add_command(scan_ports)
reader.add_command(capture)
reader.add_command(badge)
reader.add_command(label)
reader.add_command(info)
reader.add_command(signal)
reader.add_command(configuration)
reader.add_command(health)
reader.add_command(placement_test)
