"""Connect to the center's database, and translate its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from station.base.errors import StoreError

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def translated() -> Iterator[None]:
    """Turn PostgreSQL's errors inside the block into the station's error."""
    try:
        yield
    except psycopg.Error as error:
        raise StoreError(str(error)) from error


def connect(address: str, role: str | None = None) -> Connection:
    """Return a connection in autocommit mode. `address`: of libpq, such as `host=/run/postgresql dbname=fleet`. `role`: to
    sign in as, in place of the address's. Raises `StoreError`."""
    with translated():
        return psycopg.connect(address, autocommit=True, application_name="station", user=role)
