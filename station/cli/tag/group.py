"""`station tag`: look at tags, make and plan their content, and write one without the checklist.

look        decode, explain, diff, doctor
encode      encode, plan, migrate
rewrite     erase, migrate --write
here        what needs the running station or its lock: write, abandon
"""

from __future__ import annotations

import click

from station.cli.shared.app import App, data_option, json_option, part_option, pass_app, timeout_option
from station.cli.tag.encode import encode
from station.cli.tag.history import history, ledger
from station.cli.tag.look import decode, diff, doctor, explain, read
from station.cli.tag.plan import migrate, plan
from station.cli.tag.rewrite import erase
from station.cli.tag.source import uid
from station.domain.tag_image import Uid


@click.group()
def tag() -> None:
    """Read, explain, compare, plan and write tags."""


for command in (read, decode, explain, diff, doctor, encode, plan, migrate, history, ledger, erase):
    tag.add_command(command)


@tag.command()
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


@tag.command()
@data_option
@json_option
@click.argument("uid", callback=uid)
@click.option("--reason", default="lost or thrown away", show_default=True, help="Why; it goes into the journal.")
@pass_app
def abandon(app: App, uid: Uid, reason: str) -> int:
    """Give the half written tag with this UID up: it was lost or thrown away and will never be finished.

    Exit code 1 when no write to that tag is open.
    """
    from station.cli.tag.abandon import give_up

    return give_up(app, uid, reason)
