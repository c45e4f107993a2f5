"""What `station doctor` tells about the link of a bench to its center. Changes nothing, here and at the center."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from station.base.errors import Unreachable
from station.base.sentence import Sentence
from station.base.settings import Fleet
from station.fleet.center import Center
from station.store.database.database import open_reader, translated
from station.store.journal import tail

_TIMEOUT_S: Final = 5.0
_HTTPS: Final = 443


def standing(journal: Path, center: Center) -> str:
    """Return how the copy at the center stands to the journal at `journal`: "alike", "behind" (the next events are not
    sent yet, or are refused), "older" (the journal is: the center has more of it), or "foreign" (another journal). Raises
    `Unreachable`, `CredentialsRefused`, `SettingsError`, `StoreError`."""
    with center.within(_TIMEOUT_S):
        theirs = center.path()
    with closing(open_reader(journal)) as sql, translated(journal):
        ours = tail.path(sql)[0]
        if tail.common(sql, theirs) is None:
            return "foreign"
    if theirs[0] == ours:
        return "alike"
    return "older" if theirs[0].seq > ours.seq else "behind"


def certificate_end(fleet: Fleet, data: Path) -> datetime:
    """Return until when the center's certificate is valid. Raises `Unreachable`, also for one that is not accepted."""
    address = urlsplit(fleet.center)
    try:
        context = ssl.create_default_context(cafile=data / fleet.ca_file if fleet.ca_file else None)
        there = (address.hostname or "", address.port or _HTTPS)
        with (
            socket.create_connection(there, _TIMEOUT_S) as line,
            context.wrap_socket(line, server_hostname=address.hostname) as tls,
        ):
            stated = tls.getpeercert()
    except (OSError, ValueError) as error:
        raise Unreachable(Sentence.verbatim(f"{fleet.center}: {error}")) from error
    end = str((stated or {}).get("notAfter", ""))
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
