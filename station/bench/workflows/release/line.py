"""Whether an item may leave the bench, as the desk knows it now."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import CatalogError, SyncError
from station.bench.desk import Desk
from station.bench.workflows.release.rules import line_of
from station.domain.events import ItemJudged
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import standing
from station.domain.workflows import ReleaseLine


def line_now(desk: Desk, barcode: str, record_of: Callable[[], ItemRecord | None]) -> ReleaseLine:
    """Judge one item for the worker. `record_of`: returns its record, for an item without a verdict."""
    logged = desk.history.about_item(barcode)
    judged = any(isinstance(entry.event, ItemJudged) for entry in standing(logged))
    return line_of(
        barcode,
        logged=logged,
        deliveries=desk.history.deliveries_of(barcode),
        bindings=desk.journal.bindings_for(Barcode(barcode)),
        corrections=desk.journal.open_corrections(Barcode(barcode)),
        state=desk.journal.state_of(Barcode(barcode)),
        record=None if judged else record_of(),
        viewer=desk.worker.id,
    )


def record_now(desk: Desk, barcode: str) -> ItemRecord | None:
    """Return the record of the library system, else of the catalog; None = neither answers with one."""
    try:
        return desk.catalog.find(Barcode(barcode))
    except (CatalogError, SyncError):
        return None
