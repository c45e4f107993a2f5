"""The schema of the center's database as numbered steps: the files of `steps`, in the order of their names. A released
step is never changed; a new step is added instead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from station.store.postgres.connection import Connection, translated

_STEPS: Final = Path(__file__).parent / "steps"
_LOCK: Final = 0x5250_5346
"""Key of the advisory lock that lets one migration run at a time: "RPSF"."""
_DONE: Final = """CREATE TABLE IF NOT EXISTS migration
    (name text COLLATE "C" PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"""


def steps() -> tuple[Path, ...]:
    """Return the files of all steps, in order."""
    return tuple(sorted(_STEPS.glob("*.sql")))


def migrate(connection: Connection, files: Iterable[Path] | None = None) -> tuple[str, ...]:
    """Bring the schema up to date. Return the names of the steps that ran. Each step runs in one transaction together
    with its record, so that an interrupted migration goes on where it ended. Raises `StoreError`."""
    return tuple(file.stem for file in (steps() if files is None else files) if _run(connection, file))


def _run(connection: Connection, file: Path) -> bool:
    with translated(), connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(_DONE)
        if connection.execute("SELECT 1 FROM migration WHERE name = %s", (file.stem,)).fetchone() is not None:
            return False
        connection.execute(file.read_bytes())
        connection.execute("INSERT INTO migration (name) VALUES (%s)", (file.stem,))
        return True
