"""Scan-in and withdrawal at Alma: sent at most once if re-reading cannot show the effect.

Alma's answer to a scan-in is free text; the true state is read from the item (docs/reference/systems.md#alma-scan-in).
The start or end of a work order shows in `process_type`, `work_order_type` and `work_order_at`. A scan-in of an item
that looks the same before and after has no visible effect, and is therefore never sent again automatically.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CatalogError,
    Conflict,
    InDoubt,
    Rejected,
    StationError,
)
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean, clean_sentence
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt, Sending
from station.domain.deliveries.intents import Decision, Holdings, NoteIntent, ScanInIntent, WithdrawIntent, item_of
from station.sync.alma.client import AlmaClient, NotDeleted, Place
from station.sync.alma.codes import NOT_DELETABLE
from station.sync.alma.errors import AlmaRefusal, said_in
from station.sync.alma.item import AlmaItem
from station.sync.alma.kept import kept_words
from station.sync.alma.write import ItemWriter

AT_WORK: Final = "WORK_ORDER_DEPARTMENT"
"""`process_type` of an item in any work order; its kind is in `work_order_type` (docs/reference/systems.md#alma-item)."""
_STATE: Final = ("process_type", "work_order_type", "work_order_at", "base_status", "awaiting_reshelving")


class Seen(msgspec.Struct, frozen=True):
    """The data of an item that a scan-in changes, or that a withdrawal ends."""

    pid: str
    state: tuple[str, ...] = ()

    @property
    def process(self) -> str:
        """Code of the process that the item is in; "" = none."""
        return self.state[0] if self.state else ""

    requested: bool = False

    @property
    def stops(self) -> bool:
        """True if a person must decide about a withdrawal. A missing item may go."""
        return self.requested or self.process not in ("", "MISSING")

    @property
    def words(self) -> str:
        """State of the item, for display."""
        known = [f"{name} {value}" for name, value in zip(_STATE, self.state, strict=False) if value]
        return (", ".join(known) or "in no process") + (", requested" if self.requested else "")


class Places:
    """Scan-ins. `default` supplies the place if an intent names none."""

    def __init__(self, client: AlmaClient, default: Place) -> None:
        self._client = client
        self._default = default

    def deliver(self, delivery: Delivery, sending: Sending) -> Receipt:
        """Scan the item in, once."""
        place = self._place(_scan_in(delivery))
        place.parameters()  # refuses before any request
        read = read_item(self._client, delivery)
        sending(encoded(seen_of(read)))
        self._client.scan_in(read, place)
        try:
            after = self._client.item_at(read.path)
        except StationError as error:
            # The scan-in happened; the item's new state is only for information.
            return Receipt(Sentence("alma.scanned-unread", why=clean_sentence(error.coded_detail, 500)))
        return Receipt(Sentence("alma.scanned", state=clean(seen_of(after).words, 500)))

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Look up whether an unanswered scan-in happened. Only the start or end of a work order is visible."""
        place = self._place(_scan_in(delivery))
        return confirmed(place, read_item(self._client, delivery), delivery.witness)

    def _place(self, intent: ScanInIntent) -> Place:
        has_place = bool(intent.department or intent.desk)
        return Place(
            library=intent.library or self._default.library,
            department=intent.department if has_place else self._default.department,
            circ_desk=intent.desk if has_place else self._default.circ_desk,
            work_order_type=intent.work_order_type or ("" if has_place else self._default.work_order_type),
            status=intent.status,
            done=intent.done,
        )


class Withdrawals:
    """Withdrawals of items. `reason_field`: the item field into which a withdrawal's reason is written first, by
    `items`; "" = none."""

    def __init__(self, client: AlmaClient, items: ItemWriter, reason_field: str = "") -> None:
        self._client = client
        self._items = items
        self._reason_field = reason_field

    def deliver(self, delivery: Delivery, sending: Sending) -> Receipt:
        """Withdraw the item, unless it is in a process or requested, or Alma refuses: then a person decides. Only what
        that person saw is overridden: another state, or another refusal, is shown again."""
        intent = _withdraw(delivery)
        read = read_item(self._client, delivery)  # an unknown item may be a wrong barcode: a person decides
        self._refuse(seen_of(read), delivery)
        if self._reason_field and intent.reason:
            note = NoteIntent(barcode=intent.barcode, text=intent.reason, field=self._reason_field)
            self._items.deliver(msgspec.structs.replace(delivery, intent=note), sending)
            read = read_item(self._client, delivery)
            self._refuse(seen_of(read), delivery)
        sending(encoded(seen_of(read)))
        stays = self._delete(read, intent, delivery)
        try:
            left = self._client.item(intent.barcode)
        except BarcodeUnknown:
            return Receipt(Sentence.joined((self._receipt(intent, read), stays)))
        except StationError as error:
            raise InDoubt(Sentence("alma.again.withdrawal", why=error.coded_detail), body=said_in(error)) from error
        if left.pid == read.pid:
            raise Rejected(Sentence.joined((Sentence("alma.still-there"), stays)))
        return Receipt(Sentence("alma.withdrawn-other", holdings=intent.holdings.value))

    def _refuse(self, seen: Seen, delivery: Delivery) -> None:
        """Raise `Conflict` for an item in a process or with a request, unless a person saw exactly this."""
        if not seen.stops:
            return
        theirs = clean(seen.words, 500)
        if _allowed(delivery).get("process") != theirs:
            kept = kept_words(seen.process, requested=seen.requested)
            raise Conflict(kept, (("process", "withdrawn", theirs),))

    def _delete(self, read: AlmaItem, intent: WithdrawIntent, delivery: Delivery) -> Sentence:
        """Delete the item. Return what Alma says about a record that stays, else an empty sentence."""
        override = seen_of(read).stops
        refusal = self._refused(read, intent, override=override)
        if refusal is not None and refusal.code == NOT_DELETABLE and not override:
            words = clean(refusal.message, 500)
            if _allowed(delivery).get("refusal") != words:
                raise Conflict(Sentence("alma.kept.refused"), (("refusal", "withdrawn", words),), body=refusal.body)
            refusal = self._refused(read, intent, override=True)
        if refusal is None:
            return EMPTY
        if refusal.code == NOT_DELETABLE:  # no override helps
            raise Rejected(Sentence("alma.kept.always"), body=refusal.body)
        return Sentence.verbatim(clean(refusal.message, 500))

    def _refused(self, read: AlmaItem, intent: WithdrawIntent, *, override: bool) -> AlmaRefusal | None:
        try:
            self._client.withdraw(read, intent.holdings.value, intent.bib.value, override=override)
        except NotDeleted as error:
            return error.refusal
        return None

    def _receipt(self, intent: WithdrawIntent, read: AlmaItem) -> Sentence:
        """Return what became of the item, and of its holdings record if that was to be deleted: another item keeps it."""
        if intent.holdings is Holdings.DELETE:
            try:
                if self._client.has_holding(read):
                    return Sentence("alma.withdrawn-holdings-stay")
            except StationError:  # the item is gone: that the rest could not be read is only for information
                pass
        return Sentence("alma.withdrawn", holdings=intent.holdings.value)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Look up whether the item is gone."""
        try:
            now = self._client.item(_withdraw(delivery).barcode)
        except BarcodeUnknown:
            return Confirmation.LANDED
        except BarcodeAmbiguous:
            return Confirmation.CANNOT_TELL
        before = _decoded(delivery.witness)
        if before is None:
            return Confirmation.NOT_LANDED
        return Confirmation.NOT_LANDED if now.pid == before.pid else Confirmation.LANDED


def confirmed(place: Place, item: AlmaItem, witness: str) -> Confirmation:
    """Return whether a scan-in happened, by the item as it is now and as it was before."""
    now, before = seen_of(item), _decoded(witness)
    if before is None or before.pid != now.pid or is_at(place, before):
        return Confirmation.CANNOT_TELL
    if is_at(place, now):
        return Confirmation.LANDED
    return Confirmation.NOT_LANDED if now.state == before.state else Confirmation.CANNOT_TELL


def is_at(place: Place, seen: Seen) -> bool:
    """Return True if the item looks as it must after this scan-in: in the given work order of the department, or else
    in no work order."""
    process, kind, at = (*seen.state, "", "", "")[:3]
    if place.department and place.work_order_type and not place.done:
        return (process, kind, at) == (AT_WORK, place.work_order_type, place.department)
    return process != AT_WORK


def seen_of(read: AlmaItem) -> Seen:
    return Seen(read.pid, tuple(read.raw(name) for name in _STATE), read.raw("requested") == "true")


def read_item(client: AlmaClient, delivery: Delivery) -> AlmaItem:
    try:
        read = client.item(item_of(delivery.intent))
    except CatalogError as error:
        raise Rejected(error.detail, body=error.body) from error
    _same(read, delivery)
    return read


def _same(read: AlmaItem, delivery: Delivery) -> None:
    if read.barcode != item_of(delivery.intent):
        wanted = clean(item_of(delivery.intent), 60)
        raise Conflict(Sentence("alma.other-barcode", barcode=wanted, found=read.barcode or Sentence("alma.nothing")))


def _scan_in(delivery: Delivery) -> ScanInIntent:
    if not isinstance(delivery.intent, ScanInIntent):
        raise Rejected("this is not a scan-in")  # not for people
    return delivery.intent


def _allowed(delivery: Delivery) -> dict[str, str]:
    """Return what a person saw and decided to override."""
    if delivery.decision is not Decision.SEND_OURS:
        return {}
    return {side.field: side.theirs for side in delivery.sides}


def _withdraw(delivery: Delivery) -> WithdrawIntent:
    if not isinstance(delivery.intent, WithdrawIntent):
        raise Rejected("this is not a withdrawal")  # not for people
    return delivery.intent


def encoded(seen: Seen) -> str:
    return msgspec.json.encode(seen).decode("utf-8")


def _decoded(witness: str) -> Seen | None:
    try:
        return msgspec.json.decode(witness, type=Seen) if witness else None
    except msgspec.DecodeError:
        return None
