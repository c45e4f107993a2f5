"""The behavior of the program in a form that can be compared: bytes on the wire, exit codes and JSON, tags and results
of the demo."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from station.emulators.pytest_plugin import EmulatedReader
from tests.golden import comparing
from tests.stories.hostile.command_table import TABLE
from tests.stories.hostile.hostile_place import Place
from tests.support import station_process
from tests.support.patience import PATIENCE_S

LABELS = (("E0040150000A0001", "slix"), ("E0040108000A0002", "slix2"))
"""UID and chip of the labels on an emulated reader; each has the same content."""
CONTENT = bytes(range(1, 113)).hex()
STORIES = 15


@contextlib.contextmanager
def reader(kind: str) -> Iterator[EmulatedReader]:
    """Start an emulated reader on the network with two labels on it."""
    found = EmulatedReader(kind, network=True)
    try:
        for uid, chip in LABELS:
            found.tags.add(uid, chip=chip, memory=CONTENT, afi=7, dsfid=6)
        yield found
    finally:
        found.close()


def answers(kind: str, exchanges: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Send the recorded requests and read as many bytes as were recorded. Return the same list with the present
    answers."""
    with reader(kind) as one, socket.create_connection(one.address, PATIENCE_S) as line:
        return [
            {"sent": pair["sent"], "answered": _asked(line, bytes.fromhex(pair["sent"]), len(pair["answered"]) // 2)}
            for pair in exchanges
        ]


def _asked(line: socket.socket, request: bytes, length: int) -> str:
    line.sendall(request)
    taken = b""
    while len(taken) < length:
        piece = line.recv(length - len(taken))
        if not piece:
            break
        taken += piece
    return taken.hex()


def calls(folder: Path) -> dict[str, dict[str, Any]]:
    """Run each call of the table of hostile text, with JSON output if the command has it. Return its exit code and the
    shape of its JSON. A command that had another name is called by the recorded name."""
    place = Place(folder)
    found: dict[str, dict[str, Any]] = {}
    for row in (row for rows in TABLE.values() for row in rows):
        row = row._replace(words=comparing.recorded_words(row.words))
        result, _ = place.call(row, as_json=row.json)
        found[row.words] = comparing.call(result.exit_code, result.stdout if row.json else None)
    return found


def demo(folder: Path) -> dict[str, Any]:
    """Run `station demo --auto`, and return how it ended."""
    ended = station_process.station(
        folder, "demo", "--data", str(folder / "d"), "--auto", str(STORIES), "--fast", "--json"
    )
    return ended_as(ended, folder / "d")


def ended_as(ended: station_process.Ended, data: Path) -> dict[str, Any]:
    """Return the rows, the tags and the results of a run of `station demo --auto`, without times and ids."""
    tags = station_process.tag_files(data)
    results = [json.loads(line) for line in (data / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return {
        "exit": ended.code,
        "items": [[row["number"], row["barcode"], row["came"], row["ok"]] for row in ended.json["items"]],
        "tags": {
            uid: [tag["memory"], tag["afi"], tag["dsfid"], tag["locked"], tag["writes"]]
            for uid, tag in sorted(tags.items())
        },
        "results": sorted([one["barcode"], one["verdict"], one["uid"]] for one in results),
    }
