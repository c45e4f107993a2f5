"""Allowed callers: origins by pattern.

A browser sends `Origin` with every request that another site's script makes, and with every POST; no script can change
it (Fetch standard, 3.2 and 4.6). CORS headers only decide who may *read* an answer; a simple POST still arrives. So the
server itself refuses every request that does not come from a configured origin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from station.base.errors import SettingsError
from station.base.text import clean

_PATTERN: Final = re.compile(
    r"https://(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:[0-9]{1,5})?"
)
_LOCAL_HTTP: Final = re.compile(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
"""A page on this same machine is authentic without TLS; any other page needs it."""
_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"


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
