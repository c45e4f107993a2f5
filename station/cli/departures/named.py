"""What a person names on the command line: a withdrawal or a cart."""

from __future__ import annotations

from typing import Final

from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.withdrawals.withdrawal import Cart, Withdrawal
from station.store.people.visibility import Visibility

_WITHDRAWAL: Final = "withdrawal-"
_CART: Final = "cart-"


def withdrawal_named(seen: Visibility, name: str) -> Withdrawal:
    """Return the withdrawal with this id (`withdrawal-42` or `42`), else the newest one of the item with this barcode. Raise
    `DepartureRefused`."""
    now = seen.withdrawal(name) or seen.withdrawal(f"{_WITHDRAWAL}{name}") or seen.withdrawal_of_item(name)
    if now is None:
        raise DepartureRefused(Sentence("withdrawal.unknown", withdrawal=clean(name, 60)))
    return now


def cart_named(seen: Visibility, name: str) -> Cart:
    """Return the cart with this id (`cart-42` or `42`), else the newest one with this name. Raise `DepartureRefused`."""
    carts = seen.carts()
    fits = [cart for cart in carts if cart.id in (name, f"{_CART}{name}")] or [
        cart for cart in carts if cart.name.casefold() == name.strip().casefold()
    ]
    if not fits:
        raise DepartureRefused(Sentence("withdrawal.unknown-cart", cart=clean(name, 60)))
    return max(fits, key=lambda cart: cart.newest)
