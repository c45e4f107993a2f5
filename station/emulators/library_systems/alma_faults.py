"""Faults of the emulated Alma, and its limits of requests per second and per day (see alma.py)."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

Json = dict[str, Any]

CHANGING = ("PUT", "POST", "DELETE")
BEFORE = {"status", "html", "throttle", "error", "flood", "drip", "drop-before-effect"}
AFTER = {"drop-answer-after-effect", "status-after-effect", "half"}
COUNTED = BEFORE | AFTER
ONLY_CHANGES = {"drop-before-effect", "drop-answer-after-effect", "status-after-effect"}


class Fault:
    """An order that strikes the next `n` matching requests, after letting `after` of them pass."""

    def __init__(self, order: Json) -> None:
        self.kind = str(order["do"])
        self.left = int(order.get("n", 1))
        self.skip = int(order.get("after", 0))
        self.method = str(order.get("method", ""))
        self.path = str(order.get("path", ""))
        re.compile(self.path)
        self.order = order

    def strikes(self, method: str, path: str) -> bool:
        if self.left <= 0 or (self.method and self.method != method) or not re.search(self.path, path):
            return False
        if self.kind in ONLY_CHANGES and method not in CHANGING:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.left -= 1
        return True


class Faults:
    """All ordered faults. An order replaces an earlier one of its kind for the same method and path."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []

    def order(self, order: Json) -> None:
        new = Fault(order)
        same = (new.kind, new.method, new.path)
        self.ordered = [old for old in self.ordered if (old.kind, old.method, old.path) != same]
        self.ordered.append(new)

    def due(self, kind: str, method: str, path: str) -> Json | None:
        """Return the order of this kind that strikes this request, and count it; None if there is none."""
        for fault in self.ordered:
            if fault.kind == kind and fault.strikes(method, path):
                return fault.order
        return None

    def waiting(self) -> list[Json]:
        return [{"kind": fault.kind, "left": fault.left} for fault in self.ordered if fault.left > 0]


class Limits:
    """The institution's limits: `per_second` requests in any second (0: no limit) and `remaining` today (if `daily`).

    A request that is refused for the limit per second does not count toward it. `peak` is the largest number of
    requests within any one second, including refused ones.
    """

    def __init__(self) -> None:
        self.per_second = 0
        self.remaining: int = 100_000
        self.daily = False
        self.as_body = False
        self.retry_after: object = None
        self.peak = 0
        self._taken: deque[float] = deque()
        self._came: deque[float] = deque()

    def order(self, order: Json) -> None:
        self.per_second = int(order.get("per_second", self.per_second))
        if "per_day" in order:
            self.remaining, self.daily = int(order["per_day"]), True
        self.as_body = order.get("as") == "body"
        self.retry_after = order.get("retry_after")

    def refused(self, now: float) -> str:
        """Count one request. Return the code of the threshold that it exceeds, or ""."""
        self._came.append(now)
        while self._came[0] <= now - 1.0:
            self._came.popleft()
        self.peak = max(self.peak, len(self._came))
        if self.daily and self.remaining <= 0:
            return "DAILY_THRESHOLD"
        self.remaining -= 1
        while self._taken and self._taken[0] <= now - 1.0:
            self._taken.popleft()
        if self.per_second and len(self._taken) >= self.per_second:
            return "PER_SECOND_THRESHOLD"
        self._taken.append(now)
        return ""
