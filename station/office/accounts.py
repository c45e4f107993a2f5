"""The account plan: its codes, why a line has its accounts, and how a new plan is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from station.acquisitions.account_plan_file import read, write
from station.base.errors import PackingRefused, VendorFileRefused
from station.base.text import clean
from station.base.words import tell
from station.domain.events import AccountPlanRecorded
from station.domain.invoices.coding import Traits, trace
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.tax import tax_of
from station.domain.people.rights import Right, may
from station.office.asked import Asked, Page, missing
from station.office.filters import Filter
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.reports.tables import accounts as tables
from station.reports.tables.table import ordered, page_of

PATH: Final = "/accounts"
RECORD: Final = f"{PATH}/record"
FILE, VENDOR, LIBRARY, MATERIAL, FUND, DATE = "file", "vendor", "library", "material", "fund", "date"


def accounts_page(asked: Asked) -> Page:
    """The plan, and its codes."""
    title = tell("office.accounts")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    plan = asked.queries.account_plan()
    table = tables.codes(plan)
    changes = asked.sources.signs_on or may(asked.viewer.role, Right.CHANGE_ORDERS)
    return Page(
        template="one",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "facts": _facts(plan),
            "links": [
                (tell("account-plan.try"), f"{PATH}/try"),
                *([(tell("account-plan.file"), f"{PATH}/file")] if asked.queries.account_plan_seq() else []),
            ],
            "heading": tell("account-plan.codes"),
            "empty": tell("account-plan.empty"),
            "saved": asked.number(NEW) is not None,
            "doings": [(RECORD, tell("form.do.record-plan"))] if changes else [],
        },
    )


def why(asked: Asked) -> Page:
    """Why a line has its accounts: each rule, and what does not fit."""
    plan = asked.queries.account_plan() if asked.queries.exists else AccountPlan()
    known = asked.queries.vendors() if asked.queries.exists else ()
    filters = (
        Filter(VENDOR, tell("shipment.head.vendor"), [(vendor.id, clean(vendor.name)) for vendor in known]),
        *(Filter(name, tell(f"account-plan.head.{name}"), _values(plan, name)) for name in (LIBRARY, MATERIAL, FUND)),
        Filter(DATE, tell("shipment.head.date"), day=True),
    )
    vendor, library, material, fund, day = (each.value(asked.text(each.name)) for each in filters)
    traits = Traits(next((each for each in known if each.id == vendor), None), vendor, library, material, fund)
    fits = trace(plan, traits)
    table = tables.rules(plan, fits)
    sentences = [tell(tables.conclusion(fits)), tell(tables.tax_words(tax_of(plan, traits, day)))]
    return Page(
        template="list",
        title=tell("account-plan.try"),
        read=lambda after: page_of(table, after, asked.rows),
        filters=filters,
        values={"note": " ".join(sentences), "empty": tell("account-plan.no-rules")},
    )


def file(asked: Asked) -> Page:
    """The plan as a file, for `station receiving accounts import`."""
    if not asked.queries.exists or not asked.queries.account_plan_seq():
        return missing()
    return Page(template="", title="accounts", file=write(asked.queries.account_plan()), suffix="toml")


def record(asked: Asked) -> Form:
    """Send a file with another plan, and record it."""

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        if asked.upload is None:
            raise Declined(tell("form.missing", field=tell("shipment.head.file")), FILE)
        try:
            plan = read(asked.upload.content, asked.upload.name)
        except (PackingRefused, VendorFileRefused) as error:
            raise Declined(tell(error.detail or error.sentence), FILE) from error
        if plan == asked.queries.account_plan():
            raise Declined(tell("account-plan.unchanged"), FILE)
        event = AccountPlanRecorded(content=plan, operator=asked.viewer.id, authorised=lent.authorised)
        return f"{PATH}?{NEW}={asked.sources.acts.order([event], lent.by, last)}"

    return Form(
        title=tell("form.title.record-plan"),
        subject="",
        button=tell("form.do.record-plan"),
        back=PATH,
        act=act,
        right=Right.CHANGE_ORDERS,
        fields=(
            Field(
                name=FILE,
                label=tell("shipment.head.file"),
                kind=FieldKind.FILE,
                hint=tell("account-plan.file-hint"),
                needed=True,
            ),
        ),
        notes=(tell("account-plan.replaces"),),
    )


def _facts(plan: AccountPlan) -> list[tuple[str, str]]:
    charges = "; ".join(
        f"{tell(f'account-plan.charge.{rule.kind}')}: {tell(f'account-plan.spread.{rule.spread}', account=rule.account)}"
        for rule in plan.charges
    )
    taxes = " ".join(
        f"{', '.join(filter(None, (tax.vendor, tax.library, tax.material)))}: {tell(tables.tax_words(tax))}".lstrip(
            ": "
        )
        for tax in plan.taxes
    )
    facts = [
        (tell("account-plan.head.currency"), plan.currency),
        (tell("account-plan.head.year"), plan.year_begins),
        (tell("account-plan.head.rounding"), tell(f"account-plan.rounding.{plan.rounding}")),
        (tell("account-plan.head.tax-rounding"), tell(f"account-plan.tax-rounding.{plan.tax_rounding}")),
        (tell("account-plan.head.rules"), str(len(plan.rules)) if plan.rules else ""),
        (tell("account-plan.head.charges"), charges),
        (tell("account-plan.head.taxes"), taxes),
    ]
    return [fact for fact in facts if fact[1]]


def _values(plan: AccountPlan, field: str) -> list[tuple[str, str]]:
    """Return what rules and taxes of the plan ask for in a field."""
    named = {getattr(rule, field) for rule in plan.rules}
    if field != FUND:
        named |= {getattr(tax, field) for tax in plan.taxes}
    return [(name, name) for name in sorted(named - {""}, key=str.casefold)]


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    (f"{PATH}/try", why),
    (f"{PATH}/file", file),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = ((RECORD, record),)
