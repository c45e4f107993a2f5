"""Projections of the events: open attempts, live bindings, the cataloging queue, corrections, workers. They are updated
in the transaction of the event, and can be rebuilt at any time.

* attempts: `TagWriteStarted` opens one; `TagWriteVerified`, `TagErased`, `TagWriteAbandoned` close it. A start that
  names the attempt it resumes closes that one. A verified write also closes every older attempt at the same tag, since
  the tag now has other content.
* bindings: a verified write makes (uid, barcode, part) live and ends any earlier binding of the tag or the part. A
  verified undo ends the tag's binding, and makes the restored one live unless another tag has that part. It closes
  every attempt at the tag. An erased tag has no binding.
* cataloging: a request opens an entry, or joins the open one with the same barcode (with the same ISBN if there is no
  barcode). A resolution with a record or a reason closes the whole entry; one with neither closes nothing.
* corrections, correction_log: see `station.domain.corrections.correction.advance` (`store.projections.corrections`).
* streams, draws, open_draws, judgements: `store.projections.sampling`.
* arrivals: `store.projections.arrivals`.
* packing_lists, packing_lines, packing_numbers: `store.projections.packing_lists`.
* vendors, shipments, counts, additions: `store.projections.shipments`; differences, difference_log:
  `store.projections.differences`.
* account_plans, purchase_orders, invoices, invoice_lines, invoice_entries, exports, credits, invoice_log:
  `store.projections.purchases`.
* boxes, box_items, box_log: `store.projections.boxes`; order_lines, system_invoices: `store.projections.order_lines`.
* withdrawal_items, withdrawal_log, erased_tags, watched_tags, withdrawal_carts: `store.projections.withdrawals`.
* pull_lists, pull_lines: `store.projections.pull_lists`.
* transfers, transfer_log, lost_items: `store.projections.transfers`; presence_readings:
  `store.projections.presence`.
* unjudged: `store.projections.unjudged`.
* item_states, withdrawals: `store.projections.item_states`.
* `VerdictTakenBack` takes a verdict out of all of them (`store.projections.taken_back`).
* workers: role and standing of each id (`store.projections.workers`). Names are in another file and in no projection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Final

import msgspec

from station.domain import events as ev
from station.domain.item import ItemRecord
from station.domain.withdrawals.withdrawal import PART_MISSING
from station.store.database.database import Sql, transaction
from station.store.database.decoding import Decoder, unreadable
from station.store.database.migrations import STEPS
from station.store.projections import (
    arrivals,
    boxes,
    corrections,
    differences,
    invoice_keys,
    item_states,
    order_lines,
    packing_lists,
    presence,
    pull_lists,
    purchases,
    sampling,
    shipments,
    taken_back,
    transfers,
    unjudged,
    withdrawals,
    workers,
)
from station.store.projections.busy import BusyTables

_EVENTS: Final = "SELECT seq, kind, payload FROM events ORDER BY seq"


def apply(sql: Sql, seq: int, event: ev.AnyEvent) -> None:
    """Bring the projections up to date with one event. Runs inside the caller's transaction."""
    for change in (*_BUSY.get(type(event), ()), *_OTHERS.get(type(event), ())):
        change(sql, seq, event)
    if type(event) in item_states.CHANGES:
        item_states.apply(sql, seq, event)


def _started(sql: Sql, seq: int, event: ev.TagWriteStarted) -> None:
    if event.resumes:
        _end(sql, event.resumes, "resumed", seq)
    sql.execute("INSERT INTO attempts (attempt, uid, seq) VALUES (?, ?, ?)", (event.attempt, event.uid, seq))


def _verified(sql: Sql, seq: int, event: ev.TagWriteVerified) -> None:
    _end(sql, event.attempt, "verified", seq)
    _supersede(sql, event.uid, seq)
    # Ends what bound the tag, and what bound the item: each is unique.
    sql.execute(
        "DELETE FROM bindings WHERE uid = ? OR (barcode = ? AND part = ?)", (event.uid, event.barcode, event.part)
    )
    sql.execute(
        "INSERT INTO bindings (uid, barcode, part, parts, seq) VALUES (?, ?, ?, ?, ?)",
        (event.uid, event.barcode, event.part, event.parts, seq),
    )


def _erased(sql: Sql, seq: int, event: ev.TagErased) -> None:
    _end(sql, event.attempt, "verified", seq)
    _supersede(sql, event.uid, seq)
    sql.execute("DELETE FROM bindings WHERE uid = ?", (event.uid,))


