"""Decode journal rows into events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from station.base.errors import StoreCorrupt, StoreError, StoreTooNew
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.findings import Finding, RuleText
from station.domain.item import ItemRecord
from station.store.database.archives import Archives
from station.store.database.database import Sql


class Decoder:
    """Decodes rows of one journal. A row may refer to data in earlier events. For one connection."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._archives = Archives(sql)
        self._texts: dict[int, Mapping[str, RuleText]] = {}
        self._item: tuple[int, ItemRecord] | None = None

    def __call__(self, seq: int, kind: str, payload: bytes) -> ev.AnyEvent:
        """Return the event of one row. Raises `StoreTooNew` for a kind unknown to this program, `StoreCorrupt` for
        invalid data, `ArchiveUnusable`."""
        payload = self.whole(seq, payload)
        try:
            event = ev.decode_as(kind, payload, self)
        except (KeyError, msgspec.DecodeError) as error:
            raise unreadable(seq, kind, error) from error
        if isinstance(event, ev.ItemScanned):
            self.scanned(seq, event)
        return event

    def whole(self, seq: int, payload: bytes) -> bytes:
        """Return the payload as it was journaled, also if it is in an archive. Errors as for the event."""
        return self._archives.whole(seq, payload)

    def partly(
        self, decoders: ev.PartialDecoders, numbers: Sequence[int], kinds: Sequence[str], payloads: Sequence[bytes]
    ) -> list[Any]:
        """Decode many events with `domain.events.partial_decoders`, in a fraction of the time. Errors as for one event;
        what an event refers to may be missing."""
        try:
            return ev.partly(decoders, kinds, payloads)
        except (KeyError, msgspec.DecodeError):  # which one?
            for row in zip(numbers, kinds, payloads, strict=True):
                self(*row)
            raise

    def scanned(self, seq: int, event: ev.ItemScanned) -> None:
        """Cache the record of event `seq`: the next events refer to it."""
        self._item = (seq, event.item)

    def texts(self, seq: int) -> Mapping[str, RuleText]:
        """Implement `domain.events.stored.Earlier`."""
        if seq not in self._texts:
            event = self._event(seq)
            if not isinstance(event, ev.RulesInForce):
                raise LookupError(f"event {seq} holds no rules")
            self._texts[seq] = by_id(event)
        return self._texts[seq]

    def findings(
        self, rules_in: int, operator: str, stored: Sequence[ev.StoredFinding], abstained: ev.RuleIds
    ) -> tuple[Finding, ...]:
        """Implement `domain.events.stored.Earlier`."""
        return ev.whole_findings(stored, abstained, self.texts(rules_in) if rules_in else {}, operator)

    def item(self, seq: int) -> ItemRecord:
        """Implement `domain.events.stored.Earlier`. The record that was scanned last is cached."""
        if self._item is not None and self._item[0] == seq:
            return self._item[1]
        event = self._event(seq)
        if isinstance(event, ev.ItemScanned | ev.WithdrawalBegan):
            return event.item
        raise LookupError(f"event {seq} holds no record")

    def _event(self, seq: int) -> ev.AnyEvent | None:
        row = self._sql.execute("SELECT kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else ev.decode_as(row[0], self.whole(seq, bytes(row[1])), self)


def unreadable(seq: int, kind: str, error: Exception) -> StoreError:
    """Return the error for an event that cannot be decoded."""
    if kind not in ev.KINDS:
        return StoreTooNew(Sentence("store.event.unknown", number=seq, kind=repr(kind)))
    return StoreCorrupt(Sentence("store.event.broken", number=seq, kind=kind, why=clean(str(error))))


def by_id(event: ev.RulesInForce) -> dict[str, RuleText]:
    return {rule.id: rule for rule in event.rules}
