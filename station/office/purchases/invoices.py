"""Invoices: the list, and one invoice beside its count and its orders, the worst line first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.base.words.times import date_words, local_day_and_time
from station.domain.invoices.adding_up import add_up, signed
from station.domain.invoices.comparison import mismatches
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import Entry, EntryPart, InvoiceStanding, InvoiceState, Objection
from station.domain.people.rights import Right, may
from station.office.asked import Asked, Page, missing
from station.office.filters import Filter, only
from station.office.forms import NEW
from station.office.papers import pdf
from station.office.purchases.paths import order_path
from station.office.steps import Step, steps
from station.reports.claim import library_of
from station.reports.okay_sheet import contents, okay_sheet
from station.reports.remarks import about
from station.reports.tables.cells import money_words
from station.reports.tables.purchases import (
    currency_of,
    entries,
    invoices,
    lines,
    objection_words,
    open_first,
    order_of,
)
from station.reports.tables.table import Money, Table, ordered, page_of
from station.runtime.receipt_rules import receipt_rules

MOST_OBJECTIONS: Final = 12
"""Objections that are shown above the lines; each line names its own."""
MOST_NAMED: Final = 5
"""Lines that one objection names."""
MOST_STEPS: Final = 50
_WAITING: Final = (InvoiceState.OPEN, InvoiceState.SIGNED)
_FINISHED: Final = (InvoiceState.PAID, InvoiceState.VOID)
ALL: Final = "all"


# --- the list -------------------------------------------------------------------------------------------------------


def invoices_page(asked: Asked) -> Page:
    """Invoices: those that are not paid yet, unless the reader asks for others."""
    title = tell("office.invoices")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    rows, site = asked.queries.invoices(), asked.queries.account_plan().currency
    filters = tuple(_filters(rows))
    state, kind, vendor, number, against, overdue, since, until = (
        each.value(asked.text(each.name)) for each in filters
    )
    today = asked.sources.clock.day()
    chosen = [
        row
        for row in rows
        if (row.state == state if state and state != ALL else state == ALL or row.state not in _FINISHED)
        and (not kind or row.content.kind == kind)
        and (not vendor or row.vendor_name == vendor)
        and number.casefold() in row.content.number.casefold()
        and (not against or _is_against(row, against))
        and (not overdue or (row.state in _WAITING and "" < row.content.due < today))
        and (since or "0") <= (row.content.date or "0") <= (until or "9")
    ]
    table = invoices(open_first(chosen), site)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={
            "empty": tell("invoice.none"),
            "choices": [(tell("office.exports"), "/exports", False)],
            "note": _open_amount(chosen, site),
            "doings": [
                ("/invoices/new", tell("form.do.type-invoice")),
                ("/invoices/import", tell("form.do.import-invoices")),
            ]
            if asked.viewer.role is not None
            else [],
        },
    )


def _filters(rows: Sequence[InvoiceStanding]) -> Iterator[Filter]:
    states = [(state.value, tell(f"invoice.state.{state}")) for state in InvoiceState]
    yield Filter("state", tell("shipment.head.state"), [*states, (ALL, tell("shipment.is.all"))])
    kinds = [(kind.value, tell(f"invoice.kind.{kind}")) for kind in InvoiceKind]
    yield Filter("kind", tell("shipment.head.kind"), kinds)
    vendors = sorted({row.vendor_name for row in rows}, key=str.casefold)
    yield Filter("vendor", tell("shipment.head.vendor"), [(name, clean(name)) for name in vendors])
    yield Filter("number", tell("invoice.head.invoice"))
    choices = [(name, tell(f"invoice.against.{name}")) for name in ("stops", "reason", "none")]
    yield Filter("against", tell("invoice.head.against"), choices)
    yield only("overdue", tell("office.head.overdue"))
    yield Filter("since", tell("office.filter.since"), day=True)
    yield Filter("until", tell("office.filter.until"), day=True)


def _is_against(row: InvoiceStanding, against: str) -> bool:
    """Return whether what speaks against an okay to pay is of this sort: "stops", "reason" or "none"."""
    stops = any(objection.stops for objection in row.objections)
    return against == ("stops" if stops else "reason" if row.objections else "none")


def _open_amount(rows: Iterable[InvoiceStanding], site: str) -> str:
    """Return what the open invoices of a list ask for, less credit memos, in the site's currency; "" = none is open."""
    amounts = [row.in_site_currency for row in rows if row.state is InvoiceState.OPEN]
    if not amounts:
        return ""
    return tell("invoice.open", count=len(amounts), amount=money_words(Money(sum(amounts, Decimal(0)), site)))


