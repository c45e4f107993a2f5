"""Withdrawals with their proofs, carts, stop signs and tags, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.settings.withdrawal import Destination, WithdrawalOptions, WithdrawReason
from station.domain.distribution.box import Site
from station.domain.distribution.packing import site_of
from station.domain.withdrawals.proof import Layer, Proof
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import Cart, LeavingTag, Withdrawal
from station.reports.lateness import Lateness, days_since, lateness
from station.reports.tables.table import Cell, Column, Kind, Place, Table, table

LAYERS: Final = (
    Layer.DECISION,
    Layer.SIGNS,
    Layer.SYSTEM,
    Layer.OCLC,
    Layer.TAG,
    Layer.MARKS,
    Layer.PLACE,
)
"""Layers of a withdrawal, in the order of the columns."""
_FILES: Final = Place.FILES
_REASON, _DESTINATION = Sentence("withdrawal.head.reason"), Sentence("withdrawal.head.destination")
_OVERRULED: Final = "withdrawal.overruled"
_NUMBER, _NOTE = Sentence("office.head.number"), Sentence("shipment.head.note")


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """What the age of a withdrawal is measured by."""

    now: str
    """ISO 8601, UTC."""
    amber_days: int
    red_days: int

    def late(self, row: Withdrawal) -> Lateness:
        """Return how late a withdrawal is; a finished one is not."""
        if row.finished_at or row.canceled_at:
            return Lateness.IN_TIME
        return lateness(row.since, self.now, self.amber_days, self.red_days)


def calendar(options: WithdrawalOptions, now: str) -> Calendar:
    return Calendar(now=now, amber_days=options.amber_days, red_days=options.red_days)


READY: Final = "ready"
"""Step that stands for all steps of an item that is ready to strip (`Withdrawal.ready_to_strip`)."""


class WithdrawalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which withdrawals are wanted. An empty field wants all."""

    site: str = ""
    """Code of the site, in whatever case."""
    reason: str = ""
    owner: str = ""
    step: str = ""
    """A `NextStep`, or `READY`."""
    late: str = ""
    """A `Lateness`: at least as late as this."""
    list: str = ""
    cart: str = ""

    def wants(self, row: Withdrawal, sites: Sequence[Site], days: Calendar) -> bool:
        return (
            (not self.site or site_code(row.library, sites).casefold() == self.site.casefold())
            and (not self.reason or row.reason == self.reason)
            and (not self.owner or owner_of(row) == self.owner)
            and (not self.step or row.next_step == self.step or (self.step == READY and row.ready_to_strip))
            and (not self.late or days.late(row) in _AT_LEAST[Lateness(self.late)])
            and (not self.list or row.list == self.list)
            and (not self.cart or row.cart == self.cart)
        )


_AT_LEAST: Final = {
    Lateness.AMBER: (Lateness.AMBER, Lateness.RED),
    Lateness.RED: (Lateness.RED,),
    Lateness.IN_TIME: (Lateness.IN_TIME,),
}


def owner_of(row: Withdrawal) -> str:
    """Return the id of the person who sees to a withdrawal."""
    return row.owner or row.decided_by


def site_code(library: str, sites: Sequence[Site]) -> str:
    """Return the code of the site of a library; "" = the library is not known."""
    site = site_of(library, sites)
    return site.code if site is not None else ""


def named(code: str, known: Iterable[WithdrawReason | Destination]) -> str:
    """Return the name of a reason or a destination; its code if the settings do not name it any more."""
    return next((entry.name or entry.code for entry in known if entry.code == code), code)


