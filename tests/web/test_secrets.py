"""The private keys of the server and of its authority are in no command's output, arguments or environment, and in no
other file of the data directory.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sync.test_secrets import ran

KEYS = ("server.key", "ca.key")


def forms(path: Path) -> list[bytes]:
    """Return the forms of a key: its PEM line by line, and its secret number as bytes, hexadecimal and decimal."""
    text = path.read_bytes()
    key = serialization.load_pem_private_key(text, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    number = key.private_numbers().private_value
    raw = number.to_bytes(32, "big")
    lines = [line for line in text.splitlines() if line and not line.startswith(b"-----")]
    return [*lines, raw, raw.hex().encode(), str(number).encode(), base64.b64encode(raw)[:40]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    (folder / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n[web]\nenabled = true\nport = 1\n')
    run(folder, "web", "certificate", "make")
    return folder


def run(data: Path, *arguments: str) -> bytes:
    """Run a command; return everything it shows."""
    command = [sys.executable, "-X", "dev", "-m", "station", *arguments, "--data", str(data)]
    out, err, seen = ran(command)
    assert b"station" in seen, "its arguments were checked"
    return seen + out + err


def test_the_search_finds_a_key(data: Path) -> None:
    text = (data / "web" / "server.key").read_bytes()
    assert any(form in text for form in forms(data / "web" / "server.key"))


@pytest.mark.parametrize(
    "broken", [pytest.param(False, marks=pytest.mark.soak), True], ids=["sound", "broken certificate"]
)
@pytest.mark.parametrize(
    "arguments",
    [
        ("web", "check", "--json"),
        ("web", "certificate", "show", "--json"),
        ("web", "certificate", "trust-help"),
        ("doctor", "--json"),
    ],
    ids=" ".join,
)
def test_no_command_shows_a_key(data: Path, arguments: tuple[str, ...], broken: bool) -> None:
    """Also if files beside the key cannot be read: error messages quote files, and must not quote this one."""
    certificate = data / "web" / "server.pem"
    sound = certificate.read_bytes()
    if broken:
        certificate.write_bytes((data / "web" / "server.key").read_bytes())
    try:
        said = run(data, *arguments)
    finally:
        certificate.write_bytes(sound)
    for name in KEYS:
        assert not [form for form in forms(data / "web" / name) if form in said]
        for path in data.rglob("*"):
            if path.is_file() and path.name != name:
                assert not [form for form in forms(data / "web" / name) if form in path.read_bytes()], path
