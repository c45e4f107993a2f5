"""What the center answers to benches: a Starlette application over the copies.

A bench proves by its key who it is: `Authorization: Bearer BENCH.KEY`. The key is compared before the body is read. Number,
size and time of a bench's requests are limited before a body is decoded. One request of a bench is carried out at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from station.base.errors import StoreError
from station.base.text import clean
from station.domain.heartbeat import Beat, Move
from station.domain.journal_copy import JoinRequest
from station.domain.tags_elsewhere import TagQuestion
from station.fleet.paths import EVENTS, HEAD, HEARTBEAT, JOIN, LEAVE, MOVED, SECOND_TAGS, TAGS
from station.fleet.turns import LastMinute, TooMany, Turns
from station.fleet.wire import FRAME, MOST_BYTES, BadFrame, batch_in, decode, encode
from station.store.postgres.copies import Copies
from station.store.postgres.invitations import code_digest

MOST_JOIN: Final = 4096
"""Bytes of a request to join: anyone may send one."""
MOST_HEARTBEAT: Final = 4096
"""Bytes of a heartbeat."""
MOST_QUESTION: Final = 4096
"""Bytes of a question about tags."""
MOST_WRONG: Final = 20
"""Wrong codes in a minute, of all senders; then no code is looked at for a while."""
BODY_S: Final = 30.0
"""Seconds in which a body must arrive. A bench waits 20 seconds for the answer."""
_NOBODY: Final = bytes(32)
"""Compared with the key of an unknown bench; no key has this digest."""
_LONGEST_NUMBER: Final = 18

_log = logging.getLogger("station.fleet.receive")


class _Refused(Exception):
    """Ends a request with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TooLarge(Exception):
    """A body that has more bytes than its kind may have."""


