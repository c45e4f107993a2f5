"""Keep received copies in the acquisitions department: a scan-in that begins a work order there.

Alma puts a received copy of a one-time order in transit, and its interface has no "keep in department": this second call
is that. It is sent at most once if its effect cannot be read.
"""

from __future__ import annotations

from typing import Final

from station.base.errors import Conflict, Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt, Sending
from station.domain.deliveries.intents import Decision
from station.sync.alma.client import AlmaClient, Place
from station.sync.alma.moves import confirmed, encoded, is_at, read_item, seen_of

_BEFORE: Final = ("", "TRANSIT")
"""Values of process_type of a copy that was just received (docs/reference/systems.md#alma-item)."""


class Keeping:
    """Keeps copies at one department."""

    def __init__(self, client: AlmaClient, place: Place) -> None:
        self._client = client
        self._place = place

    def deliver(self, delivery: Delivery, sending: Sending) -> Receipt:
        """Begin the department's work order, unless the copy is in it."""
        item = read_item(self._client, delivery)
        seen = seen_of(item)
        kept = Sentence("alma.kept", department=self._place.department)
        if is_at(self._place, seen):
            return Receipt(kept, unchanged=True)
        if not item.raw("arrival_date"):
            raise Rejected(Sentence("alma.keep.not-received"))
        theirs = clean(seen.words, 500)
        allowed = {side.field: side.theirs for side in delivery.sides}
        if seen.process not in _BEFORE and (
            delivery.decision is not Decision.SEND_OURS or allowed.get("process") != theirs
        ):
            raise Conflict(Sentence("alma.not-kept", state=theirs), (("process", "kept", theirs),))
        sending(encoded(seen))
        self._client.scan_in(item, self._place)
        after = clean(seen_of(read := self._client.again(item.path, "scan")).words, 500)
        if not is_at(self._place, seen_of(read)):
            raise Conflict(Sentence("alma.not-kept", state=after), (("process", "kept", after),))
        return Receipt(kept)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Look up whether an unanswered scan-in happened."""
        return confirmed(self._place, read_item(self._client, delivery), delivery.witness)
