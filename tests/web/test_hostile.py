"""Clients that must be refused: other origins, rebound names, forms, bombs, floods, and clients that never finish a
request.

CORS does not protect against writing: a simple POST arrives whatever the answer's headers are. So the tests send each
request raw, as a hostile page or program would, and check that the bench never receives it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import SettingsError
from station.https import server
from station.https.hosts import Hosts, host_names
from station.https.server import _Bounded
from station.web import messages
from station.web.guard import MAX_BODY
from station.web.origins import Origins
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import ALMA, BOOK, DVD, Desk, security, serving, tag, until, update

# --- origin -------------------------------------------------------------------------------------------------------------

WRONG_ORIGINS = (
    None,
    "",
    "null",
    "https://evil.example",
    "http://library.alma.exlibrisgroup.com",
    "https://alma.exlibrisgroup.com",
    "https://a.b.alma.exlibrisgroup.com",
    "https://.alma.exlibrisgroup.com",
    "https://library.alma.exlibrisgroup.com.evil.example",
    "https://evil.example/.alma.exlibrisgroup.com",
    "https://evilalma.exlibrisgroup.com",
    "https://library.alma.exlibrisgroup.com:444",
    "https://library.alma.exlibrisgroup.com/",
    "https://user@library.alma.exlibrisgroup.com",
    "https://libraryXalma.exlibrisgroup.com",
    "HTTPS://LIBRARY.ALMA.EXLIBRISGROUP.COM",
    "https://library.alma.exlibrisgroup.com, https://evil.example",
)


@pytest.mark.parametrize("origin", WRONG_ORIGINS)
def test_a_wrong_origin_is_refused_by_the_server(desk: Desk, origin: str | None) -> None:
    desk.pad.tags = (tag(1),)
    calls = [("GET", "/getItems", None), ("POST", "/setSecurity", security()), ("POST", "/itemUpdate", update())]
    for method, path, body in (*calls, ("OPTIONS", "/setSecurity", None)):
        answer = desk.call(method, path, body, origin=origin)
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers
        assert BOOK.encode() not in answer.body
    assert desk.pad.asked == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
def test_the_simple_post_of_another_page(desk: Desk, kind: str | None) -> None:
    """A form or `fetch(..., {mode: "no-cors"})` of any page can send this without permission."""
    desk.pad.tags = (tag(1),)
    answer = desk.call("POST", "/setSecurity", security(secure="false"), origin="https://evil.example", kind=kind)
    assert answer.status == 403 and desk.pad.asked == []


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json",
        "application/xml, text/plain",
        "application/xhtml+xml",
        "application/xml; charset=utf-16",
        "text/xml; charset=latin-1",
    ],
)
def test_a_wrong_content_type_is_refused_by_the_server(desk: Desk, kind: str | None) -> None:
    desk.pad.tags = (tag(1),)
    for path, body in (("/setSecurity", security()), ("/itemUpdate", update())):
        assert desk.call("POST", path, body, kind=kind).status == 415
    assert desk.pad.asked == []


def test_two_origins_are_none(desk: Desk) -> None:
    with desk.socket() as connection:
        connection.sendall(
            f"GET /getItems HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
            "Origin: https://evil.example\r\n\r\n".encode()
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 403")
    assert desk.pad.asked == []


@given(st.text(max_size=60))
def test_no_text_passes_for_an_origin(text: str) -> None:
    origins = Origins(["https://*.alma.exlibrisgroup.com"])
    assert origins.allow(text) is False
    assert origins.allow(f"https://{text}.evil.example") is False


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "https://*",
        "https://*.com",
        "http://library.example",
        "https://library.example/",
        "https://a.*.b",
        "",
        "null",
        "https://Ex.example",
    ],
)
def test_a_pattern_that_would_let_everybody_in_is_refused(pattern: str) -> None:
    with pytest.raises(SettingsError, match=r"web\.origins"):
        Origins([pattern])


def test_a_pattern_for_a_page_on_this_machine() -> None:
    origins = Origins(["http://localhost:9000", "https://desk.library.example:8000"])
    assert origins.allow("http://localhost:9000") and origins.allow("https://desk.library.example:8000")
    assert not origins.allow("http://localhost:9001") and not origins.allow("https://desk.library.example")


# --- host -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:{port}",
        "localhost",
        "localhost:1",
        "localhost.evil.example:{port}",
        "127.0.0.2:{port}",
        "[::2]:{port}",
        "localhost:{port}@evil.example",
    ],
)
def test_a_rebound_name_is_refused(desk: Desk, host: str) -> None:
    """DNS rebinding: evil.example resolves to 127.0.0.1. For its own page the station would then be the same origin."""
    answer = desk.call("GET", "/getItems", host=host.format(port=desk.server.port))
    assert answer.status in (400, 421)
    page = desk.call("GET", "/", host=host.format(port=desk.server.port), origin=None)
    assert page.status in (400, 421) and b"certificate" not in page.body
    assert desk.pad.asked == []


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
def test_its_own_names(desk: Desk, host: str) -> None:
    assert desk.call("GET", "/getItems", host=host.format(port=desk.server.port)).status == 200


def test_a_configured_name(tmp_path: Path) -> None:
    with serving(tmp_path, names=("desk1.library.example", "10.0.0.7")) as desk:
        for name in ("desk1.library.example", "10.0.0.7"):
            assert desk.call("GET", "/getItems", host=f"{name}:{desk.server.port}").status == 200


def test_the_default_port_may_be_left_out() -> None:
    hosts = Hosts(host_names(["desk1.example", "fe80::1"], "web.names"), 443)
    assert hosts.allow("localhost") and hosts.allow("desk1.example:443") and hosts.allow("[fe80::1]")
    assert not hosts.allow("localhost:8443")


@pytest.mark.parametrize("name", ["", "a b", "*.example", "https://x", "EXAMPLE", "a..b", "-a", "1.2.3", "x" * 254])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"web\.names"):
        host_names([name], "web.names")


# --- size ---------------------------------------------------------------------------------------------------------------


def test_a_body_that_says_how_huge_it_is(desk: Desk) -> None:
    with desk.socket() as connection:
        head = f"POST /setSecurity HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        connection.sendall(f"{head}Content-Type: application/xml\r\nContent-Length: 10737418240\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413"), "the refusal comes at once, not after ten gigabytes"
    assert desk.pad.asked == []


def test_a_body_that_does_not_say(desk: Desk) -> None:
    with desk.socket() as connection:
        head = f"POST /setSecurity HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        connection.sendall(f"{head}Content-Type: application/xml\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
        for _ in range(MAX_BODY // 0x1000 + 1):
            connection.sendall(chunk)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")
    assert desk.pad.asked == []


def test_headers_without_end(desk: Desk) -> None:
    with desk.socket() as connection:
        connection.sendall(b"GET /getItems HTTP/1.1\r\nX: " + b"a" * 20_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400")


def test_a_large_head_that_comes_at_once(desk: Desk) -> None:
    with desk.socket() as connection:
        head = f"GET /getItems HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        connection.sendall(f"{head}X: {'a' * 20_000}\r\n\r\n".encode())
        assert connection.recv(65536).startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert desk.pad.asked == []


def test_the_largest_body_is_still_read(desk: Desk) -> None:
    desk.pad.tags = (tag(1),)
    body = security() + b" " * (MAX_BODY - len(security()))
    assert desk.call("POST", "/setSecurity", body).status == 200
    with desk.socket() as connection:  # refused before the body: a client that still sends may find a closed line
        head = f"POST /setSecurity HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        connection.sendall(f"{head}Content-Type: application/xml\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


# --- time ---------------------------------------------------------------------------------------------------------------


def test_a_head_that_never_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Bounded, "head_s", 0.3)
    with desk.socket() as connection:
        connection.settimeout(0.05)
        ended = False
        for _ in range(2000):  # one byte after the other, as slowly as possible
            try:
                connection.sendall(b"G")
                ended = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break
        assert ended
    assert desk.pad.asked == []


def test_a_handshake_that_never_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HANDSHAKE_S", 0.3)
    with (
        serving(tmp_path) as desk,
        socket.create_connection(("127.0.0.1", desk.server.port), timeout=PATIENCE_S) as silent,
    ):
        assert silent.recv(1) == b"", "the server closes the connection"

        def served() -> bool:
            with contextlib.suppress(OSError):  # on a busy machine a genuine client may need as much time
                return desk.call("GET", "/getItems").status == 200
            return False

        until(served)


def test_a_body_that_never_ends(tmp_path: Path) -> None:
    with serving(tmp_path, body_s=0.3) as desk, desk.socket() as connection:
        head = f"POST /setSecurity HTTP/1.1\r\nHost: localhost:{desk.server.port}\r\nOrigin: {ALMA}\r\n"
        connection.sendall(f"{head}Content-Type: application/xml\r\nContent-Length: 100\r\n\r\n<rfid>".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")
        assert desk.pad.asked == []


def test_many_who_never_speak_do_not_keep_out_one_who_does(desk: Desk) -> None:
    silent = [socket.create_connection(("127.0.0.1", desk.server.port)) for _ in range(40)]
    try:
        assert desk.call("GET", "/getItems").status == 200
    finally:
        for one in silent:
            one.close()


def test_many_at_once_are_all_answered(desk: Desk) -> None:
    desk.pad.tags = (tag(1), tag(2, DVD))
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(desk.call("GET", "/getItems").status)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert answers == [200] * 12


def test_plain_http_gets_nothing(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET /getItems HTTP/1.1\r\nHost: localhost\r\nOrigin: {ALMA}\r\n\r\n".encode())
        try:
            said = connection.recv(65536)
        except ConnectionResetError:
            said = b""
        assert b"HTTP/" not in said
    assert desk.pad.asked == []


def test_no_cipher_with_cbc(desk: Desk) -> None:
    desk.context.maximum_version = ssl.TLSVersion.TLSv1_2
    desk.context.set_ciphers("ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError):
        desk.call("GET", "/getItems")
    desk.context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    assert desk.call("GET", "/getItems").status == 200


def test_only_loopback_listens(desk: Desk) -> None:
    assert not _others(desk.server.port)


def _others(port: int) -> list[str]:
    """Return the addresses besides loopback on which this port listens, from the kernel's tables."""
    found = []
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            where, _, at = address.rpartition(":")
            if state == "0A" and int(at, 16) == port:
                found.append(where)
    assert found
    return [where for where in found if where not in ("0100007F", "00000000000000000000000001000000")]


