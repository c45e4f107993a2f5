"""Settings of the RFID web face."""

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
    """"loopback" = only browsers on this machine; another IP address lets other machines use the pad."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8443
    """TCP port; 0 = any free one (for tests)."""
    origins: tuple[str, ...] = ("https://*.alma.exlibrisgroup.com",)
    """Pages that may use the pad, as origins; "*." stands for exactly one label."""
    names: tuple[str, ...] = ()
    """Further host names and addresses under which the browser calls, besides localhost, 127.0.0.1 and [::1]."""
    certificate: str = ""
    """PEM file with the server's certificate (and those between), relative to the data directory; empty = the one that
    `station web certificate make` makes."""
    key: str = ""
    """PEM file with its key, not encrypted."""
    reader_ip: str = ""
    """What Alma calls this reader at its circulation desk; any other `reader_ip` is refused. Empty = not compared."""
    tag_id: Literal["uid", "barcode"] = "uid"
    """What a tag's `tag_id` is in answers to Alma: its UID, or the item's barcode once more."""
    answer_s: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """How long a call waits for the bench, in seconds, before it is told that the station is busy."""
