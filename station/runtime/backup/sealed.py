"""Credentials of a backup, encrypted with a passphrase: scrypt (RFC 7914), then ChaCha20-Poly1305 (RFC 8439).

The passphrase may be short, so the key is derived with 128 MiB of memory (n=2^17, r=8), which makes guessing costly.
The journal's id and the time of the backup are authenticated: credentials of another backup do not open here.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

import msgspec

from station.base.credentials import Secret
from station.base.errors import BackupUnusable, PassphraseWrong
from station.base.extras import extra
from station.base.sentence import Sentence
from station.runtime.backup.manifest import Sealing, is_safe

SHORTEST: Final = 12
"""Characters of a passphrase."""
_N: Final = 1 << 17
_MOST_MEMORY: Final = 1 << 28
"""Bytes. A manifest that asks for more is refused."""
_KEY: Final = 32
_DOMAIN: Final = b"station-backup-1\n"

Files = dict[str, bytes]
"""Content of each file, by its path in the data directory."""


def seal(files: Files, passphrase: Secret, bound_to: str) -> tuple[Sealing, bytes]:
    """Encrypt the files. `bound_to`: the text without which they cannot be opened. Raises `ExtraMissing`."""
    how = Sealing(n=_N, r=8, p=1, salt=secrets.token_hex(16), nonce=secrets.token_hex(12))
    cipher = _cipher(how, passphrase)
    box: bytes = cipher.encrypt(bytes.fromhex(how.nonce), msgspec.json.encode(files), _DOMAIN + bound_to.encode())
    return how, box


def unseal(how: Sealing, box: bytes, passphrase: Secret, bound_to: str) -> Files:
    """Return the files. Raises `PassphraseWrong`, also if the content was changed, `BackupUnusable` and
    `ExtraMissing`."""
    with extra("web"):
        from cryptography.exceptions import InvalidTag
    try:
        if how.n < 2 or how.r < 1 or how.p != 1 or 128 * how.n * how.r > _MOST_MEMORY:
            raise ValueError("costs of scrypt")
        content = _cipher(how, passphrase).decrypt(bytes.fromhex(how.nonce), box, _DOMAIN + bound_to.encode())
        files = msgspec.json.decode(content, type=Files)
    except InvalidTag as error:
        raise PassphraseWrong() from error
    except (ValueError, msgspec.DecodeError) as error:
        raise BackupUnusable(Sentence("backup.sealing")) from error
    if not all(map(is_safe, files)):
        raise BackupUnusable(Sentence("backup.names"))
    return files


def _cipher(how: Sealing, passphrase: Secret):  # type: ignore[no-untyped-def]  # the type needs the extra
    with extra("web"):
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    key = hashlib.scrypt(
        passphrase.reveal().encode(),
        salt=bytes.fromhex(how.salt),
        n=how.n,
        r=how.r,
        p=how.p,
        maxmem=2 * _MOST_MEMORY,
        dklen=_KEY,
    )
    return ChaCha20Poly1305(key)
