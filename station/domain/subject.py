"""What an order is about: the thing whose newest event a form has seen."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain import events as ev
from station.domain.deliveries.intents import lane


class SubjectKind(StrEnum):
    """Kind of a subject."""

    CORRECTION = "correction"
    ITEM = "item"
    DELIVERY = "delivery"
    PERSON = "person"
    PACKING_LIST = "packing-list"
    SHIPMENT = "shipment"
    DIFFERENCE = "difference"
    VENDOR = "vendor"
    ACCOUNT_PLAN = "account-plan"
    PURCHASE_ORDER = "purchase-order"
    INVOICE = "invoice"
    BOX = "box"
    WITHDRAWAL = "withdrawal"
    CART = "cart"
    PULL_LIST = "pull-list"
    PULL_LINE = "pull-line"
    """A line of a pull list: the list's id, a blank, and the line's name."""
    TRANSFER = "transfer"
    CATALOGING = "cataloging"
    """A piece in the queue for original cataloging."""


class Subject(msgspec.Struct, frozen=True):
    """One subject. `id`: its id in the journal; of an item the barcode, of a set in a library system its lane."""

    kind: SubjectKind
    id: str


def subject(event: ev.Ordered) -> Subject | None:
    """Return what an order is about; None = nothing that another order can change."""
    match event:
        case ev.CorrectionOpened() | ev.FindingWaived():
            return Subject(SubjectKind.ITEM, event.barcode)
        case ev.RetrainingHeld():
            return Subject(SubjectKind.PERSON, event.worker)
        case ev.DeliveryOrdered():
            return Subject(SubjectKind.ITEM, lane(event.intent))
        case ev.PackingListReplaced() | ev.PackingListClosed():
            return Subject(SubjectKind.PACKING_LIST, event.list)
        case ev.VendorRecorded():
            return Subject(SubjectKind.VENDOR, event.content.id)
        case ev.ShipmentClosed():
            return Subject(SubjectKind.SHIPMENT, event.shipment)
        case ev.DifferenceNoted() | ev.DifferenceAssigned() | ev.DifferenceEnded():
            return Subject(SubjectKind.DIFFERENCE, event.difference)
        case ev.AccountPlanRecorded():
            return Subject(SubjectKind.ACCOUNT_PLAN, "")
        case ev.PurchaseOrderRecorded():
            return Subject(SubjectKind.PURCHASE_ORDER, event.content.number)
        case ev.InvoiceRecorded():
            return Subject(SubjectKind.INVOICE, event.invoice) if event.invoice else None
        case ev.InvoiceRated() | ev.InvoiceCoded() | ev.InvoiceSigned() | ev.InvoiceSignatureTakenBack():
            return Subject(SubjectKind.INVOICE, event.invoice)
        case ev.InvoicePaid() | ev.InvoiceVoided():
            return Subject(SubjectKind.INVOICE, event.invoice)
        case ev.ClaimMade() | ev.CreditApplied() | ev.InvoicesExported():
            return None  # it has several: `store.projections.subjects`
        case ev.BoxOpened():
            return Subject(SubjectKind.BOX, event.box) if event.box else None
        case ev.BoxPacked() | ev.BoxClosed() | ev.BoxReceived():
            return Subject(SubjectKind.BOX, event.box)
        case ev.OrderLineRead() | ev.SystemInvoiceRead() | ev.PresenceRead():
            return None
        case ev.WithdrawalCartOpened() | ev.PullListImported():
            return None
        case ev.WithdrawalCartClosed():
            return Subject(SubjectKind.CART, event.cart)
        case ev.WithdrawalDecided() | ev.TransferDecided() | ev.TagDestroyed() | ev.Lost() | ev.Found():
            return Subject(SubjectKind.ITEM, event.barcode)
        case ev.WithdrawalCanceled() | ev.DeletionConfirmed() | ev.WithdrawalPlaced():
            return Subject(SubjectKind.WITHDRAWAL, event.withdrawal)
        case ev.OclcHoldingRemoved() | ev.WithdrawalAssigned():
            return Subject(SubjectKind.WITHDRAWAL, event.withdrawal)
        case ev.PullTicked():
            return Subject(SubjectKind.PULL_LINE, f"{event.list} {event.line}")
        case ev.PullListClosed():
            return Subject(SubjectKind.PULL_LIST, event.list)
        case ev.TransferCanceled() | ev.Transferred() | ev.Reclassified():
            return Subject(SubjectKind.TRANSFER, event.transfer)
        case ev.CatalogingRequested() | ev.CatalogingResolved():
            return Subject(SubjectKind.CATALOGING, event.request)
        case ev.ShipmentOpened() | ev.CopyCounted() | ev.CopyFaulted() | ev.CountUndone() | ev.CopyReturned():
            return None  # the store refuses what another count has made impossible
        case ev.Added() | ev.Gift() | ev.LeaseIn():
            return None
        case ev.PackingListImported() | ev.RulesAccepted() | ev.CatalogImported() | ev.TruckReleased() | ev.ListTaken():
            return None
        case ev.WorkerRegistered() | ev.WorkerRoleChanged() | ev.WorkerLeft() | ev.PinSet() | ev.CardChanged():
            return Subject(SubjectKind.PERSON, event.worker)
        case _:
            return Subject(SubjectKind.CORRECTION, event.correction)
