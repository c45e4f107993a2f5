"""Generated schedules of operations and faults for any driver, against its emulator over TCP and in virtual time.

A schedule is a list of operations on one tag while another tag lies beside it. Before some operations a fault is armed
in the emulator. The invariants: Every operation ends by its deadline, with a result or with an error that fits the
fault (`RIGHT`). Without a fault it succeeds. Whatever an operation reports as done is in the emulator's memory. The
other tag never changes, and neither does any block, lock, AFI, DSFID or EAS bit that the operation does not address.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.base.errors import (
    NotPossible,
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader, learn
from station.drivers.registry import driver
from station.encoding.chips import Feature, chip_of
from tests.conftest import FakeClock
from tests.drivers.emulator_process import Stranger, VirtualLine, seen

SIZE = 4


@dataclass(frozen=True)
class Silicon:
    """Two tags of one kind, and the number of their blocks in use. `chip`: the emulator's name of the chip."""

    chip: str
    target: Uid
    bystander: Uid
    blocks: int

    @property
    def both(self) -> tuple[Uid, Uid]:
        return self.target, self.bystander


SILICON = {
    name: Silicon(chip, Uid(f"{uid}01"), Uid(f"{uid}02"), blocks)
    for name, chip, uid, blocks in (
        ("slix", "slix", "E00401500000AB", 28),
        ("sli", "sli", "E00401000000AB", 28),
        ("slix2", "slix2", "E00401080000AB", 79),  # the last block counts
        ("tag-it", "tag-it-hfi-plus", "E00700000000AB", 64),
        ("lri2k", "lri2k", "E00220000000AB", 64),
        ("unknown", "slix", "E0FF01500000AB", 28),  # not in the driver's table: one block per command
    )
}
ANSWER_MS = 1000
LONGEST_EXCHANGE = ANSWER_MS / 1000 + 1.0
"""Longest time of one exchange in seconds: the reader's own time, the wire, and a margin."""
OPERATION_MS = 5000
"""Deadline of a whole operation."""

KNOWN_ERRORS = (
    ReaderSilent,
    RemoteProtocolError,
    PortLost,
    PortMissing,
    TagAbsent,
    TagRefused,
    ReaderRefused,
    NotPossible,
)
_SILENT, _GARBLED = "reader-silent", "protocol-remote"
_TAG = {"tag-absent", "tag-refused"}
_REFUSING = ("status", "refuse", "overflow")
_REFUSED = {"tag-refused", "reader-refused", "tag-absent"}
RIGHT: dict[str, set[str]] = {
    # Permitted outcomes besides "done", by fault.
    "drop-answer": {_SILENT},
    "late-answer": {_SILENT},
    "silence": {_SILENT},
    "jammed": {_SILENT},
    "garble-answer": {_GARBLED},
    "truncate-answer": {_GARBLED, _SILENT},  # if nothing is left of the answer, the reader is silent
    "duplicate-answer": set(),
    # A reader that refuses transparent mode, or answers it differently from its manual, offers no way to the EAS bit.
    "status": {*_REFUSED, _GARBLED, "not-possible"},
    "refuse": {*_REFUSED, _GARBLED, "not-possible"},
    "couple": {"tag-absent"},
    "lift-at-command": {"tag-absent"},
    "lift-after-writes": {"tag-absent"},
    "lift-in-block": {"tag-absent"},
    "unplug": {"port-lost", "port-missing"},
    "unplug-at-command": {"port-lost", "port-missing"},
    "pulled": {"port-lost"},
    "drop-request": {_SILENT},
    "reboot-at-command": {_SILENT},
    # A 3M reader cannot report an overflow in its answer to the probe, which is also the fence after a doubtful answer.
    "overflow": {"reader-refused", "not-possible", _GARBLED},
    "drop-bytes": {_GARBLED, _SILENT},
    "garbage": {_GARBLED},
    "wrong-address": {_GARBLED},
}