def withdrawals(rows: Iterable[Withdrawal], options: WithdrawalOptions, sites: Sequence[Site], days: Calendar) -> Table:
    """Return withdrawals, in this order, with a column for each proof."""
    return table(
        (
            Column(
                "title", Sentence("office.head.title"), Kind.TITLE, sorts=True, leads_to="/withdrawals", leads_by="id"
            ),
            Column("step", Sentence("withdrawal.head.step"), Kind.STATUS, "withdrawal.step", sorts=True),
            Column("late", Sentence("withdrawal.head.late"), Kind.STATUS, "withdrawal.late", sorts=True),
            Column("days", Sentence("withdrawal.head.days"), Kind.COUNT, sorts=True),
            *(
                Column(layer.value, Sentence(f"withdrawal.layer.{layer}"), Kind.PROOF, "withdrawal.proof")
                for layer in LAYERS
            ),
            Column("reason_name", _REASON, sorts=True),
            Column("owner", Sentence("office.head.owner"), Kind.PERSON, sorts=True),
            Column("site", Sentence("box.head.site"), sorts=True),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("part", Sentence("withdrawal.head.part"), only=_FILES),
            Column("call_number", Sentence("office.head.call-number"), only=_FILES),
            Column("destination_name", _DESTINATION, only=_FILES),
            Column("piece", Sentence("withdrawal.head.piece"), Kind.STATUS, "withdrawal.piece", only=_FILES),
            Column("approver", Sentence("withdrawal.head.approver"), only=_FILES),
            Column("since", Sentence("office.head.since"), Kind.TIME, only=_FILES),
            Column("deleted_at", Sentence("withdrawal.head.deleted-at"), Kind.TIME, only=_FILES),
            Column("place_name", Sentence("withdrawal.head.place"), only=_FILES),
            Column("note", _NOTE, only=_FILES),
            Column("task", Sentence("withdrawal.head.task"), Kind.CODE),
            Column("checklist", Sentence("withdrawal.layer.marks"), Kind.CODE),
            Column("failed", Sentence("withdrawal.layer.marks"), Kind.CODE),
            Column("library", Sentence("shipment.head.library"), Kind.CODE),
            Column("reason", _REASON, Kind.CODE),
            Column("destination", _DESTINATION, Kind.CODE),
            Column("list", Sentence("withdrawal.head.list"), Kind.CODE),
            Column("cart", Sentence("withdrawal.head.cart"), Kind.CODE),
            Column("canceled_at", Sentence("withdrawal.head.canceled-at"), Kind.CODE),
            Column("id", _NUMBER, Kind.CODE),
        ),
        [
            (
                row.title or row.barcode,
                row.next_step.value,
                days.late(row).value,
                days_since(row.since, row.finished_at or row.canceled_at or days.now),
                *(state_of(row, layer) for layer in LAYERS),
                named(row.reason, options.reasons),
                owner_of(row),
                site_code(row.library, sites),
                row.barcode,
                str(row.part) if row.part else "",
                row.call_number,
                named(row.destination, options.destinations),
                row.piece.value,
                row.approver,
                row.since,
                row.deleted_at,
                row.place,
                row.note,
                row.task,
                row.checklist,
                " ".join(row.failed),
                row.library,
                row.reason,
                row.destination,
                row.list,
                row.cart,
                row.canceled_at,
                row.id,
            )
            for row in rows
        ],
    )


def state_of(row: Withdrawal, layer: Layer) -> str:
    """Return the state of a layer's proof; "" = the withdrawal has no such layer."""
    proof = row.proof(layer)
    return proof.state.value if proof is not None else ""


def proofs(rows: Iterable[Proof]) -> Table:
    """Return the proofs of one withdrawal, in the order of the layers."""
    return table(
        (
            Column("layer", Sentence("withdrawal.head.layer"), Kind.STATUS, "withdrawal.layer"),
            Column("state", Sentence("withdrawal.head.proof"), Kind.STATUS, "withdrawal.proof"),
            Column("why", Sentence("withdrawal.head.why")),
            Column("at", Sentence("office.head.time"), Kind.TIME),
            Column("by", Sentence("shipment.head.by"), Kind.PERSON),
            Column("until", Sentence("withdrawal.head.until"), Kind.DAY),
            Column("seq", Sentence("office.head.number"), Kind.CODE),
            Column("code", Sentence("withdrawal.head.why"), Kind.CODE),
        ),
        [
            (
                proof.layer.value,
                proof.state.value,
                proof_words(proof),
                proof.at,
                proof.by,
                proof.until,
                proof.seq,
                proof.code,
            )
            for proof in rows
        ],
        id_at=0,
    )


