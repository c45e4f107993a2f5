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
from starlette.responses import Response
from starlette.routing import Route

from station.base.errors import StationError
from station.base.words import Session, WordsError, open_session, tell
from station.base.words.times import local_day_and_time
from station.domain.ports import Worker
from station.office import lists
from station.office.asked import Asked, Page, parameter
from station.office.sources import Sources
from station.office.templates import render
from station.office.today import today
from station.reports.tables.cells import shown
from station.reports.tables.table import Table
from station.reports.tables.workbook import csv_file, xlsx_file

Handler = Callable[[Asked], Page]

PAGES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/today", "office.today", today),
    ("/items", "office.items", lists.items),
    ("/fix", "office.fix", lists.fix),
    ("/outbox", "office.outbox", lists.outbox),
    ("/journal", "office.journal", lists.journal),
)
"""Pages of the menu: path, key of the name, handler."""
FURTHER: Final[tuple[tuple[str, Handler], ...]] = (
    ("/items/{barcode}", lists.item),
    ("/tags/{uid}", lists.tag),
)
STATIC: Final = {"office.css": "text/css; charset=utf-8", "office.js": "text/javascript; charset=utf-8"}
_FILES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STATUS: Final = {"still-blind": 403}
_log = logging.getLogger("station.office")


class Office:
    """Answers every request of one office."""

    def __init__(self, sources: Sources, session: Callable[[], Session]) -> None:
        """`session`: returns a new session in the station's language."""
        self._sources = sources
        self._session = session

    def routes(self) -> list[Route]:
        """Return the routes of all pages."""
        handlers = [(path, handler) for path, _, handler in PAGES] + list(FURTHER)
        pages = [Route(path, self._endpoint(path, handler), methods=["GET"]) for path, handler in handlers]
        return [
            Route("/", lambda _: Response(status_code=303, headers={"location": PAGES[0][0]}), methods=["GET"]),
            *pages,
            Route("/static/{digest}/{name}", _static, methods=["GET"]),
        ]

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
        if page.table is not None and (kind := asked.text("as")) in _FILES:
            return self._file(asked, page, page.table, kind)
        listing = None if page.table is None else self._listing(asked, page, page.table)
        return self._html(request, page, asked.viewer, {**page.values, "listing": listing})

    def _listing(self, asked: Asked, page: Page, table: Table) -> Mapping[str, object]:
        names = asked.names_seen()
        columns = [table.columns[at] for at in table.shown]
        return {
            "columns": columns,
            "rows": [
                [(table.columns[at], shown(table.columns[at], row[at], names), row[at]) for at in table.shown]
                for row in table.rows
            ],
            "next": asked.url(**{page.page_in: table.next}) if table.next else "",
            "first": asked.url(**{page.page_in: ""}) if asked.text(page.page_in) else "",
            "csv": asked.url(**{"as": "csv"}),
            "xlsx": asked.url(**{"as": "xlsx"}),
        }

    def _file(self, asked: Asked, page: Page, table: Table, kind: str) -> Response:
        names = asked.names_seen()
        if kind == "csv":
            body = csv_file(table, names)
        else:
            about = (
                (tell("office.about.who"), asked.viewer.name or asked.viewer.id),
                (tell("office.about.when"), local_day_and_time(self._sources.clock.now())),
                (tell("office.about.page"), asked.url(**{"as": ""})),
                (tell("office.about.rows"), str(len(table.rows))),
            )
            body = xlsx_file(table, names, page.title, about)
        name = f"{page.title}.{kind}"
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(body, media_type=_FILES[kind], headers=headers)

    def _html(self, request: Request, page: Page, viewer: Worker, values: Mapping[str, object]) -> Response:
        settings = self._sources.settings
        now = local_day_and_time(self._sources.clock.now())
        signing = "office.reads-as" if not settings.people.sign_on else "office.signed-on"
        common = {
            "title": page.title,
            "query": "",
            "note": "",
            "choices": [],
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
