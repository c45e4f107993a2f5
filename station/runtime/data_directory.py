"""Files in the data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from station.base.settings import Settings
from station.store.database.archive_file import DIRECTORY

SETTINGS_NAME: Final = "station.toml"
JOURNAL: Final = "journal.db"
PEOPLE: Final = "people.db"
"""The file of names."""
CATALOG: Final = "catalog.db"
"""The index of the catalog."""
HEADS: Final = "heads"
LOG: Final = "station.log"
BACKUPS: Final = "backups"
ARCHIVES: Final = DIRECTORY


def head_directory(settings: Settings, data: Path) -> Path:
    """Return the directory to which the journal's head is exported."""
    configured = settings.station.head_directory
    return Path(configured) if configured else data / HEADS
