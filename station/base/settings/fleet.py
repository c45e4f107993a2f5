"""Settings of several benches with one center."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class FleetViewer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sites whose benches a person sees in the office over all benches."""

    person: Annotated[str, Meta(min_length=1, max_length=100)]
    """Login or id of a person of the center."""
    sites: tuple[str, ...]
    """Sites as in `station fleet invite --site`; "*" = all."""


class Fleet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several benches with one center, which keeps copies of their journals; see docs/fleet.md. A bench sets `center`
    and `ca_file`, the center the others. One bench needs none of this."""

    center: str = ""
    """Address of the center to which this bench sends its journal, as "https://center.example:8446"; empty = none."""
    ca_file: str = ""
    """PEM file with the authority of the center's certificate, relative to the data directory; empty = the machine's
    trust store."""
    database: str = ""
    """At the center: libpq's address of the PostgreSQL database, as "host=/run/postgresql dbname=fleet", without a
    password; empty = this is no center."""
    bind: str = "loopback"
    """At the center: "loopback" = only benches on this machine; or an IP address."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8446
    """At the center: TCP port; 0 = any free port (for tests)."""
    certificate: str = ""
    """At the center: PEM file with the server's certificate (and intermediate certificates), relative to the data
    directory; empty = the certificate made by `station web certificate make`."""
    key: str = ""
    """At the center: PEM file with its key, not encrypted."""
    viewers: tuple[FleetViewer, ...] = ()
    """At the center: who sees which sites, each as {person = "tess", sites = ["Main Library"]}, where sites = ["*"] are all.
    Without any, everyone who may read here sees all sites; otherwise who is not named sees none."""
