"""The codes of the record findings, for modules that must not know MARC records (quality rules name the codes)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_ROWS: Final = files("station.catalog").joinpath("data", "findings", "rows.toml")

_FOUND: Final = tomllib.loads(_ROWS.read_text(encoding="utf-8"))["finding"]

CODES: Final[frozenset[str]] = frozenset(row["code"] for row in _FOUND)
"""Every code of the table in `findings`."""
AT_ITEM: Final[frozenset[str]] = frozenset(row["code"] for row in _FOUND if row.get("at_item"))
"""Codes of findings that an item may be told although many records of its file have them."""
