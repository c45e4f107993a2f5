"""Settings of library systems: destinations of results, and sources of records."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

LONGEST_TAKE_BACK_S: Final = 60.0


class FileSink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Results as lines of a file."""

    enabled: bool = True
    """Write one JSON line per result."""
    path: str = "results.jsonl"
    """File, relative to the data directory."""


class AlmaOrders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Receiving in Alma: order lines, receipts, invoices to compare. Needs `delivery.alma.enabled`, and a key that may
    receive (area Acquisition)."""

    enabled: bool = False
    """Receive a copy in Alma once our barcode is stuck on."""
    library: str = ""
    """Code of the library of the acquisitions department. Required, since Alma chooses a department itself without it."""
    department: str = ""
    """Code of the acquisitions department. Required."""
    keep: bool = True
    """Keep a received copy in the department, by a second step: Alma puts a copy of a one-time order in transit."""
    work_order_type: str = "AcqWorkOrder"
    """Work order type of that second step."""
    status: str = ""
    """Status of the work order, if its type needs one."""
    invoices: bool = True
    """Read invoices to compare them."""


class Alma(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ex Libris Alma."""

    enabled: bool = False
    """Deliver results to Alma."""
    base_url: str = ""
    """Address of the region, e.g. https://api-na.hosted.exlibrisgroup.com"""
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
    """Item field for the station's result; the station owns only its own line in it."""
    mapping: str = "note-only"
    """Mapping of facts to item fields: note-only, or your own TOML file (its name ends in .toml), relative to the data
    directory; see docs/library-systems/alma.md."""
    scan_in: bool = False
    """Scan in an item that has passed (a set: when all its parts have). No in-house use is counted."""
    library: str = ""
    """Code of the library where items are scanned in."""
    department: str = ""
    """Code of the department where items are scanned in; set either this or circ_desk, not both."""
    circ_desk: str = ""
    """Code of the circulation desk where items are scanned in."""
    work_order_type: str = ""
    """Code of the work order that a scan-in at the department starts; empty = none."""
    requests_per_second: Annotated[float, Meta(ge=0.01, le=20)] = 5.0
    """The station's share of the institution's limit: maximum number of requests in any one second, for the station and
    all its commands together. A fraction above 1 is rounded down."""
    daily_reserve: Annotated[int, Meta(ge=0)] = 0
    """Number of the institution's daily requests that is reserved for other programs: the station waits if fewer are
    left."""
    timeout_s: Annotated[float, Meta(gt=0, le=120)] = 20.0
    """Maximum seconds to wait for one answer."""
    look_up_s: Annotated[float, Meta(gt=0, le=60)] = 6.0
    """Maximum seconds that a person at the bench waits for a live record; after that, stored data are used."""
    live_records: bool = False
    """Ask Alma for the item first. If it does not answer, use its stored answer, then the catalog index."""
    orders: AlmaOrders = AlmaOrders()


class Sip2(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library system behind SIP2 (Koha, Evergreen, FOLIO, Voyager, ...); see docs/library-systems/sip2.md."""

    enabled: bool = False
    """Look items up and deliver results by SIP2."""
    host: str = ""
    """Host name or address of the SIP2 server."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 6001
    """TCP port; usually 6001, 6443 for Alma."""
    tls: Literal["system", "pinned", "none"] = "system"
    """"system" = TLS, certificate checked against the machine's trust store or `ca_file`; "pinned" = TLS with the one
    certificate of `pinned_sha256`; "none" = plain TCP, only for a tunnel on this machine or a closed network, because
    the password can be read in transit."""
    ca_file: str = ""
    """PEM file with the server's certificate authority, relative to the data directory; empty = the machine's trust store."""
    pinned_sha256: str = ""
    """SHA-256 of the server's certificate, 64 hexadecimal digits."""
    user: str = ""
    """Login name (CN); empty = the server needs no login. The password is the credential "sip2"."""
    institution: str = ""
    """Institution (AO) as known to the server; Koha selects the branch by it."""
    location: str = ""
    """Location code of the login (CP): the desk, or for FOLIO the service point's UUID."""
    desk: str = ""
    """Current location (AP) of a check-in; for Koha the code of a branch, or empty = the branch of the login."""
    charset: Literal["auto", "utf-8", "cp850", "latin-1", "ascii"] = "auto"
    """Character set of messages; "auto" = read valid UTF-8 as such, anything else as `fallback_charset`, and write
    UTF-8."""
    fallback_charset: Literal["cp850", "latin-1"] = "cp850"
    """Character set for text that is not UTF-8, with "auto"."""
    terminator: Literal["cr", "crlf"] = "cr"
    """End of the station's messages; some servers need CR LF, others fail on it."""
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = "|"
    """Character that ends a field."""
    error_detection: bool = True
    """Send sequence numbers and checksums. They are omitted for a server that answers without them. Koha answers with
    them."""
    timeout_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    """Maximum seconds to wait for one answer; 0 = as given in the server's status, else 5 seconds."""
    check_in: bool = False
    """Check in an item that has passed (a set: when all its parts have). Koha's account needs checked_in_ok."""
    properties: bool = False
    """Write the tag's UID into "item properties" (CH), if the server offers that message (BX); most ignore it, Koha
    too."""
    live_records: bool = False
    """Ask the server for the item first. If it does not answer, use the catalog index. Koha sends no call number."""
    voyager_url: str = ""
    """Voyager's REST address up to and including /vxws, e.g. https://voyager.example.edu:7014/vxws: adds location, item
    type and status of the item to the SIP2 data. Read only."""

    @property
    def is_local(self) -> bool:
        """Return True if the server (or a tunnel to it) is on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Destinations of results."""

    file: FileSink = FileSink()
    alma: Alma = Alma()
    sip2: Sip2 = Sip2()
    take_back_s: Annotated[float, Meta(ge=0, le=LONGEST_TAKE_BACK_S)] = 10.0
    """Seconds after the judged item was lifted in which the operator can take the last answer back. Results are sent
    after twice that time. 0 = a verdict is final at once."""

    @property
    def lacks_for_orders(self) -> tuple[str, ...]:
        """Return the keys without which `delivery.alma.orders` is not usable."""
        orders = self.alma.orders
        needed = {
            "delivery.alma.enabled": self.alma.enabled,
            "delivery.alma.orders.library": bool(orders.library),
            "delivery.alma.orders.department": bool(orders.department),
            "delivery.alma.orders.work_order_type": bool(orders.work_order_type) or not orders.keep,
        }
        return tuple(key for key, is_set in needed.items() if orders.enabled and not is_set)

    @property
    def scanned_in(self) -> tuple[str, ...]:
        """Return the names of the systems where an item that has passed is scanned in by a separate order."""
        return ("alma",) if self.alma.enabled and self.alma.scan_in else ()