def _destroyed(sql: Sql, _seq: int, event: ev.TagDestroyed) -> None:
    if event.how != PART_MISSING:  # the tag of a part that is not at hand still carries it
        sql.execute("DELETE FROM bindings WHERE uid = ?", (event.uid,))


def _abandoned(sql: Sql, seq: int, event: ev.TagWriteAbandoned) -> None:
    _end(sql, event.attempt, "abandoned", seq)


def _requested(sql: Sql, seq: int, event: ev.CatalogingRequested) -> None:
    sql.execute(
        "INSERT INTO cataloging (request, entry, barcode, isbn, seq) VALUES (?, ?, ?, ?, ?)",
        (event.request, _open_entry(sql, event) or event.request, event.barcode, event.isbn, seq),
    )


def _resolved(sql: Sql, seq: int, event: ev.CatalogingResolved) -> None:
    if event.record_id or event.reason:
        sql.execute(
            "UPDATE cataloging SET closed_seq = ? WHERE closed_seq IS NULL "
            "AND entry = (SELECT entry FROM cataloging WHERE request = ?)",
            (seq, event.request),
        )


def _undone(sql: Sql, seq: int, event: ev.TagUndoVerified) -> None:
    """Close all attempts at the tag, and restore its earlier binding unless another tag has that part now."""
    _supersede(sql, event.uid, seq)
    sql.execute("DELETE FROM bindings WHERE uid = ?", (event.uid,))
    if event.restored:
        sql.execute(
            "INSERT INTO bindings (uid, barcode, part, parts, seq) SELECT ?, ?, ?, ?, ? "
            "WHERE NOT EXISTS (SELECT 1 FROM bindings WHERE barcode = ? AND part = ?)",
            (event.uid, event.restored, event.part, event.parts, seq, event.restored, event.part),
        )


def _open_entry(sql: Sql, event: ev.CatalogingRequested) -> str:
    """Return the open entry of the same piece; "" = there is none, or the piece has neither barcode nor ISBN."""
    if not event.barcode and not event.isbn:
        return ""
    rows = list(
        sql.execute(
            "SELECT entry FROM cataloging WHERE closed_seq IS NULL AND barcode = ? AND (barcode <> '' OR isbn = ?) "
            "ORDER BY seq LIMIT 1",
            (event.barcode, event.isbn),
        )
    )
    return str(rows[0][0]) if rows else ""


def _end(sql: Sql, attempt: str, how: str, seq: int) -> None:
    sql.execute("UPDATE attempts SET ended = ?, ended_seq = ? WHERE attempt = ? AND ended IS NULL", (how, seq, attempt))


def _supersede(sql: Sql, uid: str, seq: int) -> None:
    """End what is still open at this tag."""
    sql.execute("UPDATE attempts SET ended = 'superseded', ended_seq = ? WHERE uid = ? AND ended IS NULL", (seq, uid))


