"""HTTP for the library systems: the only module that imports the client library.

It adds to the client: https only (plain http for loopback alone); certificates always verified against the machine's
trust store; no proxies from the environment; redirects offered for the same origin only, and never followed
automatically; one deadline for the whole answer (a server that drips bytes cannot hold the courier); a size limit; no
compressed answers; and three outcomes that callers must distinguish:

* `Unreachable` - nothing was sent, or the request changes nothing,
* `InDoubt`     - a change was sent, and no usable answer came,
* an `Answer`   - with any status.

The key is sent only in the header `Authorization`, is fetched afresh for each request, and appears in no message. If a
server repeats it (a gateway's page with the request's headers), it is removed before the answer is returned.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpcore2
import httpx2
import msgspec

from station.base.clock import Clock, Deadline
from station.base.credentials import Secret
from station.base.errors import CredentialsRefused, InDoubt, SettingsError, StationError, Unreachable
from station.base.sentence import Sentence
from station.base.text import clean

JSON: Final = "application/json"
XML: Final = "application/xml"
MAX_ANSWER: Final = 4_000_000
"""Longest answer read, bytes."""
IDLE_S: Final = 20.0
SHORTEST_KEY: Final = 8
"""Minimum length of a key that is searched for in answers; a shorter one would be found by accident."""
_BEFORE_SENDING: Final = (
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
    httpcore2.PoolTimeout,
    httpcore2.UnsupportedProtocol,
)


class Answer(msgspec.Struct, frozen=True):
    """A server's answer. Header names are lower-case. `body` is raw and not cleaned."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower-case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Http:
    """Requests to one origin. May be used from several threads.

    `authorization` returns the value of the header of that name. Its error (`CredentialsRefused`) is raised by the
    request before anything is sent; None = the service needs no key. `base_url` is checked at once: `SettingsError` if
    it is not usable.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock,
        timeout_s: float,
        authorization: Callable[[], Secret] | None,
        max_answer: int = MAX_ANSWER,
        ca_file: Path | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        """`ca_file`: PEM file of the only authority that is trusted; None = the machine's trust store. `idle_s`: seconds
        for which an unused connection is kept."""
        self._base = _checked(base_url)
        self._clock = clock
        self._timeout = timeout_s
        self._authorization = authorization
        self._max_answer = max_answer
        self._local = threading.local()
        self._transport = _Transport(clock, encrypted=self._base.scheme == "https", ca_file=ca_file, idle_s=idle_s)
        self._client = httpx2.Client(transport=self._transport, trust_env=False, follow_redirects=False)

    @property
    def origin(self) -> str:
        """Scheme, host and port, for display."""
        return f"{self._base.scheme}://{self._base.netloc.decode('ascii')}"

    def get(self, path: str, accept: str = JSON) -> Answer:
        """Send a request that changes nothing. `path` starts with "/" and is percent-encoded. Raises `Unreachable`."""
        return self._send("GET", path, b"", changes=False, accept=accept)

    def put(self, path: str, body: bytes) -> Answer:
        """Send a JSON change. Raises `Unreachable` (nothing was sent) or `InDoubt`."""
        return self._send("PUT", path, body, changes=True)

    def post(
        self, path: str, body: bytes = b"", *, changes: bool = True, accept: str = JSON, content_type: str = JSON
    ) -> Answer:
        """Send a body, which may be empty. Raises the errors of `put`, or those of `get` if it changes nothing."""
        return self._send("POST", path, body, changes=changes, accept=accept, content_type=content_type)

    def delete(self, path: str) -> Answer:
        """Send a deletion. Raises the errors of `put`."""
        return self._send("DELETE", path, b"", changes=True)

    def redirect(self, answer: Answer) -> str:
        """Return the target of a 301-308 answer, as a path on this origin. Raises `Unreachable` for any other
        origin."""
        try:
            target = httpx2.URL(answer.url).join(answer.headers.get("location", ""))
            same = _origin(target) == _origin(self._base) and not target.userinfo
        except (httpx2.InvalidURL, ValueError):
            raise Unreachable(Sentence("http.no-address", origin=self.origin)) from None
        if not same:
            elsewhere = clean(f"{target.scheme}://{target.host}", 200)
            raise Unreachable(Sentence("http.elsewhere", origin=self.origin, host=elsewhere))
        return target.raw_path.decode("ascii")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit the total time of this thread's requests in the block. Each of them still has its own time limit."""
        before = getattr(self._local, "until", None)
        self._local.until = Deadline(self._clock, seconds)
        try:
            yield
        finally:
            self._local.until = before

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _send(
        self, method: str, path: str, body: bytes, *, changes: bool, accept: str = JSON, content_type: str = JSON
    ) -> Answer:
        url = self._base.join(path)
        if _origin(url) != _origin(self._base):
            raise Unreachable(Sentence("http.outside", origin=self.origin))
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "rfid-processing-station"}
        if method in ("PUT", "POST"):
            headers["Content-Type"] = content_type
        until = getattr(self._local, "until", None)
        seconds = min(self._timeout, until.remaining) if isinstance(until, Deadline) else self._timeout
        self._transport.deadline = Deadline(self._clock, seconds)
        failure: type[StationError] = InDoubt if changes else Unreachable
        request = self._client.build_request(method, url, headers=headers, content=body or None)
        auth = _KeyAuth(self._authorization) if self._authorization is not None else None
        try:
            response = self._client.send(request, auth=auth, stream=True)
            try:
                answer = Answer(response.status_code, _headers(response), self._read(response), str(url))
                return _without_key(answer, auth.key if auth is not None else "")
            finally:
                response.close()
        except _BEFORE_SENDING as error:
            raise Unreachable(f"{self.origin}: {_reason(error)}") from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, _TooMuch) as error:
            raise failure(f"{self.origin}: {_reason(error)}") from None

    def _read(self, response: httpx2.Response) -> bytes:
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise _TooMuch(f"compressed answer ({clean(coding, 40)}), although not requested")
        parts: list[bytes] = []
        size = 0
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > self._max_answer:
                raise _TooMuch(f"answer longer than {self._max_answer} bytes")
            parts.append(chunk)
        return b"".join(parts)


