"""The ledger of tags and items: the writes of this bench, and those of other benches as far as the center has answered.

Nothing waits for an answer. One that came is of the bench's event `seq`: what this bench did since counts more than the
answer.
"""

from __future__ import annotations

from typing import Final

from station.base.text import clean
from station.domain.item import Barcode
from station.domain.ports import Binding, Elsewhere, Journal
from station.domain.tag_image import Uid
from station.domain.tags_elsewhere import GoneTag, TagQuestion, TagsElsewhere

_MOST: Final = 5000
"""Writes of this program that are remembered. The center has earlier ones, or does not answer."""


class SharedLedger:
    """Reads the journal's bindings and the answers."""

    def __init__(self, journal: Journal, elsewhere: Elsewhere) -> None:
        self._journal = journal
        self._elsewhere = elsewhere
        self.asks = elsewhere.asks
        """Whether the bench has a center: without one, nothing here has to be called."""
        self._newest_before: int | None = None
        """The journal's newest event before this program wrote; None = not known yet."""
        self._written: dict[str, int] = {}
        """Number of the event that proved a tag, by UID: of the newest writes of this program, the oldest first."""

    def ask(self, *, barcode: str = "", uid: str = "") -> None:
        """Begin to ask about an item or a tag."""
        if self.asks:
            self._elsewhere.ask(TagQuestion(barcode, uid))

    def recorded(self, seq: int, count: int, uids: tuple[str, ...]) -> None:
        """Know that the last of `count` new events is event `seq`, and that they prove these tags."""
        if self._newest_before is None:
            self._newest_before = seq - count
        for uid in uids:
            self._written.pop(uid, None)
            self._written[uid] = seq
            if len(self._written) > _MOST:
                del self._written[next(iter(self._written))]

    def heard(self, barcode: str, uid: str) -> str:
        """Return whether the center has answered about this item, or about the tag if there is no item: "answered",
        "silent"; "" = the bench has no center."""
        if not self.asks:
            return ""
        question = TagQuestion(barcode) if barcode else TagQuestion(uid=uid)
        return "answered" if self._elsewhere.answer(question) is not None else "silent"

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        own = self._journal.bindings_for(barcode)
        answer = self._elsewhere.answer(TagQuestion(barcode))
        return own if answer is None else self._merged(own, answer)

    def held_for(self, barcode: str) -> tuple[Binding, ...]:
        """Return the tags of an item that other benches wrote."""
        if self._elsewhere.answer(TagQuestion(barcode)) is None:
            return ()
        return tuple(binding for binding in self.bindings_for(Barcode(barcode)) if binding.bench)

    def binding_of(self, uid: Uid) -> Binding | None:
        own = self._journal.binding_of(uid)
        answer = self._elsewhere.answer(TagQuestion(uid=uid))
        if answer is None:
            return own
        merged = self._merged(() if own is None else (own,), answer)
        return merged[0] if merged else None

    def _merged(self, own: tuple[Binding, ...], answer: TagsElsewhere) -> tuple[Binding, ...]:
        newer_uids = {uid for uid, seq in self._written.items() if seq > answer.seq}
        knows_all = self._newest_before is not None and self._newest_before <= answer.seq
        left = tuple(
            binding
            for binding in own
            if not knows_all
            or binding.uid in newer_uids
            or GoneTag(binding.uid, binding.barcode, binding.part) not in answer.gone
        )
        day = self._elsewhere.day
        uids = {binding.uid for binding in left} | newer_uids
        newer_parts = {binding.part for binding in left if not knows_all or binding.uid in newer_uids}
        held = (
            Binding(Uid(tag.uid), Barcode(tag.barcode), tag.part, tag.parts, clean(tag.bench), day(tag.at))
            for tag in answer.held
            if tag.uid not in uids and tag.part not in newer_parts
        )
        # The bench's own tag comes first, because the gate names the first tag as replaced. The next write ends the binding
        # of the own tag in any case. The tag of another bench stays bound until a write names it.
        return tuple(sorted((*left, *held), key=lambda binding: (binding.part, bool(binding.bench), binding.uid)))
