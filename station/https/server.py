"""An HTTPS server in its own thread: uvicorn on sockets that are bound here, with a limit for every wait.

It listens on loopback unless another address is configured explicitly. It adds the limits that uvicorn lacks: for the
TLS handshake, and for the arrival of a request's head.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from station.base.errors import SettingsError
from station.https.certificates import Files
from station.https.headers import MAX_HEAD

HEAD_S: Final = 10.0
"""Seconds from the beginning of a connection (or from the last answer) within which the next request's head must
arrive."""
HANDSHAKE_S: Final = 10.0
MAX_CONNECTIONS: Final = 64
IDLE_S: Final = 5
STOP_S: Final = 5
_LOOPBACK: Final = ("127.0.0.1", "::1")
_log = logging.getLogger("station.https")


def addresses(bind: str, section: str) -> tuple[str, ...]:
    """Return the addresses to listen on. Raises `SettingsError` for a value that is neither "loopback" nor an
    address."""
    if bind == "loopback":
        return _LOOPBACK
    try:
        return (str(ipaddress.ip_address(bind)),)
    except ValueError:
        raise SettingsError(f'{section}.bind: "{bind}" is neither "loopback" nor an IP address') from None


def is_open(bind: str, section: str) -> bool:
    """Return True if another machine can connect."""
    return any(not ipaddress.ip_address(address).is_loopback for address in addresses(bind, section))


class HttpsServer:
    """Serves one application from `start` to `stop`."""

    def __init__(
        self,
        section: str,
        bind: str,
        port: int,
        files: Files,
        application: Callable[[int], Any],
        *,
        begin: Callable[[], None] = lambda: None,
        oldest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        connections: int = MAX_CONNECTIONS,
        of_address: int = MAX_CONNECTIONS,
        idle_s: int = IDLE_S,
    ) -> None:
        """`section`: the settings' section, which names the thread too. `application`: returns the ASGI application for
        the port. `begin`: called first in the thread. `connections`: at a time; a request on a further one is answered
        503. `of_address`: those of one address; further ones are closed unanswered. `idle_s`: seconds for which a
        connection stays open after an answer. Raises `SettingsError` for settings or certificate files that cannot
        work."""
        self._section = section
        self._addresses = addresses(bind, section)
        self._files = files
        self._context = _context(files, section, oldest_tls)
        self._application = application
        self._begin = begin
        self._connections = connections
        self._protocol = type("_Bounded", (_Bounded,), {"of_address": of_address, "idle_s": idle_s})
        self._idle_s = idle_s
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.port = port
        """The port; with the setting 0, the free port that was found."""

    def start(self) -> None:
        """Bind and serve. Raises `OSError` if the address or port is not available."""
        sockets = self._bind()
        config = uvicorn.Config(
            self._application(self.port),
            http=self._protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=self._connections,
            h11_max_incomplete_event_size=MAX_HEAD,
            timeout_keep_alive=self._idle_s,
            timeout_graceful_shutdown=STOP_S,
            ssl_certfile=self._files.certificate,
            ssl_keyfile=self._files.key,
            ssl_context_factory=lambda _config, _default: self._context,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._run, args=(self._server, sockets), name=self._section, daemon=False
        )
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> bool:
        """Accept no more requests, finish those in progress, and end the thread. False if it did not end in time."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return True
        server.should_exit = True
        if thread is threading.current_thread():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    @property
    def serving(self) -> bool:
        """True while the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def _bind(self) -> list[socket.socket]:
        bound: list[socket.socket] = []
        try:
            for address in self._addresses:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                try:
                    # asyncio sends at once only what it knows to be TCP; else each answer waits 40 ms for an ACK.
                    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
                except OSError:
                    if bound:
                        continue  # this machine has no IPv6; IPv4 is enough
                    raise
                bound.append(listener)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    listener.bind((address, self.port))
                except OSError as error:
                    if address == "::1" and len(bound) > 1 and error.errno in _NO_SUCH_ADDRESS:
                        bound.pop().close()
                        continue
                    raise
                listener.listen(128)  # from here on a client waits instead of being refused
                self.port = listener.getsockname()[1]
        except OSError:
            for listener in bound:
                listener.close()
            raise
        return bound

    def _run(self, server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        self._begin()
        try:
            with asyncio.Runner(loop_factory=_Loop) as runner:
                runner.run(server.serve(sockets=sockets))
        except Exception:
            _log.exception("%s: the server ended", self._section)
        finally:
            for listener in sockets:
                listener.close()


_NO_SUCH_ADDRESS: Final = (97, 99)
"""EAFNOSUPPORT, EADDRNOTAVAIL: a kernel without IPv6."""


def _context(pem: Files, section: str, oldest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = oldest
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")  # TLS 1.2; no CBC. TLS 1.3 has no other kind than AEAD
    try:
        context.load_cert_chain(pem.certificate, pem.key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"{section}: the certificate {pem.certificate} with the key {pem.key} cannot be used: {error}. "
            "Make one with: station web certificate make"
        ) from error
    return context


class _Loop(asyncio.SelectorEventLoop):
    """asyncio's loop with a shorter time limit for TLS handshakes (the default is a minute)."""

    async def create_server(self, *args: Any, **options: Any) -> Any:
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = HANDSHAKE_S
        return await super().create_server(*args, **options)


class _Bounded(H11Protocol):
    """uvicorn's protocol with limits that uvicorn lacks: a time for the head of a request, and the connections of one
    address."""

    head_s: float = HEAD_S
    idle_s: float = IDLE_S
    of_address: int = MAX_CONNECTIONS
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request, unless too many connections of this address are open."""
        super().connection_made(transport)  # type: ignore[arg-type]
        lines = [line.client for line in self.connections if isinstance(line, H11Protocol)]
        if self.client and sum(line[0] == self.client[0] for line in lines if line) > self.of_address:
            self.transport.abort()
        else:
            self._wait(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time limit."""
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request's head, which must be complete within the time limit."""
        super().on_response_complete()
        self._wait(max(self.head_s, self.idle_s))

    def _wait(self, seconds: float) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        # A request in progress has its own limits (body, answer); only a connection without one is closed here.
        cycle: RequestResponseCycle | None = self.cycle
        if (cycle is None or cycle.response_complete) and not self.transport.is_closing():
            self.transport.abort()
