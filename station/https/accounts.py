"""Accounts of this machine whose programs may use the loopback port.

TCP has no SO_PEERCRED: the kernel's table of connections (proc(5), /proc/pid/net/tcp) names the user of each socket, the
client's too, since it is on this machine.
"""

from __future__ import annotations

import pwd
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from station.base.errors import SettingsError
from station.base.text import clean

Address = tuple[str, int]

_TABLES: Final = {socket.AF_INET: Path("/proc/self/net/tcp"), socket.AF_INET6: Path("/proc/self/net/tcp6")}
_LOCAL, _REMOTE, _UID = 1, 2, 7
"""Columns of these tables."""


class Accounts:
    """The accounts of `web.accounts`, and the station's own; without the setting every account."""

    def __init__(self, names: Sequence[str], own: int) -> None:
        """`own`: the station's user id. Raises `SettingsError` for an unknown account."""
        self._allowed = {own, *map(_uid, names)} if names else None

    @classmethod
    def only(cls, own: int) -> Accounts:
        """Return the station's own account alone."""
        accounts = cls((), own)
        accounts._allowed = {own}
        return accounts

    def allow(self, client: Address, server: Address) -> bool:
        """Return True if the program at the `client` end of a connection may use the port. A connection that the kernel
        does not list may not."""
        return self._allowed is None or owner(client, server) in self._allowed


def owner(client: Address, server: Address) -> int | None:
    """Return the user id of the program at the `client` end; None if the kernel does not list the connection."""
    family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET
    ends = (_entry(family, client), _entry(family, server))
    for line in _TABLES[family].read_text(encoding="ascii").splitlines()[1:]:
        columns = line.split()
        if (columns[_LOCAL], columns[_REMOTE]) == ends:
            return int(columns[_UID])
    return None


def _entry(family: socket.AddressFamily, address: Address) -> str:
    """Return an address as in these tables: hexadecimal words in the machine's byte order, then the port."""
    packed = socket.inet_pton(family, address[0])
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return f"{''.join(f'{word:08X}' for word in words)}:{address[1]:04X}"


def _uid(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise SettingsError(f'web.accounts: this machine has no account "{clean(name)}"') from None
