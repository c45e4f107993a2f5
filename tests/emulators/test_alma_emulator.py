"""Alma's own traps (library systems reference, section 1.4), driven with the standard library's client alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

ITEM: dict[str, Any] = {
    "bib_data": {"mms_id": "99", "title": "Fictitious"},
    "holding_data": {"holding_id": "22", "copy_id": "1", "in_temp_location": False},
    "item_data": {
        "pid": "23", "barcode": "1", "policy": {"value": "A", "desc": "Alpha"}, "location": {"value": "st", "desc": "Stacks"},
        "library": {"value": "M", "desc": "Main"}, "internal_note_3": "", "is_magnetic": True, "modification_date": "2020-01-01Z",
    },
    "link": "x",
}  # fmt: skip
PATH = "/almaws/v1/bibs/99/holdings/22/items/23"


class Alma:
    def __init__(self, folder: Path) -> None:
        (folder / "items").write_text(json.dumps({"1": ITEM}))
        self.state = folder / "state"
        command = [sys.executable, "-m", "station.emulators.alma", "--items", str(folder / "items")]
        command += ["--control", str(folder / "c"), "--state", str(self.state)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["base_url"].rpartition(":")[2])
        self.control = ready["control"]

    def ask(self, method: str, path: str, body: Any = None, key: str | None = "apikey k") -> tuple[int, Any, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Content-Type": "application/json"} | ({"Authorization": key} if key else {})
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, answer.headers, json.loads(data) if data.startswith(b"{") else data
        finally:
            connection.close()

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
        assert self.process.wait(10) == 0
        self.process.stdout.close()


@pytest.fixture
def alma(tmp_path: Path) -> Iterator[Alma]:
    found = Alma(tmp_path)
    yield found
    found.close()


def changed(**item_data: Any) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(json.dumps(ITEM))
    item["item_data"] |= item_data
    return item


def test_barcode_leads_by_302_to_the_item(alma: Alma) -> None:
    status, headers, _ = alma.ask("GET", "/almaws/v1/items?item_barcode=1")
    assert (status, headers["Location"]) == (302, f"http://127.0.0.1:{alma.port}{PATH}")
    status, headers, item = alma.ask("GET", PATH)
    assert (status, item) == (200, ITEM)
    assert int(headers["X-Exl-Api-Remaining"]) < 100_000


def test_key_only_in_the_header(alma: Alma) -> None:
    assert alma.ask("GET", PATH, key=None)[0] == 401
    assert alma.ask("GET", f"{PATH}?apikey=k", key=None)[0] == 401


@pytest.mark.parametrize("barcode", ["", None])
def test_empty_barcode_is_made_up(alma: Alma, barcode: str | None) -> None:
    assert alma.ask("PUT", PATH, changed(barcode=barcode))[2]["item_data"]["barcode"] not in ("", "1", None)
    assert alma.ask("GET", "/almaws/v1/items?item_barcode=1")[2]["errorList"]["error"][0]["errorCode"] == "401689"


def test_put_is_the_whole_object(alma: Alma) -> None:
    sent = changed(policy={"value": "B", "desc": "ignored"}, pid="77")
    del sent["item_data"]["is_magnetic"]
    item = alma.ask("PUT", PATH, sent)[2]["item_data"]
    assert (item["policy"]["desc"], item["pid"], item["is_magnetic"]) == ("B", "23", False)
    assert item["modification_date"] > "2020-01-01Z"
    assert json.loads(alma.state.read_text())["1"]["item_data"] == item


def test_a_new_location_moves_to_a_new_holding(alma: Alma) -> None:
    assert alma.ask("PUT", PATH, changed(location={"value": "x"}))[2]["holding_data"]["holding_id"] != "22"


def test_what_is_refused(alma: Alma) -> None:
    assert alma.ask("PUT", PATH, {**ITEM, "rfid": 1})[0] == 400
    assert alma.ask("PUT", PATH, {"item_data": {}})[0] == 400
    assert alma.ask("GET", PATH.replace("/99/", "/98/"))[2]["errorList"]["error"][0]["errorCode"] == "402203"
    assert alma.do("log")["effects"] == []
    assert not alma.do("nonsense")["ok"]


def test_down_and_up_on_the_same_port(alma: Alma) -> None:
    assert alma.do("down") == {"ok": True}
    with pytest.raises(ConnectionRefusedError):
        alma.ask("GET", PATH)
    assert alma.do("up") == {"ok": True}
    assert alma.ask("GET", PATH)[0] == 200


def test_answers_get_lost_before_and_after_the_effect(alma: Alma) -> None:
    for fault, effects in (("drop-before-effect", 0), ("drop-answer-after-effect", 1)):
        alma.do(fault, n=1)
        with pytest.raises((RemoteDisconnected, ConnectionResetError)):
            alma.ask("PUT", PATH, changed(internal_note_3=fault))
        assert len(alma.do("log")["effects"]) == effects
