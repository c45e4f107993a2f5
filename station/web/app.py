"""The three calls of Alma's page as a Starlette application: takes HTTP, sends a request to the bench, returns XML.

The application decides nothing: the bench knows which tags are on the pad and whether they may be written. Every wait
is limited. If the bench has not begun a request when its time is up, or when the client has disconnected, the request
is withdrawn and never carried out. If the bench has begun it, the application waits once more for the same time; after
that, the answer states that the result is unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from station.base.errors import BenchBusy, StationError, walk
from station.base.settings import Web
from station.base.text import clean
from station.base.words import tell
from station.domain.commands import PadRequest, ReadPad
from station.domain.pad_answers import PadAnswer, Refusal
from station.domain.ports import PadPort
from station.https.accounts import Accounts
from station.https.hosts import Hosts
from station.web import messages
from station.web.guard import Guard
from station.web.origins import Origins

_XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
"""Neither is a "simple" type (Fetch standard, 2.2.2), so a browser sends a preflight first, which only allowed origins
pass."""
_UTF8: Final = frozenset({"", "utf-8"})

# Result code -> HTTP status. Alma's protocol names 400, 404 and 500; the others are our choice.
_STATUS: Final = {
    "tag-absent": 404,
    "barcode-unknown": 404,
    "record-not-told": 503,
    "barcode-malformed": 400,
    "tags-collide": 409,
    "tag-locked": 409,
    "not-answered": 504,
}
_BY_EXIT: Final = {4: 503, 10: 503, 11: 503, 20: 500, 21: 409, 30: 409, 40: 503}
_EXIT: Final = {error.code: error.exit_code for error in walk()}
REFUSED: Final = 409
"""Status of a request that the bench's gate refuses without an operator."""


def status_of(code: str) -> int:
    """Return the HTTP status of a refusal of the bench."""
    if code in _STATUS:
        return _STATUS[code]
    exit_code = _EXIT.get(code)
    return REFUSED if exit_code is None else _BY_EXIT.get(exit_code, 500)


class _Bad(Exception):
    """Ends a handler with an answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Calls:
    """Handlers of the calls."""

    def __init__(self, pad: PadPort, settings: Web) -> None:
        self._pad = pad
        self._answer_s = settings.answer_s
        self._reader_ip = settings.reader_ip
        self._uids = settings.tag_id == "uid"

    async def get_items(self, request: Request) -> Response:
        """Return the items on the pad."""
        return await self._guarded(self._get_items, request)

    async def set_security(self, request: Request) -> Response:
        """Set or clear the security of an item."""
        return await self._guarded(self._set_security, request)

    async def item_update(self, request: Request) -> Response:
        """Rewrite one tag."""
        return await self._guarded(self._item_update, request)

    async def _guarded(self, work: Callable[[Request], object], request: Request) -> Response:
        try:
            body = await work(request)  # type: ignore[misc]
        except messages.BadMessage as error:
            return _failed(400, f"The request is not understood: {error}")
        except _Bad as bad:
            return _failed(bad.status, bad.sentence)
        return _xml(200, body)

    async def _get_items(self, request: Request) -> bytes:
        self._require_reader(clean(request.query_params.get("reader_ip", "")))
        answer = await self._ask(request, ReadPad())
        return messages.items(answer.tags, self._uids)

    async def _set_security(self, request: Request) -> bytes:
        wanted, reader = messages.set_security(await _body(request))
        self._require_reader(reader)
        await self._ask(request, wanted)
        return messages.success()

    async def _item_update(self, request: Request) -> bytes:
        wanted, reader = messages.update_item(await _body(request), self._uids)
        self._require_reader(reader)
        await self._ask(request, wanted)
        return messages.success()

    def _require_reader(self, reader_ip: str) -> None:
        if self._reader_ip and reader_ip != self._reader_ip:
            raise _Bad(404, "There is no such reader at this station.")

    async def _ask(self, request: Request, wanted: PadRequest) -> PadAnswer:
        future = self._pad.ask(wanted)
        answered = asyncio.ensure_future(asyncio.wrap_future(future))
        gone = asyncio.ensure_future(_until_gone(request))
        try:
            await asyncio.wait((answered, gone), timeout=self._answer_s, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                if future.cancel():
                    raise _Bad(503, tell(BenchBusy().sentence))
                await asyncio.wait((answered,), timeout=self._answer_s)
            if not answered.done():
                raise _Bad(
                    504, "The station is not ready yet. Look at its screen: it is not known whether this was done."
                )
            try:
                answer = answered.result()
            except StationError as error:  # the station is shutting down
                raise _Bad(status_of(error.code), tell(error.with_remedy)) from error
        finally:
            gone.cancel()
        if answer.refusal is not None:
            raise _Bad(status_of(answer.refusal.code), _sentence(answer.refusal))
        return answer


def _sentence(refusal: Refusal) -> str:
    if refusal.code == BenchBusy.code and refusal.detail:
        return f"{tell(refusal.sentence)} ({tell(refusal.detail)})"
    return tell(refusal.sentence)


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _body(request: Request) -> bytes:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"').lower()
    if kind.strip().lower() not in _XML_TYPES or charset not in _UTF8:
        raise _Bad(415, "The request must be application/xml in UTF-8.")
    return await request.body()


def _xml(status: int, body: bytes) -> Response:
    return Response(body, status, media_type=None, headers={"content-type": messages.XML})


def _failed(status: int, sentence: str) -> Response:
    return _xml(status, messages.failure(sentence))


async def _no_such_place(_request: Request, _error: Exception) -> Response:
    return _failed(404, "There is no such call.")


async def _no_such_method(request: Request, _error: Exception) -> Response:
    answer = _failed(405, "This call is made with another method.")
    answer.headers["allow"] = "GET, OPTIONS" if request.url.path.endswith("getItems") else "POST, OPTIONS"
    return answer


async def _defect(_request: Request, _error: Exception) -> Response:
    return _failed(500, "The program has a defect. Look at the station's log.")


def application(
    pad: PadPort, settings: Web, hosts: Hosts, origins: Origins, accounts: Accounts, *, body_s: float | None = None
) -> Guard:
    """Return the whole application, wrapped in its guard."""
    calls = Calls(pad, settings)
    app = Starlette(
        routes=[
            Route("/getItems", calls.get_items, methods=["GET"]),
            Route("/setSecurity", calls.set_security, methods=["POST"]),
            Route("/itemUpdate", calls.item_update, methods=["POST"]),
        ],
        exception_handlers={404: _no_such_place, 405: _no_such_method, 500: _defect},
    )
    app.router.redirect_slashes = False
    for route in app.routes:
        if isinstance(route, Route) and route.methods is not None:
            route.methods.discard("HEAD")  # Starlette adds HEAD; Alma does not use it
    return Guard(app, hosts, origins, accounts, **({} if body_s is None else {"body_s": body_s}))
