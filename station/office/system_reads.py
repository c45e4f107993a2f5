"""Forms that read from the library system: the order lines of a shipment, an invoice to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.order_question import OrderQuestion
from station.domain.people.rights import Right
from station.office import shipments
from station.office.asked import Asked
from station.office.forms import Form, Lent, Make
from station.office.purchases import invoices
from station.runtime.receipt_rules import receipt_rules


def of_shipment(asked: Asked) -> Form:
    """Read the order lines of a shipment."""
    now = shipments.find(asked)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown", shipment=asked.names["id"]))
    title = shipments.title_of(asked, now)
    return _form(asked, OrderQuestion(shipment=now.id), title, f"/shipments/{now.id}")


def of_invoice(asked: Asked) -> Form:
    """Read an invoice, to compare it. It is not written there."""
    now = invoices.find(asked)
    if now is None:
        raise ReceivingRefused(Sentence("invoicing.unknown", invoice=asked.names["id"]))
    return _form(asked, OrderQuestion(invoice=now.id), invoices.title_of(now), f"/invoices/{now.id}")


def _form(asked: Asked, question: OrderQuestion, subject: str, back: str) -> Form:
    def act(_: Mapping[str, str], lent: Lent, _last: int) -> str:
        asked.sources.acts.read(question, lent.by)
        return back

    reads = receipt_rules(asked.sources.settings).system
    return Form(
        title=tell("form.title.read-alma"),
        subject=subject,
        button=tell("form.do.read-alma"),
        back=back,
        act=act,
        right=Right.PROCESS,
        notes=(tell("receipt.changes-nothing"),),
        refusal=None if reads else ReceivingRefused(Sentence("receipt.no-system")),
    )


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/shipments/{id}/read", of_shipment),
    ("/invoices/{id}/read", of_invoice),
)
