"""Connection of a SIP2 session: one TCP or TLS connection, every wait limited by a deadline.

TLS: the machine's trust store with the host name checked, a CA file of the site, or one pinned certificate (its SHA-256
is compared before a byte is sent). Plain TCP carries the password in the clear. It is used only if the settings say so
(a tunnel such as stunnel on this machine, a closed network).
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from pathlib import Path
from typing import Final, Protocol

from station.base.clock import Deadline
from station.base.errors import CredentialsRefused, SettingsError, Unreachable
from station.base.sentence import Sentence
from station.base.text import clean

_CHUNK: Final = 4096


class Wire(Protocol):
    """A connected line."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it. Raises `OSError`."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """Return at least one byte, or b"" if the other end closed. Raises `TimeoutError` at the deadline, or
        `OSError`."""
        ...

    def close(self) -> None: ...


class TcpWire:
    """A socket, plain or wrapped in TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._wait(deadline)
        self._socket.sendall(data)

    def read(self, deadline: Deadline) -> bytes:
        self._wait(deadline)
        return self._socket.recv(_CHUNK)

    def close(self) -> None:
        """Close the connection in any state."""
        self._socket.close()

    def _wait(self, deadline: Deadline) -> None:
        left = deadline.remaining
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


class Connector:
    """Makes connections to one server. `tls`: "none", "system" (trust store, or `ca_file`) or "pinned"."""

    def __init__(self, host: str, port: int, tls: str, *, ca_file: Path | None = None, pinned_sha256: str = "") -> None:
        self._address = (host, port)
        self._pin = b""
        self._context: ssl.SSLContext | None = None
        if tls == "pinned":
            try:
                self._pin = bytes.fromhex(pinned_sha256.replace(":", ""))
            except ValueError:
                self._pin = b""
            if len(self._pin) != hashlib.sha256().digest_size:
                raise SettingsError("delivery.sip2.pinned_sha256: 64 hexadecimal digits are needed")
            # The name on the certificate does not matter if the certificate itself is known.
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
        elif tls == "system":
            try:
                self._context = ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)
            except (OSError, ssl.SSLError) as error:
                raise SettingsError(f"delivery.sip2.ca_file: {ca_file}: {error}") from error
        if self._context is not None:
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2

    @property
    def place(self) -> str:
        """Host and port, for display."""
        return f"{self._address[0]}:{self._address[1]}"

    def __call__(self, deadline: Deadline) -> Wire:
        """Connect. Raises `Unreachable`, or `CredentialsRefused` if the server is not the known one."""
        try:
            sock = socket.create_connection(self._address, timeout=max(0.001, deadline.remaining))
        except OSError as error:
            raise Unreachable(f"{self.place}: {_words(error)}") from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                sock.settimeout(max(0.001, deadline.remaining))
                wrapped = self._context.wrap_socket(sock, server_hostname=self._address[0])
                sock = wrapped
                self._compare(wrapped)
            return TcpWire(sock)
        except ssl.SSLCertVerificationError as error:
            sock.close()
            raise CredentialsRefused(
                Sentence("sip2.not-trusted", place=self.place, why=error.verify_message)
            ) from error
        except OSError as error:
            sock.close()
            raise Unreachable(f"{self.place}: {_words(error)}") from error
        except BaseException:
            sock.close()
            raise

    def _compare(self, sock: ssl.SSLSocket) -> None:
        if not self._pin:
            return
        digest = hashlib.sha256(sock.getpeercert(binary_form=True) or b"").digest()
        if not hmac.compare_digest(digest, self._pin):
            raise CredentialsRefused(Sentence("sip2.other-certificate", place=self.place, digest=digest.hex()))


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return clean(error.strerror or str(error) or type(error).__name__, 200)
