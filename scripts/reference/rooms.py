"""Generator of the blocks in docs/architecture.md: the tree from the packages' docstrings, the layers from the import
contract. Each block is between `<!-- tree -->` or `<!-- layers -->` and `<!-- end -->`."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
HOUSE: Final = ROOT / "station"
PAGE: Final = "architecture.md"
APART: Final = "emulators"
"""The room that no other room may import, and that imports none."""

_BLOCK: Final = re.compile(r"(?<=^<!-- )(tree|layers)( -->\n).*?(?=^<!-- end -->$)", re.DOTALL | re.MULTILINE)
_LATER: Final = re.compile(r"\((\w+)\)")


def floors() -> list[list[str]]:
    """Return the rooms of each layer, the highest first. Rooms not built yet are in parentheses."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "layers")
    return [[room.strip() for room in floor.split("|")] for floor in layers]


def about(folder: Path) -> str:
    """Return the first sentence of a package's docstring."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def tree() -> str:
    """Return one line per room, in the order of the layers, each followed by a line with its folders."""
    lines = ["station/"]
    for room in [*(room for floor in floors() for room in floor if not _LATER.fullmatch(room)), APART]:
        lines.append(f"  {room + '/':<14}{about(HOUSE / room)}")
        folders = sorted(path.parent.name for path in (HOUSE / room).glob("*/__init__.py"))
        if folders:
            lines.append(f"  {'':<14}{' '.join(f'{name}/' for name in folders)}")
    return "".join(f"    {line}\n" for line in lines)


def layers() -> str:
    """Return one line per layer."""
    lines = [" | ".join(_LATER.sub(r"\1 (later)", room) for room in floor) for floor in floors()]
    return "".join(f"    {line}\n" for line in lines)


def filled(text: str) -> str:
    """Return `text` with both blocks current."""
    made = {"tree": tree, "layers": layers}
    return _BLOCK.sub(lambda block: f"{block[1]}{block[2]}\n{made[block[1]]()}\n", text)


def refresh(docs: Path) -> None:
    """Rewrite the page's blocks."""
    page = docs / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
