"""A small Voyager: its read-only REST service of items, for tests. Its SIP2 service is the emulator `sip2`.

Independent of the station; uses only the standard library. The bytes follow the sources of sync/sip2/voyager.py (the
vendor's page "Record Items" for address and parameters, two public clients for elements and names).

    python -m station.emulators.library_systems.voyager --records FILE --control SOCKET [--port 0]

FILE maps each bib number to a list of items; an item maps the name of an `itemData` to its text or to [code, text]. One
JSON line {"base_url", "control"} is printed when it is ready. It ends at the end of standard input, on SIGTERM, or on
"quit". The only request is GET {base_url}/vxws/record/{bib}/items?view=full. A request with another method is refused
with 405 and logged as "write": a client of a read-only service must never cause one.

Control: a Unix socket. Each line is a JSON object, answered by one line {"ok": true, ...} or {"ok": false, "error"}:

    {"do": "next", "what": "...", "n": 1}   the next n requests get: status (500) | html | half | flood | bomb (XML
                                            entities) | utf-16 (an encoding that the bytes do not have) | nested |
                                            elsewhere (redirect to another host) | close
    {"do": "calm"}  {"do": "down"}  {"do": "up"}  {"do": "log"}  {"do": "quit"}
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from station.emulators.library_systems.process import ControlledServer

Json = dict[str, Any]

ADDRESS = re.compile(r"/vxws/record/([0-9]+)/items\?view=full")
GIGABYTES_10 = 10_000_000_000
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
    b"<response><reply-code>0</reply-code><x>&d;</x></response>"
)


class House:
    """Records, planned faults, and the log of requests."""

    def __init__(self, records: dict[str, list[Json]]) -> None:
        self.records = records
        self.planned: list[str] = []
        self.asked: list[Json] = []
        self.lock = threading.RLock()


def body_of(records: dict[str, list[Json]], bib: str) -> bytes:
    """Return the service's answer about a record."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    items = records.get(bib)
    if items is None:
        said = "<reply-text>Failed to retrieve record</reply-text><reply-code>22</reply-code>"
        return f"{head}<response>{said}</response>".encode()
    rows = "".join(
        f"<item href={quoteattr(f'/vxws/record/{bib}/items/{n}')}>{data(item)}</item>" for n, item in enumerate(items)
    )
    inner = f'<institution id="LOCAL">{rows}</institution>'
    return f"{head}<response><reply-text>ok</reply-text><reply-code>0</reply-code><items>{inner}</items></response>".encode()


def data(item: Json) -> str:
    """Return the `itemData` elements of an item."""
    said = ""
    for name, value in item.items():
        code, text = value if isinstance(value, list) else ("", value)
        code = f" code={quoteattr(code)}" if code else ""
        said += f"<itemData name={quoteattr(name)}{code}>{escape(text)}</itemData>"
    return said


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        house = self.server.house
        with house.lock:
            house.asked.append({"method": "GET", "path": self.path})
            what = house.planned.pop(0) if house.planned else ""
            found = ADDRESS.fullmatch(self.path)
            body = body_of(house.records, found.group(1)) if found is not None else b"<html>not here</html>"
        if what == "status" or found is None:
            self.say(500 if what == "status" else 404, b"<html>Tomcat is sad</html>", "text/html")
        elif what == "html":
            self.say(200, b"<!DOCTYPE html><html><title>Maintenance</title></html>", "text/html")
        elif what == "bomb":
            self.say(200, BOMB)
        elif what == "utf-16":
            self.say(200, body.replace(b"UTF-8", b"UTF-16"))
        elif what == "nested":
            self.say(200, b"<a>" * 100_000)
        elif what == "elsewhere":
            self.say(302, b"", more={"Location": f"http://elsewhere.example{self.path}"})
        elif what == "half":
            self.say(200, body, cut=True)
        elif what == "flood":
            self.flood()
        elif what == "close":
            self.hang_up()
        else:
            self.say(200, body)

    def refuse(self) -> None:
        """Refuse a write: the service is read-only."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.house.lock:
            self.server.house.asked.append({"method": "write", "path": self.path})
        self.say(405, b"")

    do_PUT = do_POST = do_DELETE = refuse

    def log_message(self, format: str, *args: object) -> None:
        """Do nothing: the log is in `House.asked`."""

    def say(
        self,
        status: int,
        body: bytes,
        kind: str = "text/xml;charset=UTF-8",
        *,
        more: Json | None = None,
        cut: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.hang_up()

    def flood(self) -> None:
        """Send ten gigabytes, until the client disconnects."""
        block = b"<x>" + b" " * 65_533
        with contextlib.suppress(OSError):
            self.connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % GIGABYTES_10
            )
            for _ in range(GIGABYTES_10 // len(block)):
                self.connection.sendall(block)
        self.close_connection = True

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Server(ThreadingHTTPServer):
    """The listener; "down" closes it and "up" reopens it."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, house: House) -> None:
        self.house = house
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client's disconnection; print any other error to standard error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Emulator(ControlledServer):
    """The service and its control socket."""

    def __init__(self, house: House, port: int, control: Path) -> None:
        self.house = house
        super().__init__(port, control)

    def serve(self, port: int) -> Server:
        return Server(port, self.house)

    def act(self, what: str, order: Json) -> Json:
        with self.house.lock:
            if what == "next":
                self.house.planned.extend([str(order["what"])] * int(order.get("n", 1)))
            elif what == "calm":
                self.house.planned = []
            elif what == "log":
                return {"log": list(self.house.asked)}
            else:
                raise ValueError(f"no word {what}")
        return {}


def main(arguments: list[str] | None = None) -> int:
    """Serve until asked to end."""
    parser = argparse.ArgumentParser(
        prog="python -m station.emulators.library_systems.voyager", description="Voyager's item service."
    )
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    house = House(json.loads(options.records.read_text(encoding="utf-8")))
    emulator = Emulator(house, options.port, options.control)
    return emulator.run_until_quit(
        {"base_url": f"http://127.0.0.1:{emulator.port}/vxws", "control": str(options.control)}
    )


if __name__ == "__main__":
    sys.exit(main())
