"""What a center shows of its benches: how each one is, the ledger of tags, refused events, and goals."""

from __future__ import annotations

from typing import Final

import msgspec

from station.domain.heartbeat import BEAT_S, Heartbeat

SILENT_S: Final = 3 * BEAT_S
"""Seconds after which a bench is silent: it has missed three heartbeats."""
PACE_DAYS: Final = 28
"""Days whose tags make the pace of a goal."""
LEAST_DAYS: Final = 5
"""Working days that a forecast needs."""


class BenchStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How a bench is."""

    id: str
    name: str
    site: str
    seen: str = ""
    """Time of its last batch or heartbeat, ISO 8601 UTC; "" = none yet."""
    silent_s: float | None = None
    """Seconds since then."""
    moved: str = ""
    """When another machine used its key and journal, ISO 8601 UTC; "" = none since a person said so."""
    refused_requests: int = 0
    """Requests that were refused unread: too large, not readable, or too many."""
    heartbeat: Heartbeat | None = None
    """The last one; None = none came, or none that can be read."""
    events: int = 0
    """Events of its journal at the center."""
    lost: int = 0
    """Events of lost parts of its journal, which are kept."""
    quarantine: int = 0
    """Events that were refused."""
    behind: int = 0
    """Events that the center's tables have not yet."""
    stopped_at: int | None = None
    """The event that cannot be applied, and stops this bench's tables."""

    @property
    def state(self) -> str:
        """ "moved", "stopped" (its tables), "never", "silent" or "alive"."""
        if self.moved:
            return "moved"
        if self.stopped_at is not None:
            return "stopped"
        if self.silent_s is None:
            return "never"
        return "silent" if self.silent_s >= SILENT_S else "alive"


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What a tag carries by the newest write of all benches."""

    uid: str
    barcode: str
    """"" = no item."""
    part: int
    parts: int
    bench: str
    at: str
    certain: bool
    """False = the benches' events leave open which write is the newest."""
    lost: bool
    """The bench continued from an older copy of its journal, without this write."""
    second: bool
    """Another bench tagged the same part, and neither knew of the other."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An event in quarantine."""

    bench: str
    journal: str
    """As its sender states it, and so all but `bench`, `why` and `arrived`."""
    seq: int
    hash: str
    at: str
    kind: str
    why: str
    """"fork", "foreign", "hash" or "timeline"."""
    arrived: str


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """How many items a site is to tag, and how far it is."""

    name: str
    site: str
    total: int
    tagged: int = 0
    """Items with a tag that a bench of the site wrote last."""
    recent: int = 0
    """Those of them that were tagged in the last `PACE_DAYS` days."""
    days: int = 0
    """Days since the first of these, at most `PACE_DAYS`."""
    worked: int = 0
    """Working days of these: local days on which a bench of the site tagged one of them."""

    @property
    def left(self) -> int:
        return max(0, self.total - self.tagged)

    @property
    def pace(self) -> float | None:
        """Items a day; None = none was tagged lately."""
        return self.recent / max(1, self.days) if self.recent else None

    @property
    def days_left(self) -> int | None:
        """Days until the goal is reached at this pace; 0 = it is reached, None = nobody can tell, or it is too early."""
        if not self.left:
            return 0
        return None if self.pace is None or self.too_early else -int(-self.left // self.pace)

    @property
    def too_early(self) -> bool:
        """True if the pace is of too few working days for a forecast."""
        return 0 < self.worked < LEAST_DAYS
