"""Headless Chromium with a separate profile: certificates are checked, by authorities that are imported as a site
imports them.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from station.web import trust
from tests.support.patience import PATIENCE_S

ALMA_HOST = "library.alma.exlibrisgroup.com"
EVIL_HOST = "evil.example"
BANK = "bank.example"
TOOLS = ("chromium", "chromedriver", "certutil")


def absent() -> list[str]:
    """Return the programs that are not installed here."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"<!doctype html><title>A page</title><p>A page of another server.</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    """Ignores errors, because a browser may end a connection at any time."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Pages:
    """An HTTPS server for the pages that call the station. Its authority belongs to the test, not to the station."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "pages-ca.pem"
        pem = folder / "pages.pem"
        _page_certificate(self.authority, pem)
        self._serve(pem)

    def _serve(self, pem: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self._server = _Quiet(("127.0.0.1", 0), _Page)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)


class Forger(Pages):
    """A server with a given certificate."""

    def __init__(self, pem: Path) -> None:
        self._serve(pem)

    def __enter__(self) -> Forger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def forged(web: Path, folder: Path) -> Path:
    """Make a certificate for `BANK`, signed with the stolen key of the station's authority."""
    now = datetime.datetime.now(datetime.UTC)
    authority = x509.load_pem_x509_certificate((web / "ca.pem").read_bytes())
    stolen = serialization.load_pem_private_key((web / "ca.key").read_bytes(), None)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, BANK)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(BANK)]), critical=False)
        .sign(stolen, hashes.SHA256())
    )
    return as_pem(folder / "forged.pem", key, leaf)


def as_pem(path: Path, key: ec.EllipticCurvePrivateKey, leaf: x509.Certificate) -> Path:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    return path


def _page_certificate(authority: Path, pem: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def begun(subject: str, public: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The test's pages")]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=30))
        )

    root = (
        begun("The test's pages", key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName(ALMA_HOST), x509.DNSName(EVIL_HOST)])
    leaf = begun("pages", leaf_key.public_key()).add_extension(names, critical=False).sign(key, hashes.SHA256())
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    as_pem(pem, leaf_key, leaf)


def trusting(
    home: Path, station: Path | None, others: Sequence[Path] = (), *, store: str = ".local/share/pki/nssdb"
) -> None:
    """Make a home whose NSS store trusts these authorities; the commands of `trust-help` import the station's.

    `store`: where the browser looks. Browsers before version 146 use ".pki/nssdb".
    """
    home.mkdir()
    if store == ".pki/nssdb":
        (home / store).mkdir(parents=True)
        subprocess.run(
            ["certutil", "-d", f"sql:{home / store}", "-N", "--empty-password"], check=True, timeout=PATIENCE_S
        )
    for authority in others:
        _commands(home, "A page's authority", authority)
    if station is not None:
        _commands(home, trust.NICK, station)
    assert not others or (home / store / "cert9.db").exists()


def _commands(home: Path, nick: str, authority: Path) -> None:
    steps = [step.replace(trust.NICK, nick) for step in trust.steps("chrome", authority)]
    where, make, add, remove = [step for step in steps if step.startswith(("DB=", "[ -d", "certutil"))]
    assert " -D " in remove
    environment = {**os.environ, "HOME": str(home)}
    script = "\n".join((where, make, add))
    subprocess.run(["sh", "-ec", script], env=environment, check=True, capture_output=True, timeout=PATIENCE_S)


@contextlib.contextmanager
def chromium(
    home: Path, pages: Pages | None, *, public: bool, extra: Mapping[str, int] | None = None
) -> Iterator[webdriver.Chrome]:
    """Run a browser whose store is in `home`. `pages`: those of Alma; None = it needs none. `public`: they count as public
    internet pages, as Alma's do.

    `extra`: further host names and the ports on this machine that serve them.
    """
    hosts = {**({ALMA_HOST: pages.port, EVIL_HOST: pages.port} if pages else {}), **(extra or {})}
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        f"--user-data-dir={home / 'profile'}",
        *(
            ["--host-resolver-rules=" + ", ".join(f"MAP {name} 127.0.0.1:{port}" for name, port in hosts.items())]
            * bool(hosts)
        ),
        *([f"--ip-address-space-overrides=127.0.0.1:{pages.port}=public"] if pages and public else []),
        # Root has no sandbox in a container. No option here switches a certificate check off.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ):
        options.add_argument(argument)
    service = Service(shutil.which("chromedriver") or "", env={**os.environ, "HOME": str(home)})
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        yield driver
    finally:
        driver.quit()


def fetch(driver: webdriver.Chrome, url: str, **init: Any) -> dict[str, Any]:
    """Call `fetch` in the page; return status and body, or the error's name."""
    script = """
    const [url, init, done] = arguments;
    fetch(url, init).then(async (r) => done({type: r.type, status: r.status, body: await r.text()}),
                          (e) => done({error: e.name}));
    """
    found: dict[str, Any] = driver.execute_async_script(script, url, init)
    return found


def warning(driver: webdriver.Chrome, url: str) -> str:
    """Return the browser's full-page warning if it replaces the page, or ""."""
    driver.get(url)
    return driver.find_element("tag name", "body").text if driver.title == "Privacy error" else ""
