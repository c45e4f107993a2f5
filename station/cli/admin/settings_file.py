"""station.toml and docs/settings.md, made from the settings structs: each field with its description and default.

The one source is station/base/settings/. `station init` writes `template`; docs/settings.md is `document` (a test
compares them).
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Mapping
from typing import Final

import msgspec

from station.base.errors import SettingsError
from station.base.setting_fields import sections, toml_value
from station.base.settings import Settings, parse

_WIDTH: Final = 110


def template(**values: object) -> str:
    """Return station.toml with every key, its description and its default. `values` ("library.isil") replace
    defaults."""
    lines = [
        "# Settings of the RFID Processing Station. Every key is here with its default.",
        "# An unknown key is refused when the station starts. API keys do not belong in this file.",
    ]
    for section in sections():
        lines += ["", *_comment(section.sentence), f"[{section.path}]"]
        for field in section.fields:
            given = values.get(f"{section.path}.{field.name}")
            lines += [*_comment(f"{field.sentence} ({field.kind})")]
            lines += [f"{field.name} = {field.default if given is None else toml_value(given)}", ""]
        lines.pop()
    return "\n".join(lines) + "\n"


def changed(text: str, old: Settings, table: str, values: Mapping[str, object]) -> str:
    """Return station.toml `text` (which parses as `old`) with a few keys of `table` changed. Keep all else, and
    comments.

    Raises `SettingsError` if the file is written in a way that cannot be changed line by line.
    """
    before = getattr(old, table)
    wanted = msgspec.structs.replace(old, **{table: msgspec.structs.replace(before, **values)})
    # Not splitlines(): TOML knows one line end, and a value may hold U+2028 or U+0085.
    lines = text.removesuffix("\n").split("\n") if text else []
    heads = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)]
    if not heads:
        lines += ["", f"[{table}]"]
        heads = [len(lines) - 1]
    first = heads[0] + 1
    end = next((at for at in range(first, len(lines)) if re.match(r"\s*\[", lines[at])), len(lines))
    for name, value in values.items():
        key = re.compile(rf"(\s*{re.escape(name)}\s*=\s*)(\"[^\"\\]*\"|'[^']*'|[^#\s]+)(.*)")
        found = next(((at, match) for at in range(first, end) if (match := key.fullmatch(lines[at]))), None)
        if found is None:
            lines.insert(first, f"{name} = {toml_value(value)}")
            end += 1
        else:
            at, match = found
            lines[at] = f"{match[1]}{toml_value(value)}{match[3]}"
    new = "\n".join(lines) + "\n"
    if parse(new) != wanted:
        raise SettingsError(f"[{table}] is written in a way that only a person can change: {', '.join(values)}")
    return new


@functools.cache
def _comment(text: str) -> tuple[str, ...]:
    return tuple(f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False))


def document() -> str:
    """Return docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "`station.toml` in the data directory; `station init` writes one with every key and its default. An unknown",
        "key is refused, with the name of the nearest known one. API keys do not belong here: see `station doctor`.",
        "",
        "This page is made from `station/base/settings/` by `python -m scripts.reference.pages docs`; a test compares them.",
    ]
    for section in sections():
        lines += ["", f"## `[{section.path}]`", "", section.sentence, "", "| key | value | default | meaning |"]
        lines.append("|---|---|---|---|")
        for field in section.fields:
            cells = (f"`{field.name}`", field.kind, f"`{field.default}`", field.sentence)
            lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
