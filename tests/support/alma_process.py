"""One process of the emulated Alma for many tests, reset for each of them, and a client on a manual clock."""

from __future__ import annotations

import copy
import json
import socket
from pathlib import Path
from typing import Any

from station.base.credentials import Secret
from station.sync.alma.client import AlmaClient
from tests.conftest import FakeClock
from tests.support import forked
from tests.support.patience import PATIENCE_S

CANARY = "l8xxCANARYKEYdoNotShow"
PUL = "32101108168939"
TUL = "39074000218412"
NOTE = "internal_note_3"


def genuine(shared: Path) -> dict[str, Any]:
    """Return recorded items by barcode: Princeton's one and Temple's two. Read from ../shared, never copied here."""
    source = shared / "data" / "alma"
    items = json.loads((source / "tul_bib_items.json").read_text())["item"]
    items.append(json.loads((source / "tul_item_from_barcode.json").read_text()))
    return {item["item_data"]["barcode"]: item for item in items}


def fictitious(barcode: str = "1", pid: int = 23, **item_data: Any) -> dict[str, Any]:
    """Return an invented item."""
    return {
        "bib_data": {"mms_id": "99", "title": "Fictitious", "author": "Nobody, N."},
        "holding_data": {
            "holding_id": "22", "copy_id": "1", "in_temp_location": False, "call_number": "QA 76 .N6 2020",
            "call_number_type": {"value": "0", "desc": None},
        },
        "item_data": {
            "pid": str(pid), "barcode": barcode, "library": {"value": "MAIN", "desc": "Main"},
            "location": {"value": "stacks", "desc": "Stacks"}, "policy": {"value": "A", "desc": None},
            "process_type": {"value": "", "desc": None}, "base_status": {"value": "1", "desc": None},
            "internal_note_3": "", "public_note": "", "modification_date": "2020-01-01Z", **item_data,
        },
        "link": "x",
    }  # fmt: skip


class AlmaProcess:
    """The emulator and its control socket."""

    def __init__(self, folder: Path) -> None:
        (folder / "items.json").write_text("{}")
        paths = ["--items", folder / "items.json", "--control", folder / "c"]
        self.process = forked.emulator("library_systems.alma", *paths)
        assert self.process.stdout is not None
        self.base_url = json.loads(self.process.stdout.readline())["base_url"]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(folder / "c"))
        self._lines = self._socket.makefile("rwb")

    def do(self, what: str, **options: Any) -> dict[str, Any]:
        """Send a command on the control socket and return the answer."""
        self._lines.write(json.dumps({"do": what, **options}).encode() + b"\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert answer.pop("ok"), answer
        return answer

    def reset(self, items: dict[str, Any], world: dict[str, Any] | None = None) -> None:
        """Reset the emulator to these items."""
        self.do("up")
        self.do("reset", items=copy.deepcopy(items), world=world or {})

    def item(self, barcode: str) -> dict[str, Any]:
        """Return the current state of the item."""
        found: dict[str, Any] = self.do("dump", barcode=barcode)["item"]
        return found

    def effects(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the changes that the emulator made, of these kinds or of all."""
        return [row for row in self.do("log")["effects"] if not kinds or row["kind"] in kinds]

    def asked(self) -> list[tuple[str, str]]:
        """Return (method, path) of all requests."""
        return [(row["method"], row["path"]) for row in self.do("log")["requests"]]

    def close(self) -> None:
        """Stop the process."""
        self._lines.close()
        self._socket.close()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0
        self.process.stdout.close()


def client(process: AlmaProcess, clock: Any = None, key: str = CANARY, **more: Any) -> AlmaClient:
    """Return a client of the emulator. Its default clock is a `FakeClock`, so waiting takes no time."""
    options = {"requests_per_second": 5.0, "timeout_s": 20.0} | more
    return AlmaClient(process.base_url, lambda: Secret(key), clock or FakeClock(), **options)
