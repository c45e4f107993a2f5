"""The table of acts in docs/people.md, from `station.domain.event_rights`: between `<!-- acts -->` and `<!-- end -->`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from scripts.reference.markdown import row
from station.domain import events as ev
from station.domain.event_rights import FREE, RIGHTS, Needs
from station.domain.people.rights import least

PAGE: Final = "people.md"
_BLOCK: Final = re.compile(r"(?<=^<!-- acts -->\n).*?(?=^<!-- end -->$)", re.DOTALL | re.MULTILINE)


def acts() -> str:
    """Return the table: events with the same needs share a row."""
    together: dict[Needs, list[str]] = {}
    for kind, needs in RIGHTS.items():
        together.setdefault(needs, []).append(f"`{ev.kind_of(kind)}`")
    lines = ["| events | right | from which role |", "|---|---|---|"]
    for needs, kinds in together.items():
        cases = [f"`{case.right}`: {case.when}" for case in needs.cases]
        lines.append(row(", ".join(kinds), "; ".join([f"`{needs.right}`", *cases]), least(needs.right).value))
    lines += ["", "| free event | why |", "|---|---|"]
    lines += [row(f"`{ev.kind_of(kind)}`", why) for kind, why in FREE.items()]
    return "\n".join(lines) + "\n"


def filled(text: str) -> str:
    """Return the page with the table as it is now."""
    return _BLOCK.sub(lambda _: f"\n{acts()}\n", text)


def refresh(docs: Path) -> None:
    """Write the page's block again."""
    page = docs / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
