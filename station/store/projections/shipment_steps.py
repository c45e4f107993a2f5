"""What people may do with shipments and differences, and what follows from it in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from station.base.errors import ReceivingRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.event_rights import right_for
from station.domain.packing_lists.packing_list import LineKey, ListKind, MissingCopies
from station.domain.people.rights import lacking, may
from station.domain.receiving.counting import CountOutcome, OpenLine, place_of
from station.domain.receiving.difference import OWNER, Difference, DifferenceKind
from station.domain.receiving.shipment import Count, Shipment
from station.domain.receiving.vendor import Vendor
from station.store.database.database import Sql
from station.store.projections import differences, order_lines, packing_lists, receipts, shipments, workers
from station.store.projections.copy_differences import Day, claim_days, of_copy

MOST_CLAIMED: Final = 200
"""Differences of one claim."""


def permitted(sql: Sql, event: ev.ShipmentStep, day: Day) -> ev.ShipmentStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    match event:
        case ev.VendorRecorded():
            _require_own_names(sql, event.content)
        case ev.ShipmentOpened():
            return _opened(sql, event)
        case ev.CopyCounted():
            return _counted(sql, event)
        case ev.CopyFaulted():
            count = _standing_count(sql, event.count)
            if event.fault in count.faults:
                raise ReceivingRefused(Sentence("shipment.faulted-already", title=count.title))
        case ev.CountUndone():
            count = _standing_count(sql, event.count)
            _require_not_settled(sql, count)
            receipts.require_undoable(sql, event, count)
            return msgspec.structs.replace(event, title=count.title)
        case ev.CopyReturned():
            return msgspec.structs.replace(event, title=_standing_count(sql, event.count).title)
        case ev.Added() | ev.Gift() | ev.LeaseIn():
            return _added(sql, event)
        case ev.ShipmentClosed():
            now = _open_shipment(sql, event.shipment)
            missing = () if event.more else tuple(_missing(sql, now))
            return msgspec.structs.replace(event, missing=missing)
        case ev.DifferenceNoted() | ev.DifferenceAssigned():
            _open_difference(sql, event.difference)
        case ev.ClaimMade():
            return _claimed(sql, event, day)
        case ev.DifferenceEnded():
            _open_difference(sql, event.difference)
            if not event.reason.strip():
                raise ReceivingRefused(Sentence("shipment.no-reason"))
    return event


def follows(sql: Sql, seq: int, event: ev.ShipmentStep, day: Day) -> tuple[ev.DifferenceOpened, ...]:
    """Return the differences that an event shows. `seq`: its number; it was applied."""
    match event:
        case ev.CopyCounted() if event.outcome is not CountOutcome.MATCHED:
            what = DifferenceKind(event.outcome)
            return (of_copy(sql, seq, what, day, operator=event.operator, via=event.via),)
        case ev.CopyFaulted():
            kind, who = DifferenceKind(event.fault), {"operator": event.operator, "via": event.via}
            return (of_copy(sql, event.count, kind, day, note=event.note, photo=event.photo, **who),)
        case ev.ShipmentClosed() if event.missing:
            return tuple(_short(sql, event, day))
    return ()


# --- shipments ------------------------------------------------------------------------------------------------------


def _opened(sql: Sql, event: ev.ShipmentOpened) -> ev.ShipmentOpened:
    if other := shipments.open_with_carton(sql, event.carton):
        raise ReceivingRefused(Sentence("shipment.carton-open", shipment=other))
    vendor = event.vendor
    for ident in event.lists:
        standing = packing_lists.standing(sql, ident)
        if standing is None:
            raise ReceivingRefused(Sentence("receiving.unknown-id", list=ident))
        if standing.closed:
            raise ReceivingRefused(Sentence("receiving.closed-already", list=standing.heading))
        vendor = vendor or standing.vendor
    recorded = shipments.vendor_named(sql, vendor)
    return msgspec.structs.replace(event, vendor=recorded.id if recorded is not None else vendor)


def _counted(sql: Sql, event: ev.CopyCounted) -> ev.CopyCounted:
    now = _open_shipment(sql, event.shipment)
    lines = shipments.open_lines(sql, now, event)
    if event.chosen and not lines:
        raise ReceivingRefused(Sentence("shipment.no-line"))
    place = place_of(lines, now.purpose, has_lists=bool(now.lists), other_edition=event.other_edition)
    line = next((line for line in lines if line.key == place.key), None)
    return msgspec.structs.replace(
        event,
        key=place.key,
        outcome=place.outcome,
        vendor=now.vendor,
        **({} if line is None else _of_line(event, line)),
    )


def _of_line(event: ev.CopyCounted, line: OpenLine) -> dict[str, str]:
    """Return what the line says about the copy. The piece's own title counts if the line has none."""
    return {
        "title": line.line.title or event.title,
        "listed_barcode": line.line.barcode,
        "library": line.line.library or event.library,
        "order_line": line.line.order_line or event.order_line,
        "fund": line.line.fund or event.fund,
        "price": line.line.price or event.price,
    }


