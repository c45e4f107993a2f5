"""Decode journal rows into events."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec

from station.base.errors import StoreCorrupt, StoreError, StoreTooNew
from station.base.words import tell
from station.domain import events as ev
from station.domain.findings import Finding, RuleText
from station.domain.item import ItemRecord
from station.store.database.database import Sql

_Stored = tuple[int, Sequence[ev.StoredFinding], Sequence[str]]


class Decoder:
    """Decodes rows of one journal. A row may refer to data in earlier events. For one connection."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._texts: dict[int, Mapping[str, RuleText]] = {}
        self._findings: dict[str, tuple[_Stored, tuple[Finding, ...]]] = {}
        """What an operator found last, as stored and whole."""
        self._item: tuple[int, ItemRecord] | None = None

    def __call__(self, seq: int, kind: str, payload: bytes) -> ev.AnyEvent:
        """Return the event of one row. Raises `StoreTooNew` for a kind unknown to this program, `StoreCorrupt` for
        invalid data."""
        try:
            event = ev.decode_as(kind, payload, self)
        except (KeyError, msgspec.DecodeError) as error:
            raise _unreadable(seq, kind, error) from error
        if isinstance(event, ev.ItemScanned):
            self.scanned(seq, event)
        return event

    def stored(
        self, numbers: Sequence[int], kinds: Sequence[str], payloads: Sequence[bytes], incomplete: Container[str]
    ) -> list[Any]:
        """Decode many events to `domain.events.stored_forms`, in a fraction of the time. Errors as for one event; what an
        event of a kind in `incomplete` refers to may be missing."""
        try:
            found = ev.stored_forms(kinds, payloads)
            for judging in ev.JUDGING.intersection(kinds):
                if judging not in incomplete:
                    ev.require_earlier([one for one, kind in zip(found, kinds, strict=True) if kind == judging], self)
        except (LookupError, msgspec.DecodeError):  # which one?
            for row in zip(numbers, kinds, payloads, strict=True):
                self(*row)
            raise
        return found

    def whole(self, seq: int, kind: str, form: Any) -> Any:
        """Return the event of one of the forms of `stored`. Raises `StoreCorrupt` if what it refers to is missing."""
        try:
            return ev.whole(kind, form, self)
        except LookupError as error:
            raise _unreadable(seq, kind, error) from error

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
        self, rules_in: int, operator: str, found: Sequence[ev.StoredFinding], abstained: Sequence[str]
    ) -> tuple[Finding, ...]:
        """Implement `domain.events.stored.Earlier`. The newest findings of each operator are cached: most items are
        judged alike."""
        stored = (rules_in, found, abstained)
        if (newest := self._findings.get(operator)) is None or newest[0] != stored:
            texts = self.texts(rules_in) if rules_in else {}
            newest = self._findings[operator] = (stored, ev.whole_findings(found, abstained, texts, operator))
        return newest[1]

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
        return None if row is None else ev.decode_as(row[0], bytes(row[1]), self)


def _unreadable(seq: int, kind: str, error: Exception) -> StoreError:
    if kind not in ev.KINDS:
        return StoreTooNew(tell("store.event.unknown", number=seq, kind=repr(kind)))
    return StoreCorrupt(tell("store.event.broken", number=seq, kind=kind, why=error))


def by_id(event: ev.RulesInForce) -> dict[str, RuleText]:
    return {rule.id: rule for rule in event.rules}
