"""Carry out orders, and list the orders to library systems that can be given for an item without typing, for the
screen's counterpart of `station library`. Places and condition codes come from the settings; sets are those used
before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from station.base.settings import Settings
from station.domain.deliveries.delivery import Offer
from station.domain.deliveries.intents import (
    FactsIntent,
    Intent,
    MembersIntent,
    ScanInIntent,
    kind,
)
from station.domain.events import FindingWaived, ItemJudged, Ordered
from station.domain.item import Barcode
from station.domain.ports import DeliverySystem
from station.quality.verdict.waivers import deliveries, rejudged
from station.store.owner import Store
from station.sync.alma.mapping import CONDITION, load_mapping


def carry_out(
    store: Store,
    events: Sequence[Ordered],
    systems: Sequence[str],
    scan_in: Sequence[str] = (),
    expects: int | None = None,
) -> int:
    """Journal a person's orders, all or none. Return the number of the last event. A waiver also judges its item again,
    and notifies the library systems. `expects`: as for `ports.Journal.order`. Raises what that raises."""
    judged: dict[tuple[str, int], ItemJudged] = {}
    for event in events:
        if not isinstance(event, FindingWaived):
            continue
        last = store.queries.last_judged(event.barcode, event.part)
        before = judged.get((event.barcode, event.part)) or (last.event if last is not None else None)
        again = rejudged(before, event) if before is not None else None
        if again is not None:
            judged[event.barcode, event.part] = again
    results = [
        (result, deliveries(result, systems, store.journal.passed_parts(Barcode(barcode)), scan_in))
        for (barcode, _), result in judged.items()
    ]
    return store.journal.order(*events, results=results, expects=expects)


def offers(
    settings: Settings, data: Path, systems: Mapping[str, DeliverySystem], sets: Sequence[str], barcode: str
) -> tuple[Offer, ...]:
    """Return the possible orders by system and kind. A withdrawal is decided, not ordered. Raises `SettingsError` for an
    invalid mapping."""
    found = [
        Offer(system=name, barcode=barcode, intent=intent)
        for name, system in systems.items()
        for intent in _intents(name, settings, data, sets, barcode)
        if kind(intent) in system.kinds and name != "file"
    ]
    return tuple(found)


def _intents(name: str, settings: Settings, data: Path, sets: Sequence[str], barcode: str) -> Iterator[Intent]:
    if name == "sip2" and settings.delivery.sip2.desk:
        yield ScanInIntent(barcode=barcode, desk=settings.delivery.sip2.desk)
    if name != "alma":
        return
    alma = settings.delivery.alma
    if alma.library and (alma.department or alma.circ_desk):
        plain = ScanInIntent(
            barcode=barcode, library=alma.library, department=alma.department, desk=alma.circ_desk,
            work_order_type=alma.work_order_type,
        )  # fmt: skip
        yield plain
        if alma.department and alma.work_order_type:
            yield msgspec.structs.replace(plain, done=True)
    mapping = load_mapping(alma, data)
    if any(f"{{{CONDITION}}}" in template for template in mapping.fields.values()):
        for code in sorted(set(mapping.conditions.values())):
            yield FactsIntent(barcode=barcode, condition=code)
    for set_id in sets:
        yield MembersIntent(set_id=set_id, barcodes=(barcode,))
