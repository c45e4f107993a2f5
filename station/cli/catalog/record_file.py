"""A MARC file that a command reads: each record is read with the evidence of the whole file for its character set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.base.errors import FileNotMarc
from station.catalog.marc import marc
from station.catalog.marc.marc import NotMarc, RawRecord, Rejected
from station.store.catalog_index.source import Source
from station.store.catalog_index.unfinished_import import Progress


class RecordFile:
    """The records of a file, as often as they are needed. Raises `FileNotMarc`, also while it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._source = Source(path)
        try:
            with self._errors():
                self.evidence = marc.file_evidence(self._source)
        except BaseException:
            self.close()
            raise

    def records(self) -> Iterator[RawRecord | Rejected]:
        """Yield all records from the first on."""
        with self._errors():
            self._source.restart()
            yield from marc.read_like_file(marc.read(self._source), self.evidence)

    def progress(self, records: int) -> Progress:
        """Return the progress after this number of records."""
        return Progress(phase="reading", records=records, done=self._source.done, total=self._source.total)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except NotMarc as error:
            raise FileNotMarc(f"{self._path.name}: {error}") from error
        except OSError as error:
            raise FileNotMarc(f"{self._path}: {error.strerror or error}") from error
