"""SIP2 over TLS: the trust store, a CA file, one pinned certificate; another server never gets the password."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import CredentialsRefused, SettingsError, Unreachable
from station.demo.process import Emulator
from station.sync.sip2.connection import Connector
from station.sync.sip2.session import Session, Terms
from tests.conftest import missing
from tests.support.controlled_emulator import controlled
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told
from tests.sync.sip2.test_session import ITEM, ITEMS, item

OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a key and a self-signed certificate for localhost to one file."""
    if OPENSSL is None:
        missing("openssl")
    folder = tmp_path_factory.mktemp("sip2-tls")
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


def fingerprint(certificate: Path) -> str:
    der = ssl.PEM_cert_to_DER_cert((certificate.parent / "cert.pem").read_text())
    return hashlib.sha256(der).hexdigest()


@pytest.fixture
def emulator(tmp_path: Path, certificate: Path) -> Iterator[Emulator]:
    (tmp_path / "items.json").write_text(json.dumps(ITEMS))
    found = controlled(
        "library_systems.sip2",
        ["--items", str(tmp_path / "items.json"), "--control", str(tmp_path / "control"), "--password", "s3cret",
         "--certificate", str(certificate)],
        tmp_path / "log",
    )  # fmt: skip
    yield found
    found.stop()


def over(emulator: Emulator, host: str, tls: str, **more: object) -> Session:
    connect = Connector(host, int(emulator.ready["port"]), tls, **more)  # type: ignore[arg-type]
    terms = Terms(institution="MAIN", user="station", timeout_s=20)
    return Session(connect, terms, SystemClock(), lambda: Secret("s3cret"), connect.place)


def title(session: Session) -> str:
    try:
        return item(session, ITEM).first("AJ")
    finally:
        session.close()


def test_a_ca_file_of_the_site(emulator: Emulator, certificate: Path) -> None:
    assert title(over(emulator, "localhost", "system", ca_file=certificate.parent / "cert.pem")) == "Führer für Gäste"


def test_the_pinned_certificate(emulator: Emulator, certificate: Path) -> None:
    pin = fingerprint(certificate)
    with_colons = ":".join(pin[n : n + 2] for n in range(0, 64, 2)).upper()
    assert title(over(emulator, "127.0.0.1", "pinned", pinned_sha256=with_colons)) == "Führer für Gäste"


@pytest.mark.parametrize("how", ["unknown-ca", "other-name", "other-pin"])
def test_somebody_else_gets_nothing(emulator: Emulator, certificate: Path, how: str) -> None:
    if how == "unknown-ca":
        session = over(emulator, "localhost", "system")
    elif how == "other-name":
        session = over(emulator, "127.0.0.1", "system", ca_file=certificate.parent / "cert.pem")
    else:
        session = over(emulator, "localhost", "pinned", pinned_sha256="00" * 32)
    with raises_told(CredentialsRefused, match="certificate"):
        title(session)
    assert emulator.call("wire")["wire"] == []


def test_plain_text_where_tls_is_spoken(emulator: Emulator) -> None:
    with pytest.raises(Unreachable):
        title(over(emulator, "localhost", "none"))
    assert emulator.call("wire")["wire"] == []


def test_a_pin_that_is_none() -> None:
    with raises_told(SettingsError, match="64 hexadecimal digits"):
        Connector("localhost", 1, "pinned", pinned_sha256="abc")


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with raises_told(SettingsError, match="ca_file"):
        Connector("localhost", 1, "system", ca_file=tmp_path / "ca.pem")
