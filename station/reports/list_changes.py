"""What a new content of a packing list changes, in words."""

from __future__ import annotations

from station.base.text import clean
from station.base.words import tell
from station.domain.packing_lists.changes import LineChange


def change_words(change: LineChange) -> str:
    """Return one changed line: what happened to it, its title, and each field before and after."""
    line = change.after or change.before
    if line is None:
        raise ValueError("a change has a line")
    about = f"{tell(f'receiving.change.{change.kind}')}: {line.line} {clean(line.title)}".rstrip()
    return ": ".join(filter(None, (about, fields_words(change))))


def fields_words(change: LineChange) -> str:
    """Return each changed field before and after; "" = a line that came or went."""
    return "; ".join(
        tell(
            "receiving.change.field",
            name=name,
            before=_shown(getattr(change.before, name)),
            after=_shown(getattr(change.after, name)),
        )
        for name in change.fields
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(clean, map(str, value))) or "-"
    return "-" if value in ("", None) else clean(str(value))