class _TooMuch(Exception):
    """An answer that is not read to its end, or is refused."""


class _KeyAuth(httpx2.Auth):
    """Adds the key to the request, and nowhere else."""

    def __init__(self, authorization: Callable[[], Secret]) -> None:
        self._authorization = authorization
        self.key = ""
        """The key that was sent, without its scheme."""

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        value = self._authorization()
        text = value.reveal()
        # Checked here, because the client's own error would quote the header.
        if text != text.strip() or not all(" " <= char <= "~" for char in text):
            raise CredentialsRefused(Sentence("http.bad-key"))
        request.headers["Authorization"] = text
        self.key = text.rpartition(" ")[2]
        yield request


def _without_key(answer: Answer, key: str) -> Answer:
    """Remove the key from an answer that repeats it. An error page loses the key. Data with the key is refused, because
    removing the key would change the data. (UTF-16 is covered too: cleaning such a text as UTF-8 would restore the
    key's letters.)"""
    if len(key) < SHORTEST_KEY:
        return answer
    forms = (key.encode("ascii"), key.encode("utf-16-le")[:-1])
    in_headers = any(key in value for value in answer.headers.values())
    if not in_headers and not any(form in answer.body for form in forms):
        return answer
    if answer.status < 300:
        raise _TooMuch("the answer repeats the station's key and was refused")
    headers = {name: value.replace(key, "***") for name, value in answer.headers.items()}
    body = answer.body
    for form in forms:
        body = body.replace(form, b"***")
    return msgspec.structs.replace(answer, headers=headers, body=body)


class _Transport(httpx2.BaseTransport):
    """The client library's own connection pool, over streams that keep a deadline. Its errors pass unchanged."""

    def __init__(self, clock: Clock, *, encrypted: bool, ca_file: Path | None, idle_s: float) -> None:
        self._local = threading.local()
        self._clock = clock
        # create_default_context: system trust store, host name and validity checked, cannot be switched off. Reading
        # the store takes longer than creating the rest of a client, so it is skipped for an origin without TLS.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_trusting(ca_file) if encrypted else None,
            max_connections=6,  # parallel lanes, and look-ups at the bench
            keepalive_expiry=idle_s,
            network_backend=_Backend(self),
        )

    @property
    def deadline(self) -> Deadline:
        """Deadline of the request that this thread is making."""
        deadline = getattr(self._local, "deadline", None)
        return deadline if isinstance(deadline, Deadline) else Deadline(self._clock, 0.0)

    @deadline.setter
    def deadline(self, value: Deadline) -> None:
        self._local.deadline = value

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method.encode("ascii"),
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
                extensions={"timeout": {"pool": self.deadline.remaining}},
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{ca_file}: {error}") from error


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Generator[bytes, None, None]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore2.SyncBackend):
    """Connects within the rest of the deadline. (The operating system looks up the name before, outside the
    deadline.)"""

    def __init__(self, transport: _Transport) -> None:
        self._transport = transport

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(self._transport, httpcore2.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options), self._transport)


class _Stream(httpcore2.NetworkStream):
    """A connection whose reads and writes all end with the deadline of the request, however slowly the bytes arrive."""

    def __init__(self, inner: httpcore2.NetworkStream, transport: _Transport) -> None:
        self._inner = inner
        self._transport = transport

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, _left(self._transport, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, _left(self._transport, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        left = _left(self._transport, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._transport)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(transport: _Transport, late: type[Exception]) -> float:
    left = transport.deadline.remaining
    if left <= 0:
        raise late("no complete answer in time")
    return left


def _checked(base_url: str) -> httpx2.URL:
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, ValueError):
        raise SettingsError(Sentence("http.base-url.no-address", url=repr(clean(base_url)))) from None
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.path not in ("", "/"):
        raise SettingsError(Sentence("http.base-url.form"))
    if url.userinfo:
        raise SettingsError(Sentence("http.base-url.user"))
    if url.scheme == "http" and not _is_loopback(url.host):
        raise SettingsError(Sentence("http.base-url.plain"))
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _headers(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): clean(value, 2000) for name, value in response.headers.items()}


def _reason(error: Exception) -> str:
    """Return the text of a network error in one cleaned line. Return only its type if it has no text, or if it is about
    the request that we send (such an error quotes the request's headers)."""
    if isinstance(error, httpcore2.LocalProtocolError):
        return type(error).__name__
    return clean(str(error), 300) or type(error).__name__
