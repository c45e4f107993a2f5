"""Create a SIP2 system from settings: connector, terms, session, and Voyager's item service if its address is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from station.base import settings
from station.base.clock import Clock
from station.base.credentials import Secret
from station.base.errors import SettingsError
from station.domain.item import Barcode, ItemRecord
from station.sync.http import XML, Answer, Http
from station.sync.sip2.connection import Connector
from station.sync.sip2.session import Session, Terms
from station.sync.sip2.system import Sip2
from station.sync.sip2.voyager import Voyager

REST_TIMEOUT_S = 10.0
"""Time limit for one answer of Voyager's REST service, seconds."""


def open_sip2(
    config: settings.Sip2,
    data: Path,
    clock: Clock,
    password: Callable[[], Secret],
    *,
    bib: Callable[[Barcode], str],
    complete: Callable[[ItemRecord], ItemRecord],
) -> Sip2:
    """Return the configured system, not yet connected. `bib` returns a barcode's record number from the catalog index.

    Raises `SettingsError` for settings that cannot work (no host, an invalid pin, an unreadable CA file).
    """
    if not config.host:
        raise SettingsError("delivery.sip2.host: the SIP2 server's name or address is missing")
    if not _is_delimiter(config.delimiter):
        raise SettingsError(
            "delivery.sip2.delimiter: one character such as | is needed, but no letter, digit, space or control character"
        )
    ca_file = data / config.ca_file if config.ca_file else None
    connect = Connector(config.host, config.port, config.tls, ca_file=ca_file, pinned_sha256=config.pinned_sha256)
    session = Session(connect, terms_of(config), clock, password, connect.place)
    if not config.voyager_url:
        return Sip2(config, session, complete=complete)
    origin, path = _divided(config.voyager_url)
    http = Http(origin, clock=clock, timeout_s=REST_TIMEOUT_S, authorization=None)

    def get(below: str) -> Answer:
        return http.get(path + below, XML)

    voyager = Voyager(get, bib)
    return Sip2(
        config,
        session,
        complete=lambda record: complete(voyager.refine(record)),
        closing=http.close,
        beside=voyager.check,
    )


def _is_delimiter(char: str) -> bool:
    """Return True for a character that can end a field: visible ASCII that occurs in no tag, number or trailer."""
    return "!" <= char <= "~" and not char.isalnum()


def _divided(url: str) -> tuple[str, str]:
    """Return (origin, path without a slash at the end). `Http` checks the origin."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not mark or not host or "?" in path or "#" in path or "%" in path:
        raise SettingsError(
            "delivery.sip2.voyager_url: an address such as https://voyager.example.edu:7014/vxws is needed"
        )
    return f"{scheme}://{host}", f"/{path}".rstrip("/") if slash else ""


def terms_of(config: settings.Sip2) -> Terms:
    """Return the terms of this server from the settings."""
    return Terms(
        institution=config.institution,
        location=config.location,
        user=config.user,
        charset=config.charset,
        fallback=config.fallback_charset,
        terminator=b"\r\n" if config.terminator == "crlf" else b"\r",
        error_detection=config.error_detection,
        delimiter=config.delimiter,
        timeout_s=config.timeout_s,
    )
