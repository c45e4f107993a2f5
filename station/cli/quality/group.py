"""`station quality`: the rules, what they say of an item, how much is looked at, and how good the work is."""

from __future__ import annotations

import click

from station.cli.quality.check import check
from station.cli.quality.rules import rules
from station.cli.quality.sampling import sampling
from station.cli.quality.statistics import stats


@click.group()
def quality() -> None:
    """The rules, what they say of an item, how much is looked at, and how good the work is."""


quality.add_command(rules)
quality.add_command(check)
quality.add_command(sampling)
quality.add_command(stats)