# --- one ------------------------------------------------------------------------------------------------------------


def one(asked: Asked) -> Page:
    """One invoice on one screen: what it says, what was counted, its orders, and what speaks against its payment."""
    now = find(asked)
    if now is None:
        return missing()
    plan = asked.queries.account_plan()
    site = plan.currency
    codes = now.state is InvoiceState.OPEN and may_use(asked, Right.SIGN_INVOICE)
    table = lines(now, site, f"/invoices/{now.id}/lines" if codes else "")
    new = asked.number(NEW) or 0
    return Page(
        template="invoice",
        title=title_of(now),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "saved": bool(new),
            "code": now.state.value,
            "state": tell(f"invoice.state.{now.state}"),
            "certified": _certified(now, asked.names_seen()),
            "against": list(_against(now.objections)),
            "doings": [(path, tell(f"form.do.{name}")) for path, name in _doings(asked, now)],
            "sides": _sides(asked, now, plan),
            "in_system": _in_system(asked, now, site),
            "links": _links(now),
            "heading": tell("shipment.head.line-count"),
            "empty": "",
            "accounts": _accounts(now.entries, site),
            "steps": _steps(asked, now, new),
        },
    )


def find(asked: Asked) -> InvoiceStanding | None:
    """Return the invoice that the path names; None = there is none."""
    return asked.queries.invoice(asked.names["id"]) if asked.queries.exists else None


def title_of(now: InvoiceStanding) -> str:
    """Return by what a person knows an invoice: kind, number, vendor."""
    return tell(f"invoice.title.{now.content.kind}", number=now.content.number, vendor=now.vendor_name)


def may_use(asked: Asked, right: Right) -> bool:
    """Return whether the viewer has the right, or may have it lent in the form."""
    return asked.sources.signs_on or may(asked.viewer.role, right)


def _certified(now: InvoiceStanding, names: Mapping[str, str]) -> str:
    """Return who gave the okay to pay, and when; "" = nobody."""
    mark = now.signature
    if mark is None:
        return ""
    name, time = clean(names.get(mark.by, mark.by)), local_day_and_time(mark.at)
    if mark.second:
        second = clean(names.get(mark.second, mark.second))
        name = tell("invoice.two-unproven" if mark.unproven else "invoice.two", first=name, second=second)
    words = tell("invoice.okay-by", name=name, time=time)
    return f"{words} {clean(mark.reason, 500)}" if mark.reason else words


def _against(objections: Sequence[Objection]) -> Iterator[tuple[bool, str]]:
    """Yield what speaks against the payment, and whether that stops it; the same of several lines once."""
    groups: dict[tuple[bool, Sentence], list[str]] = {}
    for objection in objections:
        groups.setdefault((objection.stops, objection_words(objection)), []).append(objection.line)
    for (stops, words), names in list(groups.items())[:MOST_OBJECTIONS]:
        text = tell(about(words, [name for name in names if name]))
        yield stops, text[:1].upper() + text[1:]
    if len(groups) > MOST_OBJECTIONS:
        yield (
            any(stops for stops, _ in list(groups)[MOST_OBJECTIONS:]),
            tell("invoice.more-against", count=len(groups) - MOST_OBJECTIONS),
        )


def _doings(asked: Asked, now: InvoiceStanding) -> Iterator[tuple[str, str]]:
    """Yield the acts that are possible now: path, and name of the button."""
    content, signs = now.content, may_use(asked, Right.SIGN_INVOICE)
    at = f"/invoices/{now.id}"
    is_open = now.state is InvoiceState.OPEN
    if is_open and signs:
        yield f"{at}/okay", "okay"
        if content.currency not in ("", asked.queries.account_plan().currency):
            yield f"{at}/rate", "rate"
    if is_open and asked.viewer.role is not None and is_typed(now):
        yield f"{at}/change", "change-invoice"
    if receipt_rules(asked.sources.settings).system and asked.viewer.role is not None:
        yield f"{at}/read", "read-alma"
    if not signs:
        return
    if now.state in (InvoiceState.OPEN, InvoiceState.SIGNED) and content.kind is not InvoiceKind.CORRECTION:
        yield f"{at}/credit", "apply-credit"
    if now.state is InvoiceState.SIGNED:
        yield f"{at}/take-back", "take-back-okay"
    if now.state in (InvoiceState.EXPORTED, InvoiceState.PAID):
        yield f"{at}/paid", "paid"
        if content.kind is not InvoiceKind.CORRECTION:
            yield f"{at}/correct", "correct-invoice"
    if is_open:
        yield f"{at}/void", "void"


