"""A stateful Alma for tests and the demo: items, holdings, bibs, scan-in, withdrawal, sets, order lines, receiving and
invoices, with Alma's pitfalls and limits, a log of effects, and faults on demand.

It is independent of the station and uses only the standard library. It follows the recorded answers of Temple and
Princeton and the vendor's WADL and item XSD (docs/reference/systems.md#alma-limits to #alma-scan-in), not the client.
If the sources leave a question open, the module states what was chosen.

    python -m station.emulators.library_systems.alma --items FILE --control SOCKET [--port 0] [--state FILE] [--world FILE]

FILE maps each barcode to a full item object. One JSON line {"base_url", "control"} is printed when it is ready. It ends
at the end of standard input, on SIGTERM, or on "quit". With --state the items are written to that file after each
change, and read from it at the start if it exists. --world: {"bibs": {mms_id: MARCXML}, "holdings": {id: MARCXML},
"departments": [...], "circ_desks": [...], "code_tables": {name: [codes]}, "keys": {key: ["bibs:read", "bibs:write",
"conf:read", "conf:write", "acq:read", "acq:write"]}, "work_order_types": {type: [statuses]}, "acq_departments": {library:
[codes]}, "po_lines": [...], "invoices": [...], "vendors": [...]}, all of them optional. Missing parts are made from the
items; without "keys" every key has all rights. Order lines, invoices and vendors have the form of Alma's JSON, and may
leave out fields. The copies of an order line are the items whose `po_line` is its number. They are read again from the
file at each start: only items are in the --state file.

Control: a Unix socket. Each line is a JSON object, answered by one line {"ok": true, ...} or {"ok": false, "error"}.

Faults with "n" strike the next n requests. "after": k lets k of them pass first. "method" ("PUT") and "path" (a regular
expression) select the requests that count. "n": 0 cancels an order.

    {"do": "down"} {"do": "up"}                     close the port with all connections; open the same port again
    {"do": "slow", "ms": 500}                       every answer is delayed (0 ends it)
    {"do": "status", "n": 1, "code": 500}           the next n requests get this status and have no effect
    {"do": "html", "n": 1, "code": 200}             ... a web page with this status, no effect: maintenance, or with 401
                                                    the page of an Alma that is not the API gateway
    {"do": "throttle", "n": 1, "as": "status", "retry_after": 2, "code": "DAILY_THRESHOLD"}
                                                    ... a threshold, as status 429 or (as "body") 200
    {"do": "error", "n": 1, "code": "401652"}       ... status 400 with this error code
    {"do": "flood", "n": 1, "chunked": false}       ... ten gigabytes, no effect
    {"do": "drip", "n": 1}                          ... single bytes with pauses, no effect
    {"do": "drop-before-effect", "n": 1}            the next n changes lose their connection and have no effect
    {"do": "drop-answer-after-effect", "n": 1}      the next n changes take effect, and lose their connection
    {"do": "status-after-effect", "n": 1, "code": 504}    ... take effect; a gateway answers with this status and a page
    {"do": "half", "n": 1}                          the next n answers end in the middle, after the effect
    {"do": "poison", "as": "entities"}              the next MARCXML is a bomb; "external", "utf16-declared", "utf16-encoded"
    {"do": "redirect-elsewhere", "url": "..."}      the barcode search redirects to this address ("" ends it) {"do":
    "limits", "per_second": 25, "per_day": 1000, "as": "status"}   real limits; "per_second": 0 removes that limit
    {"do": "xml", "n": 1}                           the next n answers about order lines and invoices are XML, whatever was
                                                    requested
    {"do": "update-fails", "n": 1}                  the next n receipts take effect without the changes of the body, and are
                                                    answered with 401878
    {"do": "hard-loans", "on": true}                no item on loan is deleted, not even with override
    {"do": "gone", "paths": ["/almaws/v1/conf/test"]}   tests of a key that this Alma does not have
    {"do": "tests-as", "as": "json"}                form of the answers to tests of a key; "xml" at the start
    {"do": "keys", "keys": {"KEY": ["bibs:read"]}}  rights of each key; null: every key has all rights
    {"do": "clock", "offset_s": 31536000}           the emulator's calendar is off by this number of seconds
    {"do": "time", "at": 12.5}                      its monotonic clock is stopped at this value (null: it runs)

Changes by others, and queries:

    {"do": "edit", "barcode": "...", "field": "policy", "value": ...}     another user edits a field of item_data now
    {"do": "edit-between", "when": "get-put", ...}  ... after the next item GET; with "put-get": after the next change;
                                                    "after": k lets k of them pass first
    {"do": "loan", "barcode": "..."}                the item is lent; "return" (to the hold shelf, if it is requested),
                                                    "lose" (a loan is lost, another item missing), "claim-returned",
                                                    "request", "cancel-request", "work-order"
    {"do": "suppress", "barcode": "..."}            its holding is suppressed from publishing
    {"do": "twin", "barcode": "...", "as": "list"}  a second item gets the same barcode; "error", "first": form of the
    answer {"do": "remove", "barcode": "..."}              another user deletes the item {"do": "reset", "items": {...},
    "world": {...}} start over: items, empty logs, no faults, no sets
    {"do": "edit-line", "number": "...", "changes": {"receiving_note": "..."}}   another user edits an order line
    {"do": "cancel-line", "number": "..."}          ... cancels it; "close-line" closes it
    {"do": "receive-by-hand", "pid": "..."}         another user receives the copy
    {"do": "line", "number": "..."}                 {"line"}: the order line with its copies
    {"do": "dump", "barcode": "..."} or {"do": "dump", "pid": "..."}      {"item", "holding"}
    {"do": "items"}                                 {"items": [...]}
    {"do": "sets"}                                  {"sets": {id: {..., "members": [pids]}}}
    {"do": "log"}                                   {"requests", "effects", "edits", "in_house_uses", "peak", "faults"}
    {"do": "quit"}

An effect is {"seq", "kind", "pid", "barcode", "changed": ["item_data.policy"], "before": {...}, "after": {...}}; kinds:
item-put, scan-in, receive, item-create (the receipt of a new item), withdraw (with holdings,
bib, and `overridden`: "loan", "request", "work order"), holding-create, holding-delete, holding-suppress, bib-delete,
bib-suppress, set-create, set-add, set-remove. Receipts also have po_line, department, department_library, at_random
(Alma chose the department), params, and sent_barcode (of the body). Kinds of edits: edit, remove, and the words of
circulation above. `edits` has the same form and shares the counter seq,
so that both can be put into one order.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import os
import re
import socket
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any

from station.emulators.library_systems.alma_faults import COUNTED
from station.emulators.library_systems.alma_handler import AlmaServer, World
from station.emulators.library_systems.alma_institution import Institution, Refused
from station.emulators.library_systems.process import say_and_wait

Json = dict[str, Any]

CIRCULATION = ("loan", "return", "lose", "claim-returned", "request", "cancel-request", "work-order")


class Emulator:
    """The listener, which can be closed and reopened, and the control socket."""

    def __init__(self, world: World, port: int, control: Path) -> None:
        self.world = world
        self.house = world.house
        self.server: AlmaServer | None = AlmaServer(port, world)
        self.port = int(self.server.server_address[1])
        self.base_url = world.base_url = self.server.base_url
        world.services.at(self.base_url)
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
            self.server = AlmaServer(self.port, self.world)
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
        """Carry out one control line."""
        try:
            order = json.loads(line)
            return {"ok": True, **self.act(str(order["do"]), order)}
        except Refused as error:
            return {"ok": False, "error": str(error)}
        except (ValueError, KeyError, TypeError, re.error) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def act(self, what: str, order: Json) -> Json:
        if what == "up":
            self.up()
        elif what == "down":
            self.down()
        elif what == "quit":
            self.ended.set()
        else:
            with self.world.lock:
                shown = self.look(what, order)
                if shown is None and not self.arm(what, order) and not self.happen(what, order):
                    raise ValueError(f"unknown order {what!r}")
                return shown or {}
        return {}

    def look(self, what: str, order: Json) -> Json | None:
        """Return the answer to an order that only queries; None if it is another order."""
        house = self.house
        if what == "dump":
            item = house.by_pid(order["pid"]) if "pid" in order else house.by_barcode(str(order["barcode"]))
            return {"item": item, "holding": house.holding_of(item)}
        if what == "items":
            return {"items": house.items}
        if what == "line":
            orders = self.world.services.orders
            return {"line": orders.shown(orders.line(str(order["number"])))}
        if what == "sets":
            sets = self.world.services.sets
            return {"sets": {number: {**made, "members": sets.members[number]} for number, made in sets.sets.items()}}
        if what == "log":
            return {
                "requests": house.requests, "effects": house.effects, "edits": house.edits,
                "in_house_uses": house.in_house_uses, "peak": self.world.limits.peak,
                "faults": self.world.faults.waiting(),
            }  # fmt: skip
        return None

    def arm(self, what: str, order: Json) -> bool:
        """Carry out an order about faults, limits or settings. Return False if it is another order."""
        world = self.world
        if what in COUNTED:
            world.faults.order(order)
        elif what == "slow":
            world.slow_ms = int(order["ms"])
        elif what == "poison":
            world.services.poison = str(order["as"])
        elif what == "redirect-elsewhere":
            world.services.elsewhere = str(order["url"])
        elif what == "tests-as":
            world.services.tests_as = str(order["as"])
        elif what == "xml":
            world.services.xml_answers = int(order.get("n", 1))
        elif what == "hard-loans":
            world.services.departures.hard_loans = bool(order["on"])
        elif what == "update-fails":
            world.services.orders.failing_updates = int(order.get("n", 1))
        elif what == "gone":
            world.services.gone = list(order["paths"])
        elif what == "limits":
            world.limits.order(order)
        elif what == "keys":
            world.services.keys = order["keys"]
        elif what == "clock":
            self.house.clock_offset_s = float(order["offset_s"])
        elif what == "time":
            self.house.virtual = None if order["at"] is None else float(order["at"])
        else:
            return False
        return True

    def happen(self, what: str, order: Json) -> bool:
        """Carry out an order that changes the institution. Return False if it is another order."""
        house, world = self.house, self.world
        if what == "edit":
            house.edit(order)
        elif what == "edit-between":
            house.by_barcode(str(order["barcode"]))
            world.pending_edits.append(order)
        elif what in CIRCULATION:
            world.services.departures.circulate(what, str(order["barcode"]))
        elif what == "suppress":
            item = house.by_barcode(str(order["barcode"]))
            house.holding_of(item)["suppress_from_publishing"] = "true"
            house.edit({**order, "part": "holding_data", "field": "holding_suppress_from_publishing", "value": "true"})
        elif what == "twin":
            twin = copy.deepcopy(house.by_barcode(str(order["barcode"])))
            twin["item_data"]["pid"] = str(max(int(item["item_data"]["pid"]) for item in house.items) + 1)
            house.enter(twin)
            world.services.twins_as = str(order.get("as", "list"))
        elif what == "edit-line":
            world.services.orders.edit(str(order["number"]), dict(order["changes"]))
        elif what in ("cancel-line", "close-line"):
            status = {"cancel-line": "CANCELLED", "close-line": "CLOSED"}[what]
            world.services.orders.edit(str(order["number"]), {"status": {"value": status, "desc": status.capitalize()}})
        elif what == "receive-by-hand":
            world.services.orders.receive_by_hand(str(order["pid"]))
        elif what == "remove":
            world.services.departures.remove(house.by_barcode(str(order["barcode"])))
        elif what == "reset":
            house.reset(order["items"], order.get("world", {}))
            world.fresh()
        else:
            return False
        return True


def main(arguments: list[str] | None = None) -> int:
    """Serve until asked to end."""
    parser = argparse.ArgumentParser(
        prog="python -m station.emulators.library_systems.alma", description="A stateful Alma."
    )
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--world", type=Path)
    options = parser.parse_args(arguments)
    source = options.state if options.state is not None and options.state.exists() else options.items
    given = json.loads(options.world.read_text(encoding="utf-8")) if options.world is not None else {}
    world = World(Institution(json.loads(source.read_text(encoding="utf-8")), options.state, given))
    emulator = Emulator(world, options.port, options.control)
    world.services.keys = given.get("keys")
    emulator.start()
    say_and_wait({"base_url": emulator.base_url, "control": str(options.control)}, emulator.ended)
    emulator.down()
    options.control.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
