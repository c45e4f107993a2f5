"""A transfer as it stands: another library or location, or another call number."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.withdrawals.proof import Layer, Proof


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item belongs. "" = it is not said, or stays."""

    library: str = ""
    location: str = ""
    call_number: str = ""


class TransferStep(StrEnum):
    """What has to happen next."""

    WAIT = "wait"
    """The library system does not show the new place yet."""
    SETTLE = "settle"
    """The library system refused: a person decides about the delivery."""
    PROCESS = "process"
    """It needs its new label and tag, and its checks."""
    PACK = "pack"
    """It is to put into the box of its site."""
    NOTHING = "nothing"


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer or reclassification, with its proofs."""

    id: str
    barcode: str
    title: str = ""
    before: Shelf
    wanted: Shelf
    reason: str = ""
    note: str = ""
    approver: str = ""
    list: str = ""
    """Name of the list that it came with; "" = none."""
    site: str = ""
    """Code of the site into whose box it goes; "" = it stays at its site."""
    owner: str = ""
    decided_at: str
    decided_by: str
    system: str = ""
    """Library system that is ordered to change it; "" = a person changes it there."""
    delivery: str = ""
    delivery_state: str = ""
    read_at: str = ""
    """ISO 8601, UTC: when the library system showed the new place; "" = not yet."""
    proofs: tuple[Proof, ...] = ()
    next_step: TransferStep
    canceled_at: str = ""
    cancel_reason: str = ""
    finished_at: str = ""
    newest: int

    @property
    def is_reclassified(self) -> bool:
        """Return True if the call number changes."""
        return bool(self.wanted.call_number)

    def is_late(self, late_from: str) -> bool:
        """Return True if it was refused, or is unfinished and was decided before this time (ISO 8601, UTC)."""
        if self.next_step is TransferStep.NOTHING:
            return False
        return self.next_step is TransferStep.SETTLE or self.decided_at < late_from

    def proof(self, layer: Layer) -> Proof:
        return next(proof for proof in self.proofs if proof.layer is layer)


def transfer_id(seq: int) -> str:
    """Return the id of the transfer that the event with this number began."""
    return f"transfer-{seq}"
