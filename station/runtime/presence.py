"""Journal what the library system has, when it contradicts the journal: each live look-up is such a question."""

from __future__ import annotations

import logging
from collections.abc import Callable

from station.base.errors import StationError
from station.domain.events import Presence, PresenceRead
from station.domain.item import Barcode, ItemRecord
from station.runtime.library_systems import Seen
from station.store.owner import Store

_log = logging.getLogger("station.runtime.presence")


def noting(store: Callable[[], Store | None]) -> Seen:
    """Return what journals a look-up's answer if it is news (`store.projections.presence`). It raises nothing: the look-up
    goes on, and the next one brings the same answer."""

    def seen(system: str, barcode: Barcode, record: ItemRecord | None) -> None:
        now = store()
        if now is None:
            return
        presence = Presence.ABSENT if record is None else Presence.PRESENT
        title = record.title if record is not None else ""
        event = PresenceRead(system=system, barcode=barcode, presence=presence, title=title)
        try:
            if now.queries.presence_is_news(event):
                now.journal.order(event)
        except StationError as error:
            _log.warning("presence of an item was not journaled: %s", error.code)

    return seen