def is_typed(now: InvoiceStanding) -> bool:
    """Return whether a person can change the invoice in the form in which invoices are typed."""
    return now.rule in ("", "typed") and {row.code for row in now.content.stated} <= {"9"} and len(now.lines) <= 20


def _sides(asked: Asked, now: InvoiceStanding, plan: AccountPlan) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return invoice, count and orders side by side: heading, and facts with name, value and address."""
    return [
        (tell(f"invoice.side.{now.content.kind}"), [fact for fact in _invoice_facts(now, plan) if fact[1]]),
        (tell("invoice.side.count"), [fact for fact in _count_facts(now) if fact[1]]),
        (tell("invoice.side.order"), list(_order_facts(asked, now, plan.currency))),
    ]


def _in_system(asked: Asked, now: InvoiceStanding, site: str) -> tuple[str, list[str]] | None:
    """Return when the invoice was read in the library system, and what differs there; None = it was not read."""
    read_at = asked.queries.system_invoice_read_at(now.id)
    if not read_at:
        return None
    differs = mismatches(now, asked.queries.system_invoice(now.id), site)
    return tell("invoice.read-at", time=local_day_and_time(read_at)), [tell(each.words) for each in differs]


def _invoice_facts(now: InvoiceStanding, plan: AccountPlan) -> Iterator[tuple[str, str, str]]:
    content, site = now.content, plan.currency
    currency = currency_of(content, site)
    yield tell("shipment.head.date"), date_words(content.date) if content.date else "", ""
    yield tell("office.head.due"), date_words(content.due) if content.due else "", ""
    of_lines = sum((_amount(row.line.amount) for row in now.lines), Decimal(0))
    yield tell("invoice.head.lines-amount"), _money(of_lines, currency), ""
    beside = add_up(content, Decimal(plan.tolerance), now.rule).charges
    for charge in content.charges:
        words = tell(f"invoice.charge.{charge.kind}")
        name = f"{words}: {clean(charge.text)}" if charge.text and charge.text.casefold() != words else words
        amount = _money(signed(charge), currency)
        yield name, amount if charge in beside else tell("invoice.inside", amount=amount), ""
    yield tell("invoice.head.total"), _money(now.total, currency), ""
    if now.off:
        yield tell("invoice.head.off"), _money(now.off, currency), ""
    for part in now.applied:
        other = part.invoice if now.content.kind is InvoiceKind.CREDIT else part.credit
        yield tell(f"invoice.applied.{now.content.kind}"), _money(-part.amount, currency), f"/invoices/{other}"
    if content.kind is InvoiceKind.CREDIT:
        yield tell("invoice.left"), _money(now.to_pay, currency), ""
    elif now.applied:
        yield tell("invoice.head.to-pay"), _money(now.to_pay, currency), ""
    if currency != site:
        yield tell("invoice.head.rate"), content.rate or tell("invoice.no-rate"), ""
        yield tell("invoice.head.in-site-currency"), _money(now.in_site_currency, site) if content.rate else "", ""
    if content.corrects:
        yield tell("invoice.head.corrects"), content.corrects, f"/invoices/{content.corrects}"
    yield tell("invoice.head.exported-on"), date_words(now.exported_on) if now.exported_on else "", ""
    yield tell("invoice.head.paid-on"), date_words(now.paid_on) if now.paid_on else "", ""
    yield tell("shipment.head.reference"), clean(now.paid_reference), ""
    yield tell("shipment.head.note"), clean(content.note), ""


def _count_facts(now: InvoiceStanding) -> Iterator[tuple[str, str, str]]:
    matched = [row for row in now.lines if row.listed is not None or row.ordered is not None]
    yield tell("invoice.head.invoiced"), tell("receiving.copies", count=sum(row.line.copies for row in now.lines)), ""
    yield tell("shipment.head.listed"), tell("receiving.copies", count=now.listed), ""
    yield tell("shipment.head.here"), tell("receiving.copies", count=now.invoiced_here), ""
    yield tell("invoice.head.received-on"), date_words(now.received_on) if now.received_on else "", ""
    strange = len(now.lines) - len(matched)
    yield tell("invoice.head.on-no-list"), tell("receiving.lines", count=strange) if strange else "", ""
    keys = {row.line.key.list for row in now.lines if row.line.key is not None}
    yield tell("invoice.head.on-list"), tell("invoice.lists", count=len(keys)) if keys else "", ""


def _order_facts(asked: Asked, now: InvoiceStanding, site: str) -> Iterator[tuple[str, str, str]]:
    numbers = list(dict.fromkeys(filter(None, map(order_of, now.lines))))
    for number in numbers[:MOST_NAMED]:
        order = asked.queries.order(number)
        if order is None:
            yield clean(number), tell("invoice.order-unknown"), ""
            continue
        left = tell("invoice.order-left", amount=_money(order.remaining, order.content.currency or site))
        words = [tell(f"purchase.warning.{warning}") for warning in order.warnings]
        yield clean(number), ", ".join((left, *(f"▲ {word}" for word in words))), order_path(number)
    if len(numbers) > MOST_NAMED:
        yield tell("invoice.head.orders"), tell("invoice.more-orders", count=len(numbers) - MOST_NAMED), ""
    if not numbers:
        yield tell("invoice.head.order"), tell("invoice.order-none"), ""


def _amount(figure: str) -> Decimal:
    return Decimal(figure or 0)


def _money(amount: Decimal, currency: str) -> str:
    return money_words(Money(amount, currency))


def _links(now: InvoiceStanding) -> list[tuple[str, str]]:
    vendor = urlencode({"vendor": now.content.vendor})
    return [
        *([(tell("invoice.sheet"), f"/invoices/{now.id}/sheet")] if now.signature is not None else []),
        (tell("invoice.entries"), f"/invoices/{now.id}/entries"),
        (tell("account-plan.try"), f"/accounts/try?{vendor}"),
        (tell("office.differences"), f"/differences?{vendor}"),
    ]


def _accounts(rows: Sequence[Entry], site: str) -> list[tuple[str, str, str]]:
    """Return what each account pays: account, fund, amount; the tax that the library owes to the state by itself."""
    sums: dict[tuple[bool, str, str], Decimal] = {}
    for row in rows:
        key = (row.part is EntryPart.ACCRUED, row.account, row.fund)
        sums[key] = sums.get(key, Decimal(0)) + _amount(row.amount)
    return [
        (
            clean(account) or tell("invoice.coded.none"),
            " ".join(filter(None, (clean(fund), tell("invoice.part.accrued") if accrued else ""))),
            _money(amount, site),
        )
        for (accrued, account, fund), amount in sorted(sums.items())
    ]


def _steps(asked: Asked, now: InvoiceStanding, new: int) -> list[Step]:
    """Return what happened to an invoice, the newest first."""
    history, names = asked.queries.invoice_history(now.id), asked.names_seen()
    return steps(history[-MOST_STEPS:], names, new)


def entries_page(asked: Asked) -> Page:
    """What the accounts pay of one invoice, entry by entry."""
    now = find(asked)
    if now is None:
        return missing()
    table = entries(now.entries, asked.queries.account_plan().currency)

    def read(after: str) -> Table:
        return page_of(table, after, asked.rows)

    return Page(
        template="list",
        title=tell("invoice.entries-of", invoice=title_of(now)),
        read=read,
        values={
            "empty": tell("invoice.no-entries"),
            "choices": [(tell("invoice.head.invoice"), f"/invoices/{now.id}", False)],
        },
    )


def sheet(asked: Asked) -> Page:
    """The sheet for Accounts Payable of an invoice with an okay to pay."""
    now = find(asked)
    if now is None or now.signature is None:
        return missing()
    made = okay_sheet(asked.queries, now, library_of(asked.sources.settings), asked.names_seen())
    return pdf(asked, "okay", contents(made, station_session().tell), f"okay-{clean(now.content.number)}")


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/invoices/{id}", one),
    ("/invoices/{id}/sheet", sheet),
    ("/invoices/{id}/entries", entries_page),
)
