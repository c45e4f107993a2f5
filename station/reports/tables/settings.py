"""Each setting as it is in force: its value, its default, and where it comes from. The settings hold no secret: keys and
passwords are in files of their own (`station.base.credentials`)."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.setting_fields import sections
from station.base.settings import Settings
from station.base.toml_lines import key_lines
from station.reports.tables.table import Column, Kind, Place, Table, table

MEANING: Final = "meaning"
"""Key of the column with what a setting means."""
PROFILE: Final = "profile"
"""Value of a setting that the tag profile gives."""


def settings(values: Settings, text: str, file: str) -> Table:
    """Return all settings. `text`: the file of settings, named `file`."""
    return table(
        (
            Column("key", Sentence("office.head.setting"), sorts=True),
            Column(MEANING, Sentence("office.head.meaning"), Kind.ENGLISH),
            Column("value", Sentence("office.head.value")),
            Column("default", Sentence("office.head.default")),
            Column("origin", Sentence("office.head.origin"), Kind.STATUS, "office.origin", sorts=True),
            Column("file", Sentence("office.head.file"), only=Place.FILES, part_of="line"),
            Column("line", Sentence("office.head.line"), Kind.COUNT),
        ),
        [
            (key, _meanings().get(key, ""), *cells)
            for key, *cells in _rows(values, Settings(), key_lines(text), file, ())
        ],
        id_at=0,
    )


def changed(whole: Table) -> Table:
    """Return the settings that are not at their default."""
    return whole.only(lambda row: row[2] != row[3])


@functools.cache
def _meanings() -> dict[str, str]:
    """Return what each setting means, by its key."""
    return {
        f"{section.path}.{field.name}": " ".join(field.sentence.replace("`", "").split())
        for section in sections()
        for field in section.fields
    }


def _rows(
    values: msgspec.Struct,
    defaults: msgspec.Struct,
    lines: Mapping[tuple[str, ...], int],
    file: str,
    path: tuple[str, ...],
) -> Iterator[tuple[str, str, str, str, str, int | str]]:
    for name in values.__struct_fields__:
        value, default, key = getattr(values, name), getattr(defaults, name), (*path, name)
        if isinstance(value, msgspec.Struct):
            yield from _rows(value, default, lines, file, key)
            continue
        line = lines.get(key) or (lines.get(path) if value != default else None)
        origin = PROFILE if value == PROFILE else "file" if line else "default"
        yield (".".join(key), _toml(value), _toml(default), origin, file if line else "", line or "")


def _toml(value: object) -> str:
    return msgspec.json.encode(value).decode()
