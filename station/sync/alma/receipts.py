"""Receive copies of order lines, each at most once, with our barcode in the same call.

Alma takes no receipt back by its interface, so what a delivery did is read from the order line, never from the answer:

* received with our barcode: done, whoever did it
* received without it: a person must look; this also is what is left of "received, but the item was not changed" (401878)
* not received: nothing happened

The branch is never guessed: a copy is chosen by our barcode, by the vendor's, else by the library of the intent.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from station.base.errors import BarcodeUnknown, CatalogError, InDoubt, Rejected, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt, Sending
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.receiving.order_line import OrderedCopy, OrderLine, OrderLineState
from station.sync.alma.acquisitions import Acquisitions, Department
from station.sync.alma.client import AlmaClient
from station.sync.alma.errors import said_in
from station.sync.alma.item import AlmaItem
from station.sync.alma.note import day


class _Witness(msgspec.Struct, frozen=True):
    """State before the call."""

    item: str = ""
    """Alma's number of the item that is received; "" = a new one is made."""
    items: tuple[str, ...] = ()
    """Numbers of the items of the order line, if a new one is made."""


class Receipts:
    """Receipts at one department."""

    def __init__(self, client: AlmaClient, acquisitions: Acquisitions, department: Department) -> None:
        self._client = client
        self._acquisitions = acquisitions
        self._department = department

    def deliver(self, delivery: Delivery, sending: Sending) -> Receipt:
        """Receive a copy, unless Alma has received it with our barcode."""
        intent = _receive(delivery)
        line = self._acquisitions.order_line(intent.order_line)
        if line is None:
            raise Rejected(Sentence("alma.receipt.no-line", order_line=clean(intent.order_line, 60)))
        if _is_received(line, intent.barcode):
            return Receipt(_received(intent), unchanged=True)
        if line.state is not OrderLineState.ACTIVE:
            raise Rejected(Sentence(f"alma.receipt.{line.state.value}", order_line=line.number))
        if line.one_time:
            return self._receive(delivery, intent, line, sending)
        return self._receive_new(delivery, intent, line, sending)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Look up whether an unanswered receipt happened."""
        intent = _receive(delivery)
        return self._standing(intent, _decoded(delivery.witness), since=_day(delivery, intent))

    def _receive(self, delivery: Delivery, intent: ReceiveIntent, line: OrderLine, sending: Sending) -> Receipt:
        copy = chosen(line, intent)
        if copy.barcode != intent.barcode:
            self._require_free(intent.barcode)
        path = self._acquisitions.item_paths(line.number).get(copy.item, "")
        if not path:
            raise Rejected(Sentence("alma.receipt.no-item", order_line=line.number))
        item = self._client.item_at(path)
        if item.barcode != copy.barcode:
            raise Rejected(Sentence("alma.receipt.changed", order_line=line.number))
        body = item.with_fields({"barcode": intent.barcode})
        witness = _Witness(copy.item)
        sending(_encoded(witness))
        try:
            self._acquisitions.receive(line.number, copy.item, body, self._department, _day(delivery, intent))
        except Rejected as error:
            return self._despite(intent, witness, error)
        return self._seen(intent, witness)

    def _receive_new(self, delivery: Delivery, intent: ReceiveIntent, line: OrderLine, sending: Sending) -> Receipt:
        if self._made(intent):
            return Receipt(_received(intent), unchanged=True)
        witness = _Witness(items=tuple(self._acquisitions.item_paths(line.number)))
        sending(_encoded(witness))
        body = msgspec.json.encode({"item_data": {"barcode": intent.barcode}})
        try:
            self._acquisitions.receive_new(line.number, body, self._department, _day(delivery, intent))
        except Rejected as error:
            return self._despite(intent, witness, error)
        return self._seen(intent, witness)

    def _seen(self, intent: ReceiveIntent, witness: _Witness) -> Receipt:
        """Return the receipt if the order line shows it. A failure to read it now leaves it in doubt."""
        try:
            standing = self._standing(intent, witness)
        except StationError as error:
            raise InDoubt(Sentence("alma.again.receipt", why=error.coded_detail), body=said_in(error)) from error
        if standing is not Confirmation.LANDED:
            raise InDoubt(Sentence("alma.receipt.unseen", order_line=clean(intent.order_line, 60)))
        return Receipt(_received(intent))

    def _despite(self, intent: ReceiveIntent, witness: _Witness, error: Rejected) -> Receipt:
        """Return the receipt if the copy was received with our barcode although Alma reports an error. Raise the error if
        nothing happened, and `InDoubt` if the copy was received in another way."""
        try:
            standing = self._standing(intent, witness)
        except StationError as second:
            raise InDoubt(Sentence("alma.again.receipt", why=second.coded_detail), body=error.body) from second
        match standing:
            case Confirmation.LANDED:
                return Receipt(_received(intent))
            case Confirmation.NOT_LANDED:
                raise error
        raise InDoubt(error.detail, body=error.body) from error

    def _standing(self, intent: ReceiveIntent, witness: _Witness | None, since: str = "") -> Confirmation:
        """Return what the order line shows. `since`: ISO 8601 date before which the call was not sent."""
        line = self._acquisitions.order_line(intent.order_line)
        if line is None:
            return Confirmation.CANNOT_TELL
        if _is_received(line, intent.barcode):
            return Confirmation.LANDED
        if not line.one_time:
            return self._standing_new(intent, witness)
        if witness is None:  # a copy received since may be ours, without our barcode (401878)
            doubtful = any(copy.received >= since for copy in line.copies if copy.received)
            return Confirmation.CANNOT_TELL if doubtful else Confirmation.NOT_LANDED
        copy = next((copy for copy in line.copies if copy.item == witness.item), None)
        return Confirmation.CANNOT_TELL if copy is None or copy.received else Confirmation.NOT_LANDED

    def _standing_new(self, intent: ReceiveIntent, witness: _Witness | None) -> Confirmation:
        try:
            if self._made(intent):
                return Confirmation.LANDED
        except Rejected:  # another item has our barcode
            return Confirmation.CANNOT_TELL
        if witness is None:
            return Confirmation.NOT_LANDED
        made = self._acquisitions.item_paths(intent.order_line).keys() - set(witness.items)
        return Confirmation.CANNOT_TELL if made else Confirmation.NOT_LANDED

    def _made(self, intent: ReceiveIntent) -> bool:
        """Return True if the item with our barcode belongs to the order line. Raises `Rejected` if it does not."""
        item = self._item(intent.barcode)
        if item is None:
            return False
        if item.raw("po_line") != intent.order_line:
            raise Rejected(Sentence("alma.receipt.taken", barcode=clean(intent.barcode, 60)))
        return True

    def _require_free(self, barcode: str) -> None:
        if self._item(barcode) is not None:
            raise Rejected(Sentence("alma.receipt.taken", barcode=clean(barcode, 60)))

    def _item(self, barcode: str) -> AlmaItem | None:
        try:
            item = self._client.item(barcode)
        except BarcodeUnknown:
            return None
        except CatalogError as error:
            raise Rejected(error.detail, body=error.body) from error
        return item if item.barcode == barcode else None


def chosen(line: OrderLine, intent: ReceiveIntent) -> OrderedCopy:
    """Return the copy of a one-time order that the intent is about: the one with our barcode, else the one with the
    vendor's, else one of the library that is not received. Raises `Rejected` if there is none, or no telling which."""
    waiting = tuple(copy for copy in line.copies if not copy.received)
    own = next((copy for copy in waiting if copy.barcode == intent.barcode), None)
    listed = next((copy for copy in line.copies if copy.barcode and copy.barcode == intent.listed_barcode), None)
    if own is None and listed is not None and listed.received:
        raise Rejected(Sentence("alma.receipt.listed-received", barcode=listed.barcode))
    copy = own or listed
    if copy is None:
        return _of_library(line, waiting, intent.library)
    if intent.library and copy.library != intent.library:
        raise _elsewhere(line, intent.library, (copy,))
    return copy


