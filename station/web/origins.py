"""Allowed callers: origins by pattern, and the host names under which this server may be called.

A browser sends `Origin` with every request that another site's script makes, and with every POST; no script can change
it (Fetch standard, 3.2 and 4.6). CORS headers only decide who may *read* an answer; a simple POST still arrives. So the
server itself refuses every request that does not come from a configured origin. `Host` is compared with the names in
the certificate. This refuses an attacker who points a domain at this machine (DNS rebinding).
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
_PATTERN: Final = re.compile(
    r"https://(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:[0-9]{1,5})?"
)
_LOCAL_HTTP: Final = re.compile(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
"""A page on this same machine is authentic without TLS; any other page needs it."""
_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME: Final = re.compile(rf"({_LABEL}\.)*{_LABEL}")
MAX_NAME: Final = 253
"""Longest DNS name in characters (RFC 1035, 2.3.4)."""


class Origins:
    """Configured origins. `*.` matches exactly one label, never a bare domain."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises `SettingsError` for an invalid pattern."""
        self._allowed = tuple(_compiled(pattern) for pattern in patterns)

    def allow(self, origin: str) -> bool:
        """Return True if this value of the header `Origin` is allowed; "null" and "" never are."""
        return any(pattern.fullmatch(origin) for pattern in self._allowed)


def _compiled(pattern: str) -> re.Pattern[str]:
    if not _PATTERN.fullmatch(pattern) and not _LOCAL_HTTP.fullmatch(pattern):
        raise SettingsError(
            f'web.origins: "{clean(pattern)}" is not an origin: write https://HOST or https://*.DOMAIN, '
            "in lowercase letters, without a path"
        )
    if pattern.startswith("https://*.") and pattern.count(".") < 2:
        raise SettingsError(f'web.origins: "{clean(pattern)}" would allow a whole top-level domain')
    return re.compile(re.escape(pattern).replace(r"\*", _LABEL))


class Hosts:
    """Names (and literal addresses) with the port that the header `Host` may have."""

    def __init__(self, names: Sequence[str], port: int) -> None:
        self._allowed = {f"{name}:{port}" for name in names}
        if port == _HTTPS_PORT:
            self._allowed |= set(names)

    def allow(self, host: str) -> bool:
        """Return True if this value of the header `Host` is allowed."""
        return host.lower() in self._allowed


def host_names(further: Sequence[str]) -> tuple[str, ...]:
    """Return the names of this server for `Host`: loopback and the configured ones. Raises `SettingsError`."""
    return (*LOOPBACK_NAMES, *(_host(name) for name in further))


def _host(name: str) -> str:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        if _NAME.fullmatch(name) and len(name) <= MAX_NAME and not name.replace(".", "").isdigit():
            return name
        raise SettingsError(
            f'web.names: "{clean(name)}" is neither a host name (lowercase letters, digits, hyphens and dots) nor an address'
        ) from None
    return f"[{address.compressed}]" if address.version == 6 else str(address)