_Change = Callable[[Sql, int, Any], None]
_Changes = Mapping[type[ev.Event], tuple[_Change, ...]]
_BUSY: Final[_Changes] = {
    ev.StationStarted: (unjudged.apply,),
    ev.ItemScanned: (unjudged.apply,),
    ev.ItemSetAside: (unjudged.apply,),
    ev.TagWriteStarted: (_started,),
    ev.TagWriteVerified: (_verified, unjudged.apply),
    ev.TagWriteAbandoned: (_abandoned,),
    ev.TagUndoVerified: (_undone, unjudged.apply),
    ev.TagErased: (_erased, unjudged.apply),
    ev.TagDestroyed: (_destroyed,),
    ev.ItemDrawn: (sampling.counted, sampling.rejected, sampling.drawn),
    ev.SamplingCounted: (sampling.counted, sampling.rejected),
    ev.ItemJudged: (sampling.judged, unjudged.apply),
    ev.VerdictTakenBack: (taken_back.apply, unjudged.apply),
}
"""Changes of the tables that a replay keeps in memory (`BusyTables`)."""
_OTHERS: Final[_Changes] = {
    ev.CatalogingRequested: (_requested,),
    ev.CatalogingResolved: (_resolved,),
    ev.CorrectionOpened: (corrections.apply,),
    ev.CorrectionAssigned: (corrections.apply,),
    ev.CorrectionMended: (corrections.apply,),
    ev.CorrectionRechecked: (corrections.apply,),
    ev.CorrectionClosed: (corrections.apply,),
    ev.SecondCheckSeen: (corrections.apply,),
    ev.FindingWaived: (corrections.apply,),
    ev.WorkerRegistered: (workers.apply,),
    ev.WorkerRoleChanged: (workers.apply,),
    ev.WorkerLeft: (workers.apply,),
    ev.ItemJudged: (arrivals.apply, packing_lists.arrived),
    ev.PackingListImported: (packing_lists.imported, invoice_keys.list_changed),
    ev.PackingListReplaced: (packing_lists.replaced, invoice_keys.list_changed),
    ev.PackingListClosed: (packing_lists.closed,),
    ev.PackingListTakenOver: (packing_lists.taken_over,),
    ev.VendorRecorded: (shipments.vendor_recorded,),
    ev.ShipmentOpened: (shipments.opened,),
    ev.ShipmentClosed: (shipments.closed,),
    ev.CopyCounted: (shipments.counted,),
    ev.CopyFaulted: (shipments.faulted,),
    ev.CountUndone: (shipments.undone, differences.count_undone),
    ev.CopyReturned: (shipments.returned, differences.copy_returned),
    ev.Added: (shipments.added,),
    ev.Gift: (shipments.added,),
    ev.LeaseIn: (shipments.added,),
    ev.DifferenceOpened: (differences.opened,),
    ev.DifferenceNoted: (differences.noted,),
    ev.DifferenceAssigned: (differences.assigned,),
    ev.ClaimMade: (differences.claimed,),
    ev.DifferenceEnded: (differences.ended,),
    ev.AccountPlanRecorded: (purchases.plan_recorded,),
    ev.PurchaseOrderRecorded: (purchases.order_recorded,),
    ev.InvoiceRecorded: (differences.invoice_changed, purchases.recorded),
    ev.InvoiceRated: (purchases.rated,),
    ev.InvoiceCoded: (purchases.coded,),
    ev.CreditApplied: (purchases.credited,),
    ev.InvoiceSigned: (purchases.signed,),
    ev.InvoiceSignatureTakenBack: (purchases.taken_back,),
    ev.InvoicesExported: (purchases.exported,),
    ev.InvoicePaid: (purchases.paid,),
    ev.InvoiceVoided: (differences.invoice_changed, purchases.voided),
    ev.BoxOpened: (boxes.opened,),
    ev.BoxPacked: (boxes.packed,),
    ev.BoxClosed: (boxes.closed,),
    ev.BoxReceived: (boxes.received,),
    ev.TransferDecided: (transfers.decided,),
    ev.TransferCanceled: (transfers.canceled,),
    ev.Transferred: (transfers.moved,),
    ev.Reclassified: (transfers.reclassified,),
    ev.Lost: (transfers.lost,),
    ev.Found: (transfers.turned_up,),
    ev.PresenceRead: (presence.read,),
    ev.OrderLineRead: (order_lines.read,),
    ev.SystemInvoiceRead: (order_lines.invoice_read,),
    ev.VerdictTakenBack: (taken_back.arrived,),
    ev.WithdrawalCartOpened: (withdrawals.cart_opened,),
    ev.WithdrawalCartClosed: (withdrawals.cart_closed,),
    ev.WithdrawalDecided: (
        withdrawals.decided,
        pull_lists.decided,
        partial(item_states.withdrawn, item_states.WITHDRAWS[ev.WithdrawalDecided]),
    ),
    ev.PullListImported: (pull_lists.imported,),
    ev.PullTicked: (pull_lists.ticked,),
    ev.PullListClosed: (pull_lists.closed,),
    ev.WithdrawalCanceled: (item_states.canceled, pull_lists.canceled, withdrawals.canceled),
    ev.DeletionConfirmed: (withdrawals.confirmed,),
    ev.WithdrawalPlaced: (withdrawals.placed,),
    ev.OclcHoldingRemoved: (withdrawals.oclc_removed,),
    ev.WithdrawalAssigned: (withdrawals.assigned,),
    ev.Withdrawn: (withdrawals.withdrawn,),
    ev.WithdrawalBegan: (withdrawals.began,),
    ev.WithdrawalLeft: (withdrawals.left,),
    ev.TagErased: (withdrawals.erased,),
    ev.TagWriteVerified: (withdrawals.written,),
    ev.TagUndoVerified: (withdrawals.written,),
    ev.TagDestroyed: (withdrawals.destroyed,),
    ev.WithdrawalJudged: (
        withdrawals.judged,
        partial(item_states.withdrawn, item_states.WITHDRAWS[ev.WithdrawalJudged]),
    ),
    ev.DeliveryOrdered: (
        withdrawals.ordered,
        partial(item_states.withdrawn, item_states.WITHDRAWS[ev.DeliveryOrdered]),
        differences.ordered,
    ),
    ev.DeliveryChanged: (withdrawals.delivered, item_states.discarded, differences.delivered),
}
"""Changes of the other tables. An event in neither changes nothing."""

