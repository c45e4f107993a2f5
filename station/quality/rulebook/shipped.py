"""The station's own catalog of rules, as shipped, and with a site's file applied."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from station.quality.rulebook.file import read
from station.quality.rules import Catalogue

FILES: Final = (
    "reasons.toml",
    "1-identity.toml",
    "2-tag.toml",
    "3-label.toml",
    "4-ownership.toml",
    "5-package.toml",
    "6-record.toml",
    "7-receipt.toml",
    "8-cataloging.toml",
)


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return (file, text) of all shipped rule files."""
    folder = files("station.quality").joinpath("data")
    return tuple((name, folder.joinpath(name).read_text(encoding="utf-8")) for name in FILES)


@cache
def shipped() -> Catalogue:
    """Return the rules as shipped."""
    return read(texts())


def with_site(text: str, name: str) -> Catalogue:
    """Return the rules with a site's file applied. Raise `SettingsError` "FILE, line N: what is wrong"."""
    return read(texts(), (name, text))