def _added(sql: Sql, event: ev.Added | ev.Gift | ev.LeaseIn) -> ev.Added | ev.Gift | ev.LeaseIn:
    if not event.barcode:
        raise ReceivingRefused(Sentence("shipment.no-barcode"))
    if shipments.count_of_item(sql, event.barcode) is not None:
        raise ReceivingRefused(Sentence("shipment.barcode-taken", barcode=event.barcode))
    if event.count:
        count = _standing_count(sql, event.count)
        if count.barcode:
            raise ReceivingRefused(Sentence("shipment.bound-already", title=count.title, barcode=count.barcode))
    copy = event.copy
    if copy.title_effect == 1 and not shipments.first_of_title(sql, copy.record_id, copy.library):
        return msgspec.structs.replace(event, copy=msgspec.structs.replace(copy, title_effect=0))
    return event


def _missing(sql: Sql, now: Shipment) -> Iterator[MissingCopies]:
    """Yield the lines of boxes that lack copies, without copies that are missing in an earlier difference. A list that
    another open shipment holds, too, may still come whole."""
    elsewhere = shipments.lists_elsewhere(sql, now.id)
    known = shipments.known_short(sql, now.lists)
    for line in shipments.lines_of(sql, now):
        copies = line.lacks - known.get(line.key, 0)
        cancelled = line.line.cancelled or order_lines.is_cancelled(sql, line.line.order_line)
        if copies > 0 and line.kind is ListKind.BOX and not cancelled and line.key.list not in elsewhere:
            yield MissingCopies(line=line.key.line, list=line.key.list, title=line.line.title, copies=copies)


def _open_shipment(sql: Sql, ident: str) -> Shipment:
    now = shipments.shipment(sql, ident)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown", shipment=ident))
    if now.closed_at:
        raise ReceivingRefused(Sentence("shipment.closed-already"))
    return now


def _standing_count(sql: Sql, seq: int) -> Count:
    count = shipments.count(sql, seq)
    if count is None:
        raise ReceivingRefused(Sentence("shipment.unknown-count", number=seq))
    if count.undone:
        raise ReceivingRefused(Sentence("shipment.undone-already", title=count.title))
    if count.returned:
        raise ReceivingRefused(Sentence("shipment.returned-already", title=count.title))
    return count


def _require_not_settled(sql: Sql, count: Count) -> None:
    """A count stays if its shipment is closed, or a difference at it was claimed or has ended."""
    _open_shipment(sql, count.shipment)
    if any(found.claim or found.end for found in differences.of_count(sql, count.id)):
        raise ReceivingRefused(Sentence("shipment.settled-already", title=count.title))


# --- differences ----------------------------------------------------------------------------------------------------


def _short(sql: Sql, event: ev.ShipmentClosed, day: Day) -> Iterator[ev.DifferenceOpened]:
    now = shipments.shipment(sql, event.shipment)
    if now is None:
        return
    lines = {line.key: line.line for line in shipments.lines_of(sql, now)}
    for missing in event.missing:
        key = LineKey(missing.list, missing.line)
        line = lines[key]
        yield ev.DifferenceOpened(
            what=DifferenceKind.SHORT,
            shipment=event.shipment,
            key=key,
            vendor=now.vendor,
            title=line.title,
            number=next(iter(line.numbers), ""),
            order_line=line.order_line,
            copies=missing.copies,
            price=line.price,
            owner=OWNER,
            due=day(claim_days(sql, now.vendor)),
            operator=event.operator,
            via=event.via,
        )


def _claimed(sql: Sql, event: ev.ClaimMade, day: Day) -> ev.ClaimMade:
    if not 0 < len(event.differences) <= MOST_CLAIMED:
        raise ReceivingRefused(Sentence("shipment.claim-size", most=MOST_CLAIMED))
    claimed = [_open_difference(sql, ident) for ident in dict.fromkeys(event.differences)]
    vendors = {difference.vendor for difference in claimed}
    if len(vendors) != 1:
        raise ReceivingRefused(Sentence("shipment.claim-vendors"))
    vendor = vendors.pop()
    return msgspec.structs.replace(
        event,
        differences=tuple(difference.id for difference in claimed),
        vendor=vendor,
        due=event.due or day(claim_days(sql, vendor)),
    )


def _open_difference(sql: Sql, ident: str) -> Difference:
    now = differences.difference(sql, ident)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown-difference", difference=ident))
    if not now.is_open:
        raise ReceivingRefused(Sentence("shipment.ended-already", title=now.title))
    return now


def _require_own_names(sql: Sql, content: Vendor) -> None:
    """Raise `ReceivingRefused` if another vendor is known by one of the names or codes."""
    for other in shipments.vendors(sql):
        if other.id != content.id and (both := sorted(other.known_as & content.known_as)):
            raise ReceivingRefused(Sentence("shipment.vendor-name-taken", name=both[0], vendor=other.name))
