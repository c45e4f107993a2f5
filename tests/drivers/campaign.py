"""Generated schedules of operations and faults for any driver, against its emulator over TCP and in virtual time.

A schedule is a list of operations on one tag while another one lies beside it; before some of them a fault of the
vocabulary is armed. Laws: every operation ends by its deadline with a result or an error of its kind; what is said to
be done stands in the stranger's memory; the tag that was not addressed never changes, nor does a block that was not
asked for.
"""

from __future__ import annotations

import json
import random
import select
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.clock import Deadline
from station.drivers.registry import driver
from station.drivers.session import ManagedReader
from station.errors import (
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
)
from station.model import Uid
from station.settings import Reader

from ..conftest import ROOT, FakeClock

TARGET = Uid("E00401500000AB01")
BYSTANDER = Uid("E00401500000AB02")
BLOCKS, SIZE = 28, 4
ANSWER_MS = 1000
LONGEST_EXCHANGE = ANSWER_MS / 1000 + 1.0
"""Seconds one exchange may take: the reader's own time, the wire, the margin."""

KNOWN_ERRORS = (
    ReaderSilent,
    RemoteProtocolError,
    PortLost,
    PortMissing,
    TagAbsent,
    TagRefused,
    ReaderRefused,
)


class Stranger:
    """The emulator's process at a TCP port, and its control socket."""

    def __init__(self, module: str, folder: Path) -> None:
        command = [sys.executable, "-m", f"station.emulators.{module}", "--listen", "127.0.0.1:0", "--clock", "virtual"]
        command += ["--memory", str(folder / "tags"), "--control", str(folder / "c")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        host, port = ready["link"].split(":")
        self.address = (host, int(port))
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(ready["control"])
        self._lines = self._socket.makefile("rb")

    def do(self, word: str, **arguments: object) -> dict[str, Any]:
        self._socket.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert answer["ok"], answer
        return answer

    def settle(self) -> None:
        """Twice around its one loop: whatever had arrived before is done and answered."""
        for _ in range(2):
            self.do("help")

    def dump(self, uid: str) -> dict[str, Any]:
        tag: dict[str, Any] = self.do("dump", uid=uid)["tag"]
        return {name: tag[name] for name in ("memory", "afi", "dsfid", "eas", "locked", "afi_locked", "dsfid_locked")}

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class VirtualLine:
    """A transport over TCP in virtual time: when the stranger has nothing more to say, the clock moves to the deadline.

    `lost_after`: so many bytes may still be read before the cable is pulled.
    """

    def __init__(self, stranger: Stranger, clock: FakeClock) -> None:
        self._stranger = stranger
        self._clock = clock
        try:
            self._socket = socket.create_connection(stranger.address, timeout=30)
        except OSError as error:
            raise PortMissing(str(error)) from error
        # What is sent must be there at once, also behind a frame that the stranger has not answered.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lost_after: int | None = None
        self.exchanges = 0

    def write(self, data: bytes) -> None:
        self._require()
        self.exchanges += 1
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise PortLost(str(error)) from error

    def read(self, deadline: Deadline) -> bytes:
        self._require()
        if not self._waiting():
            self._stranger.settle()
            if not self._waiting():
                self._clock.pause(deadline.remaining)
                raise ReaderSilent("virtual")
        return self._receive(7)

    def discard_input(self) -> int:
        self._require()
        self._stranger.settle()
        count = 0
        while self._waiting():
            count += len(self._receive(4096))
        return count

    def close(self) -> None:
        self._socket.close()

    def _require(self) -> None:
        if self.lost_after == 0:
            raise PortLost("pulled")

    def _waiting(self) -> bool:
        return bool(select.select([self._socket], [], [], 0)[0])

    def _receive(self, most: int) -> bytes:
        self._require()
        if self.lost_after is not None:
            most = min(most, self.lost_after)
        try:
            data = self._socket.recv(most)
        except OSError as error:
            raise PortLost(str(error)) from error
        if not data:
            raise PortLost("end of file")
        if self.lost_after is not None:
            self.lost_after -= len(data)
        return data


class Campaign:
    """One stranger, many schedules. `name` is the driver's, `module` the emulator's; `errors`: codes of refusals that the
    fault "status" may give, `write` the code of the command that writes blocks."""

    def __init__(self, name: str, module: str, folder: Path, errors: tuple[int, ...]) -> None:
        self.name = name
        self.errors = errors
        self.stranger = Stranger(module, folder)
        self.clock = FakeClock()
        self.line: VirtualLine | None = None
        self.outcomes: dict[str, int] = {}
        self._last = ""
        self.reader: ManagedReader = driver(name).make(self._open, self.clock, Reader(driver=name, answer_ms=ANSWER_MS))

    def _open(self) -> VirtualLine:
        self.line = VirtualLine(self.stranger, self.clock)
        return self.line

    def close(self) -> None:
        self.reader.close()
        self.stranger.close()

    def run(self, seed: int) -> None:
        """One schedule; raises AssertionError with the seed's story when a law is broken."""
        chance = random.Random(seed)
        self._begin(chance)
        story: list[str] = []
        self._last = ""
        for _ in range(chance.randrange(3, 9)):
            fault = self._arm(chance)
            name, act, check = self._operation(chance)
            story.append(f"{fault or 'no fault'}: {name}")
            try:
                self._step(act, check, faulty=fault is not None)
            except AssertionError as error:
                raise AssertionError(f"{self.name}, seed {seed}: {'; '.join(story)}") from error
            self._mend(fault)

    def _begin(self, chance: random.Random) -> None:
        self.stranger.do("clear-faults")
        self.stranger.do("plug")
        for uid in (TARGET, BYSTANDER):
            self.stranger.do(
                "create",
                uid=uid,
                chip="slix",
                memory=chance.randbytes(BLOCKS * SIZE).hex(),
                afi=chance.randrange(256),
                dsfid=chance.randrange(256),
                locked=[BLOCKS - 1],
                place=True,
                replace=True,
            )
        self.reader.reconnect()

    def _mend(self, fault: str | None) -> None:
        """After a fault: everything as a person would put it. What is still under way stays so: no exchange is made here."""
        self.stranger.do("clear-faults")
        self.stranger.do("plug")
        for uid in (TARGET, BYSTANDER):
            self.stranger.do("place", uid=uid)
        assert self.line is not None
        if fault in ("unplug", "pulled"):
            self.reader.reconnect()

    def _arm(self, chance: random.Random) -> str | None:
        if chance.random() < 0.25:
            return None
        n = chance.randrange(1, 4)
        kind = chance.choice(
            (
                "drop-answer", "late-answer", "garble-answer", "duplicate-answer", "truncate-answer", "status",
                "lift-at-command", "lift-after-writes", "silence", "unplug", "pulled", "refuse",
            )
        )  # fmt: skip
        do = self.stranger.do
        match kind:
            case "late-answer":
                do(kind, n=n, ms=5000)
            case "garble-answer":
                do(kind, n=n, bit=chance.randrange(400))
            case "truncate-answer":
                do(kind, n=n, keep=chance.randrange(0, 20))
            case "status" | "refuse":
                do("status", n=n, code=chance.choice(self.errors), execute=chance.random() < 0.5)
            case "lift-at-command":
                do(kind, n=n, uid=chance.choice((TARGET, BYSTANDER)))
            case "lift-after-writes":
                do(kind, n=chance.randrange(1, 12), mode=chance.choice(("old", "new", "any", "erased0", "subset")))
            case "silence":
                do(kind, on=True)
            case "unplug":
                do(kind)
            case "pulled":
                assert self.line is not None
                self.line.lost_after = chance.randrange(0, 40)
            case _:
                do(kind, n=n)
        return kind

    def _operation(self, chance: random.Random) -> tuple[str, Callable[[], Any], Callable[[Any, dict[str, Any]], None]]:
        reader, target = self.reader, TARGET

        def blocks(tag: dict[str, Any], first: int, count: int) -> bytes:
            return bytes.fromhex(tag["memory"])[first * SIZE : (first + count) * SIZE]

        kind = self._last if chance.random() < 0.4 else ""  # the same once more: answers that could be mistaken
        kind = kind or chance.choice(
            ("inventory", "read", "read", "write", "write", "write", "afi", "dsfid", "eas", "system")
        )
        if kind == "eas" and not reader.capabilities.can_eas:
            kind = "write"
        self._last = kind
        first = chance.randrange(0, BLOCKS - 1)
        count = chance.randrange(1, BLOCKS - first)
        value = chance.randrange(256)
        data = chance.randbytes(count * SIZE)
        on = chance.random() < 0.5
        self._may_change = range(0)
        match kind:
            case "inventory":
                return (
                    kind,
                    reader.inventory,
                    lambda seen, _: self._equal(sorted(seen.uids), sorted(self.stranger.do("state")["on_pad"])),
                )
            case "read":
                return (
                    f"read {count} from {first}",
                    lambda: reader.read_blocks(target, first, count),
                    lambda read, tag: self._equal(read.data, blocks(tag, first, count)),
                )
            case "write":
                self._may_change = range(first, first + count)
                return (
                    f"write {count} from {first}",
                    lambda: reader.write_blocks(target, first, data, SIZE),
                    lambda _, tag: self._equal(blocks(tag, first, count), data),
                )
            case "afi":
                act: Callable[[], Any] = lambda: reader.write_afi(target, value)  # noqa: E731
                return f"AFI {value}", act, lambda _, tag: self._equal(tag["afi"], value)
            case "dsfid":
                act = lambda: reader.write_dsfid(target, value)  # noqa: E731
                return f"DSFID {value}", act, lambda _, tag: self._equal(tag["dsfid"], value)
            case "eas":
                act = lambda: reader.write_eas(target, on)  # noqa: E731
                return f"EAS {on}", act, lambda _, tag: self._equal(tag["eas"], on)
            case _:
                return (
                    "system information",
                    lambda: reader.system_information(target),
                    lambda told, tag: self._equal((told.afi, told.dsfid), (tag["afi"], tag["dsfid"])),
                )

    @staticmethod
    def _equal(said: object, is_so: object) -> None:
        assert said == is_so

    def _step(self, act: Callable[[], Any], check: Callable[[Any, dict[str, Any]], None], *, faulty: bool) -> None:
        before = {uid: self.stranger.dump(uid) for uid in (TARGET, BYSTANDER)}
        assert self.line is not None
        exchanges, since = self.line.exchanges, self.clock.monotonic()
        outcome, result = self._attempt(act)
        assert faulty or outcome == "done", f"{outcome} without a fault"
        took = self.clock.monotonic() - since
        asked = self.line.exchanges - exchanges
        # One deadline an exchange, and a bound on exchanges: BLOCKS single blocks, a fence and a look.
        assert took <= max(asked, 1) * LONGEST_EXCHANGE, f"{took} s for {asked} exchanges"
        assert asked <= BLOCKS + 4
        self.stranger.settle()
        after = {uid: self.stranger.dump(uid) for uid in (TARGET, BYSTANDER)}
        assert after[BYSTANDER] == before[BYSTANDER], "a tag that was not addressed has changed"
        for block in set(range(BLOCKS)) - set(self._may_change):
            at = slice(2 * SIZE * block, 2 * SIZE * (block + 1))
            assert after[TARGET]["memory"][at] == before[TARGET]["memory"][at], f"block {block} was not asked for"
        if outcome == "done":
            check(result, after[TARGET])
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @staticmethod
    def _attempt(act: Callable[[], Any]) -> tuple[str, Any]:
        """("done", result), or the code of an error that a fault may cause; any other error is not ours to expect."""
        try:
            return "done", act()
        except KNOWN_ERRORS as error:
            return error.code, None
