"""Visibility of one worker's data to another. Every view of people uses this module; screens and commands only display
it.

A viewer without the right to see others (`rights.Right.SEE_OTHERS`) sees their own figures and their own record. About
everyone else the viewer sees only that it was another person.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from station.base.errors import StationError, StillBlind, WorkerGone
from station.base.sentence import Sentence
from station.domain.correction_states import CorrectionKind, Result
from station.domain.corrections.correction import UNKNOWN, Brief, CorrectionEvent, Entry, ItemToFix, lacks
from station.domain.distribution.box import PackedItem
from station.domain.events import CorrectionAssigned, CorrectionOpened, RetrainingHeld
from station.domain.fixed_items import is_fixed
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Right, Role, may
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Worker
from station.domain.receiving.difference import Difference
from station.domain.receiving.shipment import Count
from station.domain.sampling import By, Group, RejectedLot, Stream, Tally, Whose
from station.domain.transfers.transfer import Transfer
from station.domain.withdrawals.pull_list import PullListStanding, PullStanding
from station.domain.withdrawals.withdrawal import Cart, Withdrawal
from station.store.people.workforce import Workforce
from station.store.queries.queries import Queries

ANOTHER: Final = "another person"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A worker in the list."""

    worker: str
    login: str = ""
    name: str = ""
    role: Role
    standing: str
    """"active", "left" or "erased"."""


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """Errors, retraining and rechecks for one rule."""

    rule: str
    title: Sentence
    errors: int
    last_error: str
    """Time of the last error (ISO 8601 UTC)."""
    retrained: str = ""
    """Time of the last retraining; "" = never."""
    errors_since: int = 0
    """Errors after the last retraining."""
    rechecks_since: int = 0
    """Rechecks without findings after the last retraining."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All stored data about one worker's work."""

    worker: str
    name: str
    role: Role | None
    judged: int
    passed: int
    failed: int
    errors: tuple[Entry, ...]
    """Corrections of this worker's work."""
    rechecks: tuple[Entry, ...]
    """Recheck orders for this worker's work, done and open."""
    retrainings: tuple[tuple[str, RetrainingHeld], ...]
    """(time, event) of each."""
    loops: tuple[Loop, ...]


