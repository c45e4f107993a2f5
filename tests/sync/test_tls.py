"""S9: a certificate that is self-signed, expired or another host's is refused, and nothing is sent."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import Unreachable
from station.sync.http import Http
from tests.conftest import missing
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told

OPENSSL = shutil.which("openssl")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run([str(OPENSSL), *arguments], cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if OPENSSL is None:
        missing("openssl")
    folder = tmp_path_factory.mktemp("tls")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test ca",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    for name, host, days in (
        ("good", "localhost", "2"),
        ("other", "alma.example", "2"),
        ("expired", "localhost", "-1"),
    ):
        (folder / f"{name}.ext").write_text(
            f"subjectAltName=DNS:{host}\nauthorityKeyIdentifier=keyid\nkeyUsage=digitalSignature\n"
        )
        openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}")
        dates = ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z") if days == "-1" else ("-days", days)
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out",
                f"{name}.pem", "-extfile", f"{name}.ext", *dates)  # fmt: skip
    openssl(folder, "req", "-x509", *key, "-keyout", "self.key", "-out", "self.pem", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")  # fmt: skip
    return folder


class Server:
    """Answers each request on one TLS connection at a time with 200 {}; records what it received."""

    def __init__(self, folder: Path, name: str) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.received = b""
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE_S)
        try:
            with self.context.wrap_socket(connection, server_side=True) as stream:
                self.received = stream.recv(4096)
                if self.received:
                    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        except OSError:
            connection.close()

    def close(self) -> None:
        self.thread.join(PATIENCE_S)
        self.listener.close()


@pytest.fixture(params=["good", "other", "expired", "self"])
def server(request: pytest.FixtureRequest, certificates: Path) -> Iterator[tuple[str, Server]]:
    found = Server(certificates, request.param)
    yield request.param, found
    found.close()


def test_certificates(server: tuple[str, Server], certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, listener = server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    url = f"https://localhost:{listener.listener.getsockname()[1]}"
    http = Http(url, clock=SystemClock(), timeout_s=10, authorization=lambda: Secret("apikey k"))
    try:
        if name == "good":
            assert http.get("/x").body == b"{}"
            assert b"apikey k" in listener.received
        else:
            with raises_told(Unreachable, match="certificate"):
                http.put("/x", b"{}")
            listener.thread.join(PATIENCE_S)
            assert listener.received == b""
    finally:
        http.close()
