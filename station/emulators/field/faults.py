"""Faults that can be armed in advance and strike once (docs/emulators.md describes the vocabulary)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from station.emulators.field.tear import MODES

BEFORE = ("lift-at-command", "enter-at-command")
REQUEST = ("drop-request", "reboot-at-command", "unplug-at-command")
INSTEAD = ("status", "overflow")
ANSWER = (
    *("drop-answer", "late-answer", "delay-answer", "garble-answer", "duplicate-answer", "truncate-answer"),
    *("drop-bytes", "garbage", "wrong-address"),
)
WRITE = ("lift-after-writes", "lift-in-block")
ONE_SHOT = (*BEFORE, *REQUEST, *INSTEAD, *ANSWER, *WRITE)
PLACES = ("before", "behind", "instead")


def _byte(value: Any) -> int:
    number = int(str(value), 0)
    if not 0 <= number <= 0xFF:
        raise ValueError(f"not a byte: {value!r}")
    return number


def _mode(value: Any) -> str:
    if value not in MODES:
        raise ValueError(f"unknown tear mode {value!r}; known: {', '.join(MODES)}")
    return str(value)


def _hex(value: Any) -> str:
    return bytes.fromhex(str(value)).hex()


def _count(value: Any) -> int:
    if int(value) < 0:
        raise ValueError("a count is not negative")
    return int(value)


def seconds(value: Any) -> float:
    """Return a duration (in seconds or milliseconds). Raises ValueError if it is negative or infinite."""
    number = float(value)
    if not 0 <= number < math.inf:
        raise ValueError("a time is a number, and not negative")
    return number


def _place(value: Any) -> str:
    if value not in PLACES:
        raise ValueError(f"where is one of {', '.join(PLACES)}")
    return str(value)


_TEAR: dict[str, Callable[[Any], Any]] = {"mode": _mode, "seed": int, "mask": _hex, "erasing": bool, "bytes": _count}


# Arguments that a fault may carry, and must carry.
_ARGUMENTS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "lift-at-command": {"uid": str},
    "enter-at-command": {"uid": str},
    "status": {"code": _byte, "data": _hex, "execute": bool},
    "drop-answer": {},
    "late-answer": {"ms": seconds},
    "garble-answer": {"bit": int},
    "duplicate-answer": {},
    "truncate-answer": {"keep": int},
    "drop-request": {},
    "reboot-at-command": {},
    "unplug-at-command": {"keep": _count, "replug": seconds},
    "overflow": {},
    "delay-answer": {"ms": seconds},
    "drop-bytes": {"at": _count, "count": _count},
    "garbage": {"data": _hex, "count": _count, "where": _place},
    "wrong-address": {},
    "lift-after-writes": {key: _TEAR[key] for key in ("mode", "seed", "mask", "erasing")},
    "lift-in-block": {**_TEAR, "block": str},
}
_NEEDED = {
    "enter-at-command": "uid",
    "late-answer": "ms",
    "delay-answer": "ms",
    "status": "code",
    "lift-in-block": "block",
}


def tearing(args: dict[str, Any]) -> dict[str, Any]:
    """Return how a cell is torn, from a control word. Raises ValueError for unknown or invalid arguments."""
    strange = sorted(set(args) - set(_TEAR))
    if strange:
        raise ValueError(f"unknown: {', '.join(strange)}; known: {', '.join(_TEAR)}")
    return {key: _TEAR[key](value) for key, value in args.items()}


@dataclass
class Fault:
    """A fault that strikes at the n-th event from now (1 = the next). command, if given: a hex prefix such as b024."""

    kind: str
    n: int
    command: str = ""
    args: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "n": self.n, "command": self.command, **self.args}


@dataclass
class Faults:
    armed: list[Fault] = field(default_factory=list)
    silence: bool = False  # the reader receives requests and does nothing
    refuse_lock: bool = False  # lock requests answer error 14
    weak_probability: float = 0.0  # probability that a write reverts when the field is switched off

    def arm(self, kind: str, args: dict[str, Any]) -> Fault:
        """Arm a fault. Raises ValueError if an argument is unknown, missing or invalid, so that an armed fault can
        always strike."""
        known = _ARGUMENTS[kind]
        given = {key: value for key, value in args.items() if key not in ("do", "n", "command")}
        strange = sorted(set(given) - set(known))
        if strange:
            raise ValueError(f"{kind} knows n, command, {', '.join(known)}; not {', '.join(strange)}")
        if kind in _NEEDED and _NEEDED[kind] not in given:
            raise ValueError(f"{kind} needs {_NEEDED[kind]!r}")
        rest = {key: known[key](value) for key, value in given.items()}
        fault = Fault(kind, int(args.get("n", 1)), str(args.get("command", "")).lower(), rest)
        if fault.n < 1:
            raise ValueError("n counts from 1, the next one")
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        self.armed.clear()
        self.silence = self.refuse_lock = False
        self.weak_probability = 0.0

    def at_command(self, command: str) -> list[Fault]:
        """Count one host frame (command = its hex code and, for B0, sub-command). Return the faults that strike now,
        disarmed."""
        return self._count([f for f in self.armed if f.kind not in WRITE and command.startswith(f.command)])

    def at_write(self, cell: str) -> Fault | None:
        """Count one programming of a cell. Return the tear that strikes now, disarmed, or None."""
        writes = [f for f in self.armed if f.kind in WRITE and f.args.get("block", cell) == cell]
        struck = self._count(writes)
        return struck[0] if struck else None

    def _count(self, faults: list[Fault]) -> list[Fault]:
        struck = []
        for fault in faults:
            fault.n -= 1
            if fault.n == 0:
                self.armed.remove(fault)
                struck.append(fault)
        return struck
