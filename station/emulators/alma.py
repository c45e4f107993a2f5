"""A small stateful Alma for tests and the demo: items by barcode, whole-object PUT with Alma's traps, faults on demand.

A stranger to the station: standard library only. What it does follows the recorded answers of Temple and Princeton and
the vendor's WADL (library systems reference, sections 1.2 to 1.5), not the client.

    python -m station.emulators.alma --items FILE --control SOCKET [--port 0] [--state FILE]

FILE maps barcode to full item object. One JSON line {"base_url", "control"} is printed when it serves; it ends at the
end of standard input, on SIGTERM, or on "quit". With --state the items are written there after each PUT and edit, and
are taken from there at the start if the file exists.

Control: a Unix socket, one JSON object a line, each answered by one line {"ok": true, ...} or {"ok": false, "error"}:

    {"do": "down"} {"do": "up"}                     close the port with all connections; open the same port again
    {"do": "slow", "ms": 500}                       every answer waits (0 ends it)
    {"do": "status", "n": 1, "code": 500}           the next n requests get this status and have no effect
    {"do": "html", "n": 1}                          ... a maintenance page with status 200, no effect
    {"do": "throttle", "n": 1, "as": "status", "retry_after": 2}     ... the threshold, as status 429 or (as "body") 200
    {"do": "error", "n": 1, "code": "401652"}       ... status 400 with this error code
    {"do": "drop-before-effect", "n": 1}            the next n PUTs lose their connection before anything happened
    {"do": "drop-answer-after-effect", "n": 1}      the next n PUTs happen, and lose their connection instead of an answer
    {"do": "half", "n": 1}                          the next n answers end in the middle, after the effect
    {"do": "redirect-elsewhere", "url": "..."}      the barcode search leads there ("" ends it)
    {"do": "edit", "barcode": "...", "field": "policy", "value": ...}     somebody edits a field of item_data now
    {"do": "edit-between", "when": "get-put", ...}  ... after the next item GET; with "put-get": after the next PUT
    {"do": "dump", "barcode": "..."}  {"do": "log"}  {"do": "quit"}
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from station.emulators.alma_institution import Institution, Json, Refused, error_body

ITEM_PATH = re.compile(r"/almaws/v1/bibs/([0-9]+)/holdings/([0-9]+|ALL)/items/([0-9]+)")
PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: AlmaServer

    def do_GET(self) -> None:
        self.serve("GET")

    def do_PUT(self) -> None:
        self.serve("PUT")

    def log_message(self, format: str, *args: object) -> None:
        """The log is kept by the institution and shown on request."""

    def serve(self, method: str) -> None:
        house = self.server.house
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if house.slow_ms:
            time.sleep(house.slow_ms / 1000)
        with house.lock:
            url = urlsplit(self.path)
            entry: Json = {"method": method, "path": url.path, "status": 0}
            query = parse_qs(url.query)
            if "item_barcode" in query:
                entry["item_barcode"] = query["item_barcode"][0]
            if "apikey" in query:
                entry["key_in_address"] = True
            house.requests.append(entry)
            house.remaining -= 1
            if method == "PUT" and house.due("drop-before-effect"):
                self.hang_up()
                return
            status, headers, answer = self.decide(house, method, url.path, query, body)
            entry["status"] = status
            if method == "PUT" and status == 200:
                house.edit_pending("put-get")
                if house.due("drop-answer-after-effect"):
                    entry["status"] = 0
                    self.hang_up()
                    return
            elif method == "GET" and status == 200:
                house.edit_pending("get-put")
            half = house.due("half")
            remaining = house.remaining
        self.send_response(status)
        for name, value in {"Content-Type": "application/json;charset=UTF-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("X-Exl-Api-Remaining", str(remaining))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer[: len(answer) // 2] if half else answer)
        if half:
            self.hang_up()

    def decide(
        self, house: Institution, method: str, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; faults that were ordered come before the key and the item."""
        if house.due("status"):
            code = int(house.options["status"].get("code", 500))
            return code, {}, error_body("INTERNAL_SERVER_ERROR", "ordered by the test")
        if house.due("html"):
            return 200, {"Content-Type": "text/html"}, PAGE
        if house.due("throttle"):
            order = house.options["throttle"]
            wait = {"Retry-After": str(order["retry_after"])} if "retry_after" in order else {}
            threshold = error_body("PER_SECOND_THRESHOLD", "HTTP requests are more than allowed per second")
            return (200 if order.get("as") == "body" else 429), wait, threshold
        if house.due("error"):
            return 400, {}, error_body(str(house.options["error"].get("code", "401652")), "ordered by the test")
        if not re.fullmatch(r"apikey \S+", self.headers.get("Authorization") or ""):
            return 401, {}, error_body("UNAUTHORIZED", "API-key not defined or not configured to allow this API.")
        try:
            return self.item_service(house, method, path, query, body)
        except Refused as refused:
            return refused.status, {}, refused.body

    def item_service(
        self, house: Institution, method: str, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if path == "/almaws/v1/items" and method == "GET":
            item = house.by_barcode(query.get("item_barcode", [""])[0])
            where = house.elsewhere or self.server.base_url + address(item)
            return 302, {"Location": where}, b""
        match = ITEM_PATH.fullmatch(path)
        if match is None:
            return 404, {"Content-Type": "text/html"}, b"<html><body>Not found</body></html>"
        item = house.by_path(*match.groups())
        if method == "PUT":
            if not (self.headers.get("Content-Type") or "").startswith("application/json"):
                return 415, {}, error_body("40166411", "Unsupported media type.")
            try:
                sent = json.loads(body)
            except ValueError:
                raise Refused(400, "40166411", "Malformed JSON.") from None
            house.put(item, sent)
        return 200, {}, json.dumps(item).encode()

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def address(item: Json) -> str:
    mms, holding = item["bib_data"]["mms_id"], item["holding_data"]["holding_id"]
    return f"/almaws/v1/bibs/{mms}/holdings/{holding}/items/{item['item_data']['pid']}"


class AlmaServer(ThreadingHTTPServer):
    """The listener; closed and opened again by "down" and "up"."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, house: Institution) -> None:
        self.house = house
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
        """A client that hangs up is no news; anything else goes to standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Emulator:
    """The listener with its switch, and the control socket."""

    def __init__(self, house: Institution, port: int, control: Path) -> None:
        self.house = house
        self.server: AlmaServer | None = AlmaServer(port, house)
        self.port = int(self.server.server_address[1])
        self.base_url = self.server.base_url
        self.ended = threading.Event()
        emulator = self

        class Control(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    self.wfile.write(json.dumps(emulator.obey(line)).encode() + b"\n")
                    self.wfile.flush()

        class ControlServer(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            block_on_close = False

        with contextlib.suppress(FileNotFoundError):
            control.unlink()
        before = os.umask(0o077)
        try:
            self.control = ControlServer(str(control), Control)
        finally:
            os.umask(before)

    def start(self) -> None:
        self.listen()
        threading.Thread(target=self.control.serve_forever, args=(0.05,), daemon=True).start()

    def listen(self) -> None:
        server = self.server
        if server is not None:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def up(self) -> None:
        if self.server is None:
            self.server = AlmaServer(self.port, self.house)
            self.listen()

    def down(self) -> None:
        server, self.server = self.server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        for connection in list(server.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def obey(self, line: bytes) -> Json:
        """One control line."""
        try:
            order = json.loads(line)
            return {"ok": True, **self.act(str(order["do"]), order)}
        except Refused as error:
            return {"ok": False, "error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def act(self, what: str, order: Json) -> Json:
        house = self.house
        if what == "up":
            self.up()
        elif what == "down":
            self.down()
        elif what == "quit":
            self.ended.set()
        else:
            with house.lock:
                return self.act_on(house, what, order)
        return {}

    def act_on(self, house: Institution, what: str, order: Json) -> Json:
        counted = {"status", "html", "throttle", "error", "drop-before-effect", "drop-answer-after-effect", "half"}
        if what in counted:
            house.counters[what] = int(order.get("n", 1))
            house.options[what] = order
        elif what == "slow":
            house.slow_ms = int(order["ms"])
        elif what == "redirect-elsewhere":
            house.elsewhere = str(order["url"])
        elif what == "edit":
            house.edit(order)
        elif what == "edit-between":
            house.by_barcode(str(order["barcode"]))
            house.pending_edits.append(order)
        elif what == "dump":
            return {"item": house.by_barcode(str(order["barcode"]))}
        elif what == "log":
            return {"requests": house.requests, "effects": house.effects}
        else:
            raise ValueError(f"unknown order {what!r}")
        return {}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="python -m station.emulators.alma", description="A small stateful Alma.")
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    options = parser.parse_args(arguments)
    source = options.state if options.state is not None and options.state.exists() else options.items
    house = Institution(json.loads(source.read_text(encoding="utf-8")), options.state)
    emulator = Emulator(house, options.port, options.control)
    signal.signal(signal.SIGTERM, lambda *_: emulator.ended.set())
    emulator.start()
    sys.stdout.write(json.dumps({"base_url": emulator.base_url, "control": str(options.control)}) + "\n")
    sys.stdout.flush()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        emulator.ended.set()

    threading.Thread(target=watch, daemon=True).start()
    emulator.ended.wait()
    emulator.down()
    options.control.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
