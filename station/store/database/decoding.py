"""Decode journal rows into events."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
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
            self._item = (seq, event.item)
        return event

    def check(self, events: Iterable[Sequence[Any]], without: Container[str]) -> None:
        """Raise the error of decoding one of these rows, in a fraction of the time. A row begins with number, kind and payload.
        Kinds in `without` are skipped."""
        kinds: dict[str, list[Sequence[Any]]] = {}
        for event in events:
            if event[1] not in without:
                kinds.setdefault(event[1], []).append(event)
        for kind, rows in kinds.items():
            try:
                ev.check_all(kind, [row[2] for row in rows], self)
            except (KeyError, msgspec.DecodeError):  # which one?
                for row in rows:
                    self(*row[:3])

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
