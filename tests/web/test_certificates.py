"""The local authority and its certificate: modes, dates, names, constraints; renewal without new trust; `check`."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from station.base.errors import SettingsError
from station.base.settings import Web
from station.cli import station
from station.cli.admin.settings_file import template
from station.https import certificates
from station.https.server import addresses, is_open
from station.web import trust
from station.web.check import check
from station.web.server import server as web_server
from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import NOW, FakePad, serving
from tests.web import browser

DAY = datetime.timedelta(days=1)


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.fixture
def made(tmp_path: Path) -> Path:
    authority, fresh = certificates.make(tmp_path, ("desk1.library.example", "10.0.0.7"), NOW)
    assert fresh and authority == tmp_path / "web" / "ca.pem"
    return tmp_path / "web"


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        certificates.make(tmp_path, (), NOW)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "web").iterdir()}
    assert modes == {"ca.key": 0o600, "server.key": 0o600, "ca.pem": 0o644, "server.pem": 0o644}
    assert stat.S_IMODE((tmp_path / "web").stat().st_mode) == 0o700


def test_what_the_server_is_called(made: Path) -> None:
    leaf = loaded(made / "server.pem")
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "desk1.library.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1", "10.0.0.7"]
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 397
    assert leaf.not_valid_before_utc < NOW < leaf.not_valid_after_utc


def test_what_the_authority_may_say(made: Path) -> None:
    authority = loaded(made / "ca.pem")
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = [str(each.value) for each in constraints.value.permitted_subtrees or ()]
    assert permitted == ["localhost", "127.0.0.1/32", "::1/128", "desk1.library.example", "10.0.0.7/32"]
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0


def shaken(authority: Path, pem: Path, name: str) -> None:
    """Make a TLS handshake by OpenSSL with a server that has this certificate; raise the client's error."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=authority)
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.settimeout(PATIENCE_S)

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours, server_hostname=name).close()
    finally:
        ours.close()
        thread.join(PATIENCE_S)


