"""The emulated Alma as a process, with the standard library's HTTP client."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.support import forked
from tests.support.patience import PATIENCE_S

ITEM: dict[str, Any] = {
    "bib_data": {"mms_id": "99", "title": "Fictitious"},
    "holding_data": {"holding_id": "22", "copy_id": "1", "in_temp_location": False},
    "item_data": {
        "pid": "23", "barcode": "1", "policy": {"value": "A", "desc": "Alpha"}, "location": {"value": "st", "desc": "Stacks"},
        "library": {"value": "M", "desc": "Main"}, "internal_note_3": "", "is_magnetic": True, "modification_date": "2020-01-01Z",
    },
    "link": "x",
}  # fmt: skip
ROOT = "/almaws/v1"
PATH = f"{ROOT}/bibs/99/holdings/22/items/23"


class Alma:
    def __init__(self, folder: Path) -> None:
        (folder / "items").write_text(json.dumps({"1": ITEM}))
        self.state = folder / "state"
        paths = ["--items", folder / "items", "--control", folder / "c", "--state", self.state]
        self.process = forked.emulator("library_systems.alma", *paths)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["base_url"].rpartition(":")[2])
        self.control = ready["control"]

    def ask(
        self, method: str, path: str, body: Any = None, key: str | None = "apikey k", accept: str = "application/json"
    ) -> tuple[int, Any, Any]:
        """Return the status, the headers, and the body (decoded if it is a JSON object)."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            headers = {"Content-Type": "application/json", "Accept": accept}
            headers |= {"Authorization": key} if key else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, answer.headers, json.loads(data) if data.startswith(b"{") else data
        finally:
            connection.close()

    def code(self, method: str, path: str, body: Any = None) -> str:
        """Return the error code of an answer that is an error."""
        status, _, answer = self.ask(method, path, body)
        assert status >= 400, answer
        return str(answer["errorList"]["error"][0]["errorCode"])

    def do(self, what: str, **options: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.control)
            control.sendall(json.dumps({"do": what, **options}).encode() + b"\n")
            with control.makefile("rb") as lines:
                return json.loads(lines.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0
        self.process.stdout.close()


def changed(**item_data: Any) -> dict[str, Any]:
    """Return the item with these fields changed."""
    item: dict[str, Any] = json.loads(json.dumps(ITEM))
    item["item_data"] |= item_data
    return item
