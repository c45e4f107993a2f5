"""Invitations to the center: codes that work once. The center keeps their digests."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.store.postgres.connection import Connection, translated


def code_digest(code: str) -> bytes:
    """Return the digest of a code as it was typed: small letters, spaces and hyphens do not matter."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).digest()


def invite(connection: Connection, site: str, valid: timedelta, again: str | None = None) -> str:
    """Return a new code of 100 random bits. `again`: the bench that gets another key, on a new machine; its former key
    then no longer works. Raises `StoreError`."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
    code = "-".join(groups)
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        if (
            again is not None
            and connection.execute("SELECT 1 FROM bench WHERE bench = %s", (again,)).fetchone() is None
        ):
            raise StoreError(Sentence("fleet.no-bench", bench=again))
        connection.execute(
            "INSERT INTO invitation (code_digest, site, again, expires) VALUES (%s, %s, %s, clock_timestamp() + %s)",
            (code_digest(code), site, again, valid),
        )
    return code
