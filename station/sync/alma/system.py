"""Ex Libris Alma as a `CirculationSystem`: live records, and every kind of intent.

Results, notes and facts become fields of the item (`write`). Scan-ins and withdrawals are sent at most once if their
effect is not visible afterwards (`moves`). Members of sets are looked up before they are added (`sets`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from station.base import settings
from station.base.clock import Clock
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown, Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.deliveries.delivery import Check, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.domain.deliveries.intents import (
    FactsIntent,
    MembersIntent,
    MoveIntent,
    NoteIntent,
    ResultIntent,
    ScanInIntent,
    WithdrawIntent,
    kind,
)
from station.domain.item import Barcode, ItemRecord
from station.domain.withdrawals.stop_signs import TitleStanding
from station.sync.alma import note as alma_note
from station.sync.alma.check import checks
from station.sync.alma.client import AlmaClient, Place
from station.sync.alma.mapping import Mapping, note_only
from station.sync.alma.moves import Places, Withdrawals
from station.sync.alma.record import NOT_THERE, PATRONS_HAVE, Describe, Labelled, chosen, live_record, of_item
from station.sync.alma.sets import CONTENT, AlmaSets
from station.sync.alma.write import ItemWriter
from station.sync.courier.shared_quota import Quota

_UNKNOWN_SHOWN = 20


class Alma:
    """One institution's Alma. `key` is called for each request, so that a replaced key works without a restart.
    `describe` makes the station's record of item, holdings and bib (None: of the item alone). `quota`: ledger of the
    share of requests that other processes also use. `reason_field`: item field for the reason of a withdrawal. Raises
    `SettingsError` if base_url is not usable."""

    side_by_side = 4
    kinds = frozenset({"result", "note", "facts", "scan-in", "withdraw", "set-members", "move"})

    def __init__(
        self,
        config: settings.Alma,
        key: Callable[[], Secret],
        clock: Clock,
        *,
        name: str = "alma",
        note_limit: int = alma_note.NOTE_LIMIT,
        mapping: Mapping | None = None,
        describe: Describe | None = None,
        labelled: Labelled = lambda record: record,
        quota: Quota | None = None,
        fields: Sequence[str] = (),
        reason_field: str = "",
    ) -> None:
        self._fields = tuple(fields)
        self.name = name
        self.client = AlmaClient(
            config.base_url,
            key,
            clock,
            requests_per_second=config.requests_per_second,
            timeout_s=config.timeout_s,
            daily_reserve=config.daily_reserve,
            quota=quota,
        )
        self._describe = describe
        self._labelled = labelled
        self._mapping = mapping or note_only(config.note_field)
        self._scans = config.scan_in
        self._patience = config.look_up_s
        self._place = Place(
            library=config.library,
            department=config.department,
            circ_desk=config.circ_desk,
            work_order_type=config.work_order_type,
        )
        self._items = ItemWriter(self.client, self._mapping, config.note_field, note_limit)
        self._places = Places(self.client, self._place)
        self._withdrawals = Withdrawals(self.client, self._items, reason_field)
        self._sets = AlmaSets(self.client)

    @property
    def remaining(self) -> int | None:
        """The newest X-Exl-Api-Remaining: the institution's requests left today; None before the first answer."""
        return self.client.remaining

    def close(self) -> None:
        """Close idle connections."""
        self.client.close()

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """Return the live record. Raises `BarcodeUnknown` or a `SyncError`. Urgent, since an operator waits."""
        with self.client.urgent(self._patience):
            item = self.client.item(barcode)
            if item.barcode != barcode:
                raise BarcodeUnknown(Sentence("alma.answered-other", barcode=barcode, found=item.barcode))
            if self._describe is None:
                record = self._labelled(of_item(item))
            else:
                record = live_record(self.client, item, self._describe, self._labelled)
            return msgspec.structs.replace(record, chosen=(*record.chosen, *chosen(item, self._fields)))

    def title_standing(self, item: ItemRecord) -> TitleStanding:
        """Implement `ports.TitleReader`: loan and request of the item, and the other items of its title that are not
        lost or missing. Urgent, since an operator waits."""
        with self.client.urgent(self._patience):
            read = self.client.item(item.barcode)
            if read.barcode != item.barcode:
                raise BarcodeUnknown(Sentence("alma.answered-other", barcode=item.barcode, found=read.barcode))
            others = [other for other in self.client.items_of(read.mms_id) if other.pid != read.pid]
        return TitleStanding(
            source=self.name,
            libraries=tuple(other.text("item_data", "library") for other in others if other.process not in NOT_THERE),
            requested=read.flag("item_data", "requested"),
            on_loan=read.process in PATRONS_HAVE,
        )

    def set_barcodes(self, set_id: str, most: int) -> tuple[str, ...]:
        """Return the barcodes of the members of a set. Raises `Rejected` for a set that does not exist, is not of physical
        items or has more than `most` members, or whose members' barcodes Alma does not give."""
        known = self._sets.get(set_id)
        if known.content not in ("", CONTENT):
            raise Rejected(Sentence("alma.set-of-others", set=known.id, content=known.content))
        members = () if known.members > most else tuple(islice(self._sets.members(set_id), most + 1))
        if (count := max(known.members, len(members))) > most:
            raise Rejected(Sentence("alma.set-too-long", set=known.id, count=count, most=most))
        if any(not member.barcode for member in members):
            raise Rejected(Sentence("alma.members-without-barcode", set=clean(set_id, 60)))
        return tuple(member.barcode for member in members)

    def marc(self, barcode: Barcode) -> tuple[ItemRecord, bytes]:
        """Return the live record and the bib's MARCXML, for a command. Raises what `look_up` raises."""
        item = self.client.item(barcode)
        if item.barcode != barcode:
            raise BarcodeUnknown(Sentence("alma.answered-other", barcode=barcode, found=item.barcode))
        return self.look_up(barcode), self.client.bib(item.mms_id).data

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        match delivery.intent:
            case ResultIntent() | NoteIntent() | FactsIntent() | MoveIntent():
                return self._items.deliver(delivery, sending)
            case ScanInIntent():
                return self._places.deliver(delivery, sending)
            case WithdrawIntent():
                return self._withdrawals.deliver(delivery, sending)
            case MembersIntent() as members:
                return self._add(members, sending)
        raise Rejected(Sentence("alma.cannot", kind=kind(delivery.intent)))

    def confirm(self, delivery: Delivery) -> Confirmation:
        match delivery.intent:
            case ScanInIntent():
                return self._places.confirm(delivery)
            case WithdrawIntent():
                return self._withdrawals.confirm(delivery)
            case MembersIntent() as members:
                missing = self._sets.missing(members.set_id, members.barcodes)
                return Confirmation.NOT_LANDED if missing else Confirmation.LANDED
        return self._items.confirm(delivery)

    def check(self) -> tuple[Check, ...]:
        """Implement `ports.CirculationSystem.check`: does it answer, which rights has the key, what is missing, do the
        codes exist?"""
        return checks(self.client, self._mapping, self._place, self.kinds, scans=self._scans)

    def _add(self, members: MembersIntent, sending: Sending) -> Receipt:
        added = self._sets.add(members.set_id, members.barcodes, before_sending=lambda: sending(""))
        if added.unknown:
            shown = ", ".join(clean(barcode, 60) for barcode in added.unknown[:_UNKNOWN_SHOWN])
            names: str | Sentence = shown
            if len(added.unknown) > _UNKNOWN_SHOWN:
                names = Sentence("print.and-more", named=shown, count=len(added.unknown) - _UNKNOWN_SHOWN)
            raise Rejected(
                Sentence("alma.members-unknown", added=added.added, count=len(added.unknown), barcodes=names)
            )
        return Receipt(Sentence("alma.members", added=added.added, before=added.before), unchanged=not added.added)