_UNREAD: Final[Mapping[type[ev.Event], Sequence[str]]] = {
    ev.TagWriteStarted: ("old", "new"),
    ev.ItemJudged: ("findings", "abstained", "passed"),
    ev.WithdrawalJudged: ("findings", "abstained", "passed"),
}
"""Fields that a replay does not decode with the event. Most items have the same findings, which are decoded once."""
_DISTINCT: Final = 1000
"""Number of different findings of a verdict that a replay keeps."""

_AT_A_TIME: Final = 1000
"""Rows."""

_ROWS: Final[Mapping[str, str]] = {
    "attempts": "SELECT attempt, uid, seq, ended, ended_seq FROM attempts ORDER BY attempt",
    "bindings": "SELECT uid, barcode, part, parts, seq FROM bindings ORDER BY uid",
    "cataloging": "SELECT request, entry, barcode, isbn, seq, closed_seq FROM cataloging ORDER BY request",
    "corrections": "SELECT * FROM corrections ORDER BY correction",
    "correction_log": "SELECT seq, correction, report FROM correction_log ORDER BY seq",
    **sampling.ROWS,
    **arrivals.ROWS,
    **packing_lists.ROWS,
    **shipments.ROWS,
    **differences.ROWS,
    **purchases.ROWS,
    **boxes.ROWS,
    **withdrawals.ROWS,
    **pull_lists.ROWS,
    **transfers.ROWS,
    **presence.ROWS,
    **order_lines.ROWS,
    **unjudged.ROWS,
    **item_states.ROWS,
    "workers": "SELECT worker, role, standing, seq FROM workers ORDER BY worker",
}
"""The rows of each table in a fixed order, for comparison."""


def forget(sql: Sql) -> None:
    """Empty all tables, inside the caller's transaction."""
    sql.execute("DELETE FROM bindings")
    sql.execute("DELETE FROM cataloging")
    sql.execute("DELETE FROM correction_log")
    sql.execute("DELETE FROM corrections")
    sql.execute("DELETE FROM workers")
    sampling.forget(sql)
    arrivals.forget(sql)
    differences.forget(sql)
    purchases.forget(sql)
    boxes.forget(sql)
    withdrawals.forget(sql)
    pull_lists.forget(sql)
    transfers.forget(sql)
    presence.forget(sql)
    order_lines.forget(sql)
    shipments.forget(sql)
    packing_lists.forget(sql)
    unjudged.forget(sql)
    item_states.forget(sql)
    sql.execute("DELETE FROM attempts")


def rebuild(sql: Sql) -> int:
    """Recompute the projections from the events, in one transaction. Return the number of events read."""
    with transaction(sql):
        forget(sql)
        count, decode = 0, Decoder(sql)
        for seq, kind, payload in sql.execute(_EVENTS):
            apply(sql, seq, decode(seq, kind, bytes(payload)))
            count += 1
        return count


def dump(sql: Sql) -> dict[str, list[tuple[Any, ...]]]:
    """Return the projections' rows, for tests."""
    return {table: list(sql.execute(rows)) for table, rows in _ROWS.items()}


def compare(sql: Sql) -> tuple[str, ...]:
    """Replay all events and return the differences from the live projections. Changes nothing."""
    decode = Decoder(sql)
    with closing(Replay(sql)) as replay:
        rows = ((seq, kind, decode.whole(seq, payload)) for seq, kind, payload in sql.execute(_EVENTS))
        while some := [*islice(rows, _AT_A_TIME)]:
            replay.take(*zip(*some, strict=True))
        return replay.differences()


class _Judged:
    """Returns the item of a partly decoded `ItemJudged`, and its findings as counted."""

    def __init__(self, decode: Decoder) -> None:
        self._decode = decode
        self._found = lru_cache(_DISTINCT)(partial(_found, decode))

    def __call__(self, seq: int, event: Any) -> tuple[ItemRecord, sampling.Found]:
        try:
            counts = self._found(event.operator, event.rules_in, bytes(event.findings), bytes(event.abstained))
            return event.item or self._decode.item(event.item_in), counts
        except (LookupError, msgspec.DecodeError) as error:
            raise unreadable(seq, ev.kind_of(ev.ItemJudged), error) from error


