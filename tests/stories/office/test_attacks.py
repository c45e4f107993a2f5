"""Attacks on a running office, over TLS, as another program of this machine could make them. The table in
`docs/evidence.md` has the same rows."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.settings import load
from station.cli.session.office import opened
from station.domain.events import CorrectionAssigned
from station.https.certificates import CA, FOLDER
from station.https.server import MAX_CONNECTIONS
from station.office.app import COOKIE, MAX_FIELDS, MAX_FORM
from tests.conftest import ROOT
from tests.office.desk import OPEN, PINS, events, hidden, made
from tests.support.patience import PATIENCE_S

ACT: Final = f"/fix/{OPEN}/take"
HERE: Final = "sec-fetch-site: same-origin"
HEADERS: Final = (
    "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options: nosniff",
    "referrer-policy: same-origin",
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "cache-control: no-store",
)


class Answer(msgspec.Struct):
    """An answer as it came over the line."""

    status: str
    """"" = the connection was closed without an answer."""
    head: str
    body: str


class Target:
    """A running office, and what an attacker may know of it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self._context = ssl.create_default_context(cafile=data / FOLDER / CA)
        self.cookie = ""
        self.cookie = self.sign_in("tess")

    def connected(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        return self._context.wrap_socket(plain, server_hostname="localhost")

    def raw(self, request: bytes) -> Answer:
        """Send these bytes, and return all that comes until the office closes the connection."""
        with self.connected() as line:
            line.sendall(request)
            return _answer(line)

    def ask(self, path: str, *head: str, method: str = "GET", body: bytes | None = None, host: str = "") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"host: {host or f'localhost:{self.port}'}", "connection: close", *head]
        if body is not None:
            lines += [f"content-length: {len(body)}", "content-type: application/x-www-form-urlencoded"]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))

    def page(self, path: str) -> Answer:
        """Return a page as Tess sees it."""
        return self.ask(path, f"cookie: {self.cookie}", "sec-fetch-site: same-origin")

    def fields(self, path: str = ACT) -> dict[str, str]:
        return hidden(self.page(path).body)

    def post(self, *head: str, path: str = ACT, cookie: str = "", body: bytes | None = None) -> Answer:
        """Send Tess's form, with her cookie unless another is given."""
        sent = urlencode(self.fields()).encode() if body is None else body
        return self.ask(path, f"cookie: {cookie or self.cookie}", *head, method="POST", body=sent)

    def sign_in(self, login: str, *head: str) -> str:
        """Return the cookie of a new session."""
        form = hidden(self.ask("/sign-in").body)
        sent = urlencode({**form, "login": login, "pin": PINS[login]}).encode()
        answer = self.ask("/sign-in", HERE, *head, method="POST", body=sent)
        (cookie,) = re.findall(rf"set-cookie: ({COOKIE}=[^;]+)", answer.head)
        return str(cookie)


def _answer(line: ssl.SSLSocket) -> Answer:
    received = bytearray()
    try:
        while piece := line.recv(65_536):
            received += piece
    except (ConnectionResetError, ssl.SSLError):
        pass
    head, _, body = received.decode("utf-8", "replace").partition("\r\n\r\n")
    return Answer(head.split(" ")[1] if head else "", head, body)


Attack = Callable[[Target], object]


def statuses(*answers: Answer) -> str:
    return " ".join(dict.fromkeys(answer.status or "closed" for answer in answers))


def hosts(office: Target) -> str:
    names = ("evil.example", f"evil.example:{office.port}", "localhost", f"localhost:{office.port + 1}", "0.0.0.0:1")
    own = f"host: localhost:{office.port}"
    twice = office.raw(f"GET /sign-in HTTP/1.1\r\n{own}\r\nhost: evil.example\r\nconnection: close\r\n\r\n".encode())
    none = office.raw(b"GET /sign-in HTTP/1.1\r\nconnection: close\r\n\r\n")
    return statuses(*(office.ask("/sign-in", host=name) for name in names)) + " / " + statuses(twice, none)


def origins(office: Target) -> str:
    here = f"https://localhost:{office.port}"
    heads: tuple[tuple[str, ...], ...] = (
        (),
        ("sec-fetch-site: same-site", f"origin: https://localhost:{office.port + 1}"),
        ("sec-fetch-site: cross-site", f"origin: {here}"),
        ("sec-fetch-site: none",),
        ("sec-fetch-site: same-site", "sec-fetch-site: same-origin"),
        (f"origin: https://localhost:{office.port + 1}",),
        (f"origin: http://localhost:{office.port}",),
        ("origin: null",),
        (f"origin: {here}", "origin: https://evil.example"),
    )
    return statuses(*(office.post(*head) for head in heads))


