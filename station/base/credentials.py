"""API keys: from a systemd credential, else from a file that only its owner can read. Never from settings or
arguments."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from station.base.errors import CredentialsRefused
from station.base.sentence import Sentence


class Secret:
    """A key that does not appear in logs, tracebacks or reprs."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself; call this only where the key is sent."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


def ensure(name: str, data_directory: Path, environment: dict[str, str] | None = None) -> Secret:
    """Return the key `name`, as `load` finds it. If there is none, first write 256 random bits to the file, completely
    or not at all. If another process writes the file first, its key is used."""
    env = os.environ if environment is None else environment
    directory = env.get("CREDENTIALS_DIRECTORY")
    path = data_directory / "credentials" / name
    if not (directory and (Path(directory) / name).is_file()) and not path.exists():
        beside = path.with_name(f"{name}.{secrets.token_hex(8)}.new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)
        except OSError as error:
            raise CredentialsRefused(f"{path}: {error}") from error
        finally:
            beside.unlink(missing_ok=True)
    return load(name, data_directory, environment)


def load(name: str, data_directory: Path, environment: dict[str, str] | None = None) -> Secret:
    """Return the key `name` ("alma"): `$CREDENTIALS_DIRECTORY/name`, else `<data>/credentials/name` with mode 0600 or
    stricter.

    Raise `CredentialsRefused`, which names what is missing or has too open a mode.
    """
    env = os.environ if environment is None else environment
    directory = env.get("CREDENTIALS_DIRECTORY")
    if directory and (path := Path(directory) / name).is_file():
        return _key_in(path)
    path = data_directory / "credentials" / name
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CredentialsRefused(Sentence("http.key.none", name=repr(name), path=str(path))) from error
    if stat.S_IMODE(mode) & 0o077:
        raise CredentialsRefused(Sentence("http.key.open", path=str(path)))
    return _key_in(path)


def _key_in(path: Path) -> Secret:
    """Return the text of the file, without surrounding white space and without a byte order mark."""
    try:
        key = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise CredentialsRefused(
            Sentence("http.key.no-text", path=str(path))
        ) from None  # the error holds the bytes of the key
    except OSError as error:
        raise CredentialsRefused(f"{path}: {error.strerror}") from error
    if not key:
        raise CredentialsRefused(Sentence("http.key.empty", path=str(path)))
    return Secret(key)
