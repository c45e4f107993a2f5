"""Tags of the Danish model per second, compared with PyPI rfidgeek 2.0.1 in the same run, on the same 32 bytes.

The peer's own reading and writing methods run. `Peer` answers their commands to the reader at once, so neither a serial
port nor its framing counts, and it discards their prints. The rounds alternate.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
import types
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from benchmarks.report import Row, Section, median, rate
from station.encoding.content import TagContent
from station.encoding.iso28560_3.basic_block import SHORT, crc_of, decode
from station.encoding.iso28560_3.write import encode

UID: Final = "E004015000000001"
OWNER: Final = "NO-02030000"
TAGS: Final = 200
GOAL: Final = 10.0
LAPS: Final = 10
LEAST_CRC: Final = 0x1000
"""Below it the peer writes a wrong CRC (tests/encoding/iso28560_3/test_rfidgeek.py); such tags are left out."""


@cache
def rfidgeek() -> Any:
    """Return the peer's module. It asks setuptools' pkg_resources, which no longer exists, for its version; a stub
    answers."""
    name = "pkg_resources"
    missing = name not in sys.modules and importlib.util.find_spec(name) is None
    if missing:
        answer = types.ModuleType(name)
        answer.require = lambda project: [types.SimpleNamespace(version=version(project))]  # type: ignore[attr-defined]
        sys.modules[name] = answer
    try:
        module = importlib.import_module("rfidgeek.rfidgeek")
    finally:
        if missing:
            del sys.modules[name]  # no other module may take the stub for the real one
    module.print = lambda *_args, **_options: None  # type: ignore[attr-defined]
    return module


class Peer:
    """rfidgeek's methods on a tag in memory, without a reader."""

    def __init__(self, memory: bytes = bytes(SHORT)) -> None:
        self.memory = memory
        self.blocks: dict[int, str] = {}
        """Written data: block -> hexadecimal, as the peer sends it to the reader."""
        module = rfidgeek()
        self._peer = object.__new__(module.PyRFIDGeek)
        self._peer.issue_iso15693_command = self._answer
        self.module = module

    def _answer(self, cmd: str, flags: str = "", command_code: str = "", data: str = "") -> list[str]:  # noqa: ARG002
        if command_code == "23":
            return ["00" + self.memory.hex().upper()]
        self.blocks[int(data[16:18], 16)] = data[18:]
        return ["00"]

    def read(self) -> dict[str, Any]:
        """Call `read_danish_model_tag`."""
        found: dict[str, Any] = self._peer.read_danish_model_tag(UID)
        return found

    def write(self, **data: object) -> str:
        """Call `write_danish_model_tag`; return all blocks as hexadecimal."""
        self.blocks.clear()
        self._peer.write_danish_model_tag(UID, data)
        return "".join(self.blocks[block] for block in sorted(self.blocks)).lower()

    def write_patron_card(self, **data: object) -> str:
        """Call `write_danish_model_patron_card`; return all blocks as hexadecimal."""
        self.blocks.clear()
        self._peer.write_danish_model_patron_card(UID, data)
        return "".join(self.blocks[block] for block in sorted(self.blocks)).lower()


def tags() -> list[tuple[TagContent, bytes]]:
    """Return contents with their 32 bytes, which the peer can also write."""
    found: list[tuple[TagContent, bytes]] = []
    number = 0
    while len(found) < TAGS:
        number += 1
        content = TagContent(f"10030118609{number:05}", OWNER, type_of_usage=0x10)
        memory = encode(content, 4, SHORT).data
        if crc_of(memory) >= LEAST_CRC:
            found.append((content, memory))
    return found


def section(seconds: float) -> Section:
    """Measure each operation for this many seconds, after a check that both produce the same."""
    work = tags()
    peers = [Peer(memory) for _, memory in work]
    country, library = OWNER.split("-")
    for (content, memory), peer in zip(work, peers, strict=True):
        identifier = content.primary_item_identifier
        read, ours = peer.read(), decode(memory).content
        if (read["id"], read["crc_ok"]) != (ours.primary_item_identifier, True) or identifier != read["id"]:
            raise RuntimeError(f"{memory.hex()} is read differently")
        written = peer.write(id=identifier, partno=1, nparts=1, country=country, library=library)
        if written != memory.hex():
            raise RuntimeError(f"{written} is written, not {memory.hex()}")
    memories = [memory for _, memory in work]
    contents = [content for content, _ in work]

    def peer_reads() -> None:
        for peer in peers:
            peer.read()

    def peer_writes() -> None:
        for content, peer in zip(contents, peers, strict=True):
            peer.write(id=content.primary_item_identifier, partno=1, nparts=1, country=country, library=library)

    def ours_reads() -> None:
        for memory in memories:
            decode(memory)

    def ours_writes() -> None:
        for content in contents:
            encode(content, 4, SHORT)

    rows = []
    figures: dict[str, float] = {}
    for name, ours_job, peer_job in (("decode", ours_reads, peer_reads), ("encode", ours_writes, peer_writes)):
        ours_rate, peer_rate, ratio = _alternate(ours_job, peer_job, seconds)
        figures |= {f"{name} per s": ours_rate, f"{name} per s, rfidgeek": peer_rate, f"{name} ratio": ratio}
        how = f"{TAGS} tags in turn; beside: rfidgeek {version('rfidgeek')}; goal {GOAL:.0f} times"
        rows.append(
            Row(
                what=name,
                value=rate(ours_rate, 1, "tags"),
                beside=rate(peer_rate, 1, "tags"),
                ratio=ratio,
                how=how,
            )
        )
    return Section(
        title="6. Danish model",
        how=f"{SHORT} bytes, with CRC, one thread",
        rows=tuple(rows),
        figures=figures,
    )


def _alternate(ours: Callable[[], None], peer: Callable[[], None], seconds: float) -> tuple[float, float, float]:
    """Return tags per second of both, and their ratio: medians over rounds side by side."""
    rates: list[tuple[float, float]] = []
    began = time.perf_counter()
    while time.perf_counter() - began < 2 * seconds:
        at = time.perf_counter()
        peer()
        middle = time.perf_counter()
        # A round takes as long as the peer's, so that other load on the machine disturbs both equally often.
        for _ in range(LAPS):
            ours()
        rates.append((LAPS * TAGS / (time.perf_counter() - middle), TAGS / (middle - at)))
    return (
        median([ours_rate for ours_rate, _ in rates]),
        median([peer_rate for _, peer_rate in rates]),
        median([ours_rate / peer_rate for ours_rate, peer_rate in rates]),
    )
