"""Settings of the office."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Desk work in a browser on this machine (`station office`), over HTTPS; see docs/how-to/office.md."""

    bind: str = "loopback"
    """"loopback" = only this machine, and only the account that runs the office; another IP address lets other machines
    use the office, if people sign on (`people.sign_on`)."""
    names: tuple[str, ...] = ()
    """Further host names and addresses that the browser may use, besides localhost, 127.0.0.1 and [::1]."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8444
    """TCP port; 0 = any free port (for tests)."""
    certificate: str = ""
    """PEM file with the server's certificate (and intermediate certificates), relative to the data directory; empty =
    the certificate made by `station web certificate make`."""
    key: str = ""
    """PEM file with its key, not encrypted."""
    group: str = ""
    """Group of an office with its own account: its members may use the narrow socket `office.sock` of the running
    station. Empty = there is no such socket."""