class Visibility:
    """The views of one viewer. `another`: text in place of the names that the viewer may not see."""

    def __init__(self, queries: Queries, workforce: Workforce, viewer: Worker, another: str) -> None:
        self._queries = queries.seen_by(viewer.id)
        self._workforce = workforce
        self._viewer = viewer
        self._another = another
        self._registered: frozenset[str] | None = None

    @property
    def all(self) -> bool:
        """True if the viewer sees everyone."""
        return may(self._viewer.role, Right.SEE_OTHERS)

    def people(self) -> tuple[Row, ...]:
        """Return all workers, or only the viewer."""
        logins = {person.worker: person for person in self._workforce.people()}
        rows = []
        for worker, (role, standing) in self._queries.workers().items():
            if self.all or worker == self._viewer.id:
                person = logins.get(worker)
                rows.append(
                    Row(
                        worker=worker,
                        login=person.login if person else "",
                        name=person.name if person else "",
                        role=role,
                        standing=standing,
                    )
                )
        return tuple(rows)

    def person(self, name: str) -> str:
        """Return the id of a worker of whose work the viewer may ask. Raises `NotAllowed`."""
        worker = self._workforce.find(name).id
        if worker != self._viewer.id and (refused := lacks(self._viewer.role, Right.SEE_OTHERS)) is not None:
            raise refused
        return worker

    def count(self) -> int:
        """Return the number of all workers. It names nobody, so every viewer may see it."""
        return len(self._queries.workers())

    def names(self) -> dict[str, str]:
        """Return the names, by id, that the viewer may see, and the text for all others."""
        known = self._workforce.names()
        if self.all:
            return known
        return {
            **{key: name for key, name in known.items() if key == self._viewer.id},
            ANOTHER: self._another,
        }

    def corrections(self, *, closed: bool = False, barcode: str = "") -> tuple[Entry, ...]:
        """Return `Queries.corrections`, without the names of worker and actors unless the viewer may see them. Findings
        about an item that waits for a second check are hidden from workers who could do that check
        (`store.queries.second_check_cover`)."""
        return tuple(self.masked(entry) for entry in self._queries.corrections(closed=closed, barcode=barcode))

    def correction_briefs(self, closed_since: str | None = None, *, titles: bool = False) -> tuple[Brief, ...]:
        """Return `Queries.correction_briefs`, with the same limits."""
        briefs = self._queries.correction_briefs(closed_since, titles=titles)
        if self.all:
            return briefs
        return tuple(
            msgspec.structs.replace(brief, worker=self._who(brief.worker), owner=self.shown(brief.owner))
            for brief in briefs
        )

    def corrections_named(self, names: Sequence[str]) -> tuple[Entry, ...]:
        """Return those of these corrections that have such an id, in the order of the ids."""
        return tuple(self.masked(entry) for entry in self._queries.corrections_named(names))

    def correction(self, name: str) -> Entry | None:
        """Return one of these corrections. Raises `StillBlind`."""
        entry = self._queries.correction(name)
        return None if entry is None else self.masked(entry)

    def differences(self, *, everything: bool = False, shipment: str = "") -> tuple[Difference, ...]:
        """Return `Queries.differences`, without the owners whom the viewer may not see."""
        return tuple(map(self._owned, self._queries.differences(everything=everything, shipment=shipment)))

    def difference(self, ident: str) -> Difference | None:
        """Return one of these differences."""
        now = self._queries.difference(ident)
        return None if now is None else self._owned(now)

    def counts_of(self, shipment: str) -> tuple[Count, ...]:
        """Return `Queries.counts_of`, without the people whom the viewer may not see."""
        counts = self._queries.counts_of(shipment)
        return counts if self.all else tuple(msgspec.structs.replace(each, by=self._who(each.by)) for each in counts)

    def packed(self, box: str) -> tuple[PackedItem, ...]:
        """Return `Queries.packed`, without the people whom the viewer may not see."""
        items = self._queries.packed(box)
        return items if self.all else tuple(msgspec.structs.replace(item, by=self._who(item.by)) for item in items)

    def transfers(self, *, everything: bool = False) -> tuple[Transfer, ...]:
        """Return `Queries.transfers`, without the people whom the viewer may not see."""
        return tuple(map(self._moved, self._queries.transfers(everything=everything)))

    def transfer(self, ident: str) -> Transfer | None:
        """Return one of these transfers."""
        now = self._queries.transfer(ident)
        return None if now is None else self._moved(now)

    def transfer_of_item(self, barcode: str) -> Transfer | None:
        """Return the open one of an item."""
        now = self._queries.transfer_of_item(barcode)
        return None if now is None else self._moved(now)

    def withdrawals(self, *, everything: bool = False) -> tuple[Withdrawal, ...]:
        """Return `Queries.withdrawals`, without the people whom the viewer may not see."""
        return tuple(map(self._withdrawal, self._queries.withdrawals(everything=everything)))

    def withdrawal(self, ident: str) -> Withdrawal | None:
        """Return one of these withdrawals."""
        now = self._queries.withdrawal(ident)
        return None if now is None else self._withdrawal(now)

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        """Return the newest withdrawal of the whole item, or else of a part, that was not canceled."""
        now = self._queries.withdrawal_of_item(barcode)
        return None if now is None else self._withdrawal(now)

    def carts(self) -> tuple[Cart, ...]:
        """Return `Queries.carts`, without the people whom the viewer may not see."""
        carts = self._queries.carts()
        return carts if self.all else tuple(map(self._cart, carts))

    def pull_lists(self, *, everything: bool = False) -> tuple[PullListStanding, ...]:
        """Return `Queries.pull_lists`, without the people whom the viewer may not see."""
        return tuple(map(self._pull_list, self._queries.pull_lists(everything=everything)))

    def pull_list(self, ident: str) -> PullListStanding | None:
        """Return one of these lists."""
        now = self._queries.pull_list(ident)
        return None if now is None else self._pull_list(now)

    def pull_lines(self, ident: str) -> tuple[PullStanding, ...]:
        """Return the lines of one of these lists."""
        lines = self._queries.pull_lines(ident)
        return tuple(msgspec.structs.replace(line, by=self.shown(line.by)) for line in lines)

    def tallies(
        self, by: By, since: str = "", only: str | None = None, *, own: bool = True, until: str = ""
    ) -> tuple[Tally, ...]:
        """Return `Queries.tallies`. By worker, only the viewer's own, unless the viewer may see others. Raises
        `NotAllowed`."""
        return self._queries.tallies(by, since, self._only(by, only), own=own, until=until)

    def groups(
        self, by: By, size: int, since: str = "", only: str | None = None, *, own: bool = True, until: str = ""
    ) -> tuple[Group, ...]:
        """Return `Queries.groups`, with the same limits."""
        return self._queries.groups(by, size, since, self._only(by, only), own=own, until=until)

    def streams(self) -> tuple[tuple[Stream, str], ...]:
        """Return `Queries.streams`: the vendors', the viewer's own, and everyone's if the viewer has the right."""
        streams = self._queries.streams()
        return tuple(
            stream
            for stream in streams
            if self.all or stream[0].whose is Whose.VENDOR or stream[0].subject == self._viewer.id
        )

    def unasked(self, whose: Whose, subject: str) -> tuple[int, tuple[str, ...]] | None:
        """Return `Queries.unasked`, with the same limits."""
        by = By.VENDOR if whose is Whose.VENDOR else By.WORKER
        return self._queries.unasked(whose, self._only(by, subject) or subject)

    def rejected_lots(self) -> tuple[RejectedLot, ...]:
        """Return `Queries.rejected_lots`: the vendors', the viewer's own, and everyone's if the viewer has the
        right."""
        lots = self._queries.rejected_lots()
        return tuple(lot for lot in lots if self.all or lot.whose is Whose.VENDOR or lot.subject == self._viewer.id)

    def _only(self, by: By, only: str | None) -> str | None:
        """Return the id to which the figures are limited; None = no limit."""
        if by is not By.WORKER:
            return only
        asked = None if only is None else self._workforce.find(only).id
        if self.all:
            return asked
        if self._viewer.role is None:
            raise WorkerGone(self._viewer.id)
        if asked not in (None, self._viewer.id) and (refused := lacks(self._viewer.role, Right.SEE_OTHERS)) is not None:
            raise refused
        return self._viewer.id

    def record(self, worker: str) -> Record:
        """Return the record of the viewer, or of anyone if the viewer has the right. Raises `NotAllowed`."""
        if self._viewer.role is None:
            raise WorkerGone(self._viewer.id)
        if worker != self._viewer.id and (refused := lacks(self._viewer.role, Right.SEE_OTHERS)) is not None:
            raise refused
        entries = self._queries.corrections(closed=True, worker=worker)
        errors = tuple(
            entry
            for entry in entries
            if entry.correction.kind is CorrectionKind.MEND and entry.correction.result is not Result.NO_DEFECT
        )
        rechecks = tuple(entry for entry in entries if entry.correction.kind is CorrectionKind.RECHECK)
        retrainings = self._queries.retrainings(worker)
        who = self._workforce.find(worker)
        passed, failed = self._queries.judged_by(worker)
        return Record(
            worker=worker,
            name=who.name if who.registered else worker,
            role=who.role,
            judged=passed + failed,
            passed=passed,
            failed=failed,
            errors=tuple(self.masked(entry) for entry in errors),
            rechecks=tuple(self.masked(entry) for entry in rechecks),
            retrainings=retrainings,
            loops=loops(errors, rechecks, retrainings),
        )

    def shown(self, owner: str) -> str:
        """Return an owner as the viewer may see it: a department always, a worker only with the right."""
        if self._registered is None:
            self._registered = frozenset(self._queries.workers())
        return owner if self.all or owner not in self._registered else self._who(owner)

    def masked(self, entry: Entry) -> Entry:
        """Return an entry as the viewer may see it."""
        if self.all:
            return entry
        now = entry.correction
        return msgspec.structs.replace(
            entry,
            correction=msgspec.structs.replace(
                now, worker=self._who(now.worker), mender=self._who(now.mender), owner=self.shown(now.owner)
            ),
            steps=tuple(msgspec.structs.replace(step, event=self._event(step.event)) for step in entry.steps),
        )

    def _withdrawal(self, now: Withdrawal) -> Withdrawal:
        if self.all:
            return now
        return msgspec.structs.replace(
            now,
            owner=self._who(now.owner),
            decided_by=self._who(now.decided_by),
            authorised=self._who(now.authorised),
            proofs=tuple(msgspec.structs.replace(proof, by=self._who(proof.by)) for proof in now.proofs),
        )

    def _cart(self, cart: Cart) -> Cart:
        return msgspec.structs.replace(cart, operator=self._who(cart.operator), authorised=self._who(cart.authorised))

    def _pull_list(self, now: PullListStanding) -> PullListStanding:
        return msgspec.structs.replace(now, imported_by=self.shown(now.imported_by))

    def _owned(self, now: Difference) -> Difference:
        return now if self.all else msgspec.structs.replace(now, owner=self.shown(now.owner))

    def _moved(self, now: Transfer) -> Transfer:
        if self.all:
            return now
        proofs = tuple(msgspec.structs.replace(proof, by=self._who(proof.by)) for proof in now.proofs)
        owner, decided_by = self.shown(now.owner), self._who(now.decided_by)
        return msgspec.structs.replace(now, owner=owner, decided_by=decided_by, proofs=proofs)

    def _event(self, event: CorrectionEvent) -> CorrectionEvent:
        if isinstance(event, CorrectionOpened):
            return msgspec.structs.replace(event, worker=self._who(event.worker), found_by=self._who(event.found_by))
        if isinstance(event, CorrectionAssigned):
            event = msgspec.structs.replace(event, owner=self.shown(event.owner))
        return msgspec.structs.replace(event, operator=self._who(event.operator))

    def _who(self, worker: str) -> str:
        return worker if worker in ("", MACHINE, self._viewer.id) else ANOTHER


