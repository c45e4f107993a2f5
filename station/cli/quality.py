"""`station quality`: how good the work is, and how much of it is looked at."""

from __future__ import annotations

import click

from station.cli.sampling import sampling
from station.cli.stats import stats


@click.group()
def quality() -> None:
    """How good the work is, and how much of it is looked at."""


quality.add_command(sampling)
quality.add_command(stats)
