"""What a technician may do about an invoice: code a line, write down the rate, apply a credit memo, give the okay to pay
and take it back, and say that the invoice was paid, or recorded by mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

import msgspec

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.events import (
    CreditApplied,
    InvoiceCoded,
    InvoicePaid,
    InvoiceRated,
    InvoiceSignatureTakenBack,
    InvoiceSigned,
    InvoiceVoided,
    PurchaseStep,
)
from station.domain.invoices.coding import trace, traits_of
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.standing import Entry, EntryPart, InvoiceStanding, InvoiceState, LineStanding
from station.domain.people.rights import Right
from station.domain.people.sign_on import Claim
from station.office.answers import LINES, SECOND
from station.office.asked import Asked, as_number
from station.office.corrections import reason_field, reason_of
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.office.purchases.figures import figure, rate, share_text, shares_of
from station.office.purchases.invoices import find, title_of
from station.office.second import second_claims, second_fields
from station.reports.tables.cells import money_words
from station.reports.tables.purchases import about_lines, currency_of, objection_words, why_coded
from station.reports.tables.table import Money

ORDER, RATE, WHERE, COUNTED, OTHER, AMOUNT, ON, REFERENCE = (
    "order",
    "rate",
    "where",
    "counted",
    "other",
    "amount",
    "on",
    "reference",
)
OKAY: Final = "okay"
"""In `receiving.two_people`: the okay to pay needs a second person."""
_SHOWN: Final = 40
"""Accounts that a form lists."""
_TRACED: Final = 12


def _form(
    asked: Asked,
    now: InvoiceStanding,
    name: str,
    event: Callable[[Mapping[str, str]], PurchaseStep],
    *,
    subject: str = "",
    fields: tuple[Field, ...] = (),
    lines: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    hidden: tuple[tuple[str, str], ...] = (),
    states: tuple[InvoiceState, ...] = (InvoiceState.OPEN,),
    claims: Callable[[Mapping[str, str]], tuple[Claim, ...]] = lambda _: (),
) -> Form:
    """`event`: returns what to journal, from what was typed, and may raise `Declined`; `states`: in which the act is
    possible; `claims`: further proofs of identity."""

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        ordered = msgspec.structs.replace(event(typed), operator=asked.viewer.id, authorised=lent.authorised)
        by = msgspec.structs.replace(lent.by, claims=(*lent.by.claims, *claims(typed)))
        return f"/invoices/{now.id}?{NEW}={asked.sources.acts.order([ordered], by, last)}"

    return Form(
        title=tell(f"form.title.{name}"),
        subject=subject or title_of(now),
        button=tell(f"form.do.{name}"),
        back=f"/invoices/{now.id}",
        act=act,
        right=Right.SIGN_INVOICE,
        fields=fields,
        lines=lines,
        notes=notes,
        hidden=hidden,
        refusal=None if now.state in states else not_now(now),
    )


def known(asked: Asked) -> InvoiceStanding:
    """Return the invoice that the path names. Raises `ReceivingRefused`."""
    now = find(asked)
    if now is None:
        raise ReceivingRefused(Sentence("invoice.unknown", invoice=asked.names["id"]))
    return now


def not_now(now: InvoiceStanding) -> ReceivingRefused:
    """Return the refusal of an act that an invoice's state does not allow."""
    return ReceivingRefused(Sentence("invoice.not-now", state=Sentence(f"invoice.state.{now.state}")))


# --- coding ---------------------------------------------------------------------------------------------------------


def code(asked: Asked) -> Form:
    """Choose the accounts of a line, or its order; empty fields give the line back to the site's rules."""
    now = known(asked)
    line = next((row for row in now.lines if row.line.line == asked.names["line"]), None)
    if line is None:
        raise ReceivingRefused(Sentence("invoice.unknown-line", line=asked.names["line"]))

    def event(typed: Mapping[str, str]) -> InvoiceCoded:
        return InvoiceCoded(
            invoice=now.id,
            line=line.line.line,
            shares=shares_of(typed.get(LINES, ""), LINES),
            order=clean(typed.get(ORDER, "")),
            reason=reason_of(typed),
        )

    orders = [row.content for row in asked.queries.orders()]
    chosen = {line.line.order} - {"", *(order.number for order in orders)}
    fields = (
        Field(
            name=LINES,
            label=tell("invoice.head.accounts"),
            kind=FieldKind.LONG,
            value="\n".join(map(share_text, line.line.shares)),
            hint=tell("invoice.shares-hint"),
            longest=4000,
        ),
        Field(
            name=ORDER,
            label=tell("invoice.head.order"),
            kind=FieldKind.CHOICE,
            value=line.line.order,
            choices=(
                ("", tell("invoice.order-by-line")),
                *((order.number, clean(f"{order.number} · {order.vendor}")) for order in orders),
                *((number, clean(number)) for number in chosen),
            ),
        ),
        reason_field(),
    )
    return _form(
        asked,
        now,
        "code-line",
        event,
        subject=line.line.title or tell("invoice.line", line=line.line.line),
        fields=fields,
        lines=tuple(_line_facts(asked, now, line)),
        notes=(tell("invoice.code-empty"),),
    )


