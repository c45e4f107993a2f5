"""Amounts of money: minor units of currencies, rounding, and division into parts that add up exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from station.domain.invoices.plan import Rounding

EXACT: Final = Context(prec=80)
"""Products of an amount, a rate and a percentage keep all their digits."""
_PLACES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_PLACES_OF: Final = {code: places for places, codes in _PLACES.items() for code in codes.split()}
"""Minor units of ISO 4217 that are not 2."""
_MODES: Final = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}
"""Both treat an amount and its negative alike."""


def places(currency: str) -> int:
    """Return the number of decimals of a currency's smallest unit (ISO 4217)."""
    return _PLACES_OF.get(currency, 2)


def zero(currency: str) -> Decimal:
    """Return 0 with the decimals of a currency."""
    return Decimal(0).scaleb(-places(currency))


def rounded(amount: Decimal, currency: str, rounding: Rounding) -> Decimal:
    """Return an amount in whole smallest units of the currency."""
    return amount.quantize(Decimal(1).scaleb(-places(currency)), _MODES[rounding], EXACT)


def split(total: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Return parts in proportion to the weights (none negative) that add up to the total. Each part is rounded down to
    `places` decimals, and to as many as the total has; what is left goes to the largest remainders, the first of equal
    ones first. With all weights 0 the parts are equal."""
    if not weights:
        return []
    places = max(places, decimals(total))
    units = int(abs(total).scaleb(places, EXACT))
    scale = max(map(decimals, weights))
    whole = [int(weight.scaleb(scale, EXACT)) for weight in weights]
    if not sum(whole):
        whole = [1] * len(whole)
    shares = [divmod(units * weight, sum(whole)) for weight in whole]
    counts = _with_rest([share for share, _ in shares], [rest for _, rest in shares], units)
    return [Decimal(count).scaleb(-places, EXACT).copy_sign(total) if count else Decimal(0) for count in counts]


def fitted(amounts: Sequence[Decimal], total: Decimal, places: int) -> list[Decimal]:
    """Return the amounts, each rounded down to `places` decimals, and as many raised by one smallest unit that they add
    up to the total: those with the largest remainders, the first of equal ones first. `total` is their rounded sum."""
    units = [amount.scaleb(places, EXACT) for amount in amounts]
    whole = [unit.to_integral_value(ROUND_FLOOR, EXACT) for unit in units]
    rests = [EXACT.subtract(unit, below) for unit, below in zip(units, whole, strict=True)]
    counts = _with_rest([int(below) for below in whole], rests, int(total.scaleb(places, EXACT)))
    return [Decimal(count).scaleb(-places, EXACT) for count in counts]


def _with_rest(counts: Sequence[int], rests: Sequence[Decimal] | Sequence[int], total: int) -> list[int]:
    """Return the counts with one more for each of the largest rests, until they add up to the total."""
    by_rest = sorted(range(len(counts)), key=lambda place: -rests[place])
    raised = {*by_rest[: total - sum(counts)]}
    return [count + (place in raised) for place, count in enumerate(counts)]


def decimals(amount: Decimal) -> int:
    """Return the number of decimals that an amount needs: of 25.890 two."""
    exponent = EXACT.normalize(amount).as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def product(*factors: Decimal) -> Decimal:
    """Return the exact product."""
    result = Decimal(1)
    for factor in factors:
        result = EXACT.multiply(result, factor)
    return result


def total_of(amounts: Sequence[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = Decimal(0)
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


def number(figure: str) -> Decimal:
    """Return the number of a `Figure` or `Rate`; 0 = not stated."""
    return Decimal(figure or 0)


def text(amount: Decimal) -> str:
    """Return an amount as a `Figure`."""
    return f"{amount if amount else abs(amount):f}"