def proof_words(proof: Proof) -> Cell:
    """Return why a proof has its state, and what was read or said."""
    sentences = [Sentence(f"proof.{proof.layer}.{proof.code}")] if proof.code else []
    if proof.detail.key or proof.detail.values:
        sentences.append(proof.detail)
    return Sentence.joined(sentences, between=" ") if sentences else ""


def signs(rows: Iterable[SignAnswer], despite: Sequence[str] = ()) -> Table:
    """Return the answers to the stop signs. `despite`: signs that a person overruled."""
    return table(
        (
            Column("sign", Sentence("withdrawal.head.sign"), Kind.STATUS, "withdrawal.sign"),
            Column("reply", Sentence("withdrawal.head.reply"), Kind.STATUS, "withdrawal.reply"),
            Column("source", Sentence("withdrawal.head.source"), Kind.STATUS, "withdrawal.source"),
            Column("detail", Sentence("withdrawal.head.detail")),
            Column("as_of", Sentence("withdrawal.head.as-of"), Kind.TEXT),
            Column("despite", Sentence("withdrawal.head.despite"), Kind.FLAG, _OVERRULED),
        ),
        [
            (row.sign.value, row.reply.value, row.source, row.detail, _day_of(row.as_of), row.sign.value in despite)
            for row in rows
        ],
        id_at=0,
    )


def _day_of(as_of: str) -> str:
    """Return the local date of a source's time; any other text as it is."""
    try:
        return local_day(as_of) if "T" in as_of else as_of
    except ValueError:
        return as_of


def tags(rows: Iterable[LeavingTag]) -> Table:
    """Return the tags of one withdrawal."""
    return table(
        (
            Column("uid", Sentence("withdrawal.head.tag"), leads_to="/tags"),
            Column("part", Sentence("withdrawal.head.part"), Kind.COUNT),
            Column("standing", Sentence("shipment.head.state"), Kind.STATUS, "withdrawal.tag"),
            Column("at", Sentence("office.head.time"), Kind.TIME),
        ),
        [(row.uid, row.part, row.standing.value, row.at) for row in rows],
        id_at=0,
    )


def carts(rows: Iterable[Cart], options: WithdrawalOptions) -> Table:
    """Return carts, in this order."""
    return table(
        (
            Column("name", Sentence("withdrawal.head.cart"), leads_to="/withdrawals/carts", leads_by="id", sorts=True),
            Column("items", Sentence("box.head.items"), Kind.COUNT, sorts=True),
            Column("reason_name", _REASON),
            Column("destination_name", _DESTINATION),
            Column("place", Sentence("withdrawal.head.place")),
            Column("operator", Sentence("shipment.head.by"), Kind.PERSON),
            Column("authorised", Sentence("withdrawal.head.lender"), Kind.PERSON),
            Column("opened_at", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("closed_at", Sentence("shipment.head.closed-at"), Kind.TIME),
            Column("approver", Sentence("withdrawal.head.approver"), only=_FILES),
            Column("note", _NOTE, only=_FILES),
            Column("reason", _REASON, Kind.CODE),
            Column("destination", _DESTINATION, Kind.CODE),
            Column("id", _NUMBER, Kind.CODE),
        ),
        [
            (
                row.name,
                row.count,
                named(row.reason, options.reasons),
                named(row.destination, options.destinations),
                row.place,
                row.operator,
                row.authorised,
                row.opened_at,
                row.closed_at,
                row.approver,
                row.note,
                row.reason,
                row.destination,
                row.id,
            )
            for row in rows
        ],
        id_at=13,
    )