class Receiver:
    """The handlers."""

    def __init__(self, copies: Copies, seconds: Callable[[], float]) -> None:
        self._copies = copies
        self._wrong = LastMinute(MOST_WRONG, seconds)
        """Wrong codes."""
        self._sending = Turns(seconds)
        self._asking = Turns(seconds)

    async def head(self, request: Request) -> Response:
        """Answer the bench's path: its timelines, each with the newest event that the center has."""
        return await self._of_bench(request, self._head)

    async def events(self, request: Request) -> Response:
        """Take a batch, or (GET) answer the bench's events after a number."""
        return await self._of_bench(request, self._take if request.method == "POST" else self._give)

    async def heartbeat(self, request: Request) -> Response:
        """Keep how the bench is."""
        return await self._of_bench(request, self._heard)

    async def moved(self, request: Request) -> Response:
        """Know the bench on another machine from now on."""
        return await self._of_bench(request, self._move)

    async def leave(self, request: Request) -> Response:
        """End the bench's key."""
        return await self._of_bench(request, self._leave)

    async def tags(self, request: Request) -> Response:
        """Answer what other benches know of an item or a tag. Does not wait for a batch of the bench."""
        return await _answered(self._alone(request, self._tags, self._asking))

    async def second_tags(self, request: Request) -> Response:
        """Answer which second tags the bench wrote."""
        return await _answered(self._alone(request, self._second_tags, self._asking))

    async def join(self, request: Request) -> Response:
        """Use an invitation."""
        return await _answered(self._join(request))

    async def _join(self, request: Request) -> object:
        if self._wrong.full:
            raise TooMany
        asked = decode(await _body(request, MOST_JOIN), JoinRequest, MOST_JOIN)
        joined = await run_in_threadpool(self._copies.join, asked, code_digest(asked.code))
        if joined.outcome == "no-code":
            self._wrong.add()
        _log.info("join: %s %s", joined.outcome, joined.bench)
        return joined

    async def _of_bench(self, request: Request, work: Callable[[Request, str], Awaitable[object]]) -> Response:
        return await _answered(self._alone(request, work, self._sending))

    async def _alone(self, request: Request, work: Callable[[Request, str], Awaitable[object]], turns: Turns) -> object:
        """Carry out a request, unless one of this bench is under way in `turns`, or it has sent too many. What is refused
        before it is decoded is written down."""
        bench = await self._proven(request)
        try:
            with turns.turn(bench):
                return await work(request, bench)
        except TooMany as error:
            if not error.reported:
                await self._write_down(bench, "too many requests")
            raise
        except (BadFrame, TooLarge) as error:
            turns.unreadable(bench)
            await self._write_down(bench, str(error))
            raise

    async def _write_down(self, bench: str, why: str) -> None:
        _log.warning("bench %s: a request was refused: %s", bench, clean(why))
        await run_in_threadpool(self._copies.refused_request, bench)

    async def _proven(self, request: Request) -> str:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        bench, _, key = text.partition(".")
        if scheme != "Bearer" or not bench.isalnum() or not bench.isascii():
            raise _Refused(401)
        known = await run_in_threadpool(self._copies.key_digest, bench)
        if not hmac.compare_digest(hashlib.sha256(key.encode()).digest(), known or _NOBODY) or known is None:
            raise _Refused(401)
        return bench

    async def _head(self, _request: Request, bench: str) -> object:
        return await run_in_threadpool(self._copies.path, bench)

    async def _heard(self, request: Request, bench: str) -> object:
        beat = decode(await _body(request, MOST_HEARTBEAT), Beat, MOST_HEARTBEAT)
        return await run_in_threadpool(self._copies.heard_of, bench, beat)

    async def _move(self, request: Request, bench: str) -> object:
        move = decode(await _body(request, MOST_HEARTBEAT), Move, MOST_HEARTBEAT)
        return await run_in_threadpool(self._copies.move, bench, move)

    async def _leave(self, request: Request, bench: str) -> object:
        move = decode(await _body(request, MOST_HEARTBEAT), Move, MOST_HEARTBEAT)
        return await run_in_threadpool(self._copies.leave, bench, move)

    async def _tags(self, request: Request, bench: str) -> object:
        question = decode(await _body(request, MOST_QUESTION), TagQuestion, MOST_QUESTION)
        return await run_in_threadpool(self._copies.tags, bench, question)

    async def _second_tags(self, _request: Request, bench: str) -> object:
        return await run_in_threadpool(self._copies.second_tags, bench)

    async def _take(self, request: Request, bench: str) -> object:
        # In a thread, because others wait for this one while a large frame is decoded.
        batch = await run_in_threadpool(batch_in, await _body(request, MOST_BYTES))
        received = await run_in_threadpool(self._copies.receive, bench, batch)
        if received.outcome != "taken":
            _log.warning("bench %s: refused after event %d: %s", bench, received.head.seq, received.outcome)
        return received

    async def _give(self, request: Request, bench: str) -> object:
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= _LONGEST_NUMBER):
            raise _Refused(400)
        return await run_in_threadpool(self._copies.events, bench, int(after))


async def _answered(work: Awaitable[object]) -> Response:
    try:
        return Response(encode(await work), media_type=FRAME)
    except _Refused as refused:
        return Response(status_code=refused.status)
    except TooMany:
        return Response(status_code=429)
    except TooLarge:
        return Response(status_code=413)
    except TimeoutError:
        return Response(status_code=408)
    except (BadFrame, ClientDisconnect) as error:
        _log.warning("a request was not understood: %s", clean(str(error)))
        return Response(status_code=400)
    except StoreError as error:
        _log.error("the database does not answer: %s", error)
        return Response(status_code=503)


async def _body(request: Request, most: int) -> bytes:
    """Read the body. Raises `TooLarge` for more than `most` bytes, and `TimeoutError`."""
    body = bytearray()
    async with asyncio.timeout(BODY_S):
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise TooLarge(f"more than {most} bytes")
    return bytes(body)


def application(copies: Copies, seconds: Callable[[], float] = time.monotonic) -> Starlette:
    """Return the application. `seconds`: a clock that only goes forward."""
    receiver = Receiver(copies, seconds)
    return Starlette(
        routes=[
            Route(HEAD, receiver.head, methods=["GET"]),
            Route(EVENTS, receiver.events, methods=["GET", "POST"]),
            Route(HEARTBEAT, receiver.heartbeat, methods=["POST"]),
            Route(MOVED, receiver.moved, methods=["POST"]),
            Route(LEAVE, receiver.leave, methods=["POST"]),
            Route(TAGS, receiver.tags, methods=["POST"]),
            Route(SECOND_TAGS, receiver.second_tags, methods=["GET"]),
            Route(JOIN, receiver.join, methods=["POST"]),
        ]
    )