def _found(decode: Decoder, operator: str, rules_in: int, findings: bytes, abstained: bytes) -> sampling.Found:
    return sampling.found(decode.findings(rules_in, operator, *ev.findings_in(findings, abstained)))


_Said = tuple[str, int]
"""State and sequence number of the newest `DeliveryChanged` of a delivery."""


def _delivered(states: dict[str, _Said], seq: int, event: ev.DeliveryChanged) -> None:
    states[event.delivery] = (event.state, seq)


class Replay:
    """The tables that must follow from the events, in memory. Keeps no event. Holds no reference to itself, so that it is
    freed without the collector of cycles."""

    def __init__(self, journal: Sql) -> None:
        self._journal, self._decode = journal, Decoder(journal)
        self._sql = sqlite3.connect(":memory:", isolation_level=None)
        for _, statements in STEPS:
            for statement in statements:
                self._sql.execute(statement)
        self._sql.execute("PRAGMA foreign_keys=OFF")
        # The journal's own table lacks an invalid row, and `differences` reports that.
        self._sql.execute("PRAGMA ignore_check_constraints=ON")
        self._sql.execute("BEGIN")
        self._said: dict[str, _Said] = {}
        self._busy = BusyTables(_Judged(self._decode))
        self._states = item_states.Rows()
        self._changes = self._by_kind()
        self._decoders = ev.partial_decoders(self._changes, _UNREAD)
        self._failed: Exception | None = None

    def _by_kind(self) -> Mapping[str, Sequence[Callable[[int, Any], None]]]:
        """Return what each kind of event changes here."""
        changes: dict[str, list[Callable[[int, Any], None]]] = {
            ev.kind_of(ev.DeliveryChanged): [partial(_delivered, self._said)],
            ev.kind_of(ev.ItemScanned): [self._decode.scanned],
        }
        for event, change in self._busy.changes().items():
            changes[ev.kind_of(event)] = [change]
        for event, others in _OTHERS.items():
            changes.setdefault(ev.kind_of(event), []).extend(partial(other, self._sql) for other in others)
        for event, take in self._states.changes():
            changes.setdefault(ev.kind_of(event), []).append(take)
        return changes

    def take(self, numbers: Sequence[int], kinds: Sequence[str], payloads: Sequence[bytes]) -> None:
        """Apply the next events. The first failure ends the replay, and is kept for `differences`."""
        if self._failed is None:
            try:
                self._take(numbers, kinds, payloads)
            except Exception as error:  # if the event was changed, the chain's report counts
                self._failed = error

    def _take(self, numbers: Sequence[int], kinds: Sequence[str], payloads: Sequence[bytes]) -> None:
        events = self._decode.partly(self._decoders, numbers, kinds, payloads)
        for seq, event, changes in zip(numbers, events, map(self._changes.get, kinds), strict=True):
            for change in changes or ():
                change(seq, event)

    def differences(self) -> tuple[str, ...]:
        """Return the differences from the live projections. Raise the first failure: `StoreError` for an unreadable
        event, `sqlite3.Error`."""
        if self._failed is not None:
            raise self._failed
        return (*self._different_tables(self._journal), *self._different_deliveries(self._journal))

    def _different_tables(self, sql: Sql) -> Iterator[str]:
        busy = {**self._busy.rows(), **self._states.rows()}
        for table, rows in _ROWS.items():
            live = iter(sql.execute(rows))
            made = iter(sorted(busy[table]) if table in busy else self._sql.execute(rows))
            while (some := [*islice(live, _AT_A_TIME)]) == [*islice(made, _AT_A_TIME)]:
                if not some:
                    break
            else:
                yield f"the table {table} does not follow from the events"

    def _different_deliveries(self, sql: Sql) -> Iterator[str]:
        """A delivery that is not leased has the state of its newest `DeliveryChanged`, or is new."""
        new = ("pending", None)
        for delivery, state, seq in sql.execute("SELECT id, state, changed_seq FROM outbox"):
            if (state, seq) != self._said.get(delivery, new) and state != "leased":
                yield f"delivery {delivery} is {state}, which does not follow from the events"

    def close(self) -> None:
        self._sql.close()
