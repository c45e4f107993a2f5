"""`station reader`: the reader itself, beside the tags on it."""

from __future__ import annotations

import click

from station.cli.app import data_option
from station.cli.reader_capture import capture
from station.cli.reader_scan import scan_ports


@click.group()
@data_option
def reader() -> None:
    """Find the reader and record what it says."""


reader.add_command(scan_ports)
reader.add_command(capture)
