"""A small stateful SIP2 server for tests and the demo, with the misbehavior of four real servers on demand.

Independent of the station; uses only the standard library. The default behavior follows Evergreen's SIPServer. Each
misbehavior is a row of the table in docs/reference/systems.md#sip2-servers, or an entry of
docs/reference/systems.md#sip2-reports.

    python -m station.emulators.library_systems.sip2 --items FILE --control SOCKET [--port 0] [--password TEXT]
    [--certificate PEM]

FILE maps each barcode to {"title", "status", "location", "permanent", "call_number", "media", "properties", "queue"}, all
optional. One JSON line {"port", "control"} is printed when it is ready. It ends at the end of standard input, on
SIGTERM, or on "quit". With --certificate (key and certificate in one file) it uses TLS.

Control: a Unix socket. Each line is a JSON object, answered by one line {"ok": true, ...} or {"ok": false, "error"}:

    {"do": "set", "name": "...", "value": ...}   a permanent switch, see SWITCHES
    {"do": "next", "what": "...", "n": 1}        the next n messages other than 93 and 99 get: silence | late |
                                                 close-before | close-after | resend (96) | wrong-checksum | garbage |
                                                 other-item | no-item | empty-item | two-items | other-message |
                                                 no-cr | half | huge | stale-first;
                                                 with "only": "09" it waits for such a message
    {"do": "calm"}                               restore the default switches, cancel everything planned
    {"do": "reset", "items": {...}}              the same, with these items and no effects
    {"do": "edit", "barcode": "...", "field": "status", "value": "03"}     another user changes an item
    {"do": "remove", "barcode": "..."}  {"do": "down"}  {"do": "up"}
    {"do": "log"}          effects: actual changes, in order           {"do": "wire"}   every line received, as hex
    {"do": "dump"}         all items                                    {"do": "quit"}
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import socketserver
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

from station.emulators.library_systems.process import ControlledServer

Json = dict[str, Any]

SWITCHES: Json = {
    "charset": "utf-8",  # also "cp850", "latin-1", "ascii" (accents dropped)
    "trailer": "as-asked",  # "never" (SIP2Mediator), "az-alone" (invenio-sip2, if the request had none)
    "sum": "bytes",  # "code-points" (php-sip2#8)
    "check": True,  # False: a wrong checksum is answered normally (invenio-sip2, SIP2Mediator)
    "prefix": "",  # hex sent before each answer: "0a" (LF), "00" (NUL)
    "end": "0d",  # hex sent after each answer: "0d0a" (CR LF)
    "pieces": 0,  # bytes per send; 0 = all at once
    "strip-last-delimiter": False,  # SIPServer's input cleaner
    "bx": "NNYNYYYNNNYNNNNN",
    "online": "Y",
    "timeout": "010",
    "retries": "003",
    "unsupported": "answer",  # "close" (SIP2Mediator), "none" (invenio-sip2: the text None, no CR)
    "unknown-item": "answer",  # "none" (invenio-sip2)
    "checkin-ok": "1",
    "refused-but-done": False,  # with checkin-ok "0": the item is checked in all the same (Koha, item not on loan)
    "properties-ok": "1",
    "store-properties": True,  # False: 19 is answered with 20 and changes nothing (Evergreen)
    "checkin-status": "03",
    "replay": True,  # repeat the old answer for the same sequence number and checksum (pysip2, edge-sip2)
    "late-s": 0.7,
}
ITEM_NAMED = {
    "other-item": "AB39999999999999|",
    "no-item": "",
    "empty-item": "AB|",
    "two-items": "AB{}|AB39999999999999|",
}
"""Field AB of an answer, by planned misbehavior."""
WIDTHS = {"93": 2, "99": 8, "17": 18, "19": 18, "09": 37, "97": 0}
TRAILER = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-F]{4})$")


class House:
    """Items, switches and logs; one lock for all connections."""

    def __init__(self, items: dict[str, Json], password: str) -> None:
        self.items = items
        self.password = password
        self.switches = dict(SWITCHES)
        self.planned: list[tuple[str, str]] = []
        """Planned misbehavior: (what, code of the message that it strikes; "" = any)."""
        self.effects: list[Json] = []
        self.received: list[str] = []
        self.lock = threading.RLock()

    def plan(self, code: str) -> str:
        """Return the misbehavior planned for this message, and remove it from the list; "" for none."""
        for place, (what, only) in enumerate(self.planned):
            if code not in ("93", "99") and only in ("", code):
                del self.planned[place]
                return what
        return ""

    def effect(self, what: str, barcode: str, **more: object) -> None:
        self.effects.append({"what": what, "barcode": barcode, **more})


class Handler(socketserver.BaseRequestHandler):
    """One connection: login state, the last answer, and line by line processing."""

    server: Server

    def setup(self) -> None:
        self.house = self.server.house
        self.logged_in = not self.house.password
        self.last: bytes = b""
        self.last_key: tuple[bytes, bytes] | None = None
        self.out: list[bytes] = []
        self.wait = 0.0

    def handle(self) -> None:
        buffer = b""
        with contextlib.suppress(OSError):
            while True:
                data = self.request.recv(4096)
                if not data:
                    return
                buffer += data
                while b"\r" in buffer:
                    line, _, buffer = buffer.partition(b"\r")
                    line = line.lstrip(b"\n\0")
                    if line and not self.flush(self.serve(line)):
                        return

    def serve(self, line: bytes) -> bool:
        """Answer one line. Return False to end the connection."""
        house = self.house
        with house.lock:
            house.received.append(line.hex())
            code = line[:2].decode("latin-1")
            match = TRAILER.search(line)
            sequence = match[1] if match else None
            if match and house.switches["check"] and (sum(line[:-4]) + int(match[2], 16)) & 0xFFFF:
                return self.send(b"96", b"", None, control=True)
            if code == "97":
                return self.raw(self.last) if self.last else True
            key = (sequence or b"", match[2]) if match else None
            if key is not None and key == self.last_key and house.switches["replay"]:
                return self.raw(self.last)
            self.last_key = key
            plan = house.plan(code)
            if plan in ("resend", "silence", "close-before", "garbage"):
                self.last_key = None
            if plan == "resend":
                return self.send(b"96", b"", None, control=True)
            if plan == "silence":
                return True
            if plan == "close-before":
                return False
            if plan == "garbage":
                return self.raw(b"\xff\xfeHTTP/1.1 400 Bad Request\r")
            body = line[: match.start()] if match else line
            return self.answer(code, body, sequence, plan)

    def answer(self, code: str, body: bytes, sequence: bytes | None, plan: str) -> bool:
        house, switches = self.house, self.house.switches
        width = WIDTHS.get(code)
        if width is None or (code != "93" and not self.logged_in):
            return self.refuse()
        fields: dict[str, str] = {}
        for piece in body[2 + width :].split(b"|"):
            fields[piece[:2].decode("latin-1")] = piece[2:].decode(
                str(switches["charset"]).replace("ascii", "utf-8"), "replace"
            )
        now = time.strftime("%Y%m%d    %H%M%S")
        barcode = fields.get("AB", "")
        item = house.items.get(barcode)
        if code == "93":
            self.logged_in = fields.get("CO", "") == house.password or not house.password
            reply, rest = f"94{int(self.logged_in)}", ""
        elif code == "99":
            reply = f"98{switches['online']}YNNNN{switches['timeout']}{switches['retries']}{now}2.00"
            rest = f"AOMAIN|AMMain Library|BX{switches['bx']}|"
        elif code == "17":
            if item is None and switches["unknown-item"] == "none":
                return self.raw(b"None")
            reply, rest = self.information(barcode, item, now)
        elif code == "09":
            reply, rest = self.checkin(barcode, item, now)
        else:
            if str(switches["bx"])[11] != "Y":
                return self.refuse()
            ok = switches["properties-ok"] if item is not None else "0"
            if item is not None and ok == "1" and switches["store-properties"]:
                item["properties"] = fields.get("CH", "")
                house.effect("properties", barcode, value=item["properties"])
            reply, rest = f"20{ok}{now}", f"AB{barcode}|AJ{(item or {}).get('title', '')}|"
        if plan == "close-after":
            return False
        rest = rest.replace(f"AB{barcode}|", ITEM_NAMED.get(plan, "AB{}|").format(barcode))
        if plan == "other-message":
            reply, rest = f"94{1}", ""
        return self.send(reply.encode(), self.text(rest), sequence, plan=plan)

    def information(self, barcode: str, item: Json | None, now: str) -> tuple[str, str]:
        if item is None:
            return f"18010101{now}", f"AB{barcode}|AJ|"
        rest = (
            f"AB{barcode}|AJ{item.get('title', '')}|AQ{item.get('permanent', 'MAIN')}|AP{item.get('location', 'MAIN')}|"
        )
        rest += f"CK{item.get('media', '001')}|CH{item.get('properties', '')}|"
        rest += f"CF{item['queue']}|" if "queue" in item else ""
        if "call_number" in item:
            rest += f"CS{item['call_number']}|"
        rest += str(item.get("extra", ""))
        return f"18{item.get('status', '06')}0101{now}", rest

    def checkin(self, barcode: str, item: Json | None, now: str) -> tuple[str, str]:
        switches = self.house.switches
        refused = f"100NUN{now}", f"AOMAIN|AB{barcode}|AQ|AFItem not checked in|"
        if item is None or (switches["checkin-ok"] != "1" and not switches["refused-but-done"]):
            return refused
        before = item.get("status", "06")
        item["status"] = switches["checkin-status"]
        self.house.effect("checkin", barcode, before=before, after=item["status"])
        if switches["checkin-ok"] != "1":
            return refused
        return f"101YUN{now}", f"AOMAIN|AB{barcode}|AQ{item.get('permanent', 'MAIN')}|AJ{item.get('title', '')}|"

    def refuse(self) -> bool:
        if self.house.switches["unsupported"] == "none":
            return self.raw(b"None")
        return False

    def text(self, rest: str) -> bytes:
        charset = str(self.house.switches["charset"])
        return rest.encode(charset, "ignore" if charset == "ascii" else "replace")

    def send(self, head: bytes, rest: bytes, sequence: bytes | None, *, plan: str = "", control: bool = False) -> bool:
        switches = self.house.switches
        if switches["strip-last-delimiter"] and rest.endswith(b"|") and sequence is None:
            rest = rest[:-1]
        data = head + rest
        if control:
            data = self.sealed(data + b"AZ")
        elif switches["trailer"] == "never":
            pass
        elif sequence is not None:
            data = self.sealed(data + b"AY" + sequence + b"AZ", wrong=plan == "wrong-checksum")
        elif switches["trailer"] == "az-alone":
            data += b"AZ"
        end = bytes.fromhex(str(switches["end"]))
        whole = bytes.fromhex(str(switches["prefix"])) + data + end
        self.last = whole if plan != "wrong-checksum" else self.sealed(data[:-4]) + end
        if plan == "no-cr":
            whole = whole.rstrip(b"\r\n")
        elif plan == "half":
            whole = whole[: len(whole) // 2]
        elif plan == "huge":
            whole = data + b"X" * 200_000
        elif plan == "late":
            self.wait = float(switches["late-s"])
        elif plan == "stale-first" and sequence is not None:
            old = (int(sequence) + 7) % 10
            whole = self.sealed(data[: -len(b"AYnAZhhhh")] + b"AY%dAZ" % old) + end + whole
        return self.raw(whole) and plan != "half"

    def sealed(self, prefix: bytes, wrong: bool = False) -> bytes:
        switches = self.house.switches
        total = sum(prefix)
        if switches["sum"] == "code-points":
            total = sum(ord(char) for char in prefix.decode(str(switches["charset"]), "replace"))
        return prefix + b"%04X" % ((-total + (0x1111 if wrong else 0)) & 0xFFFF)

    def raw(self, data: bytes) -> bool:
        self.out.append(data)
        return True

    def flush(self, go_on: bool) -> bool:
        """Send the answer outside the lock, because a slow answer must not delay other connections."""
        if self.wait:
            time.sleep(self.wait)
        for data in self.out:
            size = int(self.house.switches["pieces"]) or len(data) or 1
            for start in range(0, len(data), size):
                self.request.sendall(data[start : start + size])
                if size < len(data):
                    time.sleep(0.0005)
        self.out.clear()
        self.wait = 0.0
        return go_on


class Server(socketserver.ThreadingTCPServer):
    """The port."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, house: House, port: int, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.house = house
        self.context: ssl.SSLContext | None = None
        self.open: set[socket.socket] = set()
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        self.open.add(request)
        return request, address

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that disconnects or rejects the certificate."""


class Emulator(ControlledServer):
    """The SIP2 server and its control socket."""

    def __init__(self, house: House, port: int, control: Path, certificate: Path | None) -> None:
        self.house = house
        self.certificate = certificate
        super().__init__(port, control)

    def serve(self, port: int) -> Server:
        return Server(self.house, port, self.certificate)

    def act(self, what: str, order: Json) -> Json:
        house = self.house
        with house.lock:
            if what == "set":
                if order["name"] not in house.switches:
                    raise ValueError(f"no switch {order['name']}")
                house.switches[order["name"]] = order["value"]
            elif what == "next":
                house.planned.extend([(order["what"], order.get("only", ""))] * int(order.get("n", 1)))
            elif what == "calm":
                house.switches, house.planned = dict(SWITCHES), []
            elif what == "reset":
                house.items, house.switches = order["items"], dict(SWITCHES)
                house.planned, house.effects, house.received = [], [], []
            elif what == "edit":
                house.items.setdefault(order["barcode"], {})[order["field"]] = order["value"]
            elif what == "remove":
                house.items.pop(order["barcode"], None)
            elif what == "log":
                return {"log": list(house.effects)}
            elif what == "wire":
                return {"wire": list(house.received)}
            elif what == "dump":
                return {"items": house.items}
            else:
                raise ValueError(f"no word {what}")
        return {}


def main(arguments: list[str] | None = None) -> int:
    """Serve until asked to end."""
    parser = argparse.ArgumentParser(
        prog="python -m station.emulators.library_systems.sip2", description="A small stateful SIP2 server."
    )
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--password", default="")
    parser.add_argument("--certificate", type=Path)
    options = parser.parse_args(arguments)
    house = House(json.loads(options.items.read_text(encoding="utf-8")), options.password)
    emulator = Emulator(house, options.port, options.control, options.certificate)
    return emulator.run_until_quit({"port": emulator.port, "control": str(options.control)})


if __name__ == "__main__":
    sys.exit(main())
