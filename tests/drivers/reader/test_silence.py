"""When silence is taken to mean that an EAS bit is off: every steady share of requests that a tag hears, from every
starting point.
"""

from __future__ import annotations

import pytest

from station.base.errors import TagAbsent
from station.drivers.reader.silence import answered


class Edge:
    """A tag that hears `k` of `n` requests, evenly spread, beginning at request `at`."""

    def __init__(self, k: int, n: int, at: int, *, on: bool) -> None:
        self._k, self._n, self._at, self._on = k, n, at, on

    def there(self) -> bool:
        self._at += 1
        return self._at * self._k // self._n > (self._at - 1) * self._k // self._n

    def alarm(self) -> bool | None:
        return True if self.there() and self._on else None


@pytest.mark.parametrize("on", [True, False])
def test_the_bit_is_told_as_it_is_or_the_tag_is_not_there(on: bool) -> None:
    told = 0
    for n in range(1, 25):
        for k in range(n + 1):
            for at in range(n):
                tag = Edge(k, n, at, on=on)
                try:
                    assert (answered(tag.alarm, tag.there) is True) is on
                    told += 1
                except TagAbsent:
                    assert k < n
    assert told > 500
