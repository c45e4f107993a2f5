"""The ledger of tags and items: the writes of this bench, and those of other benches as far as the center has answered.

Nothing waits for an answer. One that came is of the bench's event `seq`: what this bench did since counts more than the
answer.
"""

from __future__ import annotations

from station.base.text import clean
from station.domain.item import Barcode
from station.domain.ports import Binding, Elsewhere, Journal
from station.domain.tag_image import Uid
from station.domain.tags_elsewhere import GoneTag, TagQuestion, TagsElsewhere


class SharedLedger:
    """Reads the journal's bindings and the answers."""

    def __init__(self, journal: Journal, elsewhere: Elsewhere) -> None:
        self._journal = journal
        self._elsewhere = elsewhere
        self._newest_before: int | None = None
        """The journal's newest event before this program wrote; None = not known yet."""
        self._written: dict[str, int] = {}
        """Number of the event that proved a tag, by UID, of the writes that the newest answer does not know."""

    def ask(self, *, barcode: str = "", uid: str = "") -> None:
        """Begin to ask about an item or a tag."""
        self._elsewhere.ask(TagQuestion(barcode, uid))

    def recorded(self, seq: int, count: int, uids: tuple[str, ...]) -> None:
        """Know that the last of `count` new events is event `seq`, and that they prove these tags."""
        if self._newest_before is None:
            self._newest_before = seq - count
        if self._elsewhere.asks:
            self._written.update(dict.fromkeys(uids, seq))

    def heard(self, barcode: str) -> str:
        """Return whether the center has answered about this item: "answered", "silent"; "" = the bench has no center."""
        if not self._elsewhere.asks:
            return ""
        return "answered" if self._elsewhere.answer(TagQuestion(barcode)) is not None else "silent"

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        own = self._journal.bindings_for(barcode)
        answer = self._answer(TagQuestion(barcode))
        return own if answer is None else self._merged(own, answer)

    def held_for(self, barcode: str) -> tuple[Binding, ...]:
        """Return the tags of an item that other benches wrote."""
        if self._elsewhere.answer(TagQuestion(barcode)) is None:
            return ()
        return tuple(binding for binding in self.bindings_for(Barcode(barcode)) if binding.bench)

    def binding_of(self, uid: Uid) -> Binding | None:
        own = self._journal.binding_of(uid)
        answer = self._answer(TagQuestion(uid=uid))
        if answer is None:
            return own
        merged = self._merged(() if own is None else (own,), answer)
        return merged[0] if merged else None

    def _answer(self, question: TagQuestion) -> TagsElsewhere | None:
        answer = self._elsewhere.answer(question)
        if answer is not None:
            self._written = {uid: seq for uid, seq in self._written.items() if seq > answer.seq}
        return answer

    def _merged(self, own: tuple[Binding, ...], answer: TagsElsewhere) -> tuple[Binding, ...]:
        knows_all = self._newest_before is not None and self._newest_before <= answer.seq
        left = tuple(
            binding
            for binding in own
            if not knows_all
            or binding.uid in self._written
            or GoneTag(binding.uid, binding.barcode, binding.part) not in answer.gone
        )
        day = self._elsewhere.day
        uids = {binding.uid for binding in left} | set(self._written)
        newer = {binding.part for binding in left if not knows_all or binding.uid in self._written}
        held = (
            Binding(Uid(tag.uid), Barcode(tag.barcode), tag.part, tag.parts, clean(tag.bench), day(tag.at))
            for tag in answer.held
            if tag.uid not in uids and tag.part not in newer
        )
        return tuple(sorted((*left, *held), key=lambda binding: (binding.part, binding.uid)))
