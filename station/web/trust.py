"""Instructions for browsers: how to trust the station's local authority, and how to let Alma's page reach this machine.

The page docs/library-systems/alma-rfid.md has the same steps with reasons and sources; a test compares the commands.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Final

NICK: Final = "RFID Processing Station local CA"
_POLICY: Final = '{"LoopbackNetworkAllowedForUrls": ["https://[*.]alma.exlibrisgroup.com"]}'

_STEPS: Final[dict[str, tuple[str, ...]]] = {
    "chrome": (
        "Debian, for the user who works at this desk (Chrome, Chromium and Edge; package libnss3-tools). Since version 146 the "
        "store is in .local/share, unless there is an older one:",
        'DB="$HOME/.pki/nssdb"; [ -d "$DB" ] || DB="$HOME/.local/share/pki/nssdb"',
        '[ -d "$DB" ] || { mkdir -p "$DB" && certutil -d sql:"$DB" -N --empty-password; }',
        'certutil -d sql:"$DB" -A -t "C,," -n "{nick}" -i {quoted}',
        "Then close every window of the browser and start it again. To take it back, with the same first line:",
        'certutil -d sql:"$DB" -D -n "{nick}"',
    ),
    "firefox": (
        "Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import: choose {authority} and tick "
        '"Trust this CA to identify websites".',
        'For many desks by policy (policies.json): {"policies": {"Certificates": {"Install": [{json}]}}}',
    ),
    "debian": (
        "For programs that use the system's store (curl, Python); Chrome and Firefox do not read it:",
        "cp {quoted} /usr/local/share/ca-certificates/rfid-processing-station.crt",
        "update-ca-certificates",
    ),
    "windows": (
        "Copy {authority} to the PC as rfid-station-ca.crt. For this user, in a command window (Chrome and Edge read it):",
        "certutil -user -addstore Root rfid-station-ca.crt",
        "Firefox there: as under firefox, or the policy ImportEnterpriseRoots.",
    ),
    "network-access": (
        "Chrome and Edge ask the user once whether Alma's page may reach this device: choose Allow.",
        "So that nobody is asked, the policy LoopbackNetworkAllowedForUrls (Chrome and Edge 146 or newer), or "
        "LocalNetworkAccessAllowedForUrls (139, Edge 140, or newer), allows Alma's pages. Debian's Chromium reads it from:",
        "/etc/chromium/policies/managed/rfid-processing-station.json (Google Chrome: the same in its own configuration folder)",
        _POLICY,
        "Firefox 151 or newer: the policy LocalNetworkAccess.",
    ),
}
PLACES: Final = tuple(_STEPS)
"""Names of the available instructions."""


def steps(place: str, authority: Path) -> tuple[str, ...]:
    """Return the steps for one of `PLACES`, with the authority's path filled in."""
    words = {
        "authority": str(authority),
        "quoted": shlex.quote(str(authority)),
        "json": json.dumps(str(authority)),
        "nick": NICK,
    }
    return tuple(_filled(step, words) for step in _STEPS[place])


def _filled(step: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        step = step.replace(f"{{{name}}}", value)
    return step
