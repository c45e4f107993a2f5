"""Goals of sites at the center: how many items are to get a tag. `standing.goals` tells how far each is."""

from __future__ import annotations

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.store.postgres.connection import Connection, translated


def put(connection: Connection, name: str, site: str, total: int) -> None:
    """Set a goal. Raises `StoreError`."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        connection.execute(
            "INSERT INTO goal (name, site, total) VALUES (%s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE SET site = excluded.site, total = excluded.total",
            (name, site, total),
        )


def remove(connection: Connection, name: str) -> None:
    """Remove a goal. Raises `StoreError`, also for one that does not exist."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        if connection.execute("DELETE FROM goal WHERE name = %s", (name,)).rowcount == 0:
            raise StoreError(Sentence("fleet.no-goal", goal=name))
