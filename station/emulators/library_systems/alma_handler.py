"""One HTTP connection to the emulated Alma: limits, faults, then the service (see alma.py)."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Callable
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from station.emulators.library_systems.alma_bodies import PAGE, REFUSAL, error_body
from station.emulators.library_systems.alma_faults import CHANGING, Faults, Limits
from station.emulators.library_systems.alma_institution import Institution, Refused
from station.emulators.library_systems.alma_services import Answer, Request, Services

Json = dict[str, Any]

THRESHOLDS = {
    "PER_SECOND_THRESHOLD": "HTTP requests are more than allowed per second",
    "DAILY_THRESHOLD": "HTTP requests have passed the allowed daily quota",
}
GIGABYTES_10 = 10_000_000_000


class World:
    """The emulator's whole state: institution, services, faults, limits."""

    def __init__(self, house: Institution) -> None:
        self.house = house
        self.lock = house.lock
        self.slow_ms = 0
        self.base_url = ""
        self.pending_edits: list[Json] = []
        self.fresh()

    def fresh(self) -> None:
        self.services = Services(self.house, self.base_url)
        self.faults = Faults()
        self.limits = Limits()
        self.pending_edits.clear()
        self.slow_ms = 0

    def edit_pending(self, when: str) -> None:
        for order in [found for found in self.pending_edits if found.get("when", "get-put") == when]:
            if order.get("after", 0) > 0:
                order["after"] -= 1
                continue
            self.pending_edits.remove(order)
            with contextlib.suppress(Refused):  # the item no longer exists
                self.house.edit(order)


class Handler(BaseHTTPRequestHandler):
    """One connection. Nagle's algorithm is off, because an answer is sent in two pieces and would wait 40 ms between
    them."""

    disable_nagle_algorithm = True

    protocol_version = "HTTP/1.1"
    server: AlmaServer

    def do_GET(self) -> None:
        self.serve("GET")

    def do_PUT(self) -> None:
        self.serve("PUT")

    def do_POST(self) -> None:
        self.serve("POST")

    def do_DELETE(self) -> None:
        self.serve("DELETE")

    def log_message(self, format: str, *args: object) -> None:
        """Do nothing: the institution keeps the log."""

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002
        """Return the Date header, from the emulator's own clock."""
        return format_datetime(self.server.world.house.wall(), usegmt=True)

    def serve(self, method: str) -> None:
        world = self.server.world
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if world.slow_ms:
            time.sleep(world.slow_ms / 1000)
        with world.lock:
            request = Request(method, self.path, self.headers, body)
            entry = self.logged(world, request)
            threshold = world.limits.refused(world.house.monotonic())
            if self.hung_up("drop-before-effect", request):
                return
            unending = self.unending(world, request)
            if unending is None:
                status, headers, answer = self.decide(world, request, threshold)
                entry["status"] = status
                if method in CHANGING and status in (200, 204):
                    world.edit_pending("put-get")
                    if self.hung_up("drop-answer-after-effect", request):
                        entry["status"] = 0
                        return
                    order = world.faults.due("status-after-effect", method, request.path)
                    if order is not None:
                        status, headers, answer = int(order.get("code", 504)), {"Content-Type": "text/html"}, PAGE
                        entry["status"] = status
                elif method == "GET" and status == 200:
                    world.edit_pending("get-put")
                half = world.faults.due("half", method, request.path) is not None
                headers |= {"X-Exl-Api-Remaining": str(max(0, world.limits.remaining))}
        if unending is not None:
            with contextlib.suppress(OSError):
                unending()
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Type": "application/json;charset=UTF-8", **headers}.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer[: len(answer) // 2] if half else answer)
        if half:
            self.hang_up()

    def logged(self, world: World, request: Request) -> Json:
        """Add a line to the request log, never with a key, and return it."""
        query = {name: value for name, value in request.query.items() if name != "apikey"}
        entry: Json = {"method": request.method, "path": request.path, "query": query, "status": 0}
        entry |= {"at": world.house.monotonic(), "seq": world.house.seq}
        if "item_barcode" in query:
            entry["item_barcode"] = query["item_barcode"]
        if "apikey" in request.query:
            entry["key_in_address"] = True
        world.house.requests.append(entry)
        return entry

    def unending(self, world: World, request: Request) -> Callable[[], None] | None:
        """Return the endless answer (flood or drip) that this request gets; None if none."""
        order = world.faults.due("flood", request.method, request.path)
        if order is not None:
            chunked = bool(order.get("chunked"))
            return lambda: self.flood(chunked)
        return self.drip if world.faults.due("drip", request.method, request.path) is not None else None

    def decide(self, world: World, request: Request, threshold: str) -> Answer:
        """Return status, headers and body. Ordered faults take precedence over the limits, the key and the service."""

        def due(kind: str) -> Json | None:
            return world.faults.due(kind, request.method, request.path)

        if (order := due("status")) is not None:
            status = int(order.get("code", 500))
            code = {401: "UNAUTHORIZED", 403: "FORBIDDEN"}.get(status, "INTERNAL_SERVER_ERROR")
            return status, {}, error_body(code, "ordered by the test")
        if (order := due("html")) is not None:
            status = int(order.get("code", 200))
            return status, {"Content-Type": "text/html;charset=utf-8"}, REFUSAL if status == 401 else PAGE
        if (order := due("throttle")) is not None:
            code = str(order.get("code", "PER_SECOND_THRESHOLD"))
            return over(code, order.get("as") == "body", order.get("retry_after"))
        if (order := due("error")) is not None:
            return 400, {}, error_body(str(order.get("code", "401652")), "ordered by the test")
        if threshold:
            return over(threshold, world.limits.as_body, world.limits.retry_after)
        return world.services.answer(request)

    # --- answers that no server should send -----------------------------------------------------------------------

    def flood(self, chunked: bool) -> None:
        """Send a JSON object of ten gigabytes, with a length or in chunks, until the client disconnects."""
        how = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % GIGABYTES_10
        block = b'"' + b"x" * 65_533 + b'",'
        piece = b"%x\r\n%s\r\n" % (len(block), block) if chunked else block
        self.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + how + b"\r\n\r\n")
        for _ in range(GIGABYTES_10 // len(block)):
            self.connection.sendall(piece)

    def drip(self) -> None:
        """Send one byte every 20 ms, until the client disconnects."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
        self.connection.sendall(head)
        for _ in range(9000):
            self.connection.sendall(b" ")
            time.sleep(0.02)

    def hung_up(self, kind: str, request: Request) -> bool:
        """If this request gets this fault, close the connection without an answer and return True."""
        if self.server.world.faults.due(kind, request.method, request.path) is None:
            return False
        self.hang_up()
        return True

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def over(code: str, as_body: bool, retry_after: object) -> Answer:
    """Return the answer about a threshold, as status 429 or (as recorded) in the body of a 200."""
    wait = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    return (200 if as_body else 429), wait, error_body(code, THRESHOLDS.get(code, code))


class AlmaServer(ThreadingHTTPServer):
    """The listener; "down" closes it and "up" reopens it."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, world: World) -> None:
        self.world = world
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client's disconnection; print any other error to standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
