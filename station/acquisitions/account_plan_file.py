"""The account plan as a file in TOML: read, with every defect refused by its line, and written.

A file that was written is read back as the same plan, and written again as the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from station.acquisitions import toml_file
from station.acquisitions.toml_file import entries, refused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import entry_line
from station.domain.invoices.money import number, total_of
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule, Spread, TaxRule, TaxTreatment

_TABLES: Final = ("codes", "rules", "charges", "taxes", "columns")
"""Fields that are arrays of tables."""
_WHOLE: Final = Decimal(100)
_Fault = tuple[tuple[str | int, ...], Sentence]
"""Place in the file, and what is wrong."""


def read(data: bytes, file: str) -> AccountPlan:
    """Return the plan of a file, with harmless text. Raise `VendorFileRefused` "FILE, line N: what is wrong"."""
    shown = clean(file)
    plan, text = toml_file.read(data, shown, AccountPlan)
    for path, what in faults(plan):
        raise refused(shown, entry_line(text, path), what)
    return plan


def write(plan: AccountPlan) -> bytes:
    """Return a file of a plan."""
    return ("\n".join(_lines(plan)) + "\n").encode("utf-8")


def faults(plan: AccountPlan) -> Iterator[_Fault]:
    """Yield what the fields of a plan do not allow together."""
    known = {code.account for code in plan.codes}
    yield from _codes(plan)
    seen: set[str] = set()
    for place, rule in enumerate(plan.rules):
        yield from (((("rules", place, *path)), what) for path, what in _rule(rule, seen, known))
        seen.add(rule.id)
    kinds: set[str] = set()
    for place, charge in enumerate(plan.charges):
        if charge.kind in kinds:
            yield ("charges", place, "kind"), Sentence("account-plan.twice", text=charge.kind)
        kinds.add(charge.kind)
        if charge.spread is Spread.ACCOUNT and charge.account not in known:
            yield ("charges", place, "account"), Sentence("account-plan.no-code", account=charge.account)
        if charge.spread is not Spread.ACCOUNT and charge.account:
            yield ("charges", place, "account"), Sentence("account-plan.spread", spread=Spread.ACCOUNT.value)
    for place, tax in enumerate(plan.taxes):
        yield from ((("taxes", place, *path), what) for path, what in _tax(tax))


def _codes(plan: AccountPlan) -> Iterator[_Fault]:
    seen: set[str] = set()
    for place, code in enumerate(plan.codes):
        if code.account in seen:
            yield ("codes", place, "account"), Sentence("account-plan.twice", text=code.account)
        seen.add(code.account)
        yield from ((("codes", place, *path), what) for path, what in _days(code))


def _rule(rule: CodeRule, seen: set[str], known: set[str]) -> Iterator[_Fault]:
    if rule.id in seen:
        yield ("id",), Sentence("account-plan.twice", text=rule.id)
    for share in rule.shares:
        if share.account not in known:
            yield ("shares",), Sentence("account-plan.no-code", account=share.account)
    percents = [number(share.percent) for share in rule.shares if share.percent]
    bare = len(rule.shares) == 1 and not percents
    whole = len(percents) == len(rule.shares) and total_of(percents) == _WHOLE and min(percents) > 0
    if not (bare or whole) or any(share.amount for share in rule.shares):
        yield ("shares",), Sentence("account-plan.shares")


def _tax(tax: TaxRule) -> Iterator[_Fault]:
    needs_percent = tax.treatment is not TaxTreatment.EXEMPT
    if bool(tax.percent) != needs_percent or not 0 <= number(tax.percent) <= _WHOLE:
        yield ("percent",), Sentence("account-plan.percent", exempt=TaxTreatment.EXEMPT.value)
    yield from _days(tax)


def _days(entry: AccountCode | TaxRule) -> Iterator[_Fault]:
    for field in ("valid_from", "valid_to"):
        text = getattr(entry, field)
        try:
            date.fromisoformat(text or "2000-01-01")
        except ValueError:
            yield (field,), Sentence("account-plan.no-day", text=text)
    if entry.valid_to and entry.valid_from > entry.valid_to:
        yield ("valid_to",), Sentence("account-plan.days", first=entry.valid_from, last=entry.valid_to)


def _lines(plan: AccountPlan) -> Iterator[str]:
    every: dict[str, Any] = {field: getattr(plan, field) for field in plan.__struct_fields__}
    yield from entries({name: value for name, value in every.items() if name not in _TABLES})
    for name in _TABLES:
        for row in every[name]:
            yield from ("", f"[[{name}]]", *entries(msgspec.to_builtins(row)))