def _line_facts(asked: Asked, now: InvoiceStanding, line: LineStanding) -> Iterator[str]:
    """Yield what is known of a line, why it has its accounts, and which accounts there are."""
    plan, content = asked.queries.account_plan(), line.line
    amount = money_words(Money(Decimal(content.amount or 0), currency_of(now.content, plan.currency)))
    yield ", ".join((tell("receiving.copies", count=content.copies), amount))
    yield from (tell(objection_words(objection)) for objection in line.objections)
    yield from (_entry_words(entry, plan.currency) for entry in line.entries if entry.account)
    yield tell("invoice.why", why=why_coded(line))
    vendor = asked.queries.vendor_named(now.content.vendor)
    tried = trace(plan, traits_of(content, now.content, vendor))
    for fit in tried[:_TRACED]:
        if fit.mismatch:
            yield tell("invoice.rule-not", rule=fit.rule.id, field=Sentence(f"invoice.trait.{fit.mismatch}"))
        else:
            yield tell("invoice.rule-fits", rule=fit.rule.id)
    for account in plan.codes[:_SHOWN]:
        yield tell("invoice.account-known", account=clean(f"{account.account} {account.title}"))
    if len(plan.codes) > _SHOWN:
        yield tell("invoice.more-accounts", count=len(plan.codes) - _SHOWN)


def _entry_words(entry: Entry, site: str) -> str:
    account = clean(" ".join(filter(None, (entry.account, entry.fund and f"({entry.fund})"))))
    words = f"{account}: {money_words(Money(Decimal(entry.amount or 0), site))}"
    return words if entry.part is EntryPart.LINE else f"{words}, {tell(f'invoice.part.{entry.part}')}"


# --- rate and credits -----------------------------------------------------------------------------------------------


def write_rate(asked: Asked) -> Form:
    """Write down what one unit of a foreign currency costs."""
    now = known(asked)
    site = asked.queries.account_plan().currency

    def event(typed: Mapping[str, str]) -> InvoiceRated:
        note = clean(typed.get(WHERE, ""))
        return InvoiceRated(invoice=now.id, rate=rate(typed.get(RATE, ""), RATE), note=note)

    fields = (
        Field(
            name=RATE,
            label=tell("invoice.rate-of", currency=now.content.currency, site=site),
            value=now.content.rate,
            hint=tell("invoice.rate-hint"),
            needed=True,
        ),
        Field(name=WHERE, label=tell("invoice.head.rate-where"), hint=tell("invoice.rate-where-hint")),
    )
    refused = now.content.currency in ("", site)
    form = _form(asked, now, "rate", event, fields=fields)
    return (
        msgspec.structs.replace(form, refusal=ReceivingRefused(Sentence("invoice.site-currency"))) if refused else form
    )


def credit(asked: Asked) -> Form:
    """Let a credit memo reduce the payment of an invoice, or no longer."""
    now = known(asked)
    site = asked.queries.account_plan().currency
    is_credit = now.content.kind is InvoiceKind.CREDIT
    others = {row.id: row for row in asked.queries.invoices() if _fits(now, row, site)}

    def event(typed: Mapping[str, str]) -> CreditApplied:
        other = others.get(typed.get(OTHER, ""))
        if other is None:
            raise Declined(tell("form.no-choice", field=tell("invoice.head.other")), OTHER)
        amount = figure(typed.get(AMOUNT, ""), AMOUNT) or f"{min(_rest(now, other), _rest(other, now)):f}"
        memo, invoice = (now, other) if is_credit else (other, now)
        return CreditApplied(credit=memo.id, invoice=invoice.id, amount=amount)

    choices = tuple((row.id, _choice(row, site)) for row in others.values())
    fields = (
        Field(
            name=OTHER,
            label=tell("invoice.kind.invoice" if is_credit else "invoice.kind.credit"),
            kind=FieldKind.CHOICE,
            choices=choices,
            needed=True,
        ),
        Field(name=AMOUNT, label=tell("invoice.head.amount"), hint=tell("invoice.credit-hint")),
    )
    form = _form(asked, now, "apply-credit", event, fields=fields, states=(InvoiceState.OPEN, InvoiceState.SIGNED))
    if form.refusal is None and not others:
        none = Sentence("invoice.no-invoice-for-credit" if is_credit else "invoice.no-credit")
        return msgspec.structs.replace(form, refusal=ReceivingRefused(none))
    return form


def _fits(now: InvoiceStanding, row: InvoiceStanding, site: str) -> bool:
    """Return whether one of both is a credit memo that may reduce the other."""
    kinds = {now.content.kind, row.content.kind}
    memo, invoice = (now, row) if now.content.kind is InvoiceKind.CREDIT else (row, now)
    applied = {part.credit for part in invoice.applied}
    return (
        kinds == {InvoiceKind.CREDIT, InvoiceKind.INVOICE}
        and row.vendor_name == now.vendor_name
        and currency_of(row.content, site) == currency_of(now.content, site)
        and memo.state is not InvoiceState.VOID
        and invoice.state in (InvoiceState.OPEN, InvoiceState.SIGNED)
        and (memo.to_pay > 0 or memo.id in applied)
    )


