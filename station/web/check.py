"""Self-test for `station web check`: whether the web service answers a browser as required, from outside and without
touching the pad."""

from __future__ import annotations

import datetime
import http.client
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import SettingsError
from station.base.settings import Web
from station.base.text import clean
from station.base.words import tell
from station.https import certificates
from station.https.hosts import host_names
from station.https.server import addresses, is_open
from station.web.origins import Origins
from station.web.server import SECTION, accounts

ANSWER_S: Final = 10.0


class Finding(msgspec.Struct, frozen=True):
    """Result of one test."""

    name: str
    good: bool
    sentence: str


def check(settings: Web, data: Path, now: datetime.datetime) -> tuple[Finding, ...]:
    """Return all results in order; tests that depend on a failed one are skipped."""
    return tuple(_settings(settings)) + tuple(_certificate(settings, data, now)) + tuple(_server(settings, data))


def _settings(settings: Web) -> Iterator[Finding]:
    yield Finding("enabled", settings.enabled, "web.enabled is true" if settings.enabled else "web.enabled is false")
    try:
        addresses(settings.bind, SECTION)
        Origins(settings.origins)
        host_names(settings.names, "web.names")
        accounts(settings)
    except SettingsError as error:
        yield Finding("settings", False, tell(error.detail))
        return
    allowed = ", ".join(settings.origins)
    yield Finding("origins", bool(settings.origins), f"pages of {allowed or 'no origin'} may use the pad")
    if is_open(settings.bind, SECTION):
        yield Finding("bind", True, f"WARNING: web.bind is {settings.bind}: other machines can reach the pad")
    elif settings.accounts:
        names = ", ".join(settings.accounts)
        yield Finding(
            "bind", True, f"programs of {names} and of the station's account may use it; other machines cannot"
        )
    else:
        yield Finding(
            "bind", True, "WARNING: every account of this machine may use it (set web.accounts); other machines cannot"
        )


def _certificate(settings: Web, data: Path, now: datetime.datetime) -> Iterator[Finding]:
    try:
        pem = certificates.files(SECTION, settings.certificate, settings.key, data)
        seen = certificates.look(pem.certificate, now)
        wanted = {name.strip("[]") for name in host_names(settings.names, "web.names")}
    except SettingsError as error:
        yield Finding("certificate", False, f"{tell(error.detail)}; make one with: station web certificate make")
        return
    if seen.days_left < 0:
        yield Finding("certificate", False, f"it ended on {seen.not_after}; renew it: station web certificate make")
    else:
        soon = " - renew it soon: station web certificate make" if seen.days_left < certificates.SOON.days else ""
        yield Finding("certificate", True, f"valid for {seen.days_left} more days{soon}")
    missing = sorted(wanted - set(seen.names))
    covered = f"it does not cover {', '.join(missing)}" if missing else f"it covers {', '.join(sorted(wanted))}"
    yield Finding("names", not missing or bool(settings.certificate), covered)
    try:
        mode = stat.S_IMODE(pem.key.stat().st_mode)
    except OSError as error:
        yield Finding("key", False, clean(str(error)))
        return
    yield Finding(
        "key", not mode & 0o077, f"{pem.key} has mode {mode:04o}" + ("" if not mode & 0o077 else ", not 0600")
    )


def _server(settings: Web, data: Path) -> Iterator[Finding]:
    """Send a preflight, as a browser does before a change; the answer must allow Alma's origin."""
    if not settings.enabled or not settings.origins:
        return
    where = addresses(settings.bind, SECTION)[0]
    host = "localhost" if settings.bind == "loopback" else f"[{where}]" if ":" in where else where
    origin = settings.origins[0].replace("*", "library")
    context = ssl.create_default_context()
    if not settings.certificate:
        try:
            context = ssl.create_default_context(cafile=data / certificates.FOLDER / certificates.CA)
        except (OSError, ssl.SSLError) as error:
            yield Finding("server", False, f"the local authority cannot be read: {clean(str(error))}")
            return
    connection = http.client.HTTPSConnection(host.strip("[]"), settings.port, timeout=ANSWER_S, context=context)
    try:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Host": f"{host}:{settings.port}"}
        connection.request("OPTIONS", "/setSecurity", headers=headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        yield Finding("server", False, f"there is no answer from https://{host}:{settings.port}: {clean(str(error))}")
        return
    finally:
        connection.close()
    good = answer.status == 204 and answer.getheader("Access-Control-Allow-Origin") == origin
    sentence = f"https://{host}:{settings.port} answers"
    yield Finding(
        "server",
        good,
        f"{sentence} and allows {origin}" if good else f"{sentence}, but not as expected ({answer.status})",
    )
