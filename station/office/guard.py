"""Guard of the office: refuses requests by account, size, host and origin before anything else, and adds the headers
that every answer has.

Ports do not separate cookies or sites (RFC 6265, 8.5): another service of this machine is "same-site". So a request that
changes something must come from this very origin (Fetch Metadata, `Sec-Fetch-Site: same-origin`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from station.base.text import clean
from station.https.accounts import Accounts
from station.https.headers import MAX_HEAD, Headers
from station.https.hosts import Hosts

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_SAFE: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
_PRIVATE: Final = (b"cache-control", b"no-store")
READING: Final = frozenset({"GET", "HEAD"})
_log = logging.getLogger("station.office")


class Guard:
    """Wraps the application; see the module."""

    def __init__(self, app: App, hosts: Hosts, accounts: Accounts) -> None:
        self._app = app
        self._hosts = hosts
        self._accounts = accounts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope, Headers(scope["headers"]))
        if refusal is not None:
            status, sentence = refusal
            _log.warning("refused: %s %s", status, clean(scope["path"], 200))
            await _answer(send, status, sentence)
            return

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                kept = [] if any(name == b"cache-control" for name, _ in own) else [_PRIVATE]
                message = {**message, "headers": [*own, *_SAFE, *kept]}
            await send(message)

        await self._app(scope, receive, safely)

    def _refusal(self, scope: Message, headers: Headers) -> tuple[int, str] | None:
        if not self._accounts.allow(scope["client"], scope["server"]):
            return 403, "This account may not use the office."
        if headers.too_long(scope["raw_path"], scope["query_string"]):
            return 431, f"A request's head has at most {MAX_HEAD} bytes."
        host = headers.one("host")
        if not self._hosts.allow(host):
            return 421, "This is not a name of the office."
        if scope["method"] in READING:
            return None
        site, origin = headers.one("sec-fetch-site"), headers.one("origin")
        if site != "same-origin" if site else origin != f"https://{host}":
            return 403, "A form of another page may not change anything here."
        return None


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *_SAFE,
        _PRIVATE,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
