"""The events about a subject: whether anything has changed since a person looked at it."""

from __future__ import annotations

from typing import Final

from station.domain import events as ev
from station.domain.correction_states import CorrectionKind
from station.domain.subject import Subject, SubjectKind, subject
from station.store.database.database import Sql
from station.store.projections import corrections

_SINCE: Final = {
    SubjectKind.CORRECTION: (
        "SELECT l.seq FROM correction_log l JOIN correction_log r ON r.correction = l.correction "
        "WHERE r.report = :id AND l.seq > :after"
    ),
    SubjectKind.ITEM: (
        "SELECT seq FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = :id AND seq > :after "
        "UNION SELECT event_seq FROM outbox WHERE lane = :id AND event_seq > :after"
    ),
    SubjectKind.DELIVERY: (
        "SELECT seq FROM events WHERE seq > :after AND kind = 'delivery-changed' "
        "AND json_extract(CAST(payload AS TEXT), '$.delivery') = :id"
    ),
    SubjectKind.PERSON: (
        "SELECT seq FROM events WHERE seq > :after AND kind IN ('worker-registered', 'worker-role-changed', "
        "'worker-left', 'pin-set', 'pin-recovered', 'card-changed', 'retraining-held') "
        "AND json_extract(CAST(payload AS TEXT), '$.worker') = :id"
    ),
    SubjectKind.PACKING_LIST: (
        "SELECT seq FROM packing_lists WHERE list = :id AND seq > :after "
        "UNION SELECT seq FROM events WHERE seq > :after AND kind IN ('packing-list-replaced', 'packing-list-closed') "
        "AND json_extract(CAST(payload AS TEXT), '$.list') = :id"
    ),
    SubjectKind.SHIPMENT: (
        "SELECT seq FROM shipments WHERE shipment = :id AND seq > :after "
        "UNION SELECT closed_seq FROM shipments WHERE shipment = :id AND closed_seq > :after "
        "UNION SELECT seq FROM counts WHERE shipment = :id AND seq > :after "
        "UNION SELECT bound_seq FROM counts WHERE shipment = :id AND bound_seq > :after "
        "UNION SELECT returned_seq FROM counts WHERE shipment = :id AND returned_seq > :after "
        "UNION SELECT undone_seq FROM counts WHERE shipment = :id AND undone_seq > :after"
    ),
    SubjectKind.DIFFERENCE: "SELECT seq FROM difference_log WHERE difference = :id AND seq > :after",
    SubjectKind.VENDOR: "SELECT seq FROM vendors WHERE vendor = :id AND seq > :after",
    SubjectKind.ACCOUNT_PLAN: "SELECT seq FROM account_plans WHERE :id = '' AND seq > :after",
    SubjectKind.PURCHASE_ORDER: "SELECT seq FROM purchase_orders WHERE number = :id AND seq > :after",
    SubjectKind.INVOICE: "SELECT seq FROM invoice_log WHERE invoice = :id AND seq > :after",
    SubjectKind.BOX: "SELECT seq FROM box_log WHERE box = :id AND seq > :after",
    SubjectKind.WITHDRAWAL: "SELECT seq FROM withdrawal_log WHERE withdrawal = :id AND seq > :after",
    SubjectKind.CART: (
        "SELECT seq FROM events WHERE seq > :after AND (kind = 'withdrawal-cart-closed' "
        "AND json_extract(CAST(payload AS TEXT), '$.cart') = :id OR 'cart-' || seq = :id)"
    ),
    SubjectKind.PULL_LIST: (
        "SELECT seq FROM events WHERE seq > :after AND (kind IN ('pull-ticked', 'pull-list-closed') "
        "AND json_extract(CAST(payload AS TEXT), '$.list') = :id OR 'pull-' || seq = :id)"
    ),
    SubjectKind.PULL_LINE: (
        "SELECT seq FROM events WHERE seq > :after AND kind IN ('pull-ticked', 'withdrawal-decided') AND "
        "json_extract(CAST(payload AS TEXT), '$.list') || ' ' || json_extract(CAST(payload AS TEXT), '$.line') = :id"
    ),
    SubjectKind.TRANSFER: "SELECT seq FROM transfer_log WHERE transfer = :id AND seq > :after",
    SubjectKind.CATALOGING: (
        "SELECT seq FROM events WHERE seq > :after AND kind IN ('cataloging-requested', 'cataloging-resolved') "
        "AND json_extract(CAST(payload AS TEXT), '$.request') = :id"
    ),
}
_NEWEST_OF_DELIVERY: Final = "SELECT coalesce(changed_seq, event_seq) FROM outbox WHERE id = :id"
"""The events of deliveries have no index of their own, and are many."""


def since(sql: Sql, about: Subject, after: int) -> tuple[int, ...]:
    """Return the numbers of the events about a subject after event `after`, ascending."""
    rows = sql.execute(_SINCE[about.kind], {"id": about.id, "after": after})
    return tuple(sorted(int(row[0]) for row in rows))


def newest(sql: Sql, about: Subject) -> int:
    """Return the number of the newest event about a subject; 0 = there is none."""
    if about.kind is SubjectKind.DELIVERY:
        row = sql.execute(_NEWEST_OF_DELIVERY, {"id": about.id}).fetchone()
        return 0 if row is None else int(row[0])
    return max(since(sql, about, 0), default=0)


def of_order(sql: Sql, event: ev.Ordered) -> tuple[Subject, ...]:
    """Return what an order is about. A waiver is about the open correction of its finding, if there is one; a claim is
    about each of its differences, a credit about both documents, an export about all, a decision also about the line of its
    pull list."""
    match event:
        case ev.CreditApplied():
            return (Subject(SubjectKind.INVOICE, event.credit), Subject(SubjectKind.INVOICE, event.invoice))
        case ev.InvoicesExported():
            return tuple(Subject(SubjectKind.INVOICE, ident) for ident in dict.fromkeys(event.invoices))
    if isinstance(event, ev.WithdrawalDecided) and event.list:
        return (Subject(SubjectKind.ITEM, event.barcode), Subject(SubjectKind.PULL_LINE, f"{event.list} {event.line}"))
    if isinstance(event, ev.ClaimMade):
        return tuple(Subject(SubjectKind.DIFFERENCE, ident) for ident in dict.fromkeys(event.differences))
    if isinstance(event, ev.FindingWaived):
        now = corrections.open_one(sql, event.barcode, event.rule, CorrectionKind.MEND)
        if now is not None:
            return (Subject(SubjectKind.CORRECTION, now.id),)
    about = subject(event)
    return () if about is None else (about,)
