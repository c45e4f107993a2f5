"""PIN verifiers by argon2id. Only this file uses argon2-cffi.

The hashed value is HMAC-SHA-256 of the worker's id and the PIN, keyed with a secret that is not in the same file (a
"pepper": OWASP Password Storage Cheat Sheet). A PIN has so few digits that a hash alone gives way within hours: at 20
ms per try a million tries take 5.5 hours (docs/reference/safety.md#roles-and-pins). The id keeps a hash from being
moved to another person's row.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from station.base.credentials import Secret
from station.base.settings.people import People
from station.domain.people.sign_on import Pin

_NOBODY: Final = "\0nobody"


class PinHasher:
    """Makes and checks verifiers: strings in argon2's own form, `$argon2id$v=19$m=...,t=...,p=...$salt$hash`."""

    def __init__(self, figures: People, pepper: Secret) -> None:
        self._hasher = PasswordHasher(
            time_cost=figures.pin_passes,
            memory_cost=figures.pin_memory_kib,
            parallelism=figures.pin_lanes,
            hash_len=32,
            salt_len=16,
            type=Type.ID,
        )
        self._pepper = pepper

    @property
    def pepper_mark(self) -> str:
        """Identifies the pepper without revealing it: 32 bits of an HMAC."""
        return hmac.digest(self._pepper.reveal().encode(), b"mark of this pepper", hashlib.sha256)[:4].hex()

    def seal(self, worker: str, login: str, mark: str) -> str:
        """Return what shows that the PIN with this mark was given to the worker with this login: 64 bits of an HMAC."""
        message = b"\0".join((b"seal of this login", worker.encode(), login.encode(), mark.encode()))
        return hmac.digest(self._pepper.reveal().encode(), message, hashlib.sha256)[:8].hex()

    def make(self, worker: str, pin: Pin) -> str:
        """Return a verifier with a new salt."""
        return self._hasher.hash(self._keyed(worker, pin))

    def verify(self, verifier: str, worker: str, pin: Pin) -> bool:
        """Return True for the right PIN; False also for a verifier that cannot be read."""
        try:
            return self._hasher.verify(verifier, self._keyed(worker, pin))
        except (VerificationError, InvalidHashError):
            return False

    def waste(self, pin: Pin) -> None:
        """Take as much time as `verify`, so that the time does not reveal whether a person has a PIN."""
        self.make(_NOBODY, pin)

    def outdated(self, verifier: str) -> bool:
        """Return True if the verifier was made with other parameters than those of the settings."""
        return self._hasher.check_needs_rehash(verifier)

    def _keyed(self, worker: str, pin: Pin) -> str:
        message = worker.encode() + b"\0" + pin.text.encode()
        return hmac.digest(self._pepper.reveal().encode(), message, hashlib.sha256).hex()
