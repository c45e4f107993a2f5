"""Settings of library systems: where results go, and where records come from."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class FileSink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Results as lines of a file."""

    enabled: bool = True
    """Write one JSON line a result."""
    path: str = "results.jsonl"
    """File, relative to the data directory."""


class Alma(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ex Libris Alma."""

    enabled: bool = False
    """Deliver results to Alma."""
    base_url: str = ""
    """Region's address, e.g. https://api-na.hosted.exlibrisgroup.com"""
    note_field: Literal[
        "internal_note_1",
        "internal_note_2",
        "internal_note_3",
        "statistics_note_1",
        "statistics_note_2",
        "statistics_note_3",
        "fulfillment_note",
        "public_note",
    ] = "internal_note_3"
    """Item field that carries the station's result; the station owns only its own line in it."""
    mapping: str = "note-only"
    """Which facts go into which item fields: note-only, or your own TOML file (its name ends in .toml), relative to the data
    directory; see docs/library-systems/alma.md."""
    scan_in: bool = False
    """Scan an item in when it has passed (a set: when all its parts have). No in-house use is counted."""
    library: str = ""
    """Code of the library where items are scanned in."""
    department: str = ""
    """Code of the department where items are scanned in; it or circ_desk, not both."""
    circ_desk: str = ""
    """Code of the circulation desk where items are scanned in."""
    work_order_type: str = ""
    """Code of the work order that a scan-in at the department begins; empty = none."""
    requests_per_second: Annotated[float, Meta(ge=0.01, le=20)] = 5.0
    """The station's share of the institution's limit: at most so many requests in any one second, counted for the
    station and every command beside it together. A fraction above 1 is rounded down."""
    daily_reserve: Annotated[int, Meta(ge=0)] = 0
    """So many of the institution's requests of a day are left to other programs: the station waits when fewer are left."""
    timeout_s: Annotated[float, Meta(gt=0, le=120)] = 20.0
    """How long one answer may take."""
    look_up_s: Annotated[float, Meta(gt=0, le=60)] = 6.0
    """How long a person at the bench waits for a live record at most; then what is at hand serves."""
    live_records: bool = False
    """Ask Alma for the item first; when it does not answer, what it said before, then the catalog index."""


class Sip2(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library system behind SIP2 (Koha, Evergreen, FOLIO, Voyager, ...); see docs/library-systems/sip2.md."""

    enabled: bool = False
    """Look items up and deliver results by SIP2."""
    host: str = ""
    """Host name or address of the SIP2 server."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 6001
    """TCP port; 6001 by habit, 6443 for Alma."""
    tls: Literal["system", "pinned", "none"] = "system"
    """"system" = TLS, certificate checked against the machine's trust store or `ca_file`; "pinned" = TLS with the one
    certificate of `pinned_sha256`; "none" = plain TCP: for a tunnel on this machine or a closed network, for the password
    can be read on the way."""
    ca_file: str = ""
    """PEM file with the server's certificate authority, relative to the data directory; empty = the machine's trust store."""
    pinned_sha256: str = ""
    """SHA-256 of the server's certificate, 64 hexadecimal digits."""
    user: str = ""
    """Log-in name (CN); empty = the server wants no log-in. The password is the credential "sip2"."""
    institution: str = ""
    """Institution (AO) as the server knows it; Koha selects the branch by it."""
    location: str = ""
    """Location code of the log-in (CP): the desk, or for FOLIO the service point's UUID."""
    desk: str = ""
    """Current location (AP) of a check-in."""
    charset: Literal["auto", "utf-8", "cp850", "latin-1", "ascii"] = "auto"
    """Character set on the wire; "auto" = read UTF-8 where it is valid, else `fallback_charset`, and write UTF-8."""
    fallback_charset: Literal["cp850", "latin-1"] = "cp850"
    """What text is read as under "auto" where it is no UTF-8."""
    terminator: Literal["cr", "crlf"] = "cr"
    """What ends our messages; some servers want CR LF, others stop at it."""
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = "|"
    """Character that ends a field."""
    error_detection: bool = True
    """Send sequence numbers and checksums; a server that answers without them is spoken to without them."""
    timeout_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """How long one answer may take; 0 = as the server's status says, else 5 seconds."""
    check_in: bool = False
    """Check an item in when it has passed (a set: when all its parts have)."""
    properties: bool = False
    """Write the tag's number into "item properties" (CH), if the server offers that message (BX); most ignore it."""
    live_records: bool = False
    """Ask the server for the item first, and the catalog index when it does not answer."""
    voyager_url: str = ""
    """Voyager's REST address up to and with /vxws, e.g. https://voyager.example.edu:7014/vxws: adds location, item type and
    status of the item to what SIP2 says. Read only."""

    @property
    def is_local(self) -> bool:
        """The server (or a tunnel to it) is on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results go."""

    file: FileSink = FileSink()
    alma: Alma = Alma()
    sip2: Sip2 = Sip2()

    @property
    def scanned_in(self) -> tuple[str, ...]:
        """Names of the systems where an item that has passed is scanned in by an order of its own."""
        return ("alma",) if self.alma.enabled and self.alma.scan_in else ()
