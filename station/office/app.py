"""The pages as a Starlette application: takes a request, asks one handler in a worker thread, returns the page or the
file. Handlers are plain functions; a request is told in the language of its reader.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from station.base.errors import StationError
from station.base.words import Session, WordsError, open_session, tell
from station.base.words.times import local_day_and_time
from station.domain.ports import Worker
from station.office import benches, lists, people, quality, reference
from station.office.asked import Asked, Page, parameter
from station.office.listing import file, listing
from station.office.live import Live
from station.office.sources import Sources
from station.office.templates import render
from station.office.today import today
from station.reports.tables.workbook import MOST_ROWS, TooLong

Handler = Callable[[Asked], Page]

PAGES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/today", "office.today", today),
    ("/items", "office.items", lists.items),
    ("/fix", "office.fix", lists.fix),
    ("/outbox", "office.outbox", lists.outbox),
    ("/quality", "office.quality", quality.quality),
    ("/people", "office.people", people.people),
    ("/journal", "office.journal", lists.journal),
    ("/rules", "office.rules", reference.rules),
    ("/settings", "office.settings", reference.settings),
    ("/benches", "office.benches", benches.benches),
    ("/manual", "office.manual", reference.manual),
)
"""Pages of the menu: path, key of the name, handler."""
FURTHER: Final[tuple[tuple[str, Handler], ...]] = (
    ("/items/{barcode}", lists.item),
    ("/tags/{uid}", lists.tag),
    ("/quality/reasons", quality.reasons),
    ("/quality/sampling", quality.sampling),
    ("/people/{worker}", people.person),
    ("/me", people.me),
    ("/rules/{rule}", reference.rule),
    ("/manual/{topic}", reference.manual_page),
    ("/benches/{bench}", benches.bench),
)
STATIC: Final = {"office.css": "text/css; charset=utf-8", "office.js": "text/javascript; charset=utf-8"}
_STATUS: Final = {"still-blind": 403, "not-allowed": 403, "worker-gone": 403, "worker-unknown": 404}
_log = logging.getLogger("station.office")


class Office:
    """Answers every request of one office."""

    def __init__(self, sources: Sources, session: Callable[[], Session]) -> None:
        """`session`: returns a new session in the station's language."""
        self._sources = sources
        self._session = session
        self._live = Live(sources)

    def routes(self) -> list[Route]:
        """Return the routes of all pages."""
        handlers = [(path, handler) for path, _, handler in PAGES] + list(FURTHER)
        pages = [Route(path, self._endpoint(path, handler), methods=["GET"]) for path, handler in handlers]
        return [
            Route("/", lambda _: Response(status_code=303, headers={"location": PAGES[0][0]}), methods=["GET"]),
            *pages,
            Route("/live", self._changes, methods=["GET"]),
            Route("/static/{digest}/{name}", _static, methods=["GET"]),
        ]

    def _changes(self, _: Request) -> Response:
        if not self._live.begin():
            return Response(status_code=503)
        return StreamingResponse(self._live.events(), media_type="text/event-stream")

    def missing(self, request: Request, error: Exception) -> Response:
        """Answer a request for a page that does not exist, or by a method that no page has."""
        status = getattr(error, "status_code", 404)
        viewer = self._open()
        page = Page(template="sentence", title=tell("office.missing"), status=status)
        return self._html(request, page, viewer, {"sentence": tell("office.missing-what")})

    def _endpoint(self, path: str, handler: Handler) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:  # in a worker thread, with a context of its own
            viewer = self._open()
            asked = Asked(
                path=request.url.path,
                names={name: parameter(str(value)) for name, value in request.path_params.items()},
                parameters=_parameters(request),
                viewer=viewer,
                sources=self._sources,
            )
            try:
                if not all(asked.parameters.values()):  # a form sends its empty fields, too
                    return Response(status_code=303, headers={"location": asked.url()})
                return self._answer(request, asked, handler(asked))
            except StationError as error:
                _log.warning("%s: %s", path, error)
                status = _STATUS.get(error.code, 503)
                page = Page(template="sentence", title=tell("office.not-now"), status=status)
                return self._html(request, page, viewer, {"sentence": tell(error.with_remedy)})
            except Exception:
                _log.exception("%s", path)
                page = Page(template="sentence", title=tell("office.defect"), status=500)
                return self._html(request, page, viewer, {"sentence": tell("office.defect-what")})

        return answer

    def _open(self) -> Worker:
        """Begin to speak the reader's language, and return the reader."""
        session = self._session()
        open_session(session)
        viewer = self._sources.viewer()
        try:
            session.speak(viewer.language)
        except WordsError as error:
            _log.warning("%s", error)
        return viewer

    def _answer(self, request: Request, asked: Asked, page: Page) -> Response:
        if page.location:
            return Response(status_code=page.status, headers={"location": page.location})
        if page.read is None:
            return self._html(request, page, asked.viewer, page.values)
        if asked.file:
            try:
                taken = file(asked, page, page.read)
            except TooLong:
                refused = Page(template="sentence", title=page.title, status=413)
                values = {"sentence": tell("office.too-long", rows=MOST_ROWS)}
                return self._html(request, refused, asked.viewer, values)
            headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(taken.name, safe='')}"}
            return StreamingResponse(taken.pieces, media_type=taken.media_type, headers=headers)
        table = page.read(asked.text(page.page_in))
        return self._html(request, page, asked.viewer, {**page.values, "listing": listing(asked, page, table)})

    def _html(self, request: Request, page: Page, viewer: Worker, values: Mapping[str, object]) -> Response:
        settings = self._sources.settings
        now = local_day_and_time(self._sources.clock.now())
        signing = "office.reads-as" if not settings.people.sign_on else "office.signed-on"
        common = {
            "title": page.title,
            "query": "",
            "note": "",
            "choices": [],
            "live": page.live,
            "here": request.url.path,
            "known": bool(viewer.id),
            "links": [],
            "lines": [],
            "keys": False,
            "place": " · ".join(filter(None, (settings.library.name, settings.station.name))),
            "who": tell(signing, name=viewer.name or viewer.id) if viewer.name or viewer.id else tell("office.nobody"),
            "pages": [(path, tell(key)) for path, key, _ in PAGES],
            "page": "/" + request.url.path.split("/")[1],
            "made": tell("office.as-of", time=now),
            "static": _address,
            "link": lambda folder, name: f"{folder}/{quote(str(name), safe='')}",
        }
        text = render(page.template, **{**common, **values})
        return Response(text, status_code=page.status, media_type="text/html; charset=utf-8")


def application(sources: Sources, session: Callable[[], Session]) -> Starlette:
    """Return the application."""
    office = Office(sources, session)
    return Starlette(routes=office.routes(), exception_handlers={404: office.missing, 405: office.missing})


def _parameters(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(parameter(name), parameter(value))
    return found


@cache
def _body(name: str) -> bytes:
    return files("station.office").joinpath("static", name).read_bytes()


def _address(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    return f"/static/{hashlib.sha256(_body(name)).hexdigest()[:16]}/{name}"


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC or request.url.path != _address(name):
        return Response(status_code=404)
    return Response(
        _body(name), media_type=STATIC[name], headers={"cache-control": "private, max-age=31536000, immutable"}
    )
