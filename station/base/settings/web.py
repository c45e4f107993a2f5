"""Settings of the RFID web service."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Web(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pad for Alma's page in the browser (RFID integration profile "Other"), over HTTPS; see
    docs/library-systems/alma-rfid.md."""

    enabled: bool = False
    """Serve Alma's page."""
    bind: str = "loopback"
    """"loopback" = only this machine, with all its programs and accounts; another IP address lets other machines use the
    pad."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8443
    """TCP port; 0 = any free port (for tests)."""
    origins: tuple[str, ...] = ("https://*.alma.exlibrisgroup.com",)
    """Origins of the pages that may use the pad; "*." matches exactly one label."""
    accounts: tuple[str, ...] = ()
    """Accounts of this machine whose browser may use the pad, besides the station's own; only with bind = "loopback".
    Empty = every account."""
    names: tuple[str, ...] = ()
    """Further host names and addresses that the browser may use, besides localhost, 127.0.0.1 and [::1]."""
    certificate: str = ""
    """PEM file with the server's certificate (and intermediate certificates), relative to the data directory; empty =
    the certificate made by `station web certificate make`."""
    key: str = ""
    """PEM file with its key, not encrypted."""
    reader_ip: str = ""
    """Name of this reader at its circulation desk in Alma; any other `reader_ip` is refused. Empty = not compared."""
    tag_id: Literal["uid", "barcode"] = "uid"
    """Value of a tag's `tag_id` in answers to Alma: its UID, or the item's barcode again."""
    answer_s: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """Seconds that a call waits for the bench before it is answered that the station is busy."""