def from_another_port(office: Target) -> str:
    """A page of another port of this machine knows neither a token of this session nor may it send one."""
    other = office.sign_in("bea")
    token = urlencode(office.fields()).encode()
    foreign = office.ask(ACT, f"cookie: {other}", HERE, method="POST", body=token)
    simple = office.ask(
        ACT, f"cookie: {office.cookie}", "sec-fetch-site: same-site", "origin: null", method="POST", body=b""
    )
    read = office.ask("/fix", f"cookie: {office.cookie}", "sec-fetch-site: same-site", "origin: https://localhost:1")
    assert "access-control" not in read.head, "another page must not read the answer"
    return statuses(foreign, simple)


def fixation(office: Target) -> str:
    chosen = f"{COOKIE}=chosen-by-another"
    before = office.ask("/fix", f"cookie: {chosen}")
    given = office.sign_in("bea", f"cookie: {chosen}")
    again = office.sign_in("bea", f"cookie: {given}")
    assert len({chosen, given, again}) == 3, "each sign-in has a session of its own"
    both = office.ask("/fix", f"cookie: {chosen}; {given}")
    return statuses(before, office.ask("/fix", f"cookie: {chosen}"), both)


def slow_heads(office: Target) -> str:
    with office.connected() as line:
        line.sendall(b"GET /sign-in HTTP/1.1\r\nhost: loc")
        return statuses(_answer(line))


def slow_handshake(office: Target) -> str:
    with socket.create_connection(("127.0.0.1", office.port), timeout=PATIENCE_S) as line:
        return "closed" if line.recv(1) == b"" else "open"


def slow_bodies(office: Target) -> str:
    with office.connected() as line:
        head = f"POST {ACT} HTTP/1.1\r\nhost: localhost:{office.port}\r\n{HERE}\r\ncookie: {office.cookie}\r\n"
        line.sendall(f"{head}content-length: 1000\r\n\r\nlast=".encode())
        return statuses(_answer(line))


def too_many(office: Target) -> str:
    """More slow connections than the office holds: it refuses, ends them, and serves again."""
    lines = [office.connected() for _ in range(MAX_CONNECTIONS)]
    try:
        for line in lines:
            line.sendall(b"GET /sign-in HTTP/1.1\r\n")
        refused = office.ask("/sign-in")
        for line in lines:
            assert _answer(line).status == ""
        return statuses(refused) + " then " + statuses(office.ask("/sign-in"))
    finally:
        for line in lines:
            line.close()


def long_forms(office: Target) -> str:
    fields = urlencode(office.fields()).encode()
    padded = fields + b"&x=" + b"x" * (MAX_FORM - len(fields) - 3)
    assert len(padded) == MAX_FORM
    whole = office.post(HERE, body=padded, path=f"/fix/{OPEN}/fixed")
    return statuses(whole) + " / " + statuses(office.post(HERE, body=padded + b"x"))


def many_fields(office: Target) -> str:
    return statuses(office.post(HERE, body=b"&".join(b"f%d=" % number for number in range(MAX_FIELDS + 1))))


def multipart(office: Target) -> str:
    body = b'--x\r\ncontent-disposition: form-data; name="last"\r\n\r\n1\r\n--x--\r\n'
    head = ["content-type: multipart/form-data; boundary=x", f"content-length: {len(body)}", "connection: close"]
    lines = [f"POST {ACT} HTTP/1.1", f"host: localhost:{office.port}", HERE, f"cookie: {office.cookie}", *head, "", ""]
    return statuses(office.raw("\r\n".join(lines).encode() + body))


def smuggling(office: Target) -> str:
    head = f"POST {ACT} HTTP/1.1\r\nhost: localhost:{office.port}\r\n{HERE}\r\nconnection: close\r\n"
    both = "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /fix HTTP/1.1\r\n\r\n"
    endings = (
        both,
        "content-length: 4\r\ncontent-length: 40\r\n\r\nx=1&",
        "content-length: -1\r\n\r\n",
        "content-length: x\r\n\r\n",
    )
    answers = [office.raw((head + ending).encode()) for ending in endings]
    assert not any(answer.body.count("HTTP/1.1 ") for answer in answers), "one request, one answer"
    return statuses(*answers)


def urls(office: Target) -> str:
    """Names that end a string, leave a folder, turn the text, add a header, or are too long."""
    evil = (
        "%00", "..%2f..%2fpeople.db", "%2e%2e/%2e%2e/people.db", "..%5c..", "%e2%80%ae", "%ff%fe", "%zz",
        "%0d%0aset-cookie:%20x=1", "%c0%ae%c0%ae", "a" * 5000, ";x=1", "%3cscript%3e", "*", "'--", "~root", "-1", "%F0%9F%92%A9",
    )  # fmt: skip
    folders = (
        "/",
        "/items/",
        "/tags/",
        "/people/",
        "/rules/",
        "/manual/",
        "/benches/",
        "/fix/",
        "/outbox/",
        "/static/0/",
    )
    answers = [office.page(folder + name) for folder in folders for name in evil]
    for answer in answers:
        assert "set-cookie" not in answer.head and "\u202e" not in answer.body and "\x00" not in answer.body
        assert "SQLite" not in answer.body and "<script>" not in answer.body
    return " ".join(sorted({answer.status for answer in answers}))


