"""API keys: from a systemd credential, else from a file that only its owner can read. Never from settings or arguments."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from station.errors import CredentialsRefused


class Secret:
    """A key that does not show itself in logs, tracebacks or reprs."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself; call it only where it goes on the wire."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


def load(name: str, data_directory: Path, environment: dict[str, str] | None = None) -> Secret:
    """Find the key `name` ("alma"): `$CREDENTIALS_DIRECTORY/name`, else `<data>/credentials/name` with mode 0600 or less.

    Raises `CredentialsRefused` naming what is missing or too open.
    """
    env = os.environ if environment is None else environment
    directory = env.get("CREDENTIALS_DIRECTORY")
    if directory and (path := Path(directory) / name).is_file():
        return Secret(path.read_text(encoding="utf-8").strip())
    path = data_directory / "credentials" / name
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CredentialsRefused(f"no key: neither a systemd credential {name!r} nor the file {path}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise CredentialsRefused(f"{path} may be read by others; run: chmod 600 {path}")
    key = path.read_text(encoding="utf-8").strip()
    if not key:
        raise CredentialsRefused(f"{path} is empty")
    return Secret(key)
