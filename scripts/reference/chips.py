"""Generator of docs/readers/chips.md: the table of chips (`station.encoding.chips`) as a page."""

from __future__ import annotations

import inspect
from typing import Final

from scripts.reference.markdown import row
from station.encoding import chips
from station.encoding.chips import CHIPS, UNKNOWN, Chip, Feature

_COLUMNS: Final = (
    *("UID & mask", "chip", "maker", "blocks x bytes", "EAS", "has no", "option flag"),
    *("most blocks read, written", "passwords", "notes"),
)


def chips_page() -> str:
    """Return docs/readers/chips.md."""
    about = inspect.cleandoc(chips.__doc__ or "").partition("\n\n")[2]
    lines = [
        "# Chips",
        "",
        about,
        "",
        "A command that the chip does not have is refused before anything is sent (`chip-unfit`); a plan that needs it is",
        "refused before the first write (`not-possible`).",
        "",
        "This page is made from `station/encoding/chips.py` by `python -m scripts.reference.pages docs`; a test compares them.",
        "",
        row(*_COLUMNS),
        "|" + "---|" * len(_COLUMNS),
        *(_row(chip) for chip in (*CHIPS, UNKNOWN)),
    ]
    return "\n".join(lines) + "\n"


def _row(chip: Chip) -> str:
    missing = [feature.value for feature in Feature if feature is not Feature.EAS and not chip.has(feature)]
    notes = [chip.note] if chip.note else []
    if not chip.locks_in_read:
        notes.append("a read never reports the locks")
    return row(
        f"`{chip.match:08X} & {chip.mask:08X}`" if chip.mask else "all others",
        chip.name,
        chip.maker or "-",
        f"{chip.blocks} x {chip.block_size}" if chip.blocks else "as the tag reports",
        "yes" if chip.has(Feature.EAS) else "-",
        ", ".join(missing) or "-",
        "either" if chip.write_option is None else str(chip.write_option),
        f"{chip.most_read}, {chip.most_write}",
        ", ".join(chip.passwords) or "-",
        "; ".join(notes),
    )
