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
from station.store.people.visibility import WorkViews
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

    def queries(self, viewer: Worker) -> Queries:
        """Return the journal as the viewer may read it."""
        return self._journal.seen_by(viewer.id)

    def names(self, viewer: Worker) -> dict[str, str]:
        """Return the names that the viewer may see, and the text for all other people, by worker id."""
        return self._work(viewer).names(viewer.id, tell("correction.another")) if self._journal.exists else {}

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
