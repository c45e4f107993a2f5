"""From a row of the journal to its event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from station.base.errors import StoreCorrupt, StoreTooNew
from station.base.words import tell
from station.domain import events as ev
from station.domain.findings import RuleText
from station.domain.item import ItemRecord
from station.store.database.database import Sql

KINDS: Final = frozenset(str(struct.__struct_config__.tag) for struct in ev.AnyEvent.__args__)
"""Every kind of event this program knows."""


class Decoder:
    """Decodes rows of one journal, whose earlier events hold what a row refers to. For one connection."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._texts: dict[int, Mapping[str, RuleText]] = {}

    def __call__(self, seq: int, kind: str, payload: bytes) -> ev.AnyEvent:
        """The event of one row. `StoreTooNew` for a kind this program does not know, `StoreCorrupt` for nonsense."""
        if kind not in KINDS:
            raise StoreTooNew(tell("store.event.unknown", number=seq, kind=repr(kind)))
        try:
            event = ev.decode(payload, self)
        except msgspec.DecodeError as error:
            raise StoreCorrupt(tell("store.event.broken", number=seq, kind=kind, why=error)) from error
        if ev.kind(event) != kind:
            raise StoreCorrupt(tell("store.event.other-kind", number=seq, said=ev.kind(event), kind=kind))
        return event

    def texts(self, seq: int) -> Mapping[str, RuleText]:
        """See `domain.events.stored.Earlier`."""
        if seq not in self._texts:
            event = self._event(seq)
            if not isinstance(event, ev.RulesInForce):
                raise LookupError(f"event {seq} holds no rules")
            self._texts[seq] = by_id(event)
        return self._texts[seq]

    def item(self, seq: int) -> ItemRecord:
        """See `domain.events.stored.Earlier`."""
        event = self._event(seq)
        if isinstance(event, ev.ItemScanned | ev.WithdrawalBegan):
            return event.item
        raise LookupError(f"event {seq} holds no record")

    def _event(self, seq: int) -> ev.AnyEvent | None:
        rows = list(self._sql.execute("SELECT payload FROM events WHERE seq = ?", (seq,)))
        return ev.decode(bytes(rows[0][0])) if rows else None


def by_id(event: ev.RulesInForce) -> dict[str, RuleText]:
    return {rule.id: rule for rule in event.rules}
