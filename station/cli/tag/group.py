"""`station tag`: look at tags, make and plan their content, and write one without the checklist.

look        decode, explain, diff, doctor
encode      encode, plan, migrate
rewrite     erase, migrate --write
here        what needs the running station or its lock: write, abandon
"""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "abandon": (
            "station.cli.tag.abandon:abandon",
            "Give the half written tag with this UID up: it was lost or thrown away and will never be finished.",
        ),
        "decode": (
            "station.cli.tag.look:decode",
            'What tags say: DUMP (hexadecimal or base64, a file, "-" for stdin), a file, or else every tag on the pad.',
        ),
        "diff": (
            "station.cli.tag.look:diff",
            "What differs between OLD and NEW, dumps or files; NEW is the tag on the pad if it is not given.",
        ),
        "doctor": (
            "station.cli.tag.look:doctor",
            "What is wrong with tags, how serious it is and what to do: DUMP, a file, or else every tag on the pad.",
        ),
        "encode": (
            "station.cli.tag.encode:encode",
            "The memory of a tag that says what the options say, in any format.",
        ),
        "erase": (
            "station.cli.tag.rewrite:erase",
            "Make the one tag on the pad like a new one: planned, journaled, read back; the ledger lets it go.",
        ),
        "explain": (
            "station.cli.tag.look:explain",
            "Byte by byte: an annotated dump of DUMP, a file, or else of every tag on the pad.",
        ),
        "history": (
            "station.cli.tag.history:history",
            "Everything that the journal knows of a tag (its UID) or of an item (its barcode), the newest first.",
        ),
        "ledger": (
            "station.cli.tag.history:ledger",
            "Second tags (two tags that say they are the same item) and tags that were used again for another item.",
        ),
        "migrate": (
            "station.cli.tag.plan:migrate",
            "What the tag of DUMP (or of a file, or on the pad) would be in the site's own model, with a note for every element.",
        ),
        "plan": (
            "station.cli.tag.plan:plan",
            "How the tag of DUMP (or of a file, or on the pad) would be written, step by step.",
        ),
        "read": (
            "station.cli.tag.look:read",
            "Every tag on the pad, byte for byte: a dump that all other commands read again.",
        ),
        "write": (
            "station.cli.tag.write:write",
            "Write the tag of one item, verify it, and leave the checklist to `station process`.",
        ),
    }
)


@click.group(commands=COMMANDS)
def tag() -> None:
    """Read, explain, compare, plan and write tags."""