def _rest(row: InvoiceStanding, other: InvoiceStanding) -> Decimal:
    """Return what is left to pay, or to use, without what the two have in common already."""
    return row.to_pay + sum(
        (part.amount for part in row.applied if other.id in (part.credit, part.invoice)), Decimal(0)
    )


def _choice(row: InvoiceStanding, site: str) -> str:
    left = money_words(Money(row.to_pay, currency_of(row.content, site)))
    return tell("invoice.with-left", number=clean(row.content.number), amount=left)


# --- okay to pay ----------------------------------------------------------------------------------------------------


def okay(asked: Asked) -> Form:
    """Certify receipt, amount and accounts. What speaks against it needs a reason, or stops it."""
    now = known(asked)
    sources, site = asked.sources, asked.queries.account_plan().currency
    stops = [objection for objection in now.objections if objection.stops]
    needs_reason = bool(now.objections)
    two = OKAY in {*sources.settings.receiving.two_people}
    second, note = second_fields(sources, needed=True) if two else ((), "")

    def event(typed: Mapping[str, str]) -> InvoiceSigned:
        return InvoiceSigned(
            invoice=now.id,
            counted=as_number(typed.get(COUNTED, "")) or 0,
            reason=reason_of(typed),
            second=clean(typed.get(SECOND, "")),
        )

    form = _form(
        asked,
        now,
        OKAY,
        event,
        fields=((reason_field(needed=True),) if needs_reason else ()) + second,
        lines=tuple(_certified(now, site)),
        notes=(tell("invoice.okay-means"), *filter(None, (note,))),
        hidden=((COUNTED, str(now.newest)),),
        claims=partial(second_claims, sources),
    )
    if form.refusal is None and stops:
        words = Sentence.joined(about_lines(stops))
        return msgspec.structs.replace(form, refusal=ReceivingRefused(Sentence("invoice.stopped", what=words)))
    return form


def _certified(now: InvoiceStanding, site: str) -> Iterator[str]:
    """Yield what the okay certifies: the total, what each account pays, and what speaks against it."""
    total = money_words(Money(now.total, currency_of(now.content, site)))
    yield tell("invoice.certify-total", amount=total)
    sums: dict[tuple[str, str, EntryPart], Decimal] = {}
    for entry in now.entries:
        part = EntryPart.ACCRUED if entry.part is EntryPart.ACCRUED else EntryPart.LINE
        key = entry.account, entry.fund, part
        sums[key] = sums.get(key, Decimal(0)) + Decimal(entry.amount or 0)
    for (account, fund, part), amount in sums.items():
        yield _entry_words(Entry(line="", part=part, account=account, fund=fund, amount=f"{amount:f}"), site)
    invoiced = sum(row.line.copies for row in now.lines)
    yield tell("invoice.certify-copies", here=now.invoiced_here, invoiced=invoiced)
    yield from (f"▲ {tell(objection)}" for objection in about_lines(now.objections))


def take_back(asked: Asked) -> Form:
    """Take the okay back, as long as the invoice is not exported."""
    now = known(asked)

    def event(typed: Mapping[str, str]) -> InvoiceSignatureTakenBack:
        return InvoiceSignatureTakenBack(invoice=now.id, reason=reason_of(typed))

    return _form(
        asked, now, "take-back-okay", event, fields=(reason_field(needed=True),), states=(InvoiceState.SIGNED,)
    )


def void(asked: Asked) -> Form:
    """Say that an invoice was recorded by mistake."""
    now = known(asked)

    def event(typed: Mapping[str, str]) -> InvoiceVoided:
        return InvoiceVoided(invoice=now.id, reason=reason_of(typed))

    return _form(asked, now, "void", event, fields=(reason_field(needed=True),), notes=(tell("invoice.never-back"),))


def paid(asked: Asked) -> Form:
    """Say when the fiscal office paid; without a date it has not."""
    now = known(asked)

    def event(typed: Mapping[str, str]) -> InvoicePaid:
        return InvoicePaid(invoice=now.id, on=typed.get(ON, ""), reference=clean(typed.get(REFERENCE, "")))

    fields = (
        Field(
            name=ON,
            label=tell("invoice.head.paid-on"),
            kind=FieldKind.DAY,
            value=now.paid_on or asked.sources.clock.day(),
            hint=tell("invoice.paid-hint") if now.paid_on else "",
            needed=not now.paid_on,
        ),
        Field(
            name=REFERENCE,
            label=tell("shipment.head.reference"),
            value=now.paid_reference,
            hint=tell("invoice.paid-reference-hint"),
        ),
    )
    return _form(asked, now, "paid", event, fields=fields, states=(InvoiceState.EXPORTED, InvoiceState.PAID))


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/invoices/{id}/lines/{line}", code),
    ("/invoices/{id}/rate", write_rate),
    ("/invoices/{id}/credit", credit),
    ("/invoices/{id}/okay", okay),
    ("/invoices/{id}/take-back", take_back),
    ("/invoices/{id}/void", void),
    ("/invoices/{id}/paid", paid),
)
