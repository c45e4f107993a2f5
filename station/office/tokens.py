"""Tokens of forms: each is random, belongs to one session, and acts once."""

from __future__ import annotations

import secrets
import threading
from typing import Final

MOST: Final = 20_000
"""Tokens that are kept; the oldest go first. A form whose token is gone is shown again with what was typed."""


class Token:
    """One form that was handed out. Hold `lock` while it acts."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.lock = threading.Lock()
        self.location = ""
        """Where its act led; "" = it has not acted."""


class Tokens:
    """The forms that were handed out. Safe for several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def new(self, session: str) -> str:
        """Return the token of a new form."""
        value = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._tokens) >= self._most:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[value] = Token(session)
        return value

    def find(self, value: str, session: str) -> Token | None:
        """Return what is known of a token; None = none was handed out in this session."""
        with self._lock:
            token = self._tokens.get(value)
        return token if token is not None and secrets.compare_digest(token.session, session) else None
