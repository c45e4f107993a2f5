"""Times and people as the operators of this bench read them: local time, and names in place of worker ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from station.base.sentence import Sentence
from station.base.text import clean, with_names
from station.base.words import tell
from station.base.words.times import time_words


class Local:
    """`now`: the local time; its time zone is that of the bench, or of the machine if it has none."""

    def __init__(self, now: Callable[[], datetime] = datetime.now) -> None:
        self.now = now
        self.names: Mapping[str, str] = {}
        """Names that the viewer may see, by worker id."""

    def day(self, at: str) -> str:
        """Return the local date of a journaled time (ISO 8601, UTC)."""
        local = self._local(at)
        return at[:16] if local is None else f"{local:%Y-%m-%d}"

    def time(self, at: str) -> str:
        """Return the local time of day, to the minute ("2:05 PM")."""
        local = self._local(at)
        return at[:16] if local is None else time_words(local)

    def minute(self, at: str) -> str:
        """Return local date and time, to the minute."""
        local = self._local(at)
        return at[:16] if local is None else f"{local:%Y-%m-%d} {time_words(local)}"

    def person(self, worker: str) -> str:
        """Return the name of a worker, or the text as given."""
        return self.names.get(worker, worker)

    def people(self, sentence: Sentence) -> str:
        """Return a sentence of the journal as text, bounded, with names in place of worker ids."""
        return with_names(clean(tell(sentence)), self.names)

    def _local(self, at: str) -> datetime | None:
        """Return the local time; None for an unreadable time of a damaged journal."""
        try:
            return datetime.fromisoformat(at).astimezone(self.now().tzinfo)
        except (ValueError, OverflowError):
            return None


HERE: Final = Local()
"""This machine's time zone, without names."""