class WorkViews:
    """Implements `ports.WorkPort`."""

    def __init__(
        self, queries: Queries, workforce: Workforce, find: Callable[[Barcode], ItemRecord] | None = None
    ) -> None:
        """`find`: returns the present record of an item; None = the one that the item was judged by is the newest."""
        self._queries = queries
        self._workforce = workforce
        self._find = find

    def corrections(self, viewer: str, *, closed: bool = False) -> tuple[Entry, ...]:
        entries = self._of(viewer).corrections(closed=closed)
        return tuple(sorted(entries, key=lambda entry: (entry.correction.owner.casefold(), entry.opened_at)))

    def correction(self, viewer: str, name: str) -> Entry | None:
        return self._of(viewer).correction(name)

    def item_to_fix(self, viewer: str, barcode: str) -> ItemToFix:
        return item_to_fix(self._queries.seen_by(viewer), barcode, self._find)

    def rejected(self, viewer: str) -> tuple[RejectedLot, ...]:
        return self._of(viewer).rejected_lots()

    def names(self, viewer: str, another: str) -> dict[str, str]:
        return {**dict.fromkeys(self._queries.workers(), another), **self._of(viewer, another).names()}

    def _of(self, viewer: str, another: str = ANOTHER) -> Visibility:
        return Visibility(self._queries, self._workforce, self._workforce.find(viewer), another)


