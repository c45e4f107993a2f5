"""The sheet for Accounts Payable and the notice to Purchasing: complete, harmless, and no amount is ever cut."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pypdfium2
import pytest

from station.base.clock import SystemClock
from station.base.settings import Labels
from station.base.words import station_session
from station.domain.invoices.order import PurchaseOrder
from station.printing.job import LETTER, Printer
from station.printing.outputs import Target
from station.printing.paper import shipped
from station.reports.okay_sheet import OkaySheet, contents, lines
from station.reports.order_notice import OrderNotice, mail
from tests.reports.purchase_samples import HOSTILE, VENDORS, a_year, hostile, standing

SAY = station_session().tell


def sheet(number: int, **fields: object) -> OkaySheet:
    row = next(one for one in a_year() if one.id == f"invoice-{number}")
    made = OkaySheet(
        invoice=row,
        currency="USD",
        vendor=VENDORS[0],
        library="Example Library",
        numbers={one.id: one.content.number for one in a_year()},
        names={"w-tess": "Tess Smith"},
    )
    return msgspec.structs.replace(made, **fields)


def page_text(made: OkaySheet) -> str:
    """Return the text of the PDF, as another program reads it."""
    labels = Labels()
    printer = Printer(
        shipped(LETTER), "okay", "pdf", Target("directory", ""), settings=labels, data=Path(), clock=SystemClock()
    )
    data = printer.render([printer.page(page) for page in contents(made, SAY)])
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def test_it_has_what_accounts_payable_asks_for() -> None:
    text = page_text(sheet(1)).replace("\r\n", " ").replace("\u00a0", " ")
    for words in (
        "Okay to pay",
        "Vendor: GOBI",
        "Our account with the vendor: 0012-7",
        "Invoice: INV-1 (invoice-1)",
        "To pay: 31.50 USD",
        "21.60 USD: 11-0000-6300, Fund MONO, Order B-1",
        "9.90 USD: 11-0000-6301, Fund AV, Order B-1",
        "For the vendor: 31.50 USD",
        "Tax in these amounts: 1.50 USD",
        "Tax we owe to the state, not paid to the vendor: 2.07 USD",
        "certified by Tess Smith",
        "as of event 41",
        "The fiscal office approves and pays.",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, ("Less credit memo CR-6: 4.00 USD", "To pay: 6.00 USD")),
        (4, ("Total: 100.00 EUR", "Rate: 1 EUR = 1.0834 USD", "108.34 USD: no code")),
        (6, ("Credit memo: CR-6", "Used for invoice INV-3: 4.00 USD", "Credit not used yet: 1.00 USD")),
        (7, ("No okay to pay yet", "To look at: line 1: no account code")),
    ],
)
def test_credits_rates_and_missing_okays_are_named(number: int, expected: tuple[str, ...]) -> None:
    text = "\n".join(lines(sheet(number), SAY)).replace("\u00a0", " ")
    for words in expected:
        assert words in text


def test_hostile_and_long_text_is_harmless_and_leaves_every_amount_whole() -> None:
    row = hostile(standing(1, total=Decimal("98765432101.25"), export="export-9"))
    wide = msgspec.structs.replace(
        row,
        entries=tuple(
            msgspec.structs.replace(part, account="W" * 100, amount="98765432101.25") for part in row.entries
        ),
    )
    made = sheet(1, invoice=wide, names={HOSTILE: HOSTILE}, library=HOSTILE)
    text = page_text(made)
    assert text.count("98,765,432,101.25") == 4 and "\u2026" not in text and text.count("W") >= 100
    for line in lines(made, SAY):
        assert not {"\x1b", "\n", "\r", "\u202e"} & set(line)
    assert not any(line.startswith("Bcc:") for line in lines(made, SAY)[:2])


def test_a_long_sheet_has_several_pages() -> None:
    (entry,) = standing(1).entries
    many = tuple(msgspec.structs.replace(entry, account=f"11-{at:04}") for at in range(100))
    made = sheet(1, invoice=standing(1, entries=many))
    assert len(contents(made, SAY)) == 3
    assert all(f"11-{at:04}" in page_text(made) for at in (0, 50, 99))


def test_the_notice_names_each_change_and_no_line_becomes_a_header() -> None:
    before = PurchaseOrder(number=HOSTILE, vendor="gobi", amount="100.00", valid_to="2027-06-30")
    after = msgspec.structs.replace(before, amount="500.00", closed=True, note=HOSTILE)
    notice = OrderNotice(
        before=before,
        after=after,
        at="2026-07-20T17:00:00.000Z",
        by="w-tess",
        reason=HOSTILE,
        currency="USD",
        library=HOSTILE,
        vendors={"gobi": "GOBI"},
    )
    text = mail(notice, SAY, {"w-tess": "Tess Smith"})
    assert text[0] == "To: Purchasing" and text[1].startswith("Subject: Change of order") and text[2] == ""
    body = "\n".join(text)
    for words in (
        "Amount: 100.00 USD before, 500.00 USD from now on.",
        "State: open before, closed from now on.",
        "Tess Smith",
    ):
        assert words in body
    assert "GOBI before" not in body and "Valid" not in body and "\x1b" not in body and "\u202e" not in body
    new = mail(msgspec.structs.replace(notice, before=None), SAY, {})
    assert new[1].startswith("Subject: New order") and "Amount: 500.00 USD" in new