# --- XML ------------------------------------------------------------------------------------------------------------------

LAUGHS = b'<!DOCTYPE rfid [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + security("&c;"),
        b"<!DOCTYPE rfid>" + security(),
        b'<!DOCTYPE rfid SYSTEM "http://127.0.0.1/x.dtd">' + security(),
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + security("&x;"),
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + security(),
        security("&x;"),
        security().decode().encode("utf-16"),
        b"<?xml version='1.0' encoding='utf-16'?>" + security(),
        b"<?xml version='1.0' encoding='iso-8859-1'?>" + security("\xe9"),
        security() + b"\0",
        b"<a>\xed\xb2\x80</a>",
        b"<a>" * 1000 + b"</a>" * 1000,
        b"<r>" + b"<a/>" * 10_000 + b"</r>",
        security()[:-1],
        security() * 2,
        b"\xff\xfe\xfd",
    ],
)
def test_no_entities_no_bombs_no_other_encodings(desk: Desk, body: bytes) -> None:
    answer = desk.call("POST", "/setSecurity", body)
    assert answer.status == 400 and b"root:" not in answer.body
    assert desk.pad.asked == []


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    for read in (messages.set_security, lambda data: messages.update_item(data, True)):
        try:
            read(body)
        except messages.BadMessage:
            continue


