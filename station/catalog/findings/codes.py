"""The codes of the record findings, for those who may not know what a MARC record is (quality rules name them)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_ROWS: Final = files("station.catalog").joinpath("data", "findings", "rows.toml")

CODES: Final[frozenset[str]] = frozenset(
    row["code"] for row in tomllib.loads(_ROWS.read_text(encoding="utf-8"))["finding"]
)
"""Every code of the table in `findings`."""