def item_to_fix(queries: Queries, barcode: str, find: Callable[[Barcode], ItemRecord] | None) -> ItemToFix:
    """Return the item of a correction as the viewer of `queries` may see it. `find`: as for `WorkViews`."""
    try:
        judged = queries.judged(barcode)
    except StillBlind:
        return UNKNOWN
    if judged is not None and find is not None:
        with contextlib.suppress(StationError):  # the catalog has no record; the verdict has one
            judged = msgspec.structs.replace(judged, item=find(Barcode(barcode)))
    waiting = tuple(entry.correction for entry in queries.corrections(barcode=barcode))
    return ItemToFix(judged, len(waiting), fixed=is_fixed(queries.about_item(barcode), waiting))


def loops(
    errors: Sequence[Entry], rechecks: Sequence[Entry], retrainings: Sequence[tuple[str, RetrainingHeld]]
) -> tuple[Loop, ...]:
    """Join errors, retrainings and rechecks by rule, newest error first. A retraining without rules covers all of
    them."""
    joined = []
    for rule in dict.fromkeys(entry.correction.rule for entry in errors):
        mine = [entry for entry in errors if entry.correction.rule == rule]
        trained = max((at for at, event in retrainings if not event.rules or rule in event.rules), default="")
        joined.append(
            Loop(
                rule=rule,
                title=mine[-1].correction.title,
                errors=len(mine),
                last_error=mine[-1].opened_at,
                retrained=trained,
                errors_since=sum(1 for entry in mine if trained and entry.opened_at > trained),
                rechecks_since=sum(
                    1
                    for entry in rechecks
                    if trained and entry.correction.result is Result.PASSED and entry.closed_at > trained
                ),
            )
        )
    return tuple(sorted(joined, key=lambda loop: loop.last_error, reverse=True))
