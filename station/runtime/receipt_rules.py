"""Whether and how counted copies are received in a library system, by the settings."""

from __future__ import annotations

from station.base.settings import Settings
from station.domain.receiving.order_line import ReceiptRules


def receipt_rules(settings: Settings) -> ReceiptRules:
    """Return the rules that the store follows. A receipt waits as long as a verdict's result does: until then it can be
    undone."""
    alma = settings.delivery.alma
    if not (alma.enabled and alma.orders.enabled):
        return ReceiptRules()
    return ReceiptRules(system="alma-orders", keep=alma.orders.keep, wait_s=2 * settings.delivery.take_back_s)