def _of_library(line: OrderLine, waiting: Sequence[OrderedCopy], library: str) -> OrderedCopy:
    if not waiting:
        raise Rejected(Sentence("alma.receipt.none-left", order_line=line.number))
    here = tuple(copy for copy in waiting if not library or copy.library == library)
    if not here:
        raise _elsewhere(line, library, waiting)
    if len({copy.library for copy in here}) > 1:
        raise Rejected(Sentence("alma.receipt.which", order_line=line.number, libraries=_libraries(here)))
    # A copy with a barcode may be the one on which the vendor stuck it.
    return min(here, key=lambda copy: (bool(copy.barcode), len(copy.item), copy.item))


def _elsewhere(line: OrderLine, library: str, copies: Sequence[OrderedCopy]) -> Rejected:
    asked = clean(library, 60)
    return Rejected(
        Sentence("alma.receipt.elsewhere", order_line=line.number, library=asked, libraries=_libraries(copies))
    )


def _libraries(copies: Sequence[OrderedCopy]) -> str:
    return clean(", ".join(sorted({copy.library for copy in copies})), 200)


def _is_received(line: OrderLine, barcode: str) -> bool:
    return any(copy.received and copy.barcode == barcode for copy in line.copies)


def _received(intent: ReceiveIntent) -> Sentence:
    return Sentence("alma.receipt.received", order_line=clean(intent.order_line, 60))


def _day(delivery: Delivery, intent: ReceiveIntent) -> str:
    return intent.received[:10] or day(delivery)


def _receive(delivery: Delivery) -> ReceiveIntent:
    if not isinstance(delivery.intent, ReceiveIntent):
        raise Rejected("this is not a receipt")  # not for people
    return delivery.intent


def _encoded(witness: _Witness) -> str:
    return msgspec.json.encode(witness).decode("utf-8")


def _decoded(witness: str) -> _Witness | None:
    try:
        return msgspec.json.decode(witness, type=_Witness) if witness else None
    except msgspec.DecodeError:
        return None
