"""The pages as a Starlette application: takes a request, asks one handler in a worker thread, returns the page or the
file. Handlers are plain functions; a request is told in the language of its reader.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from station.acquisitions.packing_lists import LONGEST
from station.base.errors import StationError, StoreError
from station.base.text import clean
from station.base.words import Session, WordsError, open_session, tell
from station.base.words.times import local_day_and_time
from station.domain.ports import Worker
from station.office import (
    accounts,
    benches,
    boxes,
    claims,
    corrections,
    deliveries,
    differences,
    journal,
    list_import,
    lists,
    papers,
    people,
    person_forms,
    quality,
    rechecks,
    reference,
    shipments,
    system_reads,
    vendors,
)
from station.office.answers import LINES, status_of
from station.office.asked import LONGEST_FIELD, Asked, Page, in_path, parameter, part_of_path
from station.office.departures import acts as departures_acts
from station.office.departures import (
    carts,
    decide,
    lost,
    pull_acts,
    pull_lists,
    pull_ticks,
    transfers,
    watch,
    withdrawals,
)
from station.office.departures import report as departures_report
from station.office.fleet import pages as center_pages
from station.office.fleet.addresses import keeping
from station.office.fleet.over_benches import PLACE_OF
from station.office.fleet.viewing import Viewing
from station.office.forms import Forms, Make
from station.office.listing import file, listing
from station.office.live import Live
from station.office.person_forms import AUTOMATIC, COLOR_SCHEMES
from station.office.purchases import acts, expenditure, exports, invoice_import, invoices, orders, typed
from station.office.signing import KEPT, LEAVE, PATH, Signing, asking, leaving
from station.office.sources import Sources
from station.office.templates import render
from station.office.today import today
from station.office.upload import Upload, Uploads, parse
from station.reports.tables.workbook import MOST_ROWS, TooLong

Handler = Callable[[Asked], Page]

PAGES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/today", "office.today", today),
    ("/items", "office.items", lists.items),
    ("/fix", "office.fix", lists.fix),
    ("/outbox", "office.outbox", lists.outbox),
    ("/shipments", "office.shipments", shipments.shipments_page),
    ("/boxes", "office.boxes", boxes.boxes_page),
    ("/transfers", "office.transfers", transfers.transfers_page),
    ("/withdrawals", "office.withdrawals", withdrawals.withdrawals_page),
    ("/differences", "office.differences", differences.differences),
    ("/invoices", "office.invoices", invoices.invoices_page),
    ("/orders", "office.orders", orders.orders_page),
    ("/expenditure", "office.expenditure", expenditure.expenditure_page),
    ("/vendors", "office.vendors", vendors.vendors_page),
    ("/accounts", "office.accounts", accounts.accounts_page),
    ("/quality", "office.quality", quality.quality),
    ("/people", "office.people", people.people),
    ("/journal", "office.journal", journal.journal),
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
    ("/items/{barcode}/label", papers.item_label),
    ("/items/{barcode}/slip", papers.item_slip),
    *journal.PAGES,
    *rechecks.PAGES,
    *corrections.PAGES,
    *deliveries.PAGES,
    *shipments.PAGES,
    *boxes.PAGES,
    *watch.PAGES,
    *transfers.PAGES,
    *differences.PAGES,
    *claims.PAGES,
    *invoices.PAGES,
    *orders.PAGES,
    *exports.PAGES,
    *expenditure.PAGES,
    *vendors.PAGES,
    *accounts.PAGES,
    *departures_report.PAGES,
    *carts.PAGES,
    *pull_lists.PAGES,
    *withdrawals.PAGES,
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    *journal.FORMS,
    *benches.FORMS,
    *rechecks.FORMS,
    *corrections.FORMS,
    *deliveries.FORMS,
    *shipments.FORMS,
    *boxes.FORMS,
    *transfers.FORMS,
    *lost.FORMS,
    *system_reads.FORMS,
    *differences.FORMS,
    *typed.FORMS,
    *acts.FORMS,
    *orders.FORMS,
    *exports.FORMS,
    *vendors.FORMS,
    *decide.FORMS,
    *carts.FORMS,
    *pull_acts.FORMS,
    *pull_ticks.FORMS,
    *departures_acts.FORMS,
    *person_forms.FORMS,
)
"""Pages that change something, or begin a check."""
TAKE_FILE: Final = {
    list_import.PATH: "form.title.import-list",
    invoice_import.PATH: "form.title.import-invoices",
    accounts.RECORD: "form.title.record-plan",
    boxes.RECEIVE: "form.title.receive-box",
    transfers.NEW_TRANSFER: "form.title.new-transfer",
    pull_lists.IMPORT: "form.title.import-pull",
}
"""Paths of forms with a file, and the keys of their titles."""
COOKIE: Final = "__Host-office"
COLORS: Final = "__Host-office-colors"
COLORS_S: Final = 365 * 24 * 3600
"""Seconds for which a browser keeps the color scheme."""
MAX_FORM: Final = 64 * 1024
"""Bytes of a form."""
MAX_FILE: Final = LONGEST + MAX_FORM
"""Bytes of a form with a file."""
DRAINED: Final = 4 * MAX_FILE
"""Bytes of a form with a file that are read before the answer; a browser shows no answer to a longer one."""
MAX_FIELDS: Final = 50
FORM_S: Final = 10.0
"""Seconds within which a form must arrive."""
_AT_ITSELF: Final = ("same-origin", "none", "")
"""`Sec-Fetch-Site` of a request that brings the cookie, if there is one."""
STATIC: Final = {"office.css": "text/css; charset=utf-8", "office.js": "text/javascript; charset=utf-8"}
_MEDIA: Final = {
    "pdf": ("application/pdf", "inline"),
    "txt": ("text/plain; charset=utf-8", "attachment"),
    "toml": ("application/toml; charset=utf-8", "attachment"),
    "csv": ("text/csv; charset=utf-8", "attachment"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
}
"""Media type and disposition of a file that is an answer, by suffix."""
_log = logging.getLogger("station.office")


class Office:
    """Answers every request of one office."""

    def __init__(self, sources: Sources, session: Callable[[], Session], viewing: Viewing | None = None) -> None:
        """`session`: returns a new session in the station's language. `viewing`: the benches of a center, whose pages are
        read only; None = the office of a bench."""
        self._sources = sources
        self._session = session
        self._viewing = viewing
        self._menu = PAGES if viewing is None else center_pages.menu(viewing)
        self._live = Live(sources)
        self._forms = Forms(sources.clock)
        self._uploads = Uploads()
        self._signing = Signing(sources, self._forms)

    def routes(self) -> list[Route]:
        """Return the routes of all pages."""
        if self._viewing is not None:
            return self._routes_of_center(center_pages.further(self._viewing))
        handlers = [(path, handler) for path, _, handler in PAGES] + list(FURTHER)
        imports = (*list_import.forms(self._uploads), *invoice_import.forms(self._uploads))
        forms: list[tuple[str, Handler]] = [
            (path, self._form(make)) for path, make in (*FORMS, *accounts.FORMS, *imports)
        ]
        return [
            *self._common_routes(),
            *(Route(path, self._endpoint(handler), methods=["GET", "POST"]) for path, handler in forms),
            *(Route(path, self._endpoint(handler), methods=["GET"]) for path, handler in handlers),
            Route("/live", self._changes, methods=["GET"]),
        ]

    def _common_routes(self) -> list[Route]:
        return [
            Route("/", lambda _: Response(status_code=303, headers={"location": self._menu[0][0]}), methods=["GET"]),
            Route(PATH, self._endpoint(self._signing.page, everyone=True), methods=["GET", "POST"]),
            Route(LEAVE, self._endpoint(self._signing.leave, everyone=True), methods=["POST"]),
            Route("/static/{digest}/{name}", _static, methods=["GET"]),
        ]

    def _routes_of_center(self, further: Sequence[tuple[str, Handler]]) -> list[Route]:
        pages = [(path, handler) for path, _, handler in self._menu] + list(further)
        return [
            *self._common_routes(),
            *(Route(path, self._endpoint(handler), methods=["GET"]) for path, handler in pages),
            Route("/{path:path}", self._endpoint(_acts_at_the_bench), methods=["POST"]),
        ]

    def _changes(self, request: Request) -> Response:
        viewer = self._signing.viewer(request.cookies.get(COOKIE, ""), use=False)
        if viewer is None:
            return Response(status_code=403)
        if not self._live.begin():
            return Response(status_code=503)
        return StreamingResponse(self._live.events(), media_type="text/event-stream")

    def missing(self, request: Request, error: Exception) -> Response:
        """Answer a request for a page that does not exist, or by a method that no page has."""
        status = getattr(error, "status_code", 404)
        asked, _ = self._asked(request, None)
        page = Page(template="sentence", title=tell("office.missing"), status=status)
        return self._html(asked, page, {"sentence": tell("office.missing-what")})

    def _form(self, make: Make) -> Handler:
        return lambda asked: self._forms.page(asked, make)

    def _endpoint(self, handler: Handler, *, everyone: bool = False) -> Callable[[Request], Awaitable[Response]]:
        """`everyone`: also who has not signed in."""

        async def answer(request: Request) -> Response:
            posted = upload = None
            if request.method == "POST":
                takes_file = request.url.path in TAKE_FILE
                try:
                    most, read = (MAX_FILE, DRAINED) if takes_file else (MAX_FORM, MAX_FORM)
                    body = await asyncio.wait_for(_body(request, read), FORM_S)
                    if len(body) > most:
                        return await run_in_threadpool(self._too_long, request)
                    posted, upload = _sent(request.headers.get("content-type", ""), body, takes_file=takes_file)
                except (TimeoutError, ValueError):
                    return Response(status_code=413, headers={"connection": "close"})
            return await run_in_threadpool(self._serve, request, handler, posted, upload, everyone)

        return answer

    def _too_long(self, request: Request) -> Response:
        """Answer a form whose file is too long."""
        asked, _ = self._asked(request, None)
        page = Page(template="sentence", title=tell(TAKE_FILE[request.url.path]), status=413)
        return self._html(asked, page, {"sentence": tell("office.file-too-long", most=LONGEST >> 20)})

    def _serve(
        self,
        request: Request,
        handler: Handler,
        posted: Mapping[str, str] | None,
        upload: Upload | None,
        everyone: bool,
    ) -> Response:  # in a worker thread, with a context of its own
        asked, failure = self._asked(request, posted, upload)
        try:
            if failure is not None:
                raise failure
            # A page is of one moment. A form waits for what it changes; a file may take long.
            with self._at_once() if posted is None and not asked.file else nullcontext():
                return self._answer(asked, self._page(request, handler, asked, everyone=everyone))
        except StationError as error:
            _log.warning("%s: %s", asked.path, error)
            page = Page(template="sentence", title=tell("office.not-now"), status=status_of(error))
            away = self._viewing is not None and error.code == StoreError.code
            return self._html(asked, page, {"sentence": tell("fleet.database-away" if away else error.with_remedy)})
        except Exception:
            _log.exception("%s", asked.path)
            page = Page(template="sentence", title=tell("office.defect"), status=500)
            return self._html(asked, page, {"sentence": tell("office.defect-what")})

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        with self._sources.at_once(), nullcontext() if self._viewing is None else self._viewing.at_once():
            yield

    def _page(self, request: Request, handler: Handler, asked: Asked, *, everyone: bool) -> Page:
        if self._sources.signs_on and not asked.viewer.id and not everyone:
            return self._ask_to_sign_in(request, asked)
        if asked.posted is None and not all(asked.parameters.values()):  # a form of a list sends its empty fields, too
            return Page(template="", title="", location=asked.url(), status=303)
        return handler(asked)

    def _ask_to_sign_in(self, request: Request, asked: Asked) -> Page:
        """Where nobody has signed in: a link from elsewhere comes without the cookie, so its page loads itself once more."""
        if asked.posted is not None:
            return self._signing.interrupted(asked)
        if not asked.session and request.headers.get("sec-fetch-site", "") not in _AT_ITSELF:
            return Page(template="again", title=tell("office.name"), values={"address": _whole(request)})
        return Page(template="", title="", location=asking(_whole(request)), status=303)

    def _asked(
        self, request: Request, posted: Mapping[str, str] | None, upload: Upload | None = None
    ) -> tuple[Asked, StationError | OSError | None]:
        """Begin to speak the reader's language, and return what is asked, and why its reader could not be found. Without a
        session the reader has no id."""
        session = self._session()
        open_session(session)
        cookie = request.cookies.get(COOKIE, "")[:100]
        viewer = failure = None
        try:
            viewer = self._signing.viewer(cookie)
        except (StationError, OSError) as error:
            failure = error
        if viewer is not None:
            try:
                session.speak(viewer.language)
            except WordsError as error:
                _log.warning("%s", error)
        every, reader = _every(request), viewer or Worker(id="", name="", role=None)
        asked = Asked(
            path=request.url.path,
            names={name: in_path(str(value)) for name, value in request.path_params.items()},
            parameters={name: values[0] for name, values in every.items()},
            every=every,
            posted=posted,
            upload=upload,
            viewer=reader,
            session=cookie if viewer is not None and self._sources.signs_on else "",
            address=request.client.host if request.client else "",
            colors=scheme if (scheme := request.cookies.get(COLORS, "")) in COLOR_SCHEMES else "",
            sources=self._sources,
            names_seen=cache(lambda: self._names(reader)),
        )
        return asked, failure

    def _names(self, reader: Worker) -> Mapping[str, str]:
        if self._viewing is None:
            return self._sources.names(reader)
        return self._viewing.names(reader, [bench.id for bench in self._viewing.benches(reader)])

    def _answer(self, asked: Asked, page: Page) -> Response:
        if page.location:
            response = Response(status_code=page.status, headers={"location": page.location})
            if page.session is not None:
                _keep(response, COOKIE, page.session, None if page.session else 0)
            if page.colors:
                _keep(response, COLORS, page.colors, COLORS_S)
            return response
        if page.file:
            media_type, disposition = _MEDIA[page.suffix]
            headers = _named(f"{page.title}.{page.suffix}", disposition)
            return Response(page.file, media_type=media_type, headers=headers)
        if page.read is None:
            return self._html(asked, page, page.values)
        if asked.file:
            try:
                taken = file(asked, page, page.read)
            except TooLong:
                refused = Page(template="sentence", title=page.title, status=413)
                return self._html(asked, refused, {"sentence": tell("office.too-long", rows=MOST_ROWS)})
            headers = _named(taken.name, "attachment")
            return StreamingResponse(taken.pieces, media_type=taken.media_type, headers=headers)
        table = page.read(asked.text(page.page_in))
        return self._html(asked, page, {**page.values, "listing": listing(asked, page, table)})

    def _html(self, asked: Asked, page: Page, values: Mapping[str, object]) -> Response:
        settings, viewer = self._sources.settings, asked.viewer
        now = local_day_and_time(self._sources.clock.now())
        signing = "office.signed-on" if self._sources.signs_on else "office.reads-as"
        nobody = "" if self._sources.signs_on else tell("office.nobody")
        station = settings.station.name if self._viewing is None else tell("fleet.all-benches")
        common = {
            "title": page.title,
            "query": "",
            "broken": self._sources.chain.broken,
            "said": "",
            "note": "",
            "choices": [],
            "live": page.live,
            "known": bool(viewer.id) and self._viewing is None,
            "links": [],
            "lines": [],
            "doings": [],
            "saved": False,
            "undo": None,
            "colors": "" if asked.colors == AUTOMATIC else asked.colors,
            "keys": False,
            "place": " · ".join(filter(None, (settings.library.name, station))),
            "who": tell(signing, name=viewer.name or viewer.id) if viewer.name or viewer.id else nobody,
            "leaving": leaving(asked.session) if asked.session else "",
            "pages": [(path, tell(key)) for path, key, _ in self._menu]
            if viewer.id or not self._sources.signs_on
            else [],
            "here": asked.path,
            "page": "/" + asked.path.split("/")[1],
            "made": tell("office.as-of", time=now),
            "static": _address,
            "link": lambda folder, name: f"{folder}/{part_of_path(str(name))}",
        }
        text = render(page.template, **{**common, **values})
        if self._viewing is not None:
            text = keeping(text, asked, str(values.get(PLACE_OF, "")))
        return Response(text, status_code=page.status, media_type="text/html; charset=utf-8")


def application(sources: Sources, session: Callable[[], Session], viewing: Viewing | None = None) -> Starlette:
    """Return the application. `viewing`: as for `Office`."""
    office = Office(sources, session, viewing)
    return Starlette(routes=office.routes(), exception_handlers={404: office.missing, 405: office.missing})


def _acts_at_the_bench(_: Asked) -> Page:
    """Answer whoever would change something at a center."""
    values = {"sentence": tell("fleet.read-only")}
    return Page(template="sentence", title=tell("office.missing"), values=values, status=403)


def _every(request: Request) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        name = parameter(name)
        values[name] = (*values.get(name, ()), parameter(value))
    return values


def _whole(request: Request) -> str:
    """Return the path with its parameters, as the browser sent them."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def _body(request: Request, most: int) -> bytes:
    """Return the body. Raises `ValueError` for one of more than `most` bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise ValueError("too long")
    return bytes(body)


def _sent(content_type: str, body: bytes, *, takes_file: bool) -> tuple[dict[str, str], Upload | None]:
    """Return the fields of a form, cleaned, the first of each name; and its file. Raises `ValueError` for too many fields,
    and for no form."""
    upload = None
    if takes_file and content_type.lower().startswith("multipart/"):
        sent, upload = parse(content_type, body, MAX_FIELDS)
    else:
        sent = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    fields: dict[str, str] = {}
    for name, value in sent:
        fields.setdefault(parameter(name), value if name == KEPT else _cleaned(name, value))
    return fields, upload


def _cleaned(name: str, value: str) -> str:
    """Return the value of a field without active content; `LINES` keeps its line breaks."""
    if name != LINES:
        return clean(value, LONGEST_FIELD)
    return "\n".join(clean(line, LONGEST_FIELD) for line in value[:LONGEST_FIELD].splitlines())


def _keep(response: Response, name: str, value: str, seconds: int | None) -> None:
    """Have the browser keep a value; `seconds`: None = until it closes, 0 = forget it."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


def _named(name: str, disposition: str) -> dict[str, str]:
    return {"content-disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"}


@cache
def _static_body(name: str) -> bytes:
    return files("station.office").joinpath("static", name).read_bytes()


def _address(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    return f"/static/{hashlib.sha256(_static_body(name)).hexdigest()[:16]}/{name}"


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC or request.url.path != _address(name):
        return Response(status_code=404)
    return Response(
        _static_body(name), media_type=STATIC[name], headers={"cache-control": "private, max-age=31536000, immutable"}
    )
