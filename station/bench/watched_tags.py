"""Tags on the pad that must not be seen again: those of withdrawn pieces that were not at hand, and destroyed ones."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.desk import Desk
from station.bench.pad import GONE
from station.domain.snapshot import Sound
from station.domain.tag_image import Uid

_LONGEST = 60
"""Characters of a title."""


class WatchedTags:
    """Says once that such a tag was put on the pad, in whatever workflow."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: frozenset[Uid] = frozenset()

    def look(self, uids: frozenset[Uid]) -> None:
        """Look at the tags that were put on the pad since the last look."""
        new, pad = uids - self._seen, self._desk.pad
        self._seen = frozenset(uid for uid in self._seen | uids if pad.looks_without(uid) < GONE)
        for uid in sorted(new):
            tag = self._desk.ports.departures.watched(uid)
            if tag is not None:
                year, month = tag.day[:4], Sentence(f"withdrawal.month.{int(tag.day[5:7])}")
                title = clean(tag.title, _LONGEST) or tag.barcode
                self._desk.say(Sentence("withdrawal.watched", title=title, month=month, year=year), Sound.BAD)
