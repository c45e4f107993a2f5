"""Sentences about the character sets of a file: which sets were assumed, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from station.base.words import tell
from station.catalog.marc.evidence import Evidence

_NAMES: Final = {"ascii": "ASCII", "utf-8": "UTF-8", "marc-8": "MARC-8", "windows-1252": "Windows-1252"}


def charset_lines(charsets: Mapping[str, int], evidence: Evidence) -> Iterator[str]:
    """Yield the sets with their numbers of records and, if MARC-8 or Windows-1252 was assumed, the reason."""
    known = [f"{name} {charsets[code]}" for code, name in _NAMES.items() if charsets.get(code)]
    if known:
        yield tell("catalog.charset.sets", sets=", ".join(known))
    if charsets.get("marc-8") or charsets.get("windows-1252") or charsets.get("unclear"):
        yield tell("catalog.charset.why", marc=evidence.marc8, windows=evidence.windows)
    if charsets.get("unclear"):
        yield tell("catalog.charset.unclear", count=charsets["unclear"])
