"""A web server with a scripted pad, and clients that trust only its certificate authority."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from station.base.sentence import Sentence
from station.base.settings import Web
from station.domain.commands import PadRequest, ReadPad, SetSecurity, UpdateItem
from station.domain.pad_answers import PadAnswer, PadTag, Refusal
from station.domain.tag_image import Uid
from station.https import certificates
from station.https.server import HttpsServer
from station.web.server import server as web_server
from tests.support.patience import PATIENCE_S

ALMA = "https://library.alma.exlibrisgroup.com"
XML = "application/xml"
NOW = datetime.datetime.now(datetime.UTC)

BOOK = "31234000000016"
DVD = "31234000000032"


def tag(number: int, barcode: str = BOOK, **values: Any) -> PadTag:
    return PadTag(uid=Uid(f"E0040100{number:08X}"), state="ours", barcode=barcode, **{"secure": True} | values)


class FakePad:
    """`domain.ports.PadPort`: answers at once from `tags` and `refusal`, unless `hold` or `stuck` is set."""

    def __init__(self) -> None:
        self.asked: list[PadRequest] = []
        self.tags: tuple[PadTag, ...] = ()
        self.refusal: Refusal | None = None
        self.hold = False
        """Keep requests waiting, not begun."""
        self.stuck = False
        """Begin requests and never answer."""
        self.open: list[Future[PadAnswer]] = []

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        self.asked.append(request)
        future: Future[PadAnswer] = Future()
        if self.stuck:
            future.set_running_or_notify_cancel()
        if self.hold or self.stuck:
            self.open.append(future)
            return future
        future.set_result(self._answer(request))
        return future

    def _answer(self, request: PadRequest) -> PadAnswer:
        if self.refusal is not None:
            return PadAnswer(refusal=self.refusal)
        match request:
            case ReadPad():
                return PadAnswer(tags=self.tags)
            case SetSecurity(barcode=barcode) | UpdateItem(barcode=barcode):
                wanted = request.uid if isinstance(request, UpdateItem) else ""
                if wanted and wanted not in {each.uid for each in self.tags}:
                    return PadAnswer(refusal=Refusal("other-item", Sentence.verbatim("Another tag lies on the pad.")))
                here = tuple(each for each in self.tags if each.barcode == barcode)
                return (
                    PadAnswer(tags=here)
                    if here
                    else PadAnswer(refusal=Refusal("tag-absent", Sentence.verbatim("Not on the pad.")))
                )


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    @property
    def message(self) -> str:
        found = self.xml.findtext("ExceptionDetail/Message")
        assert found is not None, self.body
        return found


@dataclass
class Desk:
    """A running server, and methods that call it."""

    pad: FakePad
    server: HttpsServer
    authority: Path
    host: str = "localhost"
    context: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context(cafile=self.authority)

    @property
    def address(self) -> str:
        return f"https://{self.host}:{self.server.port}"

    def connection(self, timeout: float = PATIENCE_S) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "localhost", self.server.port, context=self.context, timeout=timeout, blocksize=65536
        )

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        origin: str | None = ALMA,
        host: str | None = None,
        kind: str | None = XML,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = self.connection()
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            told = {"Host": f"localhost:{self.server.port}" if host is None else host}
            if origin is not None:
                told["Origin"] = origin
            if body is not None:
                told["Content-Length"] = str(len(body))
                if kind is not None:
                    told["Content-Type"] = kind
            for name, value in (told | dict(headers or {})).items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            seen = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, seen, response.read())
        finally:
            connection.close()

    def socket(self) -> ssl.SSLSocket:
        """Open a TLS connection, to send data that no client library would send."""
        raw = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_S)
        return self.context.wrap_socket(raw, server_hostname="localhost")


def security(barcode: str = BOOK, secure: str = "true") -> bytes:
    return f"<rfid><barcode>{barcode}</barcode><is_secure>{secure}</is_secure></rfid>".encode()


def update(barcode: str = BOOK, part: int = 1, uid: str = "", secure: str = "") -> bytes:
    said = f"<is_secure>{secure}</is_secure>" if secure else ""
    tags = f"<tags><tag><tag_id>{uid}</tag_id><part_num>{part}</part_num></tag></tags>"
    return f"<rfid><items><item><barcode>{barcode}</barcode>{said}{tags}</item></items></rfid>".encode()


@contextlib.contextmanager
def serving(data: Path, pad: FakePad | None = None, *, body_s: float | None = None, **web: Any) -> Iterator[Desk]:
    """Run a server on a free loopback port. Its certificate comes from its own authority in `data`."""
    authority = data / "web" / "ca.pem"
    settings = Web(**{"enabled": True, "port": 0, "answer_s": 30.0} | web)
    if not authority.exists():
        certificates.make(data, settings.names, NOW)
    pad = pad or FakePad()
    server = web_server(settings, data, pad, body_s=body_s)
    server.start()
    try:
        yield Desk(pad, server, authority)
    finally:
        for future in pad.open:
            if future.running():
                future.set_result(PadAnswer())
        assert server.stop(PATIENCE_S), "the server did not end"


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; fail after the time limit."""
    import time

    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "the condition never became true"
        time.sleep(0.01)
