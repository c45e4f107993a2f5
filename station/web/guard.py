"""Guard of the web service: refuses requests by Host, Origin, size and time before anything else, and answers
preflights.

Pure ASGI, without a framework: one layer around the application. A request that passes has a known Host, an allowed
Origin, and a body of at most `MAX_BODY` bytes that arrived in time; the body is passed on in one piece.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from station.base.text import clean
from station.https.accounts import Accounts
from station.https.headers import MAX_HEAD, Headers
from station.https.hosts import Hosts
from station.web import messages
from station.web.origins import Origins

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY: Final = 64 * 1024
"""Bytes; the largest request of the protocol (one item, one tag) has less than one kilobyte."""
BODY_S: Final = 5.0
"""Seconds within which a body must arrive."""
PREFLIGHT_S: Final = 600
"""Seconds for which a browser may cache a preflight."""
ALLOWED_HEADERS: Final = b"Content-Type, Accept, X-Requested-With"
_PAGE: Final = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>RFID Processing Station</title>'
    b"<p>The station answers, and this browser trusts its certificate.</p></html>"
)
_SAFE: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_log = logging.getLogger("station.web")


class Guard:
    """Wraps the application; see the module."""

    def __init__(self, app: App, hosts: Hosts, origins: Origins, accounts: Accounts, *, body_s: float = BODY_S) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins
        self._accounts = accounts
        self._body_s = body_s

    @property
    def routes(self) -> list[Any]:
        """Routes of the application."""
        return list(getattr(self._app, "routes", ()))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope["headers"])
        if not self._accounts.allow(scope["client"], scope["server"]):
            await self._refuse(send, 403, "This account may not use the station.", headers, what="Account")
            return
        if headers.too_long(scope["raw_path"], scope["query_string"]):
            await self._refuse(send, 431, f"A request's head has at most {MAX_HEAD} bytes.", headers, what="Head")
            return
        if not self._hosts.allow(headers.one("host")):
            await self._refuse(send, 421, "This is not a name of this station.", headers, what="Host")
            return
        if not headers.has("origin") and scope["method"] == "GET" and scope["path"] == "/":
            await _answer(send, 200, _PAGE, [(b"content-type", b"text/html; charset=utf-8")])
            return
        origin = headers.one("origin")
        if not self._origins.allow(origin):
            await self._refuse(send, 403, "Pages of this origin may not use the station.", headers, what="Origin")
            return
        allowed = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]
        if scope["method"] == "OPTIONS":
            await _answer(send, 204, b"", [*allowed, *_preflight(headers)])
            return
        answer = _Answer(send, allowed)
        try:
            async with asyncio.timeout(self._body_s):
                body = await _body(receive, headers)
        except TimeoutError:
            await answer.failure(408, "The request did not come in time.", close=True)
            return
        except _TooLarge:
            await answer.failure(413, f"A request has at most {MAX_BODY} bytes.", close=True)
            return
        except _Gone:
            return
        await self._app(scope, _Replay(body, receive), answer)

    async def _refuse(self, send: Send, status: int, sentence: str, headers: Headers, *, what: str) -> None:
        # Without Access-Control-Allow-Origin, the calling page cannot read anything, not even the sentence.
        _log.warning("refused: %s %s", what, clean(headers.one(what.lower())) or "missing")
        await _Answer(send, [(b"vary", b"Origin")]).failure(status, sentence, close=True)


def _preflight(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers that answer a preflight: the methods, the headers, and permission for pages of the public
    network.

    Private Network Access asked with Access-Control-Request-Private-Network. Its successor, Local Network Access, asks
    the user instead, and for a while had the same header under its own name. Both are answered.
    """
    found = [
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", ALLOWED_HEADERS),
        (b"access-control-max-age", str(PREFLIGHT_S).encode()),
    ]
    for kind in ("private", "local"):
        if headers.one(f"access-control-request-{kind}-network") == "true":
            found.append((f"access-control-allow-{kind}-network".encode(), b"true"))
    return found


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    pass


async def _body(receive: Receive, headers: Headers) -> bytes:
    told = headers.one("content-length")
    if told.isascii() and told.isdigit() and (len(told) > 9 or int(told) > MAX_BODY):
        raise _TooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


class _Replay:
    """`receive` for the application: the whole body once, then any later messages (such as a disconnect)."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        return await self._receive()


class _Answer:
    """`send` for the application: adds the headers that every answer has."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *self._headers, *_SAFE]}
        await self._send(message)

    async def failure(self, status: int, sentence: str, *, close: bool) -> None:
        headers = [*self._headers, (b"content-type", messages.XML.encode())]
        await _answer(self._send, status, messages.failure(sentence), headers + ([_CLOSE] if close else []))


_CLOSE: Final = (b"connection", b"close")


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *_SAFE, *length]})
    await send({"type": "http.response.body", "body": body})
