"""TLS certificates: configured by the site, or made here by a local authority that is valid for this station only.

The authority is made on this machine, and only its browsers trust it. Its certificate is name-constrained (RFC 5280,
4.2.1.10): a thief of its key could impersonate only the names in it. Both keys have mode 0600. All keys are ECDSA on
P-256, which every browser supports.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from station.base.errors import SettingsError
from station.base.text import clean
from station.https.hosts import host_names

FOLDER: Final = "web"
CA: Final = "ca.pem"
CA_KEY: Final = "ca.key"
LEAF: Final = "server.pem"
LEAF_KEY: Final = "server.key"
CA_DAYS: Final = 3650
LEAF_DAYS: Final = 397
"""The longest lifetime that browsers accept; `station web certificate make` renews it without a new trust step."""
SOON: Final = datetime.timedelta(days=30)
_BACKDATED: Final = datetime.timedelta(hours=1)
"""Allowance for a browser's clock that is slow."""


class Files(msgspec.Struct, frozen=True):
    """PEM files of the server."""

    certificate: Path
    key: Path


class Seen(msgspec.Struct, frozen=True):
    """A certificate file, for display."""

    path: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    days_left: int
    sha256: str
    """Fingerprint, as browsers show it."""


def files(section: str, certificate: str, key: str, data: Path) -> Files:
    """Return the paths of a server's certificate and key: those that the `section` of the settings names, else those
    made here. Raises `SettingsError` if only one of the two is configured."""
    if bool(certificate) != bool(key):
        raise SettingsError(f"{section}.certificate and {section}.key belong together: set both, or neither")
    if certificate:
        return Files(data / certificate, data / key)
    return Files(data / FOLDER / LEAF, data / FOLDER / LEAF_KEY)


def make(
    data: Path, further: Sequence[str], now: datetime.datetime, *, new_authority: bool = False
) -> tuple[Path, bool]:
    """Make the server's certificate, and the authority unless a usable one exists for the same names.

    Returns the authority's file, and True if it is new (browsers must then trust it again). Raises `SettingsError`.
    """
    folder = data / FOLDER
    names = [name.strip("[]") for name in host_names(further, "web.names")]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = None if new_authority else _authority(folder, names, now)
        fresh = authority is None
        certificate, key = authority or _new_authority(folder, names, now)
        leaf_key = ec.generate_private_key(ec.SECP256R1())
        leaf = _leaf(certificate, key, leaf_key, names, now)
        # Write the key first: a crash in between leaves a pair that does not load, which the next `make` repairs.
        _write(folder / LEAF_KEY, _pem(leaf_key), private=True)
        _write(folder / LEAF, leaf.public_bytes(serialization.Encoding.PEM), private=False)
    except OSError as error:
        raise SettingsError(f"{folder}: {error}") from error
    return folder / CA, fresh


def look(path: Path, now: datetime.datetime) -> Seen:
    """Read a certificate file. Raises `SettingsError`."""
    certificate = _load(path)
    names: tuple[str, ...] = ()
    try:
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = (*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress)))
    except x509.ExtensionNotFound:
        pass
    end = certificate.not_valid_after_utc
    return Seen(
        path=str(path),
        subject=clean(certificate.subject.rfc4514_string()),
        issuer=clean(certificate.issuer.rfc4514_string()),
        names=tuple(clean(name) for name in names),
        not_before=certificate.not_valid_before_utc.isoformat(),
        not_after=end.isoformat(),
        days_left=(end - now).days,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {clean(str(error))}") from error


def _authority(
    folder: Path, names: Sequence[str], now: datetime.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """Return the existing authority if it is usable: readable, valid long enough, and made for all these names."""
    try:
        certificate = _load(folder / CA)
        key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), password=None)
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (SettingsError, OSError, ValueError, x509.ExtensionNotFound):
        return None
    long_enough = certificate.not_valid_after_utc > now + datetime.timedelta(days=LEAF_DAYS)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not long_enough:
        return None
    same_key = key.public_key().public_numbers() == certificate.public_key().public_numbers()  # type: ignore[union-attr]
    return (
        (certificate, key)
        if same_key and set(_constraints(names)) <= set(constraints.permitted_subtrees or ())
        else None
    )


def _new_authority(
    folder: Path, names: Sequence[str], now: datetime.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    # Give each authority a unique name: two with the same name confuse certificate stores.
    subject = _name(f"RFID Processing Station local CA {os.urandom(4).hex()}")
    certificate = (
        _begun(subject, subject, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=_constraints(names), excluded_subtrees=None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CA_KEY, _pem(key), private=True)
    _write(folder / CA, certificate.public_bytes(serialization.Encoding.PEM), private=False)
    return certificate, key


def _leaf(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    now: datetime.datetime,
) -> x509.Certificate:
    return (
        _begun(_name("RFID Processing Station"), authority.subject, key.public_key(), now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now - _BACKDATED + datetime.timedelta(days=days))
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign,
        key_cert_sign=sign,
        crl_sign=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _constraints(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_network(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, *, private: bool) -> None:
    """Replace the file atomically; a private one is never readable by others."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