class Campaign:
    """One emulator and many schedules. `name`: of the driver. `module`: of the emulator. `errors`: status codes that
    the fault "status" may give. `options`: of the emulator.
    """

    def __init__(
        self,
        name: str,
        module: str,
        folder: Path,
        errors: tuple[int, ...],
        silicon: str = "slix",
        options: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.silicon = SILICON[silicon]
        self._minimal = "--minimal" in options
        self._well = {"do": "couple", "uid": self.silicon.target, "heard": 1, "of": 1}
        self.errors = errors
        self.stranger = Stranger(module, folder, *options)
        self.clock = FakeClock()
        self.line: VirtualLine | None = None
        self.outcomes: dict[str, int] = {}
        self._last = ""
        self._fault: str | None = None
        self._late = self._behind = False
        self._known: dict[Uid, dict[str, Any]] = {}
        self._on_pad: set[str] = set()
        settings = Reader(driver=name, answer_ms=ANSWER_MS, operation_ms=OPERATION_MS)
        self.reader: ManagedReader = driver(name).make(self._open, self.clock, settings)

    def _open(self) -> VirtualLine:
        self.line = VirtualLine(self.stranger, self.clock)
        return self.line

    def close(self) -> None:
        self.reader.close()
        self.stranger.close()

    def run(self, seed: int) -> None:
        """Run one schedule; raise AssertionError with the seed and its operations when an invariant is broken."""
        chance = random.Random(seed)
        self._begin(chance)
        story: list[str] = []
        self._last = ""
        for _ in range(chance.randrange(3, 9)):
            fault = self._fault = self._arm(chance)
            name, act, check = self._operation(chance)
            story.append(f"{fault or 'no fault'}: {name}")
            try:
                self._step(act, check, fault)
            except AssertionError as error:
                raise AssertionError(f"{self.name}, seed {seed}: {'; '.join(story)}") from error
            self._mend(fault)

    def _begin(self, chance: random.Random) -> None:
        blocks = self.silicon.blocks
        tags = [
            {
                "do": "create",
                "uid": uid,
                "chip": self.silicon.chip,
                "memory": chance.randbytes(blocks * SIZE).hex(),
                "afi": chance.randrange(256),
                "dsfid": chance.randrange(256),
                "locked": sorted({chance.randrange(blocks), blocks - 1}),
                "place": True,
                "replace": True,
            }
            for uid in self.silicon.both
        ]
        _, _, *made, _ = self.stranger.do_all({"do": "clear-faults"}, {"do": "plug"}, *tags, self._well)
        self._known = dict(zip(self.silicon.both, map(seen, made), strict=True))
        self._connect()
        self._late = self._behind = False

    def _mend(self, fault: str | None) -> None:
        """Undo the fault. Bytes under way stay under way: no exchange is made here."""
        places = [{"do": "place", "uid": uid} for uid in self.silicon.both]
        self.stranger.do_all(
            {"do": "clear-faults"}, {"do": "plug"}, *([self._well] if fault == "couple" else []), *places
        )
        if self.line is not None:
            self.line.jammed_at = 0
        if fault in ("unplug", "unplug-at-command", "pulled"):
            self._connect()

    def _connect(self) -> None:
        """Connect. A minimal reader is also made to show what it lacks before the first operation.

        If it is silent, that may take more than one greeting (`OPERATION_MS`); each greeting keeps what the earlier
        ones have found.
        """
        for last in (False, False, True):
            try:
                self.reader.reconnect()
            except ReaderSilent:
                if last or not self._minimal:
                    raise
            else:
                break
        if self._minimal:
            learn(self.reader)

    def _arm(self, chance: random.Random) -> str | None:
        if chance.random() < 0.25:
            return None
        n = chance.randrange(1, 4)
        kind = chance.choice(
            (
                "drop-answer", "late-answer", "garble-answer", "duplicate-answer", "truncate-answer", "status",
                "couple", "lift-at-command", "lift-after-writes", "silence", "jammed", "unplug", "pulled", "refuse",
                "lift-in-block", "unplug-at-command", "drop-request", "reboot-at-command", "overflow", "drop-bytes", "garbage",
                "wrong-address",
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
            case "couple":
                do(kind, uid=self.silicon.target, heard=chance.randrange(n + 1), of=n + 1)
            case "lift-at-command":
                do(kind, n=n, uid=chance.choice(self.silicon.both))
            case "lift-after-writes":
                do(kind, n=chance.randrange(1, 12), mode=chance.choice(("old", "new", "any", "erased0", "subset")))
            case "lift-in-block":
                do(kind, block=str(chance.randrange(self.silicon.blocks)), bytes=chance.randrange(SIZE + 1))
            case "unplug-at-command":
                do(kind, n=n, **({"keep": chance.randrange(20)} if chance.random() < 0.7 else {}))
            case "drop-bytes":
                do(kind, n=n, at=chance.randrange(20), count=chance.randrange(1, 4))
            case "garbage":
                noise = chance.randbytes(chance.randrange(1, 12)).hex()
                do(kind, n=n, data=noise, where=chance.choice(("before", "behind", "instead")))
            case "silence":
                do(kind, on=True)
            case "unplug":
                do(kind)
            case "jammed":
                assert self.line is not None
                self.line.jammed_at = n
            case "pulled":
                assert self.line is not None
                self.line.lost_after = chance.randrange(0, 40)
            case _:
                do(kind, n=n)
        return kind

    def _operation(self, chance: random.Random) -> tuple[str, Callable[[], Any], Callable[[Any, dict[str, Any]], None]]:
        reader, target = self.reader, self.silicon.target

        def blocks(tag: dict[str, Any], first: int, count: int) -> bytes:
            return bytes.fromhex(tag["memory"])[first * SIZE : (first + count) * SIZE]

        kind = self._last if chance.random() < 0.4 else ""  # the last one again: the answers could be confused
        kind = kind or chance.choice(
            (
                "inventory",
                "read",
                "read",
                "write",
                "write",
                "write",
                "afi",
                "dsfid",
                "eas",
                "see-eas",
                "lock",
                "reset",
                "system",
            )
        )
        if kind in ("eas", "see-eas") and not (reader.capabilities.can_eas and chip_of(target).has(Feature.EAS)):
            kind = "write"
        can = reader.capabilities
        if not {"afi": can.can_afi, "dsfid": can.can_dsfid, "lock": can.can_lock}.get(kind, True):
            kind = "write"
        self._last = kind
        first = chance.randrange(0, self.silicon.blocks - 1)
        count = chance.randrange(1, self.silicon.blocks - first)
        value = chance.randrange(256)
        data = chance.randbytes(count * SIZE)
        on = chance.random() < 0.5
        self._may_change = range(0)
        self._may_set = ""
        match kind:
            case "inventory":
                return (
                    kind,
                    reader.inventory,
                    self._all_seen,
                )
            case "read":
                return (
                    f"read {count} from {first}",
                    lambda: reader.read_blocks(target, first, count),
                    lambda read, tag: self._read(read, blocks(tag, first, count), tag["locked"]),
                )
            case "write":
                self._may_change = range(first, first + count)
                return (
                    f"write {count} from {first}",
                    lambda: reader.write_blocks(target, first, data, SIZE),
                    lambda _, tag: self._equal(blocks(tag, first, count), data),
                )
            case "lock":
                self._may_set = "locked"
                return (
                    f"lock {first}",
                    lambda: reader.lock_block(target, first),
                    lambda _, tag: self._equal(first in tag["locked"], True),
                )
            case "reset":
                return kind, reader.reset_field, lambda _, tag: None
            case "see-eas":
                return (
                    "see EAS",
                    lambda: reader.read_eas(target),
                    lambda told, tag: self._equal(told, tag["eas"]),
                )
            case "afi":
                self._may_set = "afi"
                act: Callable[[], Any] = lambda: reader.write_afi(target, value)  # noqa: E731
                return f"AFI {value}", act, lambda _, tag: self._equal(tag["afi"], value)
            case "dsfid":
                self._may_set = "dsfid"
                act = lambda: reader.write_dsfid(target, value)  # noqa: E731
                return f"DSFID {value}", act, lambda _, tag: self._equal(tag["dsfid"], value)
            case "eas":
                self._may_set = "eas"
                act = lambda: reader.write_eas(target, on)  # noqa: E731
                return f"EAS {on}", act, lambda _, tag: self._equal(tag["eas"], on)
            case _:
                return (
                    "system information",
                    lambda: reader.system_information(target),
                    self._told,
                )

    def _all_seen(self, seen: Inventory, _: dict[str, Any]) -> None:
        """Check that every tag on the pad was seen, unless a collision was reported or the tag is badly coupled."""
        there = self._on_pad
        if self._minimal and self._fault == "lift-at-command":
            assert there <= seen.uids, "the tag may have left after the inventory, while its DSFID was read"
            return
        not_all = seen.collision or self._fault == "couple"
        assert seen.uids <= there if not_all else seen.uids == there, f"{sorted(seen.uids)} instead of {sorted(there)}"

    def _read(self, read: BlocksRead, data: bytes, locked: list[int]) -> None:
        """Check the data and the locks. Locks that a read does not report are read separately; if that was refused,
        they are unknown.
        """
        assert read.data == data
        not_known = not read.locked and not chip_of(self.silicon.target).locks_in_read and self._fault in _REFUSING
        assert not_known or read.locked == tuple(read.first + n in locked for n in range(len(data) // SIZE))

    def _told(self, told: SystemInformation, tag: dict[str, Any]) -> None:
        can = self.reader.capabilities
        assert told.block_count * told.block_size == len(tag["memory"]) // 2
        assert not can.tells_afi or told.afi == tag["afi"]
        assert not can.tells_dsfid or told.dsfid == tag["dsfid"]

    @staticmethod
    def _equal(said: object, is_so: object) -> None:
        assert said == is_so

    def _step(self, act: Callable[[], Any], check: Callable[[Any, dict[str, Any]], None], fault: str | None) -> None:
        target, bystander = self.silicon.both
        before = self._known  # the state after the previous step: nothing in between may change a tag either
        locked_before = set(before[target]["locked"])
        assert self.line is not None
        exchanges, since = self.line.exchanges, self.clock.monotonic()
        outcome, result = self._attempt(act)
        # Locked blocks refuse to be written or locked again, whatever else happens.
        refused = outcome == "tag-refused" and (locked_before & set(self._may_change) or self._may_set == "locked")
        right = RIGHT[fault] if fault else set()
        if fault == "couple" and (self._may_change or self._may_set):
            right = right | {"tag-refused"}  # "not written": the tag missed the write and answered the look afterwards
        if fault and self._late:
            right = right | {_GARBLED}  # a late answer to an older request may arrive instead of silence
        if _SILENT in right and self._behind:
            right = right | {_GARBLED}  # so may bytes after the last answer: a duplicate, or noise
        self._late = self._late or fault == "late-answer"
        assert outcome == "done" or refused or outcome in right, f"{outcome} after {fault or 'no fault'}"
        took = self.clock.monotonic() - since
        asked = self.line.exchanges - exchanges
        self._behind = fault in ("duplicate-answer", "garbage") or (self._behind and not asked)
        assert took <= min(max(asked, 1) * LONGEST_EXCHANGE, OPERATION_MS / 1000 + 1e-6), f"{took} s, {asked} exchanges"
        assert asked <= self.silicon.blocks + 4
        dumps = [{"do": "dump", "uid": uid} for uid in self.silicon.both]
        _, state, *tags = self.stranger.do_all({"do": "settle"}, {"do": "state"}, *dumps)
        self._on_pad = set(state["on_pad"])
        after = self._known = dict(zip(self.silicon.both, map(seen, tags), strict=True))
        assert after[bystander] == before[bystander], "the other tag has changed"
        for block in set(range(self.silicon.blocks)) - set(self._may_change):
            at = slice(2 * SIZE * block, 2 * SIZE * (block + 1))
            assert after[target]["memory"][at] == before[target]["memory"][at], f"block {block} was not addressed"
        for name in ("afi", "dsfid", "eas", "locked", "afi_locked", "dsfid_locked"):
            assert name == self._may_set or after[target][name] == before[target][name], f"{name} was not addressed"
        assert set(after[target]["locked"]) >= locked_before, "a lock was undone"
        if outcome == "done":
            check(result, after[target])
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @staticmethod
    def _attempt(act: Callable[[], Any]) -> tuple[str, Any]:
        """Return ("done", result), or the code of an error that a fault may cause. Other errors are passed on."""
        try:
            return "done", act()
        except KNOWN_ERRORS as error:
            return error.code, None
