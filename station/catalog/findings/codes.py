"""The codes of the record findings, for modules that must not know MARC records (quality rules name the codes)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_ROWS: Final = files("station.catalog").joinpath("data", "findings", "rows.toml")

CODES: Final[frozenset[str]] = frozenset(
    row["code"] for row in tomllib.loads(_ROWS.read_text(encoding="utf-8"))["finding"]
)
"""Every code of the table in `findings`."""