_NODES = st.recursive(
    st.sampled_from(["barcode", "is_secure", "tag_id", "part_num", "reader_ip", "junk"]).map(lambda n: f"<{n}>1</{n}>"),
    lambda inner: st.tuples(
        st.sampled_from(["rfid", "items", "item", "tags", "tag", "security"]), st.lists(inner, max_size=3)
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=12,
)


@given(_NODES)
def test_no_shape_breaks_the_reading(text: str) -> None:
    for read in (messages.set_security, lambda data: messages.update_item(data, True)):
        try:
            request, _ = read(text.encode())
        except messages.BadMessage:
            continue
        assert request.barcode


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_a_tag_says_the_answer_is_xml_and_says_it(barcode: str, place: str) -> None:
    from xml.etree import ElementTree

    from station.base.text import clean

    root = ElementTree.fromstring(messages.items([tag(1, barcode, location=place)], True))
    if barcode:
        assert (root.findtext("items/item/barcode") or "") == clean(barcode)
        assert (root.findtext("items/item/tags/tag/location") or "") == clean(place)


@pytest.mark.parametrize("barcode", ["31\u202e234", "31\x7f234", "31  234", "\u200b", "3" * 300, "\x84"])
def test_what_nobody_can_see_is_refused_not_guessed(desk: Desk, barcode: str) -> None:
    answer = desk.call("POST", "/setSecurity", security(barcode))
    assert answer.status == 400
    answer = desk.call("POST", "/itemUpdate", update().replace(b"<part_num>1<", f"<part_num>1{barcode}<".encode()))
    assert answer.status == 400
    assert desk.pad.asked == []
