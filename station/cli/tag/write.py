"""`station tag write`: one item's tag, without the checklist."""

from __future__ import annotations

import click

from station.cli.shared.app import App, data_option, json_option, part_option, pass_app, timeout_option


@click.command()
@data_option
@json_option
@click.argument("barcode")
@click.option("--choose", multiple=True, metavar="CHOICE", help="What to choose when the station stops; in order.")
@timeout_option
@part_option
@pass_app
def write(app: App, barcode: str, choose: tuple[str, ...], timeout: float, part: int) -> int:
    """Write the tag of one item, verify it, and leave the checklist to `station process`.

    The item is set aside afterwards: it has no verdict.
    """
    from station.cli.workflows.operator import Wish
    from station.cli.workflows.process import carry_out

    return carry_out(app, Wish(barcode=barcode, choices=choose, timeout=timeout, write_only=True, part=part))
