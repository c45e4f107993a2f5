"""The benches of a center, as one reader of the pages may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from station.base.words import tell
from station.domain.fleet_standing import BenchStanding, Goal, Holding, Refused
from station.domain.ports import Worker
from station.office.sources import Sources
from station.store.people.visibility import ANOTHER
from station.store.queries.queries import Queries

if TYPE_CHECKING:  # of the extra
    from station.store.postgres.viewed import Center, ViewedBench


class Viewing:
    """What the center has, by the rights of each reader. The database decides which sites a reader sees."""

    def __init__(self, sources: Sources, center: Center) -> None:
        """`sources`: of the center's own data directory, which has the people who read here."""
        self._sources, self._center = sources, center

    def at_once(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads all benches as of one moment."""
        return self._center.at_once()

    def sites(self, viewer: Worker) -> tuple[str, ...] | None:
        """Return the sites that a reader sees; None = all."""
        viewers = self._sources.settings.fleet.viewers
        if not viewers:
            return None
        seen: set[str] = set()
        for entry in viewers:
            if viewer.id in (entry.person, self._sources.person(entry.person).id):
                seen.update(entry.sites)
        return None if "*" in seen else tuple(sorted(seen))

    def benches(self, viewer: Worker) -> tuple[ViewedBench, ...]:
        """Return the benches that a reader sees, by site and name."""
        return self._center.benches(self.sites(viewer))

    def sources(self, viewer: Worker, bench: str) -> Sources:
        """Return what the pages show of one bench. Of a bench that the reader may not see, there is nothing."""
        tables = self._center.tables(self.sites(viewer), bench)
        return self._sources.over(Queries(tables, self._sources.clock))

    def names(self, viewer: Worker, benches: Sequence[str]) -> dict[str, str]:
        """Return the texts for the people of these benches, by id. The center has no names: who may see others reads
        ids."""
        another = tell("correction.another")
        names = {ANOTHER: another}
        for bench in benches:
            own = self.sources(viewer, bench)
            if not own.visibility(viewer).all:
                names |= dict.fromkeys(own.queries(viewer).workers(), another)
        return names

    def standings(self, viewer: Worker, benches: Sequence[str]) -> tuple[BenchStanding, ...]:
        """Return how these benches are."""
        return self._center.standings(self.sites(viewer), benches)

    def ledger(
        self, viewer: Worker, benches: Sequence[str], what: str, only: str, after: str, limit: int
    ) -> tuple[Holding, ...]:
        """Return the tags that these benches wrote last, as `store.postgres.standing.ledger`."""
        return self._center.ledger(self.sites(viewer), benches, what, only, after, limit)

    def quarantine(
        self, viewer: Worker, benches: Sequence[str], why: str, after: str, limit: int
    ) -> tuple[Refused, ...]:
        """Return the refused events of these benches, as `store.postgres.standing.quarantine`."""
        return self._center.quarantine(self.sites(viewer), benches, why, after, limit)

    def goals(self, viewer: Worker) -> tuple[Goal, ...]:
        """Return the goals of the sites that a reader sees."""
        return self._center.goals(self.sites(viewer), self._sources.clock.now())

    def titles(self, viewer: Worker, rows: Iterable[Holding]) -> dict[str, str]:
        """Return the titles of tagged items by barcode, as the benches that wrote the tags know them."""
        barcodes: dict[str, list[str]] = {}
        for row in rows:
            barcodes.setdefault(row.bench, []).append(row.barcode)
        titles: dict[str, str] = {}
        for bench, of_bench in barcodes.items():
            titles |= self.sources(viewer, bench).queries(viewer).titles(filter(None, of_bench))
        return titles