def redirects(office: Target) -> str:
    tries = (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%0d%0ax:y",
        "/\t/evil.example",
        "/%5cevil.example",
    )
    answers = [office.ask(f"/sign-in?to={name}", f"cookie: {office.cookie}") for name in tries if "\t" not in name]
    for answer in answers:
        location = re.search(r"location: (\S*)", answer.head)
        assert location is not None and re.match(r"/(?![/\\])", location[1]), answer.head
    return statuses(*answers)


def lines_of_requests(office: Target) -> str:
    host = f"host: localhost:{office.port}\r\nconnection: close\r\n\r\n"
    lines = (
        f"GET https://evil.example/fix HTTP/1.1\r\n{host}",
        f"CONNECT evil.example:443 HTTP/1.1\r\n{host}",
        "GET /fix\r\n\r\n",
    )
    other = statuses(
        *(office.ask("/fix", f"cookie: {office.cookie}", HERE, method=name) for name in ("PUT", "DELETE", "TRACE"))
    )
    return statuses(*(office.raw(line.encode()) for line in lines)) + " / " + other


def long_heads(office: Target) -> str:
    many = [f"x-{number}: {'a' * 100}" for number in range(200)]
    return statuses(office.ask("/sign-in", f"x: {'a' * 20_000}"), office.ask("/sign-in", *many))


def without_tls(office: Target) -> str:
    with socket.create_connection(("127.0.0.1", office.port), timeout=PATIENCE_S) as line:
        line.sendall(b"GET /sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n")
        return "plain" if b"HTTP" in line.recv(1000) else "closed"


def headers(office: Target) -> str:
    answers = (
        office.page("/fix"),
        office.ask("/fix", "sec-fetch-site: none"),
        office.page("/nothing"),
        office.page(f"/fix/{OPEN}/look"),
        office.post(HERE, body=b"last=1"),
        office.post("sec-fetch-site: cross-site"),
        office.ask("/sign-in", host="evil.example"),
    )
    for answer in answers:
        missing = [header for header in HEADERS if header not in answer.head]
        assert not missing, (answer.status, missing)
        assert "server:" not in answer.head and "access-control" not in answer.head
    return statuses(*answers)


ATTACKS: Final[dict[str, tuple[Attack, str]]] = {
    "another host name, another port in `Host`; two names or none": (hosts, "421 / 400"),
    "a form from another site, another port, over HTTP, from nowhere, or from two places": (origins, "403"),
    "a form with the token of another session; a form that a page of another port sends": (from_another_port, "403"),
    "a session chosen before the sign-in, alone or beside the real one": (fixation, "303 200"),
    "the head of a request that does not end": (slow_heads, "closed"),
    "a TLS handshake that does not begin": (slow_handshake, "closed"),
    "a form whose body does not end": (slow_bodies, "413"),
    "64 slow connections": (too_many, "503 then 200"),
    "a form of 64 KiB; with one byte more": (long_forms, "303 / 413"),
    "51 fields": (many_fields, "413"),
    "a form as multipart": (multipart, "403"),
    "two lengths, a length and chunks, a negative length": (smuggling, "403 400"),
    "NUL, `..%2f`, marks that turn text, CRLF, overlong and broken names in each folder": (urls, "404"),
    "a sign-in that leads to another site": (redirects, "303"),
    "a proxy's request, `CONNECT`, HTTP/0.9; `PUT`, `DELETE`, `TRACE`": (lines_of_requests, "404 403 400 / 405"),
    "a head of more than 16 KiB": (long_heads, "431"),
    "HTTP without TLS": (without_tls, "closed"),
    "headers of pages, redirects, refusals and missing pages": (headers, "200 303 404 409 403 421"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data = made(tmp_path_factory.mktemp("attacked") / "data")
    settings = load(data / "station.toml")
    settings = msgspec.structs.replace(settings, office=msgspec.structs.replace(settings.office, port=0))
    with opened(settings, data, SystemClock()) as serving:
        yield Target(data, serving.port)


@pytest.mark.soak
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_answered(office: Target, name: str) -> None:
    attack, expected = ATTACKS[name]
    assert attack(office) == expected
    assert office.page("/fix").status == "200", "the office serves after it"
    assert not [event for event in events(office.data) if isinstance(event, CorrectionAssigned)]


def test_the_page_has_these_rows() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| attack: ")] == [
        f"| attack: {name} | {expected} |" for name, (_, expected) in ATTACKS.items()
    ]