def forged(web: Path, folder: Path, *names: x509.GeneralName) -> Path:
    """Make a certificate for these names, signed with the authority's key.

    It carries an Authority Key Identifier (RFC 5280, 4.2.1.1). Since Python 3.13, ssl.create_default_context sets
    VERIFY_X509_STRICT, which refuses a certificate without one before it checks the names.
    """
    key = serialization.load_pem_private_key((web / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    own = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .issuer_name(loaded(web / "ca.pem").subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + 30 * DAY)
        .add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return browser.as_pem(folder / "forged.pem", own, leaf)


def test_openssl_believes_it_for_its_names_only(made: Path, tmp_path: Path) -> None:
    good = forged(made, tmp_path, x509.DNSName("localhost"))
    shaken(made / "ca.pem", good, "localhost")
    bad = forged(made, tmp_path, x509.DNSName("bank.example"))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shaken(made / "ca.pem", bad, "bank.example")


def test_the_whole_chain_stands_before_openssl(made: Path) -> None:
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", made / "ca.pem", made / "server.pem"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr


def test_renewing_needs_no_new_trust(made: Path) -> None:
    names = ("desk1.library.example", "10.0.0.7")
    authority, leaf = (made / "ca.pem").read_bytes(), (made / "server.pem").read_bytes()
    _, fresh = certificates.make(made.parent, names, NOW + 300 * DAY)
    assert not fresh and (made / "ca.pem").read_bytes() == authority
    assert (made / "server.pem").read_bytes() != leaf
    assert loaded(made / "server.pem").not_valid_after_utc > NOW + 600 * DAY
    _, fresh = certificates.make(made.parent, names[:1], NOW)
    assert not fresh, "a subset of the names is within the constraints"


@pytest.mark.parametrize("why", ["new name", "ends soon", "asked for", "other key", "no key", "damaged"])
def test_a_new_authority_where_the_old_one_does_not_serve(made: Path, why: str) -> None:
    before = (made / "ca.pem").read_bytes()
    names: tuple[str, ...] = ("desk1.library.example", "10.0.0.7")
    now, anew = NOW, False
    match why:
        case "new name":
            names = (*names, "desk2.library.example")
        case "ends soon":
            now = NOW + 3400 * DAY
        case "asked for":
            anew = True
        case "other key":
            (made / "ca.key").write_bytes((made / "server.key").read_bytes())
        case "no key":
            (made / "ca.key").unlink()
        case _:
            (made / "ca.pem").write_text("no certificate")
    _, fresh = certificates.make(made.parent, names, now, new_authority=anew)
    assert fresh and (made / "ca.pem").read_bytes() != before
    assert loaded(made / "server.pem").issuer == loaded(made / "ca.pem").subject


def test_half_a_setting_is_refused(tmp_path: Path) -> None:
    for half in (Web(certificate="a.pem"), Web(key="a.key")):
        with pytest.raises(SettingsError, match="belong together"):
            certificates.files("web", half.certificate, half.key, tmp_path)


def test_a_certificate_of_the_sites_own(tmp_path: Path) -> None:
    certificates.make(tmp_path / "elsewhere", (), NOW)
    web = Web(enabled=True, port=0, certificate="elsewhere/web/server.pem", key="elsewhere/web/server.key")
    server = web_server(web, tmp_path, FakePad())
    server.start()
    try:
        context = ssl.create_default_context(cafile=tmp_path / "elsewhere/web/ca.pem")
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as raw:
            context.wrap_socket(raw, server_hostname="localhost").close()
    finally:
        assert server.stop(PATIENCE_S)


@pytest.mark.parametrize("damage", ["missing", "not pem", "another key"])
def test_a_certificate_that_cannot_work_says_what_to_do(tmp_path: Path, damage: str) -> None:
    certificates.make(tmp_path, (), NOW)
    key = tmp_path / "web" / "server.key"
    match damage:
        case "missing":
            key.unlink()
        case "not pem":
            key.write_text("x")
        case _:
            key.write_bytes((tmp_path / "web" / "ca.key").read_bytes())
    with pytest.raises(SettingsError, match="station web certificate make"):
        web_server(Web(enabled=True), tmp_path, FakePad())


@pytest.mark.parametrize("bind", ["", "localhost", "all", "1.2.3", "::g"])
def test_where_to_listen_is_said_in_so_many_words(bind: str) -> None:
    with pytest.raises(SettingsError, match=r"web\.bind"):
        addresses(bind, "web")


def test_what_is_open_to_others() -> None:
    assert (
        not is_open("loopback", "web")
        and not is_open("127.0.0.1", "web")
        and not is_open("::1", "web")
        and not is_open("127.1.2.3", "web")
    )
    assert is_open("0.0.0.0", "web") and is_open("::", "web") and is_open("10.0.0.7", "web")


# --- station web ----------------------------------------------------------------------------------------------------------


def findings(settings: Web, data: Path, now: datetime.datetime = NOW) -> dict[str, tuple[bool, str]]:
    return {each.name: (each.good, each.sentence) for each in check(settings, data, now)}


def test_check_of_a_server_that_serves(tmp_path: Path) -> None:
    with serving(tmp_path) as desk:
        found = findings(Web(enabled=True, port=desk.server.port), tmp_path)
        assert all(good for good, _ in found.values()), found
        assert "allows https://library.alma.exlibrisgroup.com" in found["server"][1]
        assert desk.pad.asked == [], "the pad was not touched"
        other = findings(Web(enabled=True, port=desk.server.port, origins=("https://other.example",)), tmp_path)
        assert not other["server"][0]


def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    assert not findings(Web(), tmp_path)["enabled"][0]
    assert "station web certificate make" in findings(Web(), tmp_path)["certificate"][1]
    certificates.make(tmp_path, (), NOW)
    assert findings(Web(), tmp_path)["certificate"][0]
    assert "renew it soon" in findings(Web(), tmp_path, NOW + 380 * DAY)["certificate"][1]
    ended = findings(Web(), tmp_path, NOW + 400 * DAY)["certificate"]
    assert not ended[0] and "it ended on" in ended[1]
    assert not findings(Web(names=("desk2.example",)), tmp_path)["names"][0]
    (tmp_path / "web" / "server.key").chmod(0o644)
    assert not findings(Web(), tmp_path)["key"][0]
    assert not findings(Web(origins=("*",)), tmp_path)["settings"][0]
    assert "WARNING" in findings(Web(bind="0.0.0.0"), tmp_path)["bind"][1]
    assert findings(Web(), tmp_path)["bind"][1].startswith("WARNING: every account of this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = findings(Web(enabled=True, port=free.getsockname()[1]), tmp_path)["server"]
        assert not nobody[0] and "there is no answer from" in nobody[1]


def run(data: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(station, ["--data", str(data), *arguments])
    return result.exit_code, result.stdout


def test_the_commands(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(), encoding="utf-8")
    _, said = run(tmp_path, "web", "certificate", "make")
    assert "is new: tell the browsers" in said
    _, said = run(tmp_path, "web", "certificate", "make")
    assert "as before" in said
    _, said = run(tmp_path, "web", "certificate", "show")
    seen = certificates.look(tmp_path / "web" / "ca.pem", NOW)
    assert seen.sha256 in said and "localhost, 127.0.0.1, ::1" in said
    code, said = run(tmp_path, "web", "check")
    assert code == 1 and "web.enabled is false" in said
    _, said = run(tmp_path, "web", "certificate", "trust-help", "--for", "firefox")
    assert str(tmp_path / "web" / "ca.pem") in said and "certutil" not in said


def test_the_fingerprint_is_that_of_openssl(made: Path) -> None:
    done = subprocess.run(
        ["openssl", "x509", "-in", made / "server.pem", "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout.strip().rpartition("=")[2] == certificates.look(made / "server.pem", NOW).sha256


def test_help_and_page_give_the_same_commands() -> None:
    page = (ROOT / "docs/library-systems/alma-rfid.md").read_text(encoding="utf-8")
    commands = [
        step
        for place in trust.PLACES
        for step in trust.steps(place, Path("ca.pem"))
        if step.startswith(("DB=", "[ -d", "certutil", "cp ", "update-ca", "{"))
    ]
    assert len(commands) == 8
    for command in commands:
        assert command in page, command


def test_a_path_with_blanks_and_quotes_stays_one_word() -> None:
    path = Path("/data/it's here/ca.pem")
    add = next(step for step in trust.steps("chrome", path) if " -A " in step)
    said = subprocess.run(
        ["sh", "-c", f'certutil() {{ for word; do echo "$word"; done; }}; DB=x; {add}'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines()[-1] == str(path)
