"""What the pages show, as one viewer may see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.base.clock import Clock
from station.base.settings import Settings
from station.base.words import tell
from station.domain.corrections.correction import Entry
from station.domain.ports import Worker
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.authenticator import workforce
from station.runtime.library_systems import catalog_index
from station.store.catalog_index.index import CatalogIndex
from station.store.people.visibility import Visibility, WorkViews
from station.store.queries.queries import Queries


class Sources:
    """The station's data. Where nobody signs on, the viewer is the operator of the settings, as for commands."""

    def __init__(self, settings: Settings, data: Path, clock: Clock) -> None:
        self.settings = settings
        self.data = data
        self.clock = clock
        self._journal = Queries(data / JOURNAL, clock)

    def viewer(self) -> Worker:
        """Return the person who reads."""
        name = self.settings.station.operator
        if not self._journal.exists:
            return Worker(id=name, name=name, role=None)
        return workforce(self.data, self._journal).find(name)

    def person(self, name: str) -> Worker:
        """Return the worker with this login or id, else an unregistered worker."""
        return workforce(self.data, self._journal).find(name)

    def newest(self) -> int:
        """Return the number of the journal's newest event; 0 = there is none."""
        return self._journal.head().seq if self._journal.exists else 0

    def queries(self, viewer: Worker) -> Queries:
        """Return the journal as the viewer may read it."""
        return self._journal.seen_by(viewer.id)

    def names(self, viewer: Worker) -> dict[str, str]:
        """Return the names that the viewer may see, and the text for all other people, by worker id."""
        return self._work(viewer).names(viewer.id, tell("correction.another")) if self._journal.exists else {}

    def people_to_choose(self, viewer: Worker) -> list[tuple[str, str]]:
        """Return the people of whose work the viewer may ask, by id with name: all, or only the viewer."""
        people = {row.worker: row.name or row.worker for row in self.visibility(viewer).people()}
        own = {viewer.id: viewer.name or viewer.id} if viewer.id else {}
        return sorted((own | people).items(), key=lambda person: person[1].casefold())

    def visibility(self, viewer: Worker) -> Visibility:
        """Return what the viewer may see of people and of their work."""
        queries = self.queries(viewer)
        return Visibility(queries, workforce(self.data, queries), viewer, tell("correction.another"))

    def corrections(self, viewer: Worker, *, closed: bool) -> tuple[Entry, ...]:
        """Return the corrections as the viewer may see them."""
        return self._work(viewer).corrections(viewer.id, closed=closed) if self._journal.exists else ()

    def _work(self, viewer: Worker) -> WorkViews:
        queries = self.queries(viewer)
        return WorkViews(queries, workforce(self.data, queries))

    @contextmanager
    def catalog(self) -> Iterator[CatalogIndex]:
        """Open the catalog index. Raises `CatalogError`."""
        index = catalog_index(self.settings, self.data)
        try:
            yield index
        finally:
            index.close()
