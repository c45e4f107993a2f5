"""From settings to the Alma adapter: the site's mapping, and what makes its records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from station import settings
from station.clock import Clock
from station.credentials import Secret
from station.errors import SettingsError
from station.sync.alma import Alma
from station.sync.alma_mapping import NOTE_ONLY, Mapping, note_only, parse
from station.sync.alma_record import Describe
from station.text import clean

OWN_FILE: Final = ".toml"


def open_alma(
    config: settings.Alma, data: Path, clock: Clock, key: Callable[[], Secret], describe: Describe | None = None
) -> Alma:
    """The adapter for `delivery.alma`. Raises `SettingsError` with file and line for what is not sound."""
    return Alma(config, key, clock, mapping=load_mapping(config, data), describe=describe)


def load_mapping(config: settings.Alma, data: Path) -> Mapping:
    """Which facts go into which fields of an Alma item: the entry alone, or as the site's own file says. Raises
    `SettingsError` with file and line."""
    name = config.mapping
    if name == NOTE_ONLY:
        return note_only(config.note_field)
    if not name.endswith(OWN_FILE):
        said = clean(name, 60)
        raise SettingsError(
            f"delivery.alma.mapping: {said!r} is neither {NOTE_ONLY} nor a file of your own ({OWN_FILE})"
        )
    path = data / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"delivery.alma.mapping: {path}: {error}") from error
    return parse(text, name)
