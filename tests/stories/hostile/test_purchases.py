"""Hostile text in invoices and orders reaches neither terminal, JSON, spreadsheet nor PDF as more than text."""

from __future__ import annotations

import pytest

from station.domain import events as ev
from station.domain.invoices.invoice import Charge, ChargeKind, Invoice, InvoiceKind, InvoiceLine, Share
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.stories.hostile.command_table import INVOICE_ACTS, ORDER_ACTS, Row, said, silent
from tests.stories.hostile.hostile_place import Place
from tests.stories.hostile.test_exports import CHECKS, KNOWN, json_of, texts_of
from tests.support.harmless import bad_characters
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer
from tests.support.workbooks import cells_of, parts_of, sheet_names

ROWS = {
    "list": said("receiving invoices list"),
    "show": said("receiving invoices show {open}", "receiving invoices show {evil}"),
    "import": silent(
        "receiving invoices import {csv} --vendor {evil}", "receiving invoices import {bytes} --vendor {evil}"
    ),
    "type": said("receiving invoices type {evil} --vendor {evil} --date 2026-03-02 --total 5.00 --note {evil}"),
    "code": (
        *said("receiving invoices code {open} all --order {evil}"),
        *silent("receiving invoices code {open} {evil} --share {evil} --reason {evil}"),
    ),
    "rate": silent("receiving invoices rate {open} {evil} --note {evil}"),
    "credit": said("receiving invoices credit {credit} {signed}", "receiving invoices credit {evil} {evil} {evil}"),
    "okay": said("receiving invoices okay {open} --reason {evil} --second {evil}"),
    "take-back": said("receiving invoices take-back {signed} --reason {evil}"),
    "paid": said("receiving invoices paid {exported} --reference {evil}"),
    "void": said("receiving invoices void {open} --reason {evil}"),
    "correct": silent("receiving invoices correct {exported} --line {evil} --number {evil} --note {evil}"),
    "sheet": (Row("receiving invoices sheet {signed} --pdf {out}/a.pdf", files=(".pdf",)),),
    "export": (
        Row("receiving invoices export --to {out}/a.csv", files=(".csv",), shows=False),
        Row("receiving invoices export --to {out}/a.xlsx", files=(".xlsx",), shows=False),
        Row("receiving invoices export --to {out}/a.csv --again {evil}"),
    ),
    "exports": silent("receiving invoices exports"),
    "compare": silent("receiving invoices compare {open}", "receiving invoices compare {evil}"),
    "orders list": said("receiving orders list --all"),
    "orders show": said("receiving orders show {order}", "receiving orders show {evil}"),
    "orders record": said(
        "receiving orders record {order} --amount 5000 --account {evil} --note {evil} --reason {evil}"
    ),
    "orders review": said("receiving orders review"),
    "orders notice": said("receiving orders notice {order}"),
    "orders import": silent("receiving orders import {bytes}"),
    "orders export": said("receiving orders export"),
    "expenditure": (
        *said("receiving expenditure open", "receiving expenditure entries --year 2026"),
        Row("receiving expenditure funds --year 2026 --csv {out}/a.csv --xlsx {out}/a.xlsx", files=(".csv", ".xlsx")),
    ),
}
CASES = [
    pytest.param(row, as_json, id=f"{row.words[:60]}{' --json' if as_json else ''}")
    for rows in ROWS.values()
    for row in rows
    for as_json in ((False, True) if row.shows else (False,))
]


def test_each_command_has_its_rows() -> None:
    assert {*ROWS} == {*INVOICE_ACTS, *(f"orders {name}" for name in ORDER_ACTS), "expenditure"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hostile place with an open, a signed and an exported invoice, a credit memo and an order."""
    made, deal = Place(tmp_path_factory.mktemp("purchases")), Dealer()
    number = f"{MARK} =1+1\x1b[2J\u202e"

    def invoice(name: str, **fields: object) -> ev.InvoiceRecorded:
        share = Share(account=f"{MARK} {deal()[:60]}", fund=f"={MARK} {deal()[:60]}")
        line = InvoiceLine(line="1", title=deal()[:300], amount="12.50", shares=(share,), vendor_number=deal()[:60])
        charge = Charge(kind=ChargeKind.SHIPPING, amount="2.50", text=deal()[:60])
        values = {
            "vendor": "vendor-1",
            "number": f"{name} {number}",
            "date": "2026-03-02",
            "note": deal()[:300],
            **fields,
        }
        content = Invoice(lines=(line,), charges=(charge,), **values)  # type: ignore[arg-type]
        return ev.InvoiceRecorded(content=content, source=deal()[:60], rule="typed", off="0", operator="w-tess")

    store = open_store(made.made / JOURNAL, FakeClock())
    record, queries = store.journal.record, store.queries
    order = PurchaseOrder(
        number=number, vendor="vendor-1", amount="900.00", account=deal()[:60], fund=deal()[:60], note=deal()[:300]
    )
    kinds = {"kind": InvoiceKind.CREDIT}
    record(ev.PurchaseOrderRecorded(content=order, reason=deal()[:60], operator="w-tess"))
    record(invoice("1"), invoice("2"), invoice("3"), invoice("4", **kinds))
    ids = {one.content.number[0]: one.id for one in queries.invoices()}
    accounts = {entry.account for one in queries.invoices() for entry in one.entries}
    codes = tuple(AccountCode(account=account) for account in sorted(accounts))
    record(ev.AccountPlanRecorded(content=AccountPlan(codes=codes), operator="w-tess"))
    for name in ("2", "3"):
        standing = queries.invoice(ids[name])
        assert standing is not None and standing.entries
        values = {"reason": deal()[:300], "second": deal()[:60], "operator": deal()[:60]}
        signed = ev.InvoiceSigned(
            invoice=ids[name], counted=standing.newest, entries=standing.entries, unproven=True, **values
        )
        record(signed)
    record(ev.InvoicesExported(invoices=(ids["3"],), file=f"{MARK} {deal()[:60]}", digest="00" * 32, operator="w-tess"))
    store.close()
    made.name(open=ids["1"], signed=ids["2"], exported=ids["3"], credit=ids["4"], order=number)
    return made


@pytest.mark.parametrize(("row", "as_json"), CASES)
def test_what_a_command_on_purchases_says_and_writes_is_harmless(place: Place, row: Row, as_json: bool) -> None:
    result, out = place.call(row, as_json=as_json)
    assert result.exit_code != 70, ascii(result.output)
    output = result.stdout + result.stderr
    assert bad_characters(output, "\n") == [], ascii(output)
    shown = texts_of(json_of(result.stdout)) if as_json else output
    if row.shows:
        assert MARK in shown or any(known in shown for known in KNOWN), ascii(output)
    written = {path.suffix: path.read_bytes() for path in out.iterdir()}
    assert {*written} == {*row.files}, ascii(output)
    for suffix, data in written.items():
        if suffix == ".xlsx":
            check_workbook(data)
        else:
            CHECKS[suffix](data.removeprefix(b"\xef\xbb\xbf"))


def check_workbook(data: bytes) -> None:
    """Check that there is no formula and no link, and that each cell is harmless."""
    xml = parts_of(data)
    assert "<f>" not in xml and "<f " not in xml and "<hyperlink" not in xml
    cells = [cell for at, _ in enumerate(sheet_names(data)) for row in cells_of(data, at) for cell in row]
    assert any(MARK in str(cell) for cell in cells)
    for cell in cells:
        assert bad_characters(str(cell)) == [], ascii(cell)
