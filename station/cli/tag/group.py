"""`station tag`: examine tags, make and plan their content, and write one without the checklist.

examine     decode, explain, diff, doctor
encode      encode, plan, migrate
rewrite     erase, migrate --write
here        commands for the running station or its lock: write, abandon
"""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "abandon": (
            "station.cli.tag.abandon:abandon",
            "Give up the unfinished write to the tag with this UID, which was lost or thrown away.",
        ),
        "decode": (
            "station.cli.tag.look:decode",
            'Decode DUMP (hexadecimal or base64, a file, "-" for stdin), a file, or by default every tag on the pad.',
        ),
        "diff": (
            "station.cli.tag.look:diff",
            "Show the differences between OLD and NEW, dumps or files; NEW is by default the tag on the pad.",
        ),
        "doctor": (
            "station.cli.tag.look:doctor",
            "Examine DUMP, a file, or by default every tag on the pad: problems, how serious they are, and what to do.",
        ),
        "encode": ("station.cli.tag.encode:encode", "Encode the given content as the memory of a tag, in any format."),
        "erase": ("station.cli.tag.rewrite:erase", "Erase the one tag on the pad: it becomes like a new one."),
        "explain": (
            "station.cli.tag.look:explain",
            "Explain DUMP, a file, or by default every tag on the pad, byte by byte, as an annotated dump.",
        ),
        "history": (
            "station.cli.tag.history:history",
            "Show everything in the journal about a tag (its UID) or an item (its barcode), the newest first.",
        ),
        "ledger": (
            "station.cli.tag.history:ledger",
            "List second tags (two tags with the same item) and tags that were used again for another item.",
        ),
        "migrate": (
            "station.cli.tag.plan:migrate",
            "Convert the tag of DUMP (or of a file, or on the pad) to the site's own model, with a note for every"
            " element.",
        ),
        "plan": (
            "station.cli.tag.plan:plan",
            "Plan the write to the tag of DUMP (or of a file, or on the pad), step by step.",
        ),
        "read": (
            "station.cli.tag.look:read",
            "Dump every tag on the pad, byte for byte, in a form that all other commands read.",
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
