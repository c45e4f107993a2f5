"""The account plan as tables: its codes, and which of its rules give a line its accounts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from station.base.sentence import Sentence
from station.domain.invoices.coding import RuleFit
from station.domain.invoices.invoice import Share
from station.domain.invoices.plan import AccountPlan, TaxRule
from station.reports.tables.table import Column, Kind, Table, table


class Outcome(StrEnum):
    """What a rule does for a line. Else the name of the field that does not fit."""

    COUNTS = "counts"
    NOT_REACHED = "not-reached"
    """A rule before it fits."""


def codes(plan: AccountPlan) -> Table:
    """Return the codes that the fiscal office accepts."""
    return table(
        (
            Column("account", Sentence("shipment.head.account"), sorts=True),
            Column("title", Sentence("account-plan.head.title"), sorts=True),
            Column("valid_from", Sentence("account-plan.head.from"), Kind.DAY, sorts=True),
            Column("valid_to", Sentence("account-plan.head.to"), Kind.DAY, sorts=True),
        ),
        [(code.account, code.title, code.valid_from, code.valid_to) for code in plan.codes],
        id_at=0,
    )


def rules(plan: AccountPlan, fits: Sequence[RuleFit]) -> Table:
    """Return all rules in order, and what each does for a line. `fits`: of `coding.trace`."""
    outcomes = [fit.mismatch or Outcome.COUNTS.value for fit in fits]
    outcomes += [Outcome.NOT_REACHED.value] * (len(plan.rules) - len(outcomes))
    return table(
        (
            Column("rule", Sentence("account-plan.head.rule")),
            Column("outcome", Sentence("account-plan.head.outcome"), Kind.STATUS, "account-plan.outcome"),
            Column("accounts", Sentence("account-plan.head.accounts")),
            Column("vendor", Sentence("shipment.head.vendor")),
            Column("library", Sentence("account-plan.head.library")),
            Column("material", Sentence("account-plan.head.material")),
            Column("fund", Sentence("account-plan.head.fund")),
        ),
        [
            (rule.id, outcome, shares_text(rule.shares), rule.vendor, rule.library, rule.material, rule.fund)
            for rule, outcome in zip(plan.rules, outcomes, strict=True)
        ],
        id_at=0,
    )


def conclusion(fits: Sequence[RuleFit]) -> Sentence:
    """Return which rule counts."""
    if fits and not fits[-1].mismatch:
        rule = fits[-1].rule
        return Sentence("account-plan.counts", rule=rule.id, accounts=shares_text(rule.shares))
    return Sentence("account-plan.none-fits")


def tax_words(tax: TaxRule | None) -> Sentence:
    """Return the tax of a line."""
    if tax is None:
        return Sentence("account-plan.tax.unknown")
    return Sentence(f"account-plan.tax.{tax.treatment}", percent=tax.percent, note=tax.note)


def shares_text(shares: Sequence[Share]) -> str:
    """Return accounts and funds, with what each pays: "10-5210 (B) 60 %; 11-5210 40 %"."""
    return "; ".join(
        " ".join(
            filter(
                None,
                (share.account, f"({share.fund})" if share.fund else "", f"{share.percent} %" if share.percent else ""),
            )
        )
        for share in shares
    )
