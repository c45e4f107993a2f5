"""The files that an office with an account of its own reads: journal, catalog, settings and rules."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.runtime.data_directory import CATALOG, JOURNAL, SETTINGS_NAME

_FOLDER = 0o2750
"""The folder's group goes to new files. Each keeps its own mode, so that people.db and the keys stay unread."""
_FILE = 0o640


def share(settings: Settings, data: Path, group: int) -> None:
    """Let a group (its id) read these files, and nothing else. SQLite gives the files beside the journal the journal's
    mode. Raises `SettingsError` if the station's account is no member of the group."""
    files = [data / JOURNAL, data / f"{JOURNAL}-wal", data / f"{JOURNAL}-shm", data / CATALOG]
    files += [data / SETTINGS_NAME, *([data / settings.rules.site_file] if settings.rules.site_file else [])]
    try:
        folder = data.stat()
        if (folder.st_gid, stat.S_IMODE(folder.st_mode)) != (group, _FOLDER):  # the unit may forbid this mode
            os.chown(data, -1, group)
            data.chmod(_FOLDER)
        for file in filter(Path.exists, files):
            os.chown(file, -1, group)
            file.chmod(_FILE)
    except OSError as error:
        raise SettingsError(Sentence("control.not-shared", why=str(error))) from error
