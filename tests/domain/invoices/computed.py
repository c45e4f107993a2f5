"""An independent computation of what accounts pay: whole numbers of minor units and fractions, and nothing of the
station. The rules are those of docs/accounts.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

PLACES = {"USD": 2, "JPY": 0, "BHD": 3}


@dataclass(frozen=True)
class Tax:
    treatment: str
    percent: Fraction
    on_charges: bool = False
    material: str = ""


@dataclass(frozen=True)
class Site:
    currency: str
    rounding: str
    tax_rounding: str
    spreads: dict[str, tuple[str, str]]
    """By kind of charge: how it is spread, and its own account."""
    taxes: tuple[Tax, ...]
    by_material: dict[str, tuple[tuple[str, Fraction], ...]]
    """Accounts and their weights."""


@dataclass(frozen=True)
class Line:
    units: int
    """Minor units of the document's currency."""
    copies: int
    material: str
    shares: tuple[tuple[str, Fraction], ...] = ()
    order: str = ""


@dataclass(frozen=True)
class Paper:
    credit: bool
    currency: str
    rate: Fraction
    lines: tuple[Line, ...]
    charges: tuple[tuple[str, int], ...]
    """Kind, and minor units; a discount is below 0."""
    off: int = 0
    """What the stated total has more than lines and charges."""
    day: str = "2026-07-01"


@dataclass
class Result:
    accounts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    """By line, part, account and order: minor units of the site's currency."""
    charged_tax: int = 0
    """That the vendor should charge, in minor units of the document's currency."""

    def add(self, line: str, part: str, account: str, order: str, units: int) -> None:
        key = (line, part, account, order)
        self.accounts[key] = self.accounts.get(key, 0) + units


def to_whole(value: Fraction, rounding: str) -> int:
    if rounding == "half-even":
        return round(value)
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def fill(exact: list[Fraction], total: int) -> list[int]:
    """Return whole numbers with this total: rounded down, then one more for the largest remainders."""
    counts = [floor(value) for value in exact]
    rest = [value - count for value, count in zip(exact, counts, strict=True)]
    for _ in range(total - sum(counts)):
        best = max(range(len(rest)), key=lambda place: (rest[place], -place))
        counts[best] += 1
        rest[best] = Fraction(-1)
    return counts


def divide(total: int, weights: list[Fraction]) -> list[int]:
    if not any(weights):
        weights = [Fraction(1)] * len(weights)
    parts = fill([abs(total) * weight / sum(weights) for weight in weights], abs(total))
    return [-part for part in parts] if total < 0 else parts


def tax_of(site: Site, line: Line) -> Tax | None:
    return next((tax for tax in site.taxes if tax.material in ("", line.material)), None)


def bearing(lines: tuple[Line, ...], spread: str) -> list[Fraction]:
    return [Fraction(line.copies if spread == "copies" else max(line.units, 0)) for line in lines]


def taxed_amounts(site: Site, paper: Paper) -> list[int]:
    bases = [line.units for line in paper.lines]
    for kind, units in paper.charges:
        spread = site.spreads[kind][0]
        if kind == "tax" or spread == "account":
            continue
        for place, part in enumerate(divide(units, bearing(paper.lines, spread))):
            tax = tax_of(site, paper.lines[place])
            if tax is not None and (tax.on_charges or units < 0):
                bases[place] += part
    return bases


def taxes(site: Site, paper: Paper, treatment: str, scale: Fraction) -> list[int]:
    exact = [
        base * tax.percent / 100 * scale if (tax := tax_of(site, line)) and tax.treatment == treatment else Fraction(0)
        for base, line in zip(taxed_amounts(site, paper), paper.lines, strict=True)
    ]
    if site.tax_rounding == "line":
        return [to_whole(value, site.rounding) for value in exact]
    return fill(exact, to_whole(sum(exact, Fraction(0)), site.rounding))


def compute(site: Site, paper: Paper) -> Result:
    scale = paper.rate * Fraction(10) ** (PLACES[site.currency] - PLACES[paper.currency])
    result = Result()
    result.charged_tax = sum(charged := taxes(site, paper, "charged", Fraction(1)))
    accrued = taxes(site, paper, "accrued", scale)
    more = divide(paper.off, [Fraction(abs(line.units)) for line in paper.lines])
    exact = [Fraction(line.units + part) for line, part in zip(paper.lines, more, strict=True)]
    exact += [Fraction(units) for _, units in paper.charges]
    parts = fill([value * scale for value in exact], to_whole(sum(exact, Fraction(0)) * scale, site.rounding))
    sign = -1 if paper.credit else 1

    def pay(place: int, part: str, units: int) -> None:
        line = paper.lines[place]
        shares = line.shares or site.by_material.get(line.material, (("", Fraction(1)),))
        for (account, _), piece in zip(shares, divide(units, [weight for _, weight in shares]), strict=True):
            result.add(str(place + 1), part, account, line.order, sign * piece)

    for place in range(len(paper.lines)):
        pay(place, "line", parts[place])
    for (kind, _), units in zip(paper.charges, parts[len(paper.lines) :], strict=True):
        spread, account = site.spreads[kind]
        part = "tax" if kind == "tax" else "charge"
        if spread == "account":
            orders = {line.order for line in paper.lines}
            result.add("", part, account, orders.pop() if len(orders) == 1 else "", sign * units)
            continue
        weights = bearing(paper.lines, spread)
        if part == "tax" and any(tax > 0 for tax in charged):
            weights = [Fraction(max(tax, 0)) for tax in charged]
        for place, piece in enumerate(divide(units, weights)):
            pay(place, part, piece)
    for place, units in enumerate(accrued):
        pay(place, "accrued", units)
    result.accounts = {key: units for key, units in result.accounts.items() if units}
    return result
