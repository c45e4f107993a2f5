"""What the pages show, as one viewer may see it, and what people do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import CorrectionUnknown
from station.base.settings import Settings
from station.base.words import tell
from station.domain.corrections.correction import Entry, ItemToFix
from station.domain.people.rights import Role
from station.domain.ports import Worker
from station.domain.sampling import RejectedLot
from station.office.background import Background
from station.office.bench_check import BenchCheck
from station.office.chain import Chain
from station.runtime.acts import Acts
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import catalog_index
from station.runtime.lot_rechecks import LotOrders
from station.store.catalog_index.index import CatalogIndex
from station.store.people.visibility import Visibility, item_to_fix
from station.store.projections.workers import ACTIVE, STAFF
from station.store.queries.queries import Queries


class Sources:
    """The station's data."""

    def __init__(self, settings: Settings, data: Path, clock: Clock) -> None:
        self.settings = settings
        self.data = data
        self.clock = clock
        self.acts = Acts(settings, data, clock)
        self._journal = Queries(data / JOURNAL, clock)
        self.check: Background[BenchCheck] = Background(clock, "office-check")
        self.chain = Chain(settings, data, clock, self._journal)
        self.at_center = False
        """True for a bench's copy at the center, whose list has the rows of other benches, too."""

    def over(self, journal: Queries) -> Sources:
        """Return the same over another journal, which is never checked here: a bench's copy at the center."""
        other = copy(self)
        other.at_center = True
        other._journal, other.chain = journal, Chain(self.settings, self.data, self.clock, None)
        return other

    @property
    def signs_on(self) -> bool:
        """Whether people sign on here."""
        return self.settings.people.sign_on

    def operator(self) -> Worker:
        """Return the operator of the settings, who reads and acts where nobody signs on."""
        name = self.settings.station.operator
        return self.person(name) if self._journal.exists else Worker(id=name, name=name, role=None)

    def person(self, name: str, viewer: str = "") -> Worker:
        """Return the worker with this login or id, else an unregistered worker. `viewer`: id of the reader, for the names
        that the station gives to an office in an account of its own."""
        return self.acts.workforce(viewer, self._journal).find(name)

    def at_once(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads the journal as of one moment."""
        return self._journal.at_once()

    def role_of(self, worker: str) -> Role | None:
        """Return the role of a registered worker, also after the end of the work here; None = not registered."""
        return self._journal.workers().get(worker, (None, ""))[0] if self._journal.exists else None

    def nobody_manages(self) -> bool:
        """Return True while no active worker may manage people: then anyone may begin."""
        known = self._journal.workers().values() if self._journal.exists else ()
        return not any(role in STAFF and standing == ACTIVE for role, standing in known)

    def newest(self) -> int:
        """Return the number of the journal's newest event; 0 = there is none."""
        return self._journal.head().seq if self._journal.exists else 0

    def queries(self, viewer: Worker) -> Queries:
        """Return the journal as the viewer may read it."""
        return self._journal.seen_by(viewer.id)

    def names(self, viewer: Worker) -> dict[str, str]:
        """Return the names that the viewer may see, and the text for all other people, by worker id."""
        if not self._journal.exists:
            return {}
        return {**dict.fromkeys(self._journal.workers(), tell("correction.another")), **self.visibility(viewer).names()}

    def people_to_choose(self, viewer: Worker) -> list[tuple[str, str]]:
        """Return the people of whose work the viewer may ask, by id with name: all, or only the viewer."""
        people = {row.worker: row.name or row.worker for row in self.visibility(viewer).people()}
        own = {viewer.id: viewer.name or viewer.id} if viewer.id else {}
        return sorted((own | people).items(), key=lambda person: person[1].casefold())

    def visibility(self, viewer: Worker) -> Visibility:
        """Return what the viewer may see of people and of their work."""
        queries = self.queries(viewer)
        return Visibility(queries, self.acts.workforce(viewer.id, queries), viewer, tell("correction.another"))

    def corrections_of(self, viewer: Worker, barcode: str) -> tuple[Entry, ...]:
        """Return the open corrections of one item, the oldest first, as the viewer may see them."""
        return self.visibility(viewer).corrections(barcode=barcode) if self._journal.exists else ()

    def correction(self, viewer: Worker, name: str) -> Entry:
        """Return one correction as the viewer may see it. Raises `StillBlind` and `CorrectionUnknown`."""
        entry = self.visibility(viewer).correction(name) if self._journal.exists else None
        if entry is None:
            raise CorrectionUnknown(name)
        return entry

    def item_to_fix(self, viewer: Worker, barcode: str) -> ItemToFix:
        """Return the item of a correction as the viewer may see it."""
        return item_to_fix(self.queries(viewer), barcode, None)

    def rejected(self, viewer: Worker) -> tuple[RejectedLot, ...]:
        """Return the rejected lots that the viewer may see."""
        return self.visibility(viewer).rejected_lots() if self._journal.exists else ()

    def lot_orders(self) -> LotOrders:
        """Return what makes the orders to recheck a rejected lot. It sees all items, and tells of none."""
        return LotOrders(self._journal, self.clock, self.settings.corrections.recheck_days)

    def active(self, viewer: Worker) -> tuple[str, ...]:
        """Return the ids of the people who work here and whom the viewer may see."""
        return tuple(row.worker for row in self.visibility(viewer).people() if row.standing == ACTIVE)

    @contextmanager
    def catalog(self) -> Iterator[CatalogIndex]:
        """Open the catalog index. Raises `CatalogError`."""
        index = catalog_index(self.settings, self.data)
        try:
            yield index
        finally:
            index.close()
