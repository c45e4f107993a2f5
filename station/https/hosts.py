"""Host names under which a server may be called.

`Host` is compared with the names in the certificate. This refuses an attacker who points a domain at this machine (DNS
rebinding).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from station.base.errors import SettingsError
from station.base.text import clean

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
"""Host names of the station for a browser on this machine, besides the configured names."""
_HTTPS_PORT: Final = 443
_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME: Final = re.compile(rf"({_LABEL}\.)*{_LABEL}")
MAX_NAME: Final = 253
"""Longest DNS name in characters (RFC 1035, 2.3.4)."""


class Hosts:
    """Names (and literal addresses) with the port that the header `Host` may have."""

    def __init__(self, names: Sequence[str], port: int) -> None:
        self._allowed = {f"{name}:{port}" for name in names}
        if port == _HTTPS_PORT:
            self._allowed |= set(names)

    def allow(self, host: str) -> bool:
        """Return True if this value of the header `Host` is allowed."""
        return host.lower() in self._allowed


def host_names(further: Sequence[str], setting: str) -> tuple[str, ...]:
    """Return the names of this server for `Host`: loopback and those of the `setting`. Raises `SettingsError`."""
    return (*LOOPBACK_NAMES, *(_host(name, setting) for name in further))


def _host(name: str, setting: str) -> str:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        if _NAME.fullmatch(name) and len(name) <= MAX_NAME and not name.replace(".", "").isdigit():
            return name
        raise SettingsError(
            f'{setting}: "{clean(name)}" is neither a host name (lowercase letters, digits, hyphens and dots) nor an address'
        ) from None
    return f"[{address.compressed}]" if address.version == 6 else str(address)
