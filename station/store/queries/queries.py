"""Read-only views: `ports.QueryPort` and the lists of the command line. Any thread may call, whether a station runs or
not."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import msgspec

from station.base.clock import Clock
from station.base.errors import JournalRestored, StillBlind
from station.domain.corrections import correction
from station.domain.deliveries.delivery import Delivery, DeliveryRate
from station.domain.deliveries.intents import item_of
from station.domain.events import AnyEvent, EventsArchived, Head, ItemJudged, RetrainingHeld
from station.domain.invoices.order import OrderStanding
from station.domain.item import Barcode, OpenSet, Unjudged
from station.domain.item_state import ItemState, StateSince
from station.domain.lately import Lately
from station.domain.people.rights import Role
from station.domain.ports import Binding, JournalRow, Logged
from station.domain.sampling import By, Group, RejectedLot, Stream, Tally, Whose
from station.domain.status_board import RollRow, Step
from station.domain.subject import Subject
from station.domain.tag_image import Uid
from station.domain.transfers.transfer import Transfer
from station.store.database.archives import Archives
from station.store.database.database import LAST, Sql
from station.store.database.decoding import Decoder
from station.store.database.disk import disk_errors
from station.store.database.since import first_since
from station.store.journal import hash_chain, timeline
from station.store.journal.hash_chain import ChainReport
from station.store.journal.outbox import ROW, delivery_of
from station.store.projections import (
    boxes,
    cataloging,
    corrections,
    differences,
    invoice_standings,
    item_states,
    open_sets,
    order_lines,
    order_standings,
    packing_lists,
    presence,
    pull_lists,
    purchases,
    receipts,
    replacement_prices,
    sampling,
    shipments,
    subjects,
    transfers,
    unjudged,
    withdrawals,
)
from station.store.projections.cataloging import Entry
from station.store.queries import (
    delivery_rate,
    figures,
    history,
    journal_search,
    pin_trace,
    second_check_cover,
    verification,
)
from station.store.queries.figures import Reason
from station.store.queries.journal_search import EventFilter, SearchPage
from station.store.queries.kept import Kept
from station.store.queries.names_of_items import title_of
from station.store.queries.pin_trace import PinTrace
from station.store.queries.plain_summaries import Plain
from station.store.queries.second_check_cover import EventRow, event_row
from station.store.queries.tables import JournalFile, Tables
from station.store.queries.waiting_since import WaitingSince

P = ParamSpec("P")
R = TypeVar("R")

_OUTBOX_ONE: Final = ROW + "WHERE o.id = ?"
_UNCOVERED: Final = "o.lane NOT IN (SELECT value FROM json_each(?)) "
_OUTBOX_OF: Final = (
    ROW + "WHERE o.state = ? AND " + _UNCOVERED + "ORDER BY o.event_seq DESC, o.system, o.place LIMIT ? OFFSET ?"
)
_WEIGHTS: Final = (
    "SELECT coalesce(sum(length(payload) + 250), 0), "
    "coalesce(sum(iif(seq >= :first, length(payload) + 250, 0)), 0) FROM events"
)
"""An event has some 250 bytes in its other columns, in indexes and in tables (`benchmarks.journal_bytes`)."""
_TELL_A_VERDICT: Final = (ItemState.PASSED, ItemState.FAILED, ItemState.RELEASED)
_WITHDRAW_ORDERS: Final = (
    ROW + "WHERE json_extract(CAST(o.intent AS TEXT), '$.type') = 'withdraw' ORDER BY o.event_seq, o.place"
)
_SETS: Final = (
    "SELECT lane FROM outbox WHERE lane >= 'set:' AND lane < 'set;' GROUP BY lane ORDER BY max(event_seq) DESC LIMIT ?"
)
_NOT_COVERED: Final = "AND o.lane NOT IN (SELECT value FROM json_each(:covered)) "
_OUTBOX_AFTER: Final = (
    ROW
    + "LEFT JOIN outbox a ON a.id = :after WHERE (:state = '' OR o.state = :state) "
    + _NOT_COVERED
    + "AND (a.id IS NULL OR o.event_seq < a.event_seq "
    "OR (o.event_seq = a.event_seq AND (o.system, o.place) > (a.system, a.place))) "
    "ORDER BY o.event_seq DESC, o.system, o.place LIMIT :limit"
)
_OUTBOX_COUNTS: Final = """WITH other AS MATERIALIZED (SELECT state, count(*) AS count FROM outbox
    WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt', 'parked', 'discarded') GROUP BY state)
    SELECT 'delivered' AS state, (SELECT count(*) FROM outbox) - (SELECT coalesce(sum(count), 0) FROM other) AS count
    UNION ALL SELECT state, count FROM other ORDER BY state"""
"""Nearly all deliveries have arrived: SQLite counts a whole table five times as fast as its rows of one state."""
_OUTBOX_PAGE: Final = ROW + "WHERE " + _UNCOVERED + "ORDER BY o.event_seq DESC, o.system, o.place LIMIT ? OFFSET ?"


class JudgedRow(msgspec.Struct, frozen=True):
    """A verdict with its time."""

    at: str
    event: ItemJudged


def _asks(ask: Callable[Concatenate[Sql, P], R]) -> Callable[Concatenate[Queries, P], R]:
    """Return a method that runs this query on its own connection."""

    def method(self: Queries, /, *args: P.args, **options: P.kwargs) -> R:
        with self._reading() as db:
            return ask(db, *args, **options)

    return method


class Queries:
    """Implements `ports.QueryPort` over a journal file, or over a bench's tables at a center. Raises `StoreError` and its
    kinds.

    `viewer`: the reader (`seen_by`). Results that their second check must not know are left out
    (`store.queries.second_check_cover`). None = the station itself, which sees everything.
    """

    def __init__(self, journal: Path | Tables, clock: Clock, viewer: str | None = None) -> None:
        self._tables: Tables = JournalFile(journal) if isinstance(journal, Path) else journal
        self._clock = clock
        self._viewer = viewer
        self._kept = Kept()

    def seen_by(self, viewer: str) -> Queries:
        seen = copy(self)
        seen._viewer = viewer
        return seen

    def at_once(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads everything as of one moment, by one connection. For a page, not for
        what waits for a change."""
        return self._tables.at_once()

    @property
    def viewer(self) -> str:
        """Id of the viewer; "" = unknown, or the station itself."""
        return self._viewer or ""

    @property
    def exists(self) -> bool:
        """Whether there is a journal; there is none before the first start."""
        return self._tables.exists

    def covered(self) -> frozenset[str]:
        """Return the items whose findings this viewer may not see yet."""
        with self._reading() as db:
            return second_check_cover.covered(db, self._viewer)

    def journal_page(
        self, before: int | None = None, limit: int = 50, *, plain: bool = False
    ) -> tuple[JournalRow, ...]:
        """Implement `ports.Views`: newest first, older than event `before`."""
        return self.journal_search(EventFilter(), before, limit, plain=plain).rows

    def journal_search(
        self, wanted: EventFilter, before: int | None = None, limit: int = 50, *, plain: bool = False
    ) -> SearchPage:
        """Return the wanted events before event `before`, newest first. A hidden event is never found by its kind, its
        person or its item."""
        with self._reading() as db:
            cover = second_check_cover.cover(db, self._viewer)
            return journal_search.search(db, cover, wanted, before, limit, plain=plain)

    def events(self, first: int = 1, last: int | None = None, limit: int = 1000) -> tuple[EventRow, ...]:
        """Return events `first` to `last`, oldest first, decoded; at most `limit`."""
        with self._reading() as db:
            cover = second_check_cover.cover(db, self._viewer)
            rows = db.execute(
                "SELECT seq, at, kind, payload, hash FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
                (first, LAST if last is None else last, limit),
            ).fetchall()
            decode = Decoder(db)
            return tuple(event_row(cover, decode, *row) for row in rows)

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        """Implement `ports.Views`: newest first."""
        with self._reading() as db:
            covered = _list(second_check_cover.covered(db, self._viewer))
            if state:
                rows = db.execute(_OUTBOX_OF, (state, covered, limit, offset)).fetchall()
            else:
                rows = db.execute(_OUTBOX_PAGE, (covered, limit, offset)).fetchall()
        return tuple(delivery_of(row) for row in rows)

    def outbox_after(self, after: str, limit: int, state: str = "") -> tuple[Delivery, ...]:
        """Return deliveries in one state, or in all states, newest first, that follow the delivery with id `after`; "" or
        an unknown id = from the newest on."""
        with self._reading() as db:
            covered = _list(second_check_cover.covered(db, self._viewer))
            values: dict[str, str | int] = {"after": after, "state": state, "covered": covered, "limit": limit}
            return tuple(delivery_of(row) for row in db.execute(_OUTBOX_AFTER, values).fetchall())

    def titles(self, barcodes: Iterable[str]) -> dict[str, str]:
        """Implement `ports.Views`."""
        with self._reading() as db:
            return {barcode: title for barcode in barcodes if (title := title_of(db, barcode))}

    def delivery(self, name: str) -> Delivery | None:
        """Return one delivery; None if there is none with this id. Raises `StillBlind`."""
        with self._reading() as db:
            row = db.execute(_OUTBOX_ONE, (name,)).fetchone()
            covered = second_check_cover.covered(db, self._viewer)
        delivery = None if row is None else delivery_of(row)
        if delivery is not None and item_of(delivery.intent) in covered:
            raise StillBlind(item_of(delivery.intent))
        return delivery

    def newest_about(self, subject: Subject) -> int:
        """Return the number of the newest event about a subject, which a form about it expects; 0 = there is none."""
        with self._reading() as db:
            return subjects.newest(db, subject)

    def delivery_history(self, delivery: Delivery) -> tuple[Logged, ...]:
        """Return the changes of a delivery, the oldest first (`history.of_delivery`)."""
        with self._reading() as db:
            cover = second_check_cover.cover(db, self._viewer)
            if item_of(delivery.intent) in cover.barcodes:
                return ()
            return self._plain(db, history.of_delivery(db, delivery, cover))

    def difference_history(self, ident: str) -> tuple[Logged, ...]:
        """Return the events about a difference with a vendor, the oldest first."""
        with self._reading() as db:
            return self._plain(db, history.of_difference(db, ident))

    def recorded(self, kind: str, before: int = LAST, limit: int = LAST) -> tuple[Logged, ...]:
        """Return the events of a kind that is about no item, before the event with this number, the newest first."""
        with self._reading() as db:
            return history.recorded(db, kind, before, limit)

    def claim(self, ident: str) -> Logged | None:
        """Return the event by which a claim was made; None = there is no such claim."""
        with self._reading() as db:
            return history.claim(db, ident)

    def outbox_counts(self) -> dict[str, int]:
        """Implement `ports.QueryPort`: number of deliveries in each occurring state."""
        with self._reading() as db:
            return {str(state): int(count) for state, count in db.execute(_OUTBOX_COUNTS) if count}

    def withdraw_orders(self) -> tuple[Delivery, ...]:
        """Return the ordered withdrawals of items, oldest first."""
        with self._reading() as db:
            return tuple(delivery_of(row) for row in db.execute(_WITHDRAW_ORDERS).fetchall())

    def set_ids(self, limit: int = 30) -> tuple[str, ...]:
        """Return the ids of the sets to which items were added, newest first."""
        with self._reading() as db:
            rows = db.execute(_SETS, (limit,)).fetchall()
        return tuple(str(lane).removeprefix("set:") for (lane,) in rows)

    def delivery_rates(self) -> tuple[DeliveryRate, ...]:
        with self._reading() as db:
            return delivery_rate.flows(db, self._clock.now())

    def lately(self) -> Lately:
        """Return this bench's work today."""
        with self._reading() as db:
            return self._kept.lately.read(db, self._clock.now(), self._viewer)

    def unjudged(self) -> tuple[Unjudged, ...]:
        """Return the items with a verified tag and no verdict, the earliest first."""
        with self._reading() as db:
            return unjudged.unjudged(db)

    def open_sets(self) -> tuple[OpenSet, ...]:
        """Return the sets of which some parts carry a tag and others none, the newest first."""
        with self._reading() as db:
            return open_sets.open_sets(db)

    def rolls(self, last: int) -> tuple[tuple[RollRow, ...], RollRow]:
        """Return the tag statistics of each roll, newest first, and those of the last `last` tags."""
        with self._reading() as db:
            return self._kept.rolls.read(db, last)

    def cataloging(self, *, closed: bool = False) -> tuple[Entry, ...]:
        """Return the queue for original cataloging, oldest entry first; with `closed` also closed entries."""
        with self._reading() as db:
            return cataloging.entries(db, closed=closed)

    def waiting_corrections(self, late: int) -> tuple[int, int, tuple[correction.Entry, ...]]:
        """Return the number of open corrections, how many of them are overdue, and the first `late` of these, oldest first."""
        with self._reading() as db:
            without = _list(second_check_cover.covered(db, self._viewer))
            return self._kept.waiting_corrections.read(db, self._clock.day(), late, without)

    def correction_briefs(
        self, closed_since: str | None = None, *, titles: bool = False
    ) -> tuple[correction.Brief, ...]:
        """Return the open corrections in short, oldest first; also those closed since a time (ISO 8601, UTC; "" = ever).
        `titles`: with the items' titles, which takes longer."""
        with self._reading() as db:
            covered = second_check_cover.covered(db, self._viewer)
            read = corrections.briefs if closed_since is not None else self._kept.open_corrections.read
            briefs = read(db, self._clock.day(), closed_since, titles=titles)
        if not covered:
            return briefs
        return tuple(brief for brief in briefs if brief.kind == "recheck" or brief.barcode not in covered)

    def corrections_named(self, names: Sequence[str]) -> tuple[correction.Entry, ...]:
        """Return the corrections with these ids, in their order."""
        if not names:
            return ()
        with self._reading() as db:
            covered = second_check_cover.covered(db, self._viewer)
            entries = corrections.named(db, self._clock.day(), names)
        return tuple(entry for entry in entries if second_check_cover.is_shown(entry, covered))

    def corrections(self, *, closed: bool = False, barcode: str = "", worker: str = "") -> tuple[correction.Entry, ...]:
        """Return corrections and recheck orders, oldest first; with `closed` also closed ones; optionally of one item
        or of one worker's work."""
        with self._reading() as db:
            covered = second_check_cover.covered(db, self._viewer)
            entries = corrections.entries(db, self._clock.day(), closed=closed, barcode=barcode, worker=worker)
        return tuple(entry for entry in entries if second_check_cover.is_shown(entry, covered))

    def correction(self, name: str) -> correction.Entry | None:
        """Return one correction by its id (or by the id of a report that joined it). Raises `StillBlind`."""
        with self._reading() as db:
            entry = corrections.one(db, name, self._clock.day())
            covered = second_check_cover.covered(db, self._viewer)
        if entry is not None and not second_check_cover.is_shown(entry, covered):
            raise StillBlind(entry.correction.barcode)
        return entry

    def workers(self) -> Mapping[str, tuple[Role, str]]:
        """Return role and standing by the id of each registered worker."""
        with self._reading() as db:
            return self._kept.workers.read(db)

    def retrainings(self, worker: str) -> tuple[tuple[str, RetrainingHeld], ...]:
        """Return a worker's retrainings with their times, oldest first."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE kind = 'retraining-held' "
                "AND json_extract(CAST(payload AS TEXT), '$.worker') = ? ORDER BY seq",
                (worker,),
            ).fetchall()
            decode = Decoder(db)
            held = [(str(at), decode(seq, kind, payload)) for seq, at, kind, payload in rows]
        return tuple((at, event) for at, event in held if isinstance(event, RetrainingHeld))

    def judged_by(self, operator: str) -> tuple[int, int]:
        """Return the numbers of an operator's pass and fail verdicts. A verdict given again after a waiver counts for
        the person who waived."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT json_extract(CAST(payload AS TEXT), '$.verdict'), count(*) FROM events "
                "WHERE kind = 'item-judged' AND json_extract(CAST(payload AS TEXT), '$.operator') = ? "
                "AND seq NOT IN (SELECT CAST(json_extract(CAST(payload AS TEXT), '$.judged') AS INTEGER) FROM events "
                "WHERE kind = 'verdict-taken-back') "
                "AND json_extract(CAST(payload AS TEXT), '$.barcode') NOT IN (SELECT value FROM json_each(?)) GROUP BY 1",
                (operator, _list(second_check_cover.covered(db, self._viewer))),
            ).fetchall()
        counts = {str(verdict): int(count) for verdict, count in rows}
        return counts.get("pass", 0), counts.get("fail", 0)

    def tallies(
        self, by: By, since: str = "", only: str | None = None, *, own: bool = True, until: str = ""
    ) -> tuple[Tally, ...]:
        """Return verdict counts by worker, vendor or material since a time and before another (ISO 8601, UTC; "" = without
        limit), of all subjects or `only` one. `own`: by worker, count only items without a vendor.
        `store.people.visibility` limits what a viewer sees."""
        with self._reading() as db:
            without = _list(second_check_cover.covered(db, self._viewer))
            return figures.tallies(db, by, since, only, own=own, until=until, without=without)

    def groups(
        self, by: By, size: int, since: str = "", only: str | None = None, *, own: bool = True, until: str = ""
    ) -> tuple[Group, ...]:
        """Return the same in groups of `size` consecutive items that the operator was asked about, for charts."""
        with self._reading() as db:
            without = _list(second_check_cover.covered(db, self._viewer))
            return tuple(figures.groups(db, by, since, only, size, own=own, until=until, without=without))

    def reasons(self, since: str = "", until: str = "") -> tuple[Reason, ...]:
        """Return how many corrections were opened for each rule in a period, the most first."""
        with self._reading() as db:
            return figures.reasons(db, since, until, _list(second_check_cover.covered(db, self._viewer)))

    def waiting_since(self, times: Sequence[str]) -> dict[Step, WaitingSince]:
        """Return for each step of the work how many items, corrections or deliveries wait for it, counted by times (ISO 8601,
        UTC) that ascend."""
        with self._reading() as db:
            covered = _list(second_check_cover.covered(db, self._viewer))
            return self._kept.waiting_since.read(db, covered, tuple(times))

    def judged_barcodes(self) -> frozenset[str]:
        """Return every barcode that ever got a verdict."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT DISTINCT json_extract(CAST(payload AS TEXT), '$.barcode') FROM events WHERE kind = 'item-judged'"
            ).fetchall()
        return frozenset(str(row[0]) for row in rows)

    def last_judged(self, barcode: str, part: int = 0) -> JudgedRow | None:
        """Return the newest verdict on an item's part (0 = any part) that stands, with its time; None if there is none. Raises
        `StillBlind`."""
        with self._reading() as db:
            if barcode in second_check_cover.covered(db, self._viewer):
                raise StillBlind(barcode)
            row = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE kind = 'item-judged' "
                "AND json_extract(CAST(payload AS TEXT), '$.barcode') = ? "
                "AND ? IN (0, CAST(json_extract(CAST(payload AS TEXT), '$.part') AS INTEGER)) "
                "AND seq NOT IN (SELECT CAST(json_extract(CAST(payload AS TEXT), '$.judged') AS INTEGER) FROM events "
                "WHERE kind = 'verdict-taken-back') ORDER BY seq DESC LIMIT 1",
                (barcode, part),
            ).fetchone()
            if row is None:
                return None
            event = Decoder(db)(row[0], row[2], row[3])
        return JudgedRow(str(row[1]), event) if isinstance(event, ItemJudged) else None

    def judged(self, barcode: str) -> ItemJudged | None:
        """Implement `ports.Views`."""
        judged = self.last_judged(barcode)
        return judged.event if judged is not None else None

    def item_history(self, barcode: str, limit: int = 50) -> tuple[JournalRow, ...]:
        """Implement `ports.Views`."""
        newest = self.about_item(barcode)[: -limit - 1 : -1]
        return tuple(JournalRow(event.seq, event.at, "", event.plain or event.said) for event in newest)

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        with self._reading() as db:
            return self._plain(db, history.about_tag(db, uid, second_check_cover.cover(db, self._viewer)))

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        with self._reading() as db:
            return self._plain(db, history.about_item(db, barcode, second_check_cover.cover(db, self._viewer)))

    def life(self, barcode: str) -> tuple[Logged, ...]:
        """Return the same for the item's own page: no sentence repeats its title."""
        with self._reading() as db:
            cover = second_check_cover.cover(db, self._viewer)
            return self._plain(db, history.about_item(db, barcode, cover), barcode)

    def _plain(self, db: Sql, logged: Sequence[Logged], about: str = "") -> tuple[Logged, ...]:
        """Add the sentences for screens; the station itself needs none."""
        if self._viewer is None:
            return tuple(logged)
        names = Plain(db, exactly=False, about=about)
        return tuple(msgspec.structs.replace(entry, plain=names.sentence(entry.seq, entry.event)) for entry in logged)

    def pin_trace(self) -> PinTrace:
        """Return the PIN facts in the journal. Read from the events, which the chain protects, not from a
        projection."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, at, kind, payload FROM events WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (json.dumps(pin_trace.KINDS),),
            ).fetchall()
            decode = Decoder(db)
            return pin_trace.trace((str(at), decode(seq, kind, bytes(payload))) for seq, at, kind, payload in rows)

    def rules_accepted(self) -> str:
        """Return the digest of the quality rules that were accepted last; "" = none ever were."""
        with self._reading() as db:
            row = db.execute(
                "SELECT json_extract(CAST(payload AS TEXT), '$.digest') FROM events WHERE kind = 'rules-accepted' "
                "ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        return "" if row is None else str(row[0])

    open_session = _asks(history.open_session)
    of_session = _asks(history.of_session)
    newest_session = _asks(history.newest_session)
    open_release = _asks(history.open_release)
    open_withdrawal = _asks(history.open_withdrawal)
    withdrawal_checklists = _asks(history.withdrawal_checklists)
    newest_write = _asks(history.newest_write)
    writes = _asks(history.writes)
    deliveries_of = _asks(history.deliveries_of)
    of_set = _asks(history.of_set)
    open_set = _asks(history.open_set)
    sets = _asks(history.sets)
    staff_call = _asks(history.staff_call)
    packing_list_lines = _asks(packing_lists.lines_of)
    fitting_lines = _asks(packing_lists.fitting)
    open_vendors = _asks(packing_lists.open_vendors)
    lists_taken_over = _asks(packing_lists.lists_taken_over)
    packing_lists = _asks(packing_lists.standings)
    vendors = _asks(shipments.vendors)
    vendor_named = _asks(shipments.vendor_named)
    shipment = _asks(shipments.shipment)
    shipment_lines = _asks(shipments.lines_of)
    shipment_line = _asks(shipments.line_of)
    lines_for_copy = _asks(shipments.open_lines)
    shipment_with_carton = _asks(shipments.open_with_carton)
    lists_to_open = _asks(shipments.lists_to_open)
    lists_of_carton = _asks(shipments.lists_of_carton)
    counts_of = _asks(shipments.counts_of)
    count = _asks(shipments.count)
    count_of_item = _asks(shipments.count_of_item)
    line_proposals = _asks(shipments.proposals)
    difference = _asks(differences.difference)
    differences_of_count = _asks(differences.of_count)
    waiting_differences = _asks(differences.waiting)
    shipments = _asks(shipments.shipments)
    differences = _asks(differences.differences)
    account_plan = _asks(purchases.plan)
    account_plan_seq = _asks(purchases.plan_seq)
    exports = _asks(purchases.exports)
    export = _asks(purchases.export)
    log_of_invoice = _asks(purchases.log_of)
    invoices = _asks(invoice_standings.standings)
    invoice = _asks(invoice_standings.one)
    replacement_price = _asks(replacement_prices.of_item)
    invoice_waiting = _asks(purchases.waiting)
    box = _asks(boxes.box)
    packed = _asks(boxes.packed_in)
    box_of_item = _asks(boxes.of_item)
    listed_copy = _asks(boxes.listed_copy)
    boxes_waiting = _asks(boxes.waiting)
    boxes = _asks(boxes.boxes)
    withdrawal = _asks(withdrawals.withdrawal)
    withdrawal_of_item = _asks(withdrawals.of_item)
    ready_to_strip = _asks(withdrawals.ready_to_strip)
    withdrawal_cart = _asks(withdrawals.cart)
    open_cart = _asks(withdrawals.open_cart)
    carts = _asks(withdrawals.carts)
    watched = _asks(withdrawals.watched)
    watched_tags = _asks(withdrawals.watched_tags)
    withdrawn_in_period = _asks(withdrawals.withdrawn_in_period)
    withdrawals = _asks(withdrawals.withdrawals)
    pull_list = _asks(pull_lists.pull_list)
    pull_lines = _asks(pull_lists.pull_lines)
    pull_line = _asks(pull_lists.pull_line)
    pull_lists = _asks(pull_lists.pull_lists)
    lost_item = _asks(transfers.lost_item)
    presence_is_news = _asks(presence.is_news)
    presence_contradictions = _asks(presence.contradictions)
    gone_items = _asks(presence.gone_items)
    items_in_use = _asks(presence.items_in_use)
    departures_in_period = _asks(transfers.departures_in_period)
    order_line = _asks(order_lines.order_line)
    system_invoice = _asks(order_lines.system_invoice)
    system_invoice_read_at = _asks(order_lines.system_invoice_read_at)
    order_lines = _asks(order_lines.order_lines)
    receipt = _asks(receipts.of_count)
    may_be_received = _asks(receipts.may_have_arrived)
    receipts = _asks(receipts.of_shipment)

    def orders(self, *, everything: bool = False) -> tuple[OrderStanding, ...]:
        """Return the blanket and standing orders by number, without closed ones, or all of them."""
        with self._reading() as db:
            return order_standings.standings(db, self._clock.day(), everything=everything)

    def order(self, number: str) -> OrderStanding | None:
        """Return the order with this number, in whatever case."""
        with self._reading() as db:
            return order_standings.one(db, number, self._clock.day())

    def invoice_history(self, ident: str) -> tuple[Logged, ...]:
        """Return the events about an invoice, the oldest first."""
        with self._reading() as db:
            return self._plain(db, history.of_invoice(db, ident))

    def box_history(self, ident: str) -> tuple[Logged, ...]:
        """Return the events about a box, the oldest first."""
        with self._reading() as db:
            return self._plain(db, history.of_box(db, ident))

    def withdrawal_history(self, ident: str) -> tuple[Logged, ...]:
        """Return the events about a withdrawal, the oldest first."""
        with self._reading() as db:
            return self._plain(db, history.of_withdrawal(db, ident))

    def transfer_history(self, ident: str) -> tuple[Logged, ...]:
        """Return the events about a transfer, the oldest first."""
        with self._reading() as db:
            return self._plain(db, history.of_transfer(db, ident))

    def transfers(self, *, everything: bool = False) -> tuple[Transfer, ...]:
        """Return the transfers that are not finished, the oldest first; `everything`: all, the newest first. Verdicts that
        this viewer may not see yet prove nothing."""
        with self._reading() as db:
            covered = second_check_cover.covered(db, self._viewer)
            return transfers.transfers(db, everything=everything, covered=covered)

    def transfer(self, ident: str) -> Transfer | None:
        """Return one of these transfers."""
        with self._reading() as db:
            return transfers.transfer(db, ident, covered=second_check_cover.covered(db, self._viewer))

    def transfer_of_item(self, barcode: str) -> Transfer | None:
        """Implement `ports.Departures`."""
        with self._reading() as db:
            return transfers.of_item(db, barcode, covered=second_check_cover.covered(db, self._viewer))

    def open_uids(self) -> frozenset[str]:
        """Return the tags with a write that was started and neither verified nor abandoned."""
        with self._reading() as db:
            rows = db.execute("SELECT uid FROM attempts WHERE ended IS NULL").fetchall()
        return frozenset(str(row[0]) for row in rows)

    def binding_of(self, uid: Uid) -> Binding | None:
        with self._reading() as db:
            row = db.execute("SELECT uid, barcode, part, parts FROM bindings WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else Binding(*row)

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        """Implement `ports.Journal.bindings_for`. In the order of parts."""
        asked = "SELECT uid, barcode, part, parts FROM bindings WHERE barcode = ? ORDER BY part"
        with self._reading() as db:
            rows = db.execute(asked, (barcode,)).fetchall()
        return tuple(Binding(*row) for row in rows)

    def state_of(self, barcode: str) -> StateSince | None:
        """Implement `ports.Views`. A passed, failed or released item that this viewer still has to check is only tagged:
        only passed items are released."""
        with self._reading() as db:
            state = item_states.state_of(db, barcode)
            covered = barcode in second_check_cover.covered(db, self._viewer)
        if covered and state is not None and state.state in _TELL_A_VERDICT:
            return msgspec.structs.replace(state, state=ItemState.TAGGED, kind=second_check_cover.HIDDEN)
        return state

    def head(self) -> Head:
        """Return the journal's current head."""
        with self._reading() as db:
            journal = hash_chain.journal_id(db)
            seq, digest = hash_chain.last(db, journal)
        return Head(self._clock.now(), seq, digest.hex(), journal)

    def check_heads(self, head_directory: Path | None, sent: Sequence[Head] = ()) -> None:
        """Raise `JournalOlder` if a known head (`timeline.known_heads`) shows that this journal is an older copy.
        Fast."""
        with self._reading() as db, disk_errors(self._file.path):
            timeline.check(db, self._file.path, head_directory, sent)

    def restored(self) -> JournalRestored | None:
        """Return why a restored journal must be continued first; None if it need not."""
        with self._reading() as db, disk_errors(self._file.path):
            try:
                timeline.require_continued(db, self._file.path)
            except JournalRestored as error:
                return error
        return None

    def weights(self, since: str) -> tuple[int, int]:
        """Return what all events weigh, and those since a time (ISO 8601, UTC): bytes of payloads and the share of
        indexes and tables, for a forecast."""
        with self._reading() as db:
            first = first_since(db, since)
            both = db.execute(_WEIGHTS, {"first": first}).fetchone()
        return int(both[0]), int(both[1])

    def first_at(self) -> str:
        """Return the time of the first event; "" = there is none."""
        with self._reading() as db:
            row = db.execute("SELECT at FROM events ORDER BY seq LIMIT 1").fetchone()
        return "" if row is None else str(row[0])

    def archives(self) -> tuple[EventsArchived, ...]:
        """Return what names the archives of old events, oldest first."""
        with self._reading() as db:
            return Archives(db).all_of()

    def lost_heads(self, head_directory: Path | None, sent: Sequence[Head] = ()) -> tuple[Head, ...]:
        known = self._known(head_directory, sent)
        with self._reading() as db:
            return hash_chain.lost_heads(db, *known)

    def verify(
        self,
        head: str | None = None,
        head_directory: Path | None = None,
        sent: Sequence[Head] = (),
        *,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> ChainReport:
        """Check everything: SQLite's integrity, the chain, the given and the known heads, deliveries, and that
        projections follow from the events. Takes seconds for a million events; call it from a worker thread.

        `progress` receives the number of events checked and the total at intervals. An exception from it ends the
        check.
        """
        known = self._known(head_directory, sent)
        with self._file.reading() as db:
            return verification.verify(db, self._file.path, head, itertools.chain(*known), progress)

    def break_between(self, first: int, last: int) -> int | None:
        """Return the first of the events `first` to `last` that does not follow from the one before; None = all do."""
        with self._reading() as db:
            return hash_chain.break_between(db, first, last)

    def _known(self, head_directory: Path | None, sent: Sequence[Head]) -> tuple[Sequence[Head], ...]:
        """Return the known heads. Read before the journal, which may grow meanwhile."""
        with disk_errors(head_directory or self._file.path):
            return timeline.known_heads(self._file.path, head_directory, sent)

    def streams(self) -> tuple[tuple[Stream, str], ...]:
        """Return the sampling stream of each worker and vendor, with the time of its last change."""
        with self._reading() as db:
            return sampling.streams(db)

    def sampling_events(self, after: int, limit: int) -> tuple[tuple[int, AnyEvent], ...]:
        """Return (number, event) of draws and counts after event `after`, oldest first, at most `limit`. The station
        uses them to recompute the draws."""
        with self._reading() as db:
            rows = list(
                db.execute(
                    "SELECT seq, kind, payload FROM events WHERE seq > ? "
                    "AND kind IN ('item-drawn', 'sampling-counted') ORDER BY seq LIMIT ?",
                    (after, limit),
                )
            )
            decode = Decoder(db)
            return tuple((seq, decode(seq, kind, payload)) for seq, kind, payload in rows)

    def unasked(self, whose: Whose, subject: str) -> tuple[int, tuple[str, ...]] | None:
        """Return the last rejected lot of a worker or vendor, and its items about which the operator was not asked and
        which were not judged with all questions since. None = no lot was rejected."""
        with self._reading() as db:
            return sampling.unasked(db, whose, subject)

    def rejected_lots(self) -> tuple[RejectedLot, ...]:
        """Return every rejected lot with passed items about which the operator was not asked and which were not
        rechecked or closed since; the lot rejected first comes first."""
        with self._reading() as db:
            return self._kept.rejected_lots.read(db)

    def switch_reasons(self) -> dict[tuple[Whose, str], str]:
        """Return the reason of each stream's newest switch."""
        with self._reading() as db:
            rows = list(
                db.execute(
                    "SELECT json_extract(s.value, '$.whose'), json_extract(s.value, '$.subject'), "
                    "json_extract(s.value, '$.reason') FROM events e, json_each(CAST(e.payload AS TEXT), '$.switches') s "
                    "WHERE e.kind IN ('sampling-counted', 'item-drawn') AND instr(e.payload, CAST('\"switches\"' AS BLOB)) "
                    "ORDER BY e.seq, s.key"
                )
            )
        return {(Whose(whose), str(subject)): str(reason) for whose, subject, reason in rows}

    def _reading(self) -> AbstractContextManager[Sql]:
        return self._tables.reading()

    @property
    def _file(self) -> JournalFile:
        """The journal file. What needs it is never asked at a center, whose database recomputes the chain itself."""
        assert isinstance(self._tables, JournalFile)
        return self._tables


def _list(barcodes: frozenset[str]) -> str:
    """Encode barcodes for `json_each`, which passes a set to a statement."""
    return json.dumps(sorted(barcodes))
