"""O7: a server that drips or floods cannot delay the courier. The server sends a few literal bytes on a socket."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator

import httpcore2
import pytest

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import InDoubt, Unreachable
from station.base.text import clean
from station.sync.http import Answer, Http, _reason
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told

Serve = Callable[[Callable[[socket.socket, threading.Event], None]], Http]


def test_the_trust_store_is_read_for_https_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    create = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **trusted: made.append(create(**trusted)) or made[-1])
    for origin, read in (("http://127.0.0.1:1", 0), ("https://alma.example.org", 1)):
        Http(origin, clock=SystemClock(), timeout_s=1.0, authorization=None).close()
        assert len(made) == read


@pytest.fixture
def serve() -> Iterator[Serve]:
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE_S)  # a defect in the tested code may prevent the connection
    threads: list[threading.Thread] = []
    clients: list[Http] = []

    def start(talk: Callable[[socket.socket, threading.Event], None]) -> Http:
        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    talk(connection, ended)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        clients.append(
            Http(url, clock=SystemClock(), timeout_s=0.5, authorization=lambda: Secret("apikey k"), max_answer=10_000)
        )
        return clients[-1]

    yield start
    ended.set()
    for client in clients:
        client.close()
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(PATIENCE_S)
    listener.close()


def drip(head: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def talk(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(head)
        while not ended.wait(0.05):
            connection.sendall(b"x")

    return talk


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"])
def test_dripping_ends_with_the_deadline(serve: Serve, head: bytes) -> None:
    with raises_told(Unreachable, match=r"in time|timed out"):
        serve(drip(head)).get("/x")
    with raises_told(InDoubt, match=r"in time|timed out"):
        serve(drip(head)).put("/x", b"{}")


def test_a_flood_is_cut(serve: Serve) -> None:
    def flood(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"{" * 100_000)

    with raises_told(Unreachable, match="longer than 10000"):
        serve(flood).get("/x")


def test_a_compressed_answer_is_not_unpacked(serve: Serve) -> None:
    def bomb(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b")

    with raises_told(Unreachable, match="compressed"):
        serve(bomb).get("/x")


@pytest.mark.parametrize("path", ["//elsewhere.example/x", "https://elsewhere.example/x", "http://localhost:1/x"])
def test_no_address_outside_is_asked_whoever_made_it(serve: Serve, path: str) -> None:
    """In addition to `redirect`, which checks first: a path that leads elsewhere is not sent, and no name is
    resolved."""
    http = serve(lambda connection, ended: None)
    with raises_told(Unreachable, match="outside"):
        http.get(path)


def test_no_proxy_of_the_environment_sees_a_request(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    def answer(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    assert serve(answer).get("/x").body == b"{}"


def test_an_error_about_what_we_send_is_not_quoted() -> None:
    """The quotation would contain the header with the key."""
    error = httpcore2.LocalProtocolError("Illegal header value b'apikey CANARY'")
    assert _reason(error) == "LocalProtocolError"


KEY = "l7xxSECRETCANARY0123456789abcdef"


def thrown_back(status: bytes, coding: str = "ascii", header: bool = False) -> list[str]:
    """Ask a server that returns the request with its headers. Return all results of a question and of a change."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE_S)

    def run() -> None:
        for _ in range(2):
            connection, _address = listener.accept()
            with connection:
                asked = connection.recv(4096)
                body = b'{"asked": "' + asked.replace(b"\r\n", b" ").decode().encode(coding) + b'"}'
                more = b"X-Asked: " + KEY.encode() + b"\r\n" if header else b""
                head = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + more
                connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    http = Http(url, clock=SystemClock(), timeout_s=10, authorization=lambda: Secret(f"apikey {KEY}"))
    said = []
    for ask in (lambda: http.get("/x"), lambda: http.put("/x", b"{}")):
        try:
            answer = ask()
        except (InDoubt, Unreachable) as error:
            said.append(repr(error) + "".join(traceback.TracebackException.from_exception(error).format()))
        else:
            said.append(clean(answer.body.decode("utf-8", "replace"), 9999) + repr(answer))
    http.close()
    thread.join(PATIENCE_S)
    listener.close()
    return said


@for_each("coding", ["ascii", "utf-16-le", "utf-16-be", "utf-16"])
@for_each("status", [b"200 OK", b"302 Found", b"400 Bad", b"401 No", b"503 Busy"])
def test_a_key_that_the_server_throws_back_is_struck_out(status: bytes, coding: str) -> None:
    """A page about an error is shown to people and kept in the journal, so the key is removed. Data that contain it are
    refused."""
    asked, changed = thrown_back(status, coding)
    assert KEY not in asked + changed
    if status.startswith(b"200"):
        assert "repeats the station's key" in asked
        assert "InDoubt" in changed, "the change may have happened"
    else:
        assert "***" in asked
        assert "***" in changed


def test_a_key_that_comes_back_in_a_header_is_struck_out() -> None:
    assert KEY not in "".join(thrown_back(b"404 Gone", header=True))
    assert "repeats the station's key" in thrown_back(b"200 OK", header=True)[0]


@for_each(
    ("location", "path"),
    [
        ("https://alma.example.edu/almaws/v1/x?y=1", "/almaws/v1/x?y=1"),
        ("/almaws/v1/x", "/almaws/v1/x"),
        ("https://alma.example.edu:443/x", "/x"),
        ("https://elsewhere.example/x", None),
        ("http://alma.example.edu/x", None),
        ("https://alma.example.edu:444/x", None),
        ("https://somebody@alma.example.edu/x", None),
        ("https://alma.example.edu@elsewhere.example/x", None),
        ("//elsewhere.example/x", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_redirect_leads_to_the_same_origin_or_nowhere(location: str, path: str | None) -> None:
    http = Http("https://alma.example.edu", clock=SystemClock(), timeout_s=1.0, authorization=None)
    answer = Answer(302, {"location": location}, b"", "https://alma.example.edu/almaws/v1/items?item_barcode=1")
    try:
        if path is None:
            with raises_told(Unreachable, match="redirects to"):
                http.redirect(answer)
        else:
            assert http.redirect(answer) == path
    finally:
        http.close()
