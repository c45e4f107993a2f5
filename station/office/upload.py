"""Files that a browser sends with a form (RFC 7578), kept until a person has looked at what they say."""

from __future__ import annotations

import re
import secrets
import threading
from typing import Final

import msgspec

from station.base.text import clean

MOST: Final = 4
"""Files that are kept; the oldest go first."""
_BOUNDARY: Final = re.compile(r'multipart/form-data;\s*boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})"?', re.IGNORECASE)
_FIELD: Final = re.compile(
    r'(?im)^content-disposition:\s*form-data;\s*name="([^"\r\n]*)"(?:;\s*filename="([^"\r\n]*)")?'
)
_LONGEST_NAME: Final = 120


class Upload(msgspec.Struct, frozen=True):
    """A file of a form."""

    name: str
    content: bytes


def parse(content_type: str, body: bytes, most: int) -> tuple[list[tuple[str, str]], Upload | None]:
    """Return the fields of a form with their values, and its file; None = it has none, or an empty one. Raise `ValueError`
    for a body that is no such form, or has more than `most` parts."""
    named = _BOUNDARY.match(content_type)
    if named is None:
        raise ValueError("no boundary")
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + named[1].encode())
    if first or len(parts) > most + 1 or not parts or not parts.pop().startswith(b"--"):
        raise ValueError("no form")
    fields: list[tuple[str, str]] = []
    upload = None
    for part in parts:
        head, blank, content = part.partition(b"\r\n\r\n")
        field = _FIELD.search(head.decode("utf-8", "replace"))
        if field is None or not blank:
            raise ValueError("no field")
        if field[2] is None:
            fields.append((field[1], content.decode("utf-8", "replace")))
        elif content:
            upload = Upload(clean(re.split(r"[\\/]", field[2])[-1], _LONGEST_NAME), content)
            fields.append((field[1], upload.name))
    return fields, upload


class Uploads:
    """The files that were sent. Safe for several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, object]] = {}

    def keep(self, session: str, value: object) -> str:
        """Keep what a file says for this session. Return its id."""
        ident = secrets.token_urlsafe(16)
        with self._lock:
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[ident] = session, value
        return ident

    def find(self, session: str, ident: str) -> object | None:
        """Return what was kept; None = it is gone, or of another session."""
        with self._lock:
            owner, value = self._kept.get(ident, ("", None))
        return value if secrets.compare_digest(owner, session) else None
