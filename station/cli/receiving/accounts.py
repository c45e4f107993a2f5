"""`station receiving accounts`: which account pays a line, and which tax is due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from station.acquisitions import account_plan_file
from station.base.words import tell
from station.cli.receiving.file_options import content_of, file_name
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.events import AccountPlanRecorded
from station.domain.invoices.coding import Traits, trace
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.tax import tax_of
from station.reports.tables import accounts as tables


@click.group()
def accounts() -> None:
    """The account plan: codes, rules, charges and taxes of invoices."""


@accounts.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@operator_option
@pass_app
def import_(app: App, file: Path, operator: str) -> None:
    """Record the account plan in FILE (TOML). It replaces the plan before."""
    app.settings()
    plan = account_plan_file.read(content_of(file), file_name(file))
    known = queries(app).account_plan()
    who = asker(app, operator).id
    if plan != known:
        order(app, AccountPlanRecorded(content=plan, operator=who))
    values: dict[str, Any] = {"codes": len(plan.codes), "rules": len(plan.rules), "changed": plan != known}
    key = "account-plan.recorded" if plan != known else "account-plan.unchanged"
    app.report(values, [tell(key, codes=len(plan.codes), rules=len(plan.rules))])


@accounts.command()
@data_option
@json_option
@pass_app
def export(app: App) -> None:
    """Write the account plan to stdout as a file that `import` reads."""
    plan = queries(app).account_plan()
    app.report(plan, account_plan_file.write(plan).decode("utf-8").splitlines())


@accounts.command()
@data_option
@json_option
@pass_app
def show(app: App) -> None:
    """Show the codes of the account plan, and its rules in order."""
    plan = queries(app).account_plan()
    codes, rules = tables.codes(plan), tables.rules(plan, ())
    lines = [*rows(codes, {}, ("account",)), *rows(rules, {}, ("rule", "outcome"))] or [tell("account-plan.empty")]
    app.report({"codes": codes.values(), "rules": rules.without(("outcome",)).values()}, lines)


@accounts.command("try")
@data_option
@json_option
@click.option("--plan", "file", type=click.Path(path_type=Path), help="Try the plan in this file, and record nothing.")
@click.option("--vendor", default="", help="Id, name or code of the vendor.")
@click.option("--library", default="", help="Code of the library.")
@click.option("--material", default="", help="Material, as the plan names it.")
@click.option("--fund", default="", help="Code of the fund.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="Date of the invoice: which tax is due on it.")
@pass_app
def try_(app: App, file: Path | None, vendor: str, library: str, material: str, fund: str, date: str) -> None:
    """Show which rule gives a line its accounts, and why the rules before it do not fit."""
    views = queries(app)
    plan: AccountPlan = views.account_plan()
    if file is not None:
        plan = account_plan_file.read(content_of(file), file_name(file))
    traits = Traits(views.vendor_named(vendor) if vendor else None, vendor, library, material, fund)
    fits = trace(plan, traits)
    tax = tax_of(plan, traits, date)
    table = tables.rules(plan, fits)
    values = {
        "rules": table.values(),
        "shares": msgspec.to_builtins(fits[-1].rule.shares if fits and not fits[-1].mismatch else ()),
        "tax": msgspec.to_builtins(tax),
    }
    app.report(values, [*rows(table, {}, ("rule",)), tell(tables.conclusion(fits)), tell(tables.tax_words(tax))])
